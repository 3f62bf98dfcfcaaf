"""Numbers as people write them: 1.234,5 in Vietnamese, 1,234.5 in English.

A text such as 1,234 may be 1234 or 1.234. It is read by what the other values of its
column prove, and is an error where they prove nothing; see :meth:`Column.read`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import plain
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed

Floats = npt.NDArray[np.float64]
Cells: TypeAlias = "Sequence[Any] | pd.Series[Any]"
Fault = tuple[str, str]
"""What was found and expected, and what to do."""

T = TypeVar("T")

# Spaces of every width group digits as well as the plain one; marks of direction and of
# zero width come along when text is copied from a page and are nothing.
_CLEAN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2008\u2009\u200a\u202f\t\r\n", " "),
        **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", ""),
        "\u2212": "-",
    }
)

_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)[ ]?
    (?: (?P<grouped>[1-9][0-9]{0,2} (?P<group>[., ])[0-9]{3} (?:(?P=group)[0-9]{3})*)
      | (?P<whole>[0-9]*) )
    (?: (?P<mark>[.,]) (?P<fraction>[0-9]+) )?
    (?P<exponent>[eE][+-]?[0-9]{1,3})?
    (?P<percent>[ ]?%)?""",
    re.VERBOSE,
)

_MISSING = frozenset(("", *vocabulary(__package__)["missing"]))
_ABSENT = _MISSING.union(vocabulary(__package__)["none"])

NOT_APPLICABLE_WORDS = frozenset(plain(text) for text in vocabulary(__package__)["not applicable"])
"""What stands in place of a value where an indicator does not apply, as names are compared."""

_GROUP = 3
"""Digits between two marks that group them."""

_OTHER = {".": ",", ",": "."}


class Percent(float):
    """A number of per cent from a cell that a spreadsheet shows with a percent sign."""


@dataclass(frozen=True)
class _Reading:
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
    fault: Fault | None = None


@dataclass(frozen=True, repr=False)
class Numbers(Displayed):
    """What a column of ``n`` cells says.

    ``values``: shape ``(n,)``, NaN where missing or at fault; ``percent``: shape ``(n,)``,
    whether a percent sign was written; ``printed``: the text that stands for a missing
    value, by position; ``faults``: by position; ``half_step``: of a position that has a
    value, half a unit of the last digit that was written (0.05 for 97.5, 0.5 for 97).
    """

    values: Floats
    percent: npt.NDArray[np.bool_]
    printed: dict[int, str]
    faults: dict[int, Fault]
    half_step: Callable[[int], float]


def is_missing(text: str) -> bool:
    """Say whether a text such as '-', 'n/a' or 'no data' stands for "there is no value"."""
    return _folded(text) in _ABSENT


def is_no_answer(text: str) -> bool:
    """Say whether a text can only mean a missing value; "none" may be an answer as well."""
    return _folded(text) in _MISSING


def _folded(text: str) -> str:
    tidy = " ".join(unicodedata.normalize("NFC", text.translate(_CLEAN)).split())
    return tidy.casefold()


def says_not_applicable(text: str) -> bool:
    """Whether a text says, in place of a value, that an indicator does not apply."""
    return plain(text) in NOT_APPLICABLE_WORDS


@lru_cache(maxsize=200_000)
def _parse(text: str) -> _Reading | None:
    """Read a text on its own; None where it is no number."""
    found = _NUMBER.fullmatch(text.translate(_CLEAN).strip())
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

    def __init__(self, cells: Cells) -> None:
        """Take cells as they were read: numbers, texts, dates, None."""
        series = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
        self._numeric: Floats | None = None
        self._distinct = np.empty(0, dtype=object)
        kinds = pd.api.types
        if kinds.is_numeric_dtype(series) and not kinds.is_bool_dtype(series):
            self._numeric = series.to_numpy(dtype=np.float64, na_value=np.nan)
        elif kinds.infer_dtype(series, skipna=False) == "string":
            self._codes, self._distinct = pd.factorize(
                series.to_numpy(dtype=object), use_na_sentinel=False
            )
        else:
            # Equal cells of two types differ: True is not 1, Percent(5) is not 5.
            typed = _objects([(type(cell), cell) for cell in series.astype(object)])
            self._codes, distinct = pd.factorize(typed)
            self._distinct = _objects([cell for _, cell in distinct])
        self._machine, self._machine_unclear = _machine_form(self._distinct)
        self._readings = {
            code: _parse(self._distinct[code])
            for code in np.flatnonzero(~self._machine)
            if isinstance(self._distinct[code], str)
        }

    @property
    def decimal_marks(self) -> frozenset[str]:
        """The decimal marks, '.' or ',' or both, that texts of the column prove."""
        marks = {r.proves for r in self._readings.values() if r is not None and r.proves}
        clear = self._distinct[self._machine & ~self._machine_unclear]
        return frozenset(marks | {"." for cell in clear if isinstance(cell, str) and "." in cell})

    def read(self, elsewhere: frozenset[str] = frozenset(), suggested: str = ".") -> Numbers:
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
        """
        if self._numeric is not None:
            return _numeric(self._numeric)
        marks = self.decimal_marks or self._from_around(elsewhere, suggested)
        easy = self._machine & ~(self._machine_unclear & (marks != {"."}))
        values = np.full(len(self._distinct), np.nan)
        values[easy] = self._distinct[easy].astype(np.float64)
        percent = np.zeros(len(self._distinct), dtype=np.bool_)
        said: dict[int, str] = {}
        faults: dict[int, Fault] = {}
        for code in np.flatnonzero(~easy | np.isinf(values)):
            one = _read_cell(self._distinct[code], marks)
            values[code], percent[code] = one.value, one.percent
            if one.printed:
                said[int(code)] = one.printed
            if one.fault:
                faults[int(code)] = one.fault
        return Numbers(
            values[self._codes],
            percent[self._codes],
            self._by_position(said),
            self._by_position(faults),
            lambda position: _read_cell(self._distinct[self._codes[position]], marks).half_step,
        )

    def _from_around(self, elsewhere: frozenset[str], suggested: str) -> frozenset[str]:
        """Find the decimal mark of a column whose texts prove none; empty where it stays open.

        Whole numbers beside 1.234 make it look grouped: fractions come with other numbers of
        decimals. They prove it beside 9.870, as no program writes a zero at the end of some
        numbers and no decimals in others. A whole 12345 shows that digits are not grouped.
        """
        lone = {str(self._distinct[code]) for code in np.flatnonzero(self._machine_unclear)} | {
            str(self._distinct[code]) for code, r in self._readings.items() if r and r.mark
        }
        if any("," in text for text in lone):
            return frozenset()
        wholes = [
            str(cell)
            for cell in self._distinct[self._machine & ~self._machine_unclear]
            if isinstance(cell, str)
        ]
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
        odd = np.flatnonzero(np.isin(self._codes, list(by_code)))
        return {int(position): by_code[int(self._codes[position])] for position in odd}


def _objects(cells: list[Any]) -> npt.NDArray[np.object_]:
    """Make an array of any objects, tuples too, without looking into them."""
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def _machine_form(
    cells: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Say which cells convert as they are, and which of these a reader may take otherwise.

    These are numeric cells and texts of plain digits with at most one point: nearly all
    cells there are, so only the rest is read one by one.
    """
    texts = pd.Series(
        [cell if isinstance(cell, str) else "" for cell in cells], dtype="string[pyarrow]"
    )
    machine = texts.str.fullmatch(r"-?[0-9]+(\.[0-9]+)?").to_numpy(dtype=np.bool_)
    unclear = texts.str.fullmatch(r"-?[1-9][0-9]{0,2}\.[0-9]{3}").to_numpy(dtype=np.bool_)
    numeric = np.array([_fits_a_float(cell) for cell in cells], dtype=np.bool_)
    return machine | numeric, unclear


def _fits_a_float(cell: Any) -> bool:
    """Say whether a cell is a number that a float holds; a whole number may have any length."""
    if type(cell) is int:
        return abs(cell) <= sys.float_info.max
    return type(cell) is float


def _read_cell(cell: Any, marks: frozenset[str]) -> _Cell:
    """Read one cell, where ``marks`` are the decimal marks of its column."""
    if isinstance(cell, str):
        reading = _parse(cell)
        if reading is None:
            missing = is_missing(cell)
            return _Cell(printed=cell.strip()) if missing else _Cell(fault=_no_number(cell))
        if reading.mark and len(marks) != 1:
            return _Cell(fault=_unclear(cell, reading, marks))
        grouped = bool(reading.mark) and reading.mark not in marks
        plain = reading.as_grouped if grouped else reading.as_decimal
        value, percent = float(plain), reading.percent
    elif isinstance(cell, bool | np.bool_):
        return _Cell(
            fault=(msg("found {cell}; expected a number.", cell=cell), msg("Write 1 or 0."))
        )
    elif isinstance(cell, int | float | np.number | Decimal):
        try:
            value, percent = float(cell), isinstance(cell, Percent)
        except OverflowError:
            return _Cell(fault=_no_number(f"{str(cell)[:20]}…"))
        plain = repr(value).removesuffix(".0")
    elif pd.isna(cell):
        return _Cell()
    else:
        return _Cell(fault=_no_number(str(cell)))
    if np.isnan(value):
        return _Cell()
    if np.isinf(value):
        return _Cell(fault=_no_number(str(cell)))
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
        lambda position: _half_step(repr(float(values[position])).removesuffix(".0")),
    )


def _half_step(plain: str) -> float:
    """Half a unit of the last digit of a number in plain form."""
    return 0.5 * 10.0 ** int(Decimal(plain).as_tuple().exponent)


def _no_number(found: str) -> Fault:
    shown = found if len(found) <= 60 else found[:57] + "…"
    return (
        msg("found '{shown}'; expected a number.", shown=shown),
        msg("Write the number alone; leave the cell empty if there is none and say why in note."),
    )


def _unclear(text: str, reading: _Reading, marks: frozenset[str]) -> Fault:
    why = msg("uses both ',' and '.' as decimal mark") if marks else msg("does not show which")
    whole, fraction = reading.as_decimal.split(".")
    return (
        msg(
            "found '{text}', which is {as_grouped} or {as_decimal}; the column {why}.",
            text=text.strip(),
            as_grouped=reading.as_grouped,
            as_decimal=reading.as_decimal,
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
