"""What one scenario file says, checked section by section, before it is joined with the file that it extends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month
from qicsim.ground.errors import Faults, nearest
from qicsim.inputs.country import Country
from qicsim.inputs.scenario.assumptions import Assumption, read_assumptions
from qicsim.inputs.scenario.fork import ForkText, read_fork
from qicsim.inputs.scenario.forms import FORMS, read_forms
from qicsim.inputs.scenario.levers import read_changes, read_levers
from qicsim.inputs.scenario.names import name_fault
from qicsim.inputs.scenario.timeline import LEVERS, Change
from qicsim.inputs.scenario.values import Value, amount, month, one_of, parameter_value, show, text, texts

FORMAT = "qicsim-scenario-1"
LEAST_BILL, MOST_BILL = 1e3, 1e10
DATA_FILES = ("register", "areas", "shock", "unit_costs", "payments", "schedules", "joined", "levels")
KEYS = ("$schema", "format", "world", "name", "title", "description", "assumptions", "extends", "horizon", "rollout",
        "pbf", "levers", "change", "fork", "parameters", "structure", "data")


@dataclass(frozen=True)
class Layer:
    """One scenario file; None and empty stand for what it does not say. Months are absolute numbers."""

    file: Path
    name: str
    title: str
    description: str
    assumptions: tuple[Assumption, ...]
    extends: str | None
    start: int | None
    end: int | None
    known_until: int | None
    provinces: tuple[str, ...] | None
    districts: tuple[str, ...] | None
    pbf_since: int | None
    pbf_bill: float | None
    levers: dict[str, Value]
    changes: tuple[Change, ...]
    fork: ForkText | None
    parameters: dict[str, float]
    forms: dict[str, str]
    data: dict[str, Path]


def read_layer(faults: Faults, document: Mapping[str, Any], file: Path, country: Country) -> Layer:
    """Check everything that one file says; with faults noted, the layer is only good for finding more of them."""
    _check_top(faults, document)
    _check_world(faults, document, country)
    start, end, known_until = _horizon(faults, document)
    levers, given = read_levers(faults, section(faults, document, "levers"), start=start)
    changes = read_changes(faults, document.get("change", []), start=start, end=end, given=given)
    return Layer(
        file=file,
        name=_name(faults, document, file),
        title=_required_text(faults, document, "title"),
        description=_required_text(faults, document, "description"),
        assumptions=read_assumptions(faults, document.get("assumptions", [])),
        extends=_optional_text(faults, document, "extends"),
        start=start, end=end, known_until=known_until,
        provinces=_provinces(faults, document, country), districts=_districts(faults, document),
        **_pbf(faults, document),
        levers=levers, changes=(*given, *changes),
        fork=read_fork(faults, document, (*given, *changes), start=start, end=end),
        parameters=_parameters(faults, section(faults, document, "parameters")),
        forms=read_forms(faults, "[structure]", section(faults, document, "structure", FORMS)),
        data=_data(faults, section(faults, document, "data"), file.parent),
    )


# -------------------------------------------------------------------------------------------------- keys and texts


def section(faults: Faults, document: Mapping[str, Any], name: str, keys: Collection[str] | None = None
            ) -> dict[str, Any]:
    """The table `[name]`, or an empty one; keys that are not among `keys` are faults."""
    table = document.get(name, {})
    if not isinstance(table, dict):
        faults.add(name, f"{show(table)} stands where a section should",
                   hint=f"Write a line [{name}] and its keys below")
        return {}
    for key in table:
        if keys is not None and key not in keys:
            faults.add(f"[{name}]", f"{show(key)} is not known here", ", ".join(keys), faults.nearest(key, keys))
    return table


def _check_top(faults: Faults, document: Mapping[str, Any]) -> None:
    for key in document:
        if key not in KEYS:
            hint = (f'"{key}" is a lever: write it below [levers] or in a [[change]]' if key in LEVERS
                    else faults.nearest(key, KEYS))
            faults.add("", f"{show(key)} is not known at the top of a scenario", ", ".join(KEYS[1:]), hint)
    if "format" in document:
        one_of(faults, "format", document["format"], (FORMAT,))


def _check_world(faults: Faults, document: Mapping[str, Any], country: Country) -> None:
    """A file that says for which world it is can be used in that one alone."""
    if "world" not in document and country.is_default:
        return
    said = document.get("world", country.key)
    if said != country.key:
        faults.add("world", f"{show(said)} is not the world that is simulated, {country.key}",
                   hint=f"`--world {said}` names the other one" if isinstance(said, str) else "")


def _required_text(faults: Faults, document: Mapping[str, Any], key: str) -> str:
    if key not in document:
        faults.add(key, "is missing", hint=f'Say it in plain words: {key} = "..."')
        return ""
    return text(faults, key, document[key]) or ""


def _optional_text(faults: Faults, document: Mapping[str, Any], key: str) -> str | None:
    return text(faults, key, document[key]) if key in document else None


def _name(faults: Faults, document: Mapping[str, Any], file: Path) -> str:
    """The name that the file states, or its own without the ending."""
    stated = "name" in document
    name = document["name"] if stated else file.stem
    fault = name_fault(name, place="name" if stated else "name of the file",
                       hint="" if stated else 'State another name at the top of the file: name = "..."')
    if fault is not None:
        faults.append(fault)
    return str(name)



# ---------------------------------------------------------------------------------------------------- the sections


def _horizon(faults: Faults, document: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    """First, last and last known month, each None when the file does not say it (or says it wrongly)."""
    keys = ("start", "end", "known_until")
    table = section(faults, document, "horizon", keys)
    start, end, known_until = (month(faults, f"[horizon] {key}", table[key]) if key in table else None for key in keys)
    if start is not None and start % MONTHS_PER_QUARTER:
        faults.add("[horizon] start", f'"{format_month(start)}" is not the first month of a quarter',
                   hint=f'Its quarter begins in "{format_month(start - start % MONTHS_PER_QUARTER)}"')
    if end is not None:
        check_last_month(faults, "[horizon] end", end)
    return start, end, known_until


def check_last_month(faults: Faults, place: str, end: int) -> None:
    """A horizon ends with a quarter, because scores and costs are read by quarter."""
    over = (end + 1) % MONTHS_PER_QUARTER
    if over:
        faults.add(place, f'"{format_month(end)}" is not the last month of a quarter',
                   hint=f'Its quarter ends in "{format_month(end + MONTHS_PER_QUARTER - over)}"')


def _provinces(faults: Faults, document: Mapping[str, Any], country: Country) -> tuple[str, ...] | None:
    """The provinces in order; with a register of the user's own its names are checked when the register is read."""
    table = section(faults, document, "rollout", ("provinces", "districts"))
    if "provinces" not in table:
        return None
    names = texts(faults, "[rollout] provinces", table["provinces"])
    own_register = isinstance(document.get("data"), dict) and "register" in document["data"]
    for name in names:
        if not own_register and name not in country.by_people:
            known = country.by_people
            faults.add("[rollout] provinces", f"{show(name)} is not a province of {country.name}",
                       hint=faults.nearest(name, known) or f"The {len(known)} are: {', '.join(known)}")
    return names


def _districts(faults: Faults, document: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The districts in order; their names are checked when the register is read."""
    table = document.get("rollout", {})
    if not isinstance(table, dict) or "districts" not in table:
        return None
    return texts(faults, "[rollout] districts", table["districts"])


def _pbf(faults: Faults, document: Mapping[str, Any]) -> dict[str, Any]:
    """When PBF began, and its yearly bill, each None when the file does not say it (or says it wrongly)."""
    table = section(faults, document, "pbf", ("since", "bill"))
    since = month(faults, "[pbf] since", table["since"]) if "since" in table else None
    bill = amount(faults, "[pbf] bill", table["bill"], (LEAST_BILL, MOST_BILL), "US$/year") if "bill" in table else None
    return {"pbf_since": since, "pbf_bill": bill}


def _parameters(faults: Faults, table: Mapping[str, Any]) -> dict[str, float]:
    """Fixed values of parameters by dotted path."""
    if not table:
        return {}
    # Declarations stand beside compiled code, which is slow to import and of no use to a file that fixes nothing.
    from qicsim.ground.declare import declared
    from qicsim.model.parameters import Parameters

    known, values = declared(Parameters), {}
    for path, value in _flat(table):
        if path not in known:
            near = faults.nearest(path, known)
            faults.add("[parameters]", f"{show(path)} is not a parameter",
                       hint=f"{near} `qicsim describe parameters` lists all {len(known)}".strip())
            continue
        found = parameter_value(faults, f'[parameters] "{path}"', value, known[path].declaration)
        if found is not None:
            values[path] = found
    return values


def _flat(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Paths and values; TOML reads an unquoted team.h_drop as a table in a table, which means the same."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", found) for inner, found in value.items())
        else:
            yield key, value


# ------------------------------------------------------------------------------------------------------------ data


def _data(faults: Faults, table: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Replaceable data files: inside the scenario's folder, there, and unchanged when the file states a digest."""
    files = {}
    for key, value in table.items():
        if key not in DATA_FILES:
            faults.add("[data]", f"{show(key)} is not a data file", ", ".join(DATA_FILES),
                       faults.nearest(key, DATA_FILES))
            continue
        pinned = isinstance(value, dict) and set(value) == {"file", "sha256"}
        name, place = value["file"] if pinned else value, f"[data] {key}"
        path = inside(faults, place, name, folder)
        if path is not None:
            files[key] = path
        if path is not None and pinned and file_digest(path) != value["sha256"]:
            faults.add(place, f"{show(name)} is not the file that this scenario was resolved with",
                       hint="Its sha256 differs")
    return files


def inside(faults: Faults, place: str, value: Any, folder: Path) -> Path | None:
    """The existing file of that name in a folder or in one below it; never one that lies elsewhere."""
    name = text(faults, place, value)
    if name is None:
        return None
    try:
        path, root = (folder / name).resolve(), folder.resolve()
        known = path.exists()
        usable = path.is_file() and os.access(path, os.R_OK)
    except (OSError, ValueError, RuntimeError):
        faults.add(place, f"{show(name)} is not a usable file name")
        return None
    if Path(name).is_absolute() or "\\" in name or not path.is_relative_to(root):
        faults.add(place, f"{show(name)} leads out of the scenario's folder",
                   allowed="files in the scenario's folder or below it, written with /")
        return None
    if not usable:
        faults.add(place, f"{show(name)} is no plain file that can be read" if known
                   else f"there is no file {show(name)} in the scenario's folder",
                   hint="" if known else nearest(name, (other.name for other in root.iterdir())))
        return None
    return path


def file_digest(path: Path) -> str:
    """The sha256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
