"""What a decision leaves in its folder: a page, its tables (CSV), and what it takes to make them again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qicsim.decide.decision import Decision
from qicsim.decide.tables import TABLES, tables
from qicsim.ground.files import together
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages

PAGES = pages_of("decision.html")
"""The page of a decision by the code of its language."""
DECISION_FILES = (*PAGES.values(), FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def write_decision(decision: Decision, folder: Path, provenance: Mapping[str, object], *,
                   language: str = "en") -> list[Path]:
    """Write pages, tables and provenance of a decision, all together or not at all; returns the files, the pages first.

    `language` is en, km or both; pages of a former decision in a language that is not asked for are taken away. A
    table without rows (nothing to learn, one scenario) is not written.
    """
    from qicsim.report.decision import render_decision

    with together(folder) as place:
        files = [write_csv(table, place / f"{name}.csv") for name, table in tables(decision).items() if len(table)]
        names = [file.name for file in (*files, *write_facts(dict(provenance), place))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_decision(
            decision, dict(provenance) | {"files": names}, language=one, others=others))
    take_away(folder, PAGES.values(), pages)
    return [folder / name for name in (*pages, *names)]
