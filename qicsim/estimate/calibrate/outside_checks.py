"""What ships, held against what is known from outside: what `python -m experiments.verification checks` keeps."""

from __future__ import annotations

import csv
from typing import NamedTuple

from qicsim.ground.files import shipped_path


class Check(NamedTuple):
    """One check: its name, what is known and from whom, the range asked for, what the model gives, in a unit."""

    name: str
    asked: str
    source: str
    low: float
    high: float
    found: float
    unit: str
    spread: str = ""

    @property
    def holds(self) -> bool:
        """Whether the model's value lies in the range."""
        return self.low <= self.found <= self.high


def outside_checks() -> tuple[Check, ...]:
    """The kept table; empty where none is kept."""
    path = shipped_path("calibration", "checks.csv")
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Check(row["name"], row["asked"], row["source"], float(row["low"]), float(row["high"]),
                           float(row["found"]), row["unit"], row["spread"]) for row in csv.DictReader(file))
