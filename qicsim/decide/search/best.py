"""The best plan for the money: search, second look, ladder and assumptions, as one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from qicsim.decide.budget import ALL, MONEY_WORDS
from qicsim.decide.search.evolve import Archive, Scores, evolve, first_plans
from qicsim.decide.search.ladder import Least, Step, enough, front, ladder, least_money, likeliest, steps_of
from qicsim.decide.search.levers import BUDGET, DISTRICTS, SUPPORT, Space, part_paid, space_of
from qicsim.decide.search.measured import Measured
from qicsim.decide.search.order import Found, Order, order_of
from qicsim.decide.search.question import Question
from qicsim.decide.search.second_look import Choice, cheapest, looked_at, within_money
from qicsim.decide.search.sequence import TOGETHER
from qicsim.decide.search.trials import Trials
from qicsim.decide.settings import PERSPECTIVE_WORDS, PERSPECTIVES
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import DRAWS, Interval, interval_of
from qicsim.ground.money import Money
from qicsim.ground.shown import Face, Shown
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.prices import money_of
from qicsim.runs.assumptions import Assumption, changes, under
from qicsim.runs.draws import Draws
from qicsim.runs.runner import Runner
from qicsim.runs.shared_store import Place, open_store

SEARCH_DRAWS, LOOK_DRAWS, ASSUMED_DRAWS = 8, 64, 32
PLANS, QUICK_PLANS = 1500, 300
QUICK_LOOK = 32
PLANS_FOR_AN_ORDER = 6
"""Plans that are searched for each order of districts that is tried for the best of them."""
SMALLER = 24
"""Plans of the first population that are known ones, made smaller or larger."""

Progress = Callable[[int, int], None]
Watch = Callable[["SoFar"], None]


def unwatched(_: SoFar) -> None:
    """Nobody looks on."""


@dataclass(frozen=True)
class SoFar:
    """The best plan, a row of `space`, that a search has seen; its figures, of the search's draws, flatter it."""

    plans: int
    gain: float
    money: float
    places: np.ndarray = field(repr=False)
    space: Space = field(repr=False)
    draws: int


@dataclass(frozen=True, eq=False)
class Assumed:
    """Plans under an assumption: which is best, and how the chosen one does, on the same draws as simulated.

    gain  interval of the chosen plan's gain
    best  the plan that is best there
    lost  mean gain that is lost by not choosing that one
    """

    key: str
    title: str
    gain: Interval[float]
    best: int
    lost: float


@dataclass(frozen=True, eq=False, repr=False)
class Best(Shown):
    """What was found.

    places    the plans that had the second look, (plans, levers)
    measured  what they do on the draws of that look, `Measured`
    choice    the best of them: at the money, or without money the cheapest that reaches the target
    order     what is known of the order of districts; None where it is fixed. A list of districts that gains more than
              the plan's own rule is the last of the plans, and may be the one that answers.
    prices    those that all US$ are in, but for levers
    searched  how many plans were searched, on `search_draws` draws
    """

    question: Question
    space: Space
    years: tuple[int, ...]
    places: np.ndarray
    measured: Measured
    choice: Choice
    steps: tuple[Step, ...]
    least: tuple[Least, ...]
    assumed: tuple[Assumed, ...]
    order: Order | None
    searched: int
    search_draws: int
    look_draws: int
    draws: Draws
    seed: int
    prices: Money = field(default_factory=money_of)

    @property
    def plan(self) -> int:
        """The number of the plan that answers: the best one; where none is allowed the one that comes nearest."""
        if self.choice.best is not None:
            return self.choice.best
        if self.question.money is None:
            return likeliest(self.measured)
        return int(np.argmin(self.measured.needed(self.question.risk)))

    def face(self) -> Face:
        """What the best plan gains and costs, and its levers."""
        gain, money = self.gain_of(self.plan), float(self.measured.money[self.plan].mean())
        asked = "a target" if self.question.money is None else f"US$ {self.question.money:,.0f} a year"
        scenario = self.scenario(self.plan, "best", "Best plan")
        return Face(f"Best plan for {asked}, of {self.searched:,} searched",
                    ((f"Gain {gain.mean:+.2f} points ({gain.low:+.2f} to {gain.high:+.2f}); "
                      f"US$ {money:,.0f} a year."), *scenario.face().sentences))

    @property
    def enough(self) -> float | None:
        """The money from which on more of it buys nothing that can be told from chance."""
        return enough(self.steps)

    @property
    def front(self) -> np.ndarray:
        """Which plans are on the frontier of gain, money and equity."""
        return front(self.measured, self.question.risk)

    def gain_of(self, plan: int) -> Interval[float]:
        """The interval between draws of a plan's mean gain over the years."""
        return interval_of(self.measured.gain[plan], kind=DRAWS).at()

    def paid(self, plan: int) -> tuple[float, float]:
        """US$ a year of what is counted of a plan, the government's and donors' part, means over draws and years."""
        government, donor = self.measured.spent[plan].mean(axis=(0, 1)).tolist()
        return float(government), float(donor)

    def gap(self, plan: int) -> float:
        """Points of true quality between the best and the worst fifth of facilities, mean over draws and years."""
        return float(self.measured.gap[plan].mean())

    def scenario(self, plan: int, name: str, title: str) -> Scenario:
        """A plan as a scenario."""
        return self.space.scenario(self.places[plan], name, title)


@dataclass(frozen=True)
class Effort:
    """How much is run, and how.

    plans         how many plans are searched
    search_draws  how many draws the search has
    look_draws    how many other draws the second look has
    assumptions   those under which plans are run once more
    seed          of luck in runs, and of the search's own chance
    workers       threads; None: one for each core
    store         where runs are kept, as of `run_ensemble`
    """

    plans: int = PLANS
    search_draws: int = SEARCH_DRAWS
    look_draws: int = LOOK_DRAWS
    assumptions: tuple[Assumption, ...] = ()
    seed: int = 1
    workers: int | None = None
    store: Place = None

    @property
    def orders(self) -> int:
        """How many orders of districts are tried for the best plan."""
        return max(self.plans // PLANS_FOR_AN_ORDER, TOGETHER)

    @property
    def draws(self) -> int:
        """How many draws there must be."""
        return self.search_draws + self.look_draws


def effort_of(*, quick: bool, assumptions: tuple[Assumption, ...], seed: int, workers: int | None, store: Place
              ) -> Effort:
    """The usual effort, or that of a first look."""
    how: dict[str, Any] = {"seed": seed, "workers": workers, "store": store}
    return Effort(QUICK_PLANS, SEARCH_DRAWS, QUICK_LOOK, **how) if quick else Effort(assumptions=assumptions, **how)


def find_best(question: Question, reference: Scenario, draws: Draws, known: Sequence[Scenario] = (), *,
              free: Iterable[str] | None = None, fixed: Mapping[str, Any] | None = None, effort: Effort | None = None,
              prices: Money | None = None, progress: Progress | None = None, watch: Watch = unwatched) -> Best:
    """The best plan.

    Args:
        question: what is asked.
        reference: what plans extend and are compared with.
        draws: values of parameters; the first are for the search, those after them for the second look.
        known: scenarios of the same horizon whose plans the search begins with, as near as the grid has them.
        free: names of the levers that are searched; all that are not fixed if None.
        fixed: levers at values as scenario files write them.
        effort: how much is run.
        prices: those that all US$ are in, the money that is asked about among them; by default of the price year.
        progress: called with (runs done, runs in all).
        watch: called after each generation with the best plan so far.

    Raises:
        SettingError: for years, levers and money that cannot be meant, with every fault.
    """
    effort = effort or Effort()
    runner = Runner.of(reference)
    question.check_years(runner.years, _year_known(reference))
    prices = prices or money_of()
    paid = part_paid(PERSPECTIVES[question.perspective], fixed or {})
    money = None if question.money is None or paid == 0.0 else question.money / prices.factor / paid
    space = space_of(reference, len(runner.world.setting.district), year=question.year, money=money,
                     counts_pbf=question.counts_pbf, free=free, fixed=fixed)
    kept = open_store(effort.store)
    searching = Trials(question, space, draws, np.arange(effort.search_draws), effort.seed, effort.workers, kept,
                       prices.factor)
    counted = _Count(progress, effort.plans * effort.search_draws)
    with kept.used():
        _check_money(question, searching)
        hunt = _Hunt(searching, counted, watch)
        archive = hunt.search(known, effort.plans, effort.seed)
        return replace(_looked_at(hunt, archive, effort), prices=prices)


def _year_known(reference: Scenario) -> int | None:
    return None if reference.known_until is None else reference.known_until // MONTHS_PER_YEAR


def _looked_at(hunt: _Hunt, archive: Archive, effort: Effort) -> Best:
    """What the second look says of the plans that a search leaves."""
    searching = hunt.trials
    question, space = searching.question, searching.space
    looking = replace(searching, numbers=np.arange(effort.search_draws, effort.draws), _reference=None)
    steps = steps_of(question, hunt.measured)
    places = archive.places[looked_at(archive, hunt.measured, question, steps)]
    measured = looking.measured(places, hunt.counted.part(len(places) * len(looking.numbers)))
    found = Best(question, space, searching.years, places, measured, _choice(question, measured),
                 ladder(space, places, measured, question, steps), least_money(measured, question), (), None,
                 len(archive), effort.search_draws, len(looking.numbers), searching.draws, effort.seed)
    order = order_of(searching, looking, places[found.plan], hunt.counted.part, effort.orders)
    if order is not None and order.found is not None and order.found.better:
        found = _with_list(found, order.found, steps)
    return replace(found, order=order, assumed=tuple(_assumed(found, looking, effort.assumptions, hunt.counted)))


def _choice(question: Question, measured: Measured) -> Choice:
    """The best plan at the money, or without money the cheapest that reaches the target."""
    if question.money is None:
        return cheapest(measured, 1.0 - question.risk, question.risk)
    return within_money(measured, question.money, question.risk)


def _with_list(best: Best, found: Found, steps: Sequence[float]) -> Best:
    """What was found, with the plan under a list of districts among the plans."""
    places, measured = np.concatenate([best.places, found.places[None]]), best.measured.with_more(found.measured)
    return replace(best, space=found.space, places=places, measured=measured, choice=_choice(best.question, measured),
                   steps=ladder(found.space, places, measured, best.question, steps),
                   least=least_money(measured, best.question))


def _check_money(question: Question, trials: Trials) -> None:
    """SettingError where not even the reference keeps within the money."""
    alone = trials.of_scenarios([trials.space.reference])
    needed = float(alone.needed(question.risk)[0])
    if question.money is not None and needed > question.money:
        hint = ("PBF's payments are in it; --money-is programme counts collaboratives alone, added what a plan adds"
                if question.which == ALL else "")
        raise SettingError("", [Fault(
            "money", f"US$ {question.money:,.0f} a year is less than the reference spends: it stays within "
            f"US$ {needed:,.0f} a year at a risk of {question.risk:g} ({MONEY_WORDS[question.which]}, "
            f"{PERSPECTIVE_WORDS[question.perspective]})",
            "more than that", hint)])


@dataclass(eq=False)
class _Hunt:
    """The search, with all that was measured of its plans."""

    trials: Trials
    counted: _Count
    watch: Watch
    _parts: list[Measured] = field(default_factory=list)

    @property
    def measured(self) -> Measured:
        """What all plans of the archive do, in its order."""
        whole = self._parts[0]
        for part in self._parts[1:]:
            whole = whole.with_more(part)
        self._parts = [whole]
        return whole

    def search(self, known: Sequence[Scenario], plans: int, seed: int) -> Archive:
        """Evolve plans from those that are known, smaller ones, nothing, everything, and a Latin hypercube."""
        space = self.trials.space
        nearest = np.array([space.nearest(one) for one in known], dtype=np.int64).reshape(-1, len(space.sizes))
        begun = np.concatenate([nearest, _smaller(space, nearest, seed)])
        first = first_plans(space.sizes, begun, seed)
        names = [one.name for one in space.levers]
        if SUPPORT in names:
            first[len(begun) + 2:, names.index(SUPPORT)] = 1
        ordered = np.array([one.ordered for one in space.levers])
        return evolve(space.sizes, self._evaluate, first, plans=plans, seed=seed, repaired=space.repaired,
                      ordered=ordered, watch=self._watched, favourites=self._favourites)

    def _evaluate(self, places: np.ndarray) -> Scores:
        part = self.trials.measured(places, self.counted.part(len(places) * len(self.trials.numbers)))
        self._parts.append(part)
        question = self.trials.question
        gain, needed = part.gain.mean(axis=1), part.needed(question.risk)
        third = part.reached.mean(axis=1) if question.reach is not None else -part.gap.mean(axis=(1, 2))
        most = np.inf if question.money is None else steps_of(question, part)[-1]
        return Scores(np.column_stack([gain, -needed, third]), np.maximum(needed - most, 0.0))

    def _favourites(self, archive: Archive) -> list[int]:
        """The best plan at the money three times, and at each step of the ladder."""
        question, measured = self.trials.question, self.measured
        gain, needed = archive.objectives[:, 0], -archive.objectives[:, 1]
        if question.money is None:
            chance = (measured.reached >= 0.0).mean(axis=1)
            found = [int(np.argmin(np.where(chance >= wanted, needed, np.inf)))
                     for wanted in (1.0 - question.risk, 1.0) if (chance >= wanted).any()]
            return found or [int(np.argmax(measured.reached.mean(axis=1)))]
        steps = (*(question.money,) * 3, *steps_of(question, measured))
        found = [int(np.argmax(np.where(needed <= step, gain, -np.inf))) for step in steps if (needed <= step).any()]
        return found or [int(np.argmin(needed))]

    def _watched(self, archive: Archive) -> None:
        at = self._favourites(archive)[0]
        self.watch(SoFar(len(archive), float(archive.objectives[at, 0]), float(-archive.objectives[at, 1]),
                         archive.places[at], self.trials.space, len(self.trials.numbers)))


def _smaller(space: Space, known: np.ndarray, seed: int) -> np.ndarray:
    """Known plans in other numbers of districts and under other ceilings of their own, (SMALLER, levers)."""
    if not len(known):
        return known
    chance = np.random.default_rng(seed)
    found = known[np.arange(SMALLER) % len(known)]
    for at, one in enumerate(space.levers):
        if one.name in (DISTRICTS, BUDGET):
            found[:, at] = chance.integers(len(one.values), size=SMALLER)
    return found


@dataclass(eq=False)
class _Count:
    """Runs done of all that are foreseen."""

    progress: Progress | None
    foreseen: int
    done: int = 0

    def part(self, runs: int) -> Progress | None:
        """The progress of some runs that come next."""
        before = self.done
        self.done += runs
        self.foreseen = max(self.foreseen, self.done)
        told = self.progress
        if told is None:
            return None
        return lambda done, _: told(before + done, self.foreseen)


def _assumed(found: Best, looking: Trials, assumptions: Sequence[Assumption], counted: _Count) -> list[Assumed]:
    """The plans of the second look under each assumption that changes something."""
    reference = found.space.reference
    scenarios = [found.scenario(plan, f"plan-{plan}", "") for plan in range(len(found.places))]
    rows = []
    for one in assumptions:
        if not changes(one, [reference, *scenarios], found.draws, found.seed):
            continue
        (first, *others), drawn = under(one, [reference, *scenarios], found.draws, found.seed)
        trials = replace(looking, space=replace(found.space, reference=first), draws=drawn,
                         numbers=looking.numbers[:ASSUMED_DRAWS], _reference=None)
        measured = trials.of_scenarios(others, counted.part(len(others) * len(trials.numbers)))
        gain = measured.gain
        among = np.where(found.choice.allowed if found.choice.allowed.any() else True, gain.mean(axis=1), -np.inf)
        best = int(np.argmax(among))
        rows.append(Assumed(one.key, one.title, interval_of(gain[found.plan], kind=DRAWS).at(), best,
                            float(gain[best].mean() - gain[found.plan].mean())))
    return rows
