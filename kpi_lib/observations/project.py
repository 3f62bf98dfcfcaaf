"""What ``kpi.toml`` beside the data says of them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.check import shape_faults
from kpi_lib.io import limits
from kpi_lib.io.yaml import Lines, refuse
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import Text, text_of

NAME = "kpi.toml"
_MOST = 20_000  # bytes: a name of many parts takes memory by their square

_TABLE = re.compile(r"\s*\[([\w.-]+)\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def read_extract(file: Path, content: bytes) -> tuple[Text, list[Problem]]:
    """Read what the data are an extract or a sample of; nothing where they are whole.

    ``extract`` is one text or a text in each language, such as "nine leading provinces of 63".
    """
    try:
        if len(content) > limits.limit(_MOST):
            found = msg("the file has over {n} kB.", n=limits.limit(_MOST) // 1000)
            raise InputError(limits.over(found, str(file)))
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text)
        refuse(list(shape_faults(data, _lines(text), "project_schema.yaml")), file)
    except InputError as error:
        return {}, list(error.problems)
    except RecursionError:
        return {}, [Problem(msg("the file is nested too deeply."), "", str(file))]
    except UnicodeDecodeError:
        return {}, [Problem(msg("this is not UTF-8."), msg("Save the file as UTF-8."), str(file))]
    except tomllib.TOMLDecodeError as error:
        fix = msg("Write a text in quotes: extract = {example}.", example='"nine provinces of 63"')
        return {}, [Problem(msg("this is not TOML: {error}.", error=error), fix, str(file))]
    return text_of(data["extract"]) if "extract" in data else {}, []


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
