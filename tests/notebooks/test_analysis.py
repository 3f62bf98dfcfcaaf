"""The analysis notebook: every step by hand gives what kpi_lib gives, in either language."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from builders import DEMO, ROOT
from notebook_runs import Session, pictures, printed, read, run, session, too_long
from pandas.testing import assert_series_equal

import kpi_lib as kpi

# What a notebook shows of the demo data: pictures, and tables that agree with kpi_lib.
PICTURES, CHECKS = 20, 18


@pytest.fixture(scope="module")
def as_it_is(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook run without a parameter, from its own folder, as JupyterLab does."""
    output = tmp_path_factory.mktemp("analysis") / "done.ipynb"
    return run("analysis", output, cwd=ROOT / "notebooks")


@pytest.fixture(scope="module")
def english() -> Session:
    return session("analysis", lang="en", city="Hue")


@pytest.fixture(scope="module")
def provinces() -> Session:
    """Sixty-three provinces of 2016: real values, none missing."""
    return session("analysis", framework="pci@2013", data="data/raw/pci/pci-2013.csv")


def test_it_runs_as_it_is_from_its_own_folder(as_it_is: nbformat.NotebookNode) -> None:
    assert pictures(as_it_is) == PICTURES
    assert printed(as_it_is).count("✓") == CHECKS
    assert "trùng với kpi_lib" in printed(as_it_is)
    assert printed(as_it_is, "stderr") == ""


def test_it_follows_the_ten_steps_of_the_handbook() -> None:
    cells = [cell for cell in read("analysis").cells if cell.cell_type == "markdown"]
    headings = [re.findall(r"^## (\d+) .+ · .+$", cell.source, flags=re.M) for cell in cells]
    assert [int(number) for found in headings for number in found] == list(range(1, 11))
    letters = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ]")
    assert not [cell.id for cell in cells if not letters.search(cell.source)]


def test_no_cell_is_too_long_to_read() -> None:
    assert too_long("analysis") == {}


def test_its_totals_and_ranks_are_those_of_the_demo(english: Session, demo: kpi.Scoreboard) -> None:
    assert english.checks == CHECKS
    theirs = demo.table("TOTAL", 2025)
    mine = english.names["ranking"].loc[theirs.index]
    for column in ("score", "rank", "coverage"):
        assert_series_equal(mine[column], theirs[column], check_dtype=False)


def test_its_weight_draws_give_the_published_intervals(
    english: Session, demo: kpi.Scoreboard
) -> None:
    theirs = kpi.rank_interval(demo, period=2025, draws=2_000)[["low", "high"]].astype(int)
    pd.testing.assert_frame_equal(english.names["interval"][["low", "high"]].sort_index(), theirs)


def test_it_speaks_one_language_and_names_no_codes(english: Session) -> None:
    said = "\n".join(title for titles in english.titles.values() for title in titles)
    assert len(english.figures) == PICTURES
    assert not re.search(r"[ăđơưĂĐƠƯ]", said + english.printed)
    codes = "|".join(map(re.escape, english.names["measured"].nodes))
    assert not re.search(rf"\b({codes})\b", said)
    assert "Hue" in english.printed


def test_made_up_figures_say_so_in_every_title_and_others_do_not(
    english: Session, provinces: Session
) -> None:
    made_up = [title for titles in english.titles.values() for title in titles]
    assert not [title for title in made_up if not title.startswith("DEMO: ")]
    assert all(english.titles.values())
    real = [title for titles in provinces.titles.values() for title in titles]
    assert not [title for title in real if "DEMO" in title]


def test_the_provinces_get_their_published_totals(provinces: Session) -> None:
    """VCCI and USAID printed the totals; nothing is missing, so no picture of what is."""
    table = pd.read_csv(ROOT / "data/raw/pci/published.csv").query("period == 2016")
    published = table[table["code"] == "TOTAL"].set_index("city")["score"].sort_index()
    mine = provinces.names["ranking"]["score"].sort_index()
    assert len(mine) == 63
    assert_series_equal(mine, published, check_names=False, atol=1e-4)
    assert "missing-picture" not in provinces.figures
    assert provinces.checks == CHECKS


def test_a_better_value_raises_the_total_by_what_it_weighs(
    demo: kpi.Scoreboard, tmp_path: Path
) -> None:
    """Fifty more points on one of five indicators in one of three fields in one of seven parts."""
    rows = pd.read_csv(DEMO / "observations-demo.csv", dtype=str, keep_default_na=False)
    one = rows.query("city == 'can-tho' and period == '2025' and indicator == 'UM.UTI.5'").index
    rows.loc[one, "value"] = str(demo.values.at[("can-tho", "2025"), "UM.UTI.5"] + 50)
    rows.loc[one, ["numerator", "denominator"]] = ""
    rows.to_csv(tmp_path / "observations-demo.csv", index=False)
    cities = (DEMO / "cities-demo.csv").read_text(encoding="utf-8")
    (tmp_path / "cities-demo.csv").write_text(cities, encoding="utf-8")
    done = session("analysis", until="totals", data=str(tmp_path))
    change = done.names["ranking"]["score"] - demo.table("TOTAL", 2025)["score"]
    assert change["can-tho"] == pytest.approx(50 / 5 / 3 / 7)
    assert change.drop("can-tho").abs().max() < 1e-9


def test_a_difference_stops_the_notebook() -> None:
    same = session("analysis", until="same").names["same"]
    mine = pd.DataFrame({"a": [1.0, 2.0]})
    same(mine, mine, "equal")
    for theirs in (mine + 1e-6, mine * float("nan"), mine.rename(columns={"a": "b"})):
        with pytest.raises(AssertionError):
            same(mine, theirs, "different")


MIXED = """
id: mixed
version: "1"
title: {vi: Hỗn hợp, en: Mixed}
normalise: minmax
missing: {policy: rescale, min_coverage: 0.6}
groups:
  - code: A
    title: One
    weight: 2
    groups:
      - code: AA
        title: Within
        indicators:
          - {code: A1, title: First, direction: higher, weight: 3}
          - {code: A2, title: Second, direction: lower}
      - code: AB
        title: Beside
        indicators:
          - {code: A3, title: Third, direction: higher}
          - {code: A4, title: No direction and no score}
  - code: B
    title: Two
    indicators:
      - code: B1
        title: Fourth
        direction: lower
        goalposts: [2, 8]
        normalise: {method: goalposts}
      - {code: B2, title: Fifth, direction: higher}
"""
VALUES = """city,period,A1,A2,A3,A4,B1,B2
Lá,2024,1,9,3,5,1,20
Mai,2024,4,,8,5,5,70
Nụ,2024,2,3,,5,6,
Sen,2024,7,5,1,5,9,40
Tre,2024,5,6,6,5,4,10
"""


def test_the_steps_follow_the_methods_of_the_framework(tmp_path: Path) -> None:
    """Min–max and goalposts, unequal weights, groups of any depth, places without a file.

    Tre by hand: A1 (5−1)/(7−1) and A2 (9−6)/(9−3) of 100 weigh 3 to 1, so AA is 62.5; A3 is
    (6−1)/(8−1) of 100, so AB is 71.43 and A 66.96. B1 is (8−4)/(8−2) of 100, B2 is 0: B is 33.33.
    """
    (tmp_path / "mixed.yaml").write_text(MIXED, encoding="utf-8")
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    done = session(
        "analysis", framework=str(tmp_path / "mixed.yaml"), data=str(tmp_path / "values.csv")
    )
    assert done.checks == CHECKS
    total = done.names["ranking"].at["Tre", "score"]
    assert total == pytest.approx((2 * (62.5 + 500 / 7) / 2 + 100 / 3) / 3)
    assert pd.isna(done.names["points"].at["Nụ", "B"])


def test_what_it_does_not_write_out_is_refused_by_name() -> None:
    with pytest.raises(kpi.InputError, match=r"provincial-scoring-demo@1\.0 asks .*scale: points"):
        session(
            "analysis",
            framework="provincial-scoring-demo@1.0",
            data="data/raw/scoring-demo",
            lang="en",
        )


def test_three_places_are_too_few(tmp_path: Path) -> None:
    few = "\n".join(VALUES.splitlines()[:4])
    (tmp_path / "mixed.yaml").write_text(MIXED, encoding="utf-8")
    (tmp_path / "values.csv").write_text(few, encoding="utf-8")
    files = {"framework": tmp_path / "mixed.yaml", "data": tmp_path / "values.csv"}
    with pytest.raises(kpi.InputError, match="at least 4"):
        session("analysis", lang="en", **{name: str(file) for name, file in files.items()})
