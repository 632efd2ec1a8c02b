"""The levers: what a programme or a ministry decides, month by month.

In a resolved scenario each field holds an array with one value for each month of the horizon: float64 for amounts,
int64 for choices and whole numbers. The defaults describe the months before the project: PBF runs, no collaboratives.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from qicsim.ground.declare import Lever, declared
from qicsim.model.columns import WEIGHT_SETS, WEIGHTS_NQEM
from qicsim.model.extending import open_to

NO_CEILING = 1e12

ORDERS = ("plan", "lowest-score", "highest-score", "largest-population", "listed")
RULES_OF_ORDER = ORDERS[:-1]
"""Orders that follow from facilities and the list of provinces; `listed` goes by a list of districts."""
MATCHINGS = ("largest-gap", "random", "similar")
SCHEDULES = ("none", "linear", "threshold", "tiered")
TOPIC_RULES = ("team", "wave", "scored")

ORDER_PLAN, ORDER_LOWEST, ORDER_HIGHEST, ORDER_LARGEST, ORDER_LISTED = range(5)
MATCH_LARGEST_GAP, MATCH_RANDOM, MATCH_SIMILAR = range(3)
SCHEDULE_NONE, SCHEDULE_LINEAR, SCHEDULE_THRESHOLD, SCHEDULE_TIERED = range(4)
TOPICS_TEAM, TOPICS_WAVE, TOPICS_SCORED = range(3)
MOST_AREAS = 20


def _flag(meaning: str) -> Lever:
    return Lever(meaning, unit="0 or 1", whole=True)


def _share(meaning: str) -> Lever:
    return Lever(meaning, unit="share")


@open_to("levers")
class Levers(NamedTuple):
    """Every lever with its value before any scenario changes it."""

    # Roll-out
    recruiting: Annotated[int, _flag("districts are launched and teams join")] = 0
    reenrol: Annotated[int, _flag("graduated teams may join again, and lapsed ones may come back")] = 0
    provinces: Annotated[int, Lever("provinces that may be active", "provinces", 0, 100, whole=True)] = 0
    districts: Annotated[float, Lever("operational districts that may be launched, cumulative", "districts",
                                      0, 1000)] = 0.0
    order: Annotated[int, Lever("which districts come first: by the scenario's list of provinces, a rule, or its list "
                                "of districts", "choice", choices=ORDERS)] = ORDER_PLAN
    launch_boost: Annotated[float, Lever("multiplies the number of districts that can be launched in a quarter",
                                         "ratio", 0, 20)] = 1.0
    hospitals_only: Annotated[int, _flag("only referral hospitals join")] = 0
    join_floor: Annotated[float, Lever("no team joins while it would leave fewer coaching visits per team than this",
                                       "visits/month", 0, 4)] = 0.0
    programme_months: Annotated[int, Lever("months after which a team graduates", "months", 3, 600, whole=True)] = 24
    cycle_months: Annotated[int, Lever("months that a team works on one topic", "months", 3, 60, whole=True)] = 12
    topics: Annotated[int, Lever("who sets the topics: the team, or the programme: those of the wave, or scored areas",
                                 "choice", choices=TOPIC_RULES)] = TOPICS_TEAM
    wave_topics: Annotated[int, Lever("care areas that teams may work on where the topics are those of the wave",
                                      "areas", 0, 2**MOST_AREAS - 1, whole=True, areas=True)] = 0

    # Support
    support: Annotated[int, _flag("somebody funds coaching, sessions and exchange (0 after the project's end)")] = 0
    coaches: Annotated[float, Lever("coaches wanted in each launched district", "coaches", 0, 20)] = 2.0
    coach_training: Annotated[float, Lever("coaches that can be trained in a quarter, nationwide", "coaches/quarter",
                                           0, 1000)] = 12.0
    visits: Annotated[float, Lever("coaching visits wanted for each active team", "visits/month", 0, 8)] = 0.75
    maintenance: Annotated[float, Lever("coaching visits wanted for each graduated team", "visits/month", 0, 8)] = 0.0
    mentoring: Annotated[float, _share("how far coaches are themselves coached")] = 0.0
    virtual: Annotated[float, _share("share of coaching and of sessions held at a distance")] = 0.0
    sessions: Annotated[int, Lever("learning sessions in a quarter", "sessions/quarter", 0, 3, whole=True)] = 1
    exchanges: Annotated[float, Lever("exchange visits in a quarter, nationwide", "visits/quarter", 0, 2000)] = 0.0
    visitors: Annotated[int, Lever("teams that go on an exchange visit", "teams", 1, 20, whole=True)] = 3
    matching: Annotated[int, Lever("who visits whom", "choice", choices=MATCHINGS)] = MATCH_LARGEST_GAP

    # Performance-based financing
    pbf: Annotated[int, _flag("facilities are paid by performance")] = 1
    schedule: Annotated[int, Lever("how the performance payment depends on the score", "choice",
                                   choices=SCHEDULES)] = SCHEDULE_TIERED
    pbf_size: Annotated[float, Lever("performance payment relative to today's", "ratio", 0, 10)] = 1.0
    pbf_envelope: Annotated[float, Lever("most that performance payments to facilities may cost in a calendar year, "
                                         "all cut alike; 1e12 is none (collaboratives have their own: budget)",
                                         "US$/year", 0, NO_CEILING)] = NO_CEILING
    pbf_growth: Annotated[float, Lever("yearly change of performance payments, grants and envelope beyond prices: 0 "
                                       "keeps up with them, -0.03 is fixed in dollars at 3 % inflation", "1/year",
                                       -0.2, 0.3)] = 0.0
    pay_standard: Annotated[float, Lever("points by which all scores that the payment depends on are shifted up",
                                         "points", -30, 20)] = 0.0
    staff_share: Annotated[float, _share("share of the performance payment that goes to staff")] = 0.6
    pay_delay: Annotated[int, Lever("months from the score to the money", "months", 1, 12, whole=True)] = 3
    threshold: Annotated[float, Lever("score called acceptable: decides how results are read, and nothing that is paid",
                                      "points", 40, 100)] = 80.0

    # Measurement
    rounds: Annotated[int, _flag("the quarter's NQEM round is held")] = 1
    weights: Annotated[int, Lever("care areas that are scored: today's, or with TB, HIV and GBV added", "choice",
                                  choices=WEIGHT_SETS)] = WEIGHTS_NQEM
    separated: Annotated[float, _share("share of assessments made by somebody who does not coach the facility")] = 0.0
    verification: Annotated[float, _share("share of scores verified independently")] = 0.1

    # Institutions
    institutionalised: Annotated[float, _share("national policy, handbook, curricula and government coaches in force")
                                 ] = 0.0
    cpd: Annotated[float, _share("staff who earn continuing-professional-development credit for QI")] = 0.0
    preservice: Annotated[float, _share("new staff taught QI before service")] = 0.0
    tablets: Annotated[float, _share("facilities with client-feedback tablets")] = 0.0
    accreditation: Annotated[float, _share("hospitals preparing for accreditation")] = 0.0

    # Money
    budget: Annotated[float, Lever("ceiling of spending on collaboratives in a calendar year, PBF not counted (see "
                                   "pbf_envelope); 1e12 is none",
                                   "US$/year", 0, NO_CEILING)] = NO_CEILING
    donor_share: Annotated[float, _share("share of the collaboratives' cost that donors pay")] = 0.0
    donor_share_pbf: Annotated[float, _share("share of PBF and assessment cost that donors pay")] = 0.46


def lever_table(levers: Levers) -> np.ndarray:
    """The levers as compiled code takes them: one row for each month, from a record of arrays of shape (months,)."""
    dtype = np.dtype((np.record, np.dtype([(name, np.int64 if is_whole(name) else np.float64)
                                           for name in Levers._fields], align=True)))
    table = np.zeros(np.size(levers[0]), dtype=dtype)
    for name, values in zip(Levers._fields, levers, strict=True):
        table[name] = values
    return table


def is_whole(name: str) -> bool:
    """Whether a lever holds whole numbers (flags, choices and counts)."""
    lever = declared(Levers)[name].declaration
    return lever.whole or bool(lever.choices)
