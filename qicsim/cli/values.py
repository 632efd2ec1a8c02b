"""Values of options: each reader gives what a text means, or raises `Unusable` with what is wrong and what is allowed.

Numbers may be written with separators of thousands, in powers of ten, in per cent or with a word: 1500000, 1,500,000,
1 500 000, 1_500_000, 1.5e6, 1.5 million; amounts of money with US$ before or after. Times may be a year, a quarter or
a month: 2027, 2027Q1, 2027-01.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

MOST_DIGITS = 18
SHOWN = 60
MOST_DRAWS = 2**20  # that of qicsim.runs.draws, without loading it for --help
NUMBERS = "numbers such as 1500000, 1,500,000 or 1.5e6"
WHOLE_NUMBERS = "whole numbers such as 64 or 1,000"
FACTORS = {"": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9}
FLAGS = {"true": True, "false": False}
_MONEY = re.compile(r"^(?:us\$|usd|\$)\s*|\s*(?:us\$|usd|\$)$", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?)((?:\d+|\d{1,3}(?:([,_'’ \u00a0\u2009\u202f])\d{3})(?:\3\d{3})*)?(?:\.\d*)?)"
                     r"(?:e([+-]?\d+))?\s*(%|thousand|million|billion)?", re.IGNORECASE)
_FIGURES = re.compile(r"\s*[+-]?(?:[\d.]|(?:nan|inf(?:inity)?)\s*$)", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+")
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)")
_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,9}")
_YEAR_BEFORE = re.compile(r",(?=\s*[^,=]*=)")
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|[- ]?[qQ]([1-4]))?")
_SHARD = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})", re.ASCII)
_FACTORY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


class Unusable(Exception):  # noqa: N818 - it is no error of the program
    """What was typed, what is allowed, and a way out."""

    def __init__(self, found: str, allowed: str = "", hint: str = "") -> None:
        """Keep the parts of a fault; who reads the option knows its name."""
        super().__init__(found)
        self.found, self.allowed, self.hint = found, allowed, hint


def quoted(text: str) -> str:
    """The text in quotes, cut short; characters that a terminal would obey are spelt out."""
    plain = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return f'"{plain}"' if len(plain) <= SHOWN else f'"{plain[:SHOWN]}…"'


# ------------------------------------------------------------------------------------------------------------ words


def word(text: str) -> str:
    """A text with something in it."""
    if not text.strip():
        raise Unusable("the text is empty")
    return text


def path(text: str) -> str:
    """The name of a file or folder."""
    if not text.strip():
        raise Unusable("the name is empty", "the name of a file or folder; . is the folder that you are in")
    if "\0" in text:
        raise Unusable(f"{quoted(text)} is no name of a file")
    return text


def words(text: str) -> list[str]:
    """Words between commas; an empty text has none."""
    return text.split(",") if text else []


# ---------------------------------------------------------------------------------------------------------- numbers


def number(text: str) -> float:
    """A finite number."""
    found = _number(text, NUMBERS)
    if not math.isfinite(found):
        raise Unusable(f"{quoted(text)} is too large", NUMBERS)
    return found


def whole(text: str) -> int:
    """A whole number of at most 18 digits."""
    if _PLAIN.fullmatch(text.strip()):
        if len(text.strip().lstrip("+-0")) > MOST_DIGITS:
            raise Unusable(f"{quoted(text)} is a number of more than {MOST_DIGITS} digits", WHOLE_NUMBERS)
        return int(text)
    found = _number(text, WHOLE_NUMBERS)
    if not math.isfinite(found) or abs(found) >= 10**MOST_DIGITS:
        raise Unusable(f"{quoted(text)} is a number of more than {MOST_DIGITS} digits", WHOLE_NUMBERS)
    if not found.is_integer():
        raise Unusable(f"{quoted(text)} is not a whole number", WHOLE_NUMBERS)
    return int(found)


def within(read: Callable[[str], Any], low: float, high: float, *, above: bool = False) -> Callable[[str], Any]:
    """A reader of what another reads, from `low` to `high`; with `above`, `low` itself is not allowed."""

    def bounded(text: str) -> Any:
        found = read(text)
        if not low <= found <= high or (above and found == low):
            share = high <= 1.0 < found <= 100.0 * high
            raise Unusable(f"{found:{'' if isinstance(found, int) else 'g'}} is out of range",
                           f"above {low:g}, up to {high:g}" if above else f"{_plain(low)} to {_plain(high)}",
                           f"{found:g} % is written {found / 100.0:g}" if share else "")
        return found

    return bounded


def _plain(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def amount(text: str) -> float:
    """An amount of US$; the sign of the currency may stand before or after it."""
    if text.strip().endswith("%"):
        raise Unusable(f"{quoted(text)} is no amount of money", NUMBERS)
    return number(_MONEY.sub("", text.strip()))


def _number(text: str, allowed: str) -> float:
    """What a text says in figures; infinity for what is too large for a computer's numbers."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or not any(sign.isdecimal() for sign in found[2]):
        comma = len(text) < SHOWN and _DECIMAL_COMMA.fullmatch(text.strip())
        meant = f"{comma[1]}.{comma[2]}" if comma else _POINTS.fullmatch(text.strip()) and text.replace(".", ",")
        raise Unusable(f"{quoted(text)} is no number", allowed, f"Did you mean {meant}?" if meant else "")
    sign, figures, separator, power, ending = found.groups()
    plain = figures.replace(separator, "") if separator else figures
    try:
        value = float(f"{sign}{plain}e{power or 0}")
    except ValueError:
        raise Unusable(f"{quoted(text)} is no number", allowed) from None
    return value / 100.0 if ending == "%" else value * FACTORS[(ending or "").lower()]


def ceiling(text: str) -> float | dict[int, float]:
    """An amount, or amounts by year: YEAR=USD,YEAR=USD."""
    parts = [part.partition("=") for part in _YEAR_BEFORE.split(text)]
    if len(parts) == 1 and not parts[0][1]:
        return amount(text)
    found: dict[int, float] = {}
    for year, equals, usd in parts:
        if not (equals and usd.strip() and re.fullmatch(r"\s*\d{4}\s*", year, re.ASCII)):
            raise Unusable(quoted(f"{year}{equals}{usd}"), "US$ such as 8000000, or YEAR=USD,... such as 2028=8000000")
        if int(year) in found:
            raise Unusable(f"{year.strip()} is there more than once", "each year once")
        found[int(year)] = amount(usd)
    return found


def drawn(text: str) -> dict[str, Any]:
    """What `--draws` says, a number, a source or source:number, as arguments of `qicsim.run`."""
    source, colon, last = word(text).rpartition(":")
    if colon and source and _FIGURES.match(last):
        return {"source": source, "draws": draws(last)}
    if not colon and _FIGURES.match(text) and not ("/" in text or text.endswith(".npz")):
        return {"draws": draws(text)}
    return {"source": text}


draws = within(whole, 1, MOST_DRAWS)
"""A number of draws."""


# ------------------------------------------------------------------------------------------------------------ times


def _period(text: str) -> tuple[int, int, int]:
    """Year, first month and last month (1 to 12) of a year, a quarter or a month."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None or not found[1].isascii():
        raise Unusable(f"{quoted(text)} is no year, quarter or month", "2027, 2027Q1 or 2027-01")
    year, month, quarter = int(found[1]), found[2], found[3]
    if month:
        return year, int(month), int(month)
    return (year, 1, 12) if not quarter else (year, 3 * int(quarter) - 2, 3 * int(quarter))


def first_month(text: str) -> str:
    """The first month of a year, a quarter or a month, as YYYY-MM."""
    year, first, _ = _period(text)
    return f"{year:04d}-{first:02d}"


def last_month(text: str) -> str:
    """The last month of a year, a quarter or a month, as YYYY-MM."""
    year, _, last = _period(text)
    return f"{year:04d}-{last:02d}"


def first_quarter(text: str) -> str:
    """The quarter that begins with a year, a quarter or a month, as YYYYQn."""
    year, first, _ = _period(text)
    if first % 3 != 1:
        raise Unusable(f"{quoted(text)} is not the first month of a quarter", "a year, a quarter, or its first month")
    return f"{year:04d}Q{first // 3 + 1}"


def first_year(text: str) -> int:
    """The year that begins with a year, a quarter or a month."""
    year, first, _ = _period(text)
    if first != 1:
        raise Unusable(f"{quoted(text)} is not the beginning of a year", "a year such as 2027")
    return year


def last_year(text: str) -> int:
    """The year that ends with a year, a quarter or a month."""
    year, _, last = _period(text)
    if last != 12:  # noqa: PLR2004 - the last month of a year
        raise Unusable(f"{quoted(text)} is not the end of a year", "a year such as 2030")
    return year


def day(text: str) -> date:
    """A day, YYYY-MM-DD."""
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unusable(f"{quoted(text)} is no day", "a day like 2026-03-31") from None


# --------------------------------------------------------------------------------------------------- parts and lists


def shard(text: str) -> str:
    """i/n, part i of n."""
    found = _SHARD.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise Unusable(f"{quoted(text)} is not a shard", "i/n, like 1/8 for the first of eight")
    return text


def executor(text: str) -> str:
    """The name of an executor; what it names is looked up by who runs it."""
    head, colon, rest = word(text).partition(":")
    if colon and "." in head + rest and "//" not in rest and not _FACTORY.fullmatch(text):
        raise Unusable(f"{quoted(text)} is not an executor", "threads, dask:tcp://host:port, or package.module:factory")
    return text


def parameters(text: str) -> Any:
    """What `--parameters` says, as a study file has it."""
    ranking, _, number_of = text.rpartition(":")
    if ranking and number_of.isdecimal():
        return {"screening": ranking, "number": whole(number_of)}
    return "all" if text == "all" else [] if text == "none" else text.split(",")


def times(text: str) -> str | list[str]:
    """What `--times` says: last, all, or years."""
    return text if text in ("last", "all") else text.split(",")


def lever(text: str) -> tuple[str, list[Any]]:
    """A lever and its values from `name=value,value`."""
    name, equals, values = text.partition("=")
    if not (name.strip() and equals and values.strip()):
        raise Unusable(f"{quoted(text)} is no lever with values", "NAME=VALUE,VALUE, such as coaches=1,2,4")
    return name, [_value(part) for part in values.split(",")]


def group(text: str) -> tuple[str, list[str]]:
    """A group and its factors from `name=factor,factor`."""
    name, equals, members = text.partition("=")
    if not (name.strip() and equals and members.strip()):
        raise Unusable(f"{quoted(text)} is no group of factors",
                       "NAME=FACTOR,FACTOR, such as people=pdsa.k_item,team.p_resp")
    return name.strip(), [one.strip() for one in members.split(",")]


def condition(text: str) -> dict[str, Any]:
    """A condition as a study file has it, from `indicator>number` or `indicator<number`."""
    for sign, key in ((">", "above"), ("<", "below")):
        name, found, value = text.partition(sign)
        if found and name.strip():
            return {"indicator": name.strip(), key: number(value)}
    raise Unusable(f"{quoted(text)} is no condition", "INDICATOR>NUMBER or INDICATOR<NUMBER, such as recorded>80")


def observation(text: str) -> tuple[str, list[float]]:
    """An indicator with its observed value and standard deviation, from `indicator=value:sd`."""
    name, equals, rest = text.partition("=")
    value, colon, deviation = rest.partition(":")
    if not (name.strip() and equals and colon):
        raise Unusable(f"{quoted(text)} is no observation", "INDICATOR=VALUE:SD, such as recorded=62:3")
    return name.strip(), [number(value), number(deviation)]


def setting(text: str) -> tuple[str, Any]:
    """A dotted path and its value from `path=value`."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise Unusable(f"{quoted(text)} sets nothing", "PATH=VALUE, such as pdsa.k_item=0.1")
    return name.strip(), _value(value.strip())


def _value(text: str) -> Any:
    """A flag, a number, or a word."""
    if text in FLAGS:
        return FLAGS[text]
    return number(text) if _FIGURES.match(text) else text
