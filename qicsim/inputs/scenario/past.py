"""Plans that can still be chosen, and scenarios that ask what would have come of another past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.consistency import senseless
from qicsim.inputs.scenario.overrides import own_pasts
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.scenario.rounds import last_recorded

OTHER_PAST = ("“{scenario}” differs from “{reference}” in {month} already. Decisions can still be made from {first} on:"
              " it asks what if the past had been another, and is no plan that can be chosen.")
READING = ("threshold",)
"""Levers that decide how results are read, and nothing that happens."""


def other_past(scenario: Scenario, reference: Scenario) -> int | None:
    """The first month up to `known_until` in which a scenario differs from the reference; None if there is none.

    What is known is what the reference says, or the scenario where the reference says nothing.
    """
    known = scenario.known_until if reference.known_until is None else reference.known_until
    if known is None:
        return None
    first = max(scenario.start, reference.start)
    if (scenario.start, scenario.pbf_since) != (reference.start, reference.pbf_since):
        return min(scenario.start, reference.start)
    months = max(min(known - first + 1, scenario.months, reference.months), 0)
    differing = np.zeros(months, dtype=bool)
    levers: Any = reference.levers
    for name, ours, theirs in zip(scenario.levers._fields, scenario.levers, levers, strict=True):
        if name not in READING:
            differing |= np.asarray(ours)[:months] != np.asarray(theirs)[:months]
    opened = int(np.max(levers.provinces[:months], initial=0))
    if months and not differing.any() and scenario.provinces[:opened] != reference.provinces[:opened]:
        return first
    return first + int(np.argmax(differing)) if differing.any() else None


def other_pasts(scenarios: Sequence[Scenario], reference: Scenario) -> tuple[Told, ...]:
    """A sentence for each scenario that differs from the reference before anything could still be decided."""
    found = []
    for one in scenarios:
        since = other_past(one, reference)
        known = one.known_until if reference.known_until is None else reference.known_until
        if since is not None and known is not None:
            found.append(tell(OTHER_PAST, scenario=one.title, reference=reference.title, month=format_month(since),
                              first=format_month(known + 1)))
    return tuple(found)


def cautions(scenarios: Sequence[Scenario], reference: Scenario) -> tuple[Told, ...]:
    """What a reader must know of scenarios: parameters and pasts of their own, senseless levers, rounds that stop."""
    return (*own_pasts(scenarios, reference), *other_pasts(scenarios, reference),
            *(said for one in scenarios for said in (*senseless(one), *last_recorded(one))))
