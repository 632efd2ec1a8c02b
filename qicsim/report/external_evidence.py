"""The leading gain held against what is known elsewhere: by line of the ledger, and beside trials of collaboratives."""

from __future__ import annotations

from qicsim.ground import numbers
from qicsim.ground.numbers import adding
from qicsim.model.ledger import LEDGER
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.points import ledger_cells
from qicsim.report.results import Results

QIC_LEDGER = ("pdsa", "spillover", "session", "exchange", "peers")
# Group problem solving with or without other components, median over studies in poorer countries: Rowe et al. 2018,
# Lancet Glob Health 6:e1163. Practices worked on, not a whole score.
ELSEWHERE = 12.1


def lines_of(results: Results, name: str) -> dict[str, float]:
    """Points more than the reference at the end by ledger line, means, rounded so that they add up."""
    cells = ledger_cells(results, difference=True)
    return dict(zip(LEDGER, adding([cells[name, results.end, line].mean for line in LEDGER]), strict=True))


def source(results: Results, name: str) -> Markup:
    """Which line of the ledger brings most of the gain; a warning where it is more than trials found."""
    lines = lines_of(results, name)
    line = max(lines, key=lines.__getitem__)
    if lines[line] <= 0.0:
        return Markup("")
    lost = sum(points for points in lines.values() if points < 0.0)
    share = phrase("The largest part, {part} of {gained} points gained (less {lost} for fading and slower change), is "
                   "booked to: {line}.", part=numbers.number(lines[line], 1),
                   gained=numbers.number(sum(lines.values()) - lost, 1), lost=numbers.number(-lost, 1),
                   line=tag("strong", say(formatting.LEDGER_WORDS[line]).lower()))
    return joined((part for part in (share, exceeding(results, name)) if part), " ")


def by_collaboratives(results: Results, name: str) -> float:
    """Points more than the reference that are booked to collaboratives."""
    lines = lines_of(results, name)
    return sum(lines[line] for line in QIC_LEDGER)


def exceeding(results: Results, name: str) -> str:
    """A warning, where more is booked to collaboratives than trials elsewhere found."""
    points = by_collaboratives(results, name)
    return (say("What is booked to collaboratives, {points} points, is more than the median of such trials "
                "elsewhere, {median}: take it with doubt.", points=numbers.signed(points),
                median=numbers.number(ELSEWHERE, 1)) if points > ELSEWHERE else "")


def beside_trials(results: Results, name: str) -> str:
    """What trials elsewhere found, beside the points booked to collaboratives."""
    points = by_collaboratives(results, name)
    if points <= 0.0:
        return ""
    return say(
        "Beside trials elsewhere: group problem solving, alone or with other measures, raised the practices "
        "worked on by a median of {median} percentage points (Rowe et al. 2018, Lancet Global Health); two of "
        "the larger trials of collaboratives found little or nothing (India: Zamboni et al. 2021; Tanzania and "
        "Uganda: Waiswa et al. 2017). Here {points} points of the whole score are booked to collaboratives by "
        "the end of {year}.",
        median=numbers.number(ELSEWHERE, 1),
        points=numbers.signed(points),
        year=results.end,
    )
