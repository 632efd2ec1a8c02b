"""Comparing scenarios: paired differences from the reference, and the tables behind the page.

All intervals are 5-95 % intervals between runs: they hold what the priors leave open (draws) and chance (replicates).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.gains import GainByDraw, at_year_end, gain_by_draw
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import NO_VALUE, Interval, interval_of
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME, SUMS
from qicsim.model.ledger import LEDGER
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import province_values, qic_lines, values, yearly_cost

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = {"p05": 5.0, "p25": 25.0, "p50": 50.0, "p75": 75.0, "p95": 95.0}
HEADLINE_YEARS = (2026, 2030, 2035)
PLAN_START = 2027
SHOWN = ("true", "recorded", "true_80", "recorded_80", "coverage", "active", "visits", "unscored", "inflation")
BY_GROUP = ("true", "recorded", "true_80", "recorded_80", "unscored")
GROUPS = ("health_centre", "referral_hospital", "never", "ever")
PROVINCE_SHOWN = ("true", "recorded", "true_80", "recorded_80", "coverage")
MONEY = ("qic_cost", "pbf_cost", "public_cost")
"""US$ of 2021 from the plans' start on: collaboratives, PBF with its assessments, and both together."""
EXTRA = ("coverage", "spread_true", "spread_recorded", "inflation", "order_80")


@dataclass(frozen=True, eq=False)
class Comparison:
    """The tables of a comparison (pandas), and the ensemble that they were read from.

    headline      scenario, year, indicator: mean and interval, and the paired difference from the reference
    trajectories  scenario, indicator, group, quarter: mean and quantiles
    ledger        scenario, year, line: points of mean true quality booked since the start, and the difference
    provinces     scenario, year, province, indicator: mean and interval
    costs         scenario, year, line, payer: US$ of 2021 in the year
    """

    ensemble: Ensemble
    reference: str
    headline: pd.DataFrame
    trajectories: pd.DataFrame
    ledger: pd.DataFrame
    provinces: pd.DataFrame
    costs: pd.DataFrame

    @cached_property
    def end(self) -> int:
        """The last headline year of the reference."""
        own = self.headline[self.headline["scenario"] == self.reference]
        return int(own["year"].max())

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The other scenarios, from the largest difference in true quality at the end to the smallest."""
        rows = self.headline[(self.headline["year"] == self.end) & (self.headline["indicator"] == "true")]
        gains = dict(zip(rows["scenario"], rows["difference_mean"], strict=True))
        return tuple(sorted((name for name in self.ensemble.runners if name != self.reference),
                            key=lambda name: -gains[name] if np.isfinite(gains.get(name, np.nan)) else np.inf))

    @cached_property
    def at_end(self) -> dict[str, np.ndarray]:
        """True quality of every run at the end, (runs,), for the scenarios that last so long."""
        return at_year_end(self.ensemble, self.end)

    @cached_property
    def leading(self) -> GainByDraw | None:
        """The gain of the scenario with the highest true quality at the end; None where no other lasts so long."""
        best = next((name for name in self.others if name in self.at_end), None)
        return None if best is None else gain_by_draw(self.ensemble, best, self.reference, self.end)

    def between(self, scenario: str, other: str) -> Interval[float]:
        """The paired difference of two scenarios in true quality at the end, the first minus the second."""
        if scenario not in self.at_end or other not in self.at_end:
            return NO_VALUE
        return interval_of(self.at_end[scenario] - self.at_end[other]).at()


def compare(ensemble: Ensemble, reference: str) -> Comparison:
    """The tables of an ensemble; SettingError if the reference was not run."""
    if reference not in ensemble.runners:
        allowed = ", ".join(ensemble.runners)
        raise SettingError("", [Fault("reference", f'"{reference}" is not among the scenarios', allowed)])
    return Comparison(ensemble, reference, headline_table(ensemble, reference), trajectory_table(ensemble),
                      ledger_table(ensemble, reference), province_table(ensemble), cost_table(ensemble))


def headline_table(ensemble: Ensemble, reference: str) -> pd.DataFrame:
    """Headline indicators at the ends of the headline years, with paired differences from the reference."""
    import pandas as pd

    rows = []
    for scenario in ensemble.runners:
        for year in years_shown(ensemble, scenario):
            for name in (*SHOWN, *MONEY):
                here = _at_year(ensemble, scenario, name, year)
                other = _at_year(ensemble, reference, name, year)
                rows.append({"scenario": scenario, "year": year, "indicator": name, **_with_difference(here, other),
                             "share_above": float(np.mean(here > other))})
    return pd.DataFrame(rows)


def _with_difference(sample: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Columns of a sample (runs,): how many runs have a value, its interval, and that of the paired difference."""
    own, difference = interval_of(sample).at(), interval_of(sample - other).at()
    return {"n": own.n, **own.quantiles(),
            **{f"difference_{key}": value for key, value in difference.quantiles().items()}}


def years_shown(ensemble: Ensemble, scenario: str) -> list[int]:
    """Headline years inside the horizon, and its last whole year; the last year that it touches if none is whole."""
    runner = ensemble.runners[scenario]
    whole = [year for year in runner.years if f"{year}Q4" in runner.quarters]
    return sorted({year for year in whole if year in HEADLINE_YEARS} | set(whole[-1:])) or [runner.years[-1]]


def _at_year(ensemble: Ensemble, scenario: str, name: str, year: int) -> np.ndarray:
    """An indicator at the end of a year, shape (runs,): NaN beyond the horizon; costs summed from the plan's start."""
    runner = ensemble.runners[scenario]
    if year not in runner.years:
        return np.full(ensemble.runs, np.nan)
    if name not in MONEY:
        return values(ensemble, scenario, name)[:, runner.year_ends[runner.years.index(year)]]
    every = tuple(range(len(COST_LINES)))
    lines = {"qic_cost": qic_lines(), "public_cost": every,
             "pbf_cost": tuple(line for line in every if line not in qic_lines())}[name]
    within = [place for place, y in enumerate(runner.years) if PLAN_START <= y <= year]
    return yearly_cost(ensemble, scenario)[:, within][..., list(lines), :].sum(axis=(1, 2, 3, 4, 5))


def trajectory_table(ensemble: Ensemble) -> pd.DataFrame:
    """Quantiles of every indicator by quarter for the nation, and of the main ones by group."""
    import pandas as pd

    names = [i.name for i in (*SUMS, *PROGRAMME)] + list(EXTRA)
    wanted = [(name, "all") for name in names if not name.endswith("_squared")]
    wanted += [(name, group) for name in BY_GROUP for group in GROUPS]
    parts = []
    for scenario, runner in ensemble.runners.items():
        for name, group in wanted:
            parts.append(_trajectory(values(ensemble, scenario, name, group), scenario, name, group, runner.quarters))
    return pd.concat(parts, ignore_index=True)


def _trajectory(sample: np.ndarray, scenario: str, name: str, group: str, quarters: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    there = np.isfinite(sample).any(axis=0)
    levels = np.full((len(QUANTILES), sample.shape[1]), np.nan)
    means = np.full(sample.shape[1], np.nan)
    levels[:, there] = np.nanpercentile(sample[:, there], list(QUANTILES.values()), axis=0)
    means[there] = np.nanmean(sample[:, there], axis=0)
    return pd.DataFrame({
        "scenario": scenario, "indicator": name, "group": group, "quarter": quarters,
        "n": np.isfinite(sample).sum(axis=0), "mean": means, **dict(zip(QUANTILES, levels, strict=True))})


def ledger_table(ensemble: Ensemble, reference: str) -> pd.DataFrame:
    """Points of the mean true score by ledger line since the start, at the headline years, with paired differences."""
    import pandas as pd

    rows = []
    for scenario in ensemble.runners:
        for year in years_shown(ensemble, scenario):
            for line in LEDGER:
                here = _line_at(ensemble, scenario, line, year)
                other = _line_at(ensemble, reference, line, year)
                rows.append({"scenario": scenario, "year": year, "line": line, **_with_difference(here, other)})
    return pd.DataFrame(rows)


def _line_at(ensemble: Ensemble, scenario: str, line: str, year: int) -> np.ndarray:
    """Points of a ledger line at the end of a year, NaN beyond the scenario's horizon; shape (runs,)."""
    return _at_year(ensemble, scenario, f"ledger_{line}", year)


def province_table(ensemble: Ensemble) -> pd.DataFrame:
    """Main indicators by province at the headline years."""
    import pandas as pd

    rows = []
    for scenario, runner in ensemble.runners.items():
        for name in PROVINCE_SHOWN:
            intervals = interval_of(province_values(ensemble, scenario, name))
            for year in years_shown(ensemble, scenario):
                for number, province in enumerate(runner.world.provinces):
                    known = intervals.at(runner.years.index(year), number)
                    rows.append({"scenario": scenario, "year": year, "province": province, "indicator": name,
                                 "n": known.n, **known.quantiles()})
    return pd.DataFrame(rows)


def cost_table(ensemble: Ensemble) -> pd.DataFrame:
    """US$ of 2021 by year, line and payer."""
    import pandas as pd

    rows = []
    for scenario, runner in ensemble.runners.items():
        intervals = interval_of(yearly_cost(ensemble, scenario).sum(axis=(2, 3)))
        for number, year in enumerate(runner.years):
            for line, line_name in enumerate(COST_LINES):
                for payer, payer_name in enumerate(PAYERS):
                    known = intervals.at(number, line, payer)
                    rows.append({"scenario": scenario, "year": year, "line": line_name, "payer": payer_name,
                                 "n": known.n, **known.quantiles()})
    return pd.DataFrame(rows)
