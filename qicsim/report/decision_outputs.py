"""What a decision leaves in its folder: a page, its tables (CSV), and what it takes to make them again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qicsim.decide.decision import Decision
from qicsim.decide.tables import TABLES, tables
from qicsim.files import together, write_text
from qicsim.report.outputs import FACTS, write_csv, write_json

PAGE = "decision.html"
DECISION_FILES = (PAGE, FACTS, *(f"{name}.csv" for name in TABLES))


def write_decision(decision: Decision, folder: Path, provenance: Mapping[str, object]) -> list[Path]:
    """Write page, tables and provenance of a decision, all together or not at all; returns the files, the page first.

    A table without rows (nothing to learn, one scenario) is not written.
    """
    from qicsim.report.decision import render_decision

    with together(folder) as place:
        files = [write_csv(table, place / f"{name}.csv") for name, table in tables(decision).items() if len(table)]
        names = [file.name for file in (*files, write_json(dict(provenance), place / FACTS))]
        write_text(place / PAGE, render_decision(decision, dict(provenance) | {"files": names}))
    return [folder / name for name in (PAGE, *names)]
