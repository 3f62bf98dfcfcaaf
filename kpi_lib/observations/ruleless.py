"""Indicators of a sum of points that have no rule: what is said where their points are wanting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import amount, counted
from kpi_lib.observations.values import Known, in_points, unit_of_points

_NAMED = 10


def left_out(framework: Framework) -> str:
    """Say what is left out of a sum of points, and of how many the total is; '' for nothing.

    That are the indicators that have no rule, and of which the data give no points either
    (``framework.given``).
    """
    codes = [leaf.code for leaf in framework.indicators if framework.lacking(leaf)]
    if not framework.sums_points or not codes:
        return ""
    whole = replace(framework, given=framework.given | set(codes)).maxima[TOTAL]
    more = msg(" and {n} more", n=len(codes) - _NAMED) if len(codes) > _NAMED else ""
    said = msg(
        "Left out are {codes}: the framework has no rule that turns their values into points, and "
        "the data give no points of them.",
        codes=", ".join(codes[:_NAMED]) + more,
    )
    if whole == framework.maxima[TOTAL]:  # a bonus or a deduction has no maximum
        return said
    out_of = msg(
        "The total is out of {most} points, not {whole}.",
        most=amount(framework.maxima[TOTAL], message_language()),
        whole=amount(whole, message_language()),
    )
    return f"{said} {out_of}"


def without_points(rows: pd.DataFrame, framework: Framework) -> Iterator[Problem]:
    """Warn of values that earn nothing for want of a rule, and of what is left out of the sum.

    ``rows`` have a value, and its place.
    """
    codes = {leaf.code for leaf in framework.indicators if framework.lacking(leaf)}
    if not framework.sums_points or not codes:
        return
    known = Known(framework)
    own = rows[rows["indicator"].isin(codes)]
    points = in_points(own, known)
    for code, plain in own[~points].groupby("indicator", sort=False, observed=True):
        first = plain.iloc[0]
        yield Problem(
            msg(
                "{code} has no rule that turns values into points: no points for {n}.",
                code=code,
                n=counted(len(plain), message_language(), "{n} value", "{n} values"),
            ),
            msg(
                "Give the points instead, with the unit '{unit}', or give the framework the rule.",
                unit=unit_of_points(str(code), known),
            ),
            first["file"],
            first["sheet"],
            int(first["row"]),
            first["column"],
            "warning",
        )
    if said := left_out(replace(framework, given=frozenset(own["indicator"][points]))):
        unit = unit_of_points(min(codes), known)
        fix = msg("Give their points, with the unit '{unit}', or their rules.", unit=unit)
        yield Problem(said, fix, severity="warning")
