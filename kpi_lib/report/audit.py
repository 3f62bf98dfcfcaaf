"""The audit of a framework on its data, section by section: what its notebook shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import pandas as pd

from kpi_lib.analysis.audit import missingness, outliers, reliability, statistics
from kpi_lib.analysis.correlations import effective_weights, links, pairs
from kpi_lib.analysis.leave_out import LeftOut, leave_out
from kpi_lib.errors import InputError, check_language
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.words import Lang, amount, count, number, percent, period_name, say, word
from kpi_lib.report.charts.audit import correlation_map, places_moved
from kpi_lib.report.html import Drawing, Fragment, heading, joined, paragraphs
from kpi_lib.report.sections import listings
from kpi_lib.report.sections.about import about, page_title
from kpi_lib.report.sections.shown import ranked
from kpi_lib.report.view import city_name, view_of
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.score import Scoreboard

# Fewer cities have no correlation worth the name.
_LEAST = 3
# Rows of a table of findings; what is worst comes first.
_MOST = 25


def audit_report(
    period: str | int = "latest",
    framework: str | Path | Framework = "vn-smart-city@1.0",
    data: str | Path = "data/processed/demo",
    lang: str = "vi",
    cities: str | Path | None = None,
) -> AuditReport:
    """Open the audit of a framework on the data of one period; ``latest`` is the last one.

    Raises :class:`InputError` for an unknown period, language, framework or file, and where
    fewer than three cities have a composite score.
    """
    language = check_language(lang)
    board = scoreboard(data, framework, cities)
    chosen = board.period(period)
    scored = int(board.table(TOTAL, chosen)["score"].notna().sum())
    if scored < _LEAST:
        raise InputError(
            f"{scored} of the cities have a composite score in {chosen}; an audit needs "
            f"{_LEAST} or more, or its correlations mean nothing."
        )
    return AuditReport(board, chosen, language)


@dataclass(frozen=True)
class AuditReport:
    """What an audit shows; each method gives one table, figure or piece of text."""

    board: Scoreboard
    period: str
    lang: Lang

    @cached_property
    def values(self) -> pd.DataFrame:
        """Values of the period, as they are scored."""
        rows = self.board.values.index.get_level_values("period") == self.period
        return self.board.values[rows]

    @cached_property
    def left_out(self) -> LeftOut:
        """Scores and ranks without each part."""
        return leave_out(self.board, self.period)

    def title(self) -> Fragment:
        """Give the page's title, the framework, and the DEMO notice where it is due."""
        name = say(self.lang, "Kiểm định bộ chỉ số", "Audit of the framework")
        when = period_name(self.period, self.lang)
        return page_title(self.board, self.lang, f"{name} – {when}")

    def statistics(self) -> Fragment:
        """Describe each indicator, with flags of what to look at."""
        table = statistics(self.values)
        flags = ["few_values", "many_zeros", "few_distinct", "outliers"]
        names = {
            "few_values": say(self.lang, "ít số liệu", "few values"),
            "many_zeros": say(self.lang, "nhiều số 0", "many zeros"),
            "few_distinct": say(self.lang, "ít giá trị khác nhau", "few distinct values"),
            "outliers": say(self.lang, "giá trị ngoại lai", "outliers"),
        }
        rows = [
            (
                self._title(str(code)),
                *(self._amount(row[key]) for key in ("low", "median", "high", "sd", "skewness")),
                number(row["available"], self.lang, 0),
                ", ".join(names[flag] for flag in flags if row[flag]) or "–",
            )
            for code, row in table.to_dict("index").items()
        ]
        heads = [
            word("indicator", self.lang),
            say(self.lang, "Thấp nhất", "Lowest"),
            say(self.lang, "Trung vị", "Median"),
            say(self.lang, "Cao nhất", "Highest"),
            say(self.lang, "Độ lệch chuẩn", "Standard deviation"),
            say(self.lang, "Độ lệch (skewness)", "Skewness"),
            say(self.lang, "Số giá trị", "Values"),
            say(self.lang, "Lưu ý", "To look at"),
        ]
        flagged = int(table[flags].any(axis=1).sum())
        text = say(
            self.lang,
            f"{flagged} trong {len(table)} chỉ số có điểm cần lưu ý.",
            f"{flagged} of {count(len(table), 'en', '', 'indicator')} have something to look at.",
        )
        return self._section("statistics", "Thống kê chỉ số", "Indicators", [text], heads, rows)

    def outliers(self) -> Fragment:
        """List the values that are far from the others."""
        table = outliers(self.values)
        rows = [
            (
                city_name(self.board, str(city), self.lang),
                self._title(str(code)),
                self._amount(value),
                number(distance, self.lang),
            )
            for city, _, code, value, distance in table.head(_MOST).itertuples(index=False)
        ]
        heads = [
            word("city", self.lang),
            word("indicator", self.lang),
            word("value", self.lang),
            say(self.lang, "Cách tứ phân vị (lần IQR)", "Quartile ranges away"),
        ]
        text = say(
            self.lang,
            f"{len(table)} giá trị cách tứ phân vị trên ba lần khoảng tứ phân vị (Tukey, 1977).",
            f"{count(len(table), 'en', '', 'value')} more than three interquartile ranges from the "
            "quartiles (Tukey 1977).",
        )
        return self._section(
            "outliers", "Giá trị ngoại lai", "Outliers", [text], heads, rows, numeric=(2, 3)
        )

    def missing(self) -> Fragment:
        """Give the share of cities without a value, for the indicators that lack most."""
        shares = missingness(self.board)
        worst = shares[self.period].sort_values(ascending=False, kind="stable")
        worst = worst[worst > 0].head(_MOST)
        rows = [
            (self._title(str(code)), *(percent(float(x), self.lang) for x in shares.loc[code]))
            for code in worst.index
        ]
        heads = [word("indicator", self.lang), *map(str, shares.columns)]
        text = say(
            self.lang,
            "Tỷ lệ đô thị chưa có số liệu, theo kỳ.",
            "Share of the cities without a value, by period.",
        )
        return self._section(
            "missing", "Số liệu thiếu", "Missing data", [text], heads, rows, caption=text
        )

    def links(self) -> Fragment:
        """Say which parts do not go with their group or with the whole."""
        table = links(self.board, self.period)
        flagged = table[table["negative"] | table["lost"] | table["stray"]]
        names = {
            "negative": say(self.lang, "ngược với nhóm", "against its group"),
            "lost": say(self.lang, "không thể hiện trong tổng", "lost in the total"),
            "stray": say(self.lang, "gần nhóm khác hơn", "closer to another group"),
        }
        rows = [
            (
                self._title(str(code)),
                self._title(row["group"]),
                self._correlation(row["own"]),
                self._correlation(row["total"]),
                ", ".join(name for key, name in names.items() if row[key]),
            )
            for code, row in flagged.to_dict("index").items()
        ]
        heads = [
            say(self.lang, "Phần", "Part"),
            word("group", self.lang),
            say(self.lang, "Tương quan với nhóm", "Correlation with its group"),
            say(self.lang, "với điểm tổng hợp", "with the composite"),
            say(self.lang, "Lưu ý", "To look at"),
        ]
        text = say(
            self.lang,
            f"{len(flagged)} trong {len(table)} phần không đi cùng nhóm hoặc cùng điểm tổng hợp.",
            f"{len(flagged)} of {len(table)} parts do not go with their group or with the total.",
        )
        return self._section(
            "links", "Tương quan", "Correlations", [text], heads, rows, numeric=(2, 3)
        )

    def correlation_map(self) -> Drawing | None:
        """Draw how the composite and its parts correlate over the cities of the period."""
        view = view_of(
            self.board, str(ranked(self.board, self.period).index[0]), self.period, self.lang
        )
        codes = [TOTAL, *(node.code for node in view.objectives)]
        table = self.board.points.iloc[self.board.by_period[self.period]][codes].corr()
        titles = {code: self._title(code) for code in codes}
        figure = correlation_map(table, titles, self.lang, self.board.observations.demo)
        if figure is None:
            return None
        square = table.to_numpy(dtype=float)
        found = [
            (square[i, j], f"“{titles[codes[i]]}” – “{titles[codes[j]]}”")
            for i, j in combinations(range(len(codes)), 2)
            if pd.notna(square[i, j])
        ]
        said = [f"{names} {self._correlation(x)}" for x, names in (max(found), min(found))]
        alt = say(
            self.lang,
            f"Tương quan mạnh nhất: {said[0]}; yếu nhất: {said[1]}.",
            f"The highest correlation: {said[0]}; the lowest: {said[1]}.",
        )
        caption = say(
            self.lang,
            "Tương quan giữa điểm tổng hợp và các hợp phần qua các đô thị (−1 đến 1)",
            "How the composite and its parts correlate over the cities (−1 to 1)",
        )
        return Drawing(figure, alt, caption)

    def pairs(self) -> Fragment:
        """List pairs that say the same twice, and pairs that pull against each other."""
        table = pairs(self.board, self.period)
        rows = [
            (
                self._title(row["one"]),
                self._title(row["other"]),
                self._correlation(row["correlation"]),
                say(self.lang, "trùng thông tin", "the same twice")
                if row["flag"] == "collinear"
                else say(self.lang, "ngược chiều", "opposed"),
            )
            for row in table[table["flag"] != ""].head(_MOST).to_dict("records")
        ]
        heads = [
            word("indicator", self.lang),
            say(self.lang, "và", "and"),
            say(self.lang, "Tương quan", "Correlation"),
            say(self.lang, "Lưu ý", "To look at"),
        ]
        caption = say(
            self.lang, "Cặp chỉ số trùng hoặc ngược nhau", "Pairs that repeat or oppose each other"
        )
        return self._section("pairs", caption, caption, [], heads, rows, numeric=(2,))

    def reliability(self) -> Fragment:
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
            say(self.lang, "Số phần", "Parts"),
            say(self.lang, "Cronbach alpha", "Cronbach's alpha"),
            say(self.lang, "Tương quan trung bình", "Mean correlation"),
            say(self.lang, "Thành phần chính thứ nhất", "First principal component"),
        ]
        text = say(
            self.lang,
            "Alpha dưới khoảng 0,7 cho thấy các phần của nhóm đo những điều khác nhau (Cronbach, "
            "1951).",
            "An alpha under about 0.7 says that the parts of a group measure different things "
            "(Cronbach 1951).",
        )
        return self._section(
            "reliability", "Độ nhất quán của nhóm", "Consistency of groups", [text], heads, rows
        )

    def effective(self) -> Fragment:
        """Set what each part weighs beside what it does to the differences between cities."""
        table = effective_weights(self.board, self.period)
        top = [node.code for node in self.board.framework.all_groups[0].children]
        if len(top) == 1:
            only = self.board.framework.groups[0]
            top = [node.code for node in only.children]
        rows = [
            (
                self._title(str(code)),
                percent(float(row["weight"]), self.lang),
                self._share(row["effective"]),
                self._correlation(row["correlation"]),
            )
            for code, row in table[table.index.isin(top)].to_dict("index").items()
        ]
        heads = [
            say(self.lang, "Phần", "Part"),
            word("weight", self.lang),
            say(self.lang, "Trọng số thực tế", "Effective weight"),
            say(self.lang, "Tương quan với tổng", "Correlation with the total"),
        ]
        text = say(
            self.lang,
            "Trọng số thực tế là phần của phương sai điểm tổng hợp mà mỗi phần tạo ra (Paruolo và "
            "cộng sự, 2013).",
            "The effective weight is the share of the variance of the total that a part makes "
            "(Paruolo, Saisana and Saltelli 2013).",
        )
        return self._section(
            "effective", "Điều gì thực sự quyết định", "What really drives it", [text], heads, rows
        )

    def left_out_table(self) -> Fragment:
        """Say what leaving each part out would do to scores and ranks."""
        table = self.left_out.summary()
        rows = [
            (
                self._title(str(code)),
                number(row["score"], self.lang, 2),
                percent(float(row["moved"]), self.lang),
                number(row["mean_move"], self.lang, 2),
                f"{number(row['largest_move'], self.lang, 0)} "
                f"({city_name(self.board, row['city'], self.lang)})",
            )
            for code, row in table.head(_MOST).to_dict("index").items()
        ]
        heads = [
            say(self.lang, "Bỏ ra", "Left out"),
            say(self.lang, "Điểm thay đổi trung bình", "Mean change of a score"),
            say(self.lang, "Đô thị đổi hạng", "Cities that move"),
            say(self.lang, "Số bậc trung bình", "Places, on average"),
            say(self.lang, "Nhiều nhất", "At most"),
        ]
        return self._section(
            "left-out", "Nếu bỏ một phần ra", "Leaving a part out", [], heads, rows
        )

    def left_out_figure(self) -> Drawing | None:
        """Draw how many places cities move without each part."""
        summary = self.left_out.summary()
        titles = {str(code): self._title(str(code)) for code in summary.index}
        figure = places_moved(summary, titles, self.lang, self.board.observations.demo)
        if figure is None:
            return None
        first = str(summary.index[0])
        alt = say(
            self.lang,
            f"Bỏ “{titles[first]}” làm thứ hạng thay đổi nhiều nhất: trung bình "
            f"{number(summary['mean_move'].iloc[0], 'vi', 2)} bậc.",
            f"Leaving out “{titles[first]}” moves ranks most: "
            f"{number(summary['mean_move'].iloc[0], 'en', 2)} places on average.",
        )
        caption = say(
            self.lang,
            "Số bậc thay đổi trung bình khi bỏ từng phần",
            "Places that cities move on average without each part",
        )
        return Drawing(figure, alt, caption)

    def method(self) -> Fragment:
        """Say how scores are made, from what, and what is not official."""
        table = self.board.observations.table
        rows = table[table["period"] == self.period]
        head = heading(word("method", self.lang), "method")
        return joined(head, about(self.board, self.lang, rows))

    def _section(
        self,
        anchor: str,
        vi: str,
        en: str,
        texts: Iterable[str],
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        numeric: Iterable[int] | None = None,
        caption: str = "",
    ) -> Fragment:
        title = say(self.lang, vi, en)
        if not rows:
            nothing = say(self.lang, "Không có gì cần lưu ý.", "Nothing to look at.")
            return joined(heading(title, anchor), paragraphs(*texts, nothing))
        columns = set(range(1, len(heads)) if numeric is None else numeric)
        body = listings.table(caption or title, heads, rows, numeric=columns)
        return joined(heading(title, anchor), paragraphs(*texts), body)

    def _title(self, code: str) -> str:
        if code == TOTAL:
            return word("total", self.lang)
        return self.board.framework.node(code).title[self.lang]

    def _amount(self, x: float) -> str:
        return "–" if pd.isna(x) else amount(float(x), self.lang)

    def _correlation(self, x: float) -> str:
        return "–" if pd.isna(x) else number(float(x), self.lang, 2)

    def _share(self, x: float) -> str:
        return "–" if pd.isna(x) else f"{number(100 * x, self.lang, 0)}%"
