"""Drawings as parts of a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
import seaborn as sns

from kpi_lib.report.page.inline_svg import inline
from kpi_lib.report.page.theme import COLOURS, chart_style


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with matplotlib.rc_context():
        chart_style()
        yield
        plt.close("all")


def saved(ax: plt.Axes) -> str:
    buffer = io.StringIO()
    ax.figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def chart(colour: str = COLOURS["me"]) -> plt.Axes:
    _, ax = plt.subplots()
    ax.plot([2024, 2025], [40.5, 61.8], color=colour, marker="o")
    ax.set(title="Điểm tổng hợp", xlabel="Năm", ylabel="Điểm")
    ax.text(2024.5, 50, "chú thích")
    return ax


def test_colours_of_the_palette_follow_the_page_and_others_stay() -> None:
    assert "stroke:var(--me)" in inline(saved(chart()), "f")
    assert "fill:var(--soft)" in inline(saved(chart()), "f")
    made = inline(saved(chart("#c71585")), "f")
    assert "stroke:#c71585" in made
    assert "#ffffff" not in made


def test_text_is_text_in_the_typeface_of_the_page() -> None:
    made = inline(saved(chart()), "f")
    assert ">Điểm tổng hợp</text>" in made
    assert "font-family" not in made


def test_a_chart_is_called_by_its_title_and_axes_unless_it_is_given_a_name() -> None:
    assert 'aria-label="Điểm tổng hợp; Năm; Điểm"' in inline(saved(chart()), "f")
    assert 'aria-label="Đường &amp; điểm"' in inline(saved(chart()), "f", "Đường & điểm")
    bare = saved(plt.figure().add_axes((0, 0, 1, 1)))
    assert 'aria-label="Biểu đồ"' in inline(bare, "f", unnamed="Biểu đồ")


def test_two_drawings_share_no_id_and_refer_to_their_own() -> None:
    made = [inline(saved(chart()), name) for name in ("one", "two")]
    ids = [re.findall(r' id="([^"]+)"', drawing) for drawing in made]
    assert not set(ids[0]) & set(ids[1])
    for own, drawing in zip(ids, made, strict=True):
        referred = re.findall(r'(?:url\(#|href="#)([^")]+)', drawing)
        assert referred
        assert set(referred) <= set(own)


def test_a_drawing_that_differs_in_nothing_but_random_ids_is_the_same() -> None:
    ax = chart()
    drawings = []
    for salt in ("one", "another"):
        with matplotlib.rc_context({"svg.hashsalt": salt}):
            drawings.append(saved(ax))
    assert drawings[0] != drawings[1]
    assert inline(drawings[0], "f") == inline(drawings[1], "f")


def test_a_drawing_in_another_style_keeps_its_ground() -> None:
    with plt.style.context("default"):
        made = inline(saved(chart("crimson")), "f")
    assert ' class="own"' in made
    assert "fill:#ffffff" in made


def test_figures_in_the_cells_of_a_map_keep_the_colours_they_are_read_by() -> None:
    ax = sns.heatmap([[0.0, 90.0]], cmap="kpi", annot=True, cbar=False)
    made = inline(saved(ax), "f")
    assert re.search(r'style="[^"]*fill:#ffffff"[^>]*>90</text>', made)
    assert not re.search(r"<path[^>]*fill:var\(--(me|wash|paper)\)", made)


OTHER = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" xmlns:i="urn:i">
<title>Cây &amp; lá</title><metadata>riêng</metadata><script>alert(1)</script>
<style>.a { fill: #0a0b0c } #b { fill: url(#g) }</style><i:grid i:n="1"/>
<linearGradient id="g"/><rect id="b" i:n="1" class="a"/><use x:href="#b"/></svg>"""


def test_rules_of_a_drawing_hold_for_nothing_else_on_the_page() -> None:
    made = inline(OTHER, "f")
    style = re.search(r"<style>(.*)</style>", made)
    assert style
    assert style[1].startswith("#f{.a { fill: #0a0b0c }")
    assert 'aria-label="Cây &amp; lá"' in made
    assert '<use href="#f-1" />' in made
    for left_out in ("riêng", "script", "urn:i", "DOCTYPE"):
        assert left_out not in made


@pytest.mark.parametrize("broken", ["", "<svg", "<p/>", "<svg xmlns='http://www.w3.org/2000/svg'>"])
def test_what_is_no_drawing_gives_nothing(broken: str) -> None:
    assert inline(broken, "f") == ""


def test_colours_are_those_of_the_page() -> None:
    style = Path(__file__).parents[2] / "kpi_lib/report/templates/kpi.css"
    written = dict(re.findall(r"--(\w+): light-dark\((#\w+),", style.read_text(encoding="utf-8")))
    long = {
        name: "#" + "".join(c * 2 for c in v[1:]) if len(v) == 4 else v
        for name, v in written.items()
    }
    assert long == dict(COLOURS)
