"""Flags on values: kept as they stand in the note, and what is known of them as the quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.io.cells.coded import changed, coded, texts
from kpi_lib.io.cells.marks import quality_of_flag
from kpi_lib.io.tables.sheet import Sheet
from kpi_lib.locale.catalogue import msg


def quality_column(frame: pd.DataFrame, of_period: pd.Series[Any] | None) -> None:
    """Spell the quality out, in place: ``p`` is provisional, and what periods say of it counts."""
    codes, distinct = coded(frame["quality"])
    frame["quality"] = texts(codes, [quality_of_flag(str(text)) or str(text) for text in distinct])
    if of_period is None or not (of_period != "").any():
        return
    silent = ((frame["quality"] == "") & (of_period != "")).to_numpy()
    said = of_period[silent].to_numpy(dtype=object)
    frame["quality"] = changed(frame["quality"], silent, said)


def flagged(
    sheet: Sheet, frame: pd.DataFrame, flags: Mapping[int, str], header: str
) -> list[Problem]:
    """Keep the flags of a column in note and quality, in place, and warn of them."""
    if not flags:
        return []
    at = list(flags)
    qualities = {flag: _quality(flag) for flag in set(flags.values())}
    for name, said in (
        ("note", list(flags.values())),
        ("quality", [qualities[flag] for flag in flags.values()]),
    ):
        own = frame[name].iloc[at].to_numpy(dtype=object)
        both = [mine or text for mine, text in zip(own, said, strict=True)]
        frame[name] = changed(frame[name], at, both)
    counts = Counter(flags.values())
    listed = ", ".join(f"{flag} ({n})" for flag, n in counts.most_common(10))
    found = msg("values have flags, which are kept as notes: {listed}.", listed=listed)
    return [replace(sheet.problem_at(at[:1], found, "", header), severity="warning")]


def _quality(flag: str) -> str:
    return next(filter(None, map(quality_of_flag, (flag, *flag))), "")
