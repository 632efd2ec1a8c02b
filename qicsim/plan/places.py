"""The places of a plan: nation, provinces, operational districts, and sums over districts for all of them."""

from __future__ import annotations

import numpy as np

from qicsim.inputs.world.build import World
from qicsim.plan.record import DISTRICT, NATION, PROVINCE, Place

KHMER = "km"
ALL_OF_IT = "The register"
WHOLE = {True: "the nation", False: "the register"}
"""What the first place is called in a sentence, by whether facilities are invented."""


def places_of(world: World) -> tuple[Place, ...]:
    """The nation, then the provinces, then the districts, in the order of the world's tables.

    Where a register was given, the first place is that register: it may hold a part of the country.
    """
    country = world.country
    khmer = {province.name: province.names.get(KHMER, "") for province in country.provinces}
    of_district = province_rows(world)
    names = (country.name, country.named(KHMER)) if world.synthetic else (ALL_OF_IT, "")
    whole = Place(NATION, *names, "")
    return (whole,
            *(Place(PROVINCE, name, khmer.get(name, ""), name) for name in world.provinces),
            *(Place(DISTRICT, name, "", world.provinces[of_district[row]])
              for row, name in enumerate(world.districts)))


def province_rows(world: World) -> np.ndarray:
    """For each district the row of its province; int64 (districts,)."""
    return np.asarray(world.setting.district["province"], dtype=np.int64)


def with_larger_places(districts: np.ndarray, of_district: np.ndarray, provinces_there: int, axis: int) -> np.ndarray:
    """Sums by district, along an axis, as sums by place: the nation and the provinces in front of the districts."""
    moved = np.moveaxis(districts, axis, 0)
    by_province = np.zeros((provinces_there, *moved.shape[1:]))
    np.add.at(by_province, of_district, moved)
    return np.moveaxis(np.concatenate([moved.sum(axis=0, keepdims=True), by_province, moved]), 0, axis)
