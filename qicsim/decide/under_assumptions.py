"""The choice under assumptions that decide, one at a time: which plan is best, and at which price the choice turns.

Plans that are not dominated as simulated are run again, with the reference. Regret is worked out within each assumption
and draw, and stands for each assumption alone: nobody knows how likely each is, so that nothing is averaged over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.costs_by_scenario import Bill, bill
from qicsim.decide.decision_inputs import Frame, frame
from qicsim.decide.effects import BY_NAME
from qicsim.decide.frontier import Row, frontier
from qicsim.decide.outcomes_by_scenario import Gain, gain_of
from qicsim.decide.value import Value, large_steps, net_benefit
from qicsim.runs.assumptions import AS_SIMULATED
from qicsim.runs.ensemble import Ensemble

POINTS = "points_true"


@dataclass(frozen=True, eq=False)
class ChoiceUnder:
    """The choice under one assumption.

    key       of the assumption, or AS_SIMULATED
    best      the plan with the highest mean net benefit at the decision's worth of a unit
    net       mean net benefit at that worth, US$, (plans,)
    regret    mean over draws of what is lost against the best plan of the draw, US$, (plans,)
    steps     along the frontier, from the cheapest plan on: `icer` is the price of a unit at which the choice turns
    by_point  the same where a unit is one point more of true quality in one facility for one year
    """

    key: str
    best: str
    net: np.ndarray
    regret: np.ndarray
    steps: tuple[Row, ...]
    by_point: tuple[Row, ...]


@dataclass(frozen=True, eq=False)
class UnderAssumptions:
    """The choice among plans at one worth of a unit, US$, as simulated and under each assumption."""

    plans: tuple[str, ...]
    worth: float
    choices: tuple[ChoiceUnder, ...]

    @property
    def least_regret(self) -> str:
        """The plan whose largest mean regret under any assumption is the least; of equals, the first by name."""
        worst = np.max([one.regret for one in self.choices], axis=0)
        return min(zip(worst.tolist(), self.plans, strict=True))[1]

    @property
    def prices(self) -> tuple[float, float] | None:
        """The lowest and highest price of a facility-point-year at which the choice turns last; None if never."""
        last = [float(one.by_point[-1].icer or np.nan) for one in self.choices if one.by_point[1:]]
        return (min(last), max(last)) if last else None


def undominated(held: Value, reference: str) -> tuple[str, ...]:
    """The reference and the choices on the frontier, with payments counted or left out, in the order of the choices."""
    on = {row.name for table in (held.frontier, *held.views.values()) for row in table.on}
    return (reference, *(name for name in held.options if name in on and name != reference))


def under_assumptions(used: Frame, held: Value, paid: Bill, brought: Mapping[str, Gain],
                      others: Mapping[str, Ensemble]) -> UnderAssumptions:
    """The choice among plans under assumptions.

    Args:
        used: the frame of the decision as simulated.
        held: its value for money.
        paid: its bill.
        brought: its outcomes.
        others: ensembles of the same plans, the reference among them, and the same draws, by key of the assumption.

    Raises:
        SettingError: with every fault: other scenarios, other numbers of draws, another seed.
    """
    _check(used, others)
    plans = tuple(next(iter(others.values())).runners)
    made = [_choice(AS_SIMULATED, used, paid, brought, plans, held.worth)]
    for key, ensemble in others.items():
        other = frame(ensemble, used.reference, used.settings)
        brings = {name: gain_of(other, BY_NAME[name]) for name in (used.settings.outcome, POINTS)}
        made.append(_choice(key, other, bill(other), brings, plans, held.worth))
    return UnderAssumptions(plans, held.worth, tuple(made))


def _choice(key: str, used: Frame, paid: Bill, brought: Mapping[str, Gain], plans: tuple[str, ...],  # noqa: PLR0917
            worth: float) -> ChoiceUnder:
    """The choice in one ensemble."""
    place = [used.names.index(name) for name in plans]
    gain = brought[used.settings.outcome]
    net = net_benefit(paid, gain, used.names, worth)[place]
    steps = large_steps(frontier(paid.costs[place], gain.better[place], plans))
    means = net.mean(axis=1)
    lost = (net.max(axis=0) - net).mean(axis=1)
    return ChoiceUnder(key, plans[int(np.argmax(means))], means, lost, steps,
                       point_steps(used, paid, brought, plans))


def point_steps(used: Frame, paid: Bill, brought: Mapping[str, Gain], plans: tuple[str, ...]) -> tuple[Row, ...]:
    """Large steps of the frontier of plans; a unit is one point more of true quality in one facility for a year."""
    place = [used.names.index(name) for name in plans]
    facilities = len(used.ensemble.runners[used.reference].world.register)
    return large_steps(frontier(paid.costs[place], facilities * brought[POINTS].better[place], plans))


def _check(used: Frame, others: Mapping[str, Ensemble]) -> None:
    """SettingError for ensembles that are not of the same plans, draws and seed."""
    faults, own = Checks(), used.ensemble
    plans = tuple(next(iter(others.values())).runners)
    faults.known("assumptions", plans, used.names)
    for key, ensemble in others.items():
        for what, its, wanted in (("the scenarios", ", ".join(ensemble.runners), ", ".join(plans)),
                                  ("draws", len(ensemble.draws), len(own.draws)), ("seed", ensemble.seed, own.seed)):
            if its != wanted:
                faults.add(f"assumption {key}", f"has {what} {its}", f"{wanted}")
    faults.refuse()
