"""From an ensemble to the arrays that decisions are made on: draws first, replicates averaged.

The only module of the decision analysis that knows the simulator.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qicsim.analysis.places import province_range
from qicsim.decide.checks import Checks
from qicsim.decide.costing import Spending
from qicsim.decide.discounting import Discounting
from qicsim.decide.effects import BY_NAME, accumulated, yearly_mean
from qicsim.decide.inequality import slope_index
from qicsim.decide.ingredients import cost_factors
from qicsim.inputs.world.money import Payment, UnitCosts
from qicsim.model.columns import COST_LINES, KINDS, PAYERS, UNIT_COSTS
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import province_values, sums, values

COST_AXES = ("province", "kind", "line", "payer")
# The unit cost that carries most of a line's money; its range stands for that of the line. PBF is paid, not bought.
CARRIES = {"coach_posts": "coach_post", "coach_visits": "coach_visit", "coach_training": "coach_training",
           "mentoring": "coach_mentoring", "joining": "joining_training", "team_time": "team_time",
           "sessions": "session_in_person", "exchange": "exchange_visit", "overhead": "district_overhead",
           "programme_staff": "provincial_staff", "assistance": "assistance", "assessment": "assessment",
           "verification": "verification", "tablets": "tablets", "accreditation": "accreditation",
           "education": "preservice"}
_SUMMED = {"facility_years_true_80": "true_80", "facility_years_recorded_80": "recorded_80",
           "person_years_true_80": "people_true_80", "person_years_recorded_80": "people_recorded_80"}
_MEANS = {"points_true": "true", "points_recorded": "recorded", "unscored": "unscored"}


def spending(ensemble: Ensemble, scenario: str, by: Sequence[str] = ("line", "payer"),
             factors: np.ndarray | None = None) -> Spending:
    """Mean spending of each draw by year and some of province, kind, line and payer; US$ of the price year.

    `factors` (draws, lines) multiply the lines (`line_factors`). SettingError for an unknown scenario or axis.
    """
    faults = Checks()
    faults.known("scenario", [scenario], tuple(ensemble.runners))
    faults.known("by", by, COST_AXES)
    if factors is not None and factors.shape != (len(ensemble.draws), len(COST_LINES)):
        faults.add("factors", f"have the shape {factors.shape}", f"({len(ensemble.draws)}, {len(COST_LINES)})")
    faults.refuse()
    runner = ensemble.runners[scenario]
    names = dict(zip(COST_AXES, (tuple(runner.world.provinces), KINDS, COST_LINES, PAYERS), strict=True))
    kept = [axis for axis in COST_AXES if axis in by or (axis == "line" and factors is not None)]
    dropped = tuple(2 + place for place, axis in enumerate(COST_AXES) if axis not in kept)
    since_start = ensemble.kept[scenario].cost.sum(axis=dropped, dtype=float)
    usd = by_draw(ensemble, np.maximum(np.diff(since_start, axis=1, prepend=0.0), 0.0)).mean(axis=1)
    if factors is not None:
        after = len(kept) - 1 - kept.index("line")
        usd = usd * factors.reshape(len(factors), *(1,) * (1 + kept.index("line")), -1, *(1,) * after)
    return Spending(usd, runner.years, {axis: names[axis] for axis in kept}).by(*by)


def line_factors(unit_costs: UnitCosts, draws: int, *, seed: int = 1) -> np.ndarray:
    """Factors (draws, lines) that the ranges of unit costs allow (`ingredients`); 1 for PBF's payments.

    A line takes the range of the unit cost that carries most of its money, `CARRIES`.
    """
    place = [UNIT_COSTS.index(CARRIES[line]) for line in COST_LINES if line in CARRIES]
    factors = np.ones((draws, len(COST_LINES)))
    factors[:, [line in CARRIES for line in COST_LINES]] = cost_factors(
        unit_costs.usd[place], unit_costs.low[place], unit_costs.high[place], draws, seed=seed)
    return factors


def payment_factors(rows: Sequence[Payment], facilities: Sequence[int], draws: int, *, seed: int = 1) -> np.ndarray:
    """Factors (draws,) on PBF's payments that the ranges of payments allow, one for all kinds of facility.

    `facilities` counts those of each row's kind: a kind weighs by its money. The same source stands behind all rows, so
    that they move together. A range that begins at 0 is taken from a hundredth of the payment on. The mean over draws
    is 1, so that mean money stays about what it is in the simulation.
    """
    count = np.asarray(facilities, dtype=float)
    whole, low, high = (float(count @ [part(row) for row in rows]) for part in (
        lambda row: row.grant + row.performance_pay, lambda row: row.low, lambda row: row.high))
    if not whole > 0.0:
        return np.ones(draws)
    ends = [min(max(low, whole / 100.0), whole)], [max(high, whole)]
    factors = cost_factors([whole], *ends, draws, seed=(seed, len(COST_LINES)))[:, 0]
    return factors / factors.mean()


def by_draw(ensemble: Ensemble, runs: np.ndarray) -> np.ndarray:
    """Values of runs (runs, ...) as (draws, replicates, ...)."""
    return runs.reshape(len(ensemble.draws), ensemble.replicates, *runs.shape[1:])


def yearly_effect(ensemble: Ensemble, scenario: str, outcome: str) -> np.ndarray:
    """An outcome of `effects.OUTCOMES` by year in every run, float64 (draws, replicates, years).

    Means over the quarters of a year; differences between provinces are of the year's end, ranked by true quality at
    the end of the first year. SettingError for an unknown scenario or outcome.
    """
    faults = Checks()
    faults.known("scenario", [scenario], tuple(ensemble.runners))
    faults.known("outcome", [outcome], tuple(BY_NAME))
    faults.refuse()
    runner = ensemble.runners[scenario]
    if outcome in ("range_true", "slope_true"):
        return by_draw(ensemble, _between_provinces(ensemble, scenario, outcome))
    quarterly = (sums(ensemble, scenario, _SUMMED[outcome]) if outcome in _SUMMED
                 else values(ensemble, scenario, _MEANS[outcome]))
    year_of = [int(quarter[:4]) for quarter in runner.quarters]
    return by_draw(ensemble, yearly_mean(quarterly, year_of, runner.years))


def _between_provinces(ensemble: Ensemble, scenario: str, outcome: str) -> np.ndarray:
    quality = province_values(ensemble, scenario, "true")
    if outcome == "range_true":
        return province_range(quality)
    if quality.shape[-1] == 1:
        return np.zeros(quality.shape[:-1])
    facilities = province_values(ensemble, scenario, "facilities")
    there = (facilities > 0.0).all(axis=(0, 1))
    began = np.broadcast_to(quality[:, :1], quality.shape)[..., there]
    return slope_index(quality[..., there], facilities[..., there], began)


def effects(ensemble: Ensemble, outcome: str, discounting: Discounting | None = None, *, first: int | None = None,
            last: int | None = None) -> np.ndarray:
    """An outcome added over the years from first to last, by scenario and draw; float64 (scenarios, draws)."""
    return np.stack([accumulated(yearly_effect(ensemble, name, outcome).mean(axis=1), runner.years, discounting,
                                 first=first, last=last)
                     for name, runner in ensemble.runners.items()])


def at_year_end(ensemble: Ensemble, indicator: str, year: int, group: str = "all") -> np.ndarray:
    """An indicator at the end of a year in every run, float64 (scenarios, draws, replicates).

    SettingError if a horizon does not reach that year; KeyError for an unknown indicator or group.
    """
    faults = Checks()
    for name, runner in ensemble.runners.items():
        if year not in runner.years:
            faults.add(f"year of {name}", str(year), f"{runner.years[0]} to {runner.years[-1]}")
    faults.refuse()
    return np.stack([by_draw(ensemble, values(ensemble, name, indicator, group))[
        ..., runner.year_ends[runner.years.index(year)]] for name, runner in ensemble.runners.items()])
