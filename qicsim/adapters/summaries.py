"""The model as a plain function from parameters to summaries, for pyABC, sbi and other tools.

    simulator = Simulator.of("reported", ["pdsa.k_item", "team.p_resp"], [Output("recorded_80", "2030Q4")])
    simulator({"pdsa.k_item": 0.1, "team.p_resp": 0.5})       a dict of numbers, as pyABC's models return
    simulator.rows(theta)                                      theta (n, 2) to summaries (n, 1), as sbi's simulators do

Parameters are values in their own units, not probabilities; those that are not named stay at their defaults. The same
parameters give the same summaries: `simulator.on_stream(1)`, `simulator.on_stream(2)`, ... give replicates of them. A
simulator can be pickled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.analysis.factors import ValueFactor
from qicsim.ground.declare import declared
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import Scenario
from qicsim.model.parameters import Parameters


@dataclass(frozen=True, eq=False, repr=False)
class Simulator(Shown):
    """Parameters (in the order of `paths`) to summaries, each the mean of the evaluator's replicates."""

    paths: tuple[str, ...]
    evaluator: Evaluator

    @staticmethod
    def of(scenario: str | Path | Scenario, paths: Sequence[str], wanted: Sequence[Output], **settings: Any
           ) -> Simulator:
        """A simulator; `settings` are replicates, seed, workers, until and stream, as of `Evaluator.of`."""
        evaluator = Evaluator.of(scenario, [ValueFactor(path) for path in paths], wanted, **settings)
        return Simulator(tuple(paths), evaluator)

    def on_stream(self, stream: int) -> Simulator:
        """The same simulator with other replicates; SettingError where there are not so many."""
        return replace(self, evaluator=self.evaluator.on_stream(stream))

    def __call__(self, parameters: Mapping[str, float]) -> dict[str, float]:
        """Summaries of one set of parameters; SettingError unless it names all of them, within their bounds."""
        missing = set(self.paths) ^ set(parameters)
        if missing:
            raise SettingError("", [Fault("parameters", f"{', '.join(sorted(missing))}", ", ".join(self.paths))])
        found = self.rows(np.array([[parameters[path] for path in self.paths]]))[0]
        return dict(zip((one.name for one in self.evaluator.wanted), found.tolist(), strict=True))

    def rows(self, theta: Any) -> Any:
        """Summaries (n, outputs) of many sets of parameters (n, parameters): an array, or a tensor for a tensor."""
        values = np.asarray(theta, dtype=float)
        if values.ndim != 2 or values.shape[1] != len(self.paths):  # noqa: PLR2004 sets of parameters
            raise SettingError("", [Fault("parameters", f"have the shape {values.shape}", f"(n, {len(self.paths)})")])
        faults = [fault for place, path in enumerate(self.paths) for fault in _outside(path, values[:, place])]
        if faults:
            raise SettingError("", faults)
        found = self.evaluator.means(values).reshape(len(values), -1)
        return theta.new_tensor(found) if hasattr(theta, "new_tensor") else found


def _outside(path: str, values: np.ndarray) -> list[Fault]:
    """A fault for values (n,) outside a parameter's bounds."""
    parameter = declared(Parameters)[path].declaration
    outside = ~((values >= parameter.low) & (values <= parameter.high))
    if not outside.any():
        return []
    return [Fault(path, f"{values[outside][0]:g}", f"{parameter.low:g} to {parameter.high:g} {parameter.unit}")]
