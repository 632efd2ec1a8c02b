"""The JSON Schema of scenario files, made from the declarations, for editors that help while one writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qicsim.ground.declare import Lever, Parameter, declared
from qicsim.ground.files import shipped_path
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario.fork import SIDES
from qicsim.inputs.scenario.layer import DATA_FILES, FORMAT, LEAST_BILL, MOST_BILL
from qicsim.inputs.scenario.names import LONGEST_NAME
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import LONGEST_TEXT, is_flag
from qicsim.model.columns import Structure
from qicsim.model.signs import OF, SIGNS

FILE_NAME = "scenario.schema.json"
_MONTH = {"type": "string", "pattern": "^20(1[0-9]|[234][0-9]|50)-(0[1-9]|1[0-2])$"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, in its short form and in its resolved form."""
    return {
        "$schema": _DIALECT,
        "title": "qicsim scenario",
        **_table({
            "$schema": {"type": "string"},
            "format": {"const": FORMAT, "description": "mark of a resolved scenario"},
            "world": _text("the name of the world that it is for; otherwise any"),
            "name": {**_text("name of the scenario, no path; otherwise the file's name"), "maxLength": LONGEST_NAME,
                     "pattern": r"^[^/\\:]+$"},
            "title": _text("one line for headings and legends"),
            "description": _text("what the scenario is about, in plain words"),
            "assumptions": {"type": "array", "items": {"anyOf": [_text(), _marked()]}, "uniqueItems": True,
                            "description": "what is taken for granted; added to those of the file that is extended"},
            "extends": _text(f"a shipped scenario ({', '.join(default_country().listing)}) or a file in the same "
                             "folder"),
            "horizon": _table({"start": _month("first month; begins a quarter"),
                               "end": _month("last month; ends a quarter"),
                               "known_until": _month("last month that is history: nothing can be decided in it")}),
            "rollout": _table({"provinces": _provinces(), "districts": _districts()}),
            "pbf": _table({"since": _month("when performance-based financing began"), "bill": {
                "type": "number", "minimum": LEAST_BILL, "maximum": MOST_BILL,
                "description": "what performance payments to facilities cost in the first year, if known (US$/year): "
                               "payments are scaled to it"}}),
            "levers": _table({name: _starting(lever) for name, lever in LEVERS.items()},
                             "values from the first month of the horizon"),
            "change": {"type": "array", "items": _change(), "description": "dated changes; the later month wins"},
            "fork": _fork(),
            "parameters": _parameters(),
            "structure": _table({name: {"enum": list(leaf.declaration.choices), "description": leaf.declaration.meaning}
                                 for name, leaf in declared(Structure).items()}),
            "data": _table({key: {"anyOf": [_text(), _pinned()]} for key in DATA_FILES},
                           "the user's own files, in the scenario's folder or below it"),
        }),
        "required": ["title", "description"],
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def write_schema(path: Path | None = None) -> Path:
    """Write the schema, by default beside the shipped scenarios; the path written."""
    target = path or shipped_path("scenarios", FILE_NAME)
    target.write_text(schema_text(), encoding="utf-8")
    return target


# ----------------------------------------------------------------------------------------------------------- pieces


def _table(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    described = {"description": description} if description else {}
    return {"type": "object", **described, "properties": properties, "additionalProperties": False}


def _text(description: str = "") -> dict[str, Any]:
    described = {"description": description} if description else {}
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, **described}


def _marked() -> dict[str, Any]:
    levers = {"type": "array", "items": {"enum": list(LEVERS)}, "description":
              "levers that it speaks of; a file that changes one of them does not inherit it"}
    until = _month("last month of which it speaks")
    return {**_table({"text": _text(), "levers": levers, "until": until}), "required": ["text"]}


def _month(description: str) -> dict[str, Any]:
    return {**_MONTH, "description": f"{description}, written like 2027-01"}


def _provinces() -> dict[str, Any]:
    """A list of any names, as registers and worlds may have others; an editor proposes those of the default country."""
    known = {"enum": list(default_country().by_people)}
    return {"type": "array", "uniqueItems": True, "items": {"anyOf": [known, _text()]},
            "description": "order in which the plan opens provinces; those left out follow, the most populous first"}


def _districts() -> dict[str, Any]:
    return {"type": "array", "uniqueItems": True, "items": _text(),
            "description": "order in which districts come while the lever order is listed; those left out follow"}


def _pinned() -> dict[str, Any]:
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return {**_table({"file": _text(), "sha256": digest}), "required": ["file", "sha256"]}


def _value(lever: Lever) -> dict[str, Any]:
    if lever.choices:
        return {"enum": list(lever.choices)}
    if lever.areas:
        return {"type": "array", "uniqueItems": True, "items": _text()}
    if is_flag(lever):
        return {"enum": [True, False, 0, 1]}
    return {"type": "integer" if lever.whole else "number", "minimum": lever.low, "maximum": lever.high}


def _lever(lever: Lever) -> dict[str, Any]:
    unit = "" if lever.choices or lever.areas or is_flag(lever) else f" ({lever.unit})"
    return {**_value(lever), "description": lever.meaning + unit}


def _starting(lever: Lever) -> dict[str, Any]:
    """One value, or the list of dated values that a resolved scenario holds."""
    dated = {**_table({"from": _MONTH, "value": _value(lever)}), "required": ["from", "value"]}
    return {"description": _lever(lever)["description"],
            "anyOf": [_value(lever), {"type": "array", "minItems": 1, "items": dated}]}


def _change() -> dict[str, Any]:
    times = {"from": _month("first month of the new values"),
             "ramp_to": _month("amounts move step by step and reach the new value in this month")}
    levers = {name: _lever(lever) for name, lever in LEVERS.items()}
    return {**_table(times | levers), "required": ["from"], "minProperties": 2}


def _fork() -> dict[str, Any]:
    side = {"type": "array", "items": {"$ref": "#/properties/change/items"}}
    return {**_table({"month": _month("month, the first of a quarter, in which the plan is decided"),
                      "indicator": {"enum": list(SIGNS), "description": "the recorded sign that decides"},
                      "of": {"enum": list(OF), "description": "whose sign: all, those that ever joined, the others"},
                      "at_least": {"type": "number", "minimum": 0, "description": "how much of the sign is enough"},
                      **dict.fromkeys(SIDES, side)}, "an adaptive plan: changes where a sign is reached or missed"),
            "required": ["month", "indicator", "at_least"]}


def _parameters() -> dict[str, Any]:
    from qicsim.model.parameters import Parameters

    return _table({path: _parameter(leaf.declaration) for path, leaf in declared(Parameters).items()},
                  "parameters held at a fixed value instead of drawn")


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {"type": "number", "minimum": parameter.low, "maximum": parameter.high,
            "description": f"{parameter.meaning} ({parameter.unit})"}
