"""Pages of chosen rows, columns, weights and methods are verified as they were made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import SMALL, done, kpi
from small_report import VALUES, write_inputs

MAKE = ("report", *SMALL, "--city", "an-binh", "--lang", "en", "--workers", "1")
PAGE = "reports/small@1/latest/en/an-binh.html"
SAME = "1 report: the same.\n"

OWN_METHOD = """\
import kpi_lib as kpi

@kpi.normalisation(bounds=(0, 100), arrays=True)
def doubled(values, direction):
    '''Twice the value.'''
    return (2 * values).clip(0, 100)
"""
FILES = {
    "elsewhere/weights.yaml": "weights: {A1: 3}\n",
    "elsewhere/choices.yaml": "choices: [{vary: data, draw: errors, standard_error: errors.csv}]",
    "elsewhere/errors.csv": "indicator,standard_error\nA1,2\nA2,3\n",
    "elsewhere/map.yaml": "columns: {thing: indicator}\n",
    "elsewhere/doubled.py": OWN_METHOD,
    "elsewhere/places.csv": "city,name_en,class\nan-binh,An Binh,I\ndong-ha,Dong Ha,I\nx-y,X Y,I\n",
    "kpi.toml": 'lang = "en"\npeers = "class"\ntitle = "Own title"\n',
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Inputs, and what may be chosen beside them."""
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path)
    Path("elsewhere").mkdir()
    return tmp_path


def lay(*names: str) -> None:
    for name in names:
        Path(name).write_text(FILES[name], encoding="utf-8")


CHOSEN = {
    "weights": ("--weights", "elsewhere/weights.yaml"),
    "spec": ("--spec", "elsewhere/choices.yaml"),
    "columns": ("--columns", "elsewhere/map.yaml"),
    "methods": ("--normalise", "doubled", "--methods", "elsewhere/doubled.py"),
    "cities": ("--cities", "elsewhere/places.csv"),
    "project": (),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_page_of_choices_is_made_again_from_any_folder(
    here: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(*(file for file in FILES if file != "kpi.toml" or name == "project"))
    if name == "columns":
        Path("observations.csv").write_text(VALUES.replace("indicator", "thing"))
    done(*MAKE, *CHOSEN[name])
    run = ("--methods", str(here / "elsewhere/doubled.py")) if name == "methods" else ()
    assert done("verify", PAGE, *run).stdout == SAME
    other = here / "another folder"
    other.mkdir()
    monkeypatch.chdir(other)
    page = os.path.relpath(here / PAGE)
    assert done("verify", page, *run).stdout == SAME
    if name == "project":
        spoil, what = here / "kpi.toml", "kpi.toml"
    else:
        option, file = CHOSEN[name][-2:]
        spoil, what = here / file, Path(file).name
        assert kpi("verify", page, option, str(spoil), *run).stdout == SAME
    spoil.write_text(spoil.read_text().replace("3", "4").replace("Own", "Other") + "\n")
    result = kpi("verify", page, *run)
    assert result.exit_code == 1
    assert f"{what} has changed" in result.output


def test_a_table_that_a_list_of_choices_names_is_an_input_too(here: Path) -> None:
    lay(*(file for file in FILES if file != "kpi.toml"))
    done(*MAKE, *CHOSEN["spec"])
    Path("elsewhere/errors.csv").write_text(FILES["elsewhere/errors.csv"].replace("3", "9"))
    assert "errors.csv has changed" in kpi("verify", PAGE).output


def test_methods_of_somebody_are_run_only_where_they_are_named(here: Path) -> None:
    lay("elsewhere/doubled.py")
    done(*MAKE, *CHOSEN["methods"])
    Path("elsewhere/doubled.py").write_text(FILES["elsewhere/doubled.py"] + "open('ran', 'w')\n")
    result = kpi("verify", PAGE)
    assert result.exit_code == 1
    assert "name it (--methods)" in result.output
    assert not Path("ran").exists()


def test_a_word_file_is_made_again_and_a_changed_one_is_named(here: Path) -> None:
    done(*MAKE, "--docx")
    assert done("verify", PAGE).stdout == SAME
    word = Path(PAGE).with_suffix(".docx")
    word.write_bytes(word.read_bytes()[:-1] + b"x")
    result = kpi("verify", PAGE)
    assert result.exit_code == 1
    assert "an-binh.docx: differs from what is made again" in result.output
