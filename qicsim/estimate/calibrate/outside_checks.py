"""What ships, held against what is known from outside: what `python -m experiments.verification checks` keeps."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from qicsim.ground.files import shipped_path


@dataclass(frozen=True)
class OutsideCheck:
    """One check: its name, what is known and from whom, the range that is asked for, what the model gives."""

    name: str
    asked: str
    source: str
    low: float
    high: float
    found: float
    unit: str
    holds: bool


def outside_checks() -> tuple[OutsideCheck, ...]:
    """The kept table; empty where none is kept."""
    path = shipped_path("calibration", "checks.csv")
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(OutsideCheck(row["name"], row["asked"], row["source"], float(row["low"]), float(row["high"]),
                                  float(row["found"]), row["unit"], row["holds"] == "yes")
                     for row in csv.DictReader(file))
