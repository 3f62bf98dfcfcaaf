"""A small notebook and small data, with which reports are made in seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = 'city = ""\nperiod = ""\nframework = ""\ndata = ""\nlang = "vi"'

TITLE = """\
from kpi_lib.report.page.html import Drawing, heading, joined, paragraphs
heading(f"{city} – {period}", "top", 1)"""

FIGURE = """\
from matplotlib.figure import Figure
figure = Figure(figsize=(5, 2))
figure.subplots().plot([1, 3, 2])
Drawing(figure, "Đường <gãy> & điểm", "Một chú thích")"""

TABLE = """\
from kpi_lib.report.sections.listings import table
joined(
    heading("Bảng", "table"),
    table("Số liệu", ["Chỉ số", "Giá trị"], [["Cây xanh <b>", "1,5"]], numeric=[1]),
)"""

WIDE = """\
import pandas as pd
pd.DataFrame([["một giá trị"] * 30])"""

YAML = """\
id: small
version: "1"
title: {vi: Bộ thử, en: A small set}
note: {vi: Chỉ để thử., en: Only a test.}
missing: {policy: rescale, min_coverage: 0}
groups:
  - code: A
    title: {vi: Nhóm A, en: Group A}
    indicators:
      - code: A1
        title: {vi: Chỉ số một, en: First}
        unit: "%"
        direction: higher
        goalposts: [0, 100]
        valid: [0, 100]
      - code: A2
        title: {vi: Chỉ số hai, en: Second}
        unit: "%"
        direction: lower
        goalposts: [0, 100]
"""

CITIES = """\
city,name_vi,name_en,class
an-binh,An Bình,An Binh,I
dong-ha,Đông Hà,Dong Ha,I
x-y,<b>X & Y</b>,<b>X & Y</b>,II
"""

VALUES = """\
city,period,indicator,value
an-binh,2023,A1,50
an-binh,2023,A2,10
an-binh,2024,A1,60
dong-ha,2024,A1,80
dong-ha,2024,A2,40
x-y,2023,A1,20
"""


def notebook(*cells: str) -> nbformat.NotebookNode:
    """Make a notebook of a parameters cell and some code cells, with the usual metadata."""
    made = new_notebook(
        cells=[
            new_markdown_cell("Ghi chú của sổ tay", id="about", metadata={"tags": ["note"]}),
            new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}),
            *(new_code_cell(cell, id=f"cell-{i}") for i, cell in enumerate(cells)),
        ]
    )
    made.metadata.kernelspec = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return made


def write_inputs(folder: Path, cells: Sequence[str] = (TITLE,)) -> dict[str, Path]:
    """Write framework, data and notebook into a folder and give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        "framework": folder / "small.yaml",
        "data": folder / "observations.csv",
        "cities": folder / "cities.csv",
        "notebook": folder / "report.ipynb",
    }
    paths["framework"].write_text(YAML, encoding="utf-8")
    paths["data"].write_text(VALUES, encoding="utf-8")
    paths["cities"].write_text(CITIES, encoding="utf-8")
    paths["notebook"].write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return paths
