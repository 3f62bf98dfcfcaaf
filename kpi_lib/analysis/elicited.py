"""Weights that people give: by comparing parts in pairs, or by sharing out points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import TOTAL, Framework, Group
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed

Array = npt.NDArray[np.float64]

ACCEPTED = 0.1
"""Judgements with a consistency ratio above this should be looked at again (Saaty, 1980)."""

# Mean consistency index of random tables of 1, 2, … parts: Saaty, The Analytic Hierarchy
# Process (1980).
_RANDOM = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)

# A written 0.33 for a third is the same judgement.
_RECIPROCAL = 0.05


@dataclass(frozen=True, repr=False)
class Judgement(Displayed):
    """Weights from comparisons in pairs, and how consistent these are.

    ``weights`` sum to 1; ``consistency`` is the consistency ratio, 0 for judgements that never
    contradict each other and about 1 for random ones; ``eigenvalue`` is the principal one.
    """

    weights: Mapping[str, float]
    consistency: float
    eigenvalue: float

    @property
    def accepted(self) -> bool:
        """Say whether the judgements are consistent enough to be used."""
        return self.consistency <= ACCEPTED


def ahp(table: pd.DataFrame, framework: Framework | None = None) -> Judgement:
    """Weigh parts by a table of comparisons in pairs (analytic hierarchy process).

    Rows and columns are the same codes; a cell says how many times as important the part of
    its row is as that of its column, from 1 (equal) to 9 (absolutely more), a number or a
    text such as ``1/3``. One half of the table is enough: the other is its reciprocal, and
    the diagonal is 1. With a ``framework``, the codes must be all parts of one group.
    Raises :class:`InputError` with every cell at fault. Source: Saaty, The Analytic Hierarchy
    Process (1980): the principal eigenvector; it takes no missing comparison.
    """
    codes = [str(code) for code in table.index]
    if codes != [str(code) for code in table.columns] or len(codes) < 2:
        raise InputError(
            msg("a table of comparisons has the same two or more codes down and across.")
        )
    if framework is not None:
        _check_siblings(codes, framework)
    if len(codes) > len(_RANDOM):
        raise InputError(
            msg(
                "{n} parts are too many to compare in pairs; at most {n_2}.",
                n=len(codes),
                n_2=len(_RANDOM),
            )
        )
    ratios = _ratios(table, codes)
    values, vectors = np.linalg.eig(ratios)
    first = int(np.argmax(values.real))
    principal = np.abs(vectors[:, first].real)
    weights = principal / principal.sum()
    eigenvalue, count = float(values[first].real), len(codes)
    index = (eigenvalue - count) / (count - 1)
    ratio = max(index, 0.0) / _RANDOM[count - 1] if count > 2 else 0.0
    return Judgement(dict(zip(codes, weights.tolist(), strict=True)), ratio, eigenvalue)


def budget(points: pd.DataFrame, framework: Framework | None = None) -> pd.DataFrame:
    """Weigh parts by how experts share out points among them (budget allocation).

    ``points`` has a row for each expert and a column for each code, or the columns ``expert,
    code, points``. Each expert's points are put in proportion within a group of siblings (of
    the ``framework``; without one all codes are siblings), so that any budget will do; who gave
    none to a group is left out of it, and an empty cell of one who did counts 0.

    Gives by code: ``weight`` (mean share, summing to 1 within a group), ``sd`` (of the shares
    of single experts), ``low``, ``high`` and ``experts`` (how many). Raises
    :class:`InputError` for unknown codes and negative points. Source: OECD and JRC, Handbook
    on Constructing Composite Indicators (2008), section 1.6, budget allocation.
    """
    wide = _by_expert(points)
    codes = [str(code) for code in wide.columns]
    groups = [codes] if framework is None else _by_group(codes, framework)
    rows = []
    for siblings in groups:
        given = wide[siblings].to_numpy(dtype=float)
        total = np.nansum(given, axis=1)
        took_part = total > 0
        if not took_part.any():
            raise InputError(
                msg("no expert gave points to {siblings}.", siblings=", ".join(siblings))
            )
        shares = np.nan_to_num(given[took_part]) / total[took_part, np.newaxis]
        count = len(shares)
        spread = shares.std(axis=0, ddof=1) if count > 1 else np.full(len(siblings), np.nan)
        rows.append(
            pd.DataFrame(
                {
                    "weight": shares.mean(axis=0),
                    "sd": spread,
                    "low": shares.min(axis=0),
                    "high": shares.max(axis=0),
                    "experts": count,
                },
                index=pd.Index(siblings, name="code"),
            )
        )
    return pd.concat(rows)


def _ratios(table: pd.DataFrame, codes: list[str]) -> Array:
    cells = table.to_numpy(dtype=object)
    count = len(codes)
    ratios = np.full((count, count), np.nan)
    problems: list[Problem] = []
    wrong: set[tuple[str, str]] = set()
    for i in range(count):
        for j in range(count):
            value = _number(cells[i, j])
            if value is None or value <= 0:
                wrong.add((codes[i], codes[j]))
                problems.append(
                    _cell(codes, i, j, cells[i, j], msg("a number above 0, such as 3 or 1/3"))
                )
            else:
                ratios[i, j] = value
    for i in range(count):
        if not np.isnan(ratios[i, i]) and ratios[i, i] != 1:
            problems.append(_cell(codes, i, i, cells[i, i], msg("1 on the diagonal")))
        for j in range(i):
            one, other = ratios[i, j], ratios[j, i]
            if np.isnan(one) and np.isnan(other):
                if (codes[i], codes[j]) not in wrong and (codes[j], codes[i]) not in wrong:
                    problems.append(_cell(codes, j, i, msg("nothing"), msg("a comparison")))
            elif abs(np.nan_to_num(one * other, nan=1.0) - 1) > _RECIPROCAL:
                wanted = msg(
                    "1/{cells}, as {codes} beside {codes_2} is {cells}",
                    cells=cells[j, i],
                    codes=codes[j],
                    codes_2=codes[i],
                )
                problems.append(_cell(codes, i, j, cells[i, j], wanted))
            # The upper half counts where both are there: a written 0.33 is not quite a third.
            ratios[j, i] = 1 / one if np.isnan(other) else other
            ratios[i, j] = 1 / ratios[j, i]
    if problems:
        raise InputError(problems)
    np.fill_diagonal(ratios, 1.0)
    return ratios


def _cell(codes: list[str], row: int, column: int, found: Any, wanted: str) -> Problem:
    return Problem(
        msg(
            "row {codes}, column {codes_2}: found {found}; expected {wanted}.",
            codes=codes[row],
            codes_2=codes[column],
            found=found,
            wanted=wanted,
        )
    )


def _number(cell: Any) -> float | None:
    """Read a number or a fraction; NaN for an empty cell, None where it is neither."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return float("nan")
    if isinstance(cell, str):
        try:
            return float(Fraction(cell.replace(" ", "").replace(",", ".")))
        except (ValueError, ZeroDivisionError):
            return None
    return float(cell) if isinstance(cell, int | float | np.number) else None


def _by_expert(points: pd.DataFrame) -> pd.DataFrame:
    if {"expert", "code", "points"} <= set(points.columns):
        twice = points[points.duplicated(["expert", "code"])]
        if not twice.empty:
            first = twice.iloc[0]
            raise InputError(
                msg(
                    "{expert} gave points to {code} twice.",
                    expert=first["expert"],
                    code=first["code"],
                )
            )
        points = points.pivot(index="expert", columns="code", values="points")
    problems = []
    for expert, row in points.iterrows():
        for code, cell in row.items():
            value = _number(cell)
            if value is None or value < 0:
                problems.append(
                    Problem(
                        msg(
                            "expert {expert}, {code}: found {cell}; expected points of 0 or more.",
                            expert=expert,
                            code=code,
                            cell=cell,
                        )
                    )
                )
    if problems:
        raise InputError(problems)
    return points.map(lambda cell: _number(cell)).astype(float)


def _by_group(codes: Iterable[str], framework: Framework) -> list[list[str]]:
    """Codes by their group, each of which must be whole."""
    by_group: dict[str, list[str]] = {}
    for code in codes:
        framework.node(code)
        by_group.setdefault(framework.parents.get(code, TOTAL), []).append(code)
    for siblings in by_group.values():
        _check_siblings(siblings, framework)
    return list(by_group.values())


def _check_siblings(codes: list[str], framework: Framework) -> None:
    for code in codes:
        framework.node(code)
    group = framework.node(framework.parents.get(codes[0], TOTAL))
    assert isinstance(group, Group)
    siblings = [child.code for child in group.children]
    strange = [code for code in codes if code not in siblings]
    absent = [code for code in siblings if code not in codes]
    if strange:
        hint = did_you_mean(strange[0], siblings)
        raise InputError(
            msg(
                "{strange} is not a part of {code}, as {codes} is. {hint}",
                strange=strange[0],
                code=group.code,
                codes=codes[0],
                hint=hint,
            )
        )
    if absent:
        raise InputError(
            Problem(
                msg(
                    "weights are relative to their siblings, and {absent} of {code} has none here.",
                    absent=", ".join(absent),
                    code=group.code,
                ),
                msg("Give every part of the group."),
            )
        )
