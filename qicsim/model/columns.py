"""The setting: the fixed part of the world, as tables whose columns are declared here, and the codes used in them.

Facilities stand sorted by province, district and id, so that the facilities of a district, and the districts of a
province, are the rows from `first` up to `end`.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from qicsim.ground.declare import Column, Form

HEALTH_CENTRE, REFERRAL_HOSPITAL = 0, 1
KINDS = ("health_centre", "referral_hospital")

STRUCTURE, PROCESS, CLIENT = range(3)
DIMENSIONS = ("structure", "process", "client")

NEVER, ACTIVE, GRADUATED, LAPSED = range(4)
STATUSES = ("never", "active", "graduated", "lapsed")

COST_LINES = ("coach_posts", "coach_visits", "coach_training", "mentoring", "joining", "team_time", "sessions",
              "exchange", "overhead", "programme_staff", "assistance", "assessment", "verification", "pbf", "tablets",
              "accreditation", "education")
(COACH_POSTS, COACH_VISITS, COACH_TRAINING, MENTORING, JOINING_TRAINING, TEAM_TIME, SESSIONS, EXCHANGE_VISITS, OVERHEAD,
 PROGRAMME_STAFF, ASSISTANCE, ASSESSMENTS, VERIFICATION, PBF_PAYMENTS, TABLETS, ACCREDITATION, EDUCATION) = range(17)
PBF_LINES = ("assessment", "verification", "pbf")

UNIT_COSTS = ("coach_visit", "coach_visit_virtual", "coach_training", "coach_mentoring", "joining_training",
              "session_in_person", "session_virtual", "exchange_visit", "district_overhead", "assessment",
              "verification", "tablets", "accreditation", "cpd", "preservice", "institutions", "coach_post",
              "team_time", "provincial_staff", "national_staff", "assistance")
LATER_UNIT_COSTS = UNIT_COSTS[-5:]
"""Unit costs that files of version 0.1 lack: those of the shipped file stand in."""

PAYERS = ("government", "donor")

PAYMENT_RING = 16
SCHEDULE_PIECES = 8
NO_PIECE = 1e9
NO_TOPIC = -1
NOT_LAUNCHED = -1
NO_AREA = -1
NOT_KNOWN = -1
AREAS = ("areas",)

WEIGHT_SETS = ("nqem", "extended")
WEIGHTS_NQEM, WEIGHTS_EXTENDED = range(2)

SIMPLE_CONTAGION, THRESHOLD_CONTAGION = range(2)
NQEM_AS_SHIPPED, NQEM_MOSTLY_STRUCTURE = range(2)
HABIT_BROKEN_BY_REFORM, NO_HABIT, HABIT_OF_ONE_CLOCK = range(3)
OWN_RETURN, JOINING_RETURN = range(2)
TOPIC_PLATEAU, CONTINUING_GROWTH, PLATEAU_GROWTH = range(3)
EFFICACY_BY_DISTRICT, NATIONAL_EFFICACY = range(2)

Array = np.ndarray


class FacilitySite(NamedTuple):
    """What never changes about a facility."""

    identity: Annotated[Array, Column("64-bit digest of its id, as two 32-bit words", shape=(2,), kind="word")]
    district: Annotated[int, Column("row of its operational district", low=0, kind="whole")]
    province: Annotated[int, Column("row of its province", low=0, kind="whole")]
    hospital: Annotated[int, Column("0 health centre, 1 referral hospital", low=0, high=1, kind="whole")]
    opened: Annotated[int, Column("month of the run in which it opens; 0 or less: open from the start",
                                  "months", kind="whole")]
    first_peer: Annotated[int, Column("first of its ties in the list of peers", low=0, kind="whole")]
    end_peer: Annotated[int, Column("end of its ties", low=0, kind="whole")]
    population: Annotated[float, Column("people served", "people", low=0)]
    level_month: Annotated[int, Column("month of the run at which its recorded score starts from the observed level; "
                                       "-1 without one", "months", low=-1, kind="whole")]
    level: Annotated[float, Column("observed level of the recorded score in that month", "points", 0, 100)]
    level_sd: Annotated[float, Column("standard error of that level", "points", 0, 100)]
    area_level: Annotated[Array, Column("observed level of each care area in that month; -1 not known", "points", -1,
                                        100, shape=AREAS)]
    joined: Annotated[int, Column("month in which its team joined, as observed; -1 never or not known", "months",
                                  low=-1, kind="whole")]
    left: Annotated[int, Column("month in which its team ended, as observed; -1 not or not known", "months", low=-1,
                                kind="whole")]


class DistrictSite(NamedTuple):
    """What never changes about an operational district."""

    identity: Annotated[Array, Column("64-bit digest of its code, as two 32-bit words", shape=(2,), kind="word")]
    province: Annotated[int, Column("row of its province", low=0, kind="whole")]
    first: Annotated[int, Column("first of its facilities", low=0, kind="whole")]
    end: Annotated[int, Column("end of its facilities", low=0, kind="whole")]
    population: Annotated[float, Column("people", "people", low=0)]
    turn: Annotated[int, Column("place in the scenario's list of districts; those that it leaves out follow in "
                                "order of rows", low=0, kind="whole")]


class ProvinceSite(NamedTuple):
    """What never changes about a province."""

    first: Annotated[int, Column("first of its districts", low=0, kind="whole")]
    end: Annotated[int, Column("end of its districts", low=0, kind="whole")]


class CareAreas(NamedTuple):
    """The care areas, in one row: an input, from `areas.csv`."""

    dimension: Annotated[Array, Column("0 structure, 1 process, 2 client", low=0, high=2, shape=AREAS, kind="whole")]
    broad: Annotated[Array, Column("1 if it is structure or broad, 0 if one procedure", low=0, high=1, shape=AREAS,
                                   kind="whole")]
    watched: Annotated[Array, Column("share that is watched on the visit day", "share", 0, 1, shape=AREAS)]
    start: Annotated[Array, Column("mean true quality at the start", "points", 0, 100, shape=AREAS)]
    standards: Annotated[Array, Column("share that accreditation standards cover", "share", 0, 1, shape=AREAS)]
    preference: Annotated[Array, Column("how likely each kind of facility is to choose it, per point of headroom",
                                        low=0, shape=(2, "areas"))]
    weight: Annotated[Array, Column("NQEM weight by weight set, kind and area", "share", 0, 1, shape=(2, 2, "areas"))]


class Schedule(NamedTuple):
    """A payment schedule in pieces, as a share of the average payment; pieces that are not used begin at 1e9."""

    start: Annotated[Array, Column("score at which a piece begins", "points", 0, NO_PIECE, shape=(SCHEDULE_PIECES,))]
    pay: Annotated[Array, Column("payment there", "ratio", 0, shape=(SCHEDULE_PIECES,))]
    slope: Annotated[Array, Column("payment for each further point", "1/point", shape=(SCHEDULE_PIECES,))]


class Money(NamedTuple):
    """Amounts: an input, from `payments.csv` and `unit_costs.csv`."""

    grant: Annotated[Array, Column("fixed grant of each kind", "US$/quarter", 0, shape=(2,))]
    performance_pay: Annotated[Array, Column("average performance payment of each kind at size 1", "US$/quarter", 0,
                                             shape=(2,))]
    unit_cost: Annotated[Array, Column("unit costs in the order of UNIT_COSTS", "US$ of the price year", 0,
                                       shape=(len(UNIT_COSTS),))]


class Month(NamedTuple):
    """What a month of the horizon is like outside the health system."""

    shock: Annotated[float, Column("shock index", "share", 0, 1)]
    month_of_year: Annotated[int, Column("0 January to 11 December", low=0, high=11, kind="whole")]
    pbf_years: Annotated[float, Column("years since PBF began", "years", 0)]
    known_joins: Annotated[int, Column("1 if who joins is as observed, 0 if it is as the scenario says", low=0, high=1,
                                       kind="whole")]


class Setting(NamedTuple):
    """The fixed part of the world: one table for each class above (areas and money: one row), and two lists of rows."""

    facility: Array
    district: Array
    province: Array
    area: Array
    schedule: Array
    money: Array
    month: Array
    peer: Array
    province_order: Array


TABLES = {"facility": FacilitySite, "district": DistrictSite, "province": ProvinceSite, "area": CareAreas,
          "schedule": Schedule, "money": Money, "month": Month}


class Structure(NamedTuple):
    """Which of several forms of the model is run: structural uncertainty, never fitted as a number.

    The first form of each is the shipped one.
    """

    contagion: Annotated[int, Form("how informal peers matter", ("simple", "threshold"))] = SIMPLE_CONTAGION
    habit: Annotated[int, Form("when attention and incentive are new again: with what is newly measured or paid for, "
                               "always (they never become habit), or never since PBF began",
                               ("reform", "never", "as-before"))] = HABIT_BROKEN_BY_REFORM
    nqem: Annotated[int, Form("what the score weighs: mostly process, as the data file has it, or four fifths "
                              "structure, as most checklists elsewhere", ("process", "structural"))] = NQEM_AS_SHIPPED
    lapsed_return: Annotated[int, Form("how readily lapsed teams come back: by their own hazard or that of joining",
                                       ("own", "joining"))] = OWN_RETURN
    growth: Annotated[int, Form("how long teams gain: 18 months on a topic (and then on the next), without end, or "
                                "three years in all", ("topic-plateau", "continues", "plateau"))] = TOPIC_PLATEAU
    efficacy: Annotated[int, Form("whether what collaboratives can do differs between districts, or is one for the "
                                  "nation", ("split", "national"))] = EFFICACY_BY_DISTRICT
