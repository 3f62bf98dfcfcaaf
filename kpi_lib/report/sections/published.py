"""What the audit says of published scores: which of them follow from the data."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from kpi_lib.analysis.published import agreement, differences
from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.catalogue import Lang, tr, tr_n
from kpi_lib.locale.words import amount, capital, counted, in_language, listed, number, signed, word
from kpi_lib.report.page.html import Fragment, heading, joined, paragraphs
from kpi_lib.report.sections.listings import table
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.scoreboard import Scoreboard

# Rows of the list of differences, and how many cities a sentence names.
_MOST = 25
_NAMED = 3


def published(board: Scoreboard, lang: Lang) -> Fragment | None:
    """Compare published scores with those that follow from the data; None where none are."""
    found = agreement(board)
    if found.empty:
        return None
    apart = differences(board)
    return joined(
        heading(tr(lang, "Published scores"), "published"),
        paragraphs(*_sentences(board, found, apart, lang)),
        _by_period(board, found, lang),
        _apart(board, apart, lang),
    )


def _sentences(
    board: Scoreboard, found: pd.DataFrame, apart: pd.DataFrame, lang: Lang
) -> list[str]:
    name = board.framework.name
    texts = _rescaled(board, found, lang)
    for row in found[~found["agrees"].astype(bool)].reset_index().to_dict("records"):
        code, period = row["code"], row["period"]
        here = apart[(apart["code"] == code) & (apart["period"] == period)]
        off, n = len(here), int(row["cities"])
        facts = {
            "period": period,
            "title": _title(board, code, lang),
            "framework": name,
            "off": off,
            "n": n,
            "largest": _digits(row["largest"], lang),
            "city": city_name(board, str(here["city"].iloc[0]), lang),
        }
        if off == n:
            text = tr(
                lang,
                "{period}, {title}: none of the {n} published scores follows from the data under "
                "{framework}; they are up to {largest} points off ({city}).",
                **facts,
            )
        else:
            named = [city_name(board, str(city), lang) for city in here["city"].head(_NAMED)]
            if off > _NAMED:
                rest = off - _NAMED
                named.append(counted(rest, lang, "{n} other city", "{n} other cities"))
            text = tr(
                lang,
                "{period}, {title}: {off} of the {n} published scores do not follow from the data "
                "under {framework}, by up to {largest} points: {cities}.",
                cities=listed(named, lang),
                **facts,
            )
        if row["at_best"] > row["tolerance"]:
            text += " " + tr(
                lang,
                "No weights of the indicators explain them: those that come nearest still leave "
                "{rest} points.",
                rest=_digits(row["at_best"], lang),
            )
        texts.append(text)
    agreeing = found[found["agrees"].astype(bool)]
    if len(agreeing):
        periods = sorted({str(period) for _, period in agreeing.index})
        texts.append(
            tr_n(
                lang,
                "{n} published score follows within rounding ({periods}).",
                "{n} published scores follow within rounding ({periods}).",
                int(agreeing["cities"].sum()),
                n=number(agreeing["cities"].sum(), lang, 0),
                periods=listed(periods, lang),
            )
        )
    return texts


def _rescaled(board: Scoreboard, found: pd.DataFrame, lang: Lang) -> list[str]:
    """Say what was printed on another scale than the framework's."""
    factors = found["factor"].groupby(level="code", sort=False).first()
    return [
        tr(
            lang,
            "{title}: the published scores are on another scale than those of {framework}; they "
            "are compared after multiplying by {factor}.",
            title=capital(_title(board, code, lang)),
            framework=board.framework.name,
            factor=amount(factor, lang),
        )
        for code, factor in factors.items()
        if factor != 1
    ]


def _by_period(board: Scoreboard, found: pd.DataFrame, lang: Lang) -> Fragment:
    ranked = bool(found["ranks"].any())
    heads = [
        word("period", lang),
        tr(lang, "Scores compared"),
        tr(lang, "Follow from the data"),
        tr(lang, "Largest difference"),
        tr(lang, "Left under any weights"),
    ]
    if ranked:
        heads.append(tr(lang, "Ranks that fit the published scores"))
    rows = []
    for row in found.reset_index().to_dict("records"):
        cells = [
            _named(board, row, lang),
            number(row["cities"], lang, 0),
            number(row["follow"], lang, 0),
            _digits(row["largest"], lang),
            "–" if pd.isna(row["at_best"]) else _digits(row["at_best"], lang),
        ]
        if ranked:
            fit = [number(row[name], lang, 0) for name in ("ranks_follow", "ranks")]
            cells.append("/".join(fit) if row["ranks"] else "–")
        rows.append(cells)
    caption = tr(lang, "Published scores beside those that follow from the data")
    return table(caption, heads, rows, numeric=range(1, len(heads)))


def _apart(board: Scoreboard, apart: pd.DataFrame, lang: Lang) -> Fragment | None:
    if apart.empty:
        return None
    heads = [
        word("city", lang),
        word("period", lang),
        tr(lang, "Published"),
        tr(lang, "Score that follows"),
        tr(lang, "Difference"),
    ]
    rows = [
        [
            city_name(board, str(row["city"]), lang),
            _named(board, row, lang),
            number(row["published"], lang, int(row["decimals"])),
            _digits(row["computed"], lang),
            signed(row["difference"], lang, 4),
        ]
        for row in apart.head(_MOST).to_dict("records")
    ]
    caption = tr(lang, "Published scores that do not follow, the furthest off first")
    return table(caption, heads, rows, numeric=(2, 3, 4))


def _named(board: Scoreboard, row: Mapping[Hashable, Any], lang: Lang) -> str:
    """Name the period, and what was published of it where it is not the total."""
    if row["code"] == TOTAL:
        return str(row["period"])
    return f"{row['period']}, {_title(board, row['code'], lang)}"


def _digits(x: float, lang: Lang) -> str:
    return number(float(x), lang, 4)


def _title(board: Scoreboard, code: object, lang: Lang) -> str:
    if code == TOTAL:
        return word("total", lang)
    return in_language(board.framework.node(str(code)).title, lang)
