"""Do settings of levers make sense in a scenario? What a scenario file could not say, a point cannot either."""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.consistency import check_sense

DECIDE = ("recruiting", "provinces", "districts", "order")


def check_levers(faults: Faults, scenario: Scenario, levers: tuple[str, ...], settings: np.ndarray,
                 since: int | None) -> None:
    """Note a month outside the horizon, and settings (n, L) under which teams are to join that never can."""
    if not levers or since is None:
        return
    if not scenario.start <= since <= scenario.end:
        faults.add("[points] from", f'"{format_month(since)}" is outside the horizon of "{scenario.name}"',
                   f"{format_month(scenario.start)} to {format_month(scenario.end)}")
        return
    decisive = [at for at, name in enumerate(levers) if name in DECIDE]
    for row in np.unique(settings[:, decisive], axis=0) if decisive else ():
        changed = {levers[at]: value for at, value in zip(decisive, row, strict=True) if not np.isnan(value)}
        found = Faults()
        painted: dict[str, Any] = {name: _painted(getattr(scenario.levers, name), since - scenario.start, value)
                                   for name, value in changed.items()}
        check_sense(found, scenario.levers._replace(**painted), scenario.districts)
        for fault in found:
            said = ", ".join(f"{name} = {value:g}" for name, value in changed.items())
            faults.add(f'[points] in "{scenario.name}"', f"{said}: {fault.found}", hint=fault.hint)


def _painted(values: np.ndarray, at: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[at:] = value
    return changed
