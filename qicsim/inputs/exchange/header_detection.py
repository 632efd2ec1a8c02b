"""A table whose headings are understood: the row of headings is found, and each column gets the name of its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from qicsim.inputs.exchange.file_reading import Grid
from qicsim.inputs.exchange.row_audit import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.synonyms import field_of, normal, spellings
from qicsim.inputs.world.table import listed, suggest

if TYPE_CHECKING:
    import pandas as pd

SEARCHED = 30
FEWEST = 2
SHOWN = 12
Meanings = Callable[[str], object] | None
_HEADING = re.compile(r"[^\W\d_]|^\d{4}$")


class Headed(NamedTuple):
    """Rows below the headings: `fields` has a column of text for each field found; `scored` those named by `special`.

    Both have the row numbers of the sheet as index. `special` maps a column of `scored` to what its heading means.
    """

    file: str
    sheet: str
    fields: pd.DataFrame
    scored: pd.DataFrame
    special: dict[str, object]
    unused: tuple[str, ...] = ()


def headed(grid: Grid, tables: tuple[str, ...], findings: Findings, accounts: Accounts, *,
           meaning: Meanings = None) -> Headed | None:
    """The table with its fields; None, with what was wrong in `findings`, where no row looks like headings.

    `tables` are tables of words.toml; `meaning` says what any other heading means, None if nothing.
    """
    if (found := _headings(grid, tables, meaning)) is None:
        return None
    accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:found.first].tolist(), NOT_USED, "above the headings")
    rows = grid.rows.index[found.first:found.last + 1].tolist()
    accounts.add_rows(grid.file, grid.sheet, rows, NOT_USED, "headings")
    if len(rows) > 1:
        findings.note("two rows of headings", place(grid.file, grid.sheet), f"rows {rows[0]} and {rows[1]} are read as "
                      f"one row of headings: {listed(one[:60] for one in found.heads[:20])}")
    return _named(grid, found, tables, findings, meaning)


class _Heads(NamedTuple):
    """Headings of the columns, and the first and last row (from 0) that they stand in."""

    first: int
    last: int
    heads: list[str]


def _headings(grid: Grid, tables: tuple[str, ...], meaning: Meanings) -> _Heads | None:
    """The row with most known headings among the first, or two rows that say more together; None if none has two."""
    rows = [[str(cell) for cell in cells] for cells in grid.rows.head(SEARCHED).itertuples(index=False)]
    known = [_known(cells, tables, meaning) for cells in rows]
    best = max(known, default=0)
    pairs = [_together(top, bottom, tables, meaning) for top, bottom in pairwise(rows)]
    more = [_known(heads, tables, meaning) if heads else 0 for heads in pairs]
    if max(more, default=0) > best:
        at = more.index(max(more))
        return _Heads(at, at + 1, pairs[at])
    return _Heads(known.index(best), known.index(best), rows[known.index(best)]) if best >= FEWEST else None


def _known(cells: list[str], tables: tuple[str, ...], meaning: Meanings) -> int:
    """How many different headings are known."""
    return len({_means(cell, tables, meaning) for cell in cells if cell} - {""})


def _means(cell: str, tables: tuple[str, ...], meaning: Meanings) -> str:
    return field_of(cell, *tables) or (cell if meaning is not None and meaning(cell) is not None else "")


def _together(top: list[str], bottom: list[str], tables: tuple[str, ...], meaning: Meanings) -> list[str]:
    """The headings of two rows, like 2022 over Q1 to Q4; none where fewer than two are known only together.

    A cell of the upper row stands for the empty ones to its right too.
    """
    heads, combined, above = [], 0, ""
    for upper, lower in zip(top, bottom, strict=True):
        above = upper or above
        both = f"{above} {lower}" if above and _HEADING.search(lower) else ""
        if both and _means(both, tables, meaning):
            combined += 1
            heads.append(both)
        else:
            heads.append(next((one for one in (upper, lower) if one and _means(one, tables, meaning)), upper or lower))
    return heads if combined >= FEWEST else []


def understood(grid: Grid, tables: tuple[str, ...], meaning: Meanings = None) -> str:
    """What is known and what is not of the row with most known headings, in words; "" if nothing is known."""
    rows = [[str(cell) for cell in cells if cell] for cells in grid.rows.head(SEARCHED).itertuples(index=False)]
    best = max(range(len(rows)), key=lambda at: _known(rows[at], tables, meaning), default=0)
    if not rows or not _known(rows[best], tables, meaning):
        return ""
    yes = [f'"{cell[:40]}"' for cell in rows[best] if _means(cell, tables, meaning)]
    no = [f'"{cell[:40]}"' for cell in rows[best] if not _means(cell, tables, meaning)]
    return (f"; row {grid.rows.index[best]} has {listed(yes[:SHOWN])}"
            + (f", and {listed(no[:SHOWN])}, which are not known as headings" if no else ""))


def _named(grid: Grid, found: _Heads, tables: tuple[str, ...], findings: Findings, meaning: Meanings) -> Headed:
    body = grid.rows.iloc[found.last + 1:]
    fields: dict[str, int] = {}
    special: dict[str, tuple[int, object]] = {}
    unused = []
    for column, heading in enumerate(found.heads):
        field = field_of(heading, *tables)
        if field and field not in fields:
            fields[field] = column
        elif not field and meaning is not None and (meant := meaning(heading)) is not None and heading not in special:
            special[heading] = column, meant
        elif heading or (body[column] != "").any():
            unused.append(heading or f"column {column + 1}")
    if unused:
        _say_unused(grid, unused, tables, findings)
    return Headed(grid.file, grid.sheet, _columns(body, fields),
                  _columns(body, {name: column for name, (column, _) in special.items()}),
                  {name: meant for name, (_, meant) in special.items()}, tuple(unused))


def _columns(body: pd.DataFrame, places: dict[str, int]) -> pd.DataFrame:
    return body[list(places.values())].set_axis(list(places), axis=1)


def _say_unused(grid: Grid, unused: list[str], tables: tuple[str, ...], findings: Findings) -> None:
    near = [hint for heading in unused if (hint := suggest(normal(heading), list(spellings(*tables))))]
    findings.warning("columns not used", place(grid.file, grid.sheet), f"columns that are not known, or stand twice: "
                     f"{listed(one[:60] for one in unused[:20])}", hint=" ".join(near[:3]), count=len(unused))


def place(file: str, sheet: str = "", row: int | None = None) -> str:
    """Where something stands, in words."""
    parts = [file, f"sheet {sheet}" if sheet else "", f"row {row}" if row is not None else ""]
    return ", ".join(part for part in parts if part)
