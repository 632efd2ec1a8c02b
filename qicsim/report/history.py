"""What was reported of the roll-out, beside what the reference gives at the same dates."""

from __future__ import annotations

from qicsim.analysis.quarters import at_quarter, reached_of
from qicsim.estimate.calibrate.targets import Report, read_targets
from qicsim.ground import numbers
from qicsim.ground.calendar import format_quarter, parse_month
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.language import name_of, say, text
from qicsim.report.results import Results
from qicsim.report.tables import with_interval

# Reported number: the indicator that counts it.
COUNTED = {"facilities_2019": "ever", "districts_2019": "districts", "provinces_2019": "provinces",
           "facilities_2021": "ever", "districts_2021": "districts", "provinces_2021": "provinces"}
READING = text("The reported 398 facilities in 29 districts carry no date but the year; they are read as the end of "
           "2021. 290 facilities in 22 districts were reported for mid 2021.")


def reported_table(results: Results) -> Markup:
    """Reported numbers, and those of the reference; nothing where its horizon or its register is another."""
    scenario = results.comparison.ensemble.runners[results.reference].scenario
    there = scenario.country.calibration is not None and "register" not in scenario.data
    rows = [] if not there else [row for one in read_targets() if one.key in COUNTED
                                                   for row in _row(results, one)]
    if not rows:
        return Markup("")
    caption = say("Is the past right? What was reported, and what {reference} gives",
                  reference=formatting.quoted(results.title(results.reference)))
    heads = (say("Counted"), say("At the end of"), say("Reported"), say("Reference, mean"), say("Runs that reach it"))
    return joined((table(caption, heads, rows, class_="narrow"), tag("p", say(READING), class_="note")))


def _row(results: Results, report: Report) -> list[list[object]]:
    sample = at_quarter(results.comparison.ensemble, results.reference, COUNTED[report.key],
                        format_quarter(parse_month(report.at)))
    reached = reached_of(sample, report.value)
    if reached is None:
        return []
    return [[name_of(report.quantity), report.at[:4], numbers.number(report.value),
             with_interval(reached.interval, numbers.number, digits=0), numbers.percent(reached.share)]]
