"""What an analysis of an experiment has found, in the form that every kind of analysis gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Findings:
    """Findings of one kind of analysis.

    kind       its name, as in `[analysis]`
    sentences  the answer in plain words, worked out from the numbers, with n and the kind of interval
    tables     rows by the name of a CSV file without its ending
    record     the estimates, a dataclass of the kind, for the figures
    notes      what was left out, what is not converged, what failed
    """

    kind: str
    sentences: tuple[str, ...]
    tables: dict[str, list[dict[str, Any]]]
    record: Any
    notes: tuple[str, ...] = field(default=())
