"""The first screen: what to do under each view of PBF's budget, and four tiles: do, bring, cost, how sure.

In truth alone: what is recorded, prices and everything else stand behind it. Worked out in `qicsim.decide.answer`.
"""

from __future__ import annotations

from qicsim.decide.answer import FIXED, GROWS, HIGH, LOW, MODERATE, VERY_LOW, Answer, View
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, signed
from qicsim.report import formatting
from qicsim.report.decision_words import money
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say, text
from qicsim.report.results import Results

HEADS = {FIXED: text("If PBF's budget is fixed:"), GROWS: text("If PBF may grow:")}
CONFIDENCE = {VERY_LOW: text("Very low confidence"), LOW: text("Low confidence"),
              MODERATE: text("Moderate confidence"), HIGH: text("High confidence")}


def first_screen(results: Results, answer: Answer, drawn: Markup) -> Markup:
    """Recommendations; tiles with the figure of what plans gain beside them."""
    views = [tag("p", tag("strong", say(HEADS[view.view])), " ", _recommended(results, view, before))
             for view, before in zip(answer.views, (None, *answer.views), strict=False)]
    tiles = (_do(results, answer), _brings(results, answer), _costs(answer), _sure(answer))
    return joined((tag("div", *views, class_="answer"),
                   tag("div", tag("div", *tiles, class_="four"), drawn, class_="first")))


def _recommended(results: Results, view: View, before: View | None) -> Markup:
    """The choice of a view; only the price and what stands below it where the plan is that of the view before."""
    plan = results.named(view.plan)
    if before is not None and (view.plan, view.below) == (before.plan, before.below) and view.price is None:
        return phrase("the same.")
    if view.price is None or view.below is None:
        return phrase("{plan}, whatever better care is worth.", plan=plan)
    told = {"plan": plan, "price": tag("strong", money(view.price)), "below": results.named(view.below)}
    if before is not None and view.plan == before.plan:
        return phrase("the same from {price} on; otherwise {below}.", **told)
    return phrase("{plan}, if one more facility at 80 points is worth {price} a year; otherwise {below}.", **told)


def tile(head: str, big: Markup | str, *small: Markup | str) -> Markup:
    """A tile: its head, one fact set large, and what belongs to it."""
    return tag("div", tag("h3", head), tag("p", big, class_="big"), *(tag("p", one) for one in small if one))


def _do(results: Results, answer: Answer) -> Markup:
    if answer.plan == results.reference:
        return tile(say("What to do"), say("Nothing more"), results.title(answer.plan))
    return tile(say("What to do"), results.title(answer.plan))


def _brings(results: Results, answer: Answer) -> Markup:
    gain, early = answer.gain.gain, results.comparison.early_year
    return tile(say("What it brings by {year}", year=results.end),
                 phrase("{points} points {interval}", points=signed(gain.mean), interval=small_interval(gain)),
                 "" if early >= results.end else
                 say("{points} by {year}", points=signed(answer.gain.early.mean), year=early),
                 say("{facilities} more facilities at 80, serving {people} million people",
                     facilities=numbers.number(answer.facilities.mean, 0),
                     people=numbers.number(answer.people.mean / MILLION, 1)))


def _costs(answer: Answer) -> Markup:
    return tile(say("What it costs a year"),
                 phrase("US$ {usd} million {interval}", usd=numbers.number(answer.programme.mean / MILLION, 1),
                        interval=small_interval(answer.programme, MILLION, sign=False)),
                 say("for collaboratives; all public money {usd} million", usd=signed(answer.public.mean / MILLION, 1)))


def _sure(answer: Answer) -> Markup:
    return tile(say("How sure that is"), say(CONFIDENCE[answer.confidence]),
                 say("trials elsewhere; {chance} chance of less than one point",
                     chance=numbers.percent(answer.gain.little)))


def small_interval(cell: Interval[float], unit: float = 1.0, *, sign: bool = True) -> Markup:
    """The interval in small type; nothing where there is none."""
    if cell.low == cell.high:
        return Markup("")
    return tag("small", f"({formatting.interval(cell.low / unit, cell.high / unit, sign=sign)})")
