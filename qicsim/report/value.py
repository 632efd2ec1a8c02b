"""Value for money on the page of a comparison: the chapters of a decision on the same runs, by the usual settings."""

from __future__ import annotations

from qicsim.decide.decision import decide
from qicsim.errors import SettingError
from qicsim.experiment.compare import Comparison
from qicsim.report.canvas import drawing_style
from qicsim.report.decision import sections
from qicsim.report.elements import Markup, tag
from qicsim.report.page import Section, next_figure
from qicsim.report.results import Results

FIRST = "value"


def value_for_money(comparison: Comparison) -> list[Section]:
    """Sections in English for `render_page`; none for a scenario alone, which can be held against nothing.

    Where years or targets do not fit the horizon, one section says so.
    """
    if len(comparison.ensemble.runners) == 1:
        return []
    try:
        decision = decide(comparison.ensemble, comparison.reference)
    except SettingError as error:
        return [(FIRST, "Value for money", Markup(tag("p", f"Not worked out: {error}", class_="note")))]
    results = Results(comparison)
    keys = {name: results.key(name) for name in results.names}
    with drawing_style():
        return sections(decision, first=next_figure(comparison), keys=keys)
