"""Whether scores are written from 0 to 1 or from 0 to 100: recognised for each file and item, and always said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.exchange.accounts import Findings

if TYPE_CHECKING:
    import pandas as pd

PERCENT = 100.0
MOST_SMALL = 0.2
DIGITS = 10  # 0.57 * 100 is 56.99999999999999


def scaled(frame: pd.DataFrame, *, scale: float, findings: Findings) -> np.ndarray:
    """The numbers from 0 to 100; `scale` is the highest score, 0 to recognise it. A percent sign decides for its cell.

    `frame` has the columns file, item, number, percent and used (bool: the row may still be used).
    """
    numbers = frame["number"].to_numpy()
    found = numbers.copy()
    groups = frame[frame["used"] & ~frame["percent"]].groupby(["file", "item"], sort=False)["number"]
    for (file, name), values in groups:
        highest = scale or _scale(values.to_numpy())
        if highest == 1.0:
            found[values.index.to_numpy()] = np.round(numbers[values.index.to_numpy()] * PERCENT, DIGITS)
        how = "as said" if scale else "recognised"
        findings.note("scale", file, f"{name}: {len(values):,} scores from {values.min():g} to {values.max():g}, "
                      f"{how} as 0 to {highest:g}", count=len(values))
        small = int(((values > 0) & (values < 1)).sum())
        if highest == PERCENT and small > MOST_SMALL * len(values) and not scale:
            findings.error("two scales", file, f"{name}: {small:,} of {len(values):,} scores lie between 0 and 1, "
                           f"others reach {values.max():g}", allowed="one scale in a file",
                           hint="Correct it, or say --scale 100", count=small)
    if signs := int((frame["percent"] & frame["used"]).sum()):
        findings.note("scale", "", f"{signs:,} scores have a percent sign: 0 to 100", count=signs)
    return found


def _scale(values: np.ndarray) -> float:
    """1 where no value is above 1 and not all are 0 or 1, else 100."""
    return 1.0 if len(values) and values.max() <= 1.0 and ((values > 0) & (values < 1)).any() else PERCENT
