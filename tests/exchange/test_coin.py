"""An index of COINr or the COIN Tool becomes a project that gives COINr's scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

import kpi_lib as kpi
from kpi_lib.batch.start import Started, start_project

META = [
    ("Level", "iCode", "iName", "Direction", "Weight", "Unit", "Target", "Denominator", "Parent",
     "Type"),
    (1, "Goods", "Trade in goods", 1, 2, "USD bn", None, "GDP", "Conn", "Indicator"),
    (1, "LPI", "Logistics", 1, 1, "Score", 4.5, None, "Conn", "Indicator"),
    (1, "CO2", "Emissions", -1, 1, "t", 2, None, "Sust", "Indicator"),
    (2, "Conn", "Connectivity", 1, 3, None, None, None, "Index", "Aggregate"),
    (2, "Sust", "Sustainability", 1, 1, None, None, None, "Index", "Aggregate"),
    (3, "Index", "Sustainable connectivity", 1, 1, None, None, None, None, "Aggregate"),
    (None, "GDP", "GDP", None, None, "USD bn", None, None, None, "Denominator"),
    (None, "region", "Part of the world", None, None, None, None, None, None, "Group"),
]  # fmt: skip
DATA = [
    ("uCode", "uName", "Time", "region", "GDP", "Goods", "LPI", "CO2"),
    ("ALA", "Aland", 2018, "North", 100, 10, 3.5, 4),
    ("BOR", "Borduria", 2018, "South", 200, 40, 2.5, 8),
    ("CAR", "Carpania", 2018, "South", 50, "NA", 4.5, 6),
]  # fmt: skip
Change = Callable[[list[list[object]], list[list[object]]], None]


def workbook(path: Path, change: Change | None = None) -> Path:
    """A workbook with the two tables, changed in a way."""
    meta, data = [list(row) for row in META], [list(row) for row in DATA]
    if change:
        change(meta, data)
    book = Workbook()
    book.remove(book.active)
    for title, rows in (("iData", data), ("iMeta", meta)):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def board_of(folder: Path) -> kpi.Scoreboard:
    return kpi.score(folder / "data", folder / "framework.yaml")


def test_a_workbook_becomes_a_project_that_is_scored(tmp_path: Path) -> None:
    start_project(tmp_path / "own", str(workbook(tmp_path / "coin.xlsx")))
    board = board_of(tmp_path / "own")
    scores = board.points.xs("2018", level="period")
    np.testing.assert_allclose(scores["LPI"], [50, 0, 100])
    np.testing.assert_allclose(scores["CO2"], [100, 0, 50])
    np.testing.assert_allclose(scores["Goods"], [0, 100, np.nan])
    np.testing.assert_allclose(scores["Conn"], [50 / 3, 200 / 3, 100])
    np.testing.assert_allclose(scores["TOTAL"], [37.5, 50, 87.5])
    assert board.framework.title["en"] == "Sustainable connectivity"
    assert board.framework.report_title("en") == "Sustainable connectivity"
    assert board.framework.unit_noun("en", 2) == "units"
    assert board.framework.node("LPI").targets == {2018: 4.5}  # type: ignore[union-attr]
    assert list(board.cities["region"]) == ["North", "South", "South"]


def test_two_files_in_a_folder_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    for name, rows in (("my_iMeta", META), ("my_iData", DATA)):
        table = pd.DataFrame(rows[1:], columns=rows[0])
        table.to_csv(tmp_path / f"r/{name}.csv", index=False, na_rep="NA")
    pd.DataFrame({"uCode": ["ALA"], "Index": [1]}).to_csv(tmp_path / "r/results.csv")
    start_project(tmp_path / "one", str(workbook(tmp_path / "coin.xlsx")))
    for number, source in enumerate(("r", "r/my_iMeta.csv", "r/my_iData.csv")):
        start_project(tmp_path / f"own{number}", str(tmp_path / source))
        same = board_of(tmp_path / f"own{number}").points
        pd.testing.assert_frame_equal(same, board_of(tmp_path / "one").points)


def test_what_is_not_taken_is_said(tmp_path: Path) -> None:
    """A target of the value before it is divided, and the direction of a group."""

    def change(meta: list[list[object]], data: list[list[object]]) -> None:
        meta[1][6], meta[4][3] = 60, -1

    made = start_project(tmp_path / "own", str(workbook(tmp_path / "coin.xlsx", change)))
    assert [(one.severity, one.row, one.column) for one in made.problems] == [
        ("warning", 2, "Target"),
        ("warning", 5, "Direction"),
    ]
    assert "Goods" in made.problems[0].message
    own = kpi.load_framework(tmp_path / "own/framework.yaml")
    assert not own.node("Goods").targets  # type: ignore[union-attr]


def cell(table: str, row: int, column: str, value: object) -> Change:
    """A change of one cell; ``row`` is the row of the sheet."""

    def change(meta: list[list[object]], data: list[list[object]]) -> None:
        rows = meta if table == "iMeta" else data
        rows[row - 1][rows[0].index(column)] = value

    return change


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "said"),
    [
        ("iMeta", 3, "iCode", "Goods", "stands in row 2 already"),
        ("iMeta", 3, "iCode", None, "the code is empty"),
        ("iMeta", 3, "Direction", 0, "found '0'; expected 1 or −1"),
        ("iMeta", 3, "Weight", "much", "found 'much'; expected a number that is not negative"),
        ("iMeta", 3, "Weight", -1, "found '-1'; expected a number that is not negative"),
        ("iMeta", 3, "Type", "Indicater", "Did you mean 'Indicator'"),
        ("iMeta", 3, "Parent", "Con", "Did you mean 'Conn'"),
        ("iMeta", 3, "Parent", "CO2", "'CO2' is no group"),
        ("iMeta", 3, "Parent", None, "has no Parent"),
        ("iMeta", 3, "Level", 2, "the level is 2, and that of its parent 'Conn' 2"),
        ("iMeta", 4, "Parent", "Conn", "the group 'Sust' has nothing below it"),
        ("iMeta", 2, "Denominator", "GPD", "'GPD' is no denominator of the table"),
        ("iMeta", 7, "Parent", "Conn", "no row is the index"),
        ("iData", 3, "uCode", "ALA", "stands in row 2 already"),
        ("iData", 3, "uCode", "Bor duria", "expected a code"),
        ("iData", 3, "Time", "soon", "expected a year"),
        ("iData", 3, "LPI", "high", "found 'high'; expected a number"),
        ("iData", 3, "GDP", "x", "found 'x'; expected a number"),
        ("iData", 1, "LPI", "LPY", "Did you mean 'LPI'"),
        ("iData", 1, "CO2", "LPI", "2 columns are named LPI"),
        ("iMeta", 1, "Parent", "Level", "2 columns are named Level"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_cell(
    table: str, row: int, column: str, value: object, said: str, tmp_path: Path
) -> None:
    source = workbook(tmp_path / "coin.xlsx", cell(table, row, column, value))
    if column == "Parent" and row == 1:
        source = workbook(tmp_path / "coin.xlsx", cell(table, row, "Weight", "Level"))
    with pytest.raises(kpi.InputError) as caught:
        start_project(tmp_path / "own", str(source))
    assert said in str(caught.value)
    named = [one for one in caught.value.problems if said in f"{one.message} {one.fix}"]
    assert all(one.file == str(source) for one in named)
    if "no row is" not in said:
        assert named[0].sheet in ("iMeta", "iData")
        assert named[0].row or named[0].column
    assert not (tmp_path / "own").exists()


def test_a_table_alone_is_told_of_the_other(tmp_path: Path) -> None:
    table = pd.DataFrame(META[1:], columns=META[0])
    table.to_csv(tmp_path / "iMeta.csv", index=False)
    with pytest.raises(kpi.InputError, match="there is no table iData"):
        start_project(tmp_path / "own", str(tmp_path / "iMeta.csv"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(kpi.InputError, match="no CSV file with the columns iCode and Parent"):
        start_project(tmp_path / "own", str(tmp_path / "empty"))


def coin_tool(path: Path) -> Path:
    """The two sheets of the COIN Tool that hold an index; the sub-index level is not used."""
    book = Workbook()
    database, framework = book.active, book.create_sheet("Framework")
    database.title = "Database"
    columns = [
        (2, 1, 0, 100, "Index", "si.01", "p.01", "sp.01", "Trade in goods", "ind.01"),
        (1, 1, None, None, "Index", "si.01", "p.01", "sp.01", "Logistics", "ind.02"),
        (1, -1, 0, 10, "Index", "si.01", "p.02", "sp.02", "Emissions", "ind.03"),
    ]
    for at, column in enumerate(columns, start=5):
        for row, value in enumerate(column, start=7):
            database.cell(row, at, value)
    values = [("Aland", "ALA", 20, 3.5, 4), ("Borduria", "BOR", 50, 2.5, "n/a")]
    for row, (name, code, *numbers) in enumerate(values, start=17):
        for at, value in zip((2, 3, 5, 6, 7), (name, code, *numbers), strict=True):
            database.cell(row, at, value)
    rows = [("code", "", "weight", "", "", "Dimension/indicator"), ("Index", "", 1, "", "", "Ours")]
    rows += [("p.01", "", 3, "", "", "Connectivity"), ("p.02", "", 1, "", "", "Sustainability")]
    rows += [("sp.01", "", 1, "", "", "Links"), ("sp.02", "", 1, "", "", "Air")]
    for at, line in enumerate(rows, start=4):
        for column, value in enumerate(line, start=3):
            framework.cell(at, column, value)
    book.save(path)
    return path


def test_the_workbook_of_the_coin_tool_is_read(tmp_path: Path) -> None:
    start_project(tmp_path / "own", str(coin_tool(tmp_path / "tool.xlsx")))
    board = board_of(tmp_path / "own")
    scores = board.points.droplevel("period")
    np.testing.assert_allclose(scores["ind.01"], [20, 50])  # by its goalposts
    np.testing.assert_allclose(scores["ind.02"], [100, 0])  # from the least to the most
    np.testing.assert_allclose(scores["ind.03"], [60, np.nan])
    np.testing.assert_allclose(scores["p.01"], [140 / 3, 100 / 3])
    np.testing.assert_allclose(scores["TOTAL"], [50, 100 / 3])
    assert board.framework.title["en"] == "Ours"
    assert [group.code for group in board.framework.groups] == ["p.01", "p.02"]


@pytest.mark.parametrize("change", ["", "panel"])
def test_asem_agrees_with_coinr_at_every_level(shared: Path, tmp_path: Path, change: str) -> None:
    """COINr 1.1.14 of its own example: denominated, min-max 0–100, weighted means."""
    source = shared / "reference/asem"
    meta = pd.read_csv(source / "asem_imeta.csv")
    data = pd.read_csv(source / f"asem_idata{'_panel' if change else ''}.csv")
    with pd.ExcelWriter(tmp_path / "ASEM.xlsx") as book:
        meta.to_excel(book, sheet_name="iMeta", index=False)
        data.to_excel(book, sheet_name="iData", index=False)
    made = start_project(tmp_path / "own", str(tmp_path / "ASEM.xlsx"))
    assert isinstance(made, Started)
    expected = pd.read_csv(source / "p1_minmax_arithmetic.csv").set_index("uCode").sort_index()
    board = board_of(tmp_path / "own")
    ours = board.points.xs("2018", level="period").rename(columns={"TOTAL": "Index"})
    assert set(ours.columns) == set(expected.columns)
    np.testing.assert_allclose(
        ours[expected.columns].to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12
    )
