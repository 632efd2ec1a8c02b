"""The answer in a handful of facts: what to do, what it brings, what it costs a year, and how sure that is.

Page, papers and terminal read this one record, so that none can answer otherwise.

A plan is recommended under two views that a ministry can hold. Where PBF's budget is fixed, payments to facilities are
no cost of a plan: they only change hands. Where PBF may grow, they cost what the runs pay. Plans that end PBF are left
out of both: they answer another question, and stand in the tables. In each view the frontier's last large step is the
choice, from its price on; below that price it is what stands before it. The price is of one facility more that is truly
at 80 points for a year. What PBF pays a facility today stands beside it, since nobody has said what that is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.compare import PLAN_START, Comparison
from qicsim.analysis.gains import mean_by_draw, works_by_draw
from qicsim.analysis.quarters import at_quarter
from qicsim.analysis.tried_assumptions import LAST_OF_TRIALS, SMALL
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import frontier
from qicsim.decide.value import large_steps
from qicsim.ground.intervals import Interval, interval_of
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
    """The answer among the scenarios of a comparison; gains are over the reference at the end of `year`.

    plan        what the facts are of: the choice where PBF's budget is fixed, or the first large step beyond nothing
    views       the choices
    gain        points of mean true quality; `early` the mean at the end of `early_year`, as far as studies reach
    facilities  more of them truly at 80 points; `people` served by these
    programme   US$ a year that collaboratives cost more, mean of the years of plans; `public` likewise all public money
    little      share of draws with a gain below a point; `nothing` in which collaboratives can do nothing
    works       mean gain in the other draws; NaN where there is none
    assumed     lowest and highest mean gain under assumptions that were tried; None where none was
    turns       whether another plan gains most under one of them
    confidence  VERY_LOW to HIGH: how good the evidence on effects is, apart from what the runs spread
    served      people in the catchment of a facility, mean
    paid        US$ that PBF pays a facility a year under the reference, mean of the years of plans
    """

    year: int
    reference: str
    plan: str
    views: tuple[View, ...]
    gain: Interval[float]
    early: float
    early_year: int
    facilities: Interval[float]
    people: Interval[float]
    programme: Interval[float]
    public: Interval[float]
    little: float
    nothing: float
    works: float
    assumed: tuple[float, float] | None
    turns: bool
    confidence: int
    served: float
    paid: float


def answer_of(comparison: Comparison, decision: Decision) -> Answer:
    """The answer of a comparison and the decision among its scenarios, as simulated."""
    ensemble, reference, year = comparison.ensemble, comparison.reference, comparison.end
    candidates = with_pbf(ensemble, decision.options.names)
    views = tuple(_view(decision, view, candidates) for view in VIEWS)
    plan = next((one.plan for one in views if one.plan != reference), reference)
    quarter = f"{year}Q4"

    def more(indicator: str, when: str = quarter) -> np.ndarray:
        """Of all facilities together, where the indicator is a share."""
        count = at_quarter(ensemble, plan, "facilities", when) if indicator == "true_80" else 1.0
        return (at_quarter(ensemble, plan, indicator, when) - at_quarter(ensemble, reference, indicator, when)) * count

    gain, early_year = more("true"), min(LAST_OF_TRIALS, year)
    points, works = mean_by_draw(ensemble, gain), works_by_draw(ensemble, plan)
    tried = comparison.tried
    rows = () if tried is None else tried.of(plan)
    turns = tried is not None and len({row.plan for row in tried.rows if row.rank == 1}) > 1
    years = year - PLAN_START + 1
    return Answer(
        year, reference, plan, views, interval_of(gain).at(), float(more("true", f"{early_year}Q4").mean()), early_year,
        interval_of(more("true_80")).at(), interval_of(more("people_true_80")).at(),
        _a_year(comparison, plan, "qic_cost", years), _a_year(comparison, plan, "public_cost", years),
        float(np.mean(points < SMALL)), float(1.0 - works.mean()),
        float(points[works].mean()) if works.any() else np.nan,
        tried.range_of_means(plan) if tried is not None and rows else None, turns,
        confidence(ensemble, turns=turns), _ratio(ensemble, reference, "people", quarter),
        _paid(decision, ensemble, reference, quarter))


def with_pbf(ensemble: Ensemble, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the scenarios that pay by performance until their end; all, where none does."""
    kept = tuple(name for name in names if np.asarray(ensemble.runners[name].scenario.levers.pbf)[-1])
    return kept or names


def confidence(ensemble: Ensemble, *, turns: bool) -> int:
    """How good the evidence on effects is, after GRADE.

    Moderate for controlled trials, a step less as they are of other countries, and a step less again where another plan
    gains most under an assumption that nobody can settle. Very low without trials.

    Steps for indirectness and inconsistency: Guyatt et al. 2008, BMJ 336:924-6. High would take trials in Cambodia.
    """
    trials = any(one.module == EFFECTS.name and one.source != PRIOR for one in ensemble.draws.modules)
    return VERY_LOW if turns or not trials else LOW


def _view(decision: Decision, view: str, candidates: tuple[str, ...]) -> View:
    place = [decision.names.index(name) for name in candidates]
    gain = decision.gains[decision.settings.outcome]
    steps = large_steps(frontier(decision.bill.views[VIEWS[view]][place], gain.better[place], candidates))
    price, below = (steps[-1].icer, steps[-2].name) if steps[1:] else (None, None)
    return View(view, steps[-1].name, price, below)


def _a_year(comparison: Comparison, plan: str, indicator: str, years: int) -> Interval[float]:
    """Money more than under the reference, a year; as the headline has it over the years of plans."""
    rows = comparison.headline
    row = rows[(rows["scenario"] == plan) & (rows["year"] == comparison.end) & (rows["indicator"] == indicator)].iloc[0]
    mean, median, low, high = (float(row[f"difference_{which}"]) / years for which in ("mean", "p50", "p05", "p95"))
    return Interval(mean, median, low, high, int(row["n"]))


def _ratio(ensemble: Ensemble, name: str, indicator: str, quarter: str) -> float:
    """An indicator that is summed, for each facility."""
    return float((at_quarter(ensemble, name, indicator, quarter)
                  / at_quarter(ensemble, name, "facilities", quarter)).mean())


def _paid(decision: Decision, ensemble: Ensemble, reference: str, quarter: str) -> float:
    spent = decision.bill.lines[reference]
    usd = spent.only(line=COST_LINES[PBF_PAYMENTS]).yearly().mean()
    return float(usd / at_quarter(ensemble, reference, "facilities", quarter).mean())
