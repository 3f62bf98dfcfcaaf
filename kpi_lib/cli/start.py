"""The command that starts a project."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from kpi_lib.cli.base import Command, allows_outside, examples, say, written
from kpi_lib.locale.catalogue import message_language, msg


@click.command("init", cls=Command)
@examples(
    "kpi init my-index",
    "kpi init my-city --from demo",
    "kpi init 'Chi so tinh' --from annex.xlsx --lang vi",
    "kpi init my-index --from coin.xlsx",
)
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    metavar="SOURCE",
    help="demo, u4ssc, dti, pci or scoring-demo; a framework (id@version or .yaml); an annex "
    "(.xlsx, .csv, .docx); or iMeta and iData of COINr or the COIN Tool (.xlsx, a folder of CSV). "
    "Default: a small framework with made-up data.",
)
@allows_outside
def init_command(folder: Path, source: str | None) -> None:
    """Write a project to start from into a new or empty folder.

    It has a framework to edit, data and cities, an empty table to fill in, the notebooks, a
    Makefile and a README, and it runs as it is: kpi report makes its pages. Nothing is asked and
    nothing is downloaded.
    """
    from kpi_lib.batch.start import start_project

    made = start_project(folder, source, message_language())
    for problem in made.problems:
        say(f"{problem.kind}: {problem}")
    say(written(len(made.files), "file", folder))
    say(msg("Next:"))
    say(f"  cd {shlex.quote(str(folder))}")
    say("  kpi check data --framework framework.yaml")
    say("  kpi report data --framework framework.yaml --output reports")
