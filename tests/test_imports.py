"""What is imported when: commands answer at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

import kpi_lib

HEAVY = ["matplotlib", "scipy", "seaborn", "IPython", "nbconvert", "rfc3987_syntax", "lark"]
HEAVY += ["rfc3986_validator"]


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("kpi_lib.scoring.score", HEAVY), ("kpi_lib.cli.main", [*HEAVY, "pandas", "jsonschema"])],
)
def test_what_is_heavy_is_imported_only_when_it_is_used(module: str, heavy: list[str]) -> None:
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("name", kpi_lib.__all__)
def test_every_name_can_be_used(name: str) -> None:
    found = getattr(kpi_lib, name)
    own = getattr(found, "__name__", name)  # a table of colours has none
    assert own.rpartition(".")[2] == name
    assert name in dir(kpi_lib)


def test_no_name_is_that_of_a_module() -> None:
    assert [name for name in kpi_lib._MODULES if find_spec(f"kpi_lib.{name}")] == []


def test_addresses_are_checked_as_before() -> None:
    code = """\
import kpi_lib.io.schema, jsonschema
check = jsonschema.FormatChecker().conforms
print(check("https://example.org/á", "iri"), check("không phải", "iri"))
print(check("https://example.org", "uri"), check("không phải", "uri"))"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "True False\n" * 2
