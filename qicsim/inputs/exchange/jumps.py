"""Scores that jump, and zeros that may stand for no score: causes first, one line for each."""

from __future__ import annotations

import numpy as np

from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.exchange.synonyms import counted
from qicsim.inputs.world.register import Register

JUMP = 30.0
MANY, FEWEST_TOGETHER = 0.2, 10
SHOWN = 20


def names_of(register: Register, rows: np.ndarray) -> str:
    """Names of facilities in one line, SHOWN at most."""
    more = f" and {rows.size - SHOWN:,} more" if rows.size > SHOWN else ""
    return ", ".join(register.name[at][:60] for at in rows[:SHOWN]) + more


def check_zeros(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """A warning of total scores that are exactly 0."""
    zero = scores == 0
    rows = np.flatnonzero(zero.any(axis=1))
    if rows.size:
        row, column = rows[0], int(np.argmax(zero[rows[0]]))
        number = counted(int(zero.sum()), "total score", "total scores")
        findings.warning("exact zeros", register.id[row], f"exactly 0: {number} of "
                         f"{counted(rows.size, 'facility', 'facilities')}, the first of "
                         f'"{register.name[row][:60]}" in {quarters[column]}; of {names_of(register, rows)}',
                         hint="If 0 stands for not assessed, leave the cells empty", count=int(zero.sum()))


def check_jumps(register: Register, quarters: tuple[str, ...], scores: np.ndarray, findings: Findings) -> None:
    """Changes of JUMP points or more from one quarter to the next: of many at once, of one score, and the others."""
    change = np.diff(scores, axis=1)
    jump = np.abs(change) >= JUMP
    jump &= ~_together(quarters, change, jump, findings)
    found = _single(register, quarters, scores, change, jump) + _lasting(register, quarters, scores, jump)
    found.sort(key=lambda one: -one[0])
    for _, facility, words in found[:SHOWN]:
        findings.warning("jump", facility, words)
    if len(found) > SHOWN:
        findings.warning("jump", "", f"{len(found):,} facilities and quarters in all have changes of {JUMP:g} points "
                         "or more", count=len(found))


def _together(quarters: tuple[str, ...], change: np.ndarray, jump: np.ndarray, findings: Findings) -> np.ndarray:
    """Quarters into which a good part of the facilities jump; bool (1, Q - 1)."""
    both, many = np.isfinite(change).sum(axis=0), jump.sum(axis=0)
    shared = (many >= FEWEST_TOGETHER) & (many >= MANY * both)
    for at in np.flatnonzero(shared):
        up = int((change[jump[:, at], at] > 0).sum())
        findings.warning("jump", quarters[at + 1], f"{many[at]:,} of {both[at]:,} facilities change by {JUMP:g} points "
                         f"or more from {quarters[at]} to {quarters[at + 1]}, {up:,} of them upwards",
                         hint="Another tool, another scale, or columns that were exchanged?", count=int(many[at]))
    return shared[None, :]


def _single(register: Register, quarters: tuple[str, ...], scores: np.ndarray, change: np.ndarray,
            jump: np.ndarray) -> list[tuple[float, str, str]]:
    """Scores that differ from both neighbours in the same direction; their jumps are taken out of `jump`."""
    found = []
    spikes = jump[:, :-1] & jump[:, 1:] & (np.sign(change[:, :-1]) != np.sign(change[:, 1:]))
    for row, column in zip(*np.nonzero(spikes), strict=True):
        if jump[row, column] and jump[row, column + 1]:
            jump[row, column:column + 2] = False
            before, here, after = scores[row, column:column + 3]
            found.append((float(abs(change[row, column:column + 2]).max()), register.id[row],
                          (f'"{register.name[row][:60]}" has {here:g} in {quarters[column + 1]}, between {before:g} '
                           f"before and {after:g} after")))
    return found


def _lasting(register: Register, quarters: tuple[str, ...], scores: np.ndarray,
             jump: np.ndarray) -> list[tuple[float, str, str]]:
    """The other jumps."""
    found = []
    for row, column in zip(*np.nonzero(jump), strict=True):
        before, after = scores[row, column:column + 2]
        words = (f'"{register.name[row][:60]}" goes from {before:g} in {quarters[column]} to {after:g} in '
                 f"{quarters[column + 1]}")
        found.append((float(abs(after - before)), register.id[row], words))
    return found
