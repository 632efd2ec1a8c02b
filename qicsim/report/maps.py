"""Maps: provinces as tiles of one size, and as a schematic map for readers who look for their province."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from qicsim.ground.numbers import number, signed
from qicsim.inputs.world.provinces import DATA, provinces
from qicsim.report.colours import INK, PAPER, diverging, ink_on, sequential
from qicsim.report.elements import Markup, tag
from qicsim.report.language import phrase, place_name
from qicsim.report.results import Results
from qicsim.report.svg import PIXEL, canvas, finish, frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTLINES = DATA / "cambodia_provinces_schematic.geojson"
EMPTY = "#e8e8e8"
WIDTH, OUTLINE = 372.0, 480.0


def drawable(results: Results) -> bool:
    """Whether any province of the results has a place on the tile grid."""
    return bool({province.name for province in provinces()} & set(results.comparison.provinces["province"]))


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


def tiles(values: Mapping[str, float], scale: Scale, key: str, label: str) -> Markup:
    """A tile for each province that has a value, with its name and the value."""
    figure = canvas(WIDTH, WIDTH * 0.98)
    axes = frame(figure, (0.0, 0.0, 0.0, 0.0))
    axes.set_axis_off()
    rows, columns = (1 + max(getattr(province, part) for province in provinces()) for part in ("tile_row", "tile_col"))
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    for province in provinces():
        _tile(axes, province, values.get(province.name, float("nan")), scale)
    return finish(figure, key, label)


def _tile(axes: Axes, province: Any, value: float, scale: Scale) -> None:
    from matplotlib.patches import Rectangle

    colour = scale.colour(value)
    x, y = province.tile_col, province.tile_row
    axes.add_patch(Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, facecolor=colour, linewidth=0))
    axes.text(x + 0.5, y + 0.27, place_name(province.name).replace(" ", "\n"), ha="center", va="center",
              fontsize=9.4 * PIXEL, color=ink_on(colour), linespacing=1.0)
    axes.text(x + 0.5, y + 0.71, scale.write(value), ha="center", va="center", fontsize=14 * PIXEL, fontweight="bold",
              color=ink_on(colour))


@cache
def _outlines() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(OUTLINES.read_text(encoding="utf-8"))["features"])


def outline_map(values: Mapping[str, float], scale: Scale, key: str, label: str) -> Markup:
    """The schematic map, each province in the colour of its value."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    figure = canvas(OUTLINE, OUTLINE * 0.86)
    axes = frame(figure, (2.0, 2.0, 2.0, 2.0))
    axes.set_axis_off()
    for feature in _outlines():
        rings = _rings(feature["geometry"])
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        name = feature["properties"]["name"]
        axes.add_patch(PathPatch(path, facecolor=scale.colour(values.get(name, float("nan"))), edgecolor=PAPER,
                                 linewidth=0.7))
    axes.autoscale_view()
    axes.set_aspect(1.03)  # a degree of longitude is a little shorter than one of latitude at 12.5 north
    for feature in _outlines():
        _name(axes, feature, scale.colour(values.get(feature["properties"]["name"], float("nan"))))
    return finish(figure, key, label)


def _rings(geometry: Mapping[str, Any]) -> list[Any]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for part in parts for ring in part]


_SMALL = {"Phnom Penh", "Kep", "Pailin", "Preah Sihanouk", "Kandal", "Svay Rieng"}

_LOWER = {"Stung Treng": 0.15, "Takeo": 0.08}  # degrees: labels that would lie on a border


def _name(axes: Axes, feature: Mapping[str, Any], colour: str) -> None:
    """A province's name where its label stands; small provinces carry none (the tiles name them)."""
    name = feature["properties"]["name"]
    if name in _SMALL:
        return
    x, y = feature["properties"]["label"]
    y -= _LOWER.get(name, 0.0)
    axes.text(x, y, place_name(name).replace(" ", "\n"), ha="center", va="center", fontsize=9.6 * PIXEL,
              linespacing=0.95, color=ink_on(colour) if colour != EMPTY else INK)
