"""A bank of runs: points of the unit cube, their summaries, and which of them failed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.estimate.calibrate.noise import errors_of_observation
from qicsim.estimate.calibrate.problem import Problem
from qicsim.ground.errors import DataError, Fault

FINE, NOT_FINITE, FAILED = 0, 1, 2
BY_RUN = ("cube", "values", "streams", "errors", "status", "usable", "log_weights")


@dataclass(frozen=True, eq=False)
class Bank:
    """Runs to weigh.

    Attributes:
        parameters, summaries: names of the columns of `cube` and `values`.
        cube: points of the unit cube, (n, d).
        values: summaries of the runs, (n, k); not finite where a run failed.
        streams: the runs' streams of luck, int64 (n,).
        errors: standard normal errors of observation, (n, k).
        status: FINE, NOT_FINITE or FAILED, (n,).
        usable: runs that may be used, (n,): those with a value for every target.
        log_weights: log of prior over proposal density, (n,); zero for draws from the prior.
        seed: fixes the points and the errors of observation.
    """

    parameters: tuple[str, ...]
    summaries: tuple[str, ...]
    cube: np.ndarray
    values: np.ndarray
    streams: np.ndarray
    errors: np.ndarray
    status: np.ndarray
    usable: np.ndarray
    log_weights: np.ndarray
    seed: int

    def __len__(self) -> int:
        """How many runs there are, failed ones among them."""
        return len(self.cube)

    @property
    def failed(self) -> np.ndarray:
        """Rows of runs that failed or gave a summary that is not finite."""
        return np.flatnonzero(self.status != FINE)

    def without(self, row: int) -> Bank:
        """The bank with one run left out; nothing is copied but the marks."""
        usable = self.usable.copy()
        usable[row] = False
        return replace(self, usable=usable)

    def judged(self, problem: Problem) -> Bank:
        """The bank in which a run may be used if it has a value for every target of a problem (if none, every summary).

        A run without one contradicts what was reported.
        """
        values = self.values[:, _places(self, problem)] if problem.targets else self.values
        return replace(self, usable=(self.status != FAILED) & np.isfinite(values).all(axis=1))

    def rows(self, chosen: np.ndarray | slice) -> Bank:
        """A bank of some of the runs only; `rows(slice(n))` is the bank as it was when it had n runs."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in BY_RUN})

    def targeted(self, problem: Problem) -> tuple[np.ndarray, np.ndarray]:
        """Summaries and errors of observation in the order of the targets; two arrays (n, targets).

        DataError if the bank has other parameters or lacks a summary.
        """
        places = _places(self, problem)
        if places == list(range(len(self.summaries))):
            return self.values, self.errors
        return self.values[:, places], self.errors[:, places]


def bank_of(problem: Problem, cube: np.ndarray, values: np.ndarray, *, streams: np.ndarray, seed: int,
            status: np.ndarray | None = None, log_weights: np.ndarray | None = None) -> Bank:
    """A bank from arrays: points (n, d), summaries (n, k) and streams (n,)."""
    if status is None:
        status = np.where(np.isfinite(values).all(axis=1), FINE, NOT_FINITE)
    return Bank(problem.parameters, problem.summaries, cube, values, streams,
                errors_of_observation(seed, streams, values.shape[1]), status, status == FINE,
                np.zeros(len(cube)) if log_weights is None else log_weights, seed).judged(problem)


def _places(bank: Bank, problem: Problem) -> list[int]:
    missing = [target.summary for target in problem.targets if target.summary not in bank.summaries]
    faults = [Fault("bank", f'there is no summary "{name}"', ", ".join(bank.summaries)) for name in missing]
    if bank.parameters != problem.parameters:
        faults.append(Fault("bank", "its parameters are not those of the problem", ", ".join(problem.parameters)))
    if faults:
        raise DataError("", faults)
    return [bank.summaries.index(target.summary) for target in problem.targets]

