"""What all commands share: how mistakes are answered, and the examples in the help."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from kpi_lib.errors import InputError, refusal

F = TypeVar("F", bound=Callable[..., Any])

INPUT_IS_WRONG, SOME_FAILED, INTERRUPTED, TERMINATED = 1, 3, 130, 143


class Terminated(KeyboardInterrupt):
    """Someone asked this process to end, as Ctrl-C does: by SIGTERM."""


class Command(click.Command):
    """A command whose help ends with examples."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, a line each."""
        lines = getattr(self.callback, "examples", ())
        if lines:
            with formatter.section("Examples"):
                for line in lines:
                    formatter.write_text(line)


class Commands(click.Group):
    """Answers wrong input with its message alone, and Ctrl-C and SIGTERM with one line."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; the exit code is 1 for wrong input."""
        try:
            with _ended_in_order():
                return super().invoke(ctx)
        except InputError as error:
            click.echo(f"Error: {error}", err=True)
        except BrokenPipeError:
            sys.stderr.close()  # whoever read the output has gone
        except OSError as error:
            click.echo(f"Error: {refusal(error)}", err=True)
        except KeyboardInterrupt as stop:
            click.echo("Stopped.", err=True)
            ctx.exit(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED)
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
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def examples(*lines: str) -> Callable[[F], F]:
    """Give a command examples for its help."""

    def decorate(command: F) -> F:
        command.examples = lines  # type: ignore[attr-defined]
        return command

    return decorate


def reads_data(command: F) -> F:
    """Give a command the argument DATA and the options that say how to read it."""
    for option in (
        click.option(
            "--cities",
            "cities_file",
            metavar="FILE",
            help="The cities file. Default: cities*.csv beside the data.",
        ),
        click.option(
            "--framework",
            "-f",
            required=True,
            metavar="F",
            help="id@version of a bundled framework, or a YAML file.",
        ),
        click.argument("data", metavar="DATA"),
    ):
        command = option(command)
    return command


def number_of(n: int, noun: str) -> str:
    """Write a count with its noun: ``1 city``, ``1,200 rows``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n:,} {noun if n == 1 else plural}"


def say_periods(periods: Mapping[str, str]) -> None:
    """Say where the latest periods of the cities differ."""
    counts = Counter(periods.values())
    if len(counts) > 1:
        parts = [f"{period} ({number_of(n, 'city')})" for period, n in sorted(counts.items())]
        click.echo(f"The latest period is not the same for all: {', '.join(reversed(parts))}.")
