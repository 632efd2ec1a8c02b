"""The data of the rebuilt model in plain Python, and what section 6 and 7.18 of ODD.md make of them."""

from __future__ import annotations

from math import erfc, exp, pi, sqrt
from types import SimpleNamespace


def care_areas(table, ceilings):
    """6 and 7.3: the care areas with their ceilings; preference by kind, weight by set and kind."""
    return [SimpleNamespace(
        start=float(table.start[a]), dimension=int(table.dimension[a]), watched=float(table.watched[a]),
        standards=float(table.standards[a]), ceiling=float(ceilings.broad if table.broad[a] else ceilings.single),
        preference=table.preference[:, a].tolist(), weight=table.weight[:, :, a].tolist())
        for a in range(table.start.size)]


def schedules(table):
    """6: each schedule as pieces (start, pay, slope); pieces that never begin are left out."""
    return [[(float(start), float(pay), float(slope))
             for start, pay, slope in zip(one.start, one.pay, one.slope, strict=True) if start < 1e9] for one in table]


def marginal(schedule, score, width):
    """D(s) of 7.18 for a schedule of (start, pay, slope)."""
    def share_above(start):
        return 0.5 * erfc((start - score) / width / sqrt(2))

    total = 0.0
    for i, (start, pay, slope) in enumerate(schedule):
        beyond = share_above(schedule[i + 1][0]) if i + 1 < len(schedule) else 0.0
        total += slope * ((share_above(start) if i else 1.0) - beyond)
        if i:
            before, paid, rise = schedule[i - 1]
            jump = pay - paid - rise * (start - before)
            total += jump * exp(-(((start - score) / width) ** 2) / 2) / sqrt(2 * pi) / width
    return total
