"""The ledger: every change of a facility's true composite, booked to the mechanism that made it.

Each line holds points since the start, so that the lines of a facility always add up to its true composite score. The
yardstick is one and the same for all scenarios and months: the NQEM weights of today. A policy that changes what NQEM
scores changes the record, the stakes and the attention, not what true quality means.
"""

from __future__ import annotations

from qicsim.model.extending import added

OWN = ("initial", "pdsa", "spillover", "session", "exchange", "peers", "resources", "attention",
          "incentive", "accreditation", "drift", "fading", "luck")
(INITIAL, PDSA, SPILLOVER, SESSION, EXCHANGE, PEERS, RESOURCES, ATTENTION,
 INCENTIVE, ACCREDITED, DRIFT, FADING, LUCK) = range(13)
ADDED = added("ledger", OWN)
LEDGER = (*OWN, *ADDED)
"""The lines of the model, and then those of extensions."""

MEANING = {
    "initial": "true score when the facility entered the run",
    "pdsa": "improvement work on the team's topic",
    "spillover": "the team's way of working in other areas",
    "session": "learning sessions",
    "exchange": "exchange visits",
    "peers": "informal peers",
    "resources": "PBF money spent on structure",
    "attention": "being measured under PBF",
    "incentive": "the PBF bonus",
    "accreditation": "preparing for accreditation",
    "drift": "secular drift",
    "fading": "fragile gains lost without support",
    "luck": "luck",
    **ADDED,
}
