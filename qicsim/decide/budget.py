"""Budgets: what a scenario adds to spending year by year, and what a ceiling forbids.

Budget impact is the paired difference from a reference, by year, not discounted (Sullivan et al. 2014, Value in Health
17:5-14: ISPOR's principles). A ceiling is an amount for every year, or by year; a year without one is not limited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.currency import usd_words
from qicsim.ground.intervals import DRAWS, Interval, Intervals, interval_of
from qicsim.ground.numbers import percent
from qicsim.ground.translatable import Told, tell

Ceiling = float | Mapping[int, float]
PROGRAMME, ADDED, ALL = MONEY = ("programme", "added", "all")
MONEY_WORDS = {PROGRAMME: "what collaboratives cost",
               ADDED: "what a plan costs more than the reference, PBF and assessment among it",
               ALL: "all public money, PBF and assessment among it"}
"""What money may count, by the word that is typed."""


@dataclass(frozen=True, eq=False)
class ByYear:
    """Intervals between draws of an amount by year, (years,), and of its sum over the years."""

    years: tuple[int, ...]
    by_year: Intervals
    total: Interval[float]


@dataclass(frozen=True, eq=False)
class Excess:
    """A scenario against a ceiling.

    ceiling      (years,) US$, infinite where there is none
    mean         (years,) mean spending
    over         (years,) mean amount above the ceiling, counting draws within it as 0
    probability  (years,) share of draws above it
    ever         share of draws above it in some year
    first_year   first year in which mean spending is above it; None if never
    first_years  by year, the share of draws that are above it for the first time
    """

    years: tuple[int, ...]
    ceiling: np.ndarray
    mean: np.ndarray
    over: np.ndarray
    probability: np.ndarray
    ever: float
    first_year: int | None
    first_years: dict[int, float]

    @property
    def sentence(self) -> Told:
        """What the ceiling forbids, in words."""
        if self.first_year is None:
            return tell("Mean spending stays within the ceiling in every year; {ever} of draws exceed it in some year.",
                        ever=percent(self.ever))
        place = self.years.index(self.first_year)
        return tell("Mean spending first exceeds the ceiling in {year}, by {above}; {ever} of draws exceed it in some "
                    "year.", year=self.first_year, above=usd_words(self.mean[place] - self.ceiling[place]),
                    ever=percent(self.ever))


@dataclass(frozen=True)
class Fits:
    """Which scenarios fit a ceiling, by name, and the same in words."""

    ever: dict[str, float]
    fitting: tuple[str, ...]
    sentence: str


def budget_impact(usd: Any, reference: Any, years: Sequence[int]) -> ByYear:
    """Paired difference of yearly spending (draws, years) from that of a reference, US$; SettingError for shapes."""
    faults = Checks()
    spent, other = (_spent(faults, place, values, years) for place, values in (("usd", usd), ("reference", reference)))
    faults.alike("reference", other, "usd", spent)
    faults.refuse()
    return by_year(spent - other, years)


def by_year(usd: np.ndarray, years: Sequence[int]) -> ByYear:
    """The intervals of amounts (draws, years)."""
    return ByYear(tuple(years), interval_of(usd, kind=DRAWS), interval_of(usd.sum(axis=1), kind=DRAWS).at())


def against(usd: Any, years: Sequence[int], ceiling: Ceiling) -> Excess:
    """Yearly spending (draws, years) against a ceiling in US$.

    Raises SettingError, with every fault, for shapes that do not fit, costs or ceilings that are negative or not
    finite, and ceilings of years that are not there.
    """
    faults = Checks()
    spent = _spent(faults, "usd", usd, years)
    limit = _limits(faults, years, ceiling)
    faults.refuse()
    above = spent > limit
    mean = spent.mean(axis=0)
    amount = np.maximum(spent - np.where(np.isfinite(limit), limit, spent), 0.0).mean(axis=0)
    passed = np.flatnonzero(mean > limit)
    first = np.where(above.any(axis=1), above.argmax(axis=1), -1)
    shares = {year: float(np.mean(first == place)) for place, year in enumerate(years)}
    return Excess(tuple(years), limit, mean, amount, above.mean(axis=0), float(above.any(axis=1).mean()),
                  years[passed[0]] if passed.size else None, shares)


def what_fits(usd: Mapping[str, Any], years: Sequence[int], ceiling: Ceiling, *, risk: float = 0.5) -> Fits:
    """The scenarios, yearly spending (draws, years) by name, that exceed a ceiling in at most `risk` of draws.

    That nothing fits is an answer, not an error. SettingError as in `against`, and for an empty set.
    """
    faults = Checks()
    if not usd:
        faults.add("scenarios", "there is no scenario", "one or more")
    faults.between("risk", risk, 0.0, 1.0)
    faults.refuse()
    ever = {name: against(values, years, ceiling).ever for name, values in usd.items()}
    fitting = tuple(name for name, share in ever.items() if share <= risk)
    nearest = min(ever, key=lambda name: ever[name])
    told = (f"Within the ceiling, with a risk of at most {percent(risk)}: {', '.join(fitting)}." if fitting else
            f"No scenario fits the ceiling with a risk of at most {percent(risk)}; {nearest} comes nearest and exceeds "
            f"it in {percent(ever[nearest])} of draws.")
    return Fits(ever, fitting, told)


def _spent(faults: Checks, place: str, usd: Any, years: Sequence[int]) -> np.ndarray:
    spent = faults.numbers(place, usd, ("draw", "year"), {"year": [str(year) for year in years]})
    if spent.shape[-1:] != (len(years),):
        faults.add(place, f"have the shape {spent.shape}", f"(draws, {len(years)}), for the years given")
    if place == "usd":
        faults.not_negative(place, spent)
    return spent


def _limits(faults: Checks, years: Sequence[int], ceiling: Ceiling) -> np.ndarray:
    by_year = ceiling if isinstance(ceiling, Mapping) else dict.fromkeys(years, float(ceiling))
    for year, amount in by_year.items():
        if year not in years:
            faults.add("ceiling", f"names {year}", f"{years[0]} to {years[-1]}")
        if not 0.0 <= amount < float("inf"):
            faults.add("ceiling", f"{amount:g} in {year}", "a finite amount, 0 or more")
    return np.array([float(by_year.get(year, np.inf)) for year in years])
