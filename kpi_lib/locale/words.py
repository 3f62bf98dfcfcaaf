"""Vietnamese and English: labels, numbers, lists and periods as people write them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Literal

from babel import Locale
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, parse_pattern

Text = Mapping[str, str]
"""A text in both languages of the reports: keys ``vi`` and ``en``."""

Lang = Literal["vi", "en"]

LANGUAGES: tuple[Lang, ...] = ("vi", "en")

_WORDS: dict[str, tuple[str, str]] = {
    "report": ("Báo cáo đô thị thông minh", "Smart city report"),
    "standing": ("Vị trí của đô thị", "Where the city stands"),
    "peers": ("Điểm mạnh và điểm yếu", "Strengths and weaknesses"),
    "gaps": ("Khoảng cách tới mục tiêu", "Gap to targets"),
    "progress": ("Tiến triển qua các năm", "Progress over the years"),
    "missing": ("Số liệu còn thiếu và nơi cung cấp", "Missing data and who supplies them"),
    "table": ("Bảng chỉ số đầy đủ", "All indicators"),
    "method": ("Phương pháp, phiên bản và nguồn", "Method, versions and sources"),
    "contents": ("Nội dung", "Contents"),
    "code": ("Mã", "Code"),
    "city": ("Đô thị", "City"),
    "period": ("Kỳ đánh giá", "Period"),
    "framework": ("Bộ chỉ số", "Framework"),
    "indicator": ("Chỉ số", "Indicator"),
    "objective": ("Mục tiêu tổng quát", "General objective"),
    "group": ("Nhóm", "Group"),
    "value": ("Giá trị", "Value"),
    "unit": ("Đơn vị", "Unit"),
    "score": ("Điểm", "Score"),
    "rank": ("Thứ hạng", "Rank"),
    "coverage": ("Mức độ đầy đủ số liệu", "Coverage"),
    "weight": ("Trọng số", "Weight"),
    "target": ("Mục tiêu", "Target"),
    "gap": ("Khoảng cách", "Gap"),
    "gain": ("Điểm có thể tăng", "Points to gain"),
    "contribution": ("Điểm đóng góp", "Points given"),
    "potential": ("Điểm còn có thể thêm", "Points it could add"),
    "median": ("Trung vị các đô thị khác", "Median of the other cities"),
    "agency": ("Cơ quan cung cấp", "Agency"),
    "frequency": ("Tần suất", "Frequency"),
    "reason": ("Lý do", "Reason"),
    "source": ("Nguồn số liệu", "Source of the data"),
    "target_source": ("Căn cứ", "Source of the target"),
    "total": ("Điểm tổng hợp", "Composite score"),
    "no_score": ("chưa tính điểm", "no score"),
    "no_data": ("không có số liệu", "no data"),
    "not_scored": ("không tính điểm", "not scored"),
    "local": ("địa phương", "local"),
    "met": ("đạt", "met"),
    "not_met": ("chưa đạt", "not met"),
    "points": ("điểm", "points"),
    "monthly": ("hằng tháng", "monthly"),
    "quarterly": ("hằng quý", "quarterly"),
    "annual": ("hằng năm", "annual"),
    "unknown_agency": ("Chưa nêu cơ quan", "No agency named"),
    "goalposts": (
        "mốc thấp và mốc cao (0–100 điểm, cắt ở hai đầu)",
        "goalposts (0–100 points, clipped at both ends)",
    ),
    "minmax": (
        "thấp nhất và cao nhất trong các đô thị",
        "between the lowest and the highest city",
    ),
    "target_method": ("tỷ lệ đạt mục tiêu của kỳ", "share of the period's target reached"),
    "pass_fail": ("đạt hoặc không đạt", "met or not met"),
    "none": ("giữ nguyên thang đo gốc", "kept on its own scale"),
    "arithmetic": ("trung bình cộng có trọng số", "weighted arithmetic mean"),
    "geometric": ("trung bình nhân có trọng số", "weighted geometric mean"),
    "min": ("điểm thấp nhất", "the lowest score"),
    "rescale": (
        "bỏ qua giá trị thiếu và chia lại trọng số cho phần có số liệu",
        "missing values are left out and the weights of the others rescaled",
    ),
    "zero": ("giá trị thiếu được tính 0 điểm", "a missing value scores 0"),
    "worst": (
        "giá trị thiếu nhận điểm thấp nhất trong kỳ",
        "a missing value gets the worst score of the period",
    ),
    "strict": (
        "thiếu một giá trị thì nhóm không có điểm",
        "a group with a missing value has no score",
    ),
    "working": ("tạm thời, không phải văn bản chính thức", "working set, not official"),
    "official": ("chính thức", "official"),
}

# The reasons that the data of the project use; any other text is shown as it stands.
_REASONS = {
    "not reported": "chưa báo cáo",
    "not verified": "chưa được thẩm định",
    "not yet collected": "chưa thu thập",
    "not applicable": "không áp dụng",
    "no denominator": "thiếu mẫu số",
    "screened out": "bị loại vì có quá ít số liệu",
}

_SPECIAL_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def word(key: str, lang: Lang) -> str:
    """Give a label."""
    return _WORDS[key][LANGUAGES.index(lang)]


def reason(note: str, lang: Lang) -> str:
    """Give the reason for a missing value in the language, where it is one of the known ones."""
    if lang == "en":
        return note
    first, _, rest = note.partition(";")
    known = _REASONS.get(first.strip().casefold())
    return note if known is None else f"{known};{rest}" if rest else known


def say(lang: Lang, vi: str, en: str) -> str:
    """Give the one of two texts that is in the language."""
    return vi if lang == "vi" else en


def in_language(text: Text | None, lang: Lang) -> str:
    """Give a bilingual text in the language; nothing where there is none."""
    return "" if text is None else text[lang]


def number(x: float, lang: Lang, digits: int = 1) -> str:
    """Write a number with a fixed count of decimals: ``1.234,5`` or ``1,234.5``."""
    return _formatted(x, digits, "#,##0." + "0" * digits if digits else "#,##0", lang)


def amount(x: float, lang: Lang) -> str:
    """Write a measured value with as many decimals as its size calls for, no idle zeros."""
    if math.isnan(x):
        return "–"
    size = abs(x)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4
    if 0 < size < 0.001:
        digits = min(9, 1 - math.floor(math.log10(size)))
    return _formatted(x, digits, "#,##0." + "#" * digits, lang)


@lru_cache(maxsize=10_000)
def _formatted(x: float, digits: int, pattern: str, lang: Lang) -> str:
    text = str(format_decimal(_rounded(x, digits), *_read(pattern, lang)))
    return text.replace("-", "\N{MINUS SIGN}")


@cache
def _read(pattern: str, lang: Lang) -> tuple[NumberPattern, Locale]:
    """Read a pattern and a language once: that costs more than writing a number."""
    return parse_pattern(pattern), Locale.parse(lang)


def _rounded(x: float, digits: int) -> Decimal:
    """Round half up, as published tables do; twelve digits first, for what is half on paper."""
    return Decimal(f"{x:.12g}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def quantity(x: float, unit: str, lang: Lang) -> str:
    """Write a value with its unit: ``62,5%`` in Vietnamese, ``62.5 %`` in English."""
    if not unit:
        return amount(x, lang)
    space = "" if unit == "%" and lang == "vi" else "\N{NO-BREAK SPACE}"
    return f"{amount(x, lang)}{space}{unit}"


def percent(share: float, lang: Lang) -> str:
    """Write a share (0–1) in whole per cent, never rounded up to a full 100 or down to 0."""
    whole = round(100 * share)
    if whole == 100 and share < 1 - 1e-9:
        whole = 99
    if whole == 0 and share > 1e-9:
        whole = 1
    return quantity(whole, "%", lang)


def signed(x: float, lang: Lang, digits: int = 1) -> str:
    """Write a change with its sign; a real minus."""
    text = number(abs(x), lang, digits)
    if round(abs(x), digits) == 0:
        return text
    return ("+" if x > 0 else "\N{MINUS SIGN}") + text


def listed(items: Sequence[str], lang: Lang) -> str:
    """Join a list as a sentence does: ``a, b và c``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    joined = str(format_list(list(items), locale=lang))
    # British and Vietnamese usage: no comma before the last "and".
    return joined.replace(", and ", " and ")


def ordinal(rank: int, lang: Lang) -> str:
    """Write a rank: ``thứ 3``, ``3rd``."""
    if lang == "vi":
        return "thứ nhất" if rank == 1 else f"thứ {rank}"
    ending = "th" if rank % 100 in {11, 12, 13} else _SPECIAL_ORDINALS.get(rank % 10, "th")
    return f"{rank}{ending}"


def count(n: int, lang: Lang, vi: str, one: str, many: str | None = None) -> str:
    """Write a count with its noun: ``3 chỉ số``, ``1 indicator``, ``3 indicators``."""
    if lang == "vi":
        return f"{number(n, lang, 0)} {vi}"
    return f"{number(n, lang, 0)} {one if n == 1 else many or one + 's'}"


def period_name(period: str, lang: Lang) -> str:
    """Write a period: ``năm 2025``, ``quý 1 năm 2025``, ``tháng 3 năm 2025``; ``2025``."""
    year, _, part = period.partition("-")
    if not part:
        return say(lang, f"năm {year}", year)
    if part.startswith("Q"):
        return say(lang, f"quý {part[1:]} năm {year}", f"{part} {year}")
    return say(lang, f"tháng {int(part)} năm {year}", f"{year}-{part}")


def capital(text: str) -> str:
    """Make the first letter a capital and leave the rest as it is."""
    return text[:1].upper() + text[1:]
