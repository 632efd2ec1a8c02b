"""Projections: what becomes of every facility, district and province, quarter by quarter, with intervals between runs.

    projection = qicsim.project("national-2030", data="my-data", draws=128)
    projection.table("facility")                # a row for each facility and quarter
    projection.table("district", every="year")  # ends of years
    projection.least_likely(2030)               # your own facilities, ranked by the probability of standing at 80

All intervals are 5-95 % intervals between runs: they hold what the draws leave open, and chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.least_likely import at_threshold, ranked
from qicsim.analysis.projected_tables import EVERY, LEVELS, level_table, period_places
from qicsim.analysis.rank_intervals import Agreement, agreement_of, resampled_ranks, with_intervals
from qicsim.ground.calendar import format_quarter
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.progress import progress_of
from qicsim.ground.shown import Face, Shown
from qicsim.inputs.country import plan_start, target_year
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import Scenario, load_scenario, with_data, with_overrides
from qicsim.inputs.world.observed import Levels, read_levels
from qicsim.model.simulate import REPLICATES_PER_DRAW
from qicsim.runs.draws import LARGEST_SEED, Draws
from qicsim.runs.ensemble import Followed, Progress, follow_facilities
from qicsim.runs.posterior import draws_from
from qicsim.runs.runner import Runner
from qicsim.runs.shared_store import Place

if TYPE_CHECKING:
    import pandas as pd



@dataclass(frozen=True, eq=False, repr=False)
class Projection(Shown):
    """Runs of a scenario with every facility followed, and what was observed before them (None: nothing)."""

    followed: Followed
    levels: Levels | None

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.followed.runner.scenario

    @property
    def synthetic(self) -> bool:
        """Whether facilities are invented."""
        return self.followed.runner.world.synthetic

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters that are projected."""
        return self.followed.quarters

    @property
    def years(self) -> tuple[int, ...]:
        """The years whose last quarter is projected."""
        return tuple(int(quarter[:4]) for quarter in self.quarters if quarter.endswith("Q4"))

    @property
    def usual_year(self) -> int:
        """The year of the ranked list unless another is asked for: that of the world's targets, or the last."""
        return target_year() if target_year() in self.years else self.years[-1]

    def face(self) -> Face:
        """What is projected, and the nation at the ends of years."""
        runner = self.followed.runner
        return Face(f"Projection of {self.scenario.name}: {len(runner.world.register):,} facilities"
                    f"{' (invented)' if self.synthetic else ''}, {self.quarters[0]} to {self.quarters[-1]}, "
                    f"{self.followed.runs} runs", (), self.table("nation", every="year"))

    def table(self, level: str, *, every: str = "quarter") -> pd.DataFrame:
        """A row for each place of a level and each quarter, or each end of a year (`level_table` names the columns).

        `level` is facility, district, province or nation; SettingError for another, or for another `every`.
        """
        given = (("level", level, LEVELS), ("every", every, EVERY))
        faults = [Fault(name, f'"{value}" is not known', ", ".join(allowed), nearest(value, allowed))
                  for name, value, allowed in given if value not in allowed]
        if faults:
            raise SettingError("", faults)
        return level_table(self.followed, level, period_places(self.quarters, every))

    def least_likely(self, year: int | None = None, *, measure: str = "recorded") -> pd.DataFrame:
        """Facilities by their probability of standing at the threshold at the end of a year, the lowest first.

        The columns are `rank`, `rank_low` and `rank_high` (where it would lie with another seed, 90 %), `group` (within
        one nobody can be ordered) and those of `at_threshold`. SettingError for a year that is not projected, for an
        unknown measure, and where the facilities are invented: these are not ranked.
        """
        if self.synthetic:
            raise SettingError("", [Fault("data", "the facilities are invented, so that none is ranked",
                                          "the folder of your own register")])
        table = ranked(self.at_threshold(year, measure=measure))
        return with_intervals(table, self._ranks(table, year, measure))

    def agreement(self, year: int | None = None, *, measure: str = "recorded") -> Agreement:
        """How far the order of `least_likely` would be another with another seed, and is that of the observed levels.

        Raises as `least_likely`.
        """
        table = self.least_likely(year, measure=measure)
        return agreement_of(table, self._ranks(table, year, measure))

    def _ranks(self, table: pd.DataFrame, year: int | None, measure: str) -> np.ndarray:
        chosen = self.usual_year if year is None else year
        return resampled_ranks(self.followed, table, self.quarters.index(f"{chosen}Q4"), measure)

    def at_threshold(self, year: int | None = None, *, measure: str = "recorded") -> pd.DataFrame:
        """How likely each facility stands at the threshold at the end of a year (None: the usual one), not ranked.

        `qicsim.analysis.least_likely.at_threshold` names the columns. Raises as `least_likely` but for invented ones.
        """
        return at_threshold(self.followed, self.usual_year if year is None else year, measure, self.levels)


def project(scenario: str | Path | Scenario, *, data: Path | str | None = None, draws: int | Draws = 128,
            replicates: int = 1, source: str | Path | None = None, seed: int = 1, since: str | None = None,
            until: str | None = None, year: int | None = None, workers: int | None = None,
            store: Place = None, progress: Progress | bool | None = None, set: Mapping[str, Any] | None = None,  # noqa: A002
            costs: Path | str | None = None) -> Projection:
    """The projection of a scenario: a shipped name, a file, or a resolved scenario; `data` is a data folder.

    `since` (YYYYQn) is the first quarter that is kept: by default the one after the observed levels, or the first of
    the plans; `until` (YYYY-MM) changes the end of the horizon; `year` is refused before the runs if it will not be
    projected; `store` is that of `qicsim.compare`. Projections with the same draws, replicates and seed
    share all luck. `set` and `costs` are those of `qicsim.run`. Raises InputError kinds for what cannot be used.
    """
    _check(replicates, seed, workers)
    folder = None if data is None else ready(data)
    resolved = (load_scenario(scenario, horizon_end=until, data=folder) if not isinstance(scenario, Scenario)
                else scenario if folder is None else with_data(scenario, folder))
    resolved = with_overrides(resolved, set, costs) if set or costs is not None else resolved
    sets = draws if isinstance(draws, Draws) else draws_from(source, draws, seed, data)
    runner, levels, first = projected(resolved, since, year)
    followed = follow_facilities(runner, sets, first=first, replicates=replicates, seed=seed, workers=workers,
                                 store=store, progress=progress_of(progress))
    return Projection(followed, levels)


def projected(scenario: Scenario, since: str | None, year: int | None) -> tuple[Runner, Levels | None, int]:
    """What makes the runs, the observed levels, and the number of the first quarter that is kept.

    SettingError for a first quarter, or a year, that will not be projected.
    """
    levels = read_levels(scenario.data["levels"]) if "levels" in scenario.data else None
    runner = Runner.of(scenario)
    first = first_quarter(runner, levels, since)
    refuse_year(runner.quarters[first:], year)
    return runner, levels, first


def first_quarter(runner: Runner, levels: Levels | None, since: str | None) -> int:
    """Number of the first quarter to be kept; SettingError when it is not in the horizon or before the levels' end."""
    earliest = 0 if levels is None else runner.quarters.index(format_quarter(levels.month)) + 1
    allowed = runner.quarters[earliest:]
    if not any(quarter.endswith("Q4") for quarter in allowed):
        raise SettingError("", [Fault("until", f"the horizon ends in {runner.quarters[-1]}",
                                      "the end of a year after the last observed quarter")])
    usual = f"{plan_start()}Q1" if levels is None and f"{plan_start()}Q4" in allowed else allowed[0]
    wanted = since or usual
    within = allowed[:allowed.index(next(q for q in reversed(allowed) if q.endswith("Q4"))) + 1]
    if wanted not in within:
        raise SettingError("", [Fault("since", f'"{wanted}"', f"{within[0]} to {within[-1]}",
                                      "" if levels is None else "Quarters that were observed are never projected")])
    return runner.quarters.index(wanted)


def refuse_year(quarters: Sequence[str], year: int | None) -> None:
    """SettingError for a year whose last quarter is not among the quarters."""
    if year is not None and f"{year}Q4" not in quarters:
        years = [quarter[:4] for quarter in quarters if quarter.endswith("Q4")]
        raise SettingError("", [Fault("year", f'"{year}" is not projected', f"{years[0]} to {years[-1]}")])


def _check(replicates: int, seed: int, workers: int | None) -> None:
    faults = []
    if not 1 <= replicates <= REPLICATES_PER_DRAW:
        faults.append(Fault("replicates", f"{replicates} replicates", f"1 to {REPLICATES_PER_DRAW}"))
    if not 0 <= seed <= LARGEST_SEED:
        faults.append(Fault("seed", f"seed {seed}", f"0 to {LARGEST_SEED}"))
    if workers is not None and workers < 1:
        faults.append(Fault("workers", f"{workers} threads", "1 or more"))
    if faults:
        raise SettingError("", faults)
