"""Figures as SVG: what matplotlib would draw, with texts looked up letter by letter."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from kpi_lib.report.letters import EM, Font
from kpi_lib.report.svg import svg_of

SVG = "{http://www.w3.org/2000/svg}"
NORMAL = FontProperties(family="DejaVu Sans", size=EM)
BOLD = FontProperties(family="DejaVu Sans", size=EM, weight="bold")

TEXTS = st.one_of(
    st.text(
        st.sampled_from("Tỷ lệ dịch vụ công trực tuyến ĐỖỮ aAVTWfi.,;%0123456789−–+()"), max_size=30
    ),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=8),
)


@pytest.mark.filterwarnings("ignore:Glyph")  # letters that the font has not
@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([NORMAL, BOLD]))
def test_letters_stand_where_the_shaper_puts_them(text: str, font: FontProperties) -> None:
    letters, shaper = Font.of(font).face, get_font(findfont(font))
    shaper.set_size(EM, 72)
    glyphs, _, _ = text_to_path.get_glyphs_with_font(shaper, text)
    placed, width = letters.line(text)
    assert [name for name, _ in placed] == [name for name, *_ in glyphs]
    assert [x for _, x in placed] == pytest.approx([x for _, x, *_ in glyphs], abs=1e-9)
    expected = text_to_path.get_text_width_height_descent(text, font, False)
    below, above = letters.reach(text)
    assert (width, below + above, below) == pytest.approx(expected, abs=1e-9)


def figure(title: str = "Đường <gãy> & điểm") -> Figure:
    made = Figure(figsize=(4, 2))
    axes = made.subplots()
    axes.plot([1, 3, 2], label="một")
    axes.set_title(title)
    axes.set_ylabel("điểm")
    axes.text(0.5, 2, "mờ", alpha=0.5, color="red", rotation=30)
    axes.text(1, 2, r"$x^2$")
    return made


def test_the_drawing_is_xml_of_its_size() -> None:
    root = ElementTree.fromstring(svg_of(figure()))
    assert root.tag == f"{SVG}svg"
    assert root.attrib["viewBox"] == "0 0 288 144"


def test_every_letter_is_defined_once_and_used() -> None:
    root = ElementTree.fromstring(svg_of(figure()))
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    link = "{http://www.w3.org/1999/xlink}href"
    used = {element.attrib[link][1:] for element in root.iter(f"{SVG}use")}
    assert used <= set(ids)


def test_texts_stand_where_matplotlib_puts_them() -> None:
    import io

    buffer = io.StringIO()
    figure().savefig(buffer, format="svg")
    theirs = re.findall(r'<g[^>]*transform="translate\(([-\d.]+) ([-\d.]+)\)', buffer.getvalue())
    ours = re.findall(r'<g transform="translate\(([-\d.]+) ([-\d.]+)\)', svg_of(figure()))
    assert len(ours) > 10
    for mine, other in zip(ours, theirs, strict=False):
        assert [float(x) for x in mine] == pytest.approx([float(x) for x in other], abs=0.01)


def test_color_opacity_and_rotation_are_kept() -> None:
    text = svg_of(figure())
    assert re.search(r'rotate\(-30\) scale\(0\.1\)" fill="#ff0000" opacity="0\.5"', text)


def test_the_same_figure_gives_the_same_bytes_and_keeps_its_size() -> None:
    made = figure()
    first = svg_of(made)
    assert svg_of(made) == first == svg_of(figure())
    assert made.dpi == Figure().dpi


def test_texts_cannot_become_markup() -> None:
    assert "<gãy>" not in svg_of(figure("<gãy> -->"))


def test_parts_that_ask_for_pixels_get_them() -> None:
    made = Figure(figsize=(2, 2))
    made.subplots().scatter(range(9), range(9), rasterized=True)
    assert "data:image/png;base64," in svg_of(made)
