"""Recompute published reports from what they say of how they were made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from kpi_lib.batch.differences import between
from kpi_lib.batch.files.forms import PDF, WORD, mark_of
from kpi_lib.batch.files.seal import changed_files, hashes
from kpi_lib.batch.fingerprint import hashed, library
from kpi_lib.batch.job import Job, default_notebook
from kpi_lib.batch.kernels.launch import run_jobs
from kpi_lib.batch.plan import Batch, plan, with_page
from kpi_lib.batch.provenance import (
    AROUND,
    FIGURES,
    as_stated,
    data_files,
    digest,
    figures,
    stated,
    surroundings,
    with_provenance,
)
from kpi_lib.batch.record import RUN
from kpi_lib.batch.run import cores
from kpi_lib.batch.site import INDEX, write_index
from kpi_lib.errors import InputError, Problem
from kpi_lib.io.environment import variable_set
from kpi_lib.io.store import contents, names
from kpi_lib.locale.catalogue import languages, msg
from kpi_lib.methods.loading import FILE as METHODS
from kpi_lib.methods.registry import methods_of
from kpi_lib.observations.sources import COLUMNS, WHERE
from kpi_lib.scoring.cache import GIVEN, chosen_in, parcel, scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard

_DIGITS = 12
_MOST = 20
"""Differences of a page that are listed."""

_FILES = ("data", "framework", "cities", "weights", "spec")

_OF_ONE_PAGE = ("parameters", "command", "page", "figures")
"""What pages that are made together say each of its own."""


@dataclass(frozen=True)
class Verdict:
    """What was found of a page: nothing, if all is the same.

    ``inputs`` are what it was made from and is not the same today, ``differences`` what is
    otherwise than recomputed; ``notes`` say what could not be looked at.
    """

    page: Path
    inputs: Sequence[str] = ()
    differences: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def same(self) -> bool:
        """Whether the page is as recomputed."""
        return not self.differences and not self.inputs


@dataclass(frozen=True)
class Published:
    """A page, and what it says of how it was made."""

    path: Path
    content: bytes = field(repr=False)
    made: Mapping[str, Any] = field(repr=False)

    @property
    def parameters(self) -> dict[str, Any]:
        """What its notebook was told."""
        return dict(self.made["parameters"])


def published(place: Path) -> tuple[list[Published], list[Verdict]]:
    """Give the pages at a place that say how they were made, and what to think of the others.

    A place is a page, or a folder of them. Each page beside a list of reports should say it;
    audits and comparisons do not. Raises :class:`InputError` where none says it.
    """
    files = sorted(place.rglob("*.html")) if place.is_dir() else [place]
    pages, others = [], []
    for file, content in zip(files, contents(files), strict=True):
        made = stated((content or b"").decode(errors="replace"))
        if made is not None and content is not None:
            pages.append(Published(file, content, made))
        elif file.name != INDEX:
            said = msg("it does not say what made it, so that it is not verified")
            listed = (file.parent / INDEX).is_file()
            other = (
                Verdict(file, (), [said]) if listed else Verdict(file, notes=[f"{file}: {said}"])
            )
            others.append(other)
    if not pages:
        raise InputError(
            msg(
                "{place}: no page here says what made it. Expected a page that `kpi report` has "
                "made, or a folder of them.",
                place=place,
            )
        )
    return pages, others


def verify(
    pages: Sequence[Published], given: Mapping[str, str | None], sets: bool = False
) -> Iterator[Verdict]:
    """Recompute pages, those of the same inputs together; verdicts as they come.

    With ``sets`` the lists in the folders of the pages are recomputed too, and their tables.

    ``given`` says where data, framework and the other inputs are where a page's own words do not
    lead there. Code that is not the library's, a notebook or a file of methods, is run only where
    it is given. Scores that are kept are not used. Raises :class:`InputError` where an input is
    not found.
    """
    together: dict[str, list[Published]] = {}
    for page in pages:
        own = {name: said for name, said in page.made.items() if name not in _OF_ONE_PAGE}
        told = {**page.parameters, "city": "", "period": ""}
        together.setdefault(json.dumps([own, told], sort_keys=True), []).append(page)
    for group in together.values():
        with (
            TemporaryDirectory(prefix="kpi-") as folder,
            variable_set("KPI_CACHE", folder),
            _as_told(group[0], given),
        ):
            yield from _group(group, given, Path(folder), sets)


@contextmanager
def _as_told(page: Published, given: Mapping[str, str | None]) -> Iterator[None]:
    """Read and score as it was done for a page: which rows, columns and methods there are."""
    columns = given.get("columns") or page.made.get("columns", "")
    if columns and not given.get("columns"):
        columns = str(_locate(columns, page.path))
    methods = given.get("methods")
    if "methods" in page.made and not methods:
        message = msg(
            "it was computed with the methods of {name}, which are code of somebody's own.",
            name=page.made["methods"]["name"],
        )
        fix = msg("Look at the file; if you want to run it, name it (--methods).")
        raise InputError(Problem(message, fix, str(page.path)))
    with ExitStack() as stack:
        stack.enter_context(variable_set(WHERE, "\n".join(page.made.get("where", ()))))
        stack.enter_context(variable_set(COLUMNS, columns and str(Path(columns).absolute())))
        stack.enter_context(variable_set(METHODS, ""))
        if "methods" in page.made and methods:
            stack.enter_context(methods_of(methods))
        yield


def _group(
    group: Sequence[Published], given: Mapping[str, str | None], folder: Path, sets: bool
) -> Iterator[Verdict]:
    first = group[0]
    here = _located(first, given)
    board = scoreboard(here["data"], here["framework"], **chosen_in(here))
    notebook = _notebook(first, given)
    inputs = _changed(first.made, board, here, notebook)
    notes: list[str] = []
    if first.made["library"] != library():
        notes.append(
            msg(
                "made by kpi-lib {version} in other surroundings than these: figures are "
                "recomputed, files are not made again",
                version=first.made["kpi-lib"],
            )
        )
    elif notebook is None:
        notes.append(
            msg(
                "{name} is not a notebook of the library but code of somebody's own: files are "
                "made again only where you name it (--notebook)",
                name=first.made["notebook"]["name"],
            )
        )
    found = {page.path: [*_damaged(page), *_figures(page, board)] for page in group}
    if notebook is not None and not notes and not inputs:
        yield from _again(group, found, board, notebook, here, folder)
        for own in dict.fromkeys(page.path.resolve().parent for page in group) if sets else ():
            if (own / INDEX).is_file():
                yield _set_again(own, board, notebook, folder)
        return
    for page in group:
        yield Verdict(page.path, inputs, found[page.path], notes)


def _located(page: Published, given: Mapping[str, str | None]) -> dict[str, Any]:
    """The parameters of a page with paths that lead to the files here."""
    here = page.parameters
    for name in _FILES:
        if given.get(name):
            here[name] = given[name]
        elif name in here and (name != "framework" or here[name].endswith((".yaml", ".yml"))):
            here[name] = str(_locate(here[name], page.path))
    return here


def _locate(name: str, page: Path) -> Path:
    folders = (Path.cwd(), *page.resolve().parents)
    for wanted in (Path(name), Path(Path(name).name)):
        for folder in folders:
            if (folder / wanted).exists():
                return folder / wanted
    raise InputError(
        msg(
            "{page}: it was made from '{name}', which is neither here nor in a folder above the "
            "page. Say where it is (--data, --framework, --cities, --weights, --spec, --columns).",
            page=page,
            name=name,
        )
    )


def _notebook(page: Published, given: Mapping[str, str | None]) -> Path | None:
    """The notebook to run: the one that was given, else the library's of the same name."""
    if path := given.get("notebook"):
        return Path(path)
    own = default_notebook().with_name(Path(page.made["notebook"]["name"]).name)
    return own if own.is_file() else None


def _changed(
    made: Mapping[str, Any], board: Scoreboard, here: Mapping[str, Any], notebook: Path | None
) -> list[str]:
    """Say which inputs are not what they were: file, hash then, hash now."""
    then, now = dict(made["data"]), data_files(here)
    framework = made["framework"]
    then[framework["name"]] = framework["sha256"]
    now[board.framework.name] = board.framework.fingerprint
    if notebook is not None:
        then[made["notebook"]["name"]] = made["notebook"]["sha256"]
        now[notebook.name] = digest(notebook.read_bytes())
    for told, methods in ((then, made.get("methods")), (now, surroundings().get("methods"))):
        if methods:
            told[methods["name"]] = methods["sha256"]
    return [
        msg(
            "{name} has changed: sha256 {then} then, {now} now",
            name=name,
            then=then.get(name, "–")[:16],
            now=now.get(name, "–")[:16],
        )
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]


def _damaged(page: Published) -> list[str]:
    """Say which files are not as they were written."""
    there = {file.name for file in page.path.parent.iterdir()}
    return [
        msg("{file} was changed after it was made", file=name)
        for name in changed_files(page.path, page.content)
        if name in there
    ]


def _figures(page: Published, board: Scoreboard) -> list[str]:
    """Say which figures that a page states are not those that follow from the data."""
    told = page.parameters
    unit = (str(told["city"]), str(told["period"]))
    if unit not in board.points.index:
        return [msg("the data have no {city} in {period}", city=unit[0], period=unit[1])]
    words = (msg("value"), msg("score"), msg("rank"), msg("coverage"))
    then, now = page.made["figures"], figures(board, *unit)
    nothing = [None] * len(FIGURES)
    return [
        msg(
            "{city}, {code}, {what}: on the page {was}, recomputed {made}",
            city=unit[0],
            code=code,
            what=word,
            was=was,
            made=made,
        )
        for code in dict.fromkeys([*then, *now])
        for word, was, made in zip(
            words, then.get(code, nothing), now.get(code, nothing), strict=True
        )
        if _rounded(was) != _rounded(made)
    ]


def _rounded(figure: Any) -> str:
    """A figure to as many digits as count."""
    return f"{figure:.{_DIGITS}g}" if isinstance(figure, int | float) else str(figure)


def _again(
    group: Sequence[Published],
    found: Mapping[Path, list[str]],
    board: Scoreboard,
    notebook: Path,
    here: Mapping[str, Any],
    folder: Path,
) -> Iterator[Verdict]:
    """Make the reports again and compare every byte of every file."""
    told = group[0].parameters
    by_city = {(page.parameters["city"], page.parameters["period"]): page for page in group}
    shared = {name: told[name] for name in told if name not in ("city", "period", "lang")}
    jobs = []
    for period in dict.fromkeys(period for _, period in by_city):
        cities = [city for city, own in by_city if own == period]
        output = folder / "again"
        batch = plan(
            board, shared, output, cities=cities, period=period, lang=told["lang"],
            notebook=notebook,
        )  # fmt: skip
        jobs += [_as_made(job, by_city[job.city, period]) for job in batch.jobs]
    around = {name: group[0].made[name] for name in AROUND if name in group[0].made}
    jobs = with_provenance(board, notebook, jobs, here, around)
    packed = parcel(board, told["data"], told["framework"], **chosen_in(told))
    for name, content in packed.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    with variable_set(GIVEN, str(folder)):
        for outcome in run_jobs(notebook, jobs, cores()):
            page = by_city[outcome.job.city, str(outcome.job.parameters["period"])]
            others = [str(outcome.failure)] if outcome.failure else []
            if not outcome.failure:
                others = _compared(page, outcome.job.page)
            notes = [msg("PDF files are not made again")] if PDF in outcome.job.forms else []
            yield Verdict(page.path, (), [*found[page.path], *others][:_MOST], notes)


def _as_made(job: Job, page: Published) -> Job:
    """A job with what a published page leads to, and the mark of its other forms."""
    job = as_stated(job, page.made["page"])
    before_forms = with_page(replace(job, forms=()))
    return with_page(replace(job, mark=mark_of(hashed(before_forms.inputs))))


def _set_again(own: Path, board: Scoreboard, notebook: Path, folder: Path) -> Verdict:
    """Write the list of a set and its tables again, and compare them."""
    framework, period, lang = own.parts[-3:]
    new = folder / "sets" / framework / period / lang
    listed = (own / INDEX).read_text(encoding="utf-8", errors="replace")
    audits = own.parents[1].glob("*/*")  # of which the list names those that were there before it
    older = [each for each in audits if f'"../../{each.parent.name}/{each.name}"' in listed]
    for there in [*older, *own.iterdir()]:
        beside = new.parents[1] / there.relative_to(own.parents[1])
        beside.parent.mkdir(parents=True, exist_ok=True)
        if there.suffix in (".csv", ".pdf"):  # it says what columns they have, and if they belong
            copyfile(there, beside)
        elif there.is_file():
            beside.touch()
    try:
        cities = json.loads((own / RUN).read_bytes())["cities"]
        failed = any(facts["status"] == "failed" for facts in cities.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        failed = False
    if failed:
        return Verdict(own / INDEX, notes=[msg("the list names failures: it is not made again")])
    others = [each for each in languages() if each != lang and names(own.with_name(each))]
    batch = Batch(board, period, lang, folder, notebook)
    write_index(board, new, batch.lang, batch.periods, {}, sorted(others))
    made = (path for path in sorted(new.iterdir()) if path.stat().st_size)
    return Verdict(own / INDEX, (), [each for path in made for each in _beside(own, path)])


def _compared(page: Published, again: Path) -> list[str]:
    made = again.read_bytes()
    told = list(between(page.content, made, again.name))[:_MOST] if made != page.content else []
    names_of_files = [name for name in hashes(made) if again.with_name(name).is_file()]
    if (word := again.with_suffix(f".{WORD}")).is_file():
        names_of_files.append(word.name)
    for name in names_of_files:
        if page.path.with_name(name).is_file():
            told += _beside(page.path.parent, again.with_name(name))
    return told


def _beside(folder: Path, again: Path) -> list[str]:
    """Say how a file in a folder differs from the one that is made again."""
    name, made = again.name, again.read_bytes()
    try:
        was = (folder / name).read_bytes()
    except FileNotFoundError:
        return [msg("{file} is not there", file=name)]
    if was == made:
        return []
    return [f"{name}: {each}" for each in [*between(was, made, name)][:_MOST]]
