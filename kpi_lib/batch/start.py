"""A project to start from: framework, data, cities and notebooks in a folder of one's own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kpi_lib import datasets
from kpi_lib.batch.job import default_notebook
from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.exchange.coin.read import table_in
from kpi_lib.exchange.coin.units import write_units
from kpi_lib.exchange.files import read_observations
from kpi_lib.exchange.imports import import_framework
from kpi_lib.framework.load import bundled_frameworks, load_framework
from kpi_lib.framework.model import Framework
from kpi_lib.io.paths import find
from kpi_lib.locale.catalogue import Lang, msg, tr
from kpi_lib.locale.words import in_language
from kpi_lib.observations.cities import NAMES, slug
from kpi_lib.observations.project.file import NAME as PROJECT
from kpi_lib.observations.project.file import toml_text
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import Known
from kpi_lib.observations.write import write_observations

NOTEBOOKS = (
    "analysis",
    "audit",
    "city_report",
    "compare_cities",
    "explore_weights",
    "national_overview",
)
"""The notebooks of a project."""

ANNEXES = (".xlsx", ".csv", ".docx")
"""How the names of files end that a framework is imported from."""

_SAMPLES: dict[str, Callable[[], Observations]] = {
    "demo": datasets.demo,
    "u4ssc": datasets.u4ssc,
    "dti": datasets.dti,
    "pci": datasets.pci,
    "scoring-demo": datasets.scoring_demo,
}
_FRAMEWORK, _DATA, _TEMPLATE = "framework.yaml", "data", "template.csv"


class Started(NamedTuple):
    """A project that was written: its files, and what of its source was noted on the way."""

    files: list[Path]
    problems: tuple[Problem, ...]


def start_project(folder: str | Path, source: str | None = None, lang: Lang = "vi") -> Started:
    """Write a project that runs into a folder that is new or empty.

    Parameters
    ----------
    folder
        Where to write it.
    source
        What it starts from: the name of a data set of :data:`kpi_lib.datasets.FRAMEWORKS`, a
        framework (``id@version`` or a YAML file), an annex (Excel, CSV or Word), or what COINr or
        the COIN Tool has of an index: a workbook, or a folder with iMeta.csv and iData.csv.
        Without it, a small framework with comments and made-up data.
    lang
        The language in which the template for data names indicators.

    Returns
    -------
    Started
        The files that were written, and what was noted of an annex or of tables of COINr.

    Raises
    ------
    InputError
        Where something is in the folder already, or the source cannot be read; then nothing is
        written.
    """
    target = Path(folder).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(
            Problem(
                msg("there is something here already; expected a new or an empty folder."),
                msg("Choose another name."),
                str(target),
            )
        )
    with tempfile.TemporaryDirectory() as made:
        draft = Path(made)
        for name in (_DATA, "notebooks"):
            (draft / name).mkdir()
        own = Path(str(resources.files(__package__))) / "project"
        for name in ("Makefile", "README.md"):
            shutil.copyfile(own / name, draft / name)
        problems = _begin(draft, source, own)
        _project_file(draft / _DATA / PROJECT, own / PROJECT, target.resolve().name)
        framework = load_framework(draft / _FRAMEWORK)
        if not list((draft / _DATA).glob("*.csv")):
            shutil.copyfile(own / _DATA / "cities-demo.csv", draft / _DATA / "cities.csv")
            cities = pd.read_csv(draft / _DATA / "cities.csv", dtype=str)
            empty = _template(framework, cities, date.today().year - 1, lang)
            _write(empty, draft / _DATA / "observations.csv")
        observations = read_observations(draft / _DATA, framework)
        last = max(observations.table["period"].str[:4])
        _write(_template(framework, observations.cities, int(last) + 1, lang), draft / _TEMPLATE)
        codes = list(dict.fromkeys(observations.table["city"]))
        for name in NOTEBOOKS:
            _notebook(name, draft / "notebooks", codes)
        target.mkdir(parents=True, exist_ok=True)
        files = sorted(path for path in draft.rglob("*") if path.is_file())
        for path in files:
            place = target / path.relative_to(draft)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, place)
        return Started([target / path.relative_to(draft) for path in files], problems)


def _begin(draft: Path, source: str | None, own: Path) -> tuple[Problem, ...]:
    """Write the framework, and the data where the source has any; give what was noted."""
    if source is None:
        shutil.copyfile(own / _FRAMEWORK, draft / _FRAMEWORK)
        shutil.copytree(own / _DATA, draft / _DATA, dirs_exist_ok=True)
    elif source in _SAMPLES:
        bundled = bundled_frameworks()[datasets.FRAMEWORKS[source]]
        shutil.copyfile(bundled, draft / _FRAMEWORK)
        write_observations(_SAMPLES[source](), draft / _DATA)
        for beside in ("SOURCES.md", "README.md"):
            if (said := datasets.folder(source) / beside).is_file():
                shutil.copyfile(said, draft / _DATA / beside)
    elif source in bundled_frameworks() or source.endswith((".yaml", ".yml")):
        path = bundled_frameworks().get(source) or find(source)
        load_framework(path)  # says what is wrong with it, by its own name
        shutil.copyfile(path, draft / _FRAMEWORK)
    elif source.lower().endswith(ANNEXES):
        return _import(find(source), draft)
    elif Path(source).is_dir():
        return _import(table_in(find(source)), draft)
    else:
        names = ", ".join([*_SAMPLES, *bundled_frameworks()])
        hints = [
            did_you_mean(source, [*_SAMPLES, *bundled_frameworks()]),
            msg("There are: {names}.", names=names),
            msg("A file ends in {endings}.", endings=", ".join([".yaml", *ANNEXES])),
        ]
        found = msg("there is nothing to start from that is called '{source}'.", source=source)
        raise InputError(Problem(found, " ".join(filter(None, hints))))
    return ()


def _import(source: Path, draft: Path) -> tuple[Problem, ...]:
    """Write the framework of a table, and the data of one that has them.

    Where it does not say how pages are called, its title does: it need not be of smart cities.
    """
    made = import_framework(source, draft / _FRAMEWORK)
    if made.framework.report_titles is None:
        title = toml_text(made.framework.title)
        (draft / _DATA / PROJECT).write_text(f"title = {title}\n", encoding="utf-8")
    if made.units is not None:
        write_units(*made.units, draft / _DATA)
    return made.problems


def _project_file(file: Path, commented: Path, name: str) -> None:
    """Write kpi.toml: an id, what the source says of its data, and the rest to choose."""
    said = file.read_text(encoding="utf-8") if file.is_file() else ""
    own_id = slug(name) or "project"
    text = f'id = "{own_id}"   # pages of two projects do not mix\n{said}\n'
    file.write_text(text + commented.read_text(encoding="utf-8"), encoding="utf-8")


def _template(framework: Framework, cities: pd.DataFrame, period: int, lang: Lang) -> pd.DataFrame:
    """Make an empty table of observations: a row for each city and indicator."""
    known = Known(framework).names
    reason = tr(lang, "not yet collected")
    rows = []
    for city in cities.to_dict("records"):
        name = next(
            filter(None, (city.get(name) for name in (f"name_{lang}", *NAMES))), city["city"]
        )
        for one in framework.indicators:
            title = in_language(one.title, lang)
            indicator = title if known.find(title) == (one.code,) else one.code
            unit = in_language(one.unit, lang)
            rows.append((name, period, indicator, "", "", "", unit, "", reason))
    columns = ["city", "period", "indicator", "value", "numerator", "denominator", "unit"]
    return pd.DataFrame(rows, columns=[*columns, "source", "note"])


def _write(table: pd.DataFrame, path: Path) -> None:
    """Write a table so that spreadsheets see that it is UTF-8."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8-sig")


def _notebook(name: str, folder: Path, cities: Sequence[str]) -> None:
    """Copy a notebook with parameters that name the project's own files and cities."""
    own: dict[str, object] = {"framework": _FRAMEWORK, "data": _DATA}
    if name == "city_report":
        own["city"] = cities[0]
    if name == "compare_cities":
        own["cities"] = list(cities[:3])
    (folder / f"{name}.ipynb").write_text(prepared(name, own), encoding="utf-8")


def prepared(name: str, parameters: Mapping[str, object]) -> str:
    """Give a notebook of the library with other values in its cell of parameters.

    Parameters
    ----------
    name
        The notebook, without its ending.
    parameters
        Texts, lists or None by the names of parameters; what the notebook does not ask for is
        left out.

    Returns
    -------
    str
        The notebook as it is written to a file.
    """
    source = default_notebook().with_name(f"{name}.ipynb")
    notebook = json.loads(source.read_text(encoding="utf-8"))
    before: dict[str, str] = {}
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", ()):
            for key, value in parameters.items():
                text, before[key] = _given(text, key, value)
        elif cell["cell_type"] == "markdown":
            text = _renamed(text, {before[key]: parameters[key] for key in before})
        cell["source"] = text.splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


_COMMAND = re.compile(r"`kpi [^`]*`")


def _given(text: str, key: str, value: object) -> tuple[str, str]:
    """Give a parameter another value in the text of its cell; also what stood there."""
    line = re.compile(rf'^{key} = (None|"([^"\n]*)"|\[[^\]\n]*\])', re.MULTILINE)
    said = "None" if value is None else json.dumps(value, ensure_ascii=False)
    found = line.search(text)
    before = (found[2] or "") if found else ""
    return line.sub(lambda _: f"{key} = {said}", text), before


def _renamed(text: str, named: Mapping[str, object]) -> str:
    """The commands of a text, with the values that parameters have now."""

    def command(found: re.Match[str]) -> str:
        words = found[0].split(" ")
        return " ".join(shlex.quote(str(named[one])) if named.get(one) else one for one in words)

    return _COMMAND.sub(command, text)
