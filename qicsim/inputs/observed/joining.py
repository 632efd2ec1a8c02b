"""The natural experiment of joining: joiners against facilities that have not joined yet, quarter by quarter.

    ATT(g, t) = mean over joiners of quarter g of (Y_t - Y_g-1) - mean over those not yet joined of (Y_t - Y_g-1)
    effect(e) = mean of ATT(g, g + e) over cohorts g, weighted by their joiners that were seen

Group-time effects of Callaway and Sant'Anna (2021) without covariates, with the quarter before joining as the base
throughout. Cohorts are quarters of joining within a kind (health centres, hospitals). Not yet joined means: not by
quarter t, nor by the base. Changes are those of facilities with a score in both quarters. Standard errors leave out
one operational district at a time, since its facilities are not independent.

It is an effect of joining if (ASSUMPTIONS) paths would have been parallel, nobody changed before joining, and the
record is what is asked about: assessors who are lenient with those whom they coach are part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.inputs.observed.panel import NEVER, ScorePanel
from qicsim.inputs.observed.targets import jackknife_error

EARLIEST, LATEST = -4, 8
FEWEST_JOINERS = 3
FEWEST_CLUSTERS = 4
WIDE = 1.96
ASSUMPTIONS = (
    ("Parallel paths: without joining, the scores of joiners would have moved as those of facilities of the same kind "
     "that had not joined yet. The effects before joining test it where it can be tested; they should be near zero."),
    "No anticipation: facilities did not change in the quarter before they joined.",
    ("The record is what is measured: if assessors are more lenient with facilities that they coach, or if facilities "
     "prepare for the visit, that is part of the effect. Better care alone may be less."),
    ("Joiners do not change the scores of those not yet joined. Where neighbours learn from joiners the effect comes "
     "out too small."),
)


@dataclass(frozen=True)
class Effect:
    """The effect some quarters after joining (negative: before): points of the record, with its standard error."""

    quarter: int
    points: float
    error: float
    joiners: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval."""
        return self.points - WIDE * self.error, self.points + WIDE * self.error


@dataclass(frozen=True)
class NaturalExperiment:
    """Effects by quarter since joining, their mean after joining, and a test of the paths before.

    overall      mean of the effects from the quarter of joining on (quarter 0 in the record), and its error
    before_p     probability of paths before joining this far apart if they were parallel; nan where untestable
    joiners, districts   facilities that joined and entered, and clusters
    refused      why there is no estimate, or ""
    """

    effects: tuple[Effect, ...]
    overall: Effect | None
    before_p: float
    joiners: int
    districts: int
    refused: str = ""

    @property
    def places(self) -> list[int]:
        """Quarters since joining that have an effect."""
        return [one.quarter for one in self.effects]


def natural_experiment(panel: ScorePanel) -> NaturalExperiment:
    """The effect of joining in observed scores, or why it cannot be told."""
    sums = cluster_sums(panel.scores, panel)
    whole = sums.sum(axis=0)
    effects, joiners = event_effects(whole)
    shown = np.isfinite(effects) & (joiners >= FEWEST_JOINERS)
    clusters = np.flatnonzero((sums[..., 1] + sums[..., 3]).sum(axis=(1, 2)))
    entered = int(whole[..., 1].max(axis=-1).sum()) if whole.size else 0
    late = shown & (quarters_since() >= 0)
    if not late.any() or len(clusters) < FEWEST_CLUSTERS:
        reason = (f"at least {FEWEST_JOINERS} joiners with scores before and after joining, while others of their kind "
                  f"had not joined, in {FEWEST_CLUSTERS} districts are needed")
        return NaturalExperiment((), None, np.nan, entered, len(clusters), reason)
    without = np.array([event_effects(whole - sums[d])[0] for d in clusters])
    errors = jackknife_error(np.where(np.isfinite(without), without, effects))
    found = tuple(Effect(int(quarter), float(effects[i]), float(errors[i]), int(joiners[i]))
                  for i, quarter in enumerate(quarters_since()) if shown[i])
    overall = Effect(0, float(effects[late].mean()), _error_of_mean(without, effects, late), entered)
    before = shown & (quarters_since() < -1)
    return NaturalExperiment(found, overall, _parallel(effects, without, before), entered, len(clusters))


def quarters_since() -> np.ndarray:
    """Quarters since joining that are looked at; int64 (E,)."""
    return np.arange(EARLIEST, LATEST + 1)


def cluster_sums(scores: np.ndarray, panel: ScorePanel) -> np.ndarray:
    """Sums by district, (D, cohorts, E, 4): changes and number of joiners, then of those not yet joined."""
    events, cohorts = quarters_since(), _cohorts(panel)
    out = np.zeros((int(panel.district.max()) + 1, len(cohorts), len(events), 4))
    for c, (hospital, g) in enumerate(cohorts):
        same = panel.hospital == hospital
        for e, event in enumerate(events):
            t = g + event
            if event != -1 and 0 <= t < scores.shape[1]:
                change = scores[:, t] - scores[:, g - 1]
                seen = same & ~np.isnan(change)
                _add(out[:, c, e, :2], change, panel.district, seen & (panel.joined == g))
                _add(out[:, c, e, 2:], change, panel.district, seen & (panel.joined > max(t, g)))
    return out


def event_effects(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Effects by quarter since joining (E,), nan where there is none, and joiners behind them, from (cohorts, E, 4)."""
    ours, theirs = sums[..., 1], sums[..., 3]
    used = (ours > 0.0) & (theirs > 0.0)
    of_cohort = sums[..., 0] / np.where(used, ours, 1.0) - sums[..., 2] / np.where(used, theirs, 1.0)
    joiners = np.where(used, ours, 0.0).sum(axis=0)
    total = np.where(used, ours * of_cohort, 0.0).sum(axis=0)
    return np.where(joiners > 0.0, total / np.where(joiners > 0.0, joiners, 1.0), np.nan), joiners


def _cohorts(panel: ScorePanel) -> list[tuple[bool, int]]:
    """Kinds and quarters of joining that have a quarter before them."""
    inside = (panel.joined >= 1) & (panel.joined < panel.scores.shape[1]) & (panel.joined != NEVER)
    pairs = zip(panel.hospital[inside].tolist(), panel.joined[inside].tolist(), strict=True)
    return sorted(set(pairs))


def _add(out: np.ndarray, change: np.ndarray, district: np.ndarray, chosen: np.ndarray) -> None:
    """Add changes and counts of the chosen facilities to their districts."""
    np.add.at(out[:, 0], district[chosen], change[chosen])
    np.add.at(out[:, 1], district[chosen], 1.0)


def _error_of_mean(without: np.ndarray, effects: np.ndarray, chosen: np.ndarray) -> float:
    rows = np.where(np.isfinite(without), without, effects)[:, chosen].mean(axis=1)
    return float(jackknife_error(rows[:, None])[0])


def _parallel(effects: np.ndarray, without: np.ndarray, chosen: np.ndarray) -> float:
    """P-value of no effect before joining: Hotelling's T^2 with the jackknife's covariance over districts."""
    from scipy import special

    clusters, k = len(without), int(chosen.sum())
    if k == 0 or clusters <= k + 1:
        return float("nan")
    rows = np.where(np.isfinite(without), without, effects)[:, chosen]
    off = rows - rows.mean(axis=0)
    covariance = (clusters - 1) / clusters * off.T @ off
    squared = float(effects[chosen] @ np.linalg.pinv(covariance) @ effects[chosen])
    return float(special.fdtrc(k, clusters - k, squared * (clusters - k) / (k * (clusters - 1))))
