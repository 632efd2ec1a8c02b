"""Scenario discovery: in which draws a plan fails, and which early sign tells.

A plan fails in a run where what was hoped for does not come: too small a gain over the reference, or an indicator that
stays below a value. The box of parameters in which it fails most (`qicsim.decide.boxes`) is found on one half of the
draws and judged on the other, since a box that was chosen for its figures owes some of them to luck; a limit that is
not significant there is dropped. Signs are what a ministry sees in the plan's first years, each with the value that
parts runs that fail from others best on the first half, judged on the other as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.drivers import movers
from qicsim.decide.boxes import Judged, Limit, inside, judged, peel
from qicsim.decide.checks import Checks
from qicsim.decide.search.question import goal_value
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.shown import Face, Shown
from qicsim.inputs.scenario import Scenario
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values

USUAL = "gain of true < 1"
HOW_TO_FAIL = 'written like "gain of true < 1", "true_80 < 0.3 by 2032"'
_FAILS = re.compile(r"\s*(gain\s+of\s+)?(\w+)\s*<\s*([-+]?[\d.,]+)\s*(%)?(?:\s+by\s+(\d{4}))?\s*")
MOST_PARAMETERS = 4
"""A box of more parameters is no story that can be told (Bryant and Lempert 2010)."""
SIGNIFICANT = 0.05
FEWEST = 10
"""Draws that fail, and that do not, in each half: with fewer there is nothing to find."""
FEWEST_DRAWS = 64
MOSTLY = 0.5
"""Share of a draw's replicates that fail from which on the draw counts as one that fails."""
SEEN = ("recorded", "recorded_80", "coverage", "active")
"""What a ministry sees while a plan goes on."""
EARLY_YEARS = 3
FIFTHS = 5
SEED = 20263


@dataclass(frozen=True)
class Failure:
    """When a plan fails: an indicator below a value at the end of a year (None: the horizon's last).

    `gain` asks for the difference from the reference.
    """

    indicator: str = "true"
    value: float = 1.0
    year: int | None = None
    gain: bool = True


def failure_of(text: str) -> Failure:
    """What a text like "gain of true < 1" asks for; SettingError for another."""
    found, faults = _FAILS.fullmatch(text), Checks()
    if found is None:
        raise SettingError("", [Fault("fails", f'"{text}" cannot be understood', HOW_TO_FAIL)])
    gain, name, figures, percent, year = found.groups()
    value = goal_value(faults, "fails", (name, figures, percent), HOW_TO_FAIL)
    faults.refuse()
    return Failure(name, value, int(year) if year else None, gain is not None)


@dataclass(frozen=True)
class Peeled:
    """A box of the peeling: its limits, and what it holds of the half that it was found on and of the other half."""

    limits: tuple[Limit, ...]
    found: Judged
    other: Judged


@dataclass(frozen=True)
class Sign:
    """What may be seen at the end of a year, and how runs fail at either side of a value.

    indicator  what is seen; `growth` since the end of the year before the plan
    below      share of draws that fail where it lies below the value
    above      the same where it lies there or above
    p          chance of parting them so well, had the sign told nothing (Fisher's exact test)
    share      share of draws that lie below the value

    All of the half of draws that the value was not found on.
    """

    indicator: str
    growth: bool
    year: int
    value: float
    below: float
    above: float
    p: float
    share: float

    @property
    def tells(self) -> bool:
        """Whether it tells more than chance would."""
        return self.p <= SIGNIFICANT and self.below > self.above


@dataclass(frozen=True, eq=False, repr=False)
class Discovery(Shown):
    """When a plan fails.

    share    of draws that fail
    fails    share of each draw's replicates that fail, (draws,)
    values   of the parameters that can move it, (draws, parameters), with their `names`
    first    which draws the box and signs were found on, bool (draws,)
    peeled   every box of the peeling, the first without limits; empty where there is nothing to find
    box      the one that tells failures from the rest best, without limits that are not significant on the other half;
             None if none is left
    dropped  limits of the best box that are not significant there, each with its quasi-p
    signs    the best sign at the end of each early year
    """

    plan: Scenario
    reference: Scenario
    failure: Failure
    year: int
    share: float
    fails: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]
    first: np.ndarray
    peeled: tuple[Peeled, ...]
    box: Peeled | None
    dropped: tuple[tuple[Limit, float], ...]
    signs: tuple[Sign, ...]
    draws: Draws
    replicates: int
    seed: int

    def face(self) -> Face:
        """How often the plan fails, and the limits of the box."""
        limits = () if self.box is None else self.box.limits
        where = tuple(f"the more where {one.parameter} is {one.value:g} or {'above' if one.above else 'below'}"
                      for one in limits)
        return Face(f"When {self.plan.name} fails against {self.reference.name} in {self.year}: in {self.share:.0%} of "
                    f"{len(self.draws)} draws", where)

    def within(self, limit: Limit) -> float:
        """The share of draws that keep a limit."""
        return float(inside(self.values, self.names, [limit]).mean())

    def by_fifth(self, parameter: str) -> list[float]:
        """The share that fails in each fifth of the draws, from the lowest values of a parameter to the highest."""
        order = np.argsort(self.values[:, self.names.index(parameter)], kind="stable")
        return [float(self.fails[part].mean()) for part in np.array_split(order, FIFTHS)]

    @property
    def elsewhere(self) -> float:
        """The share that fails outside the box, of the half that it was not found on; NaN without a box."""
        if self.box is None:
            return float("nan")
        held = inside(self.values, self.names, self.box.limits)
        return float(self.fails[~self.first & ~held].mean())


def discover(ensemble: Ensemble, plan: str, reference: str, failure: Failure, *, weights: np.ndarray | None = None
             ) -> Discovery:
    """When a plan fails, from runs of it and of its reference under the same draws.

    Args:
        ensemble: finished runs of both.
        plan: name of the scenario.
        reference: name of the scenario that it is compared with.
        failure: when it fails.
        weights: of the draws; equal if None.

    Raises SettingError for a year outside the horizon, few draws, or a plan that is its own reference.
    """
    runner = ensemble.runners[plan]
    year, starts = _checked(ensemble, plan, reference, failure)
    fails = _fails(ensemble, plan, reference, failure, runner.year_ends[runner.years.index(year)])
    kept, names = movers(ensemble.draws, [ensemble.runners[name].scenario for name in (plan, reference)])
    moves = np.ptp(kept, axis=0) > 0.0
    table, names = kept[:, moves], tuple(np.array(names)[moves].tolist())
    first = np.zeros(len(fails), dtype=bool)
    first[np.random.default_rng(SEED).permutation(len(fails))[: len(fails) // 2]] = True
    weight = np.ones(len(fails)) if weights is None else np.asarray(weights, dtype=float)
    failing = fails >= MOSTLY
    enough = all(FEWEST <= failing[half].sum() <= half.sum() - FEWEST for half in (first, ~first))
    peeled, box, dropped = _box(table, fails, names, first, weight) if enough else ((), None, ())
    early = range(starts, min(starts + EARLY_YEARS, year)) if enough else ()
    signs = tuple(_sign(_seen(ensemble, plan, starts - 1, one), one, failing, first) for one in early)
    return Discovery(runner.scenario, ensemble.runners[reference].scenario, failure, year,
                     float(np.average(fails, weights=weight)), fails, table, names, first, peeled, box, dropped, signs,
                     ensemble.draws, ensemble.replicates, ensemble.seed)


def _checked(ensemble: Ensemble, plan: str, reference: str, failure: Failure) -> tuple[int, int]:
    """The year that decides, and the plan's first."""
    runner, faults = ensemble.runners[plan], Checks()
    mine, theirs = runner.scenario, ensemble.runners[reference].scenario
    levers: Any = theirs.levers
    differs = np.zeros(min(mine.months, theirs.months), dtype=bool)
    for ours, others in zip(mine.levers, levers, strict=True):
        differs |= np.asarray(ours)[:len(differs)] != np.asarray(others)[:len(differs)]
    if not differs.any():
        faults.add("scenario", f'"{plan}" has the levers of the reference "{reference}"', "another plan")
    starts = (mine.start + int(np.argmax(differs))) // MONTHS_PER_YEAR
    year = failure.year or runner.years[-1]
    if year not in runner.years or year < starts:
        faults.add("fails", f"{year} is outside the plan", f"{starts} to {runner.years[-1]}")
    if len(ensemble.draws) < FEWEST_DRAWS:
        faults.add("draws", str(len(ensemble.draws)), f"{FEWEST_DRAWS} or more")
    faults.refuse()
    return year, starts


def _fails(ensemble: Ensemble, plan: str, reference: str, failure: Failure, end: int) -> np.ndarray:
    """The share of each draw's replicates in which the plan fails, (draws,)."""
    reached = values(ensemble, plan, failure.indicator)[:, end]
    if failure.gain:
        reached = reached - values(ensemble, reference, failure.indicator)[:, end]
    return (reached < failure.value).reshape(len(ensemble.draws), -1).mean(axis=1)


def _box(table: np.ndarray, fails: np.ndarray, names: Sequence[str], first: np.ndarray, weight: np.ndarray
         ) -> tuple[tuple[Peeled, ...], Peeled | None, tuple[tuple[Limit, float], ...]]:
    def judge(limits: Sequence[Limit]) -> Peeled:
        found, other = (judged(table[half], fails[half], names, limits, weights=weight[half])
                        for half in (first, ~first))
        return Peeled(tuple(limits), found, other)

    peeled = tuple(judge(limits) for limits in peel(table[first], fails[first], names, weights=weight[first]))
    share = float(np.average(fails[first], weights=weight[first]))
    short = [one for one in peeled if len({limit.parameter for limit in one.limits}) <= MOST_PARAMETERS]
    best, dropped = max(short, key=lambda one: _parts(one.found, share)), []
    while best.limits and max(best.other.quasi_p) > SIGNIFICANT:
        worst = int(np.argmax(best.other.quasi_p))
        dropped.append((best.limits[worst], best.other.quasi_p[worst]))
        best = judge([one for one in best.limits if one is not best.limits[worst]])
    return peeled, best if best.limits else None, tuple(dropped)


def _parts(held: Judged, share: float) -> float:
    """The share of failures that a box holds, less the share of the others that it holds (Youden 1950)."""
    others = held.mass * (1.0 - held.density) / (1.0 - share)
    return held.coverage - others


def _sign(seen: dict[tuple[str, bool], np.ndarray], year: int, failing: np.ndarray, first: np.ndarray) -> Sign:
    """The sign at the end of a year that parts draws best that fail."""
    from scipy.stats import fisher_exact

    parted = {key: _parting(one[first], failing[first]) for key, one in seen.items()}
    name, growth = best = max(parted, key=lambda key: parted[key][0])
    value = parted[best][1]
    below, missed = seen[best][~first] < value, failing[~first]
    counts = [[int((side & missed).sum()), int((side & ~missed).sum())] for side in (below, ~below)]
    low, high = (fail / (fail + rest) if fail + rest else float("nan") for fail, rest in counts)
    chance = float(fisher_exact(counts, alternative="greater").pvalue)
    return Sign(name, growth, year, value, low, high, chance, float(below.mean()))


def _seen(ensemble: Ensemble, plan: str, before: int, year: int) -> dict[tuple[str, bool], np.ndarray]:
    """What is seen at the end of a year, and its growth since another, by draw (means of replicates)."""
    runner, found = ensemble.runners[plan], {}
    for name in SEEN:
        by_draw = values(ensemble, plan, name).reshape(len(ensemble.draws), ensemble.replicates, -1).mean(axis=1)
        now = by_draw[:, runner.year_ends[runner.years.index(year)]]
        found[name, False] = now
        if before in runner.years:
            found[name, True] = now - by_draw[:, runner.year_ends[runner.years.index(before)]]
    return found


def _parting(seen: np.ndarray, failing: np.ndarray) -> tuple[float, float]:
    """How well a value parts draws that fail, below it, from the others (Youden's J), and the value."""
    cuts = np.unique(seen)
    middles = (cuts[1:] + cuts[:-1]) / 2.0
    if not len(middles):
        return 0.0, float(cuts[0])
    parts = (seen[failing][:, None] < middles).mean(axis=0) - (seen[~failing][:, None] < middles).mean(axis=0)
    best = int(np.argmax(parts))
    return float(parts[best]), float(middles[best])
