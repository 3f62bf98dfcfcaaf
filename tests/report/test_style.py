"""Labels fit where they are put, and can be read."""

from __future__ import annotations

from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.report.charts import style


@pytest.mark.parametrize("color", [style.CITY, style.BELOW, style.INK, style.SOFT, style.OTHERS])
def test_letters_have_enough_contrast(color: str) -> None:
    channels = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


@given(st.text("aạễW $_.-\n", max_size=80), st.floats(20, 400))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: float) -> None:
    lines = style.wrap(text, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(style.text_width(line) <= width or len(line) == 1 for line in lines)


@given(st.lists(st.tuples(st.floats(-50, 350), st.floats(1, 60)), min_size=1, max_size=4))
def test_spread_labels_lie_apart_within_their_room(labels: list[tuple[float, float]]) -> None:
    centres, sizes = zip(*labels, strict=True)
    placed = style.spread(centres, sizes, 0, 300, gap=6)
    ends = sorted((c - s / 2, c + s / 2) for c, s in zip(placed, sizes, strict=True))
    assert ends[0][0] >= -1e-9
    assert ends[-1][1] <= 300 + 1e-9
    assert all(b[0] - a[1] >= 6 - 1e-9 for a, b in pairwise(ends))


def test_labels_that_are_apart_stay_where_they_are() -> None:
    assert style.spread([250, 50], [40, 40], 0, 300) == [250, 50]


def test_a_unit_stays_with_its_number() -> None:
    assert style.wrap("about 62.5\N{NO-BREAK SPACE}%", 60) == ["about", "62.5\N{NO-BREAK SPACE}%"]
