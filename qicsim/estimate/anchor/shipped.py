"""What the shipped rows of effects were held against: studies as their rule reads them, and quantiles wanted and found.

The tables lie beside the rows (`calibration/effects-studies.csv`, `effects-fit.csv`, written by `qicsim anchor`).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from qicsim.estimate.evidence.rules import RULES
from qicsim.estimate.evidence.synthesis import QUANTILES
from qicsim.estimate.evidence.trials import read_trials
from qicsim.ground.files import shipped_path
from qicsim.runs.posterior import FOLDER


@dataclass(frozen=True)
class StudyRead:
    """A study as the rule reads it, at its own design: effect and standard error in points."""

    name: str
    facilities: float
    effect: float
    error: float


@dataclass(frozen=True)
class HeldAgainst:
    """The evidence behind the shipped rows, under the rule that is used.

    studies  the largest effect first
    wanted   5, 25, 50, 75 and 95 % points of what the studies say of a new programme at the reference
    found    the same of fresh simulated trials of the shipped rows
    little_wanted, little_found  chance of less than a point, likewise
    """

    rule: str
    studies: tuple[StudyRead, ...]
    wanted: tuple[float, ...]
    found: tuple[float, ...]
    little_wanted: float
    little_found: float


def held_against() -> HeldAgainst | None:
    """The evidence behind the shipped rows of effects; None where its tables are not shipped."""
    paths = [shipped_path(FOLDER, f"effects-{name}.csv") for name in ("fit", "studies")]
    if not all(path.exists() for path in paths):
        return None
    rule = RULES[0].key
    fit, studies = ([row for row in _rows(path) if row["rule"] == rule] for path in paths)
    trials = {trial.key: trial for trial in read_trials()}
    read = [StudyRead(trials[row["key"]].name, trials[row["key"]].facilities, float(row["effect"]), float(row["se"]))
            for row in studies if row["key"] in trials]
    wanted, found = (tuple(float(fit[0][f"{name}_q{100 * share:02.0f}"]) for share in QUANTILES)
                     for name in ("wanted", "fresh"))
    return HeldAgainst(rule, tuple(sorted(read, key=lambda one: -one.effect)), wanted, found,
                       float(fit[0]["below_1_wanted"]), float(fit[0]["below_1_fresh"]))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
