"""How many draws and replicates are enough, from what a first experiment has shown of the two variances.

    standard error of a mean       se^2 = (between + within / R) / D
    cost                           D * (cost of a draw + R * cost of a run)

For a wanted se the cost is least at R = sqrt(within / between * cost of a draw / cost of a run), whatever the se
(two-stage sampling; Cochran 1977, "Sampling techniques", 10.6). Where draws cost nothing of their own, as in this
engine, one replicate of many draws is best for a mean; two are the least with which chance can be told from parameters.

The ends of an interval between draws are less sure than its middle. At probability p, for about normal draws,

    se(quantile) = sd * sqrt(p (1 - p) / D) / density(z_p)         sd^2 = between + within / R
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import LEVEL

MOST = 2**20


@dataclass(frozen=True)
class Advice:
    """Draws and replicates for a wanted standard error, in the indicator's unit.

    draws, replicates   the cheapest design, each at least 2 unless one replicate was allowed
    runs                their product, for each scenario
    error               the standard error that it should have
    cost                in the unit of the given costs
    sentence            the same in words
    """

    draws: int
    replicates: int
    error: float
    cost: float
    sentence: str

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return self.draws * self.replicates


def advise_mean(between: float, within: float, *, error: float, draw_cost: float = 0.0, run_cost: float = 1.0,
                fewest_replicates: int = 2) -> Advice:
    """The cheapest design whose mean has a standard error of at most `error`.

    `between` and `within` are those of `nested` or `contrast`: for a contrast they are far smaller than for a level.
    SettingError for an error or costs that are not positive, negative variances, or more than 2^20 draws.
    """
    _check(between, within, error, draw_cost, run_cost)
    replicates = _replicates(between, within, draw_cost, run_cost, fewest_replicates)
    return _design((between + within / replicates) / error**2, replicates, between, within,
                   cost=draw_cost + replicates * run_cost, what="the mean")


def advise_interval(between: float, within: float, *, error: float, level: float = LEVEL, draw_cost: float = 0.0,
                    run_cost: float = 1.0, fewest_replicates: int = 2) -> Advice:
    """The cheapest design in which each end of the interval of `level` between draws has the standard error `error`.

    Draws are taken as about normal. The advice's own error is that of an end of the interval.
    """
    _check(between, within, error, draw_cost, run_cost)
    if not 0.0 < level < 1.0:
        raise SettingError("", [Fault("level", f"{level}", "between 0 and 1")])
    tail = 0.5 * (1.0 - level)
    z = float(special.ndtri(tail))
    inflation = tail * (1.0 - tail) * 2.0 * math.pi * math.exp(z * z)
    replicates = _replicates(between, within, draw_cost, run_cost, fewest_replicates)
    return _design(inflation * (between + within / replicates) / error**2, replicates, inflation * between,
                   inflation * within, cost=draw_cost + replicates * run_cost,
                   what=f"each end of the {level:.0%} interval between draws")


def replicates_for_a_draw(within: float, *, error: float) -> int:
    """Replicates with which the mean of one draw, or of the default parameters, has a standard error of `error`."""
    _check(0.0, within, error, 0.0, 1.0)
    return max(math.ceil(within / error**2), 1)


def _replicates(between: float, within: float, draw_cost: float, run_cost: float, fewest: int) -> int:
    if between <= 0.0 or draw_cost == 0.0:
        return fewest
    best = math.sqrt(within / between * draw_cost / run_cost)
    lower = max(math.floor(best), 1)
    costs = [(between + within / r) * (draw_cost + r * run_cost) for r in (lower, lower + 1)]
    return max(lower + int(np.argmin(costs)), fewest)


def _design(draws: float, replicates: int, between: float, within: float, *, cost: float, what: str) -> Advice:
    wanted = max(math.ceil(draws - 1e-9), 2)
    if wanted > MOST:
        raise SettingError("", [Fault("error", f"would take {wanted} draws", f"at most {MOST} draws")])
    found = math.sqrt((between + within / replicates) / wanted)
    chance = math.sqrt(within / replicates / wanted)
    sentence = (f"{wanted} draws with {replicates} replicate{'s' if replicates > 1 else ''} each give {what} a "
                f"standard error of {found:.2g}, of which chance alone makes {chance:.2g}.")
    return Advice(wanted, replicates, found, wanted * cost, sentence)


def _check(between: float, within: float, error: float, draw_cost: float, run_cost: float) -> None:
    faults = []
    if not error > 0.0:
        faults.append(Fault("error", f"{error}", "above 0"))
    if not (between >= 0.0 and within >= 0.0 and math.isfinite(between + within)):
        faults.append(Fault("variances", f"between {between}, within {within}", "0 or more"))
    if not (draw_cost >= 0.0 and run_cost > 0.0):
        faults.append(Fault("costs", f"{draw_cost} for a draw, {run_cost} for a run", "0 or more, and above 0"))
    if faults:
        raise SettingError("", faults)
