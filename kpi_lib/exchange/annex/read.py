"""An annex as ministries lay it out, read row by row into a tree of groups and indicators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kpi_lib.errors import Problem, plain
from kpi_lib.exchange.annex.cells import split_unit, without_marks
from kpi_lib.exchange.annex.clauses import is_clause
from kpi_lib.exchange.annex.columns import (
    Heading,
    Use,
    counts_columns,
    find_heading,
    in_all_languages,
    repeats,
)
from kpi_lib.exchange.annex.numbering import read_number, split_number
from kpi_lib.exchange.annex.titles import LONGEST_TITLE, find_titles, find_unit
from kpi_lib.exchange.annex.tree import Branch, Row, Tree
from kpi_lib.exchange.annex.wording import NUMBER, POINT, folded
from kpi_lib.io.tables.grids import Grid, Line
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import listed

# What a group may have beside its title; anything else makes a row an indicator.
_OF_GROUPS = frozenset(
    (
        *("number", "title", "code", "group", "remarks", "aliases", ""),
        *("weight", "points", "bonus", "deduction"),
    )
)

_WORDS = vocabulary(__package__)
_NOTE = re.compile(
    r"\(?\*+\)?\s*\S|[†‡⁰¹²³⁴-⁹]|[⁽\[]?\d{1,2}[⁾\]]\s*\S|\(\d{1,2}\)\s*\S|"
    rf"(?:{any_of([*_WORDS['notes'], *_WORDS['left out'], *_WORDS['sums']])})\b",
)
_SUM = re.compile(rf"(?:{any_of(_WORDS['sums'])})\b")
_NOT_KEPT = re.compile(rf"(?:{any_of(_WORDS['left out'])})\b")
_NOTE_NUMBER = re.compile(r"\((\d{1,2})\)")
_POINTS = re.compile(rf"({NUMBER}){POINT}")
_CODE = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(repr=False)
class Annex(Displayed):
    """What was read of an annex: its title, its tree, and all that was not read.

    ``notes`` are its foot notes, ``total`` the row that sums the points of all.
    """

    title: str
    root: Branch
    problems: list[Problem]
    sheets: tuple[str, ...]
    notes: tuple[str, ...] = ()
    total: Row | None = None


@dataclass
class _Reading:
    """The annex so far."""

    file: str
    tree: Tree
    problems: list[Problem] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    notes: frozenset[str] = frozenset()
    sheets: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    total: Row | None = None
    last: Row | None = None

    def report(
        self, line: Line, message: str, fix: str = "", column: str = "", warning: bool = False
    ) -> None:
        """Add a problem of a row."""
        severity: Literal["error", "warning"] = "warning" if warning else "error"
        place = (self.file, line.sheet, line.row, column)
        self.problems.append(Problem(message, fix, *place, severity=severity))


def read_annex(grids: Sequence[Grid], file: str) -> Annex:
    """Read the tables of an annex, one after the other, as one list.

    What cannot be read is among the problems, by sheet, row and column.
    """
    reading = _Reading(file, Tree(file))
    found = [(grid, find_heading(grid)) for grid in grids]
    before: tuple[Heading, tuple[Line, ...]] | None = None
    for grid, heading in found:
        if heading is not None:
            before = heading, grid.lines[heading.first : heading.last + 1]
            _read_grid(grid, heading, before[1], heading.last + 1, reading)
        elif before is not None and _goes_on(grid, before[1][-1]):
            _read_grid(grid, before[0], before[1], 0, reading)
        elif any(len(line.filled) > 1 for line in grid.lines if not line.prose):
            reading.problems.append(
                Problem(
                    msg(
                        "the table is not read: no row names a column of indicators (such as "
                        "{part}) and another one.",
                        part=in_all_languages("Indicator"),
                    ),
                    msg("If it is part of the annex, give it a heading."),
                    file,
                    grid.name,
                    severity="warning",
                )
            )
    root = reading.tree.finish()
    return Annex(
        " ".join(reading.titles),
        root,
        [*reading.problems, *reading.tree.problems],
        tuple(reading.sheets),
        tuple(dict.fromkeys(reading.kept)),
        reading.total,
    )


def _goes_on(grid: Grid, heading: Line) -> bool:
    """Say whether a table without a heading has the columns of the one before."""
    rows = [line for line in grid.lines if not line.prose]
    return bool(rows) and len(rows[0].cells) == len(heading.cells) and len(heading.cells) > 2


def _read_grid(
    grid: Grid, heading: Heading, heads: Sequence[Line], first: int, reading: _Reading
) -> None:
    above = grid.lines[: heading.first if first else 0]
    if not reading.titles:
        reading.titles = find_titles(above)
    reading.sheets.append(grid.name)
    body = [
        line
        for line in grid.lines[first:]
        if line.filled and not counts_columns(line) and not repeats(line, heads)
    ]
    end = _end(body, heading)
    reading.notes = frozenset(
        found[1] for line in body[end:] if (found := _NOTE_NUMBER.match(line.text(line.filled[0])))
    )
    if first:
        _say_unread(grid, heading, body[:end], reading)
    unit = find_unit(above)
    for line in above:
        if line.prose:
            _read_prose(line, reading)
    for line in body[:end]:
        if line.prose:
            _read_prose(line, reading)
        else:
            _read_line(line, heading, unit, reading)
    for line in body[end:]:
        _read_rest(line, heading, unit, reading)


def _end(body: Sequence[Line], heading: Heading) -> int:
    """Find where the notes begin: after the last line that fills other columns, or is numbered."""
    title = _title_column(heading)
    for at in range(len(body), 0, -1):
        line = body[at - 1]
        number = heading.one("number")
        numbered = number is not None and _own_text(line, number.column, title)
        if not line.prose and (
            _is_filled(line, heading)
            or (numbered and read_number(numbered))
            or _is_option(line, heading)
        ):
            return at
    return 0


def _is_option(line: Line, heading: Heading) -> bool:
    """Say whether a row of a table of points has points of its own, or words that give some."""
    points = heading.one("points")
    text = plain(line.text(_title_column(heading)))
    if points is None or not text or _NOTE.match(text):
        return False
    return bool(line.text(points.column)) or is_clause(text)


def _title_column(heading: Heading) -> int:
    use = heading.one("title")
    assert use is not None  # a heading without it is none
    return use.column


def _own_text(line: Line, column: int, title: int) -> str:
    """The text of a column, unless it is part of the merged cell that holds the title."""
    return "" if _same_cell(line, column, title) else line.text(column)


def _same_cell(line: Line, column: int, other: int) -> bool:
    """Whether two columns of a row are covered by one cell."""
    return max(column, other) < len(line.left) and line.left[column] == line.left[other]


def _as_written(line: Line, use: Use, title: int) -> str:
    """The text of a column: of rules with their line breaks, which divide them."""
    text = _own_text(line, use.column, title)
    return line.broken.get(use.column, text) if text and use.field in ("rule", "formula") else text


def _is_filled(line: Line, heading: Heading) -> bool:
    title = _title_column(heading)
    return any(
        _own_text(line, use.column, title) and line.begins[use.column]
        for use in heading.uses
        if use.field not in _OF_GROUPS and use.column < len(line.cells)
    )


def _say_unread(grid: Grid, heading: Heading, body: Sequence[Line], reading: _Reading) -> None:
    """Name the columns that nothing is made of."""
    for use in heading.uses:
        if use.field not in ("", "remarks") or not any(line.text(use.column) for line in body):
            continue
        reading.problems.append(
            Problem(
                msg("the column is not read: it is none of those that a framework has.")
                if not use.field
                else msg("the remarks are not read."),
                "",
                reading.file,
                grid.name,
                grid.lines[heading.last].row,
                use.name,
                "warning",
            )
        )


def _read_prose(line: Line, reading: _Reading) -> None:
    """Take a numbered paragraph above a table for a group; any other is no part of the list."""
    number, title = split_number(line.cells[0])
    if number and read_number(number) and number not in "-–+•*" and len(title) < LONGEST_TITLE:
        title, unit = split_unit(without_marks(title, reading.notes))
        reading.tree.add(Row(line, title, number, merged=True, unit=unit))
    elif reading.last is not None and _NOTE.match(plain(line.cells[0])):
        _keep_note(line, reading)


def _read_rest(line: Line, heading: Heading, unit: str, reading: _Reading) -> None:
    """Read what follows the last indicator: notes, and groups that nothing follows."""
    text = line.text(line.filled[0])
    number, _ = split_number(text)
    if line.prose:
        if _NOTE.match(plain(text)):
            _keep_note(line, reading)
        return
    if number and not _NOTE.match(plain(text)) and number not in "-–+•*":
        _read_line(line, heading, unit, reading)
    else:
        _read_note(line, heading, reading)


def _read_note(line: Line, heading: Heading, reading: _Reading) -> None:
    """Keep a note; of a row that sums the points of all, keep the cells to compare."""
    if _SUM.match(plain(line.text(line.filled[0]))):
        uses = (use for use in heading.uses if use.field == "points" and line.text(use.column))
        cells = {use: line.text(use.column) for use in uses}
        if cells:
            reading.total = Row(line, line.text(line.filled[0]), cells=cells)
            return
    _keep_note(line, reading)


def _keep_note(line: Line, reading: _Reading) -> None:
    """Keep a foot note for the framework's note; who receives the document is none."""
    text = " ".join(line.text(column) for column in line.filled)
    if not _NOT_KEPT.match(plain(text)):
        reading.kept.append(text)
        return
    reading.report(line, msg("the note is left out: '{shown}'.", shown=text), warning=True)


def _read_line(line: Line, heading: Heading, unit: str, reading: _Reading) -> None:
    at = _title_column(heading)
    title = line.text(at)
    merged = any(
        _same_cell(line, use.column, at)
        for use in heading.uses
        if use.field not in ("number", "title", "code", "group")
    )
    filled = _is_filled(line, heading)
    if title and not line.begins[at]:
        _continue(line, heading, reading)
        return
    if not title and not filled and len(line.filled) == 1:
        title, merged = line.text(line.filled[0]), True  # it runs over the columns unmerged
    if not filled and _is_note(line, title, heading):
        _read_note(line, heading, reading)
        return
    number = _number_text(line, heading, at, merged)
    if not number:
        number, title = split_number(title)
    elif (again := split_number(title))[0].strip(" .):(") == number.strip(" .):("):
        title = again[1]
    title, bracketed = split_unit(without_marks(title, reading.notes))
    if not title:
        reading.report(
            line,
            msg("the row has {line}, but no title.", line=_named(line, heading)),
            msg("Write the title of the indicator, or clear the row."),
            next(use.name for use in heading.uses if use.column == at),
        )
        return
    row = Row(
        line,
        title,
        number,
        _code(line, heading, at, reading),
        filled,
        merged and not filled,
        () if merged and not filled else _path(line, heading, reading),
        cells={
            use: _as_written(line, use, at)
            for use in heading.uses
            if use.field not in ("", "remarks", "number", "group")
            and (use.column == at or _own_text(line, use.column, at))
        },
        unit=bracketed,
    )
    points = heading.one("points")
    said = _POINTS.fullmatch(folded(bracketed))
    if points and number and said and points not in row.cells:  # 'I. Infrastructure (30 points)'
        row.cells, row.unit = {**row.cells, points: said[1]}, ""
    if unit and "unit" not in {use.field for use in row.cells} and not bracketed:
        row.unit = unit
    reading.tree.add(row)
    reading.last = row


def _is_note(line: Line, title: str, heading: Heading) -> bool:
    """Say whether a row that fills no other column is a note: '* Applies to…', 'Note: …'."""
    number = heading.one("number")
    text = line.text(number.column) if number else ""
    first = line.text(line.filled[0])
    if text and text != title and read_number(text) and text.strip() not in ("*", "+"):
        return False
    found = _NOTE.match(plain(first).replace("⁽", "(")) or first[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁽"
    return bool(found) and not first.startswith("+ ")


def _number_text(line: Line, heading: Heading, title: int, merged: bool) -> str:
    use = heading.one("number")
    if use is None or (merged and _same_cell(line, use.column, title)):
        return ""
    return without_marks(line.text(use.column)) or line.text(use.column)


def _code(line: Line, heading: Heading, title: int, reading: _Reading) -> str:
    """Read the code; letters that codes cannot have are spelled without diacritics."""
    use = heading.one("code")
    text = _own_text(line, use.column, title) if use else ""
    if not text or use is None:
        return ""
    code = re.sub(r"\s*[.]\s*", ".", text).strip(" .")
    if not _CODE.fullmatch(code):
        spelled = re.sub(r"[^A-Za-z0-9._-]+", "-", plain(code).upper()).strip("-")
        if not spelled:
            reading.report(
                line,
                msg(
                    "found the code '{text}'; expected letters, digits, '.', '_' and '-'.",
                    text=text,
                ),
                msg("Write a code of these."),
                use.name,
            )
            return ""
        reading.report(
            line,
            msg("the code '{text}' is written {spelled}.", text=text, spelled=spelled),
            column=use.name,
            warning=True,
        )
        code = spelled
    return code


def _path(line: Line, heading: Heading, reading: _Reading) -> tuple[str, ...]:
    """Give the groups that columns name; an empty cell means the group of the row above."""
    uses = heading.all("group")
    texts = [without_marks(line.text(use.column), reading.notes) for use in uses]
    above = reading.last.path if reading.last else ()
    path: list[str] = []
    for at, text in enumerate(texts):
        if text:
            path.append(text)
        elif tuple(path) == above[:at] and len(above) > at:
            path.append(above[at])
        else:
            break
    return tuple(path)


def _named(line: Line, heading: Heading) -> str:
    names = [use.heading for use in heading.uses if line.text(use.column) and use.heading]
    return listed([f"'{name}'" for name in names[:3]], message_language()) or msg("cells")


def _continue(line: Line, heading: Heading, reading: _Reading) -> None:
    """Add the cells of a row to the indicator above, whose title runs over both rows."""
    row = reading.last
    if row is None:
        return
    cells = dict(row.cells)
    for use in heading.uses:
        text = line.text(use.column)
        if not text or not line.begins[use.column] or use.field in ("", "remarks", "number"):
            continue
        cells[use] = f"{cells[use]}; {text}" if cells.get(use) else text
        row.filled = True
    row.cells = cells
