"""Checks of single values: each returns the value, or None after it has noted what is wrong.

Nothing here raises: the faults of a file are gathered and reported together.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Collection
from datetime import date, time
from typing import Any

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_month, parse_month
from qicsim.ground.declare import Lever, Parameter
from qicsim.ground.errors import Faults, repeated
from qicsim.inputs.country.record import EARLIEST, LATEST

Value = float | tuple[str, ...]
"""What a file says of a lever: a number as it is stored, or names of care areas, whose file is read later."""
LONGEST_TEXT = 4000
JOINERS = "\u200b\u200c\u200d"
"""Khmer text sets them between words and letters; they take no room and change no direction."""
_SHOWN = 60
_WIDEST_ESCAPE = 0xFFFF
_BEYOND_REPR = 10**18
_DAYS_PER_MONTH = 30
_HUNDRED = 100
_YEARS = range(1000, 10_000)
_QUARTER = re.compile(r"(\d{4})[- ]?[qQ]([1-4])")
_SHORT_MONTH = re.compile(r"(\d{4})-([1-9])")
_DAY = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))-\d{2}")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")
_PERIODS = {"1/month": "a month", "1/quarter": "a quarter", "1/year": "a year"}


# ------------------------------------------------------------------------------------------------------------ words


def show(value: Any) -> str:
    """A value as the file would write it, short enough for a message."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, date | time):
        return f"the date {value.isoformat()}"
    # Python refuses to print integers of thousands of digits, which TOML can hold in hexadecimal.
    if isinstance(value, int) and abs(value) >= _BEYOND_REPR:
        return "a number of more than 18 digits"
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | int) else repr(value)
    shown = "".join(letter if letter.isprintable() or letter in JOINERS else _escaped(letter)
                    for letter in shown[:_SHOWN + 1])
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _escaped(letter: str) -> str:
    """A letter that a terminal would obey rather than show, as its number."""
    return f"\\u{ord(letter):04x}" if ord(letter) <= _WIDEST_ESCAPE else f"\\U{ord(letter):08x}"


def is_flag(lever: Lever) -> bool:
    """Whether the lever is either on or off."""
    return lever.whole and (lever.low, lever.high) == (0, 1)


def allowed_values(lever: Lever) -> str:
    """The values of a lever in words."""
    return "true or false (1 or 0)" if is_flag(lever) else lever.allowed.removesuffix(" share")


def texts(faults: Faults, place: str, values: Any) -> tuple[str, ...]:
    """A list of different texts."""
    if not isinstance(values, list):
        name = place.rsplit(maxsplit=1)[-1]
        faults.add(place, f"{show(values)} is not a list", hint=f'Write {name} = ["...", "..."]')
        return ()
    said = [text(faults, f"{place}, item {position}", value) for position, value in enumerate(values, start=1)]
    for twice in repeated(value for value in said if value is not None):
        faults.add(place, f"{show(twice)} stands there twice")
    return tuple(value for value in said if value is not None)


def text(faults: Faults, place: str, value: Any) -> str | None:
    """A text with something in it."""
    if not isinstance(value, str):
        faults.add(place, f"{show(value)} is not a text", hint="Write it in quotes")
        return None
    if not value.strip():
        faults.add(place, "the text is empty")
        return None
    if len(value) > LONGEST_TEXT:
        faults.add(place, f"the text has {len(value)} characters", allowed=f"at most {LONGEST_TEXT}")
        return None
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\r\n\t" for letter in value):
        faults.add(place, f"{show(value)} holds a character that cannot be printed")
        return None
    return value


def one_of(faults: Faults, place: str, value: Any, allowed: Collection[str]) -> str | None:
    """A word from a list."""
    if isinstance(value, str) and value in allowed:
        return value
    hint = faults.nearest(value, allowed) if isinstance(value, str) else "Choices are written as words, in quotes"
    faults.add(place, f"{show(value)} is not a choice", allowed=", ".join(allowed), hint=hint)
    return None


# ----------------------------------------------------------------------------------------------------------- months


def month(faults: Faults, place: str, value: Any) -> int | None:
    """Number of a month written as the text `YYYY-MM`, within the years that can be simulated."""
    if not isinstance(value, str):
        faults.add(place, f"{show(value)} is not a month", 'months written like "2027-01"', _month_hint(value))
        return None
    try:
        number = parse_month(value)
    except ValueError:
        faults.add(place, f"{show(value)} is not a month", 'months written like "2027-01"', _month_hint(value))
        return None
    if not EARLIEST <= number <= LATEST:
        years = f"{format_month(EARLIEST)} to {format_month(LATEST)}"
        faults.add(place, f"{show(value)} is outside the years that can be simulated", allowed=years)
        return None
    return number


def _month_hint(value: Any) -> str:
    """What the writer of something that is not a month may have meant."""
    if isinstance(value, date):
        return f'Did you mean "{value:%Y-%m}", in quotes?'
    if isinstance(value, int) and not isinstance(value, bool) and value in _YEARS:
        return f'A year starts in January: did you mean "{value}-01", in quotes?'
    if not isinstance(value, str):
        return "Write it as a text, in quotes"
    if match := _QUARTER.fullmatch(value):
        first = (int(match[2]) - 1) * MONTHS_PER_QUARTER + 1
        return f'A quarter is written by its first month: did you mean "{match[1]}-{first:02d}"?'
    if match := _SHORT_MONTH.fullmatch(value):
        return f'Did you mean "{match[1]}-0{match[2]}"?'
    if match := _DAY.fullmatch(value):
        return f'Scenarios move by months: did you mean "{match[1]}"?'
    return "The months of a year run from 01 to 12"


# ---------------------------------------------------------------------------------------------------------- numbers


def number(faults: Faults, place: str, value: Any, allowed: str) -> int | float | None:
    """A finite number that is no text and no yes-or-no."""
    if isinstance(value, str):
        faults.add(place, f"{show(value)} is a text, not a number", allowed, _quoted_number_hint(value))
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.add(place, f"{show(value)} is not a number", allowed)
        return None
    if isinstance(value, float) and not math.isfinite(value):
        faults.add(place, f"{show(value)} is not a finite number", allowed)
        return None
    return value


def _quoted_number_hint(value: str) -> str:
    if match := _PERCENT.fullmatch(value.strip()):
        return f"{match[1]} % is written {float(match[1]) / _HUNDRED:g}, without quotes"
    try:
        float(value)
    except ValueError:
        return ""
    return "Write the number without quotes"


def amount(faults: Faults, place: str, value: Any, within: tuple[float, float], unit: str) -> float | None:
    """An amount of money within bounds."""
    low, high = within
    allowed = f"{low:,.0f} to {high:,.0f} {unit}"
    found = number(faults, place, value, allowed)
    if found is not None and not low <= found <= high:
        faults.add(place, f"{show(value)} is out of range", allowed)
        return None
    return None if found is None else float(found)


def parameter_value(faults: Faults, place: str, value: Any, parameter: Parameter) -> float | None:
    """A value of a parameter within its declared bounds."""
    unit = "" if parameter.unit in ("", "1", "share") else f" {parameter.unit}"
    allowed = f"{parameter.low:g} to {parameter.high:g}{unit}"
    found = number(faults, place, value, allowed)
    if found is None:
        return None
    return _within(faults, place, found, parameter, allowed)


def lever_value(faults: Faults, place: str, value: Any, lever: Lever) -> int | float | None:
    """A value of a lever as it is stored: the position of a choice, a whole number, or an amount."""
    if lever.areas:
        faults.add(place, f"{show(value)} stands where care areas are named", hint="Write it in a scenario file")
        return None
    if lever.choices:
        word = one_of(faults, place, value, lever.choices)
        return None if word is None else lever.choices.index(word)
    if is_flag(lever) and isinstance(value, bool):
        return int(value)
    allowed = allowed_values(lever)
    found = number(faults, place, value, allowed)
    amount = None if found is None else _within(faults, place, found, lever, allowed)
    if amount is None or not lever.whole:
        return amount
    if not amount.is_integer():
        faults.add(place, f"{show(value)} is not a whole number", allowed)
        return None
    return int(amount)


def _within(faults: Faults, place: str, value: float, declaration: Lever | Parameter, allowed: str) -> float | None:
    """The value, when it lies within the declared bounds."""
    if declaration.low <= value <= declaration.high:
        return float(value)
    faults.add(place, f"{show(value)} is out of range", allowed, _range_hint(value, declaration))
    return None


def _range_hint(value: float, declaration: Lever | Parameter) -> str:
    """What the writer of a number outside the bounds may have meant: a percentage, or another unit of time."""
    low, high, unit = declaration.low, declaration.high, declaration.unit
    whole = isinstance(declaration, Lever) and declaration.whole
    if high <= 1 < value <= _HUNDRED and not whole:
        what = f"A hazard of {value:g} % {_PERIODS[unit]}" if unit in _PERIODS else f"{value:g} %"
        return f"{what} is written {value / _HUNDRED:g}"
    if unit == "months" and value < low <= value * MONTHS_PER_YEAR <= high:
        return f"This counts months: {value:g} years are {value * MONTHS_PER_YEAR:g} months"
    if unit == "months" and value > high and low <= round(value / _DAYS_PER_MONTH) <= high:
        return f"This counts months: {value:g} days are about {round(value / _DAYS_PER_MONTH)} months"
    if unit == "points" and 0 < value < low <= value * _HUNDRED <= high:
        return f"Points run from 0 to 100: {value:g} is written {value * _HUNDRED:g}"
    return ""
