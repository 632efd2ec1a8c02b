"""The checklists filled from a plan and its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qicsim.ground.errors import InputError
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.plan.record import Plan
from qicsim.report.checklist_costs import costs_of
from qicsim.report.checklist_facts import Facts
from qicsim.report.checklists import FilledChecklist, fill_all
from qicsim.report.plan_words import NATION_ROW


def filled(plan: Plan, provenance: Mapping[str, Any],
           scenarios: Sequence[Scenario] = ()) -> tuple[FilledChecklist, ...]:
    """The checklists, filled from the plan and its run."""
    known = tuple(scenarios) or tuple(_shipped(plan, provenance))
    return fill_all(Facts(known, plan.reference.name, _run(plan, provenance), _results(plan), costs_of(plan)))


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
    decision = {"discounting": plan.budget.discounting, "currency": plan.budget.rate_in_words,
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
