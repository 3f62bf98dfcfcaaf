"""The commands `kpi framework …`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpi_lib.cli.base import (
    Commands,
    allows_outside,
    cities_elsewhere,
    examples,
    own_methods,
    reads_tables,
    say,
)
from kpi_lib.cli.whole import make_page
from kpi_lib.locale.catalogue import languages, message_language, msg, tr
from kpi_lib.locale.words import in_language


@click.group("framework", cls=Commands)
def framework_group() -> None:
    """Work on frameworks: check a file, show what is in it."""


@framework_group.command("check")
@examples("kpi framework check my_framework.yaml", "kpi framework check u4ssc@2017")
@click.argument("framework", metavar="F")
@own_methods
@allows_outside
def check(framework: str) -> None:
    """Check a framework file and say everything that is wrong with it.

    F is a YAML file, or the id@version of a bundled framework.
    """
    from kpi_lib.cli.output import counts
    from kpi_lib.framework.load import load_framework

    loaded = load_framework(framework)
    say(msg("{framework}: OK, {counts}.", framework=loaded.name, counts=counts(loaded)))


@framework_group.command("show")
@examples(
    "kpi framework show vn-smart-city@1.0",
    "kpi framework show vn-smart-city@1.0 --lang vi | less",
    'kpi framework show vn-smart-city@1.0 --standard "ISO 37122"',
    "kpi framework show vn-smart-city@1.0 --beside u4ssc@2017",
)
@click.argument("framework", metavar="F", required=False)
@click.option("--standard", metavar="NAME", help="Only what refers to this standard, by clause.")
@click.option("--beside", metavar="F2", help="Only what shares a reference with framework F2.")
@own_methods
@allows_outside
def show(framework: str | None, standard: str | None, beside: str | None) -> None:
    """Show a framework as a tree with weights, units, goalposts and targets.

    F is a YAML file, or the id@version of a bundled framework. Without F, the bundled
    frameworks are listed.
    """
    from kpi_lib.cli.output import counts, status_of, tree
    from kpi_lib.framework.load import bundled_frameworks, load_framework

    lang = message_language()
    if framework is None:
        for name in bundled_frameworks():
            each = load_framework(name)
            status = status_of(each)
            say(f"{name}  {in_language(each.title, lang)}\n    {status}; {counts(each)}")
        return
    loaded = load_framework(framework)
    if standard or beside:
        from kpi_lib.cli.output import texts
        from kpi_lib.framework.standards import clauses, cross_references

        if standard:
            say(texts(clauses(loaded, standard), lang))
        if beside:
            say(texts(cross_references(loaded, load_framework(beside)), lang))
        return
    for line in tree(loaded, lang):
        say(line)


@framework_group.command("diff")
@examples(
    "kpi framework diff my_framework_1.yaml my_framework_2.yaml",
    "kpi framework diff a.yaml b.yaml --format json > changes.json",
)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "json"]),
    default="text",
    show_default=True,
)
def difference(old: str, new: str, form: str) -> None:
    """Say what changed from framework A to framework B.

    Added, removed, moved, renamed, reweighted and redefined groups and indicators. A renamed
    one is known by was: in B, which names its code in A.
    """
    from kpi_lib.framework.diff import diff
    from kpi_lib.framework.load import load_framework
    from kpi_lib.report.sections.version_notes import as_html, as_text

    found = diff(load_framework(old), load_framework(new))
    if form == "json":
        say(json.dumps(found.json(), ensure_ascii=False, indent=2))
    elif form == "html":
        say(as_html(found, message_language()).html)
    else:
        say(as_text(found, message_language()))


@framework_group.command("review")
@examples(
    "kpi framework review pci@2009 pci@2013 data/raw/pci --period-old 2012 --period-new 2013",
    "kpi framework review old.yaml new.yaml data.xlsx --data-new data_2026.xlsx --lang en",
)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.argument("data", metavar="DATA")
@click.option("--data-new", metavar="DATA", help="Data collected under B. Default: DATA.")
@cities_elsewhere
@click.option(
    "--period-old", default="latest", show_default=True, metavar="P", help="The period under A."
)
@click.option(
    "--period-new", default="latest", show_default=True, metavar="P", help="The period under B."
)
@click.option("--lang", type=click.Choice(languages()), default="vi", show_default=True)
@click.option("-o", "--output", default="reports", show_default=True, metavar="FOLDER")
@own_methods
@allows_outside
@reads_tables
def review_command(
    old: str,
    new: str,
    data: str,
    data_new: str | None,
    cities_file: str | None,
    period_old: str,
    period_new: str,
    lang: str,
    output: str,
) -> None:
    """Write a review of framework B against A on data: a notebook and a page.

    What B adds, removes, renames, moves, reweights and redefines, and what that does to the
    scores and ranks of all cities; the change of each is split into data, weights, membership
    and rules. The files are FOLDER/B/period/review-A.language.ipynb and .html.
    """
    from kpi_lib.batch.job import Job
    from kpi_lib.report.review import framework_review

    # Opening it here answers wrong input before anything is run or written.
    opened = framework_review(old, new, data, data_new, period_old, period_new, lang, cities_file)
    before, after = opened.before.framework.name, opened.after.framework.name
    parameters = {
        "framework_old": old,
        "framework_new": new,
        "data_old": data,
        "period_old": opened.period_before,
        "period_new": opened.period_after,
        "lang": lang,
        **({"data_new": data_new} if data_new else {}),
        **({"cities": cities_file} if cities_file else {}),
    }
    job = Job(
        city="review",
        name=tr(opened.lang, "Review"),
        title=opened.name,
        stem=Path(output) / after / opened.period_after / f"review-{before}.{lang}",
        parameters=parameters,
        lang=opened.lang,
        series=opened.after.framework.series(opened.lang),
        demo=opened.demo,
    )
    make_page(job, "framework_review.ipynb")
