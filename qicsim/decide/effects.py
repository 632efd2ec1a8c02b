"""What a scenario brings, year by year: which outcomes there are, and how they add up over years.

No deaths and no DALYs are among them. From a score to health there is no bridge that holds: better adherence to
checklists by 18-31 points left outcomes as they were (BetterBirth: RR 0.99, 0.83-1.18), the one large estimate (Leslie
et al. 2016, an instrumental variable) is too large to take at face value, and no elasticity of use of care to a
facility's score was found. Published costs for each DALY of collaboratives (US$ 147 in Niger, 281 in Malawi) are of
other services. So a ratio here is US$ for a facility-year at 80 points, and is not to be held against a threshold for a
DALY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.discounting import Discounting, present_value

QUARTERS = 4


@dataclass(frozen=True)
class Outcome:
    """An outcome by year: meaning, unit when added over years, and whether more is better (+1) or worse (-1)."""

    name: str
    meaning: str
    unit: str
    better: int = 1


OUTCOMES = (
    Outcome("facility_years_true_80", "facilities truly at 80 points or more", "facility-years"),
    Outcome("facility_years_recorded_80", "facilities recorded at 80 points or more", "facility-years"),
    Outcome("points_true", "mean true quality", "point-years"),
    Outcome("points_recorded", "mean recorded score", "point-years"),
    Outcome("person_years_true_80", "people in the catchment of facilities truly at 80 points or more", "person-years"),
    Outcome("person_years_recorded_80", "people in the catchment of facilities recorded at 80 points or more",
            "person-years"),
    Outcome("unscored", "true quality of areas that today's NQEM does not score (such as TB screening)", "point-years"),
    Outcome("range_true", "true quality, best province minus worst", "point-years", -1),
    Outcome("slope_true", "slope index of true quality over provinces ranked by where they began", "point-years", -1),
)
BY_NAME = {outcome.name: outcome for outcome in OUTCOMES}


def yearly_mean(quarterly: np.ndarray, year_of: Sequence[int], years: Sequence[int]) -> np.ndarray:
    """Years of an outcome, (..., years), from (..., quarters): each quarter counts 1/4.

    A year of which one quarter was simulated brings a quarter of a year, as it costs a quarter of a year's money.
    """
    belongs = np.asarray(year_of) == np.asarray(years)[:, None]
    return np.stack([quarterly[..., quarters].sum(axis=-1) / QUARTERS for quarters in belongs], axis=-1)


def accumulated(yearly: Any, years: Sequence[int], discounting: Discounting | None = None, *, first: int | None = None,
                last: int | None = None) -> np.ndarray:
    """Outcome (..., years) added over the years from first to last, discounted if asked; float64 (...).

    Raises SettingError if no year is left, values and years do not fit, or a value is not finite.
    """
    values = np.asarray(yearly, dtype=float)
    kept = [place for place, year in enumerate(years) if (first or year) <= year <= (last or year)]
    faults = Checks()
    if not kept:
        faults.add("years", f"{first} to {last}", "some year of the horizon")
    if values.shape[-1:] != (len(years),):
        faults.add("years", f"{len(years)} years for values of the shape {values.shape}", "one for each value")
    elif not np.isfinite(values[..., kept]).all():
        faults.add("yearly", "has values that are not finite", "finite numbers")
    faults.refuse()
    return present_value(values[..., kept], [years[place] for place in kept], discounting)


def gained(effects: Any, names: Sequence[str], reference: str) -> np.ndarray:
    """Effects (scenarios, draws, ...) less those of the reference, paired by draw; SettingError for an unknown one."""
    faults = Checks()
    known = faults.names("names", names, len(effects), "scenarios")
    faults.known("reference", [reference], known)
    faults.refuse()
    values = np.asarray(effects, dtype=float)
    return values - values[known.index(reference)]
