"""What is done to values before they are scored: denominate, impute, screen, treat outliers.

Nothing but denominating is done unless the framework (``treatment:``) or a call asks. A
treatment is a list of steps, each a method with its parameters, in the order in which they
are applied (:mod:`kpi_lib.scoring.steps`)::

    treatment:
      - {method: impute, by: group_mean, group: region}
      - {method: screen, min_available: 0.9}
      - {method: winsorise, points: 5, otherwise: log}

Every value that a step changes is in its log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.catalogue import either, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.methods.choice import as_method
from kpi_lib.methods.outliers import CURVES, Curve
from kpi_lib.methods.registry import Method
from kpi_lib.observations.read import Observations
from kpi_lib.scoring.facts import Facts, facts_of
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.steps import STEPS, Note, Work, log_of

Array = npt.NDArray[np.float64]
Step = str | Method | Mapping[str, Any]

# What such a method compares a value with is in the indicator's own unit.
_IN_ITS_UNIT = frozenset({"goalposts", "scaled", "target", "pass_fail", "none"})


@dataclass(frozen=True, repr=False)
class Treated(Displayed):
    """Values after treatment, what was done, and how a new value is to be transformed.

    ``values`` is wide (rows ``(city, period)``, a column for each indicator) and missing
    throughout for a city that is screened out; ``notes`` are the rows of the log; ``curves`` has
    the transformation of an indicator in a period where there is one.
    """

    values: pd.DataFrame
    notes: Sequence[Note] = ()
    curves: Mapping[tuple[str, str], Curve] = field(default_factory=dict)

    @cached_property
    def log(self) -> pd.DataFrame:
        """Every value that was changed: see :data:`kpi_lib.scoring.steps.LOG`."""
        return log_of(self.notes)

    @property
    def screened(self) -> pd.MultiIndex:
        """The ``(city, period)`` that are screened out."""
        return pd.MultiIndex.from_frame(self.log.loc[self.log["step"] == "screen", _UNIT])

    def transformed(self, code: str, period: str, value: float) -> float:
        """Give what a value of an indicator in its unit is after treatment."""
        curve = self.curves.get((code, period)) or self.curves.get((code, ""))
        return value if curve is None else float(curve(np.array([value]))[0])


_UNIT = ["city", "period"]


def values_of(observations: Observations, framework: Framework) -> pd.DataFrame:
    """Values by ``(city, period)`` and indicator, denominated.

    A city whose values are all missing has its row.
    """
    return _by_indicator(observations, framework, "value")


def errors_of(observations: Observations, framework: Framework) -> pd.DataFrame:
    """Standard errors of the values, denominated as these are; NaN where none is given."""
    return _by_indicator(observations, framework, "se")


def _by_indicator(observations: Observations, framework: Framework, column: str) -> pd.DataFrame:
    table = observations.table
    unit, cities = _factorized(table["city"])
    period, periods = _factorized(table["period"])
    unit *= len(periods)
    unit += period
    del period
    used = np.zeros(len(cities) * len(periods), dtype=np.bool_)
    used[unit] = True
    units, rows = np.flatnonzero(used), (np.cumsum(used, dtype=np.int32) - 1)[unit]
    del unit
    codes = [indicator.code for indicator in framework.indicators]
    named, distinct = _factorized(table["indicator"])
    columns = pd.Index(codes).get_indexer(pd.Index(distinct)).astype(np.int32)[named]
    del named
    values = np.full((len(units), len(codes)), np.nan)
    known = columns >= 0
    if known.all():
        values[rows, columns] = table[column].to_numpy(dtype=float)
    else:
        values[rows[known], columns[known]] = table[column].to_numpy(dtype=float)[known]
    del rows, columns
    index = pd.MultiIndex.from_arrays(
        [cities[units // len(periods)], periods[units % len(periods)]], names=_UNIT
    )
    return denominate(pd.DataFrame(values, index=index, columns=codes), observations, framework)


def _factorized(texts: pd.Series[Any]) -> tuple[npt.NDArray[np.int32], pd.Index[Any]]:
    codes, distinct = pd.factorize(texts, sort=True)
    return codes.astype(np.int32), distinct


def denominate(
    values: pd.DataFrame, observations: Observations, framework: Framework
) -> pd.DataFrame:
    """Divide each indicator that names a denominator by it, for the same city and period.

    The denominator is an observed quantity, or else a column of cities.csv. A value whose
    denominator is missing or 0 becomes missing.
    """
    named: dict[str, list[Indicator]] = {}
    for indicator in framework.indicators:
        if indicator.denominator is not None:
            named.setdefault(indicator.denominator, []).append(indicator)
    table = values.to_numpy(dtype=float, copy=True)
    for name, divided in named.items():
        below = _quantity(name, divided[0], values.index, observations)
        columns = [framework.positions[indicator.code] for indicator in divided]
        table[:, columns] /= np.where(below == 0, np.nan, below)[:, np.newaxis]
    return pd.DataFrame(table, index=values.index, columns=values.columns)


def _quantity(
    name: str, divided: Indicator, rows: pd.Index[Any], observations: Observations
) -> Array:
    """A denominator of the city and period of each row."""
    observed = observations.quantities[observations.quantities["quantity"] == name]
    if not observed.empty:
        below = observed.set_index(_UNIT)["value"].reindex(rows)
        return np.asarray(below, dtype=np.float64)
    if name in observations.cities.columns:
        by_city = observations.cities.set_index("city")[name].astype(float)
        return np.asarray(by_city.reindex(rows.get_level_values("city")), dtype=np.float64)
    raise InputError(
        Problem(
            msg(
                "{code} is divided by '{name}', of which there are no data.",
                code=divided.code,
                name=name,
            ),
            msg(
                "Add rows with the indicator '{name}', or a column '{name}' in cities.csv.",
                name=name,
            ),
        )
    )


def as_steps(steps: Sequence[Step]) -> tuple[Method, ...]:
    """Give steps whose methods and parameters are known; raises :class:`InputError`."""
    if isinstance(steps, str) or not isinstance(steps, Sequence):
        raise InputError(msg("treatment: expected a list of steps, such as [{method: screen}]."))
    checked = []
    for number, step in enumerate(steps, start=1):
        try:
            checked.append(as_method(step, STEPS, also=["indicators"]))
        except InputError as error:
            raise InputError(
                msg("treatment: step {number}: {error}", number=number, error=error)
            ) from None
    return tuple(checked)


def treat(
    values: pd.DataFrame,
    steps: Sequence[Step],
    indicators: Sequence[Indicator],
    cities: pd.DataFrame | None = None,
    facts: Facts | None = None,
) -> Treated:
    """Apply steps to the values of some indicators.

    ``values`` is wide, as from :func:`values_of`; ``cities`` holds the columns by which
    cities are grouped, as in cities.csv; ``facts`` are on the rows and columns of ``values``:
    points that were earned stay as they are, what does not apply stays without a value. Raises
    :class:`InputError` for a step that cannot be applied.
    """
    earned, absent = (None, None) if facts is None else (facts.earned, facts.absent)
    work = Work(values, indicators, cities, earned, absent)
    for number, method in enumerate(as_steps(steps), start=1):
        parameters = dict(method.parameters)
        try:
            asked = parameters.pop("indicators", None)
            work.chosen = _chosen(asked, indicators, values.columns)
            STEPS[method.name](work, **parameters)
        except (TypeError, ValueError) as error:
            said = msg(
                "treatment: step {number}, {name}: {error}",
                number=number,
                name=method.name,
                error=error,
            )
            raise InputError(said) from None
    return Treated(work.values, work.notes, work.curves)


def _chosen(
    asked: Any, indicators: Sequence[Indicator], codes: Collection[str]
) -> tuple[Indicator, ...]:
    """The indicators that a step is about: those of the scored that it names, else all.

    One of the ``codes`` that is not scored may be named: whether it is can depend on the data.
    """
    if asked is None:
        return tuple(indicators)
    by_code = {indicator.code: indicator for indicator in indicators}
    named = [asked] if isinstance(asked, str) else list(asked)
    for code in named:
        if code not in codes:
            hint = did_you_mean(str(code), by_code)
            raise InputError(
                msg("there is no indicator '{code}'. {hint}", code=code, hint=hint).strip()
            )
    return tuple(by_code[code] for code in named if code in by_code)


def check_units(treated: Treated, framework: Framework) -> None:
    """Refuse to compare a transformed value with goalposts or a target in its own unit.

    Raises :class:`InputError` with every such indicator.
    """
    problems = []
    for code in dict.fromkeys(code for code, _ in treated.curves):
        indicator = framework.node(code)
        assert isinstance(indicator, Indicator)
        name = framework.normalisation_of(indicator).name
        if name in _IN_ITS_UNIT:
            problems.append(
                Problem(
                    msg(
                        "{code} is transformed ({CURVES}), but scored by '{name}', which is in "
                        "its own unit.",
                        code=code,
                        CURVES=either(CURVES),
                        name=name,
                    ),
                    msg(
                        "Score it by minmax, zscore or rank, or leave it out of the step "
                        "(indicators:)."
                    ),
                )
            )
    if problems:
        raise InputError(problems)


def known_values(values: pd.DataFrame, inputs: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Whether each value is there as observed, or after treatment as imputed.

    What does not apply and yet has a score is known; a value that is no points is not, where
    only points given score the indicator.
    """
    known = ~(np.isnan(values.to_numpy(dtype=float)) & np.isnan(inputs.to_numpy(dtype=float)))
    for code in facts.framework.given.intersection(values.columns):
        at = facts.framework.positions[code]
        known[:, at] &= False if facts.earned is None else facts.earned[:, at]
    if facts.settled is not None:
        known |= facts.settled
    return pd.DataFrame(known, index=values.index, columns=values.columns)


def treated_values(
    values: pd.DataFrame, observations: Observations, framework: Framework
) -> Treated:
    """Apply the framework's treatment to values; raises :class:`InputError` as :func:`treat`."""
    scored = [indicator for indicator in framework.indicators if scorable(indicator, framework)]
    facts = facts_of(observations, framework, values.index) if framework.treatment else None
    treated = treat(values, framework.treatment, scored, observations.cities, facts)
    check_units(treated, framework)
    return treated
