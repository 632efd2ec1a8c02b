"""Places in the month where steps of extensions stand (`qicsim.ground.extension`), and what becomes of their faults.

Without an extension a place is a function that does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import numba
import numpy as np

from qicsim.ground.compiled import compiled_only_into_callers
from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Faults, QicsimError
from qicsim.ground.extension import PLACES, Loaded, arguments_of, loaded, plain
from qicsim.model.columns import WEIGHTS_NQEM
from qicsim.model.ledger import OWN

HIGHEST = 100.0
CLOSED = 1e-6
"""Points by which the lines of a ledger may miss the true composite: a run of decades adds rounding errors up."""


# ---------------------------------------------------------------------------------------------------------- steps


def steps_at(place: str) -> Any:
    """What extensions do at a place, for the compiled month."""
    calls: list[str] = []
    named: dict[str, Any] = {}
    line = len(OWN)
    for one in loaded():
        extension = one.extension
        if place in extension.steps:
            step, given = extension.steps[place], {"own": f"params.{extension.name}", "line": str(line)}
            calls.append(f"step_of_{extension.name}({', '.join(given.get(name, name) for name in arguments_of(step))})")
            named[f"step_of_{extension.name}"] = _for_callers(step)
        line += len(extension.ledger)
    return _written(place, PLACES[place].arguments, calls, named)


def reading_of_added(first: int) -> Any:
    """Adds the indicators of extensions to a row of sums, from the column `first` on."""
    calls: list[str] = []
    named: dict[str, Any] = {}
    for one in loaded():
        for name, indicator in one.extension.indicators.items():
            calls.append(f"row[{first + len(calls)}] += value_of_{name}({', '.join(arguments_of(indicator.value))})")
            named[f"value_of_{name}"] = _for_callers(indicator.value)
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
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and "Failed in" not in line]
    return " ".join(lines[:2])


def check_month(month: int, setting: Any, state: Any) -> None:
    """QicsimError where a facility's ledger misses its true composite, or a quality lies out of range.

    Only with an extension: the model's own months close, as tests say. `month` is the last that was lived.
    """
    if not loaded():
        return
    facility, site = state.facility, setting.facility
    weight = setting.area["weight"][0, WEIGHTS_NQEM][site["hospital"]]
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
