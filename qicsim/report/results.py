"""What the page asks of a comparison: scenarios in the page's order, cells of the tables, and which plans differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qicsim.analysis.compare import Comparison
from qicsim.analysis.drivers import FEWEST_DRAWS
from qicsim.analysis.tried_assumptions import Tried, gain_of_plan
from qicsim.decide.answer import Answer, answer_of
from qicsim.decide.choice import NO_CHOICE, Choice
from qicsim.ground.calendar import MONTHS_PER_YEAR, format_quarter
from qicsim.ground.intervals import NO_VALUE, Interval, Intervals
from qicsim.inputs.country import plan_start
from qicsim.inputs.scenario.past import other_past
from qicsim.inputs.scenario.rounds import last_round
from qicsim.report.elements import Markup, plain, tag
from qicsim.report.formatting import DRAW_WORDS, LEVEL, quarter_named, source_words
from qicsim.report.language import counted, name_of, phrase, say

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Path:
    """An indicator over time: `x` in years at the end of each quarter, and the intervals between runs, (quarters,)."""

    x: np.ndarray
    interval: Intervals

    @property
    def mean(self) -> np.ndarray:
        """Means between runs."""
        return self.interval.mean

    @property
    def low(self) -> np.ndarray:
        """Lower ends."""
        return self.interval.low

    @property
    def high(self) -> np.ndarray:
        """Upper ends."""
        return self.interval.high

    def at(self, year: int) -> float:
        """The mean at the end of a year; NaN outside the horizon."""
        found = np.flatnonzero(np.isclose(self.x, year + 1.0))
        return float(self.mean[found[0]]) if found.size else NAN


@dataclass(frozen=True, eq=False)
class Results:
    """A comparison as the page reads it, and the choice that money makes among its scenarios."""

    comparison: Comparison
    choice: Choice = NO_CHOICE

    @property
    def reference(self) -> str:
        """Name of the reference."""
        return self.comparison.reference

    @property
    def price_year(self) -> int:
        """The year whose prices US$ are in."""
        return self.comparison.money.year

    @property
    def others(self) -> tuple[str, ...]:
        """The other scenarios, from the largest difference in true quality at the end to the smallest."""
        return self.comparison.others

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

    @property
    def end(self) -> int:
        """The last headline year of the reference."""
        return self.comparison.end

    @property
    def early(self) -> bool:
        """Whether the runs end before the plans begin, so that nothing can be said of the plans."""
        return self.end < plan_start()

    @property
    def later_years(self) -> tuple[int, ...]:
        """Headline years of the reference after the plans begin; the last one if there are none."""
        found = [year for year in self.years if plan_start() <= year <= self.end and self.has(self.reference, year)]
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

    def level(self, name: str, year: int, indicator: str) -> Interval[float]:
        """The indicator at the end of the year."""
        row = self._headline.get((name, year, indicator))
        return NO_VALUE if row is None else Interval(row.mean, row.p50, row.p05, row.p95, row.n)

    def difference(self, name: str, year: int, indicator: str) -> Interval[float]:
        """The paired difference from the reference."""
        row = self._headline.get((name, year, indicator))
        return NO_VALUE if row is None else Interval(row.difference_mean, row.difference_p50, row.difference_p05,
                                                     row.difference_p95, row.n)

    def share_above(self, name: str, year: int) -> float:
        """Share of runs whose true quality is above the reference's in the same draw."""
        row = self._headline.get((name, year, "true"))
        return NAN if row is None else float(row.share_above)

    @cached_property
    def _paths(self) -> dict[tuple[str, str], Path]:
        frame = self.comparison.trajectories
        nation = frame[frame["group"] == "all"]
        keys = list(zip(nation["scenario"].tolist(), nation["indicator"].tolist(), strict=True))
        numbers = nation[["mean", "p50", "p05", "p95", "n"]].to_numpy(float).T
        x = _ends(nation["quarter"].tolist())
        starts = [0, *(at for at in range(1, len(keys)) if keys[at] != keys[at - 1])]
        return {keys[first]: Path(x[first:last], Interval(*numbers[:, first:last]))
                for first, last in zip(starts, [*starts[1:], len(keys)], strict=True)}

    def path(self, name: str, indicator: str) -> Path:
        """An indicator of the nation over time."""
        return self._paths[name, indicator]

    def another_past(self, name: str) -> bool:
        """Whether a scenario differs from the reference before anything could still be decided."""
        runners = self.comparison.ensemble.runners
        return other_past(runners[name].scenario, runners[self.reference].scenario) is not None

    def mark(self, name: str) -> Markup:
        """What stands beside the title of a scenario that nobody can choose any more; nothing beside others."""
        if not self.another_past(name):
            return Markup("")
        return tag("span", phrase("({mark})", mark=say("another past")), class_="name")

    def last_recorded(self, name: str, year: int) -> str:
        """Of which quarter the scores recorded at the end of a year are, where no round was held then; "" otherwise."""
        scenario = self.comparison.ensemble.runners[name].scenario
        month = last_round(scenario, (year + 1) * MONTHS_PER_YEAR - 1)
        return "" if month is None else quarter_named(format_quarter(month))

    def lever(self, name: str, lever: str) -> np.ndarray:
        """The values of a lever of a scenario by month, (months,)."""
        return np.asarray(getattr(self.comparison.ensemble.runners[name].scenario.levers, lever))

    @property
    def best(self) -> str | None:
        """The other scenario with the highest true quality at the end; None if none lasts so long.

        What asks for another past comes into question only where there is nothing else.
        """
        lasting = [name for name in self.others if self.has(name, self.end)]
        return next(iter(sorted(lasting, key=self.another_past)), None)

    @cached_property
    def answer(self) -> Answer | None:
        """The answer in a handful of facts; None where there is nothing to choose, or money was not weighed."""
        decision = self.choice.decision
        if decision is None or self.best is None or self.early:
            return None
        return answer_of(self.comparison, decision)

    @property
    def plan(self) -> str | None:
        """The plan that the page is about: the answer's; the best one where nothing, or no plan, is chosen."""
        chosen = None if self.answer is None else self.answer.plan
        return self.best if chosen in (None, self.reference) else chosen

    @cached_property
    def gain(self) -> Tried | None:
        """What that plan gains as simulated, with its chances; None where no plan can be compared."""
        return None if self.plan is None or self.early else gain_of_plan(
            self.comparison.ensemble, self.plan, self.reference, self.end)

    def under(self, key: str) -> Tried | None:
        """What it gains under an assumption; None where that was not tried."""
        tried = self.comparison.tried
        return None if tried is None or self.plan is None else tried.at(key, self.plan)

    def alike(self, name: str, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Scenarios that cannot be told apart from one: the interval of the paired difference holds zero."""
        return self.comparison.alike(name, self.others if among is None else among)

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
        return self.several and len(self.comparison.ensemble.draws) < FEWEST_DRAWS

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
        return source_words(self.comparison.ensemble.draws.source)

    @property
    def draws_in_words(self) -> str:
        """Where the parameter values come from, as a sentence says it."""
        source = self.comparison.ensemble.draws.source
        return say(DRAW_WORDS[source]) if source in DRAW_WORDS else self.source_in_words


def _ends(quarters: Sequence[str]) -> np.ndarray:
    """The ends of quarters ("2027Q3") in years."""
    known = {quarter: int(quarter[:4]) + int(quarter[5:]) / 4.0 for quarter in set(quarters)}
    return np.array([known[quarter] for quarter in quarters])
