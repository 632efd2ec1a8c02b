"""A table whose headings are understood: the row of headings is found, and each column gets the name of its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from qicsim.exchange.accounts import NOT_USED, Accounts, Findings
from qicsim.exchange.opened import Grid
from qicsim.exchange.words import field_of, normal, spellings
from qicsim.world.table import listed, suggest

if TYPE_CHECKING:
    import pandas as pd

SEARCHED = 30
FEWEST = 2


class Headed(NamedTuple):
    """Rows below the headings: `fields` has a column of text for each field found; `scored` those named by `special`.

    Both have the row numbers of the sheet as index. `special` maps a column of `scored` to what its heading means.
    """

    file: str
    sheet: str
    fields: pd.DataFrame
    scored: pd.DataFrame
    special: dict[str, object]


def headed(grid: Grid, tables: tuple[str, ...], findings: Findings, accounts: Accounts, *,
           meaning: Callable[[str], object] | None = None) -> Headed | None:
    """The table with its fields; None, with what was wrong in `findings`, where no row looks like headings.

    `tables` are tables of words.toml; `meaning` says what any other heading means, None if nothing.
    """
    if (at := _heading_row(grid, tables, meaning)) is None:
        return None
    accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:at].tolist(), NOT_USED, "above the headings")
    accounts.add_rows(grid.file, grid.sheet, grid.rows.index[at:at + 1].tolist(), NOT_USED, "headings")
    return _named(grid, at, tables, findings, meaning)


def _heading_row(grid: Grid, tables: tuple[str, ...], meaning: Callable[[str], object] | None) -> int | None:
    """Place of the row with most known headings among the first; None if none has two."""
    known = [len({field_of(cell, *tables) or (meaning is not None and meaning(cell) is not None and cell)
                  for cell in cells if cell} - {"", False})
             for cells in grid.rows.head(SEARCHED).itertuples(index=False)]
    best = max(known, default=0)
    return known.index(best) if best >= FEWEST else None


def _named(grid: Grid, at: int, tables: tuple[str, ...], findings: Findings,
           meaning: Callable[[str], object] | None) -> Headed:
    body = grid.rows.iloc[at + 1:]
    fields: dict[str, int] = {}
    special: dict[str, tuple[int, object]] = {}
    unused = []
    for column, heading in enumerate(grid.rows.iloc[at]):
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
                  {name: meant for name, (_, meant) in special.items()})


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
