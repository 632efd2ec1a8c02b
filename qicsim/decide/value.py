"""Value for money of the choices among an ensemble's scenarios: frontier, plane, and how sure a choice is.

What a facility-year at 80 points is worth, nobody has said here. Unless the user says so, single numbers are
worked out where the last large step along the frontier becomes worth its price. A step is large if it brings a tenth
or more of what lies between the frontier's ends: the last scenarios of a long list often differ by next to nothing, at
an absurd price. **There two choices are equally good on average**: it is where a choice is least sure and where knowing
more is worth most, and which of the two is called best is a matter of rounding. So `points` give the key numbers at
half and at twice that worth too, and name those that tie: whose mean difference from the best is below its standard
error. Curves show a range around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.acceptability import Acceptability, acceptability
from qicsim.decide.costs_by_scenario import Bill
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.effects import BY_NAME, Outcome
from qicsim.decide.frontier import Frontier, Row, frontier
from qicsim.decide.information import evpi
from qicsim.decide.options import Options
from qicsim.decide.outcomes import Outcomes, outcomes
from qicsim.decide.outcomes_by_scenario import Gain
from qicsim.decide.plane import Plane, plane
from qicsim.ground.numbers import three_digits

STEPS = 101
LARGE = 0.1
WITHOUT_A_SWITCH = 10_000.0
AROUND = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Point:
    """The choice at one worth of a unit.

    best         the scenario with the highest expected net benefit
    tied         others whose mean difference from it is below its standard error
    sure         share of draws in which it is the best
    evpi, error  expected value of perfect information, and its standard error, US$
    """

    worth: float
    best: str
    tied: tuple[str, ...]
    sure: float
    evpi: float
    error: float


@dataclass(frozen=True, eq=False)
class Value:
    """Costs of the choices held against one outcome.

    options   names of the choices; `frontier`, `curves`, `net` and `held` are of these, `plane` of all scenarios
    worth     US$ for a unit of the outcome at which single numbers are worked out; `given` if the user said so
    held      costs and effects; net: net benefit at that worth, (choices, draws), US$
    steps     rows of the frontier that are its first, or a large step
    views     the frontier with payments "counted", and with payments "left out"
    points    the choice at half the worth, at it, and at twice it
    """

    outcome: Outcome
    options: tuple[str, ...]
    worth: float
    given: bool
    held: Outcomes
    frontier: Frontier
    views: dict[str, Frontier]
    plane: Plane
    curves: Acceptability
    steps: tuple[Row, ...]
    points: tuple[Point, ...]
    net: np.ndarray

    @property
    def here(self) -> Point:
        """The choice at the worth."""
        return self.points[AROUND.index(1.0)]

    @property
    def best(self) -> str:
        """The scenario with the highest expected net benefit at the worth."""
        return self.here.best

    @property
    def sure(self) -> float:
        """How often it is the best."""
        return self.here.sure

    @property
    def turned_to(self) -> str:
        """The scenario that papers put first: where the choice turns at the worth, the one that it turns to."""
        turn = self.steps[-1].name
        return turn if not self.given and turn in self.here.tied else self.best

    def sure_of(self, name: str) -> float:
        """How often a choice is the best at the worth."""
        at = int(np.argmin(np.abs(self.curves.worth - self.worth)))
        return float(self.curves.probability[at, self.options.index(name)])


def value(frame: Frame, paid: Bill, gain: Gain, chosen: Options | None = None) -> Value:
    """Value for money of the choices, or of all scenarios."""
    names = frame.names if chosen is None else chosen.names
    place = [frame.names.index(name) for name in names]
    effects = gain.better[place]
    held = outcomes(paid.costs[place], effects, names)
    table = frontier(held.costs, held.effects, names)
    steps = large_steps(table)
    worth = frame.settings.worth or three_digits(steps[-1].icer or WITHOUT_A_SWITCH)
    grid = np.unique([*np.linspace(0.0, _range_end(frame, steps, worth), STEPS).tolist(), worth])
    return Value(
        BY_NAME[frame.settings.outcome], names, worth, frame.settings.worth is not None, held, table,
        {key: frontier(costs[place], effects, names) for key, costs in paid.views.items()},
        plane(paid.costs, gain.better, frame.names, frame.reference),
        acceptability(held.costs, held.effects, names, grid), steps,
        tuple(point(held, share * worth) for share in AROUND), held.net_benefit(worth))


def point(held: Outcomes, worth: float) -> Point:
    """The choice at a worth."""
    net = held.net_benefit(worth)
    perfect = evpi(net)
    best = perfect.best
    behind = net[best] - net
    error = behind.std(axis=1, ddof=1) / np.sqrt(net.shape[1]) if net.shape[1] > 1 else np.zeros(len(net))
    tied = [name for at, name in enumerate(held.names) if at != best and behind[at].mean() <= error[at]]
    at = acceptability(held.costs, held.effects, held.names, worth)
    return Point(worth, held.names[best], tuple(tied), float(at.probability[0, best]), perfect.value, perfect.error)


def net_benefit(paid: Bill, gain: Gain, names: tuple[str, ...], worth: float) -> np.ndarray:
    """Net benefit of scenarios by draw at a worth, US$; float64 (scenarios, draws)."""
    held: Outcomes = outcomes(paid.costs, gain.better, names)
    return held.net_benefit(worth)


def large_steps(table: Frontier) -> tuple[Row, ...]:
    """The first row of the frontier, and those whose step brings a tenth or more of what lies between its ends."""
    on = table.on
    least = LARGE * (on[-1].effect - on[0].effect)
    return (on[0], *(row for row in on[1:] if (row.extra_effect or 0.0) >= least))


def _range_end(frame: Frame, steps: tuple[Row, ...], worth: float) -> float:
    if frame.settings.worth_up_to is not None:
        return frame.settings.worth_up_to
    return 2.0 * max(worth, three_digits(steps[-1].icer or 0.0))
