"""Numbers told by their letters, for all the different cells of a column at once."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kpi_lib.io.cells.coded import objects
from kpi_lib.io.cells.marks import BEHIND, LONGEST

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# Letters that stand in no number, and those without which nothing stands beside one.
_NO_NUMBER = r"[^0-9+\-., eE%\x00-\x20\x7f-\x{10ffff}]"
_BESIDE = r"[<>*) \x00-\x20\x7f-\x{10ffff}]"
_UNUSUAL = r"[^0-9.-]|\..*\."

_GROUPED = "^[+-]?[1-9][0-9]{0,2}"
_PERCENT = r" ?%\z"
_END = r"(?: ?%)?\z"
_WRITTEN = (
    # a form, the letters that group its digits, and the decimal mark that it shows
    (rf"^[+-]?[0-9]+{_END}", "", ""),
    (rf"^[+-]?[0-9]+\.[0-9]+{_END}", "", "."),
    (rf"^[+-]?[0-9]+,[0-9]+{_END}", "", ","),
    (rf"{_GROUPED}(?:,[0-9]{{3}})+\.[0-9]+{_END}", ",", "."),
    (rf"{_GROUPED}(?:,[0-9]{{3}}){{2,}}{_END}", ",", "."),
    (rf"{_GROUPED}(?:\.[0-9]{{3}})+,[0-9]+{_END}", ".", ","),
    (rf"{_GROUPED}(?:\.[0-9]{{3}}){{2,}}{_END}", ".", ","),
    (rf"{_GROUPED}(?: [0-9]{{3}})+{_END}", " ", ""),
    (rf"{_GROUPED}(?: [0-9]{{3}})+\.[0-9]+{_END}", " ", "."),
    (rf"{_GROUPED}(?: [0-9]{{3}})+,[0-9]+{_END}", " ", ","),
)
_PLAIN = 2  # so many of them, the first ones, have nothing to be taken out
_LONE = rf"{_GROUPED}[.,][0-9]{{3}}{_END}"


class Forms(NamedTuple):
    """What the letters of distinct cells say of them, so that few are read one by one.

    ``number``: numeric cells and texts that are one number in a usual form, NaN for all others,
    of which ``is_number`` is false; ``percent``: those of them with a percent sign; ``mark``: the
    decimal mark of these texts, '' where none shows; ``grouped``: the number of a text such as
    1,234 if its lone mark groups digits, NaN for all others; ``whole``: texts of digits alone;
    ``no_number``: texts with letters of no number; ``beside``: texts with letters that stand
    beside one; ``bound``: such as <0.1, a clear number behind the sign of a bound; ``flag``: what
    stands behind a number, which is read without it.
    """

    number: Floats
    is_number: Bools
    percent: Bools
    mark: npt.NDArray[np.str_]
    grouped: Floats
    whole: Bools
    no_number: Bools
    beside: Bools
    bound: Bools
    flag: npt.NDArray[np.object_]

    @property
    def lone(self) -> Bools:
        """Which texts have one mark before three digits: it is a decimal mark, or groups them."""
        return ~np.isnan(self.grouped)


def forms_of(cells: npt.NDArray[np.object_], flagged: bool = False) -> Forms:
    """Read what can be read of distinct cells by their letters; they may be ``flagged``."""
    said = pa.array([cell if isinstance(cell, str) else "" for cell in cells], pa.large_string())
    n = len(said)
    is_number = np.array([_fits_a_float(cell) for cell in cells], dtype=np.bool_)
    number, grouped, mark = np.full(n, np.nan), np.full(n, np.nan), np.full(n, "", dtype="U1")
    number[is_number] = cells[is_number].astype(np.float64)
    odd = _matches(said, _UNUSUAL).any()  # else the texts are plain ones
    for form, groups, decimal in _WRITTEN if odd else _WRITTEN[:_PLAIN]:
        found = _matches(said, form)
        if found.any():
            number[found] = _floats(said.filter(pa.array(found)), groups, decimal)
            mark[found] = decimal
            is_number |= found
    lone = _matches(said, _LONE)
    for decimal in np.unique(mark[lone]).tolist():
        own = lone & (mark == decimal)
        grouped[own] = _floats(said.filter(pa.array(own)), decimal, "")
    nowhere = np.zeros(n, dtype=np.bool_)
    no_number, beside, percent = (
        _matches(said, form) if odd else nowhere for form in (_NO_NUMBER, _BESIDE, _PERCENT)
    )
    bound = _matches(said, r"^[<>]=? ?[0-9]{1,15}(\.[0-9]{1,15})?\z") if odd else nowhere
    bound = bound & ~_matches(said, r"^[<>]=? ?[1-9][0-9]{0,2}\.[0-9]{3}\z")
    whole = _matches(said, r"^-?[0-9]+\z")
    forms = Forms(
        *(number, is_number, percent & is_number, mark, grouped),
        *(whole, no_number, beside, bound, np.full(n, "", dtype=object)),
    )
    if flagged:
        _without_flags(said, forms)
    return forms


def _without_flags(said: pa.LargeStringArray, forms: Forms) -> None:
    """Read the numbers that have a flag behind them, in place."""
    at = np.flatnonzero(forms.beside & ~forms.is_number)
    texts = said.take(pa.array(at)) if at.size else said[:0]
    kept = pc.less_equal(pc.utf8_length(texts), LONGEST)
    bare = pc.replace_substring_regex(texts.filter(kept), BEHIND, "")
    texts, at = texts.filter(kept).to_pylist(), at[kept.to_numpy(zero_copy_only=False)]
    numbers = bare.to_pylist()
    read = forms_of(objects(numbers))
    flags = objects(text[len(own) :].strip(" ()") for text, own in zip(texts, numbers, strict=True))
    own = read.is_number & (flags != "")
    for mine, theirs in zip(forms[:5], read[:5], strict=True):
        mine[at[own]] = theirs[own]
    forms.flag[at[own]] = flags[own]


def with_digits(cells: npt.NDArray[np.object_]) -> Bools:
    """Which cells are numbers, or texts that have a digit."""
    said = pa.array([cell if isinstance(cell, str) else "" for cell in cells], pa.large_string())
    numeric = np.array([_fits_a_float(cell) for cell in cells], dtype=np.bool_)
    return np.logical_or(_matches(said, "[0-9]"), numeric)


def _matches(texts: pa.LargeStringArray, form: str) -> Bools:
    found: Bools = pc.match_substring_regex(texts, form).to_numpy(zero_copy_only=False)
    return found


def _floats(texts: pa.LargeStringArray, groups: str, decimal: str) -> Floats:
    """Read numbers in one form, without what groups their digits."""
    texts = pc.replace_substring_regex(texts, r"[ %]", "")
    if groups.strip():
        texts = pc.replace_substring(texts, groups, "")
    if decimal == ",":
        texts = pc.replace_substring(texts, ",", ".")
    return np.asarray(texts.to_numpy(zero_copy_only=False), dtype=np.float64)


def _fits_a_float(cell: Any) -> bool:
    """Say whether a cell is a number that a float holds; a whole number may have any length."""
    if type(cell) is int:
        return abs(cell) <= sys.float_info.max
    return type(cell) is float
