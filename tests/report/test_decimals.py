"""Values are written with as many decimals as what is said of them needs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import kpi_lib as kpi
from kpi_lib.report.view.decimals import decimals


@pytest.mark.parametrize(
    ("values", "rule", "expected"),
    [
        ([79.99, 60], {"normalise": {"method": "bands", "steps": [[0, 0], [80, 100]]}}, 2),
        ([80, 60.12], {"normalise": {"method": "bands", "steps": [[0, 0], [80, 100]]}}, 1),
        ([99.96, 60], {"direction": "higher", "goalposts": [0, 100], "targets": {2025: 100}}, 2),
        (
            [99.9999999, 60],
            {"direction": "higher", "goalposts": [0, 100], "targets": {2025: 100}},
            4,
        ),
        ([79.99, 60], {"direction": "higher", "goalposts": [0, 100]}, 1),
    ],
)
def test_a_value_below_a_bound_is_not_written_as_the_bound(
    values: list[float], rule: dict[str, Any], expected: int
) -> None:
    """79.99 % that earns nothing where 80 % does is no '80.0 %'; other values need no more."""
    leaf = {"code": "A1", "title": "One", "unit": "%", **rule}
    groups = [{"code": "A", "title": "A", "indicators": [leaf]}]
    framework = kpi.load_framework({"id": "x", "version": "1", "title": "X", "groups": groups})
    data = pd.DataFrame({"city": ["p", "q"], "period": "2025", "A1": values})
    forms = decimals(kpi.score(data, framework))["A1"]
    assert [forms.of(value) for value in values] == [expected, 1]
