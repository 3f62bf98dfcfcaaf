"""What the README and the documentation say is so."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT

import kpi_lib as kpi

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
WRITTEN = [
    page
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    if not {"generated", "_build"} & set(page.parts)
]
GENERATED = {"methods/index", "framework", "data", "kpi-toml", "commands", "python", "dependencies"}


def block(page: str, language: str, containing: str) -> str:
    """The fenced block of a language that contains a text."""
    written = (ROOT / page).read_text(encoding="utf-8")
    for text in re.findall(rf"```{language}\n(.*?)```", written, flags=re.DOTALL):
        if containing in text:
            return str(text)
    raise AssertionError(f"{page} has no {language} block with {containing!r}")


def test_the_worked_example_gives_the_numbers_that_it_works_out(tmp_path: Path) -> None:
    """City X scores 65 from 26.67, 25 and 13.33 points; Y 63.33 on a coverage of two thirds."""
    for language, containing in (("yaml", "id: mini"), ("csv", "A1,A2,B1")):
        text = block("docs/guide/scoring.md", language, containing)
        (tmp_path / f"mini.{language}").write_text(text, encoding="utf-8")
    framework = kpi.load_framework(tmp_path / "mini.yaml")
    board = kpi.score(kpi.read_observations(tmp_path / "mini.csv", framework), framework)
    table = board.table("TOTAL", 2025)
    assert table["score"].to_dict() == pytest.approx({"X": 65, "Y": 63 + 1 / 3})
    assert table["rank"].to_dict() == {"X": 1, "Y": 2}
    assert table["coverage"].to_dict() == pytest.approx({"X": 1, "Y": 2 / 3})
    points = board.contributions.loc[("X", "2025")]
    assert points.to_dict() == pytest.approx({"A1": 80 / 3, "A2": 25, "B1": 40 / 3})


def test_the_example_of_ones_own_data_is_read(tmp_path: Path) -> None:
    """Codes and titles both lead to indicators, and a reason stands for a missing value."""
    path = tmp_path / "my-data.csv"
    path.write_text(block("README.md", "csv", "Huế,2024"), encoding="utf-8")
    framework = kpi.load_framework("vn-smart-city@1.0")
    table = kpi.read_observations(path, framework).table
    assert set(table["indicator"]) == {"PS.ONL.1", "IC.CON.1", "UM.PLA.3"}
    assert table["value"].isna().sum() == 1


def test_the_example_of_a_dataframe_gives_the_scores_that_it_says() -> None:
    names: dict[str, Any] = {}
    exec(block("README.md", "python", "pd.DataFrame"), names)
    scores = names["board"].table("TOTAL", 2025)["score"].to_dict()
    said = re.search(r"# Huế \(46\) ([\d.]+), Vinh \(40\) ([\d.]+)", README)
    assert said is not None
    assert scores == {"46": float(said[1]), "40": float(said[2])}


def test_the_readme_is_read_in_three_minutes() -> None:
    """At 200 words a minute and with what code there is, 120 lines are enough."""
    assert README.count("\n") <= 120


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The links of a page within the repository: the path, and the heading where one is named."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            path, _, heading = target.partition("#")
            yield path, heading


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To a page that is written, or one that is generated; to a heading of it where it is named.

    Each heading's anchor is made as code hosts make it: lower case, hyphens, no commas.
    """
    for path, heading in links(page):
        target = (page.parent / path).resolve() if path else page
        if "generated" in target.parts:
            assert target.relative_to(DOCS / "generated").with_suffix("").as_posix() in GENERATED
            continue
        assert target.exists(), path
        if heading:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in heads}
            assert heading in anchors


def test_what_pages_name_is_in_the_repository() -> None:
    named = {
        path
        for page in WRITTEN
        for path in re.findall(
            r"`((?:notebooks|data/raw|kpi_lib)/[\w./-]+?)/?`", page.read_text(encoding="utf-8")
        )
    }
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_library_offers_what_pages_call() -> None:
    """Each ``kpi.name`` of the pages exists, and so does every name in ``__all__``."""
    every = "".join(page.read_text(encoding="utf-8") for page in WRITTEN)
    called = set(re.findall(r"\bkpi\.([a-z_]+)\(", every))
    assert {"score", "weigh", "what_if"} <= called
    assert [name for name in sorted(called | set(kpi.__all__)) if not hasattr(kpi, name)] == []


def test_the_table_of_criteria_is_a_framework(tmp_path: Path) -> None:
    text = block("docs/guide/points.md", "yaml", "scale: points")
    file = tmp_path / "criteria.yaml"
    file.write_text(f'id: criteria\nversion: "1"\ntitle: T\n{text}', encoding="utf-8")
    framework = kpi.load_framework(file)
    assert framework.maxima["TOTAL"] == 15
    assert [leaf.code for leaf in framework.indicators] == [f"A{n}" for n in range(1, 7)]


@pytest.fixture
def written_from_the_code(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what writes pages from the code be imported."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        if (DOCS / "_ext" / f"{name}.py").is_file():
            del sys.modules[name]


@pytest.mark.usefixtures("written_from_the_code")
def test_every_method_key_column_and_package_is_explained() -> None:
    """What the code has and `docs/words` does not explain is named here."""
    import dependencies
    import keys
    import methods
    from markdown import words

    told = words("methods")
    assert {kind: set(own) for kind, own in methods.names().items()} == {
        kind: set(own) for kind, own in told.items()
    }
    assert all(one["formula"] and one["use"] for own in told.values() for one in own.values())
    assert keys.unsaid() == []
    declared = {name for _, names in dependencies.declared() for name in names}
    assert declared == set(words("dependencies")["packages"])
    assert {extra for extra, _ in dependencies.declared()} == set(words("dependencies")["extras"])


@pytest.mark.usefixtures("written_from_the_code")
def test_pages_from_the_code_name_every_command_and_method(tmp_path: Path) -> None:
    import command_line
    import keys
    import methods
    import python

    made = {}
    for part in (methods, keys, command_line, python):
        made |= part.pages(tmp_path)
    for name in ("kpi report", "kpi check", "kpi framework import"):
        assert f"\n## {name}\n" in made["commands"]
    assert "`--aggregate METHOD`" in made["commands"]
    for kind, own in methods.names().items():
        for name in own:
            assert (tmp_path / f"methods/{kind}-{name}.svg").stat().st_size > 1000
            assert made[f"methods/{kind}-{name}"].startswith(f"# `{name}`\n")
    assert "| `goalposts` |" in made["framework"]
    assert "| `quality` |" in made["data"]
    assert "autofunction:: kpi_lib.score\n" in made["python"]
