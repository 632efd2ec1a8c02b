"""Tables of the programme: facilities and teams reached, coaches and visits, districts planned and launched."""

from __future__ import annotations

import math

from qicsim.analysis.programme import districts_launched
from qicsim.ground import numbers
from qicsim.report.elements import Markup, table
from qicsim.report.language import say
from qicsim.report.programme import launches, wanted_visits
from qicsim.report.results import Results
from qicsim.report.tables import MARKED, with_interval


def reach_table(results: Results) -> Markup:
    """Coverage, teams, coaches and their load, at the later years."""
    years = results.later_years[-2:]
    heads = [say("Scenario"), *(f"{year}: {what}" for year in years for what in (
        say("ever joined"), say("active teams"), say("coaches"), say("coaches’ time in use"),
        say("visits got / wanted")))]
    rows = [[results.heading(name), *(cell for year in years for cell in _reach(results, name, year))]
            for name in results.names]
    return table(say("Facilities that ever joined, active teams, coaches at work, and coaching visits a team and "
                     "month: means over runs, at the end of the year"), heads, rows, marked=MARKED, class_="dense")


def _reach(results: Results, name: str, year: int) -> tuple[str, ...]:
    def at(indicator: str) -> float:
        return results.path(name, indicator).at(year)

    x = results.path(name, "visits").x
    wanted = next((value for when, value in zip(x, wanted_visits(results, name), strict=True)
                   if math.isclose(when, year + 1.0)), float("nan"))
    each = f"{at('visits'):.2f}\u00a0/\u00a0{numbers.number(wanted, 2)}"
    visits = each if math.isfinite(at("visits")) else numbers.NONE
    return (numbers.number(at("ever")), numbers.number(at("active")), numbers.number(at("coaches")),
            numbers.percent(at("coach_load")), visits)


def launch_table(results: Results) -> Markup:
    """Districts launched against those planned at the later years, for scenarios that launch then."""
    years = results.later_years[-2:]
    rows = [[results.heading(name), *(cell for year in years for cell in _launched(results, name, year))]
            for name in results.names if launches(results, name)]
    if not rows:
        return Markup("")
    heads = [say("Scenario"), *(f"{year}: {what}" for year in years
                                for what in (say("planned"), say("launched"), say("runs in full")))]
    return table(say("Operational districts planned and launched by the end of the year: mean, interval between runs, "
                     "and the share of runs in which the plan was met"), heads, rows)


def _launched(results: Results, name: str, year: int) -> tuple[object, ...]:
    launched = districts_launched(results.comparison.ensemble, name, year)
    if launched is None:
        return (numbers.NONE,) * 3
    return (numbers.number(launched.wanted), with_interval(launched.interval, numbers.number, digits=0),
            numbers.percent(launched.share))
