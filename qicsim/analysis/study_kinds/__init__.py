"""The analyses that a study can ask for in its table `[analysis]`, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds import (
    attribution_findings,
    contrasts,
    emulated,
    factorial,
    replicates,
    sensitivity_findings,
    split,
)
from qicsim.ground.errors import DataError, Faults
from qicsim.ground.files import read_plain, toml_of
from qicsim.inputs.scenario import with_overrides
from qicsim.inputs.scenario.overrides import checked_overrides
from qicsim.inputs.scenario.values import month, show, text
from qicsim.runs import study as engine
from qicsim.runs.points import Points
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study
from qicsim.runs.study_sections import Reader, read_data, read_scenarios

USUAL = "contrasts"
KINDS: dict[str, Kind] = {
    "contrasts": contrasts.KIND,
    "factorial": factorial.KIND,
    "replicates": replicates.KIND,
    "split": split.KIND,
    **sensitivity_findings.KINDS,
    "emulator": emulated.KIND,
    "attribution": attribution_findings.KIND,
}
READ = KINDS | sensitivity_findings.NO_MORE
"""Kinds that a study may name: those that were given up say what takes their place."""


def read_study(path: Path | str, *, set: Mapping[str, Any] | None = None,  # noqa: A002 - as the option is called
               costs: Path | str | None = None) -> Study:
    """The study of a TOML file (`docs/experiments.md`); DataError with every fault.

    `set` adds to the study's table `[set]` of what holds for all scenarios, and replaces what it says of the same path;
    `costs` is a file of unit costs for all scenarios, in place of the study's.
    """
    path = Path(path)
    try:
        document = toml_of(read_plain(path))
    except ValueError:
        return engine.read_study(path, READ)  # which says what is wrong with it
    return _study(document, set or {}, costs, name=path.stem, source=str(path), folder=path.parent)


def make_study(scenarios: list[Any], *, points: Points | None = None, name: str = "study", folder: Path | str = "",
               **tables: Any) -> Study:
    """A study made in Python: the keys and tables of a study file as arguments; DataError with every fault.

    make_study(["reported", plan], draws=64, replicates=4, until="2030-12", keep={"indicators": ["true"]})

    `scenarios` may hold resolved scenarios among names and files; `points` are ready-made, instead of draws.
    """
    document: Mapping[str, Any] = {"title": name, "scenarios": scenarios, **tables}
    return _study(document, {}, None, name=name, folder=Path(folder), points=points)


def _study(document: Mapping[str, Any], given: Mapping[str, Any], costs: Path | str | None, *, name: str, folder: Path,
           source: str = "", points: Points | None = None) -> Study:
    """The study of tables, with what is to hold for all its scenarios."""
    tables = {key: value for key, value in document.items() if key not in ("set", "costs")}
    if not (given or costs is not None or len(tables) < len(document)):
        return engine.study_of(tables, name=name, source=source, folder=folder, points=points, kinds=READ)
    reader = Reader(Faults(), document, folder)
    table = document.get("set", {})
    if not isinstance(table, Mapping):
        reader.faults.add("set", f"{show(table)} is no table", "a table [set]")
        table = {}
    own = reader.gather("", lambda: checked_overrides(table, "[set]"))
    if own is not None and "costs" in document and costs is None:
        costs = folder / (text(reader.faults, "costs", document["costs"]) or "")
    until = month(Faults(), "until", tables["until"]) if "until" in tables else None
    data = read_data(reader, tables["data"]) if "data" in tables else None
    scenarios = read_scenarios(reader, tables.get("scenarios"), until, data)
    if not reader.faults and own is not None:
        values = {**own[0], **own[1], **given}
        found = reader.gather("", lambda: [with_overrides(one, values, costs) for one in scenarios])
        tables = {key: value for key, value in tables.items() if key != "data"} | {"scenarios": found}
    if reader.faults:
        raise DataError(source, reader.faults)
    return engine.study_of(tables, name=name, source=source, folder=folder, points=points, kinds=READ)


def analyse_experiment(results: Results) -> Findings:
    """What the runs say, by the analysis that the study asks for; without one, contrasts with the first scenario.

    Raises SettingError when there are too few runs to say anything.
    """
    kind = KINDS[results.design.study.kind or USUAL]
    found: Findings = kind.analyse(results)  # type: ignore[misc]
    return found
