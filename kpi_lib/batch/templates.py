"""The templates of pages, with texts in the language of the page that is made."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from kpi_lib.locale.catalogue import tr, tr_in, tr_n
from kpi_lib.report.theme import font_faces

TEMPLATES = Path(str(resources.files("kpi_lib"))) / "report" / "templates"


@pass_context
def _translated(context: Context, text: str, **values: object) -> str:
    """Translate a text of a template into the language of the page that it makes."""
    return tr(context["resources"]["lang"], text, **values)


@pass_context
def _translated_in(context: Context, place: str, text: str, **values: object) -> str:
    """Translate a text that is another one in this place, such as the head of a narrow column."""
    return tr_in(context["resources"]["lang"], place, text, **values)


@pass_context
def _translated_n(context: Context, one: str, other: str, n: int) -> str:
    """Translate a text that depends on a number."""
    return tr_n(context["resources"]["lang"], one, other, n, n=n)


@cache
def environment() -> Environment:
    """Make the environment of all templates once: compiling them costs more than a page."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made.globals.update(
        {
            "_": _translated,
            "pgettext": _translated_in,
            "ngettext": _translated_n,
            "font_faces": font_faces,
        }
    )
    return made
