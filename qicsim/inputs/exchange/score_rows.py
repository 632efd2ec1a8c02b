"""Rows of score files as text: long and wide tables, tables of the Data Visualizer, and DHIS2 data values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from qicsim.inputs.exchange.data_values import (
    TOTAL,
    block,
    headless,
    nothing,
    of_json,
    of_values,
    places_of,
    value_columns,
)
from qicsim.inputs.exchange.dates import loose_month, period_of, reading
from qicsim.inputs.exchange.file_reading import Grid, Opened
from qicsim.inputs.exchange.header_detection import Headed, Vocabulary, headed, place, understood
from qicsim.inputs.exchange.keys import KEYS, Keys
from qicsim.inputs.exchange.row_audit import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.settings import Settings, item_of, items
from qicsim.inputs.exchange.synonyms import normal

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("scores", "register")
MOST_WORDS = 40
_VISUALIZER = {"organisationunitid", "organisationunitname", "organisationunitcode", "periodid", "periodname"}


class Meaning(NamedTuple):
    """What a heading of a column of scores says: a period ("" if none) and an item ("" if none).

    `element`: the item is a data element, as the headings of the Data Visualizer name it.
    """

    period: str
    item: str
    element: bool = False


def score_rows(files: Sequence[Opened], keys: Keys, settings: Settings, findings: Findings,
               accounts: Accounts) -> pd.DataFrame:
    """Every score of the files as text; columns `data_values.COLUMNS`.

    `place` is the row of the register (or UNKNOWN, ...), `label` the text that named it; `element` is True for the data
    element of a DHIS2 file, which `item` then holds, `combo` its category option combo, `highest` the highest score.
    """
    import pandas as pd

    parts = []
    for file in files:
        if file.value is not None:
            parts.append(of_json(file, keys, findings))
        for grid in file.grids:
            if (columns := value_columns(grid, settings)) is not None:
                heads = int(not headless([str(cell) for cell in grid.rows.iloc[0]]))
                accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:heads].tolist(), NOT_USED, "headings")
                parts.append(of_values(grid.file, grid.sheet, grid.rows.iloc[heads:], columns, keys))
            else:
                parts += _of_table(grid, keys, settings, findings, accounts, alone=len(file.grids) == 1)
    parts = [part for part in parts if len(part)]
    if not parts:
        findings.error("no scores", ", ".join(file.name for file in files), "no scores were found")
    return pd.concat(parts, ignore_index=True) if parts else nothing()


# ---------------------------------------------------------------------------------------------------------- tables


def _of_table(grid: Grid, keys: Keys, settings: Settings, findings: Findings, accounts: Accounts, *,
              alone: bool) -> list[pd.DataFrame]:
    """The scores of a long or wide table; other sheets of a workbook (not `alone`) are passed over with a warning."""
    vocabulary = Vocabulary(TABLES, partial(meaning, areas=items(), elements=_of_visualizer(grid)), settings.headings)
    table = headed(grid, vocabulary, findings, accounts)
    has = set() if table is None else set(table.fields.columns)
    lacks = [] if table is None else _lacks(table, has)
    period = ""
    if table is not None and lacks == ["quarters"] and reading(period_of, grid.sheet)[0] is not None:
        lacks, period = [], grid.sheet
        findings.note("quarter of a sheet", place(grid.file, grid.sheet), "has no column of quarters; the name of the "
                      "sheet says it", count=len(table.fields))
    if table is None or lacks:
        rows = grid.rows.index if table is None else table.fields.index
        accounts.add_rows(grid.file, grid.sheet, rows.tolist(), NOT_USED, "not understood as scores")
        findings.passed_over(place(grid.file, grid.sheet), _missing(table, lacks) if table is not None else
                             f"no row with headings of scores was found{understood(grid, vocabulary)}", alone=alone,
                             allowed="headings like facility, quarter, score; or facility and columns for quarters; or "
                                     "sheets with the names of quarters")
        return []
    return _blocks(table, keys, period)


def _of_visualizer(grid: Grid) -> frozenset[str]:
    """The headings of a table of DHIS2's Data Visualizer or pivot tables, periods and data; none of others."""
    cells = frozenset(str(cell) for cell in grid.rows.iloc[0])
    return cells if _VISUALIZER & {normal(cell) for cell in cells} else frozenset()


def _missing(table: Headed, lacks: list[str]) -> str:
    """What a table lacks, and which of its headings are not known."""
    unknown = ", ".join(f'"{heading[:40]}"' for heading in table.unused[:12])
    more = f"; not known as headings: {unknown}" if unknown else ""
    return f"has no column of {' and none of '.join(lacks)}{more}"


def meaning(heading: str, areas: dict[str, str], *, elements: Collection[str] = ()) -> Meaning | None:
    """What a heading says: a quarter, an item, or both in either order; None if nothing.

    In the headings `elements` of DHIS2's apps, what stands beside a quarter is a data element, if it is no item.
    """
    if not heading.strip() or len(heading) > 200:  # noqa: PLR2004 (no heading is so long)
        return None
    if item := item_of(heading, areas):
        return Meaning("", item)
    if reading(period_of, heading)[0] is not None:
        return Meaning(heading, "")
    of_app = heading in elements
    if of_app and normal(heading).startswith(("organisationunit", "period", "data", "category")):
        return None
    tokens = normal(heading).split(" ")
    cuts = [(" ".join(tokens[:cut]), " ".join(tokens[cut:])) for cut in range(1, min(len(tokens), MOST_WORDS))]
    pairs = [pair for left, right in cuts for pair in ((left, right), (right, left))]
    for period, item in pairs:
        if (name := item_of(item, areas)) and reading(period_of, period)[0] is not None:
            return Meaning(period, name)
    if of_app:  # the longest period leaves the name of the data
        dated = [pair for pair in pairs if reading(period_of, pair[0])[0] is not None]
        period, item = max(dated, key=lambda pair: len(pair[0]), default=("", heading))
        return Meaning(period, _written(heading, item), element=True)
    return None


def _written(heading: str, item: str) -> str:
    """The name of a data element as the heading writes it, found by its normalised form."""
    pieces = heading.split()
    return next((text for first in range(len(pieces)) for last in range(len(pieces), first, -1)
                 if normal(text := " ".join(pieces[first:last])) == item), item)


def _lacks(table: Headed, has: set[str]) -> list[str]:
    """What a table of scores must have and this one has not."""
    meanings = [each for each in table.special.values() if isinstance(each, Meaning)]
    lacks = [] if has & set(KEYS) else ["facilities"]
    if "score" not in has and not meanings:
        lacks.append("scores")
    if not has & {"quarter", "month"} and not (meanings and all(each.period for each in meanings)):
        lacks.append("quarters")
    return lacks


def _blocks(table: Headed, keys: Keys, sheet_period: str) -> list[pd.DataFrame]:
    """One block for each column of scores; `sheet_period` is the quarter that the sheet's name says, "" if none."""
    fields = table.fields
    places, labels = places_of(fields, keys)
    period = sheet_period or _periods(fields)
    item = fields.get("item", TOTAL)
    columns: list[tuple[str, Meaning]] = [(name, each) for name, each in table.special.items()
                                          if isinstance(each, Meaning)]
    filled = (fields != "").any(axis=1) | ((table.scored != "").any(axis=1) if columns else False)
    shared = {"place": places, "label": labels, "highest": fields.get("highest", "")}
    found = []
    if "score" in fields:
        found.append(block(table.file, table.sheet, fields.index, **shared, period=period, item=item,
                           value=fields["score"].where(filled, "")))
    for name, each in columns:
        found.append(block(table.file, table.sheet, fields.index, **shared, cell=name, value=table.scored[name],
                           period=each.period or period, item=each.item or item, element=each.element))
    return found


def _periods(fields: pd.DataFrame) -> pd.Series | str:
    """The text of the period; a quarter or month that stands apart from its year gets the year."""
    text = fields.get("quarter", fields.get("month"))
    if text is None:
        return ""
    if "quarter" not in fields:  # the heading says that 1/2023 is a month
        text = text.map({each: _a_month(each) for each in text.unique()})
    if "year" not in fields:
        return text
    pairs = fields["year"] + "\n" + text
    letter = "Q" if "quarter" in fields else ""
    return pairs.map({pair: _with_year(pair, letter) for pair in pairs.unique()})


def _with_year(pair: str, letter: str) -> str:
    year, _, text = pair.partition("\n")
    if reading(period_of, text)[0] is not None:
        return text
    short = normal(text)
    if short.isdecimal():
        return f"{year.strip()}{letter}{short if letter else short.zfill(2)}"
    return f"{short} {year.strip()}"


def _a_month(text: str) -> str:
    found = loose_month(text)
    return f"{found[0]}{found[1]:02d}" if found else text

