"""What goes with what: correlations of parts and wholes, and what drives the total.

Correlations are over the rows (city and period) that have both scores. The thresholds are
those of the audits of the JRC's Competence Centre on Composite Indicators.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from kpi_lib.analysis.audit import rows_of
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.scoring.rollup import scored_weights
from kpi_lib.scoring.scoreboard import Scoreboard

Array = npt.NDArray[np.float64]
Kind = Literal["pearson", "spearman"]

COLLINEAR = 0.92
"""Above this, two parts say the same twice."""
NEGATIVE = -0.4
"""Under this, what lifts one part lowers the other."""
LOST = 0.3
"""Under this, a part does not show in the total."""
JUDGED = 10
"""A pair of indicators that fewer rows have in common is not judged."""


def links(
    board: Scoreboard, period: str | int | None = None, kind: Kind = "pearson"
) -> pd.DataFrame:
    """How each scored group and indicator goes with its own group, with the total, and elsewhere.

    Gives by code: ``group`` and ``own``, the correlation with it; ``total``, that with ``TOTAL``,
    with ``own_p`` and ``total_p``, their p-values corrected for the number of parts
    (:func:`p_values`, each kind by itself); ``other``, the sibling of its group with which it goes
    best, and ``elsewhere``, the correlation with that; and flags: ``negative`` (``own`` under 0:
    what is better lowers its group beside others), ``lost`` (``total`` under 0.3), ``stray``
    (``elsewhere`` above ``own``).
    """
    framework = board.framework
    points = rows_of(board, period)
    weights = scored_weights(framework, board.weights)
    codes = [code for code in framework.nodes if weights[code] > 0]
    matrix = points[codes].corr(method=kind).to_numpy(dtype=float)
    common = _common(points[codes])
    place = {code: i for i, code in enumerate(codes)}
    rows = {}
    for code in codes[1:]:
        group = framework.parents[code]
        own, total = (float(matrix[place[code], place[x]]) for x in (group, TOTAL))
        beside = {
            other: float(matrix[place[code], place[other]])
            for other in _siblings(framework, group)
            if other in place and not np.isnan(matrix[place[code], place[other]])
        }
        other = max(beside, key=lambda x: beside[x], default="")
        elsewhere = beside.get(other, np.nan)
        rows[code] = {
            "group": group,
            "own": own,
            "own_p": common[place[code], place[group]],
            "total": total,
            "total_p": common[place[code], place[TOTAL]],
            "other": other,
            "elsewhere": elsewhere,
            "negative": own < 0,
            "lost": total < LOST,
            "stray": elsewhere > own,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")
    for of in ("own", "total"):
        if len(table):
            table[f"{of}_p"] = adjusted(p_values(table[of], table[f"{of}_p"]))
    return table


def p_values(correlations: npt.ArrayLike, rows: npt.ArrayLike) -> Array:
    """Two-sided p-values of correlations over some numbers of rows, of any one shape.

    By Student's t with ``rows − 2`` degrees of freedom: exact for Pearson's correlation of
    normal scores, close for Spearman's from ten rows on; as in ``scipy.stats``. NaN where
    there are fewer than three rows. Rows that are not independent, as those of a city in
    several periods, make it too small.
    """
    r, n = np.asarray(correlations, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    free = np.where(n > 2, n - 2, np.nan)
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(free / np.maximum(1 - r**2, 0.0))
    return np.asarray(2 * stats.t.sf(t, free), dtype=np.float64)


def adjusted(p: Array) -> Array:
    """p-values corrected for their number by Benjamini and Hochberg; NaN is not counted.

    Of the correlations with an adjusted p-value under 0.05, about one in twenty at most is
    expected to be chance. Source: Benjamini and Hochberg, Controlling the false discovery rate
    (1995); ``scipy.stats.false_discovery_control``.
    """
    result = np.full(p.shape, np.nan)
    there = ~np.isnan(p)
    if there.any():
        result[there] = stats.false_discovery_control(p[there], method="bh")
    return result


def _common(scores: pd.DataFrame) -> Array:
    """Rows that each pair of columns has in common."""
    there = scores.notna().to_numpy(dtype=float)
    common: Array = there.T @ there
    return common


def pairs(
    board: Scoreboard, period: str | int | None = None, kind: Kind = "pearson"
) -> pd.DataFrame:
    """Pairs of scored indicators that go together too well, or against each other.

    Gives ``one, other, correlation, rows, p, p_adjusted, siblings, flag``, strongest first; ``p``
    is that of :func:`p_values`, ``p_adjusted`` is corrected for all pairs that were judged, flagged
    or not (:func:`adjusted`). Flags: ``collinear`` (above 0.92: the same information twice),
    ``negative`` (under −0.4). A pair with fewer than ten rows in common is not judged.
    ``siblings`` says whether they are in one group.
    """
    framework = board.framework
    weights = scored_weights(framework, board.weights)
    codes = [leaf.code for leaf in framework.indicators if weights[leaf.code] > 0]
    scores = rows_of(board, period)[codes]
    matrix = scores.corr(method=kind, min_periods=JUDGED).to_numpy()
    common = _common(scores)
    upper = np.triu(np.ones(matrix.shape, dtype=bool), 1)
    p = np.where(upper, p_values(matrix, common), np.nan)
    corrected = adjusted(p)
    rows = [
        {
            "one": codes[i],
            "other": codes[j],
            "correlation": float(matrix[i, j]),
            "rows": int(common[i, j]),
            "p": float(p[i, j]),
            "p_adjusted": float(corrected[i, j]),
            "siblings": framework.parents[codes[i]] == framework.parents[codes[j]],
            "flag": "collinear" if matrix[i, j] > COLLINEAR else "negative",
        }
        for i, j in np.argwhere(upper & ((matrix > COLLINEAR) | (matrix < NEGATIVE)))
    ]
    names = ["one", "other", "correlation", "rows", "p", "p_adjusted", "siblings", "flag"]
    table = pd.DataFrame(rows, columns=names)
    order = table["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def rows_in_common(board: Scoreboard, period: str | int | None = None) -> int:
    """The most rows that any two scored indicators have in common: from :data:`JUDGED` on enough.

    0 where there are not two.
    """
    weights = scored_weights(board.framework, board.weights)
    codes = [leaf.code for leaf in board.framework.indicators if weights[leaf.code] > 0]
    common = _common(rows_of(board, period)[codes])
    return int(np.max(np.triu(common, 1), initial=0))


def effective_weights(board: Scoreboard, period: str | int | None = None) -> pd.DataFrame:
    """What each part weighs, and what it really does to the differences between cities.

    Gives by code, for the scored parts below ``TOTAL``: ``level``; ``weight``, its share of
    all weight at its level of the tree (0–1); ``effective``, its share of the variance of
    ``TOTAL``; and ``correlation`` with ``TOTAL``. The effective weight is the covariance of
    what the part gives of ``TOTAL`` with ``TOTAL``, divided by the variance of ``TOTAL``, so
    that those of all indicators sum to 1; it is under 0 for a part that evens out what
    others do, and NaN below a group whose method does not split. Source: Paruolo, Saisana and
    Saltelli, Ratings and rankings: voodoo or science? (2013); the split is that of Shorrocks,
    Inequality decomposition by factor components (1982).
    """
    framework = board.framework
    points = rows_of(board, period)
    points = points[points[TOTAL].notna()]
    given = board.contributions.loc[points.index]
    if board.maximum is not None and framework.maxima[TOTAL] > 0:
        given = 100 * given.div(board.maximum.loc[points.index, TOTAL], axis=0)
    total = points[TOTAL].to_numpy(dtype=float)
    total = total - total.mean()
    spread = float(total @ total)
    weights = scored_weights(framework, board.weights)
    share = {TOTAL: 1.0}
    for group in framework.all_groups:
        whole = sum(weights[child.code] for child in group.children)
        for child in group.children:
            part = weights[child.code] / whole if whole > 0 else 0.0
            share[child.code] = share[group.code] * part
    rows = {}
    for code in framework.nodes:
        if code == TOTAL or weights[code] == 0:
            continue
        leaves = [leaf.code for leaf in framework.leaves(code)]
        part = given[leaves].to_numpy(dtype=float).sum(axis=1)
        rows[code] = {
            "level": framework.level(code),
            "weight": share[code],
            "effective": float(part @ total) / spread if spread > 0 else np.nan,
            "correlation": float(points[code].corr(points[TOTAL])),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")


def _siblings(framework: Framework, code: str) -> list[str]:
    """The other groups beside a group."""
    if code == TOTAL:
        return []
    around = framework.node(framework.parents[code])
    return [group.code for group in getattr(around, "groups", ()) if group.code != code]
