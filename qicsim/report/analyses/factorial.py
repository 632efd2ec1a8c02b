"""Figures of the analysis `factorial`: effects and interactions, true beside recorded; and the cells."""

from __future__ import annotations

from qicsim.analysis.amounts import group_words
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.compared import SCORES
from qicsim.analysis.study_kinds.factorial_words import Factorial
from qicsim.ground.numbers import number
from qicsim.report.analyses.effects import Effects, how_made, last_and_over_time
from qicsim.report.elements import Markup, joined, table


def exhibits(findings: Findings) -> list[Markup]:
    """Effects at the last time and over time, and the means of the cells."""
    found: Factorial = findings.record
    rows = [(" x ".join(factors), compared) for factors, compared in found.effects.items()]
    effects = Effects(rows, "Effect", "Brings", how_made(found.size, found.level),
                      "factorial.csv")
    first, *others = last_and_over_time(effects, ("What each brings, and what they bring only together",
                                                  "The effects over time"))
    return [joined((first, _cells(found))), *others]


def _cells(found: Factorial) -> Markup:
    first = next(iter(found.cells[0][2])).rpartition(", ")[2]
    rows = [[title, on, *(number(means[f"{score}, {first}"], 2) for score in SCORES)]
            for title, on, means in found.cells]
    return table(f"Means of the cells at the last time, {group_words(first)} (all in cells.csv)",
                 ("Scenario", "What is on", "Mean true quality", "Mean recorded score"), rows, class_="dense")
