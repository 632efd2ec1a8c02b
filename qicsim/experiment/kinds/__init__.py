"""The analyses that a study can ask for in its table `[analysis]`, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qicsim.engine import study as engine
from qicsim.engine.points import Points
from qicsim.engine.study import Kind, Study
from qicsim.experiment.kinds import attribution, attribution_findings, sensitivity, sensitivity_findings

KINDS: dict[str, Kind] = {
    **{name: Kind(sensitivity.checks(name), sensitivity.points, sensitivity_findings.analyse)
       for name in sensitivity.WAYS},
    attribution.NAME: Kind(attribution.check, attribution.points, attribution_findings.analyse,
                           needs=attribution.NEEDS),
}


def read_study(path: Path | str) -> Study:
    """The study of a TOML file (`docs/experiments.md`); DataError with every fault."""
    return engine.read_study(path, KINDS)


def make_study(scenarios: list[Any], *, points: Points | None = None, name: str = "study", folder: Path | str = "",
               **tables: Any) -> Study:
    """A study made in Python: the keys and tables of a study file as arguments; DataError with every fault.

    make_study(["reported", plan], draws=64, replicates=4, until="2030-12", keep={"indicators": ["true"]})

    `scenarios` may hold resolved scenarios among names and files; `points` are ready-made, instead of draws.
    """
    document: Mapping[str, Any] = {"title": name, "scenarios": scenarios, **tables}
    return engine.study_of(document, name=name, folder=Path(folder), points=points, kinds=KINDS)
