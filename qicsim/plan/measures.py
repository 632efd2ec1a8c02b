"""The indicators of a plan: what each is called, how it is shown, who can move it, and its value from sums.

Who is responsible is a proposal, for a ministry to change.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qicsim.ensemble.sums import DERIVED, ratio
from qicsim.model.indicators import COUNTS, SUMS
from qicsim.plan.record import COUNT, POINTS, RATE, SHARE
from qicsim.plan.schedule import COLUMNS

TEAMS = "Facility teams, supported by the operational district"
DISTRICT_OFFICE = "Operational district office"
PROVINCE_OFFICE = "Provincial health department"
MINISTRY = "Ministry of Health"
INFLATION, COVERAGE, PEOPLE_SHARE = "inflation", "coverage", "people_share_recorded_80"


class Measure(NamedTuple):
    """An indicator of a plan: its name, a short title, its form, and who is responsible."""

    name: str
    title: str
    form: str
    responsible: str


MEASURES = (
    Measure("recorded", "Mean recorded NQEM score", POINTS, TEAMS),
    Measure("true", "Mean true quality", POINTS, TEAMS),
    Measure("recorded_80", "Facilities recorded at 80 or more", SHARE, TEAMS),
    Measure("true_80", "Facilities truly at 80 or more", SHARE, TEAMS),
    Measure("coverage", "Facilities that ever joined, share", SHARE, f"{MINISTRY}; {PROVINCE_OFFICE}"),
    Measure("ever", "Facilities that ever joined", COUNT, f"{MINISTRY}; {PROVINCE_OFFICE}"),
    Measure("active", "Active teams", COUNT, DISTRICT_OFFICE),
    Measure("visits", "Coaching visits for each active team", RATE, f"{DISTRICT_OFFICE} (coaches)"),
    Measure("people_recorded_80", "People served by facilities recorded at 80 or more", COUNT, PROVINCE_OFFICE),
    Measure("people_true_80", "People served by facilities truly at 80 or more", COUNT, PROVINCE_OFFICE),
    Measure(PEOPLE_SHARE, "People served by facilities recorded at 80 or more, share", SHARE, PROVINCE_OFFICE),
    Measure("unscored", "True quality of care that the NQEM does not score", POINTS, f"{MINISTRY} (what is scored)"),
    Measure("inflation", "Recorded score minus true quality", POINTS, f"{MINISTRY} (assessment, verification)"),
    Measure("facilities", "Open facilities", COUNT, MINISTRY),
)

_DECLARED = {indicator.name: indicator for indicator in (*SUMS, *DERIVED)}
_MEANINGS = {PEOPLE_SHARE: ("people served by facilities recorded at the threshold or more, of all served", "share")}


def meaning_of(name: str) -> tuple[str, str]:
    """What an indicator means, and its unit."""
    declared = _DECLARED.get(name)
    return _MEANINGS[name] if declared is None else (declared.meaning, declared.unit)


def value(sums: np.ndarray, name: str) -> np.ndarray:
    """An indicator from sums (..., COLUMNS); float64 (...,), NaN where a group is empty."""
    if name == INFLATION:
        return value(sums, "recorded") - value(sums, "true")
    if name == COVERAGE:
        return ratio(_column(sums, "ever"), _column(sums, COUNTS))
    if name == PEOPLE_SHARE:
        return ratio(_column(sums, "people_recorded_80"), _column(sums, "people"))
    per = _DECLARED[name].per
    total = _column(sums, name)
    return ratio(total, _column(sums, per)) if per else total


def _column(sums: np.ndarray, name: str) -> np.ndarray:
    return sums[..., COLUMNS.index(name)].copy()
