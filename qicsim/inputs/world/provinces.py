"""The 25 provinces of Cambodia: names, people, health centres, operational districts, place on the tile grid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qicsim.ground.errors import DataError
from qicsim.inputs.world.table import Layout, Row, read_table

DATA = Path(__file__).parent / "data"
_LAYOUT = Layout((
    "code", "iso_3166_2", "name_en", "name_km", "population_2019", "population_grade", "health_centres_2018",
    "health_centres_2022", "health_centres_grade", "operational_districts", "operational_districts_grade",
    "tile_row", "tile_col", "source"))


@dataclass(frozen=True)
class Province:
    """One province; people in 2019, health centres at the start of 2018 and the end of 2022."""

    code: str
    iso: str
    name: str
    name_km: str
    population: int
    health_centres_2018: int
    health_centres_2022: int
    operational_districts: int
    tile_row: int
    tile_col: int


def _province(row: Row) -> Province:
    numbers = ("population_2019", "health_centres_2018", "health_centres_2022", "operational_districts",
               "tile_row", "tile_col")
    return Province(row.text("code"), row.text("iso_3166_2"), row.text("name_en"), row.text("name_km"),
                    *(int(row.number(column, low=0)) for column in numbers))


@lru_cache(maxsize=1)
def provinces() -> tuple[Province, ...]:
    """Every province in the order of its code."""
    table = read_table(DATA / "provinces.csv", _LAYOUT, DataError)
    read = tuple(_province(row) for row in table.rows)
    table.refuse_faults()
    return read


@lru_cache(maxsize=1)
def extent() -> tuple[float, float, float, float]:
    """The least and greatest longitude, and the least and greatest latitude, of the outlines; degrees."""
    shapes = json.loads((DATA / "cambodia_provinces_schematic.geojson").read_text(encoding="utf-8"))["features"]
    points = [point for shape in shapes for point in _points(shape["geometry"]["coordinates"])]
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return min(longitudes), max(longitudes), min(latitudes), max(latitudes)


def _points(nested: list[Any]) -> Iterator[tuple[float, float]]:
    """The points of the coordinates of a GeoJSON geometry."""
    if nested and isinstance(nested[0], list):
        for inner in nested:
            yield from _points(inner)
    elif nested:
        yield nested[0], nested[1]
