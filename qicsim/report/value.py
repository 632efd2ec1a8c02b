"""Value for money on the page of a comparison: the chapters of a decision on the same runs, by the usual settings."""

from __future__ import annotations

from functools import partial

from qicsim.analysis.compare import Comparison
from qicsim.decide.decision import Decision
from qicsim.report.decision import sections
from qicsim.report.elements import Markup, tag
from qicsim.report.language import say
from qicsim.report.page import Extra, Section, next_figure
from qicsim.report.recommendation import decided, refusal
from qicsim.report.results import Results

FIRST = "value"


def value_for_money(comparison: Comparison) -> Extra:
    """What makes the sections for `render_page`, in the language that is spoken when they are made.

    There are none for a scenario alone, which can be held against nothing. Where years or targets do not fit the
    horizon, one section says so.
    """
    decision, refused = decided(comparison), refusal(comparison)
    if decision is not None:
        return partial(_chapters, comparison, decision)
    return partial(_refused, refused) if refused else tuple


def _refused(error: str) -> list[Section]:
    return [(FIRST, say("Value for money"), Markup(tag("p", say("Not worked out: {error}", error=error),
                                                       class_="note")))]


def _chapters(comparison: Comparison, decision: Decision) -> list[Section]:
    results = Results(comparison)
    keys = {name: results.key(name) for name in results.names}
    return sections(decision, first=next_figure(comparison), keys=keys)
