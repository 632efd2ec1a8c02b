"""What is to be calibrated: a prior on the unit cube, a batched simulator of summaries, and targets.

    observed value = summary of a run + e,    e ~ Normal(0, spread),    spread^2 = sd^2 + model_discrepancy^2

A target "at least" v reports only that the noisy value was v or more ("above" is the same, since noisy values have no
ties); "at most" and "below" mirror it. So a value beyond the bound is no worse than one on it. Chance within the
simulator is part of the likelihood: each run has a stream of luck of its own, and streams are never parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qicsim.ground.errors import Fault, QicsimError, SettingError, nearest, repeated
from qicsim.runs.store import Store

EQUAL, AT_LEAST, AT_MOST = 0, 1, -1
KINDS = {"equal": EQUAL, "at least": AT_LEAST, "above": AT_LEAST, "at most": AT_MOST, "below": AT_MOST}

Quantile = Callable[[np.ndarray], np.ndarray]
Simulator = Callable[[np.ndarray, np.ndarray], np.ndarray]


class SimulatorError(QicsimError):
    """Every run of a chunk failed, or the summaries have another shape; what was simulated before stays."""


@dataclass(frozen=True)
class Target:
    """An observed value of a summary: its kind (a key of KINDS), observation error and model discrepancy (both sd)."""

    summary: str
    value: float
    sd: float
    kind: str = "equal"
    model_discrepancy: float = 0.0

    @property
    def spread(self) -> float:
        """Standard deviation of the observed value around the summary of the right run."""
        return math.hypot(self.sd, self.model_discrepancy)


@dataclass(frozen=True, eq=False)
class Observation:
    """Targets as arrays over targets: values, spreads, and bounds (0 equal, 1 at least, -1 at most)."""

    values: np.ndarray
    spreads: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        """How many targets there are."""
        return len(self.values)


@dataclass(frozen=True, eq=False)
class Problem:
    """A calibration problem.

    Attributes:
        parameters: names of the d free parameters.
        quantile: prior quantile functions, from the unit cube (n, d) to values (n, d), each column increasing.
        simulate: from values (n, d) and stream numbers int64 (n,) to summaries (n, k). A run depends on its own row
            and stream only, and equal rows and streams give equal runs.
        summaries: names of the k summaries.
        targets: what was observed, in any order, about any of the summaries.
        identity: what the simulator's numbers depend on besides (a digest); runs of another identity are others.
        there: which runs (n,) are in a store, from values and stream numbers, where the simulator keeps its runs.

    Raises:
        SettingError: with all faults of names, kinds, values and spreads.
    """

    parameters: tuple[str, ...]
    quantile: Quantile
    simulate: Simulator
    summaries: tuple[str, ...]
    targets: tuple[Target, ...]
    identity: str = ""
    there: Simulator | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be calibrated."""
        faults = [*_repeated("parameters", self.parameters), *_repeated("summaries", self.summaries),
                  *_repeated("targets", [target.summary for target in self.targets]),
                  *(fault for target in self.targets for fault in _faults_of(target, self.summaries))]
        if not self.parameters:
            faults.append(Fault("parameters", "there is no free parameter", "one or more"))
        if faults:
            raise SettingError("", faults)

    @property
    def observation(self) -> Observation:
        """The targets as arrays."""
        return Observation(np.array([target.value for target in self.targets], dtype=float),
                           np.array([target.spread for target in self.targets], dtype=float),
                           np.array([KINDS[target.kind] for target in self.targets], dtype=np.int64))

    @property
    def columns(self) -> list[int]:
        """Places of the targets' summaries among all summaries."""
        return [self.summaries.index(target.summary) for target in self.targets]

    def summarise(self, values: np.ndarray, streams: np.ndarray) -> np.ndarray:
        """Summaries of runs, float64 (n, k); SimulatorError for another shape."""
        summaries = np.asarray(self.simulate(values, streams), dtype=float)
        if summaries.shape != (len(values), len(self.summaries)):
            raise SimulatorError(f"the simulator gave summaries of shape {summaries.shape}; "
                                 f"expected {(len(values), len(self.summaries))}")
        return summaries

    def kept(self, store: Store, *, foreign: bool = True) -> Problem:
        """The same problem with its runs kept in a store, and read there where they were simulated before.

        Runs of a `foreign` simulator depend on nothing of qicsim. SettingError without an identity.
        """
        from qicsim.runs.recall import Rows

        if not self.identity:
            raise SettingError("", [Fault("identity", "is missing", "a digest of the simulator, if runs are kept",
                                          "Without it the runs of two simulators cannot be told apart")])
        rows = Rows.of(self.summarise, self.summaries, self.identity, store, foreign=foreign)
        return replace(self, simulate=rows, there=rows.there)

    def with_targets(self, targets: Sequence[Target]) -> Problem:
        """The same problem with other targets; a bank of the one serves the other."""
        return replace(self, targets=tuple(targets))

    def with_observation(self, observation: Observation) -> Problem:
        """The same targets with other observed values, spreads and bounds, in the order of the targets."""
        kinds = {EQUAL: "equal", AT_LEAST: "at least", AT_MOST: "at most"}
        rows = zip(self.targets, observation.values, observation.spreads, observation.bounds, strict=True)
        return self.with_targets([Target(target.summary, float(value), float(spread), kinds[int(bound)])
                                  for target, value, spread, bound in rows])


def _repeated(place: str, names: Sequence[str]) -> list[Fault]:
    return [Fault(place, f'"{name}" is there more than once', "each name once")
            for name in sorted(repeated(names))]


def _faults_of(target: Target, summaries: Sequence[str]) -> list[Fault]:
    place, faults = f'target "{target.summary}"', []
    if target.summary not in summaries:
        faults.append(Fault(place, "there is no such summary", hint=nearest(target.summary, summaries)))
    if target.kind not in KINDS:
        faults.append(Fault(place, f'kind "{target.kind}"', ", ".join(KINDS), nearest(target.kind, KINDS)))
    if not math.isfinite(target.value):
        faults.append(Fault(place, f"value {target.value}", "a finite number"))
    if not (target.sd >= 0.0 and target.model_discrepancy >= 0.0 and 0.0 < target.spread < math.inf):
        faults.append(Fault(place, f"sd {target.sd:g}, model discrepancy {target.model_discrepancy:g}",
                            "finite, not negative, and one of them above zero"))
    return faults
