"""The model for the EMA Workbench (`pip install "qicsim[adapters]"`).

    model = ema_model(evaluator)
    perform_experiments(model, scenarios=100, policies=4)

Parameters are its uncertainties, as probabilities of their priors (0 to 1); levers are its levers, with the values of
the factor. Names are Python identifiers, as the workbench will require: `pdsa.k_item` becomes `pdsa__k_item`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.adapters.evaluate import Evaluator
from qicsim.adapters.luck import luck_of
from qicsim.adapters.optional import optional
from qicsim.analysis.factors import Factor, LeverFactor


def ema_model(evaluator: Evaluator, name: str = "qicsim") -> Any:
    """A workbench model with uncertainties, levers and outcomes (means over the evaluator's replicates).

    SettingError when the workbench is not installed.
    """
    workbench = optional("ema_workbench", "adapters")
    model = workbench.Model(name, function=_Function(evaluator))
    levers = [factor for factor in evaluator.factors if isinstance(factor, LeverFactor)]
    model.uncertainties = [workbench.RealParameter(identifier(factor), 0.0, 1.0) for factor in evaluator.factors
                           if not isinstance(factor, LeverFactor)]
    model.levers = [workbench.CategoricalParameter(identifier(factor), list(factor.values)) for factor in levers]
    model.outcomes = [workbench.ArrayOutcome(one.name) if one.quarter is None else workbench.ScalarOutcome(one.name)
                      for one in evaluator.wanted]
    return model


def identifier(factor: Factor) -> str:
    """The factor's name as a Python identifier."""
    return factor.name.replace(".", "__")


class _Function:
    """The function that the workbench calls with one value for each uncertainty and lever."""

    __name__ = "qicsim"

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def __call__(self, **given: Any) -> dict[str, Any]:
        point = np.array([_coordinate(factor, given[identifier(factor)]) for factor in self.evaluator.factors])
        found = self.evaluator.outputs(point[None], [luck_of(point)])
        return {name: values[0].mean(axis=0) for name, values in found.items()}


def _coordinate(factor: Factor, value: Any) -> float:
    """The coordinate of a value: itself, or the middle of the part of the axis that a lever's value has."""
    if not isinstance(factor, LeverFactor):
        return float(value)
    return (factor.values.index(value) + 0.5) / len(factor.values)
