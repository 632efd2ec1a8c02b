"""Value for money of the scenarios of an ensemble: frontier, plane, and how sure a choice is.

What a facility-year at 80 points is worth, nobody has said for Cambodia. Unless the user says so, single numbers are
worked out where the last large step along the frontier becomes worth its price. A step is large if it brings a tenth
or more of what lies between the frontier's ends: the last scenarios of a long list often differ by next to nothing, at
an absurd price. Curves show a range around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.acceptability import Acceptability, acceptability
from qicsim.decide.bill import Bill
from qicsim.decide.effects import BY_NAME, Outcome
from qicsim.decide.frame import Frame
from qicsim.decide.frontier import Frontier, Row, frontier
from qicsim.decide.gains import Gain
from qicsim.decide.outcomes import Outcomes, outcomes
from qicsim.decide.plane import Plane, plane

STEPS = 101
LARGE = 0.1
WITHOUT_A_SWITCH = 10_000.0


@dataclass(frozen=True, eq=False)
class Value:
    """Costs held against one outcome.

    worth   US$ for a unit of the outcome at which single numbers are worked out; `given` if the user said so
    net     net benefit at that worth, (scenarios, draws), US$
    steps   rows of the frontier that are its first, or a large step
    best    the scenario with the highest expected net benefit at that worth; `sure` is how often it is the best
    """

    outcome: Outcome
    worth: float
    given: bool
    frontier: Frontier
    plane: Plane
    curves: Acceptability
    steps: tuple[Row, ...]
    net: np.ndarray
    best: str
    sure: float


def value(frame: Frame, paid: Bill, gain: Gain) -> Value:
    """Value for money of all scenarios."""
    held = outcomes(paid.costs, gain.better, frame.names)
    table = frontier(held.costs, held.effects, held.names)
    steps = large_steps(table)
    worth = frame.settings.worth or two_digits(steps[-1].icer or WITHOUT_A_SWITCH)
    grid = np.linspace(0.0, _range_end(frame, steps, worth), STEPS)
    curves = acceptability(held.costs, held.effects, held.names, grid)
    net = held.net_benefit(worth)
    at = acceptability(held.costs, held.effects, held.names, worth)
    return Value(BY_NAME[frame.settings.outcome], worth, frame.settings.worth is not None, table,
                 plane(held.costs, held.effects, held.names, frame.reference), curves, steps,
                 net, frame.names[int(at.best[0])], float(at.frontier[0]))


def net_benefit(paid: Bill, gain: Gain, names: tuple[str, ...], worth: float) -> np.ndarray:
    """Net benefit of scenarios by draw at a worth, US$; float64 (scenarios, draws)."""
    held: Outcomes = outcomes(paid.costs, gain.better, names)
    return held.net_benefit(worth)


def large_steps(table: Frontier) -> tuple[Row, ...]:
    """The first row of the frontier, and those whose step brings a tenth or more of what lies between its ends."""
    on = table.on
    least = LARGE * (on[-1].effect - on[0].effect)
    return (on[0], *(row for row in on[1:] if (row.extra_effect or 0.0) >= least))


def two_digits(value: float) -> float:
    """A number above 0 with two digits that count."""
    return float(f"{value:.2g}")


def _range_end(frame: Frame, steps: tuple[Row, ...], worth: float) -> float:
    if frame.settings.worth_up_to is not None:
        return frame.settings.worth_up_to
    return two_digits(2.0 * max(worth, steps[-1].icer or 0.0))
