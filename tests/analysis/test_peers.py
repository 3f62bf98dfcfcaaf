"""Peer groups: who is compared with whom, and where a city stands among its peers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from boards import random_values
from builders import NAN, ROOT, framework, group, indicator, observe, table

import kpi_lib as kpi
from kpi_lib.analysis.peers import AUTO, Peers, explained, group_name, grouping
from kpi_lib.methods.digits import significant
from kpi_lib.observations.categories import kind_name
from kpi_lib.scoring.scoreboard import Scoreboard

ONE = framework(group("A", indicator("A.1")))


def board_of(scores: list[float], **columns: list[object]) -> Scoreboard:
    """Score cities c0, c1, … of the given scores and columns of cities.csv."""
    cities = pd.DataFrame({"city": [f"c{i}" for i in range(len(scores))], **columns})
    return kpi.score(observe(table({"A.1": scores}), cities=cities), ONE)


def peers_of(board: Scoreboard, by: str = AUTO, **options: int) -> Peers:
    found = kpi.peers(board, by, **options)
    assert found is not None
    return found


def test_peers_of_a_class_are_the_other_cities_of_it() -> None:
    board = board_of([1, 2, 3, 4, 5], **{"class": ["I", "II", "I", "III", ""]})
    found = peers_of(board, "class")
    # c3 is alone of its class and nothing is known of c4.
    assert dict(found) == {"c0": ("c2",), "c2": ("c0",)}
    assert found.get("c1") is None
    assert found.get("c4") is None


def test_ranks_within_a_class_share_the_better_one_and_leave_out_who_has_no_score() -> None:
    board = board_of([50, 80, 50, 20, NAN, 60], **{"class": ["I", "I", "I", "I", "I", "II"]})
    found = peers_of(board, "class")
    assert found.ranks["TOTAL"].tolist()[:4] == [2, 1, 2, 4]
    assert found.ranks["TOTAL"].isna().tolist()[4:] == [True, True]
    assert found.counts["TOTAL"].tolist()[:4] == [4, 4, 4, 4]


def test_the_median_of_peers_leaves_out_the_city_itself() -> None:
    board = board_of([10, 20, 40, 80, NAN], **{"class": ["I"] * 5})
    found = peers_of(board, "class")
    assert found.medians["TOTAL"].tolist() == [40, 40, 20, 20, 30]
    assert found.value_medians["A.1"].tolist() == [40, 40, 20, 20, 30]


def test_the_nearest_by_population_are_nearest_on_a_log_scale() -> None:
    # From 300,000, 100,000 is a third and 800,000 is nearer: 2.67 times as many.
    populations = [300_000, 100_000, 800_000, 5_000_000, NAN]
    board = board_of([10, 20, 30, 40, 50], population=populations)
    found = peers_of(board, "population", k=1)
    assert dict(found) == {"c0": ("c2",), "c1": ("c0",), "c2": ("c0",), "c3": ("c2",)}
    assert found.ranks["TOTAL"].tolist()[:4] == [2, 1, 1, 1]
    assert found.counts["TOTAL"].tolist()[:4] == [2, 2, 2, 2]
    assert found.medians["TOTAL"].tolist()[:4] == [30, 10, 10, 30]


def test_cities_with_other_maxima_are_compared_by_their_share() -> None:
    points = framework(
        group("A", indicator("A.1", points=10), indicator("A.2", points=10)), scale="points"
    )
    cities = pd.DataFrame({"city": ["c0", "c1"], "class": ["I", "I"]})
    observations = observe(table({"A.1": [60, 90], "A.2": [80, NAN]}), cities=cities)
    rows = observations.table
    rows["said"] = ""
    rows.loc[(rows.city == "c1") & (rows.indicator == "A.2"), ["said"]] = "not applicable"
    board = kpi.score(observations, points)
    found = peers_of(board, "class")
    assert board.points["TOTAL"].tolist() == [14, 9]
    assert found.ranks["TOTAL"].tolist() == [2, 1]
    assert found.medians["TOTAL"].tolist() == [90, 70]


@pytest.mark.parametrize("by", ["class", "population"])
def test_ranks_counts_and_medians_are_those_of_each_group_worked_out_alone(by: str) -> None:
    national = kpi.load_framework("vn-smart-city@1.0")
    values = random_values(national, 60, ["2025"], share=0.7)
    rng = np.random.default_rng(2)
    cities = pd.DataFrame(
        {
            "city": values.index.get_level_values("city"),
            "class": rng.choice(["I", "II", "III", ""], 60),
            "population": np.where(
                rng.random(60) < 0.9, np.round(10 ** rng.uniform(4, 6, 60)), NAN
            ),
        }
    )
    board = kpi.score(observe(values, cities=cities), national)
    found = peers_of(board, by)
    scores = board.shares.droplevel("period")
    assert len(found) > 40
    for city, others in found.items():
        own, theirs = scores.loc[city], scores.loc[list(others)]
        better = significant(theirs.to_numpy()) > significant(own.to_numpy())
        ranks = np.where(own.isna(), NAN, 1.0 + better.sum(axis=0))
        np.testing.assert_array_equal(found.ranks.loc[city], ranks)
        np.testing.assert_array_equal(found.counts.loc[city], scores.loc[[city, *others]].count())
        np.testing.assert_allclose(found.medians.loc[city], theirs.median(), rtol=1e-12)


def test_the_long_table_has_ranks_among_peers_beside_those_among_all(demo: Scoreboard) -> None:
    scores = peers_of(demo, "class").scores
    row = scores[(scores.city == "hue") & (scores.code == "TOTAL")].iloc[0]
    # Of the demo cities three are ahead of Hue in 2025 or share its rank; of class I only Da Nang.
    assert (row["rank"], row["peer_rank"], row["peers"]) == (3, 2, 8)
    assert scores["period"].unique().tolist() == ["2025"]


def test_auto_is_by_class_where_that_tells_cities_apart() -> None:
    k = {"k": 2}
    population = [float(10**i) for i in range(4)]
    half = {"class": ["I", "I", "", "II"], "population": population}
    assert peers_of(board_of([1, 2, 3, 4], **half), **k).by == "class"
    few = {"class": ["I", "II", "III", "III"], "population": [*population[:3], NAN]}
    assert peers_of(board_of([1, 2, 3, 4], **few), **k).by == "class"
    alone = {"class": ["I", "II", "III", ""], "population": population}
    assert peers_of(board_of([1, 2, 3, 4], **alone), **k).by == "population"
    all_alike = {"class": ["I"] * 4, "population": population}
    assert peers_of(board_of([1, 2, 3, 4], **all_alike), **k).by == "population"


def test_auto_gives_none_where_neither_class_nor_population_says_enough() -> None:
    assert kpi.peers(board_of([1, 2, 3, 4])) is None
    assert kpi.peers(board_of([1, 2], **{"class": ["", ""], "population": [NAN, NAN]})) is None
    # The nearest would be all the others.
    assert kpi.peers(board_of([1, 2, 3], population=[1.0, 2.0, 3.0]), k=2) is None
    assert kpi.peers(board_of([1, 2], **{"class": ["I", "II"]}), "none") is None


def test_a_column_that_makes_no_groups_is_an_error_that_names_those_that_do() -> None:
    board = board_of([1, 2], **{"class": ["I", "I"], "region": ["", ""]})
    with pytest.raises(
        kpi.InputError, match=r"no column 'clas'.*mean 'class'.*one of: class, auto"
    ):
        kpi.peers(board, "clas")
    with pytest.raises(kpi.InputError, match="the column 'region' of the cities is empty"):
        kpi.peers(board, "region")
    with pytest.raises(kpi.InputError, match="no column 'slug'"):
        kpi.peers(board, "slug")
    with pytest.raises(kpi.InputError, match="there is no period '1999'"):
        kpi.peers(board, "class", 1999)


def test_groups_are_named_in_the_language_of_the_reader(demo: Scoreboard) -> None:
    by_class, nearest = peers_of(demo, "class"), peers_of(demo, "population")
    assert group_name(by_class, "hue", "vi") == "đô thị loại I"
    assert group_name(by_class, "hue", "en") == "class I cities"
    assert group_name(by_class, "ha-noi", "vi") == "đô thị loại đặc biệt"
    assert group_name(by_class, "ha-noi", "en", "provinces") == "special-class provinces"
    assert group_name(nearest, "hue", "vi") == "8 đô thị có dân số gần nhất"
    assert group_name(nearest, "hue", "en") == "8 cities nearest by population"
    assert group_name(peers_of(demo, "region"), "hue", "vi") == (
        "đô thị cùng vùng (Bắc Trung Bộ và duyên hải miền Trung)"
    )
    assert grouping(by_class, "en") == "The peers of each are the cities of the same class."


def test_a_city_without_peers_is_in_no_group(demo: Scoreboard) -> None:
    board = board_of([1, 2, 3], **{"class": ["I", "I", "II"]})
    assert group_name(peers_of(board, "class"), "c2", "en") == ""


@pytest.mark.parametrize(
    "written", ["special", "Loại đặc biệt", "Đô thị loại đặc biệt", "ĐẶC BIỆT"]
)
def test_a_class_is_known_in_whatever_language_it_is_written(written: str) -> None:
    assert kind_name("class", written, "vi") == "loại đặc biệt"
    assert kind_name("class", written, "en") == "special class"


def test_what_is_no_known_class_is_shown_as_it_stands() -> None:
    assert kind_name("class", "Loại II", "en") == "class II"
    assert kind_name("class", "province", "vi") == "tỉnh"
    assert kind_name("class", "ven biển", "en") == "ven biển"
    assert kind_name("coast", "special", "vi") == "special"


def test_provinces_and_cities_are_peers_of_their_own_kind() -> None:
    board = kpi.scoreboard(ROOT / "data/raw/pci/pci-2013.csv", "pci@2013")
    found = peers_of(board)
    assert found.by == "class"
    assert group_name(found, "da-nang", "vi", "tỉnh, thành phố") == "thành phố"
    assert set(found["da-nang"]) == {"can-tho", "ha-noi", "hai-phong", "ho-chi-minh"}


def test_scores_that_follow_the_groups_are_explained_by_them() -> None:
    kinds = ["I"] * 4 + ["II"] * 4
    by_kind = board_of([10.0, 12, 10, 12, 80, 82, 80, 82], **{"class": kinds})
    # Sums of squares: 4 × 2 × 35² = 9,800 between and 8 within, of 7 and 6 degrees of freedom.
    share = explained(peers_of(by_kind, "class")).loc["TOTAL", "explained"]
    assert share == pytest.approx(1 - (8 / 6) / (9808 / 7))
    mixed = board_of([10.0, 80, 10, 80, 10, 80, 10, 80], **{"class": kinds})
    assert explained(peers_of(mixed, "class")).loc["TOTAL", "explained"] == 0
    sizes = [float(10**i) for i in range(1, 9)]
    by_size = board_of([10.0 * i for i in range(1, 9)], population=sizes)
    assert explained(peers_of(by_size, "population")).loc["TOTAL", "explained"] == pytest.approx(1)


def test_cities_of_the_board_can_be_asked_as_the_notebook_asks_them(demo: Scoreboard) -> None:
    place = demo.cities.loc["hue"]  # noqa: F841, which the query reads
    same_class = demo.cities.query("`class` == @place['class']").index
    asked = demo.values.loc[same_class, "QL.HEA.1"].xs("2025", level="period")
    assert set(asked.index) == {*peers_of(demo, "class")["hue"], "hue"}
    assert len(asked.sort_values(ascending=False).head(3)) == 3


def test_the_cities_of_a_board_are_those_that_have_data(demo: Scoreboard) -> None:
    board = board_of([1, 2], **{"class": ["I", "I"]})
    more = board.observations.cities.copy()
    more.loc[2] = more.loc[0]
    more.loc[2, "city"] = "elsewhere"
    assert list(demo.cities.index) == list(demo.observations.cities["city"])
    wider = replace(board, observations=replace(board.observations, cities=more))
    assert list(wider.cities.index) == ["c0", "c1"]


def test_ranks_among_peers_are_drawn_as_those_among_all(demo: Scoreboard) -> None:
    found = kpi.rank_uncertainty(demo, 500, peers="class")
    assert found.within is not None
    groups = peers_of(demo, "class")
    assert found.within["rank"].tolist() == groups.ranks["TOTAL"].tolist()
    assert found.within.loc["hue", "peers"] == 8
    # Nobody can be further behind among some than among all.
    among_all = found.ranks.loc[found.within.index]
    assert (found.within["high"] <= among_all["high"]).all()
    plain = kpi.rank_uncertainty(demo, 500)
    assert plain.within is None
    pd.testing.assert_frame_equal(found.ranks, plain.ranks)
    parallel = kpi.rank_uncertainty(demo, 2500, peers="class", workers=2)
    alone = kpi.rank_uncertainty(demo, 2500, peers="class")
    pd.testing.assert_frame_equal(parallel.within, alone.within)


def test_among_two_peers_one_is_first_as_often_as_the_other_is_second(demo: Scoreboard) -> None:
    within = kpi.rank_uncertainty(demo, 500, peers="class").within
    assert within is not None
    # Of the special class there are two, which never tie here: their mean ranks sum to 1 + 2.
    assert within.loc[["ha-noi", "ho-chi-minh"], "mean"].sum() == pytest.approx(3)
