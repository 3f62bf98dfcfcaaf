"""A project's logo: a small picture that a page can hold, and nothing that runs or is fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from kpi_lib.errors import InputError, Problem
from kpi_lib.io.paths import bytes_of
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import number

MOST = 64 * 1024
"""Bytes of a logo: it stands in every page."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
_RUNS = frozenset({"script", "foreignObject", "iframe", "embed", "object", "handler"})
_FETCHES = re.compile(r"@import|url\(\s*['\"]?(?!#|data:image/)", re.IGNORECASE)


def read_logo(file: Path) -> tuple[str, list[Problem]]:
    """Give a picture as an address that holds it (``data:``), or what is wrong with it."""
    try:
        content = bytes_of(file)
    except InputError as error:
        fix = msg("Put the file beside kpi.toml.")
        return "", [replace(one, fix=fix) for one in error.problems]
    found = list(_faults(file, content))
    if found:
        return "", [Problem(message, fix, str(file)) for message, fix in found]
    kind = "svg+xml" if file.suffix.lower() == ".svg" else "png"
    return f"data:image/{kind};base64,{b64encode(content).decode()}", []


def _faults(file: Path, content: bytes) -> Iterator[tuple[str, str]]:
    if len(content) > MOST:
        size, most = (number(n / 1024, message_language(), 0) for n in (len(content), MOST))
        said = msg("the logo has {size} KB; expected {most} or less.", size=size, most=most)
        yield said, msg("It stands in every page: make it smaller.")
    elif file.suffix.lower() == ".png":
        if not content.startswith(_PNG):
            yield msg("this is not a PNG picture."), msg("Save it as PNG, or as SVG.")
    elif file.suffix.lower() == ".svg":
        for what in dict.fromkeys(_in_svg(content)):
            fix = msg("Save it as a plain SVG: shapes and text alone.")
            yield msg("the SVG has {what}; a logo may hold none.", what=what), fix
    else:
        yield msg("a logo is an SVG or a PNG file."), msg("Save it as one of these.")


def _in_svg(content: bytes) -> Iterator[str]:
    """What in a drawing runs, or would be fetched from elsewhere."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        yield "<!DOCTYPE>"
        return
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        yield msg("faults, so that it cannot be read")
        return
    if root.tag != f"{_SVG}svg":
        yield f"<{root.tag.rpartition('}')[2]}>"
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in _RUNS:
            yield f"<{name}>"
        if name == "style" and _FETCHES.search(element.text or ""):
            yield msg("a style that fetches something")
        for key, value in element.attrib.items():
            key = key.rpartition("}")[2]
            if key.lower().startswith("on"):
                yield f"{key}="
            elif key == "href" and not value.strip().startswith(("#", "data:image/")):
                yield f"href={value.strip()[:40]!r}"
            elif _FETCHES.search(value):
                yield f"{key}={value[:40]!r}"
