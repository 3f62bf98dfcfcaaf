"""Texts in the language of their reader, from gettext catalogues; English is the source.

A language is a catalogue beside this file: ``vi.po``. What a catalogue lacks stands in English.
The language of a page is named by whoever makes the page; that of messages is set once for each
task (:func:`messages_in`), and is never shared between threads or jobs.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from babel.core import UnknownLocaleError, default_locale, parse_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Lang = str
"""A language by its code: ``en``, or the name of a catalogue."""

SOURCE = "en"
"""The language that texts in the code are in."""

_QUOTED, _VALUE = 160, 1000  # characters of a text in a message
_messages: ContextVar[str | None] = ContextVar("kpi_messages", default=None)


@cache
def languages() -> tuple[Lang, ...]:
    """The languages there are: those of the catalogues by name, ``vi`` first, then English."""
    names = [
        entry.name.removesuffix(".po")
        for entry in resources.files(__package__).iterdir()
        if entry.name.endswith(".po")
    ]
    return (*sorted(names, key=lambda name: (name != "vi", name)), SOURCE)


class OwnWords(str):
    """A language with sentences of somebody's own in place of some of the library's.

    ``catalogue`` is the content of a catalogue; what it lacks is said as in the language. It
    stands for the language wherever one is asked for.
    """

    catalogue: str

    def __new__(cls, lang: Lang, catalogue: str) -> OwnWords:
        """Make the language, with its catalogue."""
        made = super().__new__(cls, lang)
        made.catalogue = catalogue
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.catalogue


def _translations(lang: Lang) -> NullTranslations:
    return _compiled(str(lang), getattr(lang, "catalogue", ""))


@cache
def _compiled(lang: Lang, own: str) -> NullTranslations:
    if own:
        found = _read(own.encode(), lang)
        found.add_fallback(_compiled(lang, ""))
        return found
    path = resources.files(__package__) / f"{lang}.po"
    if lang == SOURCE or not path.is_file():
        return NullTranslations()
    return _read(path.read_bytes(), lang)


def _read(catalogue: bytes, lang: Lang) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(catalogue), locale=lang))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def texts() -> frozenset[tuple[str, str]]:
    """The library's texts, each with its context or '': those of the catalogue kept whole."""
    path = resources.files(__package__) / f"{languages()[0]}.po"
    found = read_po(io.BytesIO(path.read_bytes()))
    ids = ((one.context or "", one.id) for one in found if one.id)
    return frozenset((context, one if isinstance(one, str) else one[0]) for context, one in ids)


def tr(lang: Lang, text: str, /, **values: object) -> str:
    """Translate a text and fill in its named values: ``tr("vi", "no data for {year}", year=2025)``.

    Values are texts as they are to stand there, formatted for the language already.
    """
    found = _translations(lang).gettext(text)
    return found.format(**values) if values else found


def tr_in(lang: Lang, context: str, text: str, /, **values: object) -> str:
    """Translate a text that means different things in different places (``msgctxt``)."""
    found = _translations(lang).pgettext(context, text)
    return found.format(**values) if values else found


def tr_n(lang: Lang, one: str, other: str, n: int, /, **values: object) -> str:
    """Translate a text that depends on a number; ``{n}`` is among the values where it is shown."""
    found = _translations(lang).ngettext(one, other, n)
    return found.format(**values) if values else found


def mark_n(one: str, other: str) -> tuple[str, str]:
    """Mark a text and its plural, as :func:`mark` does."""
    return one, other


def mark(text: str) -> str:
    """Mark a text of a table of constants for the catalogues; it is translated where it is used."""
    return text


def msg(text: str, /, **values: object) -> str:
    """Translate a message: it is in the language of whoever runs the command.

    What it quotes, and any value, may come from a file and have any length: it is shortened.
    """
    said = {
        name: shortened(value, _QUOTED if f"'{{{name}}}'" in text else _VALUE)
        if isinstance(value, str)
        else value
        for name, value in values.items()
    }
    return tr(message_language(), text, **said)


def shortened(text: str, most: int) -> str:
    """Cut the middle out of a text that has more characters than are shown."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[-most // 3 + 3 :]}"


def either(options: Iterable[str]) -> str:
    """Name alternatives in a message: ``a``, ``a or b``, ``a, b or c``."""
    *others, last = options
    return msg("{one} or {other}", one=", ".join(others), other=last) if others else last


def message_language() -> Lang:
    """The language of messages in this task: as it was set, else :func:`chosen_language`."""
    return _messages.get() or chosen_language()


@contextmanager
def messages_in(lang: Lang) -> Iterator[None]:
    """Set the language of messages for what runs inside."""
    token = _messages.set(lang)
    try:
        yield
    finally:
        _messages.reset(token)


@lru_cache(maxsize=16)
def chosen_language(asked: str | None = None) -> Lang:
    """The language of messages: as asked, else ``KPI_LANG``, else the locale's, else English."""
    surroundings = default_locale(("LC_ALL", "LC_MESSAGES", "LANG"))
    for name in (asked, os.environ.get("KPI_LANG"), surroundings):
        if not name:
            continue
        try:
            code = parse_locale(name.split(".")[0].replace("-", "_"))[0]
        except (ValueError, UnknownLocaleError):
            continue
        if code in languages():
            return code
    return SOURCE
