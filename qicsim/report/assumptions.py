"""What the answer rests on: the leading plan in three numbers, under other assumptions, and beside studies."""

from __future__ import annotations

import math

from qicsim.analysis.tried_assumptions import Tried, TriedAssumptions
from qicsim.estimate.anchor.shipped import HeldAgainst, held_against
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.report import formatting, risks
from qicsim.report.chapters import Chapter, named
from qicsim.report.colours import GREEN, INK, ORANGE, REFERENCE, TRUE
from qicsim.report.decision_words import assumed as _title
from qicsim.report.decision_words import money
from qicsim.report.elements import Markup, details, figure, items, joined, table, tag
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.figures import legend
from qicsim.report.forest import Z95, Line, forest
from qicsim.report.language import again, phrase, say, text, untranslated
from qicsim.report.panel import Panel
from qicsim.report.results import Results
from qicsim.runs.assumptions import AS_SIMULATED
from qicsim.runs.posterior import POSTERIOR

WIDE, ROW, LEFT = 700.0, 32.0, 292.0
COLOURS = (TRUE, ORANGE)
BREADTHS = ("breadth-none", "breadth-0.1")


def rests(results: Results, first: int) -> Markup:
    """The section, whose figures begin with a number; nothing where no plan is compared."""
    if results.gain is None:
        return Markup("")
    drawn = [make(number) for number, (_, make) in enumerate(figures(results), start=first)]
    said = (*_sentences(results), *_decided(results), risks.source(results, results.gain.plan),
            zero_effect_sentence())
    return joined((items(part for part in said if part), *drawn))


def figures(results: Results) -> Chapter:
    """The plans under assumptions, if any was tried, and the studies behind the effects, if their tables are there."""
    if results.gain is None:
        return []
    tried, evidence = results.comparison.tried, held_against()
    found: Chapter = []
    if tried is not None and tried.keys:
        found.append(("rests", lambda number: _assumptions(results, tried, number)))
    if evidence is not None and results.comparison.ensemble.draws.source == POSTERIOR:
        found.append(("rests", lambda number: _studies(evidence, number)))
    return found


# ------------------------------------------------------------------------------------------------------- sentences


def _sentences(results: Results) -> list[object]:
    """What is said before the figures."""
    row, tried, early = results.gain, results.comparison.tried, results.comparison.early_year
    if row is None:
        return []
    told = {"scenario": results.named(row.plan, "strong"), "points": numbers.signed(row.gain.mean), "year": results.end}
    said: list[object] = [
        phrase("{scenario} gains {points} points by the end of {year}.", **told) if early >= results.end else
        phrase("{scenario} gains {early} points by the end of {soon}, as far as controlled studies reach, and {points} "
               "by the end of {year}: what lies between is extrapolation.", **told, soon=early,
               early=numbers.signed(row.early.mean))]
    if risks.by_collaboratives(results, row.plan) > 0.0 and row.nothing < 1.0:
        said.append(_chances(row))
    said.append(_breadth(results))
    if tried is not None and tried.of(row.plan)[1:]:
        said.append(_range(tried, row.plan))
    return [*(part for part in said if part), *([] if tried is None or not tried.keys else _turned(results, tried))]


def _chances(row: Tried) -> str:
    """How often the gain is next to nothing, and what it is where collaboratives can do something."""
    return say("In {little} of draws it ends below one point; in {nothing} collaboratives can do nothing, which is "
               "largely a judgement. In the others it is {works} on average, and below one point in {rarely}.",
               little=numbers.percent(row.little), nothing=numbers.percent(row.nothing),
               works=numbers.signed(row.works), rarely=numbers.percent(row.little_if_works))


def _breadth(results: Results) -> str:
    """The gain with no breadth and with that of 0.1, from runs of their own; empty where not tried."""
    none, wide = (results.under(key) for key in BREADTHS)
    if none is None or wide is None:
        return ""
    return say("How far teams reach beyond their topic no study measured: with nothing beyond it the gain is {none}, "
               "with the breadth of version 0.1 {wide}.", none=numbers.signed(none.gain.mean),
               wide=numbers.signed(wide.gain.mean))


def _range(tried: TriedAssumptions, plan: str) -> str:
    means, ends = tried.range_of_means(plan), tried.range_of_intervals(plan)
    return say("Other assumptions, tried one at a time, give mean gains from {low} to {high} points; their intervals "
               "reach from {lowest} to {highest}. Nobody knows how likely each of them is, so none has a weight.",
               low=numbers.signed(means[0]), high=numbers.signed(means[1]), lowest=numbers.signed(ends[0]),
               highest=numbers.signed(ends[1]))


def _turned(results: Results, tried: TriedAssumptions) -> list[object]:
    """Under which assumptions the second plan gains more than the first."""
    if not tried.plans[1:]:
        return []
    first, second = tried.plans
    turned = [row.key for row in tried.of(first) if row.rank > 1]
    told = {"second": results.named(second), "first": results.named(first)}
    if not turned:
        return [phrase("Under all of them {first} gains more than {second}.", **told)]
    return [phrase("{second} gains more than {first} under these: {assumptions}.", **told,
                   assumptions="; ".join(map(_title, turned)))]


def _decided(results: Results) -> list[object]:
    """The price of a point at which the choice turns, and what a random order of districts is worth."""
    decision = results.choice.decision
    if decision is None:
        return []
    said: list[object] = []
    *before, last = decision.by_point
    if before:
        said.append(phrase("For one point more of true quality in one facility for a year the choice turns from "
                           "{before} to {last} at {price}.", before=results.named(before[-1].name),
                           last=results.named(last.name), price=tag("strong", money(float(last.icer or 0.0)))))
    said += [*_anchored(results), say(
        "Confidence is very low, low, moderate or high, and is about the evidence alone: low for controlled trials in "
        "other countries, a step less where another plan gains most under some assumption; more would take trials in "
        "{country}.")]
    return [*said, *([again(decision.learning.order.sentence)] if decision.learning.order else [])]


def _anchored(results: Results) -> list[object]:
    """The price on the first screen beside what people know: by person served, and beside what PBF pays a facility."""
    answer = results.answer
    price = next((view.price for view in answer.views if view.price is not None), None) if answer else None
    if answer is None or price is None:
        return []
    return [say("One more facility at 80 points for {price} a year is {each} a year for each of the {served} people "
                "whom a facility serves; PBF pays a facility {paid} a year.", price=money(price),
                each=f"US$ {numbers.number(price / answer.served, 1)}", served=numbers.number(answer.served, 0),
                paid=money(answer.paid))]


# ----------------------------------------------------------------------------------------------------- assumptions


def _assumptions(results: Results, tried: TriedAssumptions, number: int) -> Markup:
    """Dots and intervals of the plans by assumption, and the same as a table."""
    marks = legend(*((colour, "dot", results.heading(plan))
                     for colour, plan in zip(COLOURS, tried.plans, strict=False)))
    note = say("Points of true quality more than the reference at the end of {year}, means over runs. {runs} as "
               "simulated; under other assumptions the same draws and luck with {one} replicate each. Lines: {kind} "
               "One assumption is changed at a time.", year=tried.year, runs=results.runs_in_words,
               one=tried.replicates, kind=results.kind_in_words)
    return figure("figure-assumptions", named(number, say("What does the gain become under other assumptions?")), note,
                  joined((marks, _dots(results, tried))),
                  details(say("These numbers as a table"), _table(results, tried)))


def _dots(results: Results, tried: TriedAssumptions) -> Markup:
    keys = (AS_SIMULATED, *tried.keys)
    panel = Panel((WIDE, 48.0 + ROW * len(keys)), (LEFT, 16.0, 38.0, 4.0), grid="x")
    for colour, plan, shift in zip(COLOURS, tried.plans, _shifts(len(tried.plans)), strict=False):
        for at, row in enumerate(tried.of(plan)):
            panel.line([row.gain.low, row.gain.high], [at + shift] * 2, colour, width=1.6)
            panel.dots(row.gain.mean, at + shift, 5.0, colour)
    panel.names([formatting.lines(_title(key), 50, 2) for key in keys], 8.0)
    panel.upright(0.0, INK, 0.9)
    panel.x.name = say("points more than the reference")
    said = "; ".join(f"{results.title(plan)}, {_title(row.key)}: {_told(row.gain)}" for plan in tried.plans
                     for row in tried.of(plan))
    return panel.svg("assumptions", say("Gain by assumption, points with interval. {said}.", said=said))


def _shifts(count: int) -> tuple[float, ...]:
    return (0.0,) if count == 1 else (-0.17, 0.17)


def _told(cell: Interval[float]) -> str:
    return say("{value} ({low} to {high})", value=numbers.signed(cell.mean), low=numbers.signed(cell.low),
               high=numbers.signed(cell.high))


def _table(results: Results, tried: TriedAssumptions) -> Markup:
    heads = (say("Assumption"), say("How well known"), say("Scenario"),
             *(say("By the end of {year}", year=year) for year in (tried.early_year, tried.year)),
             say("Less than a point"), say("No effect"), say("If it works"), say("At 80 or more, true"))
    rows = [[_title(row.key), say(row.assumption.known) if row.assumption else "", results.key(row.plan),
             _told(row.early), _told(row.gain), numbers.percent(row.little), numbers.percent(row.nothing),
             _works(row), say("{share} pp", share=numbers.signed(100.0 * row.share_80))]
            for key in (AS_SIMULATED, *tried.keys) for row in tried.rows if row.key == key]
    return table(say("Gains under other assumptions, points more than the reference; chances are shares of draws"),
                 heads, rows, class_="dense list")


def _works(row: Tried) -> str:
    return numbers.signed(row.works) if math.isfinite(row.works) else numbers.NONE


# --------------------------------------------------------------------------------------------------------- studies


def _studies(evidence: HeldAgainst, number: int) -> Markup:
    """The studies, what they say of a new programme, and what simulated trials of the shipped rows find."""
    note = say("Effects on the topic in points, read from a start of 49 % (the share of the gap closed, the weakest "
               "practice where it is seen). Lines of studies: 95 % intervals, most from assumed errors. The two bars: "
               "5, 25, 50, 75 and 95 % points after 12 months; harm counts as no effect, and studies are read at their "
               "own month and dose. How often nothing comes is largely a judgement. No study reaches beyond three "
               "years.")
    marks = legend((TRUE, "dot", say("studies")), (REFERENCE, "box", say("a new programme, from the studies")),
                   (GREEN, "box", say("simulated trials of the draws used here")))
    title = say("What did controlled studies find, and what does the model say?")
    return figure("figure-studies", named(number, title), note, joined((marks, _forest(evidence))),
                  details(say("These numbers as a table"), _studies_table(evidence)))


def _forest(evidence: HeldAgainst) -> Markup:
    own = (say("A new programme, from the studies"), say("The model’s simulated trial"))
    found = ((evidence.wanted, REFERENCE), (evidence.found, GREEN))
    panel = forest([*(Line(one.name, (one.effect - Z95 * one.error, one.effect, one.effect + Z95 * one.error))
                      for one in evidence.studies),
                    *(Line(who, tuple(map(float, levels)), colour)
                      for who, (levels, colour) in zip(own, found, strict=True))],
                   say("points on the topic, teams minus comparison"))
    said = "; ".join(say("{who}: median {median}, from {low} to {high}", who=who, median=numbers.number(levels[2], 1),
                         low=numbers.number(levels[0], 1), high=numbers.number(levels[4], 1))
                     for who, (levels, _) in zip(own, found, strict=True))
    return panel.svg("studies", say("Effects of {count} studies, and of a new programme. {said}.",
                                    count=len(evidence.studies), said=said))


def _studies_table(evidence: HeldAgainst) -> Markup:
    heads = (say("Programme"), say("Facilities"), say("Effect, points"), say("95 % interval"))
    rows = [[untranslated(one.name), numbers.number(one.facilities) if math.isfinite(one.facilities) else numbers.NONE,
             numbers.number(one.effect, 1), formatting.interval(one.effect - Z95 * one.error,
                                                                one.effect + Z95 * one.error)]
            for one in evidence.studies]
    for who, levels, little in ((text("A new programme, from the studies"), evidence.wanted, evidence.little_wanted),
                                (text("The model’s simulated trial"), evidence.found, evidence.little_found)):
        rows.append([say(who), numbers.NONE, numbers.number(levels[2], 1),
                     say("5 to 95 %: {low} to {high}; below one point in {little}", low=numbers.number(levels[0], 1),
                         high=numbers.number(levels[4], 1), little=numbers.percent(little))])
    return table(say("Studies behind the effects, under rule {rule}", rule=evidence.rule), heads, rows, class_="dense")
