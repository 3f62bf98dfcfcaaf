"""Extensions: a framework file that adds to another one and changes nothing of it.

A group of what is extended is opened by giving its code without a title; what is in it then
is added to it. Everything that an extension adds is local.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kpi_lib.errors import did_you_mean, plain
from kpi_lib.framework.check import is_group, nodes_of, titles_of
from kpi_lib.framework.model import TOTAL, Framework, Group, Indicator
from kpi_lib.io.yaml import Fault, Lines, Place, line_of
from kpi_lib.locale.catalogue import msg

_OF_AN_OPENED_GROUP = ("code", "groups", "indicators")
_OF_THE_WHOLE = (
    "normalise",
    "aggregate",
    "missing",
    "treatment",
    "scale",
    "decimals",
    "shown",
    "classes",
    "not_applicable",
)


def extend(base: Framework, own: Framework) -> Framework:
    """Give what an extension makes of the framework it extends.

    ``own`` holds only what the extension file does; groups of ``base`` in it are opened, and
    their new parts come after those of ``base``. Scoring defaults are those of ``base``, and so
    is what ``own`` does not say of reports, contact and licence.
    """
    additions: dict[str, Group] = {TOTAL: Group(TOTAL, {}, groups=own.groups)}
    for group in own.all_groups:
        if group.code in base.nodes:
            additions[group.code] = group

    def grown(group: Group) -> Group:
        groups = tuple(grown(child) for child in group.groups)
        added = additions.get(group.code)
        if added is None:
            return replace(group, groups=groups)
        new = tuple(child for child in added.groups if child.code not in base.nodes)
        return replace(
            group, groups=(*groups, *new), indicators=(*group.indicators, *added.indicators)
        )

    return replace(
        own,
        groups=grown(base.root).groups,
        normalise=base.normalise,
        aggregate=base.aggregate,
        missing=base.missing,
        treatment=base.treatment,
        scale=base.scale,
        decimals=base.decimals,
        shown=base.shown,
        classes=base.classes,
        not_applicable=base.not_applicable,
        levels=own.levels or base.levels,
        report_titles=own.report_titles or base.report_titles,
        unit_nouns=own.unit_nouns or base.unit_nouns,
        contact=own.contact or base.contact,
        licence=own.licence or base.licence,
        base=base,
    )


def extension_faults(data: Mapping[str, Any], lines: Lines, base: Framework) -> Iterator[Fault]:
    """Check that a file only adds to ``base``."""
    yield from _whole_faults(data, lines, base)
    codes: dict[Place, str] = {}
    for place, node in nodes_of(data):
        codes[place] = node["code"]
        if node["code"] in base.nodes:
            yield from _touched(node, place, codes.get(place[:-2]), lines, base)
        else:
            yield from _added(node, place, lines, base)
    yield from _shared_names(data, lines, base)


def _whole_faults(data: Mapping[str, Any], lines: Lines, base: Framework) -> Iterator[Fault]:
    for key in _OF_THE_WHOLE:
        if key in data:
            yield (
                line_of((key,), lines),
                msg(
                    "an extension is scored as {name} is: leave out '{key}'. Groups and "
                    "indicators that it adds may have methods of their own.",
                    name=base.name,
                    key=key,
                ),
            )
    if data.get("levels") and base.levels:
        yield (
            line_of(("levels",), lines),
            msg(
                "{name} has levels, and an extension cannot change them: leave out 'levels'.",
                name=base.name,
            ),
        )
    names = [framework.name for framework in base.stack]
    if (name := f"{data['id']}@{data['version']}") in names:
        yield (
            line_of(("id",), lines),
            msg("{name} is the name of what it extends. Choose another.", name=name),
        )
    if data.get("status") == "official" and base.status != "official":
        yield (
            line_of(("status",), lines),
            msg(
                "{name} is not official, so what extends it is not either. Set status: "
                "working; issued: may still say who issued the extension.",
                name=base.name,
            ),
        )


def _touched(
    node: Mapping[str, Any], place: Place, parent: str | None, lines: Lines, base: Framework
) -> Iterator[Fault]:
    """Check a node whose code is there already: only a group, and only to add to it."""
    code, line = node["code"], line_of((*place, "code"), lines)
    if isinstance(base.node(code), Indicator):
        yield (
            line,
            msg(
                "the indicator {code} belongs to {name}, and an extension cannot change "
                "it. Give an indicator of your own a new code.",
                code=code,
                name=base.name,
            ),
        )
    elif not is_group(node) or "title" in node:
        yield (
            line,
            msg(
                "the group {code} belongs to {name}, and an extension cannot change it. "
                "To add to it, leave out its title; for a group of your own choose a new "
                "code.",
                code=code,
                name=base.name,
            ),
        )
    else:
        for key in node:
            if key not in _OF_AN_OPENED_GROUP:
                yield (
                    line_of((*place, key), lines),
                    msg(
                        "the group {code} belongs to {name}, and an extension cannot set its "
                        "'{key}'. Leave it out.",
                        code=code,
                        name=base.name,
                        key=key,
                    ),
                )
        if parent is not None and base.parents[code] != parent:
            yield (
                line,
                msg(
                    "the group {code} is in {parents}, not in {parent}.",
                    code=code,
                    parents=base.parents[code],
                    parent=parent,
                ),
            )


def _added(node: Mapping[str, Any], place: Place, lines: Lines, base: Framework) -> Iterator[Fault]:
    code = node["code"]
    if "title" not in node:
        groups = [group.code for group in base.all_groups if group.code != TOTAL]
        hint = did_you_mean(code, groups)
        yield (
            line_of((*place, "code"), lines),
            msg(
                "the group {code} needs a title, because {name} has no such group to add "
                "to. {hint}",
                code=code,
                name=base.name,
                hint=hint,
            ).strip(),
        )
    if node.get("provenance", "local") != "local":
        yield (
            line_of((*place, "provenance"), lines),
            msg("{code}: what an extension adds is local. Leave out 'provenance'.", code=code),
        )
    if node.get("was") in base.nodes:
        yield (
            line_of((*place, "was"), lines),
            msg(
                "{code}: {was} is a code of {name} still. Leave out 'was'.",
                code=code,
                was=node["was"],
                name=base.name,
            ),
        )


def _shared_names(data: Mapping[str, Any], lines: Lines, base: Framework) -> Iterator[Fault]:
    """A name that data use for an indicator of the base must go on meaning that one."""
    taken: dict[str, str] = {}
    for indicator in base.indicators:
        for name in (indicator.code, *indicator.title.values(), *indicator.aliases):
            taken.setdefault(plain(name), indicator.code)
    for place, node in nodes_of(data):
        if is_group(node) or node["code"] in base.nodes:
            continue
        names: list[tuple[Place, str]] = [((*place, "code"), node["code"])]
        names += [((*place, "title"), title) for title in sorted(titles_of(node["title"]))]
        names += [((*place, "aliases", i), n) for i, n in enumerate(node.get("aliases", ()))]
        for where, name in names:
            if (other := taken.get(plain(name))) is not None:
                yield (
                    line_of(where, lines),
                    msg(
                        "{code}: '{name}' already stands for {other} of {name_2}. Choose another "
                        "name.",
                        code=node["code"],
                        name=name,
                        other=other,
                        name_2=base.name,
                    ),
                )
