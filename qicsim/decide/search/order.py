"""The order of districts: what each rule brings, which district gives most for its money, whether order matters.

Money is known by province: a district's part is that of its facilities among those that joined. What a district brings
is its own facilities' points; what its neighbours learn from it counts as theirs. From the orders that follow from
this, from people and from what the plan's own rule does, a local search goes on, on the draws of the search; what is
told of the list that it finds comes from the draws of the second look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qicsim.decide.search.levers import BUDGET, DISTRICTS, LISTED, ORDER, PACE, SUPPORT, Space
from qicsim.decide.search.measured import Measured
from qicsim.decide.search.second_look import alike
from qicsim.decide.search.sequence import improved
from qicsim.decide.search.trials import Trials
from qicsim.ground.intervals import DRAWS, Interval, Intervals, interval_of

AGREED = 0.3
"""Kendall's coefficient of concordance below which draws hardly agree on an order; 0 is chance, 1 one order in all."""
LITTLE = 0.1
"""Share of the gain by which another order changes hardly anything."""
BROKEN = 1e6
"""Points that an order is set back by where it breaks the ceiling, and by how much it does in US$."""
Progress = Callable[[int, int], None]
Part = Callable[[int], Progress | None]


@dataclass(frozen=True)
class Rule:
    """The plan under an order: its gain, what it loses against the plan's own rule, whether that is chance."""

    rule: str
    own: bool
    gain: Interval[float]
    lost: float
    alike: bool


@dataclass(frozen=True, eq=False)
class Found:
    """The list of districts that a local search found for a plan.

    names     districts, those that come first; the others of the register follow
    places    the plan with that list, a row of `space`
    measured  what it does on the draws of the second look
    tried     how many orders were tried
    more      interval of its gain over that of the plan's own rule, paired
    better    whether it gains more, beyond chance, and keeps within the money
    """

    names: tuple[str, ...]
    space: Space
    places: np.ndarray
    measured: Measured
    tried: int
    more: Interval[float]
    better: bool


@dataclass(frozen=True, eq=False)
class Order:
    """What is known of the order of districts.

    rules             the plan under every rule, and under the list that was found
    names, provinces  districts, the best first
    worth             intervals of facility-points (mean over years) for US$ 1,000 a year, (districts,)
    rank              intervals of ranks between draws in which collaboratives do anything, (districts,)
    upper             share of these draws in which a district is in the better half, (districts,)
    concordance       Kendall's W of the ranks between those draws; NaN for fewer than two
    found             the list of districts that a local search found
    """

    rules: tuple[Rule, ...]
    names: tuple[str, ...]
    provinces: tuple[str, ...]
    worth: Intervals
    rank: Intervals
    upper: np.ndarray
    concordance: float
    found: Found | None = None

    @property
    def changed(self) -> float:
        """The largest change of the mean gain by another order that is more than chance; 0 without one."""
        return max((abs(rule.lost) for rule in self.rules if not rule.alike), default=0.0)

    @property
    def matters(self) -> bool:
        """Whether another order changes the gain by more than a little, or draws agree on an order of districts."""
        own = next((rule.gain.mean for rule in self.rules if rule.own), 0.0)
        return self.concordance >= AGREED or self.changed > LITTLE * abs(own)


def order_of(searching: Trials, looking: Trials, plan: np.ndarray, part: Part, trials: int) -> Order | None:
    """What is known of the order of districts in a plan; None where the plan has no rule of order to change.

    Args:
        searching: plans on the draws of the search.
        looking: plans on those of the second look.
        plan: the plan, (levers,).
        part: gives the progress of so many runs.
        trials: how many orders are tried.
    """
    space = looking.space
    if ORDER not in [one.name for one in space.levers] or not space.values(plan).get(SUPPORT, True):
        return None
    at, runs = _place(space), len(looking.numbers)
    values = space.levers[at].values
    variants = np.repeat(plan[None], len(values), axis=0)
    variants[:, at] = np.arange(len(values))
    own = int(plan[at])
    ruled = looking.measured(variants, part(len(values) * runs))
    districts, provinces, points, money = looking.by_district(_everywhere(space, plan))
    found = _searched(searching, looking, plan, ruled.some([own]), part=part, trials=trials)
    gain = ruled.gain if found is None else np.concatenate([ruled.gain, found.measured.gain])
    same = alike(gain, own)
    rules = tuple(Rule(value, place == own, interval_of(gain[place], kind=DRAWS).at(),
                       float(gain[own].mean() - gain[place].mean()), bool(same[place]))
                  for place, value in enumerate((*values, LISTED)[:len(gain)]))
    return replace(ranked(rules, districts, provinces, points, money), found=found)


def _everywhere(space: Space, plan: np.ndarray) -> np.ndarray:
    """The plan with all districts launched at once, whatever it costs."""
    whole, names = plan.copy(), [one.name for one in space.levers]
    for name, place in ((DISTRICTS, -1), (PACE, 0), (BUDGET, -1)):
        if name in names:
            whole[names.index(name)] = place % space.sizes[names.index(name)]
    return whole


@dataclass(frozen=True, eq=False)
class _Lists:
    """A plan under lists of districts, of those that are not launched before the plan in all draws of the search.

    rows     the districts of the lists, as rows of all
    counted  how many of them the plan may launch
    """

    plan: np.ndarray
    names: tuple[str, ...]
    rows: np.ndarray
    counted: int
    part: Part

    def of(self, trials: Trials, orders: np.ndarray) -> tuple[Space, np.ndarray, Measured]:
        """A grid that holds some orders (n, districts of the lists), the plan under each of them, and what it does."""
        space, n = trials.space, len(orders)
        wider = space.with_orders([self.names[row] for row in self.rows[order[:self.counted]]] for order in orders)
        plans = np.repeat(self.plan[None], n, axis=0)
        plans[:, _place(space)] = len(space.levers[_place(space)].values) + np.arange(n)
        told = self.part(n * len(trials.numbers))
        return wider, plans, replace(trials, space=wider).measured(plans, told)


def _place(space: Space) -> int:
    """The place of the order among the levers."""
    return [one.name for one in space.levers].index(ORDER)


def _searched(searching: Trials, looking: Trials, plan: np.ndarray, own: Measured, *, part: Part, trials: int
              ) -> Found | None:
    """The list of districts that gains most within the money on the draws of the search, judged on the other draws.

    None where the plan launches no district.
    """
    question = searching.question
    names, _, points, money = searching.by_district(_everywhere(searching.space, plan))
    months, most = searching.launched(plan)
    begun = months < searching.first_month
    rows = np.flatnonzero(~begun.all(axis=0))
    counted = min(int(np.ceil(most)) - int(begun.sum(axis=1).min()), len(rows))
    if counted < 1:
        return None
    lists = _Lists(plan, names, rows, counted, part)
    ceiling = question.money or float(searching.measured(plan[None]).needed(question.risk)[0])

    def value(orders: np.ndarray) -> np.ndarray:
        measured = lists.of(searching, orders)[2]
        above = np.maximum(measured.needed(question.risk) - ceiling, 0.0)
        return np.asarray(np.where(above > 0.0, -BROKEN - above, measured.gain.mean(axis=1)))

    gained, spent = points.mean(axis=0), money.mean(axis=0)
    worth = np.divide(gained, spent, out=np.zeros_like(gained), where=spent > 0.0)
    starts = np.stack([np.argsort(by[rows], kind="stable") for by in (
        months.mean(axis=0), -worth, -gained, -searching.people)])
    best, tried = improved(starts, value, counted=counted, trials=trials, seed=searching.seed)
    wider, plans, measured = lists.of(looking, best[None])
    more = measured.gain[0] - own.gain[0]
    keeps = question.money is None or float(measured.needed(question.risk)[0]) <= question.money
    apart = not bool(alike(np.stack([own.gain[0], measured.gain[0]]), 0)[1])
    return Found(tuple(names[row] for row in rows[best[:counted]]), wider, plans[0], measured, tried,
                 interval_of(more, kind=DRAWS).at(), bool(keeps and apart and more.mean() > 0.0))


def ranked(rules: tuple[Rule, ...], districts: tuple[str, ...], provinces: tuple[str, ...], points: np.ndarray,
           money: np.ndarray) -> Order:
    """Districts by facility-points (draws, districts) for money (draws, districts), the best first."""
    worth = np.divide(1000.0 * points, money, out=np.zeros_like(points), where=money > 0.0)
    told = worth[np.ptp(worth, axis=1) > 0.0]
    ranks = np.argsort(np.argsort(-told, axis=1, kind="stable"), axis=1, kind="stable") + 1.0
    best = np.argsort(-worth.mean(axis=0), kind="stable")
    upper = (ranks[:, best] <= len(districts) / 2).mean(axis=0) if len(ranks) else np.full(len(districts), np.nan)
    return Order(rules, tuple(districts[at] for at in best), tuple(provinces[at] for at in best),
                 interval_of(worth[:, best], kind=DRAWS), interval_of(ranks[:, best], kind=DRAWS), upper,
                 concordance(ranks))


def concordance(ranks: np.ndarray) -> float:
    """Kendall's W of ranks (judges, things); NaN for fewer than two of either."""
    judges, things = ranks.shape
    if judges < 2 or things < 2:  # noqa: PLR2004 nothing to agree on
        return float("nan")
    summed = ranks.sum(axis=0)
    return float(12.0 * ((summed - summed.mean())**2).sum() / (judges**2 * (things**3 - things)))
