"""What the scores themselves say about their quality: gaps, jumps, heaps, suspended rounds, flat districts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from qicsim.inputs.exchange.jumps import SHOWN, check_jumps, check_zeros, names_of
from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.world.register import BEFORE_HORIZON, NOT_CLOSED, Register

THRESHOLD = 80.0
FEWEST_ROUND = 0.2
FEWEST_IN_DISTRICT = 3
HARDLY = 0.5
DIMENSIONS = ("structure", "process", "outcome")
"""The items of which a total is made."""
FEWEST_REPEATED, REPEATED = 5, 0.9
WINDOW = 2.0
SURE = 0.001
FEWEST_NEAR = 30


def check_items(register: Register, quarters: tuple[str, ...], total: np.ndarray, items: Mapping[str, np.ndarray],
                findings: Findings) -> None:
    """Warnings of totals (F, Q) that lie outside their own items, each (F, Q): no weights could give them."""
    parts = np.array([grid for name, grid in items.items() if name in DIMENSIONS])
    if len(parts) < len(DIMENSIONS):
        return
    whole = np.isfinite(parts).all(axis=0) & np.isfinite(total)
    low, high = np.where(whole, parts.min(axis=0), 0.0), np.where(whole, parts.max(axis=0), 0.0)
    wrong = whole & ((total < low - HARDLY) | (total > high + HARDLY))
    if wrong.any():
        row, column = (int(each[0]) for each in np.nonzero(wrong))
        findings.warning("total outside its items", register.id[row], f"{int(wrong.sum()):,} of {int(whole.sum()):,} "
                         f'total scores lie outside their items, the first of "{register.name[row][:60]}" in '
                         f"{quarters[column]}: {total[row, column]:g}, with {low[row, column]:g} to "
                         f"{high[row, column]:g}", hint="No weights can give such a total; is a column another one?",
                         count=int(wrong.sum()))


def check_scores(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Warnings about total scores (F, Q), nan where missing; the thresholds are the constants above."""
    if not np.isfinite(scores).any():
        findings.warning("no total", "", "there is no total score; levels and targets are estimated from totals")
        return
    suspended = _suspended(quarters, scores, findings)
    _missing(register, quarters, scores, suspended, findings)
    check_zeros(register, quarters, scores, findings)
    check_jumps(register, quarters, np.where(scores == 0, np.nan, scores), findings)
    _heaping(scores, findings)
    _districts(register, quarters, scores, findings)
    _repeated(register, quarters, scores, findings)
    _lifetimes(register, quarters, scores, findings)


def _suspended(quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> np.ndarray:
    """Quarters in which hardly anybody was assessed; bool (Q,). Those at the ends are said by `edges`.

    Rounds that follow each other stand in one line.
    """
    assessed = np.isfinite(scores).sum(axis=0)
    usual = float(np.median(assessed[assessed > 0]))
    low = np.asarray(assessed < FEWEST_ROUND * usual)
    full = np.flatnonzero(~low)
    inner = low & (np.arange(len(low)) > full[0]) & (np.arange(len(low)) < full[-1])
    at = np.flatnonzero(inner)
    for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if at.size else []:
        first, last, count = quarters[run[0]], quarters[run[-1]], assessed[run]
        several = f"0 to {count.max():,}" if count.min() == 0 < count.max() else f"{count.max():,}"
        findings.warning("suspended round", first if first == last else f"{first} to {last}",
                         f"{several} facilities have a score{' in each' if run.size > 1 else ''}; usual are "
                         f"{usual:,.0f}", hint="If the round was suspended, this is right", count=int(count.sum()))
    return low


def _missing(register: Register, quarters: tuple[str, ...], scores: np.ndarray, suspended: np.ndarray,
             findings: Findings) -> None:
    """Facilities without any score, and with gaps between their first and last score."""
    there = np.isfinite(scores)
    none = np.flatnonzero(~there.any(axis=1))
    if none.size:
        findings.warning("no score", "", f"{none.size:,} of {len(register):,} facilities have no total score: "
                         f"{names_of(register, none)}", count=int(none.size))
    ever = there.cumsum(axis=1) > 0
    later = there[:, ::-1].cumsum(axis=1)[:, ::-1] > 0
    gaps = ever & later & ~there & ~suspended
    for at in np.argsort(-gaps.sum(axis=1), kind="stable")[:SHOWN]:
        if gaps[at].any():
            missing = [quarters[place] for place in np.flatnonzero(gaps[at])]
            findings.warning("missing quarters", register.id[at], f'"{register.name[at][:60]}" lacks '
                             f"{', '.join(missing[:8])}{' ...' if len(missing) > 8 else ''}",  # noqa: PLR2004
                             count=len(missing))
    with_gaps = int(gaps.any(axis=1).sum())
    if with_gaps > SHOWN:
        lacking = int(gaps.sum())
        findings.warning("missing quarters", "", f"{with_gaps:,} facilities in all have gaps, {lacking:,} quarters",
                         count=lacking)


def heaping_at(scores: np.ndarray, threshold: float = THRESHOLD) -> tuple[int, float, float]:
    """How many scores lie in the WINDOW points from a threshold on, how many would, and a one-sided p.

    Where scores do not heap, their density is nearly a straight line over a few points, so that the window holds the
    mean of its neighbours: those twice as wide on each side. p is the normal tail of the difference of Poisson counts.
    """
    found = scores[np.isfinite(scores)]
    here = int(((found >= threshold) & (found < threshold + WINDOW)).sum())
    below = int(((found >= threshold - 2 * WINDOW) & (found < threshold)).sum())
    above = int(((found >= threshold + WINDOW) & (found < threshold + 3 * WINDOW)).sum())
    expected = (below + above) / 4
    if here + below + above < FEWEST_NEAR:
        return here, expected, 1.0
    z = (here - 0.5 - expected) / math.sqrt(max(expected, 1.0) * 1.25)
    return here, expected, 0.5 * math.erfc(z / math.sqrt(2))


def _heaping(scores: np.ndarray, findings: Findings) -> None:
    here, expected, p = heaping_at(scores)
    if p < SURE:
        findings.warning("heaping", f"score {THRESHOLD:g}", f"{here:,} scores lie from {THRESHOLD:g} to "
                         f"{THRESHOLD + WINDOW:g}; {expected:,.0f} would, by the scores around (p {p:.1g})",
                         hint="Scores may have been raised to the threshold", count=here)


def _districts(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Rounds in which all facilities of a district have nearly the same score."""
    district = np.array(register.operational_district)
    for name in dict.fromkeys(register.operational_district):
        block = scores[district == name]
        count = np.isfinite(block).sum(axis=0)
        spread = np.where(count > 0, np.nanmax(np.where(np.isfinite(block), block, -np.inf), axis=0, initial=-np.inf)
                          - np.nanmin(np.where(np.isfinite(block), block, np.inf), axis=0, initial=np.inf), np.inf)
        flat = np.flatnonzero((count >= FEWEST_IN_DISTRICT) & (spread < HARDLY))
        if flat.size:
            findings.warning("no variation", name[:100], f"all facilities of the district have the same score in "
                             f"{', '.join(quarters[at] for at in flat[:8])}", count=int(flat.size),
                             hint="Scores may have been copied")


def _repeated(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Rounds that repeat the round before: nearly all facilities have exactly the same score again."""
    rounds = np.flatnonzero(np.isfinite(scores).any(axis=0))
    copied = []
    for last, at in pairwise(rounds):
        both = np.isfinite(scores[:, last]) & np.isfinite(scores[:, at])
        same = both & (scores[:, last] == scores[:, at])
        varied = np.unique(scores[both, at]).size > 1
        if both.sum() >= FEWEST_REPEATED and varied and same.sum() >= REPEATED * both.sum():
            copied.append((quarters[last], quarters[at], same, int(both.sum())))
    if copied:
        before, after, same, number = copied[0]
        more = f"; so do {', '.join(each[1] for each in copied[1:SHOWN])}" if len(copied) > 1 else ""
        findings.question("rounds", "repeated round", after, f"{int(same.sum()):,} of {number:,} facilities have "
                          f"exactly the score of {before} again, first {names_of(register, np.flatnonzero(same)[:1])}"
                          f"{more}", hint="Was a round copied?", count=sum(int(each[2].sum()) for each in copied))


def _lifetimes(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Scores before a facility opened or after it closed."""
    end = np.array([int(text[:4]) * 12 + int(text[5]) * 3 - 1 for text in quarters], dtype=np.int64)
    there = np.isfinite(scores)
    opened, closed = register.opened[:, None], register.closed[:, None]
    early = there & (opened != BEFORE_HORIZON) & (end < opened)
    late = there & (closed != NOT_CLOSED) & (end - 2 > closed)
    for wrong, words in ((early, "before they opened"), (late, "after they closed")):
        rows = np.flatnonzero(wrong.any(axis=1))
        if rows.size:
            findings.warning("scores out of life", "", f"{rows.size:,} facilities have scores {words}: "
                             f"{names_of(register, rows)}", count=int(wrong.sum()))
