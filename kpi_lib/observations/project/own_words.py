"""Sentences of a project's own: a catalogue (.po) in which some of the library's texts differ."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.io import limits
from kpi_lib.io.paths import bytes_of
from kpi_lib.locale.catalogue import Lang, languages, msg, texts

_MANY_FORMS = re.compile(r"nplurals\s*=\s*[0-9]{2}")
_BETWEEN = re.compile(r'"\s*"')
_MOST = 2 * limits.MB  # bytes: some times the library's own catalogue


def read_own_words(file: Path) -> tuple[Lang, str, list[Problem]]:
    """Read a catalogue: its language ('' where it has none), its content, and what is wrong.

    A text that is not one of the library's is a warning, for nothing would ever show it; one
    whose placeholders are not those of the library's text is an error.
    """
    try:
        content = bytes_of(file)
        if len(content) > limits.limit(_MOST):
            said = msg("the file has over {n} MB.", n=limits.limit(_MOST) // limits.MB)
            return "", "", [limits.over(said, str(file))]
        text = content.decode("utf-8-sig")
        if _MANY_FORMS.search(_BETWEEN.sub("", text)):
            raise ValueError("nplurals")  # so many texts would be made of each message
        found = read_po(io.BytesIO(text.encode()), abort_invalid=True)
    except InputError as error:
        fix = msg("Put the file beside kpi.toml.")
        return "", "", [replace(one, fix=fix) for one in error.problems]
    except UnicodeDecodeError:
        return "", "", [Problem(msg("this is not UTF-8."), msg("Save it as UTF-8."), str(file))]
    except (PoFileError, ValueError, LookupError) as error:
        said = msg("this is not a gettext catalogue: {error}.", error=error)
        return "", "", [Problem(said, "", str(file))]
    lang = str(found.locale.language) if found.locale else ""
    if lang not in languages():
        said = msg("the head names no language that there is.")
        fix = msg("Write a line such as {example} in the head.", example='"Language: vi\\n"')
        return "", "", [Problem(said, fix, str(file))]
    problems = [each for one in found if one.id for each in _problems(one, file)]
    return lang, text, problems


def _problems(message: Message, file: Path) -> Iterator[Problem]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    said = [message.string] if isinstance(message.string, str) else list(message.string or ())
    line = msg("line {line}", line=message.lineno)
    if (message.context or "", ids[0]) not in texts():
        near = did_you_mean(ids[0], (text for _, text in texts()))
        text = msg("{line}: no page has the text '{text}'.", line=line, text=ids[0])
        yield Problem(text, near, str(file), severity="warning")
        return
    known = set().union(*map(_placeholders, ids))
    for own in filter(None, said):
        try:
            strange = _placeholders(own) - known
        except ValueError:
            strange = {"{"}
        if strange:
            yield Problem(
                msg(
                    "{line}: '{name}' is no placeholder of '{text}'.",
                    line=line,
                    name=sorted(strange)[0],
                    text=ids[0],
                ),
                msg("It has: {names}.", names=", ".join(sorted(known)) or "–"),
                str(file),
            )


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
