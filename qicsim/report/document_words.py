"""Numbers of a plan in words: means and intervals in the form of their indicator, places, the kind of uncertainty."""

from __future__ import annotations

import math

from qicsim.ground.intervals import Intervals
from qicsim.ground.numbers import NONE, number, plural, signed
from qicsim.plan.record import COUNT, MONEY, POINTS, RATE, SHARE, Place, Plan, Target
from qicsim.report.formatting import LEVEL, interval, listed
from qicsim.report.word import Lines

THOUSANDS, THOUSAND_USD = "thousands", "thousand US$"
SCALE = {COUNT: 1.0, POINTS: 1.0, SHARE: 100.0, RATE: 1.0, MONEY: 1e-6, THOUSANDS: 1e-3, THOUSAND_USD: 1e-3}
DIGITS = {COUNT: 0, POINTS: 1, SHARE: 0, RATE: 2, MONEY: 1, THOUSANDS: 0, THOUSAND_USD: 0}
PEOPLE = "people"
NATION_ROW = 0

At = tuple[int, ...]


def form_of(target: Target) -> str:
    """The form in which the document shows a target: people in thousands."""
    return THOUSANDS if target.form == COUNT and target.unit == PEOPLE else target.form


def unit(target: Target) -> str:
    """The unit in which the document shows the levels of a target."""
    return f"thousand {PEOPLE}" if form_of(target) == THOUSANDS else target.shown_unit


def difference_unit(target: Target) -> str:
    """The unit in which the document shows differences of a target."""
    return unit(target) if form_of(target) == THOUSANDS else target.difference_unit


def amount(value: float, form: str, *, sign: bool = False) -> str:
    """A number in the scale and digits of its form, without its unit; a dash where there is none."""
    shown = float(value) * SCALE[form]
    return (signed if sign else number)(shown, DIGITS[form])


def ends(spread: Intervals, at: At, form: str, *, sign: bool = False) -> str:
    """The interval at a place of a spread; a dash where there is none."""
    low, high = float(spread.low[at]) * SCALE[form], float(spread.high[at]) * SCALE[form]
    return interval(low, high, DIGITS[form], sign=sign) if math.isfinite(low) and math.isfinite(high) else NONE


def with_interval(spread: Intervals, at: At, form: str, *, sign: bool = False) -> str:
    """Mean and interval, such as `61.2 (55.0 to 66.1)`; a dash where no run has a value."""
    mean = amount(float(spread.mean[at]), form, sign=sign)
    return mean if mean == NONE else f"{mean} ({ends(spread, at, form, sign=sign)})"


def in_lines(spread: Intervals, at: At, form: str, *, sign: bool = False) -> Lines:
    """Mean and, on a line of its own, the interval, for narrow columns; a dash where no run has a value."""
    mean = amount(float(spread.mean[at]), form, sign=sign)
    return Lines((mean,)) if mean == NONE else Lines((mean, f"({ends(spread, at, form, sign=sign)})"))


def place_name(place: Place) -> str:
    """A place with its Khmer name where one is known."""
    return f"{place.name} {place.name_km}".strip()


def uncertainty(plan: Plan) -> str:
    """What intervals are, for captions: level, kind, and number of runs."""
    return f"{LEVEL} intervals between runs (draws and chance), n = {plan.runs:,}"


def capital(text: str) -> str:
    """A phrase with a capital letter, as the first word of a sentence."""
    return f"{text[:1].upper()}{text[1:]}"


def small(text: str) -> str:
    """A title in the middle of a sentence; names in it keep their capital letters."""
    return f"{text[:1].lower()}{text[1:]}"


def alone(plan: Plan) -> bool:
    """Whether the scenario is its own reference: nothing differs, and no difference is worth a line."""
    return plan.scenario.name == plan.reference.name


def how_to_read(plan: Plan) -> str:
    """The same in full, said once."""
    return (f"Numbers are means over {plural(plan.runs, 'run', 'runs')}: {plural(plan.draws, 'draw', 'draws')} from "
            f"the {plan.draws_from}, {plural(plan.replicates, 'replicate', 'replicates')} of each. In brackets stands "
            f"the {LEVEL} interval between runs: what the draws leave open, and chance. It does not hold what the "
            f"model itself may have wrong. The end of {plan.baseline_year} is simulated as all years are: nothing in "
            f"this chapter is measured but what table 1 lists as reported{_imported(plan)}.")


def _imported(plan: Plan) -> str:
    """What else was measured: what a register of the user's own brought."""
    known = plan.known
    parts = [said for there, said in ((known.register, "the register"), (known.scores, "the scores"),
                                      (known.joins, "the months of joining")) if there]
    return f", and {listed(parts)} that {'was' if parts == ['the register'] else 'were'} given" if parts else ""


def quarter_words(plan: Plan, value: float) -> str:
    """A quarter of launch in words: a place in `plan.quarters`, before them (-1), or never (infinite)."""
    if not math.isfinite(value):
        return "later or never"
    if value < 0:
        return "before the plan"
    return plan.quarters[min(round(value), len(plan.quarters) - 1)]
