"""The review of a revision, section by section: what its notebook shows in each cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.analysis.revision import PARTS, split
from kpi_lib.errors import check_language
from kpi_lib.exchange.datasets import read_for_both
from kpi_lib.framework.describe import of_difference
from kpi_lib.framework.diff import Difference, diff
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import TOTAL
from kpi_lib.io.paths import find
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import capital, counted, in_language, number, period_name, signed
from kpi_lib.observations.describe import limits_of
from kpi_lib.observations.sources import Paths
from kpi_lib.report.charts.revision import (
    MOST_CITIES,
    describe_changes,
    draw_changes,
    known_changes,
    part_name,
    parts_shown,
)
from kpi_lib.report.labels import label
from kpi_lib.report.page.axes import chart_axes, figure_html, figure_of
from kpi_lib.report.page.html import (
    Fragment,
    bullets,
    heading,
    paragraphs,
    scrolled,
)
from kpi_lib.report.page.piece import ChartPiece, Piece, piece_of
from kpi_lib.report.sections.about import demo_notice, limits, official
from kpi_lib.report.sections.listings import table
from kpi_lib.report.sections.version_notes import as_html
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard


def framework_review(
    framework_old: str | Path,
    framework_new: str | Path,
    data_old: Paths,
    data_new: Paths | None = None,
    period_old: str | int = "latest",
    period_new: str | int = "latest",
    lang: str = "vi",
    cities: str | Path | None = None,
) -> FrameworkReview:
    """Compare two versions of a framework and what the newer one does to the scores.

    Without ``data_new``, both versions are given the same data: what only the other version
    knows is passed over, and a renamed indicator may stand under either code. ``period`` is
    that of each side, ``latest`` the last one that has a score; ``cities`` the cities file where
    it is not beside the data. Raises :class:`InputError` for wrong input, and where one file
    uses a code that means different indicators.
    """
    language = check_language(lang)
    old, new = (load_framework(_found(name)) for name in (framework_old, framework_new))
    observed = read_for_both(old, new, data_old, data_new, cities)
    before, after = (score(each, own) for each, own in zip(observed, (old, new), strict=True))
    periods = _latest(before, period_old), _latest(after, period_new)
    return FrameworkReview(before, after, *periods, language)


@dataclass(frozen=True, repr=False)
class FrameworkReview(Displayed):
    """What is shown of a revision; each method gives one table, figure or piece of text."""

    before: Scoreboard
    after: Scoreboard
    period_before: str
    period_after: str
    lang: Lang

    def _display(self) -> Display:
        return replace(of_difference(self.difference), notes=limits_of(self.after.observations))

    @property
    def name(self) -> str:
        """What it is a review of: the two versions."""
        text = tr(self.lang, "Framework review")
        return f"{text}: {self.before.framework.name} → {self.after.framework.name}"

    def noun(self, n: int = 2) -> str:
        """What is scored, one or many: ``city``, ``cities``."""
        return self.after.framework.unit_noun(self.lang, n)

    def label(self, key: str) -> str:
        """A label in the language of the review (``report/labels.py``)."""
        return label(key, self.lang)

    def axes(self, title: str = "", height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO."""
        return chart_axes(title, self.demo, height, self.lang)

    @property
    def demo(self) -> bool:
        """Whether any of its figures are made up."""
        return self.before.observations.demo or self.after.observations.demo

    @cached_property
    def difference(self) -> Difference:
        """What was added, removed, renamed, moved, reweighted and redefined."""
        return diff(self.before.framework, self.after.framework)

    @cached_property
    def split(self) -> pd.DataFrame:
        """Scores, ranks, and the change of each city by its parts (:func:`kpi_lib.split`)."""
        return split(self.before, self.after, self.period_before, self.period_after)

    @cached_property
    def same_data(self) -> tuple[str, pd.DataFrame] | None:
        """The same for one period under both versions, and which it is.

        The newer period, or the older one where the newer lacks what the older version needs;
        None where no city has both scores in either.
        """
        for period in (self.period_after, self.period_before):
            if period in self.before.periods and period in self.after.periods:
                moved = split(self.before, self.after, period, period)
                if moved["change"].notna().any():
                    return period, moved
        return None

    @cached_property
    def names(self) -> pd.Series[str]:
        """The name of each city."""
        boards = {city: board for board in (self.before, self.after) for city in board.latest}
        return pd.Series(
            {city: city_name(board, city, self.lang) for city, board in boards.items()}
        )

    def title(self) -> Piece:
        """The title under what limits the page, and the two versions."""
        titles = [
            in_language(board.framework.title, self.lang) for board in (self.before, self.after)
        ]
        names = [board.framework.name for board in (self.before, self.after)]
        facts = pd.DataFrame({"framework": names, "title": titles}, index=["before", "after"])
        return piece_of(
            facts,
            limits(self.lang, self.before, self.after),
            heading(self.name, "top", level=1),
            paragraphs(f"{titles[0]} → {titles[1]}", css="subtitle"),
        )

    def changes(self) -> Piece:
        """Say what the newer version changes; its data have a row for each change."""
        text = tr(self.lang, "What changes")
        rows = pd.DataFrame(self.difference.json()["changes"])
        return piece_of(rows, heading(text, "changes"), as_html(self.difference, self.lang))

    def scores(self) -> Piece:
        """Say how the scores moved, and give every city's score, rank and parts (``split``)."""
        text = tr(self.lang, "Scores and ranks before and after")
        caption = tr(
            self.lang,
            "Composite score: {before} and {after}",
            before=self._side(0),
            after=self._side(1),
        )
        return piece_of(
            self.split,
            heading(text, "scores"),
            paragraphs(*self._moves(self.split)),
            scrolled(self._table(self.split, caption), caption),
        )

    def causes(self) -> ChartPiece | None:
        """Draw the change of each city by its parts; None where no city has a split."""
        split = self.split
        if known_changes(split).empty:
            return None

        def draw(ax: Axes) -> None:
            draw_changes(split, self.names, self.lang, ax)

        caption = tr(self.lang, "What moved each score")
        alt = describe_changes(split, self.names, self.lang)
        ax = chart_axes(
            "", self.demo, height=0.3 * min(len(split), MOST_CITIES) + 1.5, lang=self.lang
        )
        draw(ax)
        html = figure_html(ax, "causes", alt, caption)
        plt.close(figure_of(ax))
        return ChartPiece(split, html, draw, text=alt, demo=self.demo, lang=self.lang)

    def revision_alone(self) -> Piece | None:
        """Give scores and ranks of the same data under both versions; None where there are none."""
        if self.same_data is None or self.period_before == self.period_after:
            return None
        period, moved = self.same_data
        when = period_name(period, self.lang)
        text = tr(self.lang, "The revision alone")
        caption = tr(self.lang, "The same data of {when} under both versions", when=when)
        return piece_of(
            moved,
            heading(text, "alone"),
            paragraphs(*self._moves(moved)),
            scrolled(self._table(moved, caption), caption),
        )

    def method(self) -> Piece:
        """Say how a change is split, and what of the frameworks is not official."""
        sides = [board.framework for board in (self.before, self.after)]
        facts = [{"framework": side.name, "status": side.status} for side in sides]
        return piece_of(
            pd.DataFrame(facts, index=["before", "after"]),
            heading(tr(self.lang, "Method"), "method"),
            paragraphs(*(official(b.framework, self.lang) for b in (self.before, self.after))),
            bullets(*self._explained()),
            self._demo_notice(),
        )

    def _demo_notice(self) -> Fragment | None:
        """The notice for made-up figures, where those of either side are."""
        sides = (self.after, self.before)
        return demo_notice(max(sides, key=lambda side: side.observations.demo), self.lang)

    def _side(self, which: int) -> str:
        board = (self.before, self.after)[which]
        period = (self.period_before, self.period_after)[which]
        return f"{board.framework.name}, {period_name(period, self.lang)}"

    def _moves(self, moved: pd.DataFrame) -> list[str]:
        """Tell the mean change by its parts, and who changes rank most."""
        known, lang = moved.dropna(subset=["change", *PARTS]), self.lang
        if known.empty:
            return [tr(lang, "There are no scores under both versions.")]
        cities = f"{len(known)} {self.noun(len(known))}"
        parts = [
            f"{part_name(part, lang)} {signed(known[part].mean(), lang)}"
            for part in parts_shown(known)
        ]
        mean = signed(known["change"].mean(), lang)
        texts = [
            tr(
                lang,
                "On average over {cities} the score changes by {mean}: {parts}.",
                cities=cities,
                mean=mean,
                parts="; ".join(parts),
            )
        ]
        climbed = (known["rank_before"] - known["rank_after"]).astype(int)
        best, worst = str(climbed.idxmax()), str(climbed.idxmin())
        if climbed[best] <= 0:
            return [*texts, tr(lang, "No rank changes.")]
        up, down = (
            counted(abs(int(climbed[city])), lang, "{n} place", "{n} places")
            for city in (best, worst)
        )
        rise = tr(lang, "{names} climbs most, by {up}", names=self.names[best], up=up)
        fall = tr(lang, "; {names} falls most, by {down}", names=self.names[worst], down=down)
        return [*texts, f"{rise}{fall if climbed[worst] < 0 else ''}."]

    def _table(self, moved: pd.DataFrame, caption: str) -> Fragment:
        lang = self.lang
        parts = parts_shown(moved)
        heads = [
            self.after.framework.unit_noun(lang, first=True),
            tr(lang, "Score before"),
            tr(lang, "Rank before"),
            tr(lang, "Score after"),
            tr(lang, "Rank after"),
            tr(lang, "Change"),
            *(capital(part_name(part, lang)) for part in parts),
        ]
        ordered = moved.sort_values(["rank_after", "rank_before"], kind="stable")
        rows = [
            [
                str(self.names[str(city)]),
                *(
                    text
                    for side in ("before", "after")
                    for text in (_number(row[f"score_{side}"], lang), _rank(row[f"rank_{side}"]))
                ),
                *(_signed(row[column], lang) for column in ("change", *parts)),
            ]
            for city, row in ordered.iterrows()
        ]
        return table(caption, heads, rows, numeric=range(1, len(heads)))

    def _explained(self) -> list[str]:
        lang = self.lang
        return [
            tr(
                lang,
                "Each change is split into what comes from the data (values of "
                "the indicators that both versions hold), the weights, the membership "
                "(indicators and groups that were added, removed or moved) and the rules "
                "(goalposts, directions, methods, the treatment of missing values). The "
                "parts sum to the change exactly.",
            ),
            tr(
                lang,
                "A part is the mean of what it does over all orders in which the changes "
                "could be made: the Shapley value (Shapley 1953; Shorrocks 2013). An "
                "indicator that only one version holds keeps its value and weight there, "
                "so all it does is membership.",
            ),
            tr(
                lang,
                "An indicator in another unit, or with another denominator or "
                "multiplier, counts as another indicator.",
            ),
        ]


def _found(name: str | Path) -> str | Path:
    """A file is looked for upwards, as data are; an ``id@version`` stands for itself."""
    return find(name) if str(name).endswith((".yaml", ".yml")) else name


def _latest(board: Scoreboard, period: str | int) -> str:
    if str(period) != "latest":
        return board.period(period)
    scored = board.points[TOTAL].dropna().index.get_level_values("period")
    return str(max(scored, default=board.periods[-1]))


def _number(x: float, lang: Lang) -> str:
    return "–" if pd.isna(x) else number(x, lang)


def _signed(x: float, lang: Lang) -> str:
    return "–" if pd.isna(x) else signed(x, lang)


def _rank(x: float) -> str:
    return "–" if pd.isna(x) else str(int(x))
