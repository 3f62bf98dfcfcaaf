"""The hidden sheet of a form: what it was made of, believed only where it is as it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi_lib.errors import Problem, plain
from kpi_lib.exchange.form import layout
from kpi_lib.framework.model import Framework
from kpi_lib.io.names import tidy
from kpi_lib.locale.catalogue import languages, msg, tr_in
from kpi_lib.locale.display import Displayed

Row = tuple[str, str, str]
"""Code, city and period of a row of the form; city and period are '' where it asks for them."""

_SHOWN = 10


@dataclass(frozen=True, repr=False)
class Marker(Displayed):
    """What the hidden sheet says, and whether it is ``intact``: as the form was made.

    ``others`` are the agencies whose forms were made together with this one, with their codes.
    """

    framework: str
    fingerprint: str
    rows: Mapping[str, tuple[Row, ...]]
    intact: bool
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_sheet(self, title: str, codes: Iterable[str], there: Iterable[str]) -> tuple[Row, ...]:
        """Find the rows that a sheet was made with, under another name too.

        A renamed sheet is known by its ``codes``, where no sheet of ``there`` has the old name.
        """
        if title in self.rows:
            return self.rows[title]
        found = set(codes)
        for name in self.rows.keys() - set(there):
            if found and found <= {code for code, _, _ in self.rows[name]}:
                return self.rows[name]
        return ()


ALTERED = Marker("", "", {}, intact=False)
"""What a hidden sheet says that is gone, or not as it was."""


def read_marker(page: Worksheet) -> Marker:
    """Read the hidden sheet; nothing is taken from one whose digest does not fit."""
    lines = [[tidy(cell) for cell in line] for line in page.iter_rows(values_only=True)]
    if not lines or len(lines[0]) < 4:
        return ALTERED
    name, fingerprint, digest = lines[0][:3]
    rows = [line[:4] for line in lines[1:]]
    if digest != layout.digest(name, fingerprint, rows):
        return ALTERED
    by_sheet: dict[str, list[Row]] = {}
    others: dict[str, list[str]] = {}
    for sheet, code, city, period in rows:
        if sheet:
            by_sheet.setdefault(sheet, []).append((code, city, period))
        else:  # the city's place holds the agency
            others.setdefault(city, []).append(code)
    return Marker(
        name,
        fingerprint,
        {sheet: tuple(own) for sheet, own in by_sheet.items()},
        intact=True,
        others={agency: tuple(codes) for agency, codes in others.items()},
    )


def rows_of_others(others: Mapping[str, Iterable[str]]) -> list[tuple[str, str, str, str]]:
    """Give the rows of the hidden sheet that name the forms made together with this one."""
    return [("", code, agency, "") for agency, codes in others.items() for code in codes]


@dataclass
class Together:
    """Which forms are read, and which were made together with them (``kpi form --split``).

    ``read`` are the codes of the forms by city and period, '' where they ask for these;
    ``others`` the file that names an agency's form, and its codes, by city, period and agency.
    """

    read: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    others: dict[tuple[str, str], dict[str, tuple[str, tuple[str, ...]]]] = field(
        default_factory=dict
    )

    def add(self, marker: Marker, file: str) -> None:
        """Take note of a form."""
        for code, city, period in (row for rows in marker.rows.values() for row in rows):
            self.read.setdefault((city, period), set()).add(code)
            wanted = self.others.setdefault((city, period), {})
            for agency, codes in marker.others.items():
                wanted.setdefault(agency, (file, codes))

    def missing(self, given: Collection[str]) -> list[Problem]:
        """Name the agencies whose form is not there, nor any of its codes in ``given``."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        codes_of: dict[str, tuple[str, ...]] = {}
        for (city, period), wanted in self.others.items():
            there = self.read[city, period] | set(given)
            for agency, (file, codes) in wanted.items():
                if there.isdisjoint(codes):
                    about = ", ".join(part for part in (city, period) if part)
                    found.setdefault((file, about), {})[agency] = None
                    codes_of[agency] = codes
        return [
            _without_form(file, about, list(names), codes_of)
            for (file, about), names in found.items()
        ]


def _without_form(
    file: str, about: str, agencies: Sequence[str], codes_of: Mapping[str, Sequence[str]]
) -> Problem:
    codes = [code for agency in agencies for code in codes_of[agency]]
    return Problem(
        msg(
            "of the forms that were made together{about}, those of these agencies are not here: "
            "{agencies}. Nothing is read for {codes}.",
            about=f" ({about})" if about else "",
            agencies="; ".join(agencies),
            codes=listed(codes),
        ),
        msg("Put them into the same folder, or name them as well."),
        file,
        severity="warning",
    )


def check_marker(marker: Marker, framework: Framework, file: str) -> list[Problem]:
    """Compare what the form was made of with the framework that the data are read with."""
    if not marker.intact:
        found = msg(
            "the hidden sheet '{sheet}' was altered or is of another form: nothing is "
            "taken from it.",
            sheet=layout.MARKER,
        )
        fix = msg(
            "Codes, titles and units are checked against {framework}; whether city, period and "
            "rows are those that were asked for cannot be said. Use the form as it was sent.",
            framework=framework.name,
        )
        return [Problem(found, fix, file, severity="warning")]
    if marker.framework != framework.name:
        found = msg(
            "the form is of {framework}; the data are read with {name}.",
            framework=marker.framework,
            name=framework.name,
        )
        fix = msg(
            "Name that framework, or make the form anew: kpi form --framework {name}",
            name=framework.name,
        )
        return [Problem(found, fix, file)]
    if marker.fingerprint != framework.fingerprint:
        found = msg("{name} has changed since the form was made.", name=framework.name)
        fix = msg(
            "Check units and formulas, or send the form again: kpi form --framework {name}",
            name=framework.name,
        )
        return [Problem(found, fix, file, severity="warning")]
    return []


def check_sheets(marker: Marker, book: Workbook, read: Iterable[Row], file: str) -> list[Problem]:
    """Name the sheets that are gone: those of which no row was ``read`` under any name."""
    codes = {code for code, _, _ in read}
    problems = []
    for sheet, rows in marker.rows.items():
        gone = list(dict.fromkeys(code for code, _, _ in rows if code not in codes))
        if sheet not in book.sheetnames and len(gone) == len({code for code, _, _ in rows}):
            found = msg("the sheet is gone; nothing is read for {codes}.", codes=listed(gone))
            fix = msg("Put it back, or make a form for this agency alone (kpi form --agency).")
            problems.append(Problem(found, fix, file, sheet, severity="warning"))
    return problems


def is_help(page: Worksheet) -> bool:
    """Recognise the sheet that explains the form by its name, in any language."""
    names = {plain(tr_in(lang, "form", "Help")) for lang in languages()}
    return plain(page.title) in names


def gone(expected: Iterable[Row], there: Iterable[str]) -> list[str]:
    """List the codes that have fewer rows than the form was made with."""
    left = Counter(code for code, _, _ in expected)
    left.subtract(there)
    return [code for code, count in left.items() if count > 0]


def listed(codes: list[str]) -> str:
    """Name the first codes of a list, and how many more there are."""
    more = msg(" and {n} more", n=len(codes) - _SHOWN) if len(codes) > _SHOWN else ""
    return ", ".join(codes[:_SHOWN]) + more
