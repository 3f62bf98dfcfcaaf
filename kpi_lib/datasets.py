"""The data that come with the library, ready to be scored.

>>> import kpi_lib as kpi
>>> kpi.score(kpi.datasets.demo(), "vn-smart-city@1.0")

Sources and rights are said in each folder (:func:`folder`), in SOURCES.md or README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from kpi_lib.errors import InputError, did_you_mean
from kpi_lib.exchange.files import read_observations
from kpi_lib.framework.load import load_framework
from kpi_lib.io.paths import own_data
from kpi_lib.locale.catalogue import SOURCE, msg
from kpi_lib.observations.project.file import NAME, read_project
from kpi_lib.observations.read import Observations
from kpi_lib.observations.values import Known

FRAMEWORKS: Mapping[str, str] = {
    "demo": "vn-smart-city@1.0",
    "u4ssc": "u4ssc@2017",
    "dti": "dti@2020",
    "pci": "pci@2013",
    "scoring-demo": "provincial-scoring-demo@1.0",
}
"""The data sets by name, each with the framework that its data are of."""


def folder(name: str) -> Path:
    """Give the folder of a data set: in the installed package, else in the clone beside it."""
    if name not in FRAMEWORKS:
        listed = msg("There are: {names}.", names=", ".join(FRAMEWORKS))
        found = msg("there is no data set '{name}'.", name=name)
        hints = filter(None, [did_you_mean(name, FRAMEWORKS), listed])
        raise InputError(" ".join([found, *hints]))
    return own_data() / name


def demo() -> Observations:
    """DEMO: made-up figures of twelve Vietnamese cities, for ``vn-smart-city@1.0``."""
    return read_observations(folder("demo"), FRAMEWORKS["demo"])


def scoring_demo() -> Observations:
    """DEMO: made-up figures of eight cities, for ``provincial-scoring-demo@1.0`` (points)."""
    return read_observations(folder("scoring-demo"), FRAMEWORKS["scoring-demo"])


def pci(version: int | str = 2013) -> Observations:
    """Provincial Competitiveness Index of 63 provinces (VCCI and USAID; CC0).

    ``version`` is that of the framework: 2006 (for 2006–2008), 2009 (2009–2012) or 2013
    (2013–2016); score it with ``pci@2006``, ``pci@2009`` or ``pci@2013``.
    """
    versions = ("2006", "2009", "2013")
    if str(version) not in versions:
        found = msg("there is no version '{version}' of this data set.", version=version)
        raise InputError(f"{found} {msg('There are: {names}.', names=', '.join(versions))}")
    return read_observations(folder("pci") / f"pci-{version}.csv", f"pci@{version}")


def dti() -> Observations:
    """Digital Transformation Index 2020 of the nine published provinces, for ``dti@2020``."""
    framework = load_framework(FRAMEWORKS["dti"])
    file = folder("dti") / "dti_2020_top9.csv"
    codes = [indicator.code for indicator in framework.indicators]
    rows = _read(file).melt(["city", "period"], codes, "indicator", "value")
    issuer = framework.issued.by[SOURCE] if framework.issued else ""
    rows["source"] = f"{issuer}, {framework.title[SOURCE]}"
    return _observed(rows, file, quality="published table")


def u4ssc() -> Observations:
    """Published results of eleven cities for ``u4ssc@2017`` (ITU), as they were printed.

    What each step of reading them is for is in ``notebooks/prepare_u4ssc.ipynb``.
    """
    file = folder("u4ssc") / "city_results.csv"
    names = {"report_year": "period", "kpi": "indicator", "source_url": "source"}
    rows = _read(file).rename(columns=names)
    rows = rows[~rows["note"].str.contains("not a KPI")]
    known = Known(load_framework(FRAMEWORKS["u4ssc"])).names
    rows["indicator"] = [known.find(name)[0] for name in rows["indicator"]]
    rows["note"] = rows["note"].replace(
        {r"^Not Reported\b": "not reported", r"^Not verified\b": "not verified"}, regex=True
    )
    prose = rows["note"].str.contains("running text")
    quality = prose.map({True: "running text", False: "published table"})
    columns = ["city", "period", "indicator", "value", "source", "note"]
    return _observed(rows[columns], file, quality=quality)


def _read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def _observed(rows: pd.DataFrame, file: Path, quality: str | pd.Series[str]) -> Observations:
    """Read rows with what lies beside the file that they are from."""
    framework = load_framework(FRAMEWORKS[file.parent.name])
    units = {indicator.code: indicator.unit[SOURCE] for indicator in framework.indicators}
    rows = rows.assign(quality=quality, unit=rows["indicator"].map(units))
    cities, project = file.parent / "cities.csv", file.parent / NAME
    said, _ = read_project(project, project.read_bytes())
    observations = read_observations(rows, framework, cities)
    return replace(observations, files=(file, cities), project=said)
