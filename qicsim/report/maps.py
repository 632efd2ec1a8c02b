"""Maps: provinces as tiles of one size, and as a schematic map for readers who look for their province."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qicsim.ground.numbers import number, signed
from qicsim.inputs.country import Country
from qicsim.inputs.country.provinces import outlines
from qicsim.inputs.country.record import MapForm
from qicsim.report.colours import INK, PAPER, diverging, ink_on, sequential
from qicsim.report.elements import Markup, tag
from qicsim.report.language import phrase, place_name
from qicsim.report.panel import PIXEL, Panel
from qicsim.report.results import Results

EMPTY = "#e8e8e8"
WIDTH, OUTLINE = 460.0, 480.0


def drawable(results: Results) -> bool:
    """Whether any province of the results has a place on the tile grid."""
    there = {province.name for province in country_of(results).provinces if province.tile is not None}
    return bool(there & set(results.comparison.provinces["province"]))


def country_of(results: Results) -> Country:
    """Where the scenarios of results play."""
    return results.comparison.ensemble.runners[results.reference].scenario.country


def level_by_province(results: Results, name: str, indicator: str = "true") -> dict[str, float]:
    """Mean of an indicator by province at the end."""
    table = results.comparison.provinces
    rows = table[(table["scenario"] == name) & (table["year"] == results.end) & (table["indicator"] == indicator)]
    return dict(zip(rows["province"], rows["mean"].astype(float), strict=True))


def gain_by_province(results: Results, name: str) -> dict[str, float]:
    """Difference of means from the reference by province at the end."""
    here, there = level_by_province(results, name), level_by_province(results, results.reference)
    return {province: value - there[province] for province, value in here.items() if province in there}


class Scale:
    """From values to colours: cividis between two ends, or blue to orange around zero."""

    def __init__(self, values: list[float], *, around_zero: bool = False) -> None:
        """The scale that holds all values, its ends rounded outwards."""
        there = [value for value in values if math.isfinite(value)] or [0.0]
        self.around_zero = around_zero
        self.high = float(math.ceil(max(map(abs, there)))) if around_zero else -(-max(there) // 5) * 5.0
        self.low = -self.high if around_zero else min(there) // 5 * 5.0

    def colour(self, value: float) -> str:
        """The colour of a value; grey for none."""
        if not math.isfinite(value):
            return EMPTY
        if self.around_zero:
            return diverging(value / (self.high or 1.0))
        return sequential((value - self.low) / ((self.high - self.low) or 1.0))

    def write(self, value: float) -> str:
        """A value as the map writes it."""
        return signed(value) if self.around_zero else number(value)

    def key(self) -> Markup:
        """The scale as a strip with its ends in words."""
        steps = [self.low + (self.high - self.low) * place / 20 for place in range(21)]
        boxes = "".join(f'<rect x="{place * 10}" width="10.5" height="14" fill="{self.colour(value)}"/>'
                        for place, value in enumerate(steps))
        low, high = number(self.low), number(self.high)
        strip = Markup('<svg class="swatch" viewBox="0 0 210 14" width="210" height="14" aria-hidden="true">'
                       f"{boxes}</svg>")
        return tag("p", tag("span", phrase("{low} {strip} {high} points", low=low, strip=strip, high=high),
                            class_="entry"), class_="legend")


def tiles(values: Mapping[str, float], scale: Scale, key: str, label: str, country: Country) -> Markup:
    """A tile for each province that has a value, with its name and the value."""
    panel = Panel((WIDTH, WIDTH * 0.98), (0.0, 0.0, 0.0, 0.0), grid="")
    placed = {province: province.tile for province in country.provinces if province.tile is not None}
    rows, columns = (1 + max(tile[part] for tile in placed.values()) for part in (0, 1))
    panel.x.fixed, panel.y.fixed = (0.0, columns), (rows, 0.0)
    for province in placed:
        _tile(panel, province, values.get(province.name, float("nan")), scale)
    return panel.svg(key, label)


def _tile(panel: Panel, province: Any, value: float, scale: Scale) -> None:
    colour = scale.colour(value)
    y, x = province.tile
    panel.box((x + 0.02, x + 0.98), (y + 0.02, y + 0.98), colour)
    _centred(panel, (x + 0.5, y + 0.27), place_name(province.name), ink_on(colour), 11.6 * PIXEL)
    panel.text(x + 0.5, y + 0.71, scale.write(value), anchor="middle", size=17 * PIXEL, bold=True,
               colour=ink_on(colour))


def _centred(panel: Panel, at: tuple[float, float], name: str, colour: str, size: float) -> None:
    """A name around a point, a line for each word."""
    parts = name.split(" ")
    for line, part in enumerate(parts):
        panel.text(*at, part, off=(0.0, (line - (len(parts) - 1) / 2.0) * 1.14 * size), anchor="middle", size=size,
                   colour=colour)


def outline_map(values: Mapping[str, float], scale: Scale, key: str, label: str, country: Country) -> Markup:
    """The schematic map, each province in the colour of its value; nothing where the country has none."""
    if country.map is None:
        return Markup("")
    panel = Panel((OUTLINE, OUTLINE * 0.86), (2.0, 2.0, 2.0, 2.0), grid="")
    for feature in outlines(country):
        colour = scale.colour(values.get(feature["properties"]["name"], float("nan")))
        panel.polygons(_rings(feature["geometry"]), colour, (PAPER, 0.7))
        _name(panel, feature, colour, country.map)
    panel.same_scale(country.map.stretch)
    return panel.svg(key, label)


def _rings(geometry: Mapping[str, Any]) -> list[Any]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for part in parts for ring in part]


def _name(panel: Panel, feature: Mapping[str, Any], colour: str, form: MapForm) -> None:
    """A province's name where its label stands; small provinces carry none (the tiles name them)."""
    name = feature["properties"]["name"]
    if name in form.unnamed:
        return
    x, y = feature["properties"]["label"]
    y -= form.lower.get(name, 0.0)
    _centred(panel, (x, y), place_name(name), ink_on(colour) if colour != EMPTY else INK, 10.0 * PIXEL)
