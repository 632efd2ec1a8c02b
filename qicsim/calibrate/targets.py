"""Targets: what was reported, with its error, and what part it plays.

Read from `calibration/targets.csv`. A target with the role "fit" is fitted; "early" or "late" says whether it was known
by the end of 2019; one with the role "check" is shown and never fitted. Kinds: equal, at least (a value above it is no
misfit), above and within (checks only).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from qicsim.calibrate.problem import Target
from qicsim.errors import DataError
from qicsim.world.table import Layout, Row, read_table

KINDS = ("equal", "at least", "above", "within")
ROLES = ("fit; early", "fit; late", "check")
COLUMNS = ("key", "quantity", "at", "value", "kind", "sd", "role", "grade", "source", "note")
ROLL_OUT = (
    "facilities_2019", "districts_2019", "provinces_2019", "hospitals_mid_2021", "health_centres_mid_2021",
    "districts_mid_2021", "facilities_2021", "districts_2021", "provinces_2021")
TOPICS = ("hand_hygiene", "medical_waste", "general_waste", "tb_screening", "family_planning")
CHECKS = ("share_80_order", "trust_88")
SUMMARIES = (*ROLL_OUT, *(f"{topic}_change" for topic in TOPICS), *CHECKS)
BUILT_IN = ("exchange_lag",)
_RANGE = re.compile(r"-?\d+(\.\d+)?-\d+(\.\d+)?")


@dataclass(frozen=True)
class Report:
    """An observed value: where it belongs, its error (standard deviation, model discrepancy included) and its role."""

    key: str
    quantity: str
    at: str
    value: float
    kind: str
    sd: float
    role: str
    grade: str
    source: str
    note: str

    @property
    def fitted(self) -> bool:
        """Whether it may be fitted."""
        return self.role != "check"

    @property
    def early(self) -> bool:
        """Whether it was known by the end of 2019."""
        return self.role == "fit; early"

    @property
    def target(self) -> Target:
        """As a target of a calibration; its error holds the model discrepancy already."""
        return Target(self.key, self.value, self.sd, self.kind)


def shipped_file(name: str) -> Path:
    """A shipped file of the calibration: beside the package in a checkout, inside it in an installation."""
    inside = Path(str(files("qicsim"))) / "calibration" / name
    return inside if inside.exists() else Path(str(files("qicsim"))).parent / "calibration" / name


def read_targets(path: Path | str | None = None) -> tuple[Report, ...]:
    """The targets of a file; DataError with every fault: unknown key or kind, missing error, a fitted check."""
    table = read_table(path or shipped_file("targets.csv"), Layout(COLUMNS), DataError)
    targets = tuple(_report(row) for row in table.rows)
    table.refuse_repeats("key")
    table.refuse_faults()
    return targets


def _report(row: Row) -> Report:
    key = row.choice("key", (*SUMMARIES, *BUILT_IN))
    kind, role = row.choice("kind", KINDS), row.choice("role", ROLES)
    fitted = role != "check"
    if fitted and kind in ("above", "within"):
        row.fault("kind", f'"{kind}" cannot be fitted', allowed="equal, at least")
    if fitted and key in (*CHECKS, *BUILT_IN):
        row.fault("role", f'"{key}" is a check: it teaches nearly nothing and is never fitted', allowed="check")
    value = 0.0 if kind == "within" and _RANGE.fullmatch(row.text("value")) else row.number("value")
    sd = row.number("sd", low=1e-6, high=1e6) if fitted else row.optional_number("sd", low=1e-6, high=1e6)
    return Report(key, row.text("quantity"), row.text("at"), value, kind, sd, role, row.text("grade"),
                  row.text("source"), row.optional_text("note"))
