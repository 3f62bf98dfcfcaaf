"""Sentences that keep the values they name, so that each number in them can be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import escape

from kpi_lib.locale.catalogue import Lang, tr, tr_n


@dataclass(frozen=True)
class Named:
    """A value in a sentence.

    ``text`` is how it is written; ``value`` the number (or the word) it stands for; ``what``
    names the quantity (``score``, ``rank``, ``value``, …), and ``of`` what it is of: a code, and
    where they are not those of the page, a city and a period.
    """

    text: str
    value: float | str
    what: str
    of: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sentence:
    """A text with the values in it by name; what is no :class:`Named` is a title or a word."""

    text: str
    values: Mapping[str, Named | str]

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return str(escape(self.text))

    @property
    def named(self) -> tuple[Named, ...]:
        """The values that can be checked."""
        return tuple(value for value in self.values.values() if isinstance(value, Named))


def said(lang: Lang, text: str, /, **values: Named | Sentence | str) -> Sentence:
    """Translate a text and fill in its values: ``said(lang, "{name} ranks {rank}.", rank=…)``.

    A value may be a sentence (a clause of this one), whose values are then among this one's.
    """
    return Sentence(tr(lang, text, **_texts(values)), _flat(values))


def said_n(
    lang: Lang, one: str, other: str, n: int, /, **values: Named | Sentence | str
) -> Sentence:
    """Translate a text that depends on a number, and fill in its values."""
    return Sentence(tr_n(lang, one, other, n, **_texts(values)), _flat(values))


def together(sentences: Iterable[Sentence | None], between: str = " ") -> Sentence:
    """Join sentences to one, those that are None or empty left out."""
    kept = [sentence for sentence in sentences if sentence is not None and sentence.text]
    values: dict[str, Named | str] = {}
    for i, sentence in enumerate(kept):
        values |= {f"{name}_{i}": value for name, value in sentence.values.items()}
    return Sentence(between.join(sentence.text for sentence in kept), values)


def _texts(values: Mapping[str, Named | Sentence | str]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _flat(values: Mapping[str, Named | Sentence | str]) -> dict[str, Named | str]:
    found: dict[str, Named | str] = {}
    for name, value in values.items():
        if isinstance(value, Sentence):
            found |= {f"{name}_{inner}": each for inner, each in value.values.items()}
        else:
            found[name] = value
    return found
