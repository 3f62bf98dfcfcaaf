"""Values of another order of magnitude than their goalposts: people in place of thousands."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpi_lib.errors import Problem
from kpi_lib.framework.model import Framework
from kpi_lib.locale.catalogue import message_language, msg
from kpi_lib.locale.words import in_language, numeral

FAR = 100.0
"""So many times the larger goalpost are values in another unit rather than very good or bad."""


def beyond_goalposts(rows: pd.DataFrame, framework: Framework) -> Iterator[Problem]:
    """Warn of each indicator whose values, in the median, are far beyond both goalposts."""
    size = rows["value"].abs().groupby(rows["indicator"], observed=True).median()
    for indicator in framework.indicators:
        most = max(map(abs, indicator.goalposts or (0.0,)))
        if not most or size.get(indicator.code, 0.0) < FAR * most:
            continue
        row = rows[rows["indicator"] == indicator.code].iloc[0]
        unit = in_language(indicator.unit, message_language())
        yield Problem(
            msg(
                "values of {code} are {times} times its goalpost {most} and more: {value}.",
                code=indicator.code,
                times=numeral(FAR),
                most=numeral(most),
                value=numeral(row["value"]),
            ),
            msg("Check that they are in the unit of the framework: {unit}.", unit=unit or "–"),
            row["file"],
            row["sheet"],
            int(row["row"]),
            row["column"],
            severity="warning",
        )
