"""What each indicator weighs in the whole, and which weights are not the framework's."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from kpi_lib.analysis.what_if import weights_in_all
from kpi_lib.locale.catalogue import Lang, tr, tr_n
from kpi_lib.locale.words import amount, in_language, listed
from kpi_lib.scoring.scoreboard import Scoreboard
from kpi_lib.scoring.weights import nominal

# So many weights are named, more are counted.
_NAMED = 6


@lru_cache(maxsize=4)
def effective_weights(board: Scoreboard) -> pd.Series[float]:
    """The share (0–1) of the whole weight that each indicator has, once for all cities."""
    return weights_in_all(board)


def own_weights(board: Scoreboard, lang: Lang) -> str:
    """Sentence on the weights that were put in place of the framework's, or ""."""
    plain = nominal(board.framework)
    changed = [code for code, weight in board.weights.items() if weight != plain[code]]
    if not changed:
        return ""
    named = [
        tr(
            lang,
            "“{title}” {weight} (framework: {plain})",
            title=in_language(board.framework.node(code).title, lang),
            weight=amount(board.weights[code], lang),
            plain=amount(plain[code], lang),
        )
        for code in changed[:_NAMED]
    ]
    if rest := len(changed) - len(named):
        named.append(tr_n(lang, "{n} more", "{n} more", rest, n=rest))
    return tr(
        lang,
        "Scored with weights other than the framework's: {which}.",
        which=listed(named, lang),
    )
