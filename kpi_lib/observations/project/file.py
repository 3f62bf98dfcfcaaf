"""What ``kpi.toml`` beside the data says of them, and of the look of their pages."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kpi_lib.errors import InputError, Problem, plain
from kpi_lib.framework.check import shape_faults
from kpi_lib.io import limits
from kpi_lib.io.yaml import Fault, Lines, line_of, refuse
from kpi_lib.locale.catalogue import Lang, OwnWords, languages, msg
from kpi_lib.locale.words import Noun, Text, text_of
from kpi_lib.observations.project.colours import colour_faults, pair
from kpi_lib.observations.project.logo import read_logo
from kpi_lib.observations.project.own_words import read_own_words

NAME = "kpi.toml"
_FILES = ("logo", "sentences")
_MOST = 20_000  # bytes: a name of many parts takes memory by their square

_TABLE = re.compile(r"\s*\[([\w.-]+)\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True)
class Project:
    """What a project says of its data and of its pages; everything may be empty.

    ``extract`` is what the data are an extract or a sample of, such as "nine leading provinces of
    63". ``title`` is what reports are called, ``unit_noun`` what is scored, in place of the
    framework's words. ``lang`` and ``peers`` are chosen where a command chooses nothing.
    ``colours`` are two each, light and dark, by name; ``logo`` is an address that holds the
    picture; ``without`` are the sections that pages go without; ``words`` are catalogues of its
    own sentences by language.
    """

    id: str = ""
    extract: Text = field(default_factory=dict)
    title: Text = field(default_factory=dict)
    unit_noun: Noun = field(default_factory=dict)
    lang: Lang = ""
    peers: str = ""
    contact: Text = field(default_factory=dict)
    licence: Text = field(default_factory=dict)
    footer: Text = field(default_factory=dict)
    logo: str = ""
    colours: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    words: Mapping[Lang, str] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """Everything as plain data: ``Project(**data)`` is the same."""
        return asdict(self)

    @property
    def own_lang(self) -> Lang:
        """The language of its reports where none is asked for."""
        return self.lang or languages()[0]

    def speaks(self, lang: Lang) -> Lang:
        """A language with the project's own sentences, where it has any in it."""
        return OwnWords(lang, self.words[lang]) if lang in self.words else lang


def read_project(file: Path, content: bytes) -> tuple[Project, list[Problem]]:
    """Read a project file and the files that it names; what is wrong by key and line."""
    try:
        if len(content) > limits.limit(_MOST):
            found = msg("the file has over {n} kB.", n=limits.limit(_MOST) // 1000)
            raise InputError(limits.over(found, str(file)))
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text)
        lines = _lines(text)
        refuse(list(shape_faults(data, lines, "project_schema.yaml")), file)
        refuse(list(_faults(data, lines)), file)
    except InputError as error:
        return Project(), list(error.problems)
    except RecursionError:
        return Project(), [Problem(msg("the file is nested too deeply."), "", str(file))]
    except UnicodeDecodeError:
        return Project(), [
            Problem(msg("this is not UTF-8."), msg("Save the file as UTF-8."), str(file))
        ]
    except ValueError as error:  # no TOML, or a number of more digits than Python reads
        fix = msg("Write a text in quotes: extract = {example}.", example='"nine provinces of 63"')
        return Project(), [Problem(msg("this is not TOML: {error}.", error=error), fix, str(file))]
    logo, problems = read_logo(file.with_name(data["logo"])) if "logo" in data else ("", [])
    words: dict[Lang, str] = {}
    for name in _named(data, "sentences"):
        lang, own, faults = read_own_words(file.with_name(name))
        problems += faults
        words |= {lang: own} if lang else {}
    texts = ("extract", "title", "unit_noun", "contact", "licence", "footer")
    said: dict[str, Any] = {key: text_of(data[key]) for key in texts if key in data}
    title = next(iter(said.get("title", {}).values()), "")
    own_id = data.get("id") or "-".join(re.findall(r"[a-z0-9]+", plain(title)))
    colours = {name: pair(given) for name, given in data.get("colours", {}).items()}
    without = tuple(name for name, kept in data.get("sections", {}).items() if not kept)
    plain_keys = {key: data[key] for key in ("lang", "peers") if key in data}
    project = Project(
        id=own_id, **said, **plain_keys, logo=logo, colours=colours, without=without, words=words
    )
    return project, problems


def files_named(file: Path, content: bytes) -> Iterator[Path]:
    """The files beside a project file that it names, as far as they are there."""
    if len(content) > limits.limit(_MOST):  # said where it is read, as what follows
        return
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return
    for key in _FILES:
        for name in _named(data, key):
            if name == Path(name).name and (beside := file.with_name(name)).is_file():
                yield beside


def _named(data: Mapping[str, Any], key: str) -> list[str]:
    given = data.get(key, [])
    names = [given] if isinstance(given, str) else given
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _faults(data: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    """What the shape alone does not say: the language, and colours that cannot be read."""
    if data.get("lang", languages()[0]) not in languages():
        said = msg(
            "lang: there is no language '{lang}'; choose one of: {languages}.",
            lang=data["lang"],
            languages=", ".join(languages()),
        )
        yield line_of(("lang",), lines), said
    for name, said in colour_faults({k: pair(v) for k, v in data.get("colours", {}).items()}):
        yield line_of(("colours", name), lines), said


def _lines(text: str) -> Lines:
    """The line of each key; of keys within one line, that of the line."""
    lines: Lines = {(): 1}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = tuple(found[1].split("."))
            lines[table] = number
        elif found := _KEY.match(line):
            lines[*table, found[1]] = number
    return lines


def toml_text(value: Text) -> str:
    """Write a text in each language as TOML."""
    quoted = (f"{lang} = {json.dumps(text, ensure_ascii=False)}" for lang, text in value.items())
    return f"{{{', '.join(quoted)}}}"
