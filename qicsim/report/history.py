"""What was reported of the roll-out, beside what the reference gives at the same dates."""

from __future__ import annotations

from qicsim.analysis.quarters import at_quarter, reached_of
from qicsim.estimate.calibrate.targets import Report, own_targets
from qicsim.ground import numbers
from qicsim.ground.calendar import format_quarter, parse_month
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.language import name_of, say, text_of
from qicsim.report.results import Results
from qicsim.report.tables import with_interval

COUNTED = {"facilities": "ever", "districts": "districts", "provinces": "provinces"}
"""The indicator that counts what is reported at the beginning and at the end of the history."""


def counted_by(report: Report) -> str:
    """The indicator that counts what is reported, "" for other numbers."""
    what, _, year = report.key.rpartition("_")
    return COUNTED.get(what, "") if year.isdecimal() else ""


def reported_table(results: Results) -> Markup:
    """Reported numbers, and those of the reference; nothing where its horizon or its register is another."""
    scenario = results.comparison.ensemble.runners[results.reference].scenario
    reported = () if "register" in scenario.data else own_targets(scenario.country)
    rows = [row for one in reported if counted_by(one) for row in _row(results, one)]
    if not rows:
        return Markup("")
    caption = say("Is the past right? What was reported, and what {reference} gives",
                  reference=formatting.quoted(results.title(results.reference)))
    heads = (say("Counted"), say("At the end of"), say("Reported"), say("Reference, mean"), say("Runs that reach it"))
    reading = text_of(scenario.country.said.get("counts", ""))
    return joined((table(caption, heads, rows, class_="narrow"), tag("p", reading, class_="note")))


def _row(results: Results, report: Report) -> list[list[object]]:
    sample = at_quarter(results.comparison.ensemble, results.reference, counted_by(report),
                        format_quarter(parse_month(report.at)))
    reached = reached_of(sample, report.value)
    if reached is None:
        return []
    return [[name_of(report.quantity), report.at[:4], numbers.number(report.value),
             with_interval(reached.interval, numbers.number, digits=0), numbers.percent(reached.share)]]
