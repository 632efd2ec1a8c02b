"""The plan chapter: a Word document that a planner can paste into a health strategic plan.

Every number comes from the plan's record; the same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, InputError, SettingError
from qicsim.ground.files import refuse_folders, write_bytes
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.plan.record import Plan
from qicsim.report import document_annexes as annexes
from qicsim.report import document_money as money
from qicsim.report import document_path as first
from qicsim.report.checklist_costs import costs_of
from qicsim.report.checklist_facts import Facts
from qicsim.report.checklists import FilledChecklist, fill_all
from qicsim.report.document_risks import risks
from qicsim.report.document_words import NATION_ROW
from qicsim.report.elements import plain
from qicsim.report.word import Word

ENDING = ".docx"


def write_document(plan: Plan, path: Path | str, provenance: Mapping[str, Any] | None = None, *,
                   further: Sequence[Plan] = (), scenarios: Sequence[Scenario] = ()) -> Path:
    """Write the plan chapter of a plan, whole or not at all; returns its path.

    `provenance` is that of the run (`ensemble.provenance`); `further` are plans of other scenarios against the same
    reference; `scenarios` are the resolved scenarios, for the checklists: without them those that are shipped under
    their names and have the digest of the plan are taken. SettingError for another ending, a folder that is not there,
    and further plans with another reference.
    """
    place = Path(path)
    _check(plan, place, further)
    word = chapter(plan, provenance or {}, further=further, scenarios=scenarios)
    write_bytes(place, word.content())
    return place


def chapter(plan: Plan, provenance: Mapping[str, Any], *, further: Sequence[Plan] = (),
            scenarios: Sequence[Scenario] = ()) -> Word:
    """The document, not written yet."""
    word = Word(plan.scenario.title, about=f"Plan {plan.years[0]}-{plan.years[-1]}: {plan.scenario.name}")
    word.footer(f"{plan.scenario.title}, {plan.years[0]} to {plan.years[-1]}")
    word.paragraph(f"Plan chapter, {plan.years[0]} to {plan.years[-1]}, baseline {plan.baseline_year}", "Subtitle")
    word.contents()
    first.in_short(word, plan)
    first.situation(word, plan)
    first.options(word, plan, further)
    first.path(word, plan)
    money.launches(word, plan)
    money.coaches(word, plan)
    money.budget(word, plan)
    risks(word, plan)
    annexes.assumptions(word, plan, further)
    annexes.districts(word, plan)
    annexes.checklists(word, filled(plan, provenance, scenarios))
    annexes.sources(word, plan, provenance)
    return word


def filled(plan: Plan, provenance: Mapping[str, Any],
           scenarios: Sequence[Scenario] = ()) -> tuple[FilledChecklist, ...]:
    """The checklists, filled from the plan and its run."""
    known = tuple(scenarios) or tuple(_shipped(plan, provenance))
    return fill_all(Facts(known, plan.reference.name, _run(plan, provenance), _results(plan), costs_of(plan)))


def _check(plan: Plan, place: Path, further: Sequence[Plan]) -> None:
    faults = []
    if place.suffix.lower() != ENDING:
        faults.append(Fault("--out", f'"{plain(place.name)}" has another ending', ENDING))
    if not place.parent.is_dir():
        faults.append(Fault("--out", f'the folder of "{plain(place)}" is not there', "a file in a folder that exists"))
    faults += [Fault("further", f'"{one.scenario.name}" was compared with "{one.reference.name}"', plan.reference.name)
               for one in further if one.reference.digest != plan.reference.digest]
    if faults:
        raise SettingError("", faults)
    refuse_folders(place.parent, [place.name])


def _shipped(plan: Plan, provenance: Mapping[str, Any]) -> list[Scenario]:
    """Shipped scenarios that have the names and the digests of the plan's; none where a file of the user was run."""
    found = []
    held = provenance.get("scenarios") or plan.provenance.get("scenarios") or {}
    for words in (plan.reference, plan.scenario):
        end = (((held.get(words.name) or {}).get("resolved") or {}).get("horizon") or {}).get("end")
        try:
            scenario = load_scenario(words.name, horizon_end=end)
        except (InputError, OSError, ValueError):
            continue
        if scenario.digest == words.digest:
            found.append(scenario)
    return found


def _run(plan: Plan, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What checklists ask of a run: its provenance, and what the record itself says."""
    decision = {"discounting": plan.budget.discounting, "riel": plan.budget.rate_in_words,
                "years": f"{plan.years[0]}-{plan.years[-1]}"}
    own = {"draws": plan.draws, "draws_from": plan.draws_from, "replicates": plan.replicates, "seed": plan.seed,
           "parameters": [one.name for one in plan.sources.parameters], "decision": decision}
    chosen = decision | dict(provenance.get("decision") or {})
    return own | dict(plan.provenance) | dict(provenance) | {"decision": chosen}


def _results(plan: Plan) -> list[dict[str, Any]]:
    """The nation's targets in the last year, of the plan and of its reference, as rows of a headline table."""
    at, rows = (NATION_ROW, len(plan.years)), []
    for target in plan.targets:
        gain = target.difference
        apart = {"difference_mean": gain.mean[at], "difference_p05": gain.low[at], "difference_p95": gain.high[at]}
        for name, level, more in ((plan.reference.name, target.reference, dict.fromkeys(apart, float("nan"))),
                                  (plan.scenario.name, target.scenario, apart)):
            rows.append({"scenario": name, "year": plan.years[-1], "indicator": target.name, "n": int(level.n[at]),
                         "mean": level.mean[at], "p05": level.low[at], "p95": level.high[at]} | more)
    return rows
