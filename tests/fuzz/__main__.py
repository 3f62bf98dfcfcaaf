"""Try readers on changed files, by hand: ``python -m tests.fuzz csv --count 100000``.

A child process does the reading; what raises, or takes over 5 s of processor time or 1 GB, is
saved with its traceback, and the next file is tried. With --guided, chance is led by what of the
code a file reaches (atheris, which is installed by hand: ``pip install atheris``).
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))  # where tests find each other

SECONDS, MEMORY = 5, 1_000_000_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", help="names of readers; all where none is named")
    parser.add_argument("--count", type=int, default=1000, help="files for each reader")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--guided", action="store_true", help="by coverage, with atheris")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    given = parser.parse_args()
    if given.guided:
        return guided(given)
    from fuzz.readers import READERS

    failed = 0
    for name in given.readers or READERS:
        if name not in READERS:
            parser.error(f"there is no reader '{name}'; choose from: {', '.join(READERS)}")
        failed += run(name, given.count, given.seed, given.findings)
    return 1 if failed else 0


def run(name: str, count: int, seed: int, findings: Path) -> int:
    """Try a reader on so many files; give the number of different findings."""
    from fuzz.readers import READERS

    READERS[name].seeds  # noqa: B018  made once, before the children
    begun = time.process_time() + sum(os.times()[2:4])
    at = 0
    with TemporaryDirectory() as folder:
        while at < count:
            child = os.fork()
            if not child:
                os._exit(_try_all(name, at, count, seed, findings, Path(folder)))
            _, status = os.waitpid(child, 0)
            at = int((Path(folder) / "at").read_text())
            if status:
                ended = os.waitstatus_to_exitcode(status)
                why = "over 5 s" if -ended == signal.SIGPROF else f"ended by {ended}"
                data = READERS[name].mutated(Random(f"{seed} {at}"))
                _save(findings, name, f"{at} {why}", data, f"{name} {seed} {at}: {why}\n")
            at += 1
        accepted = (Path(folder) / "accepted").stat().st_size
    spent = time.process_time() + sum(os.times()[2:4]) - begun
    found = len(list(findings.glob(f"{name} *.txt")))
    print(f"{name:12} {count:7} files, {accepted:6} accepted, {found:3} findings, {spent:.0f} s")
    return found


def _try_all(name: str, start: int, count: int, seed: int, findings: Path, folder: Path) -> int:
    from fuzz.readers import READERS

    reader = READERS[name]
    own = _memory()
    gc.freeze()  # what was imported is not gone through again and again
    with open(folder / "at", "w") as place, open(folder / "accepted", "a") as accepted:
        for at in range(start, count):
            place.seek(0)
            place.write(str(at))
            place.flush()
            data = reader.mutated(Random(f"{seed} {at}"))
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                if reader.try_one(data, folder):
                    accepted.write(".")
                    accepted.flush()
            except Exception as error:
                said = traceback.format_exc()
                where = traceback.extract_tb(error.__traceback__)[-1]
                kind = f"{type(error).__name__} {Path(where.filename).stem} {where.lineno}"
                _save(findings, name, kind, data, said)
            signal.setitimer(signal.ITIMER_PROF, 0)
            if _memory() - own > MEMORY:
                return 99
    return 0


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _save(findings: Path, name: str, kind: str, data: bytes, said: str) -> None:
    """Keep the first file of each kind of finding, with what was said."""
    findings.mkdir(parents=True, exist_ok=True)
    target = findings / f"{name} {kind}.txt"
    if not target.exists():
        target.write_text(said, encoding="utf-8", errors="backslashreplace")
        target.with_suffix(".input").write_bytes(data)


def guided(given: argparse.Namespace) -> int:
    """Let atheris choose what to change, by the branches of kpi_lib that a file reaches."""
    try:
        import atheris
    except ImportError:
        print(
            "--guided needs atheris: pip install atheris (CPython 3.11 to 3.13).", file=sys.stderr
        )
        return 2
    with atheris.instrument_imports(include=["kpi_lib"]):
        from fuzz.readers import READERS
    if len(given.readers) != 1 or given.readers[0] not in READERS:
        print(f"name one reader of: {', '.join(READERS)}", file=sys.stderr)
        return 2
    reader = READERS[given.readers[0]]

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        try:
            return reader.mutate(data, random)[:most]
        except Exception:  # an archive that is none any more
            return reader.mutated(random)[:most]

    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for at, seed in enumerate(reader.seeds):
            (corpus / str(at)).write_bytes(seed)

        def one(data: bytes) -> None:
            try:
                reader.try_one(data, Path(folder))
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                kind = f"{type(error).__name__} {Path(where.filename).stem} {where.lineno}"
                _save(given.findings, reader.name, kind, data, traceback.format_exc())

        given.findings.mkdir(parents=True, exist_ok=True)
        limits = [f"-timeout={SECONDS * 2}", f"-rss_limit_mb={MEMORY // 1_000_000 + 700}"]
        options = [f"-runs={given.count}", f"-seed={given.seed}", "-max_len=1000000"]
        kept = f"-artifact_prefix={given.findings}/{reader.name} "
        atheris.Setup(
            [sys.argv[0], *limits, *options, kept, str(corpus)], one, custom_mutator=mutated
        )
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
