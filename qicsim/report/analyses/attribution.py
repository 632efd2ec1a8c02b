"""Exhibits of an attribution: the ledger over time and by group; what mechanisms are worth, true and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.amounts import group_words, sentence_case
from qicsim.analysis.contrasts import Contrast
from qicsim.analysis.findings import Findings
from qicsim.analysis.shapley import ShapleyValues
from qicsim.analysis.study_kinds.attribution_findings import AttributionRecord, Subject
from qicsim.analysis.switches import BY_NAME
from qicsim.ground.numbers import signed
from qicsim.ground.translatable import as_written
from qicsim.model.ledger import LEDGER
from qicsim.report.analyses.effects import cell, mark, titled, year_ticks, years_of
from qicsim.report.colours import BLACK, INK, LINES, PAPER, RECORDED, REFERENCE, TRUE
from qicsim.report.elements import Markup, details, figure, identifier, joined, panels, table
from qicsim.report.figures import legend
from qicsim.report.formatting import LEDGER_WORDS
from qicsim.report.language import again, say, text
from qicsim.report.svg import canvas, finish, frame, named_rows, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 40.0
COLOURS = tuple(colour for colour in LINES if colour != BLACK)
"""Of the layers; the line of the sum is black."""
STACKED = len(COLOURS)
POINTS = text("points")
ALL = "all"


def exhibits(findings: Findings) -> list[Markup]:
    """The exhibits, numbered."""
    record: AttributionRecord = findings.record
    drawn = [_worth]
    if len(record.times) > 1:
        drawn.append(_stacks)
    if len(record.times) > 1 and len(record.subjects[0].ledger) > 1:
        drawn.append(_stacks_by_group)
    return [draw(record, place) for place, draw in enumerate((*drawn, _lines_at_the_end), start=1)]


# ------------------------------------------------------------------------------------------------------ Shapley values


def _worth(record: AttributionRecord, place: int) -> Markup:
    """What each mechanism is worth at the last time."""
    small = [(again(one.title), _bars(one, record)) for one in record.shown]
    note = say("Shapley values: the gain from switching a mechanism on, mean over every order in which they could be "
               "switched on, so that it is credited with what it makes others do. Every set of them was run, under the "
               "same draws and luck. n = {size}. Pale: two standard errors from chance. Data: {file}.",
               size=again(record.how_many), file="shapley.csv")
    signs = legend((TRUE, "dot", say("true score")), (RECORDED, "ring", say("recorded score")))
    return figure("figure-worth", titled(place, say("What each mechanism is worth, {time}", time=record.times[-1])),
                  note,
                  joined((signs, panels(small, "wide"))), joined(_worth_table(one, record) for one in record.shown))


def _bars(subject: Subject, record: AttributionRecord) -> Markup:
    rows = [*record.settings.mechanisms, "everything"]
    figure_ = canvas(470.0, 44.0 + ROW * len(rows))
    axes = frame(figure_, (176.0, 14.0, 38.0, 6.0))
    for score, aside, colour in (("true", -0.16, TRUE), ("recorded", 0.16, RECORDED)):
        for row, one in enumerate(_parts(subject.shapley[score])):
            mark(axes, row + aside, (one.low[-1], one.mean[-1], one.high[-1]), one.error_chance[-1], colour,
                 filled=colour == TRUE)
    named_rows(axes, [mechanism_words(name) for name in rows])
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.axhline(len(rows) - 1.5, color=REFERENCE, linewidth=0.6)
    axes.set_xlabel(say(POINTS))
    quiet(axes, grid="x")
    pairs = zip(rows, _parts(subject.shapley["true"]), _parts(subject.shapley["recorded"]), strict=True)
    said = "; ".join(say("{scenario}: true {true}, recorded {recorded}", scenario=mechanism_words(name),
                         true=signed(float(one.mean[-1]), 2), recorded=signed(float(other.mean[-1]), 2))
                     for name, one, other in pairs)
    return finish(figure_, f"worth-{identifier(subject.name)}", _points_of(subject, record, said))


def _points_of(subject: Subject, record: AttributionRecord, said: str) -> str:
    return say("{subject}, {time}, points: {said}", subject=again(subject.title), time=record.times[-1], said=said)


def _parts(found: ShapleyValues) -> tuple[Contrast, ...]:
    return (*found.values, found.total)


def mechanism_words(name: str) -> str:
    """What a mechanism is called on the page."""
    if name == "everything":
        return say("All of these together")
    return again(sentence_case(as_written(BY_NAME[name].meaning.partition(":")[0])))


def _worth_table(subject: Subject, record: AttributionRecord) -> Markup:
    rows = [[mechanism_words(name), *(cell(one.mean[-1], one.low[-1], one.high[-1], POINTS) for one in pair)]
            for name, *pair in zip((*record.settings.mechanisms, "everything"), _parts(subject.shapley["true"]),
                                   _parts(subject.shapley["recorded"]), strict=True)]
    heads = (say("Mechanism"), say("True score, points"), say("Recorded score, points"))
    return table(say("{subject}, {time}; in small type the interval of 90 % between draws",
                     subject=again(subject.title), time=record.times[-1]), heads, rows,
                 class_="narrow", marked=frozenset({len(rows) - 1}))


# --------------------------------------------------------------------------------------------------- ledger over time


def _stacks(record: AttributionRecord, place: int) -> Markup:
    """The mean ledger over time, stacked, for the nation."""
    small = [(again(one.title), _stack(one, record, ALL)) for one in record.subjects]
    note = say("Means over runs of points of true quality by the line of the ledger that booked them; losses lie below "
               "zero. Lines add up to the change of the true score. n = {size} (intervals in {file}).",
               size=again(record.how_many), file="ledger.csv")
    return figure("figure-ledger", titled(place, say("Where points arose, over time, all facilities")), note,
                  joined((_lines_legend(record), panels(small, "wide"))), "")


def _stacks_by_group(record: AttributionRecord, place: int) -> Markup:
    """The mean ledger of the last scenario over time, by group of facilities."""
    last = [one for one in record.subjects if not one.paired][-1]
    small = [(again(group_words(group)), _stack(last, record, group)) for group in last.ledger if group != ALL]
    note = say("{scenario}. As above, a facility's mean. Facilities change their group by status when they join, and "
               "take their ledger with them. n = {size} (intervals in {file}).", scenario=again(last.title),
               size=again(record.how_many), file="ledger.csv")
    return figure("figure-ledger-groups", titled(place, say("Where points arose, by type and status of facilities")),
                  note,
                  joined((_lines_legend(record), panels(small, "wide"))), "")


def _lines_legend(record: AttributionRecord) -> Markup:
    entries = [(COLOURS[at], "box", say(LEDGER_WORDS[LEDGER[line]])) for at, line in enumerate(_strongest(record))]
    return legend(*entries, (REFERENCE, "box", say("Everything else")),
                  (INK, "line", say("Sum: change of the true score")))


def _strongest(record: AttributionRecord) -> list[int]:
    """The lines that are largest at some time, the score at the start aside."""
    peaks = np.max([np.nan_to_num(np.abs(one.ledger[ALL].mean)).max(axis=0) for one in record.subjects], axis=0)
    peaks[LEDGER.index("initial")] = 0.0
    return [int(line) for line in np.argsort(-peaks, kind="stable")[:STACKED] if peaks[line] > 0.0]


def _stack(subject: Subject, record: AttributionRecord, group: str) -> Markup:
    figure_ = canvas(470.0, 260.0)
    axes = frame(figure_, (40.0, 14.0, 26.0, 8.0))
    chosen = _strongest(record)
    x, mean = years_of(record.times), np.nan_to_num(subject.ledger[group].mean)
    others = [line for line in range(len(LEDGER)) if line not in chosen and LEDGER[line] != "initial"]
    parts = [*mean[:, chosen].T, mean[:, others].sum(axis=1)]
    up, down = np.zeros(len(x)), np.zeros(len(x))
    for at, part in enumerate(parts):
        colour = COLOURS[at] if at < len(chosen) else REFERENCE
        up = _layer(axes, x, up, np.maximum(part, 0.0), colour)
        down = _layer(axes, x, down, np.minimum(part, 0.0), colour)
    axes.plot(x, np.sum(parts, axis=0), color=INK, linewidth=1.8)
    axes.axhline(0.0, color=INK, linewidth=0.9)
    axes.set_ylabel(say(POINTS))
    year_ticks(axes, x)
    quiet(axes)
    said = "; ".join(f"{say(LEDGER_WORDS[LEDGER[line]])} {signed(float(mean[-1, line]), 2)}" for line in chosen)
    return finish(figure_, f"ledger-{identifier(subject.name)}-{identifier(group)}",
                  say("{subject}, {group}, points booked by {time}: {said}", subject=again(subject.title),
                      group=again(group_words(group)), time=record.times[-1], said=said))


def _layer(axes: Axes, x: np.ndarray, base: np.ndarray, part: np.ndarray, colour: str) -> np.ndarray:
    """One layer on top of those before it; gives the new edge."""
    if np.any(part):
        axes.fill_between(x, base, base + part, facecolor=colour, edgecolor=PAPER, linewidth=0.5)
    return base + part


# --------------------------------------------------------------------------------------------------- at the last time


def _lines_at_the_end(record: AttributionRecord, place: int) -> Markup:
    """The lines of the nation's ledger at the last time with intervals, and tables by group of facilities."""
    small = [(again(one.title), _lines(one, record)) for one in record.shown]
    note = say("Mean points of a facility booked by the end of {time}. Pale: two standard errors from chance. n = "
               "{size}. Groups by status change as facilities join. Data: {file}.", time=record.times[-1],
               size=again(record.how_many), file="ledger.csv")
    title = titled(place, say("The ledger, {time}", time=record.times[-1]))
    return figure("figure-groups", title, note, panels(small, "wide"),
                  joined(_group_table(one, record) for one in record.subjects))


def _lines(subject: Subject, record: AttributionRecord) -> Markup:
    """The lines of the ledger of all facilities, with intervals."""
    booked = subject.ledger[ALL]
    there = [line for line in range(len(LEDGER)) if LEDGER[line] != "initial" and np.any(booked.mean[:, line])]
    order = sorted(there, key=lambda line: -abs(float(booked.mean[-1, line])))
    figure_ = canvas(470.0, 44.0 + 0.75 * ROW * max(len(order), 1))
    axes = frame(figure_, (176.0, 14.0, 38.0, 6.0))
    for row, line in enumerate(order):
        mark(axes, row, (booked.low[-1, line], booked.mean[-1, line], booked.high[-1, line]),
             booked.error_chance[-1, line], TRUE)
    named_rows(axes, [say(LEDGER_WORDS[LEDGER[line]]) for line in order])
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_xlabel(say(POINTS))
    quiet(axes, grid="x")
    said = "; ".join(f"{say(LEDGER_WORDS[LEDGER[line]])} {signed(float(booked.mean[-1, line]), 2)}" for line in order)
    return finish(figure_, f"lines-{identifier(subject.name)}", _points_of(subject, record, said))


def _group_table(subject: Subject, record: AttributionRecord) -> Markup:
    groups = list(subject.ledger)
    rows = [[say(LEDGER_WORDS[line]), *(_booked(subject.ledger[group], at) for group in groups)]
            for at, line in enumerate(LEDGER)]
    heads = (say("Line of the ledger"), *(again(group_words(group)) for group in groups))
    return details(say("{subject}: by group of facilities", subject=again(subject.title)), table(
        say("Points booked by the end of {time}, a facility's mean", time=record.times[-1]), heads, rows,
        class_="dense"))


def _booked(one: Contrast, line: int) -> object:
    return cell(one.mean[-1, line], one.low[-1, line], one.high[-1, line], POINTS)
