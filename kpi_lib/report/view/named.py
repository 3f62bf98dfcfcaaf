"""Values of a city as sentences name them: each with what it is, so that it can be checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.words import number, ordinal, percent, period_name
from kpi_lib.report.page.sentences import Named
from kpi_lib.report.view.city import CityView


def score(view: CityView, code: str = TOTAL) -> Named:
    """A score of the city, written as its scale asks for."""
    text = view.total() if code == TOTAL else view.score(view.points[code])
    return Named(text, float(view.points[code]), "score", {"code": code})


def rank(view: CityView, code: str = TOTAL) -> Named:
    """The city's rank among all that have a score, as a plain number."""
    found = int(view.ranks[code])
    return Named(str(found), found, "rank", {"code": code})


def nth(view: CityView, code: str = TOTAL) -> Named:
    """The city's rank as an ordinal."""
    found = int(view.ranks[code])
    return Named(ordinal(found, view.lang), found, "rank", {"code": code})


def ranked(view: CityView, code: str = TOTAL) -> Named:
    """How many have a score of the code."""
    n = view.ranked(code)
    return Named(number(n, view.lang, 0), n, "ranked", {"code": code})


def peer_rank(view: CityView, code: str = TOTAL) -> Named:
    """The city's rank within its peer group, as an ordinal."""
    found = int(view.peer_ranks[code])
    return Named(ordinal(found, view.lang), found, "peer rank", {"code": code})


def peers_ranked(view: CityView, code: str = TOTAL) -> Named:
    """How many of the peer group, the city among them, have a score of the code."""
    n = view.peers_ranked(code)
    return Named(number(n, view.lang, 0), n, "peers ranked", {"code": code})


def value(view: CityView, code: str) -> Named:
    """A value of the city with its unit."""
    return Named(view.measured(code), float(view.values[code]), "value", {"code": code})


def median(view: CityView, code: str) -> Named:
    """The median value of the others, with its unit."""
    found = float(view.value_medians[code])
    return Named(view.with_unit(code, found), found, "median", {"code": code})


def target(view: CityView, code: str) -> Named:
    """The target in force, with its unit."""
    _, found = view.targets[code]
    return Named(view.with_unit(code, found), float(found), "target", {"code": code})


def gain(view: CityView, code: str, points: float) -> Named:
    """Points of the composite that reaching the target in force would add, with a decimal more."""
    text = view.gain(points).lstrip("+")
    return Named(text, float(points), "target gain", {"code": code})


def share(view: CityView, of: float, what: str) -> Named:
    """A share (0–1) in whole per cent."""
    return Named(percent(of, view.lang), float(of), what)


def count(view: CityView, n: int | np.integer, what: str) -> Named:
    """A count."""
    return Named(number(int(n), view.lang, 0), int(n), what)


def period(view: CityView, of: str | None = None) -> Named:
    """A period, the view's where none is given, as a sentence writes it."""
    found = of or view.period
    return Named(period_name(found, view.lang), found, "period")


def known(value: float) -> bool:
    """Whether there is a number."""
    return bool(pd.notna(value))
