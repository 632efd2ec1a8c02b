"""Answers about what goes in: places, data files, and what was fitted to what."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from qicsim.estimate.calibrate.targets import read_targets
from qicsim.ground.calendar import format_month
from qicsim.ground.declare import GRADES, declared
from qicsim.ground.errors import InputError
from qicsim.ground.numbers import number, percent, plural
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files as files_of
from qicsim.inputs.world.register import (
    BEFORE_HORIZON,
    SYNTHETIC_PREFIX,
    Register,
    read_register,
)
from qicsim.report.checklist_facts import Facts, Found, Missing, odd_answer, said


def register_of(scenario: Scenario) -> Register:
    """The register of a scenario; Missing if it cannot be read."""
    try:
        return read_register(files_of(scenario)["register"], scenario.country)
    except InputError as error:
        raise Missing(f"The register of {scenario.name} cannot be read: {error.faults[0]}") from None


def population(facts: Facts) -> Found:
    """Facilities and people of each register that the scenarios use."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        register = register_of(scenario)
        kinds = Counter(register.hospital.tolist())
        first, referral = register.country.roles
        made = sum(str(one).startswith(SYNTHETIC_PREFIX) for one in register.id)
        synthetic = f", {made:,} of them synthetic (invented facilities with real totals)" if made else ""
        parts.append(f"{names}: {kinds[0]:,} {first.plural} and {kinds[1]:,} "
                     f"{referral.plural}{synthetic}, whose catchments hold "
                     f"{number(float(sum(register.population)))} people.")
    return Found(" ".join(parts), "qicsim register; data.register of each scenario")


def setting(facts: Facts) -> Found:
    """Provinces and districts of each register, and since when facilities are paid by score."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        register = register_of(scenario)
        districts = len(set(zip(register.province, register.operational_district, strict=True)))
        provinces = plural(len(set(register.province)), "province", "provinces")
        parts.append(f"{names}: public facilities of {register.country.name} in {provinces} and "
                     f"{plural(districts, 'operational district', 'operational districts')}; performance-based "
                     f"financing since {format_month(scenario.pbf_since)}.")
    return Found(" ".join(parts), "qicsim check SCENARIO")


def arrivals(facts: Facts) -> Found:
    """Which facilities open during a run; teams come and go by the model's own steps."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        late = sum(int(one) > max(scenario.start, BEFORE_HORIZON) for one in register_of(scenario).opened)
        parts.append(f"{names}: {plural(late, 'facility opens', 'facilities open')} after "
                     f"{format_month(scenario.start)}.")
    return odd_answer(facts, "Roll-out: joining (`rollout.py`, `choose_joins`)", said(*parts, "Teams:"))


def data_files(facts: Facts) -> Found:
    """Every data file of the scenarios: digest, rows, and how many rows have which grade."""
    known: dict[str, str] = {}
    for scenario in facts.scenarios:
        for key, path in files_of(scenario).items():
            known.setdefault(f"{key} ({path.name}, sha256 {_digest(path)})", graded(path))
    if not known:
        raise Missing("No scenario was given.")
    return Found("; ".join(f"{name}{graded}" for name, graded in known.items()) + ".",
                 f"README.md in the folder of the world {home().key}")


def _digest(path: Path) -> str:
    """The first signs of a file's sha256; Missing if it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        raise Missing(f"The data file {path.name} cannot be read.") from None


def graded(path: Path) -> str:
    """How many rows a table has, and their grades where it has a column of them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError):
        raise Missing(f"The data file {path.name} cannot be read.") from None
    count = Counter((row.get("grade") or "").partition(":")[0] for row in rows)
    graded = ", ".join(f"{count[grade]} {grade}" for grade in GRADES if count[grade])
    return f", {plural(len(rows), 'row', 'rows')}" + (f", graded {graded}" if graded else "")


def input_data(facts: Facts) -> Found:
    """The data files, and what the description says of them."""
    return odd_answer(facts, "Input data", data_files(facts).text)


def preparation(facts: Facts) -> Found:
    """How the register was made: as described, if it is the embedded one; else what the import wrote beside it."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        path = files_of(scenario)["register"]
        if path != scenario.country.table("register"):
            parts.append(f"{names}: {_imported(path)}")
    own = " ".join(parts)
    if any(files_of(one)["register"] == one.country.table("register") for one in facts.scenarios):
        return odd_answer(facts, "The embedded register", own)
    return Found(own, "provenance.json beside the register")


def _imported(register: Path) -> str:
    """What made a register, from the file that the import leaves beside it; Missing if there is none."""
    path = register.with_name("provenance.json")
    try:
        command = json.loads(path.read_text(encoding="utf-8"))["command"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Missing(f"How {register.name} was made is not known: no {path.name} of an import is beside it.") from None
    return f"{register.name} was made by {command}."


def assumptions(facts: Facts) -> Found:
    """Numbers that are assumed, and what each scenario assumes."""
    from qicsim.model.parameters import Parameters

    leaves = [leaf.declaration for leaf in declared(Parameters).values()]
    assumed = sum(leaf.grade == "A" for leaf in leaves)
    listed = dict.fromkeys(text for scenario in facts.scenarios for text in scenario.assumptions)
    if not listed:
        raise Missing("The scenarios given list no assumptions: write them into their files.")
    return Found(f"{assumed} of {len(leaves)} parameters are assumptions (grade A). The scenarios list "
                 f"{plural(len(listed), 'assumption', 'assumptions')}: {' '.join(listed)}", "qicsim check SCENARIO")


# ------------------------------------------------------------------------------------------------------- calibration


def posterior_facts(facts: Facts) -> dict[str, Any]:
    """How the shipped posterior was made; Missing if its file cannot be read."""
    path = facts.calibration / "posterior.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise Missing(f"The record of the calibration, {path.name}, cannot be read.") from None


def calibration(facts: Facts) -> Found:
    """Targets, method and effective sample of the shipped posterior, and whether its runs meet the targets."""
    made = posterior_facts(facts)
    try:
        targets = read_targets(facts.calibration / "targets.csv")
        with (facts.calibration / "predictive.csv").open(encoding="utf-8", newline="") as file:
            checked = [row for row in csv.DictReader(file) if row["role"] != "check"]
        runs = int(made["runs_of_prior"]) + int(made["runs_of_rounds"])
        inside = sum(row["missed"] == "False" for row in checked)
        text = (f"{len(made['fitted'])} of {len(targets)} reported values were fitted, the others are checks. Method: "
                f"{made['method']}, {runs:,} runs, effective sample {number(made['effective_sample'])}, seed "
                f"{made['seed']}. {inside} of {len(checked)} fitted values lie in the "
                " 90 % interval of reports.")
    except (OSError, KeyError, ValueError, InputError):
        raise Missing("The tables of the calibration cannot be read.") from None
    return Found(said(text, _learned(facts)), "calibration/README.md, calibration/posterior.json")


def _learned(facts: Facts) -> str:
    """How many parameters the data taught something about."""
    try:
        with (facts.calibration / "contraction.csv").open(encoding="utf-8", newline="") as file:
            kinds = Counter(row["kind"] for row in csv.DictReader(file))
    except (OSError, KeyError, ValueError):
        return ""
    total = sum(kinds.values())
    told = (f"{count} ({percent(count / total)}) {kind}" for kind, count in kinds.items())
    return f"Parameters: {'; '.join(told)}."


def by_file(facts: Facts, key: str) -> list[tuple[str, Scenario]]:
    """Scenarios by the data file that they share: their names (or “All scenarios”), and one of them."""
    held: dict[Any, list[Scenario]] = {}
    for scenario in facts.scenarios:
        held.setdefault(files_of(scenario)[key], []).append(scenario)
    if not held:
        raise Missing("No scenario was given.")
    return [("All scenarios" if len(held) == 1 else ", ".join(one.name for one in group), group[0])
            for group in held.values()]


ANSWERS: dict[str, Callable[[Facts], Found]] = {
    "population": population, "setting": setting, "arrivals": arrivals, "data_files": data_files,
    "input_data": input_data, "preparation": preparation, "assumptions": assumptions,
    "calibration": calibration}
