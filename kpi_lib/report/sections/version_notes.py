"""What a revision changes, told as text for the terminal and as tables for a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_lib.framework.diff import KINDS, Change, Difference, Kind
from kpi_lib.framework.model import TOTAL, Framework
from kpi_lib.locale.words import LANGUAGES, Lang, amount, count, listed, percent, say
from kpi_lib.report.html import Fragment, joined, paragraphs
from kpi_lib.report.sections.listings import table

_KINDS: Mapping[Kind, tuple[str, str]] = {
    "settings": ("Thông tin chung và cách tính điểm", "Framework and scoring"),
    "added": ("Bổ sung", "Added"),
    "removed": ("Bỏ ra", "Removed"),
    "renamed": ("Đổi mã", "Renamed"),
    "moved": ("Chuyển nhóm", "Moved"),
    "reweighted": ("Đổi trọng số", "Reweighted"),
    "redefined": ("Định nghĩa lại", "Redefined"),
}

_FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("tên", "title"),
    "note": ("ghi chú", "note"),
    "status": ("tình trạng", "status"),
    "issued": ("ban hành", "issued"),
    "extends": ("mở rộng từ", "extends"),
    "missing": ("giá trị thiếu", "missing values"),
    "treatment": ("xử lý số liệu", "treatment of values"),
    "levels": ("cấp độ", "levels"),
    "definition": ("định nghĩa", "definition"),
    "unit": ("đơn vị", "unit"),
    "direction": ("chiều tốt lên", "direction"),
    "goalposts": ("mốc thấp và mốc cao", "goalposts"),
    "normalise": ("cách chuẩn hóa", "normalisation"),
    "aggregate": ("cách tổng hợp", "aggregation"),
    "denominator": ("chia cho", "denominator"),
    "formula": ("công thức", "formula"),
    "valid": ("khoảng hợp lệ", "valid range"),
    "targets": ("mục tiêu", "targets"),
    "target_source": ("căn cứ của mục tiêu", "source of the targets"),
    "aliases": ("tên khác", "other names"),
    "references": ("tham chiếu", "references"),
    "agency": ("cơ quan cung cấp", "agency"),
    "frequency": ("tần suất", "frequency"),
    "provenance": ("nguồn gốc", "provenance"),
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
        table(_label(kind, lang), _heads(kind, lang), rows)
        for kind in KINDS
        if (rows := [_row(difference, change, lang) for change in difference.of(kind)])
    ]
    return joined(paragraphs(summary(difference, lang)), *tables)


def summary(difference: Difference, lang: Lang) -> str:
    """Say in one sentence how many changes of each kind there are."""
    old, new = difference.old.name, difference.new.name
    if not difference.changes:
        return say(lang, f"{old} và {new} không khác nhau.", f"{old} and {new} do not differ.")
    counts = []
    for kind in KINDS:
        nodes = {change.code for change in difference.of(kind)}
        groups = {change.code for change in difference.of(kind) if change.is_group}
        if kind == "settings" or not nodes:
            continue
        what = [
            count(len(some), lang, vi, one)
            for some, vi, one in (
                (nodes - groups, "chỉ số", "indicator"),
                (groups, "nhóm", "group"),
            )
            if some
        ]
        counts.append(f"{_label(kind, lang).lower()}: {listed(what, lang)}")
    counts = counts or [say(lang, "chỉ đổi thông tin chung", "only what it says as a whole")]
    return f"{old} → {new}: {'; '.join(counts)}."


def _label(kind: Kind, lang: Lang) -> str:
    return say(lang, *_KINDS[kind])


def _heads(kind: Kind, lang: Lang) -> list[str]:
    code, title = say(lang, "Mã", "Code"), say(lang, "Tên", "Title")
    before, after = say(lang, "Trước", "Before"), say(lang, "Sau", "After")
    what = say(lang, "Nội dung", "What")
    if kind == "settings":
        return [what, before, after]
    if kind in {"added", "removed"}:
        return [code, title, say(lang, "Trong nhóm", "In group"), say(lang, "Trọng số", "Weight")]
    if kind == "redefined":
        return [code, title, what, before, after]
    return [code, title, before, after]


def _row(difference: Difference, change: Change, lang: Lang) -> list[str]:
    before, after = _sides(difference, change, lang)
    if change.kind == "settings":
        return [say(lang, *_FIELDS[change.field]), before, after]
    start = [change.code, change.title[lang]]
    if change.kind in {"added", "removed"}:
        place = change.after or change.before
        framework = difference.new if change.kind == "added" else difference.old
        return [*start, _group(framework, place["group"], lang), _weight(place, lang)]
    if change.kind == "redefined":
        return [*start, say(lang, *_FIELDS[change.field]), before, after]
    return [*start, before, after]


def _line(difference: Difference, change: Change, lang: Lang) -> str:
    row = _row(difference, change, lang)
    if change.kind in {"added", "removed"}:
        return f"{row[0]}  {row[1]} – {row[2]}, {say(lang, 'trọng số', 'weight')} {row[3]}"
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
        levels = [count(len(side), lang, "cấp", "level") for side in (before, after)]
        return levels[0], levels[1]
    texts = _value(before, change.field, lang), _value(after, change.field, lang)
    if texts[0] == texts[1]:  # the other language is what differs
        other = next(one for one in LANGUAGES if one != lang)
        texts = _value(before, change.field, other), _value(after, change.field, other)
    return texts


def _group(framework: Framework, code: str, lang: Lang) -> str:
    if code == TOTAL:
        return say(lang, "cấp cao nhất", "the top level")
    return f"{code} {framework.node(code).title[lang]}"


def _weight(place: Mapping[str, Any], lang: Lang) -> str:
    share = percent(place["share"], lang)
    within = say(lang, f"{share} của nhóm", f"{share} of its group")
    return f"{amount(place['weight'], lang)} ({within})"


def _value(value: Any, field: str, lang: Lang) -> str:
    """Write plain data of a framework as a person would."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return say(lang, "có", "yes") if value else say(lang, "không", "no")
    if isinstance(value, int | float):
        return amount(value, lang)
    if isinstance(value, list):
        if field in {"goalposts", "valid"}:
            return " … ".join("∞" if end is None else amount(end, lang) for end in value)
        return "; ".join(_value(item, field, lang) for item in value)
    if not isinstance(value, dict):
        return str(value)
    if set(value) == set(LANGUAGES):
        return str(value[lang])
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
        least = say(lang, "phủ ít nhất", "coverage of at least")
        return f"{value['policy']}, {least} {percent(value['min_coverage'], lang)}"
    return ", ".join(_value(item, "", lang) for item in value.values() if item)
