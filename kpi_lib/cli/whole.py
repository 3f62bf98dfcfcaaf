"""The commands `kpi audit`, `kpi compare`, `kpi explore`, and what makes a page of a notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import SCORING, SOME_FAILED, Command, chooses, examples, reads_data, say
from kpi_lib.errors import InputError, Problem, needs_extra
from kpi_lib.locale.catalogue import languages, msg

if TYPE_CHECKING:
    from kpi_lib.batch.job import Job
    from kpi_lib.scoring.scoreboard import Scoreboard


_PERIOD = click.option(
    "--period",
    default="latest",
    show_default=True,
    metavar="P",
    help="A period, or the last one.",
)
_LANG = click.option(
    "--lang", type=click.Choice(languages()), help="Default: as kpi.toml says, else vi."
)


@click.command("audit", cls=Command)
@examples(
    "kpi audit data/processed/demo -f vn-smart-city@1.0 --lang en",
    "kpi audit data.csv -f my_framework.yaml --period 2025 -o public",
    "kpi audit data.csv -f vn-smart-city@1.0 --peers region",
    "kpi audit data.csv -f vn-smart-city@1.0 --weights weights.yaml --spec choices.yaml",
)
@reads_data
@chooses(*SCORING, "spec", "peers")
@_PERIOD
@_LANG
@click.option("-o", "--output", default="reports", show_default=True, metavar="FOLDER")
def audit(
    data: str,
    framework: str,
    cities_file: str | None,
    choices: Mapping[str, Any],
    period: str,
    lang: str | None,
    output: str,
) -> None:
    """Write an audit of the framework on its data: a notebook and a page.

    Odd distributions, outliers, missing data, what repeats or opposes what, which groups
    measure one thing, what really drives the total, how much of it goes with peer groups, and
    what leaving each part out would do.
    Scores in published*.csv beside the data are compared with those that follow from the data.
    The files are FOLDER/framework/period/audit.language.ipynb and .html.
    """
    from kpi_lib.report.audit import audit_report
    from kpi_lib.scoring.cache import scoreboard

    scoring = {name: one for name, one in choices.items() if name != "peers"}
    board = scoreboard(data, framework, cities_file, **scoring)
    lang = lang or board.observations.project.own_lang
    # Opening it here answers wrong input before anything is run or written.
    opened = audit_report(period, framework, data, lang, cities_file, **choices)
    parameters = {"framework": framework, "data": data, **choices}
    if cities_file:
        parameters["cities"] = cities_file
    job = job_of(board, "audit", opened.name, opened.period, lang, output, parameters)
    make_page(job, "audit.ipynb")


@click.command("compare", cls=Command)
@examples(
    "kpi compare data/processed/demo -f vn-smart-city@1.0 hue da-nang",
    "kpi compare data.csv -f my_framework.yaml hue da-nang can-tho --period 2025 --lang en",
)
@reads_data
@click.argument("cities", metavar="CITY CITY...", nargs=-1, required=True)
@_PERIOD
@_LANG
@click.option("-o", "--output", default="reports", show_default=True, metavar="FOLDER")
def compare(
    data: str,
    framework: str,
    cities_file: str | None,
    cities: Sequence[str],
    period: str,
    lang: str | None,
    output: str,
) -> None:
    """Set two to four cities side by side: a notebook and a page.

    Where each stands, part by part; where they differ most; how they got there; what explains
    the gap in points. The first is compared with each of the others. The files are
    FOLDER/framework/period/compare-cities.language.ipynb and .html.
    """
    from kpi_lib.report.view.names import city_name
    from kpi_lib.scoring.cache import scoreboard

    board = scoreboard(data, framework, cities_file)
    lang = lang or board.observations.project.own_lang
    own = board.period(period)
    codes = list(dict.fromkeys(board.unit(city, own)[0] for city in cities))
    if not 2 <= len(codes) <= 4:
        raise click.UsageError(msg("expected two to four cities, found {n}.", n=len(codes)))
    slugs = board.observations.places["slug"]
    parameters = {"cities": codes, "framework": framework, "data": data}
    if cities_file:
        parameters["cities_file"] = cities_file
    name = " · ".join(city_name(board, code, lang) for code in codes)
    stem = "-".join(["compare", *(slugs[code] for code in codes)])
    job = job_of(board, stem, name, own, lang, output, parameters)
    make_page(job, "compare_cities.ipynb")


@click.command("explore", cls=Command)
@examples(
    "kpi explore data/processed/demo -f vn-smart-city@1.0",
    "kpi explore data.csv -f my_framework.yaml -o notebooks/weights.ipynb --no-open",
)
@reads_data
@_PERIOD
@_LANG
@click.option(
    "-o",
    "--output",
    default="explore_weights.ipynb",
    show_default=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
)
@click.option("--no-open", is_flag=True, help="Write the notebook, and do not open it.")
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
def explore(
    data: str,
    framework: str,
    cities_file: str | None,
    period: str,
    lang: str | None,
    output: Path,
    no_open: bool,
    force: bool,
) -> None:
    """Open a notebook in JupyterLab in which weights are tried on these data.

    Sliders for all weights beside the ranks that follow them; weights by which a city overtakes
    another; weight sets side by side. What is kept there is a file for --weights of kpi score,
    report, audit and robustness.
    """
    import subprocess
    import sys
    from importlib import import_module

    from kpi_lib.batch.start import prepared
    from kpi_lib.io.paths import find
    from kpi_lib.io.store import write_whole
    from kpi_lib.scoring.cache import scoreboard

    if not no_open:
        with needs_extra("lab"):
            import_module("jupyterlab")
    board = scoreboard(data, framework, cities_file)
    if output.exists() and not force:
        fix = msg("Open it with jupyter lab, give another name with -o, or write over it: --force.")
        raise InputError(Problem(msg("there is a file already."), fix, str(output)))
    path = board.framework.path if framework.endswith((".yaml", ".yml")) else None
    parameters = {
        "period": board.period(period),
        "framework": framework if path is None else str(path.resolve()),
        "data": str(find(data)),
        "lang": lang or board.observations.project.own_lang,
        "cities": None if cities_file is None else str(find(cities_file)),
    }
    write_whole(output, prepared("explore_weights", parameters))
    say(msg("Written to {output}", output=output))
    if not no_open:
        raise click.exceptions.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", output]))


def job_of(
    board: Scoreboard,
    stem: str,
    name: str,
    period: str,
    lang: str,
    output: str,
    parameters: Mapping[str, Any],
) -> Job:
    """Describe a page on one period of a board: FOLDER/framework/period/stem.language.html."""
    from kpi_lib.batch.files.seal import marks_in
    from kpi_lib.batch.job import Job, check_project
    from kpi_lib.locale.words import period_name
    from kpi_lib.report.page.look import look_of

    project, when = board.observations.project, period_name(period, lang)
    folder = Path(output) / board.framework.name / period
    there = marks_in(folder).get(f"{stem}.{lang}.html", {})
    check_project(folder, [there], project.id)
    return Job(
        city=stem,
        name=name,
        title=f"{name} – {when}",
        stem=folder / f"{stem}.{lang}",
        parameters={**parameters, "period": period, "lang": lang},
        lang=project.speaks(lang),
        series=board.framework.series(lang),
        framework=board.framework.name,
        when=when,
        demo=board.observations.demo,
        index=_there(folder, [f"{lang}/index.html", f"../latest/{lang}/index.html"]),
        others={
            other: f"{stem}.{other}.html"
            for other in languages()
            if other != lang and _there(folder, [f"{stem}.{other}.html"])
        },
        inputs=f"project:{project.id}",
        look=look_of(project, project.speaks(lang)),
    )


def _there(folder: Path, addresses: Sequence[str]) -> str:
    """Give the first address, seen from a folder (there or not), at which a page is; else ""."""
    return next((a for a in addresses if Path(os.path.normpath(folder / a)).is_file()), "")


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
