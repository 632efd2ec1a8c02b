"""The columns: what the world holds, one array for each thing, and what each array means.

F facilities, D operational districts, P provinces, A care areas, T months, L cost lines. Facilities stand sorted by
province, district and id, so that the facilities of district d are the rows `district_start[d]:district_start[d+1]`.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from qicsim.declare import Column

HEALTH_CENTRE, REFERRAL_HOSPITAL = 0, 1
KINDS = ("health_centre", "referral_hospital")

STRUCTURE, PROCESS, CLIENT = range(3)
DIMENSIONS = ("structure", "process", "client")

NEVER, ACTIVE, GRADUATED, LAPSED = range(4)
STATUSES = ("never", "active", "graduated", "lapsed")

COST_LINES = ("coach_visits", "coach_training", "mentoring", "joining", "sessions", "exchange", "overhead",
              "assessment", "verification", "pbf", "tablets", "accreditation", "education")
(COACH_VISITS, COACH_TRAINING, MENTORING, JOINING_TRAINING, SESSIONS, EXCHANGE_VISITS, OVERHEAD,
 ASSESSMENTS, VERIFICATION, PBF_PAYMENTS, TABLETS, ACCREDITATION, EDUCATION) = range(13)
PBF_LINES = (ASSESSMENTS, VERIFICATION, PBF_PAYMENTS)

UNIT_COSTS = ("coach_visit", "coach_visit_virtual", "coach_training", "coach_mentoring", "joining_training",
              "session_in_person", "session_virtual", "exchange_visit", "district_overhead", "assessment",
              "verification", "tablets", "accreditation", "cpd", "preservice", "institutions")

PAYERS = ("government", "donor")

PAYMENT_RING = 16
NO_TOPIC = -1
NOT_LAUNCHED = -1
NO_AREA = -1

Array = np.ndarray


class Setting(NamedTuple):
    """The fixed part of the world."""

    # facilities
    identity: Annotated[Array, Column("64-bit digest of the facility's id, as two words; uint64 (F, 2)")]
    district: Annotated[Array, Column("row of the operational district; int64 (F,)")]
    province: Annotated[Array, Column("row of the province; int64 (F,)")]
    hospital: Annotated[Array, Column("0 health centre, 1 referral hospital; int64 (F,)", low=0, high=1)]
    population: Annotated[Array, Column("people served; float64 (F,)", unit="people", low=0)]
    opened: Annotated[Array, Column("month of the run in which it opens, 0 or less for from the start; int64 (F,)")]
    peer_start: Annotated[Array, Column("first tie of each facility in `peer`; int64 (F+1,)")]
    peer: Annotated[Array, Column("rows of the facilities that each facility is tied to; int64 (ties,)")]
    # districts and provinces
    district_identity: Annotated[Array, Column("64-bit digest of the district's code, as two words; uint64 (D, 2)")]
    district_start: Annotated[Array, Column("first facility of each district; int64 (D+1,)")]
    district_province: Annotated[Array, Column("row of the province; int64 (D,)")]
    district_population: Annotated[Array, Column("people; float64 (D,)", unit="people", low=0)]
    province_start: Annotated[Array, Column("first district of each province; int64 (P+1,)")]
    province_order: Annotated[Array, Column("provinces in the order in which the plan opens them; int64 (P,)")]
    # care areas
    dimension: Annotated[Array, Column("0 structure, 1 process, 2 client; int64 (A,)", low=0, high=2)]
    broad: Annotated[Array, Column("1 if the area is structure or broad, 0 if one procedure; int64 (A,)")]
    watched: Annotated[Array, Column("share of the area that is watched on the visit day; float64 (A,)",
                                     low=0, high=1)]
    area_start: Annotated[Array, Column("mean true quality in 2018; float64 (A,)", unit="points", low=0, high=100)]
    preference: Annotated[Array, Column("how likely a kind of facility is to choose the area as its topic, per point "
                                        "of headroom; float64 (2, A)", low=0)]
    standards: Annotated[Array, Column("share of the area that accreditation standards cover; float64 (A,)",
                                       low=0, high=1)]
    area_weight: Annotated[Array, Column("NQEM weight by weight set and kind; float64 (2, 2, A)", low=0, high=1)]
    # money
    schedule_from: Annotated[Array, Column("score at which each piece of a schedule begins; float64 (4, pieces)",
                                           unit="points")]
    schedule_pay: Annotated[Array, Column("payment at that score, as a share of the average payment; "
                                          "float64 (4, pieces)", low=0)]
    schedule_slope: Annotated[Array, Column("payment for each further point, as a share of the average payment; "
                                            "float64 (4, pieces)", unit="1/point")]
    grant: Annotated[Array, Column("fixed grant of a kind; float64 (2,)", unit="US$/quarter", low=0)]
    performance_pay: Annotated[Array, Column("average performance payment of a kind at size 1; float64 (2,)",
                                             unit="US$/quarter", low=0)]
    unit_cost: Annotated[Array, Column("unit costs in the order of UNIT_COSTS; float64 (16,)", unit="US$ of 2021",
                                       low=0)]
    # time
    shock: Annotated[Array, Column("shock index by month; float64 (T,)", low=0, high=1)]
    month_of_year: Annotated[Array, Column("0 January to 11 December, by month; int64 (T,)", low=0, high=11)]
    pbf_years: Annotated[Array, Column("years since PBF began, by month; float64 (T,)", unit="years", low=0)]


class Structure(NamedTuple):
    """Which of several forms of the model is run: structural uncertainty, never fitted as a number."""

    threshold_contagion: Annotated[int, Column("0 simple contagion between peers, 1 threshold contagion")] = 0
