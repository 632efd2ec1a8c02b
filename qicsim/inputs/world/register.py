"""The facility register: which facilities there are, where, for how many people, and since when."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import format_month, parse_month
from qicsim.ground.errors import Fault, RegisterError, SettingError
from qicsim.ground.files import MEGABYTE
from qicsim.ground.shown import MOST_ROWS, Face, Shown
from qicsim.ground.table import Layout, Row, Table, listed, read_table, suggest, write_new
from qicsim.inputs.country import Country, home

SYNTHETIC_PREFIX = "SYN-"
BEFORE_HORIZON = 0
NOT_CLOSED = -1
MOST_FACILITIES = 200_000
MOST_PEOPLE = 20_000_000

COLUMNS = ("id", "name", "type", "province", "operational_district", "population", "opened",
           "latitude", "longitude", "dhis2_uid")
EXTRA_COLUMNS = ("code", "closed")  # written where a facility has them
_LAYOUT = Layout(COLUMNS[:7], optional=COLUMNS[7:] + EXTRA_COLUMNS, limit=50 * MEGABYTE)
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")


class Facility(NamedTuple):
    """One row of the register.

    `population` is the number of people in the facility's own catchment (catchments do not overlap); `opened` the
    absolute month, BEFORE_HORIZON where the register leaves it empty; coordinates are nan, uid and code "" where
    unknown; `closed` is the absolute month of closing, NOT_CLOSED where there is none (see `open_since`).
    """

    id: str
    name: str
    type: str
    province: str
    operational_district: str
    population: float
    opened: int
    latitude: float = math.nan
    longitude: float = math.nan
    dhis2_uid: str = ""
    code: str = ""
    closed: int = NOT_CLOSED


@dataclass(frozen=True, eq=False, repr=False)
class Register(Shown):
    """Every facility, sorted by province code, district and id: one tuple or array (F,) for each column.

    `synthetic` is True where any facility is invented: whatever shows results must then say so.
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    type: tuple[str, ...]
    province: tuple[str, ...]
    operational_district: tuple[str, ...]
    population: np.ndarray
    opened: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    dhis2_uid: tuple[str, ...]
    code: tuple[str, ...]
    closed: np.ndarray
    synthetic: bool
    country: Country

    def face(self) -> Face:
        """How many facilities where, and the first of them."""
        import pandas as pd

        columns = ("id", "name", "type", "province", "operational_district")
        first = pd.DataFrame({name: getattr(self, name)[:MOST_ROWS] for name in columns})
        return Face(f"Register of {len(self):,}{' invented' if self.synthetic else ''} facilities in "
                    f"{len(set(self.operational_district))} districts of {len(set(self.province))} provinces", (),
                    first)

    def __len__(self) -> int:
        """Number of facilities."""
        return len(self.id)

    @property
    def hospital(self) -> np.ndarray:
        """The role of each facility: 0 first level, 1 referral; int64 (F,)."""
        return np.array([self.country.role_of[kind] for kind in self.type], dtype=np.int64)

    @property
    def facilities(self) -> tuple[Facility, ...]:
        """The rows, with plain Python values."""
        return tuple(map(Facility, self.id, self.name, self.type, self.province, self.operational_district,
                         self.population.tolist(), self.opened.tolist(), self.latitude.tolist(),
                         self.longitude.tolist(), self.dhis2_uid, self.code, self.closed.tolist()))


def register_of(facilities: Iterable[Facility], country: Country | None = None) -> Register:
    """A register of rows that are known to be right, in a country (default: the one that is spoken of)."""
    country = country or home()
    code = {province.name: province.code for province in country.provinces}
    rows = sorted(facilities, key=lambda row: (code[row.province], row.operational_district, row.id))
    ids, names, types, places, districts, population, opened, latitude, longitude, uids, codes, closed = zip(
        *rows, strict=True)
    return Register(ids, names, types, places, districts, np.array(population, dtype=np.float64),
                    np.array(opened, dtype=np.int64), np.array(latitude, dtype=np.float64),
                    np.array(longitude, dtype=np.float64), uids, codes, np.array(closed, dtype=np.int64),
                    synthetic=any(text.startswith(SYNTHETIC_PREFIX) for text in ids), country=country)


def within(register: Register, names: Iterable[str]) -> Register:
    """The facilities of some provinces; SettingError for a name that is no province of the register."""
    chosen = tuple(names)
    faults = [Fault("province", f'"{name}" has no facility in the register', hint=suggest(name, set(register.province)))
              for name in chosen if name not in register.province]
    if faults:
        raise SettingError("", faults)
    return register_of((row for row in register.facilities if row.province in chosen), register.country)


def open_since(register: Register, month: int) -> Register:
    """The facilities that are not closed before a month; SettingError if none is left."""
    there = (register.closed == NOT_CLOSED) | (register.closed >= month)
    if np.all(there):
        return register
    if not np.any(there):
        raise SettingError("", [Fault("register", f"every facility is closed before {format_month(month)}")])
    return register_of((row for row, kept in zip(register.facilities, there, strict=True) if kept), register.country)


def identity_of(text: str) -> tuple[int, int]:
    """A digest of `text` as two 32-bit words: whose luck it is depends on the id alone."""
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def identities(texts: Iterable[str]) -> np.ndarray:
    """The identities of several texts; uint64 (n, 2)."""
    return np.array([identity_of(text) for text in texts], dtype=np.uint64).reshape(-1, 2)


# --------------------------------------------------------------------------------------------------------- reading


def read_register(path: Path | str, country: Country | None = None) -> Register:
    """The facility register of a CSV file, in a country (default: that spoken of); RegisterError with every fault."""
    country = country or home()
    table = read_table(path, _LAYOUT, RegisterError)
    _refuse_size(table)
    facilities = [_facility(row, country) for row in table.rows]
    table.refuse_repeats("id")
    table.refuse_repeats("dhis2_uid")
    _refuse_split_districts(table)
    table.refuse_faults()
    return register_of(facilities, country)


def _refuse_size(table: Table) -> None:
    """No register is empty, and none is so large that its network could not be drawn."""
    if not table.rows and not table.faults:
        table.fault("", "holds no facility")
    if len(table.rows) > MOST_FACILITIES:
        table.fault("", f"holds {len(table.rows):,} facilities", allowed=f"at most {MOST_FACILITIES:,}")
        table.refuse_faults()


def _facility(row: Row, country: Country) -> Facility:
    return Facility(
        row.text("id"), row.text("name"), row.choice("type", country.types), _province(row, country),
        row.text("operational_district"), _population(row),
        _month_of(row, "opened", BEFORE_HORIZON, "before the horizon"),
        row.optional_number("latitude", low=-90, high=90), row.optional_number("longitude", low=-180, high=180),
        _uid(row), row.optional_text("code"), _month_of(row, "closed", NOT_CLOSED, "not closed"))


def _province(row: Row, country: Country) -> str:
    """The province's English name; the message names the nearest one rather than all of them."""
    name, names = row.text("province"), country.province_names
    if name and name not in names:
        hint = suggest(name, names)
        row.fault("province", f'"{name}" is not a province of {country.name}', allowed="" if hint else listed(names),
                  hint=hint)
    return name


def _population(row: Row) -> float:
    people = row.number("population", low=0, high=MOST_PEOPLE)
    if people == 0:
        row.fault("population", "is 0", allowed="more than 0")
    return people


def _month_of(row: Row, column: str, empty: int, meaning: str) -> int:
    """Absolute month in a cell, `empty` for an empty one."""
    text = row.optional_text(column)
    try:
        return parse_month(text) if text else empty
    except ValueError:
        row.fault(column, f'"{text}" is not a month', allowed=f"a month like 2027-01, or empty for {meaning}")
        return empty


def _uid(row: Row) -> str:
    uid = row.optional_text("dhis2_uid")
    if uid and not _UID.fullmatch(uid):
        row.fault("dhis2_uid", f'"{uid}" is not a DHIS2 uid', allowed="11 letters and digits, a letter first")
    return uid


def _refuse_split_districts(table: Table) -> None:
    """A district lies in one province."""
    first: dict[str, tuple[str, int]] = {}
    for row in table.rows:
        district, province = row.cells.get("operational_district"), row.cells.get("province")
        if not district or not province:
            continue
        home, line = first.setdefault(district, (province, row.line))
        if home != province:
            row.fault("operational_district", f'"{district}" lies in {province} here and in {home} on line {line}',
                      allowed="one province for each district")


# --------------------------------------------------------------------------------------------------------- writing


def write_register(register: Register, path: Path | str) -> None:
    """Write the register as CSV; `read_register` reads it back unchanged."""
    write_new(path, register_text(register))


def register_text(register: Register) -> str:
    """The register as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    extra = any(register.code) or bool((register.closed != NOT_CLOSED).any())
    writer.writerow(COLUMNS + EXTRA_COLUMNS if extra else COLUMNS)
    for row in register.facilities:
        more = (row.code, _month(row.closed, NOT_CLOSED)) if extra else ()
        writer.writerow((*row[:5], _number(row.population), _month(row.opened, BEFORE_HORIZON), _number(row.latitude),
                         _number(row.longitude), row.dhis2_uid, *more))
    return text.getvalue()


def _number(value: float) -> str:
    """Shortest text that reads back to the same number; "" for nan."""
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def _month(number: int, empty: int) -> str:
    return "" if number == empty else format_month(number)
