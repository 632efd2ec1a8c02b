"""The second half of the plan chapter: launch schedule, coaches, budget."""

from __future__ import annotations

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.ground.numbers import NONE, number, signed
from qicsim.plan.record import COUNT, MONEY, PROVINCE, Plan, Spending
from qicsim.report import document_figures as figures
from qicsim.report.document_path import add_picture
from qicsim.report.document_value import PART_WORDS, increment_words
from qicsim.report.document_words import (
    NATION_ROW,
    THOUSAND_USD,
    alone,
    amount,
    capital,
    ends,
    place_name,
    uncertainty,
    with_interval,
)
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.word import Word

HALF, SAME = 0.5, 1e-9
ADDED = "What the plan adds (plan minus reference)"
LEAST_USD = 500.0  # what is less in every year would be shown as 0 thousand


def launches(word: Word, plan: Plan) -> None:
    """Districts launched by quarter, up to the quarter after which nothing changes."""
    held = plan.launches
    word.heading("Launch schedule")
    word.paragraph(pace_words(plan))
    if held.recruiting:
        add_picture(word, figures.launches(plan))
        shown = range(last_change(plan) + 1)
        word.table(f"Operational districts launched by the end of each quarter, up to the last change. "
                   f"{uncertainty(plan)}", ("Quarter", "Allowed by the plan", "Launched, mean", "Interval", "n"), [
                       (plan.quarters[at], number(held.planned[at]), amount(float(held.launched.mean[at]), COUNT),
                        ends(held.launched, (at,), COUNT), number(int(held.launched.n[at])))
                       for at in shown], widths=(2, 2, 2, 2.5, 1))
        if len(shown) < len(plan.quarters):
            word.paragraph(f"From {plan.quarters[shown[-1]]} to {plan.quarters[-1]} nothing changes.")
    word.paragraph("When each district is launched is listed in annex B.")


def last_change(plan: Plan) -> int:
    """The place of the first quarter from which on allowed and launched districts stay as they are."""
    held = plan.launches
    rows = np.stack([held.planned, held.launched.mean, held.launched.low, held.launched.high], axis=1)
    other = np.flatnonzero(np.abs(rows - rows[-1]).max(axis=1) > SAME)
    return min(int(other[-1]) + 1, len(rows) - 1) if other.size else 0


def pace_words(plan: Plan) -> str:
    """What sets the pace: the plan's ceiling, or capacity and money; and what is there at the plan's own date."""
    held = plan.launches
    if not held.recruiting:
        return (f"The scenario launches no district from {plan.years[0]} on: "
                f"{with_interval(held.launched, (0,), COUNT)} are launched before.")
    lag = held.planned[:held.due + 1] - held.launched.mean[:held.due + 1]
    sets = ("The plan's own ceiling sets the pace: capacity and money would allow as much or more"
            if (lag < HALF).all() else "Capacity and money set the pace in some quarters, not the plan's ceiling alone")
    return (f"The plan allows {number(held.planned[held.due])} districts from {plan.quarters[held.due]} on; by the end "
            f"of that quarter {with_interval(held.launched, (held.due,), COUNT)} are launched. {sets}.")


def coaches(word: Word, plan: Plan) -> None:
    """Posts, coaches at work, needed and trained: the nation by year, provinces at the end."""
    held, last = plan.coaches, len(plan.years)
    parts = (("Posts planned", held.posts), ("At work", held.at_work), ("Needed for every planned visit", held.needed),
             ("Trained in the year", held.trained))
    word.heading("Coaches")
    add_picture(word, figures.coaches(plan))
    word.table(f"Part-time district coaches, {plan.whole}. {uncertainty(plan)}",
               ("Year", *(title for title, _ in parts)), [
                   (str(year), *(with_interval(spread, (NATION_ROW, at), COUNT) for _, spread in parts))
                   for at, year in enumerate(plan.axis)], widths=(1.2, *[2.5] * len(parts)))
    word.table(f"Coaches by province, {plan.years[-1]}. {uncertainty(plan)}",
               ("Province", *(title for title, _ in parts)), [
                   (place_name(plan.places[row]),
                    *(with_interval(spread, (int(row), last), COUNT) for _, spread in parts))
                   for row in plan.rows(PROVINCE)], widths=(3, *[2.5] * len(parts)))


# ------------------------------------------------------------------------------------------------------------ budget


def budget(word: Word, plan: Plan) -> None:
    """What the plan adds and what all costs, by year and payer, line and province; sums; riel."""
    held = plan.budget
    word.heading("Budget")
    if not alone(plan):
        word.paragraph("What is asked for is what the plan adds: spending with the plan minus spending without it, run "
                       f"by run. {increment_words(plan)}")
    word.paragraph(f"{held.prices} {capital(held.discounting)}. Riel: {held.rate_in_words}.")
    _sums(word, plan)
    add_picture(word, figures.spending(plan))
    word.wide(landscape=True)
    for kind, shown in (("payer", PAYER_WORDS), ("line", COST_WORDS), ("province", _khmer_names(plan))):
        word.heading(f"By {kind}", 2)
        if not alone(plan):
            _by(word, plan, kind, shown, held.increment, f"{ADDED}, by year and {kind}")
        _by(word, plan, kind, shown, held.own, f"All spending with the plan, by year and {kind}")
    word.wide(landscape=False)


def _khmer_names(plan: Plan) -> dict[str, str]:
    return {plan.places[row].name: place_name(plan.places[row]) for row in plan.rows(PROVINCE)}


def _by(word: Word, plan: Plan, kind: str, shown: dict[str, str], spent: Spending, title: str) -> None:  # noqa: PLR0917
    """Means by year of one division of money, its sum over the years, and the whole as the last row.

    Where nothing is spent, or nothing is added, in any year, the row is left out; amounts are thousand US$.
    """
    held, sign = plan.budget, spent is plan.budget.increment
    names = {"payer": held.payers, "line": held.lines, "province": held.provinces}[kind]
    spread: Intervals = getattr(spent, f"by_{kind}")
    rows = [[shown.get(name, name), *_amounts(spread.mean[at], sign=sign)] for at, name in enumerate(names)
            if np.abs(spread.mean[at]).max() >= LEAST_USD]
    rows.append(["All", *_amounts(spent.by_year.mean, sign=sign)])
    word.table(f"{title}, thousand US$ of {held.price_year}; means over n = {plan.runs} runs",
               (kind.capitalize(), *map(str, held.years), "Sum"), rows, total=True,
               widths=(3.5, *[1.3] * len(held.years), 1.5))


def _amounts(values: np.ndarray, *, sign: bool) -> list[str]:
    """Amounts by year, and their sum."""
    return [amount(float(value), THOUSAND_USD, sign=sign) for value in (*values, np.sum(values))]


def _sums(word: Word, plan: Plan) -> None:
    held = plan.budget
    rows = [[capital(words), with_interval(held.own.total, (at,), MONEY),
             with_interval(held.own.discounted, (at,), MONEY),
             with_interval(held.uncertain, (at,), MONEY), _riel(float(held.own.total.mean[at]) * held.riel_per_usd)]
            for at, words in enumerate(PART_WORDS)]
    rows += [[f"More than without the plan, {words}", with_interval(held.increment.total, (at,), MONEY, sign=True),
              with_interval(held.increment.discounted, (at,), MONEY, sign=True), NONE,
              _riel(float(held.increment.total.mean[at]) * held.riel_per_usd, sign=True)]
             for at, words in enumerate(PART_WORDS) if not alone(plan)]
    word.heading("Sums", 2)
    word.paragraph("The runs draw two scales of unit costs, one for collaboratives and one for assessment. In the last "
                   "column of US$ every line has the range of its own unit cost instead, so that nothing is counted "
                   "twice.")
    word.table(f"Spending {held.years[0]} to {held.years[-1]}, US$ million of {held.price_year}. {uncertainty(plan)}",
               ("Part", "Unit costs scaled as drawn", "The same, discounted", "Each unit cost drawn from its range",
                "Riel, billion (mean)"), rows, widths=(3, 2.8, 2.8, 3, 1.8))


def _riel(amount_of_riel: float, *, sign: bool = False) -> str:
    return (signed if sign else number)(float(amount_of_riel) / 1e9, 1)
