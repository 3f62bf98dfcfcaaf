"""The Excel form that is sent to the agencies which supply the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError, did_you_mean, plain
from kpi_lib.exchange.form import layout
from kpi_lib.exchange.form.instructions import write_help
from kpi_lib.exchange.form.layout import AWARDS, CITY, ENTERED, FIGURES, PERIOD, Part
from kpi_lib.exchange.form.marker import rows_of_others
from kpi_lib.exchange.form.rule_words import maximum, rule_words
from kpi_lib.exchange.form.texts import calculation, entry_check, possible
from kpi_lib.framework.model import TOTAL, Framework, Indicator
from kpi_lib.io.cells.periods import EXPECTED, read_period
from kpi_lib.io.tables.workbook import (
    BOLD,
    check_name,
    fit_height,
    for_paper,
    heading,
    offer,
    put,
    save,
)
from kpi_lib.locale.catalogue import Lang, msg, tr, tr_in
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import in_language, word
from kpi_lib.observations.cities import slug

_OPEN = PatternFill("solid", fgColor="FFF7D6")
_CLOSED = PatternFill("solid", fgColor="E4E4E4")
_SECTION = PatternFill("solid", fgColor="EEF3F8")
_LARGE = Font(name="Calibri", size=14, bold=True)
_ON_ONE_LINE = Alignment(vertical="top")
_THIN = Side(style="thin", color="C8C8C8")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)

_LONGEST_NAME = 31
_HEADING_ROW = 7


@dataclass(frozen=True, repr=False)
class FormSheet(Displayed):
    """What was made for one agency: the name of its sheet and its indicators."""

    sheet: str
    agency: str
    indicators: tuple[Indicator, ...]


@dataclass
class _Form:
    """The workbook in the making."""

    book: Workbook
    framework: Framework
    lang: Lang
    cities: tuple[str, ...]
    periods: tuple[str, ...]
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The columns: city and period only where there are several."""
        left_out = {CITY} if len(self.cities) < 2 else set()
        left_out |= {PERIOD} if len(self.periods) < 2 else set()
        return tuple(part for part in layout.parts_of(self.framework) if part.key not in left_out)


def write_form(
    framework: Framework,
    path: Path,
    lang: Lang = "vi",
    *,
    agencies: Sequence[str] = (),
    cities: Sequence[str] = (),
    periods: Sequence[str] = (),
    force: bool = False,
) -> list[FormSheet]:
    """Write one workbook with a sheet for each agency, and say what is in it.

    ``agencies`` limits it to some (by name, in either language). One city and one period stand
    above the table, several in columns; what is not given is asked for. Only cells to be filled
    in are unlocked; there is no password. Raises :class:`InputError` for an unknown agency,
    a period that cannot be read, and a file that is there already (unless ``force``).
    """
    check_name(path, force)
    asked = _cities(cities), _read_periods(periods)
    return _write(path, framework, lang, _by_agency(framework, lang, agencies), *asked)


def write_forms(
    framework: Framework,
    folder: Path,
    lang: Lang = "vi",
    *,
    agencies: Sequence[str] = (),
    cities: Sequence[str] = (),
    periods: Sequence[str] = (),
    force: bool = False,
) -> dict[Path, FormSheet]:
    """Write a workbook for each agency into a folder, named after the agency in plain letters.

    The arguments are those of :func:`write_form`; nothing is written where a file is there
    already (unless ``force``). The folder of the filled forms is read like any other data.
    """
    wanted = _by_agency(framework, lang, agencies)
    asked = _cities(cities), _read_periods(periods)
    files: dict[Path, str] = {}
    for agency in wanted:
        name = slug(agency) or "form"
        path, number = folder / f"{name}.xlsx", 1
        while path in files:
            number += 1
            path = folder / f"{name}-{number}.xlsx"
        check_name(path, force)
        files[path] = agency
    folder.mkdir(parents=True, exist_ok=True)
    codes = {agency: [one.code for one in own] for agency, own in wanted.items()}
    made = {}
    for path, agency in files.items():
        others = {name: own for name, own in codes.items() if name != agency}
        own = {agency: wanted[agency]}
        made[path] = _write(path, framework, lang, own, *asked, others=others)[0]
    return made


def _cities(cities: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(city.split()) for city in cities))


def _write(
    path: Path,
    framework: Framework,
    lang: Lang,
    wanted: Mapping[str, tuple[Indicator, ...]],
    cities: tuple[str, ...],
    periods: tuple[str, ...],
    others: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[FormSheet]:
    """Write a workbook; ``others`` are the agencies of the forms made with it, and their codes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    form = _Form(book, framework, lang, cities, periods)
    write_help(form.book, form.framework, form.lang, tr_in(lang, "form", "Help"))
    made = []
    for agency, indicators in wanted.items():
        name = _sheet_name(agency, book.sheetnames)
        _write_sheet(form, name, agency, indicators)
        made.append(FormSheet(name, agency, indicators))
    form.rows += rows_of_others(others)
    _write_marker(form)
    book.security = WorkbookProtection(lockStructure=True)
    book.active = 1
    save(book, path)
    return made


def _read_periods(periods: Sequence[str]) -> tuple[str, ...]:
    read = []
    for text in periods:
        period = read_period(text.strip())
        if period is None:
            raise InputError(
                msg("found the period '{text}'; {expected}.", text=text, expected=msg(EXPECTED))
            )
        read.append(period)
    return tuple(dict.fromkeys(read))


def _by_agency(
    framework: Framework, lang: Lang, wanted: Sequence[str]
) -> dict[str, tuple[Indicator, ...]]:
    """Give the indicators of each agency in the order of the framework, no agency last."""
    unnamed = word("unknown_agency", lang)
    by_name: dict[str, list[Indicator]] = {}
    names: dict[str, str] = {plain(unnamed): unnamed}
    for indicator in framework.indicators:
        name = in_language(indicator.agency, lang) or unnamed
        by_name.setdefault(name, []).append(indicator)
        if indicator.agency is not None:
            names |= {plain(one): name for one in indicator.agency.values()}
    chosen = []
    for agency in wanted:
        if plain(agency) not in names or names[plain(agency)] not in by_name:
            said = [
                msg(
                    "{framework} names no agency '{agency}'.",
                    framework=framework.name,
                    agency=agency,
                ),
                did_you_mean(agency, by_name),
                msg("Agencies: {agencies}.", agencies=", ".join(by_name)),
            ]
            raise InputError(" ".join(filter(None, said)))
        chosen.append(names[plain(agency)])
    kept = chosen or sorted(by_name, key=lambda name: name == unnamed)
    return {name: tuple(by_name[name]) for name in dict.fromkeys(kept)}


def _sheet_name(agency: str, taken: Sequence[str]) -> str:
    """Make a name that Excel takes: at most 31 characters, some not allowed, none twice."""
    clean = "".join(" " if char in "[]:*?/\\" else char for char in agency)
    clean = " ".join(clean.split()).strip("'") or "?"
    used = {name.casefold() for name in (*taken, layout.MARKER, "history")}
    name, number = clean[:_LONGEST_NAME].strip(), 1
    while name.casefold() in used:
        number += 1
        ending = f" ({number})"
        name = clean[: _LONGEST_NAME - len(ending)].strip() + ending
    return name


def _write_sheet(form: _Form, name: str, agency: str, indicators: tuple[Indicator, ...]) -> None:
    sheet: Worksheet = form.book.create_sheet(name)
    put(sheet, 1, 1, in_language(form.framework.title, form.lang)).font = _LARGE
    put(sheet, 2, 1, tr(form.lang, "Data form: {agency}", agency=agency)).font = BOLD
    put(
        sheet,
        3,
        1,
        tr(
            form.lang,
            "Fill in the yellow cells. Where there is no value, leave it empty and choose the "
            "reason under Note.",
        ),
    )
    for row in (1, 2, 3):
        sheet.cell(row, 1).alignment = _ON_ONE_LINE
    _ask_above(form, sheet, 4, CITY, form.cities)
    _ask_above(form, sheet, 5, PERIOD, form.periods)
    at = {part.key: column for column, part in enumerate(form.parts, start=1)}
    for part in form.parts:
        heading(sheet, _HEADING_ROW, at[part.key], part.heading(form.lang), part.width)
        sheet.cell(_HEADING_ROW, at[part.key]).border = _GRID
    fit_height(sheet, _HEADING_ROW)
    cells = _write_rows(form, sheet, at, indicators)
    last = sheet.max_row
    _check_entries(form, sheet, cells)
    _offer_lists(form, sheet, at, last)
    sheet.freeze_panes = sheet.cell(_HEADING_ROW + 1, 3).coordinate
    sheet.protection.enable()
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    for_paper(sheet, f"{_HEADING_ROW}:{_HEADING_ROW}")


def _ask_above(form: _Form, sheet: Worksheet, row: int, key: str, given: Sequence[str]) -> None:
    label = put(sheet, row, 1, tr(form.lang, layout.ABOVE[key]))
    label.font = BOLD
    if len(given) > 1:
        put(sheet, row, 2, tr(form.lang, "in its column below"))
        return
    cell = put(sheet, row, 2, given[0] if given else "")
    cell.border = _GRID
    if not given:
        cell.value = None
        _open(cell)


def _open(cell: Cell) -> None:
    cell.fill, cell.protection = _OPEN, Protection(locked=False)


def _write_rows(
    form: _Form, sheet: Worksheet, at: Mapping[str, int], indicators: Sequence[Indicator]
) -> dict[tuple[str, str], list[str]]:
    """Write the rows, and give the cells of figures by code and column."""
    cells: dict[tuple[str, str], list[str]] = {}
    row = _HEADING_ROW
    for city, period in product(form.cities or ("",), form.periods or ("",)):
        several = (city if len(form.cities) > 1 else "", period if len(form.periods) > 1 else "")
        section = ""
        for entry in _entries(form, indicators):
            if entry.section != section:
                section, row = entry.section, row + 1
                _write_section(sheet, row, len(at), " – ".join(filter(None, (*several, section))))
            row += 1
            texts = {**entry.texts, CITY: city, PERIOD: period}
            for part in form.parts:
                cell = put(sheet, row, at[part.key], texts.get(part.key, ""))
                cell.border = _GRID
                if part.key in ENTERED:
                    _prepare(cell, part.key, entry)
                    if part.key in (*FIGURES, *AWARDS) and part.key in entry.takes:
                        cells.setdefault((entry.code, part.key), []).append(cell.coordinate)
            fit_height(sheet, row)
            form.rows.append((sheet.title, entry.code, city, period))
    return cells


def _prepare(cell: Cell, key: str, entry: _Entry) -> None:
    """Make a cell ready to be filled in, or close it where nothing is to be entered."""
    cell.value = None
    cell.number_format = "General" if key in (*FIGURES, *AWARDS) else "@"
    if key in entry.takes:
        _open(cell)
    else:
        cell.fill = _CLOSED


@dataclass(frozen=True)
class _Entry:
    """A row of the form: an indicator, or a quantity that indicators are divided by."""

    code: str
    section: str
    texts: Mapping[str, str]
    takes: frozenset[str]


def _entries(form: _Form, indicators: Sequence[Indicator]) -> Iterator[_Entry]:
    framework, lang = form.framework, form.lang
    for indicator in indicators:
        above = [framework.node(code) for code in reversed(framework.ancestors(indicator.code))]
        texts = {
            "indicator": indicator.code,
            "title": in_language(indicator.title, lang),
            "definition": calculation(indicator, rule_words(framework, indicator, lang), lang),
            "maximum": maximum(indicator, lang) if framework.sums_points else "",
            "unit": in_language(indicator.unit, lang),
            "range": possible(indicator, lang),
        }
        section = " › ".join(in_language(node.title, lang) for node in above if node.code != TOTAL)
        yield _Entry(indicator.code, section, texts, layout.takes(indicator))
    section = tr(lang, "Quantities to divide by")
    for name, first in layout.asked_quantities(framework).items():
        if first in indicators:
            texts = {"indicator": name, "title": name}
            yield _Entry(name, section, texts, layout.takes(None))


def _write_section(sheet: Worksheet, row: int, width: int, text: str) -> None:
    for column in range(1, width + 1):
        cell = put(sheet, row, column, text if column == 2 else "")
        cell.fill, cell.font, cell.alignment = _SECTION, BOLD, _ON_ONE_LINE
        if column != 2:
            cell.value = None


def _check_entries(
    form: _Form, sheet: Worksheet, cells: Mapping[tuple[str, str], Sequence[str]]
) -> None:
    """Give the cells of figures their checks and hints."""
    known = {indicator.code: indicator for indicator in form.framework.indicators}
    for (code, key), places in cells.items():
        check = entry_check(form.framework, known.get(code), key, form.lang)
        for place in places:
            check.add(place)
        sheet.add_data_validation(check)


def _offer_lists(form: _Form, sheet: Worksheet, at: Mapping[str, int], last: int) -> None:
    """Offer the qualities, and the reasons; a note may say something else."""
    pick = tr_in(form.lang, "form", "Choose from the list.")
    lists = (("quality", layout.qualities, pick), ("note", layout.reasons, ""))
    for key, options, error in lists:
        if key not in at:
            continue
        letter = get_column_letter(at[key])
        cells = f"{letter}{_HEADING_ROW + 1}:{letter}{last}"
        offer(sheet, cells, f'"{",".join(options(form.lang))}"', error)


def _write_marker(form: _Form) -> None:
    """Keep what the form was made of, so that it can be read back with every check."""
    sheet: Worksheet = form.book.create_sheet(layout.MARKER)
    name, fingerprint = form.framework.name, form.framework.fingerprint
    head = (name, fingerprint, layout.digest(name, fingerprint, form.rows))
    for row, texts in enumerate((head, *form.rows), start=1):
        for column, text in enumerate(texts, start=1):
            put(sheet, row, column, text)
    sheet.sheet_state = "hidden"
    sheet.protection.enable()
