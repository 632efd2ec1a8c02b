"""Why a facility's score moved: its page and its table, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.history import NOT_OPEN, FacilityHistory, Moves
from qicsim.ground.calendar import MONTHS_PER_YEAR, parse_month
from qicsim.ground.files import together, without_formulas, write_text
from qicsim.model.columns import STATUSES
from qicsim.report.colours import INK, LINES, RECORDED, REFERENCE, TRUE
from qicsim.report.elements import Markup, figure, items, joined, numbered, section, table, tag
from qicsim.report.figures import legend
from qicsim.report.formatting import LEDGER_WORDS, signed
from qicsim.report.method import fact_label, flat_facts
from qicsim.report.origin import IN_ONE_RUN
from qicsim.report.page import document
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE, TABLE = "history.html", "history.csv"
STACKED = 6
SIZE = (700.0, 250.0)
MARGINS = (46.0, 14.0, 26.0, 8.0)
WIDE_STATUS = {STATUSES[1]: "#dcebf5", STATUSES[2]: "#e6f2e6", STATUSES[3]: "#f6e6d8"}
"""Tints of the months in which a team was active, had graduated, or had lapsed."""
LONG = 12


def write_history(history: FacilityHistory, moves: Moves, folder: Path | str, provenance: Mapping[str, Any]
                  ) -> list[Path]:
    """Write history.html and history.csv, both or none; gives their paths."""
    with together(Path(folder)) as place:
        write_text(place / TABLE, without_formulas(history_frame(history)).to_csv(index=False, lineterminator="\n"))
        write_text(place / PAGE, render_history(history, moves, provenance))
    return [Path(folder) / PAGE, Path(folder) / TABLE]


def history_frame(history: FacilityHistory) -> Any:
    """A row for each month in which the facility was open: scores, visits, status, topic, points by ledger line."""
    import pandas as pd

    there = [at for at, status in enumerate(history.status) if status != NOT_OPEN]
    columns = {"month": history.months, "true": history.true, "recorded": history.recorded,
               "visits": history.visits, "status": history.status, "topic": history.topic,
               **{f"ledger_{line}": history.ledger[:, at] for at, line in enumerate(history.lines)}}
    return pd.DataFrame(columns).iloc[there]


def render_history(history: FacilityHistory, moves: Moves, provenance: Mapping[str, Any]) -> str:
    """The page as text."""
    with drawing_style():
        drawn = joined((_scores(history, moves), _stack(history)))
    first, *rest = moves.sentences()
    top = tag("header", tag("p", "Quality improvement collaboratives in Cambodia: one facility", class_="kicker"),
              tag("h1", f"Why the score of {history.name} moved"), tag("div", tag("p", first), class_="answer"),
              items(rest))
    facts = [fact for key, value in provenance.items() for fact in flat_facts(key, value)]
    made = tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", value)))) for key, value in facts),
               class_="facts")
    parts = (section("moves", "What moved it", _table(moves), drawn),
             section("team", "What its team did", _spells(history)),
             section("made", "How it was made", tag("p", f"{WARNING} {IN_ONE_RUN[history.synthetic]}"), made))
    return document(f"{history.name}: why its score moved", joined((top, tag("main", *parts)), "\n"))


WARNING = "One run of one draw: an example of what the model can do, not what a real facility will do."


def _table(moves: Moves) -> Markup:
    rows = [[LEDGER_WORDS[line], signed(points, 2)] for line, points in moves.lines]
    rows += [["True quality: the sum", signed(moves.true, 2)], ["Error of the record", signed(moves.error, 2)],
             ["Recorded score", signed(moves.recorded, 2)]]
    count = len(moves.lines)
    return table(f"Points between the ends of {moves.since} and {moves.until}", ("What moved", "Points"), rows,
                 class_="narrow", marked=frozenset({count, count + 2}))


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
    axes.set_ylabel("points")
    _year_ticks(axes, x)
    quiet(axes)
    signs = legend((TRUE, "line", "true quality"), (RECORDED, "dash", "recorded score"),
                   *((colour, "box", f"team {status}") for status, colour in WIDE_STATUS.items()
                     if status in history.status), (REFERENCE, "rule", "the two months that are compared"))
    note = "By month; the record changes at the end of a quarter in which a round is held. One run. Data: history.csv."
    label = (f"{history.name}: true quality {history.moves(moves.since, moves.until).true:+.1f}, recorded "
             f"{moves.recorded:+.1f} points from {moves.since} to {moves.until}")
    return figure("figure-scores", numbered(1, "True quality and record"), note,
                  joined((signs, finish(drawing, "scores", label))), "")


def _stack(history: FacilityHistory) -> Markup:
    """Points booked since the facility entered, by line, stacked; losses below zero."""
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
    axes.set_ylabel("points since it entered")
    _year_ticks(axes, x)
    quiet(axes)
    signs = legend(*((LINES[place], "box", LEDGER_WORDS[names[at]]) for place, at in enumerate(chosen)),
                   (REFERENCE, "box", "Everything else"), (INK, "line", "Sum: change of true quality"))
    label = "Points by the last month: " + "; ".join(f"{LEDGER_WORDS[names[at]]} {ledger[-1, at]:+.1f}"
                                                    for at in chosen)
    return figure("figure-stack", numbered(2, "Where its points came from"),
                  "Every change of true quality, booked to what made it. One run. Data: history.csv.",
                  joined((signs, finish(drawing, "stack", label))), "")


def _spells(history: FacilityHistory) -> Markup:
    """Spells of the team's status, with the topics on which it worked."""
    rows = []
    for status, since, until in spells(history.status):
        topics = dict.fromkeys(topic.replace("_", " ") for topic in history.topic[since:until + 1] if topic)
        visits = float(np.nansum(history.visits[since:until + 1]))
        rows.append([status, f"{history.months[since]} to {history.months[until]}", ", ".join(topics) or "none",
                     f"{visits:.0f}"])
    return table("Its team", ("Status", "Months", "Topics", "Coaching visits"), rows, class_="list")


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
