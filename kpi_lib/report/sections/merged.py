"""Values that were made of those of places that have merged."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_lib.io.cells.periods import years
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import period_name
from kpi_lib.observations.merge import MERGED
from kpi_lib.report.view.city import CityView


def merged(view: CityView) -> list[str]:
    """Say which values were made of those of places that have merged, and by which method."""
    own = view.board.observations.of_city(view.city)
    own = own[own["quality"].str.startswith(MERGED)]
    own = own[own["period"].map(years) <= years(view.period)]
    sentences = []
    for quality, some in own.groupby("quality", sort=False):
        known = some[some["value"].notna()]
        method = str(quality).removeprefix(MERGED)
        how = (
            tr(view.lang, "the mean weighted by population")
            if method == "population"
            else tr(view.lang, "the plain mean")
        )
        names = "; ".join(dict.fromkeys(known["note"]))
        spans = _span(sorted(set(some["period"])), view.lang)
        if known.empty:
            continue
        sentences.append(
            tr(
                view.lang,
                "Before the merger ({spans}), the values of {name} are {how} of {names}; "
                "where one of them has no value, there is none.",
                spans=spans,
                name=view.name,
                how=how,
                names=names,
            )
        )
    return sentences


def _span(periods: Sequence[str], lang: Lang) -> str:
    if len(periods) == 1:
        return period_name(periods[0], lang)
    return f"{periods[0]}–{periods[-1]}"
