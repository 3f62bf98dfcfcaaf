"""What may be chosen has one name in all commands, and one way from trying to publishing."""

from __future__ import annotations

from pathlib import Path

import click
import nbformat
import pytest
from builders import DEMO
from commands import done, fails, kpi

from kpi_lib import Scoreboard, read_weights
from kpi_lib.cli.main import main
from kpi_lib.report.explorer import Explorer

ON_DEMO = (str(DEMO), "-f", "vn-smart-city@1.0")
SCORING = {"weights", "normalise", "aggregate", "missing", "quality"}


def told(command: str) -> dict[str, str | None]:
    """The options of a command with their help."""
    options = main.commands[command].params
    return {one.name or "": one.help for one in options if isinstance(one, click.Option)}


@pytest.mark.parametrize("command", ["report", "audit", "robustness"])
def test_options_that_mean_the_same_are_the_same_everywhere(command: str) -> None:
    scoring, own = told("score"), told(command)
    assert scoring.keys() >= SCORING
    assert own.keys() >= SCORING | {"spec", "peers"}
    assert {name: own[name] for name in SCORING} == {name: scoring[name] for name in SCORING}
    reports = told("report")
    assert [own[name] for name in ("spec", "peers")] == [reports["spec"], reports["peers"]]


@pytest.mark.parametrize("command", ["report", "audit", "robustness"])
@pytest.mark.parametrize(
    ("option", "content", "expected"),
    [
        ("--spec", "choices: [{vary: wights}]", "Did you mean 'weights'?"),
        ("--weights", "PS: 2", "no weights are in the file"),
        ("--aggregate", None, "there is no method 'nothing'"),
        ("--normalise", None, "there is no method 'nothing'"),
        ("--peers", None, "the cities have no column 'nothing'"),
    ],
)
def test_a_wrong_choice_is_said_before_anything_is_written(
    command: str, option: str, content: str | None, expected: str, tmp_path: Path
) -> None:
    given = tmp_path / "given.yaml"
    given.write_text(content or "", encoding="utf-8")
    words = [option, "nothing" if content is None else str(given)]
    target = tmp_path / ("out.csv" if command == "robustness" else "out")
    assert expected in fails(command, *ON_DEMO, *words, "-o", str(target))
    assert not target.exists()


@pytest.mark.system
def test_weights_that_were_explored_are_published(
    demo: Scoreboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = Explorer(demo, "2025", "en")
    explorer.take(explorer.overtake("hue", "ha-noi"))
    file = explorer.save(tmp_path / "weights.yaml")
    ranks = explorer.result()["rank"]
    assert ranks["hue"] < ranks["ha-noi"]
    words = (*ON_DEMO, "--weights", str(file))
    assert "Scored with weights other than the framework's" in done("score", *words).output
    output = tmp_path / "reports"
    done("report", *words, "--city", "hue", "--lang", "en", "-o", str(output))
    folder = output / "vn-smart-city@1.0/latest/en"
    page, index = ((folder / name).read_text("utf-8") for name in ("hue.html", "index.html"))
    for text in (page, index):
        assert "Scored with weights other than the framework" in text
        code = next(iter(read_weights(file)))
        assert demo.framework.node(code).title["en"] in text.partition("<h2")[0]
    assert f"Hue ranks {int(ranks['hue'])}" in page.replace("nd of", " of").replace("rd of", " of")
    beside = fails("report", *ON_DEMO, "--city", "da-nang", "--lang", "en", "-o", str(output))
    assert "hue.html was made with other weights" in beside


def test_explore_writes_a_notebook_of_these_data_and_over_none(tmp_path: Path) -> None:
    target = tmp_path / "tried.ipynb"
    done("explore", *ON_DEMO, "--lang", "en", "--no-open", "-o", str(target))
    cells = nbformat.read(target, as_version=4).cells  # type: ignore[no-untyped-call]
    (given,) = (c.source for c in cells if "parameters" in c.metadata.get("tags", ()))
    parameters: dict[str, object] = {}
    exec(given, parameters)
    assert parameters["period"] == "2025"
    assert parameters["lang"] == "en"
    assert Path(str(parameters["data"])).samefile(DEMO)
    assert "--force" in fails("explore", *ON_DEMO, "--no-open", "-o", str(target))


@pytest.mark.system
def test_cities_are_compared_on_a_page_by_code_or_name(tmp_path: Path) -> None:
    words = ("compare", *ON_DEMO, "hue", "Đà Nẵng", "--lang", "en", "-o", str(tmp_path))
    done(*words)
    page = tmp_path / "vn-smart-city@1.0/2025/compare-hue-da-nang.en.html"
    text = page.read_text(encoding="utf-8")
    assert "Hue · Da Nang – 2025</title>" in text
    assert "DEMO" in text


def test_one_city_is_compared_with_nobody() -> None:
    found = kpi("compare", *ON_DEMO, "hue", "Huế")
    assert found.exit_code == 2
    assert "expected two to four cities, found 1" in found.output
