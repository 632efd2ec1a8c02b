"""Numbers as people write them: Khmer digits, thousands in commas or spaces, a decimal comma, a percent sign."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from qicsim.exchange.words import western

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([, \u00a0\u202f]\d{3})+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
LONGEST = 40


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


def numbers_of(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of many texts, nan where there is none; and whether a percent sign stands there."""
    codes, unique = texts.factorize()
    values = [number_of(text) for text in unique]
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    percent = np.array(["%" in text for text in unique], dtype=bool)
    return numbers[codes], percent[codes]
