"""What the page asks of a comparison: scenarios in the page's order, cells of the tables, and which plans differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qicsim.analysis.compare import PLAN_START, Comparison
from qicsim.report.elements import Markup, plain, tag
from qicsim.report.formatting import DRAW_WORDS, LEVEL
from qicsim.report.language import counted, name_of, phrase, say, text
from qicsim.runs.readout import values

NAN = float("nan")
SOURCE_WORDS = {"prior": text("prior"), "posterior": text("posterior"), "defaults": text("defaults")}
FROM_FILE = "posterior in "
FEW_DRAWS = 20  # with fewer no study can be valued either


@dataclass(frozen=True)
class Cell:
    """A number of a table with its 5-95 % interval between runs; `difference` is paired with the reference."""

    mean: float = NAN
    low: float = NAN
    high: float = NAN


@dataclass(frozen=True, eq=False)
class Path:
    """An indicator over time: `x` in years at the end of each quarter, means and the 5-95 % interval between runs."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, year: int) -> float:
        """The mean at the end of a year; NaN outside the horizon."""
        found = np.flatnonzero(np.isclose(self.x, year + 1.0))
        return float(self.mean[found[0]]) if found.size else NAN


@dataclass(frozen=True, eq=False)
class Results:
    """A comparison as the page reads it."""

    comparison: Comparison

    @property
    def reference(self) -> str:
        """Name of the reference."""
        return self.comparison.reference

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The other scenarios, from the largest difference in true quality at the end to the smallest."""
        def size(name: str) -> float:
            mean = self.difference(name, self.end, "true").mean
            return -mean if np.isfinite(mean) else np.inf

        return tuple(sorted((name for name in self.comparison.ensemble.runners if name != self.reference), key=size))

    @property
    def names(self) -> tuple[str, ...]:
        """Every scenario, the reference first."""
        return (self.reference, *self.others)

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """The other scenarios in the order in which they were asked for."""
        return tuple(name for name in self.comparison.ensemble.runners if name != self.reference)

    def key(self, name: str) -> str:
        """A scenario's short sign on the page: its number, or Ref."""
        return say("Ref") if name == self.reference else str(self.others.index(name) + 1)

    def keys(self, names: Sequence[str]) -> str:
        """Short signs of several scenarios, neighbours joined: Ref, 1–3, 7."""
        numbers = sorted(int(self.key(name)) for name in names if name != self.reference)
        runs: list[list[int]] = []
        for number in numbers:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        parts = [f"{run[0]}–{run[-1]}" if run[2:] else ", ".join(map(str, run)) for run in runs]
        return ", ".join(([say("Ref")] if self.reference in names else []) + parts)

    def title(self, name: str) -> str:
        """A scenario's title as plain text, in the language of the page."""
        return name_of(plain(self.comparison.ensemble.runners[name].scenario.title) or plain(name))

    def named(self, name: str, how: str = "em") -> Markup:
        """A scenario's title in running text, in quotation marks and set off."""
        return tag(how, phrase("“{title}”", title=self.title(name)))

    def heading(self, name: str) -> str:
        """Short sign and title."""
        if name == self.reference:
            return say("Reference: {title}", title=self.title(name))
        return f"{self.key(name)}. {self.title(name)}"

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Every year of the headline, of whatever scenario."""
        return tuple(sorted({int(year) for year in self.comparison.headline["year"]}))

    @cached_property
    def end(self) -> int:
        """The last headline year of the reference."""
        return max(year for name, year, indicator in self._headline if name == self.reference and indicator == "true")

    @property
    def early(self) -> bool:
        """Whether the runs end before the plans begin, so that nothing can be said of the plans."""
        return self.end < PLAN_START

    @property
    def later_years(self) -> tuple[int, ...]:
        """Headline years of the reference after the plans begin; the last one if there are none."""
        found = [year for year in self.years if PLAN_START <= year <= self.end and self.has(self.reference, year)]
        return tuple(found) or (self.end,)

    @property
    def compared_years(self) -> tuple[int, ...]:
        """The last two of these years in which there is a scenario to compare with the reference."""
        return tuple(year for year in self.later_years if any(self.has(name, year) for name in self.others))[-2:]

    @cached_property
    def _headline(self) -> dict[tuple[str, int, str], Any]:
        return {(row.scenario, int(row.year), row.indicator): row
                for row in self.comparison.headline.itertuples(index=False)}

    def has(self, name: str, year: int) -> bool:
        """Whether the headline has a row for the scenario in the year."""
        return (name, year, "true") in self._headline

    def level(self, name: str, year: int, indicator: str) -> Cell:
        """The indicator at the end of the year."""
        row = self._headline.get((name, year, indicator))
        return Cell() if row is None else Cell(row.mean, row.p05, row.p95)

    def difference(self, name: str, year: int, indicator: str) -> Cell:
        """The paired difference from the reference."""
        row = self._headline.get((name, year, indicator))
        return Cell() if row is None else Cell(row.difference_mean, row.difference_p05, row.difference_p95)

    def share_above(self, name: str, year: int) -> float:
        """Share of runs whose true quality is above the reference's in the same draw."""
        row = self._headline.get((name, year, "true"))
        return NAN if row is None else float(row.share_above)

    @cached_property
    def _paths(self) -> dict[tuple[str, str], Path]:
        frame = self.comparison.trajectories
        nation = frame[frame["group"] == "all"]
        keys = list(zip(nation["scenario"].tolist(), nation["indicator"].tolist(), strict=True))
        numbers = nation[["mean", "p05", "p95"]].to_numpy(float).T
        x = _ends(nation["quarter"].tolist())
        starts = [0, *(at for at in range(1, len(keys)) if keys[at] != keys[at - 1])]
        return {keys[first]: Path(x[first:last], *numbers[:, first:last])
                for first, last in zip(starts, [*starts[1:], len(keys)], strict=True)}

    def path(self, name: str, indicator: str) -> Path:
        """An indicator of the nation over time."""
        return self._paths[name, indicator]

    def lever(self, name: str, lever: str) -> np.ndarray:
        """The values of a lever of a scenario by month, (months,)."""
        return np.asarray(getattr(self.comparison.ensemble.runners[name].scenario.levers, lever))

    def at_quarter(self, name: str, indicator: str, quarter: str) -> np.ndarray:
        """An indicator of the nation in every run, (runs,); empty where the scenario has no such quarter."""
        quarters = self.comparison.ensemble.runners[name].quarters
        if quarter not in quarters:
            return np.empty(0)
        return values(self.comparison.ensemble, name, indicator)[:, quarters.index(quarter)]

    @staticmethod
    def cell(sample: np.ndarray) -> Cell:
        """Mean and interval of the runs of a sample."""
        low, high = np.percentile(sample, (5.0, 95.0))
        return Cell(float(sample.mean()), float(low), float(high))

    @property
    def best(self) -> str | None:
        """The other scenario with the highest true quality at the end; None if none lasts so long."""
        return next((name for name in self.others if self.has(name, self.end)), None)

    @cached_property
    def at_end(self) -> dict[str, np.ndarray]:
        """True quality of every run at the end, (runs,), for the scenarios that last so long."""
        ensemble = self.comparison.ensemble
        return {name: values(ensemble, name, "true")[:, runner.year_ends[runner.years.index(self.end)]]
                for name, runner in ensemble.runners.items() if self.end in runner.years}

    def between(self, one: str, other: str) -> Cell:
        """Paired difference in true quality at the end, the first minus the second."""
        if one not in self.at_end or other not in self.at_end:
            return Cell()
        return self.cell(self.at_end[one] - self.at_end[other])

    def alike(self, name: str, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Scenarios that cannot be told apart from one: the interval of the paired difference holds zero."""
        pairs = ((other, self.between(name, other)) for other in (self.others if among is None else among)
                 if other != name)
        return tuple(other for other, cell in pairs if cell.low <= 0.0 <= cell.high)

    @property
    def synthetic(self) -> bool:
        """Whether facilities are invented."""
        return self.comparison.ensemble.runners[self.reference].world.synthetic

    @property
    def runs_in_words(self) -> str:
        """How many runs there are, and of what."""
        ensemble = self.comparison.ensemble
        return say("n = {runs} of each scenario ({draws} × {replicates})",
                   runs=counted(ensemble.runs, "{count} run", "{count} runs"),
                   draws=counted(len(ensemble.draws), "{count} draw", "{count} draws"),
                   replicates=counted(ensemble.replicates, "{count} replicate", "{count} replicates"))

    @property
    def several(self) -> bool:
        """Whether there is more than one run, so that there are intervals."""
        return self.comparison.ensemble.runs > 1

    @property
    def first_look(self) -> bool:
        """Whether there are so few draws that intervals between runs are rough."""
        return self.several and len(self.comparison.ensemble.draws) < FEW_DRAWS

    @property
    def kind_in_words(self) -> str:
        """What the intervals hold."""
        if not self.several:
            return say("There is only one run, so there are no intervals.")
        source = self.comparison.ensemble.draws.source
        if source == "defaults":
            return say("{level} intervals between runs; they hold chance alone: every parameter is at its best guess.",
                       level=LEVEL)
        return say("{level} intervals between runs; they hold what is not known about the parameters (draws from the "
                   "{source}) and chance, but not whether the model has the right form.", level=LEVEL,
                   source=self.source_in_words)

    @property
    def source_in_words(self) -> str:
        """What the draws were taken from, in a word, with the name of the file where it is one."""
        source = self.comparison.ensemble.draws.source
        if source.startswith(FROM_FILE):
            return say("posterior in {file}", file=plain(source.removeprefix(FROM_FILE)))
        return say(SOURCE_WORDS[source]) if source in SOURCE_WORDS else plain(source)

    @property
    def draws_in_words(self) -> str:
        """Where the parameter values come from, as a sentence says it."""
        source = self.comparison.ensemble.draws.source
        return say(DRAW_WORDS[source]) if source in DRAW_WORDS else self.source_in_words


def _ends(quarters: Sequence[str]) -> np.ndarray:
    """The ends of quarters ("2027Q3") in years."""
    known = {quarter: int(quarter[:4]) + int(quarter[5:]) / 4.0 for quarter in set(quarters)}
    return np.array([known[quarter] for quarter in quarters])
