"""Units of measurement as people spell them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from kpi_lib.io.vocabulary import any_of, vocabulary

_WORDS = vocabulary(__package__)
_PERCENT = re.compile(any_of(_WORDS["percent"]))
_PERCENT_CODE = re.compile(
    rf"^ *(?:{any_of(_WORDS['percent codes'])})(?:_[a-z0-9_]+)? *$", re.MULTILINE
)
_PER = re.compile(rf"\b(?:{any_of(_WORDS['per'])})\b|/")
_BETWEEN = re.compile(r"[^\S\n]+|(?<=\d)[.,](?=\d{3})")


@lru_cache(maxsize=4096)
def spell(unit: str) -> str:
    """Give one spelling of a unit, as :func:`spelled` does of many."""
    return spelled([unit])[0]


def spelled(units: Iterable[str]) -> list[str]:
    """Give one spelling of each unit, so that spellings of the same unit are equal.

    µg/m³, μg/m3 and ug/m3 are one; so are '%', percent and per cent; so are
    'per 100 000 inhabitants' and '/ 100,000 inhabitants'. PT and PC_IND are codes of SDMX for %.
    """
    text = "\n".join(" ".join(unit.split()) for unit in units)  # as one, much faster than each
    text = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u").replace("^", "")
    text = _PERCENT_CODE.sub("%", text)
    text = _PER.sub("/", _PERCENT.sub("%", text))
    return _BETWEEN.sub("", text).split("\n")


def is_percent(unit: str) -> bool:
    """Say whether values in this unit may carry a percent sign, as those in '% GDP' may."""
    return spell(unit).startswith("%")
