"""What every reader of a plan must know, in sentences."""

from __future__ import annotations

from qicsim.ground.translatable import Told, tell
from qicsim.plan.provenance_tables import Known

SYNTHETIC = tell("The facilities are invented: real provinces with real populations, but no real facility. Numbers of "
                 "a "
                 "province or operational district show how the model works, and are no forecast for that place.")
MEASURED = tell("Recorded scores are what assessors write down; true quality is what the model holds to be there. No "
                "NQEM "
                "score is published: levels are assumptions, and differences between scenarios are safer than levels.")
IMPORTED = tell("Recorded scores are what assessors write down, and start from levels estimated from the imported "
                "scores; "
                "true quality is what the model holds to be there, and how far it lies below the record is an "
                "assumption. "
                "Differences between scenarios are safer than levels.")
LAUNCHED = tell("Districts are launched by the simulation, in the order and at the pace that the scenario plans, as "
                "far as "
                "capacity and money allow: the schedule is what comes out, and differs between runs.")
COACHES = tell("Coaches are part-time coaches of operational districts. Posts are what the scenario plans for launched "
               "districts, needed are those who could make every visit that teams are meant to get. Coaches of "
               "the ended project count as at work although no post is planned while nobody pays for visits.")
MONEY = tell("Costs are those of government and donors: constant US$, unit costs times quantities. What clients pay, "
             "and "
             "the time of staff that no line names, are not in them. No unit cost is a published figure of the "
             "country.")
RESPONSIBLE = tell("Who is responsible for an indicator is a proposal, for the ministry to change.")
SAME = tell("Scenario and reference are the same: every difference is 0.")
ONE_RUN = tell("There is one run only: every interval is a point and says nothing of uncertainty.")


def notes_of(known: Known, axis: tuple[int, ...], reported: str = "") -> tuple[str, ...]:
    """The notes of a plan, the most important first; `reported` sets its baseline beside what was reported."""
    said: list[str] = [] if known.register else [SYNTHETIC]
    said += [IMPORTED if known.scores else MEASURED, baseline_words(axis)]
    said += [reported] if reported else []
    return (*said, LAUNCHED, COACHES, MONEY, RESPONSIBLE)


def baseline_words(axis: tuple[int, ...]) -> Told:
    """What the baseline is."""
    return tell("The baseline is the end of {year} and is simulated, not measured; targets are for the ends of "
                "{first} to "
                "{last}.", year=axis[0], first=axis[1], last=axis[-1])
