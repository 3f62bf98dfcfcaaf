"""Small pieces of Markdown that the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).parent.parent / "words"


@cache
def words(name: str) -> Any:
    """What is said of things that the code names, from a file in `docs/words`."""
    return yaml.safe_load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", r"\|")


def page(title: str, *parts: str) -> str:
    """A page with its title; parts that are empty are left out."""
    return "\n\n".join([f"# {title}", *(part.strip() for part in parts if part.strip())]) + "\n"


def from_docstring(text: str, links: dict[str, str]) -> str:
    """The prose of a docstring: literals and roles as Markdown, with links where they are known."""
    text = re.sub(
        r":\w+:`~?([\w.]+)`",
        lambda found: _link(found[1].rpartition(".")[2], links),
        text,
    )
    return re.sub(r"``(.+?)``", r"`\1`", text, flags=re.DOTALL)


def _link(name: str, links: dict[str, str]) -> str:
    return f"[`{name}`]({links[name]})" if name in links else f"`{name}`"


def nested_toctree(names: Iterable[str]) -> str:
    """The pages below a page, out of sight: the page itself links them."""
    return "```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```"
