"""What a revision of a framework changes: indicators and groups, their weights and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from kpi_lib.framework.describe import of_difference
from kpi_lib.framework.model import TOTAL, Framework, Group, Indicator, Node
from kpi_lib.locale.display import Display, Displayed
from kpi_lib.locale.words import Text

Kind = Literal["added", "removed", "renamed", "moved", "reweighted", "redefined", "settings"]

KINDS: tuple[Kind, ...] = (
    "settings",
    "added",
    "removed",
    "renamed",
    "moved",
    "reweighted",
    "redefined",
)
"""The kinds of change, in the order in which they are told."""

# What a framework is beside its settings: its name, its parts, and where it was read from.
_BESIDE_SETTINGS = frozenset({"id", "version", "groups", "base", "path"})

# The keys of the file that fields are called by, where they have other names.
_KEYS = {"report_titles": "report_title", "unit_nouns": "unit_noun"}

# What a node is beside its definition: its place, name and weight are changes of their own.
_BESIDE = frozenset({"code", "weight", "was", "groups", "indicators"})


@dataclass(frozen=True, repr=False)
class Change(Displayed):
    """One difference between two versions.

    ``code`` and ``title`` are those of the newer version, or of the older one for what was
    removed. ``was`` is the older code; it is empty for what was added and for settings.
    ``field`` names what was redefined or set; ``before`` and ``after`` are plain data: for a
    move the codes of the groups, for a weight ``{"weight", "share"}`` (share of the siblings'
    sum, 0–1), for what was added or removed ``{"group", "weight", "share"}``. The weight is the
    points where a framework sums them.
    """

    kind: Kind
    code: str
    title: Text
    is_group: bool = False
    was: str = ""
    field: str = ""
    before: Any = None
    after: Any = None


@dataclass(frozen=True, repr=False)
class Difference(Displayed):
    """All changes from one version to another, by kind and in the order of the newer one."""

    old: Framework
    new: Framework
    changes: tuple[Change, ...]

    def _display(self) -> Display:
        return of_difference(self)

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """Give the changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    def json(self) -> dict[str, Any]:
        """Give everything as plain data: ``old``, ``new`` and the list ``changes``."""
        changes = [asdict(change) for change in self.changes]
        return {"old": self.old.name, "new": self.new.name, "changes": changes}


def diff(old: Framework, new: Framework) -> Difference:
    """Compare two frameworks, as a rule two versions of one.

    A node of the one is a node of the other by its code, or by ``was:``, which names its
    code in the version before. Weights are compared as they are written; where all children
    of a group are the same and their weights have changed in proportion, nothing has. Points
    are weights that count as they are.
    """
    matched = match(old, new)
    changes = [
        *_settings(old, new),
        *_added_and_removed(old, new, matched),
        *(change for a, b in matched.items() for change in _changes(old, new, matched, a, b)),
    ]
    order = {code: i for i, code in enumerate([*new.nodes, *old.nodes])}
    changes.sort(key=lambda change: (KINDS.index(change.kind), order.get(change.code, -1)))
    return Difference(old, new, tuple(changes))


def match(old: Framework, new: Framework) -> dict[str, str]:
    """Give the code in ``new`` of each node of ``old`` that is in both; ``TOTAL`` always is.

    ``was:`` comes first, so that a code may have passed from one node to another. It is read
    in either direction, so that the older version may be given second.
    """
    pairs = {TOTAL: TOTAL}
    taken = {TOTAL}

    def pair(a: str, b: str) -> None:
        known = a in old.nodes and b in new.nodes and a not in pairs and b not in taken
        if known and isinstance(old.nodes[a], Group) == isinstance(new.nodes[b], Group):
            pairs[a] = b
            taken.add(b)

    for code, node in new.nodes.items():
        if node.was:
            pair(node.was, code)
    for code, node in old.nodes.items():
        if node.was:
            pair(code, node.was)
    for code in old.nodes:
        pair(code, code)
    return {code: pairs[code] for code in old.nodes if code in pairs}


def share(framework: Framework, code: str) -> float:
    """The weight of a node as a share (0–1) of its siblings' sum, its own included."""
    parent = framework.node(framework.parents[code])
    assert isinstance(parent, Group)
    total = sum(_weighs(framework, child.code) for child in parent.children)
    return _weighs(framework, code) / total if total else 0.0


def _weighs(framework: Framework, code: str) -> float:
    """What a node counts beside its siblings: its maximum, where the framework sums points."""
    return framework.maxima[code] if framework.sums_points else framework.node(code).weight


def _settings(old: Framework, new: Framework) -> Iterator[Change]:
    for name in (f.name for f in fields(Framework) if f.name not in _BESIDE_SETTINGS):
        before, after = (plain_value(getattr(one, name)) for one in (old, new))
        if before != after:
            key = _KEYS.get(name, name)
            yield Change("settings", "", new.title, True, "", key, before, after)


def _added_and_removed(
    old: Framework, new: Framework, matched: Mapping[str, str]
) -> Iterator[Change]:
    kept = set(matched.values())
    for code, node in new.nodes.items():
        if code not in kept:
            place = _place(new, code)
            yield Change("added", code, node.title, isinstance(node, Group), after=place)
    for code, node in old.nodes.items():
        if code not in matched:
            place = _place(old, code)
            yield Change("removed", code, node.title, isinstance(node, Group), code, before=place)


def _changes(
    old: Framework, new: Framework, matched: Mapping[str, str], a: str, b: str
) -> Iterator[Change]:
    if a == TOTAL:
        return
    one, other = old.node(a), new.node(b)
    about: dict[str, Any] = {
        "code": b,
        "title": other.title,
        "is_group": isinstance(other, Group),
        "was": a,
    }
    if a != b:
        yield Change("renamed", **about, before=a, after=b)
    stays = matched.get(old.parents[a]) == new.parents[b]
    if not stays:
        yield Change("moved", **about, before=old.parents[a], after=new.parents[b])
    points = old.sums_points and new.sums_points and _have_points(one, other)
    if points:
        reweighted = old.maxima[a] != new.maxima[b]
    else:
        reweighted = stays and one.weight != other.weight
        reweighted = reweighted and not _in_proportion(old, new, matched, old.parents[a])
    if reweighted:
        weights = (_weight(old, a), _weight(new, b))
        yield Change("reweighted", **about, before=weights[0], after=weights[1])
    for name in _defining(other):
        if points and name == "points":
            continue
        before, after = (plain_value(getattr(node, name)) for node in (one, other))
        if before != after:
            yield Change("redefined", **about, field=name, before=before, after=after)


def _have_points(*nodes: Node) -> bool:
    return all(isinstance(node, Indicator) and node.points is not None for node in nodes)


def _defining(node: Node) -> list[str]:
    return [field.name for field in fields(node) if field.name not in _BESIDE]


def _in_proportion(old: Framework, new: Framework, matched: Mapping[str, str], code: str) -> bool:
    """Say whether a group has the same children in both and their weights the same ratios."""
    before, after = old.node(code), new.node(matched[code])
    assert isinstance(before, Group)
    assert isinstance(after, Group)
    if {matched.get(child.code) for child in before.children} != {c.code for c in after.children}:
        return False
    shares = [(share(old, c.code), share(new, matched[c.code])) for c in before.children]
    return all(abs(a - b) <= 1e-12 for a, b in shares)


def _weight(framework: Framework, code: str) -> dict[str, Any]:
    node = framework.node(code)
    weight = _weighs(framework, code)
    if isinstance(node, Indicator) and node.extra:
        lowest, highest = node.range
        weight = highest or lowest
    return {"weight": weight, "share": share(framework, code)}


def _place(framework: Framework, code: str) -> dict[str, Any]:
    return {"group": framework.parents[code], **_weight(framework, code)}


def plain_value(value: Any) -> Any:
    """Give a value of a framework as JSON holds it: mappings with text keys, and lists."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return plain_value(asdict(value))
    return value
