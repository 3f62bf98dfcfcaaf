"""Figures say what the scoreboard says, and no two of their labels cover each other."""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import builders
import matplotlib
import numpy as np
import numpy.typing as npt
import pytest
from boards import (
    BOARDS,
    YEARS,
    all_full,
    all_zero,
    by_quarter,
    constant,
    few_data,
    gaps_in_data,
    many_cities,
    named,
    national,
    one_city,
    random_values,
    two_cities,
)
from builders import observe
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from kpi_lib.report.charts import figures
from kpi_lib.report.html import Drawing
from kpi_lib.report.letters import Writing
from kpi_lib.report.sections import shown
from kpi_lib.report.view import CityView
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard

LANGUAGES = ("vi", "en")
OF_A_CITY = (
    "profile",
    "contributions",
    "strengths",
    "gaps",
    "progress",
    "availability",
    "compare_values",
)


class Shown(NamedTuple):
    """A text of a figure, its size in points and its box in pixels."""

    text: str
    size: float
    box: npt.NDArray[np.float64]


def texts(figure: Figure) -> list[Shown]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    off = [axis for axes in figure.axes if not axes.axison for axis in (axes.xaxis, axes.yaxis)]
    hidden = {text for axis in off for text in axis.findobj(Text)}
    found = [
        Shown(t.get_text(), t.get_fontsize(), t.get_window_extent(renderer).extents)
        for t in figure.findobj(Text)
        if t.get_visible() and t.get_text().strip() and t not in hidden
    ]
    lines = [
        Shown(line.text, line.font.size, box)
        for written in figure.findobj(Writing)
        for line, box in zip(written.lines, written.boxes(), strict=True)
    ]
    return found + lines


def said(figure: Figure) -> str:
    return "\n".join(shown.text for shown in texts(figure))


def faults_of(figure: Figure) -> list[str]:
    """Name the labels that leave the figure, are too small, or lie over another."""
    FigureCanvasAgg(figure).draw()
    shown_texts = texts(figure)
    boxes = np.array([shown.box for shown in shown_texts])
    names = [shown.text for shown in shown_texts]
    found = [f"too small: {shown.text}" for shown in shown_texts if shown.size < 10.5]
    low, high = boxes[:, :2], boxes[:, 2:]
    outside = (low < -0.5).any(axis=1) | (high > np.array(figure.bbox.size) + 0.5).any(axis=1)
    found += [f"outside: {names[i]}" for i in np.flatnonzero(outside)]
    # Boxes that share more than a line of pixels in both directions.
    common = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    pairs = np.argwhere(np.triu((common > 1).all(axis=2), k=1))
    return found + [f"one over the other: {names[i]} | {names[j]}" for i, j in pairs]


def drawn(
    board: Scoreboard, city: str, period: str, lang: Any
) -> Iterator[tuple[str, Figure, str]]:
    """Draw every figure that there is for a city, with its description."""
    for name in (*OF_A_CITY, "ranking"):
        of_city = name != "ranking"
        arguments = (board, city, period, lang) if of_city else (board, period, lang)
        figure = getattr(figures, name)(*arguments)
        words = getattr(figures, f"describe_{name}")(*arguments)
        if figure is not None:
            yield name, figure, words
        elif name != "availability":
            assert words == "", f"{name} is described but not drawn"


@cache
def made(name: str) -> tuple[Scoreboard, str]:
    """Make a board for all tests that draw it, and say of which period."""
    make, period = BOARDS[name]
    return make(), period


@pytest.mark.parametrize("name", BOARDS)
def test_labels_keep_clear_of_each_other(name: str) -> None:
    board, period = made(name)
    for lang in LANGUAGES:
        for figure_name, figure, _ in drawn(board, "c000", period, lang):
            assert faults_of(figure) == [], (figure_name, lang)


@pytest.mark.parametrize("city", ["da-nang", "can-tho", "cao-lanh"])
def test_labels_of_the_demo_keep_clear_of_each_other(demo: Scoreboard, city: str) -> None:
    for lang in LANGUAGES:
        for name, figure, _ in drawn(demo, city, "2023", lang):
            assert faults_of(figure) == [], (name, lang)


def test_the_checker_sees_a_fault() -> None:
    figure = Figure(figsize=(2, 2))
    figure.text(0.5, 0.5, "first", fontsize=11)
    figure.text(0.52, 0.5, "second", fontsize=11)
    figure.text(0.95, 0.2, "far out", fontsize=11)
    figure.text(0.1, 0.1, "small", fontsize=9)
    kinds = [fault.split(":")[0] for fault in faults_of(figure)]
    assert kinds == ["too small", "outside", "one over the other"]


def test_every_figure_is_there_for_a_city_with_full_data(demo: Scoreboard) -> None:
    there = [name for name, _, _ in drawn(demo, "can-tho", "2025", "vi")]
    assert there == [*OF_A_CITY, "ranking"]


@pytest.mark.parametrize("name", BOARDS)
def test_descriptions_fit_in_one_breath(name: str) -> None:
    board, period = made(name)
    for figure_name, lang in product(OF_A_CITY, LANGUAGES):
        words = getattr(figures, f"describe_{figure_name}")(board, "c000", period, lang)
        assert len(words) <= 300, (figure_name, words)
        assert not words or any(digit in words for digit in string.digits), (figure_name, words)
        assert "nan" not in words.split()


def test_numbers_follow_the_language(demo: Scoreboard) -> None:
    total = demo.points.at[("da-nang", "2025"), "TOTAL"]
    plain = f"{total:.1f}"
    for lang, text in (("en", plain), ("vi", plain.replace(".", ","))):
        for name in ("profile", "contributions", "progress"):
            figure = getattr(figures, name)(demo, "da-nang", "2025", lang)
            assert text in said(figure), name
        assert text in figures.describe_profile(demo, "da-nang", "2025", lang)


def test_profile_names_city_and_median_once(demo: Scoreboard) -> None:
    figure = figures.profile(demo, "da-nang", "2025", "vi")
    words = [shown.text for shown in texts(figure)]
    assert words.count("Đà Nẵng") == 1
    assert words.count("trung vị") == 1


def test_profile_says_in_words_where_there_is_no_score() -> None:
    framework = national()
    values = random_values(framework, 4, ["2025"])
    values.loc[("c000", "2025"), [i.code for i in framework.leaves("EN")]] = np.nan
    figure = figures.profile(score(observe(values), framework), "c000", "2025", "vi")
    assert said(figure).count("chưa tính điểm") == 1


def test_many_cities_are_a_band_and_few_are_dots() -> None:
    def dots(board: Scoreboard) -> int:
        figure = figures.profile(board, "c000", "2025", "en")
        return sum(len(part.get_offsets()) for part in figure.findobj(PathCollection))

    assert dots(gaps_in_data()) > 30
    assert dots(many_cities()) == 0
    assert "middle 80 %" in said(figures.profile(many_cities(), "c000", "2025", "en"))


def test_what_is_given_and_left_adds_up(demo: Scoreboard) -> None:
    table = shown.shares(CityView(demo, "hue", "2025", "vi"))
    assert table["given"].sum() == pytest.approx(demo.points.at[("hue", "2025"), "TOTAL"])
    assert table.to_numpy().sum() == pytest.approx(100)


def test_what_is_left_is_not_shown_where_shares_do_not_add_up() -> None:
    board = score(observe(random_values(national(), 3, ["2025"])), national(), aggregate="min")
    figure = figures.contributions(board, "c000", "2025", "en")
    assert "to gain" not in said(figure)
    assert faults_of(figure) == []


def test_a_part_without_a_score_has_no_share() -> None:
    framework = national()
    values = random_values(framework, 3, ["2025"])
    values.loc[("c000", "2025"), [i.code for i in framework.leaves("IC")]] = np.nan
    board = score(observe(values), framework)
    table = shown.shares(CityView(board, "c000", "2025", "vi"))
    assert table.loc["IC"].tolist() == [0, 0]
    assert table.to_numpy().sum() == pytest.approx(100)
    assert "no score" in said(figures.contributions(board, "c000", "2025", "en"))


def test_strengths_are_at_most_five_on_each_side(demo: Scoreboard) -> None:
    ahead = shown.furthest(CityView(demo, "can-tho", "2025", "vi"))["ahead"]
    assert (ahead > 0).sum() == 5
    assert (ahead < 0).sum() == 5
    assert ahead.is_monotonic_decreasing


def test_nothing_is_a_strength_where_all_are_equal_or_alone() -> None:
    assert figures.strengths(all_full(), "c000", "2025", "vi") is None
    assert figures.strengths(one_city(), "c000", "2025", "vi") is None
    assert figures.strengths(two_cities(), "c000", "2025", "vi") is None


def test_gaps_are_sorted_by_what_closing_them_brings() -> None:
    board = score(observe(constant(national(), 10.0)), national())
    table = shown.open_gaps(CityView(board, "c000", "2025", "vi"))
    assert 0 < len(table) <= shown.MOST_GAPS
    assert table["gain"].is_monotonic_decreasing
    assert (table["from"] < table["to"]).all()
    figure = figures.gaps(board, "c000", "2025", "en")
    assert f"+{table['gain'].iloc[0]:.2f} points" in said(figure)
    assert faults_of(figure) == []


def test_a_city_that_meets_every_target_has_no_gaps() -> None:
    board = all_full()
    assert figures.gaps(board, "c000", "2025", "vi") is None
    assert figures.describe_gaps(board, "c000", "2025", "vi") == ""


def test_gaps_without_goalposts_show_the_share_of_the_target() -> None:
    targets = {"targets": {2025: 80.0}, "goalposts": None, "unit": {"vi": "m", "en": "m"}}
    framework = builders.framework(
        builders.group("A", builders.indicator("A.1", **targets), builders.indicator("A.2")),
        builders.group("B", builders.indicator("B.1", **targets | {"direction": "lower"})),
    )
    board = score(
        observe(builders.table({"A.1": [20, 90], "A.2": [50, 60], "B.1": [160, 10]}, "2025")),
        framework,
    )
    table = shown.open_gaps(CityView(board, "c0", "2025", "vi"))
    assert table["from"].to_dict() == {"A.1": 25, "B.1": 50}
    assert table["to"].tolist() == [100, 100]
    assert "Phần mục tiêu" in said(figures.gaps(board, "c0", "2025", "vi"))


def test_progress_needs_two_periods() -> None:
    board = score(observe(random_values(national(), 3, ["2025"])), national())
    assert figures.progress(board, "c000", "2025", "vi") is None


def test_progress_does_not_bridge_a_gap(demo: Scoreboard) -> None:
    framework = national()
    values = random_values(framework, 3, YEARS)
    values.loc[("c000", "2022")] = np.nan
    board = score(observe(values), framework)
    figure = figures.progress(board, "c000", "2025", "vi")
    composite = figure.findobj(Line2D)[-1].get_ydata()[: len(YEARS)]
    assert np.isnan(composite).tolist() == [False, False, False, True, False, False, False]


def test_progress_ends_at_the_period_of_the_report(demo: Scoreboard) -> None:
    assert "2024" not in said(figures.progress(demo, "hue", "2023", "vi"))


def test_a_period_with_other_indicators_than_the_one_before_is_marked() -> None:
    marked = "Hollow dots: other indicators count"
    assert marked in said(figures.progress(gaps_in_data(), "c004", "2025", "en")).replace("\n", " ")
    assert marked not in said(figures.progress(two_cities(), "c000", "2025", "en"))


def test_years_are_not_mixed_with_quarters() -> None:
    assert shown.same_kind(CityView(by_quarter(), "c000", "2025-Q4", "vi"))[0] == "2024-Q1"


def test_availability_is_the_share_of_indicators_with_a_value() -> None:
    framework = national()
    values = random_values(framework, 2, ["2025"])
    values.loc[("c000", "2025"), ["PS.ONL.1", "PS.ONL.2"]] = np.nan
    board = score(observe(values), framework)
    view = CityView(board, "c000", "2025", "vi")
    titles = [title for _, title, _ in shown.fields(view)]
    table = shown.observed(view, 5)
    assert table.iloc[titles.index("Dịch vụ công trực tuyến"), 0] == pytest.approx(1 / 3)
    assert "\n33\n" in said(figures.availability(board, "c000", "2025", "vi"))


def test_indicators_beside_fields_are_a_field_of_their_own() -> None:
    framework = builders.framework(
        builders.group(
            "A", builders.group("A.B", builders.indicator("x")), builders.indicator("y")
        ),
        builders.group("C", builders.indicator("z")),
    )
    board = score(observe(builders.table({"x": [1.0], "y": [2.0], "z": [3.0]})), framework)
    found = shown.fields(CityView(board, "c0", "2024", "en"))
    assert found == [("A", "A.B", ["x"]), ("A", "Other indicators", ["y"]), ("C", "C", ["z"])]


def test_a_city_without_data_has_no_figure_but_others_have() -> None:
    framework = national()
    values = random_values(framework, 4, ["2025"])
    values.loc[("c000", "2025")] = np.nan
    board = score(observe(values), framework)
    assert [name for name, _, _ in drawn(board, "c000", "2025", "vi")] == ["ranking"]
    nothing = score(observe(values * np.nan), framework)
    assert list(drawn(nothing, "c000", "2025", "vi")) == []


def test_values_are_compared_where_there_are_few_scores() -> None:
    board = few_data()
    assert figures.profile(board, "c000", "2021", "vi") is None
    assert figures.contributions(board, "c000", "2021", "vi") is None
    table = shown.compared(CityView(board, "c000", "2021", "vi"))
    assert 0 < len(table) <= shown.MOST_COMPARED
    assert table["value"].between(table["low"], table["high"]).all()
    assert figures.compare_values(board, "c000", "2021", "vi") is not None


def test_a_value_that_no_other_city_has_is_not_compared() -> None:
    assert figures.compare_values(one_city(), "c000", "2025", "vi") is None


def test_values_of_other_periods_are_compared_only_where_there_are_none_of_the_same() -> None:
    values = random_values(national(), 3, YEARS[-2:])
    apart = values.drop(index=[("c000", "2025"), ("c001", "2024"), ("c002", "2024")])
    figure = figures.compare_values(score(observe(apart), national()), "c000", "2024", "en")
    assert "latest period" in said(figure)
    assert faults_of(figure) == []
    figure = figures.compare_values(score(observe(values), national()), "c000", "2024", "en")
    assert "latest" not in said(figure)


def test_the_ranking_leaves_out_the_middle_of_a_long_list() -> None:
    board = many_cities()
    figure = figures.ranking(board, "2025", "en")
    words = said(figure).split("\n")
    assert "… 160 other cities …" in words
    assert len([word for word in words if word.startswith("c")]) == shown.MOST_RANKED
    assert {"1", "200"} <= set(words)


def test_cities_that_tie_share_a_rank() -> None:
    words = said(figures.ranking(all_zero(), "2025", "en")).split("\n")
    assert words.count("1") == 3
    assert "2" not in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_made_up_data_are_marked_on_every_figure(demo: Scoreboard, lang: Any) -> None:
    for name, figure, _ in drawn(demo, "can-tho", "2025", lang):
        assert said(figure).split("\n").count("DEMO") == 1, name
    for name, figure, _ in drawn(gaps_in_data(), "c000", "2025", lang):
        assert "DEMO" not in said(figure), name


def test_signs_in_names_are_shown_as_they_stand() -> None:
    figure = figures.profile(named(two_cities(), "A$b$ <i>"), "c000", "2025", "vi")
    assert "A$b$ <i>" in said(figure)
    assert "<i>" not in Drawing(figure, "").svg


def test_the_same_figure_is_the_same_bytes(demo: Scoreboard) -> None:
    for (name, one, _), (_, other, _) in zip(
        drawn(demo, "hue", "2025", "vi"), drawn(demo, "hue", "2025", "vi"), strict=True
    ):
        assert Drawing(one, "").svg == Drawing(other, "").svg, name


def test_drawing_leaves_no_state_behind(demo: Scoreboard) -> None:
    from matplotlib import pyplot

    with matplotlib.rc_context({"font.size": 31, "figure.autolayout": True}):
        before = dict(matplotlib.rcParams)
        state = np.random.get_state()[1].tolist()
        for name, figure, _ in drawn(demo, "hue", "2025", "vi"):
            assert faults_of(figure) == [], name
        assert dict(matplotlib.rcParams) == before
        assert np.random.get_state()[1].tolist() == state
    assert pyplot.get_fignums() == []
