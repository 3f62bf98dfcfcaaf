"""A framework given as a mapping is the framework of the file with the same keys."""

from __future__ import annotations

import copy
import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import kpi_lib as kpi

MINI: dict[str, Any] = {
    "id": "mini",
    "version": "1",
    "title": "Mini",
    "issued": {"by": "A ministry", "date": datetime.date(2024, 5, 1)},
    "groups": [
        {
            "code": "A",
            "title": "Services",
            "indicators": [
                {
                    "code": "A1",
                    "title": "Online",
                    "direction": "higher",
                    "goalposts": (0, np.float64(100)),
                    "targets": {2025: 80, 2030: 90},
                },
                {"code": "A2", "title": "Days", "direction": "lower", "goalposts": [0, 60]},
            ],
        }
    ],
}


def changed(**changes: Any) -> dict[str, Any]:
    """The mapping with another first indicator."""
    data = copy.deepcopy(MINI)
    data["groups"][0]["indicators"][0] |= changes
    return data


def refused(given: Any) -> str:
    with pytest.raises(kpi.InputError) as error:
        kpi.load_framework(given)
    return str(error.value)


def test_a_mapping_says_what_its_file_says(tmp_path: Path) -> None:
    before = copy.deepcopy(MINI)
    loaded = kpi.load_framework(MINI)
    plain = changed(goalposts=[0, 100.0])
    (tmp_path / "mini.yaml").write_text(yaml.safe_dump(plain), encoding="utf-8")
    assert loaded.fingerprint == kpi.load_framework(tmp_path / "mini.yaml").fingerprint
    assert loaded.path is None
    assert before == MINI


@pytest.mark.parametrize("name", sorted(kpi.bundled_frameworks()))
def test_every_bundled_framework_may_be_a_mapping(name: str, monkeypatch: Any) -> None:
    path = kpi.bundled_frameworks()[name]
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert kpi.load_framework(given).fingerprint == kpi.load_framework(name).fingerprint


def test_a_framework_is_given_back() -> None:
    loaded = kpi.load_framework("dti@2020")
    assert kpi.load_framework(loaded) is loaded


def test_every_fault_is_named_by_its_place() -> None:
    said = refused(changed(direction="up", goalpost=[0, 1]))
    assert "groups[0].indicators[0].direction: A1 › direction: found 'up'" in said
    assert "groups[0].indicators[0].goalpost: unknown key" in said
    said = refused(changed(code="A2"))
    assert "the code 'A2' is there already, at groups[0].indicators[0].code." in said
    assert "line" not in said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1, 2}, "goalposts: found set; expected a text, a number, a list or a mapping."),
        ([0, float("nan")], "goalposts[1]: nan is not a number that can be scored."),
    ],
)
def test_a_value_that_no_file_could_hold_is_refused(value: Any, said: str) -> None:
    assert f"groups[0].indicators[0].{said}" in refused(changed(goalposts=value))


def test_a_mapping_that_holds_itself_is_refused() -> None:
    data = changed()
    data["groups"][0]["groups"] = [data]
    assert refused(data) == "the mapping is nested too deeply."


def test_anything_else_is_refused_in_words() -> None:
    assert refused(2025).startswith("found int 2025; expected id@version of a bundled framework")
    said = refused({**MINI, "extends": "none@1"})
    assert said.startswith("extends: there is no framework 'none@1'.")
