"""The tables of a decision (pandas): money, effects, value, information, robustness; one row for each plain fact.

Means stand with their 5-95 % interval between draws (`low`, `high`); `n` is the number of draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.drivers import Drivers
from qicsim.decide import frontier
from qicsim.decide.costing import Spending
from qicsim.decide.decision import Decision
from qicsim.decide.plane import QUADRANTS
from qicsim.ground.intervals import DRAWS, interval_of
from qicsim.ground.translatable import Told, tell

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Rows = Iterator[Row]
PLANE_DRAWS = 1000  # points of each scenario on the plane


def tables(decision: Decision) -> dict[str, pd.DataFrame]:
    """Every table by the name of its file, without the ending."""
    import pandas as pd

    return {name: pd.DataFrame(list(make(decision))) for name, make in TABLES.items()}


def _numbers(values: np.ndarray, start: str = "") -> Row:
    """Mean and interval of values (draws,)."""
    found = interval_of(values, kind=DRAWS)
    return {f"{start}{key}": float(getattr(found, key)) for key in ("mean", "low", "high")}


# ------------------------------------------------------------------------------------------------------------- money


def where(decision: Decision) -> Told:
    """Why single numbers stand at the worth that they do."""
    if decision.value.given:
        return tell("the worth given")
    if len(decision.value.steps) == 1:
        return tell("an amount taken for want of a threshold")
    return tell("the threshold of the last large step")


def settings_facts(decision: Decision) -> dict[str, str]:
    """The settings of a decision as words, by name."""
    used = decision.settings
    facts = {"reference": decision.reference, "years": f"{decision.years[0]}-{decision.years[-1]}",
             "discounting": decision.discounting.words, "perspective": used.perspective,
             "payments": used.payments, "level": used.level, "ceiling": used.ceiling,
             "ceiling_is": used.ceiling_is, "risk": used.risk,
             "events": ", ".join(decision.options.events),
             "price_year": f"US$ of {used.money.year}{_by_file(used.money.table)}",
             "currency": used.currency.words, "outcome": used.outcome, "unit_costs": used.unit_costs,
             "worth": f"US$ {decision.value.worth:,.0f} ({where(decision)})",
             "target": f"{used.target.share:g} of {used.target.group} at {used.target.indicator} by {used.target.by}",
             "draws": decision.draws, "draws_from": decision.source, "replicates": decision.replicates,
             "seed": decision.seed}
    return {key: str(value) for key, value in facts.items()}


def _by_file(prices: Path | None) -> str:
    return "" if prices is None else f", by {prices.name}"


def _settings(decision: Decision) -> Rows:
    yield from ({"setting": key, "value": value} for key, value in settings_facts(decision).items())


def _costs(decision: Decision) -> Rows:
    for name, spent in decision.bill.lines.items():
        yield from _spent(decision, name, spent)


def _places(decision: Decision) -> Rows:
    for name, spent in decision.bill.places.items():
        yield from _spent(decision, name, spent)


def _spent(decision: Decision, name: str, spent: Spending) -> Rows:
    """Spending by year and the axes that it was kept by, in US$ and in local money, and the mean discounted."""
    factors = decision.discounting.factors(spent.years)
    whole = interval_of(spent.usd, kind=DRAWS)
    local = decision.settings.currency
    for place in np.ndindex(*whole.mean.shape):
        labels = {axis: names[at] for (axis, names), at in zip(spent.axes.items(), place[1:], strict=True)}
        spending = whole.at(*place)
        yield {"scenario": name, "year": spent.years[place[0]], **labels, "n": spending.n,
               "usd": spending.mean, "usd_low": spending.low, "usd_high": spending.high,
               "usd_discounted": spending.mean * float(factors[place[0]]),
               local.name: float(local.local(spending.mean))}


def _unit_costs(decision: Decision) -> Rows:
    yield from (dict(vars(one)) for one in decision.bill.unit_costs)


def _budget(decision: Decision) -> Rows:
    """Yearly spending of the money that counts, what it adds to the reference's, and the ceiling."""
    for name, usd in decision.budget.spent.items():
        impact, excess = decision.budget.impact.get(name), decision.budget.excess.get(name)
        for place, year in enumerate(decision.years):
            row = {"scenario": name, "year": year, "n": decision.draws, **_numbers(usd[:, place], "usd_")}
            if impact is not None:
                row |= {f"extra_{key}": float(getattr(impact.by_year, key)[place]) for key in ("mean", "low", "high")}
            if excess is not None:
                limit = float(excess.ceiling[place])
                row |= {"ceiling": limit if np.isfinite(limit) else np.nan, "over": float(excess.over[place]),
                        "probability_over": float(excess.probability[place])}
            yield row


# ----------------------------------------------------------------------------------------------------------- effects


def _effects(decision: Decision) -> Rows:
    for gain in decision.gains.values():
        for place, name in enumerate(decision.names):
            yield {"scenario": name, "outcome": gain.outcome.name, "unit": gain.outcome.unit,
                   "more_is": "better" if gain.outcome.better > 0 else "worse", "n": decision.draws,
                   **_numbers(gain.plain[place], "total_"), **_numbers(gain.discounted[place], "discounted_"),
                   **_numbers(gain.gained[place], "gained_")}


# ------------------------------------------------------------------------------------------------------------- value


def _frontier(decision: Decision) -> Rows:
    found = decision.value.plane
    for row in decision.value.frontier.rows:
        place = decision.names.index(row.name)
        yield {**_step(row), **_numbers(found.extra_costs[place], "cost_over_reference_"),
               **_numbers(found.extra_effects[place], "effect_over_reference_"),
               "ratio_over_reference": float(found.ratio[place]),
               **{quadrant: float(share) for quadrant, share in zip(QUADRANTS, found.quadrants[place], strict=True)}}


def _step(row: frontier.Row) -> Row:
    return {"scenario": row.name, "cost": row.cost, "effect": row.effect, "status": row.status,
            "over": " and ".join(row.over), "extra_cost": row.extra_cost, "extra_effect": row.extra_effect,
            "icer": row.icer}


def _payments(decision: Decision) -> Rows:
    """The frontier with payments to facilities counted, and with them left out."""
    for payments, table in decision.value.views.items():
        yield from ({"payments": payments, **_step(row)} for row in table.rows)


def _worths(decision: Decision) -> Rows:
    """The choice at half the worth, at it and at twice it."""
    for one in decision.value.points:
        yield {"worth": one.worth, "best": one.best, "tied": ", ".join(one.tied), "sure": one.sure, "evpi": one.evpi,
               "error": one.error}


def _sensitivity(decision: Decision) -> Rows:
    """The frontier's large steps under other conventions, and the best choice at the decision's worth."""
    for case in decision.cases:
        for row in case.steps:
            yield {"case": str(case.words), "scenario": row.name, "icer": row.icer, "best_at_worth": case.best}


def _plane(decision: Decision) -> Rows:
    found = decision.value.plane
    for place, name in enumerate(decision.names):
        for draw in range(min(decision.draws, PLANE_DRAWS)) if name != decision.reference else ():
            yield {"scenario": name, "draw": draw, "extra_cost": float(found.extra_costs[place, draw]),
                   "extra_effect": float(found.extra_effects[place, draw])}


def _acceptability(decision: Decision) -> Rows:
    curves = decision.value.curves
    for at, worth in enumerate(curves.worth):
        for place, name in enumerate(curves.names):
            yield {"worth": float(worth), "scenario": name, "probability": float(curves.probability[at, place]),
                   "expected_loss": float(curves.loss[at, place]), "best": bool(curves.best[at] == place),
                   "evpi": float(curves.evpi[at])}


def _information(decision: Decision) -> Rows:
    known, perfect = decision.learning, decision.learning.perfect
    yield {"kind": "everything", "name": "everything", "value": perfect.value, "error": perfect.error,
           "chance": np.nan, "clear": bool(perfect.value > 2.0 * perfect.error)}
    for kind, found in (("parameter", known.alone), ("mechanism", known.groups)):
        if found is None:
            continue
        for place in found.order:
            yield {"kind": kind, "name": found.names[place], "value": float(found.value[place]),
                   "error": float(found.error[place]), "chance": float(found.chance[place]),
                   "clear": bool(found.clear[place])}


def _information_by_worth(decision: Decision) -> Rows:
    """Value of knowing everything, and net benefit of the best re-scoring, by what a unit is worth."""
    for one in decision.learning.over:
        yield {"worth": one.worth, "evpi": one.evpi, "rescoring_facilities": one.size, "rescoring_net": one.net,
               "rescoring_error": one.error, "rescoring_clear": one.clear}


def _studies(decision: Decision) -> Rows:
    for measured, valued in decision.learning.studies.items():
        for place, size in enumerate(valued.study.sizes):
            yield {"measures": measured, "facilities": int(size),
                   **{key: float(getattr(valued.study, key)[place])
                      for key in ("value", "error", "chance", "matched", "cost", "net", "net_error")},
                   "agree": bool(valued.study.agree[place]), "clear": bool(valued.study.clear[place]),
                   "known_exactly": valued.study.most}


# -------------------------------------------------------------------------------------------------------- robustness


def _regret(decision: Decision) -> Rows:
    found = decision.robust.regret
    for place, name in enumerate(found.names):
        yield {"scenario": name, "n": decision.draws, "mean": float(found.mean[place]), "p95": float(found.high[place]),
               "largest": float(found.largest[place])}


def _assumptions(decision: Decision) -> Rows:
    """Each plan under each assumption; from which price of a unit, and of a facility-point-year, it is the choice."""
    found = decision.assumed
    if found is None:
        return
    for one in found.choices:
        prices, by_point = ({row.name: row.icer or 0.0 for row in steps} for steps in (one.steps, one.by_point))
        for place, name in enumerate(found.plans):
            yield {"assumption": one.key, "scenario": name, "n": decision.draws, "worth": found.worth,
                   "net_benefit": float(one.net[place]), "regret": float(one.regret[place]),
                   "best": name == one.best, "chosen_from": prices.get(name, np.nan),
                   "chosen_from_by_point": by_point.get(name, np.nan)}


def _good_enough(decision: Decision) -> Rows:
    """How often each threshold holds alone, and all of them together."""
    enough = decision.robust.enough
    for place, name in enumerate(enough.names):
        yield {"scenario": name, "n": decision.draws,
               **{key: float(enough.each[at, place]) for at, key in enumerate(enough.outcomes)},
               "together": float(enough.share[place])}


def _target(decision: Decision) -> Rows:
    aim = decision.aim
    for place, name in enumerate(decision.names):
        row = {"scenario": name, "share": aim.target.share, "by": aim.target.by, "group": aim.target.group,
               "indicator": aim.target.indicator, "n": decision.draws}
        for indicator, chance in aim.chances.items():
            row |= {f"probability_{indicator}": float(chance.probability[place]),
                    f"probability_{indicator}_low": float(chance.low[place]),
                    f"probability_{indicator}_high": float(chance.high[place])}
        share = aim.share.at(place)
        reached = {f"reached_{sure:.0%}": float(level[place]) for sure, level in aim.reached.items()}
        yield row | {"share_mean": share.mean, "share_low": share.low, "share_high": share.high} | reached


def _target_drivers(decision: Decision) -> Rows:
    aim = decision.aim
    for name, found in aim.drivers.items():
        line, used = aim.middle.get(name, (aim.target.share, found))
        yield from _driver_rows(name, float(line), used.drivers)


def _driver_rows(name: str, line: float, found: Drivers | None) -> Rows:
    if found is None:
        return
    for driver in found.ranked:
        yield {"scenario": name, "line": line, "parameter": driver.parameter, "rank_correlation": driver.correlation,
               "limit": found.limit, "chance_low_third": driver.lowest, "chance_high_third": driver.highest,
               "found": found.exceeds(driver.correlation)}


TABLES: Mapping[str, Callable[[Decision], Rows]] = {
    "settings": _settings, "costs": _costs, "cost-places": _places, "unit-costs": _unit_costs, "budget": _budget,
    "effects": _effects, "frontier": _frontier, "payments": _payments, "worths": _worths, "sensitivity": _sensitivity,
    "plane": _plane, "acceptability": _acceptability, "information": _information,
    "information-by-worth": _information_by_worth, "studies": _studies, "regret": _regret, "assumptions": _assumptions,
    "good-enough": _good_enough,
    "target": _target, "target-hinges": _target_drivers}
