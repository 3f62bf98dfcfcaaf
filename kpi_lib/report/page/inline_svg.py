"""A drawing as a part of an HTML page: its colours follow the page, its text is the page's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kpi_lib.report.page.theme import COLOURS, FAMILY

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT = {"metadata", "script"}
_TEXT_COLOURS = (COLOURS["ink"], COLOURS["soft"])
_VARIABLES = {colour: f"var(--{name})" for name, colour in COLOURS.items()}

_COLOUR = re.compile("#[0-9a-f]{6}(?![0-9a-f])")
_TARGET = re.compile(r"""url\(\s*["']?#([^"')\s]+)["']?\s*\)""")
_SELECTED = re.compile(r"#([A-Za-z_][\w-]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LONG_NUMBER = re.compile(r"(\.\d\d)\d+")
_NOT_TURNED = re.compile(r"rotate\(-?0 [^()]*\)")
_LENGTHS = {"d", "points", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy"}


def inline(svg: str, name: str, label: str = "", unnamed: str = "") -> str:
    """Make an SVG document an element of a page.

    Colours of the palette become the page's variables, the typeface and the ground are left to
    the page; other colours stay. A drawing in another style, whose texts have none of the
    palette's colours, keeps its ground: it has the class ``own``.

    Parameters
    ----------
    svg
        The document.
    name
        An id that no other element of the page has; ids inside begin with it.
    label
        What the drawing shows; without it, its title and the names of its axes.
    unnamed
        The label of a drawing that has none of these.

    Returns
    -------
    str
        The element ``<svg>`` with ``role="img"``; nothing where the document cannot be read.
    """
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return ""
    if root.tag != f"{_SVG}svg":
        return ""
    label = label or _label(root) or unnamed
    _keep_shapes(root)
    own = not _in_our_style(root)
    if not own:
        _leave_out_grounds(root)
    targets = _targets(root)
    named = dict.fromkeys(element.get("id", "") for element in root.iter())
    ids = {old: f"{name}-{i}" for i, old in enumerate(old for old in named if old in targets)}
    for element in root.iter():
        _rewrite(element, ids, name)
    root.attrib.update({"id": name, "role": "img", "aria-label": label})
    if own:
        root.set("class", f"{root.get('class', '')} own".strip())
    try:
        return ElementTree.tostring(root, encoding="unicode")
    except RecursionError:  # thousands of groups in one another
        return ""


def _keep_shapes(root: Element) -> None:
    """Leave out what is not drawn, and the white space that indents."""
    for element in root.iter():
        element[:] = [
            child
            for child in element
            if child.tag.startswith(_SVG) and child.tag.removeprefix(_SVG) not in _LEFT_OUT
        ]
        if element.tag not in (f"{_SVG}text", f"{_SVG}tspan"):
            for child in element:
                child.tail = None
            if not (element.text or "").strip():
                element.text = None


def _in_our_style(root: Element) -> bool:
    texts = root.iter(f"{_SVG}text")
    return any(colour in text.get("style", "") for text in texts for colour in _TEXT_COLOURS)


def _leave_out_grounds(root: Element) -> None:
    """Leave out the white areas that matplotlib draws behind a figure and behind its axes."""
    for group in root.iter(f"{_SVG}g"):
        ground = next(iter(group), None)
        if ground is not None and _is(group, "figure_", "axes_") and _is(ground, "patch_"):
            path = next(iter(ground), None)
            if path is not None and f"fill: {COLOURS['paper']}" in path.get("style", ""):
                group.remove(ground)


def _is(element: Element, *beginnings: str) -> bool:
    return element.get("id", "").startswith(beginnings)


def _targets(root: Element) -> set[str]:
    """The ids that something in the drawing refers to."""
    found: set[str] = set()
    for element in root.iter():
        for key, value in element.attrib.items():
            found.update(_TARGET.findall(value))
            if key in (_LINK, "href"):
                found.add(value.removeprefix("#"))
        if element.tag == f"{_SVG}style":
            found.update(_SELECTED.findall(element.text or ""))
    return found


def _rewrite(element: Element, ids: dict[str, str], name: str) -> None:
    """Give an element the page's colours and ids, and HTML's names."""
    element.tag = element.tag.removeprefix(_SVG)
    attributes: dict[str, str] = {}
    for key, value in element.attrib.items():
        if key == "id":
            if value in ids:
                attributes["id"] = ids[value]
        elif key in (_LINK, "href"):
            known = ids.get(value.removeprefix("#")) if value.startswith("#") else None
            attributes["href"] = f"#{known}" if known else value
        elif key == "style":
            attributes[key] = ";".join(_declarations(value, ids))
        elif key == "transform":
            if not _NOT_TURNED.fullmatch(value):
                attributes[key] = value
        elif key in _LENGTHS:
            attributes[key] = " ".join(_LONG_NUMBER.sub(r"\1", value).split())
        elif not key.startswith("{"):
            attributes[key] = _in_page(key, value, ids)
    element.attrib.clear()
    element.attrib.update(attributes)
    if element.tag == "style":  # or its rules would hold for the page
        text = _SELECTED.sub(lambda m: f"#{ids.get(m[1], m[1])}", element.text or "")
        element.text = f"#{name}{{{text}}}"


def _declarations(style: str, ids: dict[str, str]) -> Iterable[str]:
    for declaration in style.split(";"):
        key, _, value = declaration.strip().partition(":")
        if key and not (key == "font-family" and value.strip(" '\"").startswith(FAMILY)):
            yield f"{key}:{_in_page(key, value.strip(), ids)}"


def _in_page(key: str, value: str, ids: dict[str, str]) -> str:
    if key == "fill" and value == COLOURS["paper"]:  # as of a text on colour
        return value
    value = _TARGET.sub(lambda m: f"url(#{ids.get(m[1], m[1])})", value)
    return _COLOUR.sub(lambda m: _VARIABLES.get(m[0], m[0]), value)


def _label(root: Element) -> str:
    """What a drawing says that it shows: its title, else that of the chart and of its axes."""
    title = root.find(f"{_SVG}title")
    texts = [_text(title)] if title is not None else []
    for figure in root.findall(f"{_SVG}g"):
        texts += [_text(group) for group in figure if _is(group, "text_")]
        for axes in figure:
            if _is(axes, "axes_"):
                texts += _titles(axes)
    return "; ".join(dict.fromkeys(filter(None, texts)))


def _titles(axes: Element) -> list[str]:
    """The texts above the area of a chart, then the names of its axes."""
    path = axes.find(f"{_SVG}g/{_SVG}path")
    heights = [] if path is None else _numbers(path.get("d", ""))[1::2]
    top = min(heights, default=0.0)
    above = [_text(group) for group in axes if _is(group, "text_") and _height(group) < top]
    names = [
        _text(group)
        for axis in axes
        if _is(axis, "matplotlib.axis_")
        for group in axis
        if _is(group, "text_")
    ]
    return above + names


def _height(group: Element) -> float:
    """Where a text stands, from the upper edge."""
    text = group.find(f"{_SVG}text")
    if text is None:
        return 0.0
    return (_numbers(text.get("y", "")) or _numbers(text.get("transform", ""))[1:2] or [0.0])[0]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _text(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())
