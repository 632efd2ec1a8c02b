"""Where extensions enter the model (`qicsim.ground.extension`): its records, its ledger, its indicators and its month.

Without an extension records are what they say, and a place in the month is a function that does nothing.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any, TypeVar, get_type_hints

import numba
import numpy as np

from qicsim.ground.compiled import compiled_only_into_callers
from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Faults, QicsimError, nearest
from qicsim.ground.extension import PLACES, Loaded, arguments_of, loaded, plain, refuse
from qicsim.model.sources import sources

T = TypeVar("T", bound=type)
HIGHEST = 100.0
CLOSED = 1e-6
"""Points by which the lines of a ledger may miss the true composite: a run of decades adds rounding errors up."""


# -------------------------------------------------------------------------------------------------------- records


def open_to(kind: str) -> Callable[[T], T]:
    """A class decorator: the record with what extensions add to it.

    "parameters" gives a group for each extension, "levers" and "columns" their fields.
    """
    def decorate(record: Any) -> Any:
        fields, defaults = get_type_hints(record, include_extras=True), dict(record._field_defaults)
        for one in loaded():
            added = getattr(one.extension, kind)
            if added is None:
                continue
            hints = {one.extension.name: added} if kind == "parameters" else get_type_hints(added, include_extras=True)
            _refuse_taken(one, kind, hints, fields)
            fields |= hints
            defaults |= {} if kind == "parameters" else added._field_defaults
        if tuple(fields) == record._fields:
            return record
        make: Any = namedtuple  # noqa: PYI024 typing's has no form with names and defaults that are not written down
        wider = make(record.__name__, fields, defaults=defaults.values(), module=record.__module__)
        wider.__annotations__, wider.__doc__ = fields, record.__doc__
        return wider

    return decorate


def added(kind: str, taken: Any) -> dict[str, Any]:
    """What extensions add to the ledger or the indicators, by name; `taken` are the model's own names."""
    found: dict[str, Any] = {}
    for one in loaded():
        _refuse_taken(one, kind, getattr(one.extension, kind), {*taken, *found})
        found |= getattr(one.extension, kind)
    return found


def refuse_unknown(counts: Mapping[str, str]) -> None:
    """DataError for a parameter that cites an unknown source, or an indicator per something that is not counted."""
    for one in loaded():
        faults = Faults()
        for name, leaf in declared(one.extension.parameters).items() if one.extension.parameters else ():
            source = leaf.declaration.source
            if source not in sources():
                faults.add(f"parameters: {name}", f'"{source}" is not a source', '"assumption", a key of the shipped '
                           "sources, or one of the extension's own", nearest(source, sources()))
        for name, indicator in one.extension.indicators.items():
            if indicator.per and indicator.per not in counts:
                faults.add(f"indicators: {name}", f'is per "{indicator.per}"', ", ".join(counts),
                           nearest(indicator.per, counts))
        faults.refuse(DataError, one.source)


def _refuse_taken(one: Loaded, kind: str, names: Any, taken: Any) -> None:
    """DataError for names that there are already."""
    faults = Faults()
    for name in names:
        if name in taken:
            faults.add(kind, f'"{name}" is there already', "a name of its own")
    refuse(one.source, faults)


# ---------------------------------------------------------------------------------------------------------- steps


def steps_at(place: str, own_lines: int) -> Any:
    """What extensions do at a place, for the compiled month; `own_lines` are the ledger lines of the model."""
    calls: list[str] = []
    named: dict[str, Any] = {}
    line = own_lines
    for one in loaded():
        extension = one.extension
        if place in extension.steps:
            step, given = extension.steps[place], {"own": f"params.{extension.name}", "line": str(line)}
            calls.append(f"{extension.name}({', '.join(given.get(name, name) for name in arguments_of(step))})")
            named[extension.name] = _for_callers(step)
        line += len(extension.ledger)
    return _written(place, PLACES[place].arguments, calls, named)


def reading_of_added(first: int) -> Any:
    """Adds the indicators of extensions to a row of sums, from the column `first` on."""
    calls: list[str] = []
    named: dict[str, Any] = {}
    for one in loaded():
        for name, indicator in one.extension.indicators.items():
            calls.append(f"row[{first + len(calls)}] += {name}({', '.join(arguments_of(indicator.value))})")
            named[name] = _for_callers(indicator.value)
    return _written("read_added", ("facility", "site", "areas", "threshold", "row"), calls, named)


def clearing_of_added() -> Any:
    """Sets the columns that extensions add to a facility to 0."""
    records = [one.extension.columns for one in loaded() if one.extension.columns is not None]
    columns = {name: leaf.declaration for record in records for name, leaf in declared(record).items()}
    return _written("clear_added", ("facility",), [
        f"facility.{name}{'[:]' if column.shape else ''} = {'0.0' if column.kind == 'float' else '0'}"
        for name, column in columns.items()], {})


def _for_callers(function: Callable[..., Any]) -> Any:
    """A function of an extension for compiled callers; one that its author has compiled stays as it is."""
    return function if hasattr(function, "py_func") else compiled_only_into_callers(function)


def _written(name: str, arguments: tuple[str, ...], calls: list[str], named: dict[str, Any]) -> Any:
    """A compiled function of these lines: numba takes no list of functions, so the calls stand in a text."""
    text = "\n    ".join((f"def {name}({', '.join(arguments)}):", *(calls or ["pass"])))
    space = dict(named)
    exec(text, space)  # noqa: S102 of names that were checked to be names
    return compiled_only_into_callers(space[name])


# --------------------------------------------------------------------------------------------------------- faults


@contextmanager
def blaming() -> Iterator[None]:
    """Whatever numba cannot compile of an extension is told with its file, line and step."""
    try:
        yield
    except (numba.core.errors.NumbaError, KeyError) as error:
        for one in loaded():
            faults = Faults()
            for place, function in _functions(one):
                code = plain(function).__code__
                where = f"{place}: {code.co_name} (line {code.co_firstlineno})"
                if isinstance(error, KeyError):  # numba's for a field that a record has not
                    if error.args[0] in code.co_names:
                        faults.add(where, f'"{error.args[0]}" is neither a column nor a parameter',
                                   "what `qicsim describe columns` and `qicsim describe parameters` list")
                elif lines := _lines_named(error, code):
                    faults.add(where, f"line {lines[-1]} does not compile: {_reason(error)}")
            faults.refuse(DataError, one.source)
        raise


def _functions(one: Loaded) -> list[tuple[str, Callable[..., Any]]]:
    return [*((f"steps: {place}", step) for place, step in one.extension.steps.items()),
            *((f"indicators: {name}", indicator.value) for name, indicator in one.extension.indicators.items())]


def _lines_named(error: Exception, code: CodeType) -> list[int]:
    """Lines of a function that numba names in an error."""
    own = {line for _, _, line in code.co_lines()}
    return [int(line) for line in re.findall(re.escape(code.co_filename) + r" \((\d+)\)", str(error))
            if int(line) in own]


def _reason(error: Exception) -> str:
    """What numba could not do, without the candidates that it tried."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[1:3]) if len(lines) > 1 else str(error)


def refuse_open_ledger(month: int, setting: Any, state: Any, yardstick: int) -> None:
    """QicsimError where a facility's ledger misses its true composite, or a quality lies out of range.

    Only with an extension: the model's own months close, as tests say. `month` is the last that was lived.
    """
    if not loaded():
        return
    facility, site = state.facility, setting.facility
    weight = setting.area["weight"][0, yardstick][site["hospital"]]
    there = site["opened"] <= month
    quality = facility["quality"][there]
    true, booked = (weight[there] * quality).sum(axis=1), facility["ledger"][there].sum(axis=1)
    names = ", ".join(one.source for one in loaded())
    if quality.size and not (quality.min() >= 0.0 and quality.max() <= HIGHEST):
        raise QicsimError(f"{names}: by month {month} of the run a true quality is {quality.min():g} or "
                          f"{quality.max():g}. Allowed: 0 to 100; qicsim.extend.improve keeps within it.")
    missing = np.abs(true - booked)
    if missing.size and missing.max() > CLOSED:
        row = int(missing.argmax())
        raise QicsimError(f"{names}: the ledger does not close. By month {month} of the run the lines of facility "
                          f"{int(np.flatnonzero(there)[row])} add up to {booked[row]:.6f} points, and its true "
                          f"composite is {true[row]:.6f}. Whatever changes quality books it: qicsim.extend.improve "
                          "does both.")
