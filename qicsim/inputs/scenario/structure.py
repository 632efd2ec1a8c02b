"""Structural alternatives: other forms of what no parameter of the model can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from qicsim.inputs.scenario.forms import structure_of
from qicsim.inputs.scenario.record import Scenario
from qicsim.model.levers import SCHEDULES, Levers


def restructured(scenario: Scenario, forms: Mapping[str, str] | None = None, *, schedule: str = "",
                 provinces: tuple[str, ...] = ()) -> Scenario:
    """The scenario with other forms; what is left empty stays.

    Args:
        scenario: a resolved scenario.
        forms: forms of structure by name, like {"contagion": "threshold"}.
        schedule: how payment depends on the score, instead of the form that holds in the first month; where a plan
            pays by another form, that stays.
        provinces: the order in which provinces open; those that are left out follow.
    """
    if schedule:
        number = SCHEDULES.index(schedule)

        def paid(levers: Any) -> Levers:
            held = levers.schedule
            return levers._replace(schedule=np.where(held == held[0], number, held))

        scenario = scenario.changed(paid)
    if forms:
        scenario = replace(scenario, structure=structure_of(forms, scenario.structure))
    return replace(scenario, provinces=scenario.country.completed(provinces)) if provinces else scenario
