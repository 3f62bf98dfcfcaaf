"""The command `kpi` as people run it, in this very process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from kpi_lib.cli.main import main

SMALL = ("observations.csv", "--framework", "small.yaml")
REPORT = ("report", *SMALL, "--notebook", "report.ipynb")


def kpi(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def done(*words: str) -> Result:
    """Run a command that must do what it is asked."""
    result = kpi(*words)
    assert result.exit_code == 0, result.output
    return result


def fails(*words: str) -> str:
    """Run a command that must end with one clear message, exit code 1 and no traceback."""
    result = kpi(*words)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stdout == "" or words[0] == "check"
    return result.output
