"""An ensemble as an xarray Dataset (`pip install "qicsim[xarray]"`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qicsim.adapters.optional import optional
from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.runs.draws import names
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import known_indicators, values
from qicsim.runs.sums import GROUP_ROWS

USUAL = ("true", "recorded", "true_80", "recorded_80", "coverage")


def dataset(ensemble: Ensemble, indicators: Sequence[str] = USUAL, groups: Sequence[str] = ("all",)) -> Any:
    """Indicators with dimensions scenario, group, draw, replicate, quarter; and `parameters` by draw.

    NaN where a group is empty or a scenario has ended. Units and meanings are attributes. SettingError for unknown
    names, and when xarray is not installed.
    """
    xarray = optional("xarray", "xarray")
    known = known_indicators(ensemble)
    faults = [Fault("indicators", f'"{name}" is not an indicator', hint=nearest(name, known)) for name in indicators
              if name not in known]
    faults += [Fault("groups", f'"{group}" is not a group', ", ".join(GROUP_ROWS)) for group in groups
               if group not in GROUP_ROWS]
    if faults:
        raise SettingError("", faults)
    quarters = sorted({quarter for runner in ensemble.runners.values() for quarter in runner.quarters})
    dimensions = ("scenario", "group", "draw", "replicate", "quarter")
    variables: dict[str, Any] = {
        name: (dimensions, _filled(ensemble, name, groups, quarters),
               {"long_name": known[name].meaning, "units": known[name].unit}) for name in indicators}
    variables["parameters"] = (("draw", "parameter"), ensemble.draws.values, {"source": ensemble.draws.source})
    places = {"scenario": list(ensemble.runners), "group": list(groups), "draw": np.arange(len(ensemble.draws)),
              "replicate": np.arange(ensemble.replicates), "quarter": quarters, "parameter": list(names())}
    return xarray.Dataset(variables, places, {"seed": ensemble.seed, "source_digest": SOURCE_DIGEST})


def _filled(ensemble: Ensemble, name: str, groups: Sequence[str], quarters: list[str]) -> np.ndarray:
    """An indicator on the joint axis of quarters, (scenarios, groups, draws, replicates, quarters)."""
    shape = (len(ensemble.draws), ensemble.replicates)
    table = np.full((len(ensemble.runners), len(groups), *shape, len(quarters)), np.nan)
    for row, (scenario, runner) in enumerate(ensemble.runners.items()):
        at = np.searchsorted(quarters, runner.quarters)
        for column, group in enumerate(groups):
            table[row, column][..., at] = values(ensemble, scenario, name, group).reshape(*shape, -1)
    return table
