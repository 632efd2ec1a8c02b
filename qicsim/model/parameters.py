"""All parameters of the model, gathered from the mechanisms that declare them."""

from __future__ import annotations

from typing import NamedTuple

from qicsim.model.extending import open_to
from qicsim.model.mechanisms.accreditation import Accreditation
from qicsim.model.mechanisms.assessment import Assessment
from qicsim.model.mechanisms.capability import Capability
from qicsim.model.mechanisms.ceilings import Ceilings
from qicsim.model.mechanisms.clients import Clients
from qicsim.model.mechanisms.coaching import Coaching
from qicsim.model.mechanisms.costs import Costs
from qicsim.model.mechanisms.drift import Drift
from qicsim.model.mechanisms.exchange import Exchange
from qicsim.model.mechanisms.fading import Fading
from qicsim.model.mechanisms.interaction import Interaction
from qicsim.model.mechanisms.leadership import Leadership
from qicsim.model.mechanisms.luck import Luck
from qicsim.model.mechanisms.motivation import Motivation
from qicsim.model.mechanisms.pbf import Pbf
from qicsim.model.mechanisms.pdsa import Pdsa
from qicsim.model.mechanisms.peers import Peers
from qicsim.model.mechanisms.rollout import Rollout
from qicsim.model.mechanisms.session import Session
from qicsim.model.mechanisms.start import Start
from qicsim.model.mechanisms.team import Team
from qicsim.model.mechanisms.topic import Topic
from qicsim.model.mechanisms.transfer import Transfer
from qicsim.model.mechanisms.turnover import Turnover


@open_to("parameters")
class Parameters(NamedTuple):
    """Every uncertain quantity; `pdsa.k_item` is the name of one everywhere."""

    ceilings: Ceilings
    start: Start
    rollout: Rollout
    coaching: Coaching
    leadership: Leadership
    team: Team
    turnover: Turnover
    capability: Capability
    topic: Topic
    pdsa: Pdsa
    interaction: Interaction
    transfer: Transfer
    session: Session
    exchange: Exchange
    peers: Peers
    pbf: Pbf
    accreditation: Accreditation
    drift: Drift
    luck: Luck
    fading: Fading
    motivation: Motivation
    clients: Clients
    assessment: Assessment
    costs: Costs
