"""DHIS2 organisation units: the metadata CSV (by position) and the JSON of the web API (one file or several pages)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from qicsim.inputs.exchange.file_reading import Grid
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_audit import NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.settings import DEEPEST, Settings
from qicsim.inputs.exchange.synonyms import field_of, normal

POSITIONS = ("name", "uid", "code", "parent", "short_name", "description", "opened", "closed", "comment",
             "feature_type", "coordinates")
_PAIR = 2


class Unit(NamedTuple):
    """One organisation unit; `parent` is a uid or code; `level` 0 where the file does not say it."""

    file: str
    sheet: str
    row: int
    name: str
    uid: str = ""
    code: str = ""
    parent: str = ""
    level: int = 0
    opened: str = ""
    closed: str = ""
    latitude: str = ""
    longitude: str = ""
    groups: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands."""
        return place(self.file, self.sheet, self.row)


# --------------------------------------------------------------------------------------------------------- reading


def is_units_table(grid: Grid) -> bool:
    """Whether a table is a metadata export: its header names parents, and a name first."""
    cells = [normal(cell) for cell in grid.rows.iloc[0]]
    fields = {field_of(cell, "units") for cell in cells}
    return len(cells) >= 4 and "parent" in fields and "name" in fields  # noqa: PLR2004 (the smallest export)


def units_of_table(grid: Grid, accounts: Accounts) -> list[Unit]:
    """Units of a metadata CSV: columns by their heading, or by position where the heading is not known."""
    names: dict[str, int] = {}
    for column, heading in enumerate(grid.rows.iloc[0]):
        names.setdefault(field_of(heading, "units"), column)
    for column, name in enumerate(POSITIONS[:grid.rows.shape[1]]):
        if name not in names and column not in names.values():
            names[name] = column
    accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:1].tolist(), NOT_USED, "headings")
    found, empty = [], []
    for row, *cells in grid.rows.iloc[1:].itertuples():
        texts = {name: cells[column].strip() for name, column in names.items() if name}
        if any(texts.values()):
            found.append(_unit(grid.file, grid.sheet, row, texts))
        else:
            empty.append(row)
    accounts.add_rows(grid.file, grid.sheet, empty, NOT_USED, "empty")
    return found


def _unit(file: str, sheet: str, row: int, texts: dict[str, str]) -> Unit:
    longitude, latitude = _point(texts.get("coordinates", ""))
    return Unit(file, sheet, row, texts.get("name", ""), texts.get("uid", ""), texts.get("code", ""),
                texts.get("parent", ""), 0, texts.get("opened", ""), texts.get("closed", ""), latitude, longitude)


def units_of_json(file: str, value: Any, findings: Findings) -> list[Unit]:
    """Units of the web API: an object with `organisationUnits`, or the list itself; errors go to `findings`."""
    listed = value.get("organisationUnits") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        findings.error("not organisation units", file, 'is JSON without "organisationUnits"',
                       allowed="the answer of /api/organisationUnits.json")
        return []
    found = []
    groups = _groups_above(value)
    for row, one in enumerate(listed, start=1):
        if isinstance(one, dict):
            unit = _json_unit(file, row, one)
            found.append(unit._replace(groups=tuple(dict.fromkeys((*unit.groups, *groups.get(unit.uid, ()))))))
        else:
            findings.error("not organisation units", place(file, "", row), "is not an object")
    _say_pages(file, value, findings)
    return found


def _groups_above(value: Any) -> dict[str, list[str]]:
    """Names of groups by uid of their members, where the groups stand beside the units, as in a metadata export.

    There a unit's own groups, if any, are no more than references.
    """
    found: dict[str, list[str]] = {}
    listed = value.get("organisationUnitGroups") if isinstance(value, dict) else None
    for group in listed if isinstance(listed, list) else ():
        members = group.get("organisationUnits") if isinstance(group, dict) else None
        for member in members if isinstance(members, list) else ():
            if isinstance(member, dict) and isinstance(member.get("id"), str):
                found.setdefault(member["id"], []).extend(_group_names([group]))
    return found


def _say_pages(file: str, value: Any, findings: Findings) -> None:
    pager = value.get("pager") if isinstance(value, dict) else None
    if isinstance(pager, dict) and str(pager.get("pageCount", "1")) != "1":
        findings.note("pages", file, f"is page {pager.get('page')} of {pager.get('pageCount')}; give every page")


def _json_unit(file: str, row: int, one: dict[str, Any]) -> Unit:
    parent = one.get("parent")
    path = [part for part in str(one.get("path") or "").split("/") if part]
    above = str(parent.get("id") or parent.get("code") or "") if isinstance(parent, dict) else str(parent or "")
    longitude, latitude = _point(one.get("geometry") or one.get("coordinates") or "")
    level = one.get("level")
    groups = one.get("organisationUnitGroups")
    return Unit(file, "", row, _text(one, "name", "displayName", "shortName"), _text(one, "id", "uid"),
                _text(one, "code"), above or (path[-_PAIR] if len(path) >= _PAIR else ""),
                level if isinstance(level, int) and 0 < level <= DEEPEST else len(path), _text(one, "openingDate"),
                _text(one, "closedDate"), latitude, longitude, tuple(_group_names(groups)))


def _text(one: dict[str, Any], *keys: str) -> str:
    return next((str(one[key]).strip() for key in keys if isinstance(one.get(key), str | int)), "")


def _group_names(groups: Any) -> Iterator[str]:
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict):
            yield from (str(group[key]) for key in ("name", "displayName", "code", "id") if group.get(key))


def _point(value: Any) -> tuple[str, str]:
    """Longitude and latitude as text, from GeoJSON or from text like [104.9, 11.5]; "" where there is no point."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return "", ""
    pair = value.get("coordinates") if isinstance(value, dict) else value
    if isinstance(pair, list) and len(pair) == _PAIR and all(isinstance(each, int | float) for each in pair):
        return str(pair[0]), str(pair[1])
    return "", ""


# ------------------------------------------------------------------------------------------------------- hierarchy


def facilities_of(units: Sequence[Unit], settings: Settings, findings: Findings,
                  accounts: Accounts) -> Iterator[tuple[Unit, dict[str, str]]]:
    """The units at the facility level, each with the names of its district and province; the others in `accounts`."""
    known: dict[str, Unit] = {}
    for unit in units:
        for key in filter(None, (unit.code, unit.uid)):
            known.setdefault(key, unit)
    for unit in _once(units, accounts, findings):
        chain = _chain(unit, known)
        level = unit.level or len(chain)
        if level != settings.levels["facility"]:
            where = "above" if level < settings.levels["facility"] else "below"
            accounts.add_rows(unit.file, unit.sheet, [unit.row], NOT_USED, f"unit {where} the facility level")
            continue
        names = {one.level or len(_chain(one, known)): one.name for one in chain}
        yield unit, {"province": names.get(settings.levels["province"], ""),
                     "operational_district": names.get(settings.levels["district"], "")}


def _once(units: Sequence[Unit], accounts: Accounts, findings: Findings) -> Iterator[Unit]:
    """Units without those that stand on an earlier page already."""
    seen: dict[str, Unit] = {}
    for unit in units:
        first = seen.setdefault(unit.uid, unit) if unit.uid else unit
        if first is not unit and first[3:] == unit[3:]:
            accounts.add_rows(unit.file, unit.sheet, [unit.row], NOT_USED, "the same organisation unit again")
            findings.warning("duplicates", unit.place, f'"{unit.name}" is the same as {first.place}; it is used once')
        else:
            yield unit


def _chain(unit: Unit, known: dict[str, Unit]) -> list[Unit]:
    """A unit and those above it, itself first; it ends where the parent is not known or comes back."""
    chain = [unit]
    while len(chain) <= DEEPEST and (parent := known.get(chain[-1].parent)) is not None and parent not in chain:
        chain.append(parent)
    return chain
