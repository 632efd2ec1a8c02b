"""Branches: scenarios that agree up to a month are simulated once up to it, then go on from copies of the state.

Two runs of one world, structure, parameter set and luck are the same as long as their levers are the same. The months
that a set of scenarios has in common make a tree; a walk through it lives each month of each branch once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.fork import Rule
from qicsim.model.columns import Setting
from qicsim.model.levers import ORDER_LISTED
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.recording import RUNNING
from qicsim.model.simulate import (
    Reading,
    Recording,
    State,
    allocate_reading,
    allocate_state,
    check_month,
    ready,
    simulate,
)

MOST_WITH_LUCK_KEPT = 10_000
"""Facilities up to which a thread keeps the luck of all months for the next scenario: some 50 MB for 18 years."""

_COMPILING = threading.Lock()
_LOG = logging.getLogger(__name__)

Finish = Callable[[tuple[int, ...], Reading], None]


class Side(NamedTuple):
    """A run that goes on from the month of a rule only where that is reached, or only where it is not."""

    rule: Rule
    start: int
    reached: bool

    @property
    def month(self) -> int:
        """The month of the run from which on it is decided."""
        return self.rule.month - self.start


class Branch(NamedTuple):
    """Months `first` to before `last` that some scenarios (by number) share, and the branches that follow."""

    first: int
    last: int
    scenarios: tuple[int, ...]
    following: tuple[Branch, ...]


def branches_of(levers: Sequence[np.ndarray], settings: Sequence[Setting] = (), sides: Sequence[Side | None] = ()
                ) -> Branch:
    """The tree of lever tables of equal length; a leaf with several scenarios holds those that never differ.

    Args:
        levers: the tables of scenarios.
        settings: theirs where they list districts in orders of their own, which tell them apart in months whose levers
            go by the list.
        sides: of an adaptive plan each side is a scenario here; from its month on it has branches of its own.
    """
    rows = np.stack([np.ascontiguousarray(table).view(np.uint8).reshape(len(table), -1) for table in levers])
    if settings:
        _, order = np.unique([setting.district["turn"] for setting in settings], axis=0, return_inverse=True)
        listed = np.stack([table["order"] == ORDER_LISTED for table in levers]) * (1 + order.reshape(-1, 1))
        rows = np.concatenate([rows, listed.astype(np.int64)[..., None].view(np.uint8)], axis=2)
    if any(sides):
        marks = np.zeros((*rows.shape[:2], 1), dtype=np.uint8)
        for number, side in enumerate(sides):
            if side is not None:
                marks[number, side.month:] = 1 + side.reached
        rows = np.concatenate([rows, marks], axis=2)
    return _branch(rows, 0, np.arange(len(levers)))


def _branch(rows: np.ndarray, first: int, scenarios: np.ndarray) -> Branch:
    own = rows[scenarios]
    differs = (own[:, first:] != own[:1, first:]).any(axis=(0, 2))
    numbers = tuple(scenarios.tolist())
    if not differs.any():
        return Branch(first, rows.shape[1], numbers, ())
    last = first + int(differs.argmax())
    _, part = np.unique(own[:, last], axis=0, return_inverse=True)
    part = part.ravel()
    parts = sorted((scenarios[part == number] for number in range(part.max() + 1)), key=lambda some: some[0])
    return Branch(first, last, numbers, tuple(_branch(rows, last, some) for some in parts))


def sides_of(scenario: Scenario) -> tuple[Side | None, ...]:
    """The sides of a scenario, in the order of its tables of levers; None alone where it is not adaptive."""
    rule = scenario.rule
    return (None,) if rule is None else tuple(Side(rule, scenario.start, reached) for reached in (True, False))


def months_of(branch: Branch) -> int:
    """Months that are simulated for all scenarios of a tree."""
    return branch.last - branch.first + sum(map(months_of, branch.following))


@dataclass(eq=False)
class Buffers:
    """A state and a reading that one thread fills again and again, and copies of them at the points of branching."""

    setting: Any
    recording: Recording
    state: State
    luck: Luck
    reading: Reading
    copies: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    compiled: bool = False

    @staticmethod
    def of(setting: Any, recording: Recording, asked: Sequence[str], *, quarters: int | None = None) -> Buffers:
        """Buffers for runs of a setting; the rest is that of `allocate_reading`."""
        kept = setting.facility.size <= MOST_WITH_LUCK_KEPT
        return Buffers(setting, recording, allocate_state(setting), allocate_luck(setting, kept=kept),
                       allocate_reading(setting, recording, asked, quarters=quarters))

    def run(self, levers: np.ndarray, fixed: tuple[Any, np.void, Any], side: Side | None = None,
            missed: np.ndarray | None = None) -> Reading:
        """The reading of one run, whole, until the next one; `fixed` are structure, parameters and key of the noise.

        Of an adaptive plan `levers` are those of one side, and `missed` those under which a run goes on that is not on
        that side.
        """
        if side is None or missed is None:
            self.live(levers, fixed, 0, len(levers))
            return self.reading
        self.live(levers, fixed, 0, side.month)
        taken = side.rule.reached(side.start, levers, self.setting, self.state) == side.reached
        self.live(levers if taken else missed, fixed, side.month, len(levers))
        return self.reading

    def arguments(self, levers: np.ndarray, fixed: tuple[Any, np.void, Any], first: int, last: int,
                  setting: Setting | None = None) -> tuple[Any, ...]:
        """What `simulate` is called with for the months `first` to before `last` of a run."""
        return (self.setting if setting is None else setting, levers, *fixed, self.state, self.luck, self.recording,
                self.reading, first, last)

    def live(self, levers: np.ndarray, fixed: tuple[Any, np.void, Any], first: int, last: int,
             setting: Setting | None = None) -> None:
        """Live some months; the first time that this is done compiled code is there, or it is made and said.

        `setting` is the buffers' own, or that with districts in another order.
        """
        arguments = self.arguments(levers, fixed, first, last, setting)
        if not self.compiled:
            with _COMPILING:
                ready(arguments, _LOG.warning)
            self.compiled = True
        simulate(*arguments)
        check_month(last - 1, self.setting, self.state)

    def run_all(self, branch: Branch, levers: Sequence[np.ndarray], fixed: tuple[Any, np.void, Any], finish: Finish,
                *, settings: Sequence[Setting] = (), sides: Sequence[Side | None] = (), depth: int = 0,
                gone: frozenset[int] = frozenset()) -> None:
        """Run a tree of branches; `finish` is called with the scenarios of each leaf and their reading (copy it).

        `fixed` is what all scenarios share, as of `run`; `settings` and `sides` as of `branches_of`. The side that a
        run does not take is not lived; `gone` are the numbers of those.
        """
        scenario = branch.scenarios[0]
        self.live(levers[scenario], fixed, branch.first, branch.last, settings[scenario] if settings else None)
        if not branch.following:
            finish(tuple(number for number in branch.scenarios if number not in gone), self.reading)
            return
        gone |= {number for number in branch.scenarios if sides and (side := sides[number]) is not None
                 and side.month == branch.last
                 and side.rule.reached(side.start, levers[number], self.setting, self.state) != side.reached}
        going = [following for following in branch.following if not gone.issuperset(following.scenarios)]
        self._keep(depth)
        for number, following in enumerate(going):
            if number:
                self.bring_back(self.copies[depth])
            self.run_all(following, levers, fixed, finish, settings=settings, sides=sides, depth=depth + 1, gone=gone)

    def _changing(self) -> tuple[np.ndarray, ...]:
        """All that a month reads of the months before it."""
        return (*self.state, *(getattr(self.reading, name) for name in RUNNING))

    def copied(self) -> tuple[np.ndarray, ...]:
        """A copy of the state as it is, for `bring_back`."""
        return tuple(part.copy() for part in self._changing())

    def bring_back(self, copies: Sequence[np.ndarray]) -> None:
        """Put a copied state back; months of other branches that were read stay as they were read."""
        for copy, part in zip(copies, self._changing(), strict=True):
            np.copyto(part, copy)

    def _keep(self, depth: int) -> None:
        if depth == len(self.copies):
            self.copies.append(self.copied())
            return
        for copy, part in zip(self.copies[depth], self._changing(), strict=True):
            np.copyto(copy, part)
