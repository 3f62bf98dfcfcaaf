"""The steps of a treatment, by the names that framework files use.

A step is about the indicators that are scored, or those of them under ``indicators:``; it
compares the cities of one period, or of all periods with ``across: panel``. A missing value
takes no part in it, and only ``impute`` fills it. Nor do points that were earned, which are in
another unit than values; they stay, and what does not apply stays without a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import choose_from
from kpi_lib.framework.model import TOTAL, Indicator
from kpi_lib.io.cells.periods import kind, periods_of, years
from kpi_lib.locale.catalogue import Lang, either, mark, msg, tr
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.digits import same_values
from kpi_lib.methods.impute import Average, average, forward, group_average, linear, regression
from kpi_lib.methods.outliers import CURVES, Curve, Limits, boxcox_curve, winsorise

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.object_]
Note = Mapping[str, npt.NDArray[Any]]
"""Rows of the log, by column."""

LOG = ("city", "period", "code", "step", "before", "after", "error", "why", "values")
"""Columns of the log: a row for each value that was changed.

``step`` is the method (of an imputation: ``impute`` and how), ``before`` and ``after`` are in
the indicator's unit (NaN: missing), ``error`` is the standard error of an estimate where its
method gives one. A city that is screened out has a row of the code ``TOTAL``, with the share
of its values that is there as ``before``. ``why`` is a text of the catalogues and ``values`` are
the named values that stand in it, as JSON: :func:`reason_of` puts them together.
"""

_NUMBERS = frozenset({"before", "after", "error"})
_ACROSS = ("period", "panel")
_BY = ("mean", "median", "group_mean", "group_median", "linear", "forward", "regression")
_AVERAGES: Mapping[str, Average] = {
    "mean": lambda values: float(np.mean(values)),
    "median": lambda values: float(np.median(values)),
}
_WHY = {
    "mean": mark("mean of the cities"),
    "median": mark("median of the cities"),
    "group_mean": mark("mean of the cities of the same group"),
    "group_median": mark("median of the cities of the same group"),
    "linear": mark("on the line between two periods"),
    "forward": mark("the value of an earlier period carried forward"),
    "regression": mark("regression on {predictors} (R² {fit}, {n} cities)"),
    "available": mark("values there: {share}, at least {least} needed"),
    "nonzero": mark("values not zero: {share}, at least {least} needed"),
    "winsorise": mark("far from the values of the other cities"),
    "log": mark("a skewed distribution: transformed by logarithm"),
    "boxcox": mark("a skewed distribution: transformed by Box–Cox"),
}


class Work(Displayed):
    """Values under treatment, with all that was done so far.

    Steps change columns, of which a table is slow to ask: they are those of the array ``table``.
    ``earned`` and ``absent`` (shape of ``values``) are where a value is points that were earned,
    and where an indicator does not apply; None where that is nowhere so.
    """

    def __init__(
        self,
        values: pd.DataFrame,
        indicators: Sequence[Indicator],
        cities: pd.DataFrame | None = None,
        earned: Bools | None = None,
        absent: Bools | None = None,
    ) -> None:
        """Start with nobody screened out, nothing written down, and points laid aside."""
        self.index, self.columns = values.index, values.columns
        self.table: Array = np.array(values, dtype=float, order="F")
        self.indicators = self.chosen = tuple(indicators)
        self.cities, self.earned, self.absent = cities, earned, absent
        self.curves: dict[tuple[str, str], Curve] = {}
        self.out = np.zeros(len(values), dtype=bool)
        self.notes: list[Note] = []
        self._places = {code: at for at, code in enumerate(values.columns)}
        self._points = None if earned is None else self.table[earned]
        if earned is not None:
            self.table[earned] = np.nan

    @cached_property
    def _units(self) -> dict[str, Labels]:
        """City and period of each row."""
        levels = self.index.get_level_values
        return {name: levels(name).to_numpy(dtype=object) for name in ("city", "period")}

    @cached_property
    def _periods(self) -> list[tuple[str, Rows]]:
        return periods_of(self.index)

    @property
    def values(self) -> pd.DataFrame:
        """The values as they are now, wide, with the points that were earned."""
        table = self.table
        if self._points is not None:
            table = table.copy()
            table[self.earned] = self._points
            table[self.out] = np.nan
        return pd.DataFrame(table, index=self.index, columns=self.columns, copy=False)

    def blocks(self, across: str) -> list[tuple[str, Rows]]:
        """Rows that are compared with each other, without those screened out."""
        if across not in _ACROSS:
            raise ValueError(
                msg(
                    "across: is '{across}'; expected {ACROSS}.",
                    across=across,
                    ACROSS=either(_ACROSS),
                )
            )
        every = [("", np.arange(len(self.table)))]
        blocks = self._periods if across == "period" else every
        return [(period, rows[~self.out[rows]]) for period, rows in blocks]

    def column(self, code: str) -> Array:
        """The values of one indicator as they are now."""
        return self.table[:, self._places[code]]

    def columns_of(self, indicators: Sequence[Indicator]) -> Array:
        """The values of some indicators as they are now, shape ``(rows, indicators)``: a copy."""
        return self.table[:, [self._places[indicator.code] for indicator in indicators]]

    def put(self, code: str, rows: Rows, after: Array, step: str, **why: Any) -> None:
        """Set values and write down which of them change; ``why`` as in :meth:`note`."""
        rows, after, why = self._own(code, rows, after, why)
        before = self.column(code)[rows]
        changed = (after != before) & ~(np.isnan(after) & np.isnan(before))
        if not changed.any():
            return
        which = rows[changed]
        self.note(code, which, step, before[changed], after[changed], **_at(changed, why))
        self.column(code)[which] = after[changed]

    def _own(
        self, code: str, rows: Rows, after: Array, why: dict[str, Any]
    ) -> tuple[Rows, Array, dict[str, Any]]:
        """What of some new values is of rows that have a value of an indicator, or could."""
        if self.earned is None and self.absent is None:
            return rows, after, why
        column = self._places[code]
        kept = np.ones(len(rows), dtype=bool)
        for apart in (self.earned, self.absent):
            if apart is not None:
                kept &= ~apart[rows, column]
        return rows[kept], after[kept], _at(kept, why)

    def note(
        self, code: str, rows: Rows, step: str, before: Array, after: Array, **why: Any
    ) -> None:
        """Write down changed values: ``why`` and ``values`` say why, ``error`` how sure it is."""
        entries = {
            **{name: labels[rows] for name, labels in self._units.items()},
            "code": code,
            "step": step,
            "before": before,
            "after": after,
            "error": why.get("error", np.nan),
            "why": why["why"],
            "values": why.get("values", "{}"),
        }
        self.notes.append({key: np.broadcast_to(x, len(rows)) for key, x in entries.items()})

    def bend(self, code: str, period: str, rows: Rows, step: str, curve: Curve) -> None:
        """Transform a column and keep how, for values that are yet to come."""
        own = self.column(code)[rows]
        self.put(code, rows, np.where(np.isnan(own), np.nan, curve(own)), step, why=_WHY[step])
        before = self.curves.get((code, period))
        self.curves[code, period] = curve if before is None else _chained(before, curve)


def _at(chosen: Bools, why: Mapping[str, Any]) -> dict[str, Any]:
    return {key: x[chosen] if isinstance(x, np.ndarray) else x for key, x in why.items()}


def log_of(notes: Sequence[Note]) -> pd.DataFrame:
    """Give the log of what was written down, in the order of the steps."""
    empty = {c: np.empty(0, dtype=float if c in _NUMBERS else object) for c in LOG}
    columns = {
        c: np.concatenate([note[c].astype(empty[c].dtype) for note in (empty, *notes)]) for c in LOG
    }
    return pd.DataFrame(columns)


def _values(**values: str) -> str:
    return json.dumps(values, ensure_ascii=False)


def reason_of(row: Mapping[Hashable, Any], lang: Lang) -> str:
    """Say why a row of the log was changed, in a language."""
    return tr(lang, str(row["why"]), **json.loads(str(row["values"])))


def _chained(first: Curve, second: Curve) -> Curve:
    return lambda x: second(first(x))


def impute(
    work: Work,
    *,
    by: str,
    group: str | None = None,
    predictors: float = 3,
    within: float = np.inf,
    across: str = "period",
) -> None:
    """Estimate missing values; those for which there is nothing to go by stay missing.

    ``by`` is ``mean`` or ``median`` (of the cities), ``group_mean`` or ``group_median`` (of the
    cities with the same entry in the column ``group`` of the cities), ``linear`` (on the line
    between the two nearest periods of the city), ``forward`` (its last value, for at most
    ``within`` years) or ``regression`` (on so many ``predictors``).
    """
    if by not in _BY:
        raise ValueError(
            msg("there is no imputation by '{by}'.", by=by) + " " + choose_from(by, _BY)
        )
    if by == "regression":
        _by_regression(work, int(predictors), across)
    elif by in {"linear", "forward"}:
        _over_years(work, by, within)
    else:
        _by_average(work, by, _groups(work, group) if by.startswith("group_") else None, across)


def _groups(work: Work, name: str | None) -> Labels:
    """The group of each row by a column of the cities; None where a city has none."""
    if name is None:
        raise ValueError(msg("an imputation by group needs group: a column of cities.csv."))
    if work.cities is None or name not in work.cities.columns:
        known = [] if work.cities is None else list(work.cities.columns)
        said = msg("the cities have no column '{name}'.", name=name)
        raise ValueError(f"{said} {choose_from(name, known)}".strip())
    labels = work.cities.set_index("city")[name]
    found = labels.reindex(work.index.get_level_values("city")).to_numpy(dtype=object)
    groups = np.array([None if pd.isna(x) or x == "" else x for x in found], dtype=object)
    if not any(groups):
        raise ValueError(
            msg(
                "no city has an entry under '{name}', so that nothing can be imputed by it. Give "
                "a cities.csv in which that column is filled.",
                name=name,
            )
        )
    return groups


def _by_average(work: Work, by: str, groups: Labels | None, across: str) -> None:
    of = _AVERAGES[by.removeprefix("group_")]
    blocks = work.blocks(across)
    for indicator in work.chosen:
        for _, rows in blocks:
            own = work.column(indicator.code)[rows]
            full = average(own, of) if groups is None else group_average(own, groups[rows], of)
            work.put(indicator.code, rows, full, f"impute {by}", why=_WHY[by])


def _over_years(work: Work, by: str, within: float) -> None:
    index = work.index
    periods = [str(period) for period in index.get_level_values("period")]
    times = np.array([years(period) for period in periods])
    # A city's years, quarters and months are series of their own.
    kinds = [
        f"{city} {kind(p)}" for city, p in zip(index.get_level_values("city"), periods, strict=True)
    ]
    which = pd.factorize(np.array(kinds, dtype=object))[0]
    order = np.lexsort([times, which])
    series = np.split(order, np.flatnonzero(np.diff(which[order])) + 1)
    for indicator in work.chosen:
        full = work.column(indicator.code).copy()
        for rows in series:
            own = full[rows]
            if np.isnan(own).any() and not np.isnan(own).all():
                at = times[rows]
                full[rows] = linear(own, at) if by == "linear" else forward(own, at, within)
        kept = np.flatnonzero(~work.out)
        work.put(indicator.code, kept, full[kept], f"impute {by}", why=_WHY[by])


def _by_regression(work: Work, predictors: int, across: str) -> None:
    codes = [indicator.code for indicator in work.indicators]
    table = work.columns_of(work.indicators)
    blocks = work.blocks(across)
    for indicator in work.chosen:
        low, high = indicator.valid or (None, None)
        for _, rows in blocks:
            found = regression(table[rows], codes.index(indicator.code), predictors)
            said = [
                _values(
                    predictors=", ".join(codes[column] for column in e.predictors),
                    fit=f"{e.fit:.2f}",
                    n=f"{e.units}",
                )
                for e in found
            ]
            work.put(
                indicator.code,
                rows[[e.unit for e in found]],
                np.clip(np.array([e.value for e in found], dtype=float), low, high),
                "impute regression",
                error=np.array([e.error for e in found], dtype=float),
                why=_WHY["regression"],
                values=np.array(said, object),
            )


def screen(work: Work, *, min_available: float = 0.0, min_nonzero: float = 0.0) -> None:
    """Leave out cities of which too few values are there, or too few of those are not zero.

    Both are shares (0–1) of the indicators that apply. A city that is left out has no score in the
    period and no part in those of the others. Source: ``Screen`` of COINr.
    """
    codes = [indicator.code for indicator in work.chosen]
    table = work.values[codes].to_numpy(dtype=float)
    there = ~np.isnan(table)
    if work.absent is None:
        available = there.mean(axis=1)
    else:
        apply = ~work.absent[:, work.values.columns.get_indexer(pd.Index(codes))]
        available = there.sum(axis=1) / np.maximum(apply.sum(axis=1), 1)
        available[~apply.any(axis=1)] = 1.0
    nonzero = (there & (table != 0)).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    few = ~work.out & (available < min_available - 1e-9)
    zeros = ~work.out & ~few & (nonzero < min_nonzero - 1e-9)
    for which, share, least, why in (
        (few, available, min_available, _WHY["available"]),
        (zeros, nonzero, min_nonzero, _WHY["nonzero"]),
    ):
        said = [_values(share=f"{part:.0%}", least=f"{least:.0%}") for part in share[which]]
        work.note(
            TOTAL,
            np.flatnonzero(which),
            "screen",
            share[which],
            np.full(len(said), np.nan),
            why=why,
            values=np.array(said, object),
        )
    work.out |= few | zeros
    work.table[work.out] = np.nan


def draw_in(
    work: Work,
    *,
    points: float = 5,
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    otherwise: str = "log",
    across: str = "period",
) -> None:
    """Winsorise columns that have outliers, up to so many ``points`` of each.

    A column that has them still is transformed from its original values: ``otherwise`` is
    ``log`` or ``boxcox``, or ``none`` to leave it as it was.
    """
    options = (*CURVES, "none")
    if otherwise not in options:
        raise ValueError(
            msg(
                "otherwise: is '{otherwise}'; expected {options}.",
                otherwise=otherwise,
                options=", ".join(options),
            )
        )
    limits = Limits(skewness, kurtosis)
    blocks = work.blocks(across)
    for indicator in work.chosen:
        for period, rows in blocks:
            own = work.column(indicator.code)[rows]
            drawn = winsorise(own, limits, int(points))
            if limits.passed(drawn):
                work.put(indicator.code, rows, drawn, "winsorise", why=_WHY["winsorise"])
            elif otherwise != "none":
                work.bend(indicator.code, period, rows, otherwise, CURVES[otherwise](own))


def log(
    work: Work,
    *,
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    always: bool = False,
    across: str = "period",
) -> None:
    """Take logarithms of the columns that have outliers, or ``always``."""
    _bend_all(work, "log", CURVES["log"], Limits(skewness, kurtosis), always, across)


def boxcox(
    work: Work,
    *,
    exponent: float | None = None,
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    always: bool = False,
    across: str = "period",
) -> None:
    """Make the columns that have outliers, or ``always``, closer to a normal distribution."""

    def fitted(values: Array) -> Curve:
        return boxcox_curve(values, exponent)

    _bend_all(work, "boxcox", fitted, Limits(skewness, kurtosis), always, across)


def _bend_all(
    work: Work,
    step: str,
    fitted: Callable[[Array], Curve],
    limits: Limits,
    always: bool,
    across: str,
) -> None:
    blocks = work.blocks(across)
    for indicator in work.chosen:
        for period, rows in blocks:
            own = work.column(indicator.code)[rows]
            known = same_values(own[~np.isnan(own)])
            bent = known.size > 0 and known.min() < known.max()
            if bent and (always or not limits.passed(own)):
                work.bend(indicator.code, period, rows, step, fitted(own))


STEPS: Mapping[str, Callable[..., None]] = {
    "impute": impute,
    "screen": screen,
    "winsorise": draw_in,
    "log": log,
    "boxcox": boxcox,
}
"""The steps by the name that framework files use."""
