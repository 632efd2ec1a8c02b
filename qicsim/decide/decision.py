"""A decision: everything that an ensemble says about what to buy, as one frozen record of plain results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.decide.costs_by_scenario import Bill, Budget, bill, budget
from qicsim.decide.decision_inputs import Frame, frame
from qicsim.decide.discounting import Discounting
from qicsim.decide.frontier import Row
from qicsim.decide.learning import ENOUGH, Learning, learning
from qicsim.decide.options import Options, options
from qicsim.decide.outcomes_by_scenario import Gain, gains
from qicsim.decide.robust import Aim, Robust, aim, robust
from qicsim.decide.sensitivity import Case, sensitivity
from qicsim.decide.settings import UNIT_COSTS, Settings
from qicsim.decide.under_assumptions import UnderAssumptions, point_steps, under_assumptions, undominated
from qicsim.decide.value import Value, value
from qicsim.ground.intervals import DRAWS, Interval, interval_of
from qicsim.ground.money import Money
from qicsim.ground.shown import Shown
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.overrides import overrides_said
from qicsim.inputs.world.money import costs_said
from qicsim.inputs.world.scaling import cautions_here
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.forks import forks_said
from qicsim.runs.posterior import draws_said

NO_BUDGET = 1e12


@dataclass(frozen=True, eq=False, repr=False)
class Decision(Shown):
    """What is worth buying, at what cost, how sure that is, and what would change it.

    names, titles  scenarios in the ensemble's order, and what they are called
    options        which of them can be chosen
    settings       with the years that were left open filled in
    cases          the choice under other conventions
    draws          how many, from `source`, each with so many `replicates`, under `seed`
    notes          what a reader must know before trusting numbers, in words
    synthetic      whether facilities are invented, or those of a register that was given
    by_point       steps of the frontier where a unit is one point more of true quality in one facility for a year
    assumed        the choice under assumptions that decide; None where none was tried
    """

    names: tuple[str, ...]
    titles: dict[str, str]
    options: Options
    reference: str
    settings: Settings
    discounting: Discounting
    years: tuple[int, ...]
    draws: int
    replicates: int
    source: str
    seed: int
    bill: Bill
    budget: Budget
    gains: dict[str, Gain]
    value: Value
    cases: tuple[Case, ...]
    learning: Learning
    aim: Aim
    robust: Robust
    notes: tuple[Told, ...]
    synthetic: bool
    by_point: tuple[Row, ...]
    assumed: UnderAssumptions | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the scenarios but the reference."""
        return tuple(name for name in self.names if name != self.reference)

    def more_a_year(self, name: str) -> Interval[float]:
        """US$ a year that a scenario costs those who pay more than the reference does, mean of the years."""
        payers = self.settings.payers
        spent, base = (self.bill.lines[one].only(payer=payers).yearly().mean(axis=1) for one in (name, self.reference))
        return interval_of(spent - base, kind=DRAWS).at()


def decide(ensemble: Ensemble, reference: str, settings: Settings | None = None, *,
           others: Mapping[str, Ensemble] | None = None) -> Decision:
    """The decision among all scenarios of an ensemble.

    Args:
        ensemble: finished runs.
        reference: name of the scenario that others are compared with.
        settings: see `Settings`; the defaults if None.
        others: ensembles of some of the scenarios and the same draws under assumptions, by key (`runs.assumptions`).

    Raises:
        SettingError: with every fault: no scenario, an unknown reference, years or targets outside the horizon, results
            that are not finite, structures that do not match.
    """
    used = frame(ensemble, reference, settings or Settings())
    paid, brought = bill(used), gains(used)
    spent = budget(used, paid)
    chosen, gain = options(used, spent), brought[used.settings.outcome]
    held = value(used, paid, gain, chosen)
    aimed = aim(used, held)
    tried = under_assumptions(used, held, paid, brought, others) if others else None
    return Decision(
        used.names, {name: runner.scenario.title for name, runner in ensemble.runners.items()}, chosen, reference,
        used.settings, used.discounting, used.years, len(ensemble.draws), ensemble.replicates, ensemble.draws.source,
        ensemble.seed, paid, spent, brought, held, sensitivity(used, paid, gain, held), learning(used, held, paid),
        aimed, robust(used, held, aimed, brought, spent),
        (*_of_all(ensemble, reference, used.settings.money), *_notes(used)),
        ensemble.runners[reference].world.synthetic, point_steps(used, paid, brought, chosen.names), tried)


def plans_to_try(ensemble: Ensemble, reference: str, settings: Settings) -> tuple[str, ...]:
    """The plans whose choice is worth holding against assumptions: the reference, and those that are not dominated.

    Arguments and errors as of `decide`.
    """
    used = frame(ensemble, reference, settings)
    paid, gain = bill(used), gains(used)[used.settings.outcome]
    return undominated(value(used, paid, gain, options(used, budget(used, paid))), reference)


def _of_all(ensemble: Ensemble, reference: str, money: Money) -> tuple[Told, ...]:
    """What was set for all scenarios, their prices, what to know of each of them, what posterior and costs lack."""
    scenarios = [runner.scenario for runner in ensemble.runners.values()]
    return (*overrides_said(scenarios), *money.said, *cautions_here(scenarios, ensemble.runners[reference].scenario),
            *forks_said(ensemble), *draws_said(ensemble.draws),
            *costs_said(runner.world.unit_costs for runner in ensemble.runners.values()))


def _notes(used: Frame) -> tuple[Told, ...]:
    """What a reader must know before trusting numbers."""
    draws, found = len(used.table), []
    if draws < ENOUGH:
        found.append(tell("{draws} draws are few: values of information and chances are rough below {enough}.",
                          draws=draws, enough=ENOUGH))
    if used.partial:
        found.append(tell("Not counted, as it was not simulated to its end: {years}.",
                          years=", ".join(map(str, used.partial))))
    held = [name for name, runner in used.ensemble.runners.items()
            if float(np.min(runner.levers["budget"])) < NO_BUDGET]
    if held and used.settings.unit_costs != UNIT_COSTS[0]:
        found.append(tell("{scenarios}: held by a budget in the simulation, which unit costs by line do not know.",
                          scenarios=", ".join(held)))
    return tuple(found)
