"""Whether scores are written from 0 to 1 or from 0 to 100: recognised block by block, and always said.

Points out of another number are never guessed: a column of highest scores, or `--scale`, says them.

A block is one item in one quarter of one column of a sheet of a file: who types a quarter, types it in one way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.calendar import format_quarter
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_audit import Findings

if TYPE_CHECKING:
    import pandas as pd

PERCENT = 100.0
FEWEST = 5  # fewer scores than these do not say their scale where the rest of the file has another
HIGH = 10.0  # a score up to 1 beside scores of which half are above this is a share, or a slip
DIGITS = 10  # 0.57 * 100 is 56.99999999999999
SHOWN = 8
LOW = 20.0  # scores of a whole file that never pass this are rather points out of 5, 10 or 20
_WHOLE = ["file", "item"]
_BLOCK = ["file", "sheet", "cell", "item", "quarter"]


class Scaled(NamedTuple):
    """Numbers from 0 to 100, nan where there is none; rows whose scale is not clear, and the words for each."""

    numbers: np.ndarray
    unclear: np.ndarray
    words: dict[str, str]
    block: pd.Series


def scaled(frame: pd.DataFrame, *, scale: float, findings: Findings) -> Scaled:
    """The numbers from 0 to 100; `scale` is the highest score, 0 to recognise it. A percent sign decides for its cell.

    `frame` has the columns file, sheet, row, cell, item, quarter (absolute month), number, percent, highest (as a
    column of the file says it, nan where none does) and used (bool: the row may still be used). Scores
    up to 1 in a block of higher ones are `unclear` unless the scale was said.
    """
    used = frame[frame["used"].to_numpy(dtype=bool)]
    known = ~np.isnan(frame["highest"].to_numpy()) & ~frame["percent"].to_numpy(dtype=bool)
    plain = used[~used["percent"].to_numpy(dtype=bool) & ~known[used.index.to_numpy()]]
    highest = np.where(known, frame["highest"].to_numpy(), PERCENT)
    if len(plain):
        highest[plain.index.to_numpy()] = scale or np.where(_shares(plain), 1.0, PERCENT)
    numbers = frame["number"].to_numpy()
    with np.errstate(over="ignore"):  # whatever is out of range is refused later
        found = np.where(highest == PERCENT, numbers, np.round(numbers * PERCENT / highest, DIGITS))
    _say(plain.assign(highest=highest[plain.index.to_numpy()]), findings, said=bool(scale))
    _say_known(used[known[used.index.to_numpy()]], findings)
    if not scale:
        _ask_low(plain[highest[plain.index.to_numpy()] == PERCENT], findings)
    if signs := int(used["percent"].sum()):
        findings.note("scale", "", f"{signs:,} scores have a percent sign: 0 to 100", count=signs)
    none = np.zeros(len(frame), dtype=bool)
    if scale or used.empty:
        return Scaled(found, none, {}, frame["file"])
    return _unclear(frame, used.assign(found=found[used.index.to_numpy()]), found)


def _shares(plain: pd.DataFrame) -> np.ndarray:
    """Rows that are read as 0 to 1: whole files of an item without any score above 1, else blocks without one."""
    number = plain["number"]
    inner = (number > 0) & (number < 1)
    of_file = [plain[key] for key in _WHOLE]
    of_block = [plain[key] for key in _BLOCK]
    whole = (number.groupby(of_file).transform("max") <= 1) & inner.groupby(of_file).transform("any")
    block = ((number.groupby(of_block).transform("max") <= 1)
             & (inner.groupby(of_block).transform("sum") >= FEWEST))
    return (whole | block).to_numpy()


def _say(plain: pd.DataFrame, findings: Findings, *, said: bool) -> None:
    """How each file was read; a warning where quarters of an item were read in two ways."""
    for (file, name), rows in plain.groupby(_WHOLE, sort=False):
        for highest, group in rows.groupby("highest", sort=False):
            values = group["number"]
            findings.note("scale", file, f"{name}: {len(values):,} scores from {values.min():g} to {values.max():g}, "
                          f"{'as said' if said else 'recognised'} as 0 to {highest:g}", count=len(values))
        share = rows["highest"] == 1
        if share.any() and not share.all():
            few = rows[share]
            quarters = sorted({format_quarter(each) for each in few["quarter"].unique()})
            first = few.iloc[0]
            findings.warning("two scales", place(first["file"], first["sheet"], first["row"]),
                             f"{name}: {len(few):,} scores of {', '.join(quarters[:SHOWN])}"
                             f"{' ...' if len(quarters) > SHOWN else ''} are read as 0 to 1, those of other quarters "
                             "or columns as 0 to 100", hint="Check that this is right", count=len(few))


def _say_known(rows: pd.DataFrame, findings: Findings) -> None:
    """Scores that are divided by the highest score beside them."""
    for file, group in rows.groupby("file", sort=False):
        first = group.iloc[0]
        most = sorted(group["highest"].unique())
        if most != [PERCENT]:
            findings.warning("scale", place(file, first["sheet"], first["row"]),
                             f"{len(group):,} scores are divided by the highest score beside them "
                             f"({', '.join(f'{each:g}' for each in most[:SHOWN])}), the first is {first['number']:g} "
                             f"of {first['highest']:g}", count=len(group),
                             hint="If the scores are percentages already, name that column in --crosswalk FILE: "
                                  "heading, its text, leave out")


def _ask_low(rows: pd.DataFrame, findings: Findings) -> None:
    """Files whose scores of an item are all too low to be percentages."""
    for (file, name), group in rows.groupby(_WHOLE, sort=False):
        values = group["number"]
        if 0 < values.max() <= LOW:
            first = group.iloc[0]
            findings.error("scale not clear", place(file, first["sheet"], first["row"]),
                           f"{name}: {len(values):,} scores from {values.min():g} to {values.max():g}, and none above "
                           f"{LOW:g}; they are hardly percentages", allowed="--scale with the highest score possible",
                           hint=f"Say --scale {next(top for top in (5, 10, 20) if values.max() <= top)}, or --scale "
                                "100 if they are percentages", count=len(values))


def _unclear(frame: pd.DataFrame, used: pd.DataFrame, found: np.ndarray) -> Scaled:
    """Scores up to 1 where half of the file's others are above HIGH."""
    small = (used["found"] > 0) & (used["found"] <= 1)
    usual = used["found"].where(~small & (used["found"] > 0)).groupby([used[key] for key in _WHOLE]).transform("median")
    wrong = used[small & (usual > HIGH)]
    unclear = np.zeros(len(frame), dtype=bool)
    unclear[wrong.index.to_numpy()] = True
    block = used.groupby(_BLOCK, sort=False).ngroup().reindex(frame.index, fill_value=-1).astype(str)
    words = {}
    for key, rows in wrong.groupby(block.loc[wrong.index], sort=False):
        first = rows.iloc[0]
        all_of_block = used[block.loc[used.index] == key]
        words[str(key)] = (f"{first['item']}, {format_quarter(first['quarter'])}: {len(rows):,} of "
                           f"{len(all_of_block):,} scores lie between 0 and 1 (first {first['number']:g}"
                           f"{' %' if first['percent'] else ''}), half of the others of the file are above "
                           f"{usual.loc[rows.index[0]]:g}")
    return Scaled(found, unclear, words, block)
