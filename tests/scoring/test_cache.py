"""Kept scores are those of the same inputs, or are made again where they are damaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import scored_points
from small_report import write_inputs

from kpi_lib.analysis.robustness.kept import intervals
from kpi_lib.analysis.robustness.ranks import rank_interval
from kpi_lib.errors import InputError
from kpi_lib.scoring.cache import keep_file, scoreboard
from kpi_lib.scoring.score import score
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes this process know only what is kept on the disk."""

    def empty() -> None:
        monkeypatch.setattr("kpi_lib.scoring.cache._recent", {})
        monkeypatch.setattr("kpi_lib.analysis.robustness.kept._recent", {})

    return empty


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]) -> Path:
    """The folder of kept scores, beside inputs in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "kept"))
    write_inputs(tmp_path)
    forget()
    return tmp_path / "kept"


def scored(data: str = "observations.csv") -> Scoreboard:
    return scoreboard(data, "small.yaml")


def test_kept_scores_of_which_a_part_is_missing_are_kept_again(
    kept: Path, forget: Callable[[], None]
) -> None:
    first = scored()
    (about,) = (kept / "scores").glob("*/about.json")
    about.unlink()
    forget()
    again = scored()
    assert again.scores.equals(first.scores)
    assert about.is_file()


def test_one_bit_that_differs_in_any_kept_file_is_noticed(
    kept: Path, forget: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    board = scored()
    sure = intervals(board, board.period("latest"))
    whole = {path: path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    assert len(whole) == 11
    for path, content in whole.items():
        at = len(content) // 2
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        forget()
        again = scored()
        assert again.scores.equals(board.scores)
        assert intervals(again, again.period("latest")).equals(sure)
        assert "damaged" in capsys.readouterr().err
        assert path.read_bytes() == content


def test_scores_that_are_kept_well_but_are_of_another_shape_are_made_again(
    kept: Path, forget: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    first = scored()
    (about,) = (kept / "scores").glob("*/about.json")
    for strange in (b"[]", b'{"files": 3}', b"null", b"\xff"):
        keep_file(about, strange)
        forget()
        assert scored().scores.equals(first.scores)
        assert "damaged" in capsys.readouterr().err


def test_files_of_other_scores_do_not_stand_in_for_kept_ones(
    kept: Path, forget: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole and sealed, but of another set of weights, or of another table."""
    first = scored()
    (own,) = (kept / "scores").iterdir()
    code = first.framework.indicators[0].code
    Path("weights.yaml").write_text(f"weights: {{{code}: 9}}", encoding="utf-8")
    other = scoreboard("observations.csv", "small.yaml", weights="weights.yaml")
    assert not other.scores.equals(first.scores)
    (foreign,) = set((kept / "scores").iterdir()) - {own}
    points = own / "points.parquet"
    for source in (foreign / "points.parquet", own / "values.parquet"):
        whole = points.read_bytes()
        points.write_bytes(source.read_bytes())
        forget()
        assert scored().scores.equals(first.scores)
        assert "damaged" in capsys.readouterr().err
        assert points.read_bytes() == whole


@pytest.mark.skipif(os.name == "nt", reason="rights are others there")
@pytest.mark.parametrize("way", ["open to all", "of another user"])
def test_scores_that_others_may_have_written_are_computed_again(
    kept: Path,
    forget: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    first = scored()
    points = next((kept / "scores").glob("*/points.parquet"))
    lie = first.points.assign(TOTAL=99.0).reset_index().to_parquet()
    keep_file(points, lie)  # with a seal that is right
    if way == "open to all":
        points.chmod(0o666)
    else:
        monkeypatch.setattr(os, "getuid", lambda: points.stat().st_uid + 1)
        monkeypatch.setattr("kpi_lib.scoring.cache._SYSTEM", -1)
    forget()
    assert scored().scores.equals(first.scores)
    assert "damaged" in capsys.readouterr().err


def test_scores_are_kept_by_the_names_of_their_files_too(
    kept: Path, forget: Callable[[], None]
) -> None:
    """Made-up figures are marked by a name, and equal content under another name is not."""
    said = []
    for name in ("observations.csv", "observations-demo.csv", "observations.csv"):
        if not Path(name).exists():
            Path("observations.csv").rename(name)
        forget()
        said.append(scored(name).observations.demo)
        if name != "observations.csv":
            Path(name).rename("observations.csv")
    assert said == [False, True, False]


def test_no_scores_are_taken_from_a_folder_above(kept: Path) -> None:
    (kept.parent / "data" / "processed").mkdir(parents=True, exist_ok=True)
    scored()
    assert not (kept.parent / "data" / "processed" / "scores").exists()


def test_how_sure_ranks_are_is_kept_for_each_set_of_weights(
    kept: Path, forget: Callable[[], None]
) -> None:
    board = scored()
    period = board.period("latest")
    first = intervals(board, period)
    code = board.framework.indicators[0].code
    other = score(board.observations, board.framework, weights={code: 0.0})
    assert intervals(other, period).equals(rank_interval(other, period=period))
    assert intervals(board, period).equals(first)


def test_scores_by_what_was_reported_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "kept"))
    scored_points.scored(tmp_path)
    totals = []
    for _ in range(2):  # the second time as they are kept
        forget()
        for quality in ("verified", "reported"):
            board = scoreboard("data.csv", scored_points.FILE, quality=quality)
            assert board.observations.quality == quality
            totals.append(board.points.at[("b", "2025"), "TOTAL"])
    assert totals == pytest.approx([16.85, 18.1, 16.85, 18.1])
    assert len(list((tmp_path / "kept" / "scores").iterdir())) == 2
    with pytest.raises(InputError, match="found 'verify' for quality; expected verified or rep"):
        scoreboard("data.csv", scored_points.FILE, quality="verify")


def test_scores_that_are_kept_whole_are_read_and_not_made_again(
    kept: Path, forget: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scored()
    sure = intervals(first, first.period("latest"))
    forget()

    def computed(*_: object, **__: object) -> None:
        raise AssertionError("scores that are kept are computed again")

    monkeypatch.setattr("kpi_lib.scoring.cache.score", computed)
    again = scored()
    assert again.scores.equals(first.scores)
    assert intervals(again, again.period("latest")).equals(sure)


def test_cities_of_a_dataframe_are_scored_as_those_of_the_file_and_not_kept(
    kept: Path, forget: Callable[[], None]
) -> None:
    cities = pd.read_csv("cities.csv", keep_default_na=False)
    board = scoreboard("observations.csv", "small.yaml", cities)
    assert not (kept / "scores").exists()
    assert board.scores.equals(scored().scores)
