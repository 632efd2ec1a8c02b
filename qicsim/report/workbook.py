"""A plan as a workbook: real numbers, totals as formulas, native charts, ready to print and to paste.

The same plan gives the same bytes: nothing of the day or of the machine is in the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from qicsim.ground.files import refuse_folders, write_bytes
from qicsim.plan.record import DISTRICT, LEVELS, NATION, Plan
from qicsim.report.book.budget import write_budget
from qicsim.report.book.charts import write_charts
from qicsim.report.book.closing import write_parameters, write_sources, write_uncertainty
from qicsim.report.book.coaches import write_coaches
from qicsim.report.book.detail import write_detail
from qicsim.report.book.increment import write_increment
from qicsim.report.book.launches import write_launches, write_quarters
from qicsim.report.book.measures import coach_rows, target_rows, write_measures
from qicsim.report.book.nation import write_nation
from qicsim.report.book.opening import write_assumptions, write_readme
from qicsim.report.book.options import write_options
from qicsim.report.book.sheet import Book
from qicsim.report.book.targets import write_targets

CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 a date of no meaning, always the same: files can be compared byte by byte
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
LONGEST_PROPERTY = 255


def write_workbook(plan: Plan, path: Path | str, provenance: Mapping[str, Any] | None = None) -> Path:
    """Write a plan to an .xlsx file, whole or not at all; returns its path.

    `provenance` stands on the first sheet, by default that of the plan. SettingError where a folder has the name.
    """
    import xlsxwriter

    place = Path(path)
    refuse_folders(place.parent, [place.name])
    content = io.BytesIO()  # the library prints a traceback of its own when a disk is full
    workbook = xlsxwriter.Workbook(content, SAFE)
    workbook.set_properties({"title": plan.scenario.title[:LONGEST_PROPERTY], "author": "qicsim", "created": CREATED})
    _write(Book(workbook), plan, dict(plan.provenance if provenance is None else provenance))
    workbook.close()
    write_bytes(place, content.getbuffer())
    return place


def _write(book: Book, plan: Plan, provenance: dict[str, Any]) -> None:
    write_readme(book, plan, provenance)
    write_targets(book, plan)
    write_assumptions(book, plan)
    write_nation(book, plan)
    for level in LEVELS:
        if level != NATION:
            write_measures(book, plan, target_rows(plan), level, "Indicators")
    write_launches(book, plan)
    write_quarters(book, plan)
    write_coaches(book, plan)
    for level in (LEVELS[1], DISTRICT):
        write_measures(book, plan, coach_rows(plan, level), level, "Coaches")
    write_budget(book, plan)
    write_increment(book, plan)
    write_options(book, plan)
    write_detail(book, plan)
    write_charts(book, plan)
    write_uncertainty(book, plan)
    write_sources(book, plan)
    write_parameters(book, plan)
