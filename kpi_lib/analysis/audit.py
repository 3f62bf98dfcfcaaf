"""Audit of the data and of a framework's inner consistency: tables for whoever built it.

Each function gives a table; thresholds are rules of thumb that say where to look, not what
is wrong. Source: OECD and JRC, *Handbook on Constructing Composite Indicators* (2008),
sections 1.3 and 1.4, and the audits of the JRC's Competence Centre on Composite Indicators.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from kpi_lib.errors import InputError
from kpi_lib.framework.model import TOTAL, Group
from kpi_lib.io.cells.periods import periods_of
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.outliers import kurtosis, skewness
from kpi_lib.scoring.rollup import scored_weights
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]


def statistics(
    values: pd.DataFrame,
    *,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
    min_available: float = 0.65,
    min_nonzero: float = 0.5,
    min_unique: float = 0.5,
) -> pd.DataFrame:
    """Describe each column of a wide table of values, with flags of what to look at.

    Gives by code ``low, high, mean, median, sd, skewness, kurtosis`` (sample-corrected), how
    many values are ``available``, ``nonzero``, ``unique`` and the ``same`` (the most frequent
    one); the flags ``few_values``, ``many_zeros``, ``few_distinct`` (shares of all rows under
    the thresholds) and ``outliers`` (skewness and kurtosis both over theirs). Source:
    ``get_stats`` of COINr.
    """
    rows = len(values)
    table = pd.DataFrame(
        {
            "low": values.min(),
            "high": values.max(),
            "mean": values.mean(),
            "median": values.median(),
            "sd": values.std(),
            "skewness": _by_column(values, skewness),
            "kurtosis": _by_column(values, kurtosis),
            "available": values.notna().sum(),
            "nonzero": (values.notna() & (values != 0)).sum(),
            "unique": values.nunique(),
            "same": _by_column(values, _most_frequent).astype(int),
        }
    )
    table["few_values"] = table["available"] < min_available * rows
    table["many_zeros"] = table["nonzero"] < min_nonzero * rows
    table["few_distinct"] = table["unique"] < min_unique * rows
    far = (table["skewness"].abs() > max_skewness) & (table["kurtosis"] > max_kurtosis)
    table["outliers"] = far
    return table.rename_axis("code")


def outliers(values: pd.DataFrame, distance: float = 3.0) -> pd.DataFrame:
    """List the values that are far from the quartiles of their column and period.

    Gives ``city, period, code, value, distance``, farthest first: how many interquartile
    ranges a value is above the third quartile or under the first. Source: Tukey, Exploratory
    Data Analysis (1977), who calls 3 "far out". A column with no spread between its
    quartiles has none.
    """
    rows = []
    for period, at in periods_of(values.index):
        table = values.to_numpy(dtype=float)[at]
        for column, code in zip(table.T, values.columns, strict=True):
            there = column[~np.isnan(column)]
            low, high = np.quantile(there, [0.25, 0.75]) if there.size else (0.0, 0.0)
            if low == high:
                continue
            far = np.maximum(column - high, low - column) / (high - low)
            for row in np.flatnonzero(far > distance):
                city = values.index[at[row]][0]
                rows.append((city, period, code, float(column[row]), float(far[row])))
    found = pd.DataFrame(rows, columns=["city", "period", "code", "value", "distance"])
    return found.sort_values("distance", ascending=False, kind="stable", ignore_index=True)


def missingness(board: Scoreboard) -> pd.DataFrame:
    """Share (0–1) of the cities without a value, by indicator (rows) and period (columns)."""
    shares = board.values.isna().groupby(level="period").mean().T
    return shares.rename_axis(index="code", columns="period")


def cronbach(values: pd.DataFrame) -> float:
    """Cronbach's alpha of some columns: how far they measure one and the same thing.

    Near 1 they do, under about 0.7 it is doubtful, below 0 they contradict each other.
    Covariances are over the rows that both columns of a pair have; NaN for fewer than two
    columns. Source: Cronbach, Coefficient alpha and the internal structure of tests (1951).
    """
    count = values.shape[1]
    covariances = values.cov().to_numpy(dtype=float)
    whole, own = np.nansum(covariances), np.nansum(np.diag(covariances))
    if count < 2 or whole == 0:
        return float("nan")
    return float(count / (count - 1) * (1 - own / whole))


def components(scores: pd.DataFrame) -> pd.DataFrame:
    """Principal components of some columns, over the rows that have them all.

    Gives a row for each component: ``eigenvalue`` (of the correlations), ``share`` of the
    variance (0–1), ``cumulative``, and the loading of each column. Empty where fewer than
    three rows are complete or a column is constant. Source: Pearson (1901); Hotelling (1933).
    """
    known = scores.dropna().to_numpy(dtype=float)
    names = ["eigenvalue", "share", "cumulative", *scores.columns]
    if len(known) < 3 or scores.shape[1] < 2 or np.any(np.ptp(known, axis=0) == 0):
        return pd.DataFrame(columns=names, dtype=float)
    values, vectors = np.linalg.eigh(np.corrcoef(known, rowvar=False))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    # A component may point either way: the loadings of each mostly point up.
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    share = values / values.sum()
    loadings = (vectors * np.sqrt(values)).T
    table = np.column_stack([values, share, np.cumsum(share), loadings])
    return pd.DataFrame(table, columns=names, index=range(1, len(values) + 1))


def reliability(board: Scoreboard, period: str | int | None = None) -> pd.DataFrame:
    """Say for each group of two or more scored parts whether these belong together.

    Gives by code: ``parts``; ``cities``, rows with a score in all of them; ``alpha``
    (:func:`cronbach`); ``correlation``, the mean between two parts; ``first``, the share of
    variance of the first component; and ``dimensions``, the number of components with an
    eigenvalue above 1 (one where the group is about one thing).
    """
    points = rows_of(board, period)
    weights = scored_weights(board.framework, board.weights)
    rows = {}
    for group in board.framework.all_groups:
        codes = [child.code for child in group.children if weights[child.code] > 0]
        if len(codes) < 2:
            continue
        scores = points[codes]
        pairs = scores.corr().to_numpy()[np.triu_indices(len(codes), 1)]
        found = components(scores)
        rows[group.code] = {
            "parts": len(codes),
            "cities": int(scores.notna().all(axis=1).sum()),
            "alpha": cronbach(scores),
            "correlation": float(np.nanmean(pairs)) if not np.isnan(pairs).all() else np.nan,
            "first": float(found["share"].iloc[0]) if len(found) else np.nan,
            "dimensions": float((found["eigenvalue"] > 1 + 1e-9).sum()) if len(found) else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")


def totals(
    board: Scoreboard, published: pd.Series[float], *, code: str = TOTAL, tolerance: float = 1e-4
) -> pd.DataFrame:
    """Check that published scores follow from their published parts, period by period.

    ``published`` has the index ``(city, period)``; ``board`` is scored from the parts, under the
    published weights and method. Gives by period: ``cities`` that are compared, how many of
    them ``follow`` within the ``tolerance``, the ``largest`` difference, whether all agree
    (``agrees``), and ``at_best``: the largest difference under the weights of the indicators,
    none negative, that come nearest to the published scores. Where that is large too, no
    weights explain them. It is NaN where there are not more cities than indicators with
    every value, or the scores are not weighted sums.
    """
    node = board.framework.node(code)
    both = pd.DataFrame({"ours": board.points[code], "published": published}).dropna()
    if both.empty:
        raise InputError(
            msg(
                "no city and period has both a published score and a score of {code}; "
                "the published ones must have the index (city, period).",
                code=code,
            )
        )
    leaves = [leaf.code for leaf in board.framework.leaves(code)]
    groups = [g for g in board.framework.all_groups if g.code in _below(board, node.code)]
    sums = all(board.framework.method_of(g).name == "arithmetic" for g in groups)
    rows = {}
    for period, part in both.groupby(level="period"):
        difference = (part["ours"] - part["published"]).abs()
        follow = int((difference <= tolerance).sum())
        at_best = np.nan
        scores = board.points.loc[part.index, leaves].dropna(axis=1, how="all")
        if sums and scores.notna().all(axis=None) and len(scores) > scores.shape[1] + 1:
            at_best = _nearest(scores.to_numpy(dtype=float), part["published"].to_numpy())
        rows[str(period)] = {
            "cities": len(part),
            "follow": follow,
            "largest": float(difference.max()),
            "agrees": follow == len(part),
            "at_best": at_best,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("period")


def rows_of(board: Scoreboard, period: str | int | None) -> pd.DataFrame:
    """Scores of one period, or of all, as cities are compared by them.

    Raises :class:`InputError` for a period that is not there.
    """
    if period is None:
        return board.shares
    here = board.shares.index.get_level_values("period") == board.period(period)
    return board.shares[here]


def _below(board: Scoreboard, code: str) -> set[str]:
    """The group with this code and every group in it."""
    return {
        group.code
        for group in board.framework.all_groups
        if isinstance(group, Group) and code in (group.code, *board.framework.ancestors(group.code))
    }


def _nearest(scores: Array, published: Array) -> float:
    weights, _ = optimize.nnls(scores, published)
    return float(np.max(np.abs(scores @ weights - published)))


def _by_column(values: pd.DataFrame, of: Callable[[Array], float]) -> pd.Series[float]:
    found = {code: of(values[code].to_numpy(dtype=float)) for code in values.columns}
    return pd.Series(found, dtype=float)


def _most_frequent(column: Array) -> float:
    _, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    return float(counts.max()) if counts.size else 0.0
