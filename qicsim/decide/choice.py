"""The choice that money makes among the scenarios of a comparison: the decision by the usual settings, made once."""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.analysis.compare import Comparison
from qicsim.analysis.quarters import in_order
from qicsim.decide.decision import Decision, decide
from qicsim.decide.settings import Settings
from qicsim.ground.errors import SettingError
from qicsim.inputs.country import plan_start
from qicsim.inputs.scenario.past import other_past


@dataclass(frozen=True, eq=False)
class Choice:
    """The decision among compared scenarios; None for a scenario alone, or where it was refused.

    refusal  why there is no decision among several scenarios (years or targets that do not fit the horizon), or ""
    """

    decision: Decision | None = None
    refusal: str = ""

    def picks(self, best: str | None, reference: str) -> tuple[str, ...]:
        """The scenarios that a choice is among but the reference, the weightiest first.

        They are the one of the best gain, then those of best value, of least regret, and on the frontier.
        """
        gaining = () if best is None else (best,)
        if self.decision is None:
            return gaining
        value = self.decision.value
        on_frontier = (*value.steps[::-1], *value.frontier.on[::-1])
        names = (*gaining, value.frontier.choice(value.worth), self.decision.robust.regret.choices["mean"],
                 *(row.name for row in on_frontier))
        return tuple(name for name in dict.fromkeys(names) if name != reference)


NO_CHOICE = Choice()


MOST_LEADING = 2


def leading_plans(comparison: Comparison) -> tuple[str, ...]:
    """The two scenarios with the largest mean gains among those that last to the end and can still be chosen.

    None where the runs end before plans begin.
    """
    if comparison.end < plan_start():
        return ()
    runners = comparison.ensemble.runners
    reference = runners[comparison.reference].scenario
    used = Settings(level="as simulated")
    return tuple(name for name in comparison.others if name in comparison.at_end and not used.is_event(name)
                 and other_past(runners[name].scenario, reference) is None)[:MOST_LEADING]


def choice_of(comparison: Comparison) -> Choice:
    """The decision among the scenarios of a comparison, which takes some seconds for many draws."""
    if len(comparison.ensemble.runners) == 1:
        return NO_CHOICE
    try:
        used = Settings(level="as simulated", money=comparison.money)  # money is that of the comparison's own tables
        ordered = in_order(comparison.ensemble, comparison.reference)
        return Choice(decide(ordered, comparison.reference, used))
    except SettingError as error:
        return Choice(refusal=str(error))
