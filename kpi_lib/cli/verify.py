"""The command `kpi verify`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import click

from kpi_lib.cli.base import INPUT_IS_WRONG, Command, examples, number_of, say
from kpi_lib.locale.catalogue import msg

F = TypeVar("F", bound=Callable[..., Any])


def _says_where(command: F) -> F:
    """Give a command the options that say where inputs are."""
    for name in ("columns", "spec", "weights", "cities"):
        option = click.option(f"--{name}", metavar="FILE", help="Default: as the page says.")
        command = option(command)
    return command


@click.command("verify", cls=Command)
@examples(
    "kpi verify reports/vn-smart-city@1.0/latest/vi/hue.html",
    "kpi verify reports",
    "kpi verify 2025.zip",
    "kpi verify hue.html --data published.csv -f vn-smart-city@1.0",
    "kpi verify hue.html --edition 2025.zip",
    "kpi verify reports --notebook my_report.ipynb --methods my_methods.py",
)
@click.argument(
    "place", metavar="PAGE|FOLDER|EDITION", type=click.Path(exists=True, path_type=Path)
)
@click.option("--data", metavar="DATA", help="Where the data are. Default: as the page says.")
@click.option("--framework", "-f", metavar="F", help="Default: as the page says.")
@_says_where
@click.option(
    "--edition",
    metavar="FILE.zip",
    type=click.Path(exists=True, path_type=Path),
    help="The edition that has what the page was made from.",
)
@click.option("--notebook", metavar="FILE", help="Run this one, not the library's.")
@click.option("--methods", metavar="FILE.py", help="Run these methods, if the page names them.")
def verify_command(place: Path, edition: Path | None, **given: str | None) -> None:
    """Recompute published reports and name whatever is not the same.

    Every figure that a page states is computed again from the data and the framework that it
    names; scores kept from earlier runs are not used. Where this is the kpi-lib that made the
    page, page and notebook are made again too and compared byte by byte. A notebook or methods
    that are not the library's are code of somebody's own, and run only where you name them. The
    exit code is 0 where all is the same, 1 where anything differs: the number on the page and
    recomputed, and which input has changed.
    """
    from kpi_lib.batch.edition import opened

    with ExitStack() as stack:
        damaged = 0
        if itself := place.suffix.lower() == ".zip":
            edition = place
        if edition:
            archive = stack.enter_context(opened(edition))
            place = archive.reports if itself else place
            given = {**given, **archive.inputs}
            for name in archive.damaged():
                say(msg("{file} was changed after it was made", file=name))
                damaged += 1
        _verify(place, given, damaged)


def _verify(place: Path, given: Mapping[str, str | None], differing: int) -> None:
    """Verify pages and say what differs; ``differing`` files do already."""
    from tqdm import tqdm

    from kpi_lib.batch.verify import published, verify

    pages, others = published(place)
    said: set[str] = set()
    with tqdm(total=len(pages), unit=msg("city"), disable=None) as bar:
        for verdict in chain(others, verify(pages, given, sets=place.is_dir())):
            bar.update()
            differing += not verdict.same
            lines = [line for line in (*verdict.inputs, *verdict.notes) if line not in said]
            said.update(lines)
            with bar.external_write_mode():
                for line in (*lines, *(f"{verdict.page}: {each}" for each in verdict.differences)):
                    say(line)
    if differing:
        say(msg("{n} not the same.", n=number_of(differing, "page")))
        raise click.exceptions.Exit(INPUT_IS_WRONG)
    say(msg("{n}: the same.", n=number_of(len(pages), "report")))
