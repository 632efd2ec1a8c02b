"""The contraction table: what the data taught about each parameter, what is known from elsewhere, what is assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.checks import contraction
from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.reported_history import Calibrated, parameter_names
from qicsim.estimate.calibrate.scores import scores_of
from qicsim.ground.declare import declared

LEARNED, ELSEWHERE, ASSUMED = "learned from the data", "known from elsewhere", "assumed"
LEAST_CONTRACTION = 0.2
LEAST_SHIFT = 0.5
SURE = 4.0
NO_EVIDENCE = ("A", "M")


@dataclass(frozen=True)
class Learned:
    """One parameter: 5, 50, 95 % of prior and posterior; what was learned; where else its value comes from.

    contraction  share of the prior variance removed, on the scale where the prior is standard normal
    shift        posterior mean minus prior mean there, in prior standard deviations
    kind         learned from the data, known from elsewhere, or assumed
    """

    parameter: str
    meaning: str
    unit: str
    prior_low: float
    prior_middle: float
    prior_high: float
    low: float
    middle: float
    high: float
    contraction: float
    shift: float
    grade: str
    source: str
    kind: str


def learned(fitted: Fit) -> tuple[Learned, ...]:
    """Every free parameter, the most contracted first; one that the study does not keep is at its prior.

    Learned: at least 20 % of the variance removed, or the mean moved by half a standard deviation, and in either case
    by more than four times what chance gives at this effective sample. Otherwise graded A or M: assumed.
    """
    posterior = fitted.posterior
    mean, removed = _moments(fitted)
    chance = 1.0 / np.sqrt(posterior.diagnostics.effective_sample)
    leaves = dict(zip(parameter_names(), declared(Calibrated).values(), strict=True))
    rows = []
    for i, one in enumerate(contraction(fitted.problem, posterior)):
        leaf = leaves[one.parameter].declaration
        if one.parameter not in fitted.study.kept:
            kind = ASSUMED if leaf.grade in NO_EVIDENCE else ELSEWHERE
            rows.append(Learned(one.parameter, leaf.meaning, leaf.unit, *one.prior, *one.prior, 0.0, 0.0, leaf.grade,
                                leaf.source, kind))
            continue
        taught = (removed[i] > max(LEAST_CONTRACTION, SURE * np.sqrt(2.0) * chance)
                  or abs(mean[i]) > max(LEAST_SHIFT, SURE * chance))
        kind = LEARNED if taught else ASSUMED if leaf.grade in NO_EVIDENCE else ELSEWHERE
        rows.append(Learned(one.parameter, leaf.meaning, leaf.unit, *one.prior, *one.posterior, float(removed[i]),
                            float(mean[i]), leaf.grade, leaf.source, kind))
    return tuple(sorted(rows, key=lambda row: -row.contraction))


def passed_over(fitted: Fit) -> tuple[str, float] | None:
    """Of the free parameters that the study does not keep, that of which the fit says most: the variance removed."""
    _, removed = _moments(fitted)
    left = [(name, float(share)) for name, share in zip(fitted.study.parameters, removed, strict=True)
            if name not in fitted.study.kept]
    return max(left, key=lambda one: one[1], default=None)


def _moments(fitted: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means of normal scores, and shares of the prior variance removed; (d,) each."""
    scores = scores_of(fitted.posterior.cube)
    mean = fitted.posterior.weights @ scores
    return mean, 1.0 - fitted.posterior.weights @ (scores - mean) ** 2
