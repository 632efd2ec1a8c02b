"""The indicators of a plan: what each is called, how it is shown, who can move it, and its value from sums.

Who is responsible is a proposal, for a ministry to change.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qicsim.model.indicators import COUNTS, SUMS
from qicsim.plan.record import COUNT, POINTS, RATE, SHARE
from qicsim.runs.blocks import DISTRICT_COLUMNS
from qicsim.runs.sums import DERIVED, ratio

TEAMS = "Facility teams, supported by the operational district"
DISTRICT_OFFICE = "Operational district office"
PROVINCE_OFFICE = "Provincial health department"
MINISTRY = "Ministry of Health"
INFLATION, COVERAGE, PEOPLE_SHARE = "inflation", "coverage", "people_share_recorded_80"


ROUND = "NQEM round"
RESCORED = "Independent re-scoring (not done today)"
PROGRAMME = "Programme register"
REGISTER = "Facility register"
MODEL_ONLY = "Model only"
SUPPOSED = "none (model only)"
MORE, LESS, NEITHER = 1, -1, 0


class Measure(NamedTuple):
    """An indicator of a plan: name, short title, form, who is responsible, means of verification, which way is better.

    Nobody is made responsible for what is not observed.
    """

    name: str
    title: str
    form: str
    responsible: str
    verified: str
    direction: int = MORE

    @property
    def observed(self) -> bool:
        """Whether records that exist show it."""
        return self.verified not in (RESCORED, MODEL_ONLY)


MEASURES = (
    Measure("recorded", "Mean recorded NQEM score", POINTS, TEAMS, ROUND),
    Measure("true", "Mean true quality", POINTS, SUPPOSED, RESCORED),
    Measure("recorded_80", "Facilities recorded at 80 or more", SHARE, TEAMS, ROUND),
    Measure("true_80", "Facilities truly at 80 or more", SHARE, SUPPOSED, RESCORED),
    Measure("coverage", "Facilities that ever joined, share", SHARE, f"{MINISTRY}; {PROVINCE_OFFICE}", PROGRAMME),
    Measure("ever", "Facilities that ever joined", COUNT, f"{MINISTRY}; {PROVINCE_OFFICE}", PROGRAMME),
    Measure("active", "Active teams", COUNT, DISTRICT_OFFICE, PROGRAMME),
    Measure("visits", "Coaching visits for each active team", RATE, f"{DISTRICT_OFFICE} (coaches)", PROGRAMME),
    Measure("people_recorded_80", "People served by facilities recorded at 80 or more", COUNT, PROVINCE_OFFICE,
            f"{ROUND}; catchment populations"),
    Measure("people_true_80", "People served by facilities truly at 80 or more", COUNT, SUPPOSED, RESCORED),
    Measure(PEOPLE_SHARE, "People served by facilities recorded at 80 or more, share", SHARE, PROVINCE_OFFICE,
            f"{ROUND}; catchment populations"),
    Measure("unscored", "True quality of care that the NQEM does not score", POINTS, SUPPOSED, MODEL_ONLY),
    Measure("inflation", "Recorded score minus true quality", POINTS, f"{MINISTRY} (assessment, verification)",
            RESCORED, LESS),
    Measure("facilities", "Open facilities", COUNT, MINISTRY, REGISTER, NEITHER),
)

_DECLARED = {indicator.name: indicator for indicator in (*SUMS, *DERIVED)}
_MEANINGS = {PEOPLE_SHARE: ("people served by facilities recorded at the threshold or more, of all served", "share")}


def meaning_of(name: str) -> tuple[str, str]:
    """What an indicator means, and its unit."""
    declared = _DECLARED.get(name)
    return _MEANINGS[name] if declared is None else (declared.meaning, declared.unit)


def value(sums: np.ndarray, name: str) -> np.ndarray:
    """An indicator from sums (..., DISTRICT_COLUMNS); float64 (...,), NaN where a group is empty."""
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
    return sums[..., DISTRICT_COLUMNS.index(name)].copy()
