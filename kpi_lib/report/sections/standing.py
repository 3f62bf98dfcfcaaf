"""Sentences on where a city stands: score, rank and how sure it is, coverage, best and worst."""

from __future__ import annotations

import pandas as pd

from kpi_lib.framework.model import TOTAL
from kpi_lib.locale.words import amount, capital, count, listed, ordinal, percent, period_name, say
from kpi_lib.report.view import CityView


def standing(view: CityView) -> list[str]:
    """Say where the city stands: score, rank, coverage, change, best and weakest part."""
    if not view.observed:
        return [_nothing_reported(view)]
    if pd.isna(view.points[TOTAL]):
        return _said(_no_total(view), _national(view), _parts_scored(view))
    return _said(
        " ".join(part for part in (_total(view), _change(view)) if part),
        _national(view),
        _sureness(view),
        _coverage(view),
        _extremes(view),
    )


def _said(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _nothing_reported(view: CityView) -> str:
    total = len(view.board.framework.indicators)
    return say(
        view.lang,
        f"{view.name} chưa có số liệu nào cho {period_name(view.period, 'vi')}: cả {total} chỉ số "
        "đều trống. Báo cáo này vì vậy chỉ nêu những số liệu cần thu thập và nơi cung cấp.",
        f"{view.name} has no data for {view.period}: all {total} indicators are empty. This "
        "report therefore only lists what is to be collected, and from whom.",
    )


def _no_total(view: CityView) -> str:
    least = percent(view.board.framework.missing.min_coverage, view.lang)
    have = percent(float(view.coverage[TOTAL]), view.lang)
    seen, all_of = len(view.observed), len(view.board.framework.indicators)
    if view.board.framework.missing.policy == "strict":
        least = percent(1.0, view.lang)
    return say(
        view.lang,
        f"Chưa thể tính điểm tổng hợp của {view.name} cho {period_name(view.period, 'vi')}: số "
        f"liệu mới phủ {have} trọng số của bộ chỉ số, trong khi cần ít nhất {least}. Đô thị có số "
        f"liệu của {seen} trong {all_of} chỉ số.",
        f"No composite score can be given for {view.name} in {view.period}: the data cover {have} "
        f"of the framework's weight, and at least {least} is needed. There are data for {seen} of "
        f"the {all_of} indicators.",
    )


def _parts_scored(view: CityView) -> str:
    groups = [g.code for g in view.board.framework.all_groups if g.code != TOTAL]
    scored = view.points[groups].dropna()
    if scored.empty:
        return ""
    named = listed(
        [f"“{view.title(code)}” ({view.score(scored[code])})" for code in scored.index[:4]],
        view.lang,
    )
    more = len(scored) > 4
    return say(
        view.lang,
        f"Tuy vậy, {count(len(scored), 'vi', 'nhóm', '')} có đủ số liệu để tính điểm"
        f"{', trong đó có' if more else ':'} {named}.",
        f"{capital(count(len(scored), 'en', '', 'group'))} "
        f"{'has' if len(scored) == 1 else 'have'} enough data for a score"
        f"{', among them' if more else ':'} {named}.",
    )


def _total(view: CityView) -> str:
    score, n = view.score(view.points[TOTAL]), view.ranked()
    out_of = ""
    if view.top is not None:
        top = amount(view.top, view.lang)
        out_of = say(view.lang, f" trên {top}", f" out of {top}")
    rank = int(view.ranks[TOTAL])
    if n == 1:
        place = say(view.lang, ", là đô thị duy nhất có điểm", ", the only city with a score")
    else:
        place = say(
            view.lang,
            f", xếp {ordinal(rank, 'vi')} trong {n} đô thị",
            f" and ranks {ordinal(rank, 'en')} of {n} cities",
        )
    return say(
        view.lang,
        f"{capital(period_name(view.period, 'vi'))}, {view.name} đạt {score}{out_of} điểm{place}.",
        f"In {view.period} {view.name} scores {score}{out_of}{place}.",
    )


def _national(view: CityView) -> str:
    """Say the score under the national framework alone, where something local is added."""
    if view.national is None:
        return ""
    framework, local = view.national.board.framework.name, len(view.board.framework.local_codes)
    added = say(
        view.lang,
        f"Bộ chỉ số này bổ sung {local} phần địa phương vào {framework}.",
        f"This framework adds {count(local, 'en', '', 'local part')} to {framework}.",
    )
    if pd.isna(view.national.points[TOTAL]):
        return added
    score, rank = view.national.score(view.national.points[TOTAL]), view.national.ranks[TOTAL]
    return f"{added} " + say(
        view.lang,
        f"Tính riêng theo bộ chỉ số quốc gia, đô thị đạt {score} điểm, hạng "
        f"{int(rank)}/{view.national.ranked()}.",
        f"Under the national framework alone the city scores {score} and ranks "
        f"{ordinal(int(rank), 'en')} of {view.national.ranked()}.",
    )


def _change(view: CityView) -> str:
    before = view.before
    if before is None or pd.isna(before.points[TOTAL]):
        return ""
    change = view.points[TOTAL] - before.points[TOTAL]
    up = int(before.ranks[TOTAL] - view.ranks[TOTAL])
    moved = say(
        view.lang,
        "giữ nguyên thứ hạng"
        if up == 0
        else f"{'tăng' if up > 0 else 'giảm'} {abs(up)} bậc trên bảng xếp hạng",
        "keeps its rank"
        if up == 0
        else f"{'moves up' if up > 0 else 'moves down'} {count(abs(up), 'en', '', 'place')}",
    )
    by = view.score(abs(change))
    if by == view.score(0):
        same = say(view.lang, "điểm không đổi", "its score is unchanged")
        return say(
            view.lang,
            f"So với {period_name(before.period, 'vi')}, {same} và {moved}.",
            f"Against {before.period}, {same} and it {moved}.",
        )
    return say(
        view.lang,
        f"So với {period_name(before.period, 'vi')}, đô thị "
        f"{'tăng' if change > 0 else 'giảm'} {by} điểm và {moved}.",
        f"Against {before.period} it {'gains' if change > 0 else 'loses'} {by} points and {moved}.",
    )


def _sureness(view: CityView) -> str:
    """Say how sure the rank is when weights are uncertain."""
    if view.interval is None:
        return ""
    low, high, same = view.interval
    if low == high:
        return say(
            view.lang,
            "Thứ hạng này rất chắc chắn: khi mọi trọng số lệch tới một phần tư, nó vẫn giữ nguyên "
            "trong ít nhất chín phần mười số lần tính.",
            "The rank is sure: with every weight off by up to a quarter, it stays in at least nine "
            "of ten draws.",
        )
    share = percent(same, view.lang)
    sure = (
        say(view.lang, "khá chắc chắn", "fairly sure")
        if same >= 0.75
        else say(view.lang, "chưa thật chắc chắn", "not quite sure")
        if same >= 0.4
        else say(view.lang, "không chắc chắn", "unsure")
    )
    return say(
        view.lang,
        f"Thứ hạng này {sure}: khi mọi trọng số lệch tới một phần tư, nó nằm trong khoảng {low}–"
        f"{high} ở chín phần mười số lần tính và giữ nguyên ở {share}.",
        f"The rank is {sure}: with every weight off by up to a quarter, it lies between {low} and "
        f"{high} in nine of ten draws and stays as it is in {share}.",
    )


def _coverage(view: CityView) -> str:
    seen, all_of = len(view.observed), len(view.board.framework.indicators)
    share = percent(float(view.coverage[TOTAL]), view.lang)
    if seen == all_of:
        return say(
            view.lang,
            f"Cả {all_of} chỉ số đều có số liệu.",
            f"All {all_of} indicators have data.",
        )
    return say(
        view.lang,
        f"Điểm được tính trên {share} trọng số của bộ chỉ số: {seen} trong {all_of} chỉ số có số "
        "liệu.",
        f"The score rests on {share} of the framework's weight: {seen} of {all_of} indicators have "
        "data.",
    )


def _extremes(view: CityView) -> str:
    scored = view.points[[node.code for node in view.objectives]].dropna()
    if len(scored) < 2:
        return ""
    best, worst = str(scored.idxmax()), str(scored.idxmin())
    if scored[best] == scored[worst]:
        return ""

    def place(code: str) -> str:
        rank, n = int(view.ranks[code]), view.ranked(code)
        return say(
            view.lang,
            f"{view.score(scored[code])} điểm, hạng {rank}/{n}",
            f"{view.score(scored[code])} points, {ordinal(rank, 'en')} of {n}",
        )

    return say(
        view.lang,
        f"Điểm cao nhất thuộc về “{view.title(best)}” ({place(best)}), thấp nhất là "
        f"“{view.title(worst)}” ({place(worst)}).",
        f"It does best in “{view.title(best)}” ({place(best)}) and worst in “{view.title(worst)}” "
        f"({place(worst)}).",
    )
