"""Values of observations as they stand in cells: their units, words, formulas and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import Problem, did_you_mean, plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.coded import changed, coded, constant, spread, texts
from kpi_lib.io.cells.forms import Floats, with_digits
from kpi_lib.io.cells.marks import NOT_APPLICABLE_WORDS, has_digit, is_missing
from kpi_lib.io.cells.numbers import Fault, Numbers
from kpi_lib.io.cells.units import is_percent, spell, spelled
from kpi_lib.io.names import Names, tidy
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.io.vocabulary import vocabulary
from kpi_lib.locale.catalogue import either, message_language, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import in_language, numeral
from kpi_lib.methods.rules import words_of
from kpi_lib.observations.faults import at_fault, counted, rows_at_fault

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

AMOUNTS = ("value", "numerator", "denominator")

NOT_APPLICABLE = "not applicable"
"""What ``said`` holds where an indicator does not apply to a city."""

_WORDS = vocabulary(__package__)
_UNIT_LINE = re.compile(r"\(?(?:don vi(?: tinh)?|dvt|units?) ?: ?([^()]+)\)?")
_POINTS = frozenset(spell(word) for word in _WORDS["points"])
_EARNED = frozenset(spell(word) for word in _WORDS["points earned"])

# A published value may differ from what its numerator and denominator give by this share.
_TOLERANCE = 1e-6


@dataclass(frozen=True, repr=False)
class Known(Displayed):
    """What a framework lets the data name: its indicators and what they are divided by."""

    framework: Framework

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators by code, in the order of the framework."""
        return {indicator.code: indicator for indicator in self.framework.indicators}

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The denominators that indicators name."""
        named = [indicator.denominator for indicator in self.indicators.values()]
        return tuple(dict.fromkeys(name for name in named if name))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The columns of the cities by which missing values are estimated."""
        named = [step.parameters.get("group") for step in self.framework.treatment]
        return tuple(str(name) for name in named if name is not None)

    @cached_property
    def names(self) -> Names:
        """Codes, titles in both languages and aliases of indicators; names of quantities."""
        pairs = [(code, code) for code in self.indicators]
        for indicator in self.indicators.values():
            named = (*indicator.title.values(), *indicator.aliases)
            pairs += [(name, indicator.code) for name in named]
        return Names([*pairs, *((name, name) for name in self.quantities)])

    @cached_property
    def words(self) -> Mapping[str, Mapping[str, tuple[str, float]]]:
        """Of each indicator whose values are words: each, as it is compared, and its score."""
        methods = {c: self.framework.normalisation_of(one) for c, one in self.indicators.items()}
        return {
            code: {plain(word): (word, score) for word, score in words_of(method)}
            for code, method in methods.items()
            if method.name == "categories"
        }

    def units(self, code: str) -> tuple[str, ...]:
        """The unit of an indicator in each language; none where it has none."""
        if code not in self.indicators:
            return ()
        return tuple(dict.fromkeys(unit for unit in self.indicators[code].unit.values() if unit))

    def unit(self, code: str) -> str:
        """The unit of an indicator in the language of messages; '' where it has none."""
        leaf = self.indicators.get(code)
        return in_language(leaf.unit, message_language()) if leaf else ""


def percent_signs(
    sheet: Sheet, numbers: Numbers, codes: pd.Series[Any], known: Known, header: str
) -> list[Problem]:
    """Check that a percent sign stands only where the unit is a percentage."""
    problems: list[Problem] = []
    signed = np.flatnonzero(numbers.percent)
    if not signed.size:
        return problems
    for code, positions in pd.Series(signed).groupby(codes.iloc[signed].to_numpy(dtype=object)):
        unit = known.unit(str(code))
        if not any(map(is_percent, known.units(str(code)))):
            if unit:
                message = msg(
                    "found a percent sign; expected {code} in {unit}.", code=code, unit=unit
                )
            elif code:
                message = msg("found a percent sign; expected {code} without it.", code=code)
            else:
                message = msg("found a percent sign; expected a number without it.")
            fix = msg("Give the value in the expected unit, as a plain number.")
            problems.append(sheet.problem_at(positions, message, fix, header))
    return problems


def note_printed(frame: pd.DataFrame, printed: Mapping[int, str]) -> None:
    """Keep the text that stands for a missing value as its note, where there is none."""
    if not printed:
        return
    at = list(printed)
    own = frame["note"].iloc[at].to_numpy(dtype=object)
    both = [mine or text for mine, text in zip(own, printed.values(), strict=True)]
    frame["note"] = changed(frame["note"], at, both)


def wrong_units(sheet: Sheet, frame: pd.DataFrame, known: Known, header: str) -> list[Problem]:
    """Check that the unit of a row, where it says one, is that of its indicator."""
    units, said = coded(frame["unit"])
    codes, indicators = coded(frame["indicator"])
    pairs = units.astype(np.int64) * len(indicators) + codes
    distinct, first = np.unique(pairs, return_index=True)
    distinct = distinct[np.argsort(first)]

    def named(pair: int) -> tuple[str, str]:
        unit, code = divmod(pair, len(indicators))
        return str(said[unit]), str(indicators[code])

    given = spelled(map(str, said))
    points = _POINTS | _EARNED if known.framework.sums_points else frozenset[str]()
    own = [set(map(spell, known.units(str(code)))) for code in indicators]
    # Percentages of something are percentages, where the indicator does not say of what.
    shares = {one for one in given if one.startswith("%")}
    right = [{"", *of, *points, *(shares if "%" in of else ())} if of else None for of in own]
    parts = (of.tolist() for of in (distinct, *np.divmod(distinct, max(len(right), 1))))
    each = zip(*parts, strict=True)
    wrong = [pair for pair, unit, code in each if (of := right[code]) and given[unit] not in of]

    def fault_of(pair: int) -> Fault:
        unit, code = named(pair)
        wanted = either(f"'{one}'" for one in known.units(code))
        message = msg(
            "found the unit '{unit}'; expected {wanted} for {code}.",
            unit=unit,
            wanted=wanted,
            code=code,
        )
        return message, msg("Convert the value, or correct the unit.")

    at = np.full(len(sheet.rows), -1, dtype=np.int64)
    at[frame["position"].to_numpy()] = pairs
    return at_fault(sheet, at, wrong, fault_of, header)


def unit_above(sheet: Sheet, frame: pd.DataFrame, known: Known) -> Iterator[Problem]:
    """Warn where the unit that stands above a table is not that of its indicators."""
    codes = [str(code) for code in coded(frame["indicator"])[1] if code in known.indicators]
    for title in sheet.titles:
        stated = _UNIT_LINE.fullmatch(plain(title))
        for code in codes if stated else ():
            units = known.units(code)
            if stated is None or spell(stated[1]) in {spell(plain(unit)) for unit in units}:
                continue
            message = msg(
                "the table says that its unit is '{unit}'; expected {wanted} for {code}.",
                unit=stated[1],
                wanted=" or ".join(f"'{unit}'" for unit in units) or "none",
                code=code,
            )
            fix = msg("Check that values are in the unit of the framework.")
            yield replace(sheet.problem(message, fix), severity="warning")
            break  # one indicator tells it of the table


def compute(
    sheet: Sheet, frame: pd.DataFrame, known: Known, half_steps: Callable[[Ints], Floats]
) -> list[Problem]:
    """Compute values by the indicators' formulas, in place; a value given must agree.

    Points that are earned do not follow from numerator and denominator, and stay.
    """
    formulas = {code: one.formula for code, one in known.indicators.items() if one.formula}
    factor = {code: float(f.multiplier) for code, f in formulas.items()}
    multiplier = spread(frame["indicator"], lambda code: factor.get(code, np.nan))
    ratios = {code for code, formula in formulas.items() if formula.denominator is not None}
    is_ratio = frame["indicator"].isin(ratios).to_numpy()
    value, above, below = (frame[name].to_numpy(dtype=np.float64, copy=True) for name in AMOUNTS)
    has_above, has_below = ~np.isnan(above), ~np.isnan(below)
    points = in_points(frame, known)
    found = (frame["indicator"] != "").to_numpy()
    no_formula = found & np.isnan(multiplier) & (has_above | has_below) & np.isnan(value)
    not_ratio = found & ~np.isnan(multiplier) & ~is_ratio & has_below
    # Nothing to count among nothing: the indicator does not apply.
    nothing = is_ratio & (below == 0) & (above == 0)
    zero = is_ratio & (below == 0) & ~nothing
    problems = _contradicted(sheet, frame, above, below, nothing)
    no_points = points & ~np.isnan(multiplier) & (has_above | has_below) & np.isnan(value)
    problems += _unfit(sheet, frame, no_formula, not_ratio, zero, no_points & ~nothing)
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = multiplier * above / np.where(is_ratio, below, 1.0)
    computed[zero | not_ratio | nothing | points] = np.nan
    far = np.flatnonzero(np.abs(computed - value) > _TOLERANCE * np.abs(computed))
    far = far[np.abs(computed - value)[far] > half_steps(far) * (1 + _TOLERANCE)]

    def differs(i: int) -> Problem:
        message = msg(
            "found {value} for {indicator}, but its numerator and denominator give {computed}.",
            value=numeral(value[i]),
            indicator=frame["indicator"][i],
            computed=numeral(computed[i]),
        )
        fix = msg("Correct one of the three, or leave the value empty to have it computed.")
        return sheet.problem_at([i], message, fix, str(frame["column"][i]))

    more = msg("{n} more values differ from what their parts give.")
    problems += counted(map(differs, far.tolist()), more, len(far))
    frame["value"] = np.where(np.isnan(computed) & ~nothing, value, computed)
    _write(frame, nothing, "said", NOT_APPLICABLE)
    alone = is_ratio & has_above & ~has_below & np.isnan(value) & (frame["note"] == "").to_numpy()
    _write(frame, alone, "note", "no denominator")
    return problems


def _unfit(
    sheet: Sheet,
    frame: pd.DataFrame,
    no_formula: Bools,
    not_ratio: Bools,
    zero: Bools,
    no_points: Bools,
) -> Iterator[Problem]:
    """Name the rows whose numerator and denominator are not those of their indicator."""
    for wrong, column, message, fix in (
        (
            no_formula,
            "numerator",
            msg("the framework has no formula for {}."),
            msg("Give its value."),
        ),
        (
            not_ratio,
            "denominator",
            msg("the formula of {} has no denominator."),
            msg("Leave it empty."),
        ),
        (
            zero,
            "denominator",
            msg("found 0; expected a denominator of {} other than 0."),
            msg("If there is nothing to count, write 'not applicable' as the value."),
        ),
        (
            no_points,
            "value",
            msg("the unit of {} says that points are given, but there are none."),
            msg("Give the points, or clear the unit to have the value computed."),
        ),
    ):
        for code, rows in frame[wrong].groupby("indicator", sort=False, observed=True):
            yield sheet.problem_at(rows["position"], message.format(code), fix, column)


def _write(frame: pd.DataFrame, rows: Bools, column: str, text: str) -> None:
    """Write a text into a column of texts, in place."""
    if rows.any():
        frame[column] = changed(frame[column], rows, text)


def _contradicted(
    sheet: Sheet, frame: pd.DataFrame, above: Floats, below: Floats, nothing: Bools
) -> list[Problem]:
    """Find values beside 0 of 0, and numbers beside the word that nothing is to be counted."""
    value = frame["value"].to_numpy(dtype=np.float64)
    absent = (frame["said"] == NOT_APPLICABLE).to_numpy()
    given = nothing & ~np.isnan(value)
    counted = absent & ~nothing & (~np.isnan(above) | ~np.isnan(below))
    fix = msg("Correct the numbers, or leave only those that are right.")

    def fault_of(i: int) -> Fault:
        code = frame["indicator"].iloc[i]
        parts = " / ".join("–" if np.isnan(x[i]) else numeral(x[i]) for x in (above, below))
        message = (
            msg(
                "found {value} for {code}, but 0 of 0 says that it does not apply.",
                value=numeral(value[i]),
                code=code,
            )
            if given[i]
            else msg(
                "found '{said}' for {code}, but its numerator and denominator are {parts}.",
                said=NOT_APPLICABLE,
                code=code,
                parts=parts,
            )
        )
        return message, fix

    rows = np.flatnonzero(given | counted)
    return rows_at_fault(sheet, rows, fault_of, str(frame["column"].iloc[0])) if rows.size else []


def in_points(frame: pd.DataFrame, known: Known) -> Bools:
    """Say which rows give the points that are earned, not a value in the indicator's unit.

    Only where the framework sums points, by the unit of the row. Where values are in points as
    well, such as those of a survey, the unit must say that they are earned.
    """
    if not known.framework.sums_points:
        return np.zeros(len(frame), dtype=np.bool_)
    spelled = {unit: spell(str(unit)) for unit in frame["unit"].unique()}
    meant, earned = (
        frame["unit"].isin([unit for unit, text in spelled.items() if text in words])
        for words in (_POINTS, _EARNED)
    )
    own = [code for code in known.indicators if _measured_in_points(code, known)]
    return (meant & ~frame["indicator"].isin(own) | earned).to_numpy(dtype=np.bool_)


def _measured_in_points(code: str, known: Known) -> bool:
    return any(spell(unit) in _POINTS for unit in known.units(code))


def unit_of_points(code: str, known: Known) -> str:
    """The unit that says of a row of an indicator that it gives the points that are earned."""
    key = "points earned" if _measured_in_points(code, known) else "points"
    return str(_WORDS[key][0])


def words_in(
    sheet: Sheet,
    cells: pd.Series[Any],
    frame: pd.DataFrame,
    known: Known,
    header: str,
    problems: list[Problem],
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Read the words of a column of values: categories, and what says "not applicable".

    Gives the cells with the score of its category in place of a word, and what was said: the
    word as the framework spells it, :data:`NOT_APPLICABLE`, or '' for a plain value.
    """
    if pd.api.types.is_numeric_dtype(cells) and not known.words:
        return cells, constant("", len(cells))
    codes, distinct = coded(cells)
    digits = any(map(has_digit, chain(NOT_APPLICABLE_WORDS, *known.words.values())))
    texts_of = _compared(distinct, digits)
    absent = np.array([text in NOT_APPLICABLE_WORDS for text in texts_of], dtype=np.bool_)
    if not absent.any() and not known.words:
        return cells, constant("", len(cells))
    said = np.full(len(cells), "", dtype=object)
    given = cells.to_numpy(dtype=object, copy=True)
    said[absent[codes]], given[absent[codes]] = NOT_APPLICABLE, None
    points = in_points(frame, known)
    for code, words in known.words.items():
        rows = (frame["indicator"] == code).to_numpy() & ~points & (said == "")
        own = np.where(rows, codes, -1)
        met = np.unique(own[rows]).tolist()
        fits = [at for at in met if texts_of[at] in words]
        for at in fits:  # as many as the framework has words
            said[own == at], given[own == at] = words[texts_of[at]]
        listed = [word for word, _ in words.values()]

        def fault_of(
            at: int, code: str = code, listed: Sequence[str] = listed, words: Any = words
        ) -> Fault:
            found = tidy(distinct[at])
            message = msg(
                "found '{found}' for {code}; expected one of {listed}.",
                found=found,
                code=code,
                listed=", ".join(listed),
            )
            several = [plain(part) in words for part in re.split("[,;/]", found)]
            if len(several) > 1 and all(several):
                return message, msg("One answer is asked: write one of them.")
            return message, did_you_mean(found, listed)

        unread = [
            at for at in met if at not in set(fits) and not is_missing(tidy(distinct[at]), True)
        ]
        problems += at_fault(sheet, own, unread, fault_of, header)
        given[np.isin(own, unread)] = None
    return pd.Series(given, dtype=object), texts(*pd.factorize(said))


def _compared(cells: npt.NDArray[np.object_], digits: bool) -> list[Any]:
    """Cells as words are compared; one with digits is none of words that have no ``digits``."""
    folded: list[Any] = cells.tolist()
    for at in range(len(cells)) if digits else np.flatnonzero(~with_digits(cells)).tolist():
        folded[at] = plain(tidy(cells[at]))
    return folded
