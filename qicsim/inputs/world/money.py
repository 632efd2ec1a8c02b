"""What things cost and what facilities are paid: unit costs, payments by kind, payment schedules.

A schedule is piecewise linear: from `score_from` on, a facility is paid `pay` plus `slope` for each further point, as a
share of the full payment; below the first piece it is paid nothing. Schedules are compared at equal money: each is
scaled so that facilities whose scores are spread like `REFERENCE_MEAN` and `REFERENCE_SD` are paid 1 on average.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from qicsim.ground.errors import DataError
from qicsim.ground.table import Layout, Row, Table, read_table
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import default_country
from qicsim.inputs.country.record import ROLES
from qicsim.inputs.world.evidence import check_evidence
from qicsim.model.columns import KINDS, LATER_UNIT_COSTS, NO_PIECE, SCHEDULE_PIECES, UNIT_COSTS
from qicsim.model.levers import SCHEDULES

FULL_SCORE = 100.0
# The spread of scores that schedules are compared on. No distribution of scores is published: an assumption.
REFERENCE_MEAN, REFERENCE_SD = 60.0, 12.0
_GRID_STEPS = 10_000
FILLED_COSTS = ("The file of unit costs lacks {costs}; the shipped ones are used. Where its cost of a visit holds the "
                "coach's salary, that is counted twice.")

_KIND_OF_ROLE = dict(zip(ROLES, KINDS, strict=True))
_UNIT_COSTS = Layout(("key", "unit", "usd", "low", "high", "source", "grade", "note"))
_PAYMENTS = Layout(("kind", "grant", "performance_pay", "low", "high", "source", "grade"))
_SCHEDULES = Layout(("schedule", "score_from", "pay", "slope", "source", "grade"))


@dataclass(frozen=True, eq=False)
class UnitCosts:
    """US$ of the price year in the order of UNIT_COSTS, float64 (21,) each: the value used, and a range for it.

    `filled` names those that the file lacks, so that those of the shipped file stand in.
    """

    usd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitCost:
    """A unit cost as it stands in its file: US$ of the price year, its range, source, grade of evidence and note."""

    key: str
    unit: str
    usd: float
    low: float
    high: float
    source: str
    grade: str
    note: str


@dataclass(frozen=True, eq=False)
class Payments:
    """US$ a quarter by kind, float64 (2,) each: the fixed grant, and the average performance payment."""

    grant: np.ndarray
    performance_pay: np.ndarray


@dataclass(frozen=True)
class Payment:
    """What a kind of facility is paid, as it stands in its file: US$ a quarter, and a range for both parts together."""

    kind: str
    grant: float
    performance_pay: float
    low: float
    high: float
    source: str
    grade: str


@dataclass(frozen=True, eq=False)
class Schedules:
    """Pieces by schedule, in the order of SCHEDULES; float64 (4, SCHEDULE_PIECES) each.

    Pieces that a schedule does not use begin at NO_PIECE and pay nothing.
    """

    score_from: np.ndarray
    pay: np.ndarray
    slope: np.ndarray


def read_unit_costs(path: Path | str) -> UnitCosts:
    """The unit costs of a file, those of version 0.1 filled from the shipped one; DataError with every fault."""
    table = read_table(path, _UNIT_COSTS, DataError)
    by_key = {row.choice("key", UNIT_COSTS): _unit_cost(row) for row in table.rows}
    filled = tuple(key for key in LATER_UNIT_COSTS if key not in by_key)
    by_key |= {key: (shipped_rows()[key].usd, shipped_rows()[key].low, shipped_rows()[key].high) for key in filled}
    table.refuse_repeats("key")
    table.refuse_missing("key", [key for key in UNIT_COSTS if key not in filled])
    table.refuse_faults()
    usd, low, high = np.array([by_key[key] for key in UNIT_COSTS]).T.copy()
    return UnitCosts(usd, low, high, filled)


def costs_said(read: Iterable[UnitCosts]) -> tuple[Told, ...]:
    """What a reader must know of files of unit costs that lack some."""
    lacking = dict.fromkeys(costs.filled for costs in read if costs.filled)
    return tuple(tell(FILLED_COSTS, costs=", ".join(keys)) for keys in lacking)


@cache
def shipped_rows() -> dict[str, UnitCost]:
    """The shipped unit costs by their key; the model counts in their units."""
    return {row.key: row for row in _rows(default_country().table("unit_costs"))}


def unit_cost_rows(path: Path) -> tuple[UnitCost, ...]:
    """The unit costs of a file that was read and checked before, with what they say of their evidence."""
    own = _rows(path)
    lacking = set(LATER_UNIT_COSTS) - {row.key for row in own}
    return (*own, *(replace(row, source=f"not in the file, the shipped one: {row.source}")
                    for key, row in shipped_rows().items() if key in lacking))


def _rows(path: Path) -> tuple[UnitCost, ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(UnitCost(row["key"], row["unit"], float(row["usd"]), float(row["low"]), float(row["high"]),
                              row["source"], row["grade"], row.get("note") or "") for row in csv.DictReader(file))


def _unit_cost(row: Row) -> tuple[float, float, float]:
    unit, shipped = row.text("unit"), shipped_rows().get(row.text("key"))
    expected = shipped.unit if shipped else unit
    if unit != expected:
        row.fault("unit", f'"{unit}" is not the unit of this cost', allowed=expected)
    check_evidence(row)
    usd, low, high = (row.number(column, low=0, high=1e9) for column in ("usd", "low", "high"))
    if usd < low or usd > high:
        row.fault("usd", f"{usd:g} is outside its own range", allowed=f"low to high, {low:g} to {high:g}")
    return usd, low, high


def payment_rows(path: Path) -> tuple[Payment, ...]:
    """The rows of a file of payments that was read and checked before, with what they say of their evidence."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(Payment(_KIND_OF_ROLE.get(row["kind"], row["kind"]), float(row["grant"]),
                             float(row["performance_pay"]), float(row["low"]), float(row["high"]), row["source"],
                             row["grade"]) for row in csv.DictReader(file))


def read_payments(path: Path | str) -> Payments:
    """The payments of a file; DataError with every fault."""
    table = read_table(path, _PAYMENTS, DataError)
    for row in table.rows:
        row.cells["kind"] = _KIND_OF_ROLE.get(row.cells.get("kind", ""), row.cells.get("kind", ""))
    by_kind = {row.choice("kind", KINDS): _payment(row) for row in table.rows}
    table.refuse_repeats("kind")
    table.refuse_missing("kind", KINDS)
    table.refuse_faults()
    return Payments(*np.array([by_kind[kind] for kind in KINDS]).T.copy())


def _payment(row: Row) -> tuple[float, float]:
    check_evidence(row)
    grant, performance_pay, low, high = (row.number(column, low=0, high=1e9)
                                         for column in ("grant", "performance_pay", "low", "high"))
    if not low <= grant + performance_pay <= high:
        row.fault("low", f"{low:g} to {high:g} does not hold {grant + performance_pay:g}, what is paid",
                  allowed="a range that holds the grant and the performance payment together")
    return grant, performance_pay


# ------------------------------------------------------------------------------------------------------- schedules

Piece = tuple[float, float, float]


def read_schedules(path: Path | str) -> Schedules:
    """The schedules of a file, scaled to equal money; DataError with every fault."""
    table = read_table(path, _SCHEDULES, DataError)
    pieces = _pieces(table)
    table.refuse_missing("schedule", SCHEDULES)
    if not table.faults:
        for schedule in SCHEDULES:
            _check_schedule(table, schedule, pieces[schedule])
    table.refuse_faults()
    return _scaled([pieces[schedule] for schedule in SCHEDULES])


def _pieces(table: Table) -> dict[str, list[Piece]]:
    """Pieces of each schedule, from score 0 on and in the order of the score; notes scores that stand twice."""
    pieces: dict[str, list[Piece]] = {schedule: [] for schedule in ("", *SCHEDULES)}
    for row in table.rows:
        own = pieces[row.choice("schedule", SCHEDULES)]
        piece = (row.number("score_from", low=0, high=FULL_SCORE), row.number("pay", low=0, high=1000),
                 row.number("slope", low=-1000, high=1000))
        check_evidence(row)
        if piece[0] in [other[0] for other in own]:
            row.fault("score_from", f"a piece of this schedule begins at {piece[0]:g} already",
                      allowed="each score once")
        own.append(piece)
    return {schedule: _from_zero(sorted(own)) for schedule, own in pieces.items()}


def _from_zero(pieces: list[Piece]) -> list[Piece]:
    """The pieces, with one at score 0 that pays nothing where there is none."""
    return pieces if pieces and pieces[0][0] == 0.0 else [(0.0, 0.0, 0.0), *pieces]


def _check_schedule(table: Table, schedule: str, pieces: list[Piece]) -> None:
    """Few enough pieces; nobody pays to be scored, `none` pays nothing, and every other schedule pays somebody."""
    if len(pieces) > SCHEDULE_PIECES:
        table.fault(f"schedule {schedule}", f"has {len(pieces)} pieces, counting the one that begins at 0",
                    allowed=f"at most {SCHEDULE_PIECES}")
    ends = [piece[0] for piece in pieces[1:]] + [FULL_SCORE]
    if any(pay + slope * (end - start) < 0 for (start, pay, slope), end in zip(pieces, ends, strict=True)):
        table.fault(f"schedule {schedule}", "the payment falls below 0", allowed="0 or more at every score")
    paid = mean_payment(*np.array(pieces).T)
    if schedule == "none" and any(pay or slope for _, pay, slope in pieces):
        table.fault("schedule none", "pays something", allowed="0")
    if schedule != "none" and not paid > 0:
        table.fault(f"schedule {schedule}", "pays nobody", allowed="a payment above 0 at some score below 100")


def payment_at(score: np.ndarray, score_from: np.ndarray, pay: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Payment of one schedule, pieces (pieces,) each, at each score."""
    piece = np.searchsorted(score_from, score, side="right") - 1
    payment: np.ndarray = pay[piece] + slope[piece] * (score - score_from[piece])
    return payment


def mean_payment(score_from: np.ndarray, pay: np.ndarray, slope: np.ndarray) -> float:
    """Mean payment of one schedule over the reference spread of scores, cut to 0-100."""
    score = (np.arange(_GRID_STEPS) + 0.5) * (FULL_SCORE / _GRID_STEPS)
    density = np.exp(-0.5 * ((score - REFERENCE_MEAN) / REFERENCE_SD) ** 2)
    return float(np.sum(density * payment_at(score, score_from, pay, slope)) / np.sum(density))


def _scaled(schedules: list[list[Piece]]) -> Schedules:
    """Schedules of equal money, filled up with pieces that no score reaches."""
    unused = (NO_PIECE, 0.0, 0.0)
    arrays = np.array([pieces + [unused] * (SCHEDULE_PIECES - len(pieces)) for pieces in schedules])
    for pieces in arrays:
        pieces[:, 1:] /= mean_payment(*pieces.T) or 1.0
    return Schedules(*(arrays[:, :, part] for part in range(3)))
