"""Risks of the leading plan, each with a number from the runs, and what trials elsewhere say beside it."""

from __future__ import annotations

from qicsim.analysis.programme import ENOUGH, districts_launched, visits_got
from qicsim.analysis.quarters import facilities_flattered
from qicsim.analysis.spending import MeanSpending
from qicsim.ground import numbers
from qicsim.ground.numbers import adding
from qicsim.inputs.country import plan_start
from qicsim.model.ledger import LEDGER
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.points import ledger_cells
from qicsim.report.programme import launches
from qicsim.report.results import Results

QIC_LEDGER = ("pdsa", "spillover", "session", "exchange", "peers")
# Group problem solving with or without other components, median over studies in poorer countries: Rowe et al. 2018,
# Lancet Glob Health 6:e1163. Practices worked on, not a whole score.
ELSEWHERE = 12.1


def lines_of(results: Results, name: str) -> dict[str, float]:
    """Points more than the reference at the end by ledger line, means, rounded so that they add up."""
    cells = ledger_cells(results, difference=True)
    return dict(zip(LEDGER, adding([cells[name, results.end, line].mean for line in LEDGER]), strict=True))


def source(results: Results, name: str) -> Markup:
    """Which line of the ledger brings most of the gain; a warning where it is more than trials found."""
    lines = lines_of(results, name)
    line = max(lines, key=lines.__getitem__)
    if lines[line] <= 0.0:
        return Markup("")
    lost = sum(points for points in lines.values() if points < 0.0)
    share = phrase("The largest part, {part} of {gained} points gained (less {lost} for fading and slower change), is "
                   "booked to: {line}.", part=numbers.number(lines[line], 1),
                   gained=numbers.number(sum(lines.values()) - lost, 1), lost=numbers.number(-lost, 1),
                   line=tag("strong", say(formatting.LEDGER_WORDS[line]).lower()))
    return joined((part for part in (share, exceeding(results, name)) if part), " ")


def by_collaboratives(results: Results, name: str) -> float:
    """Points more than the reference that are booked to collaboratives."""
    lines = lines_of(results, name)
    return sum(lines[line] for line in QIC_LEDGER)


def exceeding(results: Results, name: str) -> str:
    """A warning, where more is booked to collaboratives than trials elsewhere found."""
    points = by_collaboratives(results, name)
    return (say("What is booked to collaboratives, {points} points, is more than the median of such trials "
                "elsewhere, {median}: take it with doubt.", points=numbers.signed(points),
                median=numbers.number(ELSEWHERE, 1)) if points > ELSEWHERE else "")


def beside_trials(results: Results, name: str) -> str:
    """What trials elsewhere found, beside the points booked to collaboratives."""
    points = by_collaboratives(results, name)
    if points <= 0.0:
        return ""
    return say(
        "Beside trials elsewhere: group problem solving, alone or with other measures, raised the practices worked on "
        "by a median of {median} percentage points (Rowe et al. 2018, Lancet Global Health); two of the larger trials "
        "of collaboratives found little or nothing (India: Zamboni et al. 2021; Tanzania and Uganda: Waiswa et al. "
        "2017). Here {points} points of the whole score are booked to collaboratives by the end of {year}.",
        median=numbers.number(ELSEWHERE, 1),
        points=numbers.signed(points),
        year=results.end,
    )


def risks(results: Results) -> Markup:
    """The section: three risks of the plan, or of the reference if it is alone; nothing before plans begin."""
    if results.early:
        return Markup("")
    name = results.plan or results.reference
    parts = ((say("Too few coaches"), coach_shortage(results, name)),
             (say("Lenient records"), leniency(results, name)), (say("Donors leave"), donor_exit(results, name)))
    return joined((tag("p", phrase("For {scenario}.", scenario=results.named(name, "strong"))),
                   tag("div", *(tag("article", tag("h3", head), tag("p", joined((one for one in said if one), " ")))
                                for head, said in parts), class_="threefold")))


def coach_shortage(results: Results, name: str) -> tuple[str, ...]:
    """Visits got against visits wanted from the plans' start on, and how often every district is launched in time."""
    got = visits_got(results.comparison.ensemble, name)
    if got is None:
        return (say("It has no coached teams from {year} on.", year=plan_start()),)
    told = {"mean": numbers.percent(got.mean), "worst": numbers.percent(got.lowest),
            "quarter": formatting.quarter_named(got.quarter)}
    if not results.several:
        return (say("Teams get {mean} of the coaching visits that the plan wants, and {worst} in the worst quarter, "
                    "{quarter}.", **told),)
    said = say("Teams get {mean} of the coaching visits that the plan wants, and {worst} in the worst quarter, "
               "{quarter}; in {short} of runs they get less than {enough} on average.", **told,
               short=numbers.percent(got.short), enough=numbers.percent(ENOUGH))
    met = districts_launched(results.comparison.ensemble, name, results.end) if launches(results, name) else None
    launched = "" if met is None else say("All districts that were planned are launched by the end of {year} in "
                                          "{share} of runs.", year=results.end, share=numbers.percent(met.share))
    return said, launched


def leniency(results: Results, name: str) -> tuple[str, ...]:
    """The gap between record and truth at the end, in points and in facilities."""
    facilities = facilities_flattered(results.comparison.ensemble, name, results.end)
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


# ------------------------------------------------------------------------------------------------------------ donors


def donor_exit(results: Results, name: str) -> tuple[object, ...]:
    """What donors pay, what is left of the plan's gain where they leave, and what has faded in the reference."""
    money = MeanSpending(results.comparison)
    faded = ledger_cells(results, difference=False)[results.reference, results.end, "fading"].mean
    lost = say("In the reference {points} points gained since the start have faded by the end of {year}.",
               points=numbers.number(abs(faded), 1), year=results.end)
    return (_paid(money, name), _paid_of_pbf(money, name), _exit(results, money, name), lost)


def _paid(money: MeanSpending, name: str) -> str:
    """What part of the collaboratives donors pay, until the end."""
    part = money.donors_in_collaboratives(name)
    if part is None:
        return ""
    return say("Donors pay {share} of its collaboratives, US$ {cost} million from {first} to {last}.",
               share=numbers.percent(part.share), cost=numbers.millions(part.usd), first=money.years[0],
               last=money.years[money.until_end - 1])


def _paid_of_pbf(money: MeanSpending, name: str) -> str:
    """What part donors pay of the PBF money that the plan adds."""
    part = money.donors_in_extra_pbf(name)
    if part is None:
        return ""
    return say("They pay {share} of the PBF money that it adds, US$ {cost} million.",
               share=numbers.percent(part.share), cost=numbers.millions(part.usd))


def _exit(results: Results, money: MeanSpending, name: str) -> object:
    """What is left of the plan's own gain where its donors stop paying; or how to find out."""
    plan = results.named(name)
    if not money.donors_pay(name):
        return ""
    simulated = money.exit_of(name, (other for other in results.others if results.has(other, results.end)))
    if simulated is None:
        return phrase("What would be left of {plan} without its donors is not on this page.", plan=plan)
    other, year = simulated
    rest, full = (results.difference(scenario, results.end, "true").mean for scenario in (other, name))
    return phrase("If the donors of {plan} leave after {year} and nobody follows, its gain at the end of {end} is "
                  "{points} points instead of {full}.", plan=plan, year=year, end=results.end,
                  points=numbers.signed(rest), full=numbers.signed(full))
