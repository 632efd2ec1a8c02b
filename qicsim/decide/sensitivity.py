"""What to choose under other conventions: discount rates, effects that are not discounted, a nearer end, payments.

These are judgements and not uncertainty: each case is worked out on the same draws, and stands beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.decide.costs_by_scenario import Bill
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.discounting import Discounting, present_value
from qicsim.decide.frontier import Row, frontier
from qicsim.decide.outcomes_by_scenario import Gain
from qicsim.decide.settings import PAYMENTS
from qicsim.decide.value import Value, large_steps
from qicsim.ground.translatable import Told, tell

RATES = (0.0, 0.03, 0.06)
EARLIER = 3
FEWEST_YEARS = 2


@dataclass(frozen=True)
class Case:
    """A convention in words, the large steps of its frontier, and the best choice at the decision's worth."""

    words: Told
    steps: tuple[Row, ...]
    best: str


def sensitivity(frame: Frame, paid: Bill, gain: Gain, held: Value) -> tuple[Case, ...]:
    """The decision as it is, then every other convention."""
    own, years = frame.discounting, frame.years
    cases = [_case(frame, paid, gain, held, tell("as on this page"), own, own, years)]
    for rate in RATES:
        if rate != own.rate:
            said = tell("costs and effects discounted at {rate} % a year", rate=f"{100.0 * rate:g}")
            cases.append(_case(frame, paid, gain, held, said, replace(own, rate=rate), replace(own, rate=rate), years))
    if own.rate:
        cases.append(_case(frame, paid, gain, held, tell("costs discounted, effects not"), own, None, years))
    if len(years) >= EARLIER + FEWEST_YEARS:
        cases.append(_case(frame, paid, gain, held, tell("to {year} only", year=years[-1 - EARLIER]), own, own,
                           years[:-EARLIER]))
    other = PAYMENTS[1 - PAYMENTS.index(frame.settings.payments)]
    place = [frame.names.index(name) for name in held.options]
    return (*cases, _solved(OTHER_PAYMENTS[other], paid.views[other][place], gain.better[place], held))


OTHER_PAYMENTS = {"counted": tell("payments to facilities counted"),
                  "left out": tell("payments to facilities left out")}


def _case(frame: Frame, paid: Bill, gain: Gain, held: Value, words: Told, money: Discounting,  # noqa: PLR0917
          effects: Discounting | None, years: tuple[int, ...]) -> Case:
    place = [frame.names.index(name) for name in held.options]
    costs, brought = (present_value(yearly[place][..., :len(years)], years, how)
                      for yearly, how in ((paid.yearly, money), (gain.yearly, effects)))
    return _solved(words, costs, gain.outcome.better * brought, held)


def _solved(words: Told, costs: np.ndarray, effects: np.ndarray, held: Value) -> Case:
    table = frontier(costs, effects, held.options)
    return Case(words, large_steps(table), table.choice(held.worth))
