"""Methods of a user's own work wherever the library's do."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import numpy as np
import pytest
from builders import framework, group, indicator, observe, table
from click.testing import CliRunner

import kpi_lib as kpi
from kpi_lib.cli.main import main
from kpi_lib.errors import InputError
from kpi_lib.methods import loading
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method, users_digest

OWN = '''
"""Two methods of a user's own."""
import numpy as np
import kpi_lib as kpi

@kpi.normalisation(bounds=(0, 100))
def halved(values, direction, *, of: float):
    """Half of the share of a value."""
    assert values.ndim == 1
    return np.clip(50 * values / of, 0, 100)

@kpi.aggregation
def midrange(scores, weights):
    """Half way between the lowest and the highest score."""
    return (np.nanmin(scores, axis=-1) + np.nanmax(scores, axis=-1)) / 2
'''

FRAMEWORK = """
id: own
version: "1"
title: Own methods
normalise: {method: halved, of: 50}
aggregate: midrange
groups:
  - code: A
    title: A
    indicators:
      - {code: A1, title: One, direction: higher}
      - {code: A2, title: Two, direction: higher}
      - {code: A3, title: Three, direction: higher}
"""

DATA = """city,period,A1,A2,A3
x,2024,10,50,100
y,2024,20,20,40
z,2024,80,30,10
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"own.py": OWN, "f.yaml": FRAMEWORK, "data.csv": DATA}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kpi_(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("own_methods_forgotten")
def test_a_method_of_a_session_scores_and_is_drawn() -> None:
    @kpi.normalisation(bounds=(0, 100), relative=True)
    def share_of_best(values, direction):  # type: ignore[no-untyped-def]
        """Share of the best."""
        return 100 * values / np.nanmax(values)

    frame = framework(group("A", indicator("A.1"), indicator("A.2")))
    values = table({"A.1": [10.0, 20.0, 5.0], "A.2": [40.0, 10.0, 20.0]})
    board = kpi.score(observe(values), frame, normalise="share_of_best")
    assert board.points["A.1"].to_list() == [50.0, 100.0, 25.0]
    found = kpi.rank_uncertainty(
        board,
        draws=50,
        seed=1,
        spec=[
            {"vary": "normalise", "among": ["share_of_best", "minmax"]},
            {"vary": "weights", "draw": "noise", "size": 0.25},
        ],
    )
    assert found.ranks["scored"].eq(1).all()
    assert users_digest() != ""


def test_methods_of_a_file_work_in_every_command(place: Path) -> None:
    """By hand: x scores 10, 50 and 100, whose midrange is 55."""
    given = ("data.csv", "-f", "f.yaml", "--methods", "own.py")
    assert "OK" in kpi_("framework", "check", "f.yaml", "--methods", "own.py")
    assert "3 cities" in kpi_("check", *given)
    kpi_("score", *given, "-o", "scores.csv")
    scores = (place / "scores.csv").read_text(encoding="utf-8")
    assert "x,2024,TOTAL,0,55.0,1" in scores
    assert "x" in kpi_("robustness", *given, "--draws", "50")
    assert not NORMALISE.users
    fails = CliRunner().invoke(main, ["check", "data.csv", "-f", "f.yaml"])
    assert fails.exit_code == 1
    assert "halved" in fails.output


@pytest.mark.usefixtures("own_methods_forgotten")
def test_the_schema_follows_the_registry(place: Path) -> None:
    with pytest.raises(InputError, match="halved"):
        kpi.load_framework("f.yaml")
    with loading.named("own.py"):
        assert kpi.load_framework("f.yaml").aggregate == Method("midrange")
        wrong = FRAMEWORK.replace("of: 50", "off: 50")
        (place / "wrong.yaml").write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match="Known keys: method, of, across"):
            kpi.load_framework("wrong.yaml")


@pytest.mark.usefixtures("own_methods_forgotten")
def test_installed_packages_are_asked_where_a_name_is_not_known(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "offered_methods.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(place)
    point = importlib.metadata.EntryPoint("own", "offered_methods", loading.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    monkeypatch.setattr(loading, "_installed", set())
    assert kpi.load_framework("f.yaml").normalise.name == "halved"
    assert users_digest() == users_digest()


@pytest.mark.usefixtures("own_methods_forgotten")
def test_what_a_function_does_wrong_is_said() -> None:
    with pytest.raises(InputError, match="has a method 'rank' already"):
        kpi.normalisation("rank")(lambda values, direction: values)
    kpi.normalisation("short")(lambda values, direction: values[:1])
    frame = framework(group("A", indicator("A.1")))
    values = table({"A.1": [1.0, 2.0]})
    with pytest.raises(InputError, match=r"A.1 cannot be scored by 'short'.*shape \(2,\)"):
        kpi.score(observe(values), frame, normalise="short")


def test_a_file_that_fails_is_named_with_its_line(place: Path) -> None:
    (place / "own.py").write_text("\n\n1 / 0\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "data.csv", "-f", "f.yaml", "--methods", "own.py"])
    assert result.exit_code == 1
    assert "own.py" in result.output
    assert "row 3" in result.output
    assert "division by zero" in result.output


@pytest.mark.system
def test_pages_are_made_with_methods_of_a_file(place: Path) -> None:
    given = ("data.csv", "-f", "f.yaml", "--methods", "own.py", "--lang", "en")
    assert "3 reports made" in kpi_("report", *given, "--workers", "2")
    page = (place / "reports/own@1/latest/en/x.html").read_text(encoding="utf-8")
    assert "55.0" in page
    assert "Half way between the lowest and the highest score" in page
    assert "0 reports made" in kpi_("report", *given, "--workers", "2")
    changed = OWN.replace("/ 2\n", "/ 4\n")
    (place / "own.py").write_text(changed, encoding="utf-8")
    assert "3 reports made" in kpi_("report", *given, "--workers", "2")


@pytest.mark.usefixtures("own_methods_forgotten")
def test_a_file_of_methods_is_run_once_and_what_it_raises_is_said(place: Path) -> None:
    with loading.named("own.py") as first:
        entry = NORMALISE["halved"]
        assert loading.load_file("own.py") == first
        assert NORMALISE["halved"] is entry
        NORMALISE.forget(first)
    (place / "no.py").write_text("import kpi_lib as kpi\nraise kpi.InputError('No data here.')\n")
    with pytest.raises(InputError, match=r"cannot be loaded: No data here\.$") as caught:
        loading.load_file("no.py")
    assert "InputError" not in str(caught.value)
    (place / "no.py").write_text("{}['x']\n")
    with pytest.raises(InputError, match="cannot be loaded: KeyError: 'x'"):
        loading.load_file("no.py")
