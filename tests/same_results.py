"""Save what the library computes and publishes, and compare two such folders bit by bit.

    .venv/bin/python tests/same_results.py save FOLDER [--no-pages]
    .venv/bin/python tests/same_results.py compare BEFORE AFTER

A change of the code's shape must change none of it. Numbers (scores, ranks, coverage, intervals,
draws, tables of the audit) of the bundled sets and of the reference sets (../shared, where it is
there) are saved as Parquet, pages of the bundled sets in both languages as they are published.
`compare` lists every file that differs, with the largest difference of its numbers, or the first
line that differs once the hash of the library and the listed code are masked.
"""

from __future__ import annotations

import argparse
import difflib
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

SETS = {
    "u4ssc@2017": "data/processed/u4ssc/observations.csv",
    "dti@2020": "data/processed/dti/observations.csv",
    "pci@2013": "data/processed/pci/observations-2013.csv",
    "vn-smart-city@1.0": "data/processed/demo/observations-demo.csv",
    "hue-heritage-demo@1.0": "data/processed/demo/observations-demo.csv",
    "vn-smart-city-revision-demo@1.1": "data/processed/demo/observations-demo.csv",
}
PAGES = ("u4ssc@2017", "dti@2020", "vn-smart-city@1.0")
# What may differ: the hash of the library, and what a page lists of its notebook's code.
MASKS = (
    (re.compile(r'(name="kpi-[a-z]+" content=")[^"]*'), r"\1…"),
    (re.compile(r"library:[0-9a-f]+"), "library:…"),
    (re.compile(r"kpi_lib[\w.]*"), "kpi_lib"),
)


def module(*names: str) -> Any:
    """Import the first of some modules that there is: where a thing was, and where it is."""
    for name in names:
        try:
            return import_module(f"kpi_lib.{name}")
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"none of these modules is there: {', '.join(names)}")


def reference_boards(kpi: Any) -> Iterator[tuple[str, Any]]:
    """Score the published figures beside the project, where they are there."""
    from published import PCI_VERSIONS, asem, pci_board, pci_table

    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        return
    for version, years in PCI_VERSIONS.items():
        yield f"pci@{version}", pci_board(pci_table(shared), version, *years)
    with TemporaryDirectory() as made:
        framework, observations = asem(shared, Path(made))
    for treatment in ([], ["winsorise"]):
        name = "-".join(["asem", *treatment])
        yield name, kpi.score(observations, framework, treatment=treatment)


def boards() -> Iterator[tuple[str, Any]]:
    """Score the bundled sets, and random boards of many shapes."""
    from boards import BOARDS

    import kpi_lib as kpi

    yield from reference_boards(kpi)
    for name, data in SETS.items():
        framework = kpi.load_framework(name)
        try:
            yield name, kpi.score(kpi.read_observations(ROOT / data, framework), framework)
        except kpi.InputError as error:
            print(f"{name}: {error}", file=sys.stderr)
    for name, (make, _) in BOARDS.items():
        yield f"random-{name}", make()
    for name in ("geometric", "harmonic", "median", "min", "power", "copeland"):
        board = BOARDS["few_data" if name == "median" else "gaps_in_data"][0]()
        method = {"method": "power", "p": 0.5} if name == "power" else name
        try:
            yield (
                f"aggregate-{name}",
                kpi.score(board.observations, board.framework, aggregate=method),
            )
        except kpi.InputError as error:
            print(f"{name}: {str(error)[:200]}", file=sys.stderr)
    for name in ("minmax", "zscore", "rank", "borda", "percentile", "target", "fraction_of_max"):
        board = BOARDS["gaps_in_data"][0]()
        try:
            yield (
                f"normalise-{name}",
                kpi.score(board.observations, board.framework, normalise=name),
            )
        except kpi.InputError as error:
            print(f"{name}: {str(error)[:200]}", file=sys.stderr)
    for policy in ("zero", "worst", "strict"):
        board = BOARDS["gaps_in_data"][0]()
        yield f"missing-{policy}", kpi.score(board.observations, board.framework, missing=policy)


def tables(board: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables that follow from a board."""
    audit = module("analysis.audit", "audit")
    correlations = module("analysis.correlations", "correlations")
    leave_out = module("analysis.leave_out", "leave_out")
    robustness = module("analysis.robustness.ranks", "analysis.robustness", "robustness")
    input_error = module("errors").InputError
    period = board.period("latest")
    yield "scores", board.scores
    yield "values", board.values
    for name, make in {
        "intervals": lambda: robustness.rank_interval(board, period=period),
        "draws": lambda: robustness.rank_uncertainty(board, 500, 3),
        "statistics": lambda: audit.statistics(board.values),
        "missingness": lambda: audit.missingness(board),
        "reliability": lambda: audit.reliability(board, period),
        "links": lambda: correlations.links(board, period),
        "pairs": lambda: correlations.pairs(board, period),
        "effective": lambda: correlations.effective_weights(board, period),
        "leave_out": lambda: leave_out.leave_out(board, period),
    }.items():
        try:
            made = make()
        except (input_error, ValueError) as error:
            print(f"  {name}: {str(error)[:120]}", file=sys.stderr)
            continue
        parts = {name: made} if isinstance(made, pd.DataFrame) else vars(made)
        for part, table in parts.items():
            if isinstance(table, pd.DataFrame):
                yield f"{name}.{part}" if part != name else name, table


def save(folder: Path, pages: bool) -> None:
    """Save all tables, and all pages where they are asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, board in boards():
        for kind, table in tables(board):
            frame = table.copy()
            index = frame.index.to_frame(index=False).add_prefix("index ")
            frame = pd.concat([index, frame.reset_index(drop=True)], axis=1)
            frame.columns = [str(column) for column in frame.columns]
            frame.to_pickle(folder / f"{name}.{kind}.pickle")
    for name in PAGES if pages else ():
        for lang in ("vi", "en"):
            for command in ("report", "audit"):
                subprocess.run(
                    [
                        *(Path(sys.executable).with_name("kpi"), command, SETS[name], "-f", name),
                        *("--lang", lang, "-o", str(folder / "pages")),
                    ],
                    cwd=ROOT,
                    check=False,
                    stdout=subprocess.DEVNULL,
                )


def difference(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Say how two tables differ; nothing where they are the same, bit by bit."""
    if list(before.columns) != list(after.columns) or len(before) != len(after):
        return f"shape {before.shape} {list(before)} is now {after.shape} {list(after)}"
    worst = 0.0
    for column in before:
        old, new = before[column], after[column]
        if pd.api.types.is_float_dtype(old) and pd.api.types.is_float_dtype(new):
            a, b = old.to_numpy(), new.to_numpy()
            if not np.array_equal(np.isnan(a), np.isnan(b)):
                return f"column {column}: other values are missing"
            worst = max(worst, float(np.nanmax(np.abs(a - b), initial=0.0)))
        elif not old.astype(str).equals(new.astype(str)):
            return f"column {column}: other texts"
    return f"differs by up to {worst:.3g}" if worst else ""


def page_difference(before: Path, after: Path) -> str:
    """Give the first line in which two pages differ beyond what is masked."""
    texts = []
    for path in (before, after):
        text = path.read_text(encoding="utf-8")
        for pattern, mask in MASKS:
            text = pattern.sub(mask, text)
        texts.append(text.splitlines())
    lines = difflib.unified_diff(*texts, n=0, lineterm="")
    return "\n".join(line[:300] for line in list(lines)[2:8])


def compare(before: Path, after: Path) -> int:
    """List what differs; 1 where anything does."""
    names = [
        {p.relative_to(folder) for p in folder.rglob("*") if p.suffix in {".pickle", ".html"}}
        for folder in (before, after)
    ]
    differing = 0
    for name in sorted(names[0] ^ names[1]):
        differing += 1
        print(f"{name}: only {'before' if name in names[0] else 'after'}")
    for name in sorted(names[0] & names[1]):
        if name.suffix == ".pickle":
            said = difference(pd.read_pickle(before / name), pd.read_pickle(after / name))
        elif (before / name).read_bytes() != (after / name).read_bytes():
            said = page_difference(before / name, after / name)
        else:
            said = ""
        if said:
            differing += 1
            print(f"{name}: {said}")
    print(f"{len(names[0] & names[1])} files compared, {differing} differ")
    return min(differing, 1)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    saving = commands.add_parser("save")
    saving.add_argument("folder", type=Path)
    saving.add_argument("--no-pages", action="store_true")
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    asked = parser.parse_args()
    if asked.command == "compare":
        return compare(asked.before, asked.after)
    save(asked.folder.resolve(), not asked.no_pages)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
