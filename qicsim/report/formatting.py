"""Plain words for readers: what cost lines and ledger lines are called; intervals, quarters, lists, lines of text."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence

from qicsim.ground.extension import added_lines
from qicsim.ground.numbers import NONE, number, signed
from qicsim.report.elements import plain
from qicsim.report.language import FIRST_KHMER, LAST_KHMER, say, text

LEVEL = "5\u2060–\u206095\u00a0%"  # held together: a line may not break inside

COST_WORDS = {
    "coach_posts": text("Coaches' posts"), "team_time": text("Staff time of teams"),
    "programme_staff": text("Programme staff"), "assistance": text("Technical assistance"),
    "coach_visits": text("Coaching visits"), "coach_training": text("Training of coaches"),
    "mentoring": text("Mentoring of coaches"),
    "joining": text("Training of teams that join"), "sessions": text("Learning sessions"),
    "exchange": text("Exchange visits"),
    "overhead": text("District management"), "assessment": text("NQEM assessments"),
    "verification": text("Verification of scores"),
    "pbf": text("PBF payments"), "tablets": text("Feedback tablets"), "accreditation": text("Accreditation"),
    "education": text("Curricula and professional credit")}

LEDGER_WORDS = {
    "initial": text("Score at the start"), "pdsa": text("Work on the team's topic"),
    "spillover": text("Spill-over to other care areas"), "session": text("Learning sessions"),
    "exchange": text("Exchange visits"),
    "peers": text("Informal peers"), "resources": text("PBF: money for equipment"),
    "attention": text("PBF: being measured"),
    "incentive": text("PBF: the bonus"), "accreditation": text("Preparing for accreditation"),
    "drift": text("Slow change over time"),
    "fading": text("Gains that faded"), "luck": text("Luck"), **added_lines()}

PAYER_WORDS = {"government": text("Government"), "donor": text("Donors")}

DRAW_WORDS = {
    "prior": text("what is known before any fit to data of {country} (the priors)"),
    "posterior": text("what is left open after the fit to data of {country} (the posterior)"),
    "defaults": text("one best guess for every parameter: nothing is left open, so the intervals hold chance alone")}

SOURCE_WORDS = {"prior": text("prior"), "posterior": text("posterior"), "defaults": text("defaults")}
FROM_FILE = "posterior in "


def source_words(source: str) -> str:
    """What draws were taken from, in a word, with the name of the file where it is one."""
    if source.startswith(FROM_FILE):
        return say("posterior in {file}", file=plain(source.removeprefix(FROM_FILE)))
    return say(SOURCE_WORDS[source]) if source in SOURCE_WORDS else plain(source)


def interval(low: float, high: float, digits: int = 1, *, sign: bool = False) -> str:
    """From low to high, for brackets."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    write = signed if sign else number
    return say("{low} to {high}", low=write(low, digits), high=write(high, digits))


def against(value: float) -> str:
    """A difference in points as a phrase: so many points above, or below."""
    points = number(abs(value), 1)
    return say("{points} points above", points=points) if value >= 0 else say("{points} points below", points=points)


def quarter_of(x: float) -> str:
    """The quarter that ends at a time in years, in words: Q3 of 2027 at 2027.75."""
    last = round(4 * x) - 1
    return say("Q{quarter} of {year}", quarter=last % 4 + 1, year=last // 4)


def quarter_named(name: str) -> str:
    """A quarter like 2027Q3 in words."""
    return say("Q{quarter} of {year}", quarter=name[5:], year=name[:4])


def listed(words: Sequence[str]) -> str:
    """Words joined by commas and a last "and"."""
    if len(words) <= 1:
        return "".join(words)
    return say("{most} and {last}", most=", ".join(words[:-1]), last=words[-1])


def quoted(title: str) -> str:
    """A scenario's title in running text."""
    return say("“{title}”", title=title)


def lines(text: str, width: int, most: int = 3) -> list[str]:
    """Text broken into at most so many lines of at most `width` signs; what does not fit is cut with an ellipsis."""
    khmer = any(FIRST_KHMER <= sign <= LAST_KHMER for sign in text)
    broken = (_wrapped(text, width) if khmer else textwrap.wrap(text, width)) or [""]
    if len(broken) <= most:
        return broken
    return [*broken[:most - 1], f"{broken[most - 1][:width - 1].rstrip()}…"]


_CLUSTER = re.compile(r"[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17dd])*|.", re.DOTALL)
KHMER_WIDTH = 1.5  # of a cluster of Khmer signs, in Latin signs


def _wrapped(text: str, width: int) -> list[str]:
    """Khmer text in lines: broken at spaces, and within a phrase that is too long between clusters, never inside."""
    rows, room = [""], float(width)
    for phrase in text.split(" "):
        parts = _CLUSTER.findall(phrase)
        size = sum(KHMER_WIDTH if part >= FIRST_KHMER else 1.0 for part in parts)
        if size > room - 1.0 and room < width:
            rows, room = [*rows, ""], float(width)
        rows[-1] += " " if rows[-1] else ""
        for part in parts:
            if room < 1.0:
                rows, room = [*rows, ""], float(width)
            rows[-1] += part
            room -= KHMER_WIDTH if part >= FIRST_KHMER else 1.0
        room -= 1.0
    return rows
