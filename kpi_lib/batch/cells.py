"""What the cells of an executed notebook give to its page, as their tags say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode

CHARTS = 8
"""The most charts of the analysis on a page; the notebook has all."""

_LANGUAGE = re.compile(r"^<!-- ([a-z]{2}) -->\n", re.M)
_HEADING = re.compile(r"^(#+ (?:\d+ )?)(.+)$", re.M)
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Shown:
    """What a cell gives to a page: a text, or outputs and the code that made them.

    ``folded`` outputs are seen when they are asked for.
    """

    text: str = ""
    outputs: tuple[NotebookNode, ...] = ()
    code: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Contents:
    """The cells of a page: of the page itself, and of the analysis that stands folded below it.

    ``left_out`` charts of the analysis are in the notebook only.
    """

    page: list[Shown] = field(default_factory=list)
    analysis: list[Shown] = field(default_factory=list)
    left_out: int = 0

    @property
    def code(self) -> list[str]:
        """The code of the page, cell by cell; that of the analysis stands at its outputs."""
        return [cell.code for cell in self.page if cell.code]


def contents(notebook: NotebookNode, lang: str) -> Contents:
    """Sort the cells of a notebook by their tags.

    ``analysis`` is the project's own, ``note`` a text for who works on the notebook. The others
    are those of nbconvert and Jupyter Book, written with ``-`` or ``_``: ``remove-cell``,
    ``remove-input``, ``remove-output``, ``hide-output``, ``hide-cell``; ``hide-input`` is what
    pages do with all code. Of a text in several languages the page has its own (see
    :func:`in_one_language`).
    """
    page: list[Shown] = []
    analysis: list[Shown] = []
    for cell in notebook.cells:
        tags = {tag.replace("_", "-") for tag in cell.metadata.get("tags", ())}
        if "remove-cell" not in tags:
            (analysis if "analysis" in tags else page).append(_shown(cell, tags, lang))
    kept = list(_first_charts(analysis))
    return Contents(page, kept, _pictures(analysis) - _pictures(kept))


def in_one_language(text: str, lang: str) -> str:
    """Give a text in one of the languages that it is in: after ``<!-- vi -->`` it is Vietnamese.

    Headings before the first such line have their languages in the same order, with " · "
    between. What is in no such language stays as it is.
    """
    heads, *parts = _LANGUAGE.split(text)
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    if lang not in texts:
        return text
    at, count = list(texts).index(lang), len(texts)

    def own(found: re.Match[str]) -> str:
        titles = found[2].split(" · ")
        return found[1] + titles[at] if len(titles) == count else found[0]

    return _HEADING.sub(own, heads) + texts[lang]


def _shown(cell: NotebookNode, tags: set[str], lang: str) -> Shown:
    folded = not tags.isdisjoint({"hide-cell", "hide-output"})
    if cell.cell_type == "markdown":
        text = "" if "note" in tags else in_one_language(cell.source, lang)
        return Shown(text=text, folded="hide-cell" in tags)
    if cell.cell_type != "code":
        return Shown()
    return Shown(
        outputs=() if "remove-output" in tags else tuple(cell.outputs),
        code="" if "remove-input" in tags else cell.source,
        folded=folded,
    )


def _first_charts(cells: Iterable[Shown]) -> Iterable[Shown]:
    left = CHARTS
    for cell in cells:
        outputs = []
        for output in cell.outputs:
            left -= _is_picture(output)
            if left >= 0 or not _is_picture(output):
                outputs.append(output)
        yield replace(cell, outputs=tuple(outputs))


def _pictures(cells: Iterable[Shown]) -> int:
    return sum(_is_picture(output) for cell in cells for output in cell.outputs)


def _is_picture(output: NotebookNode) -> bool:
    return not set(_PICTURES).isdisjoint(output.get("data", ()))
