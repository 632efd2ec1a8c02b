"""Figures of the analysis `contrasts`."""

from __future__ import annotations

from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.contrasts import Contrasts
from qicsim.report.analyses.effects import Effects, how_made, last_and_over_time
from qicsim.report.elements import Markup


def exhibits(findings: Findings) -> list[Markup]:
    """Differences from the reference at the last time, and over time."""
    found: Contrasts = findings.record
    made = f"{how_made(found.size.words, found.level)} Reference: {found.reference.title}."
    rows = [(arm.title, compared) for arm, compared in found.arms.items()]
    effects = Effects(rows, "Scenario", "More than the reference", made, "contrasts.csv")
    return last_and_over_time(effects, ("How much more than the reference, at the last time",
                                        "The difference over time"))
