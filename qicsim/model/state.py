"""The state: everything that changes, as tables whose columns are declared here."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.declare import Column, table
from qicsim.model.columns import AREAS, COST_LINES, PAYERS, PAYMENT_RING, Array, Setting
from qicsim.model.extending import open_to
from qicsim.model.ledger import LEDGER

LEAST_SHIFTED, STAKE_GRID = -20, 151  # scores less the lever `pay_standard`: -20 to 130
LONG_AGO = -1000


@open_to("columns")
class Facility(NamedTuple):
    """What changes about a facility."""

    quality: Annotated[Array, Column("true quality by area", "points", 0, 100, shape=AREAS)]
    fragile: Annotated[Array, Column("part of quality that fades without support, by area", "points", 0, 100,
                                     shape=AREAS)]
    peers_mean: Annotated[Array, Column("mean quality of tied facilities when the quarter opened, by area", "points",
                                        0, 100, shape=AREAS)]
    peers_better: Annotated[Array, Column("share of tied facilities that were better, by area", "share", 0, 1,
                                          shape=AREAS)]
    ledger: Annotated[Array, Column("points of the true composite by ledger line since the start", "points",
                                    shape=(len(LEDGER),))]
    status: Annotated[int, Column("team: 0 never, 1 active, 2 graduated, 3 lapsed", low=0, high=3, kind="whole")]
    ever: Annotated[int, Column("1 if it ever joined", low=0, high=1, kind="whole")]
    joins_now: Annotated[int, Column("1 if it joins this month", low=0, high=1, kind="whole")]
    months_in: Annotated[int, Column("months in the collaborative", "months", 0, kind="whole")]
    months_active: Annotated[int, Column("months as an active team since it first joined", "months", 0,
                                         kind="whole")]
    topic: Annotated[int, Column("care area that the team works on, -1 for none", low=-1, kind="whole")]
    months_on: Annotated[int, Column("months of this cycle on that topic", "months", 0, kind="whole")]
    topic_months: Annotated[int, Column("months on that topic, cycles in a row added up", "months", 0, kind="whole")]
    rate: Annotated[float, Column("personal rate of improvement, 0 for teams that do not respond", "ratio", 0)]
    lag: Annotated[float, Column("months from joining to the first effect", "months", 0)]
    lead_left: Annotated[float, Column("1 if a trained key member left last month", low=0, high=1)]
    capability: Annotated[float, Column("mastery of improvement methods", "share", 0, 1)]
    motivation: Annotated[float, Column("motivation", "SD", -3, 3)]
    visits: Annotated[float, Column("coaching visits this month", "visits/month", 0)]
    support: Annotated[float, Column("support from coaching and policy", "ratio", 0)]
    ideas: Annotated[float, Column("change ideas tested since the start", "ideas", 0)]
    true_score: Annotated[float, Column("true composite", "points", 0, 100)]
    score: Annotated[float, Column("last recorded NQEM score", "points", 0, 100)]
    stake: Annotated[float, Column("effect of the payment stake", "ratio", 0, 2)]
    in_hand: Annotated[float, Column("money that may be spent on supplies", "US$", 0)]
    due: Annotated[Array, Column("money on its way by month of arrival, modulo 16", "US$", 0, shape=(PAYMENT_RING,))]
    exchange_month: Annotated[int, Column("month of its last exchange visit", kind="whole")]
    exchange_area: Annotated[int, Column("area learnt on it, -1 for none", low=-1, kind="whole")]
    exchange_gain: Annotated[float, Column("points that it adds in each month of adoption", "points", 0)]
    satisfaction: Annotated[float, Column("satisfied clients", "%", 0, 100)]
    trust: Annotated[float, Column("trust of clients", "%", 0, 100)]
    trust_start: Annotated[float, Column("trust at the start", "%", 0, 100)]
    use: Annotated[float, Column("use of services relative to the start", "ratio", 0)]
    sort_key: Annotated[float, Column("work space for ranking")]
    taken: Annotated[int, Column("work space for matching", low=0, high=1, kind="whole")]


class District(NamedTuple):
    """What changes about an operational district."""

    launched: Annotated[int, Column("month of launch, -1 before it", low=-1, kind="whole")]
    launch_quarters: Annotated[float, Column("quarters of launching before this launch", "quarters", 0)]
    coaches: Annotated[float, Column("coaches at work", "coaches", 0)]
    trained: Annotated[float, Column("coaches trained this month", "coaches", 0)]
    active_teams: Annotated[int, Column("active teams, with those that join now", low=0, kind="whole")]
    graduated_teams: Annotated[int, Column("graduated teams, without those that join again now", low=0, kind="whole")]
    visits_active: Annotated[float, Column("visits for each active team", "visits/month", 0)]
    visits_graduated: Annotated[float, Column("visits for each graduated team", "visits/month", 0)]
    support_active: Annotated[float, Column("support of each active team", "ratio", 0)]
    support_graduated: Annotated[float, Column("support of each graduated team", "ratio", 0)]
    coaching_active: Annotated[float, Column("support of each active team from visits alone", "ratio", 0)]
    coaching_graduated: Annotated[float, Column("support of each graduated team from visits alone", "ratio", 0)]
    fades_active: Annotated[float, Column("share of an active team's fragile gains that fades this month", "share",
                                          0, 1)]
    fades_graduated: Annotated[float, Column("share of a graduated team's fragile gains that fades this month",
                                             "share", 0, 1)]
    chief: Annotated[float, Column("leadership of its chief", "ratio", 0)]
    leadership: Annotated[float, Column("leadership in force", "ratio", 0)]
    bias: Annotated[float, Column("bias of its assessors", "points")]
    efficacy: Annotated[float, Column("efficacy of collaboratives relative to the nation's", "ratio", 0)]
    benchmark: Annotated[Array, Column("mean of the better quartile of active teams by area", "points", 0, 100,
                                       shape=AREAS)]


class Province(NamedTuple):
    """What changes about a province."""

    active: Annotated[int, Column("1 if it is in the programme", low=0, high=1, kind="whole")]
    cost: Annotated[Array, Column("cost since the start by kind, line and payer", "US$ of the price year", 0,
                                  shape=(2, len(COST_LINES), len(PAYERS)))]


class Programme(NamedTuple):
    """Running totals of the programme; one row."""

    launch_credit: Annotated[float, Column("districts that may be launched, not used yet", "districts", 0)]
    launch_quarters: Annotated[float, Column("quarters of launching so far", "quarters", 0)]
    exchange_credit: Annotated[float, Column("exchange visits planned, not held yet", "visits", 0)]
    exchanges_held: Annotated[float, Column("exchange visits held since the start", "visits", 0)]
    spent_this_year: Annotated[float, Column("spent on collaboratives this calendar year", "US$", 0)]
    affordable: Annotated[float, Column("share of the month's plan that the budget leaves", "share", 0, 1)]
    spare: Annotated[float, Column("money left for new teams and coaches after the month's plan", "US$", 0)]
    pbf_level: Annotated[float, Column("payments and grants relative to the first year's, as growth has moved them",
                                       "ratio", 0)]
    pbf_paid: Annotated[float, Column("performance payments fixed this calendar year", "US$", 0)]
    paid_share: Annotated[float, Column("share of the last round's performance payments that the envelope left",
                                        "share", 0, 1)]
    novelty_of_measuring: Annotated[float, Column("what habit has left of attention to being measured", "share", 0, 1)]
    novelty_of_paying: Annotated[float, Column("what habit has left of the effect of the bonus", "share", 0, 1)]
    levels_until: Annotated[int, Column("last month in which a facility starts from an observed level, -1 without any",
                                        low=-1, kind="whole")]
    ceiling: Annotated[Array, Column("highest true quality by area", "points", 0, 100, shape=AREAS)]
    stakes: Annotated[Array, Column("stake by schedule and score less `pay_standard`, -20 to 130, at size 1", "1/point",
                                    0, shape=(4, STAKE_GRID))]


class State(NamedTuple):
    """One table for each class above; the programme's has one row."""

    facility: Array
    district: Array
    province: Array
    programme: Array


TABLES = {"facility": Facility, "district": District, "province": Province, "programme": Programme}


def allocate_state(setting: Setting) -> State:
    """An empty state for a setting; `begin` fills it. Nothing is allocated after this."""
    rows = (setting.facility.size, setting.district.size, setting.province.size, 1)
    areas = setting.area["dimension"].shape[1]
    return State(*(table(record, n, areas=areas) for record, n in zip(TABLES.values(), rows, strict=True)))
