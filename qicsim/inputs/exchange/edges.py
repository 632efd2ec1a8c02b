"""Quarters at the ends of the scores that stand apart: a slip in a year moves the first or the last quarter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_quarter
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.exchange.synonyms import counted

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 0.2
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
            words = f"; usual are {usual:,.0f}" + (
                f"; {counted(gap, 'quarter', 'quarters')} without scores between it and the others" if gap > 0 else "")
            _say(rows[rows["quarter"] == quarters[order][at]], names, which, words, findings)


def _say(mine: pd.DataFrame, names: Sequence[str], which: str, words: str, findings: Findings) -> None:
    facilities = mine["place"].unique()
    shown = ", ".join(f'"{names[at][:60]}"' for at in facilities[:SHOWN])
    more = f" and {len(facilities) - SHOWN:,} more" if len(facilities) > SHOWN else ""
    number = counted(len(facilities), "facility", "facilities")
    first = mine.iloc[0]
    findings.warning(
        f"{which} quarter apart", place(first["file"], first["sheet"], first["row"]),
        f"{format_quarter(first['quarter'])} has scores of {number} ({shown}{more}){words}",
        hint="Check the year" if which == "first" else "Check the year; if the round is under way, this is right",
        count=len(mine))
