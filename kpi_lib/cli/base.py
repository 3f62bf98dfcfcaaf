"""What all commands share: how mistakes are answered, and the examples in the help."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from kpi_lib.cli.usage import HELP, usage_in_the_language_of_messages
from kpi_lib.errors import InputError, refusal
from kpi_lib.io.environment import variable_set
from kpi_lib.locale.catalogue import (
    chosen_language,
    languages,
    mark_n,
    message_language,
    messages_in,
    msg,
)
from kpi_lib.locale.display import harmless
from kpi_lib.locale.words import counted

if TYPE_CHECKING:
    from kpi_lib.scoring.scoreboard import Scoreboard

_NOUNS = {
    "city": mark_n("{n} city", "{n} cities"),
    "file": mark_n("{n} file", "{n} files"),
    "group": mark_n("{n} group", "{n} groups"),
    "error": mark_n("{n} error", "{n} errors"),
    "indicator": mark_n("{n} indicator", "{n} indicators"),
    "page": mark_n("{n} page", "{n} pages"),
    "period": mark_n("{n} period", "{n} periods"),
    "report": mark_n("{n} report", "{n} reports"),
    "row": mark_n("{n} row", "{n} rows"),
    "sheet": mark_n("{n} sheet", "{n} sheets"),
    "value": mark_n("{n} value", "{n} values"),
    "warning": mark_n("{n} warning", "{n} warnings"),
}

F = TypeVar("F", bound=Callable[..., Any])

_LAST_SECONDS = 4.5

INPUT_IS_WRONG, SOME_FAILED, INTERRUPTED, TERMINATED = 1, 3, 130, 143


class Terminated(KeyboardInterrupt):
    """Someone asked this process to end, as Ctrl-C does: by SIGTERM."""


class _HelpOnDemand(click.Command):
    """A command or a group whose option ``--help`` is told in the language of messages."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option, which click makes once, with its help as it is to be read now."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = msg(HELP)
        return option


class Command(_HelpOnDemand):
    """A command whose help ends with examples, and whose messages have a language."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what click takes; ``--lang`` is added where the command has none of its own."""
        super().__init__(*arguments, **options)
        if all(parameter.name != "lang" for parameter in self.params):
            self.params.append(_language_of_messages())
        for parameter in self.params:
            if not isinstance(parameter.type, click.Choice):
                parameter.shell_complete = _completion(parameter)  # type: ignore[method-assign, assignment]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, a line each."""
        lines = getattr(self.callback, "examples", ())
        if lines:
            with formatter.section(msg("Examples")):
                for line in lines:
                    formatter.write_text(line)


def _completion(parameter: click.Parameter) -> Callable[[click.Context, str], Any]:
    def complete(ctx: click.Context, begun: str) -> Any:
        from kpi_lib.cli.completion import offered

        return offered(parameter, ctx, begun)

    return complete


def _language_of_messages() -> click.Option:
    return click.Option(
        ["--lang"],
        type=click.Choice(languages()),
        expose_value=False,
        help="Language of messages. Default: KPI_LANG, else that of the locale.",
    )


def asked_language(arguments: Sequence[str]) -> str | None:
    """What follows ``--lang`` among the arguments of a command."""
    for at, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return None


class Commands(_HelpOnDemand, click.Group):
    """Answers wrong input with its message alone, and Ctrl-C and SIGTERM with one line."""

    command_class = Command

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Run with the messages in the language that ``--lang`` or the surroundings name."""
        given = sys.argv[1:] if args is None else list(args)
        with (
            messages_in(chosen_language(asked_language(given))),
            usage_in_the_language_of_messages(self),
        ):
            return super().main(given, *others, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; the exit code is 1 for wrong input."""
        try:
            with _ended_in_order():
                return super().invoke(ctx)
        except InputError as error:
            say(msg("Error: {error}", error=error), err=True)
        except BrokenPipeError:
            sys.stderr.close()  # whoever read the output has gone
        except OSError as error:
            say(msg("Error: {error}", error=refusal(error)), err=True)
        except KeyboardInterrupt as stop:
            say(msg("Stopped."), err=True)
            if isinstance(stop, Terminated):
                with suppress(OSError, ValueError):
                    sys.stdout.flush()
                atexit._run_exitfuncs()  # libraries take their temporary files away
                os._exit(TERMINATED)  # without waiting for threads
            ctx.exit(INTERRUPTED)
        ctx.exit(INPUT_IS_WRONG)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end what runs as Ctrl-C does: all that was started is ended and tidied up."""

    def stop(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # which alone gets signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    threading.Thread(target=_end_soon_after, args=(told,), daemon=True).start()
    waker = signal.set_wakeup_fd(tells)
    try:
        yield
    finally:
        signal.set_wakeup_fd(waker)
        os.close(tells)
        signal.signal(signal.SIGTERM, before)


def _end_soon_after(told: int) -> None:
    """End this process a few seconds after SIGTERM, should it be in the middle of a long step."""
    while numbers := os.read(told, 64):
        if signal.SIGTERM in numbers:
            time.sleep(_LAST_SECONDS)
            os._exit(TERMINATED)
    os.close(told)


def examples(*lines: str) -> Callable[[F], F]:
    """Give a command examples for its help."""

    def decorate(command: F) -> F:
        command.examples = lines  # type: ignore[attr-defined]
        return command

    return decorate


def reads_data(command: F) -> F:
    """Give a command the argument DATA and the options that say how to read it."""
    for option in (
        cities_elsewhere,
        click.option(
            "--framework",
            "-f",
            required=True,
            metavar="F",
            help="id@version of a bundled framework, or a YAML file.",
        ),
        click.argument("data", metavar="DATA"),
        own_methods,
        allows_outside,
        reads_tables,
    ):
        command = option(command)
    return command


def reads_tables(command: F) -> F:
    """Give a command the options that say what cannot be guessed of tables."""
    for option in (
        click.option(
            "--where",
            multiple=True,
            metavar="COLUMN=CELL",
            expose_value=False,
            callback=_sets("KPI_WHERE", "\n".join),
            help="Only rows with this cell, as in 'sex=all'; 'sex=' for empty, 'sex!=' for others.",
        ),
        click.option(
            "--columns",
            metavar="FILE",
            expose_value=False,
            callback=_sets("KPI_COLUMNS", lambda given: str(Path(given).absolute())),
            help="A YAML file that says what columns are. Default: columns*.yaml beside the data.",
        ),
    ):
        command = option(command)
    return command


def cities_elsewhere(command: F) -> F:
    """Give a command the option ``--cities``: a cities file that is not beside the data."""
    return click.option(
        "--cities",
        "cities_file",
        metavar="FILE",
        help="The cities file. Default: cities*.csv beside the data.",
    )(command)


_CHOICES: Mapping[str, Callable[[Any], Any]] = {
    "quality": click.option(
        "--quality",
        type=click.Choice(["verified", "reported"]),
        default="verified",
        show_default=True,
        help="Which counts where a city scored itself and an agency verified it.",
    ),
    "weights": click.option(
        "--weights", metavar="FILE", help="A YAML file with 'weights:' by code."
    ),
    "normalise": click.option(
        "--normalise",
        metavar="METHOD",
        help="In place of the framework's default, as in rank or minmax:low=1,high=100.",
    ),
    "aggregate": click.option(
        "--aggregate",
        metavar="METHOD",
        help="In place of the framework's default, as in geometric or power:p=0.5.",
    ),
    "missing": click.option(
        "--missing",
        type=click.Choice(["rescale", "zero", "worst", "strict"]),
        help="In place of the framework's policy.",
    ),
    "spec": click.option(
        "--spec",
        metavar="FILE",
        help="A YAML file that lists what is uncertain. Default: each weight by up to ±25 %.",
    ),
    "peers": click.option(
        "--peers",
        metavar="NAME",
        help="Peer groups: a column of cities.csv such as class or population, auto or none.",
    ),
}
SCORING = ("quality", "weights", "normalise", "aggregate", "missing")
"""What may be chosen of scores: the names of options, and of arguments of ``scoreboard``."""


def chooses(*names: str) -> Callable[[F], F]:
    """Give a command some of the options of choice; it takes what was chosen as ``choices``."""

    def decorate(command: F) -> F:
        @wraps(command)
        def with_choices(**given: Any) -> Any:
            asked = {name: given.pop(name) for name in names}
            chosen = {name: one for name, one in asked.items() if one not in (None, "verified")}
            if "spec" in chosen:
                from kpi_lib.analysis.robustness.spec import read_spec
                from kpi_lib.io.paths import find

                read_spec(find(chosen["spec"]))  # says what is wrong before anything is done
            return command(choices=chosen, **given)

        for name in reversed(names):
            with_choices = _CHOICES[name](with_choices)
        return cast("F", with_choices)

    return decorate


def own_methods(command: F) -> F:
    """Give a command the option ``--methods``, by which a user's own functions join."""
    return click.option(
        "--methods",
        metavar="FILE.py",
        expose_value=False,
        callback=_loads_methods,
        help="A Python file with normalisations and aggregations of your own.",
    )(command)


def allows_outside(command: F) -> F:
    """Give a command the option ``--allow-outside``: a framework may extend files elsewhere."""
    return click.option(
        "--allow-outside",
        is_flag=True,
        expose_value=False,
        callback=_sets("KPI_ALLOW_OUTSIDE", lambda _: "1"),
        help="Let a framework extend a file outside its folder.",
    )(command)


def _sets(name: str, text_of: Callable[[Any], str]) -> Callable[[click.Context, Any, Any], None]:
    """Make what an option does: it sets an environment variable while the command runs."""

    def set_for_a_while(ctx: click.Context, _: Any, given: Any) -> None:
        if given:
            ctx.with_resource(variable_set(name, text_of(given)))

    return set_for_a_while


def _loads_methods(ctx: click.Context, _: Any, path: str | None) -> None:
    if path:
        import kpi_lib.methods.aggregate
        import kpi_lib.methods.normalise  # noqa: F401  the library's own methods come first
        from kpi_lib.methods.registry import methods_of

        ctx.with_resource(methods_of(path))


def say(text: object = "", err: bool = False) -> None:
    """Write a line to the terminal; what would command it is written as it is in code."""
    click.echo(harmless(str(text)), err=err)


def say_choices(board: Scoreboard) -> None:
    """Say what was chosen in place of the framework's weights and methods."""
    from kpi_lib.report.sections.about import chosen

    for text in chosen(board, message_language()):
        say(text)


def number_of(n: int, noun: str) -> str:
    """Write a count with its noun in the language of messages: ``1 city``, ``1,200 rows``."""
    return counted(n, message_language(), *_NOUNS[noun])


def written(n: int, noun: str, target: object) -> str:
    """Say how much was written, and where."""
    return msg("{n} written to {target}", n=number_of(n, noun), target=target)


def say_periods(periods: Mapping[str, str]) -> None:
    """Say where the latest periods of the cities differ."""
    counts = Counter(periods.values())
    if len(counts) > 1:
        parts = [f"{period} ({number_of(n, 'city')})" for period, n in sorted(counts.items())]
        say(
            msg(
                "The latest period is not the same for all: {parts}.",
                parts=", ".join(reversed(parts)),
            )
        )
