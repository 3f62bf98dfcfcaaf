"""The overview of a set agrees with the scoreboard and with published ranks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from boards import named, random_values
from builders import DEMO, ROOT, observe

import kpi_lib as kpi
from kpi_lib.analysis.changes import changes_of, like_for_like
from kpi_lib.batch.site import write_index
from kpi_lib.report.index import files, maps, trial
from kpi_lib.report.index.overview import Overview, national_overview, overview_of
from kpi_lib.report.index.page import index_of
from kpi_lib.report.index.rows import CitySet
from kpi_lib.scoring.scoreboard import Scoreboard


@pytest.fixture
def dti(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Overview:
    """The nine published provinces of the Digital Transformation Index 2020."""
    monkeypatch.chdir(tmp_path_factory.mktemp("overview"))
    raw = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv", dtype={"period": str})
    wide = raw.set_index(["city_name", "period"])[["CQS", "KTS", "XHS"]]
    wide.index.names = ["city", "period"]
    return overview_of(kpi.score(observe(wide), kpi.load_framework("dti@2020")), "2020", "en")


def test_the_published_order_is_shown(dti: Overview) -> None:
    raw = pd.read_csv(ROOT / "data/raw/dti/dti_2020_top9.csv")
    assert list(dti.ranking().data["name"]) == list(raw.sort_values("rank_published")["city_name"])
    said = repr(dti.findings())
    assert "Đà Nẵng leads the 9 provinces with" in said
    assert "with 0.4874; the last is Kiên Giang (0.3631)" in said
    assert ">0.4097<" in dti.ranking().html


def test_targets_count_the_cities_that_meet_them() -> None:
    overview = national_overview(2025, "vn-smart-city@1.0", DEMO, "en")
    values = overview.board.values.xs("2025", level="period")["PS.ONL.1"].dropna()
    shown = next(
        line for line in repr(overview.targets()).splitlines() if "offered fully online" in line
    )
    assert shown.endswith(f"{(values >= 80).sum()}/{len(values)}")


def test_a_period_without_data_is_an_error() -> None:
    with pytest.raises(kpi.InputError, match="there is no period '1999'"):
        national_overview(1999, "vn-smart-city@1.0", DEMO)


def test_changes_of_many_are_those_of_each(demo: Scoreboard) -> None:
    pairs = {city: ("2023", "2025") for city in demo.latest}
    found = changes_of(demo, pairs)
    each = [like_for_like(demo, city, *both).total["like"] for city, both in pairs.items()]
    np.testing.assert_allclose(found.to_numpy(), each, rtol=1e-12)


@pytest.mark.parametrize("number", [34, 63])
def test_every_province_has_a_tile_of_its_own_and_both_archipelagos_are_there(number: int) -> None:
    tiles = maps.provinces(number)
    assert sum(tile.islands for tile in tiles) == 2
    assert {tile.name for tile in tiles if tile.islands} == {"Hoàng Sa", "Trường Sa"}
    assert len(tiles) == number + 2
    assert max(Counter((tile.col, tile.row) for tile in tiles).values()) == 1
    places = pd.read_csv(ROOT / "data/raw/places/cities.csv", dtype=str).fillna("")
    there = places[places["valid_to"] == ""] if number == 34 else places[places["valid_from"] == ""]
    assert {maps.key(name) for name in there["name_vi"]} == {
        maps.key(tile.name) for tile in tiles if not tile.islands
    }


def test_the_map_shows_each_province_with_its_score() -> None:
    data = ROOT / "data/raw/pci/pci-2013.csv"
    overview = national_overview("latest", "pci@2013", data, "vi")
    tiles = {tile.name: tile for tile in maps.tiles(overview.cities)}
    assert sum(tile.at is not None for tile in tiles.values()) == 63
    row = overview.cities.table.iloc[tiles["Đà Nẵng"].at]
    assert row["name"] == "Đà Nẵng"
    assert tiles["Đà Nẵng"].score == overview.cities.total(row["score"], row["maximum"])


def test_a_city_is_not_taken_for_the_province_of_its_name(demo: Scoreboard) -> None:
    cities = overview_of(demo, "2025", "vi").cities
    assert maps.tiles(cities) == ()
    chart = maps.chart(cities)
    assert chart is not None
    assert [point.name for point in chart.islands] == ["Hoàng Sa", "Trường Sa"]
    place = {point.name: (point.x, point.y) for point in chart.points}
    assert place["Lào Cai"][1] < place["Hà Nội"][1] < place["Huế"][1] < place["Cần Thơ"][1]
    assert place["Lào Cai"][0] < place["Hà Nội"][0] < place["Hải Phòng"][0]


def test_names_on_the_map_never_cover_each_other(demo: Scoreboard) -> None:
    chart = maps.chart(overview_of(demo, "2025", "vi").cities)
    assert chart is not None
    boxes = [
        maps._box(point, point.label, maps._LETTER * len(f"{point.name} {point.score}"))
        for point in chart.points
        if point.label
    ]
    assert len(boxes) == 12
    for i, box in enumerate(boxes):
        assert not maps._covers(box, np.array(boxes[:i]).reshape(-1, 4))


def test_every_number_of_the_ranking_is_in_the_files_beside_it(demo: Scoreboard) -> None:
    cities = CitySet(demo, demo.latest, "en")
    made = index_of(cities)
    ranks = made.tables["ranks.csv"].set_index("city")
    scores = made.tables["scores.csv"].set_index(["city", "code"])
    body = re.search(r'id="cities".*?</table>', made.html(), re.DOTALL)
    assert body
    rows = re.findall(r"<tr>?[^\n]*?<td class=\"pick.*?</tr>", body[0], re.DOTALL)
    found = [re.findall(r">([^<>]*\d[^<>]*)<", row) for row in rows if 'scope="row"' in row]
    assert len(found) == len(ranks)
    for cells, (city, row) in zip(found, ranks.iterrows(), strict=True):
        interval = "–".join(str(x) for x in dict.fromkeys((row["low"], row["high"])))
        parts = [f"{scores.at[(city, node.code), 'score']:.1f}" for node in cities.parts]
        change = f"+{row['change']:.1f}"
        share = f"{row['coverage']:.0%}"
        expected = [str(row["rank"]), f"{row['score']:.1f}", interval, change, *parts]
        assert [cell.strip() for cell in cells][:-1] == expected
        assert abs(int(cells[-1].rstrip("%")) - int(share.rstrip("%"))) <= 1


def test_every_number_of_a_sentence_is_in_the_findings_file(demo: Scoreboard) -> None:
    overview = overview_of(demo, "2025", "en")
    table = files.tables(overview.cities, overview.findings().data)["findings.csv"]
    assert set(table["sentence"]) == {s.text for s in overview.findings().sentences}
    assert {"score", "median", "ranks that stay", "change"} <= set(table["what"])


def test_no_name_can_break_out_of_the_page(demo: Scoreboard) -> None:
    board = named(demo, "</script><b onload=x> & {{ 1 }}")
    html = index_of(CitySet(board, board.latest, "en")).html()
    model = re.search(r'id="model">(.*?)</script>', html, re.DOTALL)
    assert model
    assert json.loads(model[1])["names"][0] == "</script><b onload=x> & {{ 1 }}"
    assert "<b onload" not in html


def test_weights_are_offered_only_where_the_page_can_do_the_sums(demo: Scoreboard) -> None:
    def reason(**changes: object) -> str:
        board = kpi.score(demo.observations, demo.framework, **changes)  # type: ignore[arg-type]
        return trial.refused(CitySet(board, board.latest, "en"))

    assert reason() == ""
    assert "“Composite score” is scored by a method" in reason(aggregate="copeland")
    one = CitySet(demo, {"hue": "2025"}, "en")
    assert "fewer than two" in trial.refused(one)


def test_cities_of_different_periods_are_ranked_within_their_own(demo: Scoreboard) -> None:
    periods = {**demo.latest, "hue": "2024"}
    cities = CitySet(demo, periods, "en")
    rank = demo.ranks.loc[("hue", "2024"), "TOTAL"]
    assert cities.table.at["hue", "rank"] == rank
    assert len(cities.ranked_rows) == 24  # all that were ranked beside one, in both periods


def test_the_index_leads_to_audit_and_reviews_of_its_language(
    demo: Scoreboard, tmp_path: Path
) -> None:
    folder = tmp_path / "vn-smart-city@1.0" / "latest" / "vi"
    folder.mkdir(parents=True)
    beside = folder.parent.parent / "2025"
    beside.mkdir()
    for name in ("audit.vi.html", "audit.en.html", "review-old@1.vi.html", "audit.vi.ipynb"):
        (beside / name).write_text("", encoding="utf-8")
    write_index(demo, folder, "vi", demo.latest, {}, ["en"])
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="(\.\./[^"]+)"', html)) == {
        "../../../index.html",
        "../../2025/audit.vi.html",
        "../../2025/review-old@1.vi.html",
        "../en/index.html",
    }
    linked = re.findall(r'<li><a href="([a-z]+\.[a-z]+)"', html)
    assert sorted(linked) == sorted(files.ABOUT)
    for name in linked:
        assert (folder / name).stat().st_size > 0
        assert not name.endswith(".csv") or len(pd.read_csv(folder / name)) > 0


@pytest.mark.system
def test_an_index_of_862_cities_weighs_at_most_a_megabyte_and_a_half() -> None:
    framework = kpi.load_framework("vn-smart-city@1.0")
    board = kpi.score(observe(random_values(framework, 862, ["2024", "2025"], 0.9)), framework)
    html = index_of(CitySet(board, board.latest, "vi")).html()
    assert len(html.encode()) <= 1.5e6
