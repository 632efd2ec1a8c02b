"""Plain words and numbers for readers: what cost lines and ledger lines are called, and how numbers are written."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

NONE = "–"
MINUS = "−"
LEVEL = "5\u2060–\u206095\u00a0%"  # held together: a line may not break inside

COST_WORDS = {
    "coach_visits": "Coaching visits", "coach_training": "Training of coaches", "mentoring": "Mentoring of coaches",
    "joining": "Training of teams that join", "sessions": "Learning sessions", "exchange": "Exchange visits",
    "overhead": "District management", "assessment": "NQEM assessments", "verification": "Verification of scores",
    "pbf": "PBF payments", "tablets": "Feedback tablets", "accreditation": "Accreditation",
    "education": "Curricula and professional credit"}

LEDGER_WORDS = {
    "initial": "Score at the start", "pdsa": "Work on the team's topic",
    "spillover": "Spill-over to other care areas", "session": "Learning sessions", "exchange": "Exchange visits",
    "peers": "Informal peers", "resources": "PBF: money for equipment", "attention": "PBF: being measured",
    "incentive": "PBF: the bonus", "accreditation": "Preparing for accreditation", "drift": "Slow change over time",
    "fading": "Gains that faded", "luck": "Luck"}

PAYER_WORDS = {"government": "Government", "donor": "Donors"}

DRAW_WORDS = {
    "prior": "what is known before any fit to Cambodian data (the priors)",
    "posterior": "what is left open after the fit to Cambodian data (the posterior)",
    "defaults": "one best guess for every parameter: nothing is left open, so the intervals hold chance alone"}


def number(value: float, digits: int = 0) -> str:
    """A number with thousands parted by commas; a dash where there is none."""
    if not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign; zero has none."""
    text = number(value, digits)
    return text if text == NONE or text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def percent(value: float, digits: int = 0) -> str:
    """A share as a percentage."""
    return NONE if not math.isfinite(value) else f"{number(100 * value, digits)}\u00a0%"


def millions(value: float) -> str:
    """US$ as millions with one digit; nothing spent is 0."""
    return "0" if value == 0 else number(value / 1e6, 1)


def interval(low: float, high: float, digits: int = 1, *, sign: bool = False) -> str:
    """From low to high, for brackets."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    write = signed if sign else number
    return f"{write(low, digits)} to {write(high, digits)}"


def against(value: float) -> str:
    """A difference in points as a phrase: so many points above, or below."""
    return f"{number(abs(value), 1)} points {'above' if value >= 0 else 'below'}"


def quarter_of(x: float) -> str:
    """The quarter that ends at a time in years, like 2027Q3 at 2027.75."""
    last = round(4 * x) - 1
    return f"{last // 4}Q{last % 4 + 1}"


def listed(words: Sequence[str]) -> str:
    """Words joined by commas and a last "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def quoted(title: str) -> str:
    """A scenario's title in running text."""
    return f"“{title}”"


def lines(text: str, width: int, most: int = 3) -> list[str]:
    """Text broken into at most so many lines of at most `width` signs; what does not fit is cut with an ellipsis."""
    broken = textwrap.wrap(text, width) or [""]
    if len(broken) <= most:
        return broken
    return [*broken[:most - 1], f"{broken[most - 1][:width - 1].rstrip()}…"]


def plural(count: int, one: str, many: str) -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many}"
