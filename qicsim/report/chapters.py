"""The figures of the page, with notes and tables; a chapter gives pairs (section, function of the figure's number)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from qicsim.analysis.compare import PLAN_START
from qicsim.analysis.quarters import lowest_after
from qicsim.analysis.spending import MeanSpending
from qicsim.ground.numbers import NONE, number
from qicsim.report import figures as draw
from qicsim.report import maps, notes, programme, tables
from qicsim.report import reach as tables_of_reach
from qicsim.report.colours import INK, RECORDED, REFERENCE, SOFT, TRUE
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table
from qicsim.report.figures import legend
from qicsim.report.formatting import LEVEL, PAYER_WORDS, quarter_of
from qicsim.report.language import place_name, say
from qicsim.report.money import PAYER_COLOURS, cost_panel
from qicsim.report.points import GROUPS, bars
from qicsim.report.results import Path, Results

Levels = dict[str, dict[str, float]]
Chapter = list[tuple[str, Callable[[int], Markup]]]
MAPPED = 4
SCALE_UP = (2027, 2028, 2029)


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
    entries += [(SOFT, "rule", say("plans begin, {year}", year=PLAN_START)), *draw.unstudied(results)]
    return figure(f"figure-{kind}", named(number, title), notes.paths(results), joined((legend(*entries), drawn)),
                  tables.path_table(results, kind))


def reach(results: Results) -> Chapter:
    """Facilities reached, coaches and their load."""
    def make(number: int) -> Markup:
        drawn = panels(((say(meaning), programme.reach_panel(results, name, say(meaning), scale))
                        for name, meaning, scale in programme.REACH), "wide")
        return figure("figure-reach", named(number, say("Facilities reached, and the coaches for them")),
                      notes.reach(results), joined((legend(*draw.unstudied(results)), drawn)),
                      joined((tables_of_reach.reach_table(results), tables_of_reach.launch_table(results))))

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
    years = sorted({*tables.shown_years(results), *(year for year in SCALE_UP if year <= results.end)})
    rows = [[results.heading(name), *(number(results.path(name, "visits").at(year), 2) for year in years),
             _lowest(results.path(name, "visits"))] for name in shown]
    return table(say("Coaching visits a team and month, means over runs, at the end of the year"),
                 [say("Scenario"), *map(str, years), say("Fewest from {year}", year=PLAN_START)], rows)


def _lowest(path: Path) -> str:
    """The lowest mean from the plans' start on, and its quarter."""
    lowest = lowest_after(path.x, path.mean, PLAN_START)
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
    levels = {name: maps.level_by_province(results, name) for name in names}
    if not maps.drawable(results):
        return [("provinces", lambda number: figure("figure-places", named(number, say("Places")),
                                                    notes.places(results), "", _by_province(results, levels)))]
    tiled: Chapter = [("provinces", lambda number: _tiles(results, levels, number))]
    if maps.country_of(results).map is None:
        return tiled
    return [*tiled, ("provinces", lambda number: _outlines(results, levels, number))]


def _by_province(results: Results, levels: Levels) -> Markup:
    return tables.province_table(results, list(levels.items()))


def _tiles(results: Results, levels: Levels, number: int) -> Markup:
    scale = maps.Scale([value for values in levels.values() for value in values.values()])
    drawn = panels(((results.heading(name), maps.tiles(values, scale, f"tiles-{draw.sign(results, name)}",
                                                       f"{results.title(name)}: {_spread(values)}",
                                                       maps.country_of(results)))
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
    scale = maps.Scale([value for values in shown.values() for value in values.values()])
    pairs: list[tuple[object, object]] = [
        (joined((results.heading(name), scale.key())),
         maps.outline_map(values, scale, f"map-{draw.sign(results, name)}",
                          f"{results.title(name)}: {_spread(values)}", maps.country_of(results)))
        for name, values in shown.items()]
    pairs += [_gain(results, name) for name in shown if name != results.reference]
    return figure("figure-map", named(number, say("The same on a schematic map")), notes.outlines(results),
                  panels(pairs, "wide"), details(say("Table by province"), _by_province(results, shown)))


def _gain(results: Results, name: str) -> tuple[object, object]:
    """The map of a scenario's difference from the reference, with its heading."""
    gain = maps.gain_by_province(results, name)
    scale = maps.Scale(list(gain.values()), around_zero=True)
    return (joined((say("{scenario}, minus the reference", scenario=results.heading(name)), scale.key())),
            maps.outline_map(gain, scale, "map-gain", say("{scenario}, difference: {spread}",
                                                          scenario=results.title(name), spread=_spread(gain)),
                             maps.country_of(results)))


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
