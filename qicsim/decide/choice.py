"""The choice that money makes among the scenarios of a comparison: the decision by the usual settings, made once."""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.analysis.compare import Comparison
from qicsim.decide.decision import Decision, decide
from qicsim.decide.settings import Settings
from qicsim.ground.errors import SettingError

AS_SIMULATED = Settings(level="as simulated")  # so that money is that of the comparison's own tables


@dataclass(frozen=True, eq=False)
class Choice:
    """The decision among compared scenarios; None for a scenario alone, or where it was refused.

    refusal  why there is no decision among several scenarios (years or targets that do not fit the horizon), or ""
    """

    decision: Decision | None = None
    refusal: str = ""


NO_CHOICE = Choice()


def choice_of(comparison: Comparison) -> Choice:
    """The decision among the scenarios of a comparison, which takes some seconds for many draws."""
    if len(comparison.ensemble.runners) == 1:
        return NO_CHOICE
    try:
        return Choice(decide(comparison.ensemble, comparison.reference, AS_SIMULATED))
    except SettingError as error:
        return Choice(refusal=str(error))
