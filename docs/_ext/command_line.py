"""Every command with its options and examples, and every exit code, from click itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
from markdown import page, table

from kpi_lib.cli import base
from kpi_lib.cli.main import main

CODES = (
    (0, "Done. Warnings may have been told."),
    (base.INPUT_IS_WRONG, "The input is wrong. The message says where, and how to mend it."),
    (click.UsageError.exit_code, "The command is wrong: an option or argument that there is not."),
    (base.SOME_FAILED, "Some cities failed and are named; all others are done."),
    (base.INTERRUPTED, "Stopped by Ctrl-C. What was done stays; the next run goes on from there."),
    (base.TERMINATED, "Ended by SIGTERM, in the same good order."),
)

_INTRO = """\
This page is written from the commands themselves when the documentation is built; `kpi COMMAND
--help` says the same in English and Vietnamese. Shell completion: [](../guide/commands.md)."""


def every(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    if isinstance(command, click.Group):
        for own, inner in command.commands.items():
            yield from every(inner, f"{name} {own}")
    else:
        yield name, command


def pages(folder: Path) -> dict[str, str]:
    """The one page of all commands."""
    known = sorted(every(main, "kpi"))
    lines = [(f"[`{name}`](#{name.replace(' ', '-')})", _first(one)) for name, one in known]
    return {
        "commands": page(
            "Every command and exit code",
            _INTRO,
            table(["command", "what it does"], lines),
            *(_section(name, one) for name, one in known),
            "## Exit codes",
            table(["code", "meaning"], [(str(code), said) for code, said in CODES]),
        )
    }


def _first(command: click.Command) -> str:
    return command.get_short_help_str(limit=200)


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    records = [one.get_help_record(context) for one in command.get_params(context)]
    rows = [(f"`{record[0]}`", _code(record[1])) for record in records if record]
    examples = "\n".join(getattr(command.callback, "examples", ()))
    text = re.sub(r"\b(--[\w-]+)", r"`\1`", " ".join((command.help or "").split("\f")[0].split()))
    return "\n\n".join(
        [
            f"## {name}",
            text,
            f"```text\n{usage}\n```",
            table(["option", "what it does"], rows),
            f"```text\n{examples}\n```" if examples else "",
        ]
    )


def _code(text: str) -> str:
    return re.sub(r"(?<![`\w])(--[\w-]+)", r"`\1`", text).replace("<", r"\<").replace("*", r"\*")
