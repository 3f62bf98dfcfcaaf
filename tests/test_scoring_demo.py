"""The made-up scoring table of a province has each usual kind of clause, and adds up by hand."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from annexes import workbook
from builders import ROOT
from commands import done

import kpi_lib as kpi
from kpi_lib.framework.model import Group

FOLDER = ROOT / "data/raw/scoring-demo"
NAME = "provincial-scoring-demo@1.0"

HEADING = (*("TT", "Tiêu chí", "Đơn vị tính", "Điểm tối đa", "Tử số", "Mẫu số", "Cách chấm điểm"),)
FIBRE = ("số hộ có Internet cáp quang", "tổng số hộ")
ONLINE = ("số hồ sơ nộp trực tuyến", "tổng số hồ sơ")
NO = (None, None)
ANNEX: list[tuple[object, ...]] = [
    ("DEMO – BẢNG CHẤM ĐIỂM ĐÔ THỊ THÔNG MINH CỦA MỘT TỈNH",),
    (),
    HEADING,
    ("I", "Nền tảng số", None, 25),
    (
        *(1, "Tỷ lệ hộ gia đình có Internet cáp quang", "%", 10, *FIBRE),
        "Từ 80% trở lên: 10 điểm; dưới 80%: (tỷ lệ × 10)/80%",
    ),
    (
        *(2, "Tỷ lệ cơ sở dữ liệu chuyên ngành được chia sẻ", "%", 10, *NO),
        "Tỷ lệ × điểm tối đa",
    ),
    (
        *(3, "Nền tảng tích hợp, chia sẻ dữ liệu", "mức độ", 5, *NO),
        "Đã vận hành: 5 điểm; đang thử nghiệm: 2 điểm; chưa có: 0 điểm",
    ),
    ("II", "Dịch vụ công", None, 30),
    (
        *(1, "Tỷ lệ hồ sơ nộp trực tuyến", "%", 15, *ONLINE),
        "Tỷ lệ × điểm tối đa; không phát sinh hồ sơ: không đánh giá",
    ),
    (
        *(2, "Tỷ lệ hồ sơ giải quyết chậm", "%", 3, *NO),
        "Chậm dưới 5%: 3 điểm; từ 5% đến dưới 10%: 2; từ 10%: 0",
    ),
    (
        *(3, "Mức hoàn thành kế hoạch số hóa hồ sơ", "%", 2, *NO),
        "Hoàn thành 80–100%: tỷ lệ × 2; dưới 80%: 0",
    ),
    (
        *(4, "Tỷ lệ người dân hài lòng", "%", 10, *NO),
        "Từ 90% trở lên: 10 điểm; từ 70% đến dưới 90%: 6 điểm; dưới 70%: 0 điểm",
    ),
    ("III", "Đô thị thông minh", None, 20),
    (
        *(1, "Ứng dụng đô thị thông minh đang vận hành", "ứng dụng", 5, *NO),
        "Mỗi ứng dụng 1 điểm, không quá 5",
    ),
    (
        *(2, "Tỷ lệ đèn đường điều khiển từ xa", "%", 5, *NO),
        "Đô thị loại I từ 90%, loại II từ 80%: 5 điểm",
    ),
    (
        *(3, "Tỷ lệ nút giao có đèn tín hiệu kết nối trung tâm", "%", 10, *NO),
        "Tỷ lệ × điểm tối đa",
    ),
    ("IV", "Kênh tiếp nhận phản ánh của người dân (chỉ lấy điểm cao nhất)", None, 5),
    (1, "Có ứng dụng riêng", "có/không", 5, *NO, "Có: 5 điểm; không: 0 điểm"),
    (2, "Dùng chung nền tảng của tỉnh", "có/không", 3, *NO, "Có: 3 điểm; không: 0 điểm"),
    ("V", "Mô hình mới và kinh tế số (tối đa 20 điểm)", None, 20),
    (
        *(1, "Mô hình thí điểm được công nhận", "mô hình", 15, *NO),
        "Mỗi mô hình 5 điểm, tối đa 15 điểm",
    ),
    (
        *(2, "Tỷ lệ doanh nghiệp dùng hợp đồng điện tử", "%", 10, *NO),
        "≥ 50%: điểm tối đa; dưới 50%: tính điểm theo tỷ lệ",
    ),
    ("VI", "Điểm trừ (tối đa 2 điểm)"),
    (
        *(1, "Báo cáo gửi trễ hạn", "báo cáo", -1, *NO),
        "Trễ: trừ 0,25 điểm mỗi báo cáo, thấp nhất −1",
    ),
    (2, "Sự cố lộ dữ liệu cá nhân", "vụ", -2, *NO, "Trừ 1 điểm mỗi vụ, thấp nhất −2"),
    ("VII", "Điểm thưởng"),
    (1, "Được trao giải thưởng quốc gia", "có/không", "+2", *NO, "Thưởng 2 điểm"),
    ("Tổng cộng", None, None, 100),
]


@pytest.fixture(scope="module")
def framework() -> kpi.Framework:
    return kpi.load_framework(NAME)


@pytest.fixture(scope="module")
def board(framework: kpi.Framework) -> kpi.Scoreboard:
    return scored(framework)


def scored(framework: kpi.Framework) -> kpi.Scoreboard:
    return kpi.score(kpi.read_observations(FOLDER, framework), framework)


def points(board: kpi.Scoreboard, city: str, code: str = "TOTAL", period: str = "2025") -> float:
    rows = board.scores
    found = rows[(rows["city"] == city) & (rows["period"] == period) & (rows["code"] == code)]
    return float(found["score"].iloc[0])


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    script = [sys.executable, str(FOLDER / "make_scoring_demo.py"), "--output", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    for made in ("observations-demo.csv", "cities-demo.csv"):
        assert (tmp_path / made).read_bytes() == (FOLDER / made).read_bytes(), made


def test_the_points_add_up_to_a_hundred(framework: kpi.Framework) -> None:
    tops = [framework.maxima[group.code] for group in framework.groups]
    assert (tops, sum(tops)) == ([25, 30, 20, 5, 20, 0, 0], framework.maxima["TOTAL"])
    assert framework.maxima["TOTAL"] == 100


# The points of each city in 2025, worked out from its verified values, else from its own.
BY_HAND: dict[str, dict[str, list[float]]] = {
    "mau-a": {
        "I": [10, 8.7, 5],  # 91% ≥ 80%; 87% × 10; in operation
        "II": [13.8, 3, 1.92, 10],  # 92% × 15; 0% late; 96% × 2; 91% ≥ 90%
        "III": [5, 5, 7.3],  # 5 applications verified of 7; class I: 93% ≥ 90%; 73% × 10
        "IV": [5],  # the best of 5 and 3
        "V": [20],  # 3 × 5 + 10, not above 20
        "VI": [0, 0],
        "VII": [2],
    },
    "mau-c": {
        "I": [79 * 10 / 80, 5.9, 2],  # 79% of 80%; 59% × 10; on trial
        "II": [9.15, 2, 1.74, 7.5],  # 61% × 15; 5% late; 87% × 2; points by the council
        "III": [4, 0, 5.8],  # 4 applications; class I: 77% < 90%; 58% × 10
        "IV": [3],
        "V": [10, 9.8],  # 2 × 5; 49% of 50%
        "VI": [-0.75, -1],  # 3 late reports; 1 leak
        "VII": [0],
    },
    "mau-e": {
        "I": [9, 6.8, 5],  # 72% of 80%
        "II": [10.2, 3, 1.8],  # satisfaction is missing: no points
        "III": [4, 5, 5.8],  # class II: 82% ≥ 80%
        "IV": [3],
        "V": [10, 8.2],
        "VI": [-0.5, -1],
        "VII": [0],
    },
    "mau-h": {
        "I": [46 * 10 / 80, 4.3, 2],
        "II": [0, 0, 0],  # no applications: not assessed; 11% late; 68% < 80%; 66% < 70%
        "III": [2, 0, 3.8],
        "IV": [0],
        "V": [5, 5.6],
        "VI": [-2],  # 5 late reports and 2 leaks: −1 and −2, not under −2
        "VII": [0],
    },
}


@pytest.mark.parametrize("city", BY_HAND)
def test_totals_are_those_worked_out_by_hand(board: kpi.Scoreboard, city: str) -> None:
    for group, parts in BY_HAND[city].items():
        assert points(board, city, group) == pytest.approx(math.fsum(parts), abs=1e-9), group
    total = math.fsum(part for parts in BY_HAND[city].values() for part in parts)
    assert points(board, city) == pytest.approx(total, abs=1e-9)


def test_what_does_not_apply_leaves_the_maximum_and_what_is_missing_does_not(
    board: kpi.Scoreboard,
) -> None:
    totals = board.scores.query("code == 'TOTAL' and period == '2025'").set_index("city")
    assert totals["maximum"].to_dict() == {
        **{f"mau-{letter}": 100 for letter in "abcdef"},
        "mau-g": 90,  # no junctions: 10 points fewer
        "mau-h": 85,  # no applications: 15 points fewer
    }
    assert totals.loc["mau-e", "coverage"] == pytest.approx(0.9)


def test_the_threshold_of_a_city_is_that_of_its_class(board: kpi.Scoreboard) -> None:
    # 89% in both: class I needs 90%, class II 80%.
    assert points(board, "mau-a", "III.2", "2024") == 0
    assert points(board, "mau-d", "III.2") == 5


def test_what_a_city_scored_itself_gives_the_other_total(framework: kpi.Framework) -> None:
    own = kpi.score(kpi.read_observations(FOLDER, framework).of_quality("reported"), framework)
    # mau-b counted databases twice (88% for 82%), mau-f had 4% of its plan not accepted.
    assert points(own, "mau-b", "I.2") == pytest.approx(8.8)
    assert points(own, "mau-b") == pytest.approx(91.875 + 0.6)
    assert points(own, "mau-f") == pytest.approx(61.94 + 0.08)


def test_the_table_in_excel_becomes_the_same_framework_without_a_line_of_yaml(
    framework: kpi.Framework, board: kpi.Scoreboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workbook(Path("annex.xlsx"), ANNEX)
    said = done("framework", "import", "annex.xlsx", "-o", "annex.yaml").output
    assert "17" in said
    assert "were not" not in said
    imported = kpi.load_framework("annex.yaml")
    assert list(imported.nodes) == list(framework.nodes)
    assert imported.maxima == framework.maxima
    for leaf in framework.indicators:
        made = imported.node(leaf.code)
        assert isinstance(made, kpi.Indicator)
        for key in ("points", "bonus", "deduction", "goalposts", "normalise", "by", "direction"):
            assert getattr(made, key) == getattr(leaf, key), (leaf.code, key)
        assert imported.not_applicable_of(made) == framework.not_applicable_of(leaf)
    for group in framework.groups:
        same = imported.node(group.code)
        assert isinstance(same, Group)
        assert (same.cap, same.floor, same.aggregate) == (group.cap, group.floor, group.aggregate)
    keys = ["city", "period", "code"]
    columns = ["score", "maximum", "coverage", "rank"]
    both = [one.scores.set_index(keys)[columns].sort_index() for one in (board, scored(imported))]
    assert both[0].equals(both[1])


@pytest.mark.system
def test_its_page_is_made_and_says_what_it_is(tmp_path: Path) -> None:
    done(
        *("report", str(FOLDER), "-f", NAME, "--city", "mau-c", "--period", "2025"),
        *("--lang", "vi", "--workers", "1", "-o", str(tmp_path)),
    )
    page = (tmp_path / NAME / "2025" / "vi" / "mau-c.html").read_text(encoding="utf-8")
    assert "DEMO" in page
    assert "Đô thị mẫu C" in page
    assert "69,0" in page


@pytest.mark.system
def test_its_pages_can_be_made_by_what_was_self_scored(tmp_path: Path) -> None:
    given = ("report", str(FOLDER), "-f", NAME, "--city", "mau-c", "--lang", "en")
    given = (*given, "--workers", "1", "-o", str(tmp_path))
    page = tmp_path / NAME / "latest" / "en" / "mau-c.html"
    texts = {}
    for quality in ("verified", "reported"):
        told = done(*given, "--quality", quality, "--dry-run").output
        assert told.startswith("mau-c: new" if quality == "verified" else "mau-c: weights, methods")
        done(*given, "--quality", quality)
        texts[quality] = page.read_text(encoding="utf-8")
        assert "mau-c" not in done(*given, "--quality", quality, "--dry-run").output
        run = json.loads((page.parent / "run.json").read_text(encoding="utf-8"))
        assert run.get("quality", "verified") == quality
    both = re.search(r"By what was reported the total is [^<]*", texts["verified"])
    assert both is not None
    assert both[0] in texts["reported"]
    said = "the self-scored one counts here"
    assert said in texts["reported"]
    assert said in (page.parent / "index.html").read_text(encoding="utf-8")
    assert said not in texts["verified"]
