"""Native charts on a sheet of their own, ready to be pasted: each reads cells of the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from qicsim.plan.record import Plan
from qicsim.report.book import budget, coaches, launches, nation
from qicsim.report.book.cells import block
from qicsim.report.book.sheet import Book
from qicsim.report.colours import BLUE, GREEN, ORANGE, REFERENCE, VERMILLION

NAME = "Charts"
WIDTH, HEIGHT = 620, 330
ROWS_APART, COLUMNS_APART = 18, 10


class Line(NamedTuple):
    """A series: its name, the sheet, row and first column of its numbers, its colour, and whether it is dashed."""

    name: str
    sheet: str
    row: int
    column: int
    colour: str
    dashed: bool = False


def write_charts(book: Book, plan: Plan) -> None:
    """The sheet of charts."""
    sheet = book.sheet(NAME, "Charts", "Each chart reads the cells of the other sheets.")
    years = len(plan.axis)
    drawn = (
        _chart(book, "NQEM score and true quality, nation", _scores(), (nation.NAME, nation.HEAD_ROW), years, "Points"),
        _chart(book, "Facilities at 80 or more, nation", _shares(), (nation.NAME, nation.HEAD_ROW), years, "Share"),
        _chart(book, "Teams: facilities reached, and active teams", _teams(plan), (nation.NAME, nation.HEAD_ROW),
               years, "Facilities"),
        _chart(book, "Coaches: posts, at work, needed", _coaches(), (coaches.NAME, coaches.HEAD_ROW), years, "Coaches"),
        _quarters(book, plan), _payers(book, plan))
    for place, chart in enumerate(drawn):
        row, column = divmod(place, 2)
        sheet.sheet.insert_chart(3 + row * ROWS_APART, column * COLUMNS_APART, chart)
    sheet.sheet.print_area(0, 0, 3 + 3 * ROWS_APART, 2 * COLUMNS_APART - 1)


def _national(name: str, target: str, statistic: str, colour: str, *, dashed: bool = False) -> tuple[Any, ...]:
    return name, target, statistic, colour, dashed


def _scores() -> tuple[tuple[Any, ...], ...]:
    return (_national("Recorded", "recorded", "Target (mean)", VERMILLION),
            _national("Recorded, low", "recorded", "Target, low", VERMILLION, dashed=True),
            _national("Recorded, high", "recorded", "Target, high", VERMILLION, dashed=True),
            _national("True", "true", "Target (mean)", BLUE),
            _national("Recorded, reference", "recorded", "Reference (mean)", REFERENCE))


def _shares() -> tuple[tuple[Any, ...], ...]:
    return (_national("Recorded", "recorded_80", "Target (mean)", VERMILLION),
            _national("True", "true_80", "Target (mean)", BLUE),
            _national("Recorded, reference", "recorded_80", "Reference (mean)", REFERENCE, dashed=True))


def _teams(plan: Plan) -> tuple[tuple[Any, ...], ...]:
    del plan
    return (_national("Ever joined", "ever", "Target (mean)", BLUE), _national("Active", "active", "Target (mean)", GREEN))
