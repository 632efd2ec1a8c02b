"""What the scores themselves say about their quality: gaps, jumps, zeros, heaps, rounds that stand apart or repeat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_quarter
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.exchange.findings import Findings
from qicsim.inputs.exchange.headings import place
from qicsim.inputs.exchange.words import counted
from qicsim.inputs.world.register import BEFORE_HORIZON, NOT_CLOSED, Register

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 0.2
MISSED = 8
SHOWN = 5
MOST = 4


def check_edges(rows: pd.DataFrame, names: Sequence[str], findings: Findings) -> None:
    """Warnings of first and last quarters that lie far from the others or that hardly any facility has.

    `rows` has the columns file, sheet, row, place and quarter (absolute month) of the total scores that are used;
    `names` are those of the facilities. Far is farther than the usual step between rounds; hardly any is under FEWEST
    of the usual number. Up to MOST quarters at each end are looked at.
    """
    count = rows.groupby("quarter")["place"].nunique().sort_index()
    quarters, number = count.index.to_numpy(), count.to_numpy()
    if len(quarters) < 2:  # noqa: PLR2004 (one quarter has no others)
        return
    usual, step = float(np.median(number)), float(np.median(np.diff(quarters)))
    for order, which in ((slice(None), "first"), (slice(None, None, -1), "last")):
        steps = np.abs(np.diff(quarters[order]))
        apart = np.flatnonzero((steps[:MOST] > step) & (np.cumsum(number[order])[:-1][:MOST] < number.sum() / 2))
        few = number[order] < FEWEST * usual
        until = max(int(apart[-1]) + 1 if apart.size else 0, int(np.argmin(few)) if few[0] else 0)
        for at in range(min(until, MOST)):
            gap = int(steps[at]) // MONTHS_PER_QUARTER - 1
            words = tell("usual are {usual}", usual=f"{usual:,.0f}")
            if gap > 0:
                words = counted(gap, "{usual}; {count} quarter without scores between it and the others",
                                "{usual}; {count} quarters without scores between it and the others", usual=words)
            _say(rows[rows["quarter"] == quarters[order][at]], names, which, words, findings)


def _say(mine: pd.DataFrame, names: Sequence[str], which: str, words: Told, findings: Findings) -> None:
    facilities = mine["place"].unique()
    shown = _and_more([f'"{names[at][:60]}"' for at in facilities[:SHOWN]], len(facilities))
    first = mine.iloc[0]
    findings.warning(
        f"{which} quarter apart", place(first["file"], first["sheet"], first["row"]),
        counted(len(facilities), "{quarter} has scores of {count} facility ({names}); {usual}",
                "{quarter} has scores of {count} facilities ({names}); {usual}",
                quarter=format_quarter(first["quarter"]), names=shown, usual=words),
        hint=tell("Check the year") if which == "first" else
        tell("Check the year; if the round is under way, this is right"),
        count=len(mine))


# ------------------------------------------------------------------------------------------------------ jumps and zeros

JUMP = 30.0
MANY, FEWEST_TOGETHER = 0.2, 10
NAMES_SHOWN = 20


def names_of(register: Register, rows: np.ndarray) -> str:
    """Names of facilities in one line, NAMES_SHOWN at most."""
    return _and_more([register.name[at][:60] for at in rows[:NAMES_SHOWN]], rows.size)


def _and_more(names: Sequence[str], all_of_them: int) -> str:
    """Names, and how many more there are."""
    listed, more = ", ".join(names), all_of_them - len(names)
    return tell("{names} and {count} more", names=listed, count=f"{more:,}") if more > 0 else listed


def check_zeros(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """A warning of total scores that are exactly 0."""
    zero = scores == 0
    rows = np.flatnonzero(zero.any(axis=1))
    if rows.size:
        row, column = rows[0], int(np.argmax(zero[rows[0]]))
        number = counted(int(zero.sum()), "{count} total score", "{count} total scores")
        findings.warning("exact zeros", register.id[row], counted(
            rows.size, 'exactly 0: {scores} of {count} facility, the first of "{name}" in {quarter}; of {names}',
            'exactly 0: {scores} of {count} facilities, the first of "{name}" in {quarter}; of {names}', scores=number,
            name=register.name[row][:60], quarter=quarters[column], names=names_of(register, rows)),
                         hint=tell("If 0 stands for not assessed, leave the cells empty"), count=int(zero.sum()))


def check_jumps(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Changes of JUMP points or more from one quarter to the next: of many at once, of one score, and the others."""
    change = np.diff(scores, axis=1)
    jump = np.abs(change) >= JUMP
    jump &= ~_together(quarters, change, jump, findings)
    found = _single(register, quarters, scores, change, jump) + _lasting(register, quarters, scores, jump)
    found.sort(key=lambda one: -one[0])
    for _, facility, words in found[:NAMES_SHOWN]:
        findings.warning("jump", facility, words)
    if len(found) > NAMES_SHOWN:
        findings.warning("jump", "", tell(
            "{count} facilities and quarters in all have changes of {jump} points or more", count=f"{len(found):,}",
            jump=f"{JUMP:g}"), count=len(found))


def _together(quarters: tuple[str, ...], change: np.ndarray, jump: np.ndarray, findings: Findings) -> np.ndarray:
    """Quarters into which a good part of the facilities jump; bool (1, Q - 1)."""
    both, many = np.isfinite(change).sum(axis=0), jump.sum(axis=0)
    shared = (many >= FEWEST_TOGETHER) & (many >= MANY * both)
    for at in np.flatnonzero(shared):
        up = int((change[jump[:, at], at] > 0).sum())
        findings.warning("jump", quarters[at + 1], tell(
            "{count} of {all} facilities change by {jump} points or more from {first} to {last}, {up} of them upwards",
            count=f"{many[at]:,}", all=f"{both[at]:,}", jump=f"{JUMP:g}", first=quarters[at], last=quarters[at + 1],
            up=f"{up:,}"), hint=tell("Another tool, another scale, or columns that were exchanged?"),
                         count=int(many[at]))
    return shared[None, :]


def _single(register: Register, quarters: tuple[str, ...], scores: np.ndarray, change: np.ndarray,
            jump: np.ndarray) -> list[tuple[float, str, str]]:
    """Scores that differ from both neighbours in the same direction; their jumps are taken out of `jump`."""
    found: list[tuple[float, str, str]] = []
    spikes = jump[:, :-1] & jump[:, 1:] & (np.sign(change[:, :-1]) != np.sign(change[:, 1:]))
    for row, column in zip(*np.nonzero(spikes), strict=True):
        if jump[row, column] and jump[row, column + 1]:
            jump[row, column:column + 2] = False
            before, here, after = scores[row, column:column + 3]
            found.append((float(abs(change[row, column:column + 2]).max()), register.id[row],
                          tell('"{name}" has {here} in {quarter}, between {before} before and {after} after',
                               name=register.name[row][:60], here=f"{here:g}", quarter=quarters[column + 1],
                               before=f"{before:g}", after=f"{after:g}")))
    return found


def _lasting(register: Register, quarters: tuple[str, ...], scores: np.ndarray,
             jump: np.ndarray) -> list[tuple[float, str, str]]:
    """The other jumps."""
    found: list[tuple[float, str, str]] = []
    for row, column in zip(*np.nonzero(jump), strict=True):
        before, after = scores[row, column:column + 2]
        words = tell('"{name}" goes from {before} in {first} to {after} in {last}', name=register.name[row][:60],
                     before=f"{before:g}", first=quarters[column], after=f"{after:g}", last=quarters[column + 1])
        found.append((float(abs(after - before)), register.id[row], words))
    return found


# ----------------------------------------------------------------------------------------------------------- all checks

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
        findings.warning("total outside its items", register.id[row], tell(
            '{count} of {all} total scores lie outside their items, the first of "{name}" in {quarter}: {total}, '
            "with {low} to {high}", count=f"{int(wrong.sum()):,}", all=f"{int(whole.sum()):,}",
            name=register.name[row][:60], quarter=quarters[column], total=f"{total[row, column]:g}",
            low=f"{low[row, column]:g}",
            high=f"{high[row, column]:g}"), hint=tell("No weights can give such a total; is a column another one?"),
                         count=int(wrong.sum()))


def check_scores(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Warnings about total scores (F, Q), nan where missing; the thresholds are the constants above."""
    if not np.isfinite(scores).any():
        findings.warning("no total", "",
                         tell("there is no total score; levels and targets are estimated from totals"))
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
    """Quarters in which hardly anybody was assessed; bool (Q,). Those at the ends are said by `check_edges`.

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
                         tell("{count} facilities have a score in each; usual are {usual}" if run.size > 1 else
                              "{count} facilities have a score; usual are {usual}", count=several,
                              usual=f"{usual:,.0f}"), hint=tell("If the round was suspended, this is right"),
                         count=int(count.sum()))
    return low


def _missing(register: Register, quarters: tuple[str, ...], scores: np.ndarray, suspended: np.ndarray,
             findings: Findings) -> None:
    """Facilities without any score, and with gaps between their first and last score."""
    there = np.isfinite(scores)
    none = np.flatnonzero(~there.any(axis=1))
    if none.size:
        findings.warning("no score", "", tell("{count} of {all} facilities have no total score: {names}",
                                              count=f"{none.size:,}", all=f"{len(register):,}",
                                              names=names_of(register, none)), count=int(none.size))
    ever = there.cumsum(axis=1) > 0
    later = there[:, ::-1].cumsum(axis=1)[:, ::-1] > 0
    gaps = ever & later & ~there & ~suspended
    for at in np.argsort(-gaps.sum(axis=1), kind="stable")[:NAMES_SHOWN]:
        if gaps[at].any():
            missing = [quarters[place] for place in np.flatnonzero(gaps[at])]
            findings.warning("missing quarters", register.id[at], tell(
                '"{name}" lacks {quarters}', name=register.name[at][:60],
                quarters=", ".join(missing[:MISSED]) + (" ..." if len(missing) > MISSED else "")), count=len(missing))
    with_gaps = int(gaps.any(axis=1).sum())
    if with_gaps > NAMES_SHOWN:
        lacking = int(gaps.sum())
        findings.warning("missing quarters", "", tell("{count} facilities in all have gaps, {quarters} quarters",
                                                      count=f"{with_gaps:,}", quarters=f"{lacking:,}"), count=lacking)


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
        findings.warning("heaping", f"score {THRESHOLD:g}", tell(
            "{count} scores lie from {low} to {high}; {expected} would, by the scores around (p {p})",
            count=f"{here:,}", low=f"{THRESHOLD:g}", high=f"{THRESHOLD + WINDOW:g}",
            expected=f"{expected:,.0f}", p=f"{p:.1g}"),
                         hint=tell("Scores may have been raised to the threshold"), count=here)


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
            findings.warning("no variation", name[:100], tell(
                "all facilities of the district have the same score in {quarters}",
                quarters=", ".join(quarters[at] for at in flat[:MISSED])), count=int(flat.size),
                             hint=tell("Scores may have been copied"))


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
        told = {"count": f"{int(same.sum()):,}", "all": f"{number:,}", "quarter": before,
                "name": names_of(register, np.flatnonzero(same)[:1])}
        said = tell("{count} of {all} facilities have exactly the score of {quarter} again, first {name}", **told)
        if len(copied) > 1:
            said = tell("{rounds}; so do {others}", rounds=said,
                        others=", ".join(each[1] for each in copied[1:NAMES_SHOWN]))
        findings.question("rounds", "repeated round", after, said, hint=tell("Was a round copied?"),
                          count=sum(int(each[2].sum()) for each in copied))


def _lifetimes(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Scores before a facility opened or after it closed."""
    end = np.array([int(text[:4]) * 12 + int(text[5]) * 3 - 1 for text in quarters], dtype=np.int64)
    there = np.isfinite(scores)
    opened, closed = register.opened[:, None], register.closed[:, None]
    early = there & (opened != BEFORE_HORIZON) & (end < opened)
    late = there & (closed != NOT_CLOSED) & (end - 2 > closed)
    for wrong in (early, late):
        rows = np.flatnonzero(wrong.any(axis=1))
        if rows.size:
            findings.warning("scores out of life", "", tell(
                "{count} facilities have scores before they opened: {names}" if wrong is early else
                "{count} facilities have scores after they closed: {names}", count=f"{rows.size:,}",
                names=names_of(register, rows)), count=int(wrong.sum()))
