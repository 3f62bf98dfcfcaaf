"""The index at work in Chromium: sliders, links, comparison, and what is read without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from report.test_browser import Visit

import kpi_lib as kpi
from kpi_lib.batch.site import write_index
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import read_weights


@pytest.fixture(scope="module")
def index(demo: Scoreboard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the demo cities, in Vietnamese."""
    folder = tmp_path_factory.mktemp("index") / "vn-smart-city@1.0" / "latest" / "vi"
    folder.mkdir(parents=True)
    write_index(demo, folder, "vi", demo.latest, {}, ["en"])
    return folder / "index.html"


def visit(browser: object, index: Path, hash: str = "", **options: object) -> Visit:
    found = Visit(browser, index, 1280, **options)
    if hash:
        found.page.goto(found.address + hash)
        found.page.reload()
    return found


def shown(page: object) -> list[tuple[str, str]]:
    """Names and ranks as they stand in the ranking."""
    rows = page.locator("#cities tbody tr:visible").all()  # type: ignore[attr-defined]
    return [
        (row.locator("th").inner_text(), re.split(r"\s", row.locator("td.rank-of").inner_text())[0])
        for row in rows
    ]


def expected(demo: Scoreboard, changes: dict[str, float]) -> list[tuple[str, str]]:
    board = kpi.score(demo.observations, demo.framework, weights=changes)
    names = demo.observations.places["name_vi"]
    table = board.table("TOTAL", 2025).sort_values("rank")
    return [(str(names[city]), f"{rank:.0f}") for city, rank in table["rank"].items()]


def move(page: object, label: str, value: float) -> None:
    slider = page.get_by_role("slider", name=label, exact=True)  # type: ignore[attr-defined]
    slider.evaluate(
        "(s, v) => { s.value = v; s.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def settled(page: object) -> None:
    page.wait_for_timeout(600)  # type: ignore[attr-defined]


def test_a_slider_ranks_again_and_a_link_shows_the_same_elsewhere(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    first = visit(browser, index)
    assert shown(first.page) == expected(demo, {})
    move(first.page, "Năng lực cạnh tranh", 3)
    move(first.page, "Nền tảng công nghệ thông tin và truyền thông", 0)
    settled(first.page)
    wanted = expected(demo, {"CO": 3.0, "IC": 0.0})
    assert wanted != expected(demo, {})
    assert shown(first.page) == wanted
    assert "Thành phố Hồ Chí Minh từ hạng 4 thành hạng 1" in first.page.inner_text("#told")
    address = first.page.evaluate("location.hash")
    assert first.said == []
    second = visit(browser, index, address)
    assert shown(second.page) == wanted
    second.page.click("#reset")
    settled(second.page)
    assert shown(second.page) == expected(demo, {})
    assert second.page.evaluate("location.hash") == ""


def test_the_yaml_of_the_page_gives_its_ranking_in_the_library(
    browser: object,
    index: Path,
    demo: Scoreboard,
    tmp_path: Path,
) -> None:
    page = visit(browser, index, "#w=PS:0.1,QL:2.35,EN:0.0000001").page
    with page.expect_download() as saved:
        page.click("#yaml")
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    assert path.name == "weights.yaml"
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["framework"] == "vn-smart-city@1.0"
    weights = read_weights(path)
    assert (weights["QL"], weights["EN"]) == (2.35, 1e-7)
    assert expected(demo, weights) == shown(page)


def test_a_weight_that_is_locked_keeps_its_share(browser: object, index: Path) -> None:
    page = visit(browser, index, "#w=PS:2&k=PS").page
    share = page.locator(".weight:has(input:disabled) output")
    assert share.inner_text() == "2 (25%)"
    move(page, "Năng lực cạnh tranh", 3)
    assert share.inner_text() == "2,67 (25%)"
    settled(page)
    again = visit(browser, index, page.evaluate("location.hash")).page
    assert again.locator(".weight:has(input:disabled) output").inner_text() == "2,67 (25%)"


def test_weights_that_are_all_zero_leave_the_ranking_and_say_so(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    page = visit(browser, index, "#w=QL:0,UM:0,EN:0,CO:0,PS:0,SE:0").page
    before = shown(page)
    assert before == expected(demo, dict.fromkeys(["QL", "UM", "EN", "CO", "PS", "SE"], 0.0))
    move(page, "Nền tảng công nghệ thông tin và truyền thông", 0)
    settled(page)
    assert "Cần ít nhất một thành phần của “Điểm tổng hợp”" in page.inner_text("#told")
    assert shown(page) == before


def test_sets_of_weights_stand_side_by_side(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    page = visit(browser, index).page
    move(page, "Năng lực cạnh tranh", 3)
    page.fill("#set-name", "Kinh tế; trước")
    page.click("#keep")
    page.click("#reset")
    move(page, "Bảo vệ môi trường hiệu quả", 3)
    page.click("#keep")
    settled(page)
    again = visit(browser, index, page.evaluate("location.hash")).page
    heads = again.locator("#kept thead th").all_inner_texts()
    assert [head.split("\n")[0] for head in heads[1:]] == [
        "Trọng số đã công bố",
        "Kinh tế, trước",
        "Bộ 2",
    ]
    columns = zip(
        *(row.locator("td").all_inner_texts() for row in again.locator("#kept tbody tr").all()),
        strict=True,
    )
    names = again.locator("#kept tbody th").all_inner_texts()
    for column, changes in zip(columns, ({}, {"CO": 3.0}, {"EN": 3.0}), strict=True):
        assert dict(zip(names, column, strict=True)) == dict(expected(demo, changes))
    again.get_by_role("button", name="Dùng Kinh tế, trước").click()
    assert shown(again) == expected(demo, {"CO": 3.0})
    again.get_by_role("button", name="Bỏ Bộ 2").click()
    assert again.locator("#kept thead th").count() == 3


def test_two_to_four_are_compared(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    page = visit(browser, index).page
    for name in ("Huế", "Đà Nẵng", "Hà Nội", "Cần Thơ"):
        page.get_by_label(f"So sánh {name}", exact=True).check()
    assert page.get_by_label("So sánh Đà Lạt", exact=True).is_disabled()
    rows = page.locator("#compared tbody tr")
    assert rows.count() == 8
    codes = ["hue", "da-nang", "ha-noi", "can-tho"]
    parts = ["TOTAL", *(group.code for group in demo.framework.groups)]
    for row, part in zip(rows.all(), parts, strict=True):
        cells = [cell.split()[0] for cell in row.locator("td.n").all_inner_texts()]
        points = demo.points.xs("2025", level="period")[part][codes]
        assert cells == [f"{x:.1f}".replace(".", ",") for x in points]
    again = visit(browser, index, page.evaluate("location.hash")).page
    assert again.locator("#compared tbody tr").count() == 8
    again.get_by_label("So sánh Huế", exact=True).uncheck()
    assert again.locator("#compared thead th").count() == 5


def test_the_keyboard_alone_moves_a_slider_sorts_and_compares(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    page = visit(browser, index).page
    page.get_by_role("slider", name="Năng lực cạnh tranh", exact=True).focus()
    page.keyboard.press("End")
    settled(page)
    assert shown(page) == expected(demo, {"CO": 3.0})
    assert page.evaluate("document.activeElement.type") == "range"
    page.locator("th[data-key=city] button").focus()
    page.keyboard.press("Enter")
    assert page.locator("th[data-key=city]").get_attribute("aria-sort") == "ascending"
    for name in ("Huế", "Hà Nội"):
        page.get_by_label(f"So sánh {name}", exact=True).focus()
        page.keyboard.press("Space")
    assert page.locator("#compared tbody tr").count() == 8


def test_filters_by_region_and_class(browser: object, index: Path) -> None:
    page = visit(browser, index).page
    page.select_option("#region", label="Tây Nguyên")
    assert {name for name, _ in shown(page)} == {"Đà Lạt", "Buôn Ma Thuột"}
    page.select_option("#region", "")
    page.select_option("#class", "special")
    assert {name for name, _ in shown(page)} == {"Hà Nội", "Thành phố Hồ Chí Minh"}
    assert "2 trong 12" in page.inner_text("#count")
    again = visit(browser, index, page.evaluate("location.hash")).page
    assert len(shown(again)) == 2


@pytest.mark.parametrize(
    "hash",
    [
        "#w=NO:2,PS:-1,QL:nan,EN:1e99,CO:x&k=NO&c=nobody,hue,hue&s=nothing&r=Atlantis&v=;&v=a;NO:3",
        "#w=%3Cscript%3E:1&v=%3Cb%3Ex%3C%2Fb%3E;PS:2&q=%00",
        "#%%%",
    ],
)
def test_a_state_that_cannot_be_is_passed_over(
    browser: object,
    index: Path,
    demo: Scoreboard,
    hash: str,
) -> None:
    found = visit(browser, index, hash)
    assert found.said == []
    names = [name for name, _ in shown(found.page)]
    assert names == [] or names == [name for name, _ in expected(demo, {})]
    assert found.page.locator("#kept b").count() == 0


def test_without_scripts_ranking_and_map_are_read_and_nothing_idle_is_shown(
    browser: object,
    index: Path,
    demo: Scoreboard,
) -> None:
    page = visit(browser, index, java_script_enabled=False).page
    assert shown(page) == expected(demo, {})
    assert page.locator(".places .name:visible").count() == 14
    assert (
        page.locator("input:visible, select:visible, button:visible, #weights:visible").count() == 0
    )


def test_the_index_prints_landscape_with_all_rows(browser: object, index: Path) -> None:
    page = visit(browser, index).page
    page.emulate_media(media="print")
    assert page.locator("#cities tbody tr:visible").count() == 12
    assert page.locator(".panel:visible, .tools:visible, .pick:visible").count() == 0
    pdf = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 841" in pdf or b"/MediaBox [0 0 842" in pdf


def test_what_is_of_the_published_weights_says_so_while_others_are_tried(
    browser: object, index: Path
) -> None:
    page = visit(browser, index).page
    said = page.locator("#of-published")
    assert not said.is_visible()
    move(page, "Chất lượng cuộc sống", 3)
    settled(page)
    assert said.is_visible()
    page.locator("#reset").click()
    settled(page)
    assert not said.is_visible()
