"""Write the demo data of the scoring table: made-up values of eight made-up cities, 2024–2025.

    .venv/bin/python data/raw/scoring-demo/make_scoring_demo.py [--output FOLDER]

Not one value is real, and neither are the cities. Each city scores itself (reported); the province
checks (verified), in the latest year not yet everywhere. The same script writes the same bytes on
every machine.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import kpi_lib as kpi

FRAMEWORK = "provincial-scoring-demo@1.0"
SEED = "scoring-demo-1"
SOURCE = "DEMO: số liệu do chương trình tạo ra, không có thật (made by a script, not real)"
YEARS = (2024, 2025)
STAGES = ("chưa có", "đang thử nghiệm", "đã vận hành")


@dataclass(frozen=True)
class City:
    """``level`` (0–1) is how far a city has come; ``households`` and ``files`` are counts."""

    code: str
    letter: str
    grade: str
    level: float
    households: int
    files: int


CITIES = (
    City("mau-a", "A", "I", 0.92, 120_000, 80_000),
    City("mau-b", "B", "I", 0.80, 96_000, 64_000),
    City("mau-c", "C", "I", 0.66, 88_000, 50_000),
    City("mau-d", "D", "II", 0.84, 54_000, 32_000),
    City("mau-e", "E", "II", 0.70, 48_000, 30_000),
    City("mau-f", "F", "II", 0.58, 40_000, 20_000),
    City("mau-g", "G", "II", 0.46, 36_000, 16_000),
    City("mau-h", "H", "II", 0.34, 30_000, 10_000),
)

# The share (%) that each rate has at level 0 and at level 1.
RATES = {
    "I.1": (30, 96),
    "I.2": (5, 95),
    "II.1": (20, 92),
    "II.2": (16, 0),
    "II.3": (55, 104),
    "II.4": (55, 97),
    "III.2": (40, 100),
    "III.3": (0, 85),
    "V.2": (5, 62),
}
# How many there are at level 0 and at level 1.
COUNTS = {"III.1": (0, 7), "V.1": (0, 3), "VI.1": (6, 0), "VI.2": (3, 0)}
# Of each indicator that is told in words: from which level each word holds.
WORDS = {
    "I.3": (("chưa có", 0.0), ("đang thử nghiệm", 0.4), ("đã vận hành", 0.7)),
    "IV.1": (("không", 0.0), ("có", 0.75)),
    "IV.2": (("không", 0.0), ("có", 0.4)),
    "VII.1": (("không", 0.0), ("có", 0.88)),
}
# The denominators of what is a ratio.
OF = {"I.1": "households", "II.1": "files"}

# No applications at all in the year: numerator and denominator are 0.
NO_FILES = ("mau-h", 2025, "II.1")
# No signalled junction in the city.
NOT_APPLICABLE = ("mau-g", "III.3")
# What was left out of the latest year.
MISSING = ("mau-e", 2025, "II.4")
# Where the council gave the points itself.
IN_POINTS = ("mau-c", 2025, "II.4", "7.5")
# Where checking found another value: city, year, indicator, what was taken off, and why.
CORRECTED = (
    ("mau-a", 2025, "III.1", 2, "2 ứng dụng chưa vận hành chính thức (2 are not in use yet)"),
    ("mau-b", 2025, "I.2", 6, "tính trùng cơ sở dữ liệu (databases counted twice)"),
    ("mau-f", 2025, "II.3", 4, "thiếu biên bản nghiệm thu (no acceptance report)"),
    ("mau-d", 2024, "III.2", 5, "đèn chưa đấu nối (lights not connected)"),
)
# What the province has not yet checked in the latest year.
UNCHECKED = {"II.4", "III.3", "V.2"}


def level(city: City, year: int, code: str) -> float:
    """How far a city has come in an indicator (0–1), with random numbers of its own."""
    draw = random.Random("/".join((SEED, city.code, code)))
    own = city.level + draw.uniform(-0.12, 0.12) - 0.06 * (YEARS[-1] - year)
    return min(1.0, max(0.0, own))


def told(city: City, year: int, code: str) -> dict[str, str]:
    """What a city says of itself, as cells of a row."""
    at = level(city, year, code)
    if code in WORDS:
        return {"value": next(word for word, least in reversed(WORDS[code]) if at >= least)}
    low, high = RATES.get(code) or COUNTS[code]
    amount = round(low + (high - low) * at)
    if code not in OF:
        return {"value": str(amount)}
    whole = city.households if OF[code] == "households" else city.files
    if (city.code, year, code) == NO_FILES:
        whole = 0
    return {"numerator": str(whole * amount // 100), "denominator": str(whole)}


def rows() -> Iterator[dict[str, str]]:
    """Rows of all cities and years: what was reported, then what was verified."""
    framework = kpi.load_framework(FRAMEWORK)
    for city in CITIES:
        for year in YEARS:
            for indicator in framework.indicators:
                for own in row_pair(city, year, indicator.code):
                    yield {
                        "city": city.code,
                        "period": str(year),
                        "indicator": indicator.code,
                        "unit": indicator.unit["vi"],
                        "source": SOURCE,
                        "demo": "true",
                        **own,
                    }


def row_pair(city: City, year: int, code: str) -> Iterator[dict[str, str]]:
    """The rows of one value: reported, and verified where it was checked."""
    place = (city.code, year, code)
    if place == MISSING:
        yield {"note": "not reported"}
        return
    if (city.code, code) == NOT_APPLICABLE:
        yield {"value": "không áp dụng", "quality": "reported"}
        return
    reported = told(city, year, code)
    yield {**reported, "quality": "reported"}
    if place == IN_POINTS[:3]:
        note = "hội đồng chấm điểm trực tiếp (points given by the council)"
        yield {"value": IN_POINTS[3], "unit": "điểm", "quality": "verified", "note": note}
        return
    if year == YEARS[-1] and code in UNCHECKED:
        return
    verified = {**reported, "quality": "verified"}
    for *where, less, why in CORRECTED:
        if tuple(where) == place:
            verified |= {"value": str(int(reported["value"]) - less), "note": why}
    yield verified


def cities() -> Iterator[dict[str, str]]:
    """The table of cities."""
    for city in CITIES:
        yield {
            "city": city.code,
            "name_vi": f"Đô thị mẫu {city.letter}",
            "name_en": f"Sample city {city.letter}",
            "class": city.grade,
        }


def table(columns: tuple[str, ...], lines: Iterator[dict[str, str]]) -> str:
    """Write CSV with Unix line ends."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().output
    columns = ("city", "period", "indicator", "value", "numerator", "denominator")
    columns += ("unit", "source", "quality", "note", "demo")
    files = {
        "observations-demo.csv": table(columns, rows()),
        "cities-demo.csv": table(("city", "name_vi", "name_en", "class"), cities()),
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8"))
        print(f"{folder / name}: {text.count(chr(10)) - 1} rows")


if __name__ == "__main__":
    main()
