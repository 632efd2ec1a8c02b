"""What it would be worth to know more before choosing.

    EVPI     = E max_i NB_i - max_i E NB_i                           everything known
    EVPPI(x) = E max_i E[NB_i | x] - max_i E NB_i                    the parameters x known

Per decision, in the unit of net benefit; net benefit is of the whole nation and horizon, so nothing has to be scaled
up. The inner expectation is estimated by regression on the draws (`smoothers`), from one set of runs.

Errors. `error` joins the error of the regression's coefficients (drawn from their posterior) with that of a finite
number of draws. `bias` is how much the maximum over estimated means exaggerates, estimated by adding the coefficients'
error once more. A parameter that does not matter has a value of about its bias: `corrected` is near zero.

Net benefit averaged over too few replicates still holds luck, which nobody can learn: the EVPI is then too high, while
EVPPI is not, as regression averages luck out. Strong, Oakley and Brennan 2014, Med Decis Making 34:311-26.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Faults
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.smoothers import Fit, fit, group_fit, spline

FEWEST_DRAWS = 20
TIMES = 100


@dataclass(frozen=True)
class Perfect:
    """Expected value of perfect information, its standard error, and the position of the best scenario today."""

    value: float
    error: float
    best: int
    sentence: str


@dataclass(frozen=True, eq=False)
class Information:
    """Values of information by parameter or group, float64 (names,) each, in the unit of net benefit.

    value      as estimated, kept within 0 and EVPI
    error      standard error
    bias       expected exaggeration of `value`
    corrected  value less bias, not below 0
    """

    names: tuple[str, ...]
    value: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    evpi: Perfect

    @property
    def corrected(self) -> np.ndarray:
        """The value less its bias, not below 0."""
        return np.maximum(self.value - self.bias, 0.0)

    @property
    def clear(self) -> np.ndarray:
        """Whether the corrected value is more than two standard errors above 0; bool (names,)."""
        return self.corrected > 2.0 * self.error

    @property
    def order(self) -> np.ndarray:
        """Positions by falling corrected value."""
        return np.argsort(-self.corrected, kind="stable")


def benefits(net_benefit: Any, faults: Faults) -> np.ndarray:
    """Net benefit (scenarios, draws), checked."""
    return faults.numbers("net_benefit", net_benefit, ("scenario", "draw"))


def evpi(net_benefit: Any) -> Perfect:
    """EVPI of net benefit (scenarios, draws); SettingError for other shapes or values that are not finite."""
    faults = Faults()
    checked = benefits(net_benefit, faults)
    faults.refuse()
    best = int(np.argmax(checked.mean(axis=1)))
    gain = checked.max(axis=0) - checked[best]
    error = float(gain.std(ddof=1) / np.sqrt(gain.size)) if gain.size > 1 else float("nan")
    told = ONE_SCENARIO if len(checked) == 1 else (
        f"Knowing everything would be worth {gain.mean():,.4g}; today's choice is wrong in {np.mean(gain > 0.0):.0%} "
        "of draws.")
    return Perfect(float(gain.mean()), error, best, told)


def evppi(net_benefit: Any, parameters: Any, names: Sequence[str], *,
          groups: Mapping[str, Sequence[str]] | None = None, seed: int = 1) -> Information:
    """EVPPI of each parameter alone, or of each of `groups` (name: parameters) if given.

    Args:
        net_benefit: (scenarios, draws), US$ or any unit.
        parameters: (draws, parameters); a parameter that does not vary is worth nothing.
        names: of the parameters.
        groups: parameters that one study would teach together.
        seed: of the errors' simulation.

    Raises:
        SettingError: with every fault: shapes, values that are not finite, unknown or repeated names, fewer than 20
            draws.
    """
    faults = Faults()
    benefit = benefits(net_benefit, faults)
    table = faults.numbers("parameters", parameters, ("draw", "parameter"), {"parameter": names})
    known = faults.names("names", names, table.shape[-1], "parameters")
    _check_draws(faults, benefit, table)
    chosen = {name: (name,) for name in known} if groups is None else {name: tuple(one) for name, one in groups.items()}
    for group, members in chosen.items():
        faults.known(f"groups {group}", members, known)
        if not members:
            faults.add(f"groups {group}", "has no parameter", "one or more")
    faults.refuse()
    columns = [table[:, [known.index(name) for name in members]] for members in chosen.values()]
    return information(benefit, columns, tuple(chosen), seed)


def _check_draws(faults: Faults, benefit: np.ndarray, table: np.ndarray) -> None:
    if benefit.size and table.size and benefit.shape[-1] != len(table):
        faults.add("parameters", f"{len(table)} draws for {benefit.shape[-1]} of net benefit", "the same draws")
    if 0 < len(table) < FEWEST_DRAWS:
        faults.add("parameters", f"{len(table)} draws", f"{FEWEST_DRAWS} or more, to regress on")


def information(benefit: np.ndarray, columns: Sequence[np.ndarray], names: tuple[str, ...], seed: int) -> Information:
    """Values of knowing each of several tables of numbers (draws, k), for checked net benefit (scenarios, draws)."""
    perfect = evpi(benefit)
    gains = np.delete(benefit - benefit[perfect.best], perfect.best, axis=0).T
    found = np.array([_value(gains, table, np.random.default_rng(seed)) for table in columns]).reshape(-1, 3)
    return Information(names, np.clip(found[:, 0], 0.0, perfect.value), found[:, 1], found[:, 2], perfect)


def _value(gains: np.ndarray, table: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Value, standard error and bias, from gains over today's choice (draws, scenarios - 1)."""
    if not gains.shape[1]:
        return 0.0, 0.0, 0.0
    found = regress(table, gains)
    fitted = found.fitted
    value = float(worth_of(fitted))
    again = worth_of(fitted + found.noise(rng, TIMES))
    best = int(np.argmax(np.append(fitted.mean(axis=0), 0.0)))
    own = np.maximum(fitted.max(axis=1), 0.0) - np.hstack([fitted, np.zeros((len(fitted), 1))])[:, best]
    error = np.sqrt(again.var(ddof=1) + own.var(ddof=1) / len(own))
    return value, float(error), float(max(again.mean() - value, 0.0))


def regress(table: np.ndarray, responses: np.ndarray) -> Fit:
    """The regression of responses (draws, responses) on the columns that vary: a spline for one, a process for more."""
    varying = table[:, np.ptp(table, axis=0) > 0.0]
    one = spline(varying[:, 0] if varying.shape[1] else np.zeros(len(table)))
    return group_fit(varying, responses) if varying.shape[1] > 1 else fit(one, responses)


def worth_of(gains: np.ndarray) -> np.ndarray:
    """E max(0, gains) of gains (..., draws, scenarios) over today's choice, whose means are 0 or less; (...)."""
    return np.maximum(gains.max(axis=-1), 0.0).mean(axis=-1)
