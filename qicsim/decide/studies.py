"""What a study would be worth before it is done: expected value of sample information, and its net benefit by size.

    EVSI = E max_i E[NB_i | data] - max_i E NB_i,       ENBS(n) = (1 - lost) EVSI(n) - cost(n)

The data of the study are simulated for every draw and reduced to a few summaries; the inner expectation is a regression
on these (Strong, Oakley, Brennan and Breeze 2015, Med Decis Making 35:570-83). A second estimate without simulated data
shrinks the conditional means given the parameter itself by the share of its variance that the study removes (moment
matching; Heath, Manolopoulou and Baio 2018, Med Decis Making 38:163-73); the two should agree.

The study: **an independent re-scoring of n facilities**, drawn at random, soon after their ordinary assessment, by
assessors who neither coach them nor are paid by their scores. It measures two things that Cambodia's numbers leave
open: how good facilities truly are, and by how many points the record exceeds that. One mean is taken at a time; the
study as a whole is worth at least the larger of the two.

    mean seen = mean + z sqrt(deff between^2 (1 - n/N) / n + noise^2 / n)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Faults, promoted
from qicsim.decide.information import FEWEST_DRAWS, Information, benefits, evpi, information, regress, worth_of


@dataclass(frozen=True)
class Rescoring:
    """How facilities are re-scored, and at what cost.

    between        SD between facilities of what is measured (an independent score, or its gap to the record), points
    noise          SD of the noise of what is measured at one facility, points
    facilities     facilities in the country, of which the study draws some
    design_effect  variance with clusters (districts) over variance without
    setup, each    US$: fixed, and for each facility re-scored
    lost           share of the value that waiting for the study costs, 0-1
    """

    between: float
    noise: float
    facilities: int
    design_effect: float = 1.0
    setup: float = 0.0
    each: float = 120.0
    lost: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers outside their range, all at once."""
        faults = Faults()
        for name in ("between", "noise", "setup", "each"):
            faults.between(name, getattr(self, name), 0.0, 1e12)
        faults.between("facilities", self.facilities, 1, 1e9)
        faults.between("design_effect", self.design_effect, 0.1, 1e3)
        faults.between("lost", self.lost, 0.0, 1.0)
        faults.refuse()

    def error(self, n: np.ndarray) -> np.ndarray:
        """Standard error of the mean of n facilities, points."""
        share = self.design_effect * self.between**2 * (1.0 - n / self.facilities) + self.noise**2
        return np.sqrt(share / n)

    def cost(self, n: np.ndarray) -> np.ndarray:
        """US$ for n facilities; nothing for none."""
        return np.where(n > 0, self.setup + self.each * n, 0.0)


@dataclass(frozen=True, eq=False)
class Study:
    """A study by size, float64 (sizes,) each; money in the unit of net benefit.

    value    EVSI by regression on simulated data; `error` and `bias` as in Information
    matched  EVSI by moment matching, as a check
    cost     of the study
    net      (1 - lost) times the moment-matched value, less cost: it has less noise over sizes
    """

    sizes: np.ndarray
    value: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    matched: np.ndarray
    cost: np.ndarray
    net: np.ndarray

    @property
    def best(self) -> int:
        """The size with the highest net benefit of sampling; 0 if none is worth doing."""
        place = int(np.argmax(self.net))
        return int(self.sizes[place]) if self.net[place] > 0.0 else 0

    @property
    def sentence(self) -> str:
        """What to do, in words."""
        if not self.best:
            return "No size of this study is worth its cost."
        place = int(np.argmax(self.net))
        return (f"Re-scoring {self.best} facilities would be worth {self.matched[place]:,.4g} and cost "
                f"{self.cost[place]:,.4g}: a net benefit of {self.net[place]:,.4g}.")


def evsi(net_benefit: Any, summaries: Any, *, seed: int = 1) -> Information:
    """EVSI of any study, from net benefit (scenarios, draws) and its simulated summaries (draws,) or (draws, k).

    Raises SettingError for shapes that do not fit, values that are not finite, or fewer than 20 draws.
    """
    faults = Faults()
    benefit = benefits(net_benefit, faults)
    table = faults.numbers("summaries", promoted(summaries, 2, 1), ("draw", "summary"))
    _check(faults, "summaries", benefit, len(table))
    faults.refuse()
    return information(benefit, [table], ("study",), seed)


def rescoring(net_benefit: Any, measured: Any, design: Rescoring, sizes: Sequence[int], *, seed: int = 1) -> Study:
    """The value of re-scoring, by the number of facilities.

    Args:
        net_benefit: (scenarios, draws), in US$.
        measured: (draws,) the nation's mean of what is measured when the study is done, points.
        design: how it is done, and its cost.
        sizes: numbers of facilities, 1 to all of them.
        seed: of the simulated data; all sizes share their luck.

    Raises:
        SettingError: with every fault.
    """
    faults = Faults()
    benefit = benefits(net_benefit, faults)
    true = faults.numbers("measured", measured, ("draw",))
    n = faults.numbers("sizes", sizes, ("size",))
    if n.size and not ((n >= 1) & (n <= design.facilities)).all():
        faults.add("sizes", f"{n.min():g} to {n.max():g} facilities", f"1 to {design.facilities}")
    _check(faults, "measured", benefit, len(true))
    faults.refuse()
    luck = np.random.default_rng(seed).standard_normal(len(true))
    seen = [(true + design.error(size) * luck)[:, None] for size in n]
    found = information(benefit, seen, tuple(f"{size:g}" for size in n), seed)
    matched = _matched(benefit, true, design.error(n))
    cost = design.cost(n)
    return Study(n, found.value, found.error, found.bias, matched, cost, (1.0 - design.lost) * matched - cost)


def _check(faults: Faults, place: str, benefit: np.ndarray, draws: int) -> None:
    if benefit.size and draws and benefit.shape[-1] != draws:
        faults.add(place, f"{draws} draws for {benefit.shape[-1]} of net benefit", "the same draws")
    if 0 < draws < FEWEST_DRAWS:
        faults.add(place, f"{draws} draws", f"{FEWEST_DRAWS} or more, to regress on")


def _matched(benefit: np.ndarray, true: np.ndarray, error: np.ndarray) -> np.ndarray:
    """EVSI by moment matching: conditional means given what is measured, shrunk by what the study explains."""
    perfect = evpi(benefit)
    gains = np.delete(benefit - benefit[perfect.best], perfect.best, axis=0).T
    variance = true.var(ddof=1)
    if not gains.shape[1] or not variance > 0.0:
        return np.zeros(len(error))
    fitted = regress(true[:, None], gains).fitted
    centre = fitted.mean(axis=0)
    kept = np.sqrt(variance / (variance + error**2))
    value = worth_of(centre + kept[:, None, None] * (fitted - centre))
    return np.clip(value, 0.0, perfect.value)
