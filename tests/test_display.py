"""Objects show themselves: in a screen or less, whole in either language, and harmless."""

from __future__ import annotations

import dataclasses
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from boards import many_cities
from builders import DEMO, ROOT, framework, group, indicator, observe, table

import kpi_lib
import kpi_lib as kpi
from kpi_lib.framework.schemes import load_scheme
from kpi_lib.locale.catalogue import messages_in
from kpi_lib.locale.display import Branch, Display, Displayed, Table
from kpi_lib.report.audit import audit_report
from kpi_lib.report.explorer import Explorer
from kpi_lib.report.index.overview import national_overview
from kpi_lib.report.view.city import CityView
from kpi_lib.scoring.scoreboard import Scoreboard

LINES, WIDTH, MOST_HTML = 36, 100, 16_000
HOSTILE = "<script>alert('x')</script> & \x1b[31m" + "a" * 3000

OF_DATA: dict[str, Callable[[Scoreboard], Any]] = {
    "board": lambda board: board,
    "observations": lambda board: board.observations,
    "peers": kpi.peers,
    "nearest": lambda board: kpi.peers(board, "population"),
    "ranks": lambda board: kpi.rank_uncertainty(board, 50),
    "level": lambda board: kpi.assess(load_scheme("demo-levels@1.0"), board, "hue"),
    "report": lambda _: kpi.city_report("hue", data=DEMO),
    "view": lambda _: kpi.city_report("hue", data=DEMO).view,
    "audit": lambda _: audit_report(data=DEMO),
    "overview": lambda _: national_overview(data=DEMO),
    "explorer": lambda board: Explorer(board, "2025", changes={"QL": 2.0}),
}
OTHERS: dict[str, Callable[[Scoreboard], Any]] = {
    "framework": lambda board: board.framework,
    "framework of points": lambda _: kpi.load_framework("provincial-scoring-demo@1.0"),
    "framework of 109 indicators": lambda _: kpi.load_framework("u4ssc@2017"),
    "group": lambda board: board.framework.groups[0],
    "indicator": lambda board: board.framework.indicators[0],
    "scheme": lambda _: load_scheme("tt-03-2026-bxd@2026"),
    "difference": lambda board: kpi.diff(
        board.framework, kpi.load_framework("vn-smart-city-revision-demo@1.1")
    ),
    "change": lambda board: kpi.like_for_like(board, "hue", 2024, 2025),
    "facts": lambda board: board.facts,
}


def html_of(shown: Any) -> str:
    return str(shown._repr_html_())


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", [*OF_DATA, *OTHERS])
def test_an_object_shows_itself_in_a_screen(demo: Scoreboard, name: str, lang: str) -> None:
    with messages_in(lang):
        shown = {**OF_DATA, **OTHERS}[name](demo)
        lines = repr(shown).splitlines()
        assert 2 <= len(lines) <= LINES
        assert max(map(len, lines)) <= WIDTH
        assert len(html_of(shown)) <= MOST_HTML


@pytest.mark.parametrize(("lang", "note"), [("vi", "Số liệu minh họa"), ("en", "Made-up figures")])
@pytest.mark.parametrize("name", OF_DATA)
def test_made_up_figures_say_so(demo: Scoreboard, name: str, lang: str, note: str) -> None:
    with messages_in(lang):
        shown = OF_DATA[name](demo)
        assert f"DEMO – {note}" in repr(shown)
        assert f"DEMO – {note}" in html_of(shown)


def test_figures_that_are_not_made_up_do_not() -> None:
    board = kpi.scoreboard(ROOT / "data/raw/pci/pci-2013.csv", "pci@2013")
    assert "DEMO" not in repr(board) + repr(board.observations) + html_of(board)


def test_a_board_shows_the_ten_best_of_the_latest_period(demo: Scoreboard) -> None:
    lines = repr(demo).splitlines()
    assert "2025: the first 10 of 12 by composite score" in lines
    first = next(line for line in lines if line.split()[:1] == ["1"])
    assert first.split() == ["1", "da-nang", "Da", "Nang", "70.56", "98%"]
    assert "Cao Lanh" not in repr(demo)  # the twelfth of twelve
    with messages_in("vi"):
        assert "Đà Nẵng" in repr(demo)
        assert "70,56" in repr(demo)


def test_a_board_of_points_says_of_how_many() -> None:
    board = kpi.scoreboard(
        ROOT / "data/raw/scoring-demo/observations-demo.csv", "provincial-scoring-demo@1.0"
    )
    assert "96.72 / 100" in repr(board)
    assert "47.65 / 90" in repr(board)  # ten points do not apply to this city


def test_a_board_without_any_score_shows_itself_too() -> None:
    tree = framework(group("A", indicator("A.1", goalposts=None)))
    board = kpi.score(observe(table({"A.1": [1, 2]})), tree)
    assert re.search(r"–\s+c0\s+c0\s+–\s+–", repr(board))
    assert "Coverage: –" in repr(CityView(board, "c0", "2024", "en"))


def test_a_framework_is_a_folded_tree_with_counts_and_weights(demo: Scoreboard) -> None:
    shown = html_of(demo.framework)
    assert shown.count("<details>") == len(demo.framework.all_groups) - 1
    assert "<details open" not in shown
    # Seven groups of the same weight are a seventh each.
    weight = "weight 1 (14% of its group); indicators: 12"
    assert weight in repr(demo.framework)
    assert weight in shown
    assert "QL.HEA.1" in shown


def test_a_framework_of_many_leaves_out_whole_levels_of_its_tree() -> None:
    shown = html_of(kpi.load_framework("u4ssc@2017"))
    assert "EC.ICT" in shown
    assert "EC.ICT.1" not in shown


def test_observations_show_problems_by_the_names_of_files_alone(demo: Scoreboard) -> None:
    shown = repr(demo.observations)
    assert "observations-demo.csv, row " in shown
    assert str(ROOT) not in shown + html_of(demo.observations)


def test_what_is_in_the_data_is_escaped_and_cut() -> None:
    values = table({"A.1": [50.0, 60.0]})
    observations = observe(values)
    cities = observations.cities.assign(name_vi=HOSTILE, name_en=HOSTILE, **{"class": HOSTILE})
    observations = dataclasses.replace(observations, cities=cities)
    title = {"vi": HOSTILE, "en": HOSTILE}
    tree = framework(group("A", indicator("A.1", title=title)))
    tree = dataclasses.replace(tree, title=title, note=title)
    board = kpi.score(observations, tree)
    other = dataclasses.replace(tree, version="2")
    leaf = tree.indicators[0]
    found = (board, tree, tree.groups[0], leaf, kpi.peers(board, "class"), kpi.diff(tree, other))
    for shown in (*found, kpi.diff(tree, dataclasses.replace(tree, note=None))):
        assert "<script" not in html_of(shown)
        assert "\x1b" not in html_of(shown) + repr(shown)
        assert len(html_of(shown)) <= MOST_HTML
        assert len(repr(shown)) <= LINES * WIDTH
    assert "&lt;script&gt;" in html_of(board)


def test_many_cities_and_long_trees_are_still_a_screen() -> None:
    board = many_cities()
    assert len(repr(board).splitlines()) <= LINES
    deep = group("G0", indicator("G0.1"))
    for at in range(1, 60):
        deep = group(f"G{at}", deep)
    assert len(repr(framework(deep)).splitlines()) <= LINES


def test_rows_that_are_left_out_are_counted() -> None:
    class Long(Displayed):
        def _display(self) -> Display:
            rows = [[str(at)] for at in range(1, 1201)]
            tree = [Branch(f"B{at}") for at in range(30)]
            return Display("Long", tables=[Table("", ["n"], rows)], tree=tree)

    assert "… and 1,188 more" in repr(Long())
    with messages_in("vi"):
        assert "… và 1.188 dòng nữa" in html_of(Long())


def test_a_dataclass_shows_the_fields_that_are_set_and_tables_by_their_size() -> None:
    @dataclasses.dataclass(repr=False)
    class Found(Displayed):
        city: str
        scores: np.ndarray
        table: pd.DataFrame
        nothing: float | None = None
        share: float = 0.5

    wide = pd.DataFrame(np.zeros((300, 40)))
    assert repr(Found("hue", np.zeros((300, 40)), wide)) == (
        "Found\ncity: hue\nscores: ndarray 300 × 40\ntable: DataFrame 300 × 40"
    )


def dataclasses_of_the_library() -> Iterator[type]:
    for module in pkgutil.walk_packages(kpi_lib.__path__, "kpi_lib."):
        if module.name.endswith("__main__") or ".cluster" in module.name:
            continue
        for found in vars(import_module(module.name)).values():
            if isinstance(found, type) and dataclasses.is_dataclass(found):
                yield found


def test_no_dataclass_dumps_its_tables() -> None:
    holds = re.compile(
        r"DataFrame|Series|Index|Array|Positions|Counts|Bools|Floats|Sides|Mapping\[Path, bytes"
        r"|Scoreboard|Observations"
    )
    dump = [
        found.__qualname__
        for found in dataclasses_of_the_library()
        if found.__repr__ not in {Displayed.__repr__, object.__repr__}
        and any(holds.search(str(field.type)) for field in dataclasses.fields(found) if field.repr)
    ]
    assert dump == []
