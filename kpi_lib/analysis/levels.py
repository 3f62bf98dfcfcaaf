"""Maturity levels: which criteria of a scheme a city meets, its level, and what the next takes.

Each criterion is met or not met, and without data or evidence it is not met. Levels rise: one
is reached only with all below it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import pandas as pd

from kpi_lib.errors import InputError, Problem, did_you_mean
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.framework.schemes import Criterion, Level, Rule, Scheme
from kpi_lib.io.cells.periods import years
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.display import Display, Displayed, Table, in_short
from kpi_lib.locale.words import in_language, number, period_name
from kpi_lib.observations.describe import demo_note
from kpi_lib.scoring.scoreboard import Scoreboard

MET, NOT_MET, NO_EVIDENCE = "met", "not met", "no evidence"
"""What is found of a criterion. What has no evidence, or no data, is not met."""


@dataclass(frozen=True, repr=False)
class Assessment(Displayed):
    """What a city meets of a scheme in a period.

    ``criteria``: a row for each code with ``level, kind, status`` (met, not met, no evidence),
    ``value`` (of the indicator), ``short`` (what it lacks, in the unit), ``document``, ``since``
    (period of the evidence). ``levels``: a row for each level with ``criteria, met``, what is
    still missing of them all (``short``), and ``reached``. ``unknown``: entries of evidence whose
    criterion the scheme does not have. ``shortest``: a shortest list of criteria that reaches the
    next level, those that are nearest first. ``demo`` says that the figures are made up.
    """

    scheme: Scheme
    city: str
    period: str
    criteria: pd.DataFrame
    levels: pd.DataFrame
    unknown: tuple[str, ...]
    shortest: tuple[str, ...]
    demo: bool = False

    def _display(self) -> Display:
        lang, titles = message_language(), {level.code: level for level in self.scheme.levels}
        facts = [(msg("Level reached"), self._titled(self.reached))]
        if self.next is not None:
            facts.append((msg("Next level"), self._titled(self.next)))
            facts.append((msg("Shortest way to it"), in_short(self.shortest)))
        rows = [
            (
                self._titled(titles[str(code)]),
                number(row["criteria"], lang, 0),
                number(row["met"], lang, 0),
                "✓" if row["reached"] else "–",
            )
            for code, row in self.levels.to_dict("index").items()
        ]
        heads = [msg("Level"), msg("Criteria"), msg("Met"), msg("Reached")]
        title = f"{self.scheme.name}: {self.city}, {period_name(self.period, lang)}"
        notes = [demo_note()] if self.demo else []
        notes += [note] if (note := in_language(self.scheme.note, lang)) else []
        return Display(title, notes, facts, [Table("", heads, rows, numeric=(1, 2))])

    def _titled(self, level: Level | None) -> str:
        if level is None:
            return "–"
        return f"{level.code} {in_language(level.title, message_language())}"

    @property
    def reached(self) -> Level | None:
        """The highest level that is reached, or None."""
        count = int(self.levels["reached"].sum())
        return self.scheme.levels[count - 1] if count else None

    @property
    def next(self) -> Level | None:
        """The lowest level that is not reached; None at the top, and where it cannot be said."""
        count = int(self.levels["reached"].sum())
        complete = self.scheme.complete and count < len(self.scheme.levels)
        return self.scheme.levels[count] if complete else None


def assess(
    scheme: Scheme, board: Scoreboard, city: str, period: str | int = "latest"
) -> Assessment:
    """Assess a city: which criteria it meets, the level it reaches, and what the next one takes.

    Conditions look at the values of the period, evidence at the observations' last entry at or
    before it. While criteria are still to be entered, no level is reached. Raises
    :class:`InputError` for an unknown city or period, and for a condition on an indicator that
    the framework does not have.
    """
    unit = board.unit(city, period)
    _check_indicators(scheme, board.framework)
    found = _criteria(scheme, board, *unit)
    levels, needs = [], []
    below = scheme.complete
    for level in scheme.levels:
        own = found.loc[[criterion.code for criterion in level.criteria]]
        need = _needed(level, own)
        below = below and not any(need)
        levels.append((level.code, len(own), int((own["status"] == MET).sum()), need[0], below))
        needs.append(need)
    table = pd.DataFrame(levels, columns=["level", "criteria", "met", "short", "reached"])
    table = table.set_index("level")
    known = {criterion.code for criterion in scheme.criteria}
    own_entries = _evidence(board, unit[0])["criterion"]
    assessment = Assessment(
        scheme=scheme,
        city=unit[0],
        period=unit[1],
        criteria=found,
        levels=table,
        unknown=tuple(sorted(set(own_entries) - known)),
        shortest=(),
        demo=board.observations.demo,
    )
    if assessment.next is None:
        return assessment
    at = scheme.levels.index(assessment.next)
    chosen = _shortest(assessment.next, found, needs[at], board.framework)
    return replace(assessment, shortest=chosen)


def _needed(level: Level, found: pd.DataFrame) -> tuple[int, int, int]:
    """How many more criteria a level takes: in all, basic ones, chosen ones."""
    met = found["status"].to_numpy() == MET
    basic = found["kind"].to_numpy() == "basic"
    rule = level.rule
    asked_basic = _least(rule.basic or 0.0, int(basic.sum()))
    asked_chosen = rule.chosen or 0
    share = 1.0 if rule == Rule() else rule.share or 0.0
    more_basic = max(0, asked_basic - int((met & basic).sum()))
    more_chosen = max(0, asked_chosen - int((met & ~basic).sum()))
    more = max(0, _least(share, len(found)) - int(met.sum()))
    return max(more, more_basic + more_chosen), more_basic, more_chosen


def _least(share: float, count: int) -> int:
    """The smallest number that is at least a share of a count, whatever the last digit."""
    return math.ceil(share * count - 1e-9)


def _shortest(
    level: Level, found: pd.DataFrame, needed: tuple[int, int, int], framework: Framework
) -> tuple[str, ...]:
    """Pick as few criteria as the level takes, those first that are nearest to being met.

    Near is what lacks the smallest share of the indicator's goalposts; then what was found not
    met; last, what has no data or evidence.
    """
    more, basic, chosen = needed

    def distance(criterion: Criterion) -> float:
        if found.at[criterion.code, "status"] == NO_EVIDENCE:
            return 3.0
        if criterion.indicator is None:
            return 2.0
        leaf = cast(Indicator, framework.node(criterion.indicator))
        low, high = leaf.goalposts or (0.0, 0.0)
        bound = criterion.at_least if criterion.at_least is not None else criterion.at_most
        span = (high - low) or abs(bound or 0.0) or 1.0
        return min(cast(float, found.at[criterion.code, "short"]) / span, 1.0)

    open_ = [c for c in level.criteria if found.at[c.code, "status"] != MET]
    open_.sort(key=distance)
    picked = [c for c in open_ if c.kind == "basic"][:basic]
    picked += [c for c in open_ if c.kind == "chosen"][:chosen]
    picked += [c for c in open_ if c not in picked][: more - len(picked)]
    return tuple(c.code for c in sorted(picked, key=distance))


def _evidence(board: Scoreboard, city: str) -> pd.DataFrame:
    """The entries of a city's evidence."""
    found: pd.DataFrame = board.observations.evidence.iloc[_entries_of(board).get(city, [])]
    return found


@lru_cache(maxsize=2)
def _entries_of(board: Scoreboard) -> Mapping[Hashable, Any]:
    """The rows of the evidence by city: an index of a country asks for each of them."""
    return board.observations.evidence.groupby("city").indices


def _criteria(scheme: Scheme, board: Scoreboard, city: str, period: str) -> pd.DataFrame:
    own = _evidence(board, city)
    own = own.assign(at=[years(str(p)) for p in own["period"]])
    own = own[own["at"] <= years(period)]
    own = own.sort_values("at", kind="stable")
    last = {entry["criterion"]: entry for entry in own.to_dict("records")}
    values = cast("pd.Series[float]", board.values.loc[(city, period), :])
    rows = []
    for level in scheme.levels:
        for criterion in level.criteria:
            value, short, document, since = math.nan, math.nan, "", ""
            status = NO_EVIDENCE
            if criterion.indicator is not None:
                value = float(values[criterion.indicator])
                if not math.isnan(value):
                    short = criterion.short(value)
                    status = MET if short == 0 else NOT_MET
            elif criterion.code in last:
                entry = last[criterion.code]
                status = MET if entry["met"] else NOT_MET
                document, since = str(entry["document"]), str(entry["period"])
            rows.append(
                (criterion.code, level.code, criterion.kind, status, value, short, document, since)
            )
    columns = ["criterion", "level", "kind", "status", "value", "short", "document", "since"]
    return pd.DataFrame(rows, columns=columns).set_index("criterion")


def _check_indicators(scheme: Scheme, framework: Framework) -> None:
    known = {indicator.code for indicator in framework.indicators}
    problems = [
        Problem(
            msg(
                "criterion {code} of {name} is on the indicator '{indicator}', which "
                "{name_2} does not have.",
                code=criterion.code,
                name=scheme.name,
                indicator=criterion.indicator,
                name_2=framework.name,
            ),
            did_you_mean(criterion.indicator, known),
        )
        for criterion in scheme.criteria
        if criterion.indicator is not None and criterion.indicator not in known
    ]
    if problems:
        raise InputError(problems)
