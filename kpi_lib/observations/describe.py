"""What observations show of themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_lib.locale.catalogue import mark, message_language, msg
from kpi_lib.locale.display import Display, Table, in_short
from kpi_lib.locale.words import in_language, number, word

if TYPE_CHECKING:
    from kpi_lib.observations.read import Observations


EXTRACT = mark("An extract: {extract}. Ranks and medians are among these only.")
"""What is said of data that are an extract or a sample."""


def of_observations(observations: Observations) -> Display:
    """Observations: whose and of when, from which files, what is missing, and what is odd."""
    lang = message_language()
    table = observations.table
    missing = int(table["value"].isna().sum())
    counts = [
        (msg("Evidence"), len(observations.evidence)),
        (msg("Published scores"), len(observations.published)),
        (msg("Warnings"), len(observations.warnings)),
    ]
    facts = [
        (msg("Cities"), number(table["city"].nunique(), lang, 0)),
        (msg("Periods"), span(sorted(table["period"].unique()))),
        (msg("Indicators"), number(table["indicator"].nunique(), lang, 0)),
        (msg("Values"), number(len(table) - missing, lang, 0)),
        (msg("Missing"), number(missing, lang, 0)),
        (msg("Files"), in_short([file.name for file in observations.files])),
        *((name, number(n, lang, 0)) for name, n in counts if n),
    ]
    by_period = table.assign(there=table["value"].notna()).groupby("period")
    rows = [
        (
            str(period),
            number(rows["city"].nunique(), lang, 0),
            number(int(rows["there"].sum()), lang, 0),
            number(int((~rows["there"]).sum()), lang, 0),
        )
        for period, rows in by_period
    ]
    heads = [word("period", lang), msg("Cities"), msg("Values"), msg("Missing")]
    tables = [Table("", heads, rows[::-1], numeric=(1, 2, 3))]
    if observations.warnings:
        # Where the files lie is not told: what is shown may be published.
        named = (replace(one, file=Path(one.file).name) for one in observations.warnings)
        warnings = [(str(problem),) for problem in named]
        tables.append(Table("", [msg("Warnings")], warnings))
    return Display(msg("Observations"), limits_of(observations), facts, tables)


def limits_of(observations: Observations) -> list[str]:
    """Say of made-up figures that they are made up, and of an extract what it is one of."""
    extract = in_language(observations.extract, message_language())
    notes = [demo_note()] if observations.demo else []
    return [*notes, msg(EXTRACT, extract=extract)] if extract else notes


def demo_note() -> str:
    """Say that figures are made up."""
    return msg("DEMO – Made-up figures for demonstration. They say nothing about any real city.")


def span(periods: list[str]) -> str:
    """Write periods as the first and the last, and how many there are."""
    lang = message_language()
    if len(periods) < 2:
        return "".join(periods) or "–"
    return msg(
        "{first} to {last} ({n})",
        first=periods[0],
        last=periods[-1],
        n=number(len(periods), lang, 0),
    )
