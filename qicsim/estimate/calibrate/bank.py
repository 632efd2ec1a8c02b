"""A bank of runs: points of the unit cube, their summaries, and what failed.

In a folder a bank is `bank.json` (its design), `chunk-<first>-<last>.npy` files with one record for each run (fields
`cube`, `summaries`, `status`), and `failures.jsonl` with a line for each run that failed. numpy alone reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.noise import block_of_streams, errors_of_observation
from qicsim.estimate.calibrate.problem import Problem
from qicsim.ground.errors import DataError, Fault

DESIGN = "bank.json"
FAILURES = "failures.jsonl"
FORMAT = 1
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
        usable: runs that may be used, (n,); failed runs are not.
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

    def unweighted(self) -> Bank:
        """The bank with its draws taken as draws of the prior, whatever proposed them."""
        return replace(self, log_weights=np.zeros(len(self)))

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
                np.zeros(len(cube)) if log_weights is None else log_weights, seed)


def read_bank(folder: Path, problem: Problem | None = None) -> Bank:
    """The bank of a folder, whole chunks only; DataError if there is none or it was made for another problem."""
    design = read_design(folder)
    if problem is not None:
        refuse_other(folder, design, design_of(problem, design["seed"]))
    parameters, summaries = tuple(design["parameters"]), tuple(design["summaries"])
    files = chunks(folder)
    n = files[-1][1] if files else 0
    cube, values = np.empty((n, len(parameters))), np.empty((n, len(summaries)))
    status = np.empty(n, dtype=np.uint8)
    for first, last, path in files:
        record = np.load(path)
        cube[first:last], values[first:last], status[first:last] = (
            record["cube"], record["summaries"], record["status"])
    streams = block_of_streams(0, n)
    return Bank(parameters, summaries, cube, values, streams,
                errors_of_observation(design["seed"], streams, len(summaries)), status, status == FINE, np.zeros(n),
                design["seed"])


def chunks(folder: Path) -> list[tuple[int, int, Path]]:
    """First run, last run (exclusive) and file of every chunk, in order, up to the first gap."""
    found, at = [], 0
    for path in sorted(folder.glob("chunk-*.npy")):
        first, last = (int(part) for part in path.stem.split("-")[1:])
        if first != at:
            break
        found.append((first, last, path))
        at = last
    return found


def design_of(problem: Problem, seed: int) -> dict[str, Any]:
    """What the runs of a bank depend on."""
    return {"format": FORMAT, "parameters": list(problem.parameters), "summaries": list(problem.summaries),
            "seed": seed, "identity": problem.identity}


def read_design(folder: Path) -> dict[str, Any]:
    """The design of the bank in a folder; DataError if there is none."""
    path = folder / DESIGN
    if not path.exists():
        raise DataError(str(folder), [Fault("", f"there is no {DESIGN}", "a folder that holds a bank")])
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(str(path), [Fault("", f"cannot be read ({error})", "the file as it was written")]) from error


def refuse_other(folder: Path, found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """DataError with every part of the design that differs: a bank is dear, so it is never overwritten."""
    faults = [Fault(part, f"the bank was made with {_short(found.get(part))}", _short(value),
                    "Choose another folder, or delete this one")
              for part, value in wanted.items() if found.get(part) != value]
    if faults:
        raise DataError(str(folder), faults)


def _places(bank: Bank, problem: Problem) -> list[int]:
    missing = [target.summary for target in problem.targets if target.summary not in bank.summaries]
    faults = [Fault("bank", f'there is no summary "{name}"', ", ".join(bank.summaries)) for name in missing]
    if bank.parameters != problem.parameters:
        faults.append(Fault("bank", "its parameters are not those of the problem", ", ".join(problem.parameters)))
    if faults:
        raise DataError("", faults)
    return [bank.summaries.index(target.summary) for target in problem.targets]


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 a line of a message
