"""Risks of the leading plan, each with a number from the runs: too few coaches, lenient records, donors who leave."""

from __future__ import annotations

import numpy as np

from qicsim.ensemble.readout import values
from qicsim.experiment.compare import PLAN_START
from qicsim.report import words
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.money import DONOR, Money
from qicsim.report.points import ledger_cells
from qicsim.report.programme import launches, wanted_visits
from qicsim.report.reach import met_in_full
from qicsim.report.results import Results

ENOUGH = 0.8  # of the visits that a plan wants


def risks(results: Results) -> Markup:
    """The section: three risks of the best scenario, or of the reference if it is alone."""
    name = results.best or results.reference
    parts = ((say("Too few coaches"), coach_shortage(results, name)),
             (say("Lenient records"), leniency(results, name)), (say("Donors leave"), donor_exit(results, name)))
    return joined((tag("p", phrase("For {scenario}.", scenario=tag("strong", results.title(name)))),
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
    said = say("Teams get {mean} of the coaching visits that the plan wants, and {worst} in the worst quarter, "
               "{quarter}; in {short} of runs they get less than {enough} on average.",
               mean=words.percent(float(got.mean())), worst=words.percent(float(mean[worst])), quarter=quarter,
               short=words.percent(float(np.mean(got.mean(axis=1) < ENOUGH))), enough=words.percent(ENOUGH))
    met = met_in_full(results, name, results.end) if launches(results, name) else None
    launched = "" if met is None else say("All districts that were planned are launched by the end of {year} in "
                                          "{share} of runs.", year=results.end, share=words.percent(met))
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
    gap = results.level(name, results.end, "inflation")
    extra = results.at_quarter(name, "recorded_80", f"{results.end}Q4") - results.at_quarter(name, "true_80",
                                                                                          f"{results.end}Q4")
    facilities = float((extra * _facilities(results, name)).mean()) if extra.size else float("nan")
    return (say("At the end of {year} the mean recorded score is {gap} true quality ({between}).", year=results.end,
                gap=words.against(gap.mean), between=words.interval(gap.low, gap.high, sign=True)),
            say("{facilities} more facilities would be recorded at 80 or more than truly are, net.",
                facilities=words.number(facilities)))


def _facilities(results: Results, name: str) -> np.ndarray:
    return results.at_quarter(name, "facilities", f"{results.end}Q4")


# ------------------------------------------------------------------------------------------------------------ donors


def donor_exit(results: Results, name: str) -> tuple[object, ...]:
    """What donors pay, what is left where they leave, and what has faded in the reference."""
    money = Money(results)
    spent = money.collaboratives(name)
    paid = (say("Donors pay {share} of its collaboratives, US$ {cost} million from {first} to {last}.",
                share=words.percent(float(spent[:, DONOR].sum() / spent.sum())),
                cost=words.number(float(spent[:, DONOR].sum()) / 1e6, 1), first=money.years[0], last=money.years[-1])
            if spent.sum() > 0.0 else "")
    faded = ledger_cells(results, difference=False)[results.reference, results.end, "fading"].mean
    lost = say("In the reference {points} points gained since the start have faded by the end of {year}.",
               points=words.number(abs(faded), 1), year=results.end)
    return (paid, *_exits(results, money), lost)


def _exits(results: Results, money: Money) -> list[object]:
    """For each scenario in which donors stop paying: what is left of the gain at the end."""
    found: list[object] = [_left(results, money, other, left) for other in results.others
                           if results.has(other, results.end) and (left := left_after(money, other)) is not None]
    return found or [say("No scenario on this page lets the donors leave; the shipped scenario {name} does.",
                         name="donor-exit-2029")]


def left_after(money: Money, name: str) -> int | None:
    """The last year in which donors pay for collaboratives, if later years come without; None otherwise."""
    paid = np.flatnonzero(money.collaboratives(name)[:, DONOR] > 0.0)
    return int(money.years[paid[-1]]) if paid.size and paid[-1] < len(money.years) - 1 else None


def counterpart(results: Results, money: Money, name: str, year: int) -> str | None:
    """A scenario that spends the same as another until its donors leave after a year, and whose donors stay."""
    until = money.years.index(year) + 1
    same = (other for other in results.others if other != name and left_after(money, other) is None
            and np.allclose(money.collaboratives(other)[:until], money.collaboratives(name)[:until]))
    return next((other for other in same if results.has(other, results.end)), None)


def _left(results: Results, money: Money, name: str, year: int) -> Markup:
    gain = words.signed(results.difference(name, results.end, "true").mean)
    told = {"year": year, "scenario": tag("em", results.title(name)), "end": results.end, "points": gain}
    other = counterpart(results, money, name, year)
    if other is None:
        return phrase("Where donors leave after {year}, {scenario}, the gain at the end of {end} is {points} points.",
                      **told)
    return phrase("Where donors leave after {year}, {scenario}, the gain at the end of {end} is {points} points; where "
                  "the same plan goes on, {plan}, it is {full}.", **told, plan=tag("em", results.title(other)),
                  full=words.signed(results.difference(other, results.end, "true").mean))
