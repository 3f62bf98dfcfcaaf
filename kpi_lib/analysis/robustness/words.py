"""Sentences on what was drawn, and on what it does to effective weights and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpi_lib.analysis.robustness.spec import (
    Choice,
    ErrorChoice,
    JackknifeChoice,
    MethodChoice,
    WeightChoice,
    read_spec,
    spec_of,
)
from kpi_lib.locale.catalogue import Lang, mark, message_language, messages_in, msg
from kpi_lib.locale.display import Display, Table
from kpi_lib.locale.words import number, numeral, percent, period_name, word
from kpi_lib.observations.describe import demo_note

if TYPE_CHECKING:
    from kpi_lib.analysis.robustness.ranks import RankUncertainty
    from kpi_lib.scoring.scoreboard import Scoreboard


_KINDS = {
    "normalise": mark("Normalisation"),
    "aggregate": mark("Aggregation"),
    "missing": mark("Policy for missing values"),
    "impute": mark("Imputation"),
    "treat": mark("Treatment of outliers"),
}
_RANKS = ("rank", "low", "median", "high")


def shown(found: RankUncertainty) -> Display:
    """What was drawn and how far ranks go, of the first cities as it stands."""
    lang = message_language()
    rows = []
    for city, row in found.ranks.sort_values("rank", kind="stable").to_dict("index").items():
        ends = ["–" if pd.isna(row[key]) else number(row[key], lang, 0) for key in _RANKS]
        same = "–" if pd.isna(row["p_same"]) else percent(row["p_same"], lang)
        rows.append((str(city), *ends, same))
    heads = [
        word("city", lang),
        word("rank", lang),
        msg("Low end"),
        msg("Median"),
        msg("High end"),
        msg("Same rank"),
    ]
    caption = msg(
        "{share} of the draws lie from the low end to the high end.",
        share=percent(found.level, lang),
    )
    title = msg(
        "Ranks in {draws} draws, {period}",
        draws=number(found.draws, lang, 0),
        period=period_name(found.period, lang),
    )
    table = Table(caption, heads, rows, numeric=range(1, 6))
    notes = [demo_note()] if found.demo else []
    return Display(title, [*notes, *described(found)], tables=[table])


def described(found: RankUncertainty) -> list[str]:
    """Sentences on what was drawn, what it does, and what changes nothing."""
    said = [_choice(choice) for choice in found.choices]
    if any(isinstance(choice, WeightChoice) for choice in found.choices):
        ratios = found.weight_ratios
        if ratios is None:
            said.append(msg("No weight can vary: no group has two parts with weight."))
        else:
            said.append(
                msg(
                    "Effective weights (shares of all weight) then run from {least} to {most} "
                    "times their own.",
                    least=number(ratios[0], message_language(), 2),
                    most=number(ratios[1], message_language(), 2),
                )
            )
    said += found.notes
    if found.ranks["rank"].isna().all() and not found.moves:
        said.append(msg("No city has a score, as things are or in any draw: nothing is ranked."))
    elif not found.moves:
        said.append(
            msg("No rank changes in any draw: the ranking does not depend on what was drawn.")
        )
    return said


def drawn(board: Scoreboard, lang: Lang) -> str:
    """Sentences on what the board says is uncertain; '' where it says nothing of its own."""
    spec = spec_of(board)
    if spec is None:
        return ""
    with messages_in(lang):
        return " ".join(_choice(choice) for choice in read_spec(spec))


def _choice(choice: Choice) -> str:
    if isinstance(choice, WeightChoice):
        return _weights(choice)
    if isinstance(choice, MethodChoice):
        among = ", ".join(str(option) for option in choice.among)
        return msg(
            "{name} is one of: {among}; each with the same chance.",
            name=msg(_KINDS[choice.vary]) if choice.name == choice.vary else choice.name,
            among=among,
        )
    if isinstance(choice, JackknifeChoice):
        return msg("One indicator, each with the same chance, is left out.")
    assert isinstance(choice, ErrorChoice)
    if choice.relative is None:
        return msg("Values vary normally by their standard errors.")
    return msg(
        "Values vary normally by their standard errors, by {share} of the value where none is "
        "given.",
        share=_percent(choice.relative),
    )


def _weights(choice: WeightChoice) -> str:
    if choice.draw == "simplex":
        return msg("The weights of siblings are any that sum to their whole, all equally likely.")
    sizes = _sizes(choice)
    if choice.draw == "dirichlet":
        return msg(
            "The weights of siblings vary around their own by a relative standard deviation of "
            "{sizes} (Dirichlet distribution).",
            sizes=sizes,
        )
    if choice.on == "effective":
        return msg("Each indicator's effective weight varies by up to ±{sizes}.", sizes=sizes)
    return msg("Each weight varies by up to ±{sizes} relative to its siblings.", sizes=sizes)


def _sizes(choice: WeightChoice) -> str:
    """The size of the noise or the spread, with the level where levels differ."""
    if choice.every is not None:
        return _percent(choice.every)
    return ", ".join(
        msg("{size} at level {level}", size=_percent(size), level=level)
        for level, size in sorted(choice.sizes.items())
    )


def _percent(share: float) -> str:
    return msg("{number} %", number=numeral(100 * share, 6))
