"""The typeface has what Vietnamese pages show, and charts look like pages."""

from __future__ import annotations

import io
import logging
import shutil
import warnings
from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns
from fontTools.ttLib import TTFont

from kpi_lib.report.page.axes import chart_axes, figure_of
from kpi_lib.report.page.figures import chart_svg
from kpi_lib.report.page.theme import COLOURS, FONTS, WEIGHTS, chart_style, font_faces

VIETNAMESE = "ĂÂĐÊÔƠƯăâđêôơư" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
SIGNS = "→←↑↓▲▼✓✗−–±×≥≤·“”…\N{NO-BREAK SPACE}%²₫"


@pytest.mark.parametrize("weight", WEIGHTS)
def test_charts_have_every_vietnamese_letter(weight: int) -> None:
    letters = TTFont(FONTS / f"BeVietnamPro-{weight}.ttf").getBestCmap()
    assert set(map(ord, VIETNAMESE)) <= letters.keys()


def test_the_typeface_is_a_small_part_of_a_page() -> None:
    assert len(font_faces()) <= len(WEIGHTS) * 45_000


# Widths of texts in the typeface with two families behind it: they differ where it lacks a letter.
WIDTHS = """async ([css, texts]) => {
  document.head.insertAdjacentHTML("beforeend", `<style>${css}</style>`);
  await Promise.all([400, 600].map((w) => document.fonts.load(`${w} 40px "Be Vietnam Pro"`, "aạ")));
  const width = (text, weight, other) => {
    const span = document.createElement("span");
    span.style.cssText = `font: ${weight} 40px "Be Vietnam Pro", ${other}; white-space: pre;
      font-variant-numeric: tabular-nums; position: absolute`;
    span.textContent = text.repeat(20);
    document.body.append(span);
    return span.getBoundingClientRect().width;
  };
  return [400, 600].map((weight) => texts.map((t) =>
    ["monospace", "serif"].map((other) => width(t, weight, other))));
}"""


def test_pages_have_every_letter_and_sign_and_figures_of_one_width() -> None:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    texts = [*VIETNAMESE, *SIGNS, *"0123456789"]
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<body></body>")
        weights = page.evaluate(WIDTHS, [font_faces(), texts])
        browser.close()
    for widths in weights:
        by_text = dict(zip(texts, widths, strict=True))
        assert [t for t in texts if by_text[t][0] != by_text[t][1]] == []
        assert len({by_text[figure][0] for figure in "0123456789"}) == 1


@pytest.fixture
def style() -> Iterator[None]:
    with matplotlib.rc_context():
        chart_style()
        yield
        plt.close("all")


def luminance(colour: str) -> float:
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(COLOURS[name]) for name in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["paper", "wash"])
@pytest.mark.parametrize(
    ("name", "least"),  # WCAG 2.2: 1.4.3 for text, 1.4.11 for graphics
    [("ink", 4.5), ("soft", 4.5), ("me", 4.5), ("up", 4.5), ("down", 4.5), ("o", 3), ("edge", 3)],
)
def test_colours_have_enough_contrast(name: str, least: float, ground: str) -> None:
    assert contrast(name, ground) >= least


def test_a_warning_can_be_read() -> None:
    assert contrast("warn", "warnbg") >= 4.5


def drawn() -> str:
    _, ax = plt.subplots()
    sns.lineplot(x=[2024, 2025], y=[40.5, 61.8], ax=ax)
    ax.set_title("Điểm tổng hợp → ▲ $ 5", weight="bold")
    buffer = io.StringIO()
    ax.figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


@pytest.mark.usefixtures("style")
def test_a_chart_is_text_in_the_typeface_and_the_colour_of_what_the_page_is_about() -> None:
    chart = drawn()
    assert ">Điểm tổng hợp → ▲ $ 5<" in chart
    assert "font-family: 'Be Vietnam Pro'" in chart
    assert f"stroke: {COLOURS['me']}" in chart


@pytest.mark.usefixtures("style")
def test_the_same_chart_has_the_same_bytes() -> None:
    assert drawn() == drawn()


@pytest.mark.usefixtures("style")
def test_vietnamese_signs_and_bold_text_are_drawn_without_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        chart_style()
        drawn()
    assert caplog.text == ""


def test_a_chart_is_as_wide_as_the_page_and_nothing_of_it_is_cut_off(style: None) -> None:
    names = ["An ninh, trật tự an toàn xã hội", "Nền tảng công nghệ thông tin và truyền thông"]
    ax = chart_axes("Điểm", demo=True)
    ax.barh(names, [1_000_000, 2_000_000])
    ax.set(xlabel="Điểm")
    for _ in range(2):  # a chart may be altered, and shown once more
        assert 'width="648pt" height="288pt"' in chart_svg(figure_of(ax))
        around, figure = ax.get_tightbbox(), figure_of(ax).bbox
        assert around is not None
        assert figure.x0 <= around.x0 < around.x1 <= figure.x1
        assert figure.y0 <= around.y0 < around.y1 <= figure.y1
        assert around.width > 0.93 * figure.width
        # JupyterLab shows another typeface where this is not installed: wider by a twentieth.
        labels = ax.get_window_extent().x0 - around.x0
        assert around.x0 - 0.06 * labels > figure.x0
        ax.set(ylabel="Nhóm chỉ số")


def test_a_chart_with_a_bar_of_colours_is_laid_out_as_a_whole(style: None) -> None:
    ax = chart_axes("", demo=False)
    ax.figure.colorbar(ax.pcolormesh([[1, 2], [3, 4]]), ax=ax, label="Điểm")
    chart_svg(figure_of(ax))
    area, bar = (each.get_tightbbox() for each in ax.figure.axes)
    assert area.x1 <= bar.x0 < bar.x1 <= ax.figure.bbox.x1


def test_numbers_on_axes_are_written_as_in_the_language_and_names_as_they_are() -> None:
    ax = chart_axes("", demo=False, lang="vi")
    ax.barh(["Điểm v1.0", "Huế"], [0.25, 0.75])
    ax.figure.canvas.draw()
    assert "0,2" in [label.get_text() for label in ax.get_xticklabels()]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Điểm v1.0", "Huế"]
