"""The command `kpi edition`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kpi_lib.cli.base import (
    SCORING,
    SOME_FAILED,
    Command,
    chooses,
    examples,
    number_of,
    reads_data,
    say,
)
from kpi_lib.locale.catalogue import languages, msg


@click.command("edition", cls=Command)
@examples(
    "kpi edition data/processed/demo -f vn-smart-city@1.0 -o 2025-preliminary.zip",
    "kpi edition data.csv -f my_framework.yaml --final --since 2025-preliminary.zip -o 2025.zip",
    "kpi edition data.csv -f my_framework.yaml --final --corrects 2025.zip -o 2025-corrected.zip",
    "kpi edition data.csv -f my_framework.yaml --weights weights.yaml -o tried.zip",
    "kpi verify 2025.zip",
)
@reads_data
@chooses(*SCORING, "spec", "peers")
@click.option(
    "--lang",
    type=click.Choice(languages()),
    multiple=True,
    help="May be repeated. Default: as kpi.toml says, else vi.",
)
@click.option("-o", "--output", required=True, metavar="FILE.zip", type=click.Path(path_type=Path))
@click.option("--notebook", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--final/--preliminary", default=False, help="How it is announced.")
@click.option(
    "--since",
    metavar="FILE.zip",
    type=click.Path(exists=True, path_type=Path),
    help="An earlier edition: say what has changed since, and why.",
)
@click.option(
    "--corrects",
    metavar="FILE.zip",
    type=click.Path(exists=True, path_type=Path),
    help="The edition that this one corrects.",
)
@click.option("--force", is_flag=True, help="Write over an edition that is there already.")
def edition_command(
    data: str,
    framework: str,
    cities_file: str | None,
    choices: Mapping[str, Any],
    lang: tuple[str, ...],
    output: Path,
    notebook: Path | None,
    final: bool,
    since: Path | None,
    corrects: Path | None,
    force: bool,
) -> None:
    """Keep what is published in one archive, which can be verified by itself.

    It holds the data as they were read, the framework, the notebook, weights and methods where
    some are given, the reports of all cities, versions and hashes, and a page that says whether it
    is preliminary or final, what it corrects, and what has changed since an earlier edition: by
    data, weights, membership and method, for each city. The same inputs give the same archive.
    """
    from tqdm import tqdm

    from kpi_lib.batch.edition import announced, changes_since, pack, prepared
    from kpi_lib.batch.plan import plan
    from kpi_lib.batch.run import run
    from kpi_lib.errors import InputError, check_language
    from kpi_lib.scoring.cache import chosen_in, scoreboard

    if output.exists() and not force:
        raise InputError(msg("{file} is there already (--force writes over it).", file=output))
    target = output.absolute()
    corrects, since = (path and path.absolute() for path in (corrects, since))
    status = "final" if final else "preliminary"
    failed = 0
    with prepared(data, framework, notebook, cities_file, choices) as inputs:
        code = ("notebook", "methods")
        told = {name: given for name, given in inputs.items() if name not in code}
        board = scoreboard(told["data"], told["framework"], **chosen_in(told))
        wanted = lang or [board.observations.project.own_lang]
        langs = [check_language(each) for each in dict.fromkeys(wanted)]
        earlier = since or corrects
        changes = changes_since(earlier, board) if earlier else None
        for each in langs:
            batch = plan(
                board,
                told,
                Path("reports"),
                lang=each,
                langs=langs,
                notebook=Path(inputs["notebook"]),
            )
            with tqdm(total=len(batch.jobs), unit=msg("city"), disable=None) as bar:
                for outcome in run(announced(batch, status, corrects, since, changes)):
                    bar.update()
                    if outcome.failure:
                        failed += 1
                        say(f"{outcome.job.city}: {outcome.failure}", err=True)
        if failed:
            raise click.exceptions.Exit(SOME_FAILED)
        pack(
            board, inputs, target, langs[0],
            status=status, corrects=corrects, since=since, changes=changes,
        )  # fmt: skip
    if changes is not None:
        moved = int((changes["change"].abs() > 1e-9).sum() + changes["change"].isna().sum())
        say(msg("Changed since the earlier edition: {n}.", n=number_of(moved, "city")))
    say(msg("Written to {output}", output=output))
