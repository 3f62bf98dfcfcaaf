"""Published indices are reproduced from their published parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from published import PCI_VERSIONS, asem, pci_board, pci_table

import kpi_lib as kpi


@pytest.mark.parametrize("version", PCI_VERSIONS)
def test_the_provincial_competitiveness_index_follows_from_its_parts(
    shared: Path, version: str
) -> None:
    """Every province, every year but 2011, whose published totals do not follow."""
    years = set(PCI_VERSIONS[version]) - {2011}
    table = pci_table(shared)
    published = table[table["year"].isin(years)].set_index(["prov", "period"])["pci_weighted"]
    ours = pci_board(table, version, *years).points["TOTAL"]
    assert (published.groupby("period").size() >= 63).all()
    assert ours.notna().all()
    assert (ours - published.sort_index()).abs().max() < 1e-4


def test_the_index_of_2011_does_not_follow_from_its_parts(shared: Path) -> None:
    """The published totals of 2011 differ by up to 0.55 points, for every province."""
    table = pci_table(shared)
    published = table.query("year == 2011").set_index(["prov", "period"])["pci_weighted"]
    ours = pci_board(table, "2009", 2011).points["TOTAL"]
    differences = (ours - published.sort_index()).abs()
    assert (differences > 1e-4).all()
    assert differences.max() == pytest.approx(0.55, abs=0.01)


def test_asem_agrees_with_an_independent_implementation_at_every_level(
    shared: Path, tmp_path: Path
) -> None:
    """COINr 1.1.14: denominate, min-max 0–100, weighted means; 1e-9 relative."""
    framework, observations = asem(shared, tmp_path)
    board = kpi.score(observations, framework)
    path = shared / "reference/asem/p1_minmax_arithmetic.csv"
    expected = pd.read_csv(path).set_index("uCode").sort_index()
    ours = board.points.xs("2018", level="period").rename(columns={"TOTAL": "Index"})
    assert set(expected.columns) == set(ours.columns)
    np.testing.assert_allclose(
        ours[expected.columns].to_numpy(), expected.to_numpy(), rtol=1e-9, atol=1e-12
    )
