"""Numbers as people write them: 1.234,5 in Vietnamese, 1,234.5 in English.

A text such as 1,234 may be 1234 or 1.234. It is read by what the other values of its
column prove, and is an error where they prove nothing; see :meth:`Column.read`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.io.cells.coded import coded
from kpi_lib.io.cells.forms import Floats, forms_of
from kpi_lib.io.cells.marks import ASKED, Marked, clean, is_missing, split_marks
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import in_message

Cells: TypeAlias = "Sequence[Any] | pd.Series[Any]"
Fault = tuple[str, str]
"""What was found and expected, and what to do."""

T = TypeVar("T")

_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)[ ]?
    (?: (?P<grouped>[1-9][0-9]{0,2} (?P<group>[., ])[0-9]{3} (?:(?P=group)[0-9]{3})*)
      | (?P<whole>[0-9]*) )
    (?: (?P<mark>[.,]) (?P<fraction>[0-9]+) )?
    (?P<exponent>[eE][+-]?[0-9]{1,3})?
    (?P<percent>[ ]?%)?""",
    re.VERBOSE,
)

_GROUP = 3
"""Digits between two marks that group them."""

_OTHER = {".": ",", ",": "."}

MOST_NAMED = 100
"""So many faults of a kind are named one by one; the others are counted."""


class Percent(float):
    """A number of per cent from a cell that a spreadsheet shows with a percent sign."""


class _Reading(NamedTuple):
    """A text on its own: its number if a lone mark is a decimal mark, and if it groups digits."""

    as_decimal: str
    as_grouped: str = ""
    mark: str = ""  # the mark that may be either
    proves: str = ""  # the decimal mark that this text shows its column to use
    percent: bool = False


@dataclass(frozen=True)
class _Cell:
    """One cell as read."""

    value: float = np.nan
    percent: bool = False
    half_step: float = np.nan
    printed: str = ""
    fault: Callable[[], Fault] | None = None


@dataclass(frozen=True, repr=False)
class Numbers(Displayed):
    """What a column of ``n`` cells says.

    ``values``: shape ``(n,)``, NaN where missing or at fault; ``percent``: shape ``(n,)``,
    whether a percent sign was written; ``printed``: the text that stands for a missing value, by
    position; ``faults``: by position, those of the first hundred different cells, and ``others``
    the positions of the rest that cannot be read; ``half_steps``: of positions that have a value,
    half a unit of the last digit that was written (0.05 for 97.5, 0.5 for 97); ``flags``: what
    stands beside a value, by position.
    """

    values: Floats
    percent: npt.NDArray[np.bool_]
    printed: dict[int, str]
    faults: dict[int, Fault]
    half_steps: Callable[[npt.NDArray[np.intp]], Floats]
    flags: dict[int, str] = field(default_factory=dict)
    others: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))


@lru_cache(maxsize=200_000)
def _parse(text: str) -> _Reading | None:
    """Read a text on its own; None where it is no number."""
    found = _NUMBER.fullmatch(clean(text))
    if found is None:
        return None
    sign, group, mark = found["sign"].replace("+", ""), found["group"] or "", found["mark"] or ""
    exponent, fraction = found["exponent"] or "", found["fraction"] or ""
    percent = found["percent"] is not None
    if not group:
        if not found["whole"] and not fraction:
            return None
        number = f"{sign}{found['whole'] or 0}{'.' if mark else ''}{fraction}{exponent}"
        return _Reading(number, proves=mark, percent=percent)
    digits = found["grouped"].split(group)
    joined = sign + "".join(digits)
    if mark:
        if mark == group or exponent:
            return None
        return _Reading(f"{joined}.{fraction}", proves=mark, percent=percent)
    if exponent:  # nobody groups the digits of 1,234e5
        if group == " " or len(digits) > 2:
            return None
        return _Reading(f"{sign}{digits[0]}.{digits[1]}{exponent}", proves=group, percent=percent)
    if group == " " or len(digits) > 2:
        return _Reading(joined, proves=_OTHER.get(group, ""), percent=percent)
    return _Reading(f"{sign}{digits[0]}.{digits[1]}", joined, mark=group, percent=percent)


class Column:
    """The cells of one column of numbers, texts or both."""

    def __init__(self, cells: Cells, marked: bool = False) -> None:
        """Take cells as they were read: numbers, texts, dates, None.

        ``marked``: a flag may stand beside a number (12.3 p), or the sign of a bound (<0.1).
        """
        series = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
        self._numeric: Floats | None = None
        self._codes: npt.NDArray[Any] = np.empty(0, dtype=np.intp)
        self._distinct = np.empty(0, dtype=object)
        kinds = pd.api.types
        if kinds.is_numeric_dtype(series) and not kinds.is_bool_dtype(series):
            self._numeric = series.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            self._codes, self._distinct = coded(series)
        self._forms = forms = forms_of(self._distinct, marked)
        self._readings: dict[int, _Reading | None] = {}
        self._marks: dict[int, Marked] = {}
        self._refused = np.zeros(len(self._distinct), dtype=np.bool_)  # neither number nor missing
        self._bounds = forms.bound & marked
        for code in np.flatnonzero(~forms.is_number & ~self._bounds).tolist():
            text = self._distinct[code]
            if isinstance(text, str):
                reading = None if forms.no_number[code] else _parse(text)
                if reading is None and not is_missing(text):
                    split = split_marks(text) if marked and forms.beside[code] else Marked(text)
                    if split.flag or split.bound:
                        reading = _parse(split.text)
                    if reading is not None:
                        self._marks[code] = split
                    self._refused[code] = reading is None
                self._readings[code] = reading

    @property
    def decimal_marks(self) -> frozenset[str]:
        """The decimal marks, '.' or ',' or both, that texts of the column prove."""
        marks = {r.proves for r in self._readings.values() if r is not None and r.proves}
        marks.update(np.unique(self._forms.mark[~self._forms.lone]).tolist())
        bounds = self._distinct[self._bounds]
        return frozenset(marks | {"." for cell in bounds if "." in cell}) - {""}

    def read(
        self,
        elsewhere: frozenset[str] = frozenset(),
        suggested: str = ".",
        bounds: str = "",
        decimal: str = "",
    ) -> Numbers:
        """Read all cells.

        Numeric cells are taken as they are. A text with one mark before exactly three
        digits (1,234 or 1.234) is read by the decimal mark that the other texts of its
        column prove, else by what stands around it; what could still be read two ways is a
        fault that says so.

        Parameters
        ----------
        elsewhere
            Decimal marks that other columns of the sheet prove.
        suggested
            Decimal mark that the kind of file suggests, '' for none.
        bounds
            How a bound such as <0.1 counts: half, edge or missing; '' makes it a fault.
        decimal
            The decimal mark where it is known; '' where the cells show it.
        """
        if self._numeric is not None:
            return _numeric(self._numeric)
        marks = frozenset(decimal) or self.decimal_marks
        marks = marks or self._from_around(elsewhere, suggested)
        easy, values, flags = self._at_once(marks)
        percent = self._forms.percent & easy
        said: dict[int, str] = {}
        faults: dict[int, Fault] = {}
        asked = ~easy | np.isinf(values)
        others = np.flatnonzero(self._surely_refused(marks, bounds))[MOST_NAMED:].tolist()
        asked[others] = False
        for code in np.flatnonzero(asked).tolist():
            one = self._read_marked(code, marks, bounds)
            values[code], percent[code] = one.value, one.percent
            if one.printed:
                said[code] = one.printed
            if not one.fault and (split := self._split(code)):
                flags[code] = split.flag or str(self._distinct[code])
            if one.fault and len(faults) < MOST_NAMED:
                faults[code] = one.fault()
            elif one.fault:
                others.append(code)
        return Numbers(
            values[self._codes],
            percent[self._codes],
            self._by_position(said),
            self._by_position(faults),
            partial(self._half_steps, marks),
            self._by_position(flags),
            np.flatnonzero(np.isin(self._codes, others)) if others else np.empty(0, np.intp),
        )

    def _at_once(
        self, marks: frozenset[str]
    ) -> tuple[npt.NDArray[np.bool_], Floats, dict[int, str]]:
        """Say which cells have a usual form, their numbers, and the flags behind them."""
        forms, lone = self._forms, self._forms.lone
        easy = forms.is_number & ~lone if len(marks) != 1 else forms.is_number
        values = np.where(lone & ~np.isin(forms.mark, list(marks)), forms.grouped, forms.number)
        values[~easy] = np.nan
        behind = np.flatnonzero(easy & (forms.flag != "")).tolist()
        return easy, values, {code: str(forms.flag[code]) for code in behind}

    def _surely_refused(self, marks: frozenset[str], bounds: str) -> npt.NDArray[np.bool_]:
        """Find distinct cells that are at fault, without reading each."""
        refused = self._refused.copy()
        if not bounds:
            refused |= self._bounds
            refused[[code for code, split in self._marks.items() if split.bound]] = True
        if len(marks) != 1:
            refused |= self._forms.lone
            refused[[code for code, r in self._readings.items() if r is not None and r.mark]] = True
        return refused

    def _read_marked(self, code: int, marks: frozenset[str], bounds: str) -> _Cell:
        """Read a cell whose number may have a flag beside it, or be a bound."""
        cell = self._distinct[code]
        split = self._split(code)
        if split is None:
            return _read_cell(cell, marks)
        if split.bound and not bounds:
            return _Cell(fault=partial(_bound, str(cell).strip()))
        one = _read_cell(split.text, marks)
        if not split.bound or one.fault:
            return one
        if bounds == "missing":
            return _Cell(printed=str(cell).strip())
        half = bounds == "half" and split.bound == "<"
        return replace(one, value=one.value / 2 if half else one.value)

    def _half_steps(self, marks: frozenset[str], positions: npt.NDArray[np.intp]) -> Floats:
        codes, at = np.unique(self._codes[positions], return_inverse=True)
        steps = [self._half_step(code, marks) for code in codes.tolist()]
        return np.array(steps, dtype=np.float64)[at]

    def _half_step(self, code: int, marks: frozenset[str]) -> float:
        cell, mark = self._distinct[code], str(self._forms.mark[code])
        if not (isinstance(cell, str) and self._forms.is_number[code]) or self._forms.flag[code]:
            return self._read_marked(code, marks, "edge").half_step
        if not mark or mark not in cell or (self._forms.lone[code] and mark not in marks):
            return 0.5
        return float(0.5 * 10.0 ** -len(cell.rstrip(" %").rpartition(mark)[2]))

    def _split(self, code: int) -> Marked | None:
        """The number of a cell and what stands beside it; None where nothing does."""
        if self._bounds[code] or self._forms.flag[code]:
            return split_marks(self._distinct[code])
        return self._marks.get(code)

    def _from_around(self, elsewhere: frozenset[str], suggested: str) -> frozenset[str]:
        """Find the decimal mark of a column whose texts prove none; empty where it stays open.

        Whole numbers beside 1.234 make it look grouped: fractions come with other numbers of
        decimals. They prove it beside 9.870, as no program writes a zero at the end of some
        numbers and no decimals in others. A whole 12345 shows that digits are not grouped.
        """
        lone = set(map(str, self._distinct[self._forms.lone])) | {
            str(self._distinct[code]) for code, r in self._readings.items() if r and r.mark
        }
        if any("," in text for text in lone):
            return frozenset()
        wholes = list(map(str, self._distinct[self._forms.whole]))
        ungrouped = any(len(text.lstrip("-")) > _GROUP for text in wholes)
        numeric = any(type(cell) in (int, float) for cell in self._distinct)
        comma = "," in elsewhere or (suggested == "," and "." not in elsewhere)
        if comma:
            grouped = wholes and not ungrouped and any(text.endswith("0") for text in lone)
            return frozenset("," if grouped else "")
        if "." in elsewhere or ungrouped:
            return frozenset(".")
        return frozenset("." if suggested == "." and not wholes and not numeric else "")

    def _by_position(self, by_code: dict[int, T]) -> dict[int, T]:
        """Spread what holds for some distinct cells over the positions that have them."""
        if not by_code:
            return {}
        odd = np.flatnonzero(np.isin(self._codes, list(by_code)))
        return {int(position): by_code[int(self._codes[position])] for position in odd}


def _read_cell(cell: Any, marks: frozenset[str]) -> _Cell:
    """Read one cell, where ``marks`` are the decimal marks of its column."""
    if isinstance(cell, str):
        reading = _parse(cell)
        if reading is None:
            missing = is_missing(cell)
            return (
                _Cell(printed=cell.strip()) if missing else _Cell(fault=partial(_no_number, cell))
            )
        if reading.mark and len(marks) != 1:
            return _Cell(fault=partial(_unclear, cell, reading, marks))
        grouped = bool(reading.mark) and reading.mark not in marks
        plain = reading.as_grouped if grouped else reading.as_decimal
        value, percent = float(plain), reading.percent
    elif isinstance(cell, bool | np.bool_):
        return _Cell(fault=partial(_truth, cell))
    elif isinstance(cell, int | float | np.number | Decimal):
        try:
            value, percent = float(cell), isinstance(cell, Percent)
        except OverflowError:
            return _Cell(fault=partial(_no_number, f"{str(cell)[:20]}…"))
        plain = _plain(value)
    elif pd.isna(cell):
        return _Cell()
    else:
        return _Cell(fault=partial(_no_number, tidy(cell)))
    if math.isnan(value):
        return _Cell()
    if math.isinf(value):
        return _Cell(fault=partial(_no_number, tidy(cell)))
    return _Cell(value, percent, _half_step(plain))


def _numeric(values: Floats) -> Numbers:
    """Take a column of numeric cells as it is; infinity is no number to score."""
    infinite = np.flatnonzero(np.isinf(values))
    values = np.where(np.isinf(values), np.nan, values)
    return Numbers(
        values,
        np.zeros(len(values), dtype=np.bool_),
        {},
        {int(position): _no_number("infinity") for position in infinite},
        lambda positions: np.array([_half_step(_plain(values[at])) for at in positions.tolist()]),
    )


def _plain(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _half_step(plain: str) -> float:
    """Half a unit of the last digit of a number in plain form; of 0e9 as of 0."""
    number = Decimal(plain)
    place = int(number.as_tuple().exponent)
    return float(0.5 * 10.0 ** (place if number else min(place, 0)))


ALONE = mark(
    "Write the number alone; without data, leave the cell empty and say why in note; if there is "
    "none of it, write 0."
)


def _truth(cell: object) -> Fault:
    return msg("found {cell}; expected a number.", cell=cell), msg("Write 1 or 0.")


def _bound(cell: str) -> Fault:
    return msg("found '{cell}', which is a bound and no number.", cell=cell), msg(ASKED)


def _no_number(found: str) -> Fault:
    return msg("found '{shown}'; expected a number.", shown=found), msg(ALONE)


def _unclear(text: str, reading: _Reading, marks: frozenset[str]) -> Fault:
    why = msg("uses both ',' and '.' as decimal mark") if marks else msg("does not show which")
    whole, fraction = reading.as_decimal.split(".")
    return (
        msg(
            "found '{text}', which is {as_grouped} or {as_decimal}; the column {why}.",
            text=text.strip(),
            as_grouped=reading.as_grouped,
            as_decimal=in_message(reading.as_decimal),
            why=why,
        ),
        msg(
            "Write {as_grouped}, or {whole}{mark}{fraction}0 with a fourth decimal.",
            as_grouped=reading.as_grouped,
            whole=whole,
            mark=reading.mark,
            fraction=fraction,
        ),
    )
