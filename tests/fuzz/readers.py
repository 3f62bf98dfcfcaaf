"""Every reader of files, as what takes a file's path and gives a result or an InputError."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml
from supplied import FRAMEWORK

from fuzz import second
from fuzz.mutate import CSV, JSON, TOML, YAML, Mutate, columnar, texts, zipped
from fuzz.seeds import TABLE, seeds
from kpi_lib.analysis.robustness.measurement import standard_errors_in
from kpi_lib.analysis.robustness.spec import read_spec
from kpi_lib.batch.notebook import read_notebook
from kpi_lib.errors import InputError
from kpi_lib.exchange.files import examine
from kpi_lib.exchange.imports import Head, import_framework
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.schemes import load_scheme
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.yaml import UNBUILDABLE, Loader
from kpi_lib.observations.cities import read_cities
from kpi_lib.observations.evidence import read_evidence
from kpi_lib.observations.project.file import read_project
from kpi_lib.observations.published import read_published
from kpi_lib.scoring.weights import given, read_weights

LONGEST = 1_000_000  # characters of a message


@dataclass(frozen=True)
class Reader:
    """A reader: its files end in ``ending``, and are changed by ``mutate``."""

    name: str
    ending: str
    read: Callable[[Path], object]
    mutate: Mutate

    def mutated(self, random: Random) -> bytes:
        """One of the files it accepts, changed."""
        return self.mutate(random.choice(self.seeds), random)

    @property
    def seeds(self) -> Sequence[bytes]:
        return seeds()[self.name]

    def try_one(self, data: bytes, folder: Path) -> bool:
        """Read a file; whether it was accepted. Anything but an InputError is raised."""
        path = folder / f"{self.name}{self.ending}"
        path.write_bytes(data)
        refused = None
        try:
            with warnings.catch_warnings(action="error", category=UserWarning):
                self.read(path)
        except InputError as error:
            refused = error
        if refused is None:
            return True
        said = str(refused)
        assert said.strip(), "nothing is said"
        assert len(said) < LONGEST, f"{len(said)} characters are said"
        assert "Traceback" not in said
        odd = {c for c in said if not c.isprintable() and c not in "\n\t\u00a0"}
        assert not odd, f"control characters are said: {said!r}"
        placed = any(one.file or str(path) in str(one) for one in refused.problems)
        assert placed, f"no place is said: {said}"
        return False


def _observations(path: Path) -> None:
    observations, problems = examine(path, FRAMEWORK)
    _raised(problems if observations is None else [])
    assert observations is not None
    second.check(path, observations.table)


def _raised(problems: Sequence[object]) -> None:
    errors = [one for one in problems if one.severity == "error"]  # type: ignore[attr-defined]
    if errors:
        raise InputError(errors)


def _weights(path: Path) -> None:
    read = read_weights(path)
    with suppress(yaml.YAMLError, *UNBUILDABLE):  # keys, which are texts whatever they look like
        plain = yaml.load(path.read_text("utf-8-sig"), Loader=Loader)["weights"]
        pairs = zip(plain.values(), read.values(), strict=True)
        assert all(own == other for own, other in pairs if isinstance(own, int | float))
    with suppress(InputError):  # of codes and numbers, whatever file they come from
        given(FRAMEWORK, read)


def _cities(path: Path) -> None:
    _, problems = read_cities(path, path.read_bytes(), ("gdp",), ("class",))
    _raised(problems)


def _evidence(path: Path) -> None:
    _, problems = read_evidence(path, path.read_bytes())
    _raised(problems)


def _published(path: Path) -> None:
    _, problems = read_published(path, path.read_bytes(), FRAMEWORK, lambda _, rows: (rows, []))
    _raised(problems)


def _columns(path: Path) -> None:
    data = path.parent / "table.csv"
    data.write_text(TABLE, encoding="utf-8")
    observations, problems = examine(data, FRAMEWORK, columns=path)
    _raised(problems if observations is None else [])


def _toml(path: Path) -> None:
    _, problems = read_project(path, path.read_bytes())
    _raised(problems)


def _annex(path: Path) -> None:
    import_framework(path, path.with_name("made.yaml"), Head(title="A title"), force=True)


def _errors(path: Path) -> None:
    standard_errors_in(path)


def _cells(path: Path) -> None:
    _, problems = read_sheets(path, path.read_bytes())
    _raised(problems)


READERS = {
    reader.name: reader
    for reader in (
        Reader("cells", ".csv", _cells, texts(CSV)),
        Reader("csv", ".csv", _observations, texts(CSV)),
        Reader("xlsx", ".xlsx", _observations, zipped),
        Reader("parquet", ".parquet", _observations, columnar),
        Reader("form", ".xlsx", _observations, zipped),
        Reader("framework", ".yaml", load_framework, texts(YAML)),
        Reader("scheme", ".yaml", load_scheme, texts(YAML)),
        Reader("weights", ".yaml", _weights, texts(YAML)),
        Reader("spec", ".yaml", read_spec, texts(YAML)),
        Reader("errors", ".csv", _errors, texts(CSV)),
        Reader("columns", ".yaml", _columns, texts(YAML)),
        Reader("cities", ".csv", _cities, texts(CSV)),
        Reader("evidence", ".csv", _evidence, texts(CSV)),
        Reader("published", ".csv", _published, texts(CSV)),
        Reader("toml", ".toml", _toml, texts(TOML)),
        Reader("notebook", ".ipynb", read_notebook, texts(JSON)),
        Reader("annex-csv", ".csv", _annex, texts(CSV)),
        Reader("annex-xlsx", ".xlsx", _annex, zipped),
        Reader("book", ".xlsx", _annex, zipped),
        Reader("docx", ".docx", _annex, zipped),
    )
}
"""The readers, by name."""
