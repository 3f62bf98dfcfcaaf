"""A value, its numerator and its denominator say one thing, or are an error."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi_lib as kpi

FRAMEWORK = """\
id: ratios
version: "1"
title: Ratios
scale: points
groups:
  - code: A
    title: A
    indicators:
      - code: A1
        title: Files answered in time
        unit: "%"
        points: 10
        direction: higher
        goalposts: [0, 100]
        formula: {numerator: in time, denominator: files, multiplier: 100}
"""


def read(folder: Path, row: str) -> kpi.Observations:
    (folder / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    text = f"city,period,indicator,value,numerator,denominator,unit\na,2025,A1,{row}\n"
    (folder / "d.csv").write_text(text, encoding="utf-8")
    framework = kpi.load_framework(folder / "f.yaml")
    return kpi.read_observations(folder / "d.csv", framework)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("50,0,0,", "found 50 for A1, but 0 of 0 says that it does not apply"),
        ("0,0,0,", "found 0 for A1, but 0 of 0 says that it does not apply"),
        ("7,0,0,điểm", "found 7 for A1, but 0 of 0 says that it does not apply"),
        ("không phát sinh,5,10,", "found 'not applicable' for A1, but .* are 5 / 10"),
        ("không áp dụng,5,,", "found 'not applicable' for A1, but .* are 5 / –"),
        (",8,100,điểm", "the unit of A1 says that points are given, but there are none"),
        ("60,5,10,", "found 60 for A1, but its numerator and denominator give 50"),
    ],
)
def test_what_contradicts_is_an_error(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(kpi.InputError, match=message) as caught:
        read(tmp_path, row)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("row", "said", "value"),
    [
        (",0,0,", "not applicable", None),
        ("không phát sinh,0,0,", "not applicable", None),
        ("không phát sinh,,,", "not applicable", None),
        (",5,10,", "", 50),
        ("7,5,10,điểm", "", 7),  # points do not follow from the parts alone
    ],
)
def test_what_agrees_is_read(tmp_path: Path, row: str, said: str, value: float | None) -> None:
    (found,) = read(tmp_path, row).table.to_dict("records")
    assert found["said"] == said
    assert (found["value"] == value) if value is not None else found["value"] != found["value"]


@pytest.mark.parametrize(
    ("note", "warned"),
    [("hồ sơ không hợp lệ", True), ("", False), ("chưa thẩm định", False), ("not verified", False)],
)
def test_a_verified_row_without_a_value_is_said_where_it_gives_a_reason(
    tmp_path: Path, note: str, warned: bool
) -> None:
    (tmp_path / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    text = f"""city,period,indicator,value,quality,note
a,2025,A1,50,tự chấm,
a,2025,A1,,thẩm định,{note}
"""
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    framework = kpi.load_framework(tmp_path / "f.yaml")
    observations = kpi.read_observations(tmp_path / "d.csv", framework)
    assert observations.table["value"].to_list() == [50]
    said = [p for p in observations.warnings if "the verified row of A1 has no value" in p.message]
    assert len(said) == warned
    assert all((p.row, note in p.message) == (3, True) for p in said)
