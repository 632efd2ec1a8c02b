"""Three small runs whose numbers are kept: the small country of the tests, at the defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from qicsim.ground.calendar import format_quarter
from qicsim.model.indicators import SUMS, indicators
from qicsim.model.luck import allocate_luck
from qicsim.model.simulate import allocate_state, noise_key, simulate
from tests.worlds import EVERYTHING, SCENARIO, Country, build_country, parameters, register_text, whole_nation

FOLDER = Path(__file__).parent
RELATIVE = 1e-9
SCENARIOS = {
    "collaboratives": SCENARIO,
    "everything": EVERYTHING,
    "pbf-only": SCENARIO.replace("recruiting = true", "recruiting = false").replace(
        "support = true", "support = false"
    ),
}
# The last is US$ of 2021 since the start at the end of each year; the others are read every quarter.
INDICATORS = (
    "active",
    "true",
    "recorded",
    "recorded_80",
    "unscored",
    "capability",
    "motivation",
    "trust",
    "ledger_spillover",
    "ledger_incentive",
    "ledger_fading",
    "cost",
)

Golden = Mapping[str, Mapping[str, list[float]]]


def file_of(name: str) -> Path:
    """Where the numbers of a run are kept."""
    return FOLDER / f"{name}.json"


def kept(name: str) -> Golden:
    """The numbers that are kept."""
    return json.loads(file_of(name).read_text())


def numbers(name: str) -> Golden:
    """The run's numbers now: {"quarters": ..., indicator: values}."""
    country = build_country(register_text(), SCENARIOS[name])
    recording, reading = whole_nation(country.setting, every=3)
    simulate(
        country.setting,
        country.levers,
        country.structure,
        parameters(),
        noise_key(1, 0, 0),
        allocate_state(country.setting),
        allocate_luck(country.setting, kept=False),
        recording,
        reading,
        0,
        len(country.levers),
    )
    nation = reading.nation.sum(axis=1)
    sums = {indicator.name: nation[:, at] for at, indicator in enumerate(indicators(country.world.areas.keys))}
    read = {name: _shown(sums, name).tolist() for name in INDICATORS[:-1]}
    return {"quarters": _quarters(country)} | read | {"cost": reading.cost.sum(axis=(1, 2, 3, 4)).tolist()}


def _quarters(country: Country) -> list[str]:
    return [format_quarter(country.world.start + month) for month in range(2, country.world.months, 3)]


def _shown(sums: dict[str, np.ndarray], name: str) -> np.ndarray:
    """An indicator as it is shown: its sum over facilities, divided where it is a mean; 0 where there is nobody."""
    per = next((indicator.per for indicator in SUMS if indicator.name == name), "facilities")
    return sums[name] if not per else sums[name] / np.maximum(sums[per], 1.0)


def differences(found: Golden, expected: Golden) -> list[str]:
    """What differs by more than one part in a thousand million, or is there only once."""
    if found.keys() != expected.keys():
        return [f"other indicators: {sorted(set(found) ^ set(expected))}"]
    return [
        f"{name}: {found[name]}, kept {expected[name]}" for name in expected if not same(found[name], expected[name])
    ]


def same(found: list, expected: list) -> bool:
    """Whether two lists of words are equal, or of numbers within the tolerance."""
    if len(found) != len(expected) or not expected:
        return False
    if isinstance(expected[0], str):
        return found == expected
    return bool(np.allclose(found, expected, rtol=RELATIVE, atol=1e-12))
