"""The Plan record: all that a planner's workbook or document says of one scenario, as plain arrays and words.

    places   the nation, then every province, then every operational district; the first axis of most arrays
    years    the baseline year, then the years of the plan; the second axis

Every number of a run is met as an `Interval` between runs: its mean, median, 5-95 % ends, and the number of runs that
have a value. Nothing here knows files, tables or the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.drivers import ROUNDING
from qicsim.analysis.tried_assumptions import Tried
from qicsim.ground.intervals import Interval, Intervals
from qicsim.plan.provenance_tables import DataFile, Known, LeverRow, ParameterRow, Sources
from qicsim.plan.spending import ALL, ASSESSMENT, COLLABORATIVES, PARTS, PAYMENTS, Budget, Option, Spending, Value

__all__ = [
    "ALL", "ASSESSMENT", "COLLABORATIVES", "COUNT", "DISTRICT", "FORMS", "LEVELS", "MONEY", "NATION", "PARTS",
    "PAYMENTS", "POINTS", "PROVINCE", "RATE", "SHARE", "SURE", "Alternative", "Budget", "Coaches", "DataFile",
    "Influence", "Known",
    "Launches", "LeverRow", "Option", "ParameterRow", "Place", "Plan", "Sources", "Spending", "Target",
    "Value", "Words"]

NATION, PROVINCE, DISTRICT = "nation", "province", "operational district"
LEVELS = (NATION, PROVINCE, DISTRICT)
COUNT, POINTS, SHARE, RATE, MONEY = "count", "points", "share", "rate", "money"
FORMS = (COUNT, POINTS, SHARE, RATE, MONEY)
SURE = 0.8  # of runs that meet a target which can be promised
UNITS = {SHARE: ("%", "percentage points"), MONEY: ("US$ million", "US$ million")}


@dataclass(frozen=True)
class Words:
    """What a scenario says of itself, the digest of what it does, and the parameters that it fixes."""

    name: str
    title: str
    description: str
    assumptions: tuple[str, ...]
    digest: str
    fixed: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Alternative:
    """An option beside the reference: what it brings at the end of the plan, and costs a year.

    level, gain   national indicators by name, and what they are more than under the reference, intervals between runs
    programme     US$ a year on collaboratives, mean over the years of the plan
    public        US$ a year of all public money more than under the reference
    chances       of true quality: how often the gain is next to nothing, and what it is where collaboratives work
    harms         indicators that are worse than under the reference with the whole interval of the difference
    choice        whether somebody can choose it: it is no state of the world, and asks for no other past
    """

    words: Words
    level: Mapping[str, Interval[float]]
    gain: Mapping[str, Interval[float]]
    programme: Interval[float]
    public: Interval[float]
    chances: Tried
    harms: tuple[str, ...]
    choice: bool


@dataclass(frozen=True)
class Place:
    """A row of places: its level, its name, the Khmer name ("" where none is known), and the province it lies in.

    The nation's province is ""; that of a province is its own name. Where a register was given, the first place (level
    "nation") is all of the register and is called so.
    """

    level: str
    name: str
    name_km: str
    province: str


@dataclass(frozen=True, eq=False)
class Target:
    """An indicator with its baseline and yearly targets, each intervals (places, years), at the ends of years.

    form        one of FORMS, says how to show it (shares are 0-1); responsible: who can move it (a proposal)
    direction   1 where more is better, -1 where less is, 0 where neither is a goal
    verified    how the ministry can see whether a target is met (means of verification)
    observed    False where nothing but the model knows it: no target to hold anybody to
    scenario    its mean is the target (baseline: the first year), its ends are the projection's low and high
    difference  scenario minus reference, run by run
    reached     (places, years) share of the runs with a value that reach the mean, in its direction
    sure        (places, years) the level that 80 % of the runs (`SURE`) reach, in its direction; safer to promise
    """

    name: str
    title: str
    meaning: str
    unit: str
    form: str
    responsible: str
    scenario: Intervals
    reference: Intervals
    difference: Intervals
    direction: int
    verified: str
    observed: bool
    reached: np.ndarray
    sure: np.ndarray

    @property
    def median(self) -> np.ndarray:
        """The scenario's median between runs, (places, years)."""
        return self.scenario.median

    @property
    def shown_unit(self) -> str:
        """The unit of levels as readers see them: "%" for shares (0-1), which are shown times 100."""
        return UNITS.get(self.form, (self.unit, self.unit))[0]

    @property
    def difference_unit(self) -> str:
        """The unit of differences: "percentage points" for shares."""
        return UNITS.get(self.form, (self.unit, self.unit))[1]


@dataclass(frozen=True, eq=False)
class Launches:
    """When each operational district is launched; districts in the order of `Plan.districts`.

    planned    (quarters,) districts that the scenario allows to be launched by the end of a quarter, at most all there
               are; whole ones: a part of a district is not launched, so that ceilings are rounded down, as in the runs
    due        the place in `quarters` from which on `planned` stays at its last value: the plan's own date
    recruiting whether the scenario launches at all in the years of the plan
    launched  intervals (quarters,) districts launched by the end of a quarter
    quarter    (districts, 3) 5 %, 50 % and 95 % points of the quarter of launch, as a place in `quarters`; infinite
               where so many runs never launch it; -1 where it was launched before the first of `quarters`
    by_year    (districts, years) share of runs in which it is launched by the end of the year
    by_quarter (districts, quarters) share of runs in which it is launched by the end of the quarter
    """

    planned: np.ndarray
    launched: Intervals
    quarter: np.ndarray
    by_year: np.ndarray
    by_quarter: np.ndarray
    due: int
    recruiting: bool


@dataclass(frozen=True, eq=False)
class Coaches:
    """Coaches by place and year, intervals (places, years) each; part-time district coaches, whole nations add up.

    posts    posts that the scenario plans: its coaches per district, in launched districts, at the end of the year
    at_work  coaches at work at the end of the year (some left and could not be replaced yet)
    needed   coaches that could make every visit that the teams of the time are meant to get, at the end of the year
    trained  coaches trained in the course of the year
    """

    posts: Intervals
    at_work: Intervals
    needed: Intervals
    trained: Intervals

    @property
    def largest_shortage(self) -> tuple[int, float] | None:
        """The place on the axis of the year in which coaches fall most behind those needed, and by how many.

        Means of the nation; 0 or less where there are always enough, None where none are needed.
        """
        needed = self.needed.mean[0, 1:]
        lacking = needed - self.at_work.mean[0, 1:]
        if not np.isfinite(lacking).any() or not needed.any():
            return None
        worst = int(np.nanargmax(lacking))
        return worst + 1, float(lacking[worst])

    def surplus_since(self, more: float) -> int | None:
        """From where on the axis posts exceed those needed by more than so many, up to the end; None if they do not."""
        over = self.posts.mean[0, 1:] - self.needed.mean[0, 1:]
        within = np.flatnonzero(~(over > more))
        since = int(within[-1]) + 2 if within.size else 1
        return since if since <= len(over) else None


@dataclass(frozen=True, eq=False)
class Influence:
    """Which parameters move which outcomes: rank correlations over draws.

    outcomes  what is moved, in words (outcomes,)
    names, meanings, units   the parameters, the most influential first (parameters,)
    rho       (parameters, outcomes) Spearman's rank correlation; NaN where an outcome does not vary, and where there is
              no way from parameter to outcome (unit costs move results only under a ceiling of money)
    limits    (outcomes,) larger correlations, up or down, are more than chance: of twenty outcomes that nothing moves,
              one has a correlation beyond its limit; 1, which nothing exceeds, where draws are too few
    draws     number of draws
    """

    outcomes: tuple[str, ...]
    names: tuple[str, ...]
    meanings: tuple[str, ...]
    units: tuple[str, ...]
    rho: np.ndarray
    limits: np.ndarray
    draws: int

    @property
    def drivers(self) -> np.ndarray:
        """Whether a correlation is more than chance, (parameters, outcomes)."""
        return np.nan_to_num(np.abs(self.rho)) > self.limits * (1.0 + ROUNDING)


@dataclass(frozen=True, eq=False)
class Plan:
    """One scenario against a reference, for planners.

    baseline_year  the last year before the plan; `years` are those of the plan; `axis` is both, the axis of arrays
    quarters       calendar quarters of the plan, like "2027Q1"
    places         nation, provinces, districts; `districts` are the places of the level "operational district"
    runs           draws x replicates; `draws_from` says where draws came from
    synthetic      whether facilities are invented (the shipped register)
    levers         what differs between scenario and reference
    whole          what the first place is called in a sentence: "the nation", or "the register" where one was given
    known          what is known of the facilities, and what is simulated
    warnings       what makes numbers misleading, in sentences, for the first page; often empty
    notes          what a reader must know, in sentences
    options        the plan, then what it was compared with beside the reference
    missing        titles of shipped plans that it was not compared with
    value          value for money of the reference, the plan and the options that can be chosen, or None where there is
                   nothing to compare (scenario and reference are the same)
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
    whole: str
    known: Known
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    options: tuple[Alternative, ...]
    missing: tuple[str, ...]
    value: Value | None
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

    @property
    def standing(self) -> Option | None:
        """How the plan stands among the options in value for money; None where nothing was compared."""
        options = self.value.options if self.value else ()
        return next((one for one in options if one.name == self.scenario.name), None)

    @property
    def better(self) -> bool:
        """Whether true quality is higher at the end than under the reference; without it the first target counts."""
        target = next((one for one in self.targets if one.name == "true"), self.targets[0])
        return float(target.difference.mean[0, -1]) > 0.0

    @property
    def dominated(self) -> bool:
        """Whether an option, or a mixture of two, brings as much for less."""
        return self.standing is not None and "dominated" in self.standing.status

    @property
    def recommended(self) -> bool:
        """Whether the scenario may be called recommended: better, compared with every shipped plan, and not dominated.

        What was left out of the comparison cannot make a plan look better: with `missing` plans nothing is recommended.
        """
        return self.better and self.standing is not None and not self.dominated and not self.missing

    def target(self, name: str) -> Target:
        """The target of an indicator; KeyError for a name that is not there."""
        for target in self.targets:
            if target.name == name:
                return target
        raise KeyError(name)
