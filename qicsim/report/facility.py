"""Why a facility's score moved: its page and its table, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.history import NOT_OPEN, FacilityHistory, Moves
from qicsim.ground.calendar import MONTHS_PER_YEAR, parse_month
from qicsim.ground.files import together, without_formulas, write_text
from qicsim.ground.numbers import signed
from qicsim.model.columns import STATUSES
from qicsim.report.colours import INK, LINES, RECORDED, REFERENCE, TRUE
from qicsim.report.elements import Markup, figure, items, joined, numbered, table, tag
from qicsim.report.figures import legend
from qicsim.report.formatting import LEDGER_WORDS
from qicsim.report.language import Language, again, say, spoken, text, untranslated
from qicsim.report.method import made
from qicsim.report.origin import IN_ONE_RUN
from qicsim.report.outputs import pages_of, take_away, write_pages
from qicsim.report.page import sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGES, TABLE = pages_of("history.html"), "history.csv"
STACKED = 6
SIZE = (700.0, 250.0)
MARGINS = (46.0, 14.0, 26.0, 8.0)
WIDE_STATUS = {STATUSES[1]: "#dcebf5", STATUSES[2]: "#e6f2e6", STATUSES[3]: "#f6e6d8"}
"""Tints of the months in which a team was active, had graduated, or had lapsed."""
STATUS_WORDS = {NOT_OPEN: text("not open"), STATUSES[0]: text("no team yet"), STATUSES[1]: text("team active"),
                STATUSES[2]: text("team graduated"), STATUSES[3]: text("team lapsed")}
LONG = 12
WARNING = text("One run of one draw: an example of what the model can do, not what a real facility will do.")


def write_history(history: FacilityHistory, moves: Moves, folder: Path | str, provenance: Mapping[str, Any], *,
                  language: str = "en") -> list[Path]:
    """Write the page (en, km or both) and history.csv, all or none; gives their paths."""
    with together(Path(folder)) as place:
        write_text(place / TABLE, without_formulas(history_frame(history)).to_csv(index=False, lineterminator="\n"))
        pages = write_pages(place, PAGES, language, lambda _, others: render_history(history, moves, provenance,
                                                                                    others=others))
    take_away(Path(folder), PAGES.values(), pages)
    return [Path(folder) / name for name in (*pages, TABLE)]


def history_frame(history: FacilityHistory) -> Any:
    """A row for each month in which the facility was open: scores, visits, status, topic, points by ledger line."""
    import pandas as pd

    there = [at for at, status in enumerate(history.status) if status != NOT_OPEN]
    columns = {"month": history.months, "true": history.true, "recorded": history.recorded,
               "observed": [dict(history.observed).get(month) for month in history.months],
               "visits": history.visits, "status": history.status, "topic": history.topic,
               **{f"ledger_{line}": history.ledger[:, at] for at, line in enumerate(history.lines)}}
    return pd.DataFrame(columns).iloc[there]


def render_history(history: FacilityHistory, moves: Moves, provenance: Mapping[str, Any], *,
                   others: Mapping[Language, str] | None = None) -> str:
    """The page as text, in the language spoken."""
    name = untranslated(history.name)
    shown = history
    if history.begins:  # before that is the model's own past, which the data correct
        shown = history.since(min([moves.since, *(month for month, _ in history.observed if month in history.months)]))
    with drawing_style():
        drawn = joined((_scores(shown, moves), _stack(history, moves.since if history.begins else "")))
    how = joined((tag("p", f"{say(WARNING)} {say(IN_ONE_RUN[history.synthetic])}"), made(provenance)))
    return sectioned(
        say("{facility}: why its score moved", facility=name),
        [("moves", say("What moved it"), joined((_table(moves), drawn))),
         ("team", say("What its team did"), _spells(shown)), ("made", say("How it was made"), how)],
        kicker=say("Quality improvement collaboratives in {country}: one facility"),
        heading=say("Why the score of {facility} moved", facility=name), answer=[again(moves.sentences()[0])],
        more=items(say("{points} {line}", points=signed(points), line=say(LEDGER_WORDS[line]))
                   for line, points in moves.largest), others=others)


def _table(moves: Moves) -> Markup:
    rows = [[say(LEDGER_WORDS[line]), signed(points, 2)] for line, points in moves.lines]
    rows += [[say("True quality: the sum"), signed(moves.true, 2)],
             [say("Error of the record"), signed(moves.error, 2)],
             [say("Recorded score"), signed(moves.recorded, 2)]]
    count = len(moves.lines)
    return table(say("Points between the ends of {since} and {until}", since=moves.since, until=moves.until),
                 (say("What moved"), say("Points")), rows, class_="narrow", marked=frozenset({count, count + 2}))


def _scores(history: FacilityHistory, moves: Moves) -> Markup:
    """True and recorded score by month, over the status of the team."""
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    x = _years(history)
    for status, since, until in spells(history.status):
        if status in WIDE_STATUS:
            axes.axvspan(x[since] - 1 / MONTHS_PER_YEAR, x[until], color=WIDE_STATUS[status], linewidth=0)
    axes.plot(x, history.true, color=TRUE)
    axes.plot(x, history.recorded, color=RECORDED, linestyle=(0, (4, 1.8)), drawstyle="steps-post")
    for month in (moves.since, moves.until):
        axes.axvline(_year(month), color=REFERENCE, linewidth=0.9)
    inside = [(_year(month), score) for month, score in history.observed if history.months[0] <= month
              <= history.months[-1]]
    if inside:
        axes.plot(*zip(*inside, strict=True), linestyle="none", marker="o", markersize=4.0, color=INK)
    axes.set_ylabel(say("points"))
    _year_ticks(axes, x)
    quiet(axes)
    signs = legend((TRUE, "line", say("true quality")), (RECORDED, "dash", say("recorded score")),
                   *([(INK, "dot", say("score that was observed"))] if inside else []),
                   *((colour, "box", say(STATUS_WORDS[status])) for status, colour in WIDE_STATUS.items()
                     if status in history.status), (REFERENCE, "rule", say("the two months that are compared")))
    note = say("By month; the record changes at the end of a quarter in which a round is held. One run. Data: {file}.",
               file=TABLE)
    label = say("{facility}: true quality {true}, recorded {recorded} points from {since} to {until}",
                facility=history.name, true=signed(moves.true), recorded=signed(moves.recorded), since=moves.since,
                until=moves.until)
    return figure("figure-scores", numbered(1, say("True quality and record"), say("Figure")), note,
                  joined((signs, finish(drawing, "scores", label))), "")


def _stack(history: FacilityHistory, since: str) -> Markup:
    """Points booked since the facility entered, or since a month, by line, stacked; losses below zero."""
    if since:
        history = history.since(since)
        history = replace(history, ledger=history.ledger - history.ledger[0])
    initial = history.lines.index("initial")
    ledger = np.nan_to_num(np.delete(history.ledger, initial, axis=1))
    names = [line for line in history.lines if line != "initial"]
    chosen = [int(at) for at in np.argsort(-np.abs(ledger).max(axis=0), kind="stable")[:STACKED]]
    rest = ledger[:, [at for at in range(len(names)) if at not in chosen]].sum(axis=1)
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    x = _years(history)
    up, down = np.zeros(len(x)), np.zeros(len(x))
    for part, colour in zip((*ledger[:, chosen].T, rest), (*LINES[:len(chosen)], REFERENCE), strict=True):
        axes.fill_between(x, up, up + np.maximum(part, 0.0), color=colour, linewidth=0)
        axes.fill_between(x, down, down + np.minimum(part, 0.0), color=colour, linewidth=0)
        up, down = up + np.maximum(part, 0.0), down + np.minimum(part, 0.0)
    axes.plot(x, ledger.sum(axis=1), color=INK, linewidth=1.6)
    axes.axhline(0.0, color=INK, linewidth=0.9)
    axes.set_ylabel(say("points since {month}", month=since) if since else say("points since it entered"))
    _year_ticks(axes, x)
    quiet(axes)
    signs = legend(*((LINES[place], "box", say(LEDGER_WORDS[names[at]])) for place, at in enumerate(chosen)),
                   (REFERENCE, "box", say("Everything else")), (INK, "line", say("Sum: change of true quality")))
    label = say("Points by the last month: {lines}", lines="; ".join(
        f"{say(LEDGER_WORDS[names[at]])} {signed(float(ledger[-1, at]))}" for at in chosen))
    return figure("figure-stack", numbered(2, say("Where its points came from"), say("Figure")),
                  say("Every change of true quality, booked to what made it. One run. Data: {file}.", file=TABLE),
                  joined((signs, finish(drawing, "stack", label))), "")


def _spells(history: FacilityHistory) -> Markup:
    """Spells of the team's status, with the topics on which it worked."""
    rows = []
    for status, since, until in spells(history.status):
        topics = [_topic(history, key) for key in dict.fromkeys(history.topic[since:until + 1]) if key]
        visits = float(np.nansum(history.visits[since:until + 1]))
        rows.append([say(STATUS_WORDS[status]), say("{low} to {high}", low=history.months[since],
                                                    high=history.months[until]),
                     joined(topics, ", ") if topics else say("none"), f"{visits:.0f}"])
    return table(say("Its team"), (say("Status"), say("Months"), say("Topics"), say("Coaching visits")), rows,
                 class_="list")


def _topic(history: FacilityHistory, key: str) -> str:
    """A topic's name in the language spoken."""
    english, in_khmer = history.topics.get(key, (key.replace("_", " "), ""))
    return in_khmer if in_khmer and spoken().code == "km" else untranslated(english)


def spells(status: Sequence[str]) -> list[tuple[str, int, int]]:
    """Spells of the same word: the word, and the places of the first and the last month."""
    starts = [at for at, word in enumerate(status) if at == 0 or status[at - 1] != word]
    return [(status[first], first, last - 1) for first, last in zip(starts, [*starts[1:], len(status)], strict=True)]


def _years(history: FacilityHistory) -> np.ndarray:
    """Ends of months, in years."""
    return np.array([_year(month) for month in history.months])


def _year(month: str) -> float:
    return (parse_month(month) + 1) / MONTHS_PER_YEAR


def _year_ticks(axes: Axes, x: np.ndarray) -> None:
    first, last = int(np.ceil(x[0])), int(np.floor(x[-1]))
    step = max((last - first) // LONG, 1)
    axes.set_xlim(x[0], x[-1])
    axes.set_xticks(range(first, last + 1, step), [str(year) for year in range(first, last + 1, step)])
