"""Points as offices write them: what each wording gives at some values, worked out by hand."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import numpy as np
import pytest

from kpi_lib.exchange.annex.rules import read_rule
from kpi_lib.methods import rules as methods
from kpi_lib.methods.normalise import goalposts


def points_at(keys: dict[str, Any], value: float | str) -> float:
    """The points that the keys of an indicator give a value."""
    rule = keys.get("normalise")
    if rule is None:
        low, high = keys["goalposts"]
        most = next(keys[kind] for kind in ("points", "bonus", "deduction") if kind in keys)
        score = goalposts(np.array([float(value)]), keys["direction"], low=low, high=high)
        return float(score[0]) / 100 * most
    if rule["method"] == "categories":
        return float(rule["scores"][value])
    given = {key: one for key, one in rule.items() if key != "method"}
    return float(getattr(methods, rule["method"])(np.array([float(value)]), None, **given)[0])


# wording, unit, the most that it earns, points by value
PER_CENT: list[tuple[str, float, dict[float, float]]] = [
    # what is missing from a whole is taken off
    ("Đạt 100%: 10 điểm; mỗi 1% giảm trừ 0,5 điểm", 10, {100: 10, 99: 9.5, 90: 5, 80: 0, 50: 0}),
    ("Đạt 100% được 10 điểm, cứ giảm 1% thì trừ 0,5 điểm", 10, {100: 10, 90: 5, 70: 0}),
    ("Đạt từ 90% trở lên: 5 điểm; cứ giảm 10% trừ 1 điểm", 5, {95: 5, 90: 5, 80: 4, 40: 0, 10: 0}),
    (
        "Từ 90% trở lên được 5 điểm; mỗi 1% thấp hơn trừ 0,1 điểm, thấp nhất 2 điểm",
        5,
        {95: 5, 90: 5, 80: 4, 60: 2, 10: 2},
    ),
    ("100%: 3 điểm. Thiếu mỗi 1% trừ 0,1 điểm", 3, {100: 3, 90: 2, 70: 0}),
    ("Dưới 5%: 5 điểm; mỗi 1% tăng thêm trừ 1 điểm", 5, {3: 5, 6: 4, 10: 0, 40: 0}),
    ("100%: 10 points; 0.5 points off for each 1% below", 10, {100: 10, 90: 5, 70: 0}),
    # shares up to a limit
    ("Điểm = tỷ lệ × 7/90%, tối đa 7 điểm", 7, {0: 0, 45: 3.5, 90: 7, 100: 7}),
    ("tỷ lệ/90% × 7 nhưng không quá 7 điểm", 7, {45: 3.5, 95: 7}),
    ("(Tỷ lệ đạt được / 50) x 10 (tối đa 10 điểm)", 10, {25: 5, 50: 10, 80: 10}),
    ("Tỷ lệ (%) × 10", 10, {0: 0, 55: 5.5, 100: 10}),
    ("Tỷ lệ (%) x Điểm tối đa", 4, {50: 2}),
    ("Điểm = (Tỷ lệ đạt được/100) × 10", 10, {70: 7}),
    ("Điểm số = 10 × tỷ lệ", 10, {70: 7}),
    ("Số điểm = Tỷ lệ % nhân với 5", 5, {20: 1}),
    ("Tính điểm tương ứng theo tỷ lệ: tỷ lệ × 10", 10, {20: 2}),
    ("Mỗi 10% được 1 điểm", 10, {0: 0, 50: 5, 100: 10}),
    ("Cứ 10% thì được 1 điểm, tối đa 5 điểm", 5, {20: 2, 50: 5, 90: 5}),
    ("Cứ mỗi 1% được 0,1 điểm", 10, {20: 2, 100: 10}),
    # less is better
    ("(100% - tỷ lệ) × 10", 10, {0: 10, 40: 6, 100: 0}),
    ("Điểm = 10 − tỷ lệ × 10", 10, {0: 10, 40: 6, 100: 0}),
    # a line that begins above nothing
    (
        "Từ 50% đến 100%: 5 + (tỷ lệ - 50%) × 10; dưới 50%: 0",
        10,
        {49: 0, 50: 5, 75: 7.5, 100: 10},
    ),
    # bands
    ("80% - 100%: 10; 50% - 79%: 5; dưới 50%: 0", 10, {100: 10, 80: 10, 79: 5, 50: 5, 49: 0}),
    ("80-100%: 10 điểm; 50-79%: 5 điểm; 0-49%: 0 điểm", 10, {80: 10, 79.5: 5, 49: 0}),
    ("Từ 80 đến 100%: 10; từ 50 đến dưới 80%: 5; còn lại: 0", 10, {80: 10, 79.9: 5, 3: 0}),
    ("≥80: 5; 50-80: 3; <50: 0", 5, {80: 5, 79: 3, 50: 3, 49: 0}),
    ("Trên 90%: 10 điểm; từ 70% đến 90%: 7 điểm; dưới 70%: 4 điểm", 10, {91: 10, 90: 7, 9: 4}),
    ("Tỷ lệ >=90% → 5đ; 80%<=Tỷ lệ<90% → 3đ; <80% → 0đ", 5, {90: 5, 80: 3, 79: 0}),
    ("70 ≤ tỷ lệ < 80: 2 điểm; ≥ 80: 4 điểm; < 70: 0 điểm", 4, {70: 2, 80: 4, 69: 0}),
    ("Từ 80% trở lên 10 điểm, dưới 80% 5 điểm", 10, {80: 10, 79: 5}),
    ("TỪ 80% TRỞ LÊN: 10 ĐIỂM; DƯỚI 80%: 5 ĐIỂM", 10, {80: 10, 79: 5}),
    ("Từ 80% trở lên:\n10 điểm\nDưới 80%:\n5 điểm", 10, {80: 10, 79: 5}),
    ("Đạt từ 80%\ntrở lên: 10 điểm;\nđạt dưới\n80%: 5 điểm", 10, {80: 10, 79: 5}),
    (
        "- Đạt 100%: 10 điểm - Đạt từ 80% đến dưới 100%: 5 điểm - Dưới 80%: 0 điểm",
        10,
        {100: 10, 99: 5, 79: 0},
    ),
    (
        "+ 10 điểm nếu đạt 100%; + 5 điểm nếu đạt từ 50% đến dưới 100%; + 0 điểm nếu dưới 50%",
        10,
        {100: 10, 50: 5, 49: 0},
    ),
    (
        "10 điểm (đạt 100%); 5 điểm (đạt từ 50% đến dưới 100%); 0 điểm (dưới 50%)",
        10,
        {100: 10, 50: 5, 49: 0},
    ),
    (
        "Đạt 100% (10 điểm); từ 50% đến dưới 100% (5 điểm); dưới 50% (0 điểm)",
        10,
        {100: 10, 50: 5, 49: 0},
    ),
    ("Từ 95% trở lên chấm 10 điểm, dưới 95% chấm 0 điểm", 10, {95: 10, 94: 0}),
    ("Tỷ lệ dưới 50%: không tính điểm; từ 50%: 2,5 điểm", 2.5, {49: 0, 50: 2.5}),
    ("Nếu tỷ lệ đạt từ 80% trở lên thì được 4 điểm; ngược lại 0 điểm", 4, {80: 4, 79: 0}),
    ("Đạt 100% chỉ tiêu được 2 điểm, không đạt được 0 điểm", 2, {100: 2, 99: 0}),
    ("Lớn hơn hoặc bằng 80%: 5 điểm; nhỏ hơn 80%: 0 điểm", 5, {80: 5, 79: 0}),
    ("Trên 80,5%: 5 điểm; từ 80,5% trở xuống: 2 điểm", 5, {80.6: 5, 80.5: 2}),
    ("Từ 0,8 trở lên: 5 điểm; dưới 0,8: 0 điểm", 5, {80: 5, 79: 0, 1: 0}),
    ("Đạt ≥ 95% kế hoạch: 10đ; 90% - < 95%: 8đ; < 90%: không điểm", 10, {95: 10, 90: 8, 89: 0}),
    (
        "Mức 1: ≥ 90%: 5 điểm; mức 2: từ 70% đến dưới 90%: 3 điểm; mức 3: dưới 70%: 1 điểm",
        5,
        {90: 5, 70: 3, 69: 1},
    ),
    ("a) Từ 80% trở lên: 5 điểm; b) Dưới 80%: 2 điểm", 5, {80: 5, 79: 2}),
    # no fault earns all, each part of a whole takes some
    (
        "Không quá hạn được 10 điểm; cứ 1% hồ sơ quá hạn trừ 2 điểm, trừ đến hết số điểm",
        10,
        {0: 10, 2: 6, 5: 0, 50: 0},
    ),
    # a line, and where all is earned
    (
        "Điểm = Tỷ lệ đạt được × 10, nếu tỷ lệ ≥ 80% thì đạt điểm tối đa",
        10,
        {0: 0, 50: 5, 79: 7.9, 80: 10},
    ),
    ("Tính điểm theo tỷ lệ: (số đã nộp/tổng số) x 10 điểm", 10, {50: 5, 100: 10}),
    ("Từ 30% trở lên: 5 điểm; dưới 30%: tính theo tỷ lệ %", 5, {0: 0, 15: 2.5, 30: 5}),
    # in proportion, between given points
    ("Đạt 100%: 10 điểm. Đạt dưới 100%: tính điểm theo tỷ lệ.", 10, {100: 10, 50: 5}),
    ("Đạt từ 80% trở lên: 10 điểm; dưới 80% tính điểm tương ứng", 10, {80: 10, 40: 5}),
    ("100%: 10 điểm; 50%: 0 điểm; ở giữa nội suy tuyến tính", 10, {100: 10, 75: 5, 50: 0, 20: 0}),
    (
        "Từ 90% trở lên: 10 điểm; từ 50% đến dưới 90%: nội suy; dưới 50%: 0 điểm",
        10,
        {90: 10, 70: 5, 50: 0, 10: 0},
    ),
]
COUNTS: list[tuple[str, str, float, dict[float, float]]] = [
    ("Mỗi ứng dụng được 0,5 điểm nhưng không quá 2 điểm", "ứng dụng", 2, {1: 0.5, 4: 2, 9: 2}),
    ("Cứ mỗi 01 lớp thì được cộng 0,5 điểm, tối đa không quá 3 điểm", "lớp", 3, {2: 1, 6: 3}),
    ("Cứ có 01 mô hình được 0,5 điểm (không quá 2 điểm)", "mô hình", 2, {1: 0.5, 4: 2, 9: 2}),
    ("Mỗi mô hình 1 điểm và không quá 5 điểm", "mô hình", 5, {2: 2, 8: 5}),
    ("Có 1 mô hình được 1 điểm, tối đa 5 điểm", "mô hình", 5, {}),
    (
        "≥ 3 mô hình: 5 điểm; 2 mô hình: 3 điểm; 1 mô hình: 1 điểm; không có: 0 điểm",
        "mô hình",
        5,
        {4: 5, 3: 5, 2: 3, 1: 1, 0: 0},
    ),
    (
        "Từ 05 lớp trở lên: 3 điểm; 3 - 4 lớp: 2 điểm; dưới 3 lớp: 0 điểm",
        "lớp",
        3,
        {6: 3, 5: 3, 4: 2, 3: 2, 2: 0},
    ),
    (
        "Dưới 10 phút: 5 điểm; 10 - 20 phút: 3 điểm; trên 20 phút: 0 điểm",
        "phút",
        5,
        {9: 5, 10: 3, 20: 3, 21: 0},
    ),
    ("Không có vi phạm: 5 điểm; mỗi vụ vi phạm trừ 1 điểm", "vụ", 5, {0: 5, 2: 3, 7: 0}),
    ("Đúng hạn: 2 điểm; chậm mỗi ngày trừ 0,5 điểm", "ngày", 2, {0: 2, 1: 1.5, 5: 0}),
    ("Chậm 01 ngày trừ 0,5 điểm", "ngày", 2, {0: 2, 1: 1.5, 5: 0}),
    ("Thiếu 1 báo cáo bị trừ 0,5 điểm", "báo cáo", 2, {0: 2, 1: 1.5, 5: 0}),
    ("Từ 0,8 trở lên: 5 điểm; dưới 0,8: 0 điểm", "hệ số", 5, {0.8: 5, 0.7: 0}),
    (
        "10 điểm nếu ≤ 3 vụ, 5 điểm nếu từ 4 đến 6 vụ, 0 điểm nếu trên 6 vụ",
        "vụ",
        10,
        {3: 10, 4: 5, 6: 5, 7: 0},
    ),
]
WORDED: list[tuple[str, float, dict[str, float]]] = [
    ("Có 10 điểm, không 0 điểm", 10, {"có": 10, "không": 0}),
    ("Có (10 điểm)/Không (0 điểm)", 10, {"có": 10, "không": 0}),
    ("Có (10 điểm); không (0 điểm)", 10, {"có": 10, "không": 0}),
    ("Có: 10 điểm; Không có: 0 điểm", 10, {"có": 10, "không có": 0}),
    ("Có: 10đ\nKhông: 0đ", 10, {"có": 10, "không": 0}),
    ("Có = 10; Không = 0", 10, {"có": 10, "không": 0}),
    ("Có - 10 điểm, Không - 0 điểm", 10, {"có": 10, "không": 0}),
    ("Nếu có được 10 điểm, nếu không có được 0 điểm", 10, {"có": 10, "không có": 0}),
    ("10 điểm nếu có, 0 điểm nếu không", 10, {"có": 10, "không": 0}),
    ("Đạt: 5 điểm, không đạt: 0 điểm", 5, {"đạt": 5, "không đạt": 0}),
    (
        "Có thực hiện được 2 điểm, không thực hiện được 0 điểm",
        2,
        {"có thực hiện": 2, "không thực hiện": 0},
    ),
    (
        "Đã ban hành: 2 điểm; đang xây dựng: 1 điểm; chưa ban hành: không tính điểm",
        2,
        {"đã ban hành": 2, "đang xây dựng": 1, "chưa ban hành": 0},
    ),
    (
        "Tốt (5 điểm), Khá (3 điểm), Trung bình (1 điểm), Yếu (0 điểm)",
        5,
        {"tốt": 5, "khá": 3, "trung bình": 1, "yếu": 0},
    ),
    (
        "Ban hành trước 31/01: 5; sau: 2,5; không: 0",
        5,
        {"ban hành trước 31/01": 5, "sau 31/01": 2.5, "không": 0},
    ),
    (
        "Trước ngày 30/6/2025: 5 điểm; sau ngày 30/6/2025: 2 điểm; không ban hành: 0 điểm",
        5,
        {"trước ngày 30/6/2025": 5, "sau ngày 30/6/2025": 2, "không ban hành": 0},
    ),
    (
        "Hoàn thành trước 30/6: 10 điểm; từ 01/7 đến 30/9: 5 điểm; sau 30/9: 0 điểm",
        10,
        {"hoàn thành trước 30/6": 10, "từ 01/7 đến 30/9": 5, "sau 30/9": 0},
    ),
    (
        "Trong quý I: 5 điểm; trong quý II: 3 điểm; sau quý II: 0 điểm",
        5,
        {"trong quý I": 5, "trong quý II": 3, "sau quý II": 0},
    ),
    ("Yes (5 points) / No (0 points)", 5, {"yes": 5, "no": 0}),
]


def check(text: str, unit: str, most: float, values: dict[Any, float]) -> None:
    for written in (text, unicodedata.normalize("NFD", text)):
        read = read_rule(written, unit, most).keys
        if not values:
            assert read is None
            continue
        assert read is not None
        assert read["points"] == most
        for value, points in values.items():
            found = points_at(read, value)
            assert math.isclose(found, points, abs_tol=1e-9), f"{value}: {found}, not {points}"


@pytest.mark.parametrize(("text", "most", "values"), PER_CENT)
def test_a_rule_of_shares(text: str, most: float, values: dict[float, float]) -> None:
    check(text, "%", most, values)


@pytest.mark.parametrize(("text", "unit", "most", "values"), COUNTS)
def test_a_rule_of_numbers(text: str, unit: str, most: float, values: dict[float, float]) -> None:
    check(text, unit, most, values)


@pytest.mark.parametrize(("text", "most", "values"), WORDED)
def test_a_rule_of_words(text: str, most: float, values: dict[str, float]) -> None:
    check(text, "", most, values)
    keys = read_rule(text, "", most).keys
    assert keys is not None
    assert list(keys["normalise"]["scores"]) == list(values)


@pytest.mark.parametrize(
    ("text", "unit", "most", "why"),
    [
        ("80% - 100%: 10; 50% - 79%: 5", "%", 10, "below 50"),
        ("≥80: 5; 50-80: 3", "%", 5, "below 50"),
        ("Dưới 5%: 5 điểm; từ 5% đến 10%: 3 điểm", "%", 5, "above 10"),
        ("≥ 80%: 5 điểm; dưới 60%: 0 điểm", "%", 5, "between 60 and 80"),
        ("từ 50% đến 90%: 3; từ 80%: 5; dưới 50%: 0", "%", 5, "80 to 90"),
        ("trên 90%: 3 điểm; dưới 90%: 0 điểm", "%", 3, "90"),
        ("≥80%: 12 điểm; dưới 80%: 0", "%", 10, "at most 12"),
        ("Tỷ lệ × 20", "%", 10, "at most 20"),
        ("Điểm = tỷ lệ × 7/90%", "%", 7, "7.77"),
        ("100% - tỷ lệ × 10", "%", 10, ""),
        ("Hộ nghèo dưới 0,5: 5 điểm; từ 0,5 đến 1: 3 điểm; trên 1: 0", "%", 5, "0.5"),
        ("Từ 1.000 hồ sơ trở lên: 5 điểm; dưới 1.000: 0", "hồ sơ", 5, "1.000"),
        ("Trước 31/01: 5 điểm; sau 31/01: 2 điểm", "", 5, "0"),
        ("Theo hướng dẫn của Bộ Khoa học và Công nghệ", "%", 5, ""),
        (
            "Địa phương cao nhất được 10 điểm, các địa phương khác theo tỷ lệ so với cao nhất",
            "%",
            10,
            "",
        ),
        ("Đạt chỉ tiêu: 10 điểm; không đạt: (tỷ lệ đạt/chỉ tiêu) × 10", "%", 10, ""),
        ("Đủ, đúng hạn: 10đ; mỗi báo cáo trễ trừ 1 điểm, không có báo cáo: 0 điểm", "", 10, ""),
        ("Mỗi 10 văn bản được 1 điểm, tối đa 5", "văn bản", 5, "what a part of 10 earns"),
        ("Mỗi 1% tăng thêm so với năm trước được 0,1 điểm, tối đa 2", "%", 2, ""),
    ],
)
def test_what_is_not_sure_is_not_read_and_says_why(
    text: str, unit: str, most: float, why: str
) -> None:
    read = read_rule(text, unit, most)
    assert read.keys is None
    assert why in read.why


@pytest.mark.parametrize(
    ("text", "unit", "most", "assumed"),
    [
        ("từ 80% trở lên: 5 điểm", "%", 5, "below 80"),
        ("Không quá 3 ngày: 2 điểm", "ngày", 2, "above 3"),
        ("Có: 2 điểm", "", 2, "không"),
        ("80% - 100%: 10; 50% - 79%: 5; dưới 50%: 0", "%", 10, "between 79 and 80"),
        ("Từ 0,8 trở lên: 5 điểm; dưới 0,8: 0 điểm", "%", 5, "80 %"),
        ("Mỗi 10% được 1 điểm", "%", 10, "in proportion"),
        ("Đạt 100%: 5 điểm; cứ thiếu 5% trừ 1 điểm", "%", 5, "in proportion"),
    ],
)
def test_what_a_rule_leaves_unsaid_is_stated(
    text: str, unit: str, most: float, assumed: str
) -> None:
    read = read_rule(text, unit, most)
    assert read.keys is not None
    assert any(assumed in one for one in read.assumed), read.assumed


def test_a_rule_that_says_all_assumes_nothing() -> None:
    read = read_rule("≥80%: 5 điểm; từ 50% đến dưới 80%: 2,5 điểm; dưới 50%: 0 điểm", "%", 5)
    assert read.keys is not None
    assert read.assumed == ()
