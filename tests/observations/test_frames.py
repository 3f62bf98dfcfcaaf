"""DataFrames are read as files are: every form, every check, and problems by label and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import framework, group, indicator

import kpi_lib as kpi
from kpi_lib.errors import InputError

FRAME = framework(group("A", indicator("A1"), indicator("A2")), group("B", indicator("B1")))
WIDE = pd.DataFrame(
    {
        "city": ["Huế", "Vinh", "Huế", "Vinh"],
        "period": [2024, 2024, 2025, 2025],
        "A1": [80, 50, 81, 52],
        "A2": [15, np.nan, 17.25, 20],
        "B1": [40.5, 90, 41, 91],
    }
)
LONG = WIDE.melt(["city", "period"], var_name="indicator", value_name="value")


def totals(data: Any, **options: Any) -> dict[str, Any]:
    board = kpi.score(data, FRAME, **options)
    return {f"{city} {period}": score for (city, period), score in board.points["TOTAL"].items()}


def problems(data: Any, **options: Any) -> str:
    with pytest.raises(kpi.InputError) as error:
        kpi.read_observations(data, FRAME, **options)
    return str(error.value)


FORMS = {
    "long": LONG,
    "wide": WIDE,
    "the index of a pivot": WIDE.set_index(["city", "period"]),
    "an indicator over its periods": LONG.pivot(
        index="city", columns=["indicator", "period"], values="value"
    ),
    "a period over its indicators": LONG.pivot(
        index="city", columns=["period", "indicator"], values="value"
    ),
    "categories": LONG.astype({"city": "category", "period": "category", "indicator": "category"}),
    "types that know of missing values": WIDE.convert_dtypes(),
    "texts": WIDE.astype(object).where(WIDE.notna(), "").astype(str),
    "periods": LONG.assign(period=pd.PeriodIndex(LONG["period"].astype(str), freq="Y")),
    "ends of years": LONG.assign(period=pd.to_datetime(LONG["period"].astype(str) + "-12-31")),
    "numbers of 32 bits": LONG.assign(value=LONG["value"].astype("float32")),
    "marks of nothing": WIDE.astype(object).where(WIDE.notna(), pd.NA),
    "any order and any labels": LONG.sample(frac=1, random_state=2),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_gives_the_scores_of_its_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / "observations.csv"
    WIDE.to_csv(file, index=False)
    assert totals(FORMS[form]) == totals(file)


def test_a_table_is_left_as_it_was() -> None:
    before = WIDE.copy(deep=True)
    kpi.score(WIDE, FRAME)
    pd.testing.assert_frame_equal(WIDE, before)


def test_a_fault_is_named_by_the_label_of_its_row_and_its_column() -> None:
    labelled = WIDE.set_axis(["first", "second", "third", "fourth"])
    wrong = labelled.assign(A1=["80", "much", "81", "much"], B1=[1, 2, np.inf, 4])
    said = problems(wrong)
    assert "DataFrame, row 'second', column 'A1': found 'much'; expected a number." in said
    assert "The same in row 'fourth'." in said
    assert "DataFrame, row 'third', column 'B1': found 'infinity'" in said


def test_rows_with_one_label_are_told_apart_by_their_positions() -> None:
    said = problems(pd.concat([WIDE[:1], WIDE[:1]]))
    assert (
        "row 0 (position 1): Huế, 2024, A1 and 2 more is already given in row 0 (position 0)"
        in said
    )


def test_a_row_of_a_pivot_is_named_by_its_keys() -> None:
    pivot = WIDE.astype({"A1": object}).set_index(["city", "period"])
    pivot.loc[("Vinh", 2025), "A1"] = "?!"
    assert "row ('Vinh', 2025), column 'A1'" in problems(pivot)


def test_a_warning_names_the_label_too() -> None:
    percent = framework(group("A", *(indicator(f"A{n}", unit={"en": "%"}) for n in range(1, 7))))
    values = {f"A{n}": [70.0 + n, 60.0 + n] for n in range(1, 7)} | {"A6": [0.75, 60.0]}
    data = pd.DataFrame({"city": ["X", "Y"], "period": 2025, **values}, index=["x", "y"])
    (warning,) = kpi.read_observations(data, percent).warnings
    assert warning.where == "DataFrame, row 'x', column 'A6'"


def test_the_cities_may_be_a_table_too() -> None:
    cities = pd.DataFrame(
        {"city": ["hue", "vinh"], "name_en": ["Hue", "Vinh"], "population": [652_572, 339_114]}
    )
    observations = kpi.read_observations(WIDE, FRAME, cities=cities)
    assert set(observations.table["city"]) == {"hue", "vinh"}
    assert observations.places.at["hue", "population"] == 652_572
    assert totals(WIDE, cities=cities)["hue 2025"] == totals(WIDE)["Huế 2025"]
    said = problems(WIDE.replace("Vinh", "Vinhh"), cities=cities)
    assert "DataFrame, row 1, column 'city': 'Vinhh' is not in the cities file" in said
    assert "Did you mean 'vinh'?" in said
    said = problems(WIDE, cities=cities.assign(population=[1, -2]))
    assert "DataFrame (cities), row 1, column 'population'" in said


def test_equal_cells_give_one_fingerprint_and_another_cell_another() -> None:
    def of(data: pd.DataFrame) -> str:
        return kpi.read_observations(data, FRAME).fingerprint

    assert of(WIDE) == of(WIDE.copy()) == of(WIDE.set_axis(list("abcd")))
    assert of(WIDE) != of(WIDE.replace(81, 82))
    assert of(WIDE) != of(WIDE.rename(columns={"A1": "B1", "B1": "A1"}))


def test_made_up_rows_say_so_without_a_file_name() -> None:
    assert not kpi.read_observations(WIDE, FRAME).demo
    assert kpi.read_observations(WIDE.assign(demo=True), FRAME).demo


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "found NoneType"),
        ([WIDE, WIDE], "found list"),
        (3, "found int 3; expected a DataFrame, or the path of a file or folder"),
        (WIDE.assign(A1=[[1], [2], [3], [4]]), "column 'A1': found list in the cells"),
        (WIDE.drop(columns="period"), "expected also period"),
        (WIDE.assign(A1=[True, False, True, True]), "found True; expected a number"),
        (WIDE.rename(columns={"A1": "A11"}), "column 'A11': the column of numbers is unknown"),
        (WIDE[:0], "there are no rows"),
    ],
)
def test_what_is_no_table_of_observations_is_refused_in_words(data: Any, said: str) -> None:
    assert said in problems(data)


def test_other_arguments_of_a_wrong_kind_are_refused_in_words() -> None:
    with pytest.raises(kpi.InputError, match="cities: found int 3; expected a DataFrame"):
        kpi.score(WIDE, FRAME, cities=3)  # type: ignore[arg-type]
    with pytest.raises(kpi.InputError, match="expected id@version of a bundled framework"):
        kpi.score(WIDE, 3)  # type: ignore[arg-type]
    with pytest.raises(kpi.InputError, match="give these when reading"):
        kpi.score(kpi.read_observations(WIDE, FRAME), FRAME, cities=WIDE)


def test_a_table_makes_a_report_and_is_never_kept(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KPI_CACHE", str(tmp_path))
    board = kpi.scoreboard(WIDE, FRAME)
    assert not list(tmp_path.iterdir())
    assert board.table().equals(kpi.score(WIDE, FRAME).table())
    report = kpi.city_report("hue", data=WIDE, framework=FRAME, lang="en")
    assert "Huế" in report._repr_html_()


def test_a_city_is_found_by_code_name_and_file_name_everywhere() -> None:
    cities = pd.DataFrame(
        {"city": ["46", "40"], "name_vi": ["Huế", "Vinh"], "name_fr": ["Hué", ""]}
    )
    board = kpi.score(WIDE, FRAME, cities=cities)
    for name in ("46", "Huế", "hue", "HUẾ", "Hué"):
        assert board.unit(name, 2024) == ("46", "2024")
        assert kpi.readiness(FRAME, board.observations, name)["state"].eq("ready").all()
        assert len(board.observations.of_city(name)) == 6
        assert kpi.like_for_like(board, name, 2024, 2025).total["change"] > 0
    assert kpi.score(WIDE, FRAME).unit("hue") == ("Huế", "2025")
    with pytest.raises(kpi.InputError, match="no data of a city 'Hu'"):
        board.unit("Hu")
    with pytest.raises(kpi.InputError, match="expected the code or a name of a city"):
        board.unit(46)  # type: ignore[arg-type]


def test_both_forms_of_rank_uncertainty_take_the_same_arguments() -> None:
    board = kpi.score(WIDE, FRAME)
    told: dict[str, Any] = {"draws": 50, "seed": 3, "period": 2024, "level": 0.5, "workers": 2}
    short = kpi.rank_interval(board, **told, noise="effective")
    whole = kpi.rank_uncertainty(board, **told, noise="effective").ranks
    pd.testing.assert_frame_equal(short, whole[list(short)])


def test_an_indicator_whose_code_is_a_publishers_name_for_a_field_is_read() -> None:
    frame = framework(group("A", indicator("time"), indicator("A2")))
    data = pd.DataFrame({"city": ["X"], "period": [2025], "time": [40], "A2": [60]})
    table = kpi.read_observations(data, frame).table
    assert dict(zip(table["indicator"], table["value"], strict=True)) == {"time": 40, "A2": 60}
    published = LONG.rename(columns={"period": "TIME_PERIOD", "value": "OBS_VALUE"})
    assert totals(published) == totals(LONG)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda b: kpi.rank_interval(b, draws="x"),
            "draws: found str 'x'; expected a whole number",
        ),
        (
            lambda b: kpi.rank_uncertainty(b, 10, "x"),
            "seed: found str 'x'; expected a whole number",
        ),
        (lambda b: kpi.rank_interval(b, level="x"), "level: found str 'x'; expected a share"),
        (lambda b: kpi.what_if(b, "Huế"), "values: found str 'Huế'; expected values by code"),
        (lambda b: kpi.score(WIDE, FRAME, weights=3), "weights: found int 3; expected weights by"),
        (lambda b: kpi.score(WIDE, FRAME, missing=3), "missing: found int 3; expected the name"),
        (lambda b: kpi.score(WIDE, FRAME, normalise=3), "expected the name of a method"),
        (lambda b: kpi.score(WIDE, FRAME, treatment=3), "treatment: expected a list of steps"),
        (lambda b: kpi.scoreboard(3, FRAME), "found int 3; expected the path of a file"),
        (lambda b: kpi.city_report(b, data=WIDE, framework=FRAME), "expected the code or a name"),
    ],
)
def test_an_argument_of_another_kind_is_refused_with_what_was_expected(
    call: Callable[[kpi.Scoreboard], object], said: str
) -> None:
    with pytest.raises(kpi.InputError, match=said):
        call(kpi.score(WIDE, FRAME))


def test_weights_may_be_a_column() -> None:
    weighed = kpi.score(WIDE, FRAME, weights=pd.Series({"A": 3, "B": 1}))
    assert weighed.table().equals(kpi.score(WIDE, FRAME, weights={"A": 3.0, "B": 1.0}).table())


def test_a_misspelt_column_is_asked_about() -> None:
    """`yeer` is no indicator that nobody knows, it is the year."""
    data = pd.DataFrame({"city": ["a"], "yeer": [2025], "QL.HEA.1": [5.0]})
    with pytest.raises(InputError, match="Is 'yeer' meant to be 'year'"):
        kpi.read_observations(data, "vn-smart-city@1.0")
