"""What a form says of an indicator: how it is calculated, what is possible, what to enter."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.worksheet.datavalidation import DataValidation

from kpi_lib.exchange.form.layout import AWARDS
from kpi_lib.framework.model import Framework, Indicator
from kpi_lib.locale.catalogue import Lang, tr, tr_in
from kpi_lib.locale.words import amount, in_language, word
from kpi_lib.methods.rules import words_of

# What Excel shows of a message beside a cell.
_LONGEST = 255


def calculation(indicator: Indicator, rule: Sequence[str], lang: Lang) -> str:
    """Give the definition, the formula with the names of its parts, and the rule, line by line."""
    lines = []
    if indicator.definition is not None:
        lines.append(in_language(indicator.definition, lang))
    formula = indicator.formula
    if formula is not None:
        lines.append(tr(lang, "Numerator: {text}.", text=in_language(formula.numerator, lang)))
        result = tr(lang, "numerator")
        if formula.denominator is not None:
            text = in_language(formula.denominator, lang)
            lines.append(tr(lang, "Denominator: {text}.", text=text))
            result += tr(lang, " / denominator")
        if formula.multiplier != 1:
            result = f"{amount(formula.multiplier, lang)} × {result}"
        lines.append(tr(lang, "Value = {result}.", result=result))
    if indicator.denominator is not None:
        divided = tr(lang, "For the score, divided by")
        lines.append(f"{divided}: {indicator.denominator}.")
    if rule:
        lines += [tr(lang, "How points are given:"), *rule]
    if indicator.frequency is not None:
        lines.append(f"{word('frequency', lang)}: {word(indicator.frequency, lang)}.")
    return "\n".join(lines)


def possible(indicator: Indicator, lang: Lang) -> str:
    """Write the values that are possible: ``0 – 100``, ``≥ 0``, or nothing."""
    low, high = indicator.valid or (None, None)
    if low is not None and high is not None:
        return f"{amount(low, lang)} – {amount(high, lang)}"
    if low is not None:
        return f"≥ {amount(low, lang)}"
    return f"≤ {amount(high, lang)}" if high is not None else ""


def entry_check(
    framework: Framework, indicator: Indicator | None, key: str, lang: Lang
) -> DataValidation:
    """Make the check and the hint of the cells of an indicator: value, its parts, points."""
    if indicator is not None and key in AWARDS:
        return _points_check(framework.points_of(indicator), lang)
    words = () if indicator is None else _words(framework, indicator)
    if words and key == "value":
        return _words_check((*words, tr(lang, "not applicable")), lang)
    low, high = (None, None)
    hint = ""
    if indicator is not None and key == "value":
        low, high = indicator.valid or (None, None)
        hint = in_language(indicator.unit, lang)
        if indicator.formula is not None:
            hint = tr(lang, "Leave it empty where numerator and denominator are given.")
    elif indicator is not None and indicator.formula is not None:
        text = indicator.formula.numerator if key == "numerator" else indicator.formula.denominator
        hint = in_language(text, lang)
    check = DataValidation(type="decimal", allow_blank=True)
    if key == "value":
        check.errorStyle = "warning"  # "not applicable" may be entered all the same
    expected = ""
    if key == "denominator":
        check.operator, check.formula1 = "notEqual", "0"
        expected = tr(lang, " other than 0")
    elif low is not None and high is not None:
        check.operator, check.formula1, check.formula2 = "between", f"{low}", f"{high}"
    elif low is not None:
        check.operator, check.formula1 = "greaterThanOrEqual", f"{low}"
    elif high is not None:
        check.operator, check.formula1 = "lessThanOrEqual", f"{high}"
    else:
        check.operator, check.formula1, check.formula2 = "between", "-1E+300", "1E+300"
    if indicator is not None and key == "value" and indicator.valid:
        expected = f": {possible(indicator, lang)} {in_language(indicator.unit, lang)}".rstrip()
    check.errorTitle = tr(lang, "Not possible")
    check.error = tr(lang, "Enter a number{expected}.", expected=expected)[:_LONGEST]
    check.showErrorMessage = True
    if hint:
        check.prompt = hint if len(hint) <= _LONGEST else hint[: _LONGEST - 1] + "…"
        check.showInputMessage = True
    return check


def _words(framework: Framework, indicator: Indicator) -> tuple[str, ...]:
    """The words that are values of an indicator; none where its values are numbers."""
    method = framework.normalisation_of(indicator)
    return tuple(text for text, _ in words_of(method)) if method.name == "categories" else ()


def _words_check(words: Sequence[str], lang: Lang) -> DataValidation:
    """Offer the words that are possible; a list that Excel cannot hold is only a hint."""
    listed = ",".join(words)
    check = DataValidation(type="textLength", operator="greaterThan", formula1="0")
    if len(listed) < _LONGEST and not any(char in text for text in words for char in ',"'):
        check = DataValidation(type="list", formula1=f'"{listed}"')
    check.allow_blank = True
    check.errorTitle = tr(lang, "Not possible")
    check.error = tr_in(lang, "form", "Choose from the list.")
    check.showErrorMessage = True
    hint = "; ".join(words)
    check.prompt = hint if len(hint) <= _LONGEST else hint[: _LONGEST - 1] + "…"
    check.showInputMessage = True
    return check


def _points_check(limits: tuple[float, float], lang: Lang) -> DataValidation:
    """Take points from the least to the most that an indicator earns."""
    low, high = limits
    said = f": {amount(low, lang)} – {amount(high, lang)}"
    check = DataValidation(type="decimal", operator="between", allow_blank=True)
    check.formula1, check.formula2 = f"{low:.12g}", f"{high:.12g}"
    check.errorTitle = tr(lang, "Not possible")
    check.error = tr(lang, "Enter a number{expected}.", expected=said)
    check.showErrorMessage = True
    return check
