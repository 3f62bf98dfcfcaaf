"""How long draws and evaluations take, how much memory, and how both grow.

    .venv/bin/python benchmarks/robustness.py [--quick]

Times are the best of several runs, on the clock and of the processor (which does not count what
else the machine does); memory is the peak of what a run allocates (tracemalloc). Boards are made
from a seed; with the reference figures beside the project (../shared) the ASEM index is evaluated
too. --quick leaves out how it grows.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from builders import (  # noqa: E402
    framework,
    group,
    indicator,
    observe,
)

from kpi_lib.analysis.inverse.questions import lead_region, overtake, reach_rank  # noqa: E402
from kpi_lib.analysis.robustness.ranks import rank_interval, rank_uncertainty, weight_draws  # noqa: E402
from kpi_lib.analysis.robustness.sobol import sensitivity  # noqa: E402
from kpi_lib.scoring.score import score  # noqa: E402
from kpi_lib.scoring.scoreboard import Scoreboard  # noqa: E402

WEIGHTS = [{"vary": "weights", "draw": "dirichlet", "spread": 0.25}]
FULL: list[dict[str, Any]] = [
    {"vary": "weights", "draw": "noise", "size": 0.25},
    {"vary": "impute", "among": ["none", "median", "regression"]},
    {"vary": "treat", "among": ["none", "winsorise"]},
    {"vary": "normalise", "among": [{"method": "minmax", "low": 1, "high": 100}, "percentile"]},
    {"vary": "aggregate", "among": ["arithmetic", "geometric"], "groups": ["TOTAL"]},
]
ERRORS = {"vary": "data", "draw": "errors", "relative": 0.05}


def make_board(cities: int, indicators: int, missing: float = 0.0) -> Scoreboard:
    """Make a board of one period, with groups of up to six indicators, and of two at least.

    Every fourth indicator has the long tail of a log-normal distribution, so that there is
    something to treat; a group of one would pass a score of 0 on to a geometric mean.
    """
    random = np.random.default_rng(1)
    codes = [f"I{i:03}" for i in range(indicators)]
    weights = random.integers(1, 5, indicators)
    leaves = [indicator(code, weight=float(w)) for code, w in zip(codes, weights, strict=True)]
    parts = np.array_split(np.arange(indicators), -(-indicators // 6))
    groups = [group(f"G{part[0]}", *(leaves[i] for i in part)) for part in parts]
    frame = framework(*groups, min_coverage=0.5)
    values = random.uniform(1, 99, (cities, indicators))
    values[:, ::4] = random.lognormal(3, 1, values[:, ::4].shape).clip(1, 10_000)
    values[random.random(values.shape) < missing] = np.nan
    units = pd.MultiIndex.from_product(
        [[f"c{i:05}" for i in range(cities)], ["2024"]], names=["city", "period"]
    )
    return score(observe(pd.DataFrame(values, index=units, columns=codes)), frame)


def asem_board() -> Scoreboard | None:
    """Score the ASEM index (51 countries, 49 indicators) from the reference figures."""
    folder = ROOT.parent / "shared" / "reference" / "asem"
    if not folder.is_dir():
        return None
    from published import asem_framework

    meta = pd.read_csv(folder / "asem_imeta.csv", keep_default_na=False)
    with TemporaryDirectory() as made:
        frame = asem_framework(meta, Path(made))
    units = pd.read_csv(folder / "asem_idata.csv").assign(period="2018")
    units = units.set_index(["uCode", "period"]).rename_axis(["city", "period"])
    codes = [leaf.code for leaf in frame.indicators]
    quantities = units[["Area", "Energy", "GDP", "Population"]].stack().rename("value")
    quantities = quantities.rename_axis(["city", "period", "quantity"]).reset_index()
    return score(observe(units[codes], quantities), frame)


def seconds(run: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Give the shortest time of some runs, on the clock and of the processor."""
    clock, processor = [], []
    for _ in range(times):
        begun = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - begun[0])
        processor.append(time.process_time() - begun[1])
    return min(clock), min(processor)


def peak(run: Callable[[], object]) -> float:
    """Give the peak of the memory that a run allocates, in MB."""
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 1e6


def line(what: str, *cells: str) -> None:
    print(f"{what:<50}" + "".join(f"{cell:>15}" for cell in cells), flush=True)


def target(taken: float, limit: float) -> str:
    return f"{'under' if taken < limit else 'OVER'} {limit:g} s"


def head(title: str, per: str) -> None:
    print(f"\n{title}")
    line("", "clock", "processor", per, "peak memory", "target")


def draws_of_weights() -> None:
    head("10,000 draws of weights", "per draw")
    cases = [(51, 49, 0.0, 0.1), (862, 58, 0.0, 3.0), (862, 58, 0.05, 3.0)]
    for cities, indicators, missing, limit in cases:
        board = make_board(cities, indicators, missing)
        runs: dict[str, Callable[[], object]] = {
            "ranked": partial(rank_interval, board, period="2024", draws=10_000, spec=WEIGHTS),
            "ranked, and all pairs": partial(rank_uncertainty, board, spec=WEIGHTS),
        }
        for what, run in runs.items():
            clock, processor = seconds(run, 5)
            line(
                f"{cities} × {indicators}{', 5 % missing' if missing else ''}: {what}",
                f"{clock:.3f} s",
                f"{processor:.3f} s",
                f"{clock * 100:.1f} µs",
                f"{peak(run):.0f} MB",
                target(clock, limit),
            )
        loop_of_score(board, clock / 10_000)


def loop_of_score(board: Scoreboard, ours: float, count: int = 10) -> None:
    """The same evaluations one by one: score the board with each set of weights, and rank."""
    rows = weight_draws(board, count, spec=WEIGHTS).to_dict("records")

    def loop() -> None:
        for row in rows:
            _ = score(board.observations, board.framework, weights=row).ranks["TOTAL"]

    clock, processor = (taken / count for taken in seconds(loop, 1))
    cells = ["", f"{processor * 1e3:.1f} ms", f"{clock * 1e3:.1f} ms", "", ""]
    line(f"  a plain loop over kpi.score: {clock / ours:,.0f} × as long", *cells)


def full_specification() -> None:
    board, name = asem_board(), "ASEM"
    if board is None:
        board, name = make_board(51, 49, 0.05), "51 × 49, made (there is no ../shared here)"
    head(f"Five uncertain choices: {', '.join(c['vary'] for c in FULL)}; {name}", "per evaluation")
    run = partial(rank_uncertainty, board, 5000, spec=FULL)
    clock, processor = seconds(run)
    line(
        "5,000 evaluations",
        f"{clock:.2f} s",
        f"{processor:.2f} s",
        f"{clock / 5:.2f} ms",
        f"{peak(run):.0f} MB",
        target(clock, 10),
    )
    run = partial(rank_uncertainty, board, 5000, spec=[*FULL[:1], *FULL[3:], ERRORS])
    clock, processor = seconds(run, 1)
    cells = [f"{clock:.2f} s", f"{processor:.2f} s", f"{clock / 5:.2f} ms", f"{peak(run):.0f} MB"]
    line("5,000 with errors of the data, untreated", *cells)
    run = partial(rank_uncertainty, board, 100, spec=[*FULL, ERRORS])
    clock, processor = seconds(run, 1)
    cells = [f"{clock:.2f} s", f"{processor:.2f} s", f"{clock * 10:.2f} ms"]
    line("100 with errors of the data, treated by draw", *cells)
    count = 512 * (len(FULL) + 2)
    clock, processor = seconds(partial(sensitivity, board, FULL, samples=512), 1)
    cells = [f"{clock:.2f} s", f"{processor:.2f} s", f"{clock / count * 1e3:.2f} ms"]
    line(f"Sobol indices, {count:,} evaluations", *cells)


def inverse_questions() -> None:
    print("\nInverse questions, 862 × 58")
    line("", "clock", "processor")
    board = make_board(862, 58)
    order = list(board.table("TOTAL", "2024").index)
    behind, ahead = order[40], order[20]
    questions: dict[str, Callable[[], object]] = {
        "overtake, weights of 10 groups": partial(overtake, board, behind, ahead),
        "overtake, of 58 indicators": partial(overtake, board, behind, ahead, of="indicators"),
        "reach rank 10 from 20": partial(reach_rank, board, order[19], 10),
        "region of the lead": partial(lead_region, board, order[0]),
    }
    for name, question in questions.items():
        line(name, *[f"{taken:.2f} s" for taken in seconds(question, 1)])


def growth() -> None:
    head("How it grows: draws of weights, ranked, and all pairs", "per draw")
    sizes = [(c, 58, 2000) for c in (50, 200, 862, 2000)]
    sizes += [(862, i, 2000) for i in (12, 58, 240)]
    sizes += [(862, 58, d) for d in (1000, 10_000, 100_000)]
    for cities, indicators, draws in sizes:
        board = make_board(cities, indicators)
        run = partial(rank_uncertainty, board, draws, spec=WEIGHTS)
        clock, processor = seconds(run, 1)
        line(
            f"{cities} cities × {indicators} indicators, {draws:,} draws",
            f"{clock:.2f} s",
            f"{processor:.2f} s",
            f"{clock / draws * 1e6:.1f} µs",
            f"{peak(run):.0f} MB",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out how it grows")
    quick = parser.parse_args().quick
    draws_of_weights()
    full_specification()
    inverse_questions()
    if not quick:
        growth()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"\nThe whole process took at most {most:,.0f} MB.")


if __name__ == "__main__":
    main()
