"""How each study was designed, as an arm of the simulated trial, and what its design does to the effect.

A study's effect is read at its own month, dose and end of support. The simulated trial says how the effect under that
design compares with that of the reference design (12 months, 0.75 visits a month, support throughout):

    m_s = median over working rows of  log(1 - c_design) / log(1 - c_reference)      c  share closed of 51 points

and the synthesis joins what the studies would have found at the reference:

    c = effect / gap        effect at the reference = gap (1 - (1 - c)^(1 / m_s))

Errors keep their proportion to effects: no study is surer for being read otherwise. For small effects that is division
by m_s. A programme that has closed two thirds of a gap in six months
cannot close four thirds in twelve, which dividing would say. The gap is that of the rule: 51 points where effects are
shares of the gap, else the study's own (51 where it says none). What a study does not say is assumed: the dose by the
programme's family (coaching packages put somebody at the bedside; mentors came about monthly), the month as 12, support
as lasting until the reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.anchor.reference_trial import DOSE, REFERENCE, REFERENCE_MONTH, Arm, Trials
from qicsim.estimate.evidence.rules import REFERENCE_GAP, Readings, share_of_gap, wider
from qicsim.estimate.evidence.trials import Trial

FAMILY_DOSE = {"coaching": 3.0, "mentoring": 1.0, "CQI with mentors": 1.0, "facilitation and supervision": 1.0}
"""Visits a month by family where a study does not say them; others get the reference dose."""
MOST_CLOSED = 0.98
"""Share of a gap beyond which nothing is read as closed: rates have no end there."""
SMALL = 1e-6
LEAST_EFFECT = 1.0
"""Points below which the effect of a row at the reference is too small to divide by."""


@dataclass(frozen=True)
class Design:
    """How a study is simulated: month of the reading and arm; `assumed` names what the study does not say."""

    key: str
    month: float
    arm: Arm
    assumed: tuple[str, ...]


def design_of(trial: Trial) -> Design:
    """The design of a study, with what it does not say filled in."""
    assumed = tuple(name for name, value in (("month", trial.months), ("dose", trial.visits_month),
                                             ("end of support", trial.support_months)) if math.isnan(value))
    month = REFERENCE_MONTH if math.isnan(trial.months) else trial.months
    visits = FAMILY_DOSE.get(trial.family, DOSE) if math.isnan(trial.visits_month) else trial.visits_month
    ended = trial.support_months < month
    arm = Arm(visits, int(trial.support_months) if ended else REFERENCE.support_months)
    return Design(trial.key, month, arm, assumed)


def ratio_of(design: Design, at_design: Trials, at_reference: Trials) -> float:
    """Median over rows that work of how fast gaps close at a study's design against the reference; NaN without any."""
    reference = at_reference.at(REFERENCE_MONTH)
    works = reference >= LEAST_EFFECT
    if not works.any():
        return math.nan
    there, here = (np.log(1.0 - np.minimum(effect[works] / REFERENCE_GAP, MOST_CLOSED))
                   for effect in (at_design.at(design.month), reference))
    return float(np.median(there / here))


def at_reference(found: Readings, ratios: np.ndarray) -> Readings:
    """Effects and errors as they would be at the reference design."""
    gap, power = np.array([_gap(found, trial) for trial in found.trials]), 1.0 / ratios
    closed = np.minimum(found.effect / gap, MOST_CLOSED)
    some = np.where(np.abs(closed) < SMALL, SMALL, closed)
    factor = (1.0 - (1.0 - some)**power) / some
    return Readings(found.rule, found.trials, gap * closed * factor, found.error * factor)


def _gap(found: Readings, trial: Trial) -> float:
    """The gap that an effect is part of, in points."""
    if found.rule.effect in (share_of_gap, wider):
        return REFERENCE_GAP
    known = [gap for gap in (100.0 - trial.control_weak_pct, trial.mean_gap_pp) if math.isfinite(gap)]
    return max(known, default=REFERENCE_GAP)


