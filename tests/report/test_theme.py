"""The typeface has what Vietnamese pages show."""

from __future__ import annotations

import shutil

import pytest
from fontTools.ttLib import TTFont

from kpi_lib.report.theme import FONTS, WEIGHTS, font_faces

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
