"""What frameworks, their parts and their differences show of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

from kpi_lib.locale.catalogue import Lang, message_language, msg, tr_in
from kpi_lib.locale.display import Branch, Display, Table, in_short
from kpi_lib.locale.words import amount, in_language, number, percent, word

if TYPE_CHECKING:
    from kpi_lib.framework.diff import Difference
    from kpi_lib.framework.model import Framework, Group, Node
    from kpi_lib.methods.registry import Method


@cache
def kind_names(lang: Lang) -> Mapping[str, str]:
    """The kinds of changes, in words."""
    return {
        "settings": tr_in(lang, "kind of change", "Framework and scoring"),
        "added": tr_in(lang, "kind of change", "Added"),
        "removed": tr_in(lang, "kind of change", "Removed"),
        "renamed": tr_in(lang, "kind of change", "Renamed"),
        "moved": tr_in(lang, "kind of change", "Moved"),
        "reweighted": tr_in(lang, "kind of change", "Reweighted"),
        "redefined": tr_in(lang, "kind of change", "Redefined"),
    }


def of_framework(framework: Framework) -> Display:
    """A framework: what it is, how it scores, and its tree with counts and weights."""
    lang = message_language()
    title = f"{framework.name}: {in_language(framework.title, lang)}"
    issued = framework.issued
    said = [in_language(issued.by, lang), issued.document, issued.date] if issued else []
    facts = [
        (msg("Status"), word(framework.status, lang)),
        (msg("Issued by"), ", ".join(part for part in said if part)),
        (msg("Extends"), framework.extends or ""),
        (msg("Indicators"), number(len(framework.indicators), lang, 0)),
        (msg("Sum of points"), _whole(framework)),
        (msg("Normalise"), ", ".join(map(_method, framework.normalisations))),
        (msg("Aggregate"), ", ".join(map(_method, framework.aggregations))),
        (msg("Treatment"), ", ".join(map(_method, framework.treatment))),
    ]
    shown = [(name, value) for name, value in facts if value]
    return Display(title, facts=shown, tree=_branches(framework.root, framework.maxima))


def of_group(group: Group) -> Display:
    """A group: its code and title, and the tree below it."""
    title = f"{group.code}: {in_language(group.title, message_language())}"
    return Display(title, tree=_branches(group, {}))


def of_difference(difference: Difference) -> Display:
    """The changes between two frameworks, counted by kind, and the first of them."""
    lang = message_language()
    counts = Counter(change.kind for change in difference.changes)
    title = f"{difference.old.name} → {difference.new.name}"
    if not counts:
        old, new = difference.old.name, difference.new.name
        return Display(title, [msg("{old} and {new} do not differ.", old=old, new=new)])
    kinds = kind_names(lang)
    rows = [
        (
            kinds[change.kind],
            change.code,
            in_language(change.title, lang),
            change.field,
            in_short(change.before),
            in_short(change.after),
        )
        for change in difference.changes
    ]
    heads = [msg("Kind"), msg("Code"), msg("Title"), msg("What"), msg("Before"), msg("After")]
    facts = [(kinds[kind], number(n, lang, 0)) for kind, n in counts.items()]
    return Display(title, facts=facts, tables=[Table("", heads, rows)])


def _branches(group: Group, maxima: Mapping[str, float]) -> list[Branch]:
    whole = sum(child.weight for child in group.children)
    shares = [child.weight / whole if whole else 0.0 for child in group.children]
    return [
        _branch(child, share, maxima) for child, share in zip(group.children, shares, strict=True)
    ]


def _branch(node: Node, share: float, maxima: Mapping[str, float]) -> Branch:
    """A node with its weight, and its share of that of its siblings; of points, how many."""
    lang = message_language()
    label = f"{node.code}  {in_language(node.title, lang)}"
    children = getattr(node, "children", ())
    told = [_weight(node, share, maxima)]
    if children:
        told.append(msg("indicators: {n}", n=number(_leaves(node), lang, 0)))
    below = _branches(cast("Group", node), maxima) if children else ()
    return Branch(label, "; ".join(part for part in told if part), below)


def _weight(node: Node, share: float, maxima: Mapping[str, float]) -> str:
    """What a node counts: points, or a weight; nothing of what is beside the maximum."""
    lang = message_language()
    points = maxima.get(node.code) or getattr(node, "points", None)
    if points:
        return msg("points: {n}", n=amount(points, lang))
    if any(maxima.values()):
        return ""
    return msg(
        "weight {weight} ({share} of its group)",
        weight=amount(node.weight, lang),
        share=percent(share, lang),
    )


def _leaves(node: Node) -> int:
    children = getattr(node, "children", ())
    return sum(map(_leaves, children)) if children else 1


def _whole(framework: Framework) -> str:
    """The most points of a framework that sums them, else ''."""
    if not framework.sums_points:
        return ""
    return msg("at most {n}", n=amount(framework.maxima[framework.root.code], message_language()))


def _method(method: Method) -> str:
    """A method as it is typed on the command line: ``power:p=0.5``."""
    plain = {name: x for name, x in method.parameters.items() if not isinstance(x, tuple | Mapping)}
    told = ",".join(f"{name}={in_short(value)}" for name, value in plain.items())
    return f"{method.name}:{told}" if told else method.name
