"""Boxes: the ranges of a few parameters in which something happens most, by the patient rule induction method.

Friedman and Fisher 1999 (Stat Comput 9:123-43) peel a box from all sides, a thin slice at a time; Bryant and Lempert
2010 (Technol Forecast Soc Change 77:34-49) call a box a scenario, and give its coverage (which share of all cases lies
in it), its density (which share of what lies in it are cases), and for each limit a quasi-p: how probable that many
cases were if the limit told nothing. Here all three weigh rows by their weights, and a box can be judged on rows other
than those that it was found on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.decide.checks import Checks

SLICE = 0.1
"""Share of a box's weight that a peel takes away, at least."""
LEAST_MASS = 0.05
"""Share of all weight that a box keeps, at least."""


@dataclass(frozen=True)
class Limit:
    """One side of a box: a parameter lies at `value` or above it (`above`), or at it or below."""

    parameter: str
    above: bool
    value: float


@dataclass(frozen=True)
class Judged:
    """What a box holds of some rows.

    coverage   share of the cases that lie in it, by weight; NaN without cases
    density    share of what lies in it that are cases, by weight; NaN where nothing does
    mass       share of all weight that lies in it
    quasi_p    for each limit: the chance of as many cases in the box, had that limit told nothing
    """

    coverage: float
    density: float
    mass: float
    quasi_p: tuple[float, ...]


def peel(values: np.ndarray, cases: np.ndarray, names: Sequence[str], *, weights: np.ndarray | None = None,
         share: float = SLICE, least: float = LEAST_MASS) -> list[tuple[Limit, ...]]:
    """The boxes of a peeling, the first without limits; each has one limit changed or more than the one before.

    A peel takes the thinnest slice at one side of one parameter that holds at least `share` of the box's weight; rows
    with equal values are never parted, and the limit is the last value that stays. Of all slices that one goes whose
    loss raises the density most for each unit of weight that it takes. It ends where no slice raises the density, or
    the box would hold less than `least` of all weight.

    Args:
        values: parameters, (rows, parameters), finite.
        cases: whether what is looked for happens, bool (rows,), or its share in each row, 0 to 1.
        names: of the parameters.
        weights: of the rows, above 0; equal if None.
        share: of a box's weight that a slice holds.
        least: of all weight that a box keeps.

    Raises SettingError for shapes, names and numbers that do not fit, with every fault.
    """
    faults = Checks()
    for name, one in (("share", share), ("least", least)):
        if not 0.0 < one < 1.0:
            faults.add(name, f"{one:g}", "above 0, below 1")
    happens, weight = _checked(faults, values, cases, names, weights)
    total, inside, sides = weight.sum(), np.ones(len(values), dtype=bool), {}
    boxes: list[tuple[Limit, ...]] = [()]
    while True:
        best = _best_slice(values, happens, weight, inside, share)
        if best is None:
            return boxes
        stays, column, above = best
        if weight[stays].sum() < least * total:
            return boxes
        inside = stays
        kept = values[inside, column]
        sides[column, above] = float(kept.min() if above else kept.max())
        boxes.append(tuple(Limit(names[at], up, value) for (at, up), value in sorted(sides.items())))


def _best_slice(values: np.ndarray, happens: np.ndarray, weight: np.ndarray, inside: np.ndarray, share: float
                ) -> tuple[np.ndarray, int, bool] | None:
    """The rows that stay without the best slice, its parameter, and whether what is left lies above it."""
    rows = np.flatnonzero(inside)
    mass = weight[rows].sum()
    density = float(weight[rows] @ happens[rows] / mass)
    best, found = 0.0, None
    for column in range(values.shape[1]):
        own = values[rows, column]
        order = np.argsort(own, kind="stable")
        for above in (True, False):
            after = order if above else order[::-1]
            taken = np.cumsum(weight[rows[after]])
            last = own[after[np.searchsorted(taken, share * mass * (1.0 - 1e-12))]]
            stays = rows[own > last if above else own < last]
            left = weight[stays].sum()
            if not len(stays):
                continue
            score = (weight[stays] @ happens[stays] / left - density) / (mass - left)
            if score > best:
                best, found = float(score), (stays, column, above)
    if found is None:
        return None
    kept = np.zeros(len(values), dtype=bool)
    kept[found[0]] = True
    return kept, found[1], found[2]


def inside(values: np.ndarray, names: Sequence[str], limits: Sequence[Limit]) -> np.ndarray:
    """Which rows lie in a box, bool (rows,)."""
    held = np.ones(len(values), dtype=bool)
    for one in limits:
        column = values[:, list(names).index(one.parameter)]
        held &= column >= one.value if one.above else column <= one.value
    return held


def judged(values: np.ndarray, cases: np.ndarray, names: Sequence[str], limits: Sequence[Limit], *,
           weights: np.ndarray | None = None) -> Judged:
    """What a box holds of rows; arguments as of `peel`.

    The quasi-p is that of a one-sided binomial test: cases in the box against the density of the same box without the
    limit. Weighted rows count as the effective number of rows with equal weights (Kish 1965).
    """
    from scipy.stats import binomtest

    happens, weight = _checked(Checks(), values, cases, names, weights)
    held = inside(values, names, limits)
    mass, of_cases = weight[held].sum(), weight @ happens
    if not held.any():
        return Judged(0.0 if of_cases else float("nan"), float("nan"), 0.0, (1.0,) * len(limits))
    density = float(weight[held] @ happens[held] / mass)
    rows = int(np.floor(mass**2 / (weight[held]**2).sum() + 0.5))
    quasi_p = []
    for one in limits:
        wider = inside(values, names, [other for other in limits if other is not one])
        chance = min(float(weight[wider] @ happens[wider] / weight[wider].sum()), 1.0)
        count = int(np.floor(density * rows + 0.5))
        quasi_p.append(float(binomtest(count, rows, chance, alternative="greater").pvalue))
    covered = float(weight[held] @ happens[held] / of_cases) if of_cases else float("nan")
    return Judged(covered, density, float(mass / weight.sum()), tuple(quasi_p))


def _checked(faults: Checks, values: np.ndarray, cases: np.ndarray, names: Sequence[str], weights: np.ndarray | None
             ) -> tuple[np.ndarray, np.ndarray]:
    """Cases and weights as float64 (rows,); refuses what does not fit, with faults that were noted before."""
    table = faults.numbers("values", values, ("row", "parameter"), {"parameter": [str(name) for name in names]})
    faults.names("names", names, table.shape[1], "parameters")
    happens = faults.numbers("cases", np.asarray(cases, dtype=float), ("row",))
    weight = np.ones(len(table)) if weights is None else faults.numbers("weights", weights, ("row",))
    for name, array in (("cases", happens), ("weights", weight)):
        if len(array) != len(table):
            faults.add(name, f"{len(array)} rows", f"{len(table)}, as many as values")
    if ((happens < 0.0) | (happens > 1.0)).any():
        faults.add("cases", "a share below 0 or above 1", "0 to 1")
    if (weight <= 0.0).any():
        faults.add("weights", "a weight of 0 or less", "above 0")
    faults.refuse()
    return happens, weight
