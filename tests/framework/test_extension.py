"""An extension adds to a framework, changes nothing of it, and leaves its scores as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import DEMO, ROOT, observe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import kpi_lib as kpi
from kpi_lib.framework.dump import file_data
from kpi_lib.scoring.national import national_board
from kpi_lib.scoring.score import score

NATIONAL = """\
id: nation
version: "1"
title: Nation
groups:
  - code: A
    title: Services
    groups:
      - code: A.X
        title: Online
        indicators:
          - {code: A1, title: One, direction: higher, goalposts: [0, 100], aliases: [uno]}
          - {code: A2, title: Two, direction: lower, goalposts: [0, 60], weight: 2}
  - code: B
    title: Access
    indicators:
      - {code: B1, title: Three, direction: higher, goalposts: [0, 100]}
"""

SECTOR = """\
id: sector
version: "1"
extends: nation.yaml
title: Sector
groups:
  - code: A.X
    indicators:
      - {code: S1, title: Sector one, direction: higher, goalposts: [0, 10]}
  - code: S
    title: Sector
    weight: 3
    indicators:
      - {code: S2, title: Sector two, direction: higher, goalposts: [0, 10]}
"""

CITY = """\
id: city
version: "1"
extends: sector.yaml
title: City
groups:
  - code: S
    indicators:
      - {code: C1, title: City one, direction: lower, goalposts: [0, 10]}
  - code: A
    groups:
      - code: A.C
        title: City services
        indicators:
          - {code: C2, title: City two, direction: higher, goalposts: [0, 10]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"nation": NATIONAL, "sector": SECTOR, "city": CITY}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def refused(folder: Path, text: str) -> list[str]:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(kpi.InputError) as caught:
        kpi.load_framework(path)
    return [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems]


def own(groups: str, extends: str = "nation.yaml") -> str:
    return f'id: own\nversion: "1"\nextends: {extends}\ntitle: Own\n{groups}'


def test_stacked_extensions_hold_everything_below_them(folder: Path) -> None:
    city = kpi.load_framework(folder / "city.yaml")
    assert [f.name for f in city.stack] == ["nation@1", "sector@1", "city@1"]
    assert city.national == kpi.load_framework(folder / "nation.yaml")
    assert [child.code for child in city.root.children] == ["A", "B", "S"]
    assert [child.code for child in city.node("A").children] == ["A.X", "A.C"]
    assert [child.code for child in city.node("A.X").children] == ["A1", "A2", "S1"]
    assert [child.code for child in city.node("S").children] == ["S2", "C1"]
    assert city.node("A").title["en"] == "Services"


def test_what_is_added_is_local_and_what_is_extended_is_as_it_was(folder: Path) -> None:
    city = kpi.load_framework(folder / "city.yaml")
    local = [code for code, node in city.nodes.items() if node.provenance == "local"]
    assert local == ["S1", "A.C", "C2", "S", "S2", "C1"]
    for indicator in city.national.indicators:
        assert city.node(indicator.code) == indicator


def test_what_an_extension_does_not_say_of_its_reports_is_as_below_it(folder: Path) -> None:
    nation = folder / "nation.yaml"
    said = (
        "unit_noun: {vi: tỉnh, en: {one: province, other: provinces}}\n"
        "report_title: Report\ncontact: The ministry\nlicence: CC0\n"
    )
    nation.write_text(nation.read_text(encoding="utf-8") + said, encoding="utf-8")
    path = folder / "own.yaml"
    path.write_text(own("contact: The province\n"), encoding="utf-8")
    extension = kpi.load_framework(path)
    assert extension.unit_noun("en", 2) == "provinces"
    assert extension.report_title("vi") == "Report"
    assert extension.licence == {"vi": "CC0", "en": "CC0"}
    assert extension.contact == {"vi": "The province", "en": "The province"}
    written = file_data(extension)
    assert written["contact"] == "The province"
    assert not {"unit_noun", "report_title", "licence"} & set(written), "only its own part"


def test_a_framework_that_extends_nothing_is_its_own_national_one(folder: Path) -> None:
    nation = kpi.load_framework(folder / "nation.yaml")
    assert nation.national is nation
    board = score(observe(values_of(nation, np.full((2, 3), 5.0))), nation)
    assert national_board(board) is board


def values_of(framework: kpi.Framework, values: np.ndarray) -> pd.DataFrame:
    codes = [indicator.code for indicator in framework.indicators]
    units = [(f"c{i}", "2025") for i in range(len(values))]
    index = pd.MultiIndex.from_tuples(units, names=["city", "period"])
    return pd.DataFrame(values, index=index, columns=codes)


@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_national_score_is_unchanged_to_the_last_digit(
    folder: Path, data: st.DataObject
) -> None:
    city = kpi.load_framework(folder / "city.yaml")
    shape = (data.draw(st.integers(1, 4)), len(city.indicators))
    cell = st.integers(0, 100).map(float) | st.just(float("nan"))
    cells = data.draw(st.lists(cell, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    observations = observe(values_of(city, np.array(cells).reshape(shape)))
    method = data.draw(st.sampled_from(["arithmetic", "min"]))
    missing = data.draw(st.sampled_from(["rescale", "zero", "worst", "strict"]))
    extended = score(observations, city, aggregate=method, missing=missing)
    alone = score(observations, city.national, aggregate=method, missing=missing)
    national = national_board(extended)
    assert_frame_equal(national.points, alone.points, check_exact=True)
    assert_frame_equal(national.coverage, alone.coverage, check_exact=True)
    assert_frame_equal(national.ranks, alone.ranks, check_exact=True)
    assert national.framework.name == "nation@1"


def test_treatment_of_local_values_does_not_touch_the_national_score(folder: Path) -> None:
    """A city short of local values is screened out of the extended score only."""
    city = kpi.load_framework(folder / "city.yaml")
    values = values_of(city, np.full((2, len(city.indicators)), 5.0))
    values.loc["c1", ["S1", "S2", "C1", "C2"]] = float("nan")
    screen = [{"method": "screen", "min_available": 0.9}]
    extended = score(observe(values), city, treatment=screen)
    alone = score(observe(values), city.national, treatment=screen)
    assert list(extended.points["TOTAL"].notna()) == [True, False]
    assert list(alone.points["TOTAL"].notna()) == [True, True]
    assert_frame_equal(national_board(extended).points, alone.points, check_exact=True)


def test_the_bundled_example_leaves_the_working_set_as_it_is(demo: kpi.Scoreboard) -> None:
    example = kpi.load_framework("hue-heritage-demo@1.0")
    assert example.national == kpi.load_framework("vn-smart-city@1.0")
    assert len(example.indicators) == len(example.national.indicators) + 5
    assert example.node("QL.CUL.HUE1").provenance == "local"
    data = [DEMO, ROOT / "data/raw/heritage-demo"]
    observations = kpi.read_observations(data, example)
    board = kpi.score(observations, example)
    assert_frame_equal(national_board(board).points, demo.points, check_exact=True)
    scored = board.points["HUE"].dropna()
    assert set(scored.index.get_level_values("city")) == {"hue"}
    hue = ("hue", "2025")
    assert abs(board.points.at[hue, "TOTAL"] - demo.points.at[hue, "TOTAL"]) > 1


def test_the_bundled_example_says_everywhere_that_it_is_a_demonstration() -> None:
    example = kpi.load_framework("hue-heritage-demo@1.0")
    assert example.note is not None
    for text in (*example.title.values(), *example.note.values()):
        assert text.startswith("DEMO")
    assert example.status == "working"


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        pytest.param(
            "groups:\n  - code: A.X\n    indicators:\n"
            "      - {code: A1, title: One, goalposts: [0, 50], direction: higher}\n",
            "line 8: the indicator A1 belongs to nation@1, and an extension cannot change it. "
            "Give an indicator of your own a new code.",
            id="an indicator of the nation",
        ),
        pytest.param(
            "groups:\n  - code: A.X\n    weight: 5\n    indicators: [{code: N, title: New}]\n",
            "line 7: the group A.X belongs to nation@1, and an extension cannot set its 'weight'. "
            "Leave it out.",
            id="the weight of a national group",
        ),
        pytest.param(
            "groups:\n  - code: B\n    title: Better\n    indicators: [{code: N, title: New}]\n",
            "line 6: the group B belongs to nation@1, and an extension cannot change it. To add "
            "to it, leave out its title; for a group of your own choose a new code.",
            id="the title of a national group",
        ),
        pytest.param(
            "groups:\n  - code: B\n    groups:\n      - code: A.X\n"
            "        indicators: [{code: N, title: New}]\n",
            "line 8: the group A.X is in A, not in B.",
            id="a national group in another place",
        ),
        pytest.param(
            "groups:\n  - code: A.Y\n    indicators: [{code: N, title: New}]\n",
            "line 6: the group A.Y needs a title, because nation@1 has no such group to add to. "
            "Did you mean 'A.X'?",
            id="a group to add to that is not there",
        ),
        pytest.param(
            "aggregate: min\n",
            "line 5: an extension is scored as nation@1 is: leave out 'aggregate'. Groups and "
            "indicators that it adds may have methods of their own.",
            id="the method of the whole",
        ),
        pytest.param(
            "groups:\n  - code: B\n    indicators:\n      - {code: N, title: Two}\n",
            "line 8: N: 'Two' already stands for A2 of nation@1. Choose another name.",
            id="the title of a national indicator",
        ),
        pytest.param(
            "groups:\n  - code: B\n    indicators:\n"
            "      - {code: N, title: New, aliases: [UNO]}\n",
            "line 8: N: 'UNO' already stands for A1 of nation@1. Choose another name.",
            id="the alias of a national indicator",
        ),
        pytest.param(
            "groups:\n  - code: B\n    indicators:\n"
            "      - {code: N, title: New, provenance: official}\n",
            "line 8: N: what an extension adds is local. Leave out 'provenance'.",
            id="a local part that calls itself official",
        ),
        pytest.param(
            "groups:\n  - code: B\n    indicators: [{code: N, title: New, was: A1}]\n",
            "line 7: N: A1 is a code of nation@1 still. Leave out 'was'.",
            id="the renaming of a national indicator",
        ),
        pytest.param(
            "status: official\nissued: {by: City, document: 1/A, date: 2026-01-31}\n",
            "line 5: nation@1 is not official, so what extends it is not either. Set status: "
            "working; issued: may still say who issued the extension.",
            id="official on a working set",
        ),
    ],
)
def test_an_extension_that_touches_what_it_extends_is_refused_with_the_line(
    folder: Path, groups: str, message: str
) -> None:
    assert refused(folder, own(groups)) == [message]


def test_an_extension_cannot_change_another_one_below_it_either(folder: Path) -> None:
    text = own("groups:\n  - code: S\n    indicators: [{code: S2, title: New}]\n", "sector.yaml")
    (message,) = refused(folder, text)
    assert message.startswith("line 7: the indicator S2 belongs to sector@1")


def test_what_is_extended_must_be_there(folder: Path) -> None:
    (message,) = refused(folder, own("", "natoin.yaml"))
    assert message.startswith("line 3: extends: there is no such framework file. Did you mean")
    (message,) = refused(folder, own("", "vn-smart-city@1.1"))
    assert "there is no framework 'vn-smart-city@1.1'. Did you mean 'vn-smart-city@1.0'" in message


def test_a_file_cannot_extend_itself(folder: Path) -> None:
    (message,) = refused(folder, own("", "own.yaml"))
    assert message == "line 3: extends: the file extends itself: own.yaml → own.yaml."
    (folder / "nation.yaml").write_text(
        NATIONAL.replace("title: Nation", "title: Nation\nextends: city.yaml"), encoding="utf-8"
    )
    with pytest.raises(kpi.InputError, match=r"nation\.yaml → city\.yaml → sector\.yaml → nation"):
        kpi.load_framework(folder / "nation.yaml")


def test_an_extension_may_add_nothing_but_a_name(folder: Path) -> None:
    (folder / "own.yaml").write_text(own(""), encoding="utf-8")
    extension = kpi.load_framework(folder / "own.yaml")
    assert set(extension.nodes) == set(extension.national.nodes)


def test_an_extension_is_known_by_what_it_extends(folder: Path) -> None:
    before = kpi.load_framework(folder / "city.yaml").fingerprint
    (folder / "nation.yaml").write_text(
        NATIONAL.replace("weight: 2", "weight: 1"), encoding="utf-8"
    )
    assert kpi.load_framework(folder / "city.yaml").fingerprint != before
