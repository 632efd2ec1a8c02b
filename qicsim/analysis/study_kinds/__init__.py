"""The analyses that a study can ask for in its table `[analysis]`, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds import (
    attribution_findings,
    contrasts,
    factorial,
    replicates,
    sensitivity_findings,
    split,
)
from qicsim.runs import study as engine
from qicsim.runs.points import Points
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study

USUAL = "contrasts"
KINDS: dict[str, Kind] = {
    "contrasts": contrasts.KIND,
    "factorial": factorial.KIND,
    "replicates": replicates.KIND,
    "split": split.KIND,
    **sensitivity_findings.KINDS,
    "attribution": attribution_findings.KIND,
}


def read_study(path: Path | str) -> Study:
    """The study of a TOML file (`docs/experiments.md`); DataError with every fault."""
    return engine.read_study(path, KINDS | sensitivity_findings.NO_MORE)


def make_study(scenarios: list[Any], *, points: Points | None = None, name: str = "study", folder: Path | str = "",
               **tables: Any) -> Study:
    """A study made in Python: the keys and tables of a study file as arguments; DataError with every fault.

    make_study(["reported", plan], draws=64, replicates=4, until="2030-12", keep={"indicators": ["true"]})

    `scenarios` may hold resolved scenarios among names and files; `points` are ready-made, instead of draws.
    """
    document: Mapping[str, Any] = {"title": name, "scenarios": scenarios, **tables}
    return engine.study_of(document, name=name, folder=Path(folder), points=points,
                           kinds=KINDS | sensitivity_findings.NO_MORE)


def analyse_experiment(results: Results) -> Findings:
    """What the runs say, by the analysis that the study asks for; without one, contrasts with the first scenario.

    Raises SettingError when there are too few runs to say anything.
    """
    kind = KINDS[results.design.study.kind or USUAL]
    found: Findings = kind.analyse(results)  # type: ignore[misc]
    return found
