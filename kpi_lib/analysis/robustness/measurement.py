"""Errors of the data: standard errors of values, and scores of many drawn sets of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.analysis.robustness.spec import ErrorChoice
from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.coded import objects
from kpi_lib.io.cells.numbers import Column
from kpi_lib.io.names import tidy
from kpi_lib.io.paths import bytes_of, find
from kpi_lib.io.tables.read import read_sheets
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.observations.faults import grouped
from kpi_lib.scoring.facts import Facts
from kpi_lib.scoring.indicators import across_panel, scorable, score_values
from kpi_lib.scoring.treatment import check_units, treat

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def standard_errors(choice: ErrorChoice, values: pd.DataFrame, observed: pd.DataFrame) -> Array:
    """Give the standard error of each value, in its unit, 0 where it has none.

    ``values`` is a wide table (rows ``(city, period)``, a column for each indicator),
    ``observed`` one of the standard errors that were observed with them; the result has their
    shape. An error that the choice gives for a single value goes before its indicator's, that
    before the observed one, and that before the relative one. Raises :class:`InputError` for
    an unknown indicator, a number under 0, and where no source gives any error.
    """
    errors = np.zeros(values.shape)
    if choice.relative is not None:
        errors[:] = choice.relative * np.abs(values.to_numpy(dtype=float))
    given = observed.to_numpy(dtype=float)
    errors = np.where(np.isnan(given), errors, given)
    if choice.relative is None and choice.standard_error is None and np.isnan(given).all():
        raise InputError(
            Problem(
                msg("{name}: there is no standard error.", name=choice.name),
                msg("Give standard_error: or relative:, or a column se in the data."),
            )
        )
    table = _table(choice)
    problems = []
    for code in dict.fromkeys(table["indicator"]):
        if code not in values.columns:
            known = did_you_mean(str(code), values.columns)
            problems.append(
                Problem(
                    msg("a standard error is given for '{code}', which is not known.", code=code),
                    known,
                )
            )
    # What is said of fewer values goes before what is said of more.
    keys = table[["city", "period"]]
    table = table.assign(said=keys.notna().sum(axis=1)).sort_values("said", kind="stable")
    cities = np.asarray(values.index.get_level_values("city"), dtype=object)
    periods = np.asarray(values.index.get_level_values("period"), dtype=object)
    for row in table.to_dict("records"):
        error = row["standard_error"]
        if isinstance(error, bool) or not isinstance(error, int | float) or not error >= 0:
            problems.append(
                Problem(
                    msg(
                        "the standard error of '{indicator}' is {error}; expected a number of 0 "
                        "or more.",
                        indicator=row["indicator"],
                        error=repr(error),
                    )
                )
            )
        elif row["indicator"] in values.columns:
            at = np.ones(len(values), dtype=bool)
            if not pd.isna(row["city"]):
                at &= cities == row["city"]
            if not pd.isna(row["period"]):
                at &= periods == _period(row["period"])
            if not at.any():
                unit = " ".join(str(x) for x in (row["city"], row["period"]) if not pd.isna(x))
                problems.append(
                    Problem(
                        msg(
                            "a standard error is given for {indicator} of {unit}, of which "
                            "there is no value.",
                            indicator=row["indicator"],
                            unit=unit,
                        )
                    )
                )
            errors[at, values.columns.get_loc(row["indicator"])] = error
    if problems:
        file = choice.standard_error if isinstance(choice.standard_error, str | Path) else ""
        raise InputError([replace(problem, file=str(file)) for problem in problems])
    return np.where(np.isnan(values.to_numpy(dtype=float)), 0.0, errors)


def _period(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)


def _table(choice: ErrorChoice) -> pd.DataFrame:
    given = choice.standard_error
    columns = ["city", "period", "indicator", "standard_error"]
    if given is None:
        return pd.DataFrame(columns=columns)
    if isinstance(given, Mapping):
        rows = {"indicator": list(given), "standard_error": list(given.values())}
        return pd.DataFrame(rows, dtype=object).reindex(columns=columns)
    file = ""
    if isinstance(given, str | Path):
        file = str(given)
        given = standard_errors_in(find(given))
    if not isinstance(given, pd.DataFrame) or not {"indicator", "standard_error"} <= {*given}:
        raise InputError(
            Problem(
                msg("the standard errors have no columns 'indicator' and 'standard_error'."),
                msg(
                    "Give a number for each indicator, or a table with these columns and, "
                    "where they differ, city and period."
                ),
                file=file,
            )
        )
    return given.reindex(columns=columns)


def standard_errors_in(path: Path) -> pd.DataFrame:
    """Read a table of standard errors; raises :class:`InputError` by row and column."""
    sheets, problems = read_sheets(path, bytes_of(path))
    tables = []
    for sheet in sheets:
        columns: dict[str, Any] = {}
        for name, cells in zip(sheet.header, sheet.columns, strict=True):
            if name == "standard_error":
                read = Column(cells).read()
                columns[name] = read.values
                problems += grouped(sheet, read.faults, name, read.others)
            else:
                columns[name] = objects(tidy(cell) or np.nan for cell in cells)
        tables.append(pd.DataFrame(columns))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return pd.concat(tables, ignore_index=True)


def needs_panel(framework: Framework) -> bool:
    """Say whether the scores of a period depend on the values of others."""
    steps = framework.treatment
    return (
        any(across_panel(leaf, framework) for leaf in framework.indicators)
        or any(step.parameters.get("across") == "panel" for step in steps)
        or any(step.parameters.get("by") in {"linear", "forward"} for step in steps)
    )


def drawn_values(
    values: pd.DataFrame, errors: Array, normal: Array, indicators: tuple[Indicator, ...]
) -> Array:
    """Add errors to values: ``values + errors · normal``, shape ``(indicators, draws, units)``.

    ``values`` and ``errors`` have shape ``(units, indicators)``; ``normal`` (draws, units, k)
    holds standard normal draws for the k indicators that have any error. A drawn value stays
    within what is ``valid``, where its indicator has no denominator.
    """
    observed = values.to_numpy(dtype=float)
    drawn = np.repeat(observed.T[:, np.newaxis], len(normal), axis=1)
    for k, column in enumerate(np.flatnonzero(errors.any(axis=0))):
        moved = observed[:, column] + errors[:, column] * normal[:, :, k]
        indicator = indicators[column]
        if indicator.valid and indicator.denominator is None:
            moved = np.clip(moved, *indicator.valid)
        drawn[column] = moved
    return drawn


def scores_of_draws(
    drawn: Array,
    units: pd.Index[Any],
    framework: Framework,
    period: str,
    cities: pd.DataFrame,
    facts: Facts,
) -> Array:
    """Treat and normalise drawn values, each draw by itself: ``(draws, cities, indicators)``.

    ``drawn`` has shape ``(indicators, draws, units)``, ``units`` are the rows ``(city,
    period)``, of which ``facts`` are; the result has the cities of one period. An
    indicator that is compared across the panel is compared with all units of its draw.
    """
    if framework.treatment:
        treated = [
            _treated(draw.T, units, framework, cities, facts).T for draw in drawn.swapaxes(0, 1)
        ]
        drawn = np.stack(treated, axis=1)
    here = np.asarray(units.get_level_values("period") == period)
    scores = np.empty((*drawn.shape[:2], int(here.sum())))
    kinds: dict[tuple[bool, bool], list[int]] = {}
    for i, indicator in enumerate(framework.indicators):
        relative = NORMALISE[framework.normalisation_of(indicator).name].relative
        panel = relative and across_panel(indicator, framework)
        kinds.setdefault((relative, panel), []).append(i)
    for (relative, panel), columns in kinds.items():
        rows = np.ones(len(units), dtype=bool) if panel else here
        own = drawn[columns] if rows.all() else np.compress(rows, drawn[columns], axis=-1)
        part = _score_apart(own, framework, columns, period, relative, facts.at(rows))
        scores[columns] = part[..., here] if panel else part
    return np.moveaxis(scores, 0, -1)


def _treated(
    drawn: Array,
    units: pd.Index[Any],
    framework: Framework,
    cities: pd.DataFrame,
    facts: Facts,
) -> Array:
    codes = [indicator.code for indicator in framework.indicators]
    scored = [leaf for leaf in framework.indicators if scorable(leaf, framework)]
    table = pd.DataFrame(drawn, units, codes)
    treated = treat(table, framework.treatment, scored, cities, facts)
    check_units(treated, framework)
    return treated.values[codes].to_numpy(dtype=float)


def _score_apart(
    drawn: Array,
    framework: Framework,
    columns: list[int],
    period: str,
    relative: bool,
    facts: Facts,
) -> Array:
    """Score blocks of units; where units are compared, each draw is by itself.

    ``drawn`` and the result have shape ``(columns, draws, units)``.
    """
    _, draws, units = drawn.shape
    chosen = [_within(framework.indicators[i], framework) for i in columns]
    scores = np.full(drawn.shape, np.nan)
    rest = []
    for k, indicator in enumerate(chosen):
        method = framework.normalisation_of(indicator)
        if (
            NORMALISE[method.name].relative
            and not NORMALISE[method.name].place
            and indicator.direction
            and scorable(indicator, framework)
            and framework.scale == "hundred"
        ):
            along = NORMALISE[method.name]
            own = {key: value for key, value in method.parameters.items() if key != "across"}
            scores[k] = along(drawn[k], indicator.direction, **own)
        else:
            rest.append(k)
    if not rest:
        return scores
    # To score_values each draw is a period of its own.
    labels = [f"{period} {draw:09}" for draw in range(draws)] if relative else [period]
    rows = range(draws * units // len(labels))
    index = pd.MultiIndex.from_product([labels, rows], names=["period", "city"])
    codes = [chosen[k].code for k in rest]
    table = pd.DataFrame(drawn[rest].reshape(len(rest), -1).T, index=index, columns=codes)
    same = facts.at(np.tile(np.arange(units), draws))
    found = score_values(table, framework, [chosen[k] for k in rest], same)
    scores[rest] = found.to_numpy(dtype=float).T.reshape(-1, draws, units)
    return scores


def _within(indicator: Indicator, framework: Framework) -> Indicator:
    """The indicator with its own method, compared within a block."""
    method = framework.normalisation_of(indicator)
    parameters = {k: v for k, v in method.parameters.items() if k != "across"}
    return replace(indicator, normalise=Method(method.name, parameters))
