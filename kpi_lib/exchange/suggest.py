"""Propose direction, goalposts and valid range for indicators that cannot be scored yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kpi_lib.errors import InputError, Problem, plain
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.io.cells.units import spell
from kpi_lib.io.store import write_whole
from kpi_lib.io.tables.workbook import check_free
from kpi_lib.io.vocabulary import any_of, vocabulary
from kpi_lib.io.yaml import Place, read_yaml
from kpi_lib.io.yaml_edit import holds, with_keys
from kpi_lib.locale.catalogue import Lang, msg
from kpi_lib.locale.display import Displayed

_WORDS = vocabulary(__package__)


def _words(key: str) -> re.Pattern[str]:
    longest_first = sorted(_WORDS[key], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{any_of(longest_first)})(?!\w)")


_LOWER, _RESOLVED, _NEITHER = _words("lower"), _words("resolved"), _words("neither")
_UNDONE, _DONE = _words("undone"), _words("done")
_CHANGE, _OVER, _POINTS = _words("change"), _words("over"), _words("points")
_COUNT = re.compile(rf"(?:{any_of(_WORDS['count'])})\b")
_YES_OR_NO: list[list[str]] = _WORDS["yes or no"]  # in Vietnamese, in English
_OUT_OF = re.compile(rf"(?:{any_of(_WORDS['out of'])})\s*(\d+)\b")
_BELOW = ("title", "definition", "unit", "points", "bonus", "deduction", "direction")
"""The keys of an indicator below which new ones stand."""


@dataclass(frozen=True, repr=False)
class Suggestion(Displayed):
    """What is proposed for an indicator: keys of its file, and the reason of each."""

    code: str
    title: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """The keys as YAML in one line."""
        return {key: in_one_line(value) for key, value in self.keys.items()}


def in_one_line(value: Any) -> str:
    """Write a value as YAML in one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def suggest(
    framework: Framework, codes: Collection[str], source: Path, lang: Lang
) -> list[Suggestion]:
    """Propose what indicators lack to be scored, by their units and titles.

    Parameters
    ----------
    framework:
        The framework of the file ``source``.
    codes:
        The indicators that cannot be scored. Of an extension only its own are looked at.
    source:
        The file, whose keys say what is there already.
    lang:
        The language of the titles that are given.

    Returns
    -------
    list of Suggestion
        One for each such indicator, in the order of the file; without keys where unit and title
        do not tell what is missing.
    """
    data, _ = read_yaml(source)
    return [
        _suggestion(leaf, framework, lang) for _, leaf in _leaves(data) if leaf["code"] in codes
    ]


def write_suggestions(
    suggestions: Iterable[Suggestion], source: Path, output: Path, force: bool = False
) -> None:
    """Write the file with what is proposed, each key marked ``# proposed:`` with its reason.

    The file is changed as text: its comments and layout stay. Raises :class:`InputError` where
    ``output`` is there already (unless ``force``), and where the result would not be the file
    with these keys.
    """
    check_free(output, force)
    data, _ = read_yaml(source)
    by_code = {one.code: one for one in suggestions if one.keys}
    keys: dict[Place, dict[str, tuple[str, str]]] = {}
    for place, leaf in _leaves(data):
        if one := by_code.get(leaf["code"]):
            marked = {
                key: (text, f"proposed: {one.reasons[key]}") for key, text in one.values.items()
            }
            keys[place] = marked
    text = with_keys(source.read_text(encoding="utf-8-sig"), keys, _BELOW)
    for _, leaf in _leaves(data):
        if one := by_code.get(leaf["code"]):
            leaf.update(one.keys)
    if not holds(text, data):
        raise InputError(
            Problem(
                msg("the proposals cannot be added to the file as it is laid out."),
                msg("Write them by hand, or begin each indicator on a line of its own."),
                file=str(source),
            )
        )
    write_whole(output, text)


def _leaves(data: Any, place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The indicators of a file with their places, in its order."""
    for key in ("groups", "indicators"):
        for at, child in enumerate(data.get(key) or ()):
            here = (*place, key, at)
            if key == "indicators":
                yield here, child
            else:
                yield from _leaves(child, here)


def _suggestion(leaf: Mapping[str, Any], framework: Framework, lang: Lang) -> Suggestion:
    node = framework.node(leaf["code"])
    assert isinstance(node, Indicator)
    found = _Proposal(node, framework.normalisation_of(node).name)
    found.propose(leaf)
    return Suggestion(node.code, node.title[lang], found.keys, found.reasons)


@dataclass
class _Proposal:
    """What is proposed for one indicator, so far."""

    leaf: Indicator
    method: str
    keys: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def propose(self, there: Mapping[str, Any]) -> None:
        """Propose what is not ``there``."""
        unit = spell(plain(next(iter(self.leaf.unit.values()), "")))
        if pair := _yes_or_no(unit):
            most = next((there[key] for key in ("points", "bonus") if key in there), 100)
            rule = {"method": "categories", "scores": {pair[0]: most, pair[1]: 0}}
            self._add("normalise", rule, msg("the unit is yes or no"))
            return
        self._direction()
        self._bounds(unit)
        for key in there:
            self.keys.pop(key, None)

    def _add(self, key: str, value: Any, reason: str) -> None:
        self.keys[key] = value
        self.reasons[key] = reason

    def _direction(self) -> None:
        said = "; ".join(plain(text) for text in dict.fromkeys(self.leaf.title.values()))
        resolved, lower = _RESOLVED.search(said), _LOWER.search(said)
        if (undone := _UNDONE.search(said)) and not _DONE.search(said):
            resolved, lower = None, undone
        if _NEITHER.search(said) and not lower:
            return
        if lower and not resolved:
            words = self._as_written(lower[0])
            self._add("direction", "lower", msg("'{words}' is better low", words=words))
        elif resolved and lower:
            words = self._as_written(resolved[0])
            self._add("direction", "higher", msg("'{words}' is better high", words=words))
        else:
            self._add("direction", "higher", msg("nothing in the title says that low is better"))

    def _as_written(self, words: str) -> str:
        """The words of the title that were recognised, with their diacritics."""
        for title in self.leaf.title.values():
            texts = title.split()
            for at in range(len(texts)):
                for end in range(at + 1, len(texts) + 1):
                    if plain(" ".join(texts[at:end])).strip(" ,.;:()") == words:
                        return " ".join(texts[at:end]).strip(" ,.;:()")
        return words

    def _bounds(self, unit: str) -> None:
        said = "; ".join(plain(text) for text in dict.fromkeys(self.leaf.title.values()))
        found = possible_range(unit, said)
        if found is None:
            return
        ends, reason = found
        if ends[1] is not None and "direction" in self.keys and self.method == "goalposts":
            self._add("goalposts", ends, reason)
        self._add("valid", ends, reason)


def _yes_or_no(unit: str) -> list[str] | None:
    """The two words of a unit that is yes or no."""
    return next((pair for pair in _YES_OR_NO if unit == plain("/".join(pair))), None)


def possible_range(unit: str, title: str) -> tuple[list[int | None], str] | None:
    """The values that unit and title, in plain letters, allow, with the reason; None: not told."""
    if _CHANGE.search(title) or _yes_or_no(unit):
        return None
    if unit == "%" and not _OVER.search(title):
        return [0, 100], msg("a share in % lies between 0 and 100")
    if _POINTS.match(unit) and (found := _OUT_OF.search(f"{unit}; {title}")):
        return [0, int(found[1])], msg("points out of {top}", top=found[1])
    if unit or _COUNT.match(title):
        return [0, None], msg("a quantity is not below 0")
    return None
