"""Pattern: trials with high team attrition can read null.

30 facilities of the reference trial against 30 others of its comparison, health centres drawn at random, and the
hazard of lapsing held at 2 % or at 10 % a month. The readout is independent: true composite plus assessment noise,
before each facility joined (or would have) and 18 months later; effect = difference of mean changes with a 95 %
confidence interval (Welch). A trial reads null when that holds 0. So small a trial of a composite is often null
anyway: what counts is how much attrition adds.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import t

from experiments.verification.common import (
    SEED,
    Draws,
    Runner,
    but,
    histories,
    prior,
    trial,
    without_teams,
)
from qicsim.runs.draws import names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HAZARDS = (0.0, 0.02, 0.05, 0.10)
ARM = 30
AFTER = 18
MONTHS = 27
TRIALS = 40


class Attrition(NamedTuple):
    """Share of trials that read null, by change scores and endline alone, and the true effect: by hazard and draw."""

    null: np.ndarray
    null_endline: np.ndarray
    effect: np.ndarray


def measure(draws: Draws | None = None) -> Attrition:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


def _read(facility: np.ndarray) -> np.ndarray:
    return np.column_stack([facility["true_score"], facility["ever"]])


@cache
def _measured(draws: Draws) -> Attrition:
    noise = draws.values[:, names().index("assessment.noise")]
    centre = Runner.of(trial()).world.setting.facility["hospital"] == 0
    other = histories(without_teams(trial()), draws, lambda facility: facility["true_score"], months=MONTHS)
    found = [_of_hazard(hazard, draws, other, centre, noise) for hazard in HAZARDS]
    return Attrition(*map(np.array, zip(*found, strict=True)))


def _of_hazard(
    hazard: float, draws: Draws, other: np.ndarray, centre: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `Attrition` holds of one hazard."""
    treated = histories(but(trial(), "lapsing", {"team.h_drop": hazard}), draws, _read, months=MONTHS)
    pairs = [_before_and_after(one, alone, centre) for one, alone in zip(treated, other, strict=True)]
    rng = np.random.default_rng(SEED)
    null = np.array(
        [[_reads_null(rng, *pair, sd) for _ in range(TRIALS)] for pair, sd in zip(pairs, noise, strict=True)]
    )
    effect = np.array([(one[1] - alone[1]).mean() for one, alone in pairs])
    return null[..., 0].mean(axis=1), null[..., 1].mean(axis=1), effect


def _before_and_after(history: np.ndarray, other: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True composite of centres that joined in time, before and 18 months later: in the trial, and without teams."""
    ever = history[:, :, 1] > 0
    joined = np.where(ever.any(axis=0), ever.argmax(axis=0), MONTHS)
    rows = np.flatnonzero(centre & (joined >= 1) & (joined <= MONTHS - AFTER))
    months = joined[rows] + np.array([[-1], [AFTER - 1]])
    return history[months, rows, 0], other[months, rows]


def _reads_null(rng: np.random.Generator, treated: np.ndarray, other: np.ndarray, noise: float) -> tuple[bool, bool]:
    """One trial: whether its change scores, and its endline alone, read null."""
    chosen = rng.permutation(treated.shape[1])[: 2 * ARM]
    arms = np.stack([treated[:, chosen[:ARM]], other[:, chosen[ARM:]]])
    seen = arms + noise * rng.standard_normal(arms.shape)
    return holds_zero(*(seen[:, 1] - seen[:, 0])), holds_zero(*seen[:, 1])


def holds_zero(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the 95 % confidence interval of a difference of means holds 0 (Welch)."""
    a, b = one.var(ddof=1) / one.size, other.var(ddof=1) / other.size
    freedom = (a + b) ** 2 / (a * a / (one.size - 1) + b * b / (other.size - 1))
    return bool(abs(one.mean() - other.mean()) < t.ppf(0.975, freedom) * np.sqrt(a + b))


def draw(axes: Axes) -> str:
    """Share of null trials by hazard; returns the caption."""
    found = measure()
    axes.plot([100 * h for h in HAZARDS], 100 * found.null.mean(axis=1), "o-", label="change from baseline")
    axes.plot([100 * h for h in HAZARDS], 100 * found.null_endline.mean(axis=1), "s--", label="endline alone")
    axes.legend(frameon=False)
    axes.set(
        xlabel="teams that lapse (% a month)",
        ylabel="trials that read null (%)",
        ylim=(0, 100),
        title="30 facilities against 30, 18 months",
    )
    at = dict(zip(HAZARDS, found.null.mean(axis=1), strict=True))
    return (
        f"Trials whose 95 % confidence interval of the effect holds 0; {TRIALS} trials for each of n = "
        f"{found.null.shape[1]} draws "
        f"from the priors and each hazard, averaged; no interval is shown. Change from baseline: {at[0.02]:.0%} at 2 "
        f"% a month, {at[0.10]:.0%} at 10 %."
    )
