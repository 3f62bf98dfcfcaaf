"""Pages as their readers open them: in Chromium, from a file, without a network."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from browsing import WIDTHS
from builders import DEMO, ROOT
from commands import done

import kpi_lib as kpi
from kpi_lib.batch.plan import plan
from kpi_lib.batch.run import run
from kpi_lib.locale.catalogue import languages
from kpi_lib.report.page.piece import style_anew
from kpi_lib.scoring.cache import scoreboard

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

SETS = {
    "demo": ("data/raw/demo/observations-demo.csv", "vn-smart-city@1.0", "cao-lanh"),
    "u4ssc": ("data/processed/u4ssc/observations.csv", "u4ssc@2017", "valencia"),
}

# Texts that need more room than they have, and boxes that reach beyond the page.
CUT_OFF = """() => {
  const found = [];
  const blocks = "h1,h2,h3,p,li,td,th,dt,dd,caption,figcaption,summary,img,label,button,a,span";
  for (const element of document.querySelectorAll(blocks)) {
    if (element.closest(".hidden, .scroll, thead") || !element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    const inline = getComputedStyle(element).display === "inline";
    if (box.left < -1 && !element.matches(".skip")
        || box.right > document.documentElement.clientWidth + 1
        || !inline && element.scrollWidth > element.clientWidth + 1)
      found.push(element.tagName + ": " + element.textContent.slice(0, 60));
  }
  return found;
}"""

# Neighbours in the flow whose boxes lie over each other.
OVERLAPPING = """() => {
  const found = [];
  const blocks = [...document.querySelectorAll("main > *, main > div > *")]
    .filter((e) => e.checkVisibility() && !e.matches(".hidden"));
  for (const [i, element] of blocks.entries()) {
    const next = element.nextElementSibling;
    if (!next || !next.checkVisibility()) continue;
    const a = element.getBoundingClientRect(), b = next.getBoundingClientRect();
    const aside = b.left >= a.right - 1 || a.left >= b.right - 1;
    if (b.top < a.bottom - 1 && a.top < b.bottom - 1 && !aside)
      found.push(element.tagName + " and " + next.tagName);
  }
  return found;
}"""


# Texts whose contrast to what is behind them is under the 4.5 of WCAG 2.2; 3 where they are large.
FAINT = """() => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const paint = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})
        || element.closest(".hidden, .skip, script, style, option, title")) continue;
    const behind = [];
    for (let at = element; at; at = at.parentElement)
      behind.unshift(getComputedStyle(at).backgroundColor);
    const own = getComputedStyle(element);
    const colour = element.closest("svg") ? own.fill : own.color;
    const ground = ["Canvas", ...behind];
    const [a, b] = [paint([...ground, colour]), paint(ground)].map(light).sort((x, y) => y - x);
    const size = parseFloat(own.fontSize);
    const large = size >= 24 || own.fontWeight >= 600 && size >= 18.7;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5))
      found.push(`${element.tagName}.${element.className.baseVal ?? element.className}: `
        + texts.currentNode.data.trim().slice(0, 40) + ` ${colour}`);
  }
  return found;
}"""

UNFOLD = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"

# What the keyboard is to reach.
REACHED = """() => {
  const every = "a[href], button, input, select, summary, [tabindex='0']";
  return [...document.querySelectorAll(every)].filter((e) => e.checkVisibility() && !e.disabled);
}"""


# One set has every kind of page; the other is for what only its figures and lengths could break.
@pytest.fixture(scope="module", params=["demo", pytest.param("u4ssc", marks=pytest.mark.system)])
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one set in both languages, with the page of one city."""
    data, framework, city = SETS[request.param]
    if not (ROOT / data).is_file():
        pytest.skip(f"{data} is not prepared (make data)")
    output = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        board = scoreboard(data, framework)
        for lang in languages():
            asked = {"framework": framework, "data": data}
            batch = plan(board, asked, output, cities=[city], lang=lang)
            for outcome in run(batch, limit=120):
                assert outcome.failure is None, outcome.failure
    return output


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The audit of the demo set in both languages."""
    output = tmp_path_factory.mktemp("whole")
    for lang in languages():
        asked = (str(DEMO), "-f", "vn-smart-city@1.0", "--lang", lang)
        done("audit", *asked, "-o", str(output))
    return {page.name: page for page in output.glob("*/*/*.html")}


def pages(reports: Path, lang: str) -> dict[str, Path]:
    folder = next(reports.glob(f"*/latest/{lang}"))
    city = next(path for path in folder.glob("*.html") if path.stem != "index")
    return {"city": city, "index": folder / "index.html", "sets": reports / "index.html"}


class Visit:
    """A page opened from a file, with all that it asked for and complained of."""

    def __init__(self, browser: object, path: Path, width: int, **options: object) -> None:
        context = browser.new_context(  # type: ignore[attr-defined]
            offline=True, viewport={"width": width, "height": 900}, **options
        )
        context.set_default_timeout(180_000)  # a machine that does other work is slow, not wrong
        self.page = context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.address = path.resolve().as_uri()
        self.page.goto(self.address)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", languages())
def test_pages_ask_for_nothing_and_fit(
    browser: object, reports: Path, lang: str, width: int
) -> None:
    for kind, path in pages(reports, lang).items():
        visit = Visit(browser, path, width)
        outside = [url for url in visit.asked if not url.startswith("data:")]
        assert outside == [visit.address], kind
        assert visit.said == [], kind
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not visit.page.evaluate(wide), kind
        assert visit.page.evaluate(CUT_OFF) == [], kind
        assert visit.page.evaluate(OVERLAPPING) == [], kind
        assert visit.page.evaluate(
            "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
        ), kind
        visit.page.context.close()


@pytest.mark.parametrize("lang", languages())
def test_pages_have_a_language_headings_in_order_and_names_for_everything(
    browser: object, reports: Path, lang: str
) -> None:
    for kind, path in pages(reports, lang).items():
        page = Visit(browser, path, 1280).page
        if kind != "sets":
            assert page.evaluate("document.documentElement.lang") == lang
        levels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert page.evaluate("[...document.images].every((image) => image.alt.length > 20)"), kind
        assert page.evaluate(
            "[...document.querySelectorAll('table:not(.dataframe)')].every("
            "(t) => t.caption && t.tHead)"
        ), kind
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids)), kind
        targets = page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
        )
        assert set(targets) <= set(ids), kind
        page.context.close()


def test_the_first_tab_leads_past_the_top(browser: object, reports: Path) -> None:
    page = Visit(browser, pages(reports, "en")["city"], 1280).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: object, reports: Path, scheme: str) -> None:
    for kind, path in pages(reports, "vi").items():
        page = Visit(browser, path, 1280, color_scheme=scheme).page
        page.evaluate(UNFOLD)
        assert page.evaluate(FAINT) == [], kind
        page.context.close()


def violations(page: object) -> list[str]:
    """What axe finds against it, with everything unfolded: rule and places."""
    page.evaluate(UNFOLD)  # type: ignore[attr-defined]
    found = axe.Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']][:5]}" for rule in found]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", languages())
def test_axe_finds_nothing_against_a_page(
    browser: object, reports: Path, lang: str, width: int
) -> None:
    for kind, path in pages(reports, lang).items():
        page = Visit(browser, path, width).page
        assert violations(page) == [], kind
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_the_audit(
    browser: object, whole: dict[str, Path], scheme: str
) -> None:
    assert len(whole) == len(languages())
    for name, path in whole.items():
        page = Visit(browser, path, 390, color_scheme=scheme).page
        assert violations(page) == [], name
        page.context.close()


def test_axe_finds_a_fault_that_is_put_in(browser: object, reports: Path) -> None:
    page = Visit(browser, pages(reports, "vi")["city"], 1280).page
    page.evaluate("document.documentElement.lang = ''")
    assert any("html-has-lang" in found for found in violations(page))
    page.context.close()


def test_the_keyboard_alone_reaches_everything(browser: object, reports: Path) -> None:
    for kind, path in pages(reports, "en").items():
        page = Visit(browser, path, 390).page
        page.evaluate(f"window.wanted = ({REACHED})()")
        wanted = page.evaluate("wanted.length")
        found = set()
        for _ in range(wanted):
            page.keyboard.press("Tab")
            found.add(page.evaluate("wanted.indexOf(document.activeElement)"))
        # One of a group of radio buttons has the focus; the arrows lead to the others.
        grouped = page.evaluate(
            "wanted.filter((e) => e.type === 'radio' && !e.checked).map((e) => wanted.indexOf(e))"
        )
        assert set(range(wanted)) - found <= set(grouped), kind
        page.context.close()


def test_a_fold_opens_by_the_keyboard(browser: object, reports: Path) -> None:
    page = Visit(browser, pages(reports, "en")["city"], 1280).page
    fold = page.locator("details:has(.ind)").first
    if not fold.count():
        pytest.skip("this page has no indicators to fold")
    fold.locator("summary").first.focus()
    before = fold.get_attribute("open") is not None
    page.keyboard.press("Enter")
    assert (fold.get_attribute("open") is not None) != before
    page.context.close()


def test_without_scripts_everything_is_read(browser: object, reports: Path) -> None:
    shown = pages(reports, "vi")
    assert "<script" not in shown["city"].read_text(encoding="utf-8")
    page = Visit(browser, shown["index"], 1280, java_script_enabled=False).page
    rows = page.locator("#cities tbody tr")
    assert rows.count() > 5
    assert all(row.is_visible() for row in rows.all())
    link = page.locator(f"#cities a[href='{shown['city'].name}']")
    link.click()
    assert page.locator("h1").inner_text()
    page.context.close()


def names_shown(page: object) -> list[str]:
    rows = page.locator("#cities tbody tr:visible th")  # type: ignore[attr-defined]
    return [text.strip() for text in rows.all_inner_texts()]


def test_the_list_sorts_and_searches(browser: object, reports: Path) -> None:
    page = Visit(browser, pages(reports, "vi")["index"], 1280).page
    every = names_shown(page)
    heading = page.locator("th[data-key=city]")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    ascending = names_shown(page)
    assert sorted(ascending) == sorted(every)
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert names_shown(page) == ascending[::-1]
    page.locator("th[data-key=score] button").click()
    assert heading.get_attribute("aria-sort") is None
    scores = [text.strip() for text in page.locator("#cities tbody td.big").all_inner_texts()]
    known = [float(score.replace(",", ".")) for score in scores if score != "–"]
    assert known == sorted(known, reverse=True)
    assert all(score == "–" for score in scores[len(known) :])
    wanted = every[0]
    page.fill("#search", wanted.upper())
    assert wanted in names_shown(page)
    assert len(names_shown(page)) < len(every)
    assert str(len(every)) in page.locator("#count").inner_text()
    page.fill("#search", "zzz")
    assert names_shown(page) == []
    page.context.close()


def test_the_search_does_without_diacritics(browser: object, reports: Path) -> None:
    index = pages(reports, "vi")["index"]
    if "Đà Nẵng" not in index.read_text(encoding="utf-8"):
        pytest.skip("no Vietnamese cities in this set")
    page = Visit(browser, index, 390).page
    page.fill("#search", "da n")
    assert names_shown(page) == ["Đà Nẵng"]
    page.context.close()


def test_the_page_prints_on_a4_without_code_and_with_demo_on_each_sheet(
    browser: object, reports: Path
) -> None:
    visit = Visit(browser, pages(reports, "vi")["city"], 1280)
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".code:visible, .analysis:visible, .bar:visible").count() == 0
    folded = visit.page.locator(".ind > summary, .fold:not(.analysis, .part) > :not(summary)")
    assert folded.count() > 50
    assert all(shown.is_visible() for shown in folded.all())  # what is folded prints open
    visit.page.locator(".ind").first.evaluate("each => each.open = true")
    told = visit.page.locator(".ind dl")  # the facts of an indicator only where somebody opens it
    assert [shown.is_visible() for shown in told.all()] == [True, *[False] * (told.count() - 1)]
    pdf = visit.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf
    visit.page.context.close()


# How JupyterLab sets the cells of tables that outputs show.
JUPYTERLAB = """
.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) :is(td, th, tr) { text-align: right; }
.jp-RenderedHTMLCommon th { font-weight: bold; }"""


def test_heads_of_rows_begin_at_the_left_in_jupyterlab_too(browser: object) -> None:
    style_anew()  # which is given once a notebook
    report = kpi.city_report("hue", data=DEMO, lang="en")
    page = browser.new_page()
    page.set_content(
        f"<style>{JUPYTERLAB}</style><div class='jp-RenderedHTMLCommon'>"
        f"{report.parts()._repr_html_()}{report.targets()._repr_html_()}</div>"
    )
    aligned = page.eval_on_selector_all(
        "tbody th, tbody td.n",
        "cells => cells.map(c => [c.tagName, getComputedStyle(c).textAlign])",
    )
    page.close()
    assert {tuple(cell) for cell in aligned} == {("TH", "left"), ("TD", "right")}
