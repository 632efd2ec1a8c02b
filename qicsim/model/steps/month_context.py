"""Today: what every facility may know about the month, worked out once when the month opens."""

from __future__ import annotations

from typing import NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.model.columns import EFFICACY_BY_DISTRICT, PLATEAU_GROWTH, TOPIC_PLATEAU
from qicsim.model.mechanisms.assessment import undetected
from qicsim.model.mechanisms.fading import fragile_share, monthly_loss, share_faded, support_kept
from qicsim.model.mechanisms.pdsa import MONTHS_ON_A_TOPIC, PLATEAU_MONTHS
from qicsim.model.mechanisms.session import session_attendance
from qicsim.model.mechanisms.shock import available_share
from qicsim.model.mechanisms.turnover import leaving_probability
from qicsim.model.steps.terms import terms_changed

HELD = ((False, False, False), (False, True, False), (True, False, True), (True, True, True))
"""Whether a session is held, by sessions a quarter (0-3) and month of the quarter."""

ENDLESS = 1_000_000


class Today(NamedTuple):
    """Scalars of the month; teams gain for `gaining_months` as an active team, and for `topic_months` on a topic."""

    month: int
    quarter_opens: bool
    quarter_closes: bool
    session: bool
    round_held: bool
    supported: bool
    pbf: float
    weights: int
    shock: float
    available: float
    affordable: float
    attendance: float
    novelty_of_measuring: float
    novelty_of_paying: float
    leaving: float
    fade_loss: float
    fades: float
    fragile: float
    left: float
    contagion: int
    lapsed_return: int
    gaining_months: int
    topic_months: int
    districts_differ: bool
    known_joins: bool
    new_terms: bool


@compiled
def session_month(month, sessions):
    """Whether a month of the quarter holds a session: the middle one, the outer two, or all three."""
    return HELD[sessions][month % 3]


@compiled
def look_at(month, setting, levers, structure, params, affordable, programme):
    """The month's scalars."""
    now, world = levers[month], setting.month[month]
    supported = now.support == 1
    pbf = float(now.pbf)
    pbf_round = pbf * now.rounds
    available = available_share(world.shock, now.virtual)
    ratio = 1.0 + (params.turnover.pbf_ratio - 1.0) * pbf
    fade_loss = monthly_loss(params.fading)
    kept = support_kept(0.0, now.institutionalised, params.fading)
    return Today(
        month, month % 3 == 0, (month + 1) % 3 == 0, supported and session_month(month, now.sessions),
        now.rounds == 1, supported, pbf, now.weights, world.shock, available,
        affordable, affordable * session_attendance(available, params.session),
        pbf_round * programme.novelty_of_measuring, pbf_round * programme.novelty_of_paying,
        leaving_probability(params.turnover.annual, ratio), fade_loss,
        share_faded(kept, fade_loss, params.fading),
        fragile_share(now.institutionalised, params.fading), undetected(now.verification, params.assessment),
        structure.contagion, structure.lapsed_return,
        PLATEAU_MONTHS if structure.growth == PLATEAU_GROWTH else ENDLESS,
        MONTHS_ON_A_TOPIC if structure.growth == TOPIC_PLATEAU else ENDLESS, structure.efficacy == EFFICACY_BY_DISTRICT,
        world.known_joins == 1,
        terms_changed(month, levers))
