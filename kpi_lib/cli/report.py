"""The command `kpi report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import (
    SCORING,
    SOME_FAILED,
    Command,
    chooses,
    examples,
    number_of,
    reads_data,
    say_periods,
)
from kpi_lib.cli.progress import Log, log_as
from kpi_lib.io.store import is_remote, place
from kpi_lib.locale.catalogue import languages, msg

if TYPE_CHECKING:
    from kpi_lib.batch.plan import Batch

MEGABYTE = 2**20


class _Place(click.Path):
    """A folder, or the URL of a place that fsspec knows."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return place(value) if "://" in value else super().convert(value, param, ctx)


@click.command(cls=Command)
@examples(
    "kpi report data/processed/demo --framework vn-smart-city@1.0 --lang vi",
    "kpi report data.xlsx -f vn-smart-city@1.0 --city da-nang --city hue --period 2025",
    "kpi report data.csv -f my_framework.yaml --notebook my_report.ipynb -o public/reports",
    "kpi report data.csv -f vn-smart-city@1.0 --peers population",
    "kpi report data.csv -f vn-smart-city@1.0 --dry-run",
    "kpi report data.csv -f my_points.yaml --quality reported -o reports/self-scored",
    "kpi report data.csv -f vn-smart-city@1.0 --weights weights.yaml -o reports/tried",
    "kpi report data.csv -f vn-smart-city@1.0 --aggregate geometric --spec choices.yaml",
)
@reads_data
@click.option("--city", "cities", multiple=True, metavar="C", help="Code or name; may be repeated.")
@click.option("--period", default="latest", show_default=True, metavar="P")
@click.option(
    "--lang",
    type=click.Choice(languages()),
    multiple=True,
    help="May be repeated: each page then leads to the same in the other languages. Default: as "
    "kpi.toml says, else vi.",
)
@chooses(*SCORING, "spec", "peers")
@click.option(
    "-o",
    "--output",
    default="reports",
    show_default=True,
    metavar="FOLDER",
    type=_Place(file_okay=False, path_type=Path),
    help="A folder, or a URL such as s3://bucket/reports (needs the extra 'dask').",
)
@click.option(
    "--notebook",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A notebook of your own in place of city_report.ipynb.",
)
@click.option(
    "--pdf",
    is_flag=True,
    help="Also print each page, and the list of them, into a PDF (needs Chromium, Chrome or Edge; "
    "KPI_CHROMIUM names another).",
)
@click.option(
    "--docx",
    is_flag=True,
    help="Also make a Word file of each report, to comment on; needs the extra word.",
)
@click.option("--force", is_flag=True, help="Make all again, also what nothing has changed.")
@click.option("--dry-run", is_flag=True, help="Only say which reports would be made, and why.")
@click.option(
    "--workers", metavar="N", type=click.IntRange(min=1), help="Default: the number of processors."
)
@click.option(
    "--scheduler",
    metavar="URL",
    help="Make them on the workers of a Dask cluster: tcp://host:8786 (needs the extra 'dask'). "
    "A local FOLDER is then one that all machines share under the same name.",
)
@click.option(
    "--kernel",
    type=click.Choice(["auto", "warm", "plain"]),
    default="auto",
    show_default=True,
    help="warm: forked from one process (Linux). plain: a new process for each city.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="The most time for one city.",
)
@click.option(
    "--memory",
    type=click.IntRange(min=64),
    default=2048,
    show_default=True,
    metavar="MB",
    help="The most memory for one city (warm kernels).",
)
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def report(
    data: str,
    framework: str,
    cities_file: str | None,
    cities: Sequence[str],
    period: str,
    lang: Sequence[str],
    choices: Mapping[str, Any],
    output: Path,
    notebook: Path | None,
    pdf: bool,
    docx: bool,
    force: bool,
    dry_run: bool,
    workers: int | None,
    scheduler: str | None,
    kernel: Any,
    limit: float,
    memory: int,
    log_format: str,
) -> None:
    """Make one notebook and one HTML page for each city, and a list of them.

    The files go to FOLDER/framework/period/language/. A report is made again only when
    something that it depends on has changed. A city whose notebook fails is named with the
    error, the others are made all the same, and the exit code is 3.
    """
    if scheduler and workers:
        raise click.UsageError(
            msg("--workers is for this machine; the cluster has its own number.")
        )
    from kpi_lib.batch.files.printed import Printer
    from kpi_lib.batch.kernels.launch import can_fork
    from kpi_lib.batch.plan import LATEST, plan
    from kpi_lib.errors import check_language
    from kpi_lib.scoring.cache import chosen_in, scoreboard

    browser = _browser() if pdf else None
    if docx:
        _check_word()
    forms = [form for form, asked in (("pdf", pdf), ("docx", docx)) if asked]
    parameters = {"framework": framework, "data": data, **choices}
    if cities_file:
        parameters["cities"] = cities_file
    board = scoreboard(data, framework, **chosen_in(parameters))
    chosen = lang or [board.observations.project.own_lang]
    langs = [check_language(each) for each in dict.fromkeys(chosen)]
    batches = [
        plan(
            board,
            parameters,
            output,
            cities=cities,
            period=period,
            lang=each,
            langs=langs,
            notebook=notebook,
            forms=forms,
        )
        for each in langs
    ]
    log = log_as(log_format)
    if not dry_run and kernel == "auto" and not scheduler and not can_fork():
        log.note(msg("Warm kernels need Linux; each notebook runs in a new process."))
    if not dry_run and period == LATEST and log_format == "text":
        say_periods({job.city: job.parameters["period"] for job in batches[0].jobs})
    options: dict[str, Any] = {"workers": workers, "scheduler": scheduler, "kind": kernel}
    options.update(limit=limit, memory=memory * MEGABYTE)
    printer = Printer(browser, limit) if browser else None
    done = [
        _make(batch, log, force, dry_run, choices, printer=printer, **options) for batch in batches
    ]
    if not all(done):
        raise click.exceptions.Exit(SOME_FAILED)


def _browser() -> str:
    """The browser that prints; :class:`click.UsageError` says what to install where none is."""
    from kpi_lib.batch.files.printed import browser

    if found := browser():
        return found
    raise click.UsageError(
        msg(
            "--pdf needs Chromium, Google Chrome or Microsoft Edge, and none is found. Install "
            "one of them (Debian: apt install chromium), or name it by the environment "
            "variable KPI_CHROMIUM."
        )
    )


def _check_word() -> None:
    """Raise :class:`InputError` where what writes Word files is not installed."""
    from kpi_lib.errors import needs_extra

    with needs_extra("word"):
        import kpi_lib.report.document.city  # noqa: F401


def _make(
    batch: Batch,
    log: Log,
    force: bool,
    dry_run: bool,
    told: Mapping[str, str],
    **options: Any,
) -> bool:
    """Make the reports of a plan that are due, or only say which; say whether none failed.

    ``told`` is what was chosen beside city, period and language, for the record.
    """
    from kpi_lib.batch.plan import due
    from kpi_lib.batch.record import Record
    from kpi_lib.batch.run import run

    why = due(batch, force)
    if dry_run:
        log.planned(batch, why)
        return True
    asked = {
        "framework": batch.board.framework.name,
        "period": batch.period,
        "lang": batch.lang,
        "data": batch.board.observations.fingerprint,
        "notebook": batch.notebook.name,
        **told,
    }
    if other := sum("choices" in reasons for reasons in why.values()):
        n = number_of(other, "report")
        log.note(msg("{n} made with other weights, methods or peers: replaced by these.", n=n))
    kept = [job.city for job in batch.jobs if job.city not in why]
    record = Record(asked, why, kept)
    if is_remote(batch.folder):
        record.write(batch.folder)  # a place that cannot be written is known before any work
    with closing(run(batch, why, record, **options)) as outcomes:
        log.watch(outcomes, len(why), record)
    log.done(batch, record)
    return not record.failed
