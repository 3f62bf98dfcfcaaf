"""A filled form read back: sheets of observations, in which every fault is named by its cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import InputError, Problem, plain
from kpi_lib.exchange.form import layout
from kpi_lib.exchange.form.layout import AWARDS, CITY, ENTERED, FIGURES, PERIOD
from kpi_lib.exchange.form.marker import (
    ALTERED,
    Marker,
    Row,
    Together,
    check_marker,
    check_sheets,
    gone,
    is_help,
    listed,
    read_marker,
)
from kpi_lib.exchange.form.points import Line, award_lines, settle, value_lines
from kpi_lib.exchange.form.row_checks import check_quality, check_row
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.marks import may_be_none
from kpi_lib.io.cells.periods import read_period
from kpi_lib.io.names import tidy
from kpi_lib.io.tables.read_xlsx import hidden, shown_value
from kpi_lib.io.tables.sheet import SEARCHED, Sheet
from kpi_lib.io.tables.workbook import is_list_of_problems, open_book
from kpi_lib.locale.catalogue import languages, msg, tr
from kpi_lib.methods.rules import words_of
from kpi_lib.observations.values import Known

_KEYS = (CITY, PERIOD, "indicator", "unit", *FIGURES, "quality", "source", "note")
_SEARCHED = 30  # rows in which the heading is looked for
_NEEDED = {"indicator", "value"}
_MOST = 4  # headings that no other row has


def read_form(
    path: Path, data: bytes, framework: Framework, together: Together
) -> tuple[list[Sheet], list[Problem]]:
    """Read a filled form into sheets in the long form of observations, with the problems.

    Rows that are left empty are no observations: one warning for each sheet says so. ``together``
    takes note of the form.
    """
    shown = str(path)
    try:
        book, formulas = open_book(shown, data, data_only=True), open_book(shown, data)
    except InputError as error:
        return [], list(error.problems)
    marker = read_marker(book[layout.MARKER]) if layout.MARKER in book.sheetnames else ALTERED
    problems = check_marker(marker, framework, shown)
    if any(problem.severity == "error" for problem in problems):
        return [], problems
    together.add(marker, shown)
    sheets: list[Sheet] = []
    read: list[Row] = []
    for page in book.worksheets:
        if page.title == layout.MARKER or is_list_of_problems(page.title):
            continue
        if page.sheet_state != "visible":
            problems += hidden(
                shown, page.title, page.iter_rows(max_row=SEARCHED, values_only=True)
            )
            continue
        form = _FormSheet(shown, page, formulas[page.title], framework, marker, book.sheetnames)
        sheets += form.read()
        problems += form.problems
        read += form.expected
    problems += check_sheets(marker, book, read, shown)
    if not sheets and not any(problem.severity == "error" for problem in problems):
        problems.append(Problem(msg("nothing is entered in the form."), msg("Fill it in."), shown))
    return sheets, problems


@dataclass
class _FormSheet:
    """The form of one agency."""

    file: str
    page: Worksheet
    formulas: Worksheet
    framework: Framework
    marker: Marker
    titles: Sequence[str]
    expected: tuple[Row, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    own_reasons: list[str] = field(default_factory=list)
    note: str = layout.PART["note"].text

    def report(self, message: str, fix: str, cell: str = "", warning: bool = False) -> None:
        row = int("".join(filter(str.isdigit, cell))) if cell else None
        self.problems.append(
            Problem(
                message,
                fix,
                self.file,
                self.page.title,
                row,
                severity="warning" if warning else "error",
                cell=cell,
            )
        )

    def _said(self, cell: str) -> bool:
        return any(problem.cell == cell for problem in self.problems)

    def read(self) -> list[Sheet]:
        """Give the sheet as observations: values, then points of each kind; empty ones not."""
        heading = self._heading()
        if heading is None:
            return []
        columns = self._columns(heading)
        if not columns.keys() >= _NEEDED:
            return []
        if "note" in columns:
            self.note = tidy(self.page.cell(heading, columns["note"]).value)
        lines = self._lines(heading, columns)
        self._find_in_marker(lines)
        filled = [line for line in lines if line.is_filled]
        at_fault = {problem.row for problem in self.problems}
        self._say_what_is_empty(
            [line for line in lines if not line.is_filled and line.row not in at_fault]
        )
        if not filled:
            return []
        places = {key: get_column_letter(column) for key, column in columns.items()}
        for key in (CITY, PERIOD):
            if key not in columns:
                text, places[key] = self._above(heading, key)
                for line in filled:
                    line.cells[key] = text
        self._check(filled, places)
        self._say_own_reasons()
        self._check_made_for(filled, places)
        of_points = any(key in columns for key in AWARDS)
        made = [self._sheet(value_lines(filled, of_points), places)]
        for key in AWARDS:
            if key in columns:
                rows = award_lines(filled, key, self.framework)
                made.append(self._sheet(rows, {**places, "value": places[key]}))
        return [sheet for sheet in made if len(sheet.rows)]

    def _sheet(self, lines: Sequence[Line], places: Mapping[str, str]) -> Sheet:
        empty: pd.Series[Any] = pd.Series([None] * len(lines), dtype=object)
        series = []
        for key in _KEYS:
            cells = [line.code if key == "indicator" else line.cells.get(key) for line in lines]
            known = key in places or key == "quality"
            series.append(pd.Series(cells, dtype=object) if known else empty)
        rows = np.array([line.row for line in lines], dtype=np.int64)
        return Sheet(self.file, self.page.title, _KEYS, tuple(series), rows, places)

    def _heading(self) -> int | None:
        """Find the row of the headings, wherever it has been moved."""
        for row in range(1, min(self.page.max_row, _SEARCHED) + 1):
            texts = {plain(tidy(cell.value)) for cell in self.page[row]}
            keys = {part.key for text, part in layout.part_of().items() if text in texts}
            if keys >= _NEEDED or len(keys) >= _MOST:
                return row
        if is_help(self.page):
            return None
        if self._is_own():
            if any(any(map(tidy, row)) for row in self.page.values):
                self.report(msg("the sheet is not of the form and is not read."), "", warning=True)
            return None
        self.report(
            msg("there is no row with the headings of the form."),
            msg(
                "Put the row with {shown} and {shown_2} back, or take the sheet out.",
                shown=layout.PART["indicator"].shown,
                shown_2=layout.PART["value"].shown,
            ),
        )
        return None

    def _is_own(self) -> bool:
        """Whether an intact form was made without this sheet, and no row of it stands here."""
        codes = set(self.framework.nodes)
        rows = self.page.iter_rows(max_row=SEARCHED, values_only=True)
        here = self.marker.intact and self.page.title not in self.marker.rows
        return here and not any(tidy(cell) in codes for row in rows for cell in row[:3])

    def _columns(self, heading: int) -> dict[str, int]:
        columns: dict[str, int] = {}
        unknown: dict[str, str] = {}
        for cell in self.page[heading]:
            text, column = tidy(cell.value), int(cell.column or 0)
            part = layout.part_of().get(plain(text))
            if part is None:
                below = (self.page.cell(row, column).value for row in self._rows(heading))
                if text or any(map(tidy, below)):
                    unknown[cell.coordinate] = text
            elif part.key in columns:
                found = msg("the column '{text}' is there twice.", text=text)
                self.report(found, msg("Keep one of them."), cell.coordinate)
            else:
                columns[part.key] = column
        for at, text in unknown.items():
            no_column = msg("'{text}' is no column of the form.", text=text)
            self.report(no_column if text else msg("no heading."), layout.remedy(text, columns), at)
        for shown in layout.gone(columns):
            self.report(
                msg("the column {shown} is gone.", shown=shown), msg("Put it back."), f"A{heading}"
            )
        return columns

    def _rows(self, heading: int) -> range:
        return range(heading + 1, self.page.max_row + 1)

    def _lines(self, heading: int, columns: Mapping[str, int]) -> list[Line]:
        """Give the rows with a code; what is entered in any other is a fault."""
        lines, words = [], Known(self.framework).words
        for row in self._rows(heading):
            cells = {key: self._value(row, column) for key, column in columns.items()}
            code = tidy(cells.get("indicator"))
            line = Line(row, code, cells, frozenset(words.get(code, ())))
            if line.code:
                lines.append(line)
                continue
            for key in ENTERED:
                if tidy(cells.get(key)):
                    self.report(
                        msg("found '{cells}' in a row without a code.", cells=tidy(cells[key])),
                        msg("Enter it in the row of an indicator, or clear the cell."),
                        f"{get_column_letter(columns[key])}{row}",
                    )
                    break
        return lines

    def _value(self, row: int, column: int) -> Any:
        """Give what a cell holds; a formula without a saved result is a fault."""
        cell = self.page.cell(row, column)
        written = self.formulas.cell(row, column)
        if written.data_type == "f" and cell.value is None:
            self.report(
                msg("the formula has no saved result."),
                msg("Open the form in Excel, save it, and read it again; or write the number."),
                cell.coordinate,
            )
            return None
        return shown_value(cell)

    def _above(self, heading: int, key: str) -> tuple[str, str]:
        """Give the city or period that stands above the table for all rows, and its cell."""
        said = dict.fromkeys(tr(lang, layout.ABOVE[key]) for lang in languages())
        labels = {plain(text) for text in said}
        for row in range(1, heading):
            if plain(tidy(self.page.cell(row, 1).value)) in labels:
                return tidy(self._value(row, 2)), f"B{row}"
        name = " / ".join(said)
        self.report(
            msg("there is neither a row '{name}' above the table nor a column of it.", name=name),
            msg("Put the row back, with the name in column A and the text in column B."),
            f"A{heading}",
        )
        return "", f"A{heading}"

    def _find_in_marker(self, lines: list[Line]) -> None:
        """Find the rows that the sheet was made with, and say which are gone."""
        codes = [line.code for line in lines]
        self.expected = self.marker.of_sheet(self.page.title, codes, self.titles)
        if self.marker.intact and not self.expected:
            self.report(
                msg("the form was made without this sheet."),
                msg("It is read as it stands; check that it is not of another form."),
                warning=True,
            )
        if lost := gone(self.expected, codes):
            self.report(
                msg("the rows of {gone} are gone.", gone=listed(lost)),
                msg("Nothing is read for them; make the form anew to have them back."),
                warning=True,
            )

    def _check_made_for(self, lines: list[Line], places: Mapping[str, str]) -> None:
        """Find another city or period than the form was made for, once for each cell."""
        for key, at in ((CITY, 1), (PERIOD, 2)):
            made_for: dict[str, dict[str, str]] = {}
            for row in self.expected:
                if row[at]:
                    made_for.setdefault(row[0], {})[_meaning(key, row[at])] = row[at]
            said: set[str] = set()
            for line in lines:
                text, wanted = tidy(line.cells.get(key)), made_for.get(line.code, {})
                if not text or not wanted:
                    continue
                if meant := wanted.get(_meaning(key, text)):
                    line.cells[key] = meant
                    continue
                place = places[key]
                cell = f"{place}{line.row}" if place.isalpha() else place
                names = list(wanted.values())
                if cell not in said:
                    self.report(
                        msg(
                            "found '{text}'; the form was made for {wanted}.",
                            text=text,
                            wanted=listed(names),
                        ),
                        msg("Put it back as it was, or have a form made for '{text}'.", text=text),
                        cell,
                    )
                said.add(cell)
                if len(names) == 1:  # what else is wrong is said as if it were back
                    line.cells[key] = names[0]

    def _say_what_is_empty(self, lines: list[Line]) -> None:
        if lines:
            codes = list(dict.fromkeys(line.code for line in lines))
            self.report(
                msg("nothing is entered for {codes}.", codes=listed(codes)),
                msg("Give the value, or the reason why there is none."),
                warning=True,
            )

    def _say_own_reasons(self) -> None:
        if self.own_reasons:
            self.report(
                msg(
                    "no value is read for {codes}: under {note} there is a text of one's own.",
                    codes=listed(list(dict.fromkeys(self.own_reasons))),
                    note=self.note,
                ),
                msg("If it is a reason, choose it from the list; if it is a value, enter that."),
                warning=True,
            )

    def _check(self, lines: list[Line], places: Mapping[str, str]) -> None:
        known = {indicator.code: indicator for indicator in self.framework.indicators}
        seen: dict[tuple[str, str, str], str] = {}
        for line in lines:

            def at(key: str, row: int = line.row) -> str:
                place = places.get(key, "A")
                return f"{place}{row}" if place.isalpha() else place

            key = (line.code, tidy(line.cells.get(CITY)), tidy(line.cells.get(PERIOD)))
            if key in seen:
                found = msg("{code} is already given in {seen}.", code=line.code, seen=seen[key])
                self.report(found, msg("Keep one of them."), at("indicator"))
                line.code = ""
            else:
                seen[key] = at("indicator")
            indicator = known.get(line.code)
            if indicator is not None:
                check_row(line, indicator, at, self.report, self.note)
            self._check_reason(line, indicator, at)
            check_quality(line, at, self.report)
            if indicator is not None and "self-scored" in places:
                settle(
                    line, self.framework, indicator, partial(self.report, cell=at("self-scored"))
                )
        lines[:] = [line for line in lines if line.code]

    def _check_reason(
        self, line: Line, indicator: Indicator | None, at: Callable[[str], str]
    ) -> None:
        """Find a reason beside a value, and no value without a reason."""
        note = layout.in_observations("note", tidy(line.cells.get("note")))
        absent = line.says_nothing_applies
        pending = note == "not verified" and not line.has("verified")
        has_value = (line.has_value and not (absent and note == "not applicable")) or line.awards
        if note in layout.REASONS and has_value and not (pending and line.has("self-scored")):
            self.report(
                msg("found the reason '{note}' beside a value.", note=tidy(line.cells["note"])),
                msg("Keep the value or the reason."),
                at("note"),
            )
        elif absent and line.awards:
            self.report(
                msg("found points of {code}, which does not apply.", code=line.code),
                msg("Keep the points or the value."),
                at("value" if line.has("value") else "numerator"),
            )
            line.cells |= dict.fromkeys(AWARDS)
        elif note not in layout.REASONS and not line.awards and self._none(line, indicator):
            self.report(*self._ask(line, indicator), at("value"))
        elif not (line.figures or line.awards or note or any(map(self._said, map(at, FIGURES)))):
            text = tidy(line.cells.get("value"))
            self.report(
                msg("found '{text}': no value of {code}, and no reason.", text=text, code=line.code)
                if text
                else msg("there is no value of {code}, and no reason.", code=line.code),
                msg("Give the value, or choose the reason under {note}.", note=self.note),
                at("value"),
            )
        elif note == "not applicable" and not line.figures:
            line.cells["value"] = note
        elif note and note not in layout.REASONS and not (line.figures or line.awards):
            self.own_reasons.append(f"{line.code} ('{note}')")
        line.cells["note"] = note

    def _none(self, line: Line, indicator: Indicator | None) -> bool:
        """Whether the value is a sign that may mean an answer, or that there is none of it."""
        return indicator is not None and not line.figures and may_be_none(tidy(line.cells["value"]))

    def _ask(self, line: Line, indicator: Indicator | None) -> tuple[str, str]:
        """Ask what a sign for nothing means: one of the answers, 0, or no value."""
        assert indicator is not None
        text = tidy(line.cells["value"])
        if line.answers:
            method = self.framework.normalisation_of(indicator)
            words = [word for word, _ in words_of(method)]
            return (
                msg("found '{text}'; expected one of {words}.", text=text, words=", ".join(words)),
                msg("Write the answer; without data, clear the cell and choose the reason."),
            )
        return (
            msg("found '{text}': it may mean 0 or that there are no data.", text=text),
            msg(
                "If there is none of it, write 0; without data, clear the cell and choose the "
                "reason under {note}.",
                note=self.note,
            ),
        )


def _meaning(key: str, text: str) -> str:
    """A city or a period as it is compared: another spelling is the same."""
    return (read_period(text) if key == PERIOD else None) or plain(text)
