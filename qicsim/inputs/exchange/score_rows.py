"""Rows of score files as text: long and wide tables, and DHIS2 data values in CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qicsim.inputs.exchange.dates import loose_month, period_of, reading
from qicsim.inputs.exchange.file_reading import Grid, Opened
from qicsim.inputs.exchange.header_detection import Headed, headed, place, understood
from qicsim.inputs.exchange.keys import KEYS, Keys
from qicsim.inputs.exchange.row_audit import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.settings import Settings, item_of, items
from qicsim.inputs.exchange.synonyms import field_of, normal

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "total"
COLUMNS = ("file", "sheet", "row", "cell", "place", "label", "period", "item", "element", "combo", "value")
POSITIONS = ("data_element", "period", "org_unit", "option_combo", "attribute_combo", "value")
FEWEST = 6
TABLES = ("scores", "register")


class Meaning(NamedTuple):
    """What a heading of a column of scores says: a period ("" if none) and an item ("" if none)."""

    period: str
    item: str


def score_rows(files: Sequence[Opened], keys: Keys, settings: Settings, findings: Findings,
               accounts: Accounts) -> pd.DataFrame:
    """Every score of the files as text; columns COLUMNS.

    `place` is the row of the register (or UNKNOWN, ...), `label` the text that named it; `element` is True for the data
    element of a DHIS2 file, which `item` then holds, and `combo` its category option combo.
    """
    import pandas as pd

    parts = []
    for file in files:
        if file.value is not None:
            parts.append(_of_json(file, keys, findings))
        for grid in file.grids:
            if (columns := _value_columns(grid, settings)) is not None:
                accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:1].tolist(), NOT_USED, "headings")
                parts.append(_of_values(grid.file, grid.sheet, grid.rows.iloc[1:], columns, keys))
            else:
                parts += _of_table(grid, keys, findings, accounts, alone=len(file.grids) == 1)
    parts = [part for part in parts if len(part)]
    if not parts:
        findings.error("no scores", "", "no scores were found in the files of scores")
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def block(file: str, sheet: str, rows: Any, **columns: Any) -> pd.DataFrame:
    """Rows of one column of scores."""
    import pandas as pd

    same = {"file": file, "sheet": sheet, "cell": "", "item": TOTAL, "element": False, "combo": ""} | columns
    plain = {name: value.to_numpy() if isinstance(value, pd.Series) else value for name, value in same.items()}
    return pd.DataFrame({"row": np.asarray(rows)} | plain)[list(COLUMNS)]


# ---------------------------------------------------------------------------------------------------------- tables


def _of_table(grid: Grid, keys: Keys, findings: Findings, accounts: Accounts, *,
              alone: bool) -> list[pd.DataFrame]:
    """The scores of a long or wide table; other sheets of a workbook (not `alone`) are passed over with a warning."""
    areas = items()
    means = partial(meaning, areas=areas)
    table = headed(grid, TABLES, findings, accounts, meaning=means)
    has = set() if table is None else set(table.fields.columns)
    lacks = [] if table is None else _lacks(table, has)
    if table is None or lacks:
        rows = grid.rows.index if table is None else table.fields.index
        accounts.add_rows(grid.file, grid.sheet, rows.tolist(), NOT_USED, "not understood as scores")
        findings.passed_over(place(grid.file, grid.sheet), _missing(table, lacks) if table is not None else
                             f"no row with headings of scores was found{understood(grid, TABLES, means)}", alone=alone,
                             allowed="headings like facility, quarter, score; or facility and columns for quarters")
        return []
    return _blocks(table, keys)


def _missing(table: Headed, lacks: list[str]) -> str:
    """What a table lacks, and which of its headings are not known."""
    unknown = ", ".join(f'"{heading[:40]}"' for heading in table.unused[:12])
    more = f"; not known as headings: {unknown}" if unknown else ""
    return f"has no column of {' and none of '.join(lacks)}{more}"


def meaning(heading: str, areas: dict[str, str]) -> Meaning | None:
    """What a heading says: a quarter, an item, or both in either order; None if nothing."""
    if not heading.strip() or len(heading) > 200:  # noqa: PLR2004 (no heading is so long)
        return None
    if item := item_of(heading, areas):
        return Meaning("", item)
    if reading(period_of, heading)[0] is not None:
        return Meaning(heading, "")
    tokens = normal(heading).split(" ")
    for cut in range(1, len(tokens)):
        left, right = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        for period, item in ((left, right), (right, left)):
            if (name := item_of(item, areas)) and reading(period_of, period)[0] is not None:
                return Meaning(period, name)
    return None


def _lacks(table: Headed, has: set[str]) -> list[str]:
    """What a table of scores must have and this one has not."""
    meanings = [each for each in table.special.values() if isinstance(each, Meaning)]
    lacks = [] if has & set(KEYS) else ["facilities"]
    if "score" not in has and not meanings:
        lacks.append("scores")
    if not has & {"quarter", "month"} and not (meanings and all(each.period for each in meanings)):
        lacks.append("quarters")
    return lacks


def _blocks(table: Headed, keys: Keys) -> list[pd.DataFrame]:
    """One block for each column of scores."""
    fields = table.fields
    places, labels = _places(fields, keys)
    period = _periods(fields)
    item = fields.get("item", TOTAL)
    columns: list[tuple[str, Meaning]] = [(name, each) for name, each in table.special.items()
                                          if isinstance(each, Meaning)]
    filled = (fields != "").any(axis=1) | ((table.scored != "").any(axis=1) if columns else False)
    shared = {"place": places, "label": labels}
    found = []
    if "score" in fields:
        found.append(block(table.file, table.sheet, fields.index, **shared, period=period, item=item,
                           value=fields["score"].where(filled, "")))
    for name, each in columns:
        found.append(block(table.file, table.sheet, fields.index, **shared, cell=name, value=table.scored[name],
                           period=each.period or period, item=each.item or item))
    return found


def _places(fields: pd.DataFrame, keys: Keys) -> tuple[np.ndarray, np.ndarray]:
    """The place of each row's facility, and the text that named it."""
    found = keys.all_meant(fields)
    return (np.array([one.place for one in found], dtype=np.int64),
            np.array([one.label for one in found], dtype=object))


def _of_units(unit: pd.Series, keys: Keys) -> tuple[np.ndarray, np.ndarray]:
    """The same for organisation units of data values."""
    return _places(unit.to_frame("dhis2_uid"), keys)


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


# ------------------------------------------------------------------------------------------------------ data values


def _value_columns(grid: Grid, settings: Settings) -> dict[str, int] | None:
    """Columns of a dataValueSets CSV: by heading, else by position; None if the table is none."""
    heads = [field_of(cell, "data_values") for cell in grid.rows.iloc[0]]
    known = {name: heads.index(name) for name in heads if name}
    by_name = {"data_element", "org_unit", "period"} <= set(known)
    unknown = sum(bool(field_of(cell, "scores", "register")) for cell in grid.rows.iloc[0]) < 2  # noqa: PLR2004
    if not by_name and not (settings.elements and unknown and len(heads) >= FEWEST):
        return None
    taken = set(known.values())
    return known | {name: column for column, name in enumerate(POSITIONS[:len(heads)])
                    if name not in known and column not in taken}


def _of_values(file: str, sheet: str, rows: pd.DataFrame, columns: dict[str, int], keys: Keys) -> pd.DataFrame:
    value = rows[columns["value"]]
    if "deleted" in columns:
        value = value.where(rows[columns["deleted"]].str.lower() != "true", "")
    unit = rows[columns["org_unit"]]
    where, label = _of_units(unit, keys)
    return block(file, sheet, rows.index, place=where, label=label, period=rows[columns["period"]],
                 item=rows[columns["data_element"]], element=True, value=value,
                 combo=_combos(*(rows[columns[name]] if name in columns else rows[columns["value"]].map(lambda _: "")
                                 for name in ("option_combo", "attribute_combo"))))


def _of_json(file: Opened, keys: Keys, findings: Findings) -> pd.DataFrame:
    """Data values of JSON, in bulk or as one set whose period and unit stand above."""
    import pandas as pd

    value = file.value
    listed = value.get("dataValues") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        findings.error("not data values", file.name, 'is JSON without "dataValues"',
                       allowed='a data value set: {"dataValues": [...]}')
        return pd.DataFrame(columns=list(COLUMNS))
    top = {key: _plain(value.get(key)) for key in ("period", "orgUnit")}
    texts = {key: pd.Series([_plain(one.get(key)) or top.get(key, "") for one in listed], dtype=str)
             for key in (*top, "dataElement", "value", "categoryOptionCombo", "attributeOptionCombo")}
    gone = np.array([one.get("deleted") is True for one in listed], dtype=bool)
    where, label = _of_units(texts["orgUnit"], keys)
    return block(file.name, "", np.arange(1, len(listed) + 1), place=where, label=label,
                 period=texts["period"], item=texts["dataElement"], element=True, value=texts["value"].mask(gone, ""),
                 combo=_combos(texts["categoryOptionCombo"], texts["attributeOptionCombo"]))


def _combos(option: pd.Series, attribute: pd.Series) -> pd.Series:
    """Category option combos; with the attribute option combo where there is more than one of these."""
    option, attribute = option.str.strip(), attribute.str.strip()
    return option + "." + attribute if len(attribute.unique()) > 1 else option


def _plain(value: Any) -> str:
    """A value of JSON as text; "" for what is neither text nor number."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
