"""Make the typeface of pages (woff2) from the whole one (TTF) in kpi_lib/report/fonts.

    pip install fonttools brotli
    python tools/fonts.py

Pages get the letters of Vietnamese and of European languages, without hinting, and what the
original lacks: figures of one width (``font-variant-numeric: tabular-nums``) and the signs that
stand beside colours. The same input and versions give the same bytes.
"""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from pathlib import Path

from fontTools.otlLib.builder import buildLookup, buildSingleSubstSubtable
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

FONTS = Path(__file__).parent.parent / "kpi_lib" / "report" / "fonts"
WEIGHTS = (400, 600)
VIETNAMESE = [*"ĂăĐđĨĩŨũƠơƯư₫", *map(chr, range(0x1EA0, 0x1EFA)), *"\u0300\u0301\u0303\u0309\u0323"]
LATIN = [*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x180))]
SIGNS = "–—‘’“”†‡•…‰‹›€−≈≠≤≥₂"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# In the original's units, 1000 to an em; lines go through these points, areas are bounded by them.
MIDDLE, TOP = 350, 700
LINES = {
    "→": [[(80, MIDDLE), (820, MIDDLE)], [(560, 610), (820, MIDDLE), (560, 90)]],
    "←": [[(820, MIDDLE), (80, MIDDLE)], [(340, 90), (80, MIDDLE), (340, 610)]],
    "↑": [[(450, -20), (450, TOP)], [(190, 440), (450, TOP), (710, 440)]],
    "↓": [[(450, TOP), (450, -20)], [(710, 240), (450, -20), (190, 240)]],
    "✓": [[(90, 330), (330, 90), (760, 620)]],
    "✗": [[(130, 60), (710, 640)], [(130, 640), (710, 60)]],
}
AREAS = {"▲": [(50, 20), (400, TOP), (750, 20)], "▼": [(50, 680), (750, 680), (400, 0)]}
ADVANCE = {"→": 900, "←": 900, "↑": 900, "↓": 900, "✓": 850, "✗": 840, "▲": 800, "▼": 800}

Point = tuple[float, float]


def main() -> None:
    """Write a woff2 file beside each TTF."""
    for weight in WEIGHTS:
        font = TTFont(FONTS / f"BeVietnamPro-{weight}.ttf", recalcTimestamp=False)
        add_signs(font)
        add_tabular_figures(font)
        options = Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "tnum"])
        subsetter = Subsetter(options)
        subsetter.populate(text="".join([*LATIN, *VIETNAMESE, *SIGNS, *ADVANCE]))
        subsetter.subset(font)
        font.flavor = "woff2"
        target = FONTS / f"BeVietnamPro-{weight}.woff2"
        font.save(target)
        print(f"{target.name}: {len(font.getBestCmap())} signs, {target.stat().st_size:,} bytes")


def add_signs(font: TTFont) -> None:
    """Draw signs that the original lacks, their lines as thick as its minus."""
    minus = font["glyf"][font.getBestCmap()[ord("−")]]
    thickness = minus.yMax - minus.yMin
    for sign, advance in ADVANCE.items():
        outlines = [_outline(line, thickness) for line in LINES.get(sign, [])]
        _add(font, f"uni{ord(sign):04X}", [*outlines, *filter(None, [AREAS.get(sign)])], advance)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(sign)] = f"uni{ord(sign):04X}"


def _add(font: TTFont, name: str, outlines: list[list[Point]], advance: int) -> None:
    pen = TTGlyphPen(None)
    for outline in outlines:
        first, *rest = [(round(x), round(y)) for x, y in outline]
        pen.moveTo(first)
        for point in rest:
            pen.lineTo(point)
        pen.closePath()
    glyph = pen.glyph()
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = glyph
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (advance, glyph.xMin)


def _outline(line: list[Point], thickness: float) -> list[Point]:
    """Outline of a line of some thickness, mitred where it bends."""
    there = _beside(line, thickness / 2)
    back = _beside(line[::-1], thickness / 2)
    return [*there, *back]


def _beside(line: list[Point], distance: float) -> list[Point]:
    """Points to the left of a line's points, at a distance from its segments."""
    normals = []
    for (x0, y0), (x1, y1) in pairwise(line):
        length = hypot(x1 - x0, y1 - y0)
        normals.append(((y0 - y1) / length, (x1 - x0) / length))
    points = []
    for i, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = normals[max(i - 1, 0)], normals[min(i, len(normals) - 1)]
        reach = distance / (1 + ax * bx + ay * by)
        points.append((x + reach * (ax + bx), y + reach * (ay + by)))
    return points


def add_tabular_figures(font: TTFont) -> None:
    """Add figures of one width, each in its middle; without kerning, since no pair names them."""
    glyphs, metrics = font["glyf"], font["hmtx"]
    width = round(sum(metrics[digit][0] for digit in DIGITS) / len(DIGITS) + 20)
    names = {digit: f"{digit}.tnum" for digit in DIGITS}
    for digit, name in names.items():
        pen = TTGlyphPen(glyphs)
        left = round((width - glyphs[digit].xMax - glyphs[digit].xMin) / 2)
        pen.addComponent(digit, (1, 0, 0, 1, left, 0))
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        glyphs[name] = pen.glyph()
        glyphs[name].recalcBounds(glyphs)
        metrics[name] = (width, glyphs[name].xMin)
    substitutions = font["GSUB"].table
    lookups = substitutions.LookupList
    lookups.Lookup.append(buildLookup([buildSingleSubstSubtable(names)]))
    lookups.LookupCount = len(lookups.Lookup)
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = "tnum", otTables.Feature()
    record.Feature.LookupListIndex = [lookups.LookupCount - 1]
    record.Feature.LookupCount, record.Feature.FeatureParams = 1, None
    features = substitutions.FeatureList.FeatureRecord
    features.append(record)
    for script in substitutions.ScriptList.ScriptRecord:
        languages = [each.LangSys for each in script.Script.LangSysRecord]
        for language in [script.Script.DefaultLangSys, *languages]:
            language.FeatureIndex.append(len(features) - 1)


if __name__ == "__main__":
    main()
