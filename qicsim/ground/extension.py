"""An extension: what a researcher adds to the model from a file of his own, and how it is read.

A file has one `Extension`, which names what is added: parameters, levers, columns of a facility, lines of the ledger,
indicators, and steps at named places in the month. `qicsim.model.extending` puts them into the model when that is
first imported, so that everything above finds them where it finds the model's own. The file is executed.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from qicsim.ground import extended
from qicsim.ground.declare import GRADES, Column, Lever, Parameter, declared
from qicsim.ground.errors import DataError, Faults, QicsimError, nearest
from qicsim.ground.extended import EXTENSION_PURPOSES


class Place(NamedTuple):
    """A place in the month where a step may stand: what has happened there, and what a step may take."""

    meaning: str
    arguments: tuple[str, ...]


OF_NATION = ("today", "setting", "levers", "now", "params", "state", "key")
OF_FACILITY = ("facility", "site", "district", "areas", "money", "programme", "now", "today", "params", "key")
OF_READING = ("facility", "site", "areas", "threshold")
OWN = {"own": "the extension's own parameters", "line": "the number of the extension's first ledger line"}
PLACES = {
    "after_coaching": Place("once a month: coaches have shared out their visits", OF_NATION),
    "after_posting": Place("once a month: what facilities may know of each other is posted", OF_NATION),
    "before_work": Place("each facility: its team, staff, money and topic are those of the month", OF_FACILITY),
    "after_learning": Place("each facility: it has learnt from its team, sessions, visits and peers", OF_FACILITY),
    "before_scoring": Place("each facility: luck and fading are had, its true score is about to be added up",
                            OF_FACILITY),
    "end_of_month": Place("once a month: after the round and the bill", OF_NATION),
}


@dataclass(frozen=True)
class Indicator:
    """What is read of every facility and added up over groups.

    `value` gives a facility's number from some of `OF_READING`; what is shown is the sum over `per`, the name of an
    indicator that counts ("facilities", "ever", "active"), or the sum itself where `per` is "".
    """

    meaning: str
    unit: str
    value: Callable[..., float]
    per: str = "facilities"


@dataclass(frozen=True)
class Extension:
    """What is added to the model under a name.

    name        a Python name; its parameters are called `name.parameter`
    meaning     what it adds, in a few words
    parameters  a NamedTuple of `Annotated[float, Parameter(...)]` with defaults
    levers      a NamedTuple of `Annotated[..., Lever(...)]`; the defaults hold where no scenario says otherwise
    columns     a NamedTuple of `Annotated[..., Column(...)]`: more state of each facility, 0 when a run begins
    ledger      lines of the ledger with their meanings
    indicators  `Indicator` by name
    steps       functions by place (`PLACES`), compiled; each takes, by their names, some of what the place has, and
                `own` (the extension's parameters) and `line` (the number of its first ledger line)
    off         values of parameters that switch it off, so that its lines stay at 0
    purposes    purposes of random numbers by name, within `EXTENSION_PURPOSES`
    sources     `qicsim.extend.Source` by the key that parameters cite, beyond the shipped ones
    """

    name: str
    meaning: str
    parameters: type | None = None
    levers: type | None = None
    columns: type | None = None
    ledger: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    steps: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    off: Mapping[str, float] = field(default_factory=dict)
    purposes: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Any] = field(default_factory=dict)


class Loaded(NamedTuple):
    """An extension with the file or module that it comes from."""

    source: str
    extension: Extension


_LOADED: dict[str, Loaded] = {}
_LOADING: list[str] = []


def loaded() -> tuple[Loaded, ...]:
    """The extensions of this process, read when they are first asked for; DataError for one that cannot be used."""
    if _LOADING:
        allowed = "qicsim.extend, which has what a step needs"
        refuse(_LOADING[0], Faults(), ("", "imports the model, which is put together after it", allowed))
    for word in extended.named():
        if word not in _LOADED:
            _LOADING.append(word)
            try:
                _LOADED[word] = Loaded(word, _read(word, [one for _, one in _LOADED.values()]))
            finally:
                _LOADING.clear()
    return tuple(_LOADED[word] for word in extended.named())


def use_extension(source: str | Path) -> Extension:
    """Add an extension to the model for this process and those that it starts: a Python file, or a module's name.

    The file is executed. This comes first of all: QicsimError where the model is in use already, DataError for what
    cannot be used.
    """
    extended.add(str(source))
    word = str(Path(source).resolve()) if str(source).endswith(".py") else str(source)
    return next(one.extension for one in loaded() if one.source == word)


def refuse(source: str, faults: Faults, *more: tuple[str, ...]) -> None:
    """DataError with the faults of a file, and more of them, where there are any."""
    for fault in more:
        faults.add(*fault)
    faults.refuse(DataError, source)


# -------------------------------------------------------------------------------------------------------- reading


def _read(word: str, others: Sequence[Extension]) -> Extension:
    """The one extension of a file or module, which shares no name or purpose with others."""
    found = {id(one): one for one in vars(_imported(word)).values() if isinstance(one, Extension)}
    if len(found) != 1:
        refuse(word, Faults(), ("", f"has {len(found)} extensions", "one Extension(...), under any name"))
    (extension,) = found.values()
    faults = Faults()
    _check(extension, faults)
    if extension.name in [one.name for one in others]:
        faults.add("name", f'another extension is called "{extension.name}" too', "a name of its own")
    for name, number in extension.purposes.items():
        if any(number in one.purposes.values() for one in others):
            faults.add(f"purposes: {name}", f"another extension uses {number} too", "a number of its own")
    faults.refuse(DataError, word)
    return extension


def _imported(word: str) -> ModuleType:
    """The module, executed; DataError with the line for what is raised there."""
    try:
        if not word.endswith(".py"):
            return import_module(word)
        name = f"qicsim_extension_{Path(word).stem}"
        spec = spec_from_file_location(name, word)
        module = sys.modules[name] = module_from_spec(spec)  # type: ignore[arg-type] # a file of Python has a spec
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except QicsimError:
        raise
    except SyntaxError as error:
        refuse(word, Faults(), (f"line {error.lineno}", f"is no Python ({error.msg})"))
    except Exception as error:  # noqa: BLE001 whatever the file does
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == word]
        refuse(word, Faults(), (f"line {lines[-1]}" if lines else "", f"{type(error).__name__}: {error}"))
    return module


# ------------------------------------------------------------------------------------------------------- checking


def _check(extension: Extension, faults: Faults) -> None:
    """Note what is wrong with an extension by itself."""
    _check_name(extension.name, "name", faults)
    for kind in ("ledger", "indicators", "purposes"):
        for name in getattr(extension, kind):
            _check_name(name, kind, faults)
    for kind, declaration in (("parameters", Parameter), ("levers", Lever), ("columns", Column)):
        _check_record(getattr(extension, kind), kind, declaration, faults)
    _check_parameters(extension, faults)
    _check_functions(extension, faults)
    _check_purposes(extension, faults)


def _check_functions(extension: Extension, faults: Faults) -> None:
    """Note places that there are not, and arguments that there are not at a place."""
    for place, step in extension.steps.items():
        if place not in PLACES:
            faults.add("steps", f'"{place}" is not a place in the month', ", ".join(PLACES), nearest(place, PLACES))
        else:
            own = [name for name in OWN if _has(extension, name)]
            check_arguments(f"steps: {place}", step, (*PLACES[place].arguments, *own), faults)
    for name, indicator in extension.indicators.items():
        check_arguments(f"indicators: {name}", indicator.value, OF_READING, faults)


def _check_purposes(extension: Extension, faults: Faults) -> None:
    """Note purposes of random numbers that are the model's, or one number for two."""
    for name, number in extension.purposes.items():
        if number not in EXTENSION_PURPOSES:
            faults.add(f"purposes: {name}", f"{number} belongs to the model",
                       f"{EXTENSION_PURPOSES.start} to {EXTENSION_PURPOSES.stop - 1}")
    if len(set(extension.purposes.values())) < len(extension.purposes):
        faults.add("purposes", "two have one number", "a number of its own for each")


def _has(extension: Extension, argument: str) -> bool:
    """Whether an extension has what one of OWN stands for."""
    return extension.parameters is not None if argument == "own" else bool(extension.ledger)


def _check_name(name: str, place: str, faults: Faults) -> None:
    if not (name.isidentifier() and name == name.lower()):
        faults.add(place, f'"{name}" is no name', "small letters, digits and _")


def _check_record(record: type | None, place: str, kind: type, faults: Faults) -> None:
    """Note fields of a record that are not declared as they must be."""
    if record is None:
        return
    leaves = declared(record) if hasattr(record, "_fields") else {}
    if not leaves:
        faults.add(place, "has no declared field", f"a NamedTuple of Annotated[..., {kind.__name__}(...)]")
    for name, leaf in leaves.items():
        if not isinstance(leaf.declaration, kind):
            faults.add(f"{place}: {name}", f"is a {type(leaf.declaration).__name__}", kind.__name__)
        elif kind is not Column and leaf.default is None:
            faults.add(f"{place}: {name}", "has no default", "a value after =")


def _check_parameters(extension: Extension, faults: Faults) -> None:
    """Note defaults outside their bounds, grades that there are not, and what is switched off and is no parameter."""
    for name in extension.off:
        if name not in getattr(extension.parameters, "_fields", ()):
            faults.add("off", f'"{name}" is not a parameter of this extension')
    leaves = declared(extension.parameters) if hasattr(extension.parameters, "_fields") else {}
    for name, leaf in leaves.items():
        parameter, place = leaf.declaration, f"parameters: {name}"
        if isinstance(parameter, Parameter) and leaf.default is not None:
            if not parameter.low <= leaf.default <= parameter.high:
                faults.add(place, f"the default {leaf.default:g} is out of bounds",
                           f"{parameter.low:g} to {parameter.high:g} {parameter.unit}")
            if parameter.grade not in GRADES:
                faults.add(place, f'"{parameter.grade}" is no grade', ", ".join(GRADES))


def check_arguments(place: str, function: Callable[..., Any], allowed: tuple[str, ...], faults: Faults) -> None:
    """Note arguments of a function that there are not at its place."""
    for name in arguments_of(function):
        if name not in allowed:
            faults.add(place, f'{plain(function).__name__} takes "{name}"', ", ".join(allowed), nearest(name, allowed))


def arguments_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments, compiled or not."""
    return tuple(inspect.signature(plain(function)).parameters)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of Python behind a compiled one."""
    return getattr(function, "py_func", function)


def added_lines() -> dict[str, str]:
    """The ledger lines of extensions with their meanings, as pages call them."""
    return {name: f"{meaning[:1].upper()}{meaning[1:]}" for one in loaded()
            for name, meaning in one.extension.ledger.items()}
