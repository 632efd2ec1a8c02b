"""An adaptive plan: from a month on, each run goes on under one of two tables of levers, by a sign of its own.

`[fork]` in a file says in which month, by which sign (`qicsim.model.signs`) of whom, and how much of it is enough;
`[[fork.reached]]` and `[[fork.missed]]` are changes like `[[change]]`, of which each run has those of one side. A run
without facilities that the sign could be read from has missed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario.levers import read_changes
from qicsim.inputs.scenario.timeline import Change
from qicsim.inputs.scenario.values import month, number, one_of, show
from qicsim.model.levers import Levers
from qicsim.model.signs import HIGHEST, OF, OF_WHOM, SIGNS, sign

if TYPE_CHECKING:
    from qicsim.model.columns import Setting
    from qicsim.model.state import State

FORK = "fork"
SIDES = REACHED, MISSED = "reached", "missed"
KEYS = ("month", "indicator", "of", "at_least", *SIDES)


@dataclass(frozen=True)
class Rule:
    """When a plan is decided and by what: the month (absolute number), the sign, of whom, and how much of it."""

    month: int
    indicator: str
    of: str
    at_least: float

    def reached(self, start: int, levers: np.ndarray, setting: Setting, state: State) -> bool:
        """Whether a run that began in the month `start` has as much of the sign when the month of the rule begins."""
        before = self.month - start - 1
        threshold = float(levers[before]["threshold"])
        return sign(self.indicator, self.of, before, threshold, setting, state) >= self.at_least

    def facts(self) -> dict[str, Any]:
        """The rule as files write it."""
        return {"month": format_month(self.month), "indicator": self.indicator, "of": self.of,
                "at_least": self.at_least}


@dataclass(frozen=True)
class ForkText:
    """What one file says of a fork: the rule, and the changes of each side."""

    rule: Rule
    reached: tuple[Change, ...]
    missed: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class Fork:
    """The fork of a resolved scenario, whose own levers are those of the side `reached`; `missed` are the others."""

    rule: Rule
    missed: Levers


def read_fork(faults: Faults, document: Mapping[str, Any], given: Iterable[Change], *, start: int | None,
              end: int | None) -> ForkText | None:
    """The fork of a file; None without one, or with faults noted. `given` are the file's own changes of levers."""
    if FORK not in document:
        return None
    table = document[FORK]
    if not isinstance(table, dict):
        faults.add(FORK, f"{show(table)} stands where a section should",
                   hint=f"Write a line [{FORK}] and its keys below")
        return None
    for key in table:
        if key not in KEYS:
            faults.add(f"[{FORK}]", f"{show(key)} is not known here", ", ".join(KEYS), faults.nearest(key, KEYS))
    rule = _rule(faults, table)
    if rule is None:
        return None
    reached, missed = (_side(faults, side, table.get(side, []), given, rule=rule, start=start, end=end)
                       for side in SIDES)
    if not (reached or missed or faults):
        faults.add(f"[{FORK}]", "changes no lever", hint=f"Write [[{FORK}.{REACHED}]] or [[{FORK}.{MISSED}]]")
    return ForkText(rule, reached, missed)


def _rule(faults: Faults, table: Mapping[str, Any]) -> Rule | None:
    missing = [key for key in ("month", "indicator", "at_least") if key not in table]
    for key in missing:
        faults.add(f"[{FORK}]", f'"{key}" is missing')
    if missing:
        return None
    when = month(faults, f"[{FORK}] month", table["month"])
    indicator = one_of(faults, f"[{FORK}] indicator", table["indicator"], SIGNS)
    of = one_of(faults, f"[{FORK}] of", table.get("of", "all"), OF)
    least = number(faults, f"[{FORK}] at_least", table["at_least"], "a number")
    if when is not None and when % MONTHS_PER_QUARTER:
        faults.add(f"[{FORK}] month", f'"{format_month(when)}" is not the first month of a quarter',
                   hint=f'Its quarter begins in "{format_month(when - when % MONTHS_PER_QUARTER)}"')
        return None
    if when is None or indicator is None or of is None or least is None:
        return None
    if not 0.0 <= least <= HIGHEST[indicator]:
        faults.add(f"[{FORK}] at_least", f"{show(table['at_least'])} is out of range",
                   f"0 to {HIGHEST[indicator]:g} ({SIGNS[indicator]})",
                   f"{least:g} % is written {least / 100:g}" if HIGHEST[indicator] == 1.0 < least <= 100.0 else "")  # noqa: PLR2004
    if of != "all" and indicator not in OF_WHOM:
        faults.add(f"[{FORK}] of", f'{indicator} of "{of}"', f'"all", or {" or ".join(OF_WHOM)} of these')
    return Rule(when, indicator, of, float(least))


def _side(faults: Faults, side: str, blocks: Any, given: Iterable[Change], *, rule: Rule, start: int | None,
          end: int | None) -> tuple[Change, ...]:
    found = Faults()
    changes = read_changes(found, blocks, start=start, end=end, given=given)
    for one in changes:
        if one.month < rule.month:
            found.add(f"[[change]] {one.lever}", f'"{format_month(one.month)}" is before it is decided',
                      f'from "{format_month(rule.month)}" on')
    faults.extend(replace(one, place=one.place.replace("[[change]]", f"[[{FORK}.{side}]]", 1)) for one in found)
    return tuple(changes)
