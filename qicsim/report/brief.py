"""The brief: the first page of a comparison, which stands alone in print. Its first screen is the answer."""

from __future__ import annotations

from qicsim.analysis.compare import PLAN_START
from qicsim.ground import numbers
from qicsim.report import answer, headline_figures, tables
from qicsim.report.elements import Markup, joined, section, table, tag
from qicsim.report.first_screen import first_screen
from qicsim.report.language import say
from qicsim.report.results import Results


def brief(results: Results) -> Markup:
    """Answer and figure; then the headline table, the figures of price and time, and what all that cannot say."""
    drawn = [make(at) for at, make in enumerate(headline_figures.figures(results), start=1)]
    first = drawn[0] if drawn else Markup("")
    said = (first_screen(results, results.answer, first) if results.answer is not None
            else joined((answer.opening(results), first)))
    return section("brief", say("In brief"), said, _table(results),
                   tag("div", *drawn[1:], class_="trio") if drawn else "", tag("p", _note(results), class_="note"),
                   answer.cannot_say(results), class_="brief")


def _table(results: Results) -> Markup:
    """The headline at the end: the reference and the best scenarios."""
    names = (results.reference, *headline_figures.shown(results))
    rows = [tables.headline_row(results, name, results.end) for name in names]
    return table(say("At the end of {year}", year=results.end), tables.heads(), rows, class_="headline",
                 marked=tables.MARKED)


def _note(results: Results) -> str:
    said = say("Means over runs. {runs}. Small type and bars: {kind} Money is summed from {year}, US$ million of "
               "{price_year}; all public money is collaboratives, PBF and assessments. How much facilities are paid is "
               "known roughly, which is in no interval here. {none} means: no value.",
               runs=results.runs_in_words, kind=results.kind_in_words, year=PLAN_START,
               price_year=results.price_year, none=numbers.NONE)
    return " ".join(part for part in (said, headline_figures.left_out(results)) if part)
