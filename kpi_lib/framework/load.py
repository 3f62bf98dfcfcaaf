"""Framework files: YAML read with a safe loader, checked, and made into a Framework."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from kpi_lib.errors import InputError, Problem, did_you_mean, expected
from kpi_lib.framework.check import meaning_faults, shape_errors
from kpi_lib.framework.extend import extend, extension_faults
from kpi_lib.framework.mapping import Given
from kpi_lib.framework.model import (
    Formula,
    Framework,
    Group,
    Indicator,
    Issued,
    Missing,
    Reference,
    Scale,
)
from kpi_lib.framework.one_round import all_faults, first_errors
from kpi_lib.framework.rule_faults import columns_of
from kpi_lib.io.yaml import Fault, Lines, line_of, parse_yaml, refuse
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.words import Text, text_of
from kpi_lib.methods.choice import method_in
from kpi_lib.methods.registry import Method
from kpi_lib.methods.rules import direction_of


def bundled_frameworks() -> dict[str, Path]:
    """Give the frameworks that come with the package: ``id@version`` → file."""
    folder = Path(str(resources.files(__package__) / "bundled"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


OUTSIDE = "KPI_ALLOW_OUTSIDE"
"""The environment variable by which a framework may extend a file outside its folder."""


Named = str | Path | Mapping[str, Any] | Framework
"""A framework, or what one is loaded from."""


def load_framework(name: Named) -> Framework:
    """Load a framework.

    Parameters
    ----------
    name
        ``id@version`` of a bundled framework, the path of a YAML file, or a mapping of the keys
        that such a file has. A framework is given back as it is.

    Raises
    ------
    InputError
        With every fault: of a file by line and key, of a mapping by its keys. What a file extends
        is bundled, or lies in its folder or below (of a mapping: the working directory);
        elsewhere only where the environment has ``KPI_ALLOW_OUTSIDE=1``.
    """
    if isinstance(name, Framework):
        return name
    if isinstance(name, Mapping):
        given = Given(name)
        return _made(given.data, given.lines, given.faults, None, (), given.refuse)
    if not isinstance(name, str | Path):
        said = msg("id@version of a bundled framework, the path of a YAML file, or a mapping")
        raise expected(name, said)
    return _load(_locate(name), ())


def _locate(name: str | Path, folder: Path = Path()) -> Path:
    bundled = bundled_frameworks()
    if str(name) in bundled:
        return bundled[str(name)]
    path = folder / name
    if os.path.exists(path):
        return path
    listed = msg("Bundled: {bundled}.", bundled=", ".join(bundled))
    if path.suffix in {".yaml", ".yml"}:
        beside = [file.name for file in path.parent.glob("*.y*ml")]
        hints = [did_you_mean(path.name, beside), listed]
        problem = Problem(msg("there is no such framework file."), _spaced(hints), file=str(name))
    else:
        hints = [did_you_mean(str(name), bundled), listed, msg("A file of your own ends in .yaml.")]
        problem = Problem(msg("there is no framework '{name}'.", name=name), _spaced(hints))
    raise InputError(problem)


def _spaced(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)


def _load(path: Path, above: tuple[Path, ...]) -> Framework:
    """Load a file; ``above`` are the files that extend it, the one that was asked for first."""
    try:
        data, lines, unread = parse_yaml(path)
    except InputError:
        if above:
            raise _no_framework(path) from None
        raise
    if above and (unread or any(True for _ in shape_errors(data, lines))):
        raise _no_framework(path)
    files = (*above, path.resolve())
    return _made(data, lines, unread, path, files, lambda faults: refuse(faults, path))


Refuse = Callable[[Sequence[Fault]], None]
"""Raises what is wrong, if anything is, by where it is."""


def _made(
    data: Any,
    lines: Lines,
    unread: Sequence[Fault],
    path: Path | None,
    files: tuple[Path, ...],
    refuse: Refuse,
) -> Framework:
    """Make a framework of what was read; ``files`` are this one and those that extend it."""
    errors = first_errors(data, lines)
    if unread or errors:
        refuse(list(all_faults(data, lines, unread, errors, "extends" in (data or {}), None)))
    base = _extended(data, lines, path, files, refuse)
    scale = None if base is None else base.scale
    faults = list(meaning_faults(data, lines, extends=base is not None, scale=scale))
    if base is None:
        refuse(faults)
        return _framework(data, path)
    refuse([*faults, *extension_faults(data, lines, base)])
    return extend(base, _framework(data, path))


def _no_framework(path: Path) -> InputError:
    """Say that what is extended is no framework, and show nothing of what it is."""
    return InputError(
        Problem(
            msg("what is extended is no framework file, or has faults."),
            msg("If it is one, look for them: kpi framework check {path}", path=path),
            str(path),
        )
    )


def load_named(name: str, by: Path) -> Framework:
    """Load the framework that a file names; nothing is shown of a file that is none."""
    return _load(locate_extended(name, by.parent), (by.resolve(),))


def locate_extended(name: str, folder: Path) -> Path:
    """Find what a file in a folder extends: bundled, or a file in the folder or below.

    Raises :class:`InputError` where it is elsewhere, unless the environment allows that.
    """
    bundled = name in bundled_frameworks()
    inside = "\0" not in name and (folder / name).resolve().is_relative_to(folder.resolve())
    if not bundled and not inside and os.environ.get(OUTSIDE, "0") in ("", "0"):
        raise InputError(
            Problem(
                msg("'{name}' is outside the folder of the framework.", name=name),
                msg("Copy it there, or allow it with --allow-outside."),
            )
        )
    return _locate(name, folder)


def _extended(
    data: Mapping[str, Any],
    lines: Lines,
    path: Path | None,
    files: tuple[Path, ...],
    refuse: Refuse,
) -> Framework | None:
    """Load what a file extends: a bundled framework, or a file by its path from this one."""
    name = data.get("extends")
    if name is None:
        return None
    line = line_of(("extends",), lines)
    try:
        below = locate_extended(name, Path() if path is None else path.parent)
    except InputError as error:
        refuse([(line, f"extends: {error.problems[0].message} {error.problems[0].fix}")])
        raise
    if below.resolve() in files:
        circle = " → ".join(file.name for file in (*files, below))
        refuse([(line, msg("extends: the file extends itself: {circle}.", circle=circle))])
    return _load(below, files)


@dataclass(frozen=True)
class _Common:
    """What a framework says for all its parts that do not say it themselves."""

    provenance: str
    normalise: Method


def _optional_text(value: Any) -> Text | None:
    return None if value is None else text_of(value)


def _method(value: Any) -> Method | None:
    return None if value is None else method_in(value)


def _methods(values: Iterable[Any]) -> tuple[Method, ...]:
    return tuple(method for value in values if (method := _method(value)))


def _range(value: Sequence[float]) -> tuple[float, float]:
    return float(value[0]), float(value[1])


def _dates(values: Mapping[str, float]) -> dict[int, float]:
    return {int(year): float(value) for year, value in values.items()}


def _by_kind(value: Any) -> tuple[Any, dict[str, Any]]:
    """Take apart what holds for all, and what differs by a column of the cities."""
    if isinstance(value, dict) and "by" in value:
        return None, {kind: own for kind, own in value.items() if kind != "by"}
    return value, {}


def _number(value: Any) -> float | None:
    return None if value is None else float(value) + 0.0  # of -0.0 a file says 0


def _indicator(data: Mapping[str, Any], common: _Common) -> Indicator:
    formula, valid = data.get("formula"), data.get("valid")
    goalposts, goalposts_by = _by_kind(data.get("goalposts"))
    targets, targets_by = _by_kind(data.get("targets"))
    normalise = _method(data.get("normalise"))
    by = next(iter(columns_of(data)), None)
    return Indicator(
        code=data["code"],
        title=text_of(data["title"]),
        unit=text_of(data.get("unit", "")),
        definition=_optional_text(data.get("definition")),
        direction=data.get("direction") or direction_of(normalise or common.normalise),
        weight=float(data.get("weight", 1)),
        goalposts=_range(goalposts) if goalposts else None,
        goalposts_by={kind: _range(own) for kind, own in goalposts_by.items()},
        by=by,
        normalise=normalise,
        points=_number(data.get("points")),
        bonus=_number(data.get("bonus")),
        deduction=_number(data.get("deduction")),
        not_applicable=data.get("not_applicable"),
        denominator=data.get("denominator"),
        formula=None
        if formula is None
        else Formula(
            numerator=text_of(formula["numerator"]),
            denominator=_optional_text(formula.get("denominator")),
            multiplier=float(formula.get("multiplier", 1)),
        ),
        valid=(valid[0], valid[1]) if valid else None,
        targets=_dates(targets or {}),
        targets_by={kind: _dates(own) for kind, own in targets_by.items()},
        target_source=_optional_text(data.get("target_source")),
        aliases=tuple(data.get("aliases", ())),
        references=tuple(
            Reference(item["standard"], item.get("code", "")) for item in data.get("references", ())
        ),
        agency=_optional_text(data.get("agency")),
        frequency=data.get("frequency"),
        provenance=data.get("provenance", common.provenance),
        was=data.get("was"),
    )


def _group(data: Mapping[str, Any], common: _Common) -> Group:
    return Group(
        code=data["code"],
        title=text_of(data.get("title", "")),
        weight=float(data.get("weight", 1)),
        aggregate=_method(data.get("aggregate")),
        groups=tuple(_group(item, common) for item in data.get("groups", ())),
        indicators=tuple(_indicator(item, common) for item in data.get("indicators", ())),
        provenance=data.get("provenance", common.provenance),
        was=data.get("was"),
        cap=_number(data.get("cap")),
        floor=_number(data.get("floor")),
    )


def _framework(data: Mapping[str, Any], path: Path | None) -> Framework:
    issued, missing = data.get("issued"), data.get("missing", {})
    status = data.get("status", "working")
    provenance = "official" if status == "official" else "adapted"
    if data.get("extends") is not None:
        provenance = "local"
    scale: Scale = data.get("scale", "hundred")
    # Points are summed, so that what is missing has earned none.
    unsaid = Missing("zero", 0.0) if scale == "points" else Missing()
    normalise = _method(data.get("normalise")) or Framework.normalise
    common = _Common(provenance, normalise)
    return Framework(
        id=data["id"],
        version=data["version"],
        title=text_of(data["title"]),
        groups=tuple(_group(item, common) for item in data.get("groups", ())),
        status=status,
        report_titles=_optional_text(data.get("report_title")),
        unit_nouns=_optional_text(data.get("unit_noun")),
        note=_optional_text(data.get("note")),
        issued=None
        if issued is None
        else Issued(
            by=text_of(issued.get("by", "")),
            document=issued.get("document", ""),
            date=issued.get("date", ""),
        ),
        contact=_optional_text(data.get("contact")),
        licence=_optional_text(data.get("licence")),
        extends=data.get("extends"),
        normalise=normalise,
        aggregate=_method(data.get("aggregate")) or Framework.aggregate,
        missing=Missing(
            policy=missing.get("policy", unsaid.policy),
            min_coverage=float(missing.get("min_coverage", unsaid.min_coverage)),
        ),
        treatment=_methods(data.get("treatment") or ()),
        levels=tuple(data.get("levels", ())),
        path=path,
        scale=scale,
        decimals=data.get("decimals"),
        shown=data.get("shown"),
        classes=tuple((float(least), str(name)) for least, name in data.get("classes", ())),
        not_applicable=data.get("not_applicable", Framework.not_applicable),
    )
