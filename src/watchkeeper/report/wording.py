"""Numbers, shares and names as a person reads them, the same in every rendering."""

from __future__ import annotations

import math
import unicodedata

NOTHING = "–"


def number(value: float | None, *, signed: bool = False) -> str:
    """Write a number with three significant digits, or all of an integer's up to a million.

    Examples
    --------
    >>> number(1234567.0), number(12.345), number(0.00123), number(None)
    ('1.23 M', '12.3', '0.00123', '–')
    >>> number(-4.0, signed=True)
    '−4'
    """
    if value is None or math.isnan(value):
        return NOTHING
    sign = "−" if value < 0 else ("+" if signed and value > 0 else "")
    size = abs(value)
    if math.isinf(size):
        return f"{sign}∞"
    for unit, limit in (("T", 1e12), ("G", 1e9), ("M", 1e6)):
        if size >= limit:
            return f"{sign}{size / limit:.3g} {unit}" if size < limit * 1e3 else f"{sign}{size:.2e}"
    if size >= 100:
        return f"{sign}{size:,.0f}"
    if 0 < size < 1e-4:
        return f"{sign}{size:.1e}"
    return f"{sign}{size:.3g}"


def ratio(value: float | None) -> str:
    """Write a share of 0 to 1 as a percentage.

    Examples
    --------
    >>> ratio(0.1234), ratio(0.0004), ratio(0.0), ratio(1.0)
    ('12 %', '<0.1 %', '0 %', '100 %')
    """
    if value is None or math.isnan(value):
        return NOTHING
    percent = 100 * value
    if 0 < percent < 0.1:
        return "<0.1 %"
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def name(text: str, *, longest: int = 60) -> str:
    """Make any column name or category safe to show on one line.

    Control characters become their picture (``␀``), the ones that reorder text are dropped, and
    what is longer than ``longest`` characters loses its middle.

    Examples
    --------
    >>> name("a" * 100, longest=9)
    'aaaa…aaaa'
    """
    if len(text) > longest:
        kept = longest - 1
        text = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
    return "".join(filter(None, map(_visible, text))) or "(empty)"


def _visible(character: str) -> str:
    point = ord(character)
    if point < 32:
        return chr(0x2400 + point)
    category = unicodedata.category(character)
    if category == "Cf" and character not in "\u200c\u200d":
        return ""
    return "�" if category in {"Cc", "Cs", "Zl", "Zp"} else character


def count(amount: int, noun: str) -> str:
    """Write an amount with its noun.

    Examples
    --------
    >>> count(1, "day"), count(1200, "row")
    ('1 day', '1,200 rows')
    """
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")
