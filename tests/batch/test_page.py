"""The page of an executed notebook: what stands where, by the tags of its cells."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kpi_lib.batch.cells import CHARTS, in_one_language
from kpi_lib.batch.files.page import to_html
from kpi_lib.batch.job import Job, Link
from kpi_lib.batch.notebook import without_traces

JOB = Job(
    city="hue",
    name="Huế",
    title="Report: Huế – 2025",
    stem=Path("hue"),
    parameters={},
    lang="en",
    series="A set",
    framework="small@1",
    when="2025",
    index="index.html",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>Chart {}</title></svg>'


def code(source: str, *outputs: NotebookNode, tags: str = "") -> NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": tags.split()})


def text(shown: str, tags: str = "") -> NotebookNode:
    return new_markdown_cell(shown, metadata={"tags": tags.split()})


def result(kind: str, data: str) -> NotebookNode:
    return new_output("execute_result", {kind: data})


def printed(what: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=what)


def page(*cells: NotebookNode, job: Job = JOB) -> str:
    return to_html(without_traces(new_notebook(cells=list(cells))), job)


def without_folded(html: str) -> str:
    while (rest := re.sub(r"<details(?:(?!<details).)*?</details>", "", html, flags=re.S)) != html:
        html = rest
    return html


@pytest.mark.parametrize("written", ["remove-{}", "remove_{}"])
def test_what_is_tagged_to_be_removed_is_nowhere_on_the_page(written: str) -> None:
    def cell(what: str) -> NotebookNode:
        return code(f"CODE_{what}", result("text/plain", f"OUT_{what}"), tags=written.format(what))

    made = page(cell("cell"), cell("input"), cell("output"), text("TEXT", written.format("cell")))
    for word in ("CODE_cell", "OUT_cell", "CODE_input", "OUT_output", "TEXT"):
        assert word not in made
    assert "OUT_input" in made
    assert "CODE_output" in made


@pytest.mark.parametrize("tag", ["hide-output", "hide_output", "hide-cell", "hide_cell"])
def test_what_is_tagged_to_be_hidden_is_folded(tag: str) -> None:
    made = page(code("a = 1", result("text/plain", "HIDDEN"), tags=tag))
    assert "HIDDEN" in made
    assert "HIDDEN" not in without_folded(made)


def test_a_hidden_input_leaves_its_output_where_it_is() -> None:
    made = page(code("a = 1", result("text/plain", "SHOWN"), tags="hide-input"))
    assert "SHOWN" in without_folded(made)
    assert "a = 1" not in without_folded(made)


def test_the_analysis_stands_in_its_order_in_one_folded_part_with_its_code() -> None:
    made = page(
        text("## Standing"),
        text("How the parts moved", "analysis"),
        code("draw()", result("image/svg+xml", SVG.format(1)), tags="analysis"),
        code("piece()", result("text/html", "<p>Piece</p>")),
        code("table()", result("text/html", "<table><tr><td>1</table>"), tags="analysis"),
        code("check()", printed("all agree"), tags="analysis"),
    )
    begun = made.index('<details class="kpi fold analysis">')
    analysis = made[begun : made.index("The code that made this page")]
    order = ["How the parts moved", "Chart 1", "draw()", "<table>", "table()", "all agree"]
    places = [analysis.index(each) for each in order]
    assert places == sorted(places)
    assert "Standing" in without_folded(made)
    assert "Piece" in without_folded(made)
    assert "How the parts moved" not in without_folded(made)
    assert made.count("draw()") == 1
    assert made.index("piece()") > begun + len(analysis)


def test_a_page_has_the_first_charts_of_a_long_analysis_and_says_where_the_others_are() -> None:
    charts = [
        code(f"chart({i})", result("image/svg+xml", SVG.format(i)), tags="analysis")
        for i in range(CHARTS + 3)
    ]
    own = code("own", result("image/svg+xml", SVG.format("own")))
    made = page(*charts, own)
    assert made.count("<svg") == CHARTS + 1
    assert "3 more charts are in the notebook." in made
    assert "more chart" not in page(*charts[:CHARTS])


def test_each_drawing_has_ids_of_its_own() -> None:
    cells = [code("", result("image/svg+xml", SVG.format(i))) for i in range(3)]
    ids = re.findall(r' id="([^"]+)"', page(*cells))
    assert len(ids) == len(set(ids)) >= 3


def test_an_unreadable_drawing_is_shown_as_its_text() -> None:
    broken = new_output("display_data", {"image/svg+xml": "<svg", "text/plain": "a <figure>"})
    assert "<pre>a &lt;figure&gt;</pre>" in page(code("", broken))


def test_a_plain_table_scrolls_and_has_the_style_of_the_page() -> None:
    pandas = "<div>\n<style scoped>\n.dataframe {}\n</style>\n"
    made = page(
        code(
            "",
            result(
                "text/html", f'{pandas}<table border="1" class="dataframe"><th></th></table></div>'
            ),
        )
    )
    assert 'aria-label="Table"><table class="dataframe"><td></td></table></div>' in made
    assert ".dataframe {}" not in made


def test_colours_that_a_researcher_gave_a_table_stay() -> None:
    styled = "<style>\n#T_1 td {color: red}</style><table id='T_1'><caption>A <b>b</b></caption>"
    made = page(code("", result("text/html", f"{styled}</table>")))
    assert "#T_1 td {color: red}" in made
    assert 'aria-label="A b"' in made


def test_a_piece_stands_as_it_is_without_the_style_that_the_page_has() -> None:
    piece = '<div class="kpi"><style data-kpi>.kpi {}</style><table class="parts">a</table></div>'
    assert '<div class="kpi"><table class="parts">a</table></div>' in page(
        code("", result("text/html", piece))
    )


LONG = 1_000_000


@pytest.mark.parametrize(
    "unit", ["x", "<", "<table", "<style", "<caption", "\x1b[", "ipykernel_1/"]
)
@pytest.mark.parametrize("kind", ["stream", "text/plain", "text/html"])
def test_a_long_output_without_a_space_becomes_a_page(unit: str, kind: str) -> None:
    long = unit * (LONG // len(unit))
    output = printed(long) if kind == "stream" else result(kind, long)
    made = page(code("print(long)", output))
    assert made.endswith("</html>")


def test_pieces_of_what_was_printed_are_one_output_as_a_terminal_shows_them() -> None:
    pieces = [printed("10 %\r"), printed("careful", "stderr"), printed("100 %\ndo"), printed("ne")]
    made = without_traces(new_notebook(cells=[code("", *pieces, result("text/plain", "1"))]))
    assert [output.get("text") for output in made.cells[0].outputs] == [
        "100 %\ndone",
        "careful",
        None,
    ]


def test_paths_of_a_process_are_not_told() -> None:
    warning = "/tmp/ipykernel_4711/99.py:3: UserWarning: careful"
    made = without_traces(new_notebook(cells=[code("", printed(warning, "stderr"))]))
    assert made.cells[0].outputs[0].text == "cell_99.py:3: UserWarning: careful"


def links(html: str) -> dict[str, str]:
    bar = re.search(r'<nav class="bar".*?</nav>', html, re.DOTALL)
    assert bar
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', bar[0])
    return {address: re.sub("<[^>]+>", "", shown) for address, shown in found}


def test_the_bar_leads_to_the_list_the_neighbours_the_other_language_and_the_notebook() -> None:
    job = replace(
        JOB,
        previous=Link("Hà Nội", "ha-noi.html"),
        next=Link("<b>", "b.html"),
        others={"vi": "../vi/hue.html"},
    )
    made = page(job=job)
    assert links(made) == {
        "index.html": "← A set",
        "ha-noi.html": "Previous: Hà Nội",
        "b.html": "Next: &lt;b&gt;",
        "../vi/hue.html": "Tiếng Việt",
        "hue.ipynb": "Notebook (Jupyter)",
    }
    assert "Huế · 2025" in made
    assert '<meta name="color-scheme" content="light dark">' in made


def test_the_first_and_only_page_of_a_set_leads_to_no_neighbour() -> None:
    assert set(links(page())) == {"index.html", "hue.ipynb"}


def test_of_a_text_in_several_languages_a_page_has_its_own() -> None:
    text = "## 2 Part by part · Từng nhóm\n\n<!-- en -->\nRight.\n\n<!-- vi -->\nBên phải.\n"
    assert in_one_language(text, "vi") == "## 2 Từng nhóm\n\nBên phải.\n"
    assert in_one_language(text, "en") == "## 2 Part by part\n\nRight.\n\n"
    assert in_one_language(text, "fr") == text


def test_the_last_bit_of_a_layout_changes_no_drawing() -> None:
    """matplotlib names a clip path by its bounds to the last bit, and writes six decimals."""
    drawn = (
        '<svg><g clip-path="url(#{0})"/><defs><clipPath id="{0}">\n<rect x="1.25" width="7"/>'
        "</clipPath></defs></svg>"
    )
    made = []
    for name in ("pe6a9a15cb0", "pe3c5b16a08"):
        cell = code("", result("image/svg+xml", drawn.format(name)))
        made.append(without_traces(new_notebook(cells=[cell])).cells[0].outputs[0].data)
    assert made[0] == made[1]
    assert made[0]["image/svg+xml"].count("#p") == 1
