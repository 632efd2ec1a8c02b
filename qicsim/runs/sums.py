"""Indicators from sums: what is read of a run is added up by kind and QIC status, and any mean is a sum over a count.

Besides the declared indicators there are a few derived ones (`DERIVED`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.model.indicators import COUNTS, Indicator

GROUP_ROWS: dict[str, tuple[int, ...]] = {
    "all": (0, 1, 2, 3), "health_centre": (0, 1), "referral_hospital": (2, 3), "never": (0, 2), "ever": (1, 3),
    "health_centre never": (0,), "health_centre ever": (1,), "referral_hospital never": (2,),
    "referral_hospital ever": (3,)}

DERIVED = (
    Indicator("coverage", "share of facilities that ever joined a collaborative", "share"),
    Indicator("spread_true", "standard deviation of true quality between facilities", "points"),
    Indicator("spread_recorded", "standard deviation of the recorded score between facilities", "points"),
    Indicator("inflation", "recorded score minus true quality", "points"),
    Indicator("order_80", "share recorded at the threshold or more: health centres that ever joined minus the others",
              "share"),
)
_NEEDED = {
    "coverage": ("ever", COUNTS), "inflation": ("recorded", "true", COUNTS), "order_80": ("recorded_80", COUNTS),
    "spread_true": ("true", "true_squared", COUNTS), "spread_recorded": ("recorded", "recorded_squared", COUNTS)}


def columns_needed(indicator: Indicator) -> tuple[str, ...]:
    """The columns of sums that an indicator is worked out from."""
    if indicator.name in _NEEDED:
        return _NEEDED[indicator.name]
    return (indicator.name, indicator.per) if indicator.per else (indicator.name,)


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums by kind and status, `table` (..., groups, columns), with the names of the columns.

    Where the groups are not kind by status but one for each place, `rows` says which of them an "all" adds up.
    """

    table: np.ndarray
    columns: tuple[str, ...]
    rows: dict[str, tuple[int, ...]]

    def total(self, column: str, group: str = "all") -> np.ndarray:
        """The sum of a column over a group of facilities; float64 (...,)."""
        place = self.columns.index(column)
        return self.table[..., self.rows[group], place].sum(axis=-1, dtype=float)

    def value(self, indicator: Indicator, group: str = "all") -> np.ndarray:
        """An indicator; float64 (...,), NaN where a group is empty. KeyError for an unknown group."""
        if indicator.name in _NEEDED:
            return self._derived(indicator.name, group)
        total = self.total(indicator.name, group)
        return total if not indicator.per else ratio(total, self.total(indicator.per, group))

    def _mean(self, column: str, group: str) -> np.ndarray:
        return ratio(self.total(column, group), self.total(COUNTS, group))

    def _derived(self, name: str, group: str) -> np.ndarray:
        if name == "coverage":
            return self._mean("ever", group)
        if name == "inflation":
            return self._mean("recorded", group) - self._mean("true", group)
        if name == "order_80":
            return self._mean("recorded_80", "health_centre ever") - self._mean("recorded_80", "health_centre never")
        score = name.removeprefix("spread_")
        mean = self._mean(score, group)
        return np.sqrt(np.maximum(self._mean(f"{score}_squared", group) - mean * mean, 0.0))


def ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The total over the count, NaN where the count is 0."""
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
