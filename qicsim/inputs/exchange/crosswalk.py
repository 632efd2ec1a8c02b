"""The crosswalk file: what the texts of a planner's files mean in the register, in the planner's own words.

A table with the columns kind, from, to:

    kind,from,to
    facility,Chrey,Chrey Health Centre     old name or code -> a facility of the register, or `leave out`
    heading,Distr.,operational_district    heading of a column -> a field, or `leave out`
    type,Centre de sante,health_centre     type -> a type of facility, or `leave out`
    province,Northmark Town,Northmark      name -> a province
    parent,Fy1RCnf6vWb,OD Thma Koul        organisation unit at another level -> its district

Two old facilities that lead to one are merged: the mean of their scores counts. One that leads to two was split: its
scores count for both. Rows whose `to` is empty are questions that wait for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from qicsim.ground.errors import Fault
from qicsim.ground.files import without_formulas, write_text
from qicsim.ground.table import listed, suggest
from qicsim.inputs.country import home
from qicsim.inputs.exchange.files import Grid, open_files
from qicsim.inputs.exchange.findings import Findings, Proposal
from qicsim.inputs.exchange.words import normal, words

LEAVE_OUT = "leave out"
COLUMNS = ("kind", "from", "to")
MORE = ("score", "rows", "where")
KINDS = ("facility", "heading", "type", "province", "parent")
TABLES = ("register", "scores", "joined")


class Crosswalk(NamedTuple):
    """Normalised text -> what it means, for each kind; a facility may mean several."""

    facility: Mapping[str, tuple[str, ...]] = {}
    heading: Mapping[str, str] = {}
    type: Mapping[str, str] = {}
    province: Mapping[str, str] = {}
    parent: Mapping[str, str] = {}


class Answer(NamedTuple):
    """One row of a crosswalk file, and where it stands."""

    kind: str
    text: str
    meant: str
    place: str


def read_crosswalk(paths: Iterable[Path | str], faults: list[Fault]) -> Crosswalk:
    """The answers of crosswalk files; what is wrong in them goes to `faults`."""
    findings = Findings()
    opened = open_files(paths, "crosswalk", findings)
    faults += [Fault(one.place, one.found) for one in findings.of("error")]
    faults += [Fault(file.name, "is JSON", "a table with the columns kind, from, to") for file in opened
               if file.value is not None]
    grids = [grid for file in opened for grid in file.grids]
    named = [grid for grid in grids if normal(grid.sheet) == "crosswalk"]
    answers = [answer for grid in named or grids for answer in _answers(grid, faults)]
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    facilities: dict[str, tuple[str, ...]] = {}
    for one in answers:
        if (meant := _meant(one, faults)) is None:
            continue
        key = normal(one.text)
        if one.kind == "facility":
            facilities[key] = tuple(dict.fromkeys((*facilities.get(key, ()), meant)))
        elif found[one.kind].setdefault(key, meant) != meant:
            faults.append(Fault(one.place, f'"{one.text[:60]}" has two meanings: {found[one.kind][key]} and {meant}'))
    faults += [Fault("", f'"{text[:60]}" is left out, and leads to {listed(meant)} as well')
               for text, meant in facilities.items() if LEAVE_OUT in meant and len(meant) > 1]
    return Crosswalk(facilities, *(found[kind] for kind in KINDS[1:]))


def _answers(grid: Grid, faults: list[Fault]) -> list[Answer]:
    heads = [normal(cell) for cell in grid.rows.iloc[0]]
    missing = [name for name in COLUMNS if name not in heads]
    if missing:
        faults.append(Fault(grid.file, f"has no column {listed(missing)}", "the columns kind, from, to"))
        return []
    at = [heads.index(name) for name in COLUMNS]
    found = []
    for row, *cells in grid.rows.iloc[1:].itertuples():
        kind, text, meant = (cells[column].strip() for column in at)
        if (kind or text or meant) and not kind.startswith("#"):
            found.append(Answer(normal(kind), text, meant, f"{grid.file}, row {row}"))
    return found


def _meant(one: Answer, faults: list[Fault]) -> str | None:
    """What an answer says, checked; None where it says nothing or something wrong."""
    if one.kind not in KINDS or not one.text:
        faults.append(Fault(one.place, f'"{one.kind[:60]}" is not a kind' if one.text else "has no text in `from`",
                            listed(KINDS), suggest(one.kind, KINDS) if one.text else ""))
        return None
    if not one.meant:
        return None
    if normal(one.meant) == LEAVE_OUT and one.kind in ("facility", "heading", "type"):
        return LEAVE_OUT
    allowed = _allowed(one.kind)
    meant = next((each for each in allowed if normal(each) == normal(one.meant)), "") if allowed else one.meant
    if not meant:
        faults.append(Fault(one.place, f'"{one.meant[:60]}" is not a {one.kind}', listed(allowed),
                            suggest(one.meant, allowed)))
        return None
    return meant


def _allowed(kind: str) -> list[str]:
    """What a kind of text can mean; nothing where only the register says it."""
    if kind == "heading":
        return list(dict.fromkeys(field for table in TABLES for field in words(table)))
    if kind == "type":
        return list(home().types)
    return list(home().province_names) if kind == "province" else []


# ------------------------------------------------------------------------------------------------------ proposals


def write_proposals(proposals: Iterable[Proposal], path: Path) -> None:
    """Write the texts that were not understood as a crosswalk file: the nearest meaning, and how alike the two are.

    The column `to` is empty where nothing is near. Whoever corrects it gives the file back with `--crosswalk`.
    """
    import pandas as pd

    once: dict[tuple[str, str], Proposal] = {}
    for one in proposals:
        known = once.get((one.kind, one.text))
        once[one.kind, one.text] = one if known is None else known._replace(rows=known.rows + one.rows)
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = sorted(once.values(), key=lambda each: (order[each.kind], -each.rows, each.text))
    rows = [(one.kind, one.text, one.meant, f"{one.score:.2f}" if one.meant else "", one.rows, one.place)
            for one in ordered]
    table = pd.DataFrame(rows, columns=[*COLUMNS, *MORE])
    write_text(path, without_formulas(table).to_csv(index=False, lineterminator="\n"))
