"""Methods in words: what a report says of how values were treated, scored and merged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kpi_lib.locale.words import Lang, amount, listed, percent, say
from kpi_lib.methods.registry import Method

_NORMALISE: Mapping[str, tuple[str, str]] = {
    "goalposts": (
        "mốc thấp và mốc cao (0–100 điểm, cắt ở hai đầu)",
        "goalposts (0–100 points, clipped at both ends)",
    ),
    "scaled": (
        "mốc thấp và mốc cao, không cắt ở hai đầu",
        "between two given values, going on beyond both",
    ),
    "minmax": (
        "thấp nhất và cao nhất trong các đô thị",
        "between the lowest and the highest city",
    ),
    "target": ("tỷ lệ đạt mục tiêu của kỳ", "share of the period's target reached"),
    "pass_fail": ("đạt hoặc không đạt", "met or not met"),
    "zscore": (
        "độ lệch so với trung bình, tính theo độ lệch chuẩn",
        "distance from the mean, in standard deviations",
    ),
    "rank": ("thứ tự, tính từ đô thị kém nhất lên", "place, counted from the worst city up"),
    "borda": ("số đô thị kém hơn", "number of cities that are worse"),
    "percentile": ("tỷ lệ đô thị kém hơn (0–100)", "share of the cities that are worse (0–100)"),
    "fraction_of_max": (
        "tỷ lệ so với đô thị tốt nhất (0–100)",
        "share of the best city's value (0–100)",
    ),
    "none": ("giữ nguyên thang đo gốc", "kept on its own scale"),
}
_AGGREGATE: Mapping[str, tuple[str, str]] = {
    "arithmetic": ("trung bình cộng có trọng số", "weighted arithmetic mean"),
    "geometric": ("trung bình nhân có trọng số", "weighted geometric mean"),
    "harmonic": ("trung bình điều hòa có trọng số", "weighted harmonic mean"),
    "power": ("trung bình lũy thừa có trọng số", "weighted power mean"),
    "min": ("điểm thấp nhất", "the lowest score"),
    "median": ("trung vị có trọng số", "weighted median"),
    "copeland": (
        "Copeland: tỷ lệ đô thị khác thua khi so từng cặp",
        "Copeland: share of the other cities beaten in pairs",
    ),
    "benefit_of_the_doubt": (
        "trọng số có lợi nhất cho từng đô thị (benefit of the doubt)",
        "the weights that favour each city most (benefit of the doubt)",
    ),
}
_IMPUTE: Mapping[str, tuple[str, str]] = {
    "mean": ("trung bình của các đô thị", "the mean of the cities"),
    "median": ("trung vị của các đô thị", "the median of the cities"),
    "group_mean": ("trung bình của các đô thị cùng nhóm", "the mean of the cities of its group"),
    "group_median": (
        "trung vị của các đô thị cùng nhóm",
        "the median of the cities of its group",
    ),
    "linear": ("nội suy tuyến tính giữa hai kỳ", "the line between two periods of the city"),
    "forward": ("giá trị của kỳ trước", "the city's value of an earlier period"),
    "regression": ("hồi quy theo các chỉ số gần nhất", "a regression on the closest indicators"),
}
_CURVES: Mapping[str, tuple[str, str]] = {
    "log": ("logarit", "logarithm"),
    "boxcox": ("phép biến đổi Box–Cox", "the Box–Cox transformation"),
}


def normalisation(method: Method, lang: Lang) -> str:
    """Say how a value becomes a score."""
    text = say(lang, *_NORMALISE[method.name])
    if method.parameters.get("across") == "panel":
        text += say(lang, ", trên tất cả các kỳ", ", over all periods")
    return text + _numbers(method, lang)


def aggregation(method: Method, lang: Lang) -> str:
    """Say how scores become the score of a group."""
    return say(lang, *_AGGREGATE[method.name]) + _numbers(method, lang)


def step(method: Method, lang: Lang) -> str:
    """Say in a sentence what a step of a treatment does."""
    told = method.parameters
    which: Any = told.get("indicators", ())
    codes = [which] if isinstance(which, str) else [str(code) for code in which]
    only = f" ({listed(codes, lang)})" if codes else ""
    if method.name == "impute":
        by = say(lang, *_IMPUTE[str(told["by"])])
        return say(lang, f"Giá trị thiếu được thay bằng {by}{only}.",
                   f"Missing values are replaced by {by}{only}.")  # fmt: skip
    if method.name == "screen":
        return _screening(told, only, lang)
    if method.name == "winsorise":
        text = say(
            lang,
            f"Giá trị quá xa được đưa về giá trị kế tiếp, tối đa {_told(told, 'points', 5, lang)} "
            f"giá trị của một chỉ số{only}",
            f"Far values are drawn in to the next one, at most {_told(told, 'points', 5, lang)} "
            f"of an indicator{only}",
        )
        otherwise = str(told.get("otherwise", "log"))
        if otherwise in _CURVES:
            curve = say(lang, *_CURVES[otherwise])
            text += say(lang, f"; nếu chưa đủ thì dùng {curve}", f"; failing that, {curve}")
        return text + "."
    curve = say(lang, *_CURVES[method.name])
    when = "" if told.get("always") else say(lang, " có giá trị quá xa", " with far values")
    return say(lang, f"Chỉ số{when} được biến đổi bằng {curve}{only}.",
               f"Indicators{when} are transformed by {curve}{only}.")  # fmt: skip


def _screening(told: Mapping[str, Any], only: str, lang: Lang) -> str:
    parts = []
    for key, vi, en in (
        ("min_available", "số liệu", "of the values"),
        ("min_nonzero", "số liệu khác 0", "of the values not zero"),
    ):
        if told.get(key):
            least = percent(float(told[key]), lang)
            parts.append(say(lang, f"ít nhất {least} {vi}", f"at least {least} {en}"))
    if not parts:
        return say(lang, "Không đô thị nào bị loại.", "No city is left out.")
    return say(
        lang,
        f"Chỉ tính đô thị có {listed(parts, lang)}{only}.",
        f"Only cities with {listed(parts, lang)}{only} are scored.",
    )


def _told(told: Mapping[str, Any], key: str, default: float, lang: Lang) -> str:
    return amount(float(told.get(key, default)), lang)


def _numbers(method: Method, lang: Lang) -> str:
    """The parameters of a method that are numbers, in brackets."""
    said = [
        f"{key} = {'∞' if value == math.inf else amount(float(value), lang)}"
        for key, value in method.parameters.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return f" ({listed(said, lang)})" if said else ""
