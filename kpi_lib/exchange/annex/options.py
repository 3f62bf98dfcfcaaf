"""Scoring rules that stand in rows of their own below a criterion, one row for each clause."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_lib.exchange.annex.columns import Use
from kpi_lib.exchange.annex.making import Making
from kpi_lib.exchange.annex.points import kind_of
from kpi_lib.exchange.annex.rules import read_rule
from kpi_lib.exchange.annex.tree import Branch, Row


def gather_options(branch: Branch, making: Making) -> None:
    """Make rows such as 'From 80% up: 2 points' the rule of the numbered criterion above them.

    They are rows without a number, below the criterion or after it, that together read as a rule
    for its points, or have no points and nothing else of their own. Others are criteria.
    """
    kept: list[Branch] = []
    children = list(branch.children)
    while children:
        child = children.pop(0)
        kept.append(child)
        own = child.children
        if own and all(map(_is_option, own)) and _take(child, own, making):
            child.children = []
        elif not own and child.numbered:
            following = _options_first(children)
            if following and _take(child, following, making):
                del children[: len(following)]
        gather_options(child, making)
    branch.children = kept


def _is_option(branch: Branch) -> bool:
    return not branch.numbered and not branch.children and not branch.row.code


def _options_first(branches: Sequence[Branch]) -> list[Branch]:
    found: list[Branch] = []
    for branch in branches:
        if not _is_option(branch):
            break
        found.append(branch)
    return found


def _take(criterion: Branch, options: Sequence[Branch], making: Making) -> bool:
    """Give a criterion its options as the text of its rule, unless they are criteria."""
    row = criterion.row
    given = making.award(row, kind_of(row.title))
    if given.most is None or any(use.field == "rule" for use in row.cells):
        return False
    text = "; ".join(_clause(option.row) for option in options)
    unit = next((text for use, text in row.cells.items() if use.field == "unit"), row.unit)
    criteria = any(
        option.row.filled or making.award(option.row, given.kind).most is not None
        for option in options
    )
    if criteria and read_rule(text, unit, given.most, given.kind).keys is None:
        return False
    title = next(use for use in options[0].row.cells if use.field == "title")
    row.cells = {**row.cells, Use(title.column, "", "rule"): text}
    return True


def _clause(row: Row) -> str:
    """The words of an option, with the points that stand in their own column."""
    title = next(use for use in row.cells if use.field == "title")
    words = row.line.text(title.column) or row.title
    points = next((text for use, text in row.cells.items() if use.field == "points"), "")
    return f"{words.strip(' .;:-+')}: {points}" if points else words.strip(" .;+")
