"""What is imported when: commands answer at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

import kpi_lib

HEAVY = ["matplotlib", "scipy", "seaborn", "IPython", "nbconvert", "rfc3987_syntax", "lark"]


def test_what_draws_and_optimises_is_imported_only_when_it_is_used() -> None:
    code = f"import sys, kpi_lib.cli.main; print([m for m in {HEAVY} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("name", kpi_lib.__all__)
def test_every_name_can_be_used(name: str) -> None:
    found = getattr(kpi_lib, name)
    own = getattr(found, "__name__", name)  # a table of colours has none
    assert own.rpartition(".")[2] == name
    assert name in dir(kpi_lib)


def test_no_name_that_is_imported_later_is_that_of_a_module() -> None:
    assert [name for name in kpi_lib._LATER if find_spec(f"kpi_lib.{name}")] == []


def test_addresses_are_checked_as_before() -> None:
    code = """\
import kpi_lib, jsonschema
check = jsonschema.FormatChecker().conforms
print(check("https://example.org/á", "iri"), check("không phải", "iri"))"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "True False\n"
