"""What the leading scenario costs, in sentences: collaboratives, PBF whose payments follow the record, and who pays."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from qicsim.analysis.compare import PLAN_START
from qicsim.analysis.quarters import facility_years
from qicsim.analysis.spending import MeanSpending
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, adding
from qicsim.model.levers import NO_CEILING
from qicsim.report import formatting
from qicsim.report.language import say
from qicsim.report.results import Results


def cost(results: Results, name: str) -> str:
    """Collaboratives, the change in PBF, and both together by payer; nothing before the plans begin."""
    if results.early:
        return ""
    return " ".join((_collaboratives(results, name), _public(results, name)))


def _collaboratives(results: Results, name: str) -> str:
    own = results.level(name, results.end, "qic_cost")
    if own.mean == 0.0:
        return say("It spends nothing on collaboratives from {year} on.", year=PLAN_START)
    said = say("Its collaboratives cost US$ {cost} million{spread} from {first} to {last}, in money of {price_year}.",
               cost=numbers.number(own.mean / MILLION, 1), spread=_spread(own, sign=False), first=PLAN_START,
               last=results.end, price_year=results.price_year)
    before = results.level(results.reference, results.end, "qic_cost")
    if name == results.reference or before.mean == 0.0:
        return said
    more = say("Against the reference, which spends on some too, that is US$ {more} million.",
               more=numbers.signed(results.difference(name, results.end, "qic_cost").mean / MILLION, 1))
    return f"{said} {more}"


def _public(results: Results, name: str) -> str:
    """PBF and all public money, more than the reference; the parts are rounded so that they add up."""
    own, pbf, public = (results.difference(name, results.end, which)
                        for which in ("qic_cost", "pbf_cost", "public_cost"))
    government, donor = adding([float(usd) / MILLION
                                for usd in MeanSpending(results.comparison).extra_by_payer(name)])
    more = round(public.mean / MILLION, 1) - round(own.mean / MILLION, 1)  # the other two stand in the table
    rises = pbf.mean > 0.0 and public.mean > 0.0
    write = partial(numbers.number, digits=1) if rises else numbers.signed
    told = {"pbf": write(more), "pbf_spread": _spread(pbf, sign=not rises), "all": write(public.mean / MILLION),
            "all_spread": _spread(public, sign=not rises), "government": write(government), "donors": write(donor)}
    if rises:
        return say("PBF payments rise with the recorded score: with assessments by US$ {pbf} million{pbf_spread} over "
                   "the reference. Together that is US$ {all} million more of public money{all_spread}: government "
                   "{government}, donors {donors}.", **told)
    return say("PBF and assessments change by US$ {pbf} million{pbf_spread} against the reference, all public money "
               "together by US$ {all} million{all_spread}: government {government}, donors {donors}.", **told)


def _spread(cell: Interval[float], *, sign: bool) -> str:
    """The interval in brackets, after a space; nothing where there is none."""
    if cell.low == cell.high:
        return ""
    return f" ({formatting.interval(cell.low / MILLION, cell.high / MILLION, sign=sign)})"


def without_ceiling(results: Results, name: str) -> str:
    """What a fixed budget of PBF would mean where there is none: payments grow with the record, without limit."""
    extra = None if results.early else MeanSpending(results.comparison).extra_payments(name)
    levers = results.comparison.ensemble.runners[name].scenario.levers
    if extra is None or np.min(levers.pbf_envelope) < NO_CEILING:
        return ""
    return say(
        "Here PBF payments grow with the record without limit, by US$ {extra} million from {first} to {last}. With a "
        "fixed PBF budget every payment would have to be {cut} smaller; a scenario with the lever pbf_envelope "
        "simulates what that does to quality.",
        extra=numbers.number(extra.usd / MILLION, 1),
        first=PLAN_START,
        last=results.end,
        cut=numbers.percent(extra.share),
    )


def for_each_facility(results: Results, name: str) -> str:
    """US$ a year for each facility: of collaboratives, and of all public money more than the reference."""
    each = facility_years(results.comparison.ensemble, name, PLAN_START, results.end)
    if results.early or not math.isfinite(each):
        return ""
    return say("For each facility of the country that is US$ {own} a year for collaboratives; all public money "
               "differs from the reference by US$ {public} a year and facility.",
               own=numbers.number(results.level(name, results.end, "qic_cost").mean / each),
               public=numbers.signed(results.difference(name, results.end, "public_cost").mean / each, 0))
