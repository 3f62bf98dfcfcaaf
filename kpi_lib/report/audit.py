"""The audit of a framework on its data, section by section: what its notebook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from kpi_lib.analysis.audit import reliability
from kpi_lib.analysis.correlations import effective_weights, links, pairs
from kpi_lib.analysis.leave_out import LeftOut, leave_out
from kpi_lib.analysis.peers import AUTO, Peers, explained
from kpi_lib.analysis.peers import peers as peers_of
from kpi_lib.analysis.published import agreement
from kpi_lib.analysis.robustness.kept import intervals
from kpi_lib.analysis.robustness.words import drawn
from kpi_lib.errors import InputError, check_language
from kpi_lib.framework.model import TOTAL, Framework, Policy
from kpi_lib.locale.catalogue import Lang, message_language, msg, tr, tr_in
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import number, percent, period_name, word
from kpi_lib.observations.quality import Quality
from kpi_lib.report.labels import label
from kpi_lib.report.page.axes import chart_axes, shorten
from kpi_lib.report.page.html import heading
from kpi_lib.report.page.piece import Piece, piece_of
from kpi_lib.report.sections import audited_values, findings, peer_groups
from kpi_lib.report.sections.about import about, page_title
from kpi_lib.report.sections.correlated import about_p, links_said, p_value, too_few
from kpi_lib.report.sections.folded import folded
from kpi_lib.report.sections.published import published
from kpi_lib.report.sections.unscored import no_scores
from kpi_lib.report.view.names import city_name, node_title
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.describe import of_board
from kpi_lib.scoring.scoreboard import Scoreboard

# Fewer cities have no correlation worth the name.
_LEAST = 3


def audit_report(
    period: str | int = "latest",
    framework: str | Path | Framework = "vn-smart-city@1.0",
    data: str | Path = "data/processed/demo",
    lang: str = "vi",
    cities: str | Path | None = None,
    peers: str | None = AUTO,
    quality: Quality = "verified",
    weights: str | Path | None = None,
    normalise: str | None = None,
    aggregate: str | None = None,
    missing: Policy | None = None,
    spec: str | Path | None = None,
) -> AuditReport:
    """Open the audit of a framework on the data of one period; ``latest`` is the last one.

    ``peers`` is the column of cities.csv that makes peer groups, or ``auto``
    (:func:`kpi_lib.analysis.peers.peers`); the rest is chosen in place of the framework's weights
    and methods, as for :func:`kpi_lib.city_report`. Raises :class:`InputError` for an
    unknown period, language, framework, column or file, and where fewer than three cities have a
    composite score.
    """
    language = check_language(lang)
    methods = (normalise, aggregate, missing)
    board = scoreboard(data, framework, cities, quality, weights, *methods, spec)
    chosen = board.period(period)
    groups = peers_of(board, peers, chosen)
    scored = int(board.table(TOTAL, chosen)["score"].notna().sum())
    if scored < _LEAST:
        text = msg(
            "{scored} of the {cities} have a composite score in {period}; an audit needs {least} "
            "or more, or its correlations mean nothing.",
            scored=scored,
            cities=board.framework.unit_noun(message_language(), 2),
            period=chosen,
            least=_LEAST,
        )
        raise InputError(f"{text} {no_scores(board.framework, message_language())}".strip())
    return AuditReport(board, chosen, board.observations.project.speaks(language), groups)


@dataclass(frozen=True, repr=False)
class AuditReport(Displayed):
    """What an audit shows; each method gives one table, figure or piece of text."""

    board: Scoreboard
    period: str
    lang: Lang
    groups: Peers | None = None

    def _display(self) -> Display:
        return of_board(self.board, msg("Audit of the framework"), self.period)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Values of the period, as they are scored."""
        rows = self.board.measured.index.get_level_values("period") == self.period
        return self.board.measured[rows]

    @cached_property
    def left_out(self) -> LeftOut:
        """Scores and ranks without each part."""
        return leave_out(self.board, self.period)

    @property
    def name(self) -> str:
        """What it is called."""
        return tr(self.lang, "Audit of the framework")

    def title(self) -> Piece:
        """The title under what limits the page, the framework, and whose data it shows."""
        title = f"{self.name} – {period_name(self.period, self.lang)}"
        facts = {"framework": self.board.framework.name, "period": self.period, "title": title}
        return piece_of(
            pd.DataFrame([facts]), page_title(self.board, self.lang, title, self.period)
        )

    def published(self) -> Piece | None:
        """Compare what was published with what follows from the data; None where nothing was.

        Its data: :func:`kpi_lib.analysis.published.agreement`.
        """
        found = published(self.board, self.lang)
        return None if found is None else piece_of(agreement(self.board), found)

    def findings(self) -> Piece:
        """The five findings that concern most of the weight, a sentence each."""
        return findings.piece(self.board, self.period, self.left_out, self.lang)

    def axes(self, title: str = "", height: float = 4.0) -> Axes:
        """Axes of a new figure as wide as the page; of made-up figures the title says DEMO."""
        return chart_axes(title, self.board.observations.demo, height, self.lang)

    def label(self, key: str) -> str:
        """A label in the language of the audit (``report/labels.py``)."""
        return label(key, self.lang)

    def titles(self, codes: Iterable[str]) -> list[str]:
        """Titles of groups and indicators in the language of the audit, by their codes."""
        return [shorten(self._title(str(code))) for code in codes]

    def statistics(self) -> Piece:
        """Describe each indicator, with flags of what to look at."""
        return audited_values.statistics(self.board, self.values, self.lang)

    def outliers(self) -> Piece:
        """List the values that are far from the others."""
        return audited_values.outliers(self.board, self.values, self.lang)

    def missing(self) -> Piece:
        """Give the share of cities without a value, for the indicators that lack most."""
        return audited_values.missing(self.board, self.period, self.lang)

    def links(self) -> Piece:
        """Say which parts do not go with their group or with the whole."""
        table = links(self.board, self.period)
        few = too_few(self.board, self.period, self.lang)
        flagged = table[(table["negative"] | table["lost"] | table["stray"]) & (not few)]
        names = {
            "negative": tr(self.lang, "against its group"),
            "lost": tr(self.lang, "lost in the total"),
            "stray": tr(self.lang, "closer to another group"),
        }
        rows = [
            (
                self._title(str(code)),
                self._title(row["group"]),
                self._correlation(row["own"]),
                p_value(row["own_p"], self.lang),
                self._correlation(row["total"]),
                p_value(row["total_p"], self.lang),
                ", ".join(name for key, name in names.items() if row[key]),
            )
            for code, row in flagged.to_dict("index").items()
        ]
        heads = [
            tr(self.lang, "Part"),
            word("group", self.lang),
            tr(self.lang, "Correlation with its group"),
            tr(self.lang, "p (adjusted)"),
            tr(self.lang, "with the composite"),
            tr(self.lang, "p (adjusted)"),
            tr(self.lang, "To look at"),
        ]
        caption = tr_in(self.lang, "audit", "Correlations")
        about = links_said(self.board.framework, table, self.lang, judged=not few)
        numeric = (2, 3, 4, 5)
        return folded(
            self.lang, "links", caption, about, heads, rows, table, numeric=numeric, nothing=few
        )

    def pairs(self) -> Piece:
        """List pairs that say the same twice, and pairs that pull against each other."""
        table = pairs(self.board, self.period)
        rows = [
            (
                self._title(row["one"]),
                self._title(row["other"]),
                self._correlation(row["correlation"]),
                p_value(row["p_adjusted"], self.lang),
                tr(self.lang, "the same twice")
                if row["flag"] == "collinear"
                else tr(self.lang, "opposed"),
            )
            for row in table[table["flag"] != ""].head(audited_values.MOST).to_dict("records")
        ]
        heads = [
            word("indicator", self.lang),
            tr(self.lang, "and"),
            tr(self.lang, "Correlation"),
            tr(self.lang, "p (adjusted)"),
            tr(self.lang, "To look at"),
        ]
        caption = tr(self.lang, "Pairs that repeat or oppose each other")
        few = too_few(self.board, self.period, self.lang)
        about = [about_p(self.lang)] if rows else []
        return folded(
            self.lang, "pairs", caption, about, heads, rows, table, numeric=(2, 3), nothing=few
        )

    def reliability(self) -> Piece:
        """Say for each group whether its parts measure one thing."""
        table = reliability(self.board, self.period)
        rows = [
            (
                self._title(str(code)),
                number(row["parts"], self.lang, 0),
                self._correlation(row["alpha"]),
                self._correlation(row["correlation"]),
                "–" if pd.isna(row["first"]) else percent(float(row["first"]), self.lang),
            )
            for code, row in table.to_dict("index").items()
        ]
        heads = [
            word("group", self.lang),
            tr(self.lang, "Parts"),
            tr(self.lang, "Cronbach's alpha"),
            tr(self.lang, "Mean correlation"),
            tr(self.lang, "First principal component"),
        ]
        text = tr(
            self.lang,
            "An alpha under about 0.7 says that the parts of a group measure "
            "different things (Cronbach 1951).",
        )
        return folded(
            self.lang,
            "reliability",
            tr_in(self.lang, "audit", "Consistency of groups"),
            [text],
            heads,
            rows,
            table,
        )

    def effective(self) -> Piece:
        """Set what each part weighs beside what it does to the differences between cities."""
        table = effective_weights(self.board, self.period)
        rows = [
            (
                self._title(str(code)),
                percent(float(row["weight"]), self.lang),
                self._share(row["effective"]),
                self._correlation(row["correlation"]),
            )
            for code, row in table[table.index.isin(self.parts)].to_dict("index").items()
        ]
        heads = [
            tr(self.lang, "Part"),
            word("weight", self.lang),
            tr(self.lang, "Effective weight"),
            tr(self.lang, "Correlation with the total"),
        ]
        text = tr(
            self.lang,
            "The effective weight is the share of the variance of the total that a "
            "part makes (Paruolo, Saisana and Saltelli 2013).",
        )
        return folded(
            self.lang,
            "effective",
            tr_in(self.lang, "audit", "What really drives it"),
            [text],
            heads,
            rows,
            table,
        )

    def peers(self) -> Piece | None:
        """Say how much of the differences goes with what makes peer groups; None without any."""
        if self.groups is None:
            return None
        found = peer_groups.section(self.groups, self.parts, self.lang)
        return piece_of(explained(self.groups), found)

    @property
    def parts(self) -> list[str]:
        """The codes of the parts of the total; where it has only one, of what is in that."""
        top = self.board.framework.groups
        return [node.code for node in (top[0].children if len(top) == 1 else top)]

    def left_out_table(self) -> Piece:
        """Say what leaving each part out would do to scores and ranks."""
        table = self.left_out.summary()
        rows = [
            (
                self._title(str(code)),
                number(row["score"], self.lang, 2),
                percent(float(row["moved"]), self.lang),
                number(row["mean_move"], self.lang, 2),
                number(row["largest_move"], self.lang, 0)
                + (f" ({city_name(self.board, row['city'], self.lang)})" if row["city"] else ""),
            )
            for code, row in table.head(audited_values.MOST).to_dict("index").items()
        ]
        heads = [
            tr(self.lang, "Left out"),
            tr(self.lang, "Mean change of a score"),
            tr(self.lang, "With another rank"),
            tr(self.lang, "Places, on average"),
            tr(self.lang, "At most"),
        ]
        return folded(
            self.lang,
            "left-out",
            tr_in(self.lang, "audit", "Leaving a part out"),
            [],
            heads,
            rows,
            table,
        )

    def ranks(self) -> Piece:
        """Give the ranks that depend most on what is drawn: weights, or what ``spec`` lists."""
        table = intervals(self.board, self.period).dropna()
        table = table.assign(places=table["high"] - table["low"])
        table = table.sort_values(["places", "rank"], ascending=[False, True], kind="stable")
        rows = [
            (
                city_name(self.board, str(city), self.lang),
                *(number(row[key], self.lang, 0) for key in ("rank", "low", "high")),
                percent(float(row["p_same"]), self.lang),
            )
            for city, row in table.head(audited_values.MOST).to_dict("index").items()
        ]
        heads = [
            self.board.framework.unit_noun(self.lang, first=True),
            word("rank", self.lang),
            tr(self.lang, "Lowest"),
            tr(self.lang, "Highest"),
            tr(self.lang, "Stays as it is"),
        ]
        text = drawn(self.board, self.lang) or tr(
            self.lang,
            "90% of draws lie between the two, when each weight varies by up to ±25% relative to "
            "its siblings.",
        )
        caption = tr_in(self.lang, "audit", "How sure the ranks are")
        return folded(self.lang, "ranks", caption, [text], heads, rows, table)

    def method(self) -> Piece:
        """Say how scores are made, from what, and what is not official; with the observations."""
        rows = self.board.observations.table.query("period == @self.period")
        head = heading(word("method", self.lang), "method")
        return piece_of(rows, head, about(self.board, self.lang, rows))

    def _title(self, code: str) -> str:
        return node_title(self.board, code, self.lang)

    def _correlation(self, x: float) -> str:
        return "–" if pd.isna(x) else number(float(x), self.lang, 2)

    def _share(self, x: float) -> str:
        return "–" if pd.isna(x) else f"{number(100 * x, self.lang, 0)}%"
