"""What is known of real facilities: the level of their recorded scores at a month, and who joined and left when.

Two optional data files of a scenario. `levels` (facility, month, mean, sd; from `qicsim.inputs.observed.levels`) holds
one month, the anchor, which ends a quarter; its columns area_KEY are levels of care areas. `joined` (facility, joined,
left) holds months.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month, parse_month
from qicsim.ground.errors import DataError, Fault
from qicsim.ground.table import Layout, Row, Table, read_table, suggest
from qicsim.inputs.world.register import Register
from qicsim.model.columns import NOT_KNOWN

AREA = "area_"
"""Before the key of a care area in the headings of levels."""
_LEVELS = Layout(("facility", "month", "mean", "sd"),
                 optional=("quarters", "observed_mean", "shrinkage", "last_scored"), more=re.compile(AREA + r"\w+"))
_JOINED = Layout(("facility", "joined"), optional=("left",))


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of the recorded score: `facility` ids, `month` absolute, `mean` and `sd` (n,) in points.

    `scores` (n,) is how many scores a facility has, `own_weight` (n,) their weight in its level, nan where the file
    does not say; `last_scored` (n,) the quarter of the last one, "" where there is none. `areas` (n,) are the levels of
    care areas by key, nan where there is none.
    """

    facility: tuple[str, ...]
    month: int
    mean: np.ndarray
    sd: np.ndarray
    scores: np.ndarray
    own_weight: np.ndarray
    last_scored: tuple[str, ...]
    areas: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Joins:
    """Who joined and left when: absolute months (n,), NOT_KNOWN where nothing is said."""

    facility: tuple[str, ...]
    joined: np.ndarray
    left: np.ndarray

    @property
    def last(self) -> int:
        """Last month of the quarter of the last event; NOT_KNOWN without any."""
        latest = int(max(self.joined.max(initial=NOT_KNOWN), self.left.max(initial=NOT_KNOWN)))
        return latest if latest == NOT_KNOWN else latest + MONTHS_PER_QUARTER - 1 - latest % MONTHS_PER_QUARTER


def read_levels(path: Path | str, known: Collection[str] | None = None) -> Levels:
    """The levels of a CSV file; DataError with every fault, facilities that are not among the `known` ones too."""
    table = read_table(path, _LEVELS, DataError)
    ids, months = [row.text("facility") for row in table.rows], [_month(row, "month") for row in table.rows]
    mean = [row.number("mean", low=0, high=100) for row in table.rows]
    sd = [row.number("sd", low=0, high=100) for row in table.rows]
    scores = np.array([row.optional_number("quarters", low=0, high=np.inf) for row in table.rows])
    own_weight = 1.0 - np.array([row.optional_number("shrinkage", low=0, high=1) for row in table.rows])
    last = [row.optional_text("last_scored") for row in table.rows]
    keys = [name for name in (table.rows[0].cells if table.rows else ()) if name.startswith(AREA)]
    areas = {name.removeprefix(AREA): np.array([row.optional_number(name, low=0, high=100) for row in table.rows])
             for name in keys}
    table.refuse_repeats("facility")
    _refuse_strangers(table, known)
    _refuse_months(table, months)
    table.refuse_faults()
    return Levels(tuple(ids), months[0], np.array(mean), np.array(sd), scores, own_weight, tuple(last), areas)


def read_joined(path: Path | str, known: Collection[str] | None = None) -> Joins:
    """The roll-out history of a CSV file; DataError with every fault, as `read_levels`."""
    table = read_table(path, _JOINED, DataError)
    ids = [row.text("facility") for row in table.rows]
    joined, left = ([_month(row, column) for row in table.rows] for column in ("joined", "left"))
    for row, first, last in zip(table.rows, joined, left, strict=True):
        if last != NOT_KNOWN and not NOT_KNOWN != first <= last:
            row.fault("left", f"{format_month(last)} has no month of joining before it")
    table.refuse_repeats("facility")
    _refuse_strangers(table, known)
    table.refuse_faults()
    return Joins(tuple(ids), np.array(joined, dtype=np.int64), np.array(left, dtype=np.int64))


def anchor_of(data: Mapping[str, Path]) -> int | None:
    """The month of the levels among the data files of a scenario, or None without levels."""
    return read_levels(data["levels"]).month if "levels" in data else None


def facility_columns(data: Mapping[str, Path], register: Register, everyone: Iterable[str], start: int, months: int,
                     *, areas: Sequence[str]) -> dict[str, np.ndarray]:
    """Columns of the facilities' table for what the data files say; none without such files.

    `everyone` names the facilities of the register's file, also those left out of `register`; months are of the run;
    `areas` are the keys of the care areas.
    """
    known, columns = set(everyone), {}
    if "levels" in data:
        levels = read_levels(data["levels"], known)
        _refuse_outside(data["levels"], levels.month, start, months)
        at, opened = rows_in(levels.facility, register), np.maximum(register.opened - start, 0)
        columns["level_month"] = np.where(at >= 0, np.maximum(levels.month - start, opened), NOT_KNOWN)
        columns["level"] = np.where(at >= 0, levels.mean[at], 0.0)
        columns["level_sd"] = np.where(at >= 0, levels.sd[at], 0.0)
        columns["area_level"] = _area_levels(data["levels"], levels, areas, at)
    if "joined" in data:
        joins = read_joined(data["joined"], known)
        at, opened = rows_in(joins.facility, register), np.maximum(register.opened - start, 0)
        for name, event in (("joined", joins.joined), ("left", joins.left)):
            there = np.where(at >= 0, np.append(event, NOT_KNOWN)[at], NOT_KNOWN)
            columns[name] = np.where(there >= 0, np.maximum(there - start, opened), NOT_KNOWN)
    return columns


def _area_levels(path: Path, levels: Levels, areas: Sequence[str], at: np.ndarray) -> np.ndarray:
    """Levels of care areas (F, A), NOT_KNOWN where there is none; DataError for other areas."""
    faults = [Fault(AREA + key, "is of no care area", hint=suggest(key, areas)) for key in levels.areas
              if key not in areas]
    if faults:
        raise DataError(str(path), faults)
    found = np.full((len(at), len(areas)), float(NOT_KNOWN))
    for key, values in levels.areas.items():
        found[:, areas.index(key)] = np.where((at >= 0) & np.isfinite(values[at]), values[at], NOT_KNOWN)
    return found


def known_months(data: Mapping[str, Path], start: int, months: int) -> np.ndarray:
    """1 for each month of the run in which who joins is known, else 0; int64 (months,).

    It is known until the levels' month or the quarter of the last event; the first quarter always, for the teams that
    are older than the run.
    """
    if "joined" not in data:
        return np.zeros(months, dtype=np.int64)
    last = max(read_joined(data["joined"]).last, anchor_of(data) or NOT_KNOWN, start + MONTHS_PER_QUARTER - 1)
    return (np.arange(start, start + months) <= last).astype(np.int64)


# ---------------------------------------------------------------------------------------------------------- pieces


def _month(row: Row, column: str) -> int:
    """An absolute month; NOT_KNOWN for an empty cell or a missing column."""
    text = row.optional_text(column)
    try:
        return parse_month(text) if text else NOT_KNOWN
    except ValueError:
        row.fault(column, f'"{text}" is not a month', allowed="a month like 2026-06")
        return NOT_KNOWN


def _refuse_months(table: Table, months: list[int]) -> None:
    """Levels hold at one month, the last of a quarter."""
    if not months:
        table.fault("", "holds no level")
        return
    for row, month in zip(table.rows, months, strict=True):
        if month == NOT_KNOWN and not row.cells.get("month"):
            row.fault("month", "is empty", allowed="a month like 2026-06")
        elif month not in (NOT_KNOWN, months[0]):
            row.fault("month", f"{format_month(month)} is not the month of the first line",
                      allowed=format_month(months[0]))
    if months[0] != NOT_KNOWN and (months[0] + 1) % MONTHS_PER_QUARTER:
        table.fault("month", f"{format_month(months[0])} does not end a quarter", allowed="the last month of a quarter")


def _refuse_strangers(table: Table, known: Collection[str] | None) -> None:
    """Each facility is one of the register."""
    for row in table.rows:
        name = row.cells.get("facility", "")
        if name and known is not None and name not in known:
            row.fault("facility", f'"{name}" is not in the register', hint=suggest(name, known))


def _refuse_outside(path: Path, month: int, start: int, months: int) -> None:
    """The levels' month lies in the run."""
    if not start <= month < start + months:
        first, last = format_month(start), format_month(start + months - 1)
        raise DataError(str(path.parent), [Fault(
            path.name, f"the levels are those of {format_month(month)}, and the scenario runs from {first} to {last}",
            "a horizon that holds that month", f"Runs start from the observed levels: say --until {format_month(month)}"
            ", or later" if month > start else "A later round of scores, or a scenario that begins earlier")])


def rows_in(facilities: tuple[str, ...], register: Register) -> np.ndarray:
    """For each facility of the register its row among `facilities`, or -1; int64 (F,)."""
    place = {name: row for row, name in enumerate(facilities)}
    return np.array([place.get(name, -1) for name in register.id], dtype=np.int64)
