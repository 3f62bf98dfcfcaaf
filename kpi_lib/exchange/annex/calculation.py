"""Calculations of points: 'share × 10 / 80%', '(100% - share) × maximum points'."""

from __future__ import annotations

import re

from kpi_lib.exchange.annex.wording import MINUS, NUMBER, WORDS, any_word, number
from kpi_lib.io.vocabulary import any_of

Line = tuple[float, float]
"""A number, and what the measured value is multiplied by."""

_TOKEN = re.compile(
    rf"(?P<number>{NUMBER})\s*(?P<percent>{any_word('percent')})?"
    rf"(?:\s*(?:{any_of(WORDS['point'])})(?!\s*[a-z]))?"
    rf"|(?P<times>[×*·⋅]|(?<![a-z])x(?![a-z])|{any_word('times')})"
    rf"|(?P<divided>[/÷]|{any_word('divided')})"
    rf"|(?P<sign>[{MINUS}+])"
    rf"|(?P<bracket>[()\[\]])|(?P<words>[a-z][a-z %]*?(?=\s*(?:[{MINUS}+×*·⋅/÷()\[\]\d]|$|\bx\b|"
    rf"{any_word('times', 'divided')})))"
)
_MAXIMUM = re.compile(any_word("maximum"))
_SHARE = re.compile(rf"{any_word('share')}.*")


def calculate(text: str, most: float | None) -> Line:
    """Work out a folded text; ``most`` is what 'maximum points' stands for.

    Raises ``ValueError``, ``IndexError`` or ``ZeroDivisionError`` where it is no calculation
    with the measured value at most once in a product.
    """
    return _Calculation(text, most).result()


class _Calculation:
    """Sums of products of numbers, the maximum and the value.

    ``sum = product {(+|-) product}``, ``product = factor {[×|/] factor}``,
    ``factor = number | words | "(" sum ")"``.
    """

    def __init__(self, text: str, most: float | None) -> None:
        self._most = most
        self._tokens: list[tuple[str, Line]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                if text[at].isspace():
                    at += 1
                    continue
                raise ValueError(text)
            self._tokens.append(self._token(found))
            at = found.end()
        self._at = 0

    def _token(self, found: re.Match[str]) -> tuple[str, Line]:
        if found["number"]:
            value = number(found["number"])
            return "value", (value / 100 if found["percent"] else value, 0.0)
        if found["words"]:
            words = found["words"].strip()
            if _MAXIMUM.fullmatch(words) and self._most is not None:
                return "value", (self._most, 0.0)
            if _SHARE.fullmatch(words):
                return "value", (0.0, 1.0)
            raise ValueError(words)
        if found["bracket"]:
            return "(" if found["bracket"] in "([" else ")", (0.0, 0.0)
        if found["sign"]:
            return "+" if found["sign"] == "+" else "-", (0.0, 0.0)
        return "/" if found["divided"] else "*", (0.0, 0.0)

    def result(self) -> Line:
        value = self._sum()
        if self._at != len(self._tokens):
            raise ValueError
        return value

    def _next(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _sum(self) -> Line:
        alone, factor = self._product()
        while (sign := self._next()) in ("+", "-"):
            self._at += 1
            other = self._product()
            way = 1 if sign == "+" else -1
            alone, factor = alone + way * other[0], factor + way * other[1]
        return alone, factor

    def _product(self) -> Line:
        alone, factor = self._factor()
        while (kind := self._next()) in ("*", "/", "(", "value"):
            if kind in "*/":
                self._at += 1
            other, of_it = self._factor()
            if of_it and (factor or kind == "/"):
                raise ValueError
            if kind == "/":
                alone, factor = alone / other, factor / other
            else:
                alone, factor = alone * other, factor * other + alone * of_it
        return alone, factor

    def _factor(self) -> Line:
        kind, value = self._tokens[self._at]
        self._at += 1
        if kind == "(":
            value = self._sum()
            if self._tokens[self._at][0] != ")":
                raise ValueError
            self._at += 1
        elif kind != "value":
            raise ValueError
        return value
