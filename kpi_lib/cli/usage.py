"""Help and mistakes of usage in the language of messages: click's texts and ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import cleandoc
from typing import Any

import click
from click import core, decorators, exceptions, formatting, parser, types

from kpi_lib.locale.catalogue import mark, mark_n, message_language, msg, tr_n

# click looks its texts up by gettext's functions, under these names in each of its modules.
_MODULES = (core, decorators, exceptions, formatting, parser, types)

HELP = mark("Show this message and exit.")

OF_CLICK = (
    HELP,
    mark("Usage:"),
    mark("Options"),
    mark("Commands"),
    mark("Show the version and exit."),
    mark("default: {default}"),
    mark("required"),
    mark("Error: {message}"),
    mark("Try '{command} {option}' for help."),
    mark("Missing command."),
    mark("Missing argument"),
    mark("Missing option"),
    mark("No such command {name!r}."),
    mark("No such option {name!r}."),
    mark_n("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    mark_n("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    mark_n("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    mark("Option {name!r} does not take a value."),
    mark("Invalid value: {message}"),
    mark("Invalid value for {param_hint}: {message}"),
    mark_n("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    mark("{value!r} is not a valid {number_type}."),
    mark("{value} is not in the range {range}."),
    mark("{name} {filename!r} is a file."),
    mark("{name} {filename!r} is a directory."),
    mark("Aborted!"),
)
"""The texts of click that a user of ``kpi`` can meet."""

PLACEHOLDERS = (
    mark("[OPTIONS]"),
    mark("COMMAND [ARGS]..."),
    mark("CITY CITY..."),
    mark("ANNEX"),
    mark("DATA"),
    mark("DATE"),
    mark("FILE"),
    mark("FILE.py"),
    mark("FOLDER"),
    mark("METHOD"),
    mark("NAME"),
    mark("SECONDS"),
    mark("SHARE"),
    mark("TEXT"),
)
"""The words that stand for what is to be given, in usage and help."""


@contextmanager
def usage_in_the_language_of_messages(command: click.Command) -> Iterator[None]:
    """Let click and the help of a command and all below it speak that language, for a while."""
    with ExitStack() as stack:
        for module in _MODULES:
            for name, translate in (("_", msg), ("ngettext", _counted)):
                if hasattr(module, name):
                    _put(stack, module, name, translate)
        for each in _below(command):
            for holder in (each, *each.params):
                for name in ("help", "metavar", "epilog", "options_metavar", "subcommand_metavar"):
                    if text := getattr(holder, name, None):
                        _put(stack, holder, name, msg(cleandoc(text)))
        yield


def _put(stack: ExitStack, holder: Any, name: str, value: object) -> None:
    stack.callback(setattr, holder, name, getattr(holder, name))
    setattr(holder, name, value)


def _counted(one: str, other: str, n: int) -> str:
    return tr_n(message_language(), one, other, n)


def _below(command: click.Command) -> Iterator[Any]:
    yield command
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from _below(child)
