"""The figures of the page, with notes and tables: a chapter gives pairs (section, function of the figure's number).

Money, what a target needs, and the provinces as maps of tiles stand here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from qicsim.analysis.programme import districts_launched
from qicsim.analysis.quarters import lowest_after
from qicsim.analysis.spending import MeanSpending
from qicsim.ground import numbers
from qicsim.ground.numbers import MILLION, NONE, number, signed
from qicsim.inputs.country import Country, plan_start
from qicsim.inputs.country.provinces import outlines
from qicsim.inputs.country.record import MapForm
from qicsim.report import figures as draw
from qicsim.report import notes, programme, tables
from qicsim.report.colours import (
    BLUE,
    INK,
    ORANGE,
    PAPER,
    RECORDED,
    REFERENCE,
    SOFT,
    TRUE,
    diverging,
    ink_on,
    sequential,
)
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table, tag
from qicsim.report.figures import PANEL, legend, sign
from qicsim.report.formatting import LEVEL, PAYER_WORDS, quarter_of
from qicsim.report.language import phrase, place_name, say
from qicsim.report.panel import PIXEL, Panel
from qicsim.report.points import GROUPS, bars
from qicsim.report.programme import launches, wanted_visits
from qicsim.report.results import Path, Results
from qicsim.report.tables import MARKED, with_interval

PAYER_COLOURS = (BLUE, ORANGE)


def cost_panel(results: Results, money: MeanSpending, name: str) -> Markup:
    """Spending on collaboratives by year, government below and donors above, US$ million."""
    panel = Panel((PANEL[0], 150.0), (28.0, 15.0, 22.0, 8.0))
    spent = money.collaboratives(name) / MILLION
    base = np.zeros(len(money.years))
    for payer, colour in enumerate(PAYER_COLOURS):
        for year, low, more in zip(money.years, base.tolist(), spent[:, payer].tolist(), strict=True):
            panel.box((year - 0.37, year + 0.37), (low, low + more), colour, hatched=payer > 0)
        base += spent[:, payer]
    highest = money.highest_year(results.names) / MILLION
    panel.y.fixed = (0.0, highest * 1.06 or 1.0)
    shown = sorted({money.years[0], money.years[len(money.years) // 2], money.years[-1]})
    panel.x.labels = {float(year): str(year) for year in shown}
    said = say("{scenario}: US$ {cost} million on collaboratives, {first} to {last}", scenario=results.title(name),
               cost=number(spent.sum(), 1), first=money.years[0], last=money.years[-1])
    return panel.svg(f"cost-{sign(results, name)}", said)


def reach_table(results: Results) -> Markup:
    """Coverage, teams, coaches and their load, at the later years."""
    years = results.later_years[-2:]
    heads = [say("Scenario"), *(f"{year}: {what}" for year in years for what in (
        say("ever joined"), say("active teams"), say("coaches"), say("coaches’ time in use"),
        say("visits got / wanted")))]
    rows = [[results.heading(name), *(cell for year in years for cell in _reach(results, name, year))]
            for name in results.names]
    return table(say("Facilities that ever joined, active teams, coaches at work, and coaching visits a team and "
                     "month: means over runs, at the end of the year"), heads, rows, marked=MARKED, class_="dense")


def _reach(results: Results, name: str, year: int) -> tuple[str, ...]:
    def at(indicator: str) -> float:
        return results.path(name, indicator).at(year)

    x = results.path(name, "visits").x
    wanted = next((value for when, value in zip(x, wanted_visits(results, name), strict=True)
                   if math.isclose(when, year + 1.0)), float("nan"))
    each = f"{at('visits'):.2f}\u00a0/\u00a0{numbers.number(wanted, 2)}"
    visits = each if math.isfinite(at("visits")) else numbers.NONE
    return (numbers.number(at("ever")), numbers.number(at("active")), numbers.number(at("coaches")),
            numbers.percent(at("coach_load")), visits)


def launch_table(results: Results) -> Markup:
    """Districts launched against those planned at the later years, for scenarios that launch then."""
    years = results.later_years[-2:]
    rows = [[results.heading(name), *(cell for year in years for cell in _launched(results, name, year))]
            for name in results.names if launches(results, name)]
    if not rows:
        return Markup("")
    heads = [say("Scenario"), *(f"{year}: {what}" for year in years
                                for what in (say("planned"), say("launched"), say("runs in full")))]
    return table(say("Operational districts planned and launched by the end of the year: mean, interval between runs, "
                     "and the share of runs in which the plan was met"), heads, rows)


def _launched(results: Results, name: str, year: int) -> tuple[object, ...]:
    launched = districts_launched(results.comparison.ensemble, name, year)
    if launched is None:
        return (numbers.NONE,) * 3
    return (numbers.number(launched.wanted), with_interval(launched.interval, numbers.number, digits=0),
            numbers.percent(launched.share))


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


Levels = dict[str, dict[str, float]]
Chapter = list[tuple[str, Callable[[int], Markup]]]
MAPPED = 4
SCALE_UP = 3


def named(number: int, title: str) -> Markup:
    """The title of a figure with its number, in the language of the page."""
    return numbered(number, title, say("Figure"))


def differences(results: Results) -> Chapter:
    """Dots and intervals: how much better than the reference."""
    years = results.compared_years
    if not years:
        return []

    def make(number: int) -> Markup:
        drawn = panels(((say("End of {year}", year=year), draw.differences(results, year)) for year in years), "wide")
        marks = legend((TRUE, "dot", say("true quality")), (RECORDED, "ring", say("recorded score")))
        return figure("figure-differences", named(number, say("How much better than the reference?")),
                      notes.differences(results), joined((marks, drawn)), tables.difference_table(results))

    return [("differences", make)]


def paths(results: Results) -> Chapter:
    """Small multiples over time: mean score, and share at 80 or more."""
    def make(kind: str, title: str) -> Callable[[int], Markup]:
        return lambda number: _path_figure(results, kind, title, number)

    return [("paths", make("score", say("Mean NQEM score over time (points)"))),
            ("paths", make("share", say("Share of facilities at 80 points or more over time (%)")))]


def _path_figure(results: Results, kind: str, title: str, number: int) -> Markup:
    shown = results.others or (results.reference,)
    drawn = panels(((results.heading(name), draw.path_panel(results, name, kind)) for name in shown), "small")
    entries = [(TRUE, "line", say("true, mean over runs")),
               (TRUE, "band", say("true, {level} between runs", level=LEVEL)),
               (RECORDED, "dash", say("recorded, mean over runs"))]
    if results.others:
        entries += [(REFERENCE, "line", say("reference, true")), (REFERENCE, "dash", say("reference, recorded"))]
    entries += [(SOFT, "rule", say("plans begin, {year}", year=plan_start())), *draw.unstudied(results)]
    return figure(f"figure-{kind}", named(number, title), notes.paths(results), joined((legend(*entries), drawn)),
                  tables.path_table(results, kind))


def reach(results: Results) -> Chapter:
    """Facilities reached, coaches and their load."""
    def make(number: int) -> Markup:
        drawn = panels(((say(meaning), programme.reach_panel(results, name, say(meaning), scale))
                        for name, meaning, scale in programme.REACH), "wide")
        return figure("figure-reach", named(number, say("Facilities reached, and the coaches for them")),
                      notes.reach(results), joined((legend(*draw.unstudied(results)), drawn)),
                      joined((reach_table(results), launch_table(results))))

    return [("programme", make)]


def coaches(results: Results) -> Chapter:
    """Visits got against visits wanted."""
    shown = programme.coached(results)
    if not shown:
        return []

    def make(number: int) -> Markup:
        drawn = panels(((results.heading(name), programme.visits_panel(results, name)) for name in shown), "small")
        marks = legend((TRUE, "line", say("visits that an active team gets, mean")),
                       (TRUE, "band", say("{level} between runs", level=LEVEL)),
                       (RECORDED, "dash", say("visits wanted by the plan")), *draw.unstudied(results))
        return figure("figure-visits", named(number, say("Are there enough coaches?")), notes.visits(results),
                      joined((marks, drawn)), _visits_table(results, shown))

    return [("programme", make)]


def _visits_table(results: Results, shown: Sequence[str]) -> Markup:
    scaled_up = range(plan_start(), min(plan_start() + SCALE_UP, results.end + 1))
    years = sorted({*tables.shown_years(results), *scaled_up})
    rows = [[results.heading(name), *(number(results.path(name, "visits").at(year), 2) for year in years),
             _lowest(results.path(name, "visits"))] for name in shown]
    return table(say("Coaching visits a team and month, means over runs, at the end of the year"),
                 [say("Scenario"), *map(str, years), say("Fewest from {year}", year=plan_start())], rows)


def _lowest(path: Path) -> str:
    """The lowest mean from the plans' start on, and its quarter."""
    lowest = lowest_after(path.x, path.mean, plan_start())
    if lowest is None:
        return NONE
    return say("{visits} in {quarter}", visits=number(lowest[1], 2), quarter=quarter_of(lowest[0]))


# --------------------------------------------------------------------------------------------------------- provinces


def mapped(results: Results) -> tuple[str, ...]:
    """Scenarios that the maps show: the reference, the first plan named that launches districts, then the best ones."""
    plans = [name for name in results.plans if programme.launches(results, name)]
    return tuple(dict.fromkeys((results.reference, *plans[:1], *results.others)))[:MAPPED]


def provinces(results: Results) -> Chapter:
    """Tiles for some scenarios, and the schematic map for the reference and the main plan."""
    names = [name for name in mapped(results) if results.has(name, results.end)]
    levels = {name: level_by_province(results, name) for name in names}
    if not drawable(results):
        return [("provinces", lambda number: figure("figure-places", named(number, say("Places")),
                                                    notes.places(results), "", _by_province(results, levels)))]
    tiled: Chapter = [("provinces", lambda number: _tiles(results, levels, number))]
    if country_of(results).map is None:
        return tiled
    return [*tiled, ("provinces", lambda number: _outlines(results, levels, number))]


def _by_province(results: Results, levels: Levels) -> Markup:
    return tables.province_table(results, list(levels.items()))


def _tiles(results: Results, levels: Levels, number: int) -> Markup:
    scale = Scale([value for values in levels.values() for value in values.values()])
    drawn = panels(((results.heading(name), tiles(values, scale, f"tiles-{draw.sign(results, name)}",
                                                       f"{results.title(name)}: {_spread(values)}",
                                                       country_of(results)))
                    for name, values in levels.items()), "maps")
    return figure("figure-tiles", named(number, say("True quality by province, {year}", year=results.end)),
                  notes.tiles(results, len(levels)), joined((scale.key(), drawn)),
                  details(say("Table by province"), _by_province(results, levels)))


def _spread(values: dict[str, float]) -> str:
    known = {place: value for place, value in values.items() if math.isfinite(value)}
    if not known:
        return say("no values")
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return say("from {low} points in {lowest} to {high} in {highest}", low=number(known[low]), lowest=place_name(low),
               high=number(known[high]), highest=place_name(high))


def _outlines(results: Results, levels: Levels, number: int) -> Markup:
    shown = dict(list(levels.items())[:2])
    scale = Scale([value for values in shown.values() for value in values.values()])
    pairs: list[tuple[object, object]] = [
        (joined((results.heading(name), scale.key())),
         outline_map(values, scale, f"map-{draw.sign(results, name)}",
                          f"{results.title(name)}: {_spread(values)}", country_of(results)))
        for name, values in shown.items()]
    pairs += [_gain(results, name) for name in shown if name != results.reference]
    return figure("figure-map", named(number, say("The same on a schematic map")), notes.outlines(results),
                  panels(pairs, "wide"), details(say("Table by province"), _by_province(results, shown)))


def _gain(results: Results, name: str) -> tuple[object, object]:
    """The map of a scenario's difference from the reference, with its heading."""
    gain = gain_by_province(results, name)
    scale = Scale(list(gain.values()), around_zero=True)
    return (joined((say("{scenario}, minus the reference", scenario=results.heading(name)), scale.key())),
            outline_map(gain, scale, "map-gain", say("{scenario}, difference: {spread}",
                                                          scenario=results.title(name), spread=_spread(gain)),
                             country_of(results)))


# ----------------------------------------------------------------------------------------------------- points, costs


def points(results: Results) -> Chapter:
    """Where the points came from."""
    def make(number: int) -> Markup:
        lines = tables.reference_ledger(results)
        if not any(results.has(name, results.end) for name in results.others):
            return figure("figure-points", named(number, say("Where the points came from")),
                          notes.points(results), "", lines)
        marks = legend(*((colour, "box", say(meaning)) for meaning, _, colour in GROUPS), (INK, "net", say("sum")))
        return figure("figure-points", named(number, say("Where the points came from, {year}", year=results.end)),
                      notes.points(results), joined((marks, bars(results))),
                      joined((tables.ledger_tables(results), lines)))

    return [("points", make)]


def costs(results: Results) -> Chapter:
    """What the collaboratives cost, and who pays."""
    money = MeanSpending(results.comparison)
    spenders = money.spenders(results.names)

    def make(number: int) -> Markup:
        drawn = panels(((results.heading(name), cost_panel(results, money, name)) for name in spenders), "small")
        marks = legend(*((colour, "box", say(PAYER_WORDS[payer])) for colour, payer in
                         zip(PAYER_COLOURS, PAYER_WORDS, strict=True)))
        missing = [results.heading(name) for name in results.names if name not in spenders]
        return figure("figure-costs", named(number, say("What do the collaboratives cost, and who pays?")),
                      notes.costs(results, money.years[0], missing), joined((marks, drawn)),
                      tables.cost_tables(results, money))

    return [("costs", make)]
