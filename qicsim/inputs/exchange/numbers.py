"""Numbers as people write them: Khmer digits, thousands in commas or spaces, a decimal comma, a percent sign."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from qicsim.inputs.exchange.words import western

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([, \u00a0\u202f]\d{3})+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_POINTS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
LONGEST = 40
FEWEST_ROUNDED = 1000
THOUSANDS, ROUNDED = "points are read as thousands", "fractions of people are rounded"


def number_of(text: str) -> float | None:
    """The finite number that a text names, None if none; "80 %" is 80."""
    short = western(text[:LONGEST + 1]).strip().removesuffix("%").strip()
    if len(text) > LONGEST:
        return None
    if _THOUSANDS.fullmatch(short):
        short = re.sub(r"[, \u00a0\u202f]", "", short)
    elif _COMMA.fullmatch(short):
        short = short.replace(",", ".")
    if not _PLAIN.fullmatch(short):
        return None
    value = float(short)
    return value if math.isfinite(value) else None


def people_of(text: str) -> tuple[float | None, str]:
    """A whole number of people, None if there is none; and THOUSANDS or ROUNDED where the text was read in that way.

    9.300 is 9,300 people: nobody counts parts of people. A fraction of a large number comes from a projection and is
    rounded; one of a small number is no number of people.
    """
    if _POINTS.fullmatch(western(text).strip()):
        return float(western(text).strip().replace(".", "")), THOUSANDS
    value = number_of(text)
    if value is None or value == round(value):
        return value, ""
    return (float(round(value)), ROUNDED) if value >= FEWEST_ROUNDED else (None, "")


def degrees_of(text: str) -> float | None:
    """Degrees, with a decimal point or a decimal comma: 11,556 is no thousand."""
    return number_of(re.sub(r"^([+-]?\d{1,3}),(\d+)$", r"\1.\2", western(text).strip()))


def numbers_of(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of many texts, nan where there is none; and whether a percent sign stands there."""
    codes, unique = texts.factorize()
    values = [number_of(text) for text in unique]
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    percent = np.array(["%" in text for text in unique], dtype=bool)
    return numbers[codes], percent[codes]
