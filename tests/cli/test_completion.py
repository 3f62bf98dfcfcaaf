"""What the Tab key offers."""

from __future__ import annotations

import pytest
from builders import ROOT
from click.shell_completion import ShellComplete

from kpi_lib.cli.main import main

DEMO = str(ROOT / "data/raw/demo")


def offered(*words: str, begun: str = "") -> list[str]:
    found = ShellComplete(main, {}, "kpi", "_KPI_COMPLETE").get_completions(list(words), begun)
    return [item.type if item.type != "plain" else item.value for item in found]


@pytest.mark.parametrize("command", [("score", "x.csv", "-f"), ("framework", "show")])
def test_frameworks_complete(command: tuple[str, ...]) -> None:
    assert offered(*command, begun="pci") == ["pci@2006", "pci@2009", "pci@2013"]
    assert offered(*command, begun="my") == ["file"]


def test_cities_of_the_data_complete_by_code_or_name_without_accents() -> None:
    report = ("report", DEMO, "-f", "vn-smart-city@1.0", "--city")
    assert offered(*report, begun="hu") == ["hue"]
    assert offered(*report, begun="Đà N") == ["da-nang"]
    assert offered("report", "nowhere", "-f", "vn-smart-city@1.0", "--city", begun="h") == []


def test_methods_complete() -> None:
    assert offered("score", "--aggregate", begun="m") == ["min", "max", "median", "mpi"]
    assert offered("score", "--normalise", begun="z") == ["zscore"]


def test_data_are_files_and_choices_stay() -> None:
    assert offered("check", begun="da") == ["file"]
    assert offered("score", "--missing", begun="w") == ["worst"]
    assert "--framework" in offered("check", begun="--fr")
