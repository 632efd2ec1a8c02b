"""Where extensions enter the model (`qicsim.ground.extension`): its records, its ledger and its indicators.

Without an extension a record is what it says. Steps are those of `qicsim.model.places`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Faults, nearest
from qicsim.ground.extension import Loaded, loaded, refuse
from qicsim.model.sources import sources

T = TypeVar("T", bound=type)


# -------------------------------------------------------------------------------------------------------- records


def open_to(kind: str) -> Callable[[T], T]:
    """A class decorator: the record with what extensions add to it.

    "parameters" gives a group for each extension, "levers" and "columns" their fields.
    """
    def decorate(record: Any) -> Any:
        fields, defaults = get_type_hints(record, include_extras=True), dict(record._field_defaults)
        for one in loaded():
            added = getattr(one.extension, kind)
            if kind == "parameters":
                _refuse_taken(one, "name", [one.extension.name], fields)
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
