"""The second look: the plans that a search leaves, run again on other draws, and what can be said of them there.

A plan that was chosen for its figures owes some of them to luck, and a ceiling that it kept on few draws is often
broken on others. So nothing that the search saw is told: every figure comes from draws that it never had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.decide.search.evolve import Archive, thinned
from qicsim.decide.search.measured import Measured
from qicsim.decide.search.question import Question

MOST_PLANS = 20
AT_THE_MONEY = 6
NEVER_ABOVE = 3
STANDARD_ERRORS = 1.645
"""Two plans cannot be told apart where their mean difference is within so many of its standard errors (90 %)."""
CHANCES = (0.5, 0.8)
"""Chances of a target for which the least money is looked for."""


def looked_at(archive: Archive, measured: Measured, question: Question, steps: Sequence[float]) -> np.ndarray:
    """Numbers of at most MOST_PLANS plans.

    They are the best at the money and at each step, the cheapest that reach the target, and the rest of the front,
    thinned by distance.
    """
    gain, needed = measured.gain.mean(axis=1), measured.needed(question.risk)
    surely = measured.dearest.max(axis=1)
    found: list[int] = []
    if question.money is not None:
        found += _best(gain, needed <= question.money, AT_THE_MONEY)
        found += _best(gain, surely <= question.money, NEVER_ABOVE)
    for step in steps:
        found += _best(gain, needed <= step, 1) + _best(gain, surely <= step, 1)
    if question.reach is not None:
        chance = (measured.reached >= 0.0).mean(axis=1)
        least = [max(CHANCES[0], 1.0 - question.risk), *CHANCES, 1.0]
        found = [one for wanted in least for one in _best(-needed, chance >= wanted, 2)] + found
    found = list(dict.fromkeys(found))[:MOST_PLANS]
    rest = np.setdiff1d(archive.front(), found)
    more = rest[thinned(archive.objectives[rest], MOST_PLANS - len(found))]
    return np.array([*found, *more.tolist()], dtype=np.int64)


def _best(by: np.ndarray, allowed: np.ndarray, count: int) -> list[int]:
    """Numbers of the best plans among those that are allowed."""
    those = np.flatnonzero(allowed)
    return [int(one) for one in those[np.argsort(-by[those], kind="stable")][:count]]


@dataclass(frozen=True, eq=False)
class Choice:
    """The best of some plans.

    best     its number; None where none is allowed
    allowed  which ones could be chosen, (plans,)
    chance   share of draws in which each is the best of those, (plans,)
    alike    which of them cannot be told apart from the best one, itself among them, (plans,)
    """

    best: int | None
    allowed: np.ndarray
    chance: np.ndarray
    alike: np.ndarray


def within_money(measured: Measured, money: float, risk: float) -> Choice:
    """The plan that gains most among those that spend more than the money in at most `risk` of draws."""
    return best_of(measured.gain, measured.needed(risk) <= money)


def cheapest(measured: Measured, chance: float, risk: float) -> Choice:
    """The plan that needs the least money among those that reach the target in at least that share of draws."""
    needed = measured.needed(risk)
    return best_of(np.repeat(-needed[:, None], measured.reached.shape[1], axis=1),
                   (measured.reached >= 0.0).mean(axis=1) >= chance)


def best_of(value: np.ndarray, allowed: np.ndarray) -> Choice:
    """The plan with the highest mean of a value (plans, draws) among those that are allowed."""
    none = np.zeros(len(value))
    if not allowed.any():
        return Choice(None, allowed, none, none.astype(bool))
    among = np.where(allowed[:, None], value, -np.inf)
    best = int(np.argmax(among.mean(axis=1)))
    highest = among == among.max(axis=0)
    return Choice(best, allowed, (highest / highest.sum(axis=0)).mean(axis=1), allowed & alike(value, best))


def alike(value: np.ndarray, best: int) -> np.ndarray:
    """Which plans' values (plans, draws) cannot be told apart from those of one plan, paired by draw; bool (plans,)."""
    apart = value[best] - value
    error = apart.std(axis=1, ddof=1) / np.sqrt(value.shape[1]) if value.shape[1] > 1 else np.full(len(value), np.inf)
    return np.asarray(np.abs(apart.mean(axis=1)) <= STANDARD_ERRORS * error)
