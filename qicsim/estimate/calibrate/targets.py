"""Targets: what was reported, with its error, and what part it plays.

Read from `calibration/targets.csv`. A target with the role "fit" is fitted; "early" or "late" says whether it was known
early; one with the role "check" is shown and not fitted. The rows of Table 2 are checks: chosen examples
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
from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.ground.table import Layout, Row, read_table
from qicsim.inputs.country import Country, home, in_country
from qicsim.inputs.country.record import Counts

CALIBRATION = "calibration"
KINDS = ("equal", "at least", "above", "within")
ROLES = ("fit; early", "fit; late", "check")
COLUMNS = ("key", "quantity", "at", "value", "kind", "sd", "role", "grade", "source", "note")
DISCREPANCY = "discrepancy"
TOPICS = ("hand_hygiene", "medical_waste", "general_waste", "tb_screening", "family_planning")
TABLE_2 = tuple(f"{topic}_change" for topic in TOPICS)
CHECKS = ("share_80_order", "trust_88")
EARLY, LATE = ("facilities", "districts", "provinces"), ("facilities", "districts", "provinces")
MIDDLE = ("hospitals", "health_centres", "districts")
BUILT_IN = ("exchange_lag",)
_RANGE = re.compile(r"-?\d+(\.\d+)?-\d+(\.\d+)?")


def counts_of(country: Country | None = None) -> Counts:
    """When the roll-out of a country was counted; SettingError where it was not."""
    country = country or home()
    if country.counts is None:
        raise SettingError("", [Fault("calibrate", f"{country.name} has no counts of its own", (
            "a world that says when the roll-out was counted: [counts] in world.toml"))])
    return country.counts


def dates() -> dict[str, str]:
    """The dates at which a run is read, by the keys of counts and changes: others in a file would be misunderstood."""
    counts = counts_of()
    found = {f"{what}_{counts.early[:4]}": counts.early for what in EARLY}
    found |= {f"{what}_mid_{counts.middle[:4]}": counts.middle for what in MIDDLE}
    found |= {f"{what}_{counts.late[:4]}": counts.late for what in LATE}
    found |= {f"{topic}_change": " to ".join(counts.topics[topic][:2]) for topic in TOPICS if topic in counts.topics}
    return found | {CHECKS[0]: counts.middle, CHECKS[1]: counts.trust}


def summaries() -> tuple[str, ...]:
    """Keys of what is read from a run: nine counts, five changes, two checks."""
    roll_out = [key for key in dates() if key not in (*TABLE_2, *CHECKS)]
    return (*roll_out, *TABLE_2, *CHECKS)


def late_count(what: str) -> str:
    """The key of the last count of facilities, districts or provinces."""
    return f"{what}_{counts_of().late[:4]}"


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
        """Whether it was known early."""
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


def targets_file() -> Path:
    """The file of the country's own targets; SettingError where it has none."""
    counts_of()
    place = home().calibration
    if place is None or not (place / "targets.csv").is_file():
        raise SettingError("", [Fault("targets", f"{home().name} has no {CALIBRATION}/targets.csv",
                                      "a file of counts")])
    return place / "targets.csv"


def own_targets(country: Country) -> tuple[Report, ...]:
    """The targets of a country; none where its roll-out was not counted."""
    with in_country(country):
        return read_targets() if country.counts is not None and country.calibration is not None else ()


def read_targets(path: Path | str | None = None) -> tuple[Report, ...]:
    """The targets of a file; DataError with every fault: unknown key or kind, missing error, a fitted check."""
    table = read_table(path or targets_file(), Layout(COLUMNS, (DISCREPANCY,)), DataError)
    targets = tuple(_report(row) for row in table.rows)
    table.refuse_repeats("key")
    table.refuse_faults()
    return targets


def _report(row: Row) -> Report:
    key = row.choice("key", (*summaries(), *BUILT_IN))
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
    if at != dates().get(key, at):
        row.fault("at", f'"{at}" is another date than that at which "{key}" is read from a run', allowed=dates()[key])
    value = 0.0 if kind == "within" and _RANGE.fullmatch(row.text("value")) else row.number("value")
    known = row.number if fitted or key in TABLE_2 else row.optional_number
    sd = known("sd", low=1e-6, high=1e6)
    most = sd if sd > 0.0 else math.inf
    discrepancy = row.optional_number(DISCREPANCY, low=0.0, high=most)
    return Report(key, row.text("quantity"), at, value, kind, sd, 0.0 if math.isnan(discrepancy) else discrepancy,
                  role, grade, row.text("source"), row.optional_text("note"))
