"""The words by which input is recognised: data in a words.yaml beside the code that reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from kpi_lib.io.yaml import Loader


@cache
def vocabulary(package: str, name: str = "words") -> Mapping[str, Any]:
    """Read the words of a package: lists of words by key, or lists by meaning by key."""
    text = (resources.files(package) / f"{name}.yaml").read_text(encoding="utf-8")
    words: Mapping[str, Any] = yaml.load(text, Loader=Loader)
    return words


def any_of(words: Iterable[str]) -> str:
    """Give the regular expression of any of some words, those before first."""
    return "|".join(re.escape(word).replace(r"\ ", r"[ ]") for word in words)


def meanings(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Give the meaning of each word from the words of each meaning."""
    return {word: meaning for meaning, of_it in words.items() for word in of_it}
