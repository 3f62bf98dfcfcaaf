"""What `kpi report` tells of a run: to a person at a terminal, or to a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from kpi_lib.cli.base import number_of, say
from kpi_lib.locale.catalogue import message_language, msg, tr_in
from kpi_lib.locale.words import number

if TYPE_CHECKING:
    from kpi_lib.batch.job import Outcome
    from kpi_lib.batch.plan import Batch
    from kpi_lib.batch.record import Record


class Log(Protocol):
    """Whoever is told of a run."""

    def note(self, text: str) -> None:
        """Take what is to be known beside the run itself."""

    def planned(self, batch: Batch, why: Mapping[str, Sequence[str]]) -> None:
        """Take what would be made, and why: ``why`` by the city's code."""

    def watch(self, outcomes: Iterable[Outcome], total: int, record: Record) -> None:
        """Take the outcomes as they come; ``total`` is how many there will be."""

    def done(self, batch: Batch, record: Record) -> None:
        """Take the end of the run."""


def log_as(form: str) -> Log:
    """Whoever is told: ``json`` for a program, ``text`` for a person."""
    return _Lines() if form == "json" else _Text()


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


class _Text(Log):
    """Tells a person at a terminal."""

    def note(self, text: str) -> None:
        say(text, err=True)

    def planned(self, batch: Batch, why: Mapping[str, Sequence[str]]) -> None:
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


class _Lines(Log):
    """Tells a program: a line of JSON for each thing that happens."""

    def note(self, text: str) -> None:
        self._say("note", text=text)

    def planned(self, batch: Batch, why: Mapping[str, Sequence[str]]) -> None:
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
