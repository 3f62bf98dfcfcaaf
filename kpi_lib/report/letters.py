"""Where the letters of a line of text stand, and how they look: outlines, each drawn once.

:class:`Writing` is all such lines of a figure as an artist of matplotlib.

Shaping a whole text takes a hundred times as long as looking up its pairs of letters, and a
report has four hundred texts. The sum over the pairs is what the shaper gives, to the last
digit, for scripts whose letters stand side by side; every other text is shaped whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Transform

EM = 100.0
"""The size of a letter, in the unit of everything here."""

# Latin with the Vietnamese letters, punctuation and the signs that figures use.
_SIMPLE = re.compile("[ -~\N{NO-BREAK SPACE}-\u024f\u1e00-\u1eff–—‘-”…−≤≥→]*")
_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), 79: ("Z", 1)}
"""matplotlib's codes of a path, as SVG writes them, with the number of points of each."""

Align = Literal["left", "center", "right"]
_SHARES = {"left": 0.0, "center": 0.5, "right": 1.0}
"""Of a line, how much is left of where it is placed."""

Line = tuple[Sequence[tuple[str, float]], float]
"""Names of outlines with their distance from the beginning, and the width."""


@lru_cache(maxsize=16)
def _face(path: str) -> Face:
    return Face(path)


class Face:
    """The letters of one font file."""

    def __init__(self, path: str) -> None:
        """Take the font; it is opened where a letter is new."""
        self._path = path
        self._properties = FontProperties(fname=path, size=EM)
        self._letters: dict[str, tuple[str, float, float, float]] = {}
        self._steps: dict[str, float | None] = {}
        self._outlines: dict[str, str] = {}
        self.line = lru_cache(maxsize=20_000)(self._line)
        self.uses = lru_cache(maxsize=20_000)(self._uses)

    def _line(self, text: str) -> Line:
        """Give the letters of a line of text and where they stand."""
        simple = self._of_pairs(text) if _SIMPLE.fullmatch(text) else None
        return simple or self._shaped(text)

    def _uses(self, text: str) -> tuple[frozenset[str], str]:
        """Give the names of a line's outlines, and the line as SVG elements that use them."""
        placed, _ = self.line(text)
        uses = [f'<use x="{x:.4g}" xlink:href="#{short(name)}"/>' for name, x in placed]
        return frozenset(name for name, _ in placed), "".join(uses)

    def reach(self, text: str) -> tuple[float, float]:
        """Give how far the letters of a line reach below and above the line."""
        if not _SIMPLE.fullmatch(text):
            _, height, below = self._measured(text)
            return below, height - below
        ends = [self._letter(letter) for letter in set(text)]
        return max((end[2] for end in ends), default=0), max((end[3] for end in ends), default=0)

    def outline(self, name: str) -> str:
        """Give an outline as the ``d`` of an SVG path."""
        return self._outlines[name]

    def _of_pairs(self, text: str) -> Line | None:
        x, placed = 0.0, []
        for first, second in pairwise(text):
            step = self._step(first + second)
            if step is None:  # the two become one, as f and i do
                return None
            placed.append((self._letter(first)[0], x))
            x += step
        if text:
            name, advance, _, _ = self._letter(text[-1])
            placed.append((name, x))
            x += advance
        return placed, x

    def _step(self, pair: str) -> float | None:
        if pair not in self._steps:
            placed, _ = self._shaped(pair)
            self._steps[pair] = placed[1][1] if len(placed) == 2 else None
        return self._steps[pair]

    def _letter(self, letter: str) -> tuple[str, float, float, float]:
        """Give name, advance, and how far it reaches below the line and above."""
        if letter not in self._letters:
            placed, width = self._shaped(letter)
            _, height, below = self._measured(letter)
            self._letters[letter] = (placed[0][0], width, below, height - below)
        return self._letters[letter]

    def _shaped(self, text: str) -> Line:
        # Not kept: a font reads its file as it goes on, and a forked process shares the place.
        font = get_font(self._path)
        font.set_size(EM, 72)
        glyphs, outlines, _ = text_to_path.get_glyphs_with_font(font, text)
        for name, (points, codes) in outlines.items():
            if name not in self._outlines:
                self._outlines[name] = _drawn(points.tolist(), codes.tolist())
        return [(name, float(x)) for name, x, *_ in glyphs], self._measured(text)[0]

    def _measured(self, text: str) -> tuple[float, float, float]:
        """Give width, height and how much of the height is below the line."""
        found = text_to_path.get_text_width_height_descent(text, self._properties, False)
        width, height, below = map(float, found)
        return width, height, below


class Font(NamedTuple):
    """Letters of a size in points."""

    face: Face
    size: float
    properties: FontProperties

    @classmethod
    def of(cls, properties: FontProperties) -> Font:
        """Give the letters that matplotlib takes for these properties."""
        return cls(_face(str(findfont(properties))), properties.get_size_in_points(), properties)

    def width(self, text: str) -> float:
        """Give the width of a line of text in points."""
        return self.face.line(text)[1] * self.size / EM

    def reach(self, text: str) -> tuple[float, float]:
        """Give how far a line reaches below its baseline and above, in points."""
        below, above = self.face.reach(text)
        return below * self.size / EM, above * self.size / EM


class OneLine(NamedTuple):
    """A line of text by its baseline; ``x`` is where its left end, middle or right end is."""

    text: str
    x: float
    y: float
    align: Align
    color: str
    font: Font


class Writing(Artist):
    """All lines of text of a figure as one artist, placed by what their letters measure.

    Making and laying out a text of matplotlib costs more than drawing it, and a report has four
    hundred.
    """

    zorder = 5

    def __init__(self, lines: Sequence[OneLine], transform: Transform) -> None:
        """Write ``lines``, which may grow, at their places in the coordinates of a transform."""
        super().__init__()
        self.lines = lines
        self.set_transform(transform)

    def boxes(self) -> npt.NDArray[np.float64]:
        """Give left, bottom, right and top of the letters of each line, in pixels."""
        figure = self.get_figure(root=True)
        assert figure is not None
        scale = figure.dpi / 72
        found = []
        for line, (left, y) in zip(self.lines, self._starts(scale), strict=True):
            below, above = line.font.reach(line.text)
            right = left + line.font.width(line.text) * scale
            found.append((left, y - below * scale, right, y + above * scale))
        return np.reshape(found, (-1, 4))

    def draw(self, renderer: Any) -> None:
        """Draw the letters."""
        if not self.get_visible():
            return
        top = renderer.get_canvas_width_height()[1]
        starts = self._starts(renderer.points_to_pixels(1.0))
        for line, (x, y) in zip(self.lines, starts.tolist(), strict=True):
            below = top - y if renderer.flipy() else y
            if getattr(renderer, "by_letters", False):
                renderer.draw_line(line, x, below)
                continue
            context = renderer.new_gc()
            context.set_foreground(line.color)
            renderer.draw_text(context, x, below, line.text, line.font.properties, 0)
            context.restore()
        self.stale = False

    def _starts(self, scale: float) -> npt.NDArray[np.float64]:
        """Give where the baselines begin, in pixels, of which a point has ``scale``."""
        places = np.reshape([line[1:3] for line in self.lines], (-1, 2))
        widths = [_SHARES[line.align] * line.font.width(line.text) for line in self.lines]
        starts: npt.NDArray[np.float64] = self.get_transform().transform(places)
        starts[:, 0] -= np.multiply(widths, scale)
        return starts


def short(name: str) -> str:
    """Shorten the name of an outline; names of the fonts that figures use are long."""
    return name.replace("DejaVuSans-Bold-", "b").replace("DejaVuSans-", "n")


def _drawn(points: Sequence[Sequence[float]], codes: Sequence[int]) -> str:
    """Write an outline for SVG, whose y runs down, in hundredths of the unit."""
    parts, at = [], 0
    while at < len(codes):
        command, count = _COMMANDS[codes[at]]
        if command == "Z":
            parts.append("Z")
        else:
            numbers = (
                number for x, y in points[at : at + count] for number in (round(x, 2), round(-y, 2))
            )
            parts.append(command + " ".join(f"{number + 0.0:g}" for number in numbers))
        at += count
    return "".join(parts)
