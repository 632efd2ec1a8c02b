"""NQEM rounds that are not held: from then on a recorded score is the last recorded one."""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_quarter
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.record import Scenario

LAST_RECORDED = ("“{scenario}” holds no NQEM round from {first} to {last}: what is called recorded there is the last "
                 "recorded score, of {quarter}.")
NEVER_RECORDED = ("“{scenario}” holds no NQEM round from {first} to {last}: what is called recorded there is the score "
                  "with which facilities begin.")


def last_round(scenario: Scenario, month: int) -> int | None:
    """The month of the last round, where the quarter of `month` holds none; None where it holds one.

    The month before the first one stands for the scores with which facilities begin.
    """
    held = _held(scenario)
    quarter = min((month - scenario.start) // MONTHS_PER_QUARTER, held.size - 1)
    if quarter < 0 or held[quarter]:
        return None
    earlier = np.flatnonzero(held[:quarter])
    return scenario.start + MONTHS_PER_QUARTER * (int(earlier[-1]) + 1) - 1 if earlier.size else scenario.start - 1


def last_recorded(scenario: Scenario) -> tuple[Told, ...]:
    """A sentence on the first stretch of quarters without rounds; nothing where every quarter holds one."""
    held = _held(scenario)
    if held.all():
        return ()
    first = int(np.argmin(held))
    after = np.flatnonzero(held[first:])
    last = first + int(after[0]) - 1 if after.size else held.size - 1
    named = {key: format_quarter(scenario.start + MONTHS_PER_QUARTER * at)
             for key, at in (("first", first), ("last", last), ("quarter", first - 1))}
    return (tell(LAST_RECORDED if first else NEVER_RECORDED, scenario=scenario.title, **named),)


def _held(scenario: Scenario) -> np.ndarray:
    """Whether each quarter holds a round, in its last month, (quarters,)."""
    rounds: Any = scenario.levers.rounds
    return np.asarray(rounds[MONTHS_PER_QUARTER - 1::MONTHS_PER_QUARTER] == 1)
