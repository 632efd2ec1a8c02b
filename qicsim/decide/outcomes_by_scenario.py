"""What the scenarios of an ensemble bring: every outcome, and how far it is above that of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qicsim.decide.decision_inputs import Frame
from qicsim.decide.effects import OUTCOMES, Outcome, accumulated, gained
from qicsim.decide.reading import yearly_effect
from qicsim.ground.intervals import DRAWS, Intervals, interval_of


@dataclass(frozen=True, eq=False)
class Gain:
    """One outcome, added over the years that count; float64.

    yearly      (scenarios, draws, years)
    plain       (scenarios, draws): added, not discounted
    discounted  (scenarios, draws)
    gained      (scenarios, draws): discounted, more than the reference in the same draw
    """

    outcome: Outcome
    yearly: np.ndarray
    plain: np.ndarray
    discounted: np.ndarray
    gained: np.ndarray

    @property
    def better(self) -> np.ndarray:
        """The discounted outcome with more being better, (scenarios, draws)."""
        return self.outcome.better * self.discounted

    @cached_property
    def level(self) -> Intervals:
        """Intervals between draws of the discounted outcome, (scenarios,)."""
        return interval_of(self.discounted, axis=1, kind=DRAWS)

    @cached_property
    def extra(self) -> Intervals:
        """Intervals between draws of what is gained over the reference, (scenarios,)."""
        return interval_of(self.gained, axis=1, kind=DRAWS)


def gains(frame: Frame) -> dict[str, Gain]:
    """Every outcome by its name."""
    return {outcome.name: gain_of(frame, outcome) for outcome in OUTCOMES}


def gain_of(frame: Frame, outcome: Outcome) -> Gain:
    """One outcome."""
    whole = [yearly_effect(frame.ensemble, name, outcome.name).mean(axis=1) for name in frame.names]
    kept = [[runner.years.index(year) for year in frame.years] for runner in frame.ensemble.runners.values()]
    yearly = np.stack([one[:, places] for one, places in zip(whole, kept, strict=True)])
    plain, discounted = (accumulated(yearly, frame.years, how) for how in (None, frame.discounting))
    return Gain(outcome, yearly, plain, discounted, gained(discounted, frame.names, frame.reference))
