"""What it is worth to know more before choosing among the scenarios of an ensemble, and which study comes first.

Groups are the mechanisms: parameters whose names begin alike. For each there is a study that would teach it, in words.
The value of knowing a group perfectly is the most that its study can be worth; the re-scoring is valued as a study, with
its size and its price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.bill import Bill
from qicsim.decide.currency import usd_words
from qicsim.decide.frame import Frame
from qicsim.decide.information import FEWEST_DRAWS, Information, Perfect, evpi, evppi
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.reading import at_year_end
from qicsim.decide.studies import Rescoring, Study, rescoring
from qicsim.decide.value import Value

NOISE = "assessment.noise"
MEASURED = {"true": "how good facilities truly are",
            "gap": "by how many points the record exceeds true quality"}
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
    "clients": "a survey of clients", "assessment": "an independent re-scoring of facilities",
    "costs": "a costing study of collaboratives and assessments", "unit_costs": "a costing study, line by line"}


@dataclass(frozen=True, eq=False)
class Learning:
    """Values of information at the worth of `Value`, US$.

    perfect        of knowing everything
    alone, groups  of each parameter, and of each mechanism; None when that cannot be worked out (`first` says why)
    studies        re-scoring by what it measures (keys of MEASURED); empty likewise
    assumptions    of the re-scoring, in words
    first          which study to buy first, in words
    """

    perfect: Perfect
    alone: Information | None
    groups: Information | None
    studies: dict[str, Study]
    assumptions: tuple[str, ...]
    first: str


def learning(frame: Frame, held: Value, paid: Bill) -> Learning:
    """Values of information for the choice among all scenarios."""
    perfect = evpi(held.net)
    if len(frame.names) == 1:
        return Learning(perfect, None, None, {}, (), ONE_SCENARIO)
    if len(frame.table) < FEWEST_DRAWS:
        return Learning(perfect, None, None, {}, (), f"{len(frame.table)} draws are too few to say what a study would "
                        f"be worth: {FEWEST_DRAWS} or more are needed, and some hundreds to trust it.")
    alone, grouped = (evppi(held.net, frame.table, frame.parameters, groups=groups, seed=frame.settings.seed)
                      for groups in (None, mechanisms(frame.parameters)))
    studies, assumptions = _studies(frame, held, paid)
    return Learning(perfect, alone, grouped, studies, assumptions,
                    _first(held, perfect, grouped, studies))


def mechanisms(parameters: tuple[str, ...]) -> dict[str, list[str]]:
    """Parameters by the first part of their names."""
    found: dict[str, list[str]] = {}
    for name in parameters:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


# -------------------------------------------------------------------------------------------------------- re-scoring


def _studies(frame: Frame, held: Value, paid: Bill) -> tuple[dict[str, Study], tuple[str, ...]]:
    """The re-scoring by what it measures, at the end of the year before the choice, and its assumptions."""
    year = frame.years[0] - 1
    if any(year not in runner.years for runner in frame.ensemble.runners.values()):
        return {}, (f"No year before {frame.years[0]} was simulated, so no study before the choice can be valued.",)
    place = frame.names.index(frame.reference)
    measured = {key: at_year_end(frame.ensemble, indicator, year)[place].mean(axis=1)
                for key, indicator in (("true", "true"), ("gap", "inflation"))}
    designs = _designs(frame, year, paid)
    facilities = designs["true"].facilities
    sizes = [size for size in frame.settings.study.sizes if size <= facilities] or [facilities]
    found = {key: rescoring(held.net, measured[key], design, sizes, seed=frame.settings.seed)
             for key, design in designs.items()}
    return found, _assumed(designs, year)


def _designs(frame: Frame, year: int, paid: Bill) -> dict[str, Rescoring]:
    plan = frame.settings.study
    place = frame.names.index(frame.reference)
    count, between = (float(at_year_end(frame.ensemble, name, year)[place].mean())
                      for name in ("facilities", "spread_true"))
    noise = float(np.mean(frame.table[:, frame.parameters.index(NOISE)]))
    each = plan.each if plan.each is not None else next(one.usd for one in paid.unit_costs if one.key == "verification")
    common = {"facilities": round(count), "design_effect": plan.design_effect, "setup": plan.setup, "each": each,
              "lost": plan.lost}
    return {"true": Rescoring(between=between, noise=noise, **common),
            "gap": Rescoring(between=plan.between_gap, noise=noise * np.sqrt(2.0), **common)}


def _assumed(designs: dict[str, Rescoring], year: int) -> tuple[str, ...]:
    true, gap = designs["true"], designs["gap"]
    return (f"Facilities are drawn at random at the end of {year} among {true.facilities:,}, and re-scored by assessors "
            "who neither coach them nor are paid by their scores.",
            f"True quality differs between facilities by {true.between:.1f} points (SD, simulated), its gap to the record "
            f"by {gap.between:.1f} points (assumed); one assessment has noise of {true.noise:.1f} points (mean of the "
            "draws).",
            f"Districts are clusters with a design effect of {true.design_effect:g} (assumed).",
            f"The study costs {usd_words(true.setup)} and {usd_words(true.each)} a facility (assumed); waiting for it "
            f"costs {true.lost:.0%} of its value (assumed).",
            "It measures one mean for the nation at a time; the study as a whole is worth at least the larger of the two.")


# ------------------------------------------------------------------------------------------------- the first study


def _first(held: Value, perfect: Perfect, groups: Information, studies: dict[str, Study]) -> str:
    """Which study the ministry should buy first, from the results alone."""
    at = f"at {usd_words(held.worth)} for a unit of effect"
    if perfect.value <= 0.0:
        return f"No study should be bought for this choice: {at} no draw would change it."
    bought = max(studies, key=lambda key: studies[key].net.max(), default=None)
    top = int(groups.order[0])
    ceiling = _ceiling(groups, top)
    if bought is None or not studies[bought].best:
        none = ("No size of an independent re-scoring is worth its cost" if bought else
                "A re-scoring before the choice could not be valued")
        return f"{none} {at}. {ceiling}"
    study = studies[bought]
    place = int(np.argmax(study.net))
    told = (f"Buy an independent re-scoring of {study.best} facilities first, to learn {MEASURED[bought]}: {at} it is "
            f"worth {usd_words(float(study.matched[place]))} and costs {usd_words(float(study.cost[place]))}.")
    doubt = ("" if study.matched[place] > 2.0 * study.error[place] else
             f" With a standard error of {usd_words(float(study.error[place]))} this is not clearly above zero: run more "
             "draws before paying.")
    return f"{told}{doubt} {ceiling}"


def _ceiling(groups: Information, top: int) -> str:
    """What knowing the most valuable mechanism could be worth at most."""
    name, most = groups.names[top], float(groups.corrected[top])
    if not groups.clear[top]:
        return "No mechanism's value stands clearly above the noise of these draws."
    return (f"The mechanism that is worth most to know is {name}: {STUDIES.get(name, 'a study of it')} can be worth "
            f"{usd_words(most)} at most, if it left nothing open.")
