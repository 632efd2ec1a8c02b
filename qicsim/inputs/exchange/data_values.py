"""DHIS2 data values in the forms that people download: data value sets, analytics tables, bare lists; CSV and JSON.

Columns and keys are named as in the documentation of DHIS2 2.40 to 2.42, Developer manual: "Data values" (dataElement,
period, orgUnit, categoryOptionCombo, attributeOptionCombo, value) and "Analytics" (headers, rows, metaData; dx, pe, ou,
value).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.inputs.exchange.dates import period_of, reading
from qicsim.inputs.exchange.file_reading import Grid, Opened
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.keys import Keys
from qicsim.inputs.exchange.numbers import number_of
from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.synonyms import field_of

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "total"
COLUMNS = ("file", "sheet", "row", "cell", "place", "label", "period", "item", "element", "combo", "value", "highest")
POSITIONS = ("data_element", "period", "org_unit", "option_combo", "attribute_combo", "value")
NEEDED = ("data_element", "period", "org_unit", "value")
FEWEST = 6
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")


def block(file: str, sheet: str, rows: Any, **columns: Any) -> pd.DataFrame:
    """Rows of one column of scores, with COLUMNS."""
    import pandas as pd

    same = {"file": file, "sheet": sheet, "cell": "", "item": TOTAL, "element": False, "combo": "", "highest": ""
            } | columns
    plain = {name: value.to_numpy() if isinstance(value, pd.Series) else value for name, value in same.items()}
    return pd.DataFrame({"row": np.asarray(rows)} | plain)[list(COLUMNS)]


def nothing() -> pd.DataFrame:
    """No rows."""
    import pandas as pd

    return pd.DataFrame(columns=list(COLUMNS))


def places_of(fields: pd.DataFrame, keys: Keys) -> tuple[np.ndarray, np.ndarray]:
    """The place of each row's facility, and the text that named it."""
    found = keys.all_meant(fields)
    return (np.array([one.place for one in found], dtype=np.int64),
            np.array([one.label for one in found], dtype=object))


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
        findings.error("not data values", file.name, 'is JSON without "dataValues"',
                       allowed='a data value set, {"dataValues": [...]}, a list of data values, or the answer of '
                               "/api/analytics.json")
        return nothing()
    top = {key: plain(value.get(name)) for key, name in (("period", "period"), ("org_unit", "orgUnit"))
           } if isinstance(value, dict) else {}
    texts = [_named(one, top) for one in listed]
    missing = [name for name in NEEDED if not any(one[name] for one in texts)]
    if missing:
        words = {"data_element": "dataElement", "period": "period", "org_unit": "orgUnit", "value": "value"}
        findings.error("not data values", place(file.name, "", 1),
                       f"no object has {' or '.join(words[name] for name in missing)}",
                       allowed="objects with dataElement, period, orgUnit and value")
        return nothing()
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
        findings.error("not data values", file.name, f"is the answer of analytics with the headers {', '.join(said)}"
                       if missing else "is the answer of analytics without rows",
                       allowed="rows with dx, pe, ou and value: ask for dimension=dx:...&dimension=pe:...&dimension="
                               "ou:... without filters")
        return nothing()
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
