"""Incremental analysis: which scenarios are on the frontier, and what a further unit of effect costs along it.

    ICER = (C_i - C_h) / (E_i - E_h)        h: the next cheaper scenario on the frontier

Strong dominance: another scenario costs no more and brings no less (and one of the two is strict). Extended dominance:
a mixture of two others does; along the frontier ICERs then rise. Means over draws are compared, as decisions maximise
expected net benefit. Johannesson and Weinstein 1993, J Health Econ 12:459-67; Drummond et al. 2015, chapter 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qicsim.decide.outcomes import ONE_SCENARIO, outcomes
from qicsim.ground.numbers import brief

ON, DOMINATED, EXTENDED, SAME = "on the frontier", "dominated", "extendedly dominated", "same as another"
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Row:
    """A scenario: mean cost and effect, status, and its increments from the next cheaper scenario on the frontier.

    `over` is what it is compared with, or by what it is dominated (two names when by a mixture). Of two scenarios that
    are the same in cost and effect, one stands on the frontier and the other is the same as that one; off the frontier
    both have the status of their point.
    Increments and the ICER are None off the frontier and for its first scenario.
    """

    name: str
    cost: float
    effect: float
    status: str
    over: tuple[str, ...] = ()
    extra_cost: float | None = None
    extra_effect: float | None = None
    icer: float | None = None


@dataclass(frozen=True)
class Frontier:
    """Rows by rising cost, all scenarios."""

    rows: tuple[Row, ...]

    @property
    def on(self) -> tuple[Row, ...]:
        """The rows of the frontier, by rising cost and effect."""
        return tuple(row for row in self.rows if row.status == ON)

    def choice(self, worth: float) -> str:
        """The scenario to choose when a unit of effect is worth so much."""
        chosen = self.on[0]
        for row in self.on[1:]:
            if row.icer is not None and row.icer <= worth:
                chosen = row
        return chosen.name

    @property
    def sentence(self) -> str:
        """The frontier in words."""
        if len(self.rows) == 1:
            return ONE_SCENARIO
        steps = [f"{row.name} over {row.over[0]} for {brief(row.icer or 0.0)} a unit of effect" for row in self.on[1:]]
        off = [f"{row.name} is {row.status}" for row in self.rows if row.status != ON]
        first = f"The cheapest choice is {self.on[0].name}"
        return "; ".join([first, *steps, *off]) + "."


def frontier(costs: Any, effects: Any, names: Sequence[str]) -> Frontier:
    """Incremental analysis of arrays (scenarios, draws) or (scenarios,); the order of scenarios does not matter.

    Raises SettingError as `outcomes` does.
    """
    checked = outcomes(costs, effects, names)
    means = sorted(zip(checked.costs.mean(axis=1).tolist(), (-checked.effects.mean(axis=1)).tolist(), checked.names,
                       strict=True))
    points = [(name, cost, -effect) for cost, effect, name in means]
    hull = _hull(points)
    return Frontier(tuple(_row(point, points, hull) for point in points))


Point = tuple[str, float, float]


def _hull(points: list[Point]) -> list[Point]:
    """The frontier of points that stand by rising cost, and by falling effect where the cost is the same."""
    kept: list[Point] = []
    for point in points:
        if kept and point[2] <= kept[-1][2]:
            continue
        while len(kept) > 1 and _slope(kept[-2], kept[-1]) > _slope(kept[-1], point) * (1.0 + _ROUNDING):
            kept.pop()
        kept.append(point)
    return kept


def _slope(one: Point, other: Point) -> float:
    return (other[1] - one[1]) / (other[2] - one[2])


def _row(point: Point, points: list[Point], hull: list[Point]) -> Row:
    name, cost, effect = point
    if point in hull:
        place = hull.index(point)
        if place == 0:
            return Row(name, cost, effect, ON)
        before = hull[place - 1]
        return Row(name, cost, effect, ON, (before[0],), cost - before[1], effect - before[2], _slope(before, point))
    twin = next((other for other in hull if other[1:] == point[1:]), None)
    if twin:
        return Row(name, cost, effect, SAME, (twin[0],))
    better = [other for other in points if other[1:] != point[1:] and other[1] <= cost and other[2] >= effect]
    if better:
        return Row(name, cost, effect, DOMINATED, (max(better, key=lambda other: other[2])[0],))
    above = next(place for place, other in enumerate(hull) if other[2] > effect)
    return Row(name, cost, effect, EXTENDED, (hull[above - 1][0], hull[above][0]))
