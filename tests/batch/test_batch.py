"""The reports of many cities: what is planned, made, listed, and left when something fails."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from small_report import FIGURE, TITLE, write_inputs

from kpi_lib.batch.job import Link
from kpi_lib.batch.plan import Batch, due, plan
from kpi_lib.batch.record import Record
from kpi_lib.batch.run import run
from kpi_lib.errors import InputError
from kpi_lib.io.store import only_one, write_whole
from kpi_lib.scoring.cache import scoreboard
from kpi_lib.scoring.scoreboard import Scoreboard

SOMETIMES = 'if city == "dong-ha":\n    raise ValueError("hỏng <i>")'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A folder with inputs that is the working directory, as a person's would be."""
    folder = tmp_path_factory.mktemp("batch")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "data" / "processed").mkdir(parents=True)
        yield write_inputs(folder, [TITLE, SOMETIMES, FIGURE])


@pytest.fixture(scope="module")
def board(place: dict[str, Path]) -> Scoreboard:
    return scoreboard("observations.csv", "small.yaml")


def planned(board: Scoreboard, output: Path, **options: object) -> Batch:
    parameters = {"framework": "small.yaml", "data": "observations.csv"}
    return plan(board, parameters, output, notebook=Path("report.ipynb"), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(board: Scoreboard, place: dict[str, Path]) -> Path:
    """A folder of reports, of which one failed."""
    output = place["data"].parent / "reports"
    outcomes = list(run(planned(board, output), workers=2, limit=60))
    assert {o.job.city: bool(o.failure) for o in outcomes} == {
        "an-binh": False,
        "dong-ha": True,
        "x-y": False,
    }
    return output


def test_files_are_named_by_framework_period_language_and_city(
    board: Scoreboard, tmp_path: Path
) -> None:
    batch = planned(board, tmp_path, period="2024", lang="en")
    assert [str(job.page.relative_to(tmp_path)) for job in batch.jobs] == [
        "small@1/2024/en/an-binh.html",
        "small@1/2024/en/dong-ha.html",
    ]
    assert batch.jobs[0].parameters == {
        "city": "an-binh",
        "period": "2024",
        "framework": "small.yaml",
        "data": "observations.csv",
        "lang": "en",
    }
    assert batch.jobs[0].title == "Smart city report: An Binh – 2024"


def test_latest_is_each_citys_own_latest_period(board: Scoreboard, tmp_path: Path) -> None:
    batch = planned(board, tmp_path)
    assert {job.city: job.parameters["period"] for job in batch.jobs} == {
        "an-binh": "2024",
        "dong-ha": "2024",
        "x-y": "2023",
    }
    assert batch.folder == tmp_path / "small@1" / "latest" / "vi"


def test_cities_are_asked_for_by_code_or_name(board: Scoreboard, tmp_path: Path) -> None:
    batch = planned(board, tmp_path, cities=["Đông Hà", "an-binh", "dong ha"])
    assert [job.city for job in batch.jobs] == ["dong-ha", "an-binh"]
    with pytest.raises(InputError, match="Đông Hà"):
        planned(board, tmp_path, cities=["Dông Hạ X"])


def with_peers(board: Scoreboard, output: Path, by: str, notebook: Path) -> Batch:
    parameters = {"framework": "small.yaml", "data": "observations.csv", "peers": by}
    return plan(board, parameters, output, notebook=notebook)


def test_peer_groups_are_told_to_a_notebook_that_takes_them(
    board: Scoreboard, place: dict[str, Path], tmp_path: Path
) -> None:
    taking = tmp_path / "peers.ipynb"
    source = place["notebook"].read_text(encoding="utf-8")
    taking.write_text(source.replace('city = \\"\\"', 'city = \\"\\"\\npeers = \\"auto\\"'))
    by_class = with_peers(board, tmp_path, "class", taking)
    assert by_class.jobs[0].parameters["peers"] == "class"
    none = with_peers(board, tmp_path, "none", taking)
    assert by_class.jobs[0].inputs != none.jobs[0].inputs  # so that pages are made again
    with pytest.raises(InputError, match="no column 'clas'"):
        with_peers(board, tmp_path, "clas", taking)


@pytest.mark.parametrize(("name", "value"), [("peers", "class"), ("quality", "reported")])
def test_what_a_notebook_would_not_hear_of_is_refused(
    board: Scoreboard, place: dict[str, Path], tmp_path: Path, name: str, value: str
) -> None:
    parameters = {"framework": "small.yaml", "data": "observations.csv", name: value}
    with pytest.raises(InputError, match=f"the notebook has no parameter '{name}'"):
        plan(board, parameters, tmp_path, notebook=place["notebook"])
    assert plan(board, parameters, tmp_path).jobs[0].parameters[name] == value


def test_an_unknown_period_is_refused(board: Scoreboard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are: 2023, 2024"):
        planned(board, tmp_path, period="2020")


def test_neighbours_are_those_of_the_list(board: Scoreboard, made: Path, tmp_path: Path) -> None:
    jobs = {job.page.name: job for job in planned(board, tmp_path).jobs}
    index = (made / "small@1" / "latest" / "vi" / "index.html").read_text(encoding="utf-8")
    order = [name for row in rows_of(index) for name in jobs if jobs[name].name in unescape(row)]
    for before, after in pairwise(order):
        assert jobs[before].next == Link(jobs[after].name, after)
        assert jobs[after].previous == Link(jobs[before].name, before)
    assert jobs[order[0]].previous is None
    assert jobs[order[-1]].next is None


def test_a_page_leads_to_no_page_that_is_not_made(board: Scoreboard, tmp_path: Path) -> None:
    (alone,) = planned(board, tmp_path, cities=["an-binh"], langs=["vi"]).jobs
    assert (alone.previous, alone.next, alone.others) == (None, None, {})


def test_a_page_leads_to_pages_that_are_there_and_to_those_of_the_same_run(
    board: Scoreboard, tmp_path: Path
) -> None:
    every = {job.city: job for job in planned(board, tmp_path, langs=["vi", "en"]).jobs}
    assert every["an-binh"].others == {"en": "../en/an-binh.html"}
    for job in every.values():
        write_whole(job.page, "")
        write_whole(job.page.parents[1] / "en" / job.page.name, "")
    (alone,) = planned(board, tmp_path, cities=["an-binh"]).jobs
    assert alone == every["an-binh"]


def test_a_city_that_fails_does_not_stop_the_others(made: Path) -> None:
    folder = made / "small@1" / "latest" / "vi"
    assert sorted(path.name for path in folder.iterdir() if path.suffix in {".html", ".ipynb"}) == [
        "an-binh.html",
        "an-binh.ipynb",
        "index.html",
        "x-y.html",
        "x-y.ipynb",
    ]


def rows_of(index: str) -> list[str]:
    body = re.search(r"<tbody>(.*)</tbody>", index, re.DOTALL)
    assert body
    return re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)


def test_the_list_has_every_city_with_score_rank_and_links(made: Path) -> None:
    index = (made / "small@1" / "latest" / "vi" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in index
    first, second, third = rows_of(index)
    assert 'href="x-y.html">&lt;b&gt;X &amp; Y&lt;/b&gt;</a>' in first + second
    assert "Đông Hà" in second + first
    assert 'href="an-binh.html">An Bình</a>' in third
    assert ">2<" in third
    assert ">60,0<" in third
    assert ">50%<" in third


def test_the_list_says_what_failed_without_a_link(made: Path) -> None:
    index = (made / "small@1" / "latest" / "vi" / "index.html").read_text(encoding="utf-8")
    failed = next(row for row in rows_of(index) if "Đông Hà" in row)
    assert "dong-ha.html" not in failed
    assert "cell [4]: ValueError: hỏng &lt;i&gt;" in failed
    assert "1 đô thị chưa lập được báo cáo" in index


def test_the_list_says_where_the_periods_differ(made: Path) -> None:
    index = (made / "small@1" / "latest" / "vi" / "index.html").read_text(encoding="utf-8")
    assert "năm 2024 (2 đô thị) và năm 2023 (1 đô thị)" in index
    assert 'data-key="period"' in index


def test_all_sets_are_listed_at_the_top(made: Path) -> None:
    top = (made / "index.html").read_text(encoding="utf-8")
    assert '<a href="small@1/latest/vi/index.html" hreflang="vi">Bộ thử: kỳ gần nhất</a>' in top
    assert "2 báo cáo" in top


def test_the_executed_notebook_can_be_opened_again(made: Path) -> None:
    saved = json.loads((made / "small@1/latest/vi/an-binh.ipynb").read_text(encoding="utf-8"))
    assert saved["nbformat"] == 4
    assert "papermill" not in saved["metadata"]
    assert "An Bình" not in saved["metadata"]


def test_who_stops_early_keeps_what_is_done(board: Scoreboard, tmp_path: Path) -> None:
    batch = planned(board, tmp_path / "reports", cities=["an-binh", "x-y"])
    outcomes = run(batch, workers=1, limit=60)
    first = next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    names = sorted(p.name for p in batch.folder.iterdir() if p.suffix in {".html", ".ipynb"})
    assert names == sorted([first.job.page.name, first.job.notebook.name, "index.html"])


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "page.html"
    write_whole(path, "cũ")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "mới")
    assert path.read_text(encoding="utf-8") == "cũ"
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]


def test_a_citys_report_cannot_escape_its_folder(board: Scoreboard, tmp_path: Path) -> None:
    batch = planned(board, tmp_path)
    for job in batch.jobs:
        assert job.page.parent == batch.folder
        assert re.fullmatch(r"[a-z0-9._-]+", job.page.stem)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own with the inputs, for tests that change them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "processed").mkdir(parents=True)
    write_inputs(tmp_path, [TITLE])
    return tmp_path


def plan_here(lang: str = "vi") -> Batch:
    board = scoreboard("observations.csv", "small.yaml")
    return planned(board, Path("reports"), lang=lang)


def make_all() -> dict[str, bytes]:
    """Make what is due and give every file that then is there, but for the record of the run."""
    batch = plan_here()
    assert all(o.failure is None for o in run(batch, due(batch), workers=2, limit=60))
    return {path.name: path.read_bytes() for path in batch.folder.iterdir()}


@pytest.fixture(scope="module")
def all_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all reports are made, to be copied and left as it is."""
    folder = tmp_path_factory.mktemp("all") / "made"
    (folder / "data" / "processed").mkdir(parents=True)
    write_inputs(folder, [TITLE])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_all()
    return folder


@pytest.fixture
def done(all_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own in which nothing is left to do."""
    folder = tmp_path / "done"
    shutil.copytree(all_made, folder)
    monkeypatch.chdir(folder)
    assert due(plan_here()) == {}
    return folder


def files_made() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in plan_here().folder.iterdir()}


def test_what_nothing_has_changed_is_not_made_again(fresh: Path) -> None:
    assert due(plan_here()) == {"an-binh": ["new"], "dong-ha": ["new"], "x-y": ["new"]}
    files = make_all()
    assert due(plan_here()) == {}
    assert list(run(plan_here(), due(plan_here()))) == []
    assert make_all() == files
    assert due(plan_here(), force=True)["x-y"] == ["forced"]
    assert due(plan_here("en"))["x-y"] == ["new"]


def test_time_does_not_count_content_does(done: Path) -> None:
    for path in done.rglob("*"):
        if path.is_file():
            path.touch()
    assert due(plan_here()) == {}


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        ("observations.csv", "dong-ha,2024,A1,80", "dong-ha,2024,A1,81", "data"),
        ("small.yaml", "First", "The first", "framework"),
        ("report.ipynb", "heading", "joined, heading", "notebook"),
        ("cities.csv", "Đông Hà", "Đông Hải", "data"),
    ],
)
def test_what_it_depends_on_is_the_reason(
    done: Path, path: str, old: str, new: str, why: str
) -> None:
    text = (done / path).read_text(encoding="utf-8")
    assert old in text
    (done / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    reasons = due(plan_here())
    assert all(why in found for found in reasons.values())
    assert "dong-ha" in reasons


def test_the_library_and_the_page_are_reasons_too(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_lib.batch.fingerprint.library", lambda: "another")
    assert due(plan_here())["x-y"] == ["library"]


def test_a_missing_file_is_made_again(done: Path) -> None:
    files = files_made()
    (done / "reports/small@1/latest/vi/x-y.ipynb").unlink()
    (done / "reports/small@1/latest/vi/an-binh.html").write_text("cut off")
    (done / "reports/small@1/latest/vi/dong-ha.html").unlink()
    assert due(plan_here()) == {"an-binh": ["files"], "dong-ha": ["new"], "x-y": ["files"]}
    assert make_all() == files


def test_what_was_done_before_a_stop_stays(fresh: Path) -> None:
    batch = plan_here()
    outcomes = run(batch, workers=1, limit=60)
    done = next(outcomes).job.city
    outcomes.close()  # type: ignore[attr-defined]
    assert done not in due(plan_here())
    assert len(due(plan_here())) == 2


def test_what_a_killed_run_left_half_written_is_removed(fresh: Path) -> None:
    folder = plan_here().folder
    folder.mkdir(parents=True)
    (folder / ".x-y.html.123.draft").write_text("cut off")
    (folder / ".of another.draft").mkdir()
    outcomes = list(run(plan_here(), workers=2, limit=60))
    assert [outcome.failure for outcome in outcomes] == [None] * 3
    assert [path.name for path in folder.glob(".*.draft")] == [".of another.draft"]


def test_a_run_that_finds_its_folder_taken_says_so_and_changes_nothing(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_made()
    batch = plan_here()
    (batch.folder / "run.json").write_text("that of the other run")
    (batch.folder / ".x-y.html.123.draft").write_text("what the other run writes")
    before = {path.name: path.read_bytes() for path in batch.folder.iterdir()}
    monkeypatch.setattr("kpi_lib.batch.run.only_one", partial(only_one, patience=0.2))
    with only_one(batch.folder), pytest.raises(InputError, match="another run is writing here"):
        list(run(batch, due(batch, force=True), Record({}, {}, []), workers=1, limit=60))
    assert {path.name: path.read_bytes() for path in batch.folder.iterdir()} == before
    assert files.keys() < before.keys()


def test_a_report_that_a_notebook_takes_away_is_not_done(fresh: Path) -> None:
    takes = "from pathlib import Path\nfor page in Path('reports').rglob('*.html'): page.unlink()"
    write_inputs(fresh, [TITLE, takes])
    batch = plan_here()
    record = Record({}, {}, [])
    assert [*run(batch, record=record, workers=1, limit=60)]
    there = {path.stem for path in batch.folder.glob("*.html")} - {"index"}
    assert len(there) == 1
    assert {outcome.job.city for outcome in record.made} == there
    assert {outcome.failure.error for outcome in record.failed if outcome.failure} == {"NoReport"}
