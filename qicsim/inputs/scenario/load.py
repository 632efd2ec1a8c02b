"""From a name or a file to a resolved scenario, or to every fault of the file at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.errors import Faults, ScenarioError, nearest
from qicsim.inputs.country import Country, country_of, home, in_country
from qicsim.inputs.scenario.assumptions import Dropped, still_true
from qicsim.inputs.scenario.catalogue import shipped
from qicsim.inputs.scenario.chain import read_chain
from qicsim.inputs.scenario.consistency import check_sense
from qicsim.inputs.scenario.data import with_data
from qicsim.inputs.scenario.files import ENDINGS
from qicsim.inputs.scenario.fork import MISSED, REACHED, Fork, ForkText
from qicsim.inputs.scenario.forms import structure_of
from qicsim.inputs.scenario.layer import Layer, check_last_month
from qicsim.inputs.scenario.levers import read_changes
from qicsim.inputs.scenario.names import name_fault
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.scenario.timeline import Change, cut, in_force, lever_values, paint
from qicsim.inputs.scenario.values import month, show
from qicsim.inputs.scenario.wave import changes_numbered, with_area_numbers
from qicsim.model.levers import Levers

SHORTEST, LONGEST = MONTHS_PER_YEAR, 40 * MONTHS_PER_YEAR

T = TypeVar("T")


def load_scenario(name_or_path: str | Path, *, horizon_end: str | None = None, data: Path | str | None = None,
                  world: Country | Path | str | None = None) -> Scenario:
    """The resolved scenario of a shipped name or of a TOML or JSON file; ScenarioError with every fault.

    `horizon_end` ("2030-12") replaces the last month that the file states; changes dated later do not matter then.
    `data` is a data folder: its facilities, levels and roll-out history replace those of the file (`with_data`).
    `world` is the country, as of `country_of`.
    """
    with in_country(country_of(world)) as country:
        scenario = _loaded(name_or_path, horizon_end, country)
        return scenario if data is None else with_data(scenario, data)


def _loaded(name_or_path: str | Path, horizon_end: str | None, country: Country) -> Scenario:
    path = _located(name_or_path)
    source, faults = os.fspath(name_or_path), Faults()
    layers = with_area_numbers(faults, read_chain(faults, path, country))
    _refuse(source, faults)
    start, end = _checked_horizon(faults, layers, country)
    _check_dates(faults, layers[-1], end)
    _check_starting_values(faults, layers, start)
    last = _checked_end(faults, horizon_end, start, end)
    _refuse(source, faults)
    steps = [_values(layers[:count], start, max(end, last)) for count in range(1, len(layers) + 1)]
    fork = _fork(faults, layers, start, end)
    others = [] if fork is None else [_values(layers, start, max(end, last), MISSED)]
    for levers in (steps[-1], *others):
        check_sense(faults, _first_months(levers, end - start + 1), _latest([layer.districts for layer in layers], ()))
    _refuse(source, faults)
    joined = _joined(layers, steps, start, last, country)
    if fork is None or fork.rule.month > last:
        return joined
    return replace(joined, fork=Fork(fork.rule, _first_months(others[0], joined.months)))


def _values(layers: Sequence[Layer], start: int, last: int, side: str = REACHED) -> Levers:
    """The levers that layers leave in force, the last fork among them on one of its sides."""
    forked = max((at for at, layer in enumerate(layers) if layer.fork is not None), default=None)
    said = [(layer.levers, (*layer.changes, *(getattr(layer.fork, side) if at == forked else ())))
            for at, layer in enumerate(layers)]
    return cut(lever_values(in_force(said, start)), start, last)


def _fork(faults: Faults, layers: Sequence[Layer], start: int, end: int) -> ForkText | None:
    """The fork in force, which must lie within the horizon and after what is history."""
    fork = _latest([layer.fork for layer in layers], None)
    if fork is None:
        return None
    known = _latest([layer.known_until for layer in layers], None)
    first = max(start, start if known is None else known + 1)
    if not first < fork.rule.month <= end:
        faults.add("[fork] month", f'"{format_month(fork.rule.month)}" is no month in which a plan can be decided',
                   f'after "{format_month(first)}", until "{format_month(end)}"')
    return fork


def teller_of_past(name_or_path: str | Path) -> Path | None:
    """The file that tells `known_until`, of those that a scenario stands on, itself among them; None if none does.

    ScenarioError, as of `load_scenario`, where a file cannot be read.
    """
    faults = Faults()
    layers = read_chain(faults, _located(name_or_path), home())
    _refuse(os.fspath(name_or_path), faults)
    return _latest([layer.file if layer.known_until is not None else None for layer in layers], None)


def changes_since(name_or_path: str | Path, since: int) -> tuple[Change, ...]:
    """What a scenario's files change from a month on, as far as it counts; ScenarioError, as of `load_scenario`."""
    faults = Faults()
    layers = with_area_numbers(faults, read_chain(faults, _located(name_or_path), home()))
    start = _latest([layer.start for layer in layers], home().horizon.start)
    _refuse(os.fspath(name_or_path), faults)
    history = in_force([(layer.levers, layer.changes) for layer in layers], start)
    return tuple(one for changes in history.values() for one in changes if one.month >= since)


def change(scenario: Scenario, *, from_: str, ramp_to: str | None = None, name: str | None = None, **levers: Any
           ) -> Scenario:
    """The scenario with levers changed from a month on, checked as if its file said so; ScenarioError otherwise.

    change(load_scenario("reported"), from_="2027-01", recruiting=True, support=True, provinces=25, districts=100)
    """
    faults = Faults()
    block = {"from": from_, **({} if ramp_to is None else {"ramp_to": ramp_to}), **levers}
    changes = changes_numbered(faults, read_changes(faults, [block], start=scenario.start, end=scenario.end),
                               {"areas": scenario.areas})

    def painted(levers: Levers) -> Levers:
        columns: list[Any] = [np.array(column) for column in levers]
        values = Levers(*columns)
        for one in changes if not faults else ():
            paint(getattr(values, one.lever), scenario.start, one)
        check_sense(faults, values, scenario.districts)
        return values

    changed = scenario.changed(painted)
    misnamed = None if name is None else name_fault(name)
    if misnamed is not None:
        faults.append(misnamed)
    _refuse(scenario.name, faults)
    said = ", ".join(f"{lever} = {value}" for lever, value in levers.items())
    when = f"from {from_}" if ramp_to is None else f"step by step from {from_} to {ramp_to}"
    return replace(changed, name=f"{scenario.name.removesuffix('-changed')}-changed" if name is None else name,
                   assumptions=(*changed.assumptions, f"Changed {when}: {said}."))


# ---------------------------------------------------------------------------------------------------------- finding


def check_names(names: Iterable[str | Path]) -> None:
    """ScenarioError with a line for every name that is neither shipped nor a file that is there; reads no file."""
    faults = Faults()
    for name in dict.fromkeys(names):
        _find(faults, name)
    _refuse("", faults)


def _located(name_or_path: str | Path) -> Path:
    """The file of a shipped name, or the path itself."""
    faults = Faults()
    path = _find(faults, name_or_path)
    if path is None:
        raise ScenarioError(faults[0].place, [replace(faults[0], place="")])
    return path


def _find(faults: Faults, name_or_path: str | Path) -> Path | None:
    """The file of a shipped name, or the path of a file; None, with a fault noted, when there is neither."""
    text = os.fspath(name_or_path)
    if text in shipped():
        return shipped()[text]
    if isinstance(name_or_path, Path) or text.lower().endswith(ENDINGS) or "/" in text or os.sep in text:
        path = Path(name_or_path)
        if not os.path.lexists(path):
            faults.add(text, "cannot be read: there is no such file", hint=_nearest_file(path))
            return None
        return path
    hint = nearest(text, shipped())
    faults.add("", f"{show(text)} is not a shipped scenario", "" if hint else ", ".join(shipped()),
               hint or ("A number is written without spaces, or in quotes" if text.isdecimal()
                        else "A file of your own is named with its ending, .toml or .json"))
    return None


def _nearest_file(path: Path) -> str:
    """A hint that names the scenario file, or the shipped scenario, whose name is nearest to that of a missing file."""
    known = {name: name for name in shipped()}
    with suppress(OSError):
        known |= {other.stem: other.as_posix() for other in path.parent.iterdir() if other.suffix in ENDINGS}
    stem = get_close_matches(path.stem, known, n=1)
    return f'Did you mean "{known[stem[0]]}"?' if stem else ""


def _refuse(source: str, faults: Faults) -> None:
    if faults:
        raise ScenarioError(source, faults)


# ---------------------------------------------------------------------------------------------------------- joining


def _latest(values: Sequence[T | None], default: T) -> T:
    """The last value that is stated, or the default."""
    return next((value for value in reversed(values) if value is not None), default)


def _checked_horizon(faults: Faults, layers: Sequence[Layer], country: Country) -> tuple[int, int]:
    """First and last month, when they make a horizon together."""
    start = _latest([layer.start for layer in layers], country.horizon.start)
    end = _latest([layer.end for layer in layers], country.horizon.end)
    _check_length(faults, "[horizon]", start, end)
    known = _latest([layer.known_until for layer in layers], None)
    if known is not None and known < start:
        faults.add("[horizon] known_until", f'"{format_month(known)}" is before the horizon begins, '
                   f'"{format_month(start)}"')
    return start, end


def _check_dates(faults: Faults, layer: Layer, end: int) -> None:
    """A change after the inherited end of the horizon would vanish without a word (its own end is checked before)."""
    if layer.end is None:
        for moved in layer.changes:
            if moved.month > end:
                faults.add("[[change]]", f'"{moved.lever}" changes in {format_month(moved.month)}, after the horizon',
                           allowed=f"until {format_month(end)}", hint="A later [horizon] end makes room for it")


def _check_length(faults: Faults, place: str, start: int, end: int) -> None:
    months = end - start + 1
    span = f'"{format_month(start)}" to "{format_month(end)}"'
    if months <= 0:
        faults.add(place, f"{span} ends before it begins")
    elif not SHORTEST <= months <= LONGEST:
        faults.add(place, f"{span} is {months} months long", allowed=f"{SHORTEST} to {LONGEST} months")


def _checked_end(faults: Faults, horizon_end: str | None, start: int, end: int) -> int:
    """The last month to simulate: the scenario's, or the one that the caller asks for."""
    last = end if horizon_end is None else month(faults, "horizon_end", horizon_end)
    if last is not None and last != end:
        check_last_month(faults, "horizon_end", last)
        _check_length(faults, "horizon_end", start, last)
    return end if last is None else last


def _check_starting_values(faults: Faults, layers: Sequence[Layer], start: int) -> None:
    """A file that gives a starting value cannot also change that lever before the horizon, or in its first month."""
    for layer in layers:
        for one in layer.changes:
            if one.lever in layer.levers and one.month <= start:
                faults.add(f"[[change]] {one.lever}", f'is changed in "{format_month(one.month)}", while [levers] says '
                           f'what it is from "{format_month(start)}" on', hint="Keep one of the two")


def _first_months(levers: Levers, months: int) -> Levers:
    """The first months of levers, as arrays of their own."""
    columns: tuple[Any, ...] = levers
    return Levers(*(values[:months].copy() for values in columns))


def _joined(layers: Sequence[Layer], steps: Sequence[Levers], start: int, last: int, country: Country) -> Scenario:
    """One scenario of faultless layers, the outermost ancestor first, and the levers in force after each of them."""
    own = layers[-1]
    kept: list[str] = []
    dropped: list[Dropped] = []
    for layer, meant in zip(layers, steps, strict=True):
        still, gone = still_true(layer.assumptions, start, meant, steps[-1])
        kept += still
        dropped += gone
    data = {key: path for layer in layers for key, path in layer.data.items()}
    provinces = _latest([layer.provinces for layer in layers], country.by_people)
    return Scenario(
        name=own.name, title=own.title, description=own.description,
        assumptions=tuple(dict.fromkeys(kept)), dropped=tuple(dropped),
        start=start, months=last - start + 1, levers=_first_months(steps[-1], last - start + 1),
        provinces=provinces if "register" in data else country.completed(provinces),
        pbf_since=_latest([layer.pbf_since for layer in layers], country.horizon.pbf_since),
        pbf_bill=next((layer.pbf_bill for layer in reversed(layers) if layer.pbf_bill is not None), None),
        parameters={path: value for layer in layers for path, value in layer.parameters.items()},
        structure=structure_of({name: form for layer in layers for name, form in layer.forms.items()}),
        districts=_latest([layer.districts for layer in layers], ()),
        data=data, source=own.file, known_until=_latest([layer.known_until for layer in layers], None),
        country=country,
    )
