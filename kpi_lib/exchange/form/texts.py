"""What a form says of an indicator: how it is calculated, what is possible, what to enter."""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation

from kpi_lib.framework.model import Indicator
from kpi_lib.locale.words import Lang, amount, say, word

# What Excel shows of a message beside a cell.
_LONGEST = 255


def calculation(indicator: Indicator, lang: Lang) -> str:
    """Give the definition, and the formula with the names of its parts, line by line."""
    lines = []
    if indicator.definition is not None:
        lines.append(indicator.definition[lang])
    formula = indicator.formula
    if formula is not None:
        lines.append(f"{say(lang, 'Tử số', 'Numerator')}: {formula.numerator[lang]}.")
        result = say(lang, "tử số", "numerator")
        if formula.denominator is not None:
            lines.append(f"{say(lang, 'Mẫu số', 'Denominator')}: {formula.denominator[lang]}.")
            result += say(lang, " / mẫu số", " / denominator")
        if formula.multiplier != 1:
            result = f"{amount(formula.multiplier, lang)} × {result}"
        lines.append(f"{say(lang, 'Giá trị', 'Value')} = {result}.")
    if indicator.denominator is not None:
        divided = say(lang, "Khi tính điểm, giá trị được chia cho", "For the score, divided by")
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
        hint = indicator.unit[lang]
        if indicator.formula is not None:
            hint = say(
                lang,
                "Để trống nếu đã điền tử số và mẫu số.",
                "Leave it empty where numerator and denominator are given.",
            )
    elif indicator is not None and indicator.formula is not None:
        text = indicator.formula.numerator if key == "numerator" else indicator.formula.denominator
        hint = "" if text is None else text[lang]
    check = DataValidation(type="decimal", allow_blank=True)
    expected = ""
    if key == "denominator":
        check.operator, check.formula1 = "notEqual", "0"
        expected = say(lang, " khác 0", " other than 0")
    elif low is not None and high is not None:
        check.operator, check.formula1, check.formula2 = "between", f"{low}", f"{high}"
    elif low is not None:
        check.operator, check.formula1 = "greaterThanOrEqual", f"{low}"
    elif high is not None:
        check.operator, check.formula1 = "lessThanOrEqual", f"{high}"
    else:
        check.operator, check.formula1, check.formula2 = "between", "-1E+300", "1E+300"
    if indicator is not None and key == "value" and indicator.valid:
        expected = f": {possible(indicator, lang)} {indicator.unit[lang]}".rstrip()
    check.errorTitle = say(lang, "Không hợp lệ", "Not possible")
    check.error = say(lang, f"Cần một con số{expected}.", f"Enter a number{expected}.")[:_LONGEST]
    check.showErrorMessage = True
    if hint:
        check.prompt = hint if len(hint) <= _LONGEST else hint[: _LONGEST - 1] + "…"
        check.showInputMessage = True
    return check
