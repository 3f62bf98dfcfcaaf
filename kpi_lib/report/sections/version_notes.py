"""What a revision changes, told as text for the terminal and as tables for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from kpi_lib.framework.describe import kind_names
from kpi_lib.framework.diff import KINDS, Change, Difference, Kind
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.catalogue import Lang, languages, tr, tr_in
from kpi_lib.locale.words import amount, counted, date_name, in_language, listed, percent
from kpi_lib.report.page.html import Fragment, joined, paragraphs
from kpi_lib.report.sections.listings import table


@cache
def _fields(lang: Lang) -> Mapping[str, str]:
    """What a change may be of, in words."""
    return {
        "title": tr_in(lang, "field", "title"),
        "report_title": tr_in(lang, "field", "title of reports"),
        "unit_noun": tr_in(lang, "field", "what is scored"),
        "note": tr_in(lang, "field", "note"),
        "status": tr_in(lang, "field", "status"),
        "issued": tr_in(lang, "field", "issued"),
        "contact": tr_in(lang, "field", "contact"),
        "licence": tr_in(lang, "field", "licence"),
        "extends": tr_in(lang, "field", "extends"),
        "scale": tr_in(lang, "field", "scale"),
        "decimals": tr_in(lang, "field", "decimals"),
        "shown": tr_in(lang, "field", "how totals are shown"),
        "classes": tr_in(lang, "field", "classes"),
        "missing": tr_in(lang, "field", "missing values"),
        "not_applicable": tr_in(lang, "field", "what does not apply"),
        "treatment": tr_in(lang, "field", "treatment of values"),
        "levels": tr_in(lang, "field", "levels"),
        "definition": tr_in(lang, "field", "definition"),
        "unit": tr_in(lang, "field", "unit"),
        "direction": tr_in(lang, "field", "direction"),
        "points": tr_in(lang, "field", "points"),
        "bonus": tr_in(lang, "field", "bonus"),
        "deduction": tr_in(lang, "field", "deduction"),
        "cap": tr_in(lang, "field", "most points"),
        "floor": tr_in(lang, "field", "least points"),
        "by": tr_in(lang, "field", "column by which rules differ"),
        "goalposts": tr_in(lang, "field", "goalposts"),
        "goalposts_by": tr_in(lang, "field", "goalposts by kind"),
        "normalise": tr_in(lang, "field", "normalisation"),
        "aggregate": tr_in(lang, "field", "aggregation"),
        "denominator": tr_in(lang, "field", "denominator"),
        "formula": tr_in(lang, "field", "formula"),
        "valid": tr_in(lang, "field", "valid range"),
        "targets": tr_in(lang, "field", "targets"),
        "targets_by": tr_in(lang, "field", "targets by kind"),
        "target_source": tr_in(lang, "field", "source of the targets"),
        "aliases": tr_in(lang, "field", "other names"),
        "references": tr_in(lang, "field", "references"),
        "agency": tr_in(lang, "field", "agency"),
        "frequency": tr_in(lang, "field", "frequency"),
        "provenance": tr_in(lang, "field", "provenance"),
    }


def as_text(difference: Difference, lang: Lang) -> str:
    """Tell all changes as plain text, a paragraph for each kind."""
    parts = [summary(difference, lang)]
    for kind in KINDS:
        lines = [_line(difference, change, lang) for change in difference.of(kind)]
        if lines:
            parts.append("\n".join([_label(kind, lang), *(f"  {line}" for line in lines)]))
    return "\n\n".join(parts)


def as_html(difference: Difference, lang: Lang) -> Fragment:
    """Tell all changes as a table for each kind."""
    tables = [
        table(_label(kind, lang), _heads(difference, kind, lang), rows)
        for kind in KINDS
        if (rows := [_row(difference, change, lang) for change in difference.of(kind)])
    ]
    return joined(paragraphs(summary(difference, lang)), *tables)


def summary(difference: Difference, lang: Lang) -> str:
    """Say in one sentence how many changes of each kind there are."""
    old, new = difference.old.name, difference.new.name
    if not difference.changes:
        return tr(lang, "{old} and {new} do not differ.", old=old, new=new)
    counts = []
    for kind in KINDS:
        nodes = {change.code for change in difference.of(kind)}
        groups = {change.code for change in difference.of(kind) if change.is_group}
        if kind == "settings" or not nodes:
            continue
        what = []
        if leaves := nodes - groups:
            what.append(counted(len(leaves), lang, "{n} indicator", "{n} indicators"))
        if groups:
            what.append(counted(len(groups), lang, "{n} group", "{n} groups"))
        counts.append(f"{_label(kind, lang).lower()}: {listed(what, lang)}")
    counts = counts or [tr(lang, "only what it says as a whole")]
    return f"{old} → {new}: {'; '.join(counts)}."


def _label(kind: Kind, lang: Lang) -> str:
    return kind_names(lang)[kind]


def _heads(difference: Difference, kind: Kind, lang: Lang) -> list[str]:
    code, title = tr(lang, "Code"), tr(lang, "Title")
    before, after = tr(lang, "Before"), tr(lang, "After")
    what = tr(lang, "What")
    if kind == "settings":
        return [what, before, after]
    if kind in {"added", "removed"}:
        points = _of(difference, kind).sums_points
        weight = tr(lang, "Points") if points else tr(lang, "Weight")
        return [code, title, tr(lang, "In group"), weight]
    if kind == "redefined":
        return [code, title, what, before, after]
    return [code, title, before, after]


def _of(difference: Difference, kind: Kind) -> Framework:
    """The version that holds what was added or removed."""
    return difference.new if kind == "added" else difference.old


def _row(difference: Difference, change: Change, lang: Lang) -> list[str]:
    before, after = _sides(difference, change, lang)
    if change.kind == "settings":
        return [_fields(lang)[change.field], before, after]
    start = [change.code, in_language(change.title, lang)]
    if change.kind in {"added", "removed"}:
        place = change.after or change.before
        framework = _of(difference, change.kind)
        return [*start, _group(framework, place["group"], lang), _weight(place, lang)]
    if change.kind == "redefined":
        return [*start, _fields(lang)[change.field], before, after]
    return [*start, before, after]


def _line(difference: Difference, change: Change, lang: Lang) -> str:
    row = _row(difference, change, lang)
    if change.kind in {"added", "removed"}:
        points = _of(difference, change.kind).sums_points
        weight = tr(lang, "points") if points else tr(lang, "weight")
        return f"{row[0]}  {row[1]} – {row[2]}, {weight} {row[3]}"
    if change.kind == "settings":
        return f"{row[0]}: {row[1]} → {row[2]}"
    if change.kind == "redefined":
        return f"{row[0]}  {row[1]} – {row[2]}: {row[3]} → {row[4]}"
    return f"{row[0]}  {row[1]}: {row[2]} → {row[3]}"


def _sides(difference: Difference, change: Change, lang: Lang) -> tuple[str, str]:
    before, after = change.before, change.after
    if change.kind == "renamed":
        return str(before), str(after)
    if change.kind == "moved":
        return _group(difference.old, before, lang), _group(difference.new, after, lang)
    if change.kind == "reweighted":
        return _weight(before, lang), _weight(after, lang)
    if change.kind not in {"settings", "redefined"}:
        return "", ""
    if change.field == "levels":
        levels = [counted(len(side), lang, "{n} level", "{n} levels") for side in (before, after)]
        return levels[0], levels[1]
    texts = _value(before, change.field, lang), _value(after, change.field, lang)
    others = (other for other in languages() if other != lang)
    while texts[0] == texts[1] and (other := next(others, None)):  # another language differs
        texts = _value(before, change.field, other), _value(after, change.field, other)
    return texts


def _group(framework: Framework, code: str, lang: Lang) -> str:
    if code == TOTAL:
        return tr(lang, "the top level")
    return f"{code} {in_language(framework.node(code).title, lang)}"


def _weight(place: Mapping[str, Any], lang: Lang) -> str:
    share = percent(place["share"], lang)
    within = tr(lang, "{share} of its group", share=share)
    return f"{amount(place['weight'], lang)} ({within})"


def _pair(pair: Sequence[Any], lang: Lang) -> str:
    """Write a step of a rule, or a class: ``80 → 5``, ``> 80 → 5``."""
    left, right, *above = (_value(part, "", lang) for part in pair)
    return f"{'> ' * len(above)}{left} → {right}"


def _value(value: Any, field: str, lang: Lang) -> str:
    """Write plain data of a framework as a person would."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return tr(lang, "yes") if value else tr(lang, "no")
    if isinstance(value, int | float):
        return amount(value, lang)
    if isinstance(value, list):
        if field in {"goalposts", "valid"}:
            return " … ".join("∞" if end is None else amount(end, lang) for end in value)
        if any(isinstance(item, list) for item in value):  # such as the steps of a rule
            return "; ".join(_pair(item, lang) for item in value)
        return "; ".join(_value(item, field, lang) for item in value)
    if not isinstance(value, dict):
        return str(value)
    if set(value) <= set(languages()):
        return _value(in_language(value, lang), field, lang)
    if field == "references":
        return f"{value['standard']} {value['code']}".strip()
    if set(value) == {"name", "parameters"}:
        own = [f"{key} {_value(item, '', lang)}" for key, item in value["parameters"].items()]
        return f"{value['name']} ({', '.join(own)})" if own else str(value["name"])
    if field == "formula":
        above, below = (_value(value[key], "", lang) for key in ("numerator", "denominator"))
        times = "" if value["multiplier"] == 1 else f" × {amount(value['multiplier'], lang)}"
        return f"{above}{times}" if value["denominator"] is None else f"{above} / {below}{times}"
    if field == "targets":
        return "; ".join(f"{year}: {amount(x, lang)}" for year, x in value.items())
    if field == "missing":
        least = tr(lang, "coverage of at least")
        return f"{value['policy']}, {least} {percent(value['min_coverage'], lang)}"
    if field == "issued":
        value = {**value, "date": date_name(value.get("date") or "", lang)}
    if field in {"issued", "unit_noun"}:
        return ", ".join(_value(item, "", lang) for item in value.values() if item)
    of_a_kind = field.removesuffix("_by")
    return ", ".join(f"{key}: {_value(item, of_a_kind, lang)}" for key, item in value.items())
