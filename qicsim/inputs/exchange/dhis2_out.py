"""Projections as DHIS2 data values: the same rows as CSV (long header names) and as JSON (bulk form).

Observed scores stay what they are: projections have data elements and a data set of their own (`dhis2_elements`).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.files import FORMULA_STARTS, beside
from qicsim.inputs.exchange.dhis2_elements import LONGEST_CODE, Element
from qicsim.inputs.world.register import Register

HEADER = ("dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value", "storedby",
          "lastupdated", "comment", "followup")
IDENTIFIERS = ("uid", "code")
DIGITS = {"NUMBER": 2, "UNIT_INTERVAL": 4}
_QUOTING = set('",\n\r')


class DataValues(NamedTuple):
    """Values of elements in periods at organisation units: float64 (elements, periods, units), nan for none.

    `units` are the identifiers that the file shows. `comment` stands beside every value: the scenario and the draws;
    `attribute` is the attribute option combo of all, "" for the default.
    """

    elements: tuple[Element, ...]
    periods: tuple[str, ...]
    units: tuple[str, ...]
    values: np.ndarray
    comment: str = ""
    attribute: str = ""

    @property
    def rows(self) -> int:
        """How many values there are."""
        return int(np.count_nonzero(~np.isnan(self.values)))


class Units(NamedTuple):
    """The organisation units of a register: identifier of each facility, "" where it cannot be exported, and why."""

    identify: str
    identifiers: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def there(self) -> np.ndarray:
        """Rows of the register that can be exported; int64."""
        return np.flatnonzero([bool(text) for text in self.identifiers])

    def references(self) -> list[dict[str, str]]:
        """The units as metadata refers to them."""
        key = "id" if self.identify == "uid" else "code"
        return [{key: text} for text in self.identifiers if text]


def units_of(register: Register, identify: str = "uid") -> Units:
    """The organisation units of the facilities by uid or by code; SettingError if none has one."""
    if identify not in IDENTIFIERS:
        raise SettingError("", [Fault("identify", f'"{identify}" is not known', ", ".join(IDENTIFIERS),
                                      nearest(identify, IDENTIFIERS))])
    told = register.dhis2_uid if identify == "uid" else register.code
    count = Counter(told)
    reasons = tuple(_reason(text, identify, count[text]) for text in told)
    if all(reasons):
        other = IDENTIFIERS[1 - IDENTIFIERS.index(identify)]
        raise SettingError("", [Fault("identify", f"no facility of the register has a usable {identify}", "",
                                      "DHIS2 knows organisation units by it; if the register holds "
                                      f"another identifier, say --identify {other}")])
    return Units(identify, tuple("" if why else text for text, why in zip(told, reasons, strict=True)), reasons)


def _reason(text: str, identify: str, count: int) -> str:
    """Why a facility cannot be exported; "" if it can."""
    if not text:
        return f"has no {identify}"
    if count > 1:
        return f"shares its {identify} with another facility"
    if len(text) > LONGEST_CODE:
        return f"its {identify} is longer than {LONGEST_CODE} characters"
    if text.startswith(FORMULA_STARTS):
        return f"its {identify} begins like a formula of a spreadsheet"
    return ""


def write_csv_values(values: Sequence[DataValues], path: Path) -> None:
    """Write the CSV form; columns of DHIS2 2.40 to 2.42, Developer manual, "Data values", "CSV data value format"."""
    with beside(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        for first, part in enumerate(values):
            tail = f"{{}},,{_braced(_csv_cell(part.attribute))},{{}},,,{_braced(_csv_cell(part.comment))},\n"
            _write(file, part, _csv_cell, head="{},{},", tail=tail, between="", begun=first > 0)


def write_json_values(values: Sequence[DataValues], path: Path) -> None:
    """Write the JSON form: one object with the list `dataValues`."""
    with beside(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write('{"dataValues": [\n')
        begun = False
        for part in values:
            more = "".join(f', "{key}": {_json_cell(text)}' for key, text in (
                ("attributeOptionCombo", part.attribute), ("comment", part.comment)) if text)
            begun = _write(file, part, _json_cell, head='{{"dataElement": {}, "period": {}, ', between=",\n",
                           tail=f'"orgUnit": {{}}, "value": {{}}{_braced(more)}}}}}', begun=begun)
        file.write("\n]}\n")


def _braced(text: str) -> str:
    """Text that stays as it is when it is formatted."""
    return text.replace("{", "{{").replace("}", "}}")


def _write(file: IO[str], values: DataValues, cell: Callable[[str], str], *, head: str, tail: str, between: str,
           begun: bool) -> bool:
    """All rows, a block for each element and period; `begun`: rows stand there already. Whether any do now."""
    units = np.array([cell(unit) for unit in values.units], dtype=object)
    for element, period, block in _blocks(values):
        there = np.flatnonzero(~np.isnan(block))
        if not there.size:
            continue
        begin, digits = head.format(cell(element.code), cell(period)), DIGITS[element.value_type]
        rows = [begin + tail.format(unit, cell(f"{value:.{digits}f}"))
                for unit, value in zip(units[there].tolist(), block[there].tolist(), strict=True)]
        file.write((between if begun else "") + between.join(rows))
        begun = True
    return begun


def _blocks(values: DataValues) -> Iterator[tuple[Element, str, np.ndarray]]:
    for element, of_element in zip(values.elements, values.values, strict=True):
        for period, block in zip(values.periods, of_element, strict=True):
            yield element, period, block


def _csv_cell(text: str) -> str:
    """Text as a cell, in quotation marks where it needs them."""
    if not _QUOTING & set(text):
        return text
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


def _json_cell(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def left_out(register: Register, units: Units) -> list[Sequence[str]]:
    """Facilities that are not in the files: id, name, and the reason."""
    return [(one.id, one.name, why) for one, why in zip(register.facilities, units.reasons, strict=True) if why]
