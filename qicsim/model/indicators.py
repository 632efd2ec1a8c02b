"""The indicators: what is read off a month, declared once, as sums over facilities that add up across any group.

A group is a place (the nation, a province, a district or a facility) crossed, where places are not facilities, with
kind (health centre, referral hospital) and QIC status (never joined, ever joined). Means are sums divided by counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.model.extending import added, refuse_unknown
from qicsim.model.ledger import LEDGER, MEANING

COUNTS = "facilities"


@dataclass(frozen=True)
class Indicator:
    """A column of the reading: meaning, unit, and the column to divide by (`per`) to get what is shown."""

    name: str
    meaning: str
    unit: str
    per: str = COUNTS


OWN = (
    Indicator("facilities", "open facilities", "facilities", ""),
    Indicator("ever", "facilities that ever joined a collaborative", "facilities", ""),
    Indicator("active", "active teams", "facilities", ""),
    Indicator("graduated", "graduated teams", "facilities", ""),
    Indicator("lapsed", "lapsed teams", "facilities", ""),
    Indicator("true", "mean true quality", "points"),
    Indicator("recorded", "mean recorded NQEM score", "points"),
    Indicator("true_80", "share truly at the threshold or more", "share"),
    Indicator("recorded_80", "share recorded at the threshold or more", "share"),
    Indicator("true_squared", "mean square of true quality (for its spread)", "points squared"),
    Indicator("recorded_squared", "mean square of the recorded score (for its spread)", "points squared"),
    Indicator("structure", "true quality of structure", "points"),
    Indicator("process", "true quality of process", "points"),
    Indicator("client", "true quality of client experience", "points"),
    Indicator("unscored", "true quality of areas that today's NQEM does not score", "points"),
    Indicator("visits", "coaching visits for each active team", "visits/month", "active"),
    Indicator("support", "support of active teams", "ratio", "active"),
    Indicator("capability", "capability of facilities that ever joined", "share", "ever"),
    Indicator("motivation", "motivation", "SD"),
    Indicator("stake", "effect of the payment stake", "ratio"),
    Indicator("ideas", "change ideas tested since the start", "ideas", ""),
    Indicator("satisfaction", "satisfied clients", "%"),
    Indicator("trust", "trust of clients", "%"),
    Indicator("use", "use of services relative to the start", "ratio"),
    Indicator("people", "people served", "people", ""),
    Indicator("people_true_80", "people served by facilities truly at the threshold or more", "people", ""),
    Indicator("people_recorded_80", "people served by facilities recorded at the threshold or more", "people", ""),
)
(FACILITIES, EVER, ACTIVE_TEAMS, GRADUATED_TEAMS, LAPSED_TEAMS, TRUE, RECORDED, TRUE_80, RECORDED_80, TRUE_SQUARED,
 RECORDED_SQUARED, STRUCTURE_QUALITY, PROCESS_QUALITY, CLIENT_QUALITY, UNSCORED, VISITS, SUPPORT, CAPABILITY,
 MOTIVATION, STAKE, IDEAS, SATISFACTION, TRUST, USE, PEOPLE, PEOPLE_TRUE_80, PEOPLE_RECORDED_80) = range(len(OWN))
ADDED = {name: Indicator(name, one.meaning, one.unit, one.per)
         for name, one in added("indicators", {one.name for one in OWN}).items()}
FIRST_ADDED = len(OWN)
SUMS = (*OWN, *ADDED.values())
"""The sums of the model, and then those of extensions."""
FIRST_LEDGER = len(SUMS)
FIRST_AREA = FIRST_LEDGER + len(LEDGER)

PROGRAMME = (
    Indicator("districts", "operational districts launched", "districts", ""),
    Indicator("provinces", "active provinces", "provinces", ""),
    Indicator("coaches", "coaches at work", "coaches", ""),
    Indicator("coach_load", "share of coaching capacity in use", "share", ""),
    Indicator("exchanges", "exchange visits held since the start", "visits", ""),
    Indicator("gap_true", "true quality, best fifth minus worst fifth of facilities", "points", ""),
    Indicator("gap_recorded", "recorded score, best fifth minus worst fifth of facilities", "points", ""),
    Indicator("affordable", "share of the month's plan that the budget leaves", "share", ""),
)
DISTRICTS, PROVINCES, COACHES, COACH_LOAD, EXCHANGES, GAP_TRUE, GAP_RECORDED, AFFORDABLE_SHARE = range(8)


def indicators(area_keys: tuple[str, ...]) -> tuple[Indicator, ...]:
    """Every column of a reading, in order: the sums, the ledger lines and the care areas."""
    ledger = tuple(Indicator(f"ledger_{line}", f"points booked: {MEANING[line]}", "points") for line in LEDGER)
    areas = tuple(Indicator(f"area_{key}", f"true quality: {key.replace('_', ' ')}", "points") for key in area_keys)
    return SUMS + ledger + areas


refuse_unknown({one.name: one.meaning for one in OWN if not one.per})
