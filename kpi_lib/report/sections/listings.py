"""The tables of a city report, as HTML that a screen reader can read and a phone can show."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from kpi_lib.framework.model import TOTAL, Group, Indicator, Node
from kpi_lib.locale.catalogue import tr
from kpi_lib.locale.words import amount, in_language, percent, reason, word
from kpi_lib.report.html import Fragment, facts
from kpi_lib.report.tables import Row as Table
from kpi_lib.report.tables import table as plain_table
from kpi_lib.report.view import CityView
from kpi_lib.scoring.indicators import scorable
from kpi_lib.scoring.steps import reason_of

Row = Sequence[str]


# With more columns a table may be wider than the page, and scrolls by itself.
_MOST_COLUMNS = 10


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    numeric: Collection[int] = (),
    kinds: Sequence[str] = (),
) -> Fragment:
    """Make a table of plain texts; the first cell of a row is its heading.

    ``numeric`` are the columns to set flush right, ``kinds`` a style class for each row. Each
    cell carries its column's name, so that the page can show a row as a card where it is narrow.
    """
    rows = list(rows)
    kinds = kinds or [""] * len(rows)
    given = [Table(row, kind) for row, kind in zip(rows, kinds, strict=True)]
    lines = [caption, " | ".join(heads), *(" | ".join(row) for row in rows)]
    return Fragment(plain_table(caption, heads, given, numeric), "\n".join(lines))


def key_figures(view: CityView) -> Fragment | None:
    """Give score, rank and coverage at a glance; None where there are none."""
    if not view.observed:
        return None
    pairs = []
    if pd.notna(view.points[TOTAL]):
        printed = view.board.framework.shown in {None, "points"}
        top = f"/ {amount(view.top, view.lang)}" if view.top is not None and printed else ""
        if count := view.scored_text():
            top = f"{top} ({count})".strip()
        pairs.append((word("total", view.lang), view.total(), top))
        rank, of = str(int(view.ranks[TOTAL])), f"/ {view.ranked()}"
        low, high, _ = view.interval or (0, 0, 1.0)
        if low < high:
            of += tr(view.lang, " (interval {low}–{high})", low=low, high=high)
        pairs.append((word("rank", view.lang), rank, of))
    if view.national is not None and pd.notna(view.national.points[TOTAL]):
        label = tr(view.lang, "National score")
        pairs.append((label, view.national.score(view.national.points[TOTAL]), ""))
    if pd.notna(view.coverage[TOTAL]):
        cover = percent(float(view.coverage[TOTAL]), view.lang)
        seen, all_of = len(view.observed), len(view.board.framework.indicators)
        of = tr(view.lang, "({seen} of {all_of} indicators)", seen=seen, all_of=all_of)
        pairs.append((word("coverage", view.lang), cover, of))
    return facts(*pairs) if pairs else None


def parts(view: CityView) -> Fragment | None:
    """Give the scores of the composite and its parts: score, median of the others, rank.

    Where the framework does not score every indicator, how many it does; None where it scores
    none.
    """
    if not view.scored:
        return None
    codes = [TOTAL, *(node.code for node in view.objectives)]
    heads = [word(key, view.lang) for key in ("group", "score", "median", "rank", "coverage")]
    if view.scored_of() is not None:
        heads.append(tr(view.lang, "Indicators scored"))
    return table(
        tr(view.lang, "The composite score and its parts"),
        heads,
        [
            (
                view.title(code),
                _score(view, code),
                view.median(code),
                _rank(view, code),
                _coverage(view, code),
                *scored_cells(view, code),
            )
            for code in codes
        ],
        numeric=range(1, len(heads)),
    )


def scored_cells(view: CityView, code: str = TOTAL) -> list[str]:
    """Give the cell of how many indicators are scored; none where all can be."""
    found = view.scored_of(code)
    return [] if found is None else [f"{found[0]}/{found[1]}"]


def gaps(view: CityView) -> Fragment | None:
    """Give every target in force with the gap, the share of the way, and what closing it brings.

    Gaps first, by points of the composite that closing each alone would add; then those met.
    None where no indicator with a value has a target.
    """
    if not view.targets:
        return None
    gains = view.target_gains
    met = [code for code in view.targets if code not in gains.index]
    rows = []
    for code in [*gains.index, *met]:
        year, target = view.targets[code]
        value = view.values[code]
        source = in_language(view.indicator(code).target_source, view.lang)
        is_met = code in met
        rows.append(
            (
                view.title(code),
                view.measured(code),
                f"{view.with_unit(code, target)} ({year})",
                word("met", view.lang) if is_met else view.distance(code, target - value),
                "–" if is_met else view.gain(gains[code]),
                source or "–",
            )
        )
    keys = ("indicator", "value", "target", "gap", "gain", "target_source")
    return table(
        tr(view.lang, "Targets in force and the gap to each"),
        [_head(view, key) for key in keys],
        rows,
        numeric=(1, 2, 3, 4),
    )


def absences(view: CityView) -> Fragment | None:
    """Give the indicators without data, with the reason; None where there are none.

    A row for each, by agency; where the framework names no agency, a row for each group.
    """
    if not view.absent:
        return None
    caption = tr(view.lang, "Indicators without data")
    if not any(indicator.agency for indicator in view.absent):
        return _absences_by_group(view, caption)
    unknown = word("unknown_agency", view.lang)
    by_agency: dict[str, list[Indicator]] = {}
    for indicator in view.absent:
        name = in_language(indicator.agency, view.lang) or unknown
        by_agency.setdefault(name, []).append(indicator)
    return table(
        caption,
        [word(key, view.lang) for key in ("indicator", "agency", "frequency", "reason")],
        [
            (
                in_language(indicator.title, view.lang),
                agency,
                word(indicator.frequency, view.lang) if indicator.frequency else "–",
                _why(view, indicator) or tr(view.lang, "no entry"),
            )
            for agency in sorted(by_agency, key=lambda name: (name == unknown, name))
            for indicator in by_agency[agency]
        ],
    )


def _absences_by_group(view: CityView, caption: str) -> Fragment:
    by_group: dict[str, list[str]] = {}
    for indicator in view.absent:
        why = _why(view, indicator)
        named = (
            f"{in_language(indicator.title, view.lang)} ({why})"
            if why
            else in_language(indicator.title, view.lang)
        )
        by_group.setdefault(view.board.framework.parents[indicator.code], []).append(named)
    return table(
        caption,
        [word("group", view.lang), word("indicator", view.lang)],
        [(view.title(code), "; ".join(named)) for code, named in by_group.items()],
    )


def _why(view: CityView, indicator: Indicator) -> str:
    """The reason that the data give for a missing value, if they give one."""
    if indicator.code not in view.rows.index:
        return ""
    return reason(str(view.rows.at[indicator.code, "note"] or ""), view.lang)


def indicators(view: CityView) -> Fragment:
    """Give the whole tree: each group's and indicator's value, score, rank and contribution."""
    keys = ("indicator", "value", "score", "rank", "median", "weight", "contribution")
    rows, kinds = [], []
    for top in view.board.framework.groups:
        for depth, node in _tree(top):
            if isinstance(node, Group):
                cells = _group_cells(view, node)
            else:
                cells = _indicator_cells(view, node)
            if node.provenance == "local":
                cells[0] += f" [{word('local', view.lang)}]"
            rows.append(cells)
            kinds.append(f"depth-{min(depth, 3)}{' group' if isinstance(node, Group) else ''}")
    return table(
        tr(view.lang, "All indicators in their structure"),
        [_head(view, key) for key in keys],
        rows,
        numeric=range(1, len(keys)),
        kinds=kinds,
    )


def treated(view: CityView) -> Fragment | None:
    """Give every value of the city that treatment changed; None where it changed none."""
    if not view.board.framework.treatment:
        return None
    log = view.board.treated
    own = log[(log["city"] == view.city) & (log["period"] == view.period)]
    if own.empty:
        return None
    rows = [
        (view.title(row["code"]), *_before_and_after(view, row), reason_of(row, view.lang))
        for row in own.to_dict("records")
    ]
    heads = [
        word("indicator", view.lang),
        tr(view.lang, "Before"),
        tr(view.lang, "After"),
        word("reason", view.lang),
    ]
    caption = tr(view.lang, "Values treated before scoring")
    return table(caption, heads, rows, numeric=(1, 2))


def _before_and_after(view: CityView, row: Mapping[Hashable, Any]) -> tuple[str, str]:
    if row["code"] == TOTAL:  # screened out: the share of its values that is there
        return percent(float(row["before"]), view.lang), word("no_score", view.lang)
    before, after = (
        word("no_data", view.lang) if pd.isna(x) else view.with_unit(row["code"], float(x))
        for x in (row["before"], row["after"])
    )
    return before, after


def _tree(node: Node, depth: int = 0) -> Iterable[tuple[int, Node]]:
    yield depth, node
    if isinstance(node, Group):
        for child in node.children:
            yield from _tree(child, depth + 1)


def _group_cells(view: CityView, group: Group) -> list[str]:
    count = view.scored_text(group.code)
    cover = _coverage(view, group.code)
    return [
        in_language(group.title, view.lang),
        f"{cover}; {count}" if count and view.scored else cover,
        _score(view, group.code),
        _rank(view, group.code),
        view.median(group.code),
        view.weight(group.code),
        "",
    ]


def _indicator_cells(view: CityView, indicator: Indicator) -> list[str]:
    code = indicator.code
    value = view.values[code]
    median = view.value_medians[code]
    scored = scorable(indicator, view.board.framework)
    return [
        in_language(indicator.title, view.lang),
        word("no_data", view.lang) if pd.isna(value) else view.measured(code),
        view.out_of(code) if scored else word("not_scored", view.lang),
        _rank(view, code),
        "–" if pd.isna(median) else view.with_unit(code, median),
        view.weight(code) if scored else "–",
        view.gain(view.contributions[code]).lstrip("+") if scored and pd.notna(value) else "–",
    ]


def _head(view: CityView, key: str) -> str:
    """The head of a column; that of values says what follows them where errors are given."""
    if key == "value" and len(view.errors):
        return tr(view.lang, "Value ± standard error")
    return word(key, view.lang)


def _score(view: CityView, code: str) -> str:
    points = view.points[code]
    return word("no_score", view.lang) if pd.isna(points) else view.out_of(code)


def _rank(view: CityView, code: str) -> str:
    rank = view.ranks[code]
    return "–" if pd.isna(rank) else f"{int(rank)}/{view.ranked(code)}"


def _coverage(view: CityView, code: str) -> str:
    share = view.coverage[code]
    return "–" if pd.isna(share) else percent(float(share), view.lang)


def _cells(row: Row, heads: Sequence[str], numeric: Collection[int]) -> str:
    first, *rest = row
    cells = [f'<th scope="row">{escape(first)}</th>']
    for i, text in enumerate(rest, start=1):
        label = escape(heads[i])
        cells.append(f'<td data-label="{label}"{_flush(i in numeric)}>{escape(text)}</td>')
    return "".join(cells)


def _flush(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def _kind(kind: str) -> str:
    return f' class="{escape(kind)}"' if kind else ""
