"""The command `kpi audit`, and what makes a page of a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import SCORING, SOME_FAILED, Command, chooses, examples, reads_data, say
from kpi_lib.locale.catalogue import languages, msg

if TYPE_CHECKING:
    from kpi_lib.batch.job import Job


@click.command("audit", cls=Command)
@examples(
    "kpi audit data/processed/demo -f vn-smart-city@1.0 --lang en",
    "kpi audit data.csv -f my_framework.yaml --period 2025 -o public",
    "kpi audit data.csv -f vn-smart-city@1.0 --peers region",
    "kpi audit data.csv -f vn-smart-city@1.0 --weights weights.yaml --spec choices.yaml",
)
@reads_data
@chooses(*SCORING, "spec", "peers")
@click.option(
    "--period",
    default="latest",
    show_default=True,
    metavar="P",
    help="A period, or the last one.",
)
@click.option("--lang", type=click.Choice(languages()), default="vi", show_default=True)
@click.option("-o", "--output", default="reports", show_default=True, metavar="FOLDER")
def audit(
    data: str,
    framework: str,
    cities_file: str | None,
    choices: Mapping[str, Any],
    period: str,
    lang: str,
    output: str,
) -> None:
    """Write an audit of the framework on its data: a notebook and a page.

    Odd distributions, outliers, missing data, what repeats or opposes what, which groups
    measure one thing, what really drives the total, how much of it goes with peer groups, and
    what leaving each part out would do.
    Scores in published*.csv beside the data are compared with those that follow from the data.
    The files are FOLDER/framework/period/audit.language.ipynb and .html.
    """
    from kpi_lib.batch.job import Job
    from kpi_lib.errors import check_language
    from kpi_lib.locale.words import in_language, period_name
    from kpi_lib.report.audit import audit_report

    language = check_language(lang)
    # Opening it here answers wrong input before anything is run or written.
    opened = audit_report(period, framework, data, lang, cities_file, **choices)
    board = opened.board
    parameters = {
        "period": opened.period,
        "framework": framework,
        "data": data,
        "lang": lang,
        **choices,
    }
    if cities_file:
        parameters["cities"] = cities_file
    when = period_name(opened.period, language)
    job = Job(
        city="audit",
        name=opened.name,
        title=f"{opened.name} – {when}",
        stem=Path(output) / board.framework.name / opened.period / f"audit.{lang}",
        parameters=parameters,
        lang=language,
        series=in_language(board.framework.title, language),
        framework=board.framework.name,
        when=when,
        demo=board.observations.demo,
    )
    make_page(job, "audit.ipynb")


def make_page(job: Job, notebook: str) -> None:
    """Run a notebook of the library, write it and its page, and name the two files.

    The exit code is 3 where a cell of it fails.
    """
    from kpi_lib.batch.job import CityFailure, default_notebook
    from kpi_lib.batch.kernels.own import run_notebook
    from kpi_lib.batch.notebook import publish, read_notebook

    source = read_notebook(default_notebook().with_name(notebook))
    try:
        publish(job, run_notebook(source, job.parameters))
    except CityFailure as failure:
        say(msg("Error: {error}", error=failure), err=True)
        raise click.exceptions.Exit(SOME_FAILED) from None
    say(f"{job.notebook}\n{job.page}")
