"""The commands that exchange frameworks and data with people who work in Excel and Word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_lib.cli.base import Command, examples, number_of, say, written
from kpi_lib.errors import InputError
from kpi_lib.locale.catalogue import languages, msg

if TYPE_CHECKING:
    from kpi_lib.framework.model import Framework

_TO_A_FILE = click.Path(dir_okay=False, path_type=Path)
_FORCE = click.option("--force", is_flag=True, help="Write over a file that is there already.")


@click.command("import", cls=Command)
@examples(
    "kpi framework import annex.xlsx -o my_framework.yaml --id my-framework",
    "kpi framework import annex.docx -o vn.yaml --id vn --status official \\",
    "    --by 'Bo TTTT' --document 3098/BTTTT-KHCN --date 2019-09-13",
    "kpi framework import edited.xlsx -o my_framework.yaml --force",
)
@click.argument("annex", metavar="ANNEX", type=_TO_A_FILE)
@click.option("-o", "--output", required=True, metavar="F.yaml", type=_TO_A_FILE)
@click.option("--id", "identifier", default="", metavar="ID", help="Default: the file's name.")
@click.option("--version", default="", metavar="V", help="Default: 1.0.")
@click.option(
    "--title",
    default="",
    metavar="TEXT",
    help="Default: the line above the table that reads as one.",
)
@click.option("--status", type=click.Choice(["working", "official"]), help="Default: working.")
@click.option("--by", default="", metavar="NAME", help="Who issued it.")
@click.option("--document", default="", metavar="TEXT", help="The number of the document.")
@click.option("--date", default="", metavar="DATE", help="When it was issued, as 2019-09-13.")
@click.option("--lenient", is_flag=True, help="Write what can be read and list the rest.")
@_FORCE
def import_command(
    annex: Path,
    output: Path,
    identifier: str,
    version: str,
    title: str,
    status: str | None,
    by: str,
    document: str,
    date: str,
    lenient: bool,
    force: bool,
) -> None:
    """Turn a table of indicators (.xlsx, .csv, .docx) into a framework file.

    ANNEX is an annex as ministries lay it out, a workbook made by `kpi framework export`, or one
    of COINr or the COIN Tool (`kpi init --from` takes its data too).

    Columns are known by their headings in Vietnamese or English; the numbering is the tree.
    Whatever cannot be read is listed by row, and then nothing is written.
    """
    from kpi_lib.cli.output import counts
    from kpi_lib.exchange.imports import Head, import_framework

    head = Head(identifier, version, title, status or "", by, document, date)
    made = import_framework(annex, output, head, lenient=lenient, force=force)
    for problem in made.problems:
        say(f"{problem.kind}: {problem}")
    say(f"{made.framework.name}: {counts(made.framework)}.")
    if made.rules or made.unread:
        say(_rules(made.rules, made.unread))
    if made.proposed:
        of = number_of(made.proposed, "indicator")
        say(
            msg(
                "A range of possible values (valid:) is proposed for {of}, each marked "
                "'# proposed:' in the file: look at them.",
                of=of,
            )
        )
    if hint := _unscored(made.framework):
        say(hint)
    say(msg("Written to {output}", output=output))


def _rules(read: int, unread: tuple[str, ...]) -> str:
    """Say how many scoring rules of an annex were read, and name the indicators of the others."""
    if not unread:
        return msg("Scoring rules: all {n} were read.", n=read)
    return msg(
        "Scoring rules: {n} were read, {m} were not: {codes}. "
        "Their wording is kept in definition:.",
        n=read,
        m=len(unread),
        codes=", ".join(unread),
    )


def _unscored(framework: Framework) -> str:
    """Say how many indicators will be shown and not scored, and what they lack."""
    without = _not_scorable(framework)
    if not without:
        return ""
    if framework.scale == "points":
        return msg(
            "{without} cannot be scored from values yet. Mend how their points are given in the "
            "annex and import it again, or enter the points that were earned: the form (kpi form) "
            "has columns for them. Until then they are shown and compared.",
            without=number_of(len(without), "indicator"),
        )
    return msg(
        "{without} cannot be scored yet: give each a direction and goalposts in "
        "the file (kpi framework suggest proposes them). Until then they are shown and compared.",
        without=number_of(len(without), "indicator"),
    )


def _not_scorable(framework: Framework) -> list[str]:
    from kpi_lib.scoring.indicators import scorable

    return [leaf.code for leaf in framework.indicators if not scorable(leaf, framework)]


@click.command("suggest", cls=Command)
@examples(
    "kpi framework suggest my_framework.yaml",
    "kpi framework suggest my_framework.yaml -o with_proposals.yaml",
    "kpi framework suggest my_framework.yaml -o my_framework.yaml --force",
)
@click.argument("framework", metavar="F.yaml", type=_TO_A_FILE)
@click.option("-o", "--output", metavar="F.yaml", type=_TO_A_FILE)
@click.option("--lang", type=click.Choice(languages()), default="vi", show_default=True)
@_FORCE
def suggest_command(framework: Path, output: Path | None, lang: str, force: bool) -> None:
    """Propose direction, goalposts and valid range for indicators that cannot be scored yet.

    They come from units and titles, so each is to be looked at. With -o the file is written
    with them, each marked `# proposed:`; comments and layout stay as they are.
    """
    from kpi_lib.errors import check_language
    from kpi_lib.exchange.suggest import suggest, write_suggestions
    from kpi_lib.framework.load import load_framework

    loaded = load_framework(framework)
    found = suggest(loaded, _not_scorable(loaded), framework, check_language(lang))
    for one in found:
        said = "; ".join(f"{key}: {text} ({one.reasons[key]})" for key, text in one.values.items())
        said = said or msg("nothing proposed: unit and title do not tell what is missing")
        say(f"{one.code}  {one.title}\n    {said}")
    proposed = number_of(sum(bool(one.keys) for one in found), "indicator")
    if not found:
        say(msg("Every indicator can be scored: there is nothing to propose."))
    elif output is None:
        say(msg("Proposals for {proposed}. -o F.yaml writes them.", proposed=proposed))
    if output is not None:
        write_suggestions(found, framework, output, force)
        say(written(len([one for one in found if one.keys]), "indicator", output))


@click.command("export", cls=Command)
@examples(
    "kpi framework export vn-smart-city@1.0 -o vn-smart-city.xlsx",
    "kpi framework export my_framework.yaml -o my_framework.xlsx",
)
@click.argument("framework", metavar="F")
@click.option("-o", "--output", required=True, metavar="F.xlsx", type=_TO_A_FILE)
@_FORCE
def export_command(framework: str, output: Path, force: bool) -> None:
    """Write a framework as a workbook, to be edited and imported again.

    F is a YAML file, or the id@version of a bundled framework.
    """
    from kpi_lib.cli.output import counts
    from kpi_lib.exchange.book.write import export_framework
    from kpi_lib.framework.load import load_framework

    loaded = load_framework(framework)
    export_framework(loaded, output, force)
    say(f"{loaded.name}: {counts(loaded)}")
    say(msg("Written to {output}", output=output))


@click.command("form", cls=Command)
@examples(
    "kpi form --framework vn-smart-city@1.0 --city hue --period 2025",
    "kpi form -f vn-smart-city@1.0 --agency 'So Y te' -o so-y-te.xlsx",
    "kpi form -f u4ssc@2017 --lang en --city hue --city da-nang --period 2025",
    "kpi form -f vn-smart-city@1.0 --city hue --period 2025 --split -o forms",
)
@click.option(
    "--framework",
    "-f",
    required=True,
    metavar="F",
    help="id@version of a bundled framework, or a YAML file.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Default: form.xlsx; with --split the folder forms.",
)
@click.option("--split", is_flag=True, help="A file for each agency, in the folder -o.")
@click.option("--agency", "agencies", multiple=True, metavar="A", help="Default: all of them.")
@click.option("--city", "cities", multiple=True, metavar="C", help="Default: the form asks for it.")
@click.option(
    "--period", "periods", multiple=True, metavar="P", help="Default: the form asks for it."
)
@click.option("--lang", type=click.Choice(languages()), default="vi", show_default=True)
@_FORCE
def form_command(
    framework: str,
    output: Path | None,
    split: bool,
    agencies: tuple[str, ...],
    cities: tuple[str, ...],
    periods: tuple[str, ...],
    lang: str,
    force: bool,
) -> None:
    """Write the Excel form to send to the agencies that supply the data, a sheet for each.

    The filled form is data like any other: kpi check form.xlsx --framework F. --agency, --city
    and --period may be repeated. With --split each agency has a file of its own; the folder of
    the filled forms is read in one go: kpi check forms --framework F.
    """
    from kpi_lib.errors import check_language
    from kpi_lib.exchange.form.write import write_form, write_forms
    from kpi_lib.framework.load import load_framework

    options: Any = {"agencies": agencies, "cities": cities, "periods": periods, "force": force}
    loaded, language = load_framework(framework), check_language(lang)
    if split:
        folder = output or Path("forms")
        if folder.suffix.lower() == ".xlsx":
            raise InputError(
                msg("--split writes several files; name a folder in place of {name}.", name=folder)
            )
        files = write_forms(loaded, folder, language, **options)
        for path, sheet in files.items():
            count = number_of(len(sheet.indicators), "indicator")
            say(f"  {path.name}  {sheet.agency}: {count}")
        say(written(len(files), "file", folder))
        return
    target = output or Path("form.xlsx")
    made = write_form(loaded, target, language, **options)
    for sheet in made:
        say(f"  {sheet.agency}: {number_of(len(sheet.indicators), 'indicator')}")
    say(written(len(made), "sheet", target))
