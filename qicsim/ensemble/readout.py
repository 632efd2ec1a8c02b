"""Reading an ensemble: the values of an indicator in every run.

Everything is worked out from sums, so that a mean over any group is a sum divided by a count. Besides the declared
indicators there are a few derived ones (`DERIVED`).
"""

from __future__ import annotations

import numpy as np

from qicsim.ensemble.run import Ensemble
from qicsim.ensemble.runner import PROVINCE_COLUMNS
from qicsim.model.columns import COST_LINES, PBF_LINES
from qicsim.model.indicators import PROGRAMME, Indicator, indicators

GROUP_ROWS = {
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


def known_indicators(ensemble: Ensemble) -> dict[str, Indicator]:
    """Every indicator that `values` can give, by name."""
    areas = next(iter(ensemble.runners.values())).world.areas.keys
    return {indicator.name: indicator for indicator in (*indicators(areas), *PROGRAMME, *DERIVED)}


def values(ensemble: Ensemble, scenario: str, name: str, group: str = "all") -> np.ndarray:
    """An indicator in every run and quarter, float64 (runs, quarters); NaN where a group is empty.

    KeyError for an unknown scenario, indicator or group.
    """
    programme = [indicator.name for indicator in PROGRAMME]
    if name in programme:
        return ensemble.kept[scenario].programme[:, :, programme.index(name)].astype(float)
    if name in {indicator.name for indicator in DERIVED}:
        return _derived(ensemble, scenario, name, group)
    indicator = known_indicators(ensemble)[name]
    total = sums(ensemble, scenario, name, group)
    return total if not indicator.per else _ratio(total, sums(ensemble, scenario, indicator.per, group))


def sums(ensemble: Ensemble, scenario: str, column: str, group: str = "all") -> np.ndarray:
    """Sum of a column over a group of facilities in every run and quarter, float64 (runs, quarters)."""
    place = ensemble.runners[scenario].columns.index(column)
    return ensemble.kept[scenario].nation[:, :, GROUP_ROWS[group], place].sum(axis=2, dtype=float)


def province_values(ensemble: Ensemble, scenario: str, name: str) -> np.ndarray:
    """An indicator by province at the end of each year, float64 (runs, years, provinces)."""
    table = ensemble.kept[scenario].province
    if name == "coverage":
        return _ratio(_province(table, "ever"), _province(table, "facilities"))
    total = _province(table, name)
    counts = name in ("facilities", "ever", "active") or name.startswith("people")
    return total if counts else _ratio(total, _province(table, "facilities"))


def yearly_cost(ensemble: Ensemble, scenario: str) -> np.ndarray:
    """US$ of 2021 spent in each calendar year, float64 (runs, years, provinces, kinds, lines, payers)."""
    since_start = ensemble.kept[scenario].cost.astype(float)
    return np.diff(since_start, axis=1, prepend=0.0)


def qic_lines() -> tuple[int, ...]:
    """Positions of the cost lines of the collaboratives (those that are not PBF's)."""
    return tuple(place for place, line in enumerate(COST_LINES) if line not in PBF_LINES)


def _derived(ensemble: Ensemble, scenario: str, name: str, group: str) -> np.ndarray:
    if name == "coverage":
        return _ratio(sums(ensemble, scenario, "ever", group), sums(ensemble, scenario, "facilities", group))
    if name == "inflation":
        return values(ensemble, scenario, "recorded", group) - values(ensemble, scenario, "true", group)
    if name == "order_80":
        ever = values(ensemble, scenario, "recorded_80", "health_centre ever")
        return ever - values(ensemble, scenario, "recorded_80", "health_centre never")
    score = name.removeprefix("spread_")
    mean = values(ensemble, scenario, score, group)
    return np.sqrt(np.maximum(values(ensemble, scenario, f"{score}_squared", group) - mean * mean, 0.0))


def _ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _province(table: np.ndarray, column: str) -> np.ndarray:
    return table[..., PROVINCE_COLUMNS.index(column)].astype(float)
