"""A small framework, and observations as people supply them."""

from __future__ import annotations

from pathlib import Path

from builders import both

from kpi_lib.exchange.files import examine, read_observations
from kpi_lib.framework.model import Formula, Framework, Group, Indicator
from kpi_lib.observations.read import Observations

INDICATORS = (
    Indicator(
        "A.1",
        {"vi": "Tỷ lệ hộ có Internet", "en": "Households with Internet"},
        unit=both("%"),
        direction="higher",
        goalposts=(0, 100),
        valid=(0, 100),
        formula=Formula(both("connected"), both("households"), 100),
        aliases=("Internet access",),
    ),
    Indicator(
        "A.2",
        both("PM2.5"),
        unit=both("µg/m³"),
        direction="lower",
        goalposts=(0, 100),
        valid=(0, None),
    ),
    Indicator("A.3", both("Output"), unit={"vi": "tỷ đồng", "en": "bn VND"}, denominator="gdp"),
    Indicator("A.10", both("Wi-Fi points"), formula=Formula(both("points"))),
)
SHARES = tuple(Indicator(f"S.{i}", both(f"Share {i}"), unit=both("%")) for i in (1, 2))
FRAMEWORK = Framework(
    "small",
    "1",
    both("Small"),
    (Group("A", both("A"), indicators=INDICATORS), Group("S", both("S"), indicators=SHARES)),
)


class Folder:
    """A folder to write files of observations to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *lines: str, name: str = "data.csv", encoding: str = "utf-8") -> Path:
        file = self.path / name
        file.write_bytes("\n".join(lines).encode(encoding))
        return file


def long(*rows: str) -> list[str]:
    return ["city,period,indicator,value", *rows]


def complaints(path: Path, cities: Path | None = None) -> list[str]:
    observations, problems = examine(path, FRAMEWORK, cities)
    assert observations is None
    return [str(problem).removeprefix(str(path)) for problem in problems]


def complaint(path: Path, cities: Path | None = None) -> str:
    (only,) = complaints(path, cities)
    return only


def values(observations: Observations) -> list[float]:
    return [float(value) for value in observations.table["value"]]


def warnings(path: Path) -> list[str]:
    return [str(problem) for problem in read_observations(path, FRAMEWORK).warnings]
