"""The levers that are searched, as a grid; a plan is one row of places in it, and a scenario file.

A plan extends the reference: what it decides begins in January of its first year, and what happened before stays. Plans
are rows of places (levers,), int64: place 2 of a lever is the third of its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.decide.checks import is_number
from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.errors import Faults, SettingError, nearest
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario, shipped
from qicsim.inputs.scenario.levers import read_changes
from qicsim.inputs.scenario.timeline import LEVERS, paint
from qicsim.inputs.scenario.wave import changes_numbered
from qicsim.model.levers import NO_CEILING, ORDERS, RULES_OF_ORDER, Levers

SUPPORT, PACE, BUDGET, DISTRICTS, ORDER = "support", "pace", "budget", "districts", "order"
LISTED = ORDERS[-1]
NEVER, FIRST_YEAR, ALWAYS = "never", "first-year", "always"
DISTRICT_STEPS = 8
BUDGET_SHARES = (0.25, 0.5, 0.75, 0.85, 0.95, 1.0, 1.5, 2.0, 3.0)
DONOR_SHARE = 0.5
PBF_LEVERS = ("pbf_size",)
"""Levers that only money which holds PBF can pay for."""


@dataclass(frozen=True)
class Free:
    """A lever that is searched: its name, and the values that are tried, in order where there is one.

    A value of the order of districts is a rule, or a list of them.
    """

    name: str
    values: tuple[Any, ...]
    ordered: bool = True


VALUES = (
    Free(SUPPORT, (False, True)),
    Free(PACE, (1, 2, 3, 4, 6, 8)),
    Free("coaches", (1, 1.5, 2, 2.5, 3, 4)),
    Free("coach_training", (6, 12, 18, 24)),
    Free("visits", (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2)),
    Free("maintenance", (0, 0.125, 0.25, 0.5)),
    Free("mentoring", (0, 0.5, 1)),
    Free("sessions", (0, 1, 2, 3)),
    Free("virtual", (0, 0.2, 0.4, 0.6, 0.8)),
    Free("exchanges", (0, 1.3, 4, 13)),
    Free("programme_months", (12, 18, 24, 36, 48, 600)),
    Free("cycle_months", (6, 9, 12, 18, 24)),
    Free("topics", ("team", "scored"), ordered=False),
    Free("reenrol", (NEVER, FIRST_YEAR, ALWAYS)),
    Free(ORDER, RULES_OF_ORDER, ordered=False),
    Free("pbf_size", (0.5, 0.75, 1, 1.25, 1.5, 2)),
)
"""What is tried of each lever, from less than the shipped plans have to more; `districts` and `budget` follow from the
country and from the money."""
SEARCHED = (DISTRICTS, BUDGET, *(one.name for one in VALUES))
FIXED_ALWAYS = {"recruiting": True, "donor_share": DONOR_SHARE}


@dataclass(frozen=True, eq=False)
class Space:
    """The grid of one search.

    reference  what plans extend
    year       the year in whose January plans begin
    levers     those that are searched
    fixed      levers at one value, as scenario files write them
    """

    reference: Scenario
    year: int
    levers: tuple[Free, ...]
    fixed: Mapping[str, Any]

    @property
    def sizes(self) -> np.ndarray:
        """How many values each lever has, int64 (levers,)."""
        return np.array([len(one.values) for one in self.levers])

    @property
    def start(self) -> int:
        """The absolute month in which plans begin."""
        return self.year * MONTHS_PER_YEAR

    def values(self, places: np.ndarray) -> dict[str, Any]:
        """What a plan says of every lever that is searched or fixed."""
        return dict(self.fixed) | {one.name: one.values[place]
                                   for one, place in zip(self.levers, places.tolist(), strict=True)}

    def repaired(self, places: np.ndarray) -> np.ndarray:
        """Plans (n, levers) without what changes nothing: support that is off, topics that outlast a team's stay."""
        found = places.copy()
        names = [one.name for one in self.levers]
        if SUPPORT in names:
            off = found[:, names.index(SUPPORT)] == 0
            programme = [at for at, name in enumerate(names) if name not in PBF_LEVERS]
            found[np.ix_(off, programme)] = 0
        if {"cycle_months", "programme_months"} <= set(names):
            stays, cycles = names.index("programme_months"), names.index("cycle_months")
            most = np.array([max([at for at, cycle in enumerate(self.levers[cycles].values) if cycle <= months],
                                 default=0) for months in self.levers[stays].values])
            found[:, cycles] = np.minimum(found[:, cycles], most[found[:, stays]])
        return found

    def nearest(self, scenario: Scenario) -> np.ndarray:
        """The plan of the grid that is nearest to a scenario's levers at the start, and to where districts end."""
        said = {name: scenario.written(name, np.asarray(getattr(scenario.levers, name))[self._at(scenario)])
                for name in LEVERS}
        grown = np.asarray(scenario.levers.districts)
        last = int(np.argmax(grown >= grown.max()))
        said |= {SUPPORT: bool(said[SUPPORT]), DISTRICTS: float(grown.max()),
                 PACE: max(-(-(last - self._at(scenario) + 1) // MONTHS_PER_YEAR), 1),
                 "reenrol": _reenrolled(np.asarray(scenario.levers.reenrol)[self._at(scenario):])}
        return np.array([_place(one, said[one.name]) for one in self.levers])

    def _at(self, scenario: Scenario) -> int:
        return self.start - scenario.start

    def with_orders(self, orders: Iterable[Sequence[str]]) -> Space:
        """The grid with lists of districts as further values of the order."""
        lists = tuple(map(tuple, orders))
        return replace(self, levers=tuple(replace(one, values=(*one.values, *lists)) if one.name == ORDER else one
                                          for one in self.levers))

    def listed(self, places: np.ndarray) -> tuple[str, ...]:
        """The list of districts that a plan goes by; empty where it goes by a rule, or as the reference does."""
        values = self.values(places)
        order = values.get(ORDER, "")
        return order if isinstance(order, tuple) and values.get(SUPPORT, True) else ()

    def scenario(self, places: np.ndarray, name: str, title: str = "") -> Scenario:
        """The scenario of a plan: the reference with the plan's levers from its first month on."""
        levers = Levers(*(np.array(column) for column in self.reference.levers))  # type: ignore[arg-type]
        faults = Faults()
        blocks = self.blocks(places)
        changes = changes_numbered(faults, read_changes(faults, blocks, start=self.reference.start,
                                                        end=self.reference.end), self.reference.data)
        if faults:
            raise SettingError("", faults)
        for one in sorted(changes, key=lambda change: change.month):
            paint(getattr(levers, one.lever), self.reference.start, one)
        return replace(self.reference.with_levers(levers), name=name, title=title or name,
                       districts=self.listed(places) or self.reference.districts)

    def blocks(self, places: np.ndarray) -> list[dict[str, Any]]:
        """A plan as the `[[change]]` blocks of a scenario file; none where it changes nothing."""
        said = self.values(places)
        programme = said.pop(SUPPORT, True)
        pace, districts, reenrol = said.pop(PACE, 1), said.pop(DISTRICTS, None), said.pop("reenrol", None)
        if not programme:
            said = {name: value for name, value in said.items() if name in PBF_LEVERS}
            return [{"from": format_month(self.start), **said}] if said else []
        if said.get(BUDGET) == NO_CEILING:
            said.pop(BUDGET)
        if self.listed(places):
            said[ORDER] = LISTED
        again = {} if reenrol is None else {"reenrol": reenrol != NEVER}
        first = {"from": format_month(self.start), **FIXED_ALWAYS, SUPPORT: True,
                 "provinces": len(self.reference.provinces), **again, **said}
        found = [first]
        if districts is not None:
            last = self.start + MONTHS_PER_YEAR * pace - 4  # September of the last year
            found.append({"from": format_month(self.start), DISTRICTS: districts, "ramp_to": format_month(last)})
        if reenrol == FIRST_YEAR:
            found.append({"from": format_month(self.start + MONTHS_PER_YEAR), "reenrol": False})
        return found


def _place(one: Free, value: Any) -> int:
    """The place of the value that is nearest; the first of a choice that is not there."""
    if value in one.values:
        return one.values.index(value)
    if isinstance(value, str) or isinstance(one.values[0], str):
        return 0
    return int(np.argmin([abs(float(other) - float(value)) for other in one.values]))


def _reenrolled(months: np.ndarray) -> str:
    return NEVER if not months.any() else ALWAYS if months.all() else FIRST_YEAR


# ------------------------------------------------------------------------------------------------------------ making


def part_paid(payers: Sequence[str], fixed: Mapping[str, Any]) -> float:
    """Share of what collaboratives cost that some payers bear in every plan of a search, 0 to 1."""
    donors = fixed.get("donor_share", DONOR_SHARE)
    if not (is_number(donors) and 0.0 <= donors <= 1.0):
        return 1.0  # `space_of` refuses it
    return sum({"government": 1.0 - donors, "donor": float(donors)}[payer] for payer in payers)


def space_of(reference: Scenario, districts: int, *, year: int, money: float | None, counts_pbf: bool,
             free: Iterable[str] | None = None, fixed: Mapping[str, Any] | None = None) -> Space:
    """The grid of a search; SettingError, with every fault, for levers that are not known or cannot be searched.

    Args:
        reference: what plans extend.
        districts: operational districts of the country.
        year: the first year of plans.
        money: US$ a year that programmes may spend, None where nothing limits them.
        counts_pbf: whether that money holds PBF; if not, its size is left as it is.
        free: names of the levers that are searched; all but those that are fixed if None.
        fixed: levers at values as scenario files write them.
    """
    faults, fixed = Faults(), dict(fixed or {})
    table = {one.name: one for one in _all(reference, districts, year, money)}
    _check(faults, table, free, fixed, counts_pbf=counts_pbf)
    wanted = [name for name in (table if free is None else free) if name not in fixed]
    wanted = [name for name in wanted if counts_pbf or name not in PBF_LEVERS]
    levers = tuple(one for name, one in table.items() if name in wanted)
    if not levers and not faults:
        faults.add("fix", "every lever is fixed, so that nothing is left to search",
                   hint="`qicsim compare` runs a plan that is settled")
    if faults:
        raise SettingError("", faults)
    space = Space(reference, year, levers, fixed)
    space.scenario(space.sizes - 1, "fixed")  # what is fixed must be what scenario files allow
    return space


def _all(reference: Scenario, districts: int, year: int, money: float | None) -> list[Free]:
    """Every lever that can be searched, those that follow from the country and the money first."""
    at = year * MONTHS_PER_YEAR - reference.start
    now = int(np.clip(np.asarray(reference.levers.districts)[at], 1, districts))
    left = -(-(reference.end + 1) // MONTHS_PER_YEAR) - year  # years of the horizon from the first of plans on
    steps = tuple(float(count) for count in np.unique(np.round(np.linspace(now, districts, DISTRICT_STEPS))))
    pace = replace(VALUES[1], values=tuple(years for years in VALUES[1].values if years <= left))
    found = [VALUES[0], Free(DISTRICTS, steps), pace, *VALUES[2:]]
    if money is not None:
        shares = tuple(float(round(share * money)) for share in BUDGET_SHARES)
        found.append(Free(BUDGET, (*shares, NO_CEILING)))
    return found


def _check(faults: Faults, table: Mapping[str, Free], free: Iterable[str] | None, fixed: Mapping[str, Any], *,
           counts_pbf: bool) -> None:
    for name in () if free is None else free:
        if name not in table:
            faults.add("free", f'"{name}" is not a lever that is searched', ", ".join(table), nearest(name, table))
        elif name in PBF_LEVERS and not counts_pbf:
            faults.add("free", f'"{name}" cannot be searched: what PBF pays is no money of the programme',
                       hint="--money-is added or all holds it")
        if name in fixed:
            faults.add("free", f'"{name}" is fixed too', "one of the two")
    for name, value in fixed.items():
        if name in (PACE, "reenrol") and value not in table[name].values:
            faults.add("fix", f"{name} = {value}", ", ".join(map(str, table[name].values)))
        elif name not in table and name not in LEVERS:
            faults.add("fix", f'"{name}" is not a lever', hint=nearest(name, (*table, *LEVERS))
                       or "`qicsim describe levers` lists them all")


# ----------------------------------------------------------------------------------------------------------- writing


def toml_of(space: Space, places: np.ndarray, *, title: str, description: str, assumptions: Sequence[str] = ()) -> str:
    """A plan as a scenario file that extends the reference, which lies beside it unless it is shipped."""
    return extended_by(space.reference, space.blocks(places), title=title, description=description,
                       assumptions=assumptions, districts=space.listed(places))


def extended_by(reference: Scenario, blocks: Iterable[Mapping[str, Any]], *, title: str, description: str,
                assumptions: Sequence[str] = (), districts: Sequence[str] = ()) -> str:
    """A scenario file that extends a reference by `[[change]]` blocks, and by a list of districts where there is one.

    A reference that is not shipped lies beside the file.
    """
    extended = reference.name if reference.name in shipped() else reference.source.name
    lines = [f"title = {_written(title)}", f"description = {_written(description)}",
             f"assumptions = {_written(list(assumptions))}", f"extends = {_written(extended)}"]
    if districts:
        lines += ["", "[rollout]", f"districts = {_written(list(districts))}"]
    for block in blocks:
        lines += ["", "[[change]]", *(f"{name} = {_written(value)}" for name, value in block.items())]
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return f"{value:g}" if abs(value) < 1e6 else f"{int(value):_}"  # noqa: PLR2004 a million is written with separators


def said(space: Space, places: np.ndarray) -> tuple[Told, ...]:
    """What a plan decides, a sentence for each lever that is searched; one alone for a plan without a programme."""
    values = space.values(places)
    if not values.get(SUPPORT, True):
        return (tell("No collaboratives: everything stays as it is."),)
    return tuple(tell(SENTENCES[name], value=_shown(name, value), year=home().price_year)
                 for name, value in values.items()
                 if name in SENTENCES and not (name == BUDGET and value == NO_CEILING))


def _shown(name: str, value: Any) -> Any:
    if name == "programme_months" and value == 600:  # noqa: PLR2004 the file's way to say that nobody graduates
        return tell("no team graduates")
    if name == BUDGET:
        return f"{value:,.0f}"
    if isinstance(value, tuple):
        return tell("those of a list, from {first} on", first=value[0])
    return tell(WORDS[value]) if value in WORDS else value if isinstance(value, str) else f"{value:g}"


WORDS = {NEVER: "never", FIRST_YEAR: "in the first year", ALWAYS: "at any time", "team": "the team",
         "scored": "the programme, among scored areas", "plan": "the list of provinces",
         "lowest-score": "lowest recorded scores first", "highest-score": "highest recorded scores first",
         "largest-population": "largest populations first", LISTED: "a list of districts, found by search"}
SENTENCES = {
    DISTRICTS: "Districts launched in all: {value}.", PACE: "Years until the last of them may be launched: {value}.",
    "coaches": "Coaches for each launched district: {value}.",
    "coach_training": "Coaches that can be trained in a quarter: {value}.",
    "visits": "Coaching visits to a team and month: {value}.",
    "maintenance": "Visits to a graduated team and month: {value}.",
    "mentoring": "How far coaches are coached themselves, 0 to 1: {value}.",
    "sessions": "Learning sessions a quarter: {value}.",
    "virtual": "Share of visits and sessions held at a distance: {value}.",
    "exchanges": "Exchange visits a quarter, nationwide: {value}.",
    "programme_months": "Months until a team graduates: {value}.",
    "cycle_months": "Months that a team works on a topic: {value}.", "topics": "Topics are set by: {value}.",
    "reenrol": "Teams of the past may join again: {value}.", "order": "Which districts come first: {value}.",
    "pbf_size": "Performance payments relative to today's: {value}.",
    BUDGET: "The programme stops spending at US$ {value} a year (of {year})."}
