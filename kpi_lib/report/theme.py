"""The look of pages and charts: colours, the typeface, and matplotlib set to both."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib import resources
from pathlib import Path

FAMILY = "Be Vietnam Pro"
WEIGHTS = (400, 600)
FONTS = Path(str(resources.files("kpi_lib"))) / "report" / "fonts"


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
