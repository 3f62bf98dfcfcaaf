"""Score cities with a framework of indicators and report the result.

>>> import kpi_lib as kpi
>>> framework = kpi.load_framework("vn-smart-city@1.0")
>>> observations = kpi.read_observations("data/processed/demo", framework)
>>> kpi.score(observations, framework).table("TOTAL", period=2025)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpi_lib import datasets
    from kpi_lib.analysis.changes import like_for_like
    from kpi_lib.analysis.data_weights import weigh
    from kpi_lib.analysis.elicited import ahp, budget
    from kpi_lib.analysis.inverse.questions import lead_region, overtake, reach_rank
    from kpi_lib.analysis.levels import assess
    from kpi_lib.analysis.peers import Peers, peers
    from kpi_lib.analysis.readiness import readiness
    from kpi_lib.analysis.revision import split
    from kpi_lib.analysis.robustness.ranks import rank_interval, rank_uncertainty
    from kpi_lib.analysis.targets import track
    from kpi_lib.analysis.what_if import leverage, next_bounds, priorities, what_if
    from kpi_lib.errors import InputError, Problem
    from kpi_lib.exchange.files import read_observations
    from kpi_lib.framework.diff import diff
    from kpi_lib.framework.load import bundled_frameworks, load_framework
    from kpi_lib.framework.model import Framework, Group, Indicator, Missing
    from kpi_lib.framework.schemes import bundled_schemes, load_scheme
    from kpi_lib.io.paths import find
    from kpi_lib.methods.registry import Method, aggregation, normalisation
    from kpi_lib.observations.merge import merge_places
    from kpi_lib.observations.read import Observations
    from kpi_lib.observations.write import write_observations
    from kpi_lib.report.city import CityReport, city_report
    from kpi_lib.report.page.html import Drawing, Fragment
    from kpi_lib.report.page.theme import COLOURS, chart_style
    from kpi_lib.report.review import framework_review
    from kpi_lib.scoring.cache import scoreboard
    from kpi_lib.scoring.national import national_board
    from kpi_lib.scoring.score import score
    from kpi_lib.scoring.scoreboard import Scoreboard
    from kpi_lib.scoring.weights import read_weights

# The modules of names, which are imported when they are first used: much of it takes longer to
# import than most commands to run. No name here may be that of a module.
_MODULES = {
    "COLOURS": "report.page.theme",
    "CityReport": "report.city",
    "Drawing": "report.page.html",
    "Fragment": "report.page.html",
    "Framework": "framework.model",
    "Group": "framework.model",
    "Indicator": "framework.model",
    "InputError": "errors",
    "Method": "methods.registry",
    "Missing": "framework.model",
    "Observations": "observations.read",
    "Peers": "analysis.peers",
    "Problem": "errors",
    "Scoreboard": "scoring.scoreboard",
    "aggregation": "methods.registry",
    "ahp": "analysis.elicited",
    "assess": "analysis.levels",
    "budget": "analysis.elicited",
    "bundled_frameworks": "framework.load",
    "bundled_schemes": "framework.schemes",
    "chart_style": "report.page.theme",
    "city_report": "report.city",
    "diff": "framework.diff",
    "find": "io.paths",
    "framework_review": "report.review",
    "lead_region": "analysis.inverse.questions",
    "leverage": "analysis.what_if",
    "like_for_like": "analysis.changes",
    "load_framework": "framework.load",
    "load_scheme": "framework.schemes",
    "merge_places": "observations.merge",
    "national_board": "scoring.national",
    "next_bounds": "analysis.what_if",
    "normalisation": "methods.registry",
    "overtake": "analysis.inverse.questions",
    "peers": "analysis.peers",
    "priorities": "analysis.what_if",
    "rank_interval": "analysis.robustness.ranks",
    "rank_uncertainty": "analysis.robustness.ranks",
    "reach_rank": "analysis.inverse.questions",
    "read_observations": "exchange.files",
    "read_weights": "scoring.weights",
    "readiness": "analysis.readiness",
    "score": "scoring.score",
    "scoreboard": "scoring.cache",
    "split": "analysis.revision",
    "track": "analysis.targets",
    "weigh": "analysis.data_weights",
    "what_if": "analysis.what_if",
    "write_observations": "observations.write",
}

__version__ = "0.1.0"

__all__ = [
    "COLOURS",
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
    "Peers",
    "Problem",
    "Scoreboard",
    "aggregation",
    "ahp",
    "assess",
    "budget",
    "bundled_frameworks",
    "bundled_schemes",
    "chart_style",
    "city_report",
    "datasets",
    "diff",
    "find",
    "framework_review",
    "lead_region",
    "leverage",
    "like_for_like",
    "load_framework",
    "load_scheme",
    "merge_places",
    "national_board",
    "next_bounds",
    "normalisation",
    "overtake",
    "peers",
    "priorities",
    "rank_interval",
    "rank_uncertainty",
    "reach_rank",
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
    if name == "datasets":
        return import_module("kpi_lib.datasets")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"kpi_lib.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *_MODULES, "datasets"]
