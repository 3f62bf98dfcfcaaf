"""Sphinx's settings. `make docs` builds the pages; nothing in them asks for anything elsewhere."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from pygments.lexers.special import TextLexer  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

from kpi_lib import __version__  # noqa: E402

# What the tutorials run: the command beside this Python, in English, with scores of its own.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["PYTHONPATH"] = str(HERE.parent)
os.environ.update(KPI_LANG="en", COLUMNS="100", JUPYTER_PREFER_ENV_PATH="1")
os.environ.setdefault("KPI_CACHE", tempfile.mkdtemp(prefix="kpi-docs-"))

project = "Smart City KPI Workbook"
author = project
version = release = __version__
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "mathml", "generated"]
exclude_patterns = ["_build", "_ext", "words"]
nitpicky = False

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_math_renderer = "mathml"
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "executed")
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_render_markdown_format = "myst"

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False


def setup(app: Sphinx) -> None:
    """Show CSV as it stands, which Pygments does not know."""
    app.add_lexer("csv", TextLexer)
