"""The command `kpi report`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    say,
    say_periods,
)
from kpi_lib.io.store import is_remote, place
from kpi_lib.locale.catalogue import languages, message_language, msg, tr_in
from kpi_lib.locale.words import number

if TYPE_CHECKING:
    from kpi_lib.batch.job import Outcome
    from kpi_lib.batch.plan import Batch
    from kpi_lib.batch.record import Record

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
@click.option("--docx", is_flag=True, help="Also make a Word file of each report, to comment on.")
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
    from kpi_lib.batch.files.printed import Printer, browser
    from kpi_lib.batch.kernels.launch import can_fork
    from kpi_lib.batch.plan import LATEST, plan
    from kpi_lib.errors import check_language, needs_extra
    from kpi_lib.scoring.cache import chosen_in, scoreboard

    found = browser() if pdf else None
    if pdf and not found:
        raise click.UsageError(
            msg(
                "--pdf needs Chromium, Google Chrome or Microsoft Edge, and none is found. Install "
                "one of them (Debian: apt install chromium), or name it by the environment "
                "variable KPI_CHROMIUM."
            )
        )
    if docx:
        with needs_extra("word"):
            import kpi_lib.report.document.city  # noqa: F401
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
    log = _Lines() if log_format == "json" else _Text()
    if not dry_run and kernel == "auto" and not scheduler and not can_fork():
        log.note(msg("Warm kernels need Linux; each notebook runs in a new process."))
    if not dry_run and period == LATEST and log_format == "text":
        say_periods({job.city: job.parameters["period"] for job in batches[0].jobs})
    options: dict[str, Any] = {"workers": workers, "scheduler": scheduler, "kind": kernel}
    options.update(limit=limit, memory=memory * MEGABYTE)
    printer = Printer(found, limit) if found else None
    done = [
        _make(batch, log, force, dry_run, choices, printer=printer, **options) for batch in batches
    ]
    if not all(done):
        raise click.exceptions.Exit(SOME_FAILED)


def _make(
    batch: Batch,
    log: _Text | _Lines,
    force: bool,
    dry_run: bool,
    told: Mapping[str, str],
    **options: Any,
) -> bool:
    """Make the reports of a plan that are due, or only say which; say whether none failed.

    ``told`` is what was chosen beside city, period and language, for the record.
    """
    from kpi_lib.batch.plan import due, run
    from kpi_lib.batch.record import Record

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


def _in_words(why: str) -> str:
    """Why a report is due, in the language of messages."""
    lang = message_language()
    return {
        "new": tr_in(lang, "why a report is due", "new"),
        "files": tr_in(lang, "why a report is due", "files changed or gone"),
        "forced": tr_in(lang, "why a report is due", "forced"),
        "data": tr_in(lang, "why a report is due", "data"),
        "framework": tr_in(lang, "why a report is due", "framework"),
        "library": tr_in(lang, "why a report is due", "library"),
        "notebook": tr_in(lang, "why a report is due", "notebook"),
        "page": tr_in(lang, "why a report is due", "page"),
        "choices": tr_in(lang, "why a report is due", "weights, methods or peers"),
        "look": tr_in(lang, "why a report is due", "kpi.toml"),
        "project": tr_in(lang, "why a report is due", "project"),
    }.get(why, why)


class _Text:
    """Tells a person at a terminal."""

    def note(self, text: str) -> None:
        say(text, err=True)

    def planned(self, batch: Batch, why: dict[str, list[str]]) -> None:
        for job in batch.jobs:
            if job.city in why:
                say(f"{job.city}: {', '.join(map(_in_words, why[job.city]))}")
        kept = len(batch.jobs) - len(why)
        say(
            msg(
                "{n} to be made, {kept} up to date.",
                n=number_of(len(why), "report"),
                kept=number(kept, message_language(), 0),
            )
        )

    def watch(self, outcomes: Iterable[Outcome], total: int, record: Record) -> None:
        from tqdm import tqdm

        with tqdm(total=total, unit=msg("city"), disable=None if total else True) as bar:
            for outcome in outcomes:
                bar.set_postfix_str(outcome.job.name, refresh=False)
                bar.update()

    def done(self, batch: Batch, record: Record) -> None:
        made, failed = record.made, record.failed
        facts = {
            "n": number_of(len(made), "report"),
            "seconds": number(record.seconds, message_language(), 0),
            "index": batch.folder / "index.html",
        }
        if record.kept:
            kept = number(len(record.kept), message_language(), 0)
            text = msg(
                "{n} made in {seconds} s, {kept} up to date; the list: {index}", kept=kept, **facts
            )
        else:
            text = msg("{n} made in {seconds} s; the list: {index}", **facts)
        say(text)
        if len(made) > 3:
            slow = ", ".join(
                f"{o.job.name} {number(o.seconds, message_language())} s" for o in made[:3]
            )
            cells = ", ".join(
                f"[{n}] {number(s, message_language(), 2)} s"
                for n, s in record.slowest_cells().items()
            )
            text = msg("Slowest: {slow}.", slow=slow)
            say(text + (msg(" Slowest cells: {cells}.", cells=cells) if cells else ""))
        if failed:
            say("\n" + msg("{n} failed:", n=number_of(len(failed), "city")), err=True)
            for outcome in failed:
                say(f"  {outcome.job.city}: {outcome.failure}", err=True)


class _Lines:
    """Tells a program: a line of JSON for each thing that happens."""

    def note(self, text: str) -> None:
        self._say("note", text=text)

    def planned(self, batch: Batch, why: dict[str, list[str]]) -> None:
        for job in batch.jobs:
            self._say("planned", city=job.city, why=why.get(job.city, []))

    def watch(self, outcomes: Iterable[Outcome], total: int, record: Record) -> None:
        from kpi_lib.batch.record import of_city

        self._say("begin", total=total, kept=len(record.kept), **record.asked)
        for outcome in outcomes:
            say(of_city(outcome))

    def done(self, batch: Batch, record: Record) -> None:
        counts = Counter("failed" if o.failure else "made" for o in record.outcomes)
        self._say(
            "end",
            seconds=round(record.seconds, 3),
            made=counts["made"],
            failed=counts["failed"],
            kept=len(record.kept),
            index=str(batch.folder / "index.html"),
        )

    def _say(self, event: str, **facts: Any) -> None:
        from kpi_lib.batch.record import line

        say(line(event, **facts))
