"""Facilities as files name them, before anything is decided: from tables, and from DHIS2 organisation units.

Units come as metadata CSV (by position) and as JSON of the web API, flat or nested with `children`; groups may stand in
the units, beside them, or in a file of their own. Fields are those of DHIS2 2.40 to 2.42, Developer manual,
"Organisation units" (id, code, name, level, path, parent, children, openingDate, closedDate, geometry,
organisationUnitGroups).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qicsim.ground.files import from_json
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.files import Grid, Opened
from qicsim.inputs.exchange.findings import NOT_USED, Accounts, Findings, Proposal
from qicsim.inputs.exchange.headings import Headed, Vocabulary, headed, place, understood
from qicsim.inputs.exchange.settings import DEEPEST, LEAVE_OUT, Settings
from qicsim.inputs.exchange.words import field_of, kind_of, normal

POSITIONS = ("name", "uid", "code", "parent", "short_name", "description", "opened", "closed", "comment",
             "feature_type", "coordinates")
FIELDS = ("/api/organisationUnits.json?paging=false&fields=id,code,name,level,path,openingDate,closedDate,geometry,"
          "organisationUnitGroups[id,name]")
SHOWN = 5
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
    """Units of the web API: an object with `organisationUnits`, the list itself, or one unit with its children."""
    listed = value.get("organisationUnits") if isinstance(value, dict) else value
    if listed is None and isinstance(value, dict) and isinstance(value.get("children"), list):
        listed = [value]
    if not isinstance(listed, list):
        if groups_of_json(value) == ({}, {}):
            findings.error("not organisation units", file, tell('is JSON without "organisationUnits"'),
                           allowed=tell("the answer of /api/organisationUnits.json"))
        return []
    flat = list(_flat(listed, "", 0))
    found = [_json_unit(file, row, one, parent, depth) for row, (one, parent, depth) in enumerate(flat, start=1)
             if isinstance(one, dict)]
    for row, (one, _, _) in enumerate(flat, start=1):
        if not isinstance(one, dict):
            findings.error("not organisation units", place(file, "", row), tell("is not an object"))
    _say_pages(file, value, findings)
    if len(found) > 1 and not any(unit.parent or unit.level for unit in found):
        findings.error("units without parents", place(file, "", found[0].row),
                       tell("{count} organisation units, and none says its parent, path or level",
                            count=f"{len(found):,}"), allowed=tell("units with their place in the hierarchy"),
                       hint=tell("Ask for {fields}", fields=FIELDS))
        return []
    return found


def _flat(listed: Sequence[Any], parent: str, depth: int) -> Iterator[tuple[Any, str, int]]:
    """Units with those nested in them, in the order of the file; the uid or code of the unit above, and its depth."""
    waiting = [(one, parent, depth) for one in reversed(listed)]
    while waiting:
        one, above, level = waiting.pop()
        yield one, above, level
        children = one.get("children") if isinstance(one, dict) else None
        full = [each for each in (children if isinstance(children, list) else ())
                if isinstance(each, dict) and _text(each, "name", "displayName")]
        if level < DEEPEST:
            waiting += [(each, _text(one, "id", "uid", "code"), level + 1) for each in reversed(full)]


def groups_of_json(value: Any) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Names of groups by uid of their members, and by their own uid, where groups stand beside units or alone.

    In a metadata export a unit's own groups, if any, are no more than references.
    """
    members: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    listed = value.get("organisationUnitGroups") if isinstance(value, dict) else None
    for group in listed if isinstance(listed, list) else ():
        if not isinstance(group, dict):
            continue
        said = list(_group_names([group]))
        if isinstance(group.get("id"), str):
            names.setdefault(group["id"], []).extend(said)
        of_group = group.get("organisationUnits")
        for member in of_group if isinstance(of_group, list) else ():
            if isinstance(member, dict) and isinstance(member.get("id"), str):
                members.setdefault(member["id"], []).extend(said)
    return members, names


def with_groups(units: Sequence[Unit], members: Mapping[str, Sequence[str]],
                names: Mapping[str, Sequence[str]]) -> list[Unit]:
    """Units with the names of their groups, whichever file says them."""
    return [unit._replace(groups=tuple(dict.fromkeys((
        *unit.groups, *(name for group in unit.groups for name in names.get(group, ())),
        *members.get(unit.uid, ()))))) for unit in units]


def _say_pages(file: str, value: Any, findings: Findings) -> None:
    pager = value.get("pager") if isinstance(value, dict) else None
    if isinstance(pager, dict) and str(pager.get("pageCount", "1")) != "1":
        findings.note("pages", file, tell("is page {page} of {pages}; give every page",
                                                   page=pager.get("page"), pages=pager.get("pageCount")))


def _json_unit(file: str, row: int, one: dict[str, Any], nested: str, depth: int) -> Unit:
    """A unit; `nested` is the unit that holds it as a child, at `depth` below the outermost."""
    parent = one.get("parent")
    path = [part for part in str(one.get("path") or "").split("/") if part]
    above = str(parent.get("id") or parent.get("code") or "") if isinstance(parent, dict) else str(parent or "")
    longitude, latitude = _point(one.get("geometry") or one.get("coordinates") or "")
    level = one.get("level")
    groups = one.get("organisationUnitGroups")
    return Unit(file, "", row, _text(one, "name", "displayName", "shortName"), _text(one, "id", "uid"),
                _text(one, "code"), above or (path[-_PAIR] if len(path) >= _PAIR else "") or nested,
                level if isinstance(level, int) and 0 < level <= DEEPEST else len(path) or (depth and depth + 1),
                _text(one, "openingDate"),
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
            value = from_json(value)
        except ValueError:
            return "", ""
    pair = value.get("coordinates") if isinstance(value, dict) else value
    if isinstance(pair, list) and len(pair) == _PAIR and all(isinstance(each, int | float) for each in pair):
        return str(pair[0]), str(pair[1])
    return "", ""


# ------------------------------------------------------------------------------------------------------- hierarchy


class Placed(NamedTuple):
    """A unit, the names of its province and district, and uid and code of the units of these."""

    unit: Unit
    above: dict[str, str]
    units_above: dict[str, tuple[str, str]]


def facilities_of(units: Sequence[Unit], settings: Settings, findings: Findings,
                  accounts: Accounts) -> tuple[list[Placed], dict[str, str]]:
    """The units at the facility level with their district and province; what the others are, by uid and code.

    A unit of another level whose crosswalk says a district is a facility too. One above that looks like a facility is
    asked about.
    """
    known: dict[str, Unit] = {}
    for unit in units:
        for key in filter(None, (unit.code, unit.uid)):
            known.setdefault(key, unit)
    found: list[Placed] = []
    others: dict[str, str] = {}
    asked: list[tuple[Unit, int]] = []
    below: list[tuple[Unit, int]] = []
    wanted = settings.levels["facility"]
    for unit in _once(units, accounts, findings):
        chain = _chain(unit, known)
        level = unit.level or len(chain)
        by_level = {one.level or len(_chain(one, known)): one for one in chain[1:]}
        homes = {name: one for name in ("province", "district") if (one := by_level.get(settings.levels[name]))}
        above = {"province": homes["province"].name if "province" in homes else "",
                 "operational_district": homes["district"].name if "district" in homes else ""}
        said = next((meant for key in (unit.uid, unit.code, unit.name)
                     if (meant := settings.crosswalk.parent.get(normal(key)))), "")
        if level == wanted or said:
            if said:
                above["operational_district"] = said
            found.append(Placed(unit, above, {name: (one.uid, one.code) for name, one in homes.items()}))
            continue
        where = "above" if level < wanted else "below"
        others |= {normal(key): f'"{unit.name[:60]}" is a unit at level {level}, {where} the facility level'
                   for key in (unit.uid, unit.code) if key}
        if _is_facility(unit, settings):
            (asked if level < wanted else below).append((unit, level))
        accounts.add_rows(unit.file, unit.sheet, [unit.row], NOT_USED, f"unit {where} the facility level")
    _ask(asked, below, wanted, findings)
    return found, others


def _is_facility(unit: Unit, settings: Settings) -> bool:
    """Whether name or groups of a unit are those of a facility that is simulated."""
    texts = ("", normal("; ".join(unit.groups)), normal(unit.name))
    kind, _ = kind_of(texts, (normal(unit.uid), normal(unit.code)), settings.types)
    return kind not in ("", LEAVE_OUT)


def _ask(above: Sequence[tuple[Unit, int]], below: Sequence[tuple[Unit, int]], wanted: int, findings: Findings) -> None:
    """One line for the units above the facility level that look like facilities, one for those below."""
    for several, where in ((above, "above"), (below, "below")):
        if not several:
            continue
        first, level = several[0]
        shown = ", ".join(f'"{unit.name[:60]}" ({place("", "", unit.row)})' for unit, _ in several[:SHOWN])
        text = tell("units at level {level}, above the facility level {wanted}, with the name or groups of a facility "
                    "({count}): {units}" if where == "above" else
                    "units at level {level}, below the facility level {wanted}, with the name or groups of a facility "
                    "({count}): {units}", level=level, wanted=wanted, count=f"{len(several):,}",
                    units=shown + (" ..." if len(several) > SHOWN else ""))
        hint = tell("Say their districts in --crosswalk FILE: parent,{unit},DISTRICT; or check --levels",
                    unit=first.uid or first.code)
        if where == "above":
            findings.proposals += [Proposal("parent", unit.uid or unit.code or unit.name, "", 0.0, 1, unit.place)
                                   for unit, _ in several]
            findings.question("levels", "units at another level", first.place, text, hint=hint, count=len(several))
        else:
            findings.warning("units at another level", first.place, tell("{what}; they are left out", what=text),
                             hint=hint, count=len(several))


def _once(units: Sequence[Unit], accounts: Accounts, findings: Findings) -> Iterator[Unit]:
    """Units without those that stand on an earlier page already."""
    seen: dict[str, Unit] = {}
    for unit in units:
        first = seen.setdefault(unit.uid, unit) if unit.uid else unit
        if first is not unit and first[3:] == unit[3:]:
            accounts.add_rows(unit.file, unit.sheet, [unit.row], NOT_USED, "the same organisation unit again")
            findings.warning("duplicates", unit.place, tell(
                '"{name}" is the same as {place}; it is used once', name=unit.name, place=first.place))
        else:
            yield unit


def _chain(unit: Unit, known: dict[str, Unit]) -> list[Unit]:
    """A unit and those above it, itself first; it ends where the parent is not known or comes back."""
    chain = [unit]
    while len(chain) <= DEEPEST and (parent := known.get(chain[-1].parent)) is not None and parent not in chain:
        chain.append(parent)
    return chain


# ----------------------------------------------------------------------------------------------------------- candidates

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
                             allowed=tell("headings like name, type, province, operational district, population"))
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
