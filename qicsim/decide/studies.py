"""What a study would be worth before it is done: expected value of sample information, and its net benefit by size.

    EVSI = E max_i E[NB_i | data] - max_i E NB_i,       ENBS(n) = (1 - lost) EVSI(n) - cost(n)

The data of the study are simulated for every draw and reduced to a few summaries; the inner expectation is a regression
on these (Strong, Oakley, Brennan and Breeze 2015, Med Decis Making 35:570-83). Data are simulated `REPLICATES` times
and values averaged; a larger study is never worth less, and none more than knowing what it measures exactly. A second
estimate without simulated data shrinks the conditional means given the parameter itself by the share of its variance
that the study removes (moment matching; Heath, Manolopoulou and Baio 2018, Med Decis Making 38:163-73). It assumes that
net benefit is about linear in what is measured, so it is a check only: `agree` says where the two differ by no more
than their errors.

The study: **an independent re-scoring of n facilities**, drawn at random, soon after their ordinary assessment, by
assessors who neither coach them nor are paid by their scores. They come unannounced, or score from records: staff who
are watched do better, so that an announced visit would measure true quality and visit-day behaviour together. It
measures two things that are open: how good facilities truly are, and by how many points the record
exceeds that. One mean is taken at a time; the study as a whole is worth at least the larger of the two.

    mean seen = mean + z sqrt(deff between^2 (1 - n/N) / n + noise^2 / n)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks, promoted
from qicsim.decide.information import (
    CLEAR,
    FEWEST_DRAWS,
    SHUFFLES,
    Gains,
    Information,
    benefits,
    chance_of,
    error_of,
    gains_of,
    information,
    known,
    worth_of,
    worth_of_knowing,
)
from qicsim.decide.smoothers import Basis, fit, spline
from qicsim.ground.numbers import brief
from qicsim.ground.threads import one_thread

REPLICATES = 10
REPLICATES_OF_ERROR = 3


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
        faults = Checks()
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

    value    EVSI by regression on simulated data; `error` is its standard error
    chance   how often shuffled draws give a value as high at any size (`information`)
    matched  EVSI by moment matching, as a check; `agree` says whether the two differ by no more than two errors
    cost     of the study
    net      (1 - lost) times the value, less cost; `net_error` is its standard error
    most     value of knowing what is measured exactly
    luck     highest value over sizes of each shuffle, (shuffles,)
    """

    sizes: np.ndarray
    value: np.ndarray
    error: np.ndarray
    chance: np.ndarray
    matched: np.ndarray
    agree: np.ndarray
    cost: np.ndarray
    net: np.ndarray
    net_error: np.ndarray
    most: float
    luck: np.ndarray

    @property
    def clear(self) -> np.ndarray:
        """Whether a size is worth more than luck gives, and more than its cost by two errors; bool (sizes,)."""
        return (self.chance <= CLEAR) & (self.net > 2.0 * self.net_error)

    @property
    def place(self) -> int:
        """Position of the size with the highest net benefit of sampling."""
        return int(np.argmax(self.net))

    @property
    def best(self) -> int:
        """The size with the highest net benefit of sampling; 0 if none is worth doing."""
        return int(self.sizes[self.place]) if self.net[self.place] > 0.0 else 0

    @property
    def sentence(self) -> str:
        """What to do, in words."""
        if not self.best:
            return "No size of this study is worth its cost."
        return (f"Re-scoring {self.best} facilities would be worth {brief(self.value[self.place])} and cost "
                f"{brief(self.cost[self.place])}: a net benefit of {brief(self.net[self.place])}.")


@one_thread
def evsi(net_benefit: Any, summaries: Any, *, seed: int = 1) -> Information:
    """EVSI of any study, from net benefit (scenarios, draws) and its simulated summaries (draws,) or (draws, k).

    Raises SettingError for shapes that do not fit, values that are not finite, or fewer than 20 draws.
    """
    faults = Checks()
    benefit = benefits(net_benefit, faults)
    table = faults.numbers("summaries", promoted(summaries, 2, 1), ("draw", "summary"))
    _check(faults, "summaries", benefit, len(table))
    faults.refuse()
    return information(benefit, [table], ("study",), seed)


@one_thread
def rescoring(net_benefit: Any, measured: Any, design: Rescoring, sizes: Sequence[int], *, seed: int = 1,
              shuffles: int = SHUFFLES, replicates: int = REPLICATES) -> Study:
    """The value of re-scoring, by the number of facilities.

    Args:
        net_benefit: (scenarios, draws), in US$.
        measured: (draws,) the nation's mean of what is measured when the study is done, points.
        design: how it is done, and its cost.
        sizes: numbers of facilities, rising, 1 to all of them.
        seed: of the simulated data and the shuffles; all sizes share their luck.
        shuffles: how often net benefit is shuffled to see what luck gives.
        replicates: how often data are simulated for each draw.

    Raises:
        SettingError: with every fault.
    """
    from scipy.optimize import isotonic_regression

    faults = Checks()
    benefit = benefits(net_benefit, faults)
    true = faults.numbers("measured", measured, ("draw",))
    n = faults.numbers("sizes", sizes, ("size",))
    if n.size and not ((n >= 1) & (n <= design.facilities) & (np.diff(n, prepend=0) > 0)).all():
        faults.add("sizes", f"{', '.join(f'{one:g}' for one in n)} facilities", f"rising, 1 to {design.facilities}")
    _check(faults, "measured", benefit, len(true))
    faults.between("shuffles", shuffles, 0, 100_000)
    faults.between("replicates", replicates, 1, 10_000)
    faults.refuse()
    gains = gains_of(benefit, seed, shuffles)
    exact, exact_error = known([[spline(true)]], gains, np.random.default_rng(seed))
    value, error = _simulated(true, design.error(n), gains, seed, replicates)
    value = np.minimum(value, exact)
    luck = value[:, 1:].max(axis=0, initial=0.0)
    rising, cost = isotonic_regression(value[:, 0]).x, design.cost(n)
    matched = np.clip(_matched(gains, true, design.error(n)), 0.0, gains.perfect.value)
    kept = 1.0 - design.lost
    return Study(n, rising, error, chance_of(rising, luck), matched,
                 np.abs(matched - rising) <= 2.0 * np.maximum(error, exact_error), cost, kept * rising - cost,
                 kept * error, float(exact[0]), luck)


def _simulated(true: np.ndarray, error: np.ndarray, gains: Gains, seed: int, replicates: int
               ) -> tuple[np.ndarray, np.ndarray]:
    """Value by size and block (sizes, blocks) and its standard error (sizes,), averaged over simulated studies.

    The error, which takes longer than the value, over the first of them.
    """
    value, squared = np.zeros((len(error), gains.blocks)), np.zeros(len(error))
    few = min(replicates, REPLICATES_OF_ERROR)
    for number, bases in enumerate(_bases(true.tobytes(), error.tobytes(), seed, replicates)):
        for place, basis in enumerate(bases):
            value[place] += worth_of_knowing([[basis]], gains)[0] / replicates
            if number < few and gains.width:
                squared[place] += error_of([basis], gains.found, np.random.default_rng(seed)) ** 2 / few
    return value, np.sqrt(squared)


@lru_cache(maxsize=2)
def _bases(true: bytes, error: bytes, seed: int, replicates: int) -> list[list[Basis]]:
    """What to regress on by replicate and size; kept, since the same studies are valued at several worths."""
    measured, errors = np.frombuffer(true), np.frombuffer(error)
    rng = np.random.default_rng((seed, 11))
    return [[spline(measured + size * luck) for size in errors]
            for luck in (rng.standard_normal(len(measured)) for _ in range(replicates))]


def _check(faults: Checks, place: str, benefit: np.ndarray, draws: int) -> None:
    if benefit.size and draws and benefit.shape[-1] != draws:
        faults.add(place, f"{draws} draws for {benefit.shape[-1]} of net benefit", "the same draws")
    if 0 < draws < FEWEST_DRAWS:
        faults.add(place, f"{draws} draws", f"{FEWEST_DRAWS} or more, to regress on")


def _matched(gains: Gains, true: np.ndarray, error: np.ndarray) -> np.ndarray:
    """EVSI by moment matching: conditional means given what is measured, shrunk by what the study explains."""
    variance = true.var(ddof=1)
    if not gains.width or not variance > 0.0:
        return np.zeros(len(error))
    fitted = fit(spline(true), gains.found).fitted
    centre = fitted.mean(axis=0)
    kept = np.sqrt(variance / (variance + error**2))
    return worth_of(centre + kept[:, None, None] * (fitted - centre))
