"""Annual discounting to a stated year.

    present value = sum over years t of F_t / (1 + r)^(t + timing - base year)

The present is the beginning of the base year. Money falls at the start (0), in the middle (0.5) or at the end (1) of
its year. Years before the base year are carried forward with the same formula. Drummond, Sculpher, Claxton, Stoddart
and Torrance 2015, "Methods for the economic evaluation of health care programmes", 4th edition, chapter 7. A rate of
0.03 is the convention of international reference cases (Wilkinson et al. 2016, Value in Health 19:921-8); costs and
effects are discounted at the same rate unless the caller discounts them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.decide.checks import Checks, is_number
from qicsim.ground.translatable import Told, tell

CONVENTION = 0.03
HIGHEST = 0.25
TIMINGS = {"start": 0.0, "middle": 0.5, "end": 1.0}
WORDS = {"start": "discounted at {rate} % a year to the start of {year} (start of year)",
         "middle": "discounted at {rate} % a year to the start of {year} (middle of year)",
         "end": "discounted at {rate} % a year to the start of {year} (end of year)"}


def meant_rate(rate: float) -> str:
    """What a rate in per cent was meant to be, as a hint; nothing for other rates."""
    return f"A rate of {rate:g} % is written {rate / 100.0:g}" if is_number(rate) and rate >= 1.0 else ""


@dataclass(frozen=True)
class Discounting:
    """A rate a year (0.03 is 3 %), the year whose beginning is the present, and when in a year money falls.

    Raises SettingError for a rate outside 0-0.25 or an unknown timing.
    """

    base_year: int
    rate: float = CONVENTION
    timing: str = "middle"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        faults = Checks()
        faults.between("rate", self.rate, 0.0, HIGHEST, meant_rate(self.rate))
        faults.known("timing", [self.timing], tuple(TIMINGS))
        faults.refuse()

    def factors(self, years: Sequence[int]) -> np.ndarray:
        """What US$ 1 of each year is worth at the beginning of the base year; float64 (years,)."""
        return (1.0 + self.rate) ** -self.waits(years)

    def waits(self, years: Sequence[int]) -> np.ndarray:
        """How many years the money of each year is away from the beginning of the base year; float64 (years,)."""
        return np.asarray(years, dtype=float) + TIMINGS[self.timing] - self.base_year

    @property
    def words(self) -> Told:
        """The settings in a phrase."""
        return tell(WORDS[self.timing], rate=f"{100.0 * self.rate:g}", year=self.base_year)


def present_value(values: np.ndarray, years: Sequence[int], discounting: Discounting | None = None, *,
                  axis: int = -1) -> np.ndarray:
    """Sum over the axis of years, each discounted (or not, if None); float64, without that axis.

    Raises SettingError when the axis does not have one value for each year.
    """
    values = np.asarray(values, dtype=float)
    faults = Checks()
    if values.shape[axis] != len(years):
        faults.add("years", f"{len(years)} years for values of the shape {values.shape}", "one for each value")
    faults.refuse()
    weights = np.ones(len(years)) if discounting is None else discounting.factors(years)
    return np.moveaxis(values, axis, -1) @ weights
