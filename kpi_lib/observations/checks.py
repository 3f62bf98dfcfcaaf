"""What is possible but unlikely in observations: warnings, never errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.coded import coded, key_of, order_of, spans, take
from kpi_lib.io.cells.forms import Floats
from kpi_lib.io.cells.numbers import MOST_NAMED
from kpi_lib.io.cells.periods import kind, year_of
from kpi_lib.io.cells.units import spell
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import date_name, numeral
from kpi_lib.methods.rules import direction_of, numbers_in
from kpi_lib.observations.agreement import PlaceOf
from kpi_lib.observations.cities import DATES, Dates, dates_of, existing
from kpi_lib.observations.faults import counted
from kpi_lib.observations.magnitudes import beyond_goalposts
from kpi_lib.observations.ruleless import without_points
from kpi_lib.observations.values import AMOUNTS

# A change between two periods is a jump if it passes this share of the distance between the
# goalposts; without goalposts, this robust z-score (0.6745 times the distance from the median
# change in median absolute deviations; Iglewicz and Hoaglin, 1993, who call 3.5 an outlier:
# changes have long tails, and a warning must be worth reading), from enough changes to judge.
JUMP_SHARE = 0.5
JUMP_Z = 10.0
JUMP_CHANGES = 30
# A zero is suspicious between two values that are this far from it, as a share of the distance
# between the goalposts or else of the indicator's median size.
ZERO_SHARE = 0.05
# Shares of a whole may miss 100 % by this much through rounding.
SHARES_MARGIN = 2.0
# Values of a percentage that never pass 1 look like fractions, if there are enough to tell; one
# stands out where all others are above the second, or else where the best, by the goalposts or the
# rule, is above the third.
FRACTION_VALUES = 5
FAR_FROM_FRACTION = 10.0
LARGE_PERCENTAGE = 50.0

_NAMED = 10
_LOOKED_AT = ["city", "period", "indicator", *AMOUNTS, "unit", "file", "sheet", "row", "column"]


def implausible(
    rows: pd.DataFrame,
    cities: pd.DataFrame,
    framework: Framework,
    place_of: PlaceOf,
    errors: Sequence[Problem] = (),
) -> list[Problem]:
    """Give warnings on observations.

    ``rows`` are one for each city, period and indicator, with ``value``, ``file``, ``sheet``,
    ``row`` and ``column``; ``cities`` is the table of cities; ``place_of`` names the place
    of file, sheet, column and row as people know the sheet. Values that are among the ``errors``
    are compared with none; where there are any, nothing is said of what is absent.
    """
    cities = cities.drop_duplicates("city")  # which is an error of its own
    reported = set(coded(rows["city"])[1])
    there = rows["value"].notna().to_numpy() & ~at_fault(rows, errors)
    if not there.all():
        rows = take(rows[_LOOKED_AT], there)
    found = chain(
        _jumps_and_zeros(rows, framework),
        _fractions(rows, framework),
        beyond_goalposts(rows, framework),
        _shares(rows, framework),
        [] if errors else without_points(rows, framework),
        [] if errors else _without_data(rows, cities, reported),
        _out_of_time(rows, cities),
    )
    return [
        replace(one, **place_of(one.file, one.sheet, one.column, one.row)) if one.row else one
        for one in found
    ]


def at_fault(rows: pd.DataFrame, errors: Sequence[Problem]) -> npt.NDArray[np.bool_]:
    """Which rows have a value that is named by an error, or stands in a line that is."""
    wrong = np.zeros(len(rows), dtype=np.bool_)
    for (file, sheet), own in groupby(sorted(errors, key=_sheet_of), _sheet_of):
        here = np.flatnonzero((rows["file"] == file) & (rows["sheet"] == sheet))
        lines, columns = rows["row"].to_numpy()[here], rows["column"].to_numpy()[here]
        order = np.argsort(lines, kind="stable")
        in_order = lines[order]
        for error in own:
            named = np.array((error.row or 0, *error.also))
            starts, ends = (np.searchsorted(in_order, named, side) for side in ("left", "right"))
            same = order[spans(starts, ends)]
            one_value = same[columns[same] == error.column]
            wrong[here[one_value if one_value.size else same]] = True
    return wrong


def _sheet_of(problem: Problem) -> tuple[str, str]:
    return problem.file, problem.sheet


def _warning(row: pd.Series[Any], message: str, fix: str) -> Problem:
    return Problem(
        message, fix, row["file"], row["sheet"], int(row["row"]), row["column"], "warning"
    )


def _jumps_and_zeros(rows: pd.DataFrame, framework: Framework) -> Iterator[Problem]:
    """Compare each value with the one before and after it, in periods of one kind."""
    goalposts = {i.code: i.goalposts for i in framework.indicators if i.goalposts}
    spans = {code: abs(high - low) for code, (low, high) in goalposts.items()}
    if rows.empty:
        return
    codes, distinct = coded(rows["period"])
    periods = [str(period) for period in distinct]
    in_order = sorted(range(len(periods)), key=lambda at: (kind(periods[at]), periods[at]))
    place = np.empty(len(periods), dtype=np.int64)
    place[in_order] = np.arange(len(periods))
    names = np.array([kind(periods[at]) for at in in_order])
    first = np.searchsorted(names, names)  # place of the first period of the same kind
    key = key_of(rows, ["indicator", "city"])
    key *= len(periods)
    key += place[codes]
    order = order_of(key)
    value = rows["value"].to_numpy(dtype=np.float64)
    of, indicators = coded(rows["indicator"])
    starts = np.flatnonzero(np.diff(of[order], prepend=-1)).tolist()
    zeros: list[tuple[int, float, float]] = []
    jumps: list[tuple[int, float]] = []
    n_jumps = 0
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        at = order[start:end]
        own, span = value[at], spans.get(str(indicators[of[at[0]]]), 0.0)
        series, when = np.divmod(key[at], len(periods))
        series = series * len(periods) + first[when]
        follows = np.r_[False, series[1:] == series[:-1]]
        before, after = np.full((2, len(own)), np.nan)
        before[1:][follows[1:]] = own[:-1][follows[1:]]
        after[:-1][follows[1:]] = own[1:][follows[1:]]
        size = np.abs(own[own != 0])
        far = ZERO_SHARE * (span or (np.median(size) if len(size) else 0.0))
        lonely = (own == 0) & (np.abs(before) > far) & (np.abs(after) > far)
        jump = _jumps(own - before, span) & ~lonely
        jump[1:] &= ~(lonely[:-1] & follows[1:])
        zeros += zip(at[lonely], before[lonely], after[lonely], strict=True)
        n_jumps += int(jump.sum())
        jumps += zip(at[jump][:MOST_NAMED], before[jump][:MOST_NAMED], strict=True)
    more = msg("{n} more values are 0 between two that are far from it.")
    found = (_zero(rows.iloc[at], before, after) for at, before, after in zeros)
    yield from counted(found, more, len(zeros))
    more = msg("{n} more values are far from the one before.")
    found = (_jump(rows.iloc[at], before) for at, before in jumps)
    yield from counted(found, more, n_jumps)


def _zero(row: pd.Series[Any], before: float, after: float) -> Problem:
    return _warning(
        row,
        msg(
            "{code} of {city} is 0 in {period}, between {before} and {after}.",
            code=row["indicator"],
            city=row["city"],
            period=row["period"],
            before=numeral(before, 6),
            after=numeral(after, 6),
        ),
        msg("If there is no value, leave it empty and say why in note."),
    )


def _jump(row: pd.Series[Any], before: float) -> Problem:
    return _warning(
        row,
        msg(
            "{code} of {city} goes from {before} to {value} in {period}.",
            code=row["indicator"],
            city=row["city"],
            before=numeral(before, 6),
            value=numeral(row["value"], 6),
            period=row["period"],
        ),
        msg("Check the value, its unit and its decimal mark."),
    )


def _jumps(change: Floats, span: float) -> npt.NDArray[np.bool_]:
    """Say which changes are jumps, by the goalposts' distance ``span`` or else by the others."""
    if span:
        return np.abs(change) > JUMP_SHARE * span
    none = np.zeros(len(change), dtype=np.bool_)
    known = change[~np.isnan(change)]
    if len(known) < JUMP_CHANGES:
        return none
    away = np.abs(change - np.median(known))
    spread = np.median(away[~np.isnan(away)])
    return 0.6745 * away > JUMP_Z * spread if spread > 0 else none


def _fractions(rows: pd.DataFrame, framework: Framework) -> Iterator[Problem]:
    """Find percentages that look like fractions.

    An indicator with enough values decides by them: all are at most 1, or all others are far
    above. Else the percentages that a city gives together in one sheet do, all at most 1; and a
    single one is asked where the indicator's goalposts or rule are far above it.
    """
    known = {i.code: i for i in framework.indicators if _in_percent(i)}
    value = rows["value"].to_numpy(dtype=np.float64)
    small = (np.abs(value) <= 1) & (value != 0)
    codes, names = coded(rows["indicator"])
    having = names[np.unique(codes[small])] if len(rows) else names
    asked = [str(code) for code in having if code in known]
    if not asked:
        return
    shares = rows[rows["indicator"].isin(asked) & (value != 0)]
    shares = shares.assign(small=small[shares.index])
    shares = shares.iloc[np.argsort(key_of(shares, ["indicator", "city", "period"]), kind="stable")]
    open_ = []
    for code, own in shares.groupby("indicator", sort=False, observed=True):
        small, others = own[own["small"]], own.loc[~own["small"], "value"].abs()
        if len(own) < FRACTION_VALUES:
            open_.append(own)
        elif others.empty:
            yield _warning(
                own.iloc[0],
                msg(
                    "all {n} values of {code} are at most 1, but its unit is %.",
                    n=len(own),
                    code=code,
                ),
                msg("If they are fractions, give them in per cent: 97.5, not 0.975."),
            )
        elif len(others) >= FRACTION_VALUES and others.min() >= FAR_FROM_FRACTION:
            more = msg("{n} more values of percentages are under 1 where the others are not.")
            least = msg("the other values are {least} or more", least=numeral(others.min(), 6))
            found = (_fraction(row, least) for _, row in small.iterrows())
            yield from counted(found, more, len(small))
    if not open_:
        return
    typed = pd.concat(open_)
    typed = typed.assign(most=typed.groupby("indicator", observed=True)["value"].transform("max"))
    typed = typed[typed["numerator"].isna() | typed["denominator"].isna()]  # not computed
    for _, together in typed.groupby(
        ["file", "sheet", "city", "period"], sort=False, observed=True
    ):
        small = together[together["small"]]
        if len(small) == len(together) > 1:
            yield _warning(
                small.iloc[0],
                msg(
                    "all {n} percentages that are given here are at most 1: {codes}.",
                    n=len(small),
                    codes=", ".join(small["indicator"].head(_NAMED)),
                ),
                msg("If they are fractions, give them in per cent: 97.5, not 0.975."),
            )
            continue
        for _, row in small.iterrows():
            best = _best(known[row["indicator"]], framework)
            # 1 may well be 1 % where there are other values near it.
            doubtful = 0 < row["value"] < 1 or row["value"] == row["most"] == 1
            if best >= LARGE_PERCENTAGE and doubtful:
                yield _fraction(row, msg("its best is {best} %", best=numeral(best)))


def _best(indicator: Indicator, framework: Framework) -> float:
    """The value from which on a higher one earns no more; 0 where none is known to."""
    rule = framework.normalisation_of(indicator)
    if numbers := numbers_in(rule):
        return max(numbers) if direction_of(rule) == "higher" else 0.0
    return max(indicator.goalposts or (0.0,)) if indicator.direction == "higher" else 0.0


def _fraction(row: pd.Series[Any], evidence: str) -> Problem:
    value = numeral(row["value"], 6)
    return _warning(
        row,
        msg(
            "found {value} for {code}, whose unit is %; {evidence}.",
            value=value,
            code=row["indicator"],
            evidence=evidence,
        ),
        msg(
            "Is it {value} % or {hundred} %? If it is a fraction, give it in per cent.",
            value=value,
            hundred=numeral(row["value"] * 100, 6),
        ),
    )


def _in_percent(indicator: Indicator) -> bool:
    return any(spell(unit) == "%" for unit in indicator.unit.values())


def _shares(rows: pd.DataFrame, framework: Framework) -> Iterator[Problem]:
    """Sum each group that only splits a whole: percentages, none of which is better or worse."""
    for group in framework.all_groups:
        parts = [i.code for i in group.indicators if i.direction is None and _in_percent(i)]
        if len(parts) < 2 or len(parts) < len(group.children):
            continue
        own = rows[rows["indicator"].isin(parts)]
        sums = own.groupby(["city", "period"], sort=False, observed=True)["value"].agg(
            ["sum", "count"]
        )
        sums = sums.reset_index()
        off = (sums["count"] == len(parts)) & ((sums["sum"] - 100).abs() > SHARES_MARGIN)
        for city, period, total, _ in sums[off].itertuples(index=False, name=None):
            first = own[(own["city"] == city) & (own["period"] == period)].iloc[0]
            yield _warning(
                first,
                msg(
                    "the shares of {code} of {city} in {period} sum to {total} %, not 100 %.",
                    code=group.code,
                    city=city,
                    period=period,
                    total=numeral(total, 6),
                ),
                msg("Check {parts}.", parts=", ".join(parts)),
            )


def _without_data(
    rows: pd.DataFrame, cities: pd.DataFrame, reported: set[str]
) -> Iterator[Problem]:
    """Name the cities of the cities file that have no value; ``reported`` have a row at all."""
    seen = set(coded(rows["city"])[1])
    listed = [str(city) for city in cities["city"]]
    empty = [city for city in listed if city in reported and city not in seen]
    there = set(listed)
    if dates := _dated(cities):
        periods = map(str, coded(rows["period"])[1])
        there = {code for when in periods for code in existing(dates, listed, when)}
    absent = [city for city in listed if city not in reported and city in there]
    for places, what, then in (
        (empty, msg("all values are missing"), msg("Their reports list what is to be collected.")),
        (absent, msg("there are no data"), msg("They are left out of scores and reports.")),
    ):
        if places:
            more = msg(" and {n} more", n=len(places) - _NAMED) if len(places) > _NAMED else ""
            named = ", ".join(islice(places, _NAMED)) + more
            yield Problem(
                msg(
                    "{what} of {n} of {n_2} cities: {named}.",
                    what=what,
                    n=len(places),
                    n_2=len(cities),
                    named=named,
                ),
                then,
                severity="warning",
            )


def _dated(cities: pd.DataFrame) -> Dates:
    """From when until when each place exists; nothing where the cities file does not say."""
    return dates_of(cities) if (cities[list(DATES)] != "").any(axis=None) else {}


def _out_of_time(rows: pd.DataFrame, cities: pd.DataFrame) -> Iterator[Problem]:
    """Find data of a city from years in which, by the cities file, it was not there."""
    if not (dates := _dated(cities)):
        return
    city_codes, names = coded(rows["city"])
    period_codes, periods = coded(rows["period"])
    spans = [dates.get(str(city), ("", "")) for city in names]
    first, last = (np.array([int(span[s][:4] or (0, 9999)[s]) for span in spans]) for s in (0, 1))
    years = np.array([year_of(str(period)) for period in periods])[period_codes]
    outside = (years < first[city_codes]) | (years > last[city_codes])
    wrong = np.unique(city_codes[outside]).tolist()

    def found(at: int) -> Problem:
        own = np.flatnonzero(outside & (city_codes == at))
        odd = sorted(str(periods[code]) for code in np.unique(period_codes[own]))
        message = msg(
            "there are data of {city} for {periods}, but the cities file has it {span}.",
            city=names[at],
            periods=", ".join(odd),
            span=_span(*spans[at]),
        )
        fix = msg("Correct the period, or valid_from and valid_to.")
        return _warning(rows.iloc[own[0]], message, fix)

    more = msg("{n} more cities have data for periods in which they are not there.")
    yield from counted(map(found, wrong), more, len(wrong))


def _span(begins: str, ends: str) -> str:
    """Say from when and until when a place is there; one of them may be ''."""
    begins, ends = (date_name(each, message_language()) for each in (begins, ends))
    if not begins:
        return msg("until {ends}", ends=ends)
    if not ends:
        return msg("from {begins} on", begins=begins)
    return msg("from {begins} to {ends}", begins=begins, ends=ends)
