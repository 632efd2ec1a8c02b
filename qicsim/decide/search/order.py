"""The order of districts: what each rule brings, which district gives most for its money, and whether order matters.

Money is known by province: a district's part is that of its facilities among those that joined. What a district brings
is its own facilities' points; what its neighbours learn from it counts as theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.decide.search.levers import BUDGET, DISTRICTS, PACE
from qicsim.decide.search.second_look import alike
from qicsim.decide.search.trials import Trials
from qicsim.ground.intervals import DRAWS, Interval, Intervals, interval_of

AGREED = 0.3
"""Kendall's coefficient of concordance below which draws hardly agree on an order; 0 is chance, 1 one order in all."""
LITTLE = 0.1
"""Share of the gain by which another rule changes hardly anything."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rule:
    """The plan under a rule of order: its gain, what it loses against the plan's own rule, whether that is chance."""

    rule: str
    own: bool
    gain: Interval[float]
    lost: float
    alike: bool


@dataclass(frozen=True, eq=False)
class Order:
    """What is known of the order of districts.

    rules             the plan under every rule
    names, provinces  districts, the best first
    worth             intervals of facility-points (mean over years) for US$ 1,000 a year, (districts,)
    rank              intervals of ranks between draws in which collaboratives do anything, (districts,)
    concordance       Kendall's W of the ranks between those draws; NaN for fewer than two
    """

    rules: tuple[Rule, ...]
    names: tuple[str, ...]
    provinces: tuple[str, ...]
    worth: Intervals
    rank: Intervals
    concordance: float

    @property
    def changed(self) -> float:
        """The largest change of the mean gain by another rule that is more than chance; 0 without one."""
        return max((abs(rule.lost) for rule in self.rules if not rule.alike), default=0.0)

    @property
    def matters(self) -> bool:
        """Whether another rule changes the gain by more than a little, or draws agree on an order of districts."""
        own = next((rule.gain.mean for rule in self.rules if rule.own), 0.0)
        return self.concordance >= AGREED or self.changed > LITTLE * abs(own)


def order_of(trials: Trials, plan: np.ndarray, progress: Progress | None = None) -> Order | None:
    """What is known of the order of districts in a plan; None where the plan has no rule of order to change."""
    space = trials.space
    names = [one.name for one in space.levers]
    if "order" not in names:
        return None
    at = names.index("order")
    values = space.levers[at].values
    variants = np.repeat(plan[None], len(values), axis=0)
    variants[:, at] = np.arange(len(values))
    gain = trials.measured(variants, progress).gain
    same = alike(gain, int(plan[at]))
    own = gain[int(plan[at])].mean()
    rules = tuple(Rule(value, place == int(plan[at]), interval_of(gain[place], kind=DRAWS).at(),
                       float(own - gain[place].mean()), bool(same[place])) for place, value in enumerate(values))
    whole = plan.copy()
    for name, place in ((DISTRICTS, -1), (PACE, 0), (BUDGET, -1)):
        if name in names:
            whole[names.index(name)] = place % space.sizes[names.index(name)]
    districts, provinces, points, money = trials.by_district(whole)
    return ranked(rules, districts, provinces, points, money)


def ranked(rules: tuple[Rule, ...], districts: tuple[str, ...], provinces: tuple[str, ...], points: np.ndarray,
           money: np.ndarray) -> Order:
    """Districts by facility-points (draws, districts) for money (draws, districts), the best first."""
    worth = np.divide(1000.0 * points, money, out=np.zeros_like(points), where=money > 0.0)
    told = worth[np.ptp(worth, axis=1) > 0.0]
    ranks = np.argsort(np.argsort(-told, axis=1, kind="stable"), axis=1, kind="stable") + 1.0
    best = np.argsort(-worth.mean(axis=0), kind="stable")
    return Order(rules, tuple(districts[at] for at in best), tuple(provinces[at] for at in best),
                 interval_of(worth[:, best], kind=DRAWS), interval_of(ranks[:, best], kind=DRAWS), concordance(ranks))


def concordance(ranks: np.ndarray) -> float:
    """Kendall's W of ranks (judges, things); NaN for fewer than two of either."""
    judges, things = ranks.shape
    if judges < 2 or things < 2:  # noqa: PLR2004 nothing to agree on
        return float("nan")
    summed = ranks.sum(axis=0)
    return float(12.0 * ((summed - summed.mean())**2).sum() / (judges**2 * (things**3 - things)))
