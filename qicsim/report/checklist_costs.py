"""Answers about costs: what each option costs, what more than the reference, who pays, and how far this is assumed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qicsim.decide.currency import usual_rate
from qicsim.ground.numbers import millions
from qicsim.inputs.country import home
from qicsim.inputs.world.build import data_files as files_of
from qicsim.model.columns import PBF_LINES
from qicsim.plan.record import Plan
from qicsim.report.checklist_facts import Facts, Found, odd_answer, said
from qicsim.report.checklist_inputs import by_file, graded
from qicsim.report.formatting import PAYER_WORDS

Row = Mapping[str, Any]
Amounts = dict[tuple[int, str, str], float]  # US$ by year, line, payer
COSTS = "costs.csv of the run"
COLUMNS = frozenset({"scenario", "year", "line", "payer", "mean"})
GRADE, ASSUMED = "grade", "A"


def costs(facts: Facts) -> Found:
    """How many unit costs there are, of which grade, and how costs are worked out."""
    files = [(names, files_of(scenario)["unit_costs"]) for names, scenario in by_file(facts, "unit_costs")]
    parts = [f"{names}: unit costs from {path.name}{graded(path)}." for names, path in files]
    found = odd_answer(facts, "Costs (`costs.py`, `prices.py`, `bill.py`)", said(*parts))
    return Found(found.text, found.where, assumed=all(_all_assumed(path) for _, path in files))


def _all_assumed(path: Path) -> bool:
    """Whether every row of a table is graded as an assumption."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        grades = [(row.get(GRADE) or "").partition(":")[0] for row in csv.DictReader(file)]
    return bool(grades) and all(grade == ASSUMED for grade in grades)


def currency(facts: Facts) -> Found:
    """Currency, price year, and the rate for the country's own money that the decision used, or the usual one."""
    settings = (facts.run or {}).get("decision") or {}
    local = settings.get("currency", usual_rate().words)
    prices = settings.get("price_year", f"US$ of {_price_year(facts)}")
    return Found(f"Constant {prices}. {home().currency.name.capitalize()} are for display: {local}.",
                 "qicsim/inputs/world/prices.py, qicsim/decide/currency.py")


def _price_year(facts: Facts) -> int:
    """The year whose prices the amounts of a run are in."""
    return int((facts.run or {}).get("money_year", home().price_year))


def spending(facts: Facts) -> str:
    """Mean spending of each scenario in the years in which any differs from the reference, and the increments.

    "" where no costs are at hand, or not those of the reference.
    """
    usd = _sums(facts.costs)
    base = usd.get(facts.reference)
    if base is None or usd.keys() == {facts.reference}:
        return ""
    years = _years(facts.costs, facts.reference)
    total, parts = _total(base, years), []
    for name, held in usd.items():
        parts.append(f"{name} {_money(_total(held, years))}")
        if name != facts.reference:
            parts[-1] += f" ({_increment(held, base, years, _total(held, years) - total)})"
    span = f"{years[0]}–{years[-1]}"
    return f"Mean spending {span}, constant US$ of {_price_year(facts)}, not discounted: {'; '.join(parts)}."


def costs_of(plan: Plan) -> list[dict[str, Any]]:
    """The mean spending of a plan and of its reference, as rows of a table of costs."""
    budget = plan.budget
    usd = {plan.reference.name: budget.reference.mean.sum(axis=1),
           plan.scenario.name: budget.own.mean.sum(axis=1)}
    return [{"scenario": name, "year": year, "line": line, "payer": payer, "mean": float(mean[at, row, column])}
            for name, mean in usd.items() for at, year in enumerate(budget.years)
            for row, line in enumerate(budget.lines) for column, payer in enumerate(budget.payers)]


def _increment(held: Amounts, base: Amounts, years: Sequence[int], more: float) -> str:
    """How much more than the reference, how much of it is not PBF, and by payer."""
    apart = {key: value - base.get(key, 0.0) for key, value in held.items() if key[0] in years}
    programme = sum(value for (_, line, _), value in apart.items() if line not in PBF_LINES)
    payers = dict.fromkeys(payer for _, _, payer in apart)
    paid = ", ".join(f"{PAYER_WORDS.get(payer, payer).lower()} "
                     f"{_signed(sum(value for key, value in apart.items() if key[2] == payer))}" for payer in payers)
    return f"against the reference {_signed(more)}, of it for collaboratives {_signed(programme)}; {paid}"


def _sums(rows: Sequence[Row]) -> dict[str, Amounts]:
    """US$ by scenario, then by (year, line, payer)."""
    held: dict[str, Amounts] = {}
    for row in rows:
        held.setdefault(str(row["scenario"]), {})[int(row["year"]), row["line"], row["payer"]] = float(row["mean"])
    return held


def _years(rows: Sequence[Row], reference: str) -> list[int]:
    """The years from the first on in which a scenario spends otherwise than the reference; all if none does."""
    usd = _sums(rows)
    years = sorted({key[0] for held in usd.values() for key in held})
    first = min((key[0] for held in usd.values() for key, value in held.items()
                 if value != usd[reference].get(key, 0.0)), default=years[0])
    return [year for year in years if year >= first]


def _total(held: Amounts, years: Sequence[int]) -> float:
    return sum(value for key, value in held.items() if key[0] in years)


def _money(usd: float) -> str:
    return f"US$ {millions(usd)} million"


def _signed(usd: float) -> str:
    return f"{'+' if usd >= 0 else '−'}{millions(abs(usd))} million"


ANSWERS: dict[str, Callable[[Facts], Found]] = {"costs": costs, "currency": currency}
