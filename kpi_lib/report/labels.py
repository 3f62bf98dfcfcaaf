"""Headings and labels of a report, by the keys that notebooks use."""

from __future__ import annotations

from kpi_lib.errors import InputError, did_you_mean
from kpi_lib.locale.catalogue import Lang, mark, msg, tr

HEADINGS = {
    "parts": mark("Score and parts"),
    "points": mark("Points lost and won"),
    "targets": mark("Targets and what to do"),
    "level": mark("Maturity level"),
    "strengths": mark("Strengths and weaknesses"),
    "values": mark("Values beside the others"),
    "indicators": mark("All indicators"),
    "needed": mark("Data still needed"),
    "method": mark("Method and trust"),
}
"""Headings of the sections, by key."""

LABELS = {
    "score": mark("Score"),
    "rank": mark("Rank"),
    "period": mark("Period"),
    "value": mark("Value"),
    "name": mark("Name"),
    "part": mark("Part"),
    "indicator": mark("Indicator"),
    "weight": mark("Weight in the whole"),
    "median": mark("Median of the others"),
    "ahead": mark("points of score from the median"),
    "others": mark("the others"),
    "over_time": mark("Scores over time"),
    "spread": mark("Scores of all, by part"),
    "drivers": mark("What makes the score differ from the median"),
    "correlations": mark("How the composite and its parts correlate (−1 to 1)"),
    "left_out": mark("Places moved on average without each part"),
    "places": mark("Places moved, on average"),
    "beside": mark("What each part weighs, and what it does"),
    "weight_share": mark("share of the weight"),
    "effective": mark("share of the differences"),
    "map_of_parts": mark("Scores by part, the best composite first"),
    "ranks_moved": mark("Ranks before and after"),
    "before": mark("Before"),
    "after": mark("After"),
    "each_set": mark("Ranks under each weight set"),
    "neighbours": mark("Ahead and behind in the ranking"),
}
"""Labels of axes and titles of charts, by key."""


def label(key: str, lang: Lang) -> str:
    """Give a label or a heading by its key, or say which keys there are."""
    known = HEADINGS | LABELS
    if key not in known:
        raise InputError(
            msg("there is no label '{key}'. {hint}", key=key, hint=did_you_mean(key, known)).strip()
        )
    return tr(lang, known[key])
