"""What quality and money do to people: stakes and motivation of staff, experience and trust of clients."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.model.columns import PAYMENT_RING
from qicsim.model.mechanisms.clients import satisfaction_of, trust_after, use_of_services
from qicsim.model.mechanisms.motivation import motivation_after, motivation_target
from qicsim.model.steps.begin import client_quality, stake_at


@compiled
def receive_money(facility, programme, now, today):
    """Money on its way arrives; in a new quarter or under new terms the stake follows the last recorded score."""
    place = today.month % PAYMENT_RING
    facility.in_hand += facility.due[place]
    facility.due[place] = 0.0
    if today.quarter_opens or today.new_terms:
        facility.stake = stake_at(facility.score, programme, now)


@compiled
def motivate(facility, now, today, params):
    """Motivation moves towards what payment and support make of it."""
    delay = today.pbf * now.pay_delay
    target = motivation_target(facility.stake, delay, facility.support, params.motivation)
    facility.motivation = motivation_after(facility.motivation, target, params.motivation)


@compiled
def serve_clients(facility, areas, today, params):
    """Clients' satisfaction and trust follow true quality; their use of services is worked out once a quarter."""
    facility.satisfaction = satisfaction_of(client_quality(facility, areas), facility.true_score, params.clients)
    facility.trust = trust_after(facility.trust, facility.satisfaction, params.clients)
    if today.quarter_closes:
        facility.use = use_of_services(facility.trust, facility.trust_start, today.shock, params.clients)
