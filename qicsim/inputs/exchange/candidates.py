"""Facilities as files name them, before anything is decided: from tables, and from DHIS2 organisation units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qicsim.inputs.exchange.file_reading import Grid, Opened
from qicsim.inputs.exchange.header_detection import Headed, Vocabulary, headed, place, understood
from qicsim.inputs.exchange.row_audit import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.units import (
    Unit,
    facilities_of,
    groups_of_json,
    is_units_table,
    units_of_json,
    units_of_table,
    with_groups,
)

TEXTS = ("id", "code", "dhis2_uid", "name", "type", "province", "operational_district", "population", "opened",
         "closed", "latitude", "longitude", "ownership", "groups")


@dataclass
class Candidate:
    """One facility of an input file: `texts` has every one of TEXTS, "" where the file says nothing.

    `above` has uid and code of the organisation units of its district and province, where the file says them.
    """

    file: str
    sheet: str
    row: int
    texts: dict[str, str] = field(default_factory=dict)
    above: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it stands."""
        return place(self.file, self.sheet, self.row)

    @property
    def label(self) -> str:
        """Its name, or whatever names it."""
        return next((self.texts[key] for key in ("name", "id", "dhis2_uid", "code") if self.texts[key]), "")


class Found(NamedTuple):
    """The facilities of the files, and what organisation units of other levels are, by normalised uid and code."""

    candidates: list[Candidate]
    others: dict[str, str]


def candidates(files: Sequence[Opened], settings: Settings, findings: Findings, accounts: Accounts) -> Found:
    """The facilities of all register files; units of other levels stand in `accounts` as not used."""
    found: list[Candidate] = []
    others: dict[str, str] = {}
    units: list[Unit] = []
    members: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for file in files:
        if file.value is not None:
            units += units_of_json(file.name, file.value, findings)
            for known, of_file in zip((members, names), groups_of_json(file.value), strict=True):
                for key, texts in of_file.items():
                    known.setdefault(key, []).extend(texts)
        for grid in file.grids:
            if is_units_table(grid):
                units += units_of_table(grid, accounts)
            else:
                found += _of_table(grid, settings, findings, accounts, alone=len(file.grids) == 1)
    if units:
        facilities, others = facilities_of(with_groups(units, members, names), settings, findings, accounts)
        found += [_of_unit(unit, above, units_above) for unit, above, units_above in facilities]
    return Found(found, others)


def _of_table(grid: Grid, settings: Settings, findings: Findings, accounts: Accounts, *,
              alone: bool) -> list[Candidate]:
    vocabulary = Vocabulary(("register",), None, settings.headings)
    table = headed(grid, vocabulary, findings, accounts)
    if table is None:
        accounts.add_rows(grid.file, grid.sheet, grid.rows.index.tolist(), NOT_USED, "no headings of a register")
        found = f"no row with headings of a register was found{understood(grid, vocabulary)}"
        findings.passed_over(place(grid.file, grid.sheet), found, alone=alone,
                             allowed="headings like name, type, province, operational district, population")
        return []
    return _rows_of(table, accounts)


def _rows_of(table: Headed, accounts: Accounts) -> list[Candidate]:
    names, found, empty = list(table.fields.columns), [], []
    for row, *cells in table.fields.itertuples():
        texts = dict(zip(names, map(str.strip, cells), strict=True))
        if any(texts.values()):
            found.append(Candidate(table.file, table.sheet, row, {key: texts.get(key, "") for key in TEXTS}))
        else:
            empty.append(row)
    accounts.add_rows(table.file, table.sheet, empty, NOT_USED, "empty")
    return found


def _of_unit(unit: Unit, above: dict[str, str], units_above: dict[str, tuple[str, str]]) -> Candidate:
    """A facility's unit; the names of the units above it are its district and province."""
    texts = {"id": unit.uid or unit.code, "dhis2_uid": unit.uid, "code": unit.code, "name": unit.name,
             "opened": unit.opened, "closed": unit.closed, "latitude": unit.latitude, "longitude": unit.longitude,
             "groups": "; ".join(unit.groups), **above}
    return Candidate(unit.file, unit.sheet, unit.row, {key: texts.get(key, "") for key in TEXTS}, units_above)
