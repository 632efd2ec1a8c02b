"""Reading an ensemble: the values of an indicator in every run.

Everything is worked out from sums, so that a mean over any group is a sum divided by a count (`qicsim.runs.sums`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from qicsim.model.columns import COST_LINES, PBF_LINES
from qicsim.model.indicators import PROGRAMME, Indicator, indicators
from qicsim.runs.blocks import PROVINCE_COLUMNS
from qicsim.runs.ensemble import Ensemble, Kept
from qicsim.runs.runner import Runner
from qicsim.runs.sums import DERIVED, GROUP_ROWS, Sums, ratio


def known_indicators(ensemble: Ensemble) -> dict[str, Indicator]:
    """Every indicator that `values` can give, by name."""
    return known_of(next(iter(ensemble.runners.values())))


def known_of(runner: Runner) -> dict[str, Indicator]:
    """Every indicator of the runs of a scenario, by name."""
    return _by_name(runner.world.areas.keys)


@cache
def _by_name(areas: tuple[str, ...]) -> dict[str, Indicator]:
    return {indicator.name: indicator for indicator in (*indicators(areas), *PROGRAMME, *DERIVED)}


def values(ensemble: Ensemble, scenario: str, name: str, group: str = "all") -> np.ndarray:
    """An indicator in every run and quarter, float64 (runs, quarters); NaN where a group is empty.

    KeyError for an unknown scenario, indicator or group.
    """
    return values_of(ensemble.runners[scenario], ensemble.kept[scenario], name, group)


def values_of(runner: Runner, kept: Kept, name: str, group: str = "all") -> np.ndarray:
    """An indicator in what was kept of runs, float64 (runs, quarters); NaN where a group is empty."""
    programme = [indicator.name for indicator in PROGRAMME]
    if name in programme:
        return kept.programme[:, :, programme.index(name)].astype(float)
    return Sums(kept.nation, runner.columns, GROUP_ROWS).value(known_of(runner)[name], group)


def sums(ensemble: Ensemble, scenario: str, column: str, group: str = "all") -> np.ndarray:
    """Sum of a column over a group of facilities in every run and quarter, float64 (runs, quarters)."""
    return _sums(ensemble, scenario).total(column, group)


def province_values(ensemble: Ensemble, scenario: str, name: str) -> np.ndarray:
    """An indicator by province at the end of each year, float64 (runs, years, provinces)."""
    return province_values_of(ensemble.kept[scenario].province, name)


def province_values_of(table: np.ndarray, name: str) -> np.ndarray:
    """An indicator by province, float64 (...,), from sums (..., PROVINCE_COLUMNS)."""
    if name == "coverage":
        return ratio(_province(table, "ever"), _province(table, "facilities"))
    total = _province(table, name)
    counts = name in ("facilities", "ever", "active") or name.startswith("people")
    return total if counts else ratio(total, _province(table, "facilities"))


def yearly_cost(ensemble: Ensemble, scenario: str) -> np.ndarray:
    """US$ of the price year spent in each calendar year, float64 (runs, years, provinces, kinds, lines, payers)."""
    since_start = ensemble.kept[scenario].cost.astype(float)
    return np.diff(since_start, axis=1, prepend=0.0)


def qic_lines() -> tuple[int, ...]:
    """Positions of the cost lines of the collaboratives (those that are not PBF's)."""
    return tuple(place for place, line in enumerate(COST_LINES) if line not in PBF_LINES)


def _sums(ensemble: Ensemble, scenario: str) -> Sums:
    return Sums(ensemble.kept[scenario].nation, ensemble.runners[scenario].columns, GROUP_ROWS)


def _province(table: np.ndarray, column: str) -> np.ndarray:
    return table[..., PROVINCE_COLUMNS.index(column)].astype(float)
