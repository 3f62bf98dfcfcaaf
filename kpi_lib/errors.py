"""What went wrong with an input, said to the person who must mend it."""

from __future__ import annotations

import errno
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import Literal

from kpi_lib.locale.catalogue import Lang, either, languages, mark, msg
from kpi_lib.locale.display import harmless

_MOST_SAID = 4000  # characters of a problem: a text from a file may have any length


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it is, what was found and expected, and what to do.

    ``cell`` (as F12) is named in place of row and column where people know a sheet by its cells;
    ``also`` are further rows with the same fault. ``label`` is how a row is called where that is
    not its number.
    """

    message: str
    fix: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    severity: Literal["error", "warning"] = "error"
    cell: str = ""
    also: tuple[int, ...] = ()
    label: str = ""

    @property
    def where(self) -> str:
        """The place as a person finds it: file, sheet, row or line, column."""
        in_sheet = [
            msg("row {row}", row=self.label or self.row) if self.row is not None else "",
            msg("column '{column}'", column=self.column) if self.column else "",
        ]
        parts = [
            self.file,
            msg("sheet '{sheet}'", sheet=self.sheet) if self.sheet else "",
            *([msg("cell {cell}", cell=self.cell)] if self.cell else in_sheet),
        ]
        return ", ".join(part for part in parts if part)

    @property
    def kind(self) -> str:
        """``error`` or ``warning``, as a person reads it."""
        return msg("error") if self.severity == "error" else msg("warning")

    def __str__(self) -> str:
        """Give one line: place, finding, remedy."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        whole = f"{text} {self.fix}" if self.fix else text
        if len(whole) > _MOST_SAID:
            whole = f"{whole[: _MOST_SAID // 2]} … {whole[-_MOST_SAID // 2 :]}"
        return harmless(whole)


class InputError(ValueError):
    """Wrong input. ``problems`` holds every fault found; ``str()`` lists them all."""

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        """Take one or more problems, or a plain message."""
        if isinstance(problems, str):
            problems = Problem(problems)
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Give all problems, one a line, under a count when there are several.

        Where warnings stand among errors, each says which it is, and errors come first.
        """
        errors = [problem for problem in self.problems if problem.severity == "error"]
        if 0 < len(errors) < len(self.problems):
            others = [problem for problem in self.problems if problem.severity != "error"]
            lines = [f"{problem.kind}: {problem}" for problem in (*errors, *others)]
        else:
            lines = [str(problem) for problem in self.problems]
        if len(lines) == 1:
            return lines[0]
        return "\n".join([msg("{n} problems:", n=len(lines)), *(f"  {line}" for line in lines)])


def and_more() -> str:
    """Say that faults are not all listed."""
    return msg("there are more faults of this kind; mend these first.")


def expected(found: object, what: str, argument: str = "") -> InputError:
    """Make the error of an argument of another kind: what was found, and what was expected."""
    kind, shown = type(found).__name__, " ".join(repr(found).split())
    short = "" if len(shown) > 60 or kind in shown else f" {shown}"
    said = msg("found {found}; expected {expected}.", found=f"{kind}{short}", expected=what)
    return InputError(f"{argument}: {said}" if argument else said)


def check_language(lang: str) -> Lang:
    """Give the language, or say which there are."""
    for known in languages():
        if lang == known:
            return known
    raise InputError(
        msg(
            "there is no language '{lang}'; choose one of: {languages}.",
            lang=lang,
            languages=", ".join(languages()),
        )
    )


# What the system answers most often, in its own words.
_ANSWERS = (
    mark("No such file or directory"),
    mark("Permission denied"),
    mark("Operation not permitted"),
    mark("Is a directory"),
    mark("Not a directory"),
    mark("File exists"),
    mark("File name too long"),
    mark("File too large"),
    mark("No space left on device"),
    mark("Disk quota exceeded"),
    mark("Read-only file system"),
    mark("Input/output error"),
    mark("Too many open files"),
    mark("Cannot allocate memory"),
    mark("Directory not empty"),
    mark("Device or resource busy"),
    mark("Too many levels of symbolic links"),
    mark("Connection refused"),
)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Import what only some need: where it is not installed, name the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InputError(
            msg(
                "the package {package} is not installed. It comes with an extra: "
                "pip install 'kpi-lib[{extra}]'.",
                package=error.name,
                extra=extra,
            )
        ) from None


def answer_of_system(error: OSError) -> str:
    """What the system said, in the language of messages where the catalogue has it."""
    return msg(error.strerror) if error.strerror else str(error)


def refusal(error: OSError) -> str:
    """Say what the system refused, of which file, and what to do where that is known."""
    said = answer_of_system(error)
    if error.filename:
        said = f"{error.filename}: {said}"
    if error.errno in _FULL:
        return msg("{said}. Make room there and run this again: what is done stays.", said=said)
    if error.errno == errno.EFBIG:
        return msg(
            "{said}. Raise the limit (ulimit -f) and run this again: what is done stays.", said=said
        )
    if error.errno == errno.ENOENT and not error.filename:
        return msg(
            "{said}: the current folder is gone. Go to one that is there (cd), and run this again.",
            said=said,
        )
    if error.errno in _CLOSED:
        return msg("{said}. Ask for the right to use it, or name another place.", said=said)
    return said


def plain(text: str) -> str:
    """Fold case, diacritics and white space, so that names compare as people read them."""
    if text.isascii():
        return " ".join(text.casefold().split())
    folded = text.casefold().replace("\N{LATIN SMALL LETTER D WITH STROKE}", "d")
    decomposed = unicodedata.normalize("NFKD", folded)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split())


def plain_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts as :func:`plain` does; where all are plain ASCII, all at once."""
    whole = "\n".join(texts)
    if whole.isascii() and whole.count("\n") == len(texts) - 1 and not _SPACED.search(whole):
        return whole.casefold().split("\n")
    return list(map(plain, texts))


_SPACED = re.compile(r"[^\S \n]|  |^ | $", re.MULTILINE)


class Spellings:
    """Words among which those that look most like another are found.

    Case and diacritics do not count. The measure is difflib's ratio (Ratcliff and Metzener,
    1988) with its usual cut-off of 0.6, of the words that share most pairs of letters, the rare
    pairs first. Of very many words the first are looked at: these are hints.
    """

    def __init__(self, options: Iterable[str]) -> None:
        self._by_plain: dict[str, str] = {}
        for option in islice(options, _OPTIONS):
            self._by_plain.setdefault(plain(option), option)
        self._having: dict[str, list[str]] = {}
        for word in self._by_plain:
            for pair in _pairs(word):
                self._having.setdefault(pair, []).append(word)

    def nearest(self, word: str, n: int = 3) -> list[str]:
        """Give up to ``n`` words that hold ``word`` or look most like it, nearest first."""
        wanted = plain(word[:_LONGEST])
        having = sorted((self._having.get(pair, ()) for pair in _pairs(wanted)), key=len)
        shared = Counter(islice(chain.from_iterable(having), _SHARING))
        near = [one for one, _ in shared.most_common(_COMPARED)]
        holding = [one for one in near if f" {wanted} " in f" {one} "]
        found = dict.fromkeys([*holding, *get_close_matches(wanted, near, n=n)])
        return [self._by_plain[match] for match in islice(found, n)]


_LONGEST, _COMPARED = 200, 30
_OPTIONS, _SHARING = 20_000, 50_000


def _pairs(word: str) -> set[str]:
    return {first + second for first, second in pairwise(f" {word} ")}


@lru_cache(maxsize=16)
def _spellings(options: tuple[str, ...]) -> Spellings:
    return Spellings(options)


def nearest(word: str, options: Iterable[str], n: int = 3) -> list[str]:
    """Give up to ``n`` options that look most like ``word``, nearest first."""
    return _spellings(tuple(islice(options, _OPTIONS))).nearest(word, n)


def ask(close: Sequence[str]) -> str:
    """Ask whether one of some words is meant; nothing where there is none."""
    return msg("Did you mean {close}?", close=either(map(repr, close))) if close else ""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Give a remedy that names the nearest options, or nothing where none is near."""
    return ask(nearest(word, options))


def choose_from(word: str, options: Collection[str]) -> str:
    """Give a remedy that names the nearest options, if any, and all of them."""
    if not options:
        return ""
    listed = msg("Choices: {choices}.", choices=", ".join(options))
    return f"{did_you_mean(word, options)} {listed}".strip()
