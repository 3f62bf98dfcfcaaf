"""The report of one city: a notebook, run with the city's parameters, and its HTML page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any, cast

import nbformat
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from kpi_lib.batch.job import (
    TEMPLATES,
    TRANSLATIONS,
    CityFailure,
    Job,
    inputs_mark,
    notebook_source,
)
from kpi_lib.errors import InputError
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import Lang, msg, tr

# In a data: address these would end it, or be read as something else; "%" comes first.
_IN_ADDRESS = {"%": "%25", "#": "%23", '"': "%22", "<": "%3C", ">": "%3E", "&": "%26", "\n": " "}
# The file that a cell is compiled as is named after the process.
_CELL_FILE = re.compile(r"[^\s\"']*ipykernel_[0-9]+[/\\]([0-9]+)\.py")
_HEADING = re.compile(r'<h2[^>]*\bid="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_WIDE_TABLE = re.compile(r'<table(?![^>]*\bstack")[^>]*>.*?</table>', re.DOTALL)
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL)


def publish(job: Job, executed: NotebookNode) -> None:
    """Write the executed notebook of a city and its page; each appears whole or not at all."""
    page = to_html(executed, job)
    write_whole(job.notebook, str(nbformat.v4.writes(executed)) + "\n")  # type: ignore[no-untyped-call]
    write_whole(job.page, page)


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that takes parameters; say what is wrong with one that cannot."""
    source = notebook_source(path)
    try:
        read = load_notebook_node(nbformat.reads(source, as_version=4))  # type: ignore[no-untyped-call]
        return cast(NotebookNode, remove_error_markers(read))
    except Exception as error:  # nbformat fails in many ways on what is no notebook
        raise InputError(
            msg("{path}: this is not a Jupyter notebook ({error}).", path=path, error=error)
        ) from None


def execute(notebook: NotebookNode, parameters: Mapping[str, Any], **kernel: Any) -> NotebookNode:
    """Run a notebook with papermill and give it with its outputs.

    ``kernel`` says to nbclient in which kernel. Raises :class:`CityFailure` where a cell fails.
    What differs from run to run (times, paths, random ids) is left out, so that the same input
    gives the same bytes.
    """
    try:
        known = "papermill" in notebook.metadata  # as from read_notebook
        given = deepcopy(notebook) if known else load_notebook_node(notebook)
        given = parameterize_notebook(given, dict(parameters))
        # What papermill.execute_notebook does, without writing the notebook twice more.
        executed = papermill_engines.execute_notebook_with_engine(
            None,
            given,
            kernel_name=papermill_engines.nb_kernel_name(None, given),
            progress_bar=False,
            coalesce_streams=True,
            **kernel,
        )
        raise_for_execution_errors(executed, None)
    except PapermillExecutionError as error:
        raise _failure(str(parameters.get("city", "")), error) from None
    except DeadKernelError:
        city = str(parameters.get("city", ""))
        raise CityFailure(city, "DeadKernel", msg("the kernel died")) from None
    return without_traces(executed)


def _failure(city: str, error: PapermillExecutionError) -> CityFailure:
    lines = [line for line in error.source.splitlines() if line.strip()]
    source = lines[0] if lines else ""
    # An error with a long story (all problems of a file) begins with what matters.
    message = "\n".join(str(error.evalue).splitlines()[:20])
    return CityFailure(city, error.ename, message, error.exec_count or 0, source[:120])


def without_traces(notebook: NotebookNode) -> NotebookNode:
    """Take times, paths and random ids out of an executed notebook, in place."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output.text = _CELL_FILE.sub(r"cell_\1.py", output.text)
    return notebook


def to_html(notebook: NotebookNode, job: Job) -> str:
    """Convert an executed notebook to a page of its own: no script, no request."""
    facts = {
        "lang": job.lang,
        "title": job.title,
        "series": job.series,
        "demo": job.demo,
        "index": job.index,
        "mark": inputs_mark(job.inputs),
    }
    page: str = _exporter().from_notebook_node(notebook, resources=facts)[0]
    place = "<!--contents-->"
    if place not in page:  # no cell shows a title
        main = '<main id="content" tabindex="-1">'
        page = page.replace(main, f"{main}\n<h1>{escape(job.title)}</h1>\n{place}", 1)
    return page.replace(place, _contents(page, job.lang), 1)


def _contents(page: str, lang: Lang) -> str:
    """Make a table of contents of the headings that have an id; nothing where one is enough."""
    headings = _HEADING.findall(page)
    if len(headings) < 2:
        return ""
    label = tr(lang, "Contents")
    items = "".join(
        f'<li><a href="#{anchor}">{_TAG.sub("", text).strip()}</a></li>\n'
        for anchor, text in headings
    )
    return f'<nav class="contents" aria-label="{label}"><p>{label}</p>\n<ol>\n{items}</ol></nav>'


@cache
def _exporter() -> TemplateExporter:
    """Make the exporter once: reading and compiling the template costs more than a page."""
    made = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="city",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        default_preprocessors=[],
        file_extension=".html",
        filters={"markdown2html": _markdown, "scrollable": _scrollable, "svg_url": _svg_url},
    )
    made.environment.globals.update(TRANSLATIONS)
    return made


@lru_cache(maxsize=256)
def _markdown(source: str) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _svg_url(svg: str) -> str:
    """Give a drawing as an address: inside an image its ids cannot clash with another's."""
    for sign, written in _IN_ADDRESS.items():
        svg = svg.replace(sign, written)
    return f"data:image/svg+xml,{svg}"


def _scrollable(html: str, lang: Lang) -> str:
    """Put each table that cannot become cards on a narrow page into a region that scrolls."""

    def region(found: re.Match[str]) -> str:
        caption = _CAPTION.search(found[0])
        name = _TAG.sub("", caption[1]).strip() if caption else tr(lang, "Table")
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{found[0]}</div>'
        )

    # pandas puts a style of its own in front of its tables; the page has one.
    return _WIDE_TABLE.sub(region, _STYLE.sub("", html))
