"""Comparing scenarios: paired differences from the reference, and the tables behind the page.

All intervals are 5-95 % intervals between runs: they hold what the priors leave open (draws) and chance (replicates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.gains import GainByDraw, at_year_end, gain_by_draw
from qicsim.analysis.pictures import DIFFERENCES, draw_comparison, face_of_comparison
from qicsim.analysis.quarters import by_gain
from qicsim.analysis.tried_assumptions import TriedAssumptions, last_of_trials
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import NO_VALUE, Interval, interval_of, summary_of
from qicsim.ground.money import Money
from qicsim.ground.shown import Face, Shown
from qicsim.inputs.country import plan_start
from qicsim.inputs.country.money import as_simulated
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME, SUMS
from qicsim.model.ledger import LEDGER
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import province_values, qic_lines, values, yearly_cost

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = {"p05": 5.0, "p25": 25.0, "p50": 50.0, "p75": 75.0, "p95": 95.0}
ENDS = {name: QUANTILES[name] for name in ("p05", "p50", "p95")}
SHOWN = ("true", "recorded", "true_80", "recorded_80", "coverage", "active", "visits", "unscored", "inflation")
BY_GROUP = ("true", "recorded", "true_80", "recorded_80", "unscored")
GROUPS = ("health_centre", "referral_hospital", "never", "ever")
PROVINCE_SHOWN = ("true", "recorded", "true_80", "recorded_80", "coverage")
MONEY = ("qic_cost", "pbf_cost", "public_cost")
"""US$ from the plans' start on: collaboratives, PBF with its assessments, and both together."""
EXTRA = ("coverage", "spread_true", "spread_recorded", "inflation", "order_80")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """The tables of a comparison (pandas), and the ensemble that they were read from.

    headline      scenario, year, indicator: mean and interval, and the paired difference from the reference
    trajectories  scenario, indicator, group, quarter: mean and quantiles
    ledger        scenario, year, line: points of mean true quality booked since the start, and the difference
    provinces     scenario, year, province, indicator: mean and interval
    costs         scenario, year, line, payer: US$ in the year
    money         the prices that US$ are in
    tried         the leading plans under other assumptions that decide; None where none was tried
    """

    ensemble: Ensemble
    reference: str
    headline: pd.DataFrame
    trajectories: pd.DataFrame
    ledger: pd.DataFrame
    provinces: pd.DataFrame
    costs: pd.DataFrame
    money: Money = field(default_factory=as_simulated)
    tried: TriedAssumptions | None = None

    def face(self) -> Face:
        """Differences at the end in words, and the headline table."""
        return face_of_comparison(self)

    def plot(self, what: str = DIFFERENCES, *, indicator: str = "true", group: str = "all", year: int | None = None,
             scenarios: Sequence[str] | None = None, axes: Any = None) -> Any:
        """A picture on matplotlib axes, which are given back.

        Args:
            what: "differences" from the reference in a year, "trajectories" with bands, the "ledger" of differences in
                true quality, or the "map" of a scenario's difference by province (the first of `scenarios`).
            indicator: what is shown (not of the ledger).
            group: of facilities, for trajectories.
            year: a headline year; by default the last.
            scenarios: names; by default all, those with the largest gain first.
            axes: axes to draw on; by default those of a new figure.

        Raises SettingError for what there is not.
        """
        return draw_comparison(self, what, indicator=indicator, group=group, year=year, scenarios=scenarios, axes=axes)

    @cached_property
    def end(self) -> int:
        """The last headline year of the reference."""
        own = self.headline[self.headline["scenario"] == self.reference]
        return int(own["year"].max())

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The other scenarios, from the largest difference in true quality at the end to the smallest."""
        return by_gain(self.ensemble, self.reference, self.end)

    @cached_property
    def at_end(self) -> dict[str, np.ndarray]:
        """True quality of every run at the end, (runs,), for the scenarios that last so long."""
        return at_year_end(self.ensemble, self.end)

    @property
    def early_year(self) -> int:
        """The third year of plans, as far as controlled studies reach; the end where that is before it."""
        return min(last_of_trials(), self.end)

    def gain(self, name: str) -> GainByDraw:
        """The gain of a scenario that lasts to the end."""
        return gain_by_draw(self.ensemble, name, self.reference, self.end)

    def between(self, scenario: str, other: str) -> Interval[float]:
        """The paired difference of two scenarios in true quality at the end, the first minus the second."""
        if scenario not in self.at_end or other not in self.at_end:
            return NO_VALUE
        return interval_of(self.at_end[scenario] - self.at_end[other]).at()

    def alike(self, scenario: str, among: Iterable[str]) -> tuple[str, ...]:
        """Those of other scenarios that cannot be told apart from a scenario: the interval of `between` holds zero."""
        pairs = ((other, self.between(scenario, other)) for other in among if other != scenario)
        return tuple(other for other, difference in pairs if difference.low <= 0.0 <= difference.high)


def compare(ensemble: Ensemble, reference: str, money: Money | None = None) -> Comparison:
    """The tables of an ensemble, US$ in the prices of a year; SettingError if the reference was not run."""
    if reference not in ensemble.runners:
        allowed = ", ".join(ensemble.runners)
        raise SettingError("", [Fault("reference", f'"{reference}" is not among the scenarios', allowed)])
    reader = Reader(ensemble, money)
    return Comparison(ensemble, reference, headline_table(reader, reference), trajectory_table(ensemble),
                      ledger_table(reader, reference), province_table(ensemble), cost_table(reader), reader.money)


class Reader:
    """An ensemble's numbers, each worked out once however many tables ask for it."""

    def __init__(self, ensemble: Ensemble, money: Money | None = None) -> None:
        """The reader of an ensemble, with US$ in the prices of a year."""
        self.ensemble, self.money = ensemble, money or as_simulated()
        self.ends = cache(self._ends)
        self.by_line = cache(self._by_line)
        self.at = cache(self._at)

    def _ends(self, scenario: str, name: str) -> np.ndarray:
        """An indicator at the ends of years, float64 (years, runs)."""
        return np.ascontiguousarray(values(self.ensemble, scenario, name).T[self.ensemble.runners[scenario].year_ends])

    def _by_line(self, scenario: str) -> np.ndarray:
        """US$ by year, float64 (runs, years, lines, payers)."""
        return yearly_cost(self.ensemble, scenario).sum(axis=(2, 3)) * self.money.factor

    def _at(self, scenario: str, name: str, year: int) -> np.ndarray:
        """An indicator at the end of a year, (runs,): NaN beyond the horizon; costs summed from the plans' start."""
        runner = self.ensemble.runners[scenario]
        if year not in runner.years:
            return np.full(self.ensemble.runs, np.nan)
        if name not in MONEY:
            return self.ends(scenario, name)[runner.years.index(year)]
        every = range(len(COST_LINES))
        lines = {"qic_cost": qic_lines(), "public_cost": every,
                 "pbf_cost": [line for line in every if line not in qic_lines()]}[name]
        within = [number for number, y in enumerate(runner.years) if plan_start() <= y <= year]
        return self.by_line(scenario)[:, within][:, :, list(lines)].sum(axis=(1, 2, 3))


def headline_table(reader: Reader, reference: str) -> pd.DataFrame:
    """Headline indicators at the ends of the headline years, with paired differences from the reference."""
    table, own, other = _paired(reader, reference, "indicator", {name: name for name in (*SHOWN, *MONEY)})
    return table.assign(share_above=np.mean(own > other, axis=1))


def _paired(reader: Reader, reference: str, column: str, names: Mapping[str, str]
            ) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """A table of what `names` calls indicators, at the headline years, with differences from the reference.

    Returns the samples behind it too: those of the scenario and of the reference, (rows, runs).
    """
    keys = [(scenario, year, name) for scenario in reader.ensemble.runners
            for year in years_shown(reader.ensemble, scenario) for name in names]
    own, other = (np.stack([reader.at(scenario or each, names[name], year) for each, year, name in keys])
                  for scenario in ("", reference))
    apart = {f"difference_{key}": part for key, part in _summary(own - other).items() if key != "n"}
    columns = dict(zip(("scenario", "year", column), zip(*keys, strict=True), strict=True))
    return _frame(columns, _summary(own) | apart), own, other


def _frame(columns: Mapping[str, Sequence[object]], numbers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: list(column) for name, column in columns.items()} | dict(numbers))


def years_shown(ensemble: Ensemble, scenario: str) -> list[int]:
    """Headline years inside the horizon, and its last whole year; the last year that it touches if none is whole."""
    runner = ensemble.runners[scenario]
    whole = [year for year in runner.years if f"{year}Q4" in runner.quarters]
    shown = runner.scenario.country.horizon.shown
    return sorted({year for year in whole if year in shown} | set(whole[-1:])) or [runner.years[-1]]


def _summary(samples: np.ndarray, percents: Mapping[str, float] = ENDS) -> dict[str, np.ndarray]:
    """Count, mean and quantiles of each row of samples (rows, runs), (rows,) each (`qicsim.ground.intervals`)."""
    n, mean, levels = summary_of(samples, list(percents.values()))
    return {"n": n, "mean": mean, **dict(zip(percents, levels, strict=True))}


def trajectory_table(ensemble: Ensemble) -> pd.DataFrame:
    """Quantiles of every indicator by quarter for the nation, and of the main ones by group."""
    import pandas as pd

    names = [i.name for i in (*SUMS, *PROGRAMME)] + list(EXTRA)
    wanted = [(name, "all") for name in names if not name.endswith("_squared")]
    wanted += [(name, group) for name in BY_GROUP for group in GROUPS]
    parts = []
    for scenario, runner in ensemble.runners.items():
        samples = np.concatenate([values(ensemble, scenario, name, group).T for name, group in wanted])
        indicator, group = (np.repeat(np.array(part, dtype=object), len(runner.quarters))
                            for part in zip(*wanted, strict=True))
        parts.append(pd.DataFrame({
            "scenario": scenario, "indicator": indicator, "group": group, "quarter": runner.quarters * len(wanted),
            **_summary(samples, QUANTILES)}))
    return pd.concat(parts, ignore_index=True)


def ledger_table(reader: Reader, reference: str) -> pd.DataFrame:
    """Points of the mean true score by ledger line since the start, at the headline years, with paired differences."""
    return _paired(reader, reference, "line", {line: f"ledger_{line}" for line in LEDGER})[0]


def province_table(ensemble: Ensemble) -> pd.DataFrame:
    """Main indicators by province at the headline years."""
    keys: list[tuple[object, ...]] = []
    samples = []
    for scenario, runner in ensemble.runners.items():
        years = years_shown(ensemble, scenario)
        at = [runner.years.index(year) for year in years]
        for name in PROVINCE_SHOWN:
            keys += [(scenario, year, province, name) for year in years for province in runner.world.provinces]
            samples.append(province_values(ensemble, scenario, name)[:, at].reshape(ensemble.runs, -1).T)
    columns = dict(zip(("scenario", "year", "province", "indicator"), zip(*keys, strict=True), strict=True))
    return _frame(columns, _summary(np.concatenate(samples)))


def cost_table(reader: Reader) -> pd.DataFrame:
    """US$ by year, line and payer."""
    ensemble = reader.ensemble
    keys = [(scenario, year, line, payer) for scenario, runner in ensemble.runners.items()
            for year in runner.years for line in COST_LINES for payer in PAYERS]
    samples = np.concatenate([reader.by_line(name).reshape(ensemble.runs, -1).T for name in ensemble.runners])
    columns = dict(zip(("scenario", "year", "line", "payer"), zip(*keys, strict=True), strict=True))
    return _frame(columns, _summary(samples))
