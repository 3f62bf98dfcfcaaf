"""Axes of a chart as wide as the page, and names short enough to stand beside them."""

from __future__ import annotations

import textwrap

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

WIDTH = 9.0
"""Width of a chart in inches: that of the page."""


def chart_axes(title: str, demo: bool, height: float = 4.0) -> Axes:
    """Axes of a new figure as wide as the page; of made-up figures the title says DEMO.

    ``height`` is in inches.
    """
    _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    text = ": ".join(part for part in ("DEMO" if demo else "", title) if part)
    ax.set_title(text, loc="left")
    return ax


def shorten(name: str, width: int = 38) -> str:
    """A name in at most two lines of so many letters."""
    return "\n".join(textwrap.wrap(name, width, max_lines=2, placeholder=" …"))
