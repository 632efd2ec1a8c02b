"""The answer in a handful of facts: what to do, what it brings, what it costs a year, and how sure that is.

A plan is recommended under two views that a ministry can hold. Where PBF's budget is fixed, payments to facilities are
no cost of a plan: they only change hands. Where PBF may grow, they cost what the runs pay. Plans that end PBF are left
out of both: they answer another question, and stand in the tables. In each view the frontier's last large step is the
choice, from its price on; below that price it is what stands before it. The price is of one facility more that is truly
at 80 points for a year. What PBF pays a facility today stands beside it, since nobody has said what that is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.compare import Comparison
from qicsim.analysis.quarters import at_quarter
from qicsim.analysis.tried_assumptions import Tried, gain_of_plan
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import frontier
from qicsim.decide.value import large_steps
from qicsim.ground.intervals import Interval, interval_of
from qicsim.inputs.country import plan_start
from qicsim.model.columns import COST_LINES, PBF_PAYMENTS
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.modules import EFFECTS, PRIOR

FIXED, GROWS = "PBF's budget is fixed", "PBF may grow"
VIEWS = {FIXED: "left out", GROWS: "counted"}
VERY_LOW, LOW, MODERATE, HIGH = range(4)


@dataclass(frozen=True)
class View:
    """The choice under one view of PBF's budget.

    plan   what to do if a facility-year at 80 is worth `price` US$ or more; whatever that is worth where it is None
    below  what to do otherwise; None where there is no price
    """

    view: str
    plan: str
    price: float | None
    below: str | None


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer among the scenarios of a comparison; everything is more than under the reference, at the end.

    plan        what the facts are of: the choice where PBF's budget is fixed, or the first large step beyond nothing
    views       the choices
    gain        points of mean true quality, as far as studies reach and at the end, with its chances
    facilities  that are truly at 80 points; `people` served by these
    programme   US$ a year that collaboratives cost, mean of the years of plans; `public` likewise all public money
    confidence  VERY_LOW to HIGH: how good the evidence on effects is, apart from what the runs spread
    served      people in the catchment of a facility, mean
    paid        US$ that PBF pays a facility a year under the reference, mean of the years of plans
    """

    plan: str
    views: tuple[View, ...]
    gain: Tried
    facilities: Interval[float]
    people: Interval[float]
    programme: Interval[float]
    public: Interval[float]
    confidence: int
    served: float
    paid: float


def answer_of(comparison: Comparison, decision: Decision) -> Answer:
    """The answer of a comparison and the decision among its scenarios, as simulated."""
    ensemble, reference, year = comparison.ensemble, comparison.reference, comparison.end
    candidates = with_pbf(ensemble, decision.options.names)
    views = tuple(_view(decision, view, candidates) for view in VIEWS)
    plan = next((one.plan for one in views if one.plan != reference), reference)

    def at_end(indicator: str, name: str = reference) -> np.ndarray:
        return at_quarter(ensemble, name, indicator, f"{year}Q4")

    facilities, served = at_end("facilities"), float((at_end("people") / at_end("facilities")).mean())
    share, people = (at_end(name, plan) - at_end(name) for name in ("true_80", "people_true_80"))
    return Answer(
        plan, views, gain_of_plan(ensemble, plan, reference, year),
        interval_of(share * at_end("facilities", plan)).at(), interval_of(people).at(),
        _a_year(comparison, plan, "qic_cost"), _a_year(comparison, plan, "public_cost"),
        confidence(comparison), served, _paid(decision, reference) / float(facilities.mean()))


def with_pbf(ensemble: Ensemble, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the scenarios that pay by performance until their end; all, where none does."""
    kept = tuple(name for name in names if np.asarray(ensemble.runners[name].scenario.levers.pbf)[-1])
    return kept or names


def confidence(comparison: Comparison) -> int:
    """How good the evidence on effects is, after GRADE.

    Moderate for controlled trials, a step less as they are of other countries, and a step less again where another plan
    gains most under an assumption that nobody can settle. Very low without trials. High would take trials here.

    Steps for indirectness and inconsistency: Guyatt et al. 2008, BMJ 336:924-6.
    """
    trials = any(one.module == EFFECTS.name and one.source != PRIOR for one in comparison.ensemble.draws.modules)
    leading = {row.plan for row in comparison.tried.rows if row.rank == 1} if comparison.tried else set()
    return LOW if trials and len(leading) <= 1 else VERY_LOW


def _view(decision: Decision, view: str, candidates: tuple[str, ...]) -> View:
    place = [decision.names.index(name) for name in candidates]
    gain = decision.gains[decision.settings.outcome]
    steps = large_steps(frontier(decision.bill.views[VIEWS[view]][place], gain.better[place], candidates))
    price, below = (steps[-1].icer, steps[-2].name) if steps[1:] else (None, None)
    return View(view, steps[-1].name, price, below)


def _a_year(comparison: Comparison, plan: str, indicator: str) -> Interval[float]:
    """Money more than under the reference, a year; as the headline has it over the years of plans."""
    rows, years = comparison.headline, comparison.end - plan_start() + 1
    row = rows[(rows["scenario"] == plan) & (rows["year"] == comparison.end) & (rows["indicator"] == indicator)].iloc[0]
    mean, median, low, high = (float(row[f"difference_{which}"]) / years for which in ("mean", "p50", "p05", "p95"))
    return Interval(mean, median, low, high, int(row["n"]))


def _paid(decision: Decision, name: str) -> float:
    """US$ that PBF pays all facilities a year, mean over draws and years."""
    return float(decision.bill.lines[name].only(line=COST_LINES[PBF_PAYMENTS]).yearly().mean())
