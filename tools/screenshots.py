"""Pictures of pages as readers see them, to be looked at one by one before a change is proposed.

    make screenshots                      # all, in screenshots/
    make screenshots ARGS="--set dti@2020 --lang vi"
    make screenshots ARGS=--docs          # docs/city-report.png too, which README shows

The first, the middle and the last city of a set, a city without data, a province of each of two
other sets, and the audit and the index of the first set: in each language, at 1280 and
390 pixels, light and dark, and as they are printed (a picture, and the PDF).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browsing import BROWSER, WIDTHS, opened  # noqa: E402

from kpi_lib.cli.main import main as kpi  # noqa: E402
from kpi_lib.framework.model import TOTAL  # noqa: E402
from kpi_lib.locale.catalogue import languages  # noqa: E402
from kpi_lib.scoring.cache import scoreboard  # noqa: E402
from kpi_lib.scoring.scoreboard import Scoreboard  # noqa: E402

# Framework, data, and where in the ranking its cities are: the first, half way down, the last.
SETS = {
    "vn-smart-city@1.0": ("data/processed/demo/observations-demo.csv", (0.0, 0.5, 1.0)),
    "u4ssc@2017": ("data/processed/u4ssc/observations.csv", (1.0,)),
    "dti@2020": ("data/processed/dti/observations.csv", (0.0,)),
    "pci@2013": ("data/processed/pci/observations-2013.csv", (0.5,)),
}
WHOLE = "vn-smart-city@1.0"
"""The set whose audit and index are seen as well."""

A4 = 703
"""Pixels between the margins of a page of A4 that is printed."""


def chosen(board: Scoreboard, places: tuple[float, ...]) -> list[str]:
    """Cities by their place in order of score, those without a score and without data last."""
    latest = list(board.latest.items())
    columns = {"score": board.points[TOTAL], "values": board.values.notna().sum(axis=1)}
    order = pd.DataFrame(columns).loc[latest].sort_values(["score", "values"], ascending=False)
    cities = order.index.get_level_values("city")
    return [str(cities[round(place * (len(cities) - 1))]) for place in places]


def pages(framework: str, langs: list[str], output: Path) -> Iterator[tuple[str, Path]]:
    """Make the pages of a set; give each with what its pictures are called."""
    data, places = SETS[framework]
    asked = [data, "--framework", framework, "-o", str(output)]
    board = scoreboard(data, framework)
    cities = chosen(board, places)
    for lang in langs:
        one_by_one = [word for city in cities for word in ("--city", city)]
        kpi(["report", *asked, "--lang", lang, *one_by_one], standalone_mode=False)
        folder = output / framework / "latest" / lang
        for city in cities:
            slug = board.observations.places.at[city, "slug"]
            yield f"{slug}.{lang}", folder / f"{slug}.html"
        if framework != WHOLE:
            continue
        yield f"index.{lang}", folder / "index.html"
        kpi(["audit", *asked, "--lang", lang], standalone_mode=False)
        yield f"audit.{lang}", output / framework / board.period() / f"audit.{lang}.html"


def take(browser: Any, page: Path, picture: Path) -> None:
    """All pictures of a page: both widths, light and dark, and printed."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            with visited(browser, page, width, scheme) as tab:
                tab.screenshot(path=f"{picture}.{width}.{scheme}.png", full_page=True)
    with visited(browser, page, A4, "light") as tab:
        tab.emulate_media(media="print")
        tab.screenshot(path=f"{picture}.print.png", full_page=True)
        tab.pdf(path=f"{picture}.print.pdf", prefer_css_page_size=True, print_background=True)


def visited(browser: Any, page: Path, width: int, scheme: str) -> Any:
    """A tab in which a page is open, without a network."""
    size = {"width": width, "height": 900}
    tab = browser.new_page(offline=True, viewport=size, color_scheme=scheme)
    tab.goto(page.resolve().as_uri())
    return tab


@click.command()
@click.option("--set", "sets", type=click.Choice(list(SETS)), multiple=True, default=list(SETS))
@click.option("--lang", "langs", type=click.Choice(languages()), multiple=True, default=languages())
@click.option("--docs", is_flag=True, help="Make docs/city-report.png anew as well.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=ROOT / "screenshots")
def main(sets: tuple[str, ...], langs: tuple[str, ...], docs: bool, output: Path) -> None:
    """Make pages and take their pictures."""
    if BROWSER is None:
        raise click.ClickException(
            "no Chromium is found (chromium, chromium-browser, google-chrome)"
        )
    with TemporaryDirectory() as made:
        # All pages first: no kernel is started while the browser runs.
        found = [
            (output / framework / name, page)
            for framework in sets
            for name, page in pages(framework, list(langs), Path(made))
        ]
        with opened() as browser:
            for picture, page in found:
                picture.parent.mkdir(parents=True, exist_ok=True)
                take(browser, page, picture)
                click.echo(picture)
            if docs:
                english = next(page for picture, page in found if picture.name.endswith(".en"))
                with visited(browser, english, 1280, "light") as tab:
                    tab.screenshot(path=ROOT / "docs" / "city-report.png")


if __name__ == "__main__":
    main()
