"""The files of a set: what its package, its summary and its workbook say agrees with the board."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import openpyxl
import pandas as pd
import pytest
from scored_points import scored

import kpi_lib as kpi
from kpi_lib.batch.site import write_index
from kpi_lib.report.city import CityReport
from kpi_lib.report.index import summary, workbook
from kpi_lib.report.index.rows import CitySet
from kpi_lib.report.page import page_data
from kpi_lib.report.view.city import view_of
from kpi_lib.scoring.scoreboard import Scoreboard


def test_the_data_package_describes_every_column_of_every_file(
    demo: Scoreboard, tmp_path: Path
) -> None:
    report = CityReport(view_of(demo, "hue", "2025", "vi"))
    shown = [report.title(), report.glance(), report.targets(), report.indicators()]
    own = json.dumps([{"section": "mine", "mine": "=1+1"}])
    for city, more in (("hue", []), ("da-nang", [own])):
        payloads = [p._repr_mimebundle_()[page_data.MIME] for p in shown if p is not None]
        (tmp_path / f"{city}.csv").write_bytes(page_data.as_csv([*payloads, *more]))
        (tmp_path / f"{city}.html").write_text("", encoding="utf-8")
    write_index(demo, tmp_path, "vi", demo.latest, {})
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["description"].startswith("DEMO")
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in (package["name"], *names))
    read = {"string": str, "integer": "Int64", "number": float, "any": str, "boolean": "boolean"}
    for resource in package["resources"]:
        if resource.get("type") == "file":
            assert (tmp_path / resource["path"]).is_file()
            continue
        schema = resource["schema"]
        if isinstance(schema, str):
            schema = json.loads((tmp_path / schema).read_text(encoding="utf-8"))
        fields = schema["fields"]
        kinds = {field["name"]: read[field["type"]] for field in fields}
        table = pd.read_csv(tmp_path / resource["path"], dtype=kinds)
        assert list(table.columns) == [field["name"] for field in fields]
        assert all(field["description"] for field in fields if field["type"] != "any")
        key = schema.get("primaryKey")
        assert key is None or not table.duplicated(key).any()
    assert {each["path"] for each in package["resources"] if "schema" in each} == {
        path.name for path in tmp_path.glob("*.csv")
    }
    assert "mine,'=1+1" in re.sub(",+", ",", (tmp_path / "da-nang.csv").read_text("utf-8-sig"))


def test_the_data_of_all_pages_have_one_schema(demo: Scoreboard) -> None:
    report = CityReport(view_of(demo, "hue", "2025", "en"))
    pieces = [getattr(report, name)() for name in ("parts", "level", "strengths", "needed")]
    for piece in pieces:
        header = page_data.as_csv([piece._repr_mimebundle_()[page_data.MIME]]).partition(b"\n")[0]
        assert header.decode("utf-8-sig").split(",") == list(page_data.COLUMNS)


@pytest.mark.parametrize("name", ["demo", "dti", "pci", "scoring-demo", "u4ssc"])
def test_the_summary_follows_its_schema_and_the_board(name: str) -> None:
    framework = kpi.load_framework(kpi.datasets.FRAMEWORKS[name])
    board = kpi.score(getattr(kpi.datasets, name.replace("-", "_"))(), framework)
    found = json.loads(summary.as_json(CitySet(board, board.latest, "vi")))
    schema = json.loads(summary.schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(found)
    assert found["demo"] is name.endswith("demo")
    assert {each["city"] for each in found["cities"]} == set(board.latest)
    for each in found["cities"]:
        score = board.points.loc[(each["city"], each["period"]), "TOTAL"]
        assert each["score"] == (None if pd.isna(score) else pytest.approx(score, abs=0))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**found, "demo": "yes"})


def test_the_workbook_says_what_the_board_says_and_holds_no_formula(demo: Scoreboard) -> None:
    places = demo.observations.cities.assign(
        name_vi=["=1+1", *demo.observations.cities["name_vi"][1:]]
    )
    board = replace(demo, observations=replace(demo.observations, cities=places))
    cities = CitySet(board, board.latest, "vi")
    made = workbook.as_workbook(cities)
    assert made == workbook.as_workbook(CitySet(board, board.latest, "vi"))
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == [
        *("Giới thiệu", "Xếp hạng", "Điểm thành phần", "Điểm chỉ số", "Giá trị chỉ số"),
        *("Trọng số", "Phương pháp", "Nguồn số liệu"),
    ]
    for sheet in book:
        assert str(sheet["A1"].value).startswith("DEMO – ")
        assert sheet.freeze_panes
        assert not any(cell.data_type in "fe" for row in sheet.iter_rows() for cell in row)
    for title, wide in (("Điểm chỉ số", board.points), ("Giá trị chỉ số", board.values)):
        codes, *rows = list(book[title].iter_rows(min_row=4, values_only=True))
        rows = rows[-len(cities.table) :]
        assert [row[0] for row in rows] == list(cities.table["name"])
        own = wide.iloc[cities.rows][list(codes[2:])].to_numpy()
        told = np.array([row[2:] for row in rows], dtype=float)
        np.testing.assert_allclose(told, own, rtol=2e-15)
    weights = {row[0]: row[6] for row in book["Trọng số"].iter_rows(min_row=5, values_only=True)}
    whole = [weights[leaf.code] for leaf in board.framework.indicators]
    assert sum(whole) == pytest.approx(1)


def test_points_that_stand_in_place_of_a_value_are_not_given_its_unit(tmp_path: Path) -> None:
    board = scored(tmp_path)
    write_index(board, tmp_path, "en", board.latest, {})
    table = pd.read_csv(tmp_path / "values.csv").set_index(["city", "code"])
    assert table.loc[("b", "A1"), ["value", "unit"]].tolist() == [8.25, "points"]
    assert table.loc[("a", "A1"), ["value", "unit"]].tolist() == [60, "%"]
