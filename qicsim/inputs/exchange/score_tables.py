"""Rows of score files as text: long and wide tables, tables of DHIS2's apps, and DHIS2 data values in CSV and JSON.

Columns and keys are named as in the documentation of DHIS2 2.40 to 2.42, Developer manual: "Data values" (dataElement,
period, orgUnit, categoryOptionCombo, attributeOptionCombo, value) and "Analytics" (headers, rows, metaData; dx, pe, ou,
value).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.dates import loose_month, period_of, reading
from qicsim.inputs.exchange.files import Grid, Opened
from qicsim.inputs.exchange.findings import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.headings import Headed, Vocabulary, headed, place, understood
from qicsim.inputs.exchange.keys import KEYS, SHOWN, Keys
from qicsim.inputs.exchange.settings import Settings, item_of, items
from qicsim.inputs.exchange.words import field_of, normal, number_of

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.inputs.exchange.scoring import Scoring

TOTAL = "total"
COLUMNS = ("file", "sheet", "row", "cell", "place", "label", "period", "item", "element", "combo", "value", "highest")
TEXTS = ("file", "sheet", "cell", "label", "period", "item", "combo", "value", "highest")
POSITIONS = ("data_element", "period", "org_unit", "option_combo", "attribute_combo", "value")
NEEDED = ("data_element", "period", "org_unit", "value")
FEWEST = 6
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")


def block(file: str, sheet: str, rows: Any, **columns: Any) -> pd.DataFrame:
    """Rows of one column of scores, with COLUMNS; texts are categories, since most stand there many times."""
    import pandas as pd

    same = {"file": file, "sheet": sheet, "cell": "", "item": TOTAL, "element": False, "combo": "", "highest": ""
            } | columns
    texts = {name: coded(value, len(rows)) if name in TEXTS else value for name, value in same.items()}
    return pd.DataFrame({"row": np.asarray(rows)} | texts)[list(COLUMNS)]


def coded(texts: Any, count: int) -> pd.Categorical:
    """Texts as categories: those of a column, or one text that stands `count` times."""
    import pandas as pd

    if isinstance(texts, pd.Categorical):
        return texts
    codes, unique = (np.zeros(count, dtype=np.int8), [texts]) if isinstance(texts, str) else pd.factorize(texts)
    return pd.Categorical.from_codes(codes, pd.Index(unique, dtype=object))


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of several blocks; of none, no rows."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    none = np.zeros(0, dtype=np.int64)
    parts = parts or [block("", "", none, place=none, label="", period="", value="")]
    columns = {name: [part[name] for part in parts] for name in COLUMNS}
    return pd.DataFrame({name: union_categoricals(several) if name in TEXTS else np.concatenate(several)
                         for name, several in columns.items()})


def places_of(fields: pd.DataFrame, keys: Keys) -> tuple[np.ndarray, pd.Categorical]:
    """The place of each row's facility, and the text that named it."""
    found, code = keys.all_meant(fields)
    labels = coded(np.array([one.label for one in found], dtype=object), len(found))
    return np.array([one.place for one in found], dtype=np.int64)[code], labels[code]


# ------------------------------------------------------------------------------------------------------------- CSV


def value_columns(grid: Grid, settings: Settings) -> dict[str, int] | None:
    """Columns of a table of data values: by heading, else by position; None if the table is none."""
    cells = [str(cell) for cell in grid.rows.iloc[0]]
    if headless(cells):
        return {name: column for column, name in enumerate(POSITIONS) if column < len(cells)}
    heads = [field_of(cell, "data_values") for cell in cells]
    known = {name: heads.index(name) for name in heads if name}
    by_name = {"data_element", "org_unit", "period"} <= set(known)
    unknown = sum(bool(field_of(cell, "scores", "register")) for cell in cells) < 2  # noqa: PLR2004
    if not by_name and not (settings.elements and unknown and len(heads) >= FEWEST):
        return None
    taken = set(known.values())
    return known | {name: column for column, name in enumerate(POSITIONS[:len(heads)])
                    if name not in known and column not in taken}


def headless(cells: Sequence[str]) -> bool:
    """Whether the first row of a table is a data value itself: uid, period, uid, combos, number."""
    return (len(cells) >= FEWEST and bool(_UID.fullmatch(cells[0].strip())) and bool(_UID.fullmatch(cells[2].strip()))
            and reading(period_of, cells[1])[0] is not None and number_of(cells[5]) is not None)


def of_values(file: str, sheet: str, rows: pd.DataFrame, columns: dict[str, int], keys: Keys) -> pd.DataFrame:
    """The rows below the headings of a table of data values."""
    value = rows[columns["value"]]
    if "deleted" in columns:
        value = value.where(rows[columns["deleted"]].str.lower() != "true", "")
    empty = value.map(lambda _: "")
    where, label = places_of(rows[columns["org_unit"]].to_frame("dhis2_uid"), keys)
    return block(file, sheet, rows.index, place=where, label=label, period=rows[columns["period"]],
                 item=rows[columns["data_element"]], element=True, value=value,
                 combo=_combos(*(rows[columns[name]] if name in columns else empty
                                 for name in ("option_combo", "attribute_combo"))))


# ------------------------------------------------------------------------------------------------------------ JSON


def of_json(file: Opened, keys: Keys, findings: Findings) -> pd.DataFrame:
    """Data values of JSON: in bulk, as one set whose period and unit stand above, as a bare list, or of analytics."""
    value = file.value
    if isinstance(value, dict) and isinstance(value.get("headers"), list) and isinstance(value.get("rows"), list):
        return _of_analytics(file, value, keys, findings)
    listed = value.get("dataValues") if isinstance(value, dict) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        findings.error("not data values", file.name, tell('is JSON without "dataValues"'),
                       allowed=tell("a data value set, a list of data values, or the answer of /api/analytics.json"))
        return joined([])
    top = {key: plain(value.get(name)) for key, name in (("period", "period"), ("org_unit", "orgUnit"))
           } if isinstance(value, dict) else {}
    texts = [_named(one, top) for one in listed]
    missing = [name for name in NEEDED if not any(one[name] for one in texts)]
    if missing:
        words = {"data_element": "dataElement", "period": "period", "org_unit": "orgUnit", "value": "value"}
        findings.error("not data values", place(file.name, "", 1),
                       tell("no object has {fields}", fields=", ".join(words[name] for name in missing)),
                       allowed=tell("objects with dataElement, period, orgUnit and value"))
        return joined([])
    gone = np.array([one.get("deleted") is True for one in listed], dtype=bool)
    return _values(file.name, texts, gone, keys)


def _named(one: Mapping[str, Any], top: Mapping[str, str]) -> dict[str, str]:
    """The texts of a data value by field; what it does not say stands above it."""
    found = {field: text for key, value in one.items()
             if (field := field_of(str(key), "data_values")) and (text := plain(value))}
    return {name: found.get(name) or top.get(name, "") for name in POSITIONS}


def _values(file: str, texts: Sequence[Mapping[str, str]], gone: np.ndarray, keys: Keys) -> pd.DataFrame:
    import pandas as pd

    column = {name: pd.Series([one[name] for one in texts], dtype=str) for name in POSITIONS}
    where, label = places_of(column["org_unit"].to_frame("dhis2_uid"), keys)
    return block(file, "", np.arange(1, len(texts) + 1), place=where, label=label, period=column["period"],
                 item=column["data_element"], element=True, value=column["value"].mask(gone, ""),
                 combo=_combos(column["option_combo"], column["attribute_combo"]))


def _of_analytics(file: Opened, value: Mapping[str, Any], keys: Keys, findings: Findings) -> pd.DataFrame:
    """The rows of /api/analytics.json: headers say which column is dx, pe, ou and value."""
    heads = [field_of(plain(one.get("name")), "data_values") if isinstance(one, dict) else ""
             for one in value["headers"]]
    missing = [name for name in NEEDED if name not in heads]
    rows = [one for one in value["rows"] if isinstance(one, list) and len(one) >= len(heads)]
    if missing or not rows:
        said = [plain(one.get("name")) for one in value["headers"] if isinstance(one, dict)]
        findings.error("not data values", file.name, tell(
            "is the answer of analytics with the headers {headers}" if missing else
            "is the answer of analytics without rows", headers=", ".join(said)),
                       allowed=tell("rows with dx, pe, ou and value: ask for dimension=dx:...&dimension=pe:...&"
                                    "dimension=ou:... without filters"))
        return joined([])
    at = {name: heads.index(name) for name in heads if name}
    texts = [{name: plain(one[at[name]]) if name in at else "" for name in POSITIONS} for one in rows]
    return _values(file.name, texts, np.zeros(len(texts), dtype=bool), keys)


def _combos(option: pd.Series, attribute: pd.Series) -> pd.Series:
    """Category option combos; with the attribute option combo where there is more than one of these."""
    option, attribute = option.str.strip(), attribute.str.strip()
    return option + "." + attribute if len(attribute.unique()) > 1 else option


def plain(value: Any) -> str:
    """A value of JSON as text; "" for what is neither text nor number."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


# --------------------------------------------------------------------------------------------------------------- tables

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
    """Every score of the files as text; columns COLUMNS.

    `place` is the row of the register (or UNKNOWN, ...), `label` the text that named it; `element` is True for the data
    element of a DHIS2 file, which `item` then holds, `combo` its category option combo, `highest` the highest score.
    """
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
        findings.error("no scores", ", ".join(file.name for file in files), tell("no scores were found"))
    return joined(parts)


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
        findings.note("quarter of a sheet", place(grid.file, grid.sheet), tell(
            "has no column of quarters; the name of the sheet says it"), count=len(table.fields))
    if table is None or lacks:
        rows = grid.rows.index if table is None else table.fields.index
        accounts.add_rows(grid.file, grid.sheet, rows.tolist(), NOT_USED, "not understood as scores")
        findings.passed_over(place(grid.file, grid.sheet), _missing(table, lacks) if table is not None else
                             f"no row with headings of scores was found{understood(grid, vocabulary)}", alone=alone,
                             allowed=tell("headings like facility, quarter, score; or facility and columns for "
                                          "quarters; or sheets with the names of quarters"))
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
    if "quarter" not in fields:  # the heading says that 1/2026 is a month
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


# -------------------------------------------------------------------------------------------------------- data elements

_LISTED = 8
SEVERAL = "several category option combos"


def elements_of(under: Scoring, elements: Mapping[str, str]) -> np.ndarray:
    """The item of each row by its data element and combo, "" where `elements` names none or the row is of no element.

    `ELEMENT.COMBO` comes before `ELEMENT`; an element that is named alone and has values of several combos is refused.
    """
    rows = under.rows
    item = np.full(len(rows), "", dtype=object)
    of_elements = rows[rows["element"].to_numpy(dtype=bool)]
    for (element, combo), group in of_elements.groupby(["item", "combo"], sort=False, observed=True):
        item[group.index.to_numpy()] = _mapped(str(element), str(combo), elements)
    for element, group in rows[under.open & (item != "")].groupby("item", sort=False, observed=True):
        if group["element"].iloc[0]:
            _say_combos(under, str(element), group, elements, item)
    return item


def _mapped(element: str, combo: str, elements: Mapping[str, str]) -> str:
    """What is said of a combo of an element; where some combos are chosen, the others are not read."""
    if name := elements.get(normal(f"{element}.{combo}")) if combo else "":
        return name
    return elements.get(normal(element), "")


def _say_combos(under: Scoring, element: str, group: pd.DataFrame, elements: Mapping[str, str], item: np.ndarray
                ) -> None:
    """Name the combos of an element; refuse those that were not chosen where there are several."""
    chosen = {combo for combo in group["combo"].unique() if combo and normal(f"{element}.{combo}") in elements}
    count = group["combo"].astype(object).value_counts(sort=False)
    for combo in [one for one in count.index if one and (one in chosen or len(count) == 1)][:_LISTED]:
        first = item[group.index[(group["combo"] == combo).to_numpy()][0]]
        under.findings.note("data element", group.iloc[0]["file"], tell(
            '"{element}" with the category option combo {combo}: {count} values, read as {item}',
            element=element[:SHOWN], combo=combo[:SHOWN], count=f"{count[combo]:,}", item=first),
                            count=int(count[combo]))
    others = [one for one in count.index if one not in chosen]
    if len(others) > 1 or (others and chosen):
        listed = ", ".join(f"{one[:SHOWN] or 'none'} ({count[one]:,} values)" for one in others[:_LISTED])
        mine = np.isin(np.arange(len(under.rows)), group.index[group["combo"].isin(others).to_numpy()].to_numpy())
        first = group.iloc[0]
        under.refuse(mine, SEVERAL, under.rows["item"], lambda text: tell(
            '"{element}" has several category option combos: {combos}', element=text[:SHOWN], combos=listed),
                     allowed=tell("the combo that holds the score"),
                     hint=lambda text: f"Say --elements {text[:SHOWN]}.{others[0][:SHOWN] or 'COMBO'}=total, in "
                     f"{place(first['file'])}")
