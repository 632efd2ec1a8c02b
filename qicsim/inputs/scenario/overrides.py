"""What holds for all scenarios of a call, whatever their files say: parameters, forms of structure, unit costs.

    with_overrides(scenario, {"pdsa.k_item": 0.1, "structure.contagion": "threshold"}, costs="my-costs.csv")

A scenario that fixes a parameter in its own file has another past than a reference that does not; what is set for all
keeps the past of all scenarios the same. Each override is an assumption of the scenario, as a sentence that pages can
say in other languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qicsim.ground.errors import DataError, Fault, Faults, SettingError, nearest
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.forms import FORMS, forms_of
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.scenario.structure import restructured
from qicsim.inputs.scenario.values import one_of, parameter_value, show

HELD = "Set for all scenarios: {meaning} ({parameter}) = {value}."
FORMED = "Set for all scenarios: the form of {structure} is “{form}”."
COSTED = "The unit costs of all scenarios are those of the file {file}."
OWN_PAST = ("“{scenario}” holds {parameters} at other values than the reference: it has another past, and its "
            "difference from the reference is not of the plan alone.")
STRUCTURES = {f"structure.{name}": choices for name, choices in FORMS.items()}
"""Forms of structure that can be set, by path."""


def with_overrides(scenario: Scenario, given: Mapping[str, Any] | None = None, costs: Path | str | None = None
                   ) -> Scenario:
    """The scenario with parameters and structure set, and with unit costs of its own file replaced.

    Args:
        scenario: a resolved scenario.
        given: values by dotted path (`qicsim describe parameters`), or a form by "structure.contagion"; tables within
            tables mean the same.
        costs: a file of unit costs.

    Raises:
        SettingError: with every path that is not known and every value that is not allowed.
        DataError: if there is no such file of unit costs; what it holds is checked when the world is built.
    """
    values, forms = checked_overrides(given or {})
    said = [tell(HELD, meaning=tell(_meaning(path)), parameter=path, value=f"{value:g}")
            for path, value in values.items()]
    said += [tell(FORMED, structure=path.partition(".")[2], form=form) for path, form in forms.items()]
    data = dict(scenario.data)
    if costs is not None:
        data["unit_costs"] = _whole_path(Path(costs))
        said.append(tell(COSTED, file=Path(costs).name))
    changed = replace(scenario, parameters={**scenario.parameters, **values}, data=data,
                      assumptions=tuple(dict.fromkeys((*scenario.assumptions, *said))))
    return restructured(changed, {path.partition(".")[2]: form for path, form in forms.items()})


def checked_overrides(given: Mapping[str, Any], place: str = "set") -> tuple[dict[str, float], dict[str, str]]:
    """Values of parameters and forms of structure by path; SettingError with every fault. `place` names the source."""
    from qicsim.ground.declare import declared
    from qicsim.model.parameters import Parameters

    values: dict[str, float] = {}
    forms: dict[str, str] = {}
    faults, known = Faults(), declared(Parameters)
    for path, value in _flat(given):
        where = f"{place} {path}"
        if path in STRUCTURES:
            form = one_of(faults, where, value, STRUCTURES[path])
            forms |= {} if form is None else {path: form}
        elif path in known:
            number = parameter_value(faults, where, value, known[path].declaration)
            values |= {} if number is None else {path: number}
        else:
            faults.add(place, f"{show(path)} is not a parameter, and not a form of structure",
                       hint=nearest(path, (*known, *STRUCTURES))
                       or f"`qicsim describe parameters` lists parameters; structure: {', '.join(STRUCTURES)}")
    if faults:
        raise SettingError("", faults)
    return dict(sorted(values.items())), forms


def overrides_said(scenarios: Sequence[Scenario]) -> tuple[Told, ...]:
    """The sentences on what was set for all of these scenarios."""
    first = scenarios[0].assumptions if scenarios else ()
    return tuple(one for one in first if isinstance(one, Told) and one.template in (HELD, FORMED, COSTED)
                 and all(one in other.assumptions for other in scenarios))


def own_pasts(scenarios: Sequence[Scenario], reference: Scenario) -> tuple[Told, ...]:
    """A warning for each scenario whose file fixes parameters, or a structure, otherwise than the reference."""
    said = []
    for one in scenarios:
        paths = [path for path in sorted({*one.parameters, *reference.parameters})
                 if one.parameters.get(path) != reference.parameters.get(path)]
        forms, others = forms_of(one.structure), forms_of(reference.structure)
        paths += [f"structure.{name}" for name, form in forms.items() if form != others[name]]
        if paths:
            said.append(tell(OWN_PAST, scenario=one.title, parameters=", ".join(paths)))
    return tuple(said)


def _flat(given: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Paths and values; TOML reads an unquoted team.h_drop as a table in a table, which means the same."""
    found: list[tuple[str, Any]] = []
    for key, value in given.items():
        path = f"{before}{key}"
        found += _flat(value, f"{path}.") if isinstance(value, Mapping) else [(path, value)]
    return found


def _meaning(path: str) -> str:
    from qicsim.ground.declare import declared
    from qicsim.model.parameters import Parameters

    return declared(Parameters)[path].declaration.meaning


def _whole_path(file: Path) -> Path:
    """The whole path of a file; DataError if there is none."""
    if not file.is_file():
        raise DataError(str(file), [Fault("", "cannot be read: there is no such file", "a file of unit costs")])
    return file.resolve()
