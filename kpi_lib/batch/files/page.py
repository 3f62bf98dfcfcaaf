"""The page of an executed notebook. Each step takes time in proportion to what it is given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from kpi_lib.batch.cells import contents
from kpi_lib.batch.files.seal import inputs_mark
from kpi_lib.batch.job import Job
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import capital
from kpi_lib.report.page.inline_svg import inline
from kpi_lib.report.page.templating import environment

_PIECE = '<div class="kpi">'
"""What a piece of a report begins with: it brings its own tables, and the style that pages have."""

# "<" ends an element here, so that a long text without ">" is gone through once.
_TABLE = re.compile(r"<(/?)table\b[^<>]*>")
_CAPTION = re.compile(r"<caption\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_PLAIN_TABLE = '<table border="1" class="dataframe">'


def to_html(notebook: NotebookNode, job: Job, files: Sequence[str] = ()) -> str:
    """Convert an executed notebook to a page of its own: no script, no request.

    ``files`` are the names of the files beside the page that it leads to, with its notebook.
    """
    facts = {
        "lang": job.lang,
        "title": job.title,
        "demo": job.demo,
        "mark": inputs_mark(job.inputs),
        "look": job.look,
    }
    template: Any = environment().get_template("page.html.j2")
    beside = [*files, *(job.file(form).name for form in job.forms), job.notebook.name]
    page: str = template.render(
        resources=facts,
        job=job,
        files=[(name, _form(name, job.lang)) for name in beside],
        languages={lang: language_name(lang) for lang in job.others},
        cells=contents(notebook, job.lang),
        markdown=_markdown,
        plain=strip_ansi,
        html=_html,
        inline=inline,
    )
    return page


def _form(name: str, lang: Lang) -> str:
    """What a file beside a page is, as its link says it."""
    return {
        ".csv": tr(lang, "Data (CSV)"),
        ".docx": "Word",
        ".pdf": "PDF",
        ".ipynb": tr(lang, "Notebook (Jupyter)"),
    }[Path(name).suffix]


def language_name(lang: Lang) -> str:
    """Name a language in itself."""
    return capital(str(Locale.parse(lang).get_display_name(lang)))


@lru_cache(maxsize=256)
def _markdown(source: str) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _html(html: str, lang: Lang) -> str:
    """HTML that a cell shows, without the styles that the page has already."""
    html = _without_styles(html)
    return html if html.startswith(_PIECE) else _scrollable(html, lang)


def _without_styles(html: str) -> str:
    """Leave out the style of pandas' plain tables and that of pieces; others are the reader's."""
    first, *rest = html.split("<style")
    kept = [first]
    for style in rest:
        _, end, after = style.partition("</style>")
        known = style.startswith((" scoped>", " data-kpi>"))
        kept.append(after if known and end else f"<style{style}")
    return "".join(kept)


def _scrollable(html: str, lang: Lang) -> str:
    """Put each table that cannot become cards on a narrow page into a region that scrolls."""
    made, begun, depth, done = [], 0, 0, 0
    for tag in _TABLE.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if not tag[1] and depth == 1:
            begun = tag.start()
        elif tag[1] and depth == 0:
            made += [html[done:begun], _region(html[begun : tag.end()], lang)]
            begun = done = tag.end()
    return "".join([*made, html[done:]])


def _region(table: str, lang: Lang) -> str:
    if ' class="stack"' in table[: table.index(">")]:
        return table
    caption = _CAPTION.search(table)
    text = table[caption.end() :].partition("</caption>")[0] if caption else ""
    name = _TAG.sub("", text).strip() or tr(lang, "Table")
    if table.startswith(_PLAIN_TABLE):  # whose corner is a head of nothing
        table = '<table class="dataframe">' + table.removeprefix(_PLAIN_TABLE)
        table = table.replace("<th></th>", "<td></td>")
    return f'<div class="scroll" role="group" tabindex="0" aria-label="{name}">{table}</div>'
