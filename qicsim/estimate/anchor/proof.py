"""Posterior simulation-based calibration of the rows of effects, on the bank that they were drawn from.

    truth     a row of the bank, drawn with its weight
    data      its trial, read in the months in which the studies were read, each with the standard error that the
              studies of that month have together, and noise
    posterior all other rows, weighted as they are, times the likelihood of these readings

Where the truth stands among them must be uniform over truths (Sailynoja and others 2025), for what is read of a trial
(the topic by month, other areas, teams that stay) and for what a national plan would bring under the row. Rows of plans
take their roll-out from the shipped posterior, and everything else from the row. A truth whose weights fail (Pareto k
of 0.7 or more, or too few rows to read it from) is counted and not ranked. Ties are broken at random: rows without
efficacy bring exactly nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.anchor.anchored import Anchor, Anchored
from qicsim.estimate.anchor.reference_trial import EFFICACY, MONTHS, REFERENCE_MONTH, Progress
from qicsim.estimate.anchor.weights import equal_rows
from qicsim.estimate.calibrate.acceptance import Gate, gate
from qicsim.estimate.calibrate.bank import Bank, bank_of
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior
from qicsim.estimate.calibrate.problem import Problem, Target
from qicsim.estimate.calibrate.sbc import Ranks, posterior_ranks
from qicsim.inputs.country import home
from qicsim.inputs.scenario import REFERENCE as REFERENCE_PLAN
from qicsim.inputs.scenario import load_scenario
from qicsim.runs.draws import Draws, names, prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.modules import ROLL_OUT
from qicsim.runs.posterior import fill_module
from qicsim.runs.readout import values as indicator
from qicsim.runs.shared_store import Place

ROWS, TRUTHS = 2048, 500
QUANTITIES = ("other areas", "teams that stay", "gain of the plan")
SHUFFLE = 29
"""Part of the seed that breaks ties."""


@dataclass(frozen=True, eq=False)
class Proof:
    """Ranks of truths with their verdict; `rows` of the bank were used, and `sds` were the errors by month, points."""

    rule: str
    ranks: Ranks
    gate: Gate
    rows: int
    sds: dict[int, float]


def prove(found: Anchored, *, rows: int = ROWS, truths: int = TRUTHS, store: Place = None, workers: int | None = None,
          progress: Progress | None = None) -> Proof:
    """Rank truths drawn from the weights of the chosen rule.

    Args:
        found: the effects and their bank.
        rows: of the bank, as often as their weights say; each is run in the plan and in its reference.
        truths: how many.
        store: where runs of plans are kept.
        workers: how many runs at a time.
        progress: called with what is done, how much of it is done, and how much there is.
    """
    chosen, often = np.unique(equal_rows(found.chosen.weighted.weights, rows), return_counts=True)
    values = prior_draws(found.runs, found.seed).values[chosen]
    works = values[:, names().index(EFFICACY)] > 0.0
    trials, sds = found.bank.rows(chosen), errors_by_month(found.chosen)
    gain = plan_gains(values, seed=found.seed, store=store, workers=workers, progress=progress)
    quantities = np.column_stack([trials.at(REFERENCE_MONTH, "beside") * works, trials.at(REFERENCE_MONTH, "stayed"),
                                  gain])
    readings = np.column_stack([trials.at(month) * works for month in sds])
    problem, bank, posterior = weighted_trials(readings, quantities, often, sds, found.seed)
    tell = progress or (lambda *_: None)
    tell("truths ranked", 0, truths)
    ranks = posterior_ranks(problem, bank, posterior, n=truths, seed=found.seed,
                            progress=lambda done, total: tell("truths ranked", done, total))
    return Proof(found.chosen.rule, ranks, gate(ranks, fewest=truths), len(chosen), sds)


def errors_by_month(one: Anchor) -> dict[int, float]:
    """For each month in which studies were read: the standard error of all of them together, points."""
    precision: dict[int, float] = {}
    for design, error in zip(one.designs, one.before.error.tolist(), strict=True):
        month = min(MONTHS, key=lambda read: abs(read - design.month))
        precision[month] = precision.get(month, 0.0) + error**-2
    return {month: precision[month]**-0.5 for month in sorted(precision)}


def plan_gains(values: np.ndarray, *, seed: int, store: Place = None, workers: int | None = None,
               progress: Progress | None = None) -> np.ndarray:
    """What the plan adds to true quality at its end in rows of all parameters, points (rows,)."""
    joined = values.copy()
    fill_module(joined, ROLL_OUT, seed)
    plans = [load_scenario(name) for name in (home().plan, REFERENCE_PLAN)]
    runs = run_ensemble(plans, Draws(joined, "rows of effects"), seed=seed, workers=workers, store=store,
                        progress=None if progress is None else lambda done, total: progress("plans", done, total))
    at_end = [indicator(runs, plan.name, "true")[:, -1] for plan in plans]
    gained: np.ndarray = at_end[0] - at_end[1]
    return gained


def weighted_trials(readings: np.ndarray, quantities: np.ndarray, often: np.ndarray, sds: dict[int, float],
                    seed: int) -> tuple[Problem, Bank, Posterior]:
    """The rows as a bank whose readings are summaries, and as a posterior with their weights.

    Args:
        readings: of the topic in the rows' trials, (rows, months of `sds`).
        quantities: other areas, teams that stay and the gain of the plan, (rows, 3).
        often: weights of the rows (rows,).
        sds: errors of readings by month.
        seed: fixes the errors of readings and the order of ties.
    """
    cube, streams = shuffled_ranks(quantities, seed), np.arange(len(readings), dtype=np.int64)
    summaries = tuple(f"topic, {month} months" for month in sds)
    targets = [Target(name, 0.0, sd) for name, sd in zip(summaries, sds.values(), strict=True)]
    problem = Problem(QUANTITIES, lambda points: points, lambda _, rows: readings[rows], summaries, tuple(targets))
    weights = often / often.sum()
    effective = float(1.0 / (weights**2).sum())
    return problem, bank_of(problem, cube, readings, streams=streams, seed=seed), Posterior(
        QUANTITIES, cube, weights, streams, False,
        Diagnostics("weights of rows", len(cube), len(cube), effective))


def shuffled_ranks(quantities: np.ndarray, seed: int) -> np.ndarray:
    """Ranks of each column (n, k) as shares between 0 and 1; equal values in an order by chance."""
    ties = np.random.default_rng((seed, SHUFFLE)).random(quantities.shape)
    ranks = np.column_stack([np.lexsort((ties[:, column], quantities[:, column])).argsort()
                             for column in range(quantities.shape[1])])
    return (ranks + 0.5) / len(quantities)
