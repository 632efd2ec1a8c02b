"""Combinations of levers that are each allowed and together make no sense.

What can recruit nobody is refused. Everything else runs, and is warned of by a table of rules: a sentence, and the
months in which the levers break it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Faults
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.scenario.wave import Area, areas_in_force
from qicsim.model.levers import ORDER_HIGHEST, ORDER_LISTED, ORDER_LOWEST, SCHEDULES, TOPICS_SCORED, TOPICS_WAVE, Levers

SENSELESS = "“{scenario}”, {first} to {last}: {what}"
UNUSED_LIST = "districts are listed, and order is never “listed”, so that the list does nothing."
IDLE = "{levers} is changed while {without}, then and later, so that it does nothing."


@dataclass(frozen=True)
class Rule:
    """What is said of months (months,) in which levers make no sense together; `lasting`: if they never do again."""

    sentence: str
    broken: Callable[[Any], np.ndarray]
    lasting: bool = False


def _joining(levers: Any) -> np.ndarray:
    return np.asarray(levers.recruiting == 1) | (levers.reenrol == 1)


def _no_costs(levers: Any) -> np.ndarray:
    """Months in which nothing is done that donors could share in."""
    lines = (levers.tablets, levers.accreditation, levers.cpd, levers.preservice, levers.institutionalised)
    return np.asarray((levers.support == 0) & ~_joining(levers) & (np.max(lines, axis=0) == 0))


RULES = (
    Rule("teams may join while nobody funds support: they are trained, get no coaching and no sessions, and stop work "
         "in the next month.", lambda levers: _joining(levers) & (levers.support == 0)),
    Rule("support is funded without coaches or without visits: no team is coached.",
         lambda levers: (levers.support == 1) & ((levers.coaches == 0) | (levers.visits == 0))),
    Rule("graduated teams are to be visited while nobody funds support: no visit is made.",
         lambda levers: (levers.maintenance > 0) & (levers.support == 0)),
    Rule("graduated teams are to be visited more often than those that work on improvement.",
         lambda levers: (levers.maintenance > levers.visits) & (levers.support == 1)),
    Rule("exchange visits are planned while nobody funds support: none takes place.",
         lambda levers: (levers.exchanges > 0) & (levers.support == 0)),
    Rule("coaches are to be coached themselves while there is no support, or no coach.",
         lambda levers: (levers.mentoring > 0) & ((levers.support == 0) | (levers.coaches == 0))),
    Rule("districts are launched while no coach can be trained: they get none.",
         lambda levers: (levers.recruiting == 1) & (levers.support == 1) & (levers.coach_training == 0)),
    Rule("a place in a collaborative is kept free until it has more visits than a team is meant to get: coaches stay "
         "idle while facilities wait.", lambda levers: _joining(levers) & (levers.join_floor > levers.visits)),
    Rule("every team is to be left so many visits that no coach is there for the first one: no team can join.",
         lambda levers: _joining(levers) & (levers.join_floor > 0) & (levers.coaches == 0)),
    Rule("a topic lasts longer than a team stays in the programme, so that no team chooses a second one.",
         lambda levers: (levers.support == 1) & (levers.cycle_months > levers.programme_months)),
    Rule("nothing may be spent on collaboratives (budget 0) while teams may join or support is funded: nothing takes "
         "place.",
         lambda levers: (levers.budget == 0) & (_joining(levers) | (levers.support == 1))),
    Rule("donors are to pay a share of collaboratives, and there is nothing to pay.",
         lambda levers: (levers.donor_share > 0) & _no_costs(levers), lasting=True),
    Rule("PBF is on while no NQEM round is held: nothing is paid for performance, and stakes rest on the last recorded "
         "scores.", lambda levers: (levers.pbf == 1) & (levers.rounds == 0)),
    Rule("the envelope of performance payments is 0 while PBF is on: nothing is paid for performance.",
         lambda levers: (levers.pbf == 1) & (levers.pbf_envelope == 0)),
    Rule("PBF is on and its payments are set to nothing (pbf_size 0).",
         lambda levers: (levers.pbf == 1) & (levers.pbf_size == 0)),
    Rule("topics are limited to areas that are scored while no NQEM round is held: nothing scores them.",
         lambda levers: (levers.topics == TOPICS_SCORED) & (levers.rounds == 0) & (levers.support == 1)),
    Rule("districts are to be launched at no speed (launch_boost 0): no new one is.",
         lambda levers: (levers.recruiting == 1) & (levers.launch_boost == 0)),
    Rule("districts are chosen by scores while no NQEM round is held: the order is that of the last recorded scores.",
         lambda levers: (levers.recruiting == 1) & (levers.rounds == 0)
         & np.isin(levers.order, (ORDER_LOWEST, ORDER_HIGHEST))),
)
"""What is warned of, whatever a scenario is for."""

WAVE_TOPICS: tuple[tuple[str, Callable[[Area, Any], np.ndarray]], ...] = (
    ("the wave names topics without weight in the score, which does not show what is gained there: {areas}.",
     lambda area, levers: ~np.array(area.weighed)[np.asarray(levers.weights)]),
    ("the wave names topics that began near their ceiling, which no team gets while another is left: {areas}.",
     lambda area, levers: np.full(np.shape(levers.topics), area.full)),
    ("the wave names topics that no team ever chose, so that none works on them: {areas}.",
     lambda area, levers: np.full(np.shape(levers.topics), not area.chosen)),
)
"""What is warned of topics of a wave, and the months (months,) in which it holds for an area that the wave names."""

IDLE_WITHOUT: tuple[tuple[str, tuple[str, ...], Callable[[Any], np.ndarray]], ...] = (
    ("PBF is off", ("schedule", "pbf_size", "pbf_envelope", "pay_standard", "staff_share", "pay_delay"),
     lambda levers: levers.pbf == 0),
    ("the schedule of PBF pays nothing", ("pbf_size", "pbf_envelope", "pay_standard", "staff_share"),
     lambda levers: (levers.pbf == 1) & (levers.schedule == SCHEDULES.index("none"))),
    ("no NQEM round is held", ("weights", "separated", "verification"), lambda levers: levers.rounds == 0),
    ("PBF is off and no NQEM round is held", ("donor_share_pbf",),
     lambda levers: (levers.pbf == 0) & (levers.rounds == 0)),
    ("nobody funds support", ("coaches", "coach_training", "visits", "sessions", "topics", "cycle_months",
                              "programme_months"), lambda levers: levers.support == 0),
    ("collaboratives do nothing that costs", ("budget",), _no_costs),
    ("there are no exchange visits", ("visitors", "matching"),
     lambda levers: (levers.exchanges == 0) | (levers.support == 0)),
    ("no district is launched", ("order", "launch_boost"), lambda levers: levers.recruiting == 0),
    ("topics are not those of the wave", ("wave_topics",), lambda levers: levers.topics != TOPICS_WAVE),
    ("no team joins", ("join_floor", "hospitals_only"), lambda levers: ~_joining(levers)),
)
"""What is missing, in words, the levers that do nothing without it, and the months (months,) in which it is missing."""


def check_sense(faults: Faults, levers: Levers, districts: Sequence[str]) -> None:
    """Recruiting that can never recruit anybody, a wave without topics, an order by a list that is not there.

    Levers are arrays (months,) over the scenario's own horizon; `districts` is the list of districts.
    """
    if not districts and (np.asarray(levers.order) == ORDER_LISTED).any():
        faults.add("[levers] order", '"listed" goes by a list of districts, and there is none',
                   hint='Write it: [rollout] districts = ["...", "..."]')
    if (np.asarray(levers.wave_topics)[np.asarray(levers.topics) == TOPICS_WAVE] == 0).any():
        faults.add("[levers] topics", "the topics are those of the wave, but wave_topics names none",
                   hint='Name care areas: wave_topics = ["hand_hygiene", ...]')
    recruiting = np.asarray(levers.recruiting) == 1
    if not recruiting.any():
        return
    for name in ("provinces", "districts"):
        if not getattr(levers, name)[recruiting].any():
            faults.add("[levers] recruiting", f"teams are to join, but {name} is 0 whenever recruiting is on",
                       hint=f"Say how many {name} may be active")


def senseless(scenario: Scenario) -> tuple[Told, ...]:
    """A warning for each rule that the scenario's levers break, with the first stretch of months in which they do."""
    if scenario.fork is not None:
        sides = (scenario.with_levers(levers) for levers in (scenario.levers, scenario.fork.missed))
        return tuple(dict.fromkeys(said for side in sides for said in senseless(side)))
    found: list[tuple[str, dict[str, object], np.ndarray]] = []
    for rule in RULES:
        broken = rule.broken(scenario.levers)
        found.append((rule.sentence, {}, _lasting(broken) if rule.lasting else broken))
    found += _topics(scenario)
    listed = np.asarray(scenario.levers.order) == ORDER_LISTED
    found.append((UNUSED_LIST, {}, np.full(listed.shape, bool(scenario.districts) and not listed.any())))
    for without, names, missing in IDLE_WITHOUT:
        idle = _lasting(missing(scenario.levers))
        found += [(IDLE, {"levers": name, "without": tell(without)},
                   np.logical_or.accumulate(idle & _changed(scenario.levers, name))) for name in names]
    return tuple(_said(scenario, sentence, fields, months) for sentence, fields, months in found if months.any())


def _topics(scenario: Scenario) -> list[tuple[str, dict[str, object], np.ndarray]]:
    """Topics of a wave that make no sense: a sentence with the areas, and the months in which any is named."""
    levers, areas = scenario.levers, areas_in_force({"areas": scenario.areas})
    wave = np.asarray(levers.topics == TOPICS_WAVE) & (np.asarray(levers.support) == 1)
    found: list[tuple[str, dict[str, object], np.ndarray]] = []
    for sentence, senseless_in in WAVE_TOPICS:
        months = {area.key: wave & (np.asarray(levers.wave_topics) >> place & 1 == 1) & senseless_in(area, levers)
                  for place, area in enumerate(areas)}
        names = ", ".join(key for key, broken in months.items() if broken.any())
        found += [(sentence, {"areas": names}, np.any(list(months.values()), axis=0))] if names else []
    return found


def _said(scenario: Scenario, sentence: str, fields: dict[str, object], months: np.ndarray) -> Told:
    first = int(np.argmax(months))
    after = np.flatnonzero(~months[first:])
    last = first + int(after[0]) - 1 if after.size else months.size - 1
    return tell(SENSELESS, scenario=scenario.title, first=format_month(scenario.start + first),
                last=format_month(scenario.start + last), what=tell(sentence, **fields))


def _lasting(months: np.ndarray) -> np.ndarray:
    """The months from which on a condition holds to the end."""
    return np.logical_and.accumulate(months[::-1])[::-1]


def _changed(levers: Levers, name: str) -> np.ndarray:
    """Months in which a lever has another value than in the month before."""
    values = getattr(levers, name)
    return np.concatenate([[False], values[1:] != values[:-1]])


SENTENCES = (SENSELESS, IDLE, UNUSED_LIST, *(rule.sentence for rule in RULES),
             *(sentence for sentence, _ in WAVE_TOPICS), *(without for without, _, _ in IDLE_WITHOUT))
"""Everything that is said here, for translation."""
