"""A framework as the keys of its file, and these keys as YAML that people read and edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from kpi_lib.framework.model import Formula, Framework, Group, Indicator, Issued
from kpi_lib.locale.catalogue import languages
from kpi_lib.locale.words import Noun
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import direction_of

# A map or list that is short stands on one line, as people write it.
_SHORT = 88


def default_provenance(status: str, extends: bool) -> str:
    """Give the provenance of groups and indicators whose file does not say it."""
    return "local" if extends else "official" if status == "official" else "adapted"


def file_data(framework: Framework) -> dict[str, Any]:
    """Give the keys of the file that a framework could have been loaded from.

    Loading them gives an equal framework. Of an extension only its own part is given, with
    ``extends`` as it stands; what is as the loader would have it anyway is left out.
    """
    base = framework.base
    inherited = base.nodes if base is not None else {}
    provenance = default_provenance(framework.status, framework.extends is not None)
    data: dict[str, Any] = {
        "id": framework.id,
        "version": framework.version,
        "status": framework.status,
        "title": text_data(framework.title),
    }
    if (title := _own(framework, "report_titles")) is not None:
        data["report_title"] = text_data(title)
    if (noun := _own(framework, "unit_nouns")) is not None:
        data["unit_noun"] = text_data(noun)
    if framework.note is not None:
        data["note"] = text_data(framework.note)
    if framework.issued is not None:
        data["issued"] = _issued(framework.issued)
    for key in ("contact", "licence"):
        if (text := _own(framework, key)) is not None:
            data[key] = text_data(text)
    if framework.extends is not None:
        data["extends"] = framework.extends
    if base is None:
        data["normalise"] = _method(framework.normalise, plain=False)
        if not framework.sums_points:
            data["aggregate"] = _method(framework.aggregate)
        data["missing"] = {
            "policy": framework.missing.policy,
            "min_coverage": number_data(framework.missing.min_coverage),
        }
        if framework.scale != Framework.scale:
            data["scale"] = framework.scale
        if framework.decimals is not None:
            data["decimals"] = framework.decimals
        if framework.shown is not None:
            data["shown"] = framework.shown
        if framework.classes:
            data["classes"] = [[number_data(least), name] for least, name in framework.classes]
        if framework.not_applicable != Framework.not_applicable:
            data["not_applicable"] = framework.not_applicable
        if framework.treatment:
            data["treatment"] = [_method(step, plain=False) for step in framework.treatment]
    if framework.levels and (base is None or not base.levels):
        data["levels"] = [dict(level) for level in framework.levels]
    common = (provenance, framework.normalise)
    groups = [_group(group, inherited, common) for group in framework.groups]
    if kept := [group for group in groups if group is not None]:
        data["groups"] = kept
    return data


def _own(framework: Framework, name: str) -> Any:
    """Give what a framework says itself; None for what it has from the one that it extends."""
    value = getattr(framework, name)
    return None if framework.base and value == getattr(framework.base, name) else value


def text_data(text: Noun) -> Any:
    """Give one text where all languages have the same, else that of each."""
    said = {lang: text[lang] for lang in languages() if lang in text}
    first = next(iter(said.values()), None)
    return first if isinstance(first, str) and all(one == first for one in said.values()) else said


def number_data(number: float) -> int | float:
    """Give 100 for 100.0, as people write it."""
    return int(number) if float(number).is_integer() and abs(number) < 1e15 else number


def yaml_text(data: Mapping[str, Any]) -> str:
    """Write the keys of a framework file as YAML: block style, short maps and lists on a line."""
    head = {key: value for key, value in data.items() if key != "groups"}
    parts = [_dump(head)]
    if "groups" in data:
        parts += ["groups:\n", *(f"\n{_dump([group], 2)}" for group in data["groups"])]
    return "".join(parts)


def _issued(issued: Issued) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if any(issued.by.values()):
        data["by"] = text_data(issued.by)
    if issued.document:
        data["document"] = issued.document
    if issued.date:
        data["date"] = issued.date
    return data


def _method(method: Method, plain: bool = True) -> str | dict[str, Any]:
    """Give a method by its name alone, where the file may name it so and it has no parameters."""
    if plain and not method.parameters:
        return method.name
    return {"method": method.name, **_thawed(method.parameters)}


def _thawed(value: Any, of: Callable[[Any], Any] = lambda one: one) -> Any:
    """Give tuples as lists, at any depth, and what is in them as ``of`` writes it."""
    if isinstance(value, tuple):
        return [_thawed(item, of) for item in value]
    if isinstance(value, Mapping):
        return {key: _thawed(item, of) for key, item in value.items()}
    return of(value)


def _numbers(value: Any) -> Any:
    """Give numbers as people write them, at any depth."""
    return _thawed(value, number_data)


def _group(
    group: Group, inherited: Mapping[str, object], common: tuple[str, Method]
) -> dict[str, Any] | None:
    """Give a group; one of what is extended is opened, or left out where nothing is added.

    ``common`` are the provenance and the normalisation of what does not say its own.
    """
    provenance = common[0]
    data: dict[str, Any] = {"code": group.code}
    if group.code not in inherited:
        data["title"] = text_data(group.title)
        if group.weight != 1:
            data["weight"] = number_data(group.weight)
        if group.aggregate is not None:
            data["aggregate"] = _method(group.aggregate)
        for key in ("cap", "floor"):
            if (value := getattr(group, key)) is not None:
                data[key] = number_data(value)
        if group.provenance != provenance:
            data["provenance"] = group.provenance
        if group.was is not None:
            data["was"] = group.was
    groups = [_group(child, inherited, common) for child in group.groups]
    if kept := [child for child in groups if child is not None]:
        data["groups"] = kept
    own = [leaf for leaf in group.indicators if leaf.code not in inherited]
    if own:
        data["indicators"] = [_indicator(leaf, *common) for leaf in own]
    return data if kept or own or group.code not in inherited else None


def _indicator(leaf: Indicator, provenance: str, normalise: Method) -> dict[str, Any]:
    data: dict[str, Any] = {"code": leaf.code, "title": text_data(leaf.title)}
    if leaf.definition is not None:
        data["definition"] = text_data(leaf.definition)
    if any(leaf.unit.values()):
        data["unit"] = text_data(leaf.unit)
    # A rule says itself which way is better.
    if leaf.direction not in {None, direction_of(leaf.normalise or normalise)}:
        data["direction"] = leaf.direction
    if leaf.weight != 1:
        data["weight"] = number_data(leaf.weight)
    for key in ("points", "bonus", "deduction"):
        if (value := getattr(leaf, key)) is not None:
            data[key] = number_data(value)
    if leaf.goalposts is not None:
        data["goalposts"] = _numbers(leaf.goalposts)
    if leaf.goalposts_by:
        data["goalposts"] = {"by": leaf.by, **_numbers(leaf.goalposts_by)}
    if leaf.normalise is not None:
        data["normalise"] = _method(leaf.normalise, plain=False)
    if leaf.denominator is not None:
        data["denominator"] = leaf.denominator
    if leaf.formula is not None:
        data["formula"] = _formula(leaf.formula)
    if leaf.valid is not None:
        data["valid"] = list(leaf.valid)
    if leaf.not_applicable is not None:
        data["not_applicable"] = leaf.not_applicable
    if leaf.targets:
        data["targets"] = _numbers(leaf.targets)
    if leaf.targets_by:
        data["targets"] = {"by": leaf.by, **_numbers(leaf.targets_by)}
    if leaf.target_source is not None:
        data["target_source"] = text_data(leaf.target_source)
    if leaf.aliases:
        data["aliases"] = list(leaf.aliases)
    if leaf.references:
        data["references"] = [
            {"standard": one.standard, "code": one.code} if one.code else {"standard": one.standard}
            for one in leaf.references
        ]
    if leaf.agency is not None:
        data["agency"] = text_data(leaf.agency)
    if leaf.frequency is not None:
        data["frequency"] = leaf.frequency
    if leaf.provenance != provenance:
        data["provenance"] = leaf.provenance
    if leaf.was is not None:
        data["was"] = leaf.was
    return data


def _formula(formula: Formula) -> dict[str, Any]:
    data: dict[str, Any] = {"numerator": text_data(formula.numerator)}
    if formula.denominator is not None:
        data["denominator"] = text_data(formula.denominator)
    if formula.multiplier != 1:
        data["multiplier"] = number_data(formula.multiplier)
    return data


class _Dumper(yaml.SafeDumper):
    """Indents the items of a list, as the bundled files do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, False)
        node.flow_style = not sequence or _is_short(sequence)
        return node

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, False)
        node.flow_style = not mapping or _is_short(mapping)
        return node


def _is_short(value: Any) -> bool:
    """Say whether a map or list of plain values stands on one line; no node or whole file does."""
    if isinstance(value, Mapping):
        if ("code" in value and "standard" not in value) or "version" in value:
            return False
        items = [*value, *value.values()]
    else:
        items = list(value)
    plain = all(item is None or isinstance(item, str | int | float) for item in items)
    pairs = all(isinstance(item, list) and all(map(_is_plain, item)) for item in value)
    return (plain or pairs) and sum(len(str(item)) + 2 for item in items) < _SHORT


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str)


def _dump(data: Any, indent: int = 0) -> str:
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return "\n".join(" " * indent + line if line else line for line in text.split("\n"))
