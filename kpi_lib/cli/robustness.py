"""The command `kpi robustness`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import (
    SCORING,
    Command,
    chooses,
    examples,
    reads_data,
    say,
    say_choices,
    written,
)
from kpi_lib.locale.catalogue import SOURCE, Lang, message_language, msg
from kpi_lib.locale.display import aligned
from kpi_lib.locale.words import number, numeral, percent

if TYPE_CHECKING:
    import pandas as pd

    from kpi_lib.analysis.robustness.ranks import RankUncertainty
    from kpi_lib.analysis.robustness.spec_faults import NoiseOn
    from kpi_lib.scoring.scoreboard import Scoreboard


@click.command("robustness", cls=Command)
@examples(
    "kpi robustness data/processed/demo -f vn-smart-city@1.0",
    "kpi robustness data.csv -f vn-smart-city@1.0 --draws 100000 -o ranks.csv",
    "kpi robustness data.csv -f vn-smart-city@1.0 --spec choices.yaml --sensitivity",
    "kpi robustness data/processed/demo -f vn-smart-city@1.0 --peers class",
    "kpi robustness data.csv -f vn-smart-city@1.0 --aggregate geometric --missing worst",
)
@reads_data
@chooses(*SCORING, "spec", "peers")
@click.option("--draws", metavar="N", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--seed", metavar="N", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--period",
    default="latest",
    show_default=True,
    metavar="P",
    help="A period, or the last one.",
)
@click.option(
    "--level",
    metavar="SHARE",
    default=0.9,
    show_default=True,
    type=click.FloatRange(0, 1, True, True),
)
@click.option(
    "--noise",
    type=click.Choice(["siblings", "effective"]),
    help="Vary each weight relative to its siblings (the default), or effective weights.",
)
@click.option("--sensitivity", "indices", is_flag=True, help="Sobol indices of the choices.")
@click.option("--workers", metavar="N", default=1, show_default=True, type=click.IntRange(1))
@click.option("-o", "--output", metavar="FILE", help="A .csv, .parquet or .xlsx file.")
def robustness(
    data: str,
    framework: str,
    cities_file: str | None,
    draws: int,
    seed: int,
    period: str,
    level: float,
    choices: Mapping[str, Any],
    noise: NoiseOn | None,
    indices: bool,
    workers: int,
    output: str | None,
) -> None:
    """Say how sure each rank is, and what makes it unsure.

    Weights, methods or data are drawn many times and the cities ranked each time. Without
    --spec, each weight varies by up to ±25 % relative to its siblings, or with --noise
    effective, each indicator's share of all weight by up to ±25 %. The seed fixes every number.
    With --sensitivity, the shares of the uncertainty that the choices in --spec make are given
    instead (two choices or more; the evaluations are at most --draws). With --peers, each city
    is ranked among its peers in every draw as well.
    """
    from kpi_lib.analysis.robustness.ranks import rank_uncertainty
    from kpi_lib.analysis.robustness.spec import read_spec
    from kpi_lib.analysis.robustness.words import described
    from kpi_lib.cli.output import heads
    from kpi_lib.io.tables.export import check_ending, write_table
    from kpi_lib.scoring.cache import scoreboard

    target = Path(output) if output else None
    if target:
        check_ending(target)
    spec, peers = choices.get("spec"), choices.get("peers")
    if indices and not spec:
        raise click.UsageError(msg("--sensitivity needs --spec, a file with two choices or more."))
    if indices and peers:
        raise click.UsageError(msg("--sensitivity goes without --peers: it is of all ranks."))
    if noise and spec:
        raise click.UsageError(msg("--noise goes without --spec, where 'on' says the same."))
    scoring = {name: one for name, one in choices.items() if name in SCORING}
    board = scoreboard(data, framework, cities_file, **scoring)
    if indices and spec:
        from kpi_lib.analysis.robustness.sobol import sensitivity

        each = len(read_spec(spec)) + 2
        samples = 1 << max(1, (draws // each).bit_length() - 1)  # Sobol points: a power of two
        table = sensitivity(board, spec, samples=samples, seed=seed, period=period, workers=workers)
        said = msg(
            "Sobol indices from {samples} evaluations, seed {seed}",
            samples=number(samples * each, message_language(), 0),
            seed=seed,
        )
        about = table.attrs["notes"]
        if table["first"].isna().all():
            about = [*about, msg("No choice moves any rank.")]
    else:
        found = rank_uncertainty(
            board,
            draws,
            seed,
            spec,
            period=period,
            level=level,
            workers=workers,
            noise=noise,
            peers=peers,
            pairs=False,
        )
        about = [*described(found), *_peers_said(board, found, peers)]
        table = _by_rank(board, found, SOURCE if target else message_language())
        said = msg(
            "{period}: ranks in {draws} draws, {share} of them from low to high",
            period=found.period,
            draws=number(draws, message_language(), 0),
            share=percent(level, message_language()),
        )
    if target:
        write_table(table, target)
        say(written(len(table), "row", target))
        return
    say(f"{board.framework.name}, {said}")
    say_choices(board)
    say("\n".join([*about, ""]))
    if "output" in table:
        table = table.assign(output=table["output"].map(msg))
    rows = [heads(table.columns), *([_shown(cell) for cell in row] for row in table.to_numpy())]
    say("\n".join(aligned(rows, left=(0, 1))))


def _by_rank(board: Scoreboard, found: RankUncertainty, lang: Lang) -> pd.DataFrame:
    """A row for each city, best first, with its name in a language."""
    from kpi_lib.report.view.names import city_name

    table = found.ranks.sort_values("rank", kind="stable").rename_axis("city").reset_index()
    table.insert(1, "name", [city_name(board, str(city), lang) for city in table["city"]])
    table["p_first"] = found.top(1).reindex(table["city"]).to_numpy()
    if found.within is None:
        return table
    within = found.within[["rank", "peers", "low", "high", "p_same"]]
    names = {"rank": "peer_rank", "low": "peer_low", "high": "peer_high", "p_same": "peer_p_same"}
    return table.join(within.rename(columns=names), on="city")


def _peers_said(board: Scoreboard, found: RankUncertainty, by: str | None) -> list[str]:
    from kpi_lib.analysis.peers import NONE, grouping, no_peers, peers

    if by is None or by == NONE:
        return []
    groups, lang = peers(board, by, found.period), message_language()
    return [no_peers(lang) if groups is None else grouping(groups, lang)]


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return "–" if cell != cell else numeral(round(cell, 3))
    return "–" if str(cell) == "<NA>" else str(cell)
