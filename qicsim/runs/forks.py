"""How runs of adaptive plans were decided, told from what is kept of them."""

from __future__ import annotations

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month
from qicsim.ground.numbers import number, percent
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.scenario.fork import Rule
from qicsim.model.signs import COLUMNS, sign_of_sums
from qicsim.runs.ensemble import Ensemble

DECIDED = ("“{scenario}” is adaptive: what is recorded before {month} decides. Where {sign} is {value} or more, as in "
           "{reached} of runs, it goes on by one table of levers, elsewhere by the other; levers that are told of it "
           "are those of the former.")
NAMES = {"recorded": "the mean recorded score", "recorded_80": "the share of facilities recorded at 80 points or more",
         "coverage": "the share of facilities that ever joined", "active": "the number of active teams"}
WHOSE = {"ever": "{sign}, of facilities that ever joined,", "never": "{sign}, of facilities that never joined,"}
SENTENCES = (DECIDED, *NAMES.values(), *WHOSE.values())
"""Everything that is said here, for translation."""


def reached(ensemble: Ensemble, name: str) -> np.ndarray:
    """In which runs an adaptive plan had as much of its sign as its rule wants; bool (runs,)."""
    runner = ensemble.runners[name]
    rule = runner.scenario.rule
    if rule is None:
        raise ValueError(f"{name} is not adaptive")
    record = (rule.month - runner.scenario.start) // MONTHS_PER_QUARTER - 1
    columns = [runner.columns.index(column) for column in COLUMNS[rule.indicator]]
    return np.asarray(sign_of_sums(rule.of, ensemble.kept[name].nation[:, record][:, :, columns]) >= rule.at_least)


def forks_said(ensemble: Ensemble) -> tuple[Told, ...]:
    """A sentence for each adaptive plan: by what it is decided, and in how many runs which way."""
    return tuple(tell(DECIDED, scenario=runner.scenario.title, month=format_month(rule.month), sign=_sign(rule),
                      value=_value(rule), reached=percent(float(reached(ensemble, name).mean())))
                 for name, runner in ensemble.runners.items() if (rule := runner.scenario.rule) is not None)


def _sign(rule: Rule) -> Told:
    sign = tell(NAMES[rule.indicator])
    return tell(WHOSE[rule.of], sign=sign) if rule.of in WHOSE else sign


def _value(rule: Rule) -> str:
    return percent(rule.at_least) if rule.indicator in ("recorded_80", "coverage") else number(rule.at_least, 1)
