"""What was measured: observations of cities, read from files and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_lib.errors import InputError, Problem, expected
from kpi_lib.framework.model import Framework
from kpi_lib.io.cells.coded import (
    as_texts,
    coded,
    constant,
    key_of,
    order_of,
    spread,
    stacked,
    take,
)
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.tables.frames import Content
from kpi_lib.io.tables.layouts import FindHeader
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.io.tables.sheet import Place, Sheet
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import Text, number
from kpi_lib.observations.agreement import disagreements
from kpi_lib.observations.checks import implausible
from kpi_lib.observations.cities import (
    ambiguous_city,
    cities_in_data,
    name_of,
    names_of,
    read_cities,
)
from kpi_lib.observations.column_map import ColumnMap, Columns, Where, chosen_rows, read_columns
from kpi_lib.observations.describe import of_observations
from kpi_lib.observations.duplicates import duplicates, unclear_years
from kpi_lib.observations.evidence import no_evidence, read_evidence
from kpi_lib.observations.headers import DEMO, find_header, roles_of, tables_among
from kpi_lib.observations.kinds import of_another_kind, own_words, without_rule
from kpi_lib.observations.layout import ROWS, SAID, read_rows
from kpi_lib.observations.place_names import doubtful, one_spelling
from kpi_lib.observations.project.file import Project, read_project
from kpi_lib.observations.published import nothing_published, read_published
from kpi_lib.observations.quality import (
    Quality,
    check_quality,
    exchanged,
    no_rows,
    refusals,
    set_aside,
)
from kpi_lib.observations.resolve import resolve_cities
from kpi_lib.observations.sources import Paths, Sources, content_of, gather, shown
from kpi_lib.observations.values import Known

SheetReader = Callable[[Path, Content, Framework, FindHeader], tuple[list[Sheet], list[Problem]]]
"""From a file's path, its content, the framework and what finds headers: tables and problems."""

# So many cities are named where one is not found.
_CITIES_NAMED = 12

__all__ = ["Observations", "SheetReader", "content_of", "examine", "sheets_of_table"]


def sheets_of_table(
    file: Path, content: Content, framework: Framework, find: FindHeader
) -> tuple[list[Sheet], list[Problem]]:
    """Read the tables of a file."""
    return read_sheets(file, content, find)


@dataclass(frozen=True, repr=False)
class Observations(Displayed):
    """Observations that are free of errors.

    ``table``: a row for each ``city, period, indicator`` (codes), with ``value`` in the
    indicator's unit (NaN where missing), ``numerator, denominator, unit, source, quality, se,
    note`` (``se``: the standard error, in the unit of the value); sorted by city, period and
    the order of the framework. ``cities``: a row for each city, with the columns of cities.csv
    and ``slug``, the name of its files. ``quantities``: ``city, period, quantity, value`` of
    what indicators are divided by. ``files`` are the files that were read, the cities file
    last; ``fingerprint`` is the SHA-256 (hex) of their content; ``demo`` says that figures are
    made up: the name of a file does, or a row in its column ``demo``. ``evidence``: entries for
    maturity levels, ``city, period, criterion, met, document``. ``published``: what was
    printed, ``city, period, code, score, rank, half_step``. ``quality`` says which counts of
    two values, what cities reported of themselves or what was verified; ``reported`` has the
    others, as in ``table``. ``project`` is what ``kpi.toml`` beside the data says of them and of
    their pages.
    """

    table: pd.DataFrame
    cities: pd.DataFrame
    quantities: pd.DataFrame
    files: tuple[Path, ...] = ()
    warnings: tuple[Problem, ...] = ()
    demo: bool = False
    fingerprint: str = ""
    evidence: pd.DataFrame = field(default_factory=no_evidence)
    reported: pd.DataFrame = field(default_factory=no_rows)
    published: pd.DataFrame = field(default_factory=nothing_published)
    quality: Quality = "verified"
    project: Project = field(default_factory=Project)

    def _display(self) -> Display:
        return of_observations(self)

    @property
    def extract(self) -> Text:
        """What the data are an extract of, in each language; empty where they are whole."""
        return self.project.extract

    def of_quality(self, quality: Quality) -> Observations:
        """Give the observations with what cities ``reported`` of themselves, or as ``verified``.

        Where a value is there in one quality only, that one counts.
        """
        return self if check_quality(quality) == self.quality else exchanged(self)

    def code_of(self, city: str, there: Collection[str] | None = None) -> str:
        """Give the code of a city called by code, name or file name (slug).

        ``there`` are the codes among which it is looked for, by default those of all cities.
        Raises :class:`InputError` for an unknown city, with the names that are near.
        """
        if not isinstance(city, str):
            raise expected(city, msg("the code or a name of a city"))
        known = set(self.cities["city"]) if there is None else there
        if city in known:
            return city
        called = self.names.find(tidy(city))
        found = [code for code in called if code in known]
        if len(found) == 1:
            return found[0]
        if found:
            message, fix = ambiguous_city(city, found)
            raise InputError(Problem(message, fix))
        # A city of cities.csv that has no data is not another one, misspelt.
        fix = ("" if called else self.names.nearest(city)) or self._named(known)
        raise InputError(Problem(msg("there are no data of a city '{city}'.", city=city), fix))

    def _named(self, cities: Collection[str]) -> str:
        """Say which cities there are, by name: all, or the first of many."""
        lang = message_language()
        names = sorted(name_of(self.places, city, lang) for city in cities)
        first = ", ".join(names[:_CITIES_NAMED])
        if len(names) > _CITIES_NAMED:
            return msg(
                "The data have {n} cities: {first}, …", n=number(len(names), lang, 0), first=first
            )
        return msg("The data have: {first}.", first=first)

    @cached_property
    def names(self) -> Names:
        """The names by which each city may be called."""
        return names_of(self.cities)

    def of_city(self, city: str) -> pd.DataFrame:
        """Give the rows of ``table`` of one city; none where it has no data."""
        if city not in self._rows:
            city = next(iter(self.names.find(city)), city)
        return self.table.iloc[self._rows.get(city, slice(0))]

    def of_unit(self, city: str, period: str) -> pd.DataFrame:
        """Give the rows of ``table`` of one city in one period."""
        own = self.of_city(city)
        return own[own["period"] == period]

    @cached_property
    def _rows(self) -> Mapping[str, slice]:
        """Where the rows of each city are, which stand together."""
        cities = self.table["city"].to_numpy()
        first = np.flatnonzero(np.r_[True, cities[1:] != cities[:-1]][: len(cities)])
        ends = [*first[1:].tolist(), len(cities)]
        return {str(cities[a]): slice(a, b) for a, b in zip(first.tolist(), ends, strict=True)}

    @cached_property
    def places(self) -> pd.DataFrame:
        """``cities`` by code."""
        return self.cities.set_index("city")


def examine(
    path: Paths | pd.DataFrame,
    framework: Framework,
    cities: str | Path | pd.DataFrame | None = None,
    sheets_of: SheetReader = sheets_of_table,
    columns: Columns | None = None,
    where: Where = (),
) -> tuple[Observations | None, list[Problem]]:
    """Read and check observations; give all problems, and None where any is an error.

    ``sheets_of`` turns a file into tables: by default CSV, XLSX and Parquet as they stand.
    ``columns`` and ``where`` say what cannot be guessed of their columns, and which rows count;
    else a file beside the data does.
    """
    try:
        sources = gather(path, cities)
        beside = next(iter(sources.columns), None)
        told = read_columns(beside if columns is None else columns, where or sources.where)
    except InputError as error:
        return None, list(error.problems)
    chosen = told if columns is not None or where else None
    return _examined(sources, Known(framework), told, sheets_of, shown(path), chosen)


def _examined(
    sources: Sources,
    known: Known,
    told: ColumnMap,
    sheets_of: SheetReader,
    named: str,
    chosen: ColumnMap | None,
) -> tuple[Observations | None, list[Problem]]:
    """Read and check what was gathered; ``chosen`` is what the call itself said of columns."""
    framework = known.framework
    places, problems = _read_places(sources, known)
    read: dict[tuple[str, str], list[Sheet]] = {}
    splits: list[str] = []
    rows, faults = _read_data(sources, known, told, places, sheets_of, read, splits)
    problems += faults
    if rows is None:
        if not any(problem.severity == "error" for problem in problems):
            problems.append(Problem(msg("there are no observations."), "", named))
        return None, problems
    sheets = {place: tables[0] for place, tables in read.items()}
    rows, faults = _as_places(rows, places, framework, sheets)
    problems += [*faults, *refusals(rows)]
    rows, reported = set_aside(rows)
    problems += [*duplicates(rows, splits, sheets), *unclear_years(rows, sheets)]
    if places is None:
        places, faults = cities_in_data(coded(rows["city"])[1], named)
        problems += [] if sources.cities else faults
    evidence, faults = _read_evidence(sources, places)
    problems += faults + without_rule(rows, places, framework, sources.cities)
    published, faults = _read_published(sources, places, framework)
    problems += faults
    project, faults = _read_project(sources)
    problems += faults

    def place_of(file: str, sheet: str, column: str, row: int) -> Place:
        tables = read[file, sheet]
        own = (table for table in tables if row in table.rows)
        return next(own, tables[0]).place(column, row)

    problems += disagreements(rows, places, framework, place_of)
    errors = [problem for problem in problems if problem.severity == "error"]
    rows = _sorted(rows, known)
    problems += implausible(rows, places, framework, place_of, errors)
    if errors:
        return None, problems
    observations = Observations(
        table=_table(rows, known),
        reported=_table(_sorted(reported, known), known),
        cities=places,
        quantities=_quantities(rows, known),
        files=sources.files,
        warnings=tuple(problem for problem in problems if problem.severity == "warning"),
        demo=sources.named_demo or bool(rows[DEMO].any()),
        fingerprint=_fingerprint(sources, chosen),
        evidence=evidence,
        published=published,
        project=project,
    )
    return observations, problems


def _read_data(
    sources: Sources,
    known: Known,
    told: ColumnMap,
    places: pd.DataFrame | None,
    sheets_of: SheetReader,
    read: dict[tuple[str, str], list[Sheet]],
    splits: list[str],
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read the rows of all tables, None where there are none.

    Adds to ``read`` the tables of each sheet (a form gives several of one), without the cells,
    whose memory is free once their rows are there; and to ``splits`` the columns that are not
    read, by which rows may differ.
    """
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    names = names_of(places) if places is not None else None
    find = find_header(known, told)
    for file, content in sources.data.items():
        sheets, faults = sheets_of(file, content, known.framework, find)
        tables, passed = tables_among(sheets, known, told)
        left_out = {sheet.name for sheet in passed}
        problems += [one for one in faults if one.severity != "error" or one.sheet not in left_out]
        problems += map(_passed_over, passed)
        for sheet in tables:
            roles = roles_of(sheet, known, told)
            sheet, faults = chosen_rows(sheet, told, roles.at)
            problems += faults
            splits += [sheet.header[at] for at in roles.others if _differs(sheet, at)]
            read.setdefault((sheet.file, sheet.name), []).append(replace(sheet, columns=()))
            rows, faults = read_rows(sheet, known, told, roles)
            problems += faults
            if names is not None:
                rows, faults = resolve_cities(sheet, rows, names, places)
                problems += faults
            kept = (rows["period"] != "") & (rows["indicator"] != "")
            rows = rows if kept.all() else rows[kept]
            if len(rows):
                frames.append(_placed(rows, sheet))
    return (stacked(frames) if frames else None), problems


def _fingerprint(sources: Sources, told: ColumnMap | None) -> str:
    """SHA-256 (hex) of all that was read, and of what was told beside it."""
    if told is None:
        return sources.fingerprint
    return hashlib.sha256(f"{sources.fingerprint} {astuple(told)}".encode()).hexdigest()


def _table(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    columns = [*ROWS, SAID]
    own = rows["indicator"].isin(known.indicators).to_numpy()
    return as_texts(rows[columns] if own.all() else take(rows[columns], own))


def _read_places(sources: Sources, known: Known) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read the cities file, if there is one. Without its codes no city can be known."""
    for file, content in sources.cities.items():
        places, problems = read_cities(file, content, known.quantities, known.groups)
        return (None if places.empty else places), problems
    return None, []


def _as_places(
    rows: pd.DataFrame,
    places: pd.DataFrame | None,
    framework: Framework,
    read: Mapping[tuple[str, str], Sheet],
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the words of each place by its kind; names that nothing lists are spelled one way."""
    if places is not None:
        rows, strange = own_words(rows, places, framework)
        return rows, list(of_another_kind(strange, read))
    spelled, problems = one_spelling(rows["city"])
    return rows.assign(city=spelled), [*problems, *doubtful(coded(spelled)[1])]


def _read_project(sources: Sources) -> tuple[Project, list[Problem]]:
    for file, content in sources.project.items():
        return read_project(file, content)
    return Project(), []


def _read_evidence(sources: Sources, places: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    tables, problems = [no_evidence()], []
    names = names_of(places if sources.evidence else places[:0])
    for file, content in sources.evidence.items():
        entries, faults = read_evidence(
            file, content, lambda sheet, rows: resolve_cities(sheet, rows, names, places)
        )
        tables.append(entries)
        problems += faults
    return pd.concat(tables, ignore_index=True).astype({"met": bool}), problems


def _read_published(
    sources: Sources, places: pd.DataFrame, framework: Framework
) -> tuple[pd.DataFrame, list[Problem]]:
    tables, problems = [nothing_published()], []
    names = names_of(places if sources.published else places[:0])
    for file, content in sources.published.items():
        entries, faults = read_published(
            file,
            content,
            framework,
            lambda sheet, rows: resolve_cities(sheet, rows, names, places),
        )
        tables.append(entries)
        problems += faults
    return pd.concat([each for each in tables if len(each)] or tables, ignore_index=True), problems


def _differs(sheet: Sheet, at: int) -> bool:
    return len(coded(sheet.columns[at])[1]) > 1


def _placed(rows: pd.DataFrame, sheet: Sheet) -> pd.DataFrame:
    """Note where each row of a sheet is."""
    n = len(rows)
    rows = rows.reset_index(drop=True)
    rows["file"], rows["sheet"] = constant(sheet.file, n), constant(sheet.name, n)
    rows["row"] = sheet.rows[rows["position"].to_numpy()]
    return rows


def _passed_over(sheet: Sheet) -> Problem:
    return Problem(
        msg("the sheet is not read: it holds no table of observations."),
        "",
        sheet.file,
        sheet.name,
        severity="warning",
    )


def _sorted(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    order = {code: at for at, code in enumerate((*known.indicators, *known.quantities))}
    place = spread(rows["indicator"], lambda code: order.get(code, 0)).astype(np.int64)
    key = key_of(rows, ["city", "period"]) * len(order) + place
    if (key[1:] >= key[:-1]).all():
        return rows
    return take(rows, order_of(key))


def _quantities(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    found = rows[rows["indicator"].isin(known.quantities) & rows["value"].notna()]
    columns = {"indicator": "quantity"}
    return (
        found[["city", "period", "indicator", "value"]]
        .rename(columns=columns)
        .astype({"city": object, "period": object, "quantity": object})
        .reset_index(drop=True)
    )
