"""The cells of factorial experiments, as scenarios.

PBF x QIC is made of shipped scenarios that share their history until the end of 2026:

                       no collaboratives after the project        every district by 2030
    PBF ends in 2026   neither                                     qic-without-pbf
    PBF goes on        reported                                    national-2030

`pbf-only` (the project never was) and `hold-398` (its teams go on) have another past or plan, and are no cells of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qicsim.analysis.factorial import cell_levels
from qicsim.ground.errors import Fault, SettingError
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario, change, load_scenario
from qicsim.inputs.scenario.timeline import LEVERS

PBF_BY_QIC = ("PBF", "QIC")
COACHING_EXCHANGE_PBF = {
    "coaching": ({"visits": 0.0, "maintenance": 0.0}, {}),
    "exchange": ({"exchanges": 0.0}, {"exchanges": 13.0}),
    "PBF": ({"pbf": False}, {"pbf": True}),
}
"""Levers off and on, for the plan `national-2030`: its own coaching dose, and ten times its exchange visits."""


def pbf_by_qic(horizon_end: str | None = None) -> list[Scenario]:
    """The four cells of PBF x QIC in the order of `factorial`; SettingError where the country has none."""
    if not home().cells:
        raise SettingError("", [Fault("cells", f"{home().name} names none", "[scenarios] cells in world.toml")])
    return [load_scenario(name, horizon_end=horizon_end) for name in home().cells]


def lever_cells(scenario: Scenario, factors: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]], *,
                from_: str) -> list[Scenario]:
    """The cells of factors that are levers, (off, on) each, changed from a month on; in the order of `factorial`.

    An empty side leaves the scenario as it is. ScenarioError for what a lever cannot have.
    """
    cells = []
    for levels in cell_levels(len(factors)):
        changes = {lever: value for level, sides in zip(levels, factors.values(), strict=True)
                   for lever, value in sides[level].items()}
        name = f"{scenario.name}-" + "".join(str(level) for level in levels)
        cells.append(change(scenario, from_=from_, name=name, **changes) if changes else scenario)
    return cells


def check_cells(cells: Sequence[Scenario], factors: Sequence[str]) -> None:
    """SettingError unless the cells form a factorial: each lever, in each month, follows one factor at most.

    Horizon, parameters, structure and data must be the same in all cells.
    """
    levels = np.array(cell_levels(len(factors)))
    if len(cells) != len(levels):
        raise SettingError("", [Fault("cells", f"{len(cells)} scenarios for {len(factors)} factors", f"{len(levels)}")])
    faults = _differences(cells)
    for lever in LEVERS if not faults else ():
        table = np.stack([getattr(cell.levers, lever) for cell in cells])
        if not _follows_one(table, levels):
            faults.append(Fault(lever, f"depends on more than one of {', '.join(factors)}",
                                "a lever that follows one factor"))
    if faults:
        raise SettingError("", faults)


def _differences(cells: Sequence[Scenario]) -> list[Fault]:
    first = cells[0].resolved()
    return [Fault(part, f'differs between "{cells[0].name}" and "{cell.name}"', "the same in all cells")
            for cell in cells[1:] for part in ("horizon", "rollout", "pbf", "parameters", "structure", "data")
            if cell.resolved()[part] != first[part]]


def _follows_one(table: np.ndarray, levels: np.ndarray) -> bool:
    """Whether each month of a lever (cells, months) is the same in all cells that agree in one of the factors."""
    held = [np.all([np.ptp(table[levels[:, place] == level], axis=0) == 0 for level in (0, 1)], axis=0)
            for place in range(levels.shape[1])]
    return bool(np.any(held, axis=0).all()) if len(held) > 1 else True
