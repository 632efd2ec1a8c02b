"""The natural experiment of joining, in the data and in runs of the model, computed alike.

The model's effect is read from its simulated records with the same joiners, quarters and gaps, by the same contrast.
It is not fitted: it is a check of the effect that the model assumes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.checks import INTERVAL
from qicsim.estimate.calibrate.data_world import DataWorld
from qicsim.estimate.calibrate.noise import FIRST_FRESH_BLOCK, STREAMS_PER_BLOCK
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.observed.joining import (
    FEWEST_JOINERS,
    Effect,
    NaturalExperiment,
    cluster_sums,
    event_effects,
    natural_experiment,
    quarters_since,
)
from qicsim.runs.recall import Rows
from qicsim.runs.store import Store

BLOCK = FIRST_FRESH_BLOCK + 8


@dataclass(frozen=True)
class Compared:
    """The effect some quarters after joining: in the data, and 5, 50, 95 % of the model's runs.

    `observed_low` and `observed_high` are the ends of the data's 95 % confidence interval; `place` is the share of runs
    whose effect is at or below that of the data.
    """

    quarter: int
    observed: float
    error: float
    observed_low: float
    observed_high: float
    joiners: int
    low: float
    middle: float
    high: float
    place: float


@dataclass(frozen=True)
class Joining:
    """The natural experiment of the data, and beside it the model's own, by what the parameters came from."""

    observed: NaturalExperiment
    rows: tuple[Compared, ...]
    overall: Compared | None
    runs: int

    @property
    def verdict(self) -> Told:
        """One sentence."""
        if self.overall is None:
            return tell("The data cannot tell the effect of joining: {reason}.", reason=self.observed.refused)
        one, (first, last) = self.overall, self.observed.window
        if one.low <= one.observed <= one.high:
            where = tell("within the model's range")
        else:
            where = (tell("below the model's range") if one.observed < one.low else tell("above the model's range"))
        return tell("After joining (mean of quarters {first} to {last} since then, all alike), recorded scores of "
                    "joiners changed by {observed} points (95 % interval {observed_low} to {observed_high}) more than "
                    "those of facilities not yet in a collaborative; the same contrast in the model is {model} ({low} "
                    "to {high}, 90 %): {where}.", first=first, last=last, observed=f"{one.observed:+.1f}",
                    observed_low=f"{one.observed_low:.1f}", observed_high=f"{one.observed_high:.1f}",
                    model=f"{one.middle:+.1f}", low=f"{one.low:.1f}", high=f"{one.high:.1f}", where=where)


def compare_joining(world: DataWorld, values: np.ndarray, *, seed: int = 1, store: Store | None = None) -> Joining:
    """The effect of joining in the data and in a run of each parameter set (n, parameters of the model).

    A `store` keeps what the runs give.
    """
    observed = natural_experiment(world.panel)
    if observed.overall is None:
        return Joining(observed, (), None, 0)
    streams = np.arange(len(values), dtype=np.int64) + BLOCK * STREAMS_PER_BLOCK
    quarters = quarters_since().tolist()

    def simulate(values: np.ndarray, streams: np.ndarray) -> np.ndarray:
        return world.each(values, streams, seed, lambda scores: _effects(scores, world))

    kept = simulate if store is None else Rows.of(
        simulate, [f"effect {quarter} quarters after joining" for quarter in quarters], f"{world.digest} {seed}", store,
        foreign=False)
    effects = kept(values, streams)
    rows = tuple(_row(one, effects[:, quarters.index(one.quarter)]) for one in observed.effects)
    late = [quarters.index(quarter) for quarter in observed.places if quarter >= 0]
    overall = _row(observed.overall, effects[:, late].mean(axis=1))
    return Joining(observed, rows, overall, len(values))


def _effects(scores: np.ndarray, world: DataWorld) -> np.ndarray:
    """Effects by quarter since joining (E,) of one table of scores, nan where there are too few joiners."""
    effects, joiners = event_effects(cluster_sums(scores, world.panel).sum(axis=0))
    return np.where(joiners >= FEWEST_JOINERS, effects, np.nan)


def _row(one: Effect, effects: np.ndarray) -> Compared:
    known = effects[np.isfinite(effects)]
    low, middle, high = (float(value) for value in np.quantile(known, INTERVAL)) if len(known) else (np.nan,) * 3
    return Compared(one.quarter, one.points, one.error, *one.interval, one.joiners, low, middle, high,
                    float(np.mean(known <= one.points)))
