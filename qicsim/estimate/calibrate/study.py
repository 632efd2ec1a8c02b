"""A study: which targets are fitted, which parameters are free, how many runs, which structural alternatives.

Read from a TOML file; the shipped one is `calibration/study.toml`. What a file leaves out has the value of the shipped
study, but for alternatives: there are those that the file names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from qicsim.estimate.calibrate.reported_history import Calibrated, parameter_names
from qicsim.estimate.calibrate.targets import CALIBRATION, TABLE_2, Report
from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Faults, nearest, repeated
from qicsim.ground.files import read_plain, shipped_path, toml_of
from qicsim.inputs.country import home
from qicsim.inputs.scenario.forms import FORMS, read_forms
from qicsim.inputs.scenario.values import lever_value, month, number, one_of, parameter_value, show, text
from qicsim.model.levers import Levers
from qicsim.runs.modules import ROLL_OUT

ALL = "all"
CHECK, BIAS = "check", "bias"
SCHEDULE = declared(Levers)["schedule"].declaration
COUNTS = {"seed": (0, 2**32 - 1), "runs": (200, 2**20), "round_runs": (0, 2**20), "batch": (64, 2**20),
          "effective": (10, 2**20), "draws": (10, 2**20), "truths": (10, 2**20), "paired": (10, 2**20),
          "alternative_runs": (10, 2**20)}


@dataclass(frozen=True)
class Alternative:
    """Another structure of the model, or another reading of what was reported; what is empty stays as it is.

    forms                forms of structure by name;  schedule  how payment depends on the score
    provinces            order in which provinces open
    totals_at            month at which the last counts are read
    without              targets that it does not speak about; it is compared on the others
    """

    name: str
    title: str
    forms: Mapping[str, str] = field(default_factory=dict)
    schedule: str = ""
    provinces: tuple[str, ...] = ()
    totals_at: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """What to calibrate and how thoroughly.

    seed              fixes the points of the bank, the luck of runs and the errors of observation
    runs              prior draws in the bank;  round_runs  most runs of the rounds;  batch  runs of a round
    effective         effective sample at which the rounds stop
    draws             draws of equal weight that are written
    truths            pseudo-observations of simulation-based calibration
    paired            draws of the zero-effect question and of fresh seeds, from prior and posterior each
    alternative_runs  runs of each structural alternative
    table2            "check": Table 2 is not fitted; "bias": its rows are evidence, each with a bias of its own
    fit               targets that are fitted (among those whose role allows it), or "all"
    free              parameters that vary, or "all"; others stay at `fixed` or at their default
    discrepancy       model discrepancy (sd) of targets, instead of that in the file of targets
    """

    seed: int = 1
    runs: int = 50_000
    round_runs: int = 28_672
    batch: int = 4096
    effective: int = 1000
    draws: int = 1000
    truths: int = 500
    paired: int = 1000
    alternative_runs: int = 2048
    table2: str = CHECK
    fit: tuple[str, ...] | str = ALL
    free: tuple[str, ...] | str = ALL
    fixed: Mapping[str, float] | None = None
    discrepancy: Mapping[str, float] | None = None
    alternatives: tuple[Alternative, ...] = ()
    digest: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the free parameters, in the order of the model."""
        held = self.fixed or {}
        return tuple(name for name in parameter_names()
                     if name not in held and (self.free == ALL or name in self.free))

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the free parameters that the posterior keeps.

        Those of the roll-out where counts are fitted alone; the others vary, so that their uncertainty is in the fit,
        and keep their priors. All where Table 2 is evidence too.
        """
        return self.parameters if self.table2 == BIAS else ROLL_OUT.of(self.parameters)

    def may_fit(self, report: Report) -> bool:
        """Whether a report can be a target here."""
        return report.fitted or (self.table2 == BIAS and report.key in TABLE_2)

    def restated(self, reports: Collection[Report]) -> tuple[Report, ...]:
        """The reports with the model discrepancies of this study."""
        stated = self.discrepancy or {}
        return tuple(one.with_discrepancy(stated[one.key]) if one.key in stated else one for one in reports)

    def fitted(self, reports: Collection[Report]) -> tuple[Report, ...]:
        """The reports that this study fits."""
        return tuple(one for one in reports if self.may_fit(one) and (self.fit == ALL or one.key in self.fit))

    def with_runs(self, runs: int) -> Study:
        """The study with a bank of another size; budgets that follow from it shrink with it, never grow."""
        part = min(runs / self.runs, 1.0)
        return replace(self, runs=runs, round_runs=round(part * self.round_runs),
                       batch=max(min(self.batch, round(part * self.round_runs)), COUNTS["batch"][0]),
                       alternative_runs=min(self.alternative_runs, runs), paired=min(self.paired, runs),
                       truths=min(self.truths, runs // 2))


def read_study(path: Path | str | None, reports: Collection[Report]) -> Study:
    """The study of a file (default: the country's, or the shipped one); DataError with every fault.

    The other readings of the history that the shipped study tries are those of the default country alone.
    """
    own = (home().calibration or home().folder) / "study.toml"
    shipped = path is None and not own.is_file()
    place = shipped_path(CALIBRATION, "study.toml") if shipped else Path(path or own)
    faults = Faults()
    document, digest = _document(faults, place)
    if shipped:
        document.pop("alternative", None)
    study = _read(faults, document, reports)
    if faults:
        raise DataError(str(path or place.name), faults)
    return replace(study, digest=digest)


def _document(faults: Faults, path: Path) -> tuple[dict[str, Any], str]:
    try:
        content = read_plain(path)
        return toml_of(content), hashlib.sha256(content).hexdigest()
    except ValueError as error:
        faults.add("", str(error), "a TOML file")
    return {}, ""


def _read(faults: Faults, document: Mapping[str, Any], reports: Collection[Report]) -> Study:
    known = [field.name for field in fields(Study) if field.name not in ("alternatives", "digest")]
    _refuse_unknown(faults, "", document, [*known, "alternative", "title"])
    counts: dict[str, Any] = {name: _count(faults, name, document[name]) for name in COUNTS if name in document}
    table2 = document.get("table2", CHECK)
    one_of(faults, "table2", table2, (CHECK, BIAS))
    keys = [report.key for report in reports if Study(table2=table2).may_fit(report)]
    fit = _names(faults, "fit", document.get("fit", ALL), keys)
    free = _names(faults, "free", document.get("free", ALL), parameter_names())
    study = Study(**counts, table2=table2, fit=fit, free=free, fixed=_fixed(faults, document.get("fixed", {})),
                  discrepancy=_discrepancy(faults, document.get("discrepancy", {}), keys),
                  alternatives=_alternatives(faults, document.get("alternative", []), keys))
    if not study.kept:
        kind = "parameter" if table2 == BIAS else "parameter of the roll-out"
        faults.add("free", f"no {kind} is free", "one or more")
    if not fit:
        faults.add("fit", "no target is fitted", ", ".join(keys))
    _check_sizes(faults, study)
    return study


def _check_sizes(faults: Faults, study: Study) -> None:
    for name in ("truths", "paired", "alternative_runs"):
        if getattr(study, name) >= study.runs:
            faults.add(name, f"{getattr(study, name)}", f"fewer than the {study.runs} runs of the bank")


def _refuse_unknown(faults: Faults, place: str, table: Mapping[str, Any], known: Collection[str]) -> None:
    for name in table:
        if name not in known:
            faults.add(place, f'"{name}" is not known', ", ".join(known), nearest(name, known))


def _count(faults: Faults, name: str, value: Any) -> int:
    low, high = COUNTS[name]
    allowed = f"whole numbers {low} to {high}"
    found = number(faults, name, value, allowed)
    if found is None:
        return low
    if not low <= found <= high or int(found) != found:
        faults.add(name, f"{show(value)} is out of range", allowed)
    return int(found)


def _names(faults: Faults, place: str, value: Any, known: Collection[str]) -> tuple[str, ...] | str:
    """Some of the known names, or "all"."""
    if value == ALL:
        return ALL
    if not isinstance(value, list):
        faults.add(place, f"{show(value)} is no list of names", f'"{ALL}", or a list')
        return ALL
    return tuple(name for name in value if one_of(faults, place, name, known))


def _fixed(faults: Faults, table: Any) -> dict[str, float]:
    if not isinstance(table, dict):
        faults.add("fixed", f"{show(table)} is no table", 'a table like fixed = { "pdsa.spill" = 0.2 }')
        return {}
    known, found = declared(Calibrated), {}
    by_name = {name: leaf.declaration for name, leaf in zip(parameter_names(), known.values(), strict=True)}
    _refuse_unknown(faults, "fixed", table, by_name)
    for name, value in table.items():
        if name in by_name:
            held = parameter_value(faults, f"fixed {name}", value, by_name[name])
            found[name] = float("nan") if held is None else held
    return found


def _discrepancy(faults: Faults, table: Any, keys: Collection[str]) -> dict[str, float]:
    if not isinstance(table, dict):
        faults.add("discrepancy", f"{show(table)} is no table", "a table like discrepancy = { KEY = 3 }")
        return {}
    _refuse_unknown(faults, "discrepancy", table, keys)
    found = {key: number(faults, f"discrepancy {key}", value, "0 or more") for key, value in table.items()}
    for key, value in found.items():
        if value is not None and value < 0:
            faults.add(f"discrepancy {key}", f"{show(value)} is negative", "0 or more")
    return {key: value for key, value in found.items() if value is not None}


def _alternatives(faults: Faults, blocks: Any, keys: Collection[str]) -> tuple[Alternative, ...]:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        faults.add("alternative", "is no list of tables", "blocks that begin with [[alternative]]")
        return ()
    found = tuple(_alternative(faults, f"alternative {at}", block, keys) for at, block in enumerate(blocks, start=1))
    names = [one.name for one in found]
    for name in sorted(repeated(names)):
        faults.add("alternative", f'"{name}" is there more than once', "each name once")
    return found


def _alternative(faults: Faults, place: str, block: Mapping[str, Any], keys: Collection[str]) -> Alternative:
    _refuse_unknown(faults, place, block, [*FORMS, *(one.name for one in fields(Alternative) if one.name != "forms")])
    name, title = (text(faults, f"{place}, {key}", block.get(key)) or "" for key in ("name", "title"))
    forms = read_forms(faults, f"{place},", block)
    if "schedule" in block:
        lever_value(faults, f"{place}, schedule", block["schedule"], SCHEDULE)
    if "totals_at" in block:
        month(faults, f"{place}, totals_at", block["totals_at"])
    provinces = _names(faults, f"{place}, provinces", block.get("provinces", []), home().by_people)
    without = _names(faults, f"{place}, without", block.get("without", []), keys)
    return Alternative(name, title, forms, str(block.get("schedule", "")), tuple(provinces),
                       str(block.get("totals_at", "")), tuple(without))
