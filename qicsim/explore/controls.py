"""What can be moved on the page, and what a page asks: plans, assumptions, unit costs, a target.

A plan is a shipped one with levers of its own from its first month on; it may start later, and its support may end. All
that a plan may be is what a scenario file may say: it is read by the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from qicsim.decide.search.levers import VALUES
from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.errors import Faults, SettingError, nearest
from qicsim.inputs.country import home, plan_start
from qicsim.inputs.scenario import REFERENCE, Scenario, policy
from qicsim.inputs.scenario.consistency import check_sense
from qicsim.inputs.scenario.levers import read_changes
from qicsim.inputs.scenario.load import changes_since
from qicsim.inputs.scenario.timeline import LEVERS, Change, paint
from qicsim.inputs.scenario.values import is_flag
from qicsim.inputs.scenario.wave import changes_numbered
from qicsim.inputs.world.money import UnitCost
from qicsim.model.columns import (
    COACH_POSTS,
    COACH_VISITS,
    JOINING_TRAINING,
    OVERHEAD,
    PROGRAMME_STAFF,
    SESSIONS,
    TEAM_TIME,
)
from qicsim.model.levers import NO_CEILING, Levers
from qicsim.runs.assumptions import ASSUMPTIONS, GROUPS, KEYS

DISTRICTS, PACE, ENVELOPE = "districts", "pace", "pbf_envelope"
SLIDERS = (DISTRICTS, PACE, "coaches", "coach_training", "visits", "sessions", "maintenance", "programme_months",
           "virtual", "order", "pbf_size", "budget")
CEILINGS = (100e3, 200e3, 300e3, 500e3, 750e3, 1e6, 1.5e6, 2e6, 3e6, NO_CEILING)
ENVELOPES = (2e6, 4e6, 6e6, 8e6, 10e6, 12e6, 15e6)
DISTRICT_STEP = 10
PLANS = ("A", "B")
STOPPED = {"recruiting": False, "reenrol": False, "support": False, "exchanges": 0, "maintenance": 0, "donor_share": 0}
"""What ends with support, as in the shipped plan in which donors leave."""
EFFECTS, HALF, NOTHING = "effects", "half", "nothing"
SHARES = {HALF: 0.5, NOTHING: 0.0}
"""Effects of collaboratives that no evidence proposes, as a share of those that are simulated."""
LINES = {"coach_visit": (COACH_VISITS, ("coach_visit", "coach_visit_virtual")),
         "coach_post": (COACH_POSTS, ("coach_post",)), "team_time": (TEAM_TIME, ("team_time",)),
         "session_in_person": (SESSIONS, ("session_in_person", "session_virtual")),
         "joining_training": (JOINING_TRAINING, ("joining_training",)),
         "district_overhead": (OVERHEAD, ("district_overhead",)),
         "national_staff": (PROGRAMME_STAFF, ("provincial_staff", "national_staff"))}
"""Costs that can be moved: the line of spending, and the unit costs that make all of it and move together."""
FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
LEAST_FACTOR, MOST_FACTOR = 0.1, 10.0
LATER = 5
"""Years in which a plan may start, the first of them that in which anything can be moved."""


def later_starts() -> tuple[int, ...]:
    """The years in which a plan may start."""
    return tuple(range(plan_start(), plan_start() + LATER))


def later_ends() -> tuple[int, ...]:
    """The years at whose ends support may end."""
    return tuple(range(plan_start() + 1, plan_start() + LATER + 2))


def presets() -> tuple[str, ...]:
    """Plans that a choice may begin with: the reference, and the country's plans."""
    return (REFERENCE, *(name for name in policy() if name not in home().past))


@dataclass(frozen=True)
class Plan:
    """A plan of the page: a shipped one, levers of its own as files write them, its first year, the last of support."""

    preset: str
    levers: Mapping[str, Any]
    start: int = field(default_factory=plan_start)
    ends: int | None = None

    @property
    def changed(self) -> bool:
        """Whether it differs from the shipped one."""
        return bool(self.levers) or self.start != plan_start() or self.ends is not None


@dataclass(frozen=True)
class Target:
    """A share of facilities that are to be truly at 80 points at the end of a year."""

    share: float
    year: int


@dataclass(frozen=True)
class Ask:
    """What a page asks.

    plans        by "A" and "B"; B may be absent
    assumptions  keys that are made otherwise than as simulated, one of a group (`SHARES` are keys too)
    envelope     US$ a year that performance payments may take from the first year of plans on; None for no limit
    costs        factors on unit costs, by a key of LINES
    """

    plans: Mapping[str, Plan]
    assumptions: tuple[str, ...]
    envelope: float | None
    costs: Mapping[str, float]
    target: Target


@dataclass(frozen=True, eq=False)
class Country:
    """What plans extend: the reference, with the number of its districts and its unit costs."""

    reference: Scenario
    districts: int
    unit_costs: Mapping[str, UnitCost]

    @property
    def since(self) -> int:
        """The absolute month from which on anything can be moved."""
        return plan_start() * MONTHS_PER_YEAR

    @cached_property
    def presets(self) -> dict[str, tuple[Change, ...]]:
        """What each shipped plan changes."""
        return {name: () if name == REFERENCE else changes_since(name, self.since) for name in presets()}

    @cached_property
    def stops(self) -> dict[str, tuple[Any, ...]]:
        """The values of each slider, as files write them; a pace of 0 is all at once."""
        known = {one.name: one.values for one in VALUES}
        now = int(np.asarray(self.reference.levers.districts)[self.since - self.reference.start])
        steps = sorted({min(now, self.districts), *range(0, self.districts, DISTRICT_STEP), self.districts})
        own = {DISTRICTS: tuple(float(step) for step in steps), PACE: (0, *known[PACE]), "budget": CEILINGS}
        return {name: own.get(name) or known[name] for name in SLIDERS}

    def today(self, lever: str) -> Any:
        """A lever under the reference when plans begin, as files write it."""
        return self.reference.written(lever, np.asarray(getattr(self.reference.levers, lever))[
            self.since - self.reference.start])

    def preset_values(self, preset: str) -> dict[str, Any]:
        """Where a shipped plan has the sliders: at first, or in the end where a lever moves step by step."""
        changed = {one.lever: one for one in reversed(self.presets[preset])}
        values = {name: self.reference.written(name, np.asarray(changed[name].value)) if name in changed
                  else self.today(name) for name in SLIDERS if name != PACE}
        values[DISTRICTS] = min(values[DISTRICTS], float(self.districts))
        return values | {PACE: _years_of(changed.get(DISTRICTS))}

    # ------------------------------------------------------------------------------------------------------ plans

    def changes(self, plan: Plan, place: str = "") -> tuple[Change, ...]:
        """What a plan changes against the reference, in order of month; SettingError for levers that cannot be so."""
        faults = Faults()
        base = self.presets[plan.preset]
        own = self._own(faults, plan, place)
        kept = [one for one in base if one.lever not in {other.lever for other in own}]
        later = MONTHS_PER_YEAR * (plan.start - plan_start())
        moved = [replace(one, month=one.month + later, ramp_to=None if one.ramp_to is None else one.ramp_to + later)
                 for one in (*kept, *own)]
        if plan.ends is not None:
            end = MONTHS_PER_YEAR * (plan.ends + 1)
            moved = [one for one in moved if not (one.lever in STOPPED and one.month >= end)]
            moved += read_changes(faults, [{"from": format_month(end), **STOPPED}], start=None, end=None)
        faults.refuse()
        return tuple(sorted((one for one in moved if one.month <= self.reference.end), key=lambda one: one.month))

    def _own(self, faults: Faults, plan: Plan, place: str) -> list[Change]:
        said = dict(plan.levers)
        blocks: list[dict[str, Any]] = []
        if DISTRICTS in said or PACE in said:
            shipped = self.preset_values(plan.preset)
            pace, districts = (said.pop(name, shipped[name]) for name in (PACE, DISTRICTS))
            if pace not in self.stops[PACE]:
                faults.add(f"{place} pace", f"{pace} years", ", ".join(map(str, self.stops[PACE])))
            elif pace:  # September of the last year, as in the shipped plans
                last = self.since + MONTHS_PER_YEAR * pace - 4
                blocks.append({"from": self._first, DISTRICTS: districts, "ramp_to": format_month(last)})
            else:
                said[DISTRICTS] = districts
        if said:
            blocks.append({"from": self._first, **said})
        found = Faults()
        changes = changes_numbered(found, read_changes(found, blocks, start=None, end=None), self.reference.data)
        faults.extend(replace(one, place=f"{place} {one.place}".strip()) for one in found)
        return changes

    @property
    def _first(self) -> str:
        return format_month(self.since)

    def scenario(self, plan: Plan, name: str, title: str) -> Scenario:
        """The scenario of a plan; SettingError for what a scenario file may not say."""
        levers = Levers(*(np.array(column) for column in self.reference.levers))  # type: ignore[arg-type]
        for one in self.changes(plan, title):
            paint(getattr(levers, one.lever), self.reference.start, one)
        faults = Faults()
        check_sense(faults, levers, self.reference.districts)
        faults.refuse()
        return replace(self.reference.with_levers(levers), name=name, title=title)

    def blocks(self, plan: Plan) -> list[dict[str, Any]]:
        """A plan as the `[[change]]` blocks of a scenario file that extends the reference."""
        found: dict[tuple[int, int | None], dict[str, Any]] = {}
        for one in self.changes(plan):
            key = (one.month, one.ramp_to)
            block = found.setdefault(key, {"from": format_month(one.month), **(
                {} if one.ramp_to is None else {"ramp_to": format_month(one.ramp_to)})})
            value = self.reference.written(one.lever, np.asarray(one.value))
            block[one.lever] = bool(value) if is_flag(LEVERS[one.lever]) else value
        return list(found.values())


def _years_of(districts: Change | None) -> int:
    """How many years a shipped plan takes to launch its districts; 0 for at once."""
    if districts is None or districts.ramp_to is None:
        return 0
    return -(-(districts.ramp_to - districts.month + 1) // MONTHS_PER_YEAR)


# ------------------------------------------------------------------------------------------------------------ asking


def ask_of(document: Any, country: Country) -> Ask:
    """What a page asks, from its JSON; SettingError with every fault."""
    faults = Faults()
    told = document if isinstance(document, dict) else {}
    plans = {key: _plan(faults, key, one, country) for key, one in _table(faults, "plans", told.get("plans")).items()
             if one is not None and _known(faults, "plans", key, PLANS)}
    if "A" not in plans:
        faults.add("plans", "plan A is missing")
    assumptions = _assumptions(faults, _table(faults, "assumptions", told.get("assumptions")))
    envelope = told.get("envelope")
    if envelope is not None:
        envelope = _number(faults, "envelope", envelope, 0.0, NO_CEILING)
    factors = _table(faults, "costs", told.get("costs"))
    costs = {key: _number(faults, f"costs {key}", value, LEAST_FACTOR, MOST_FACTOR)
             for key, value in factors.items() if _known(faults, "costs", key, LINES)}
    target = _table(faults, "target", told.get("target"))
    last = country.reference.end // MONTHS_PER_YEAR
    wanted = Target(_number(faults, "target share", target.get("share", 0.3), 0.0, 1.0),
                    int(_number(faults, "target year", target.get("year", last), plan_start(), last)))
    faults.refuse()
    for key, plan in plans.items():
        country.changes(plan, key)
    return Ask(plans, assumptions, envelope, {key: value for key, value in costs.items() if value != 1.0}, wanted)


def _plan(faults: Faults, key: str, told: Any, country: Country) -> Plan:
    said = _table(faults, f"plan {key}", told)
    preset = str(said.get("preset", REFERENCE))
    if not _known(faults, f"plan {key}", preset, presets()):
        preset = REFERENCE
    levers = {name: value for name, value in _table(faults, f"plan {key} levers", said.get("levers")).items()
              if _known(faults, f"plan {key} levers", name, SLIDERS)}
    shipped = country.preset_values(preset)
    start, ends = said.get("start", plan_start()), said.get("ends")
    start = int(_number(faults, f"plan {key} start", start, plan_start(), later_starts()[-1]))
    ends = None if ends is None else int(_number(faults, f"plan {key} ends", ends, start, later_ends()[-1]))
    return Plan(preset, {name: value for name, value in levers.items() if value != shipped[name]}, start, ends)


def _assumptions(faults: Faults, told: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for group, key in told.items():
        if not _known(faults, "assumptions", group, GROUPS) or key in (None, ""):
            continue
        choices = choices_of(group)
        if key in choices:
            found.append(str(key))
        else:
            faults.add(f"assumptions {group}", f'"{key}"', ", ".join(choices))
    return tuple(sorted(found, key=(*SHARES, *KEYS).index))


def choices_of(group: str) -> tuple[str, ...]:
    """What can be assumed in a group instead of what is simulated."""
    own = tuple(one.key for one in ASSUMPTIONS if one.group == group)
    return (*own, *SHARES) if group == EFFECTS else own


def _table(faults: Faults, place: str, told: Any) -> dict[str, Any]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        faults.add(place, "is no table")
        return {}
    return told


def _known(faults: Faults, place: str, name: Any, allowed: Sequence[str] | Mapping[str, Any]) -> bool:
    if name not in allowed:
        faults.add(place, f'"{name}" is not known here', ", ".join(allowed), nearest(str(name), allowed))
        return False
    return True


def _number(faults: Faults, place: str, value: Any, low: float, high: float) -> float:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not fine:
        faults.add(place, f"{value!r}"[:60], f"{low:g} to {high:g}")
    return float(value) if fine else low


def refuse_country(reference: Scenario) -> None:
    """SettingError where the horizon of a reference does not hold the years in which something can be moved."""
    first, last = reference.start, reference.end
    if not first < plan_start() * MONTHS_PER_YEAR <= MONTHS_PER_YEAR * (later_starts()[-1] + 1) <= last + 1:
        faults = Faults()
        faults.add("horizon", f"{format_month(first)} to {format_month(last)} does not hold {plan_start()} to "
                   f"{later_starts()[-1]}")
        raise SettingError("", faults)
