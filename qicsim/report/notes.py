"""What stands under each figure: how many runs, which intervals, how to read it, and what it does not say."""

from __future__ import annotations

from qicsim.ground.calendar import parse_month
from qicsim.inputs.country import plan_start
from qicsim.report.formatting import listed
from qicsim.report.language import counted, place_name, say, text
from qicsim.report.results import Results

"""The project's provinces that sources name; the others of its six are an assumption of the scenario `reported`."""
NOTICE = text("Schematic map, boundaries not authoritative.")


def differences(results: Results) -> str:
    """Of the dots and intervals."""
    return say("Mean NQEM score minus that of the reference in the same run. {runs}. Bars: {kind} Scenarios stand in "
               "the order of the true difference in {year}; their numbers are the same on the whole page. Not told "
               "apart: the paired difference between two scenarios has an interval that holds zero.",
               runs=results.runs_in_words, kind=results.kind_in_words, year=results.end)


def paths(results: Results) -> str:
    """Of the paths over time."""
    return say("Lines are means over runs. {runs}. Bands: {kind} Every panel has the same scales.",
               runs=results.runs_in_words, kind=results.kind_in_words)


def reach(results: Results) -> str:
    """Of the programme's lines."""
    return say("Means over runs. {runs}. Numbers at the lines’ ends are those of the scenarios (Ref: the reference); "
               "scenarios whose lines nearly coincide share one, and colours only tell the lines of a panel apart. The "
               "thin vertical line marks {year}. {intervals}", runs=results.runs_in_words, year=plan_start(),
               intervals=_intervals(results))


def visits(results: Results) -> str:
    """Of visits got and wanted."""
    return say("Coaching visits a team and month. {runs}. Bands: {kind} Where the blue line lies below the dashed one, "
               "each team gets less than was planned, because coaches (or money) are short. There is no line while "
               "there are no active teams.", runs=results.runs_in_words, kind=results.kind_in_words)


def tiles(results: Results, shown: int) -> str:
    """Of the tile grid that shows so many scenarios."""
    rest = len(results.names) - shown
    others = counted(rest, "{count} other scenario is in the files beside the page.",
                     "{count} other scenarios are in the files beside the page.") if rest else ""
    said = say("Mean true quality by province at the end of {year}, points; a tile for each province, placed roughly "
               "as on the map. Means over runs; {runs}. {intervals} {others} {ranking}", year=results.end,
               runs=results.runs_in_words, intervals=_intervals(results), others=others, ranking=_no_ranking(results))
    return said if others else said.replace("  ", " ")


def _no_ranking(results: Results) -> str:
    """Why the tiles rank no province, and why some of them stand out."""
    if results.synthetic:
        said = say("Provinces differ little, because the synthetic facilities do: this is no ranking of provinces.")
    else:
        said = say("Provinces differ by chance too, the more the fewer facilities they have: this is no ranking of "
                   "provinces.")
    return " ".join(part for part in (said, project(results)) if part)


def project(results: Results) -> str:
    """Which provinces stand out because they are taken to be those of the project; empty where all or none are."""
    runner = results.comparison.ensemble.runners[results.reference]
    begun = parse_month(f"{plan_start()}-01") - runner.scenario.start
    open_ = int(max(results.lever(results.reference, "provinces")[:begun], default=0))
    there = [name for name in runner.scenario.provinces[:open_] if name in runner.world.provinces]
    if len(there) >= len(runner.world.provinces):
        return ""
    in_sources = runner.scenario.country.in_sources
    known, taken = ([place_name(name) for name in there if (name in in_sources) is named] for named in (True, False))
    if not results.synthetic or not taken or not known:
        return ""
    return say("{count} provinces stand out only because they are taken to be those of the project: sources name "
               "{known}; {taken} are assumed.", count=len(there), known=listed(known), taken=listed(taken))


def outlines(results: Results) -> str:
    """Of the schematic map."""
    return say("{notice} Mean true quality at the end of {year}, points. Means over runs; {runs}. {intervals} Small "
               "provinces carry no name here; the tiles above name them all.", notice=say(NOTICE), year=results.end,
               runs=results.runs_in_words, intervals=_intervals(results))


def places(results: Results) -> str:
    """Of places that the maps do not know."""
    return say("None of the places is a province that the maps know, so they stand in a table. Means over runs; "
               "{runs}. {intervals}", runs=results.runs_in_words, intervals=_intervals(results))


def points(results: Results) -> str:
    """Of the ledger."""
    return say("Every change of true quality is booked to what caused it. Means over runs, paired with the reference; "
               "{runs}. The table of the reference has intervals, and so have the files beside the page: {kind} Gains "
               "that faded are larger where there were more gains to fade.", runs=results.runs_in_words,
               kind=results.kind_in_words)


def costs(results: Results, first: int, idle: list[str]) -> str:
    """Of costs from a first year on; `idle` scenarios spend nothing."""
    said = say("Collaboratives only, US$ million of {price_year} a year, from {year}; PBF stands in the table. Means "
               "over runs; {runs}. The headline has the intervals of the sums: {kind}", year=first,
               price_year=results.price_year, runs=results.runs_in_words, kind=results.kind_in_words)
    none = say("Nothing is spent in: {scenarios}.", scenarios="; ".join(idle))
    return f"{said} {none}" if idle else said


def _intervals(results: Results) -> str:
    if not results.several:
        return results.kind_in_words
    return say("{kind} They are in the files beside the page.", kind=results.kind_in_words)
