"""A made-up language, in which texts of the catalogues can be told from all others."""

from __future__ import annotations

import re
import string
from functools import cache
from gettext import NullTranslations
from typing import Any

import yaml
from builders import ROOT

from kpi_lib.framework.load import bundled_frameworks
from kpi_lib.locale.catalogue import languages
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE


class Marked(NullTranslations):
    """Every text stands between marks, the values in it outside of them: ⟦row ⟧3⟦: ⟧…"""

    def gettext(self, message: str) -> str:
        return _marked(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _marked(msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return _marked(message)


def _marked(text: str) -> str:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        parts = []
    if not parts or not all(name is None or name.isidentifier() for _, name, _, _ in parts):
        return f"⟦{text}⟧"
    said = ""
    for literal, name, spec, conversion in parts:
        escaped = literal.replace("{", "{{").replace("}", "}}")
        said += f"⟦{escaped}⟧" if literal else ""
        if name is not None:
            said += (
                f"{{{name}{'!' + conversion if conversion else ''}{':' + spec if spec else ''}}}"
            )
    return said


def outside_marks(text: str) -> str:
    """What of a text is in no mark, innermost marks first."""
    while "⟦" in text:
        shorter = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
        if shorter == text:
            break
        text = shorter
    return text


def untranslated(text: str, *given: str) -> set[str]:
    """The words of a message that are neither in the language nor in what was given.

    What stands in quotes is what was found, or a key; so are the names of keys and methods.
    """
    rest = re.sub(r"'[^'\n]*'", " ", outside_marks(text))
    return _words(rest) - _words(" ".join(given)) - names_of_the_formats()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


# Columns, choices and endings, which are the same in every language.
_NAMES = """
    city region class population area name from to into merged
    vary draw size spread on levels weights treat noise dirichlet simplex
    auto none low high csv parquet xlsx docx yaml km et
    """


@cache
def names_of_the_formats() -> frozenset[str]:
    """The words in keys and choices of the files that people write, and in names of methods."""

    def keys(node: Any) -> Any:
        if isinstance(node, dict):
            for key, child in node.items():
                if key == "properties":
                    yield from child
                if key == "enum":
                    yield from map(str, child)
                yield from keys(child)
        elif isinstance(node, list):
            for child in node:
                yield from keys(child)

    names = [_NAMES, *languages(), *NORMALISE, *AGGREGATE, *bundled_frameworks()]
    for path in (ROOT / "kpi_lib").rglob("*_schema.yaml"):
        names += keys(yaml.safe_load(path.read_text(encoding="utf-8")))
    return frozenset(_words(" ".join(map(str, names)).replace("_", " ")))
