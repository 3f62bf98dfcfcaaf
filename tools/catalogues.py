"""Keep the catalogues of kpi_lib/locale with the texts of the code.

    .venv/bin/python tools/catalogues.py update          # new texts in, texts that are gone out
    .venv/bin/python tools/catalogues.py check           # exit 1 where one is missing or odd
    .venv/bin/python tools/catalogues.py new lo          # a catalogue to fill in, for Lao

`check` names texts without a translation, texts that the code no longer has, and translations
whose named values are not those of the text. A catalogue that is being filled in may lack texts,
which are shown in English: they are counted, and only those of the complete catalogues are faults.
"""

from __future__ import annotations

import argparse
import ast
import io
import string
import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
import yaml
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from kpi_lib.cli.main import main as cli  # noqa: E402

FOLDER = ROOT / "kpi_lib" / "locale"
ANY = "**"
# The catalogues in which no text may be missing.
COMPLETE = ("vi",)
# The functions of kpi_lib.locale that take texts, and which of their arguments are texts.
KEYWORDS = {
    "_": (1,),
    "msg": (1,),
    "mark": (1,),
    "mark_n": (1, 2),
    "tr": (2,),
    "tr_in": ((2, "c"), 3),
    "tr_n": (2, 3),
    "said": (2,),
    "said_n": (2, 3),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "counted": (3, 4),
}


def texts_of_code() -> Catalog:
    """Collect every text of the library, with the file where it stands."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(
        str(ROOT / "kpi_lib"),
        [("batch/kernels/inprocess.py", "ignore"), ("**.py", "python"), ("**.j2", "jinja2")],
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    )
    for text, file in (*texts_of_schemas(), *texts_of_help()):
        catalogue.add(text, None, [(file, None)])
    for file, _, text, comments, context in sorted(found, key=lambda one: one[:2]):
        catalogue.add(
            text, None, [(f"kpi_lib/{file}", None)], auto_comments=comments, context=context
        )
    return catalogue


def texts_of_schemas() -> Iterator[tuple[str, str]]:
    """What the schemas say that was expected: their descriptions."""

    def described(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("description"), str):
                yield node["description"]
            for child in node.values():
                yield from described(child)
        elif isinstance(node, list):
            for child in node:
                yield from described(child)

    for path in sorted((ROOT / "kpi_lib").rglob("*_schema.yaml")):
        for text in described(yaml.safe_load(path.read_text(encoding="utf-8"))):
            yield text, path.relative_to(ROOT).as_posix()


def texts_of_help() -> Iterator[tuple[str, str]]:
    """The help of every command and option."""

    def below(command: click.Command) -> Iterator[click.Command]:
        yield command
        if isinstance(command, click.Group):
            for child in command.commands.values():
                yield from below(child)

    for command in below(cli):
        for holder in (command, *command.params):
            if text := getattr(holder, "help", None):
                yield cleandoc(text), "kpi_lib/cli"


def update(path: Path) -> None:
    """Bring a catalogue up to the texts of the code; translations that still fit stay."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(texts_of_code(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    write(path, catalogue)


def new(path: Path) -> None:
    """Write a catalogue with every text of the code and no translation."""
    write(path, Catalog(locale=Locale.parse(path.stem).language))
    update(path)


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue without what would differ at each writing."""
    header = f"# Texts of kpi-lib in the language '{path.stem}'; English is in the code.\n"
    written = Catalog(locale=path.stem, charset="utf-8", header_comment=header, fuzzy=False)
    for message in sorted(
        (m for m in catalogue if m.id), key=lambda m: (str(m.id), m.context or "")
    ):
        written.add(message.id, message.string, message.locations, context=message.context)
    text = io.BytesIO()
    write_po(text, written, width=100)
    changing = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Project-Id')
    changing += (b'"Report-Msgid', b'"Last-Translator', b'"Language-Team')
    lines = [line for line in text.getvalue().splitlines() if not line.startswith(changing)]
    path.write_bytes(b"\n".join(lines).rstrip() + b"\n")


def values_given() -> dict[str, set[str]]:
    """The names of the values that the code gives with each text: a translation may use any."""
    given: dict[str, set[str]] = {}
    for path in (ROOT / "kpi_lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for argument in node.args if node.func.id in KEYWORDS else ():
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        names = {keyword.arg or ANY for keyword in node.keywords}
                        given.setdefault(argument.value, set()).update(names)
    return given


def fields(text: str) -> set[str]:
    """The named values of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def faults(message: Message, given: dict[str, set[str]]) -> list[str]:
    """What is wrong with the translation of one text."""
    texts = message.id if isinstance(message.id, tuple) else (message.id,)
    translated = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(translated):
        return ["has no translation"]
    try:
        own = set().union(*map(fields, texts))
    except ValueError:  # a text with braces of its own, which takes no values
        return []
    known = own.union(*(given.get(text, set()) for text in texts))
    try:
        strange = set().union(*map(fields, translated)) - known
    except ValueError as error:
        return [f"cannot be read: {error}"]
    if ANY in known:
        return []
    return [f"names {', '.join(sorted(strange))}, which the text does not have"] if strange else []


def check(path: Path) -> int:
    """Name what is missing or odd in a catalogue; the number of faults."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    code, given = texts_of_code(), values_given()
    said, open_ = [], 0
    for message in code:
        if not message.id:
            continue
        held = catalogue.get(message.id, message.context)
        where = ", ".join(sorted({file for file, _ in message.locations}))
        if path.stem not in COMPLETE and (held is None or not _whole(held)):
            open_ += 1
        elif held is None:
            said.append(f"{where}: {message.id!r} is not in the catalogue")
        else:
            said += [f"{where}: {message.id!r} {fault}" for fault in faults(held, given)]
    for message in catalogue:
        if message.id and code.get(message.id, message.context) is None:
            said.append(f"{message.id!r} is no text of the code any more")
    for line in said:
        print(f"{path.relative_to(ROOT)}: {line}")
    if open_:
        print(f"{path.relative_to(ROOT)}: {open_} texts are shown in English")
    return len(said)


def _whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)


def main() -> int:
    """Run the command on all catalogues."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("command", choices=["update", "check", "new"])
    parser.add_argument("language", nargs="?", help="a code such as lo; only with new")
    asked = parser.parse_args()
    if (asked.command == "new") != (asked.language is not None):
        parser.error("new needs a language, and update and check take none")
    if asked.language:
        try:
            known = Locale.parse(asked.language).language == asked.language
        except (UnknownLocaleError, ValueError):
            known = False
        if not known:
            parser.error(f"there is no language '{asked.language}'; expected a code such as lo")
        path = FOLDER / f"{asked.language}.po"
        if path.exists():
            parser.error(f"{path.relative_to(ROOT)} is there already")
        new(path)
        print(path.relative_to(ROOT))
        return 0
    paths = sorted(FOLDER.glob("*.po"))
    if asked.command == "update":
        for path in paths:
            update(path)
        return 0
    return min(1, sum(map(check, paths)))


if __name__ == "__main__":
    sys.exit(main())
