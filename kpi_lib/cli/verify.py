"""The command `kpi verify`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from kpi_lib.cli.base import INPUT_IS_WRONG, Command, examples, number_of, say
from kpi_lib.locale.catalogue import msg


@click.command("verify", cls=Command)
@examples(
    "kpi verify reports/vn-smart-city@1.0/latest/vi/hue.html",
    "kpi verify reports",
    "kpi verify 2025.zip",
    "kpi verify hue.html --data published.csv -f vn-smart-city@1.0",
)
@click.argument(
    "place", metavar="PAGE|FOLDER|EDITION", type=click.Path(exists=True, path_type=Path)
)
@click.option("--data", metavar="DATA", help="Where the data are. Default: as the page says.")
@click.option("--framework", "-f", metavar="F", help="Default: as the page says.")
@click.option("--cities", metavar="FILE", help="Default: as the page says.")
@click.option("--notebook", metavar="FILE", help="Default: as the page says.")
def verify_command(
    place: Path,
    data: str | None,
    framework: str | None,
    cities: str | None,
    notebook: str | None,
) -> None:
    """Recompute published reports and name whatever is not the same.

    Every figure that a page states is computed again from the data and the framework that it
    names; scores kept from earlier runs are not used. Where this is the kpi-lib that made the
    page, page and notebook are made again too and compared byte by byte. The exit code is 0
    where all is the same, 1 where anything differs: the number on the page and recomputed, and
    which input has changed.
    """
    from kpi_lib.batch.edition import opened

    given = {"data": data, "framework": framework, "cities": cities, "notebook": notebook}
    with ExitStack() as stack:
        damaged = 0
        if place.suffix.lower() == ".zip":
            edition = stack.enter_context(opened(place))
            place, given = edition.reports, {**given, **edition.inputs}
            for name in edition.damaged():
                say(msg("{file} was changed after it was made", file=name))
                damaged += 1
        _verify(place, given, damaged)


def _verify(place: Path, given: Mapping[str, str | None], differing: int) -> None:
    """Verify pages and say what differs; ``differing`` files do already."""
    from tqdm import tqdm

    from kpi_lib.batch.verify import published, verify

    pages = published(place)
    said: set[str] = set()
    with tqdm(total=len(pages), unit=msg("city"), disable=None) as bar:
        for verdict in verify(pages, given, sets=place.is_dir()):
            bar.update()
            differing += not verdict.same
            lines = [line for line in (*verdict.inputs, *verdict.notes) if line not in said]
            said.update(lines)
            with bar.external_write_mode():
                for line in (*lines, *(f"{verdict.page}: {each}" for each in verdict.differences)):
                    say(line)
    if differing:
        say(msg("{n} not the same.", n=number_of(differing, "page")))
        raise click.exceptions.Exit(INPUT_IS_WRONG)
    say(msg("{n}: the same.", n=number_of(len(pages), "report")))
