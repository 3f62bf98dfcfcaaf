"""Direction, goalposts and valid range are proposed from unit and title, and marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from annexes import imported, official_annex
from click.testing import CliRunner, Result

from kpi_lib.cli.main import main
from kpi_lib.errors import InputError
from kpi_lib.exchange.suggest import Suggestion, suggest, write_suggestions
from kpi_lib.framework.load import load_framework

LAID_OUT = """\
# a file of mine
id: mine
version: "1.0"   # the first
title: Thử
groups:
  - code: A
    title: Nhóm
    indicators:
      - {code: A1, title: Tỷ lệ hộ nghèo, unit: "%"}   # short
      - code: A2
        title: Thời gian xử lý hồ sơ
        unit: ngày

        # the office
        agency: Sở X
      - code: A3
        title:
          vi: Số vụ tai nạn
          en: Accidents
      - {code: A4, title: Tỷ lệ hồ sơ, unit: "%",
         agency: Sở Y}
  - code: B
    title: Nhóm
    indicators:
      - code: B1
        title: Số trạm
        definition: |
          Trạm BTS

          đang hoạt động
      - code: B2
        title: Tỷ lệ phủ sóng
        unit: "%"
        direction: higher
        goalposts: [0, 90]   # agreed
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize(
    ("title", "direction"),
    [
        ("Tỷ lệ hộ chưa có nước sạch", "lower"),
        ("Tỷ lệ chất thải rắn chôn lấp", "lower"),
        ("Tỷ lệ nước thải chưa được xử lý", "lower"),
        ("Tỷ lệ cơ sở không có giấy phép hoạt động", "lower"),
        ("Tỷ lệ chất thải chôn lấp hợp vệ sinh", "higher"),
        ("Mức giảm tỷ lệ chất thải chôn lấp", "higher"),
        ("Tỷ lệ hồ sơ được giải quyết đúng hạn", "higher"),
        ("Tỷ lệ nước thải được xử lý", "higher"),
        ("Số trạm chữa cháy", "higher"),
        ("Share of waste that is landfilled", "lower"),
        ("Households without electricity", "lower"),
    ],
)
def test_what_is_not_done_is_better_low(tmp_path: Path, title: str, direction: str) -> None:
    assert one_indicator(tmp_path, title, "%").keys["direction"] == direction


def one_indicator(folder: Path, title: str, unit: str) -> Suggestion:
    path = folder / "one.yaml"
    path.write_text(
        f"id: one\nversion: '1'\ntitle: T\ngroups:\n  - code: A\n    title: A\n"
        f"    indicators:\n      - {{code: A1, title: '{title}', unit: '{unit}'}}\n",
        encoding="utf-8",
    )
    (found,) = suggest(load_framework(path), ["A1"], path, "vi")
    return found


@pytest.mark.parametrize(
    ("title", "unit", "expected"),
    [
        (
            "Tỷ lệ hộ có Internet",
            "%",
            {"direction": "higher", "goalposts": [0, 100], "valid": [0, 100]},
        ),
        (
            "Tỷ lệ hộ nghèo",
            "%",
            {"direction": "lower", "goalposts": [0, 100], "valid": [0, 100]},
        ),
        ("Tỷ lệ thất nghiệp", "phần trăm", {"direction": "lower"}),
        ("Tỷ lệ hồ sơ giải quyết đúng thời gian", "%", {"direction": "lower"}),
        ("Tỷ lệ khiếu nại được giải quyết", "%", {"direction": "higher"}),
        ("Tỷ lệ giảm nghèo", "%", {"direction": "higher"}),
        ("Thời gian chờ khám", "phút", {"direction": "lower", "valid": [0, None]}),
        ("Số vụ cháy nổ", "vụ", {"direction": "lower", "valid": [0, None]}),
        ("Nồng độ PM2.5", "µg/m³", {"direction": "lower", "valid": [0, None]}),
        ("Số điểm phát wifi", "điểm", {"direction": "higher"}),
        ("Mức độ hài lòng (thang điểm 10)", "điểm", {"goalposts": [0, 10], "valid": [0, 10]}),
        ("Number of charging stations", "stations", {"direction": "higher", "valid": [0, None]}),
        ("Unemployment rate", "percent", {"direction": "lower", "goalposts": [0, 100]}),
    ],
)
def test_unit_and_title_say_what_is_better(
    title: str, unit: str, expected: dict[str, Any], tmp_path: Path
) -> None:
    found = one_indicator(tmp_path, title, unit)
    assert {key: found.keys.get(key) for key in expected} == expected
    assert set(found.reasons) >= set(found.keys)


@pytest.mark.parametrize(
    ("title", "unit", "absent"),
    [
        ("Số trạm sạc", "trạm", ["goalposts"]),
        ("Tốc độ tăng trưởng GRDP", "%", ["goalposts", "valid"]),
        ("Dân số", "người", ["direction", "goalposts"]),
        ("Mật độ dân số", "người/km²", ["direction", "goalposts"]),
    ],
)
def test_nothing_is_proposed_that_unit_and_title_do_not_tell(
    title: str, unit: str, absent: list[str], tmp_path: Path
) -> None:
    assert not set(absent) & set(one_indicator(tmp_path, title, unit).keys)


def test_the_reason_names_the_words_as_they_are_written(tmp_path: Path) -> None:
    found = one_indicator(tmp_path, "Tỷ lệ thất nghiệp", "%")
    assert found.reasons["direction"] == "'thất nghiệp' is better low"


def test_a_proposal_is_marked_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    source, output = tmp_path / "mine.yaml", tmp_path / "proposed.yaml"
    source.write_text(LAID_OUT, encoding="utf-8")
    framework = load_framework(source)
    codes = [leaf.code for leaf in framework.indicators if leaf.code != "B2"]
    write_suggestions(suggest(framework, codes, source, "vi"), source, output)
    written = output.read_text(encoding="utf-8").splitlines()
    kept = [line for line in written if "# proposed: " not in line]
    before = LAID_OUT.splitlines()
    assert [line for line in kept if line not in before] == []
    assert len(kept) == len(before) - 2  # the two indicators on one line have theirs there
    assert "        direction: lower  # proposed: 'Thời gian' is better low" in written
    proposed = load_framework(output)
    directions = {leaf.code: leaf.direction for leaf in proposed.indicators}
    assert directions == {
        "A1": "lower",
        "A2": "lower",
        "A3": "lower",
        "A4": "higher",
        "B1": "higher",
        "B2": "higher",
    }
    assert proposed.node("B1").definition == framework.node("B1").definition  # type: ignore[union-attr]


def test_a_layout_that_has_no_room_for_proposals_is_refused(tmp_path: Path) -> None:
    source, output = tmp_path / "mine.yaml", tmp_path / "out.yaml"
    source.write_text(
        "id: mine\nversion: '1'\ntitle: T\ngroups:\n  - code: A\n    title: A\n"
        "    indicators: [{code: A1, title: Tỷ lệ, unit: '%'}, {code: A2, title: 'in two\n"
        "      lines', unit: '%'}]\n",
        encoding="utf-8",
    )
    found = suggest(load_framework(source), ["A1"], source, "vi")
    with pytest.raises(InputError, match="as it is laid out"):
        write_suggestions(found, source, output)
    assert not output.exists()


def test_the_command_lists_proposals_and_writes_them_where_it_is_told(tmp_path: Path) -> None:
    source = official_annex(tmp_path / "annex.xlsx")
    imported(source)
    path, output = str(source.with_suffix(".yaml")), str(tmp_path / "proposed.yaml")
    listed = run("framework", "suggest", path)
    assert listed.exit_code == 0
    assert "I.2.1  Tỷ lệ trường học có Internet\n    direction: higher" in listed.output
    assert not Path(output).exists()
    assert run("framework", "suggest", path, "-o", output).exit_code == 0
    assert "(2 scored" in run("framework", "check", output).output
    again = run("framework", "suggest", path, "-o", output)
    assert again.exit_code == 1
    assert "--force" in again.output


def test_a_framework_that_can_be_scored_has_nothing_to_propose(tmp_path: Path) -> None:
    source = tmp_path / "whole.yaml"
    source.write_text(
        "id: whole\nversion: '1'\ntitle: T\ngroups:\n  - code: A\n    title: A\n    indicators:\n"
        "      - {code: A1, title: Một, unit: '%', direction: higher, goalposts: [0, 100]}\n",
        encoding="utf-8",
    )
    assert "nothing to propose" in run("framework", "suggest", str(source)).output
