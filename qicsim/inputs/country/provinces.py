"""The provinces of a country: `provinces.csv` in its folder, and the outlines of a map if it has one.

    code,name,population                   and, where they are known:
    iso,name_km,first_level_from,first_level_to,districts,tile_row,tile_col,source

`name_` and the code of a language gives the name in that language. Other columns ending in `_grade` are for readers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from qicsim.ground.errors import DataError, Faults
from qicsim.ground.files import MEGABYTE, from_json, read_plain
from qicsim.ground.table import Layout, Row, read_table
from qicsim.inputs.country.record import MOST_PLACES, Country, Province

FILE = "provinces.csv"
MOST_PROVINCES, MOST_PEOPLE, MOST_TILES = 300, 2_000_000_000, 100
MOST_OF_MAP = 20 * MEGABYTE
LANGUAGE = re.compile(r"name_([a-z]{2,3})")
_REQUIRED = ("code", "name", "population")
_OPTIONAL = ("iso", "population_grade", "first_level_from", "first_level_to", "first_level_grade", "districts",
             "districts_grade", "tile_row", "tile_col", "source")


def read_provinces(path: Path) -> tuple[Province, ...]:
    """The provinces of a file in the order of their codes; DataError with every fault."""
    table = read_table(path, Layout(_REQUIRED, _OPTIONAL, more=LANGUAGE), DataError)
    found = tuple(_province(row) for row in table.rows)
    table.refuse_repeats("code")
    table.refuse_repeats("name")
    first: dict[str, str] = {}
    for one in found:
        if (other := first.setdefault(one.name.casefold(), one.name)) != one.name:
            table.fault("", f'"{other}" and "{one.name}" differ in capitals only')
    if not 1 <= len(found) <= MOST_PROVINCES and not table.faults:
        table.fault("", f"holds {len(found)} provinces", allowed=f"1 to {MOST_PROVINCES}")
    table.refuse_faults()
    return tuple(sorted(found, key=lambda one: one.code))


def _province(row: Row) -> Province:
    name = row.text("name")
    _refuse_parts(row, ("population", "first_level_from", "first_level_to", "districts"))
    languages = {match[1]: row.optional_text(column) for column in row.cells if (match := LANGUAGE.fullmatch(column))}
    row_of_tile, column_of_tile = (row.optional_number(column, low=0, high=MOST_TILES)
                                   for column in ("tile_row", "tile_col"))
    placed = math.isfinite(row_of_tile + column_of_tile)
    return Province(row.text("code"), row.optional_text("iso"), name,
                    {"en": name} | {code: said for code, said in languages.items() if said},
                    _whole(row.number("population", low=1, high=MOST_PEOPLE)),
                    (_count(row, "first_level_from"), _count(row, "first_level_to")), _count(row, "districts"),
                    (int(row_of_tile), int(column_of_tile)) if placed else None)


def _count(row: Row, column: str) -> int:
    return _whole(row.optional_number(column, low=0, high=MOST_PLACES))


def _whole(value: float) -> int:
    """A whole number; 0 for nan."""
    return int(value) if math.isfinite(value) else 0


def _refuse_parts(row: Row, columns: tuple[str, ...]) -> None:
    """Note each number of the columns that is not whole."""
    for column in columns:
        text = row.cells.get(column, "")
        if text.partition(".")[2].strip("0"):
            row.fault(column, f'"{text[:20]}" is not a whole number')


# ------------------------------------------------------------------------------------------------------- the map


@lru_cache(maxsize=8)
def outlines(country: Country) -> tuple[dict[str, Any], ...]:
    """The features of the country's map; none without one."""
    if country.map is None:
        return ()
    return tuple(from_json(country.map.file.read_text(encoding="utf-8"))["features"])


@lru_cache(maxsize=8)
def extent(country: Country) -> tuple[float, float, float, float] | None:
    """The least and greatest longitude, and the least and greatest latitude, of the outlines; None without a map."""
    points = [point for shape in outlines(country) for point in _points(shape["geometry"]["coordinates"])]
    if not points:
        return None
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return min(longitudes), max(longitudes), min(latitudes), max(latitudes)


def _points(nested: list[Any]) -> Iterator[tuple[float, float]]:
    """The points of the coordinates of a GeoJSON geometry."""
    if nested and isinstance(nested[0], list):
        for inner in nested:
            yield from _points(inner)
    elif nested:
        x, y, *_ = nested
        yield x, y


def check_map(faults: Faults, path: Path, provinces: tuple[Province, ...]) -> None:
    """Note what is wrong with a map: each of its shapes is a province, with a place for its name."""
    try:
        features = from_json(read_plain(path, MOST_OF_MAP))["features"]
        names = [feature["properties"]["name"] for feature in features]
        for feature in features:
            points = [feature["properties"]["label"], *_points(feature["geometry"]["coordinates"])]
            if len(points) == 1 or not all(math.isfinite(x + y) for x, y in points):
                faults.add(path.name, "holds a shape without points, or without a place for its name")
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "a part of it is missing or of another kind"
        faults.add(path.name, f"is no map of provinces ({why[:80]})",
                   "GeoJSON polygons with the properties name and label [longitude, latitude]")
        return
    known = {province.name for province in provinces}
    for name in dict.fromkeys(map(str, names)):
        if name not in known:
            faults.add(path.name, f'"{name[:60]}" is not a province', hint=faults.nearest(name, known))
