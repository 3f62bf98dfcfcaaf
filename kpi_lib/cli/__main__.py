"""Run ``kpi`` as ``python -m kpi_lib.cli``."""

from kpi_lib.cli.main import main

main()
