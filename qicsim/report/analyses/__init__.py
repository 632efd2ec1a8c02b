"""Figures and tables of the analyses of experiments, by kind."""

from __future__ import annotations

from collections.abc import Callable

from qicsim.analysis.findings import Findings
from qicsim.report.analyses import attribution, effects, sensitivity, split
from qicsim.report.elements import Markup

EXHIBITS: dict[str, Callable[[Findings], list[Markup]]] = {
    "contrasts": effects.contrast_exhibits,
    "factorial": effects.factorial_exhibits,
    "replicates": effects.replicate_exhibits,
    "split": split.exhibits,
    **dict.fromkeys(("screening", "sobol", "shapley-effects", "pawn", "emulator"), sensitivity.exhibits),
    "attribution": attribution.exhibits,
}
