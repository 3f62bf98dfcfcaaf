"""The look of pages and charts: colours, the typeface, and matplotlib set to both."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kpi_lib.observations.project.colours import PALETTE

COLOURS: Mapping[str, str] = MappingProxyType({name: light for name, (light, _) in PALETTE.items()})
"""The light palette by the names of the CSS variables of ``templates/kpi.css``."""

FAMILY = "Be Vietnam Pro"
WEIGHTS = (400, 600)
FONTS = Path(str(resources.files("kpi_lib"))) / "report" / "fonts"

# Not the palette's own colours: a page changes those in the dark, and the figures in the cells of
# a map are drawn for the colours as they are.
_MAPS = {
    "kpi": ("#f7f9fb", "#0a4f96"),
    "kpi_diverging": ("#8f3807", "#f4f6f8", "#00604f"),
}

_PX = 0.75
"""Points in a pixel: sizes are those of the page."""


@cache
def font_faces() -> str:
    """CSS that brings the typeface with the page, so that nothing is requested.

    The files are made by ``tools/fonts.py``: Vietnamese and European letters, tabular figures,
    and the signs that stand beside colours.
    """
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; '
        f"src: url(data:font/woff2;base64,{b64encode(content).decode()}) format('woff2'); }}"
        for weight in WEIGHTS
        for content in [(FONTS / f"BeVietnamPro-{weight}.woff2").read_bytes()]
    )


def chart_style() -> None:
    """Set seaborn and matplotlib to the look of the pages, for all charts that follow.

    Colours are in the order ``me``, ``o``, ``up``, ``down`` (:data:`COLOURS`); the colour maps
    ``kpi``, from light to the blue of ``me``, and ``kpi_diverging``, from the colour of worse to
    that of better, go with them. In a notebook charts are SVG with their text as
    text, the same bytes for the same chart; a page turns these colours into its own, so that
    charts are dark where it is. ``seaborn.set_theme()`` takes all of this back.
    """
    use_style()
    _show_as_svg()


def use_style() -> None:
    """The same, but for how a notebook shows charts."""
    import seaborn as sns

    _register_typeface()
    _register_maps()
    palette = [COLOURS[name] for name in ("me", "o", "up", "down")]
    sns.set_theme(style="whitegrid", palette=palette, rc=_settings())


def _settings() -> dict[str, Any]:
    """Settings of matplotlib: hairlines in place of boxes, the sizes of the page."""
    ink, soft, line = COLOURS["ink"], COLOURS["soft"], COLOURS["line"]
    return {
        "font.family": [FAMILY, "DejaVu Sans", "sans-serif"],
        "font.size": 12 * _PX,
        "text.color": ink,
        "text.parse_math": False,  # a $ in a name is a $
        "figure.figsize": (8.0, 4.5),
        "figure.facecolor": COLOURS["paper"],
        "axes.facecolor": "none",
        "axes.edgecolor": line,
        "axes.labelcolor": soft,
        "axes.labelsize": 13 * _PX,
        "axes.linewidth": _PX,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlepad": 12 * _PX,
        "axes.titlesize": 16 * _PX,
        "axes.titleweight": 600,
        "axes.titley": 1.0,  # to look for a free place takes a tenth of a chart's time
        "figure.titlesize": 16 * _PX,
        "figure.titleweight": 600,
        "grid.color": line,
        "grid.linewidth": _PX,
        "image.cmap": "kpi",
        "legend.fontsize": 13 * _PX,
        "legend.frameon": False,
        "legend.title_fontsize": 13 * _PX,
        "lines.linewidth": 1.8 * _PX,
        "lines.markersize": 8 * _PX,
        "patch.edgecolor": COLOURS["paper"],
        "patch.linewidth": _PX,
        **{
            f"{axis}tick.{key}": value
            for axis in "xy"
            for key, value in (("labelcolor", soft), ("labelsize", 12 * _PX), ("color", line))
        },
        "savefig.dpi": 200,
        "text.hinting": "none",  # a PNG has its letters where an SVG has them
        "pdf.fonttype": 42,
        "svg.fonttype": "none",
        "svg.hashsalt": "kpi",
    }


def _register_typeface() -> None:
    from matplotlib.font_manager import fontManager

    files = {weight: str(FONTS / f"BeVietnamPro-{weight}.ttf") for weight in WEIGHTS}
    if files[400] in {font.fname for font in fontManager.ttflist}:
        return
    for path in files.values():
        fontManager.addfont(path)
    # Without these matplotlib warns of each bold text: the typeface has no bolder weight, and the
    # one behind it, for signs that it lacks, no such weight.
    for font in list(fontManager.ttflist):
        if font.fname == files[600] and font.name == FAMILY:
            fontManager.ttflist.append(replace(font, weight=700))
        elif font.name == "DejaVu Sans" and font.style == "normal" and font.weight == 700:
            fontManager.ttflist.append(replace(font, weight=600))


def _register_maps() -> None:
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    for name, colours in _MAPS.items():
        if name not in colormaps:
            colormaps.register(LinearSegmentedColormap.from_list(name, colours))


def _show_as_svg() -> None:
    """Have a notebook show figures as SVG, without the date and the version of matplotlib."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    from matplotlib_inline.config import InlineBackend

    from kpi_lib.report.page.figures import TRACES, Chart, chart_svg

    inline: Any = InlineBackend.instance(parent=shell)
    nothing = dict.fromkeys(TRACES[".svg"])
    inline.print_figure_kwargs = {**inline.print_figure_kwargs, "metadata": nothing}
    inline.figure_formats = {"svg"}
    # Figures of other kinds are trimmed to what they show, for which they are drawn twice.
    shown: Any = shell.display_formatter
    shown.formatters["image/svg+xml"].for_type(
        Chart, lambda chart: chart_svg(chart) if "svg" in inline.figure_formats else None
    )
