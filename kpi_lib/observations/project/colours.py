"""The colours of pages, and whether those of a project can be read.

Contrast is that of the Web Content Accessibility Guidelines (WCAG 2.2), level AA: 4.5 for text
(1.4.3) and 3 for what is drawn (1.4.11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from kpi_lib.locale.catalogue import mark, message_language, msg
from kpi_lib.locale.words import number

Pair = tuple[str, str]
"""A colour in the light and in the dark, such as ``#0b5cad``."""

PALETTE: Mapping[str, Pair] = MappingProxyType(
    {
        "ink": ("#16191d", "#e9edf1"),  # text, medians
        "soft": ("#4f5964", "#aeb8c3"),  # secondary text
        "line": ("#dbe0e6", "#323a43"),  # hairlines
        "edge": ("#737e8a", "#85909b"),  # borders of controls and tiles
        "paper": ("#ffffff", "#14171b"),
        "wash": ("#f3f5f8", "#1d2228"),  # the ground of what stands out
        "me": ("#0b5cad", "#6db3f2"),  # what a page is about, and links
        "o": ("#7b8691", "#7d8893"),  # the others
        "up": ("#00705d", "#4fc3ad"),  # better
        "down": ("#a8430a", "#f2a266"),  # worse
        "violet": ("#8f4574", "#dd9ac7"),  # one more, where four things are told apart
        "warn": ("#6b4200", "#ffd591"),
        "warnbg": ("#fff4de", "#33270f"),
    }
)
"""The palette by the names of the CSS variables of the pages' style."""

_TEXT, _DRAWN = 4.5, 3.0
_ON: tuple[tuple[str, str, float], ...] = (
    *((name, "paper", _TEXT) for name in ("ink", "soft", "me", "up", "down", "violet")),
    *((name, "wash", _TEXT) for name in ("ink", "soft", "me", "up", "down")),
    ("warn", "warnbg", _TEXT),
    ("o", "paper", _DRAWN),
    ("edge", "paper", _DRAWN),
)
# How much of me is in the fullest shade of the ranking (templates/index/index.css).
_SHADED = 0.56
_SCHEMES = (mark("light"), mark("dark"))


def pair(given: Any) -> Pair:
    """Give a colour as two, from one for both or from ``{light = …, dark = …}``."""
    light, dark = (given, given) if isinstance(given, str) else (given["light"], given["dark"])
    return light.lower(), dark.lower()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colour_faults(own: Mapping[str, Pair]) -> Iterator[tuple[str, str]]:
    """Each of a project's colours that cannot be read on its ground: its name and what is wrong."""
    whole = {**PALETTE, **own}
    for at, scheme in enumerate(_SCHEMES if {"ink", "me", "paper"} & {*own} else ()):
        shade = _mixed(whole["paper"][at], whole["me"][at], _SHADED)
        found = contrast(whole["ink"][at], shade)
        if found < _TEXT:
            said = msg(
                "text (ink) on the fullest shade of me in the ranking ({shade}), {scheme}: the "
                "contrast is {found}; expected {least} or more (WCAG AA). Choose a me nearer to "
                "paper, or an ink further from it.",
                shade=shade,
                scheme=msg(scheme),
                found=_said(found),
                least=_said(_TEXT),
            )
            yield ("me" if "me" in own else next(iter(own))), said
    for name in dict.fromkeys(name for name, *_ in _ON):
        grounds = [(under, least) for one, under, least in _ON if one == name]
        for at, scheme in enumerate(_SCHEMES):
            pairs = [
                (contrast(whole[name][at], whole[ground][at]), ground, least)
                for ground, least in grounds
                if name in own or ground in own
            ]
            worst, ground, least = min(pairs, default=(_TEXT, "", _TEXT))
            if worst >= least:
                continue
            said = msg(
                "{name} ({colour}) on {ground} ({under}), {scheme}: the contrast is {found}; "
                "expected {least} or more (WCAG AA). {name} = {example} would do.",
                name=name,
                colour=whole[name][at],
                ground=ground,
                under=whole[ground][at],
                scheme=msg(scheme),
                found=_said(worst),
                least=_said(least),
                example=_readable(name, whole, at, least, ground),
            )
            yield (name if name in own else ground), said


def _said(contrast: float) -> str:
    """Write a contrast, never rounded up to what is expected."""
    return number(int(contrast * 100) / 100, message_language(), 2)


def _readable(name: str, whole: Mapping[str, Pair], at: int, least: float, ground: str) -> str:
    """The colour as the file would give it, drawn to black or white until it can be read."""
    under = whole[ground][at]
    end = max(("#000000", "#ffffff"), key=lambda one: contrast(one, under))
    steps = (_mixed(whole[name][at], end, share / 20) for share in range(21))
    found = next((one for one in steps if contrast(one, under) >= least + 0.2), end)
    both = [found if at == i else whole[name][i] for i in (0, 1)]
    return f'{{light = "{both[0]}", dark = "{both[1]}"}}'


def _mixed(one: str, other: str, share: float) -> str:
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG, 0 to 1."""
    parts = (channel / 255 for channel in _channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(by * part for by, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
