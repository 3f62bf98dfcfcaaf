"""How points are given is read as annexes write it, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.exchange.annex import rules
from kpi_lib.exchange.annex.rules import Kind

SHARE = {"direction": "higher", "goalposts": [0, 100]}


def read_rule(*rule: Any) -> dict[str, Any] | None:
    return rules.read_rule(*rule).keys


def bands(*steps: list[Any], **also: Any) -> dict[str, Any]:
    return {"normalise": {"method": "bands", "steps": list(steps), **also}}


def knots(*pairs: list[Any]) -> dict[str, Any]:
    return {"normalise": {"method": "piecewise", "knots": list(pairs)}}


def words(**scores: float) -> dict[str, Any]:
    return {"normalise": {"method": "categories", "scores": scores}}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Tỷ lệ × điểm tối đa", 10),
        ("tỷ lệ × 10", 10),
        ("= tỷ lệ đạt được × điểm tối đa", 5),
        ("Điểm = Tỷ lệ * Điểm tối đa", 5),
        ("Tính theo tỷ lệ x điểm chuẩn", 2.5),
        ("Tính điểm theo công thức: tỷ lệ % hoàn thành × 2/100%", 2),
        ("[tỷ lệ đạt được × 3]/100%", 3),
        ("Điểm tối đa nhân với tỷ lệ", 3),
        ("Tỷ lệ hoàn thành x 3 (điểm)", 3),
        ("share × points", 4),
        ("Score = share times maximum points", 4),
    ],
)
def test_a_share_times_points_runs_from_nothing_to_the_whole(text: str, points: float) -> None:
    assert read_rule(text, "%", points) == {"points": points, **SHARE}


@pytest.mark.parametrize(
    "text",
    [
        "từ 80% trở lên: 10 điểm; dưới 80%: (tỷ lệ × 10)/80%",
        "≥80%: điểm tối đa; dưới 80%: tỷ lệ/80 × 10",
        "Từ 80% trở lên được 10 điểm, dưới 80% tính theo tỷ lệ",
        "+ Tỷ lệ≥80%: Điểm tối đa;\n+ Tỷ lệ<80%: Tỷ lệ/80%*Điểm tối đa",
        "Tỷ lệ >= 80%: Điểm tối đa; Tỷ lệ < 80%: Tỷ lệ/80%*Điểm tối đa",
        "At least 80%: 10 points; below 80%: share × 10 / 80%",
        "80% or more: full points; under 80%: in proportion",
    ],
)
def test_a_proportion_up_to_a_threshold_is_a_line_that_ends_there(text: str) -> None:
    assert read_rule(text, "%", 10) == {"points": 10, **knots([0, 0], [80, 10])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "≥80%: 5 điểm; từ 50% đến dưới 80%: 2,5 điểm; dưới 50%: 0 điểm",
            bands([0, 0], [50, 2.5], [80, 5]),
        ),
        (
            "Đạt từ 80% trở lên: 5 điểm\nĐạt từ 50% đến dưới 80%: 2,5 điểm\nDưới 50%: 0 điểm",
            bands([0, 0], [50, 2.5], [80, 5]),
        ),
        (
            "Từ 80% trở lên được 5 điểm. Từ 50% đến dưới 80% được 2,5 điểm. "
            "Dưới 50% không được điểm.",
            bands([0, 0], [50, 2.5], [80, 5]),
        ),
        (
            "Từ 80% trở lên: 100% điểm tối đa; từ 50% - dưới 80%: 50% điểm tối đa; dưới 50%: 0",
            bands([0, 0], [50, 2.5], [80, 5]),
        ),
        ("≥80%: 5 điểm; ≥50%: 2,5 điểm; còn lại: 0", bands([0, 0], [50, 2.5], [80, 5])),
        ("80% trở lên: 5đ; 50%-dưới 80%: 2,5đ; còn lại 0đ", bands([0, 0], [50, 2.5], [80, 5])),
        ("5 điểm: ≥ 80%; 3 điểm: 50% - <80%; 0 điểm: <50%", bands([0, 0], [50, 3], [80, 5])),
        ("từ 80% trở lên: 5; dưới 80% thì điểm đánh giá là 0", bands([0, 0], [80, 5])),
        ("5 điểm nếu tỷ lệ từ 80% trở lên; 0 điểm nếu dưới 80%", bands([0, 0], [80, 5])),
        ("5 points if at least 80%; 0 points otherwise", bands([0, 0], [80, 5])),
        (
            "chậm dưới 5%: 5 điểm; từ 5% đến dưới 10%: 2; từ 10%: 0",
            bands([0, 5], [5, 2], [10, 0]),
        ),
        (
            "from 5% to below 10%: 2; below 5%: 5; at least 10%: 0",
            bands([0, 5], [5, 2], [10, 0]),
        ),
        (
            "trên 80%: 5; trên 50% đến 80%: 3; từ 50% trở xuống: 0",
            bands([0, 0], [50, 3], [80, 5], closed="high"),
        ),
        (
            "trên 80%: 5; từ 50% đến 80%: 3; dưới 50%: 0",
            bands([0, 0], [50, 3], [80, 5, "above"]),
        ),
        (
            "Từ 80% trở lên: 5 điểm; trên 50% đến dưới 80%: 3 điểm; 50% trở xuống: 0 điểm",
            bands([0, 0], [50, 3, "above"], [80, 5]),
        ),
        (
            "80% ≤ tỷ lệ: 5; 50% ≤ tỷ lệ < 80%: 3; tỷ lệ < 50%: 0",
            bands([0, 0], [50, 3], [80, 5]),
        ),
        (
            "Hoàn thành 100% kế hoạch: 5 điểm; từ 80% đến dưới 100% kế hoạch: 0,5; dưới 80%: 0",
            bands([0, 0], [80, 0.5], [100, 5]),
        ),
    ],
)
def test_bands_rise_whatever_the_order_and_the_words(text: str, expected: dict[str, Any]) -> None:
    assert read_rule(text, "%", 5) == {"points": 5, **expected}


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        (
            "0 vụ: 2 điểm; 1 vụ: 1 điểm; từ 2 vụ trở lên: 0 điểm",
            "vụ",
            bands([0, 2], [1, 1], [2, 0]),
        ),
        (
            "Không có vụ nào: 2 điểm; có từ 1 đến 2 vụ: 1 điểm; từ 3 vụ: 0 điểm",
            "vụ",
            bands([0, 2], [1, 1], [3, 0]),
        ),
        ("không quá 3 ngày: 2 điểm; trên 3 ngày: 0", "ngày", bands([0, 2], [3, 0], closed="high")),
        ("up to 3 days late: 2 points; over 3: 0", "day", bands([0, 2], [3, 0], closed="high")),
        (
            "Từ cấp độ 3 trở lên: 2 điểm; cấp độ 2: 1 điểm; dưới cấp độ 2: 0 điểm",
            "cấp",
            bands([0, 0], [2, 1], [3, 2]),
        ),
        ("≥ 0,8: 2 điểm; < 0,8: 0 điểm", "hệ số", bands([0, 0], [0.8, 2])),
        ("từ 80%: 2 điểm; dưới 80%: 0 điểm", "hệ số", bands([0, 0], [0.8, 2])),
    ],
)
def test_thresholds_are_in_the_unit_of_the_indicator(
    text: str, unit: str, expected: dict[str, Any]
) -> None:
    assert read_rule(text, unit, 2) == {"points": 2, **expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Có: 2 điểm; không: 0 điểm", {"có": 2, "không": 0}),
        ("có: điểm tối đa, không có: 0 điểm", {"có": 2, "không có": 0}),
        ("Có: 2 điểm", {"có": 2, "không": 0}),
        ("Đã ban hành: 2 điểm; chưa ban hành: 0", {"đã ban hành": 2, "chưa ban hành": 0}),
        ("Tốt: 2; khá: 1; yếu: 0", {"tốt": 2, "khá": 1, "yếu": 0}),
        ("Yes: 2 points; no: 0", {"yes": 2, "no": 0}),
        ("Full: 2 points; partial: 1 point; none: 0", {"full": 2, "partial": 1, "none": 0}),
    ],
)
def test_words_are_categories(text: str, expected: dict[str, float]) -> None:
    assert read_rule(text, "", 2) == {"points": 2, **words(**expected)}


@pytest.mark.parametrize(
    "text",
    [
        "hoàn thành 80–100%: tỷ lệ × 2; dưới 80%: 0",
        "Từ 80% - 100%: tính theo công thức (Tỷ lệ % x 2)/100%\nDưới 80%: 0 điểm",
        "from 80% to 100%: share × 2; below 80%: none",
    ],
)
def test_what_begins_at_a_threshold_jumps_there(text: str) -> None:
    expected = knots([0, 0], [80, 0], [80, 1.6], [100, 2])
    assert read_rule(text, "%", 2) == {"points": 2, **expected}


def test_jumps_may_be_closed_on_different_sides() -> None:
    text = "trên 80%: tỷ lệ × 10; từ 50% đến 80%: 4 điểm; dưới 50%: 0"
    expected = knots([0, 0], [50, 0], [50, 4], [80, 4], [80, 8, "above"], [100, 10])
    assert read_rule(text, "%", 10) == {"points": 10, **expected}


@pytest.mark.parametrize(
    "text",
    [
        "mỗi ứng dụng 0,5 điểm, không quá 5",
        "Mỗi ứng dụng được 0,5 điểm, tối đa 5 điểm",
        "0,5 điểm cho mỗi ứng dụng (tối đa 5 điểm)",
        "0,5 điểm/ứng dụng, không quá 5 điểm",
        "Mỗi 01 ứng dụng: 0,5 điểm",
        "each application 0.5 points, up to 5",
        "0.5 points for each application, at most 5 points",
    ],
)
def test_so_much_for_each_ends_at_the_most(text: str) -> None:
    assert read_rule(text, "ứng dụng", 5) == {"points": 5, **knots([0, 0], [10, 5])}


@pytest.mark.parametrize(
    ("text", "points", "kind"),
    [
        ("trễ: trừ 0,25 điểm mỗi báo cáo, thấp nhất −1", None, "points"),
        ("trễ: trừ 0,25 điểm mỗi báo cáo, thấp nhất -1 điểm", -1, "deduction"),
        ("Mỗi báo cáo trễ trừ 0,25 điểm", 1, "deduction"),
        ("0.25 points off for each late report, lowest -1", None, "points"),
        ("minus 0.25 points per late report, at most 1", None, "points"),
        ("-0.25 points for each late report, down to -1", None, "points"),
        ("Trừ 0,25 điểm/báo cáo chậm, tối đa trừ 1 điểm", -1, "points"),
    ],
)
def test_what_is_taken_off_for_each_is_a_deduction(
    text: str, points: float | None, kind: Kind
) -> None:
    expected = {"deduction": 1, **knots([0, 0], [4, -1])}
    assert read_rule(text, "báo cáo", points, kind) == expected


def test_what_is_taken_off_points_begins_at_their_most() -> None:
    expected = {"points": 5, **knots([0, 5], [5, 0])}
    assert read_rule("mỗi vụ vi phạm trừ 1 điểm", "vụ", 5) == expected
    limited = {"points": 5, **knots([0, 5], [3, 2])}
    assert read_rule("mỗi vụ vi phạm trừ 1 điểm, tối đa 3 điểm", "vụ", 5) == limited


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thưởng 2 điểm", {"bonus": 2, **words(có=2, không=0)}),
        ("Có giải thưởng quốc gia: thưởng 2 điểm", {"bonus": 2, **words(có=2, không=0)}),
        ("Thưởng 1 điểm cho mỗi sáng kiến, tối đa 2 điểm", {"bonus": 2, **knots([0, 0], [2, 2])}),
        ("bonus 2 points", {"bonus": 2, **words(yes=2, no=0)}),
    ],
)
def test_a_reward_is_a_bonus(text: str, expected: dict[str, Any] | None) -> None:
    assert read_rule(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "đô thị loại I từ 90%, loại II từ 80%: 5 điểm",
        "Đô thị loại I: ≥ 90%: 5 điểm; đô thị loại II: ≥ 80%: 5 điểm",
        "Loại I từ 90% trở lên: 5 điểm, dưới 90%: 0; loại II từ 80% trở lên: 5 điểm, dưới 80%: 0",
        "class I at least 90%, class II at least 80%: 5 points",
    ],
)
def test_each_class_of_city_has_its_own_threshold(text: str) -> None:
    steps = {"I": [[0, 0], [90, 5]], "II": [[0, 0], [80, 5]]}
    normalise = {"method": "bands", "by": "class", "steps": steps}
    assert read_rule(text, "%", 5) == {"points": 5, "normalise": normalise}


@pytest.mark.parametrize(
    "text",
    [
        "Đô thị loại I từ 90%: 5 điểm; đô thị loại II từ 80%: 5 điểm; còn lại: 0 điểm",
        "đô thị loại I từ 90%, loại II từ 80%: 5 điểm; còn lại: 0 điểm",
    ],
)
def test_what_all_others_earn_holds_for_every_class(text: str) -> None:
    read = rules.read_rule(text, "%", 5)
    steps = {"I": [[0, 0], [90, 5]], "II": [[0, 0], [80, 5]]}
    assert read.keys == {
        "points": 5,
        "normalise": {"method": "bands", "by": "class", "steps": steps},
    }
    assert read.assumed == ()


def test_classes_may_be_closed_on_different_sides() -> None:
    read = read_rule(
        "Loại I trên 90%: 5 điểm, từ 90% trở xuống: 0; loại II từ 80% trở lên: 5 điểm, dưới 80%: 0",
        *("%", 5),
    )
    assert read is not None
    assert read["normalise"] == {
        "method": "bands",
        "by": "class",
        "steps": {"I": [[0, 0], [90, 5, "above"]], "II": [[0, 0], [80, 5]]},
    }


def test_classes_that_are_named_together_share_a_rule() -> None:
    read = read_rule("Đô thị loại đặc biệt, loại I: ≥ 90%: 5; loại II: ≥ 80%: 5", "%", 5)
    assert read is not None
    steps = read["normalise"]["steps"]
    assert list(steps) == ["đặc biệt", "I", "II"]
    assert steps["đặc biệt"] == steps["I"] == [[0, 0], [90, 5]]


@pytest.mark.parametrize(
    ("clause", "policy"),
    [
        ("không phát sinh hồ sơ: không đánh giá", "exclude"),
        ("Không phát sinh hồ sơ thì được điểm tối đa.", "full"),
        ("trường hợp không phát sinh: 5 điểm", "full"),
        ("không phát sinh: 0 điểm", "zero"),
        ("no cases: not assessed", "exclude"),
    ],
)
def test_what_does_not_apply_is_said_apart(clause: str, policy: str) -> None:
    read = read_rule(f"Tỷ lệ × 5; {clause}", "%", 5)
    assert read == {"points": 5, **SHARE, "not_applicable": policy}


def test_the_parts_of_a_share_are_its_formula() -> None:
    text = (
        "- a= Số dịch vụ trực tuyến;\n- b= Tổng số dịch vụ;\n- Tỷ lệ=a/b;\n- Điểm=\n"
        "+ Tỷ lệ≥80%: Điểm tối đa;\n+ Tỷ lệ<80%: Tỷ lệ/80%*Điểm tối đa"
    )
    formula = {
        "numerator": "Số dịch vụ trực tuyến",
        "denominator": "Tổng số dịch vụ",
        "multiplier": 100,
    }
    expected = {"points": 20, **knots([0, 0], [80, 20]), "formula": formula}
    assert read_rule(text, "%", 20) == expected
    read = read_rule("a/b × điểm tối đa (a = số hộ có Internet; b = tổng số hộ)", "%", 10)
    assert read is not None
    assert read["formula"]["denominator"] == "tổng số hộ"


@pytest.mark.parametrize(
    "text",
    [
        "Số hồ sơ đúng hạn/Tổng số hồ sơ × điểm tối đa",
        "(Số hồ sơ đúng hạn / Tổng số hồ sơ) × 10",
        "Tỷ lệ = Số hồ sơ đúng hạn / Tổng số hồ sơ; Điểm = tỷ lệ × 10",
    ],
)
def test_a_ratio_in_words_is_the_share_and_its_formula(text: str) -> None:
    formula = {
        "numerator": "Số hồ sơ đúng hạn",
        "denominator": "Tổng số hồ sơ",
        "multiplier": 100,
    }
    assert read_rule(text, "%", 10) == {"points": 10, **SHARE, "formula": formula}


@pytest.mark.parametrize(
    "text",
    [
        "k = số được tập huấn/tổng số cán bộ; Điểm = k × Điểm tối đa",
        "Điểm = k × Điểm tối đa (k = số được tập huấn/tổng số cán bộ)",
    ],
)
def test_a_letter_may_stand_for_a_ratio(text: str) -> None:
    formula = {"numerator": "số được tập huấn", "denominator": "tổng số cán bộ", "multiplier": 100}
    assert read_rule(text, "", 10) == {"points": 10, "unit": "%", "formula": formula, **SHARE}


def test_parts_of_a_whole_are_in_per_cent_without_a_unit() -> None:
    read = read_rule("Cứ mỗi 10% được 1 điểm, tối đa 10đ", "", 10)
    assert read == {"points": 10, "unit": "%", **knots([0, 0], [100, 10])}


def test_a_share_without_a_unit_is_in_per_cent() -> None:
    assert read_rule("tỷ lệ × 10", "", 10) == {"points": 10, "unit": "%", **SHARE}


@pytest.mark.parametrize(
    ("text", "unit", "points"),
    [
        pytest.param("Theo hướng dẫn của Bộ", "%", 3, id="no rule"),
        pytest.param("≥80%: 4 điểm; dưới 80%: 0", "%", 5, id="another maximum"),
        pytest.param("Đúng hạn ≥ 90%: 3; trực tuyến < 90%: 0", "%", 3, id="two quantities"),
        pytest.param("80–100%: 5; 50–80%: 3; dưới 50%: 0", "%", 5, id="80 is in two bands"),
        pytest.param("trên 90%: 3 điểm; dưới 90%: 0 điểm", "%", 3, id="90 is in none"),
        pytest.param("từ 80% đến 85%: 3; từ 90%: 5; dưới 80%: 0", "%", 5, id="a gap"),
        pytest.param("≥80%: 5 điểm; ≥50%: 3 điểm", "hồ sơ", 5, id="per cent of a count"),
        pytest.param("Từ 1.000 hồ sơ: 5 điểm", "hồ sơ", 5, id="one or a thousand"),
        pytest.param("Mỗi 10 văn bản được 1 điểm, tối đa 5", "văn bản", 5, id="each ten"),
        pytest.param("Mỗi 1% tăng thêm được 0,1 điểm, tối đa 2", "%", 2, id="relative"),
        pytest.param("Có kế hoạch: 2 điểm; có báo cáo: 3 điểm", "", 5, id="parts that add up"),
        pytest.param("≥80% và có báo cáo: 5 điểm; còn lại: 0", "%", 5, id="two conditions"),
        pytest.param("Trước 31/12: 2 điểm; sau 31/12: 0", "%", 2, id="dates of a share"),
        pytest.param("Tốc độ tăng -5%: 0 điểm; từ 0%: 5 điểm", "%", 5, id="below zero"),
        pytest.param("Không thực hiện: trừ 2 điểm", "", None, id="a yes that is a no"),
        pytest.param("10 điểm", "%", 10, id="points without a rule"),
        pytest.param("Đạt 80% trở lên: 5 điểm. Có báo cáo cộng 1 điểm", "%", 5, id="and more"),
        pytest.param("từ 80%: 50%; dưới 80%: 0", "%", 0.5, id="a share of nothing said"),
        pytest.param("mỗi ứng dụng 1 điểm, không quá 3", "", 5, id="another limit"),
    ],
)
def test_what_is_not_understood_whole_is_not_read(
    text: str, unit: str, points: float | None
) -> None:
    assert read_rule(text, unit, points) is None


@given(
    bounds=st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True).map(sorted),
    shuffled=st.randoms(use_true_random=False),
    data=st.data(),
)
def test_bands_are_the_same_in_any_order(
    bounds: list[int], shuffled: Any, data: st.DataObject
) -> None:
    scores = sorted(
        data.draw(
            st.lists(
                st.integers(0, 40),
                min_size=len(bounds) + 1,
                max_size=len(bounds) + 1,
                unique=True,
            )
        )
    )
    clauses = [f"dưới {bounds[0]}%: {scores[0]} điểm"]
    for low, high, score in zip(bounds, bounds[1:], scores[1:], strict=False):
        clauses.append(f"từ {low}% đến dưới {high}%: {score} điểm")
    clauses.append(f"từ {bounds[-1]}% trở lên: {scores[-1]} điểm")
    shuffled.shuffle(clauses)
    steps = [[0, scores[0]], *map(list, zip(bounds, scores[1:], strict=True))]
    expected = {"points": scores[-1], **bands(*steps)}
    assert read_rule("; ".join(clauses), "%", scores[-1]) == expected


@given(text=st.text(alphabet="tỷ lệ×điểm:;≥<%0123456789,.-–()/=\n từđếndướimỗi", max_size=60))
def test_no_text_is_read_above_the_points_that_its_column_gives(text: str) -> None:
    read = read_rule(text, "%", 10)
    if read and "normalise" in read and "knots" in read["normalise"]:
        assert max(score for _, score in read["normalise"]["knots"]) <= 10 + 1e-9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("≥80%: 5 / ≥60%: 3 / ≥40%: 1 / Còn lại: 0", [[0, 0], [40, 1], [60, 3], [80, 5]]),
        (
            "≥80%: 5 điểm; ≥60%: 3 điểm; ≥40%: 1 điểm; Còn lại: 0",
            [[0, 0], [40, 1], [60, 3], [80, 5]],
        ),
        ("≤20%: 5; ≤40%: 3; ≤60%: 1; còn lại: 0", None),
    ],
)
def test_a_value_earns_the_highest_threshold_that_it_reaches(
    text: str, expected: list[list[float]] | None
) -> None:
    closed = {"method": "bands", "steps": [[0, 5], [20, 3], [40, 1], [60, 0]], "closed": "high"}
    read = read_rule(text, "%", 5)
    assert read is not None
    assert read["normalise"] == ({"method": "bands", "steps": expected} if expected else closed)


def test_counts_one_by_one_and_all_above_them_are_bands_of_whole_numbers() -> None:
    text = "0 vụ: 3 điểm; 1 vụ: 2; 2 vụ: 1; trên 2 vụ: 0"
    assert read_rule(text, "vụ", 3) == {"points": 3, **bands([0, 3], [1, 2], [2, 1], [3, 0])}
    broken = rules.read_rule("0,5: 3 điểm; từ 0 đến dưới 0,5: 1 điểm; trên 0,5: 0 điểm", "vụ", 3)
    assert broken.keys is None


def test_a_gap_between_whole_numbers_is_said_where_the_measure_may_lie_in_it() -> None:
    text = "≤ 5 {0}: 4 điểm; 6–10 {0}: 2 điểm; > 10 {0}: 0 điểm"
    of_days = rules.read_rule(text.format("ngày"), "ngày", 4)
    of_means = rules.read_rule(text.format("vụ"), "vụ", 4, "points", "Số vụ trung bình mỗi quý")
    of_counts = rules.read_rule(text.format("vụ"), "vụ", 4, "points", "Số vụ vi phạm")
    assert of_days.keys == of_counts.keys
    assert [len(one.assumed) for one in (of_days, of_means, of_counts)] == [1, 1, 0]


@pytest.mark.parametrize("words", ["không có số liệu", "Không báo cáo", "không triển khai"])
def test_no_data_is_no_value_of_nothing(words: str) -> None:
    read = rules.read_rule(
        f"≥80%: 3 điểm; 50% đến dưới 80%: 2; <50%: 1 điểm; {words}: 0 điểm", "%", 3
    )
    assert read.keys == {"points": 3, **bands([0, 1], [50, 2], [80, 3])}
    assert len(read.assumed) == 1
    assert rules.read_rule(f"≥80%: 3 điểm; <80%: 0 điểm; {words}: 1 điểm", "%", 3).why


@pytest.mark.parametrize("points", [-2, 2])
def test_a_fault_takes_points_off_and_none_takes_none(points: float) -> None:
    text = "Có vi phạm: trừ 2 điểm; Không: 0"
    kind: Kind = "deduction" if points > 0 else "points"
    scores = {"có vi phạm": -2, "không": 0}
    expected = {"deduction": 2, "normalise": {"method": "categories", "scores": scores}}
    assert read_rule(text, "", points, kind) == expected
    assert "-2" in rules.read_rule(text, "", 2).why  # in a column of points that are earned


def test_over_so_many_days_is_above_them_and_a_result_is_not() -> None:
    over = read_rule("≤ 5 ngày: 5 điểm; trên 5 đến 10 ngày: 2 điểm; quá 10 ngày: 0 điểm", "ngày", 5)
    assert over == {"points": 5, **bands([0, 5], [5, 2], [10, 0], closed="high")}
    result = read_rule("Kết quả 80% trở lên: 5 điểm; dưới 80%: 0 điểm", "%", 5)
    assert result == {"points": 5, **bands([0, 0], [80, 5])}
