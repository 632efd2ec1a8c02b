"""Facts for a checklist from what a user names: scenarios, and the folder of a run."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, InputError, SettingError, nearest
from qicsim.ground.files import MEGABYTE, read_plain
from qicsim.inputs.scenario import REFERENCE, Scenario, load_scenario, policy, with_overrides
from qicsim.report.checklist_costs import COLUMNS
from qicsim.report.checklist_facts import Facts
from qicsim.report.checklists import FilledChecklist, fill
from qicsim.report.outputs import FACTS

RESULTS, COSTS = "headline.csv", "costs.csv"
MOST = 100 * MEGABYTE


def checklist(name: str, scenarios: Sequence[str | Path | Scenario] | None = None, *,
              run: str | Path | None = None, reference: str = REFERENCE, costs: Path | str | None = None
              ) -> FilledChecklist:
    """A checklist (odd, cheers, stress), filled for scenarios and, where given, the folder of their run.

    Without scenarios it takes those of the run, or else the shipped policy scenarios; with what was set for all of the
    run. `costs` is the file of unit costs that the run was given, if it was given one. SettingError, with every fault,
    for an unknown name, a folder without a run, and scenarios that are not those of the run; other InputError kinds for
    scenarios that cannot be used.
    """
    return fill(name, facts_of(scenarios, run=run, reference=reference, costs=costs))


def facts_of(scenarios: Sequence[str | Path | Scenario] | None = None, *, run: str | Path | None = None,
             reference: str = REFERENCE, costs: Path | str | None = None) -> Facts:
    """What is at hand; the errors are those of `checklist`."""
    told = _provenance(Path(run)) if run is not None else None
    held: Mapping[str, Any] = told["scenarios"] if told else {}
    if scenarios is not None and len(scenarios) == 0:
        raise SettingError("", [Fault("scenarios", "there is none", "one or more, or None for those of the run")])
    wanted = list(scenarios if scenarios is not None else held or policy())
    given = (told or {}).get("set")

    def loaded_one(one: str | Path | Scenario) -> Scenario:
        found = one if isinstance(one, Scenario) else load_scenario(one, horizon_end=_end(held, one))
        return with_overrides(found, given, costs) if given or costs is not None else found

    loaded = [loaded_one(one) for one in wanted]
    base = str((told or {}).get("decision", {}).get("reference", reference))
    if base not in [one.name for one in loaded]:
        loaded.insert(0, loaded_one(base))
    if told is not None:
        _refuse_others(loaded, held)
    if run is None:
        return Facts(tuple(loaded), base)
    return Facts(tuple(loaded), base, told, _headline(Path(run)), _costs(Path(run)))


def _end(held: Mapping[str, Any], scenario: str | Path) -> str | None:
    """The end of the horizon that a run gave to a scenario."""
    known = held.get(Path(scenario).stem)
    return str(known["resolved"]["horizon"]["end"]) if known else None


def _provenance(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    try:
        told = json.loads(read_plain(path, MOST))
        known = [(one["digest"], one["resolved"]["horizon"]["end"]) for one in told["scenarios"].values()]
        if known and all(isinstance(told.get(key, {}), dict) for key in ("decision", "set")):
            return dict(told)
        found = "names no scenarios"
    except ValueError as error:
        found = "is not JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
    except (KeyError, TypeError, AttributeError):
        found = "names no scenarios"
    raise SettingError("", [Fault(str(path), found, f"a folder that qicsim compare or decide wrote, with its {FACTS}")])


def _refuse_others(loaded: Sequence[Scenario], held: Mapping[str, Any]) -> None:
    """SettingError for scenarios that the run does not hold, or holds in another form."""
    faults = []
    for one in loaded:
        if one.name not in held:
            faults.append(Fault("scenario", f'"{one.name}" is not in the run', ", ".join(held),
                                nearest(one.name, held)))
        elif held[one.name]["digest"] != one.digest:
            faults.append(Fault("scenario", f'"{one.name}" is not what the run has under that name',
                                hint="The file was changed after the run: run it again; or name the run's --costs"))
    if faults:
        raise SettingError("", faults)


def _headline(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of the headline table; none where the folder has none. SettingError if it is another table."""
    path = folder / RESULTS
    rows = _table(path)
    wanted = {"scenario", "year", "indicator", "n", "mean", "p05", "p95", "difference_mean", "share_above"}
    if rows and not wanted <= rows[0].keys():
        raise InputError(str(path), [Fault("", "is not a headline table", ", ".join(sorted(wanted)))])
    return rows


def _costs(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of the table of costs of qicsim compare; none where there is none, or that of a decision."""
    rows = _table(folder / COSTS)
    return rows if rows and rows[0].keys() >= COLUMNS else ()


def _table(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of a table of a run; none where it is not there. SettingError if it cannot be read."""
    if not path.exists():
        return ()
    try:
        return tuple(csv.DictReader(read_plain(path, MOST).decode("utf-8").splitlines()))
    except ValueError as error:
        raise SettingError("", [Fault(str(path), str(error))]) from None
