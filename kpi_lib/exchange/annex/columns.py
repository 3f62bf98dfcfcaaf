"""The columns of an annex: which cells are its heading, and what each column holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from kpi_lib.errors import plain
from kpi_lib.exchange.annex.cells import split_unit, without_marks
from kpi_lib.exchange.annex.numbering import read_number
from kpi_lib.exchange.annex.rules import read_rule
from kpi_lib.io.tables.grids import Grid, Line, column_letter
from kpi_lib.io.vocabulary import any_of, meanings, vocabulary
from kpi_lib.locale.catalogue import Lang, languages, tr_in

_BILINGUAL = frozenset(
    ("title", "unit", "definition", "numerator", "denominator", "target source", "agency")
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_WORDS = vocabulary(__package__)
_OF_TARGETS = re.compile(rf"(?:(?:{any_of(_WORDS['before target'])})\b[ ,:-]*)*")
_ENGLISH = re.compile(rf"\b(?:{any_of(_WORDS['english'])})\b|[(\[_]en\b")
_VIETNAMESE = re.compile(rf"\b(?:{any_of(_WORDS['vietnamese'])})\b|[(\[_]vi\b")
_STANDARD = re.compile(r"(?:iso|iec|itu|itu t|tcvn)\b")
_OF_SCORING = re.compile(rf"\b(?:{any_of(_WORDS['of scoring'])})\b")
# What else a heading may begin with that says how points are given: "Basis of scoring".
_NOT_RULES = ("", "target source", "formula", "definition", "references", "remarks")
# Longer texts are sentences of the table, not names of its columns.
_LONGEST_NAME, _MOST_WORDS = 100, 16
_LONGEST_FIGURE = 20
_POSITION = re.compile(r"\(?(?:\d{1,2}|[a-z])\)?(?: ?=.*)?")


@dataclass(frozen=True)
class Use:
    """What a column holds: ``field`` is '' where it is not known."""

    column: int
    heading: str
    field: str
    english: bool = False
    year: str = ""
    unit: str = ""

    @property
    def name(self) -> str:
        """The name by which a person finds the column."""
        return f"{column_letter(self.column)}: {self.heading}".removesuffix(": ")


@dataclass(frozen=True)
class Heading:
    """The heading of a table: positions of its first and last line, and its columns."""

    first: int
    last: int
    uses: tuple[Use, ...]

    def all(self, field: str) -> tuple[Use, ...]:
        """The columns of a field, in order."""
        return tuple(use for use in self.uses if use.field == field)

    def one(self, field: str) -> Use | None:
        """The first column of a field in the language of the table."""
        return next(iter(sorted(self.all(field), key=lambda use: use.english)), None)


@cache
def _field_of() -> dict[str, str]:
    return meanings(vocabulary(__package__, "columns"))


def find_heading(grid: Grid) -> Heading | None:
    """Find the heading of a table of indicators: a column of titles and at least one other."""
    for at, line in enumerate(grid.lines):
        if line.prose or _is_data(line):
            continue
        fields = {_use(c, line.text(c)).field for c in line.filled} - {"", "remarks"}
        if fields & {"title", "weak title"} and len(fields) > 1:
            last = _last_line(grid.lines, at)
            uses = _settled(list(_uses(grid.lines[at : last + 1])))
            return Heading(at, last, _told_apart(uses, grid.lines[last + 1 :]))
    return None


def in_all_languages(heading: str, joined: Callable[[Sequence[str]], str] = ", ".join) -> str:
    """Name a column by its usual heading in every language: for people who lack it."""

    def said(lang: Lang) -> str:
        known = {
            "Indicator": tr_in(lang, "annex", "Indicator"),
            "Unit": tr_in(lang, "annex", "Unit"),
        }
        return known[heading]

    return joined([f"'{said(lang)}'" for lang in languages()])


def counts_columns(line: Line) -> bool:
    """Say whether a line numbers the columns: (1), (2), (3) or A, B, 1, 2."""
    texts = [plain(line.text(column)) for column in line.filled]
    if len(texts) < 3 or not all(map(_POSITION.fullmatch, texts)):
        return False
    numbers = [int(found[0]) for text in texts if (found := re.search(r"\d+", text))]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def repeats(line: Line, heading: Sequence[Line]) -> bool:
    """Say whether a line is one of the heading's, printed again on a new page."""
    texts = tuple(plain(text) for text in line.cells)
    return any(texts == tuple(plain(text) for text in other.cells) for other in heading)


def _is_data(line: Line) -> bool:
    """Say whether a line is one of data: it is numbered, or has a sentence in a cell."""
    texts = [line.text(column) for column in line.filled]
    if not texts:
        return False
    words = plain(texts[0])
    numbered = bool(read_number(texts[0])) and words not in _field_of()
    return (len(texts) > 1 and numbered) or any(map(_is_sentence, texts))


def _is_sentence(text: str) -> bool:
    bare = re.sub(r"\([^()]*\)", "", text)
    return len(bare) > _LONGEST_NAME or len(bare.split()) > _MOST_WORDS


def _last_line(lines: Sequence[Line], first: int) -> int:
    """Find the last line of a heading that may have several."""
    last = first
    while last + 1 < len(lines) and _goes_on(lines[first : last + 1], lines[last + 1]):
        last += 1
    return last


def _goes_on(heading: Sequence[Line], line: Line) -> bool:
    own = [column for column in line.filled if line.begins[column]]
    if line.prose or not own:
        return any(text and not begun for text, begun in zip(line.cells, line.begins, strict=True))
    if counts_columns(line) or _is_data(line):
        return False
    above = heading[-1]
    merged = any(text and not begun for text, begun in zip(line.cells, line.begins, strict=True))
    parts = all(_is_part(above, column, line.text(column)) for column in own)
    return parts and (merged or len(own) < len(above.filled))


def _is_part(above: Line, column: int, text: str) -> bool:
    """Say whether a text stands for a part of the heading above it: a year, a unit, a field."""
    use = _use(column, text)
    if use.unit and not use.heading:
        return True
    if column < len(above.left) and above.left.count(above.left[column]) > 1:
        return True
    free = not above.text(column) or _use(column, above.text(column)).field == "target"
    return free and bool(use.field or use.year)


def _uses(lines: Sequence[Line]) -> Iterator[Use]:
    for column in range(max(len(line.cells) for line in lines)):
        texts: list[str] = []
        for line in lines:
            text = line.text(column)
            if not text and line is not lines[-1]:
                text = _spread(line, lines[-1], column)
            if text and text not in texts:
                texts.append(text)
        yield _use(column, " ".join(texts))


def _spread(line: Line, below: Line, column: int) -> str:
    """Take the heading to the left for an empty cell, where only the line below tells columns."""
    if not below.text(column):
        return ""
    left = next((at for at in range(column, -1, -1) if line.text(at)), 0)
    return line.text(left) if _use(left, line.text(left)).field == "target" else ""


@cache
def _use(column: int, heading: str) -> Use:
    """Read the heading of one column."""
    text, unit = split_unit(without_marks(heading))
    english = bool(_ENGLISH.search(plain(text)))
    words = _ENGLISH.sub("", _VIETNAMESE.sub("", plain(text)))
    words = " ".join(re.sub(r"[()\[\]_*/:;,–-]", " ", words).split())
    years = _YEAR.findall(words)
    bare = " ".join(_YEAR.sub("", words).split())
    shown = heading if text else ""
    if years:
        field = "target" if _OF_TARGETS.fullmatch(bare) else ""
        return Use(column, shown, field, year=years[-1], unit=unit)
    named = _field_of().get(words) or _joined(text)
    field = "standard" if _STANDARD.match(words) else _longest(words) if named is None else named
    if field in _NOT_RULES and _OF_SCORING.search(words):
        field = "rule"
    field = "title" if english and field == "weak title" else field
    return Use(column, shown, field, english and field in _BILINGUAL, unit=unit)


def _joined(heading: str) -> str | None:
    """'Field / criterion', 'Criteria, sub-criteria': the titles of groups and of indicators."""
    parts = [" ".join(part.split()) for part in re.split(r"[/,;]|\s[–-]\s", plain(heading))]
    fields = [_field_of().get(part) or _longest(part) for part in parts]
    titles = {"title", "weak title"}.intersection(fields)
    alike = len(parts) > 1 and set(fields) <= {"title", "weak title", "group"}
    return "weak title" if alike and titles else None


def _longest(words: str) -> str:
    """Find the longest name that a heading begins with; failing that, contains."""
    for search in (re.Pattern.match, re.Pattern.search):
        for name, field in _names_of_fields():
            if search(name, words):
                return field
    return ""


@cache
def _names_of_fields() -> list[tuple[re.Pattern[str], str]]:
    """The names of fields as whole words, the longest first, and their fields."""
    names = [name for name, field in _field_of().items() if field != "number" and len(name) > 2]
    return [
        (re.compile(rf"\b{re.escape(name)}\b"), _field_of()[name])
        for name in sorted(names, key=len, reverse=True)
    ]


def _settled(uses: list[Use]) -> list[Use]:
    """Decide what a name that may mean two things means beside the others."""
    has_title = any(use.field == "title" for use in uses)
    settled: list[Use] = []
    for use in uses:
        field = use.field
        if field == "weak title":
            field = "group" if plain(use.heading).startswith(tuple(_WORDS["criteria"])) else ""
            field = (field or "definition") if has_title else "title"
            has_title = True
        settled.append(replace(use, field=field))
    return settled


def _told_apart(uses: list[Use], lines: Sequence[Line]) -> tuple[Use, ...]:
    """Take a column 'Goal' of words for the objectives, one of figures for the targets.

    In the same way a column of points that holds words says how they are given.
    """
    told = []
    for use in uses:
        if use.field == "target" and not use.year:
            texts = [line.text(use.column) for line in lines if line.text(use.column)]
            words = sum(not re.search(r"\d", text) for text in texts)
            if texts and words > len(texts) / 2:
                use = replace(use, field="group")
        elif use.field == "points":
            texts = [line.text(use.column) for line in lines if line.text(use.column)]
            if sum(map(_is_rule, texts)) > len(texts) / 2:
                use = replace(use, field="rule")
        told.append(use)
    return tuple(_one_title(_with_rules(told, lines), lines))


def _with_rules(uses: list[Use], lines: Sequence[Line]) -> list[Use]:
    """Take remarks, or a column of another name, for the rules of a table that has no others."""
    fields = {use.field for use in uses}
    if not fields & {"points", "bonus", "deduction"} or "rule" in fields:
        return uses
    for at, use in enumerate(uses):
        if use.field in ("", "remarks") and any(
            read_rule(line.text(use.column)).keys for line in lines if line.text(use.column)
        ):
            return [*uses[:at], replace(use, field="rule"), *uses[at + 1 :]]
    return uses


def _is_rule(text: str) -> bool:
    return ":" in text or len(text) > _LONGEST_FIGURE or not re.search(r"\d", text)


def _one_title(uses: list[Use], lines: Sequence[Line]) -> Iterator[Use]:
    """Keep one column of titles: that of the longest texts.

    A heading that runs over the numbers too is that of both columns.
    """
    titles = [use for use in uses if use.field == "title" and not use.english]

    def length(use: Use) -> int:
        return sum(len(line.text(use.column)) for line in lines if line.left_at(use.column))

    kept = max(titles, key=length, default=None)
    numbered = any(use.field == "number" for use in uses)
    for use in uses:
        if use not in titles or use == kept:
            yield use
        elif not numbered and kept and use.heading == kept.heading and use.column < kept.column:
            yield replace(use, field="number")
        else:
            yield replace(use, field="")
