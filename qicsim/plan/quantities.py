"""What a plan's money buys: quantities of every cost line, worked out of the runs' money and the prices of each run.

A run books unit cost times scale times quantity, and both are known,
so that the quantity of a run is its amount over its
price. The price of a plan is its mean amount over its mean quantity, the mean price paid: quantity times price is the
mean amount to the cent. Where a lever changes a price within a year, the price is the mean of its months.

Three lines hold two things or none that is counted: staff, technical assistance and education count months in which
something is spent, and payments of PBF count quarters of open facilities.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.decide.decision_inputs import scales_of
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.model.columns import (
    ASSISTANCE,
    COACH_VISITS,
    COST_LINES,
    EDUCATION,
    PBF_PAYMENTS,
    PROGRAMME_STAFF,
    SESSIONS,
    UNIT_COSTS,
)
from qicsim.model.steps.prices import COACH_VISIT_VIRTUAL, SESSION_VIRTUAL, UNIT_OF_LINE
from qicsim.plan.spending import Quantities
from qicsim.runs.draws import with_fixed
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values

MONTHLY = (PROGRAMME_STAFF, ASSISTANCE, EDUCATION)
AT_A_DISTANCE = {COACH_VISITS: COACH_VISIT_VIRTUAL, SESSIONS: SESSION_VIRTUAL}
UNITS = {
    "coach_posts": "post-month", "coach_visits": "visit", "coach_training": "coach", "mentoring": "coach-month",
    "joining": "team", "team_time": "team-month", "sessions": "team at a session", "exchange": "visit",
    "overhead": "district-month", "programme_staff": "month", "assistance": "month", "assessment": "facility-round",
    "verification": "verified facility-round", "pbf": "facility-quarter", "tablets": "facility-month",
    "accreditation": "hospital-month", "education": "month"}
QUARTERS = 4


def quantities_of(ensemble: Ensemble, spent: dict[str, np.ndarray], pair: tuple[str, str], years: tuple[int, ...]
                  ) -> Quantities:
    """The quantities of scenario and reference, from their US$ (runs, years, provinces, lines, payers)."""
    own, reference = (_quantities(ensemble, name, spent[name].sum(axis=(2, 4)), years) for name in pair)
    keys = tuple(UNIT_COSTS[unit] if unit >= 0 else "" for unit in UNIT_OF_LINE)
    return Quantities(tuple(UNITS[line] for line in COST_LINES), keys, own, reference)


def _quantities(ensemble: Ensemble, name: str, usd: np.ndarray, years: tuple[int, ...]) -> np.ndarray:
    """Mean quantities (lines, years) of US$ (runs, years, lines)."""
    runner = ensemble.runners[name]
    scale = np.repeat(scales_of(with_fixed(ensemble.draws.values, runner.scenario.parameters)), ensemble.replicates,
                      axis=0)
    found = np.zeros(usd.shape)
    for line in range(len(COST_LINES)):
        price = unit_prices(runner, line, years)[None, :] * scale[:, line, None]
        found[:, :, line] = np.divide(usd[:, :, line], price, out=np.zeros(usd.shape[:2]), where=price > 0.0)
    for line in MONTHLY:
        found[:, :, line] = MONTHS_PER_YEAR * (usd[:, :, line] > 0.0)
    ends = [int(runner.year_ends[runner.years.index(year)]) for year in years]
    found[:, :, PBF_PAYMENTS] = QUARTERS * values(ensemble, name, "facilities")[:, ends] * (usd[:, :, PBF_PAYMENTS]
                                                                                              > 0.0)
    quantities: np.ndarray = found.mean(axis=0).T
    return quantities


def unit_prices(runner: Any, line: int, years: tuple[int, ...]) -> np.ndarray:
    """US$ of one unit of a line in the months of each year, float64 (years,); 0 where nothing is bought."""
    unit = UNIT_OF_LINE[line]
    if unit < 0:
        return np.zeros(len(years))
    costs, levers, start = runner.world.unit_costs.usd, runner.scenario.levers, runner.scenario.start
    prices = np.full(runner.scenario.months, float(costs[unit]))
    if line in AT_A_DISTANCE:
        prices += np.asarray(levers.virtual, dtype=float) * (costs[AT_A_DISTANCE[line]] - prices)
    months = np.arange(MONTHS_PER_YEAR)
    found: np.ndarray = np.array([prices[np.minimum(year * MONTHS_PER_YEAR - start + months, len(prices) - 1)].mean()
                                  for year in years])
    return found
