"""The mechanisms of the model as a planner would call them, and the study that would teach each.

A parameter belongs to the mechanism that its name begins with.
"""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.ground.extension import loaded

MEANINGS = {
    "ceilings": "how far quality can rise", "start": "how good facilities were at the start",
    "rollout": "how fast districts launch and teams join", "coaching": "how much coaching a coach gives",
    "leadership": "what chiefs of facilities change", "team": "how long teams keep working",
    "turnover": "how many staff leave", "capability": "what training and practice teach",
    "topic": "which topics teams choose", "pdsa": "what a team's work adds, and how far it spills over",
    "interaction": "what collaboratives and payment add together", "transfer": "how ideas pass between facilities",
    "session": "what learning sessions add", "exchange": "what exchange visits add", "peers": "what informal peers add",
    "pbf": "what payment by results adds", "accreditation": "what accreditation adds",
    "drift": "slow change that goes on anyway", "luck": "chance from month to month",
    "fading": "how fast gains fade", "motivation": "what payment does to motivation",
    "clients": "what clients answer and do", "assessment": "how the recorded score strays from the truth",
    "costs": "what things cost", "unit_costs": "what single lines cost", "payments": "how much facilities are paid"}
STUDIES = {
    "ceilings": "a comparison of facilities that stopped improving", "start": "an independent baseline of facilities",
    "rollout": "monitoring of how districts launch and teams join", "coaching": "a log of coaching visits and time",
    "leadership": "a follow-up of facilities whose chiefs change", "team": "a follow-up of teams that stop working",
    "turnover": "a register of staff who come and go", "capability": "tests of staff before and after training",
    "topic": "a record of the topics that teams choose", "pdsa": "a controlled trial of collaboratives on true quality",
    "interaction": "a factorial trial of collaboratives with and without payment",
    "transfer": "a study of ideas passed between facilities", "session": "a trial of learning sessions",
    "exchange": "a trial of exchange visits", "peers": "a study of who learns from whom",
    "pbf": "a controlled comparison of payment by results", "accreditation": "an evaluation of accreditation",
    "drift": "scores of facilities without any programme", "luck": "repeated scores of the same facilities",
    "fading": "a follow-up of facilities after support ends", "motivation": "a survey of motivation under payment",
    "clients": "a survey of clients",
    "assessment": "several assessors at the same facilities, some announced and some not",
    "costs": "a costing study of collaboratives and assessments",
    "unit_costs": "a costing study, line by line",
    "payments": "an account of what facilities were paid, from records of payment"}
for _, extension in loaded():
    MEANINGS[extension.name] = extension.meaning
    STUDIES[extension.name] = f"a study of {extension.name.replace('_', ' ')}"


def mechanisms(parameters: Sequence[str]) -> dict[str, list[str]]:
    """Parameters by the first part of their names."""
    found: dict[str, list[str]] = {}
    for name in parameters:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found
