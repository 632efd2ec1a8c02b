"""The model as SALib's `ProblemSpec`.

    spec = problem_spec(evaluator)
    spec.sample_sobol(256, calc_second_order=False, seed=1).evaluate(evaluator.means)
    spec.analyze_sobol(calc_second_order=False, seed=1)

`evaluate(evaluator.means, nprocs=2)` gives the same numbers on two processes. Its bounds are the unit cube, so that
SALib's own distributions are not needed. What SALib lets pass (another flag in the analysis, a NaN, a constant output,
a seed of 0) passes here too: `qicsim.analysis.sensitivity` does not let it.
"""

from __future__ import annotations

from typing import Any

from qicsim.adapters.evaluate import Evaluator


def problem_spec(evaluator: Evaluator) -> Any:
    """SALib's problem of an evaluator: names of its factors and outputs, bounds 0 to 1."""
    from SALib import ProblemSpec

    names = [factor.name for factor in evaluator.factors]
    return ProblemSpec({"names": names, "num_vars": len(names), "bounds": [[0.0, 1.0]] * len(names),
                        "outputs": [one.name for one in evaluator.wanted]})
