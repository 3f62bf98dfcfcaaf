"""An edition: what was published, in one archive that can be verified by itself.

It holds the data as they were read, the framework, the notebook, all reports, what made them,
and a page that says so: preliminary or final, what it corrects, and what has changed since an
earlier edition and why.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from kpi_lib.analysis.revision import PARTS, split
from kpi_lib.batch.job import default_notebook
from kpi_lib.batch.plan import Batch, with_page
from kpi_lib.batch.provenance import digest, origin
from kpi_lib.batch.record import RUN
from kpi_lib.errors import InputError, Problem
from kpi_lib.framework.load import bundled_frameworks, load_framework
from kpi_lib.io.archives import packed
from kpi_lib.io.environment import variable_set
from kpi_lib.io.paths import find
from kpi_lib.io.store import write_whole
from kpi_lib.locale.catalogue import Lang, msg, tr
from kpi_lib.locale.words import number, signed
from kpi_lib.methods.loading import FILE as METHODS
from kpi_lib.observations.sources import COLUMNS, WHERE, gather, rows_chosen
from kpi_lib.report.page.templating import environment
from kpi_lib.report.view.names import city_name
from kpi_lib.scoring.cache import chosen_in, files_named, scoreboard, uncertain_in
from kpi_lib.scoring.scoreboard import Scoreboard

ABOUT, CHANGES, PAGE = "edition.json", "changes.csv", "index.html"
_DATA, _FRAMEWORK, _NOTEBOOK, _REPORTS = "data", "framework", "notebook", "reports"
_CHOSEN = ("weights", "spec")
"""Files that may be chosen, each in a folder of its name."""

_MOST = 4 * 10**9
_SAME = 1e-9


@dataclass(frozen=True)
class Edition:
    """An edition whose files lie in a folder, and what it says of itself."""

    folder: Path
    about: Mapping[str, Any]

    @property
    def inputs(self) -> dict[str, str]:
        """Where data, framework and, if they were given, weights and what is uncertain are."""
        inputs = self.about["inputs"]
        there = {name: inputs[name] for name in (_DATA, _FRAMEWORK)}
        there |= {name: inputs[name] for name in _CHOSEN if name in inputs}
        return {name: str(self.folder / place) for name, place in there.items()}

    @property
    def reports(self) -> Path:
        """The folder of the reports."""
        return self.folder / _REPORTS

    def board(self) -> Scoreboard:
        """Score its data by its framework, as it was chosen."""
        chosen = chosen_in({**self.about["inputs"], **self.inputs})
        with variable_set(WHERE, "\n".join(self.about.get("where", ()))):
            return scoreboard(self.inputs["data"], self.inputs["framework"], **chosen)

    def damaged(self) -> list[str]:
        """The files that are gone, added, or not as they were put in."""
        there = _hashes(self.folder)
        named = self.about["files"]
        return sorted(name for name in {*there, *named} if there.get(name) != named.get(name))


@contextmanager
def opened(archive: Path) -> Iterator[Edition]:
    """Unpack an edition for a while. Raises :class:`InputError` for anything else."""
    with TemporaryDirectory(prefix="kpi-") as place:
        folder = Path(place).resolve()
        try:
            with zipfile.ZipFile(archive) as packed:
                if sum(each.file_size for each in packed.infolist()) > _MOST:
                    raise ValueError
                packed.extractall(folder)
            about = json.loads((folder / ABOUT).read_bytes())
            edition = Edition(folder, about)
            if not isinstance(about["files"], dict) or not edition.inputs:
                raise ValueError
        except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
            raise InputError(
                msg("{archive}: this is no edition that `kpi edition` has made.", archive=archive)
            ) from error
        yield edition


@contextmanager
def prepared(
    data: str,
    framework: str,
    notebook: Path | None,
    cities: str | None = None,
    choices: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Lay the inputs of an edition out in a folder and work there; gives the parameters.

    ``choices`` are weights, methods and peers; with the parameters come ``notebook`` and the file
    of ``methods``.
    """
    told: dict[str, Any] = dict(choices or {})
    files = _data_files(data, cities)
    given = {
        _FRAMEWORK: _framework_file(framework),
        **{name: find(told[name]) for name in _CHOSEN if name in told},
        _NOTEBOOK: (notebook or default_notebook()).resolve(),
    }
    if methods := os.environ.get(METHODS):
        given["methods"] = Path(methods)
    errors = files_named(uncertain_in(given["spec"])) if "spec" in given else []
    with TemporaryDirectory(prefix="kpi-") as place:
        for name, content in files.items():
            write_whole(Path(place, _DATA, name), content)
        for folder, path in given.items():
            Path(place, folder).mkdir()
            shutil.copy(path, Path(place, folder))
        for path in errors:
            shutil.copy(path, Path(place, "spec"))
        told |= {name: f"{name}/{path.name}" for name, path in given.items()}
        with chdir(place), variable_set(COLUMNS, ""):
            load_framework(told["framework"])  # what it extends is bundled, or not in an edition
            yield {**told, "data": _DATA}


def _data_files(data: str, cities: str | None) -> dict[str, bytes]:
    """What is read of the data, by the names under which all of it is found in one folder."""
    sources = gather(find(data), None if cities is None else find(cities))
    files: dict[str, bytes] = {}
    for path, content in sources.contents.items():
        name = path.name
        if path in sources.cities and not name.lower().startswith("cities"):
            name = f"cities-{name}"
        elif path in sources.columns and not fnmatch(name, "columns*.y*ml"):
            name = f"columns-{path.stem}.yaml"
        if name in files:
            message = msg("two files of the data have one name; an edition has one folder.")
            raise InputError(Problem(message, "", name))
        files[name] = content
    return files


def changes_since(earlier: Path, board: Scoreboard) -> pd.DataFrame:
    """Give what has changed since an earlier edition, a row for each city, and why."""
    with opened(earlier) as before:
        return split(before.board(), board).reset_index(names="city")


def announced(
    batch: Batch,
    status: str,
    corrects: Path | None,
    since: Path | None,
    changes: pd.DataFrame | None,
) -> Batch:
    """Have each page say how it is announced, and what has changed for its city and why."""
    lang, earlier = batch.lang, since or corrects
    how = f"{tr(lang, 'Final') if status == 'final' else tr(lang, 'Preliminary')}."
    if corrects:
        how += " " + tr(lang, "Corrects {name}.", name=corrects.name)
    told = dict.fromkeys((job.city for job in batch.jobs), how)
    if earlier and changes is not None:
        for row in changes.to_dict("records"):
            told[row["city"]] = f"{how} {_since(row, earlier.name, lang)}"
    return replace(
        batch,
        jobs=tuple(with_page(replace(job, edition=told[job.city])) for job in batch.jobs),
    )


def _since(row: Mapping[Any, Any], name: str, lang: Lang) -> str:
    """Say of a city what has changed since the edition of a name."""
    said: dict[str, str] = {"name": name}
    for side in ("before", "after"):
        score, rank = row[f"score_{side}"], row[f"rank_{side}"]
        said[side] = "–" if pd.isna(score) else number(score, lang, 2)
        said[f"rank_{side}"] = "–" if pd.isna(rank) else number(rank, lang, 0)
    places = tr(
        lang, "Since {name}: score {before} → {after}, rank {rank_before} → {rank_after}.", **said
    )
    if pd.isna(row["data"]) or abs(row["change"]) < _SAME:
        return places
    parts = {part: signed(row[part], lang, 2) for part in ("change", *PARTS)}
    why = tr(
        lang,
        "The change of {change} comes from data {data}, weights {weights}, "
        "membership {membership}, method {rules}.",
        **parts,
    )
    return f"{places} {why}"


def pack(
    board: Scoreboard,
    inputs: Mapping[str, Any],
    target: Path,
    lang: Lang,
    *,
    status: str,
    corrects: Path | None,
    since: Path | None,
    changes: pd.DataFrame | None,
) -> None:
    """Write the page of an edition whose reports are made in this folder, and the archive."""
    if changes is not None:
        write_whole(Path(CHANGES), changes.to_csv(index=False))
    about = {
        "status": status,
        "framework": board.framework.name,
        "inputs": dict(inputs),
        **({"where": rows_chosen()} if rows_chosen() else {}),
        "made": origin(board),
        **{
            name: {"name": path.name, "sha256": digest(path.read_bytes())}
            for name, path in (("corrects", corrects), ("since", since))
            if path
        },
    }
    page = environment().get_template("edition.html.j2").render(
        resources={
            "lang": lang,
            "title": board.framework.report_title(lang),
            "demo": board.observations.demo,
            "mark": "",
        },
        about=about,
        files=_hashes(Path()),
        changes=[] if changes is None else _rows(changes, board, lang),
    )  # fmt: skip
    write_whole(Path(PAGE), page)
    about["files"] = _hashes(Path())
    write_whole(Path(ABOUT), json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    names = sorted([*_hashes(Path()), ABOUT])
    write_whole(target, packed((name, Path(name).read_bytes()) for name in names))


def _rows(changes: pd.DataFrame, board: Scoreboard, lang: Lang) -> list[list[str]]:
    """The table of the page: name, score before and now, change and its parts."""
    known = set(board.latest)
    rows = []
    for row in changes.sort_values("change", key=abs, ascending=False).to_dict("records"):
        name = city_name(board, row["city"], lang) if row["city"] in known else row["city"]
        figures = [
            *((number, row[side]) for side in ("score_before", "score_after")),
            *((signed, row[part]) for part in ("change", *PARTS)),
        ]
        texts = ["–" if pd.isna(value) else say(value, lang, 2) for say, value in figures]
        rows.append([name, *texts])
    return rows


def _framework_file(name: str) -> Path:
    bundled = bundled_frameworks()
    return bundled[name] if name in bundled else find(name)


def _hashes(folder: Path) -> dict[str, str]:
    """Hash every file of an edition but the one that holds the hashes; no record of a run."""
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (ABOUT, RUN)
    }
    return {name: digest(found[name].read_bytes()) for name in sorted(found)}
