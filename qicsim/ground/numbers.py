"""How numbers are written for readers: one place for rounding, thousands, signs, percentages, money and plurals.

    number, signed    a fixed count of digits after the point, thousands parted by commas; differences with their sign
    percent           shares as percentages
    brief             three digits that count, for effects and for US$ a unit
    fine              two digits after the point, more where the number is small: effects of studies, with their error
    millions, money   US$: in tables, and in running text
    adding            parts rounded so that they add up as printed

A negative number has a typographic minus, zero has no sign, and what has no value is a dash. Words, and the digits of
other languages, are the business of `qicsim.report.language`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

NONE = "–"
MINUS = "−"
MILLION = 1e6
UNSEEN = 0.05
"""Millions of US$ that one digit after the point would write as nothing."""
LARGE, SMALL, MOST_PLACES = 100.0, 0.1, 6


def number(value: float, digits: int = 0) -> str:
    """A number with thousands parted by commas; a dash where there is none."""
    if not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text


def with_sign(written: str) -> str:
    """A written number as a difference: a plus unless it has a minus, is zero, or is none."""
    return written if written == NONE or written.startswith(MINUS) or not written.strip("0.,") else f"+{written}"


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign; zero has none."""
    return with_sign(number(value, digits))


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage, its sign held by a no-break space."""
    return NONE if not math.isfinite(share) else f"{number(100.0 * share, digits)}\u00a0%"


def brief(value: float, *, sign: bool = False) -> str:
    """A number with three digits that count; at most two of them after the point."""
    shown = three_digits(value) if math.isfinite(value) else value
    written = number(shown, decimals(shown))
    return with_sign(written) if sign else written


def fine(value: float, *, sign: bool = False) -> str:
    """A number with two digits after the point; one where it is large, more where it is small."""
    size = abs(value)
    small = 0 if size == 0.0 or not math.isfinite(size) else -math.floor(math.log10(size)) + (size < SMALL)
    written = number(value, 1 if size >= LARGE else min(max(2, small), MOST_PLACES))
    return with_sign(written) if sign else written


def millions(usd: float, *, sign: bool = False) -> str:
    """US$ as millions with one digit after the point; more digits where it would read as nothing, and 0 for nothing."""
    amount = usd / MILLION
    if amount == 0.0:
        return "0"
    unseen = math.isfinite(amount) and abs(amount) < UNSEEN
    written = number(amount, min(math.ceil(-math.log10(abs(amount))), MOST_PLACES) if unseen else 1)
    return with_sign(written) if sign else written


def money(usd: float) -> tuple[str, bool]:
    """US$ for running text: the amount, and whether it is in millions (one digit after the point, as in tables).

    Below one million three digits count.
    """
    rounded = three_digits(usd)
    return (millions(usd), True) if abs(rounded) >= MILLION else (number(rounded), False)


def three_digits(value: float) -> float:
    """A number rounded to three digits that count."""
    return float(f"{value:.3g}")


def decimals(value: float, most: int = 2) -> int:
    """How many digits after the point show three digits that count, at most so many."""
    size = abs(value)
    if not size or not math.isfinite(size):
        return 0
    return min(max(3 - (len(f"{int(size)}") if size >= 1.0 else 0), 0), most)


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun, in English."""
    return f"{count:,} {one if count == 1 else many}"


def adding(parts: Sequence[float], digits: int = 1) -> list[float]:
    """The parts rounded so that they add up to their rounded sum: units go to the largest remainders (Hamilton)."""
    if not all(map(math.isfinite, parts)):
        return list(parts)
    unit = 10.0**-digits
    scaled = [part / unit for part in parts]
    found = [math.floor(part) for part in scaled]
    missing = round(sum(scaled)) - sum(found)
    for at in sorted(range(len(parts)), key=lambda at: found[at] - scaled[at])[:missing]:
        found[at] += 1
    return [round(part * unit, digits) for part in found]
