"""Write the demo data: made-up values of twelve Vietnamese cities, 2019–2025.

    .venv/bin/python data/raw/demo/make_demo.py [--output FOLDER]

Not one value is real. Levels and trends are only shaped so that reports, warnings and gaps look as
they do with real reporting. The same script writes the same bytes on every machine: each series
has its own random numbers, so that a change of one leaves all others as they are.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import kpi_lib as kpi

FRAMEWORK = "vn-smart-city@1.0"
SEED = "demo-1"
SOURCE = "DEMO: số liệu do chương trình tạo ra, không có thật (made by a script, not real)"
YEARS = range(2019, 2026)


@dataclass(frozen=True)
class City:
    """``lead`` is in years: how far the city is ahead of the average one, ``strengths`` adds to it
    for the codes that start so. ``lateness`` is the years by which it starts to collect what is
    hard to collect. ``pm25`` is its usual level in µg/m3.
    """

    code: str
    name_vi: str
    name_en: str
    region: str
    grade: str
    population: int
    area_km2: int
    growth: float
    lead: float
    lateness: float
    pm25: float
    strengths: dict[str, float] = field(default_factory=dict)
    first_year: int = YEARS[0]


DELTA = "Red River Delta"
NORTH = "Northern Midlands and Mountains"
COAST = "North Central and Central Coast"
HIGHLANDS = "Central Highlands"
SOUTHEAST = "Southeast"
MEKONG = "Mekong River Delta"

# fmt: off
CITIES = (
    City("ha-noi", "Hà Nội", "Ha Noi", DELTA, "special", 8_400_000, 3_360, 0.014, 0.9, 0.3, 49.5,
         {"UM.UTI": -0.6, "CO.INN": 1.5, "QL.MOB": 0.4, "PS.PAY.2": -0.8}),
    City("ho-chi-minh", "Thành phố Hồ Chí Minh", "Ho Chi Minh City", SOUTHEAST, "special",
         9_300_000, 2_095, 0.016, 1.0, 0.3, 24.5, {"CO": 0.8, "EN.WAS": -0.7, "UM.PLA": -0.4}),
    City("hai-phong", "Hải Phòng", "Hai Phong", DELTA, "I", 2_070_000, 1_520, 0.010, 0.3, 0.7, 33.0,
         {"EN.MON": 0.6, "PS.PAY": -0.5}),
    City("da-nang", "Đà Nẵng", "Da Nang", COAST, "I", 1_170_000, 1_285, 0.021, 1.1, 0.3, 15.5,
         {"PS": 0.6, "IC.DAT": 0.9, "UM.OPS": 0.5, "EN.WAS.2": 2.5}),
    City("can-tho", "Cần Thơ", "Can Tho", MEKONG, "I", 1_240_000, 1_440, 0.006, 0.1, 0.9, 19.0,
         {"SE.WAR": 0.9, "QL.CUL": -0.6}),
    City("hue", "Huế", "Hue", COAST, "I", 650_000, 265, 0.009, 0.8, 0.7, 20.5,
         {"UM.OPS": 1.6, "PS.PAY.2": 1.8, "QL.CUL": 1.6, "CO.ECO": -0.5}),
    City("ha-long", "Hạ Long", "Ha Long", DELTA, "I", 320_000, 1_120, 0.012, 0.8, 0.7, 27.5,
         {"PS": 0.8, "EN.MON": 1.0, "CO.INN": -0.7}),
    City("nha-trang", "Nha Trang", "Nha Trang", COAST, "I", 420_000, 255, 0.010, 0.0, 1.0, 13.5,
         {"QL.CUL": 0.9, "UM.UTI": -0.5}),
    City("da-lat", "Đà Lạt", "Da Lat", HIGHLANDS, "I", 230_000, 395, 0.011, -0.1, 0.9, 12.0,
         {"QL.CUL": 1.1, "SE.WAR": -0.6}),
    City("lao-cai", "Lào Cai", "Lao Cai", NORTH, "II", 130_000, 280, 0.015, -0.7, 1.1, 22.0,
         {"IC.CON": -0.4, "PS.ONL": 0.5}),
    City("buon-ma-thuot", "Buôn Ma Thuột", "Buon Ma Thuot", HIGHLANDS, "I", 375_000, 377, 0.012,
         -1.0, 1.1, 17.0, {"CO.ECO.3": 0.6}),
    City("cao-lanh", "Cao Lãnh", "Cao Lanh", MEKONG, "II", 212_000, 107, 0.004, -1.1, 2.0, 18.0,
         {"PS.ONL": 0.6}, first_year=2022),
)

# Latitude and longitude of the middle of each city, in degrees: these alone are real.
PLACES = {
    "ha-noi": (21.03, 105.85), "ho-chi-minh": (10.78, 106.70), "hai-phong": (20.86, 106.68),
    "da-nang": (16.07, 108.22), "can-tho": (10.03, 105.78), "hue": (16.46, 107.59),
    "ha-long": (20.95, 107.08), "nha-trang": (12.24, 109.19), "da-lat": (11.94, 108.44),
    "lao-cai": (22.48, 103.97), "buon-ma-thuot": (12.67, 108.04), "cao-lanh": (10.46, 105.63),
}

# How much of each counted quantity there is for one inhabitant; stations, signals and the like
# that hardly follow the number of inhabitants have a fixed part as well: (fixed, per inhabitant).
QUANTITIES: dict[str, tuple[float, float]] = {
    "inhabitants": (0, 1), "households": (0, 0.28), "inhabitants aged 15+": (0, 0.76),
    "labour force": (0, 0.54), "students": (0, 0.19), "officials": (600, 0.0022),
    "inhabitants in exposed areas": (0, 0.31), "open data sets due": (90, 0.00004),
    "sector databases": (28, 0.000004), "procedures": (1_150, 0.00006),
    "applications received": (9_000, 0.31), "applications resolved": (8_700, 0.30),
    "payments": (6_000, 0.42), "citizen reports": (1_500, 0.011), "respondents": (600, 0.0003),
    "work files": (25_000, 0.11), "procurement": (260, 0.0011), "hospitals": (4, 0.000012),
    "schools": (14, 0.00028), "stops": (35, 0.00042), "major roads": (70, 0.00021),
    "intersections": (18, 0.00011), "lines": (5, 0.000016), "cultural records": (2_600, 0.004),
    "attractions": (6, 0.000009), "alerts": (2_200, 0.006), "approved plans": (24, 0.00005),
    "permit applications": (350, 0.0031), "parcels": (9_000, 0.42), "water meters": (2_000, 0.24),
    "water network": (120, 0.00075), "electricity meters": (3_000, 0.33),
    "drainage": (60, 0.00044), "street lights": (3_500, 0.021), "emission sources": (6, 0.000017),
    "vehicles and points": (60, 0.00035), "wastewater": (0, 41.0), "product": (0, 0.085),
    "small firms": (500, 0.017), "public area": (5, 0.000018), "flood points": (6, 0.000011),
    "information systems": (28, 0.000018),
}


@dataclass(frozen=True)
class Series:
    """An S-curve from ``low`` to ``high``, half way in year ``mid`` for the average city.

    ``low`` and ``high`` are in the unit of the indicator; of: the quantity it is counted among, or
    None for a plain value. hard: 0 every city reports it from the start, 2 few do. covid: what 2021
    added for good, spike: what it added or took in that year alone, as a share of the value.
    """

    of: str | None
    low: float
    high: float
    mid: float
    hard: int = 1
    noise: float = 1.2
    covid: float = 0.0
    spike: float = 0.0
    digits: int = 1


SERIES = {
    "IC.CON.1": Series("households", 52, 99, 2019.3, 0),
    "IC.CON.2": Series("households", 38, 96, 2021.0, 0),
    "IC.CON.3": Series("inhabitants", 88, 99.9, 2019.0, 0, 0.3),
    "IC.CON.4": Series("inhabitants", 0.4, 17, 2023.0, 1, 0.3),
    "IC.DAT.1": Series("open data sets due", 0, 88, 2023.4, 2),
    "IC.DAT.2": Series("sector databases", 2, 90, 2022.8, 1),
    "IC.DAT.3": Series(None, 74, 12, 2021.5, 2, 2.5),
    "PS.ONL.1": Series("procedures", 10, 92, 2022.2, 0, covid=7),
    "PS.ONL.2": Series("applications received", 4, 84, 2022.8, 0, covid=9),
    "PS.ONL.3": Series("applications resolved", 82, 99.3, 2020.8, 0, 1.0),
    "PS.PAY.1": Series("payments", 3, 82, 2022.6, 1, covid=8),
    "PS.PAY.2": Series("citizen reports", 58, 97, 2021.6, 1, 2.2),
    "PS.PAY.3": Series("respondents", 66, 93, 2021.4, 1, 2.0),
    "PS.WRK.1": Series("work files", 34, 99.5, 2020.4, 0),
    "PS.WRK.2": Series("procurement", 12, 98, 2020.9, 0),
    "QL.HEA.1": Series("inhabitants", 4, 94, 2022.4, 0),
    "QL.HEA.2": Series("hospitals", 0, 72, 2024.2, 1, 0.5),
    "QL.HEA.3": Series("inhabitants", 2, 260, 2023.2, 2, 3.0, covid=12, spike=3.6),
    "QL.EDU.1": Series("students", 38, 98, 2020.4, 0),
    "QL.EDU.2": Series("students", 55, 690, 2022.0, 1, 9.0, covid=45),
    "QL.EDU.3": Series("schools", 8, 99, 2021.6, 0),
    "QL.MOB.1": Series("stops", 0, 64, 2023.9, 1, 0.8),
    "QL.MOB.2": Series("major roads", 4, 78, 2022.9, 1),
    "QL.MOB.3": Series("intersections", 1, 58, 2023.8, 1, 0.8),
    "QL.MOB.4": Series("lines", 0, 84, 2023.8, 2, 0.8),
    "QL.CUL.1": Series("cultural records", 4, 78, 2023.1, 1),
    "QL.CUL.2": Series("attractions", 4, 80, 2022.4, 1),
    "UM.OPS.1": Series(None, 0, 14, 2022.3, 0, 0.3, digits=0),
    "UM.OPS.2": Series("alerts", 52, 96, 2022.3, 2, 2.2),
    "UM.PLA.1": Series("approved plans", 8, 96, 2022.2, 0),
    "UM.PLA.2": Series("permit applications", 5, 93, 2022.0, 0),
    "UM.PLA.3": Series(None, 37, 12, 2021.5, 0, 1.1),
    "UM.PLA.4": Series("parcels", 32, 98, 2021.4, 0),
    "UM.UTI.1": Series("water meters", 0, 58, 2024.6, 1, 0.5),
    "UM.UTI.2": Series("water network", 8, 84, 2022.4, 2),
    "UM.UTI.3": Series("electricity meters", 28, 99.7, 2019.8, 0),
    "UM.UTI.4": Series("drainage", 0, 54, 2024.3, 2, 0.7),
    "UM.UTI.5": Series("street lights", 8, 92, 2022.2, 1),
    "EN.MON.1": Series("area", 0.1, 4.2, 2023.3, 0, 0.05),
    "EN.MON.2": Series("inhabitants", 0.1, 2.9, 2023.0, 1, 0.05),
    "EN.MON.3": Series("emission sources", 12, 94, 2021.6, 1),
    "EN.MON.4": Series(None, 0, 0, 2022.0, 1, 1.6),
    "EN.WAS.1": Series("vehicles and points", 6, 90, 2022.4, 1),
    "EN.WAS.2": Series("wastewater", 10, 62, 2023.6, 0, 0.9),
    "CO.ECO.1": Series("product", 6, 29, 2022.4, 2, 0.4),
    "CO.ECO.2": Series("inhabitants aged 15+", 42, 93, 2020.5, 1, covid=4),
    "CO.ECO.3": Series("small firms", 6, 66, 2022.6, 1),
    "CO.ECO.4": Series("inhabitants", 0.12, 2.6, 2022.8, 0, 0.04),
    "CO.INN.1": Series("labour force", 0.9, 6.4, 2022.8, 0, 0.1),
    "CO.INN.2": Series("product", 0.2, 1.6, 2023.0, 1, 0.03),
    "CO.INN.3": Series("officials", 10, 92, 2022.3, 0),
    "SE.SAF.1": Series("public area", 8, 84, 2022.3, 1),
    "SE.SAF.2": Series(None, 19, 7.5, 2021.8, 1, 0.5),
    "SE.SAF.3": Series("inhabitants", 11.5, 4.5, 2021.6, 0, 0.4, spike=-0.18),
    "SE.WAR.1": Series("inhabitants in exposed areas", 22, 94, 2021.8, 1),
    "SE.WAR.2": Series("flood points", 0, 78, 2023.2, 2),
    "SE.CYB.1": Series("information systems", 8, 96, 2021.9, 0),
    "SE.CYB.2": Series("information systems", 12, 98, 2021.5, 0),
}
# fmt: on

# What no city of its kind could report, whatever it does.
NOT_APPLICABLE = {("lao-cai", "QL.MOB.4"), ("buon-ma-thuot", "SE.WAR.2")}
# A field that its agency left out of the latest year.
LEFT_OUT = ("nha-trang", "UM.UTI", 2025)
# A recount: nearly half of what was counted before turned out not to belong there.
RECOUNT = ("can-tho", "UM.UTI.5", 2023, 0.55, "counting rule changed, lower from this year on")


def numbers(*place: str) -> random.Random:
    """Give the random numbers of one place in the data, whatever comes before it."""
    return random.Random("/".join((SEED, *place)))


def amount(city: City, quantity: str, year: int) -> int:
    """Count ``quantity`` in a city and year: whole, and the same for every indicator."""
    if quantity == "area":
        return city.area_km2
    inhabitants = city.population * (1 + city.growth) ** (year - YEARS[0])
    if quantity == "inhabitants":
        return 100 * round(inhabitants / 100)
    fixed, each = QUANTITIES[quantity]
    own = numbers(city.code, quantity).uniform(0.85, 1.15)
    growth = 1.085 ** (year - YEARS[0]) if quantity == "product" else 1.0
    return max(1, round((fixed + each * inhabitants) * own * growth))


def levels(city: City, code: str, series: Series) -> Iterator[float]:
    """Give the value of each year, in the unit of the indicator, before anything is counted."""
    draw = numbers(city.code, code)
    if code == "EN.MON.4":
        for year in YEARS:
            lockdowns = 0.91 if year in (2020, 2021) else 1.0
            cleaner = 0.985 ** (year - YEARS[0])
            yield max(6.0, city.pm25 * lockdowns * cleaner + draw.gauss(0, series.noise))
        return
    lead = city.lead + sum(
        years for prefix, years in city.strengths.items() if code.startswith(prefix)
    )
    # A department may be ahead of its city or behind it, and so may a single measure.
    lead += numbers(city.code, code.rsplit(".", 1)[0], "field").gauss(0, 0.9)
    # Who is ahead gets further too, and nobody gets beyond what the series can reach.
    far = min(1.0, 0.84 + 0.07 * lead + draw.uniform(-0.16, 0.10))
    top = series.low + (series.high - series.low) * far
    lead += draw.gauss(0, 1.1)
    span = draw.uniform(1.1, 2.3)
    drift = 0.0
    for year in YEARS:
        reached = 1 / (1 + math.exp(-(year + lead - series.mid) / span))
        value = series.low + (top - series.low) * reached
        value += series.covid if year >= 2021 else 0.0
        value *= 1 + (series.spike if year == 2021 else 0.0)
        # Half of last year's deviation stays: a series wanders, it does not jump about.
        drift = 0.5 * drift + draw.gauss(0, series.noise)
        yield max(0.0, value + drift)


def reason(city: City, code: str, series: Series, year: int) -> str:
    """Say why a city has no value for the year; empty where it has one."""
    if (city.code, code) in NOT_APPLICABLE:
        return "not applicable"
    draw = numbers(city.code, code, "reporting")
    late = (0.0, 0.6, 2.8)[series.hard] * city.lateness + draw.uniform(-0.6, 0.6)
    start = max(YEARS[0] + (round(late) if series.hard else 0), city.first_year)
    if city.first_year > YEARS[0]:  # a newcomer adds what is hard to collect year by year
        start = city.first_year + series.hard
    if year < start:
        return "not yet collected"
    place, prefix, left_out = LEFT_OUT
    if (city.code, year) == (place, left_out) and code.startswith(prefix):
        return "not reported"
    chance = numbers(city.code, code, str(year), "gap").random()
    if series.of not in (None, "inhabitants", "area") and chance < 0.004:
        return "no denominator"
    if chance < 0.009:
        return "not verified"
    return "not reported" if chance < 0.014 + 0.012 * city.lateness else ""


def rows(framework: kpi.Framework) -> Iterator[dict[str, str]]:
    """Give the observations of all cities, years and indicators in the order of the framework."""
    for city in CITIES:
        curves = {code: list(levels(city, code, series)) for code, series in SERIES.items()}
        for position, year in enumerate(YEARS):
            if year < city.first_year:
                continue
            for indicator in framework.indicators:
                series = SERIES[indicator.code]
                yield {
                    "city": city.code,
                    "period": str(year),
                    "indicator": indicator.code,
                    "unit": indicator.unit["en"],
                    "source": SOURCE,
                    "demo": "true",
                    **measured(city, year, indicator, series, curves[indicator.code][position]),
                }


def measured(
    city: City, year: int, indicator: kpi.Indicator, series: Series, level: float
) -> dict[str, str]:
    """Give what a city would report: counts where the indicator is a ratio, else the value."""
    missing = reason(city, indicator.code, series, year)
    if missing and missing != "no denominator":
        return {"note": missing}
    chance = numbers(city.code, indicator.code, str(year), "quality").random()
    quality = "provisional" if year == YEARS[-1] else "estimated" if chance < 0.05 else "reported"
    told = {"quality": quality, "note": missing}
    place, code, from_year, factor, why = RECOUNT
    if (city.code, indicator.code) == (place, code) and year >= from_year:
        level *= factor
        told["note"] = why
    if series.of is None:
        return {"value": f"{level:.{series.digits}f}", **told}
    assert indicator.formula is not None
    multiplier = indicator.formula.multiplier
    denominator = amount(city, series.of, year)
    numerator = round(level / multiplier * denominator)
    if multiplier == 100:
        numerator = min(numerator, denominator)
    told["numerator"] = str(numerator)
    return told if missing else {"denominator": str(denominator), **told}


def table(columns: tuple[str, ...], lines: Iterator[dict[str, str]]) -> str:
    """Write CSV with Unix line ends."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def cities() -> Iterator[dict[str, str]]:
    """Give the table of cities."""
    for city in CITIES:
        yield {
            "city": city.code,
            "name_vi": city.name_vi,
            "name_en": city.name_en,
            "region": city.region,
            "class": city.grade,
            "population": str(city.population),
            "area_km2": str(city.area_km2),
            "lat": f"{PLACES[city.code][0]:.2f}",
            "lon": f"{PLACES[city.code][1]:.2f}",
        }


def check(framework: kpi.Framework) -> None:
    """Stop if the framework and the series here no longer speak of the same indicators."""
    codes = {indicator.code for indicator in framework.indicators}
    if codes != set(SERIES):
        raise SystemExit(f"{FRAMEWORK} and SERIES differ in: {sorted(codes ^ set(SERIES))}")
    for indicator in framework.indicators:
        ratio = indicator.formula is not None and indicator.formula.denominator is not None
        if ratio != (SERIES[indicator.code].of is not None):
            raise SystemExit(f"{indicator.code}: a ratio in one of {FRAMEWORK} and SERIES only")


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().output
    framework = kpi.load_framework(FRAMEWORK)
    check(framework)
    columns = ("city", "period", "indicator", "value", "numerator", "denominator")
    columns += ("unit", "source", "quality", "note", "demo")
    files = {
        "observations-demo.csv": table(columns, rows(framework)),
        "cities-demo.csv": table(
            (
                "city",
                "name_vi",
                "name_en",
                "region",
                "class",
                "population",
                "area_km2",
                "lat",
                "lon",
            ),
            cities(),
        ),
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8"))
        print(f"{folder / name}: {text.count(chr(10)) - 1} rows")


if __name__ == "__main__":
    main()
