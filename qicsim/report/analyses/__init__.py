"""Figures and tables of the analyses of experiments, by kind."""

from __future__ import annotations

from collections.abc import Callable

from qicsim.analysis.findings import Findings
from qicsim.report.analyses import attribution, contrasts, factorial, replicates, sensitivity, split
from qicsim.report.elements import Markup

EXHIBITS: dict[str, Callable[[Findings], list[Markup]]] = {
    "contrasts": contrasts.exhibits,
    "factorial": factorial.exhibits,
    "replicates": replicates.exhibits,
    "split": split.exhibits,
    **dict.fromkeys(("screening", "sobol", "shapley-effects", "pawn", "emulator"), sensitivity.exhibits),
    "attribution": attribution.exhibits,
}
