"""The second half of the plan chapter: launch schedule, coaches, budget, risks."""

from __future__ import annotations

import math

import numpy as np

from qicsim.plan.record import COUNT, MONEY, PROVINCE, Plan, Spread
from qicsim.report import document_figures as figures
from qicsim.report.document_path import add_picture
from qicsim.report.document_words import NATION_ROW, amount, ends, place_name, uncertainty, with_interval
from qicsim.report.word import Word
from qicsim.report.words import COST_WORDS, NONE, PAYER_WORDS, against, listed, number, percent, plural, signed

MOST_RISKS = 6


def launches(word: Word, plan: Plan) -> None:
    """Districts launched by quarter, and how many of each province by year."""
    held = plan.launches
    word.heading("Launch schedule")
    add_picture(word, figures.launches(plan))
    word.table(f"Operational districts launched by the end of each quarter. {uncertainty(plan)}",
               ("Quarter", "Allowed by the plan", "Launched, mean", "Interval", "n"), [
                   (quarter, number(int(held.planned[at])), amount(float(held.launched.mean[at]), COUNT),
                    ends(held.launched, (at,), COUNT), number(int(held.launched.n[at])))
                   for at, quarter in enumerate(plan.quarters)], widths=(2, 2, 2, 2.5, 1))
    word.paragraph("When each district is launched is listed in annex B.")


def coaches(word: Word, plan: Plan) -> None:
    """Posts, coaches at work, needed and trained: the nation by year, provinces at the end."""
    held, last = plan.coaches, len(plan.years)
    parts = (("Posts planned", held.posts), ("At work", held.at_work), ("Needed for every planned visit", held.needed),
             ("Trained in the year", held.trained))
    word.heading("Coaches")
    add_picture(word, figures.coaches(plan))
    word.table(f"Part-time district coaches, the nation. {uncertainty(plan)}",
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
    """Spending by year and payer, line and province; sums, discounted and with uncertain unit costs; riel."""
    held = plan.budget
    word.heading("Budget")
    word.paragraph(f"Amounts are US$ million in constant prices of {held.price_year}. {held.discounting[:1].upper()}"
                   f"{held.discounting[1:]}. Riel: {held.rate_in_words}.")
    add_picture(word, figures.spending(plan))
    word.wide(landscape=True)
    _by(word, plan, "payer", held.by_payer, PAYER_WORDS)
    _by(word, plan, "line", held.by_line, COST_WORDS)
    _by(word, plan, "province", held.by_province, _khmer_names(plan))
    word.wide(landscape=False)
    _sums(word, plan)


def _khmer_names(plan: Plan) -> dict[str, str]:
    return {plan.places[row].name: place_name(plan.places[row]) for row in plan.rows(PROVINCE)}


def _by(word: Word, plan: Plan, kind: str, spread: Spread, shown: dict[str, str]) -> None:
    """Means by year of one division of the budget, its sum over the years, and the whole as the last row."""
    held = plan.budget
    names = {"payer": held.payers, "line": held.lines, "province": held.provinces}[kind]
    rows = [[shown.get(name, name), *(amount(float(value), MONEY) for value in spread.mean[at]),
             amount(float(np.sum(spread.mean[at])), MONEY)] for at, name in enumerate(names)]
    rows.append(["All", *(amount(float(value), MONEY) for value in held.by_year.mean),
                 amount(float(np.sum(held.by_year.mean)), MONEY)])
    word.heading(f"By {kind}", 2)
    word.table(f"Spending by year and {kind}, US$ million of {held.price_year}; means over n = {plan.runs} runs",
               (kind.capitalize(), *map(str, held.years), "Sum"), rows, total=True,
               widths=(3.5, *[1.3] * (len(held.years) + 1)))


def _sums(word: Word, plan: Plan) -> None:
    held = plan.budget
    parts = (("Everything", 0), ("Collaboratives", 1), ("PBF and assessment", 2))
    rows = [[title, with_interval(held.total, (at,), MONEY), with_interval(held.discounted, (at,), MONEY),
             with_interval(held.uncertain, (at,), MONEY), _riel(held.total.mean[at] * held.riel_per_usd)]
            for title, at in parts]
    rows.append(["More than without the plan", with_interval(held.extra_total, (), MONEY, sign=True),
                 with_interval(held.extra_discounted, (), MONEY, sign=True), NONE,
                 _riel(float(held.extra_total.mean) * held.riel_per_usd, sign=True)])
    word.heading("Sums", 2)
    word.table(f"Spending {held.years[0]} to {held.years[-1]}, US$ million of {held.price_year}. {uncertainty(plan)}",
               ("Part", "Undiscounted", "Discounted", "Undiscounted, unit costs uncertain too", "Riel, billion (mean)"),
               rows, widths=(3, 2.6, 2.6, 3, 2))


def _riel(amount_of_riel: float, *, sign: bool = False) -> str:
    return (signed if sign else number)(float(amount_of_riel) / 1e9, 1)


# ------------------------------------------------------------------------------------------------------------- risks


def risks(word: Word, plan: Plan) -> None:
    """What may go wrong, with the numbers of this plan; and which uncertain parameters move it most."""
    word.heading("Risks")
    word.bullets([*_coach_risk(plan), *_delay_risk(plan), *_record_risk(plan), *_payer_risk(plan), *_gain_risk(plan)])
    held = plan.influence
    rows = [(held.meanings[at], held.units[at], *(_rho(value, held.floor) for value in held.rho[at]))
            for at in range(min(MOST_RISKS, len(held.names)))]
    word.table(f"What the plan hinges on: rank correlation of uncertain parameters with outcomes over "
               f"{held.draws} draws. {_chance(held.floor)}",
               ("Parameter", "Unit", *held.outcomes), rows, widths=(4, 1.6, *[2] * len(held.outcomes)))


def _chance(floor: float) -> str:
    """What brackets mean, by the least correlation that so many draws tell from chance."""
    if math.isfinite(floor) and floor < 1.0:
        return f"In brackets: not told from chance (nearer to 0 than {floor:.2f})"
    return "In brackets: not told from chance; with so few draws none is"


def _rho(value: float, floor: float) -> str:
    told = signed(float(value), 2)
    return told if told == NONE or (math.isfinite(floor) and abs(value) >= floor) else f"({told})"


def _coach_risk(plan: Plan) -> list[str]:
    """The year in which coaches fall most behind what is needed."""
    lacking = plan.coaches.needed.mean[NATION_ROW, 1:] - plan.coaches.at_work.mean[NATION_ROW, 1:]
    if not np.isfinite(lacking).any():
        return []
    at = int(np.nanargmax(lacking))
    if lacking[at] <= 0.0:
        return ["Coaches: in every year there are, on average, as many at work as every planned visit needs."]
    row = (NATION_ROW, at + 1)
    return [(f"Shortage of coaches: in {plan.years[at]} {with_interval(plan.coaches.at_work, row, COUNT)} are at work "
             f"where {with_interval(plan.coaches.needed, row, COUNT)} could make every planned visit. Teams then get "
             "fewer visits than planned.")]


def _delay_risk(plan: Plan) -> list[str]:
    """How far launches lag behind what the plan allows at the end."""
    held, last = plan.launches, len(plan.quarters) - 1
    late = [place.name for place, row in zip(plan.districts, held.quarter, strict=True) if not math.isfinite(row[1])]
    told = (f"Slow launches: by the end of {plan.quarters[-1]} {with_interval(held.launched, (last,), COUNT)} of the "
            f"{int(held.planned[-1])} districts that the plan allows are launched.")
    return [told + (f" {plural(len(late), 'district is', 'districts are')} not launched by then in half of the runs "
                    "or more." if late else "")]


def _record_risk(plan: Plan) -> list[str]:
    """How far the recorded score runs ahead of true quality."""
    names = {target.name: target for target in plan.targets}
    if not {"true", "recorded"} <= names.keys():
        return []
    last = len(plan.years)
    gaps = [float(names["recorded"].scenario.mean[NATION_ROW, at] - names["true"].scenario.mean[NATION_ROW, at])
            for at in (0, last)]
    return [(f"Leniency: coaches are also assessors. The mean recorded score lies {against(gaps[0])} the mean "
             f"true quality at the end of {plan.baseline_year} and {against(gaps[1])} it at the end of "
             f"{plan.years[-1]}; a target that is set on recorded scores can be met without better care.")]


def _payer_risk(plan: Plan) -> list[str]:
    """How much each payer carries, in the first and in the last year."""
    held = plan.budget
    if "donor" not in held.payers:
        return []
    donor = held.by_payer.mean[held.payers.index("donor")]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = donor / held.by_year.mean
    if not np.isfinite(share[[0, -1]]).all():
        return []
    return [(f"Exit of donors: they carry {percent(float(share[0]))} of spending in {held.years[0]} and "
             f"{percent(float(share[-1]))} in {held.years[-1]}: US$ {amount(float(donor.sum()), MONEY)} million over "
             "all years, which the government would have to take over.")]


def _gain_risk(plan: Plan) -> list[str]:
    """Indicators whose gain over the reference is not clear of zero."""
    last = (NATION_ROW, len(plan.years))
    found = [(target.title, float(target.difference.low[last]), float(target.difference.high[last]))
            for target in plan.targets]
    unsure = [title for title, low, high in found if low <= 0.0 <= high and low < high]
    return [(f"No gain: at the end of {plan.years[-1]} the interval of the difference from the reference holds zero "
             f"for {listed(unsure)}.")] if unsure else []
