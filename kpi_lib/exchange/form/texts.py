"""What a form says of an indicator: how it is calculated, what is possible, what to enter."""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation

from kpi_lib.framework.model import Indicator
from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import amount, in_language, word

# What Excel shows of a message beside a cell.
_LONGEST = 255


def calculation(indicator: Indicator, lang: Lang) -> str:
    """Give the definition, and the formula with the names of its parts, line by line."""
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


def entry_check(indicator: Indicator | None, key: str, lang: Lang) -> DataValidation:
    """Make the check and the hint of the cells of an indicator: value, numerator, denominator."""
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
