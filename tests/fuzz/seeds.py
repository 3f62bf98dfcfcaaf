"""Files that the readers accept, small, and together with most of what their formats have."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
from annexes import CRITERIA, CRITERIA_HEADING, HEADING, document, official_annex, workbook
from openpyxl.worksheet.worksheet import Worksheet
from small_report import CITIES, notebook
from supplied import FRAMEWORK

from kpi_lib.errors import plain
from kpi_lib.exchange.book.write import export_framework
from kpi_lib.exchange.form.layout import part_of
from kpi_lib.exchange.form.write import write_form
from kpi_lib.framework.load import load_framework
from kpi_lib.framework.model import Framework

LONG = """\
city,period,indicator,value
An,2023,A.1,50.5
An,2024,A.1,60
Bình,2024,A.2,0.25
Bình,2024,S.1,7
"""
FULL = """\
city,period,indicator,value,numerator,denominator,unit,source,quality,se,note
An,2024,A.1,50,10,20,%,Sở Y tế,verified,0.5,
An,2024,A.1,48,,,%,Sở Y tế,reported,,tự chấm
Bình,2024,Internet access,"61,5",,,%,,provisional,,
Cẩm,2024,PM2.5,,,,µg/m³,,,,chưa thu thập
Cẩm,2023-Q4,A.2,1.250,,,,,estimated,,
An,2024,gdp,120,,,,,,,
An,2024,A.3,1200,,,tỷ đồng,,,,
"""
WIDE = "Bảng 5;;;\nTỉnh;Năm;A.1;A.2\nAn;2024;50,5;1.250,5\nBình;2024;..;7\nNguồn: Cục Thống kê;;;\n"
YEARS = "city\tindicator\t2022\t2023\t2024\nAn\tA.1\t1\t2\t3\nBình\tA.2\t:\t5\t6,5\n"

EVIDENCE = """\
city,period,criterion,met,document
an-binh,2024,D1.1,met,QĐ 12/2024
dong-ha,2023-Q4,D1.1,không đạt,
dong-ha,2024,D1.1,đạt,QĐ 1
"""
PUBLISHED = "city,period,code,score,rank\nan-binh,2024,TOTAL,31.5,1\ndong-ha,2024,A.1,7,2\n"
ERRORS = "city,period,indicator,standard_error\nAn,2024,A.1,0.5\n,,A.2,1\n"
PLACES = CITIES + "cu,Cũ,Old,III\n"
MERGED = """\
city,name_vi,name_en,region,population,area_km2,lat,lon,valid_from,valid_to,merged_into
hue,Huế,Hue,Trung Bộ,"1.160.000","4.947,1",16.46,107.59,2025,,
cu,Cũ,Old,Trung Bộ,300000,100,16.4,107.5,,2024,hue
"""
COLUMNS = """\
columns: {Tỉnh: city, Năm: period, Tỷ lệ: A.1}
ignore: [STT, Ghi chú]
header: 2
decimal: ","
where: {Giới tính: "", "loại!": [a, b]}
bounds: edge
"""
TABLE = """\
Bảng 1,,,,,,
STT,Tỉnh,Năm,Tỷ lệ,Giới tính,loại,Ghi chú
1,An,2024,50,,c,x
2,Bình,2024,"61,5",,c,y
3,Bình,2024,70,nam,a,y
"""
TOML = '# the data\n[extract]\nvi = "chín tỉnh"\nen = "nine of 63"\n'
WEIGHTS = "title: Own\nframework: small@1\nweights:\n  A: 2\n  A.1: 0.5\n  S.1: 1e1\n  S: 0\n"
SPEC = """\
choices:
  - {vary: weights, draw: noise, size: 0.25}
  - {vary: normalise, among: [goalposts, {method: minmax, low: 0.1}, rank]}
  - {vary: aggregate, among: [arithmetic, {method: power, p: 0.5}], groups: [A]}
  - {vary: missing, among: [rescale, {policy: zero, min_coverage: 0}]}
  - {vary: impute, among: [mean, none, {method: impute, by: median}]}
  - vary: data
    draw: errors
    standard_error: {A.1: 2}
    relative: 0.05
    name: Sampling
"""
DIRICHLET = "- {vary: weights, draw: dirichlet, spread: {1: 0.25, 2: 0.1}, name: d}\n"
SCHEME = """\
id: own
version: "1"
title: {vi: Cấp độ, en: Levels}
framework: vn-smart-city@1.0
status: working
note: A note
issued: {by: Bộ, document: 12/QĐ, date: "2024-05"}
rule: {share: 0.75}
expects: {all: 3, basic: 1}
levels:
  - code: L1
    title: One
    rule: {basic: 1, chosen: 1}
    criteria:
      - {code: C1, title: A document, evidence: The decision}
      - {code: C2, title: Coverage, kind: chosen, indicator: IC.CON.3, at_least: 95}
  - code: L2
    title: {vi: Hai}
    criteria:
      - {code: C3, title: Below, indicator: PS.ONL.1, at_most: 5}
"""
SMALL = """\
id: whole
version: "1.0"
status: official
title: {vi: Bộ thử, en: A set}
unit_noun: {vi: tỉnh, en: {one: province, other: provinces}}
issued: {by: Bộ, document: 1/QĐ, date: 2024-01-31}
scale: one
normalise: {method: minmax, low: 0.1}
aggregate: {method: power, p: 0.5}
missing: {policy: rescale, min_coverage: 0.5}
treatment:
  - {method: impute, by: mean}
  - {method: winsorise}
levels:
  - {code: L, title: L, criteria: [{code: C, title: C, indicator: A.1, at_least: 5}]}
groups:
  - code: A
    title: {vi: Nhóm, en: Group}
    weight: 2
    groups:
      - code: A.0
        title: Below
        aggregate: geometric
        indicators:
          - code: A.1
            title: {vi: Tỷ lệ, en: Share}
            definition: A share
            unit: "%"
            direction: higher
            goalposts: [0, 100]
            normalise: goalposts
            formula: {numerator: n, denominator: d, multiplier: 100}
            valid: [0, 100]
            targets: {2025: 80, 2030: 100}
            target_source: A plan
            aliases: [Share of all]
            references: [{standard: ISO 37122:2019, code: "10.2"}]
            agency: Sở
            frequency: annual
  - code: B
    title: B
    indicators:
      - {code: B.1, title: Dust, direction: lower, goalposts: [5, 50], normalise: {method: goalposts, scale: log}}
      - {code: B.2, title: Per head, direction: higher, denominator: gdp, was: B.9}
      - {code: B.3, title: By class, direction: higher, goalposts: {by: class, I: [0, 1], II: [0, 2]}}
"""  # noqa: E501
POINTS = """\
id: points
version: "1"
title: Points
scale: points
decimals: 2
shown: percent
classes: [[90, A], [80, B]]
not_applicable: zero
groups:
  - code: A
    title: A
    cap: 20
    indicators:
      - {code: A1, title: One, points: 10, normalise: {method: bands, steps: [[0, 0], [50, 5], [80, 10]]}}
      - {code: A2, title: Two, points: 5, normalise: {method: piecewise, knots: [[0, 0], [80, 0], [80, 1.6], [100, 2]]}}
      - {code: A3, title: Three, points: 3, normalise: {method: categories, scores: {không: 0, có: 3}}}
      - {code: A4, title: Four, bonus: 2, direction: higher, goalposts: [0, 10]}
      - {code: A5, title: Five, deduction: 2, direction: lower, goalposts: [0, 10]}
      - {code: A6, title: Six, points: 2, normalise: {method: bands, by: class, steps: {I: [[0, 0], [90, 2]]}}}
  - code: B
    title: B
    aggregate: max
    floor: -1
    indicators:
      - {code: B1, title: One, points: 5, direction: higher, goalposts: [0, 100]}
"""  # noqa: E501
ADDED = """\
id: added
version: "1"
title: Added
extends: hue-heritage-demo@1.0
groups:
  - code: XX
    title: Added
    indicators: [{code: XX.1, title: One, direction: higher, goalposts: [0, 1]}]
"""


def _made(name: str, write: Callable[[Path], object]) -> bytes:
    """The content of the file that is written."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def _workbook(path: Path) -> None:
    rows = [line.split(",") for line in LONG.splitlines()]
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for city, period, indicator, value in rows:
        number = value.replace(".", "", 1).isdigit()
        page.append(
            [city, int(period) if number else period, indicator, float(value) if number else value]
        )
    book.save(path)


def _odd_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["Bảng 1. Số liệu"])
    page.merge_cells("A1:D1")
    for row in (["Tỉnh", "Năm", "A.1", "A.2"], ["An", 2024, 0.505, "1.250,5"], [None, 2023, 0.4]):
        page.append(row)
    page.merge_cells("A3:A4")
    page["C3"].number_format = page["C4"].number_format = "0.0%"
    page["B3"].number_format = "0"
    hidden = book.create_sheet("Ẩn")
    hidden.append(["a", "b"])
    hidden.sheet_state = "hidden"
    book.save(path)


def _form(path: Path) -> None:
    write_form(FRAMEWORK, path, "vi", cities=["An"], periods=["2024"])
    book = openpyxl.load_workbook(path)
    for page in book.worksheets:
        if page.sheet_state == "visible":
            _fill(page)
    book.save(path)


def _fill(page: Worksheet) -> None:
    columns: dict[str, int] = {}
    for row in page.iter_rows():
        for cell in row:
            part = part_of().get(plain(str(cell.value)))
            if part is not None:
                columns.setdefault(part.key, int(cell.column or 0))
    for row in page.iter_rows(min_row=3):
        code = row[0].value
        if code in ("A.2", "S.1", "S.2") and "value" in columns:
            page.cell(int(row[0].row or 0), columns["value"]).value = 12.5


def _book(framework: Framework | str) -> Callable[[Path], object]:
    return lambda path: export_framework(load_framework(framework), path)


def _points_annex(path: Path) -> None:
    workbook(path, [CRITERIA_HEADING, ("I", "Nhóm", None, 15), *CRITERIA])


def _document(path: Path) -> None:
    document(
        path,
        "PHỤ LỤC",
        "BỘ CHỈ SỐ ĐÔ THỊ THÔNG MINH",
        "I. Hạ tầng số",
        [HEADING, ("II. Nhóm",) * 5, ("1", "Tỷ lệ phủ sóng", "%", "≥ 90", "Sở TTTT")],
        "III. Nhân lực",
        [("1", "Số cán bộ", "người", "10", "Sở Nội vụ"), ("2", "Số lớp", "lớp", "", "")],
        "Ghi chú: số liệu cuối năm.",
    )


def _criteria(path: Path) -> None:
    document(path, "TIÊU CHÍ", [CRITERIA_HEADING, *[tuple(map(str, row)) for row in CRITERIA]])


def _parquet(path: Path) -> None:
    table = pd.read_csv(io.StringIO(LONG), dtype={"value": float})
    table.to_parquet(path, index=False)


def _framework(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _own_book(text: str) -> Callable[[Path], object]:
    return lambda path: export_framework(
        load_framework(_framework(path.with_suffix(".yaml"), text)), path
    )


ANNEX = """\
TT,Tên chỉ số,Đơn vị tính,Mục tiêu 2025,Cơ quan cung cấp
I,Nhóm,,,
1,Tỷ lệ hộ,%,≥ 90,Sở Y tế
"""


@cache
def seeds() -> Mapping[str, tuple[bytes, ...]]:
    """Files by the name of the reader that takes them."""
    texts: dict[str, tuple[str, ...]] = {
        "csv": (LONG, FULL, WIDE, YEARS),
        "cells": (LONG, FULL, YEARS),
        "framework": (SMALL, POINTS, ADDED),
        "scheme": (SCHEME,),
        "weights": (WEIGHTS,),
        "spec": (SPEC, DIRICHLET),
        "errors": (ERRORS,),
        "cities": (PLACES, MERGED),
        "evidence": (EVIDENCE,),
        "published": (PUBLISHED,),
        "columns": (COLUMNS,),
        "toml": (TOML, 'extract = "nine"\n'),
        "annex-csv": (ANNEX,),
        "notebook": (json.dumps(notebook("1 + 1")),),
    }
    books: dict[str, tuple[Callable[[Path], object], ...]] = {
        "xlsx": (_workbook, _odd_workbook),
        "form": (_form,),
        "annex-xlsx": (official_annex, _points_annex),
        "book": (_own_book(SMALL), _own_book(POINTS)),
        "docx": (_document, _criteria),
        "parquet": (_parquet,),
    }
    ending = {"docx": "a.docx", "parquet": "a.parquet"}
    return {
        **{name: tuple(text.encode() for text in own) for name, own in texts.items()},
        **{
            name: tuple(_made(ending.get(name, "a.xlsx"), write) for write in own)
            for name, own in books.items()
        },
    }
