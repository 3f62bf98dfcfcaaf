"""The reports of many cities: what is to be made, and why."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kpi_lib.analysis.peers import check_column
from kpi_lib.analysis.robustness.draws import plan_of
from kpi_lib.batch.files import forms as of_page
from kpi_lib.batch.files.seal import made_from, marks_in
from kpi_lib.batch.fingerprint import changed, common, hashed, of_cities, parts_of, text_of
from kpi_lib.batch.job import (
    Job,
    Link,
    check_parameter,
    check_project,
    default_notebook,
    notebook_source,
)
from kpi_lib.batch.site import INDEX
from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.model import TOTAL
from kpi_lib.io.store import names
from kpi_lib.locale.catalogue import Lang, languages, msg
from kpi_lib.locale.display import Displayed
from kpi_lib.locale.words import period_name
from kpi_lib.report.page.look import look_of
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.cache import CHOICES
from kpi_lib.scoring.scoreboard import Scoreboard

LATEST = "latest"
PEERS = "peers"


@dataclass(frozen=True, repr=False)
class Batch(Displayed):
    """The reports to be made of one framework, period (or ``latest``) and language.

    ``output`` is the folder of all reports, ``folder`` that of this set.
    """

    board: Scoreboard
    period: str
    lang: Lang
    output: Path
    notebook: Path
    jobs: tuple[Job, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the files of this set go."""
        return self.output / self.board.framework.name / self.period / self.lang

    @cached_property
    def periods(self) -> Mapping[str, str]:
        """The period of each city that has data in this set."""
        latest = self.board.latest
        if self.period == LATEST:
            return latest
        units = self.board.points.index
        return {city: self.period for city in latest if (city, self.period) in units}


def plan(
    board: Scoreboard,
    parameters: Mapping[str, Any],
    output: Path,
    *,
    cities: Sequence[str] = (),
    period: str = LATEST,
    lang: Lang = "vi",
    langs: Collection[Lang] = (),
    notebook: Path | None = None,
    forms: Collection[str] = (),
) -> Batch:
    """Plan the reports of some cities (codes or names), or of all.

    ``parameters`` are what every notebook is told beside city, period and language: the
    framework and the data, and what was chosen: peer groups, weights, methods. A page
    leads to the same page in the languages ``langs``, which are made as well, and in those in
    which it is there already; and to its neighbours in the list of which the same is so. It also
    leads to its other ``forms`` (``pdf``, ``docx``), which are made, and to those that are there
    and belong to it. Raises :class:`InputError` for an unknown city, period or column of peers, or
    a notebook that does not take the parameters.
    """
    lang = board.observations.project.speaks(lang)
    batch = Batch(board, period, lang, output, notebook or default_notebook())
    notebook_source(batch.notebook)
    if peers := parameters.get(PEERS) or board.observations.project.peers:
        check_column(board, peers)
    if board.spec is not None:
        plan_of(board, None, board.period(period))  # says what of it cannot be applied
    for name in (PEERS, *CHOICES):  # what a notebook does not ask for it would not show
        if name in parameters:
            check_parameter(batch.notebook, name)
    if not batch.periods:
        there = ", ".join(board.periods)
        raise InputError(
            msg(
                "there are no data for the period '{period}'; there are: {there}.",
                period=period,
                there=there,
            )
        )
    wanted = [board.unit(city)[0] for city in cities] or list(batch.periods)
    jobs = _jobs(batch, list(dict.fromkeys(wanted)), parameters, langs, forms)
    _check_beside(batch, jobs)
    return Batch(board, period, lang, output, batch.notebook, jobs)


def _jobs(
    batch: Batch,
    cities: Sequence[str],
    parameters: Mapping[str, Any],
    langs: Collection[Lang],
    forms: Collection[str],
) -> tuple[Job, ...]:
    board, lang = batch.board, batch.lang
    slugs = _slugs(board)
    periods = {city: board.unit(city, batch.period)[1] for city in cities}
    shared = common(board, batch.notebook, str(parameters.get(PEERS, "")))
    look = look_of(board.observations.project, lang)
    own = of_cities(board, periods)
    beside = _neighbours(batch, cities)
    there = {each: names(batch.folder.with_name(each)) for each in languages() if each != lang}
    jobs = []
    for city, period in periods.items():
        name, when = city_name(board, city, lang), period_name(period, lang)
        page = f"{slugs[city]}.html"
        job = Job(
            city=city,
            name=name,
            title=f"{board.framework.report_title(lang)}: {name} – {when}",
            stem=batch.folder / slugs[city],
            parameters={"city": city, "period": period, **parameters, "lang": str(lang)},
            lang=lang,
            series=board.framework.series(lang),
            framework=board.framework.name,
            when=when,
            demo=board.observations.demo,
            look=look,
            index=INDEX,
            previous=beside[city][0],
            next=beside[city][1],
            others={
                other: f"../{other}/{page}"
                for other, pages in there.items()
                if other in langs or page in pages
            },
        )
        jobs.append(with_page(replace(job, inputs=text_of({**shared, **own[city]}))))
    jobs = [replace(job, mark=of_page.mark_of(hashed(job.inputs))) for job in jobs]
    there_too = of_page.standing(jobs)
    return tuple(_with_forms(job, forms, there_too) for job in jobs)


def _with_forms(job: Job, forms: Collection[str], there: Mapping[Path, bool]) -> Job:
    """Tell a job its forms: those that are asked for, or stand there and belong to it."""
    kept = [form for form in of_page.FORMS if form in forms or there.get(job.file(form))]
    return with_page(replace(job, forms=tuple(kept)))


def with_page(job: Job) -> Job:
    """Add to the inputs of a job the hash of what its page is told."""
    told = hashed(repr(replace(job, stem=Path(job.stem.name), inputs="")))
    return replace(job, inputs=text_of({**parts_of(job.inputs), "page": told}))


def _check_beside(batch: Batch, jobs: Sequence[Job]) -> None:
    """Raise :class:`InputError` where pages that stay in the folder do not belong beside these.

    That is any page of another project, and any page that is not made now and shows other
    weights, methods or peers.
    """
    if not jobs:
        return
    own = parts_of(jobs[0].inputs)
    made = {job.page.name for job in jobs}
    there = marks_in(batch.folder)
    check_project(batch.folder, there.values(), own["project"])
    for page, marks in there.items():
        if page not in made and marks.get("choices", own["choices"]) != own["choices"]:
            message = msg(
                "{page} was made with other weights, methods or peers; pages of both would stand "
                "side by side.",
                page=page,
            )
            fix = msg("Give another folder (--output), or make the reports of all anew.")
            raise InputError(Problem(message, fix, str(batch.folder)))


def _neighbours(
    batch: Batch, planned: Collection[str]
) -> dict[str, tuple[Link | None, Link | None]]:
    """Who stands before and after each city in the list: those that have, or will have, a page."""
    slugs, there = _slugs(batch.board), names(batch.folder)
    ranks = batch.board.ranks[TOTAL].dropna().to_dict()
    known = [
        (ranks.get((city, period), math.inf), city_name(batch.board, city, batch.lang), city)
        for city, period in batch.periods.items()
        if city in planned or f"{slugs[city]}.html" in there
    ]
    links = {city: Link(name, f"{slugs[city]}.html") for _, name, city in sorted(known)}
    row = [None, *links.values(), None]
    return {city: (row[i], row[i + 2]) for i, city in enumerate(links)}


def _slugs(board: Scoreboard) -> dict[str, str]:
    """The names of cities' files, without their endings."""
    places = board.observations.cities
    return dict(zip(places["city"], places["slug"], strict=True))


def due(batch: Batch, force: bool = False) -> dict[str, list[str]]:
    """Say which cities' reports are to be made, and why; the others are there already.

    The reasons are ``new``, ``forced``, ``files`` (a file of the report is gone or was changed),
    or the names of what it depends on: ``data`` (of any city), ``framework``, ``library``,
    ``notebook``, ``page``, ``choices`` (weights, methods, peers) and ``look`` (what kpi.toml
    says); of other forms that are not there, or belong to a page that was, ``pdf`` and ``docx``.
    """
    reasons = {}
    current = of_page.standing(batch.jobs)
    there = made_from(batch.jobs)
    for job in batch.jobs:
        before = there.get(job.city)
        if force:
            reasons[job.city] = ["forced"]
        elif before is None:
            reasons[job.city] = ["new"]
        elif not before:
            reasons[job.city] = ["files"]
        elif before != job.inputs:
            reasons[job.city] = changed(before, job.inputs)
        elif lacking := [form for form in job.forms if not current.get(job.file(form))]:
            reasons[job.city] = lacking
    return reasons
