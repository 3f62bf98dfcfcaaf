"""Whatever becomes of a file on its way: it is read, or refused by name, and numbers stay right."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.readers import READERS, Reader

# Fewer than hypothesis' own hundred; `python -m tests.fuzz` tries as many as one has time for.
some = settings(
    max_examples=max(settings.default.max_examples * 2 // 3, 10),  # type: ignore[union-attr]
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))
def test_a_changed_file_is_read_or_refused_by_name(
    reader: Reader, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp(reader.name)

    @some
    @given(st.randoms(use_true_random=False))
    def try_changed(random: Random) -> None:
        reader.try_one(reader.mutated(random), folder)

    for seed in reader.seeds:
        assert reader.try_one(seed, folder), f"a seed of {reader.name} is refused"
    try_changed()


def test_the_second_reading_knows_the_numbers_of_plain_tables(tmp_path: Path) -> None:
    """Were it to pass everything over, no wrong number would be found."""
    from supplied import FRAMEWORK

    from fuzz.second import check
    from fuzz.seeds import seeds
    from kpi_lib.exchange.files import read_observations

    for name in ("csv", "xlsx", "parquet"):
        path = tmp_path / f"plain.{name}"
        path.write_bytes(seeds()[name][0])
        table = read_observations(path, FRAMEWORK).table
        check(path, table)
        with pytest.raises(AssertionError, match="is read as"):
            check(path, table.assign(value=table["value"] * 1000))
