"""Templates of pages and pieces: one environment, texts in the language of the page."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from kpi_lib.locale.catalogue import Lang, tr, tr_in, tr_n
from kpi_lib.report.page.theme import font_faces

TEMPLATES = Path(str(resources.files("kpi_lib"))) / "report" / "templates"


def _language(context: Context) -> Lang:
    """The language of a piece, or of the page that is made."""
    found: Lang = context.get("lang") or context["resources"]["lang"]
    return found


@pass_context
def _translated(context: Context, text: str, **values: object) -> str:
    """Translate a text of a template into the language of what it makes."""
    return tr(_language(context), text, **values)


@pass_context
def _translated_in(context: Context, place: str, text: str, **values: object) -> str:
    """Translate a text that is another one in this place, such as the head of a narrow column."""
    return tr_in(_language(context), place, text, **values)


@pass_context
def _translated_n(context: Context, one: str, other: str, n: int, **values: object) -> str:
    """Translate a text that depends on a number."""
    return tr_n(_language(context), one, other, n, n=n, **values)


def _css_string(text: str) -> Markup:
    """Write a text as a string of CSS that ends neither itself nor the element around it."""
    kept = re.sub(r"[^\w ]", lambda sign: f"\\{ord(sign[0]):x} ", text)
    return Markup(f'"{kept}"')


@cache
def environment() -> Environment:
    """Make the environment of all templates once: compiling them costs more than a page."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        {
            "_": _translated,
            "pgettext": _translated_in,
            "ngettext": _translated_n,
            "font_faces": font_faces,
        }
    )
    made.filters["css_string"] = _css_string
    return made


def render(template: str, lang: Lang, /, **values: object) -> Markup:
    """Fill a template: ``render("sections/parts.html.j2", lang, rows=rows)``."""
    return Markup(environment().get_template(template).render(lang=lang, **values))


@cache
def style(sheet: str = "kpi.css") -> str:
    """The style of pieces, as the element that a notebook needs once."""
    return f"<style data-kpi>{(TEMPLATES / sheet).read_text(encoding='utf-8')}</style>"
