"""What a plan rests on: unit costs, parameters, data files, and the levers that its scenario sets otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qicsim.inputs.world.money import UnitCost


@dataclass(frozen=True)
class ParameterRow:
    """A parameter: what it is, the 5-95 % interval of its prior, that of the draws of this plan, source and grade.

    `source` is a key of the sources; `citation` says which it is. `fixed` is the scenario's own value, or None.
    """

    name: str
    meaning: str
    unit: str
    default: float
    prior_low: float
    prior_high: float
    low: float
    high: float
    source: str
    citation: str
    grade: str
    fixed: float | None


@dataclass(frozen=True)
class DataFile:
    """A data file behind the world of the scenario: its kind, its name, its sha256, and whether it is shipped."""

    kind: str
    name: str
    sha256: str
    shipped: bool


@dataclass(frozen=True)
class LeverRow:
    """A lever of the scenario: what it is, its unit, and its values as (month, value in words) where it changes."""

    name: str
    meaning: str
    unit: str
    values: tuple[tuple[str, str], ...]
    reference: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sources:
    """What the numbers rest on; `grades` maps a grade to its meaning."""

    unit_costs: tuple[UnitCost, ...]
    parameters: tuple[ParameterRow, ...]
    data: tuple[DataFile, ...]
    grades: Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What is known of the facilities, and what of them is simulated.

    register  a register was given; False: facilities are invented
    joins     who joined a collaborative and when is known from a file; False: it is simulated
    scores    levels of recorded scores are estimated from a file; False: they are assumptions
    """

    register: bool
    joins: bool
    scores: bool
