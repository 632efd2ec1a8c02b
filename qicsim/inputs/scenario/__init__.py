"""Scenarios: from a short TOML file to a resolved scenario, in which every lever has a value for every month.

A file that cannot be used raises `ScenarioError`, which holds all its faults at once: where each stands, what was
found, what is allowed and the nearest right name.
"""

from qicsim.ground.errors import ScenarioError
from qicsim.inputs.scenario.catalogue import REFERENCE, policy, shipped
from qicsim.inputs.scenario.data import with_data
from qicsim.inputs.scenario.load import change, check_names, load_scenario
from qicsim.inputs.scenario.overrides import with_overrides
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.scenario.schema import scenario_schema, write_schema

__all__ = [
    "REFERENCE",
    "Scenario",
    "ScenarioError",
    "change",
    "check_names",
    "load_scenario",
    "policy",
    "scenario_schema",
    "shipped",
    "with_data",
    "with_overrides",
    "write_schema",
]
