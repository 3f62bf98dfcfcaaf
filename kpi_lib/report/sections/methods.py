"""Methods in words: what a report says of how values were treated, scored and merged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kpi_lib.exchange.form.rule_words import in_one_line, rule_words
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.catalogue import Lang, mark, tr, tr_in
from kpi_lib.locale.words import amount, in_language, listed, percent, quantity, word
from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE
from kpi_lib.methods.registry import Method
from kpi_lib.scoring.scoreboard import Scoreboard

_IMPUTE: Mapping[str, str] = {
    "mean": mark("the mean of all"),
    "median": mark("the median of all"),
    "group_mean": mark("the mean of its group"),
    "group_median": mark("the median of its group"),
    "linear": mark("the line between two periods"),
    "forward": mark("the value of an earlier period"),
    "regression": mark("a regression on the closest indicators"),
}
_CURVES: Mapping[str, str] = {
    "log": mark("logarithm"),
    "boxcox": mark("the Box–Cox transformation"),
}


def normalisation(method: Method, lang: Lang) -> str:
    """Say how a value becomes a score."""
    text = tr(lang, NORMALISE[method.name].title)
    if method.parameters.get("across") == "panel":
        text += tr(lang, ", over all periods")
    elif NORMALISE[method.name].relative:
        text += tr(lang, ", within each period")
    if method.parameters.get("scale") == "log":
        text += tr(lang, ", on a log scale")
    if "city" in method.parameters:
        text += f" ({method.parameters['city']})"
    return text + _numbers(method, lang)


def relative_said(framework: Framework, lang: Lang) -> str:
    """Say that scores compare within each period, where those of any indicator do; else ""."""
    methods = framework.normalisations
    if not any(NORMALISE[m.name].relative and "across" not in m.parameters for m in methods):
        return ""
    return tr(
        lang,
        "Scores compare with the others of the same period: a lower one need not mean worse "
        "values.",
    )


def rule(framework: Framework, indicator: Indicator, lang: Lang) -> str:
    """Say how the values of one indicator become scores, with its own bounds."""
    lines = rule_words(framework, indicator, lang)
    if lines:
        return in_one_line(lines)
    method = framework.normalisation_of(indicator)
    text = normalisation(method, lang)
    if indicator.goalposts and NORMALISE[method.name].needs == "goalposts":
        unit = in_language(indicator.unit, lang)
        low, high = (quantity(end, unit, lang) for end in indicator.goalposts)
        ends = (low, high) if indicator.direction == "higher" else (high, low)
        said = tr(lang, "worst {worst}, best {best}", worst=ends[0], best=ends[1])
        return f"{text}: {said}"
    return text


def aggregation(method: Method, lang: Lang) -> str:
    """Say how scores become the score of a group."""
    return tr(lang, AGGREGATE[method.name].title) + _numbers(method, lang)


def own_methods(board: Scoreboard, lang: Lang) -> str:
    """Sentence on the methods that were put in place of the framework's, or ""."""
    plain, own = board.issued or board.framework, board.framework
    pairs = [
        (normalisation(plain.normalise, lang), normalisation(own.normalise, lang)),
        (aggregation(plain.aggregate, lang), aggregation(own.aggregate, lang)),
        (word(plain.missing.policy, lang), word(own.missing.policy, lang)),
    ]
    which = [
        tr(lang, "{method} (framework: {plain})", method=chosen, plain=issued)
        for issued, chosen in pairs
        if issued != chosen
    ]
    if not which:
        return ""
    return tr(
        lang,
        "Scored with methods other than the framework's: {which}.",
        which="; ".join(which),
    )


def step(method: Method, lang: Lang) -> str:
    """Say in a sentence what a step of a treatment does."""
    told = method.parameters
    which: Any = told.get("indicators", ())
    codes = [which] if isinstance(which, str) else [str(code) for code in which]
    only = f" ({listed(codes, lang)})" if codes else ""
    if method.name == "impute":
        by = tr(lang, _IMPUTE[str(told["by"])])
        return tr(lang, "Missing values are replaced by {by}{only}.", by=by, only=only)
    if method.name == "screen":
        return _screening(told, only, lang)
    if method.name == "winsorise":
        text = tr(
            lang,
            "Far values are drawn in to the next one, at most {points} of an indicator{only}",
            points=_told(told, "points", 5, lang),
            only=only,
        )
        otherwise = str(told.get("otherwise", "log"))
        if otherwise in _CURVES:
            curve = tr(lang, _CURVES[otherwise])
            text += tr(lang, "; failing that, {curve}", curve=curve)
        return text + "."
    curve = tr(lang, _CURVES[method.name])
    when = "" if told.get("always") else tr(lang, " with far values")
    return tr(
        lang,
        "Indicators{when} are transformed by {curve}{only}.",
        when=when,
        curve=curve,
        only=only,
    )


def _screening(told: Mapping[str, Any], only: str, lang: Lang) -> str:
    parts = []
    if told.get("min_available"):
        least = percent(float(told["min_available"]), lang)
        parts.append(tr(lang, "at least {least} of the values", least=least))
    if told.get("min_nonzero"):
        least = percent(float(told["min_nonzero"]), lang)
        parts.append(tr(lang, "at least {least} of the values not zero", least=least))
    if not parts:
        return tr(lang, "None is left out.")
    return tr(
        lang, "Only those with {parts}{only} are scored.", parts=listed(parts, lang), only=only
    )


def _told(told: Mapping[str, Any], key: str, default: float, lang: Lang) -> str:
    return amount(float(told.get(key, default)), lang)


def _parameter(key: str, lang: Lang) -> str:
    """Name a parameter of a method; one of somebody's own method has the name in its code."""
    return {
        "low": tr_in(lang, "parameter", "low"),
        "high": tr_in(lang, "parameter", "high"),
        "target": tr_in(lang, "parameter", "target"),
        "scale": tr_in(lang, "parameter", "scale"),
        "mean": tr_in(lang, "parameter", "mean"),
        "sd": tr_in(lang, "parameter", "standard deviation"),
        "penalty": tr_in(lang, "parameter", "penalty"),
    }.get(key, key)


def _numbers(method: Method, lang: Lang) -> str:
    """The parameters of a method that are numbers, in brackets."""
    said = [
        f"{_parameter(key, lang)} = {'∞' if value == math.inf else amount(float(value), lang)}"
        for key, value in method.parameters.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return f" ({listed(said, lang)})" if said else ""
