"""A plan as a workbook that is a model: prices and quantities in cells, amounts as formulas, native charts, to print.

The same plan gives the same bytes: nothing of the day or of the machine is in the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from qicsim.ground.files import refuse_folders, write_bytes
from qicsim.plan.record import DISTRICT, PROVINCE, Plan
from qicsim.report import plan_tables
from qicsim.report.book import budget, charts, model, nation, opening, places, posts
from qicsim.report.book.sheet import Book
from qicsim.report.language import ENGLISH, Language, speaking, text
from qicsim.report.plan_words import title_of

TARGETS, OPTIONS, ACTIVITIES, UNCERTAINTY = text("Targets"), text("Options"), text("Activities"), text("Uncertainty")
SOURCES, PARAMETERS, DATA_FILES = text("Sources"), text("Parameters"), text("Data files")
VALUE = text("Value for money")
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 a date of no meaning, always the same: files can be compared byte by byte
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
LONGEST_PROPERTY = 255


def write_workbook(plan: Plan, path: Path | str, provenance: Mapping[str, Any] | None = None, *,
                   language: Language = ENGLISH) -> Path:
    """Write a plan to an .xlsx file, whole or not at all; returns its path.

    `provenance` stands on the first sheet, by default that of the plan. SettingError where a folder has the name.
    """
    import xlsxwriter

    place = Path(path)
    refuse_folders(place.parent, [place.name])
    content = io.BytesIO()  # the library prints a traceback of its own when a disk is full
    workbook = xlsxwriter.Workbook(content, SAFE)
    with speaking(language):
        workbook.set_properties({"title": title_of(plan)[:LONGEST_PROPERTY], "author": "qicsim", "created": CREATED})
        _write(Book(workbook), plan, plan.provenance if provenance is None else provenance)
    workbook.close()
    write_bytes(place, content.getbuffer())
    return place


def _write(book: Book, plan: Plan, provenance: Mapping[str, Any]) -> None:
    own, reference = model.sides(plan)
    opening.write_readme(book, plan, provenance)
    opening.write_exhibits(book, TARGETS, [plan_tables.targets(plan)], wide=True)
    opening.write_exhibits(book, OPTIONS, opening.compared(plan), wide=True)
    opening.write_exhibits(book, VALUE, [plan_tables.value(plan), plan_tables.value_without_payments(plan)])
    opening.write_exhibits(book, ACTIVITIES, [plan_tables.activities(plan)])
    model.write_inputs(book, plan)
    model.write_quantities(book, plan, own, (posts.NAME, posts.row_of(places.POSTS)))
    posts.write_posts(book, plan)
    budget.write_envelope(book, plan)
    budget.write_budget(book, plan)
    budget.write_added(book, plan)
    nation.write_nation(book, plan)
    for level in (PROVINCE, DISTRICT):
        places.write_places(book, plan, places.target_rows(plan), level, places.INDICATORS[level])
    places.write_launches(book, plan)
    opening.write_exhibits(book, charts.BY_QUARTER, [plan_tables.quarters(plan)])
    for level in (PROVINCE, DISTRICT):
        places.write_places(book, plan, places.coach_rows(plan, level), level, places.COACHES[level])
    model.write_quantities(book, plan, reference)
    for side in (own, reference):
        model.write_detail(book, plan, side)
    charts.write_charts(book, plan)
    opening.write_assumptions(book, plan)
    opening.write_exhibits(book, UNCERTAINTY, [plan_tables.differences(plan), plan_tables.sums(plan),
                                               plan_tables.drivers(plan)])
    opening.write_exhibits(book, SOURCES, [plan_tables.unit_costs(plan)])
    opening.write_exhibits(book, DATA_FILES, [plan_tables.data_files(plan)])
    opening.write_exhibits(book, PARAMETERS, [plan_tables.parameters(plan)])
