"""The ledger: every change of a facility's true composite, booked to the mechanism that made it.

Each line holds points since the start, so that the lines of a facility always add up to its true composite score. A
change of area quality counts with the area's NQEM weight of the month; `weights` books what a change of the weights
themselves does.
"""

from __future__ import annotations

LEDGER = ("initial", "weights", "pdsa", "spillover", "session", "exchange", "peers", "resources", "attention",
          "incentive", "accreditation", "drift", "fading", "luck")
(INITIAL, WEIGHTS, PDSA, SPILLOVER, SESSION, EXCHANGE, PEERS, RESOURCES, ATTENTION,
 INCENTIVE, ACCREDITED, DRIFT, FADING, LUCK) = range(14)

MEANING = {
    "initial": "true score when the facility entered the run",
    "weights": "NQEM weights were changed",
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
}
