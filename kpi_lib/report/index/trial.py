"""Weights that are tried in the page: what its script is given, and where it cannot do the sums."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np
import numpy.typing as npt
from babel import Locale

from kpi_lib.framework.model import TOTAL, Group
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import in_language
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.sections.methods import aggregation
from kpi_lib.scoring.indicators import scorable

SAME_AS_HERE = frozenset({"arithmetic", "sum", "geometric", "harmonic", "power", "min", "max"})
"""The aggregations that the script ``templates/index/scores.js`` does as the library does."""

NOT_APPLICABLE = np.inf
"""What stands for an indicator that does not apply, among the scores that the page is given."""


def refused(cities: CitySet) -> str:
    """Why weights cannot be tried in the page, in one sentence; '' where they can."""
    board, lang = cities.board, cities.lang
    framework = board.framework
    if not cities.scored:
        return tr(lang, "There is nothing to weigh: no indicator is scored.")
    if cities.table["score"].notna().sum() < 2:
        return tr(lang, "There is nothing to weigh: fewer than two have a composite score.")
    if not adjustable(cities):
        return tr(lang, "There is nothing to weigh: no group has two parts with weight.")
    if not framework.sums_points:
        for group in framework.all_groups:
            method = framework.method_of(group)
            if method.name not in SAME_AS_HERE:
                return tr(
                    lang,
                    "Weights cannot be tried on this page, since “{title}” is scored by a method "
                    "that only the library has ({method}): the notebook explore_weights.ipynb "
                    "tries them.",
                    title=cities.title(group.code),
                    method=aggregation(method, lang),
                )
    if (_known(cities) != ~np.isnan(_scores(cities))).any():
        return tr(
            lang,
            "Weights cannot be tried on this page, since some values that count have no score: the "
            "notebook explore_weights.ipynb tries them.",
        )
    return ""


def adjustable(cities: CitySet) -> list[str]:
    """The codes whose weights change anything: those with siblings that have weight."""
    framework = cities.board.framework
    weights = cities.board.weights
    return [
        child.code
        for group in framework.all_groups
        for child in group.children
        if sum(weights[each.code] > 0 for each in group.children) > 1
        and (weights[child.code] > 0 or not framework.sums_points)
    ]


def given(cities: CitySet) -> dict[str, Any]:
    """What the script is given, as plain data; scores are the bytes of 64-bit floats in base64.

    A row for each city in the order of the table, then those that are only ranked beside them; a
    column for each indicator: NaN where a score is missing, infinite where it does not apply.
    """
    board = cities.board
    framework = board.framework
    text = {"names": list(cities.table["name"]), "codes": list(cities.table.index)}
    facts: dict[str, Any] = {
        **text,
        "framework": framework.name,
        "coverage": _plain(cities.table["coverage"].to_numpy(float)),
        "change": _plain(cities.table["change"].to_numpy(float)),
        "low": _plain(cities.table["low"].to_numpy(float)),
        "periods": [cities.found.index(period) for period in _periods(cities)],
        "parts": [node.code for node in cities.parts] if cities.scored else [],
        "digits": cities.view.digits,
        "shown": framework.shown or "points",
        "bounds": [*cities.bounds, cities.scale.low, cities.scale.high] if cities.scored else [],
        "ends": list(cities.scale.labels) if cities.scored else [],
        "decimal": Locale.parse(cities.lang).number_symbols["latn"]["decimal"],
        "group": Locale.parse(cities.lang).number_symbols["latn"]["group"],
        "nodes": _nodes(cities),
        "points": framework.sums_points,
        "decimals": framework.decimals,
        "policy": framework.missing.policy,
        "least": framework.missing.min_coverage,
        "trial": not refused(cities),
        "adjustable": adjustable(cities),
        "scores": "",
        "imputed": [],
    }
    if cities.scored:
        scores = _scores(cities)
        if board.applies is not None:
            scores = np.where(board.applies[cities.ranked_rows], scores, NOT_APPLICABLE)
        facts["imputed"] = np.flatnonzero(_imputed(cities)).tolist()
        facts["scores"] = b64encode(np.ascontiguousarray(scores, dtype="<f8").tobytes()).decode()
    return facts


def as_json(cities: CitySet) -> str:
    """What the script is given, as JSON that may stand inside an element of a page."""
    written = json.dumps(given(cities), ensure_ascii=False, separators=(",", ":"))
    return written.replace("<", "\\u003c")


def _scores(cities: CitySet) -> npt.NDArray[np.float64]:
    leaves = [leaf.code for leaf in cities.board.framework.indicators]
    return cities.board.points[leaves].iloc[cities.ranked_rows].to_numpy(dtype=float)


def _known(cities: CitySet) -> npt.NDArray[np.bool_]:
    """Which scores count as known, of the indicators that can be scored."""
    board = cities.board
    known = board.known.iloc[cities.ranked_rows].to_numpy(dtype=bool)
    known = known & [scorable(leaf, board.framework) for leaf in board.framework.indicators]
    return known if board.applies is None else known & board.applies[cities.ranked_rows]


def _imputed(cities: CitySet) -> npt.NDArray[np.bool_]:
    """Which scores are of values that were not observed."""
    leaves = [leaf.code for leaf in cities.board.framework.indicators]
    observed = cities.board.coverage[leaves].iloc[cities.ranked_rows].to_numpy(dtype=float)
    return np.asarray(_known(cities) & (observed == 0))


def _periods(cities: CitySet) -> list[str]:
    units = cities.board.points.index[cities.ranked_rows]
    return [str(period) for period in units.get_level_values("period")]


def _nodes(cities: CitySet) -> list[list[Any]]:
    """Every group and indicator, parents first: title, group's place, weight, and what it is.

    A group: its method, the method's power, cap, floor. An indicator: the place of its scores,
    whether it can be scored. Both: the most points.
    """
    framework = cities.board.framework
    at = {code: i for i, code in enumerate(framework.nodes)}
    weights = dict(cities.board.weights)
    found: list[list[Any]] = []
    for code, node in framework.nodes.items():
        title = "" if code == TOTAL else in_language(node.title, cities.lang)
        parent = at[framework.parents[code]] if code != TOTAL else -1
        most = framework.maxima[code] if framework.sums_points else 0
        head = [code, title, parent, weights.get(code, 1.0), most]
        if isinstance(node, Group):
            method = framework.method_of(node)
            name = method.name
            if framework.sums_points:
                name = "max" if framework.takes_best(node) else "sum"
            power = method.parameters.get("p")
            found.append([*head, name, power, node.cap, node.floor])
        else:
            found.append([*head, framework.positions[code], int(scorable(node, framework))])
    return found


def _plain(values: npt.NDArray[np.float64]) -> list[float | None]:
    """Numbers as JSON has them: none for what is missing, six digits for what is only sorted."""
    return [None if np.isnan(value) else float(f"{value:.6g}") for value in values]
