"""What else the studies say: teams that stay, what is left after the end, breadth, and payment on true quality.

Few studies say anything of these. Retention has a synthesis; the others are readings beside a judgement, and say so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.estimate.evidence.trials import Trial
from qicsim.ground.intervals import PROGRAMMES, Interval
from qicsim.ground.priors import Beta, Normal

CELLS = 60
BISECTIONS = 25
LEVELS = (0.05, 0.5, 0.95)
LEFT_PRIOR = Beta(1.5, 2.0)
"""Share of an effect that is left about a year after support: a judgement that reaches both studies."""
PAYMENT_PRIOR = Normal(0.1, 0.1)
"""Effect of payment on true quality at equal money, standard deviations: a judgement. Two points are no synthesis."""


@dataclass(frozen=True, kw_only=True)
class Retention(Interval[float]):
    """The share of teams, 0-1, that stays in a new programme (ends: 5 and 95 %), and teams that stayed, by study."""

    keys: tuple[str, ...]
    stayed: tuple[int, ...]
    teams: tuple[int, ...]


@dataclass(frozen=True)
class Left:
    """Share of an effect, 0-1 from low to high, that one study found left some months after the end of support."""

    key: str
    low: float
    high: float
    months: float


@dataclass(frozen=True)
class Breadth:
    """Mean gain of a study's other declared practices, as a share of the gain of its weakest one, cut to 0-1."""

    key: str
    share: float


@dataclass(frozen=True)
class Payment:
    """Effect of performance payment on true quality at equal money, standard deviations, with its 95 % interval."""

    country: str
    effect: float
    low: float
    high: float
    source: str


PAYMENTS = (
    Payment("Rwanda", 0.157, 0.026, 0.289, "Basinga 2011 Lancet 377:1421 (prenatal quality, 23 months)"),
    Payment("Nigeria", 0.0, math.nan, math.nan,
            "Khanna 2021 BMC Med, doi 10.1186/s12916-021-02092-4 (comparable gains in both arms; size not seen)"))


def retention(trials: Iterable[Trial]) -> Retention | None:
    """The share of teams that stays in a new programme, from the studies given; None without any.

    Teams of a study stay with its own probability p ~ Beta(a, b), so that their number is beta-binomial. The mean
    a / (a + b) and 1 / sqrt(a + b) are uniform on 0-1 (Gelman et al. 2013, Bayesian Data Analysis, section 5.3, cut at
    a + b = 1). Who counts as a team differs between studies.
    """
    counted = sorted((trial for trial in trials if math.isfinite(trial.teams + trial.teams_stayed)),
                     key=lambda trial: trial.key)
    if not counted:
        return None
    stayed, teams = (np.array([getattr(trial, name) for trial in counted]) for name in ("teams_stayed", "teams"))
    middles = (np.arange(CELLS) + 0.5) / CELLS
    mean, spread = np.repeat(middles, CELLS), np.tile(middles, CELLS)
    a, b = mean / spread**2, (1.0 - mean) / spread**2
    likely = (special.betaln(a + stayed[:, None], b + (teams - stayed)[:, None]) - special.betaln(a, b)).sum(axis=0)
    weight = np.exp(likely - likely.max())
    weight /= weight.sum()
    low, high = np.zeros(len(LEVELS)), np.ones(len(LEVELS))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        short = special.betainc(a, b, middle[:, None]) @ weight < LEVELS
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    five, half, most = map(float, high)
    return Retention(float(weight @ mean), half, five, most, len(counted), PROGRAMMES,
                     keys=tuple(trial.key for trial in counted), stayed=tuple(map(int, stayed)),
                     teams=tuple(map(int, teams)))


def used_for_retention(trials: Sequence[Trial]) -> list[Trial]:
    """Studies whose counts of teams enter."""
    return [trial for trial in trials if "retention" in trial.used_for]


def left_after_end(trials: Sequence[Trial]) -> tuple[Left, ...]:
    """What studies found left of an effect after support had ended."""
    return tuple(Left(trial.key, trial.left_low, trial.left_high, trial.left_months)
                 for trial in sorted(trials, key=lambda trial: trial.key) if "decay" in trial.used_for)


def breadth(trials: Sequence[Trial]) -> tuple[Breadth, ...]:
    """Breadth inside the declared focus, from studies whose outcomes are seen with their control levels.

    Declared practices were worked on, so that it bounds from above what happens in areas that nobody worked on. It is
    a ratio within effects that are used elsewhere: shown, and fitted nowhere.
    """
    shares = []
    for trial in sorted(trials, key=lambda trial: trial.key):
        if "effect" in trial.used_for and trial.outcomes_seen > 1.0 and trial.effect_weak_pp > 0.0:
            others = (trial.outcomes_seen * trial.effect_all_pp - trial.effect_weak_pp) / (trial.outcomes_seen - 1.0)
            shares.append(Breadth(trial.key, min(max(others / trial.effect_weak_pp, 0.0), 1.0)))
    return tuple(shares)
