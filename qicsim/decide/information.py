"""What it would be worth to know more before choosing.

    EVPI     = E max_i NB_i - max_i E NB_i                           everything known
    EVPPI(x) = E max_i E[NB_i | x] - max_i E NB_i                    the parameters x known

Per decision, in the unit of net benefit; net benefit is of the whole nation and horizon, so nothing has to be scaled
up. The inner expectation is estimated by regression on the draws (`smoothers`), from one set of runs. Knowing a group
is worth at least what knowing its best member is: the larger of the two estimates is taken.

Errors. `error` joins the error of the regression (means and coefficients, drawn from their posterior) with that of a
finite number of draws, and with that of today's choice, which is made again each time: small values and values near a
tie hang on it. Near a tie the maximum over estimated means lies above 0 even for a parameter that does not matter.
Nothing is taken off for that, as taking it off would also make small what does matter; instead net benefit is shuffled
between draws, in the same way for all parameters, and everything is worked out again (`SHUFFLES` times). `chance` is
how often the **largest** of all shuffled values is as high as the value found (Westfall and Young 1993,
"Resampling-based multiple testing"): among any number of parameters that do not matter, one is called clear in at most
a twentieth of decisions.

Net benefit averaged over too few replicates still holds luck, which nobody can learn: the EVPI is then too high, while
EVPPI is not, as regression averages luck out. All values hold for the model as it is: that its form is wrong is not
among what can be learnt. Strong, Oakley and Brennan 2014, Med Decis Making 34:311-26.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.smoothers import Basis, fit, group, likeliest, spline
from qicsim.ground.numbers import brief, percent
from qicsim.ground.threads import one_thread

FEWEST_DRAWS = 20
TIMES = 200
UPPER, WIDE = 0.975, 1.96
SHUFFLES = 99
CLEAR = 0.05


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

    value   as estimated, kept within 0 and EVPI
    error   standard error
    chance  how often shuffled draws give a value as high, for whichever of all these names; 1 without shuffles
    """

    names: tuple[str, ...]
    value: np.ndarray
    error: np.ndarray
    chance: np.ndarray
    evpi: Perfect

    @property
    def clear(self) -> np.ndarray:
        """Whether a value is more than luck gives in 19 of 20 decisions; bool (names,)."""
        return self.chance <= CLEAR

    @property
    def order(self) -> np.ndarray:
        """Positions, those that are clear first, by falling value."""
        return np.lexsort((-self.value, ~self.clear))


@dataclass(frozen=True, eq=False)
class Gains:
    """Gains over today's choice (draws, blocks * width): as found, then shuffled between draws, a block each time."""

    stacked: np.ndarray
    width: int
    perfect: Perfect

    @property
    def found(self) -> np.ndarray:
        """Gains as found, (draws, width)."""
        return self.stacked[:, :self.width]

    @property
    def blocks(self) -> int:
        """How many times: once as found, and every shuffle."""
        return self.stacked.shape[1] // self.width if self.width else 1

    def worth(self, fitted: np.ndarray) -> np.ndarray:
        """Value of information from fitted gains, in every block; float64 (blocks,), kept within 0 and EVPI."""
        value = worth_of(fitted.reshape(len(fitted), self.blocks, self.width).transpose(1, 0, 2))
        return np.clip(value, 0.0, self.perfect.value)


def benefits(net_benefit: Any, faults: Checks) -> np.ndarray:
    """Net benefit (scenarios, draws), checked."""
    return faults.numbers("net_benefit", net_benefit, ("scenario", "draw"))


def evpi(net_benefit: Any) -> Perfect:
    """EVPI of net benefit (scenarios, draws); SettingError for other shapes or values that are not finite."""
    faults = Checks()
    checked = benefits(net_benefit, faults)
    faults.refuse()
    best = int(np.argmax(checked.mean(axis=1)))
    gain = checked.max(axis=0) - checked[best]
    error = float(gain.std(ddof=1) / np.sqrt(gain.size)) if gain.size > 1 else float("nan")
    told = ONE_SCENARIO if len(checked) == 1 else (
        f"Knowing everything would be worth {brief(gain.mean())}; today's choice is wrong in "
        f"{percent(np.mean(gain > 0.0))} of draws.")
    return Perfect(float(gain.mean()), error, best, told)


@one_thread
def evppi(net_benefit: Any, parameters: Any, names: Sequence[str], *, groups: Mapping[str, Sequence[str]] | None = None,
          seed: int = 1, shuffles: int = SHUFFLES) -> Information:
    """EVPPI of each parameter alone, or of each of `groups` (name: parameters) if given.

    Args:
        net_benefit: (scenarios, draws), US$ or any unit.
        parameters: (draws, parameters); a parameter that does not vary is worth nothing.
        names: of the parameters.
        groups: parameters that one study would teach together.
        seed: of the errors' simulation and of the shuffles.
        shuffles: how often net benefit is shuffled to see what luck gives; with fewer than 19 nothing can be clear.

    Raises:
        SettingError: with every fault: shapes, values that are not finite, unknown or repeated names, fewer than 20
            draws.
    """
    faults = Checks()
    benefit = benefits(net_benefit, faults)
    table = faults.numbers("parameters", parameters, ("draw", "parameter"), {"parameter": names})
    known = faults.names("names", names, table.shape[-1], "parameters")
    faults.between("shuffles", shuffles, 0, 100_000)
    _check_draws(faults, benefit, table)
    chosen = {name: (name,) for name in known} if groups is None else {name: tuple(one) for name, one in groups.items()}
    for label, members in chosen.items():
        faults.known(f"groups {label}", members, known)
        if not members:
            faults.add(f"groups {label}", "has no parameter", "one or more")
    faults.refuse()
    columns = [table[:, [known.index(name) for name in members]] for members in chosen.values()]
    return information(benefit, columns, tuple(chosen), seed, shuffles=shuffles)


def _check_draws(faults: Checks, benefit: np.ndarray, table: np.ndarray) -> None:
    if benefit.size and table.size and benefit.shape[-1] != len(table):
        faults.add("parameters", f"{len(table)} draws for {benefit.shape[-1]} of net benefit", "the same draws")
    if 0 < len(table) < FEWEST_DRAWS:
        faults.add("parameters", f"{len(table)} draws", f"{FEWEST_DRAWS} or more, to regress on")


def information(benefit: np.ndarray, tables: Sequence[np.ndarray], names: tuple[str, ...], seed: int, *,
                shuffles: int = SHUFFLES) -> Information:
    """Values of knowing each of several tables of numbers (draws, k), for checked net benefit (scenarios, draws)."""
    gains = gains_of(benefit, seed, shuffles)
    value, error = np.zeros((len(tables), gains.blocks)), np.zeros(len(tables))
    for place, table in enumerate(tables):
        value[place], error[place] = known(candidates(table), gains, np.random.default_rng(seed))
    top = value[:, 1:].max(axis=0, initial=0.0)
    return Information(names, value[:, 0], error, chance_of(value[:, 0], top), gains.perfect)


def gains_of(benefit: np.ndarray, seed: int, shuffles: int) -> Gains:
    """Gains of net benefit (scenarios, draws) over today's choice, with so many shuffles."""
    perfect = evpi(benefit)
    gains = np.delete(benefit - benefit[perfect.best], perfect.best, axis=0).T
    rng = np.random.default_rng((seed, 7))
    blocks = [gains, *(gains[rng.permutation(len(gains))] for _ in range(shuffles))]
    return Gains(np.hstack(blocks), gains.shape[1], perfect)


def chance_of(value: np.ndarray, top: np.ndarray) -> np.ndarray:
    """How often the highest shuffled values (shuffles,) reach each value; like `value`, never 0."""
    return (1.0 + (top >= value[..., None]).sum(axis=-1)) / (1.0 + len(top))


def candidates(table: np.ndarray) -> list[list[Basis]]:
    """Ways to regress on a table (draws, k): each column that varies alone, and all together; each a list of bases."""
    varying = table[:, np.ptp(table, axis=0) > 0.0]
    alone = [[spline(column)] for column in varying.T] or [[spline(np.zeros(len(table)))]]
    return [*alone, group(varying)] if varying.shape[1] > 1 else alone


def known(ways: Sequence[Sequence[Basis]], gains: Gains, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Value in every block (blocks,), the highest over the ways, and the standard error of the one as found."""
    values = worth_of_knowing(ways, gains)
    if not gains.width:
        return values[0], 0.0
    return values.max(axis=0), error_of(ways[int(np.argmax(values[:, 0]))], gains.found, rng)


def worth_of_knowing(ways: Sequence[Sequence[Basis]], gains: Gains) -> np.ndarray:
    """Value by way and block (ways, blocks)."""
    if not gains.width:
        return np.zeros((len(ways), 1))
    return np.stack([gains.worth(likeliest(bases, gains.stacked, gains.width)) for bases in ways])


def error_of(bases: Sequence[Basis], gains: np.ndarray, rng: np.random.Generator) -> float:
    """Standard error of the value from gains (draws, scenarios - 1): of means and coefficients, and of the draws.

    The value is worked out again with means and coefficients from their posterior and draws weighted anew (Rubin 1981,
    "The Bayesian bootstrap"), and today's choice made again. The error is the root mean square of what that changes; as
    values have a long tail upwards, it is at least what makes `WIDE` errors reach the upper end of 95 % of them.
    """
    found = max((fit(basis, gains) for basis in bases), key=lambda one: float(one.score.sum()))
    fitted = found.fitted + found.noise(rng, TIMES)
    weights = rng.standard_exponential((TIMES, len(gains)))
    weights /= weights.sum(axis=1, keepdims=True)
    known = np.einsum("td,td->t", weights, np.maximum(fitted.max(axis=2), 0.0))
    today = np.einsum("td,tds->ts", weights, fitted).max(axis=1)
    off = known - np.maximum(today, 0.0) - worth_of(found.fitted)
    return float(max(np.sqrt(np.mean(off**2)), np.quantile(off, UPPER) / WIDE))


def worth_of(gains: np.ndarray) -> np.ndarray:
    """E max(0, gains) of gains (..., draws, scenarios) over today's choice, whose means are 0 or less; (...)."""
    highest = gains[..., 0]
    for at in range(1, gains.shape[-1]):  # a column at a time: many short rows take five times as long
        highest = np.maximum(highest, gains[..., at])
    return np.maximum(highest, 0.0).mean(axis=-1)
