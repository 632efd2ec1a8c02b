"""What an analysis of an experiment has found, in the form that every kind of analysis gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qicsim.analysis.pictures import draw_findings, face_of_findings
from qicsim.ground.shown import Face, Shown


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Shown):
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

    def face(self) -> Face:
        """The sentences and notes, and the first table."""
        return face_of_findings(self)

    def plot(self, indicator: str | None = None, *, time: str | None = None, axes: Any = None) -> Any:
        """Indices of a sensitivity analysis with intervals, or contrasts over time; gives the matplotlib axes back.

        By default of the first indicator and the last time. SettingError for what there is not.
        """
        return draw_findings(self, indicator, time, axes)
