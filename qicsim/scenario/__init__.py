"""Scenarios: from a short TOML file to a resolved scenario, in which every lever has a value for every month.

A file that cannot be used raises `ScenarioError`, which holds all its faults at once: where each stands, what was
found, what is allowed and the nearest right name.
"""

from qicsim.errors import ScenarioError
from qicsim.scenario.catalogue import LISTING, PAST, POLICY, REFERENCE, STUDY, shipped
from qicsim.scenario.data import with_data
from qicsim.scenario.load import change, load_scenario
from qicsim.scenario.provinces import PROVINCES
from qicsim.scenario.record import Scenario
from qicsim.scenario.schema import scenario_schema, write_schema

__all__ = [
    "LISTING",
    "PAST",
    "POLICY",
    "PROVINCES",
    "REFERENCE",
    "STUDY",
    "Scenario",
    "ScenarioError",
    "change",
    "load_scenario",
    "scenario_schema",
    "shipped",
    "with_data",
    "write_schema",
]
