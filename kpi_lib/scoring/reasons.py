"""Why a score is missing, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from kpi_lib.scoring.scoreboard import Scoreboard


def reasons_of(
    board: Scoreboard, judged: pd.DataFrame, screened: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Say why each score of a board is missing, wide; an empty text where it is not.

    ``judged`` is the share of the weight (0–1) by which a score is given or not, wide;
    ``screened`` the rows that treatment has left out.
    """
    absent = board.points.isna().to_numpy()
    observed, cover = board.coverage.to_numpy(dtype=float), judged.to_numpy(dtype=float)
    texts = np.full(absent.shape, "", dtype=object)
    texts[absent & np.isnan(cover)] = "not scored"
    texts[absent & (cover == 0)] = "no data"
    least = board.framework.missing.min_coverage
    for name, told in (("coverage", True), ("share observed or imputed", False)):
        low = absent & (cover > 0) & ((cover == observed) == told)
        shares, which = np.unique(cover[low], return_inverse=True)
        said = [
            f"{name} {share:.2f} under {least:.2f}"
            if share < least
            else "a value is missing (policy strict)"
            for share in shares
        ]
        texts[low] = np.array(said, dtype=object)[which]
    texts[absent & screened[:, np.newaxis] & ~np.isnan(cover)] = "screened out"
    _not_applicable(board, texts)
    return pd.DataFrame(texts, index=board.points.index, columns=board.points.columns)


def _not_applicable(board: Scoreboard, texts: npt.NDArray[np.object_]) -> None:
    """Say so of indicators that do not apply, and of groups in which none does."""
    if board.applies is None:
        return
    leaves, columns = list(board.framework.positions), board.points.columns
    at = np.flatnonzero(columns.isin(leaves))
    texts[:, at] = np.where(board.applies, texts[:, at], "not applicable")
    emptied = pd.DataFrame(~board.applies, columns=leaves)
    for group in board.framework.all_groups:
        below = [leaf.code for leaf in board.framework.leaves(group.code)]
        column = columns.get_loc(group.code)
        whole = emptied[below].all(axis=1).to_numpy()
        if board.possible is not None and board.framework.maxima[group.code] > 0:
            none = board.possible[group.code].to_numpy() == 0
            whole = whole | (board.points[group.code].isna().to_numpy() & none)
        texts[whole, column] = "not applicable"
