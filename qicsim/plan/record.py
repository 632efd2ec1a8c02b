"""The Plan record: all that a planner's workbook or document says of one scenario, as plain arrays and words.

    places   the nation, then every province, then every operational district; the first axis of most arrays
    years    the baseline year, then the years of the plan; the second axis

Every number of a run is met as a `Spread`: its mean between runs, a 5-95 % interval, and the number of runs that have
a value. Nothing here knows files, tables or the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.plan.grounds import DataFile, LeverRow, ParameterRow, Sources

__all__ = [
    "COUNT", "DISTRICT", "FORMS", "LEVELS", "MONEY", "NATION", "POINTS", "PROVINCE", "RATE", "SHARE", "Budget",
    "Coaches", "DataFile", "Influence", "Launches", "LeverRow", "ParameterRow", "Place", "Plan", "Sources", "Spread",
    "Target", "Words"]

NATION, PROVINCE, DISTRICT = "nation", "province", "operational district"
LEVELS = (NATION, PROVINCE, DISTRICT)
COUNT, POINTS, SHARE, RATE, MONEY = "count", "points", "share", "rate", "money"
FORMS = (COUNT, POINTS, SHARE, RATE, MONEY)


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and 5-95 % interval between runs, float64 each, and how many runs have a value, int64: one shape.

    Means and ends are NaN where no run has a value.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class Words:
    """What a scenario says of itself, the digest of what it does, and the parameters that it fixes."""

    name: str
    title: str
    description: str
    assumptions: tuple[str, ...]
    digest: str
    fixed: Mapping[str, float]


@dataclass(frozen=True)
class Place:
    """A row of places: its level, its name, the Khmer name ("" where none is known), and the province it lies in.

    The nation's province is ""; that of a province is its own name.
    """

    level: str
    name: str
    name_km: str
    province: str


@dataclass(frozen=True, eq=False)
class Target:
    """An indicator with its baseline and yearly targets, each Spread (places, years), at the ends of years.

    `form` is one of FORMS and says how to show it (shares are 0-1); `responsible` says who can move it. `difference`
    is scenario minus reference, run by run.
    """

    name: str
    title: str
    meaning: str
    unit: str
    form: str
    responsible: str
    scenario: Spread
    reference: Spread
    difference: Spread


@dataclass(frozen=True, eq=False)
class Launches:
    """When each operational district is launched; districts in the order of `Plan.districts`.

    planned    (quarters,) districts that the scenario allows to be launched by the end of a quarter, at most all
    launched   Spread (quarters,) districts launched by the end of a quarter
    quarter    (districts, 3) 5 %, 50 % and 95 % points of the quarter of launch, as a place in `quarters`; infinite
               where so many runs never launch it; -1 where it was launched before the first of `quarters`
    by_year    (districts, years) share of runs in which it is launched by the end of the year
    by_quarter (districts, quarters) share of runs in which it is launched by the end of the quarter
    """

    planned: np.ndarray
    launched: Spread
    quarter: np.ndarray
    by_year: np.ndarray
    by_quarter: np.ndarray


@dataclass(frozen=True, eq=False)
class Coaches:
    """Coaches by place and year, Spread (places, years) each; part-time district coaches, whole nations add up.

    posts    posts that the scenario plans: its coaches per district, in launched districts, at the end of the year
    at_work  coaches at work at the end of the year (some left and could not be replaced yet)
    needed   coaches that could make every visit that the teams of the time are meant to get, at the end of the year
    trained  coaches trained in the course of the year
    """

    posts: Spread
    at_work: Spread
    needed: Spread
    trained: Spread


@dataclass(frozen=True, eq=False)
class Budget:
    """Spending in constant US$ of the price year, in the years of the plan (without the baseline year).

    years        calendar years of the axes below
    lines, payers, provinces   names of the axes; `pbf_lines` are the lines that belong to PBF, not to collaboratives
    mean         (years, provinces, lines, payers) mean spending of the scenario; reference_mean: of the reference
    by_year      Spread (years,);  by_payer (payers, years);  by_line (lines, years);  by_province (provinces, years)
    collaboratives, pbf   Spread (years,): the two parts of `by_year`
    extra        Spread (years,): scenario minus reference, run by run (the budget impact)
    total        Spread (3,) over all years: everything, collaboratives, PBF; discounted: the same, discounted
    uncertain    Spread (3,): `total` with unit costs drawn from their ranges too
    extra_total, extra_discounted   Spread (): scenario minus reference over all years
    factors      (years,) what US$ 1 of each year is worth at the base year
    discounting, riel_per_usd, rate_in_words, price_year   how it was done
    """

    years: tuple[int, ...]
    lines: tuple[str, ...]
    pbf_lines: tuple[str, ...]
    payers: tuple[str, ...]
    provinces: tuple[str, ...]
    mean: np.ndarray
    reference_mean: np.ndarray
    by_year: Spread
    by_payer: Spread
    by_line: Spread
    by_province: Spread
    collaboratives: Spread
    pbf: Spread
    extra: Spread
    total: Spread
    discounted: Spread
    uncertain: Spread
    extra_total: Spread
    extra_discounted: Spread
    factors: np.ndarray
    discounting: str
    riel_per_usd: float
    rate_in_words: str
    price_year: int


@dataclass(frozen=True, eq=False)
class Influence:
    """Which parameters move which outcomes: rank correlations over draws.

    outcomes  what is moved, in words (outcomes,)
    names, meanings, units   the parameters, the most influential first (parameters,)
    rho       (parameters, outcomes) Spearman's rank correlation; NaN where an outcome does not vary
    floor     correlations nearer to 0 are not told from chance with so many draws; NaN with fewer than 4
    draws     number of draws
    """

    outcomes: tuple[str, ...]
    names: tuple[str, ...]
    meanings: tuple[str, ...]
    units: tuple[str, ...]
    rho: np.ndarray
    floor: float
    draws: int


@dataclass(frozen=True, eq=False)
class Plan:
    """One scenario against a reference, for planners.

    baseline_year  the last year before the plan; `years` are those of the plan; `axis` is both, the axis of arrays
    quarters       calendar quarters of the plan, like "2027Q1"
    places         nation, provinces, districts; `districts` are the places of the level "operational district"
    runs           draws x replicates; `draws_from` says where draws came from
    synthetic      whether facilities are invented (the shipped register)
    levers         what differs between scenario and reference
    notes          what a reader must know, in sentences
    provenance     JSON-able: versions, digests, seed
    """

    scenario: Words
    reference: Words
    baseline_year: int
    years: tuple[int, ...]
    quarters: tuple[str, ...]
    places: tuple[Place, ...]
    targets: tuple[Target, ...]
    launches: Launches
    coaches: Coaches
    budget: Budget
    influence: Influence
    sources: Sources
    levers: tuple[LeverRow, ...]
    draws: int
    replicates: int
    seed: int
    draws_from: str
    synthetic: bool
    notes: tuple[str, ...]
    provenance: Mapping[str, Any]

    @property
    def axis(self) -> tuple[int, ...]:
        """The years of arrays (places, years): the baseline year and those of the plan."""
        return (self.baseline_year, *self.years)

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return self.draws * self.replicates

    @property
    def districts(self) -> tuple[Place, ...]:
        """The operational districts in order; the rows of `launches`."""
        return tuple(place for place in self.places if place.level == DISTRICT)

    def rows(self, level: str) -> np.ndarray:
        """Rows of the places of a level, int64."""
        return np.array([row for row, place in enumerate(self.places) if place.level == level], dtype=np.int64)

    def target(self, name: str) -> Target:
        """The target of an indicator; KeyError for a name that is not there."""
        for target in self.targets:
            if target.name == name:
                return target
        raise KeyError(name)
