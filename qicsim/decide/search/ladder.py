"""The ladder of money: what each step buys, where more buys nothing, what binds; and the least money for a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.decide.search.evolve import ranks_of
from qicsim.decide.search.levers import DISTRICTS, PACE, SUPPORT, Space
from qicsim.decide.search.measured import Measured
from qicsim.decide.search.question import STEPS, Question
from qicsim.decide.search.second_look import CHANCES, alike, best_of, cheapest, within_money
from qicsim.ground.intervals import DRAWS, Interval, interval_of
from qicsim.ground.translatable import Told, tell

BUSY = 0.9
"""Share of coaches' time that is taken, from which on they bind."""
SPENT = 0.9
"""Share of the money that is spent in the dearest year of half of the draws, from which on it binds."""
THINNED = 0.99
"""Share of the month's plan that the programme's own budget leaves, below which it binds."""
BINDS = {"money": tell("money"), "coaches": tell("coaches"), "launches": tell("launches"), "": tell("none of these")}


@dataclass(frozen=True)
class Step:
    """A step of the ladder: the best plan that so much money a year allows.

    plan     its number; None where no plan keeps within the money
    gain     interval between draws of its mean gain over the years
    more     the gain over the step before, paired; None at the first step that has a plan
    nothing  whether that cannot be told from no gain
    needed   US$ a year that it keeps within at the stated risk
    breaks   share of draws in which it spends more than the step in some year
    reached  share of draws in which it meets the target; NaN without one
    binds    what binds, keys of BINDS
    """

    money: float
    plan: int | None
    gain: Interval[float] | None = None
    more: Interval[float] | None = None
    nothing: bool = False
    needed: float = float("nan")
    breaks: float = float("nan")
    reached: float = float("nan")
    binds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Least:
    """The least money for a target at a chance; None where no plan that was looked at has it."""

    chance: float
    plan: int | None
    money: float = float("nan")


def steps_of(question: Question, measured: Measured) -> tuple[float, ...]:
    """The steps of money, US$ a year: shares of what was asked about, or of what the dearest plans need."""
    if question.money is not None:
        return tuple(float(share * question.money) for share in STEPS)
    needed = measured.needed(question.risk)
    top = float(np.quantile(needed[needed > 0.0], 0.9)) if (needed > 0.0).any() else 1.0
    return tuple(_round(top * share) for share in (0.1, 0.2, 0.35, 0.5, 0.75, 1.0))


def _round(money: float) -> float:
    """Two digits that count."""
    return float(f"{money:.1e}")


def ladder(space: Space, places: np.ndarray, measured: Measured, question: Question, steps: Sequence[float]
           ) -> tuple[Step, ...]:
    """The steps, from the least money on."""
    found: list[Step] = []
    before: int | None = None
    for money in steps:
        choice = within_money(measured, money, question.risk)
        if choice.best is None:
            found.append(Step(money, None))
            continue
        best, gain = choice.best, measured.gain
        more = None if before is None else interval_of(gain[best] - gain[before], kind=DRAWS).at()
        nothing = before is not None and bool(alike(gain[[best, before]], 0)[1])
        reached = float("nan") if question.reach is None else float((measured.reached[best] >= 0.0).mean())
        found.append(Step(money, best, interval_of(gain[best], kind=DRAWS).at(), more, nothing,
                          float(measured.needed(question.risk)[best]),
                          float((measured.dearest[best] > money).mean()), reached,
                          binding(space, places[best], measured.some([best]), money)))
        before = best
    return tuple(found)


def enough(steps: Sequence[Step]) -> float | None:
    """The step from which on more money buys nothing that can be told from chance; None if the last one still does."""
    planned = [step for step in steps if step.plan is not None]
    flat = [at for at in range(1, len(planned)) if all(step.nothing for step in planned[at:])]
    return planned[flat[0] - 1].money if flat else None


def binding(space: Space, places: np.ndarray, measured: Measured, money: float) -> tuple[str, ...]:
    """What binds a plan: what there is too little of for it to do or gain more."""
    values = space.values(places)
    if not values.get(SUPPORT, True):
        return ()
    last = min(int(values.get(PACE, 1)), measured.districts.shape[2]) - 1
    wanted = float(values.get(DISTRICTS, 0.0))
    short = float(np.median(measured.dearest)) >= SPENT * money or float(measured.affordable.mean()) < THINNED
    found = {"money": short,
             "coaches": float(measured.coach_load.mean()) >= BUSY,
             "launches": float(measured.districts[0, :, last].mean()) < wanted - 1.0}
    return tuple(name for name, binds in found.items() if binds)


def least_money(measured: Measured, question: Question) -> tuple[Least, ...]:
    """The least money for the target at some chances, with the plan that needs it."""
    if question.reach is None:
        return ()
    needed = measured.needed(question.risk)
    found = []
    for chance in sorted({*CHANCES, round(1.0 - question.risk, 6)}):
        best = cheapest(measured, chance, question.risk).best
        found.append(Least(chance, best, float("nan") if best is None else float(needed[best])))
    return tuple(found)


def likeliest(measured: Measured) -> int:
    """The plan that meets the target in most draws."""
    return best_of((measured.reached >= 0.0).astype(float), np.ones(len(measured), dtype=bool)).best or 0


def front(measured: Measured, risk: float) -> np.ndarray:
    """Which plans no other one betters in gain, money and how near facilities are to each other, all at once."""
    return np.asarray(ranks_of(np.column_stack([measured.gain.mean(axis=1), -measured.needed(risk),
                                                -measured.gap.mean(axis=(1, 2))])) == 0)


def what_binds(names: Sequence[str]) -> Told | str:
    """What binds, in words."""
    said = [BINDS[name] for name in names] or [BINDS[""]]
    return said[0] if len(said) == 1 else tell("{first} and {second}", first=said[0], second=what_binds(names[1:]))
