"""Score cities with a framework of indicators and report the result.

>>> import kpi_lib as kpi
>>> framework = kpi.load_framework("vn-smart-city@1.0")
>>> observations = kpi.read_observations("data/processed/demo", framework)
>>> kpi.score(observations, framework).table("TOTAL", period=2025)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpi_lib.errors import InputError, Problem
from kpi_lib.framework import Framework, Group, Indicator, Method, Missing
from kpi_lib.framework_file import bundled_frameworks, load_framework
from kpi_lib.observations import Observations, read_observations
from kpi_lib.paths import find
from kpi_lib.processed import scoreboard
from kpi_lib.readiness import readiness
from kpi_lib.score import Scoreboard, score
from kpi_lib.what_if import leverage, priorities, what_if

if TYPE_CHECKING:
    from kpi_lib.city import CityReport, city_report
    from kpi_lib.data_weights import weigh
    from kpi_lib.elicited import ahp, budget
    from kpi_lib.levels import assess
    from kpi_lib.mergers import merge_places
    from kpi_lib.national import national_board
    from kpi_lib.page import Drawing, Fragment
    from kpi_lib.progress import track
    from kpi_lib.review import framework_review
    from kpi_lib.revision import split
    from kpi_lib.robustness import rank_interval, rank_uncertainty
    from kpi_lib.saved import write_observations
    from kpi_lib.scheme import bundled_schemes, load_scheme
    from kpi_lib.versions import diff
    from kpi_lib.weights import read_weights

# The modules of names that are imported when they are first used: what draws or optimises takes
# longer to import than most commands to run. No name here may be that of a module.
_LATER = {
    "CityReport": "city",
    "Drawing": "page",
    "Fragment": "page",
    "ahp": "elicited",
    "assess": "levels",
    "budget": "elicited",
    "bundled_schemes": "scheme",
    "city_report": "city",
    "diff": "versions",
    "framework_review": "review",
    "load_scheme": "scheme",
    "merge_places": "mergers",
    "national_board": "national",
    "rank_interval": "robustness",
    "rank_uncertainty": "robustness",
    "read_weights": "weights",
    "split": "revision",
    "track": "progress",
    "weigh": "data_weights",
    "write_observations": "saved",
}

__version__ = "0.1.0"

__all__ = [
    "CityReport",
    "Drawing",
    "Fragment",
    "Framework",
    "Group",
    "Indicator",
    "InputError",
    "Method",
    "Missing",
    "Observations",
    "Problem",
    "Scoreboard",
    "ahp",
    "assess",
    "budget",
    "bundled_frameworks",
    "bundled_schemes",
    "city_report",
    "diff",
    "find",
    "framework_review",
    "leverage",
    "load_framework",
    "load_scheme",
    "merge_places",
    "national_board",
    "priorities",
    "rank_interval",
    "rank_uncertainty",
    "read_observations",
    "read_weights",
    "readiness",
    "score",
    "scoreboard",
    "split",
    "track",
    "weigh",
    "what_if",
    "write_observations",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for the first time."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"kpi_lib.{_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
