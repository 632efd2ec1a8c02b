"""Plans tried on the simulator: what they gain and cost in each draw, paired with the reference.

Little is recorded of each run: sums of the nation at the ends of years, money by line and payer. Runs are kept in the
store of all commands, so that a search that is stopped goes on, and a longer one takes up what a shorter one made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from qicsim.decide.budget import ADDED, PROGRAMME
from qicsim.decide.search.evolve import key_of
from qicsim.decide.search.levers import Space
from qicsim.decide.search.measured import Measured
from qicsim.decide.search.question import Question
from qicsim.decide.settings import PERSPECTIVES
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.inputs.scenario import Scenario
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.runs.blocks import ONCE, YEAR, Block
from qicsim.runs.design import Design
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import refuse_failures
from qicsim.runs.executors import threads
from qicsim.runs.points import Points
from qicsim.runs.readout import known_of, qic_lines
from qicsim.runs.runner import Runner
from qicsim.runs.schedule import Schedule
from qicsim.runs.store import Store
from qicsim.runs.sums import GROUP_ROWS, Sums, columns_needed

SIGNALS = ("gap_true", "coach_load", "affordable", "districts", "coaches")
"""What is read of the programme: how far apart facilities are, and what may bind."""
PLANS_AT_A_TIME = 60
Progress = Callable[[int, int], None]


@dataclass(eq=False)
class Trials:
    """Plans of a space on some draws of a larger set; each plan is run once.

    numbers  which draws of `draws`: they fix values and luck, so that no other set has the same
    factor   by which US$ of the price year are multiplied
    """

    question: Question
    space: Space
    draws: Draws
    numbers: np.ndarray
    seed: int
    workers: int | None
    store: Store
    factor: float = 1.0
    _reference: tuple[np.ndarray, ...] | None = field(default=None, repr=False)

    def measured(self, places: np.ndarray, progress: Progress | None = None) -> Measured:
        """What plans (n, levers) do."""
        parts = [self._some(places[at:at + PLANS_AT_A_TIME], at, len(places), progress)
                 for at in range(0, len(places), PLANS_AT_A_TIME)]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.with_more(part)
        return whole

    def of_scenarios(self, scenarios: Sequence[Scenario], progress: Progress | None = None) -> Measured:
        """What scenarios of the same horizon do."""
        if self._reference is None:
            self._reference = tuple(part[0] for part in self._read([self.space.reference], None))
        return self._measured(self._read(scenarios, progress))

    def launched(self, plan: np.ndarray) -> tuple[np.ndarray, float]:
        """Months of a run in which a plan launches districts, (draws, districts), inf if never; and how many it may."""
        scenario = self.space.scenario(plan, "launches")
        (months,) = self._runs([scenario], (Block("launched", "month", ONCE, 4),))
        return (np.where(months[0] < 0.0, np.inf, months[0]),
                float(np.asarray(scenario.levers.districts)[self.first_month:].max()))

    def by_district(self, plan: np.ndarray) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray, np.ndarray]:
        """Districts, their provinces, and of each (draws, districts): facility-points gained, US$ a year that it cost.

        Both are means over the years of plans, more than under the reference.
        """
        blocks = (Block("whole_district", "true", YEAR, 4), Block("whole_district", "ever", YEAR, 4),
                  Block("cost_of_province", "all", YEAR, 4))
        true, ever, cost = self._runs([self.space.reference, self.space.scenario(plan, "everywhere")], blocks)
        world, first = self._runner.world, self._first_year
        place = world.setting.district["province"]
        points = (true[1] - true[0])[:, first:].mean(axis=1)
        lines = cost[..., list(qic_lines()), :].sum(axis=(-2, -1))
        spent = (lines[1] - lines[0])[:, -1] - (lines[1] - lines[0])[:, first - 1]
        joined = ever[1][:, -1]
        of_province = np.stack([np.bincount(place, row, len(world.provinces)) for row in joined])[:, place]
        share = np.divide(joined, of_province, out=np.zeros_like(joined), where=of_province > 0.0)
        money = self.factor * spent[:, place] * share / len(self.years)
        return world.districts, tuple(world.provinces[at] for at in place), points, money

    def _runs(self, scenarios: Sequence[Scenario], blocks: tuple[Block, ...], progress: Progress | None = None
              ) -> list[np.ndarray]:
        """The numbers of each block, float64 (scenarios, draws, ...), of runs that are made as far as they lack."""
        design = Design(tuple(scenarios), self._points, 1, self.seed, (blocks,) * len(scenarios))
        Schedule(design, self.store, progress=progress).run(partial(threads, self.workers or os.cpu_count() or 1))
        refuse_failures(design, self.store)
        runs = np.concatenate([design.of_scenario(number) for number in range(len(scenarios))])
        return [part.reshape(len(scenarios), len(self.numbers), *part.shape[1:]).astype(float)
                for part in self.store.read(self.store.find(design.keys(runs), blocks))]

    def _some(self, places: np.ndarray, before: int, total: int, progress: Progress | None) -> Measured:
        runs = len(self.numbers)
        told = None if progress is None else partial(_told, progress, before * runs, total * runs)
        return self.of_scenarios([self.space.scenario(row, f"plan-{name_of(row)}") for row in places], told)

    def _measured(self, parts: tuple[np.ndarray, ...]) -> Measured:
        goal, cost, signals, target = parts
        first, was = self._first_year, self._reference
        assert was is not None  # noqa: S101 read before
        counted = cost[..., list(qic_lines()), :] if self.question.which == PROGRAMME else cost
        spent = counted.sum(axis=3)
        more = cost.sum(axis=(3, 4)) - was[1].sum(axis=(2, 3))
        if self.question.which == ADDED:
            spent = spent - was[1].sum(axis=2)
        mine = [PAYERS.index(payer) for payer in PERSPECTIVES[self.question.perspective]]
        money, spent = spent[:, :, first:][..., mine].sum(axis=3), spent[:, :, first:]
        gap, load, affordable, districts, coaches = (signals[..., at][:, :, first:] for at in range(len(SIGNALS)))
        return Measured(goal[:, :, first:], (goal - was[0])[:, :, first:], money, spent, more[:, :, first:],
                        target, gap, load, affordable, districts, coaches)

    @property
    def first_month(self) -> int:
        """The first month of plans, counted from the first of a run."""
        return self.space.start - self.space.reference.start

    @property
    def people(self) -> np.ndarray:
        """People of each district, (districts,)."""
        return np.asarray(self._runner.world.setting.district["population"])

    @property
    def years(self) -> tuple[int, ...]:
        """The years of plans."""
        return self._runner.years[self._first_year:]

    @property
    def _runner(self) -> Runner:
        return Runner.of(self.space.reference)

    @property
    def _first_year(self) -> int:
        return self.question.year - self.space.reference.start // MONTHS_PER_YEAR

    def _read(self, scenarios: Sequence[Scenario], progress: Progress | None) -> tuple[np.ndarray, ...]:
        """Goal, money by line and payer, signals, all (n, draws, years, ...), and the target, (n, draws)."""
        runner, reach = self._runner, self.question.reach
        known = known_of(runner)
        asked = [known[self.question.goal], *([] if reach is None else [known[reach.indicator]])]
        columns = tuple(dict.fromkeys(name for one in asked for name in columns_needed(one)))
        blocks = (*(Block("nation", name, YEAR, 4) for name in columns), Block("cost_of_nation", "all", YEAR, 4),
                  *(Block("programme", name, YEAR, 4) for name in SIGNALS))
        arrays = self._runs(scenarios, blocks, progress)
        sums = Sums(np.stack(arrays[:len(columns)], axis=-1), columns, GROUP_ROWS)
        money = arrays[len(columns)]
        yearly = self.factor * np.diff(money, axis=2, prepend=0.0).reshape(*money.shape[:3], len(COST_LINES), -1)
        goal = sums.value(asked[0])
        target = (np.zeros(goal.shape[:2]) if reach is None else
                  sums.value(asked[1])[:, :, runner.years.index(reach.year)] - reach.value)
        return goal, yearly, np.stack(arrays[len(columns) + 1:], axis=-1), target

    @property
    def _points(self) -> Points:
        return Points(self.draws.values[self.numbers], self.numbers)


def name_of(places: np.ndarray) -> str:
    """A short name of a plan, from its bytes."""
    from hashlib import blake2b

    return blake2b(key_of(places), digest_size=6).hexdigest()


def _told(progress: Progress, before: int, total: int, done: int, _: int) -> None:
    progress(before + done, total)
