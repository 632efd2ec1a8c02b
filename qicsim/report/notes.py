"""What stands under each figure: how many runs, which intervals, how to read it, and what it does not say.

Line ends inside the texts are spaces on the page.
"""

from __future__ import annotations

from qicsim.experiment.compare import PLAN_START
from qicsim.report.maps import NOTICE
from qicsim.report.results import Results
from qicsim.report.words import plural


def differences(results: Results) -> str:
    """Of the dots and intervals."""
    return f"""Mean NQEM score minus that of the reference in the same run. {results.runs_in_words}. Bars:
        {results.kind_in_words} Scenarios stand in the order of the true difference in {results.end}; their numbers
        are the same on the whole page. Not told apart: the paired difference between two scenarios has an interval
        that holds zero."""


def paths(results: Results) -> str:
    """Of the paths over time."""
    return f"""Lines are means over runs. {results.runs_in_words}. Bands: {results.kind_in_words} Every panel has
        the same scales."""


def reach(results: Results) -> str:
    """Of the programme's lines."""
    return f"""Means over runs. {results.runs_in_words}. Numbers at the lines’ ends are those of the scenarios (Ref: the
        reference); scenarios whose lines nearly coincide share one, and colours only tell the lines of a panel
        apart. The thin vertical line marks {PLAN_START}. {_intervals(results)}"""


def visits(results: Results) -> str:
    """Of visits got and wanted."""
    return f"""Coaching visits a team and month. {results.runs_in_words}. Bands: {results.kind_in_words} Where the blue
        line lies below the dashed one, each team gets less than was planned, because coaches (or money) are short.
        There is no line while there are no active teams."""


def tiles(results: Results, shown: int) -> str:
    """Of the tile grid that shows so many scenarios."""
    rest = len(results.names) - shown
    others = plural(rest, "other scenario is", "other scenarios are")
    left_out = f" {others} in the files beside the page." if rest else ""
    return f"""Mean true quality by province at the end of {results.end}, points; a tile for each province, placed
        roughly as on the map. Means over runs; {results.runs_in_words}. {_intervals(results)}{left_out}
        {_no_ranking(results)}"""


def _no_ranking(results: Results) -> str:
    """Why the tiles rank no province."""
    if results.comparison.ensemble.runners[results.reference].world.synthetic:
        return "Provinces differ little, because the synthetic facilities do: this is no ranking of provinces."
    return "Provinces differ by chance too, the more the fewer facilities they have: this is no ranking of provinces."


def outlines(results: Results) -> str:
    """Of the schematic map."""
    return f"""{NOTICE} Mean true quality at the end of {results.end}, points. Means over runs; {results.runs_in_words}.
        {_intervals(results)} Small provinces carry no name here; the tiles above name them all."""


def places(results: Results) -> str:
    """Of places that are no provinces of Cambodia."""
    return f"""None of the places is a province that the maps know, so they stand in a table. Means over runs;
        {results.runs_in_words}. {_intervals(results)}"""


def points(results: Results) -> str:
    """Of the ledger."""
    return f"""Every change of true quality is booked to what caused it. Means over runs, paired with the reference;
        {results.runs_in_words}. The table of the reference has intervals, and so have the files beside the page:
        {results.kind_in_words} Gains that faded are larger where there were more gains to fade."""


def costs(results: Results, first: int, idle: list[str]) -> str:
    """Of costs from a first year on; `idle` scenarios spend nothing."""
    none = f" Nothing is spent in: {'; '.join(idle)}." if idle else ""
    return f"""Collaboratives only, US$ million of 2021 a year, from {first}; PBF stands in the table. Means over runs;
        {results.runs_in_words}. The headline has the intervals of the sums: {results.kind_in_words}{none}"""


def _intervals(results: Results) -> str:
    where = " They are in the files beside the page." if results.several else ""
    return results.kind_in_words + where
