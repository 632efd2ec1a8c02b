"""The natural experiment of joining: joiners against facilities that have not joined yet, quarter by quarter.

    ATT(g, t) = mean over joiners of quarter g of (Y_t - Y_g-1) - mean over those not yet joined of (Y_t - Y_g-1)
    effect(e) = mean of ATT(g, g + e) over cohorts g, weighted by their joiners that were seen

Group-time effects of Callaway and Sant'Anna (2021) without covariates, with the quarter before joining as the base
throughout. Cohorts are quarters of joining within a kind (health centres, hospitals). Not yet joined means: not by
quarter t, nor by the base. Changes are those of facilities with a score in both quarters.

Standard errors leave out one operational district at a time, since its facilities are not independent. Districts are
taken in strata by when their facilities joined: where whole districts join together, leaving one of n of a cohort out
moves the mean of that cohort alone, and its squares are scaled by (n - 1) / n. Districts whose facilities joined at
different times are one stratum, as are those that are alone in theirs. Intervals use Student's t, with the degrees of
freedom that the strata leave (Satterthwaite 1946).

`overall` is the mean of the effects of the quarters 0 to `LATEST` after joining that can be estimated, all alike.

It is an effect of joining if (ASSUMPTIONS) paths would have been parallel, nobody changed before joining, and the
record is what is asked about: assessors who are lenient with those whom they coach are part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.ground.translatable import tell
from qicsim.inputs.observed.panel import NEVER, ScorePanel

EARLIEST, LATEST = -4, 8
FEWEST_JOINERS = 3
FEWEST_CLUSTERS = 4
LEVEL = 0.95
ABSENT, MIXED = -1, (-2,)
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
    """The effect some quarters after joining (negative: before): points of the record, with its standard error.

    freedom  degrees of freedom of the error
    """

    quarter: int
    points: float
    error: float
    joiners: int
    freedom: float = np.inf

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval."""
        half = float(special.stdtrit(self.freedom, 0.5 + 0.5 * LEVEL)) * self.error
        return self.points - half, self.points + half


@dataclass(frozen=True)
class NaturalExperiment:
    """Effects by quarter since joining, their mean after joining, and a test of the paths before.

    overall      mean of the effects of the quarters of `window` (quarter 0 in the record), and its error
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

    @property
    def window(self) -> tuple[int, int]:
        """First and last quarter since joining of which `overall` is the mean."""
        late = [quarter for quarter in self.places if quarter >= 0]
        return (late[0], late[-1]) if late else (0, -1)


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
        reason = tell("at least {joiners} joiners with scores before and after joining, while others of their kind had "
                      "not joined, in {districts} districts are needed", joiners=FEWEST_JOINERS,
                      districts=FEWEST_CLUSTERS)
        return NaturalExperiment((), None, np.nan, entered, len(clusters), reason)
    without = np.array([event_effects(whole - sums[d])[0] for d in clusters])
    rows, strata = np.where(np.isfinite(without), without, effects), strata_of(panel)[clusters]
    found = tuple(Effect(int(quarter), float(effects[i]), *_error(rows[:, [i]], strata, int(joiners[i])))
                  for i, quarter in enumerate(quarters_since()) if shown[i])
    overall = Effect(0, float(effects[late].mean()), *_error(rows[:, late], strata, entered))
    before = shown & (quarters_since() < -1)
    return NaturalExperiment(found, overall, _parallel(effects[before], rows[:, before], strata), entered,
                             len(clusters))


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


def strata_of(panel: ScorePanel) -> np.ndarray:
    """Districts that joined alike, by number; int64 (districts,).

    Alike are those whose facilities of each kind all joined in the same quarters; all others, and those that are alone
    in theirs, are one stratum.
    """
    keys = [_joined_of(panel, district) for district in range(int(panel.district.max()) + 1)]
    keys = [MIXED if keys.count(key) == 1 else key for key in keys]
    if keys.count(MIXED) == 1:  # it goes with the smallest other stratum
        keys = [min(set(keys) - {MIXED}, key=keys.count, default=MIXED) if key == MIXED else key for key in keys]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])


def _joined_of(panel: ScorePanel, district: int) -> tuple[int, ...]:
    """When the health centres and the hospitals of a district joined, or `MIXED`."""
    inside = panel.district == district
    kinds = [np.unique(panel.joined[inside & (panel.hospital == kind)]).tolist() for kind in (False, True)]
    return tuple(kind[0] if kind else ABSENT for kind in kinds) if max(map(len, kinds)) <= 1 else MIXED


def _spread(rows: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, float]:
    """Covariance (k, k) of statistics from their values without each district (D, k), and degrees of freedom.

    The jackknife by strata; freedom is that of the mean of the statistics.
    """
    groups = [rows[strata == stratum] for stratum in np.unique(strata)]
    sizes = np.array([len(group) for group in groups])
    parts = [(len(group) - 1) / len(group) * np.cov(group, rowvar=False, bias=True).reshape(2 * (rows.shape[1],))
             * len(group) for group in groups]
    each = np.array([part.mean() for part in parts])
    squares = float((each**2 / np.maximum(sizes - 1, 1)).sum())
    freedom = float(each.sum()) ** 2 / squares if squares > 0.0 else float(len(rows) - len(sizes))
    return np.sum(parts, axis=0), max(freedom, 1.0)


def _error(rows: np.ndarray, strata: np.ndarray, joiners: int) -> tuple[float, int, float]:
    """Standard error of the mean of effects from their values without each district, joiners, degrees of freedom."""
    covariance, freedom = _spread(rows, strata)
    return float(np.sqrt(covariance.mean())), joiners, freedom


def _parallel(effects: np.ndarray, rows: np.ndarray, strata: np.ndarray) -> float:
    """P-value of no effect before joining: Hotelling's T^2 with the jackknife's covariance over districts."""
    k, (covariance, freedom) = len(effects), _spread(rows, strata) if len(effects) else (np.empty((0, 0)), 0.0)
    if k == 0 or freedom <= k:
        return float("nan")
    squared = float(effects @ np.linalg.pinv(covariance) @ effects)
    return float(special.fdtrc(k, freedom - k + 1, squared * (freedom - k + 1) / (k * freedom)))
