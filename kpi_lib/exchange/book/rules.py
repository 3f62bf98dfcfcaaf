"""The rule of an indicator, laid out over the columns of its row and put together again.

In a framework file a rule stands in ``normalise``, and goalposts and targets that differ by kind
of city name the column each for itself. In the workbook the rule has a column of lines, the name
of the column is said once, and a cell of goalposts or targets has a line for each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_lib.exchange.book.cells import ABOVE, from_cell
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.rules import rule_parameter

RULES = ("steps", "knots", "scores")
"""The parameters of methods that hold a rule."""


def spread(leaf: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the keys of an indicator out for its row, ``rule`` and ``by`` as keys of their own."""
    row = dict(leaf)
    method = leaf.get("normalise")
    name = rule_parameter(method["method"]) if isinstance(method, Mapping) else ""
    if isinstance(method, Mapping) and name in method:
        row["rule"] = method[name]
        row["normalise"] = {k: v for k, v in method.items() if k not in (name, "by")}
        if "by" in method:
            row["by"] = method["by"]
    for key in ("goalposts", "targets"):
        own = leaf.get(key)
        if isinstance(own, Mapping) and "by" in own:
            row["by"] = own["by"]
            row[key] = _by_part({kind: part for kind, part in own.items() if kind != "by"})
    if isinstance(row.get("goalposts"), Mapping):
        row["goalposts"] = [row["goalposts"][at] for at in (0, 1)]
    return row


def _by_part(kinds: Mapping[str, Any]) -> dict[int, dict[str, float]]:
    """Turn goalposts or targets of each kind into the kinds of each goalpost or year."""
    turned: dict[int, dict[str, float]] = {}
    for kind, own in kinds.items():
        for part, number in own.items() if isinstance(own, Mapping) else enumerate(own):
            turned.setdefault(part, {})[kind] = number
    return turned


def gather(data: dict[str, Any]) -> None:
    """Put the rule of an indicator together, in place, from the cells of its row.

    Raises ``ValueError`` with what is wrong and what to do.
    """
    by, rule = data.pop("by", None), data.pop("rule", None)
    if isinstance(data.get("normalise"), str):
        data["normalise"] = {"method": data["normalise"]}
    differs = False
    if rule is not None:
        differs = _gather_rule(data, by, rule)
    posts = data.get("goalposts")
    if posts and any(isinstance(one, Mapping) for one in posts):
        low, high = (one if isinstance(one, Mapping) else {} for one in posts)
        if low.keys() != high.keys():
            raise ValueError(
                msg("the low and the high goalpost are not of the same kinds of city."),
                msg("Give both for each kind."),
            )
        data["goalposts"] = {"by": by, **{kind: [low[kind], high[kind]] for kind in low}}
        differs = True
    targets = data.get("targets", {})
    if any(isinstance(one, Mapping) for one in targets.values()):
        if not all(isinstance(one, Mapping) for one in targets.values()):
            raise ValueError(
                msg("targets differ by kind of city in some years and not in others."),
                msg("Give a line for each kind in every year, as in 'I | 90'."),
            )
        kinds: dict[str, dict[int, float]] = {}
        for year, numbers in targets.items():
            for kind, number in numbers.items():
                kinds.setdefault(kind, {})[year] = number
        data["targets"] = {"by": by, **kinds}
        differs = True
    if differs != (by is not None):
        raise ValueError(
            msg(
                "rules of several kinds of city need the column that tells the kinds, and it them."
            ),
            msg("Write the name of a column of cities.csv, such as 'class', and lines 'I | 90'."),
        )


def _gather_rule(data: dict[str, Any], by: str | None, rule: Any) -> bool:
    """Put a rule into the method; whether it differs by kind of city."""
    method = data.get("normalise", {})
    parameter = rule_parameter(str(method.get("method")))
    if not parameter:
        raise ValueError(
            msg("a rule is there, and no method that takes one."),
            msg("Write bands, piecewise or categories under Normalise."),
        )
    table = _table(rule, words=parameter == "scores") if isinstance(rule, tuple) else rule
    differs = isinstance(table, dict) and not all(
        isinstance(one, int | float) for one in table.values()
    )
    own = {"by": by} if differs else {}
    rest = {key: value for key, value in method.items() if key != "method"}
    data["normalise"] = {"method": method["method"], **own, parameter: table, **rest}
    return differs


def _table(lines: tuple[tuple[str, str, float], ...], words: bool) -> Any:
    """Pairs or words from the lines of a rule, or those of each kind of city."""
    tables: dict[str, Any] = {}
    for kind, left, score in lines:
        if words:
            table = tables.setdefault(kind, {})
            if left in table:
                raise ValueError(
                    msg("the word '{left}' is there twice.", left=left), msg("Keep one of them.")
                )
            table[left] = score
        else:
            number = left.removeprefix(ABOVE.strip())
            above = [] if number == left else ["above"]
            tables.setdefault(kind, []).append([from_cell("number", number), score, *above])
    if "" in tables and len(tables) > 1:
        raise ValueError(
            msg("some lines of the rule name a kind of city and others none."),
            msg("Write it before each line, as in 'I | 90 → 5'."),
        )
    return tables.get("", tables)
