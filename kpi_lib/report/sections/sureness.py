"""How sure a rank is: how far it depends on the weights."""

from __future__ import annotations

from kpi_lib.analysis.robustness.words import drawn
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import number, percent
from kpi_lib.report.page.sentences import Named, Sentence, said, together
from kpi_lib.report.view.city import CityView


def sureness(view: CityView) -> Sentence | None:
    """Sentences on how far the rank depends on the weights."""
    if view.interval is None:
        return None
    low, high, same = view.interval
    if what := drawn(view.board, view.lang):
        return said(
            view.lang,
            "In 90% of draws the rank lies between {low} and {high}, and it stays as it is in "
            "{share}. What is drawn: {what}",
            low=Named(str(low), low, "rank low"),
            high=Named(str(high), high, "rank high"),
            share=Named(percent(same, view.lang), same, "rank stays"),
            what=what,
        )
    if view.weight_ratios is None:
        return said(
            view.lang,
            "The rank does not depend on the weights: no group has two parts with weight.",
        )
    least, most = (
        Named(number(ratio, view.lang, 2), ratio, "weight ratio") for ratio in view.weight_ratios
    )
    effect = said(
        view.lang,
        "Effective weights (shares of all weight: products of the weights above an indicator) then "
        "run from {least} to {most} times their own.",
        least=least,
        most=most,
    )
    if same == 1:
        depends = said(
            view.lang,
            "The rank hardly depends on the weights: it is the same in every draw when each "
            "weight varies by up to ±25% relative to its siblings.",
        )
    elif low == high:
        depends = said(
            view.lang,
            "The rank hardly depends on the weights: it is the same in at least 90% of draws "
            "when each weight varies by up to ±25% relative to its siblings.",
        )
    else:
        depends = said(
            view.lang,
            "The rank depends {much} on the weights: when each weight varies by up to ±25% "
            "relative to its siblings, it lies between {low} and {high} in 90% of draws and "
            "stays as it is in {share}.",
            much=much(same, view.lang),
            low=Named(str(low), low, "rank low"),
            high=Named(str(high), high, "rank high"),
            share=Named(percent(same, view.lang), same, "rank stays"),
        )
    return together([depends, effect])


def much(same: float, lang: Lang) -> str:
    """Say how much a rank depends on what is drawn; it stays in a share (0–1) of the draws."""
    if same >= 0.75:
        return tr(lang, "little")
    return tr(lang, "somewhat") if same >= 0.4 else tr(lang, "strongly")
