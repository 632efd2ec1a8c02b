"""The model for the EMA Workbench (`pip install "qicsim[adapters]"`).

    model = ema_model(evaluator)
    perform_experiments(model, scenarios=100, policies=4)

Parameters are its uncertainties, as probabilities of their priors (0 to 1), or as values where the factor is a
`ValueFactor`; levers are its levers, with the values of the factor. Names are Python identifiers, as the workbench
asks: `pdsa.k_item` becomes `pdsa__k_item`. All policies of one scenario have the same luck, so that they agree to the
last digit until they differ. What the workbench leaves out stands at its default: a parameter at its own, a lever at
the scenario's value if that is on its list, else at the first of the list.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.adapters.evaluate import Evaluator
from qicsim.analysis.factors import DummyFactor, Factor, LeverFactor, PosteriorFactor, ValueFactor
from qicsim.ground.calendar import parse_month
from qicsim.ground.declare import declared
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.optional import optional
from qicsim.model.parameters import Parameters


def ema_model(evaluator: Evaluator, name: str = "qicsim") -> Any:
    """A workbench model with uncertainties, levers and outcomes (means over the evaluator's replicates).

    SettingError when the workbench is not installed.
    """
    workbench = optional("ema_workbench", "adapters")
    model = workbench.Model(name, function=_Function(evaluator))
    levers = [factor for factor in evaluator.factors if isinstance(factor, LeverFactor)]
    model.uncertainties = [workbench.RealParameter(identifier(factor), *_range(factor), default=_default(factor))
                           for factor in evaluator.factors if not isinstance(factor, LeverFactor)]
    model.levers = [workbench.CategoricalParameter(identifier(factor), list(factor.values),
                                                   default=_own(evaluator, factor)) for factor in levers]
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
        found = self.evaluator.outputs(point[None])
        return {name: values[0].mean(axis=0) for name, values in found.items()}


def _range(factor: Factor) -> tuple[float, float]:
    """The ends of an uncertainty."""
    if not isinstance(factor, ValueFactor):
        return 0.0, 1.0
    declaration = declared(Parameters)[factor.name].declaration
    return declaration.low, declaration.high


def _default(factor: Factor) -> float:
    """Where an uncertainty stands that nobody varies: a parameter at its default, a posterior at its median."""
    if isinstance(factor, PosteriorFactor | DummyFactor):
        return 0.5
    leaf = declared(Parameters)[factor.name]
    return float(leaf.default if isinstance(factor, ValueFactor) else leaf.declaration.below(leaf.default))


def _own(evaluator: Evaluator, factor: LeverFactor) -> Any:
    """The scenario's own value of a lever in its first month, if it is on the list; else the first of the list."""
    scenario = evaluator.runner.scenario
    levers = getattr(scenario.levers, factor.lever)
    own = scenario.written(factor.lever, levers[parse_month(factor.from_) - scenario.start])
    return own if own in factor.values else factor.values[0]


def _coordinate(factor: Factor, value: Any) -> float:
    """The coordinate of a value: itself, or the middle of the part of the axis that a lever's value has.

    SettingError for what is not on a lever's list.
    """
    if not isinstance(factor, LeverFactor):
        return float(value)
    if value not in factor.values:
        words = [one for one in factor.values if isinstance(one, str)]
        raise SettingError("", [Fault(factor.name, f"{value} is not on its list",
                                      ", ".join(str(one) for one in factor.values), nearest(str(value), words))])
    return (factor.values.index(value) + 0.5) / len(factor.values)
