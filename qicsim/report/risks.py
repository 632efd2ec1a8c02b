"""Risks of the leading plan, each with a number from the runs: too few coaches, lenient records, donors who leave."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.compare import PLAN_START
from qicsim.ground import numbers
from qicsim.model.columns import COST_LINES, PBF_LINES
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.money import DONOR, Money
from qicsim.report.points import ledger_cells
from qicsim.report.programme import launches, wanted_visits
from qicsim.report.reach import met_in_full
from qicsim.report.results import Results
from qicsim.report.spent import extra_by_payer
from qicsim.runs.readout import values

ENOUGH = 0.8  # of the visits that a plan wants
EXAMPLE = "donor-exit-2029"


def risks(results: Results) -> Markup:
    """The section: three risks of the best scenario, or of the reference if it is alone; nothing before plans begin."""
    if results.early:
        return Markup("")
    name = results.best or results.reference
    parts = ((say("Too few coaches"), coach_shortage(results, name)),
             (say("Lenient records"), leniency(results, name)), (say("Donors leave"), donor_exit(results, name)))
    return joined((tag("p", phrase("For {scenario}.", scenario=results.named(name, "strong"))),
                   tag("div", *(tag("article", tag("h3", head), tag("p", joined((one for one in said if one), " ")))
                                for head, said in parts), class_="threefold")))


def coach_shortage(results: Results, name: str) -> tuple[str, ...]:
    """Visits got against visits wanted from the plans' start on, and how often every district is launched in time."""
    got = visits_share(results, name)
    if not got.size:
        return (say("It has no coached teams from {year} on.", year=PLAN_START),)
    mean = got.mean(axis=0)
    worst = int(np.argmin(mean))
    quarter = late_quarters(results, name)[worst]
    told = {"mean": numbers.percent(float(got.mean())), "worst": numbers.percent(float(mean[worst])),
            "quarter": formatting.quarter_named(quarter)}
    if not results.several:
        return (say("Teams get {mean} of the coaching visits that the plan wants, and {worst} in the worst quarter, "
                    "{quarter}.", **told),)
    said = say("Teams get {mean} of the coaching visits that the plan wants, and {worst} in the worst quarter, "
               "{quarter}; in {short} of runs they get less than {enough} on average.", **told,
               short=numbers.percent(float(np.mean(got.mean(axis=1) < ENOUGH))), enough=numbers.percent(ENOUGH))
    met = met_in_full(results, name, results.end) if launches(results, name) else None
    launched = "" if met is None else say("All districts that were planned are launched by the end of {year} in "
                                          "{share} of runs.", year=results.end, share=numbers.percent(met))
    return said, launched


def late_quarters(results: Results, name: str) -> list[str]:
    """The quarters from the plans' start on in which visits are wanted and, in every run, there are active teams."""
    return [results.comparison.ensemble.runners[name].quarters[at] for at in _late(results, name)]


def visits_share(results: Results, name: str) -> np.ndarray:
    """Coaching visits got over visits wanted in these quarters, (runs, quarters)."""
    chosen = _late(results, name)
    return values(results.comparison.ensemble, name, "visits")[:, chosen] / wanted_visits(results, name)[chosen]


def _late(results: Results, name: str) -> np.ndarray:
    ensemble = results.comparison.ensemble
    late = np.array([int(quarter[:4]) >= PLAN_START for quarter in ensemble.runners[name].quarters])
    there = np.isfinite(values(ensemble, name, "visits")).all(axis=0)
    return np.flatnonzero(late & there & (wanted_visits(results, name) > 0.0))


def leniency(results: Results, name: str) -> tuple[str, ...]:
    """The gap between record and truth at the end, in points and in facilities."""
    extra = results.at_quarter(name, "recorded_80", f"{results.end}Q4") - results.at_quarter(name, "true_80",
                                                                                          f"{results.end}Q4")
    facilities = float((extra * _facilities(results, name)).mean()) if extra.size else float("nan")
    return (_gap(results, name),
            say("{facilities} more facilities would be recorded at 80 or more than truly are, net.",
                facilities=numbers.number(facilities)))


def _gap(results: Results, name: str) -> str:
    gap = results.level(name, results.end, "inflation")
    spread = "" if gap.low == gap.high else f" ({formatting.interval(gap.low, gap.high, sign=True)})"
    told = {"year": results.end, "gap": numbers.number(abs(gap.mean), 1), "spread": spread}
    if gap.mean >= 0.0:
        return say("At the end of {year} the mean recorded score is {gap} points above true quality{spread}.", **told)
    return say("At the end of {year} the mean recorded score is {gap} points below true quality{spread}.", **told)


def _facilities(results: Results, name: str) -> np.ndarray:
    return results.at_quarter(name, "facilities", f"{results.end}Q4")


# ------------------------------------------------------------------------------------------------------------ donors


def donor_exit(results: Results, name: str) -> tuple[object, ...]:
    """What donors pay, what is left of the plan's gain where they leave, and what has faded in the reference."""
    money = Money(results)
    faded = ledger_cells(results, difference=False)[results.reference, results.end, "fading"].mean
    lost = say("In the reference {points} points gained since the start have faded by the end of {year}.",
               points=numbers.number(abs(faded), 1), year=results.end)
    return (_paid(results, money, name), _paid_of_pbf(results, name), _exit(results, money, name), lost)


def _paid(results: Results, money: Money, name: str) -> str:
    """What part of the collaboratives donors pay, until the end."""
    years = [year for year in money.years if year <= results.end]
    spent = money.collaboratives(name)[:len(years)]
    if spent.sum() <= 0.0:
        return ""
    return say("Donors pay {share} of its collaboratives, US$ {cost} million from {first} to {last}.",
               share=numbers.percent(float(spent[:, DONOR].sum() / spent.sum())),
               cost=numbers.millions(float(spent[:, DONOR].sum())), first=years[0], last=years[-1])


def _paid_of_pbf(results: Results, name: str) -> str:
    """What part donors pay of the PBF money that the plan adds."""
    lines = [COST_LINES.index(line) for line in PBF_LINES]
    extra = extra_by_payer(results, name, slice(min(lines), max(lines) + 1))
    if extra.sum() <= 0.0 or extra.min() < 0.0:
        return ""
    return say(
        "They pay {share} of the PBF money that it adds, US$ {cost} million.",
        share=numbers.percent(float(extra[DONOR] / extra.sum())),
        cost=numbers.millions(float(extra[DONOR])),
    )


def _exit(results: Results, money: Money, name: str) -> object:
    """What is left of the plan's own gain where its donors stop paying; or how to find out."""
    plan = results.named(name)
    found = next(((other, left) for other, left in leavers(results, money) if same_until(money, other, name, left)),
                 None)
    if money.collaboratives(name)[:, DONOR].sum() <= 0.0:
        return ""
    if found is None:
        return phrase("What would be left of {plan} without its donors is not on this page. To find out, copy its file "
                      "{file}, end support in the year in which donors leave as {example} does, and compare both.",
                      plan=plan, file=f"{name}.toml", example=f"{EXAMPLE}.toml")
    other, left = found
    gains = [results.difference(one, results.end, "true").mean for one in (other, name)]
    return phrase("If the donors of {plan} leave after {year} and nobody follows, its gain at the end of {end} is "
                  "{points} points instead of {full}.", plan=plan, year=left, end=results.end,
                  points=numbers.signed(gains[0]), full=numbers.signed(gains[1]))


def leavers(results: Results, money: Money) -> list[tuple[str, int]]:
    """Scenarios in which donors stop paying, with the last year in which they pay."""
    found = ((other, left_after(money, other)) for other in results.others if results.has(other, results.end))
    return [(other, left) for other, left in found if left is not None]


def left_after(money: Money, name: str) -> int | None:
    """The last year in which donors pay for collaboratives, if later years come without; None otherwise."""
    paid = np.flatnonzero(money.collaboratives(name)[:, DONOR] > 0.0)
    return int(money.years[paid[-1]]) if paid.size and paid[-1] < len(money.years) - 1 else None


def same_until(money: Money, other: str, name: str, year: int) -> bool:
    """Whether two scenarios spend the same on collaboratives up to the end of a year, and the second one goes on."""
    until = money.years.index(year) + 1
    return other != name and left_after(money, name) is None and np.allclose(
        money.collaboratives(other)[:until], money.collaboratives(name)[:until])
