"""Units of measurement as people spell them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kpi_lib.io.vocabulary import any_of, vocabulary

_WORDS = vocabulary(__package__)
_PERCENT = re.compile(any_of(_WORDS["percent"]))
_PERCENT_CODE = re.compile(rf"(?:{any_of(_WORDS['percent codes'])})(?:_[a-z0-9_]+)?")
_PER = re.compile(rf"\b(?:{any_of(_WORDS['per'])})\b|\s*/\s*")


@lru_cache(maxsize=4096)
def spell(unit: str) -> str:
    """Give one spelling of a unit, so that spellings of the same unit are equal.

    µg/m³, μg/m3 and ug/m3 are one; so are '%', percent and per cent; so are
    'per 100 000 inhabitants' and '/ 100,000 inhabitants'. PT and PC_IND are codes of SDMX for %.
    """
    text = unicodedata.normalize("NFKC", unit).casefold().replace("μ", "u").replace("^", "")
    if _PERCENT_CODE.fullmatch(text.strip()):
        return "%"
    text = _PER.sub("/", _PERCENT.sub("%", text))
    return re.sub(r"\s+|(?<=\d)[.,](?=\d{3})", "", text)


def is_percent(unit: str) -> bool:
    """Say whether values in this unit may carry a percent sign, as those in '% GDP' may."""
    return spell(unit).startswith("%")
