"""The tree of an annex as the keys of a framework file, with the cell that each is from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_lib.exchange.annex.cells import read_figures, without_marks
from kpi_lib.exchange.annex.columns import Use
from kpi_lib.exchange.annex.indicator import indicator_data
from kpi_lib.exchange.annex.lines import neat
from kpi_lib.exchange.annex.making import AnnexData, Making, title_of
from kpi_lib.exchange.annex.options import gather_options
from kpi_lib.exchange.annex.points import KINDS, group_limits, kind_of, sum_fault, total_fault
from kpi_lib.exchange.annex.rules import Kind, read_rule
from kpi_lib.exchange.annex.tree import Branch, Row, branches
from kpi_lib.framework.origins import Origins
from kpi_lib.io.yaml import Place
from kpi_lib.locale.catalogue import languages, msg, tr

_PASSED_DOWN = ("unit", "agency", "frequency", "target source")


@dataclass(frozen=True)
class _Above:
    """What the groups above say for all that is in them."""

    cells: Mapping[Use, str] = field(default_factory=dict)
    unit: str = ""
    kind: Kind = "points"


def annex_data(root: Branch, origins: Origins, title: str, total: Row | None = None) -> AnnexData:
    """Make the ``groups`` of a framework file; ``title`` names the group of what is in none.

    ``total`` is the row that sums the points of all. The problems of single cells, which are left
    out, are among what it gives.
    """
    data: list[Any] = []
    codes = frozenset(branch.code for branch in branches(root))
    making = Making(origins, AnnexData(data), codes)
    rows = [branch.row for branch in branches(root) if branch is not root]
    making.read_figures(rows)
    gather_options(root, making)
    groups = [branch for branch in root.children if branch.children]
    alone = [branch for branch in root.children if not branch.children]
    making.made.points = _of_points(rows, making)
    for branch in groups:
        data.append(_group(branch, ("groups", len(data)), _Above(), making))
    if alone:
        place: Place = ("groups", len(data))
        group = {"code": _free("ALL", making), "title": title}
        made = _indicators(alone, place, _Above(), making)
        data.append(group | (_weighing(made, making) if groups else {}) | {"indicators": made})
        fault = msg("the row is in no group; it is put in one named after the whole.")
        making.report(alone[0].row, (fault,), severity="warning")
    if making.made.points and total is not None:
        _check_total(total, data, making)
    return making.made


def _check_total(total: Row, data: list[Any], making: Making) -> None:
    """Compare the last row of the table, 'Total', with the sum of all points."""
    for use, text in total.cells.items():
        value = read_figures({0: without_marks(text)}).values.get(0)
        if use.field == "points" and value is not None:
            if fault := total_fault(value, {"groups": data}):
                making.report(total, fault, use)
            return


def _of_points(rows: Sequence[Row], making: Making) -> bool:
    """Whether the annex sums points: a column says how many, or a rule gives them itself."""
    if any(use.field in KINDS and read.values for use, read in making.figures.items()):
        return True
    return any(
        use.field == "rule" and read_rule(text).keys is not None
        for row in rows
        for use, text in row.cells.items()
    )


def _free(code: str, making: Making) -> str:
    """Give a code that no row of the annex has."""
    while code in making.codes:
        code += "-1"
    return code


def _weighing(parts: Sequence[Mapping[str, Any]], making: Making) -> dict[str, Any]:
    """The weight by which parts that were put into a group of their own weigh as before."""
    weight = math.fsum(part.get("weight", 1) for part in parts)
    return {} if making.made.points or weight == 1 else {"weight": neat(weight)}


def _set_apart(
    leaves: Sequence[Branch], beside: Branch, place: Place, above: _Above, making: Making
) -> dict[str, Any]:
    """Put the indicators that stand beside groups into a group, named after the one above."""
    title = title_of(beside.row)
    named = title if isinstance(title, dict) else dict.fromkeys(languages(), title)
    code = _free(f"{beside.code}.0", making)
    row = leaves[0].row
    making.origins.note(place, row.line.sheet, row.line.row)
    made = _indicators(leaves, place, above, making)
    fault = msg(
        "'{title}' has groups and indicators side by side; its indicators are put in a group of "
        "their own, {code}, in which they count as before.",
        title=beside.row.title,
        code=code,
    )
    making.report(row, (fault,), severity="warning")
    titles = {
        lang: tr(lang, "{title}: other indicators", title=said) for lang, said in named.items()
    }
    return {"code": code, "title": titles, **_weighing(made, making), "indicators": made}


def _group(branch: Branch, place: Place, above: _Above, making: Making) -> dict[str, Any]:
    row = branch.row
    data: dict[str, Any] = {"code": branch.code, "title": title_of(row)}
    line = row.line
    making.origins.note(place, line.sheet, line.row)
    weight = next((use for use in row.cells if use.field == "weight"), None)
    kind = kind_of(row.title, above.kind)
    given = making.award(row, kind)
    rules = [text for use, text in row.cells.items() if use.field == "rule"]
    if making.made.points:
        data |= group_limits(row.title, given, rules)
    elif weight is not None and (value := making.figure(row, weight)) is not None:
        data["weight"] = value
        making.origins.note((*place, "weight"), line.sheet, line.row, weight.name)
    own = {use: text for use, text in row.cells.items() if use.field in _PASSED_DOWN}
    kept = {
        use: text for use, text in above.cells.items() if not (row.unit and use.field == "unit")
    }
    passed = _Above({**kept, **own}, row.unit or above.unit, given.kind)
    known = {"title", "code", "weight", "aliases", *KINDS, *(["rule"] if len(data) > 2 else [])}
    lost = [use for use in row.cells if use.field not in known and use not in own]
    if lost:
        names = ", ".join(f"'{use.heading}'" for use in lost)
        making.report(
            row,
            (
                msg(
                    "'{title}' has rows below it, so it is a group: its {names} is not kept.",
                    title=row.title,
                    names=names,
                ),
            ),
            lost[0],
            "warning",
        )
    groups = [child for child in branch.children if child.children]
    leaves = [child for child in branch.children if not child.children]
    if groups:
        data["groups"] = [
            _group(child, (*place, "groups", at), passed, making) for at, child in enumerate(groups)
        ]
    if groups and leaves:
        within: Place = (*place, "groups", len(groups))
        apart = _set_apart(leaves, branch, within, passed, making)
        best = {"aggregate": data["aggregate"]} if "aggregate" in data else {}
        data["groups"].append({**apart, **best})
    elif leaves:
        data["indicators"] = _indicators(leaves, place, passed, making)
    if making.made.points and (fault := sum_fault(row.title, given, data)):
        making.report(row, fault, next(use for use in row.cells if use.field in KINDS))
    return data


def _indicators(leaves: Sequence[Branch], place: Place, above: _Above, making: Making) -> list[Any]:
    made = []
    for at, leaf in enumerate(leaves):
        row = leaf.row
        own = {use.field for use in row.cells} | ({"unit"} if row.unit else set())
        passed = {use: text for use, text in above.cells.items() if use.field not in own}
        row.cells = {**passed, **row.cells}
        if "unit" not in own:
            row.unit = above.unit
        made.append(indicator_data(leaf, (*place, "indicators", at), making, above.kind))
    return made
