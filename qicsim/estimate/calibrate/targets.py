"""Targets: what was reported, with its error, and what part it plays.

Read from `calibration/targets.csv`. A target with the role "fit" is fitted; "early" or "late" says whether it was known
by the end of 2019; one with the role "check" is shown and not fitted. The rows of Table 2 are checks: chosen examples
that teams measured themselves. A study that takes them for evidence says so (`table2 = "bias"`). Kinds: equal, at least
(a value above it is no misfit), above and within (checks only).

`sd` is the whole error, as the likelihood uses it; `discrepancy` says how much of it is model discrepancy (the rest is
observation error: sd^2 = observation^2 + discrepancy^2). Both are judgements (grade A), and a study may change the
second.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

from qicsim.estimate.calibrate.problem import Target
from qicsim.ground.declare import GRADES
from qicsim.ground.errors import DataError
from qicsim.ground.files import shipped_path
from qicsim.ground.table import Layout, Row, read_table

CALIBRATION = "calibration"
KINDS = ("equal", "at least", "above", "within")
ROLES = ("fit; early", "fit; late", "check")
COLUMNS = ("key", "quantity", "at", "value", "kind", "sd", "role", "grade", "source", "note")
DISCREPANCY = "discrepancy"
ROLL_OUT = (
    "facilities_2019", "districts_2019", "provinces_2019", "hospitals_mid_2021", "health_centres_mid_2021",
    "districts_mid_2021", "facilities_2021", "districts_2021", "provinces_2021")
TOPICS = ("hand_hygiene", "medical_waste", "general_waste", "tb_screening", "family_planning")
TABLE_2 = tuple(f"{topic}_change" for topic in TOPICS)
CHECKS = ("share_80_order", "trust_88")
SUMMARIES = (*ROLL_OUT, *TABLE_2, *CHECKS)
BUILT_IN = ("exchange_lag",)
# The dates at which a run is read (`reported_history`, `history`): another date in a file would be misunderstood.
AT = {"facilities_2019": "2019-12", "districts_2019": "2019-12", "provinces_2019": "2019-12",
      "hospitals_mid_2021": "2021-06", "health_centres_mid_2021": "2021-06", "districts_mid_2021": "2021-06",
      "facilities_2021": "2021-12", "districts_2021": "2021-12", "provinces_2021": "2021-12",
      "hand_hygiene_change": "2020-06 to 2021-06", "medical_waste_change": "2020-06 to 2021-08",
      "general_waste_change": "2020-06 to 2021-09", "tb_screening_change": "2019-10 to 2021-06",
      "family_planning_change": "2019-10 to 2021-06", "share_80_order": "2021-06", "trust_88": "2021-04 to 2021-06"}
_RANGE = re.compile(r"-?\d+(\.\d+)?-\d+(\.\d+)?")


@dataclass(frozen=True)
class Report:
    """An observed value: where it belongs, its whole error and the model discrepancy in it (both sd), its role."""

    key: str
    quantity: str
    at: str
    value: float
    kind: str
    sd: float
    discrepancy: float
    role: str
    grade: str
    source: str
    note: str

    @property
    def fitted(self) -> bool:
        """Whether every study may fit it."""
        return self.role != "check"

    @property
    def early(self) -> bool:
        """Whether it was known by the end of 2019."""
        return self.role == "fit; early"

    @property
    def target(self) -> Target:
        """As a target of a calibration."""
        return Target(self.key, self.value, self.observation_error, self.kind, self.discrepancy)

    @property
    def observation_error(self) -> float:
        """The part of the error that is not model discrepancy."""
        return math.sqrt(max(self.sd**2 - self.discrepancy**2, 0.0))

    def with_discrepancy(self, discrepancy: float) -> Report:
        """The same report with another model discrepancy."""
        return replace(self, sd=math.hypot(self.observation_error, discrepancy), discrepancy=discrepancy)


def read_targets(path: Path | str | None = None) -> tuple[Report, ...]:
    """The targets of a file; DataError with every fault: unknown key or kind, missing error, a fitted check."""
    table = read_table(path or shipped_path(CALIBRATION, "targets.csv"), Layout(COLUMNS, (DISCREPANCY,)), DataError)
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
    if fitted and key in TABLE_2:
        row.fault("role", f'"{key}" is a check: teams measured themselves', allowed="check",
                  hint='a study fits it with its bias by table2 = "bias"')
    at, grade = row.text("at"), row.choice("grade", tuple(GRADES))
    if key in AT and at != AT[key]:
        row.fault("at", f'"{at}" is another date than that at which "{key}" is read from a run', allowed=AT[key])
    value = 0.0 if kind == "within" and _RANGE.fullmatch(row.text("value")) else row.number("value")
    known = row.number if fitted or key in TABLE_2 else row.optional_number
    sd = known("sd", low=1e-6, high=1e6)
    most = sd if sd > 0.0 else math.inf
    discrepancy = row.optional_number(DISCREPANCY, low=0.0, high=most)
    return Report(key, row.text("quantity"), at, value, kind, sd, 0.0 if math.isnan(discrepancy) else discrepancy,
                  role, grade, row.text("source"), row.optional_text("note"))
