"""The packages that the project needs, from pyproject.toml and the pins, with why and what else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from markdown import page, table, words

ROOT = Path(__file__).parents[2]


def declared() -> Iterator[tuple[str, list[str]]]:
    """The extras, '' for what everybody needs, each with its packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra, lines in {"": project["dependencies"], **project["optional-dependencies"]}.items():
        names = [re.split(r"[<>=;\[ ]", line)[0] for line in lines]
        yield extra, sorted({name.lower() for name in names} - {"kpi-lib"})


def pinned() -> dict[str, str]:
    """The version of each package that the project was tried with."""
    found: dict[str, str] = {}
    for name in ("requirements.txt", "requirements-docs.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for package, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE):
            found.setdefault(_plain(package), version)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pages(folder: Path) -> dict[str, str]:
    """The one page of all packages."""
    versions, said, parts = pinned(), words("dependencies"), []
    for extra, names in declared():
        rows = []
        for name in names:
            own = said["packages"].get(name, {})
            released = own.get("released", "")
            rows.append(
                (
                    name,
                    own.get("why", ""),
                    versions.get(_plain(name), ""),
                    released,
                    own.get("else", ""),
                )
            )
        title = f"## With the extra `{extra}`" if extra else "## For everybody"
        head = ["package", "why", "tried with", "last release", "what would replace it"]
        parts.append(f"{title}\n\n{said['extras'][extra]}\n\n{table(head, rows)}")
    return {"dependencies": page("What the project uses, and why", said["intro"], *parts)}
