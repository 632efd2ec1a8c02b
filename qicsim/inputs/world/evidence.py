"""Every row of a data file says where its numbers come from and how well they are known."""

from __future__ import annotations

from qicsim.ground.declare import GRADES
from qicsim.ground.table import Row


def check_evidence(row: Row) -> None:
    """A source in words, and a grade: that of the row's weakest number."""
    row.text("source")
    row.choice("grade", tuple(GRADES))
