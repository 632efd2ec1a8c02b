"""Runs as an xarray Dataset (`pip install "qicsim[xarray]"`): of an ensemble, or of the results of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qicsim.runs.ensemble import Ensemble
from qicsim.runs.labelled import USUAL, of_ensemble
from qicsim.runs.results import Results


def dataset(runs: Ensemble | Results, indicators: Sequence[str] = USUAL, groups: Sequence[str] = ("all",)) -> Any:
    """Indicators as labelled arrays (`qicsim.runs.labelled`); a study has the groups that it kept."""
    return runs.to_xarray(indicators) if isinstance(runs, Results) else of_ensemble(runs, indicators, groups)
