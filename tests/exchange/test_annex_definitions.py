"""Rules that say first what their letters stand for."""

from __future__ import annotations

import pytest

from kpi_lib.exchange.annex.rules import read_rule

FORMULA = {
    "formula": {
        "numerator": "số hồ sơ trực tuyến",
        "denominator": "tổng số hồ sơ",
        "multiplier": 100,
    }
}
BANDS = {"normalise": {"method": "bands", "steps": [[0, 0], [80, 10]]}}
TO_80 = {"normalise": {"method": "piecewise", "knots": [[0, 0], [80, 10]]}}
WHOLE = {"direction": "higher", "goalposts": [0, 100]}
GIVEN = "a = số hồ sơ trực tuyến; b = tổng số hồ sơ; "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{GIVEN}a/b ≥ 80%: 10 điểm; a/b < 80%: 0 điểm", BANDS),
        (f"{GIVEN}từ 80% trở lên: 10 điểm; dưới 80%: 0 điểm; Tỷ lệ = (a/b) × 100%", BANDS),
        (f"{GIVEN}- Tỷ lệ a/b ≥ 80%: 10 điểm; - Tỷ lệ a/b dưới 80%: 0 điểm", BANDS),
        (f"{GIVEN}a/b từ 80%: 10 điểm; a/b dưới 80%: (a/b × 10)/80%", TO_80),
        ("a: số hồ sơ trực tuyến\nb: tổng số hồ sơ\nĐiểm = a/b × điểm tối đa", WHOLE),
        ("A là số hồ sơ trực tuyến, B là tổng số hồ sơ. Điểm = A/B × 10", WHOLE),
        ("Gọi a là số hồ sơ trực tuyến và b là tổng số hồ sơ. Điểm = (a/b) × 10", WHOLE),
        ("Điểm = a/b × 10, trong đó: a là số hồ sơ trực tuyến; b là tổng số hồ sơ", WHOLE),
    ],
)
def test_a_ratio_of_two_letters_is_the_share_of_what_they_stand_for(
    text: str, expected: dict[str, object]
) -> None:
    assert read_rule(text, "%", 10).keys == {"points": 10, **expected, **FORMULA}


@pytest.mark.parametrize(
    ("text", "unit", "knots"),
    [
        ("a = số buổi tập huấn; a ≥ 5: 10 điểm; a < 5: a/5 × 10 điểm", "buổi", [[0, 0], [5, 10]]),
        ("n = số hệ thống; mỗi n: 2 điểm, tối đa 10 điểm", "", [[0, 0], [5, 10]]),
        ("a là tỷ lệ xã có 5G. a từ 80% trở lên: 10 điểm; a dưới 80%: a/80% × 10 điểm", "%", None),
    ],
)
def test_one_letter_alone_is_what_is_measured(
    text: str, unit: str, knots: list[list[int]] | None
) -> None:
    rule = TO_80 if knots is None else {"normalise": {"method": "piecewise", "knots": knots}}
    assert read_rule(text, unit, 10).keys == {"points": 10, **rule}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{GIVEN}c = số hồ sơ giấy; a/b ≥ 80%: 10 điểm; c/b dưới 80%: 0 điểm", "a/b, c/b"),
        (f"{GIVEN}a/b ≥ 80%: 10 điểm; a dưới 5: 0 điểm", "more than one thing: a/b, a"),
        (f"{GIVEN}a ≥ 80: 10 điểm; b dưới 80: 0 điểm", "more than one thing: a, b"),
        ("a = số buổi họp; tỷ lệ từ 80%: 10 điểm; a dưới 5: 0 điểm", "thing: tỷ lệ, a"),
        (f"{GIVEN}điểm do hội đồng quyết định", "points for a, b in no known form"),
        ("a = số buổi họp; a ≥ 5 và tăng so với a năm trước: 10 điểm; a < 5: 0 điểm", "with a"),
    ],
)
def test_what_measures_two_things_is_kept_with_the_reason(text: str, why: str) -> None:
    read = read_rule(text, "%", 10)
    assert read.keys is None
    assert why in read.why
