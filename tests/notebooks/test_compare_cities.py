"""The comparing notebook: what it says of two to four places follows from their scores."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from builders import DEMO, ROOT
from notebook_runs import Session, pictures, printed, run, session, too_long

import kpi_lib as kpi

PICTURES = 6


@pytest.fixture(scope="module")
def as_it_is(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook run without a parameter, from its own folder, as JupyterLab does."""
    output = tmp_path_factory.mktemp("compare") / "done.ipynb"
    return run("compare_cities", output, cwd=ROOT / "notebooks")


@pytest.fixture(scope="module")
def english() -> Session:
    return session("compare_cities", lang="en", cities=["Hue", "da-nang", "Nha Trang", "Da Lat"])


def test_it_runs_as_it_is_from_its_own_folder(as_it_is: nbformat.NotebookNode) -> None:
    assert pictures(as_it_is) == PICTURES
    (standing,) = (cell.outputs for cell in as_it_is.cells if cell.id == "standing")
    named = re.findall(r"^([A-D] .+?)  ", standing[0].data["text/plain"], re.MULTILINE)
    assert named == ["A Huế", "B Đà Nẵng", "C Cần Thơ"]
    assert printed(as_it_is) == printed(as_it_is, "stderr") == ""


def test_no_cell_is_too_long_to_read() -> None:
    assert too_long("compare_cities") == {}


def test_scores_and_intervals_are_those_of_the_period(
    english: Session, demo: kpi.Scoreboard
) -> None:
    chosen = ["hue", "da-nang", "nha-trang", "da-lat"]
    assert english.names["chosen"] == chosen
    standing = english.names["standing"]
    theirs = demo.table("TOTAL", 2025).loc[chosen]
    assert standing["score"].tolist() == pytest.approx(theirs["score"].tolist())
    sure = kpi.rank_interval(demo, period=2025).loc[chosen]
    assert standing[["low", "high"]].astype(int).equals(sure[["low", "high"]].astype(int))


def test_parts_explain_the_whole_gap_and_what_is_missing_is_counted(
    english: Session, demo: kpi.Scoreboard
) -> None:
    """Nha Trang lost the five indicators of a field that Huế has."""
    totals = demo.table("TOTAL", 2025)["score"]
    gaps = english.names["by_part"].sum()
    assert gaps.to_dict() == pytest.approx(
        {city: totals["hue"] - totals[city] for city in ("da-nang", "nha-trang", "da-lat")}
    )
    assert english.names["one_sided"].at["UM", "one-sided C"] == 5


def test_what_could_be_learned_is_better_and_brings_what_it_says(
    english: Session, demo: kpi.Scoreboard
) -> None:
    """The first gain is that of the total when Huế is scored with the other's value."""
    learn, now = english.names["learn"], demo.points.xs("2025", level="period")
    assert (learn["points"] > 0).all()
    for code, teacher in learn["from"].items():
        assert now.at[teacher, code] > now.at["hue", code]
    code, teacher = learn.index[0], learn["from"].iloc[0]
    tried = kpi.what_if(demo, {code: demo.values.at[(teacher, "2025"), code]}, city="hue")
    before, after = (board.points.at[("hue", "2025"), "TOTAL"] for board in (demo, tried))
    assert learn["points"].iloc[0] == pytest.approx(after - before)


def test_each_place_has_its_letter_in_every_part(english: Session) -> None:
    (axes,) = english.figures["parts-picture"].axes
    letters = [text.get_text() for text in axes.texts]
    assert sorted(letters) == sorted("ABCD" * 8)
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert shown[:2] == ["Total", "Quality of life"]


def test_letters_of_one_row_do_not_cover_each_other(english: Session) -> None:
    """Where scores are nearer than a letter is wide, the next stands a lane lower."""
    figure = english.figures["parts-picture"]
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not [(i, j) for i, one in enumerate(boxes) for j in range(i) if one.overlaps(boxes[j])]


def test_a_change_is_told_on_the_indicators_of_both_periods(
    english: Session, demo: kpi.Scoreboard
) -> None:
    changes = pd.DataFrame(english.names["changes"]).T
    expected = kpi.like_for_like(demo, "hue", "2024", "2025").total
    assert changes.loc[("A Hue", "2024"), "like"] == pytest.approx(expected["like"])


def test_made_up_figures_say_so_in_every_title_in_one_language(english: Session) -> None:
    titles = [title for found in english.titles.values() for title in found]
    assert len(english.figures) == PICTURES
    assert not [title for title in titles if not title.startswith("DEMO: ")]
    assert not re.search(r"[ăđơưĂĐƠƯ]", " ".join(titles))


def test_provinces_of_one_year_are_compared_without_a_history(tmp_path: Path) -> None:
    """As from papermill, names in one text; published values are not DEMO."""
    folder = ROOT / "data/raw/pci"
    rows = pd.read_csv(folder / "pci-2013.csv", dtype=str).query("period == '2016'")
    rows.to_csv(tmp_path / "values.csv", index=False)
    (tmp_path / "cities.csv").write_text((folder / "cities.csv").read_text("utf-8"), "utf-8")
    done = session(
        "compare_cities", cities="Đà Nẵng, Cần Thơ", framework="pci@2013", data=str(tmp_path)
    )
    pictures = {"intervals", "parts-picture", "differences-picture", "gap-picture"}
    assert set(done.figures) == pictures
    assert not [title for found in done.titles.values() for title in found if "DEMO" in title]


def test_points_are_compared_by_their_share(demo: kpi.Scoreboard) -> None:
    """A framework that sums points: scores are shares, the gap is in points."""
    done = session(
        "compare_cities",
        cities=["mau-c", "mau-a"],
        framework="provincial-scoring-demo@1.0",
        data="data/raw/scoring-demo",
    )
    assert done.names["by_part"]["mau-a"].sum() == pytest.approx(69.02 - 96.72, abs=0.01)
    assert done.names["now"]["TOTAL"].max() <= 100


def test_a_changed_value_changes_the_comparison(demo: kpi.Scoreboard, tmp_path: Path) -> None:
    """At 0 of 100, Huế could learn from Đà Nẵng: its value, as one of 5 in one of 3 in one of 7."""
    rows = pd.read_csv(DEMO / "observations-demo.csv", dtype=str, keep_default_na=False)
    one = rows.query("city == 'hue' and period == '2025' and indicator == 'UM.UTI.5'").index
    rows.loc[one, ["value", "numerator", "denominator"]] = ["0", "", ""]
    rows.to_csv(tmp_path / "observations-demo.csv", index=False)
    cities = (DEMO / "cities-demo.csv").read_text(encoding="utf-8")
    (tmp_path / "cities-demo.csv").write_text(cities, encoding="utf-8")
    done = session("compare_cities", data=str(tmp_path), until="learn")
    learn = done.names["learn"].loc["UM.UTI.5"]
    theirs = demo.values.at[("da-nang", "2025"), "UM.UTI.5"]
    assert learn["from"] == "da-nang"
    assert learn["points"] == pytest.approx(theirs / 5 / 3 / 7)
    assert theirs < demo.values.at[("hue", "2025"), "UM.UTI.5"]  # as it was


@pytest.mark.parametrize(
    ("cities", "said"),
    [
        (["hue"], "Name two to four"),
        (["hue", "Hue"], "Name two to four"),
        (["hue", "da-nang", "can-tho", "ha-noi", "da-lat"], "Name two to four"),
        (["hue", "da-nag"], "da-nag.*da-nang"),
    ],
)
def test_too_few_too_many_and_unknown_places_are_refused(cities: list[str], said: str) -> None:
    with pytest.raises(kpi.InputError, match=said):
        session("compare_cities", lang="en", cities=cities)


def test_a_place_without_a_total_is_named() -> None:
    with pytest.raises(kpi.InputError, match="Cao Lanh has no total in 2022"):
        session("compare_cities", lang="en", period="2022", cities="hue, cao-lanh")
