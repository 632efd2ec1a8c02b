"""Luck for tools that call the model point by point and know no row numbers.

The number of a point's luck is made from its values, so that the model stays a function: the same values give the same
result, whoever calls it and in whatever order, and other values have other luck.
"""

from __future__ import annotations

import hashlib

import numpy as np

NUMBERS = 2**20


def luck_of(values: np.ndarray) -> int:
    """A number below 2^20 for values (k,)."""
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype=np.float64).tobytes()).digest()
    return int.from_bytes(digest[:4], "big") % NUMBERS
