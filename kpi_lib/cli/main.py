"""The command `kpi`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import (
    INPUT_IS_WRONG,
    SCORING,
    Commands,
    chooses,
    examples,
    number_of,
    reads_data,
    say,
    say_choices,
    say_periods,
    written,
)
from kpi_lib.cli.edition import edition_command
from kpi_lib.cli.exchange import export_command, form_command, import_command, suggest_command
from kpi_lib.cli.framework import framework_group
from kpi_lib.cli.report import report
from kpi_lib.cli.robustness import robustness
from kpi_lib.cli.start import init_command
from kpi_lib.cli.verify import verify_command
from kpi_lib.cli.whole import audit, compare, explore
from kpi_lib.errors import Problem
from kpi_lib.locale.catalogue import mark, message_language, msg
from kpi_lib.locale.words import number

# What a command needs is imported when it runs: help and mistakes are answered at once.
if TYPE_CHECKING:
    from kpi_lib.observations.read import Observations
    from kpi_lib.scoring.scoreboard import Scoreboard


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=mark("Every command has examples in its own help: kpi report --help"),
)
@click.version_option(package_name="kpi-lib", message="kpi-lib %(version)s")
def main() -> None:
    """Score cities with a framework of indicators and report the result."""


main.add_command(init_command)
main.add_command(framework_group)
main.add_command(report)
main.add_command(robustness)
main.add_command(audit)
main.add_command(explore)
main.add_command(compare)
main.add_command(verify_command)
main.add_command(edition_command)
main.add_command(form_command)
framework_group.add_command(import_command)
framework_group.add_command(export_command)
framework_group.add_command(suggest_command)


@main.command()
@examples(
    "kpi check my_city.xlsx --framework vn-smart-city@1.0",
    "kpi check data/processed/u4ssc --framework u4ssc@2017",
    "kpi check form.xlsx -f vn-smart-city@1.0 --lang vi --annotate form-to-correct.xlsx",
)
@reads_data
@click.option(
    "--annotate",
    "copy",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the problems as comments into a copy of the workbook; a folder for several.",
)
@click.option("--force", is_flag=True, help="Write over a copy that is there already.")
def check(
    data: str,
    framework: str,
    cities_file: str | None,
    copy: Path | None,
    force: bool,
) -> None:
    """Read observations and say everything that is wrong with them.

    DATA is a CSV, XLSX or Parquet file, or a folder of them. The exit code is 1 if any
    problem is an error; warnings alone do not stop a run. With --annotate each problem is a
    comment and a colour in its cell, in the language of messages, to be sent back to whoever
    filled in the workbook; a sheet in front lists them all.
    """
    from kpi_lib.exchange.annotate import annotate, targets
    from kpi_lib.exchange.files import examine
    from kpi_lib.framework.load import load_framework
    from kpi_lib.io.paths import find
    from kpi_lib.observations.sources import gather

    place, loaded = find(data), load_framework(framework)
    sources = gather(place, cities_file)
    into = targets(sources.files, copy, force) if copy else {}
    observations, problems = examine(place, loaded, cities_file)
    for file in sources.cities:
        say(msg("Cities: {file}", file=file))
    for problem in sorted(problems, key=_order):
        say(f"{problem.kind}: {problem}")
    if problems:
        kinds = Counter(problem.severity for problem in problems)
        say(", ".join(number_of(n, kind) for kind, n in sorted(kinds.items())) + ".")
    for file, target in into.items():
        own = [one for one in problems if len(into) == 1 or one.file == str(file)]
        if own:
            annotate(file, target, own)
            say(msg("Written to {output}", output=target))
        else:
            say(msg("{file} has no problems; no copy is written.", file=file))
    if observations is None:
        raise click.exceptions.Exit(INPUT_IS_WRONG)
    say(_summary(observations))


def _order(problem: Problem) -> tuple[str, str, str, int]:
    return (problem.severity, problem.file, problem.sheet, problem.row or 0)


def _summary(observations: Observations) -> str:
    from kpi_lib.observations.values import NOT_APPLICABLE

    table = observations.table
    absent = int((table["said"] == NOT_APPLICABLE).sum())
    values = int(table["value"].notna().sum())
    counts = [
        number_of(values, "value"),
        msg("{n} missing", n=number(len(table) - values - absent, message_language(), 0)),
    ]
    if absent:
        counts.append(msg("{n} not applicable", n=number(absent, message_language(), 0)))
    periods = sorted(table["period"].unique())
    span = periods[0]
    if len(periods) > 1:
        span = msg("{first} to {last}", first=periods[0], last=periods[-1])
    return msg(
        "{cities}, {periods} ({span}), {indicators}; {values}.",
        cities=number_of(table["city"].nunique(), "city"),
        periods=number_of(len(periods), "period"),
        span=span,
        indicators=number_of(table["indicator"].nunique(), "indicator"),
        values=", ".join(counts),
    )


@main.command()
@examples(
    "kpi score data/processed/dti -f dti@2020",
    "kpi score data.csv -f vn-smart-city@1.0 --period all -o scores.parquet",
    "kpi score data.csv -f vn-smart-city@1.0 --aggregate power:p=0.5 --missing worst",
)
@reads_data
@click.option(
    "--period",
    default="latest",
    show_default=True,
    metavar="P",
    help="A period, latest, or all.",
)
@click.option("-o", "--output", metavar="FILE", help="A .csv, .parquet or .xlsx file.")
@chooses(*SCORING)
def score(
    data: str,
    framework: str,
    cities_file: str | None,
    period: str,
    output: str | None,
    choices: Mapping[str, Any],
) -> None:
    """Score the cities and write the scores as a long table, or show them.

    The table has the columns city, period, code, level, score, rank, coverage and reason,
    unrounded; where scores are points, also maximum. Without -o, the composite and its parts are
    shown for each city.
    """
    from kpi_lib.cli.output import ranking
    from kpi_lib.io.tables.export import check_ending, write_table
    from kpi_lib.observations.ruleless import left_out
    from kpi_lib.scoring.cache import scoreboard

    target = Path(output) if output else None
    if target:
        check_ending(target)
    board = scoreboard(data, framework, cities_file, **choices)
    units = _units(board, period)
    if target:
        table = board.scores.set_index(["city", "period"]).loc[units].reset_index()
        write_table(table, target)
        say(written(len(table), "row", target))
    else:
        say_choices(board)
        for each in sorted({own for _, own in units}):
            say(ranking(board, each, [city for city, own in units if own == each]))
    if said := left_out(board.framework):
        say(said)
    if period == "latest":
        say_periods(dict(units))


def _units(board: Scoreboard, period: str) -> list[tuple[str, str]]:
    """Give city and period of each row that is asked for."""
    units = [(str(city), str(own)) for city, own in board.points.index]
    if period == "all":
        return units
    if period == "latest":
        return [unit for unit in units if board.latest[unit[0]] == unit[1]]
    board.table(period=period)  # says which periods there are
    return [unit for unit in units if unit[1] == period]
