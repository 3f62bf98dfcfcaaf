"""Sentences about one city, made from its numbers, in Vietnamese and in English.

Every function gives a list of plain paragraphs; an empty one where there is nothing to say.
"""

from __future__ import annotations

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.words import capital, count, listed, number, percent, period_name, say
from kpi_lib.report.sections.standing import standing
from kpi_lib.report.view import CityView

__all__ = ["missing", "peers", "progress", "standing", "targets", "unscored"]

# How many indicators a sentence names before it becomes a list.
_NAMED = 3


def peers(view: CityView) -> list[str]:
    """Say where the city is furthest above and below the other cities' median."""
    ahead = view.ahead
    if not view.observed:
        return [_nothing_to_compare(view)]
    if ahead.empty:
        return [
            say(
                view.lang,
                "Chưa đủ đô thị khác có số liệu cùng kỳ để so sánh theo từng chỉ số (cần ít nhất "
                "hai).",
                "Too few other cities have data for the same period to compare single "
                "indicators (two at the least).",
            )
        ]
    above, below = ahead[ahead > 0], ahead[ahead < 0].iloc[::-1]
    better = _named(view, list(above.index[:_NAMED]))
    worse = _named(view, list(below.index[:_NAMED]))
    sentences = [_balance(view, len(ahead), len(above), len(below))]
    if better:
        sentences.append(
            say(view.lang, f"Nổi bật nhất là {better}.", f"It leads most in {better}.")
        )
    if worse:
        sentences.append(
            say(view.lang, f"Thua kém nhiều nhất là {worse}.", f"It trails most in {worse}.")
        )
    return [" ".join(sentences)]


def targets(view: CityView) -> list[str]:
    """Say how many targets are met and what closing the most rewarding gaps would bring."""
    if not any(indicator.targets for indicator in view.board.framework.indicators):
        return [
            say(
                view.lang,
                "Bộ chỉ số này chưa đặt mục tiêu cho chỉ số nào.",
                "This framework sets no target for any indicator.",
            )
        ]
    if not view.targets:
        return [
            say(
                view.lang,
                f"{capital(period_name(view.period, 'vi'))}, các chỉ số có mục tiêu đều chưa có số "
                "liệu.",
                f"There are no data for {view.period} on the indicators that have a target.",
            )
        ]
    open_, met = view.open_targets, len(view.targets) - len(view.open_targets)
    total = len(view.targets)
    if not open_:
        return [
            say(
                view.lang,
                f"{view.name} đã đạt tất cả {total} mục tiêu có số liệu.",
                f"{view.name} meets all {total} targets for which there are data."
                if total > 1
                else f"{view.name} meets the one target for which there are data.",
            )
        ]
    sentences = [
        say(
            view.lang,
            f"{view.name} chưa đạt mục tiêu nào trong {total} mục tiêu có số liệu."
            if met == 0
            else f"{view.name} đạt {met} trong {total} mục tiêu có số liệu.",
            f"{view.name} does not meet the one target for which there are data."
            if total == 1
            else f"{view.name} meets {met or 'none'} of the {total} targets for which there are "
            "data.",
        )
    ]
    gains = view.target_gains.dropna()
    gains = gains[gains > 0]
    if not gains.empty:
        code = str(gains.index[0])
        year, target = open_[code]
        title, gain = view.title(code), number(gains.iloc[0], view.lang, view.digits + 1)
        now, goal = view.with_unit(code, view.values[code]), view.with_unit(code, target)
        sentences.append(
            say(
                view.lang,
                f"Khoảng cách đáng khép lại nhất là chỉ số “{title}”: đưa từ {now} tới mục tiêu "
                f"{goal} (năm {year}) sẽ làm điểm tổng hợp tăng {gain} điểm.",
                f"The gap most worth closing is “{title}”: from {now} to the target of {goal} "
                f"({year}) would add {gain} points to the composite score.",
            )
        )
    return [" ".join(sentences)]


def progress(view: CityView) -> list[str]:
    """Say how the composite and the objectives moved since the first period with a score."""
    totals = view.history[TOTAL].dropna()
    if len(totals) < 2:
        return [
            say(
                view.lang,
                f"{view.name} mới có điểm tổng hợp ở {len(totals)} kỳ, chưa đủ để nói về xu hướng."
                if len(totals)
                else f"{view.name} chưa có điểm tổng hợp ở kỳ nào nên chưa thể nói về xu hướng.",
                f"{view.name} has a composite score for "
                f"{count(len(totals), 'en', '', 'period')} only: too few to speak of a trend."
                if len(totals)
                else f"{view.name} has no composite score in any period, hence no trend.",
            )
        ]
    first, last = str(totals.index[0]), str(totals.index[-1])
    change = totals.iloc[-1] - totals.iloc[0]
    start, end = view.score(totals.iloc[0]), view.score(totals.iloc[-1])
    moved = say(
        view.lang,
        "tăng" if change > 0 else "giảm",
        "rose" if change > 0 else "fell",
    )
    years = int(last[:4]) - int(first[:4])
    pace = ""
    if years > 1:
        rate = view.score(abs(change) / years)
        pace = say(
            view.lang, f", bình quân mỗi năm {rate} điểm", f", {rate} points a year on average"
        )
    sentences = [
        say(
            view.lang,
            f"Từ {period_name(first, 'vi')} đến {_until(first, last)}, điểm tổng hợp của "
            f"{view.name} {moved} từ {start} {'lên' if change > 0 else 'xuống'} {end}{pace}.",
            f"From {first} to {last} the composite score of {view.name} {moved} from {start} to "
            f"{end}{pace}.",
        )
    ]
    moves = _moves(view)
    if len(moves) > 1:
        most, least = str(moves.index[0]), str(moves.index[-1])
        sentences.append(
            say(
                view.lang,
                f"Tiến bộ nhiều nhất là “{view.title(most)}” ({view.change(moves.iloc[0])} điểm), "
                f"ít nhất là “{view.title(least)}” ({view.change(moves.iloc[-1])} điểm).",
                f"“{view.title(most)}” moved up most ({view.change(moves.iloc[0])} points), "
                f"“{view.title(least)}” least ({view.change(moves.iloc[-1])} points).",
            )
        )
    sentences.append(_coverage_caution(view, first, last))
    return [" ".join(part for part in sentences if part)]


def missing(view: CityView) -> list[str]:
    """Say what is missing, and from how many agencies."""
    absent, all_of = view.absent, len(view.board.framework.indicators)
    if not absent:
        return [
            say(
                view.lang,
                f"Cả {all_of} chỉ số đều có số liệu.",
                f"All {all_of} indicators have data.",
            )
        ]
    agencies = {i.agency[view.lang] for i in absent if i.agency}
    if len(absent) == all_of:
        text = say(
            view.lang,
            f"Cả {all_of} chỉ số đều chưa có số liệu",
            f"None of the {all_of} indicators has data",
        )
    else:
        text = say(
            view.lang,
            f"Còn thiếu số liệu của {len(absent)} trong {all_of} chỉ số",
            f"Data are missing for {len(absent)} of the {all_of} indicators",
        )
    if agencies:
        text += say(
            view.lang,
            f", thuộc trách nhiệm của {count(len(agencies), 'vi', 'cơ quan', '')}",
            f", to be supplied by {count(len(agencies), 'en', '', 'agency', 'agencies')}",
        )
    return [text + "."]


def unscored(view: CityView) -> list[str]:
    """Say which indicators are shown and compared, but not scored."""
    without = len(view.board.framework.indicators) - len(view.scored)
    if not without:
        return []
    return [
        say(
            view.lang,
            f"{capital(count(without, 'vi', 'chỉ số', ''))} không có mốc đánh giá tự nhiên hoặc đã "
            "công bố nên chỉ được trình bày và so sánh, không tính điểm.",
            f"{count(without, 'en', '', 'indicator')} without natural or published goalposts "
            f"{'is' if without == 1 else 'are'} shown and compared, not scored.",
        )
    ]


def _nothing_to_compare(view: CityView) -> str:
    return say(view.lang, "Chưa có số liệu để so sánh.", "There are no data to compare.")


def _named(view: CityView, codes: list[str]) -> str:
    return listed(
        [f"“{view.title(code)}” ({view.with_unit(code, view.values[code])})" for code in codes],
        view.lang,
    )


def _until(first: str, last: str) -> str:
    """The end of a span in Vietnamese: "từ năm 2019 đến 2025", without a second "năm"."""
    return last if len(first) == len(last) == 4 else period_name(last, "vi")


def _balance(view: CityView, n: int, above: int, below: int) -> str:
    """Say in how many of ``n`` indicators the city is above and below the others' median."""
    name = view.name
    compared = count(n, "en", "", "indicator")
    if n in (above, below):
        side = say(view.lang, "cao" if above else "thấp", "above" if above else "below")
        return say(
            view.lang,
            f"{name} {side} hơn trung vị của các đô thị khác ở cả {n} chỉ số so sánh được.",
            f"{name} is {side} the median of the other cities in all of the {compared} that can "
            "be compared.",
        )
    return say(
        view.lang,
        f"Trong {n} chỉ số so sánh được, {name} cao hơn trung vị của các đô thị khác ở {above} chỉ "
        f"số và thấp hơn ở {below} chỉ số.",
        f"Of the {compared} that can be compared, {name} is above the median of the other cities "
        f"in {above} and below it in {below}.",
    )


def _moves(view: CityView) -> pd.Series[float]:
    """Change of each objective from the first to the last period that both have a score."""
    codes = [node.code for node in view.objectives]
    known = view.history[view.history[TOTAL].notna()]
    change = known[codes].iloc[-1] - known[codes].iloc[0]
    return change.dropna().sort_values(ascending=False, kind="stable")


def _coverage_caution(view: CityView, first: str, last: str) -> str:
    """Warn where the set of indicators behind the score changed much over the years."""
    cover = view.board.coverage.xs(view.city, level="city")[TOTAL]
    start, end = float(cover[first]), float(cover[last])
    if abs(end - start) < 0.1:
        return ""
    return say(
        view.lang,
        f"Lưu ý: mức độ đầy đủ số liệu thay đổi từ {percent(start, 'vi')} lên "
        f"{percent(end, 'vi')}, nên một phần thay đổi của điểm là do có thêm chỉ số được tính."
        if end > start
        else f"Lưu ý: mức độ đầy đủ số liệu giảm từ {percent(start, 'vi')} xuống "
        f"{percent(end, 'vi')}, nên một phần thay đổi của điểm là do bớt chỉ số được tính.",
        f"Mind that coverage went from {percent(start, 'en')} to {percent(end, 'en')}: part of the "
        "change comes from the indicators that count.",
    )
