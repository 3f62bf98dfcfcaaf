"""A figure as SVG, its texts as outlines that are looked up rather than shaped."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from kpi_lib.report.letters import EM, Font, OneLine, short

# Text as outlines: letters with stacked diacritics look the same on every machine. The salt
# and the missing date make the same figure the same bytes.
_SETTINGS: dict[Any, Any] = {"svg.fonttype": "path", "svg.hashsalt": "kpi"}
_Mixed: Any = MixedModeRenderer
_NOTHING = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def svg_of(figure: Figure) -> str:
    """Give a figure as an SVG document without a prologue."""
    buffer, dpi = io.StringIO(), figure.dpi
    width, height = figure.get_size_inches()
    with matplotlib.rc_context(_SETTINGS):
        figure.dpi = 72  # the unit of SVG here: a point
        try:
            drawn = _Renderer(width * 72, height * 72, buffer, image_dpi=dpi, metadata=_NOTHING)
            # Parts that ask to be drawn as pixels are.
            renderer = _Mixed(figure, width, height, dpi, drawn)
            figure.draw(renderer)
            renderer.finalize()
        finally:
            figure.dpi = dpi
    text = buffer.getvalue()
    return text[text.index("<svg") :]


_Untyped: Any = RendererSVG


class _Renderer(_Untyped):  # type: ignore[misc]
    """Draws texts letter by letter; everything else as matplotlib does."""

    by_letters = True

    def __init__(self, width: float, height: float, target: io.StringIO, **options: Any) -> None:
        self._target = target
        self._known: set[str] = set()
        super().__init__(width, height, target, **options)

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        if ismath:
            width, height, below = super().get_text_width_height_descent(s, prop, ismath)
            return width, height, below
        font = Font.of(prop)
        below, above = font.reach(s)
        return font.width(s), below + above, below

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        opacity = gc.get_alpha() if gc.get_forced_alpha() else gc.get_rgb()[3]
        line = OneLine(s, x, y, "left", to_hex(gc.get_rgb()), Font.of(prop))
        turned = f" rotate({-angle:g})" if angle else ""
        self.draw_line(line, x, y, turned, f' opacity="{opacity:g}"' if opacity != 1 else "")

    def draw_line(
        self, line: OneLine, x: float, y: float, turned: str = "", opacity: str = ""
    ) -> None:
        """Draw a line of text from ``x`` on, in points from the upper left corner."""
        letters = line.font.face
        names, uses = letters.uses(line.text)
        new = sorted(names - self._known)
        self._known |= names
        # A comment closes the element that is open, so that what is written is within it.
        self.writer.comment("")
        if new:
            paths = [f'<path id="{short(name)}" d="{letters.outline(name)}"/>' for name in new]
            self._target.write(f"<defs>{''.join(paths)}</defs>\n")
        self._target.write(
            f'<g transform="translate({x:.2f} {y:.2f}){turned} scale({line.font.size / EM:g})" '
            f'fill="{line.color}"{opacity}>{uses}</g>\n'
        )
