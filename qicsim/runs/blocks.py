"""Blocks: what is kept of runs, one column at a time.

A block is a column of a reading of the runs of one extent: a sum over facilities of the nation or of places by quarter
or by year, money, coaches, scores of facilities. What a command asks is a list of blocks; what the store has is found
block by block, so that a wide recording serves a narrow question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.model.indicators import PROGRAMME, indicators
from qicsim.model.recording import COACHES, MEASURES, Reading, Recording, recording_of

QUARTER, YEAR, ONCE = "quarter", "year", ""
PROVINCE_COLUMNS = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80", "people",
                    "people_true_80", "people_recorded_80")
DISTRICT_COLUMNS = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80", "unscored", "visits",
                    "people", "people_true_80", "people_recorded_80")
COACH_COLUMNS = ("at_work", "needed", "trained")
CROSSED = {"province": "province", "district": "district", "facility": None}
WHOLE = {"whole_province": "province", "whole_district": "district"}
"""Sources of sums over places, crossed with kind and status or whole, with the column of the setting that groups."""


class Block(NamedTuple):
    """A column of a reading.

    source  nation, programme; province, district, facility (crossed with kind and status, but for facilities);
            whole_province, whole_district; cost, cost_of_province, cost_of_nation; coaches, launched; score, reached;
            reported (the history as it was reported), summaries (of a simulator that gives nothing else)
    column  of that source
    times   "quarter", "year" (calendar years that are touched, the last one as it ends; of the nation and the programme
            the last quarter in each), or "" for what has no time
    size    bytes of a number: 8 or 4; of scores 4, of reached 1
    first   number of the first quarter that is kept; 0 but for scores of facilities
    """

    source: str
    column: str
    times: str
    size: int = 8
    first: int = 0

    @property
    def dtype(self) -> np.dtype:
        """The type of its numbers."""
        return np.dtype(np.uint8 if self.source == "reached" else f"f{self.size}")

    def serves(self, asked: Block) -> bool:
        """Whether the numbers of `asked` can be taken from those of this block."""
        by_quarter = self.times == QUARTER and self.source in ("nation", "programme")
        return ((self.source, self.column) == (asked.source, asked.column) and self.size >= asked.size
                and self.first <= asked.first and (self.times == asked.times or by_quarter))


def standard(areas: Sequence[str]) -> tuple[Block, ...]:
    """What `compare`, `run`, `decide` and `plan` read of a run, in numbers of four bytes."""
    return (*(Block("nation", indicator.name, QUARTER, 4) for indicator in indicators(tuple(areas))),
            *(Block("programme", indicator.name, QUARTER, 4) for indicator in PROGRAMME),
            *(Block("whole_province", name, YEAR, 4) for name in PROVINCE_COLUMNS),
            Block("cost", "all", YEAR, 4),
            *(Block("whole_district", name, YEAR, 4) for name in DISTRICT_COLUMNS),
            *(Block("coaches", name, YEAR, 4) for name in COACH_COLUMNS), Block("launched", "month", ONCE, 4))


def scores_from(first: int) -> tuple[Block, ...]:
    """True and recorded score of every facility from quarter number `first` of the run on, and where they reach."""
    return tuple(Block(source, name, QUARTER, size, first) for source, size in (("score", 4), ("reached", 1))
                 for name in MEASURES)


def year_ends(start: int, months: int) -> np.ndarray:
    """The last quarter of each calendar year in a run of `months` from the absolute month `start`; int64 (years,)."""
    years = (start + np.arange(MONTHS_PER_QUARTER - 1, months, MONTHS_PER_QUARTER)) // MONTHS_PER_YEAR
    return np.flatnonzero(np.diff(years, append=years[-1:] + 1))


def cut(values: np.ndarray, stored: Block, asked: Block, start: int, months: int) -> np.ndarray:
    """The numbers of `asked` in a run of `months`, from those of a block that serves it; (runs, times, ...)."""
    if asked.times == QUARTER:
        values = values[:, asked.first - stored.first:months // MONTHS_PER_QUARTER - stored.first]
    elif asked.times == YEAR and stored.times == QUARTER:
        values = values[:, year_ends(start, months)]
    elif asked.times == YEAR:
        values = values[:, :(start + months - 1) // MONTHS_PER_YEAR - start // MONTHS_PER_YEAR + 1]
    return values.astype(asked.dtype, copy=False)


class Recorder:
    """What the blocks need a run to read, and where each stands in the reading."""

    def __init__(self, setting: Any, start: int, areas: Sequence[str], blocks: Sequence[Block]) -> None:
        """Prepare to read the runs of a setting that begin with the absolute month `start`, with these care areas."""
        self.blocks = tuple(blocks)
        sources = dict.fromkeys(block.source for block in self.blocks)
        groupings, self._groups, at = [], {}, 0
        for source in sources:
            if source not in CROSSED and source not in WHOLE:
                continue
            # The whole of a province is the sum of its four groups, as it was in 0.1: the order of a sum matters.
            crossed = source in ("province", "district", "whole_province")
            column = CROSSED.get(source) or WHOLE.get(source)
            place = np.arange(setting.facility.size) if column is None else setting.facility[column]
            groupings.append((place, crossed))
            count = (int(place.max()) + 1) * (4 if crossed else 1)
            self._groups[source], at = (slice(at, at + count), 4 if crossed else 1), at + count
        asked = {"nation": ("nation", "programme"), "places": tuple(self._groups), "cost": _MONEY,
                 "coaches": ("coaches", "launched"), "scores": ("score", "reached")}
        self.asked = tuple(name for name, wanted in asked.items() if any(source in wanted for source in sources))
        firsts = [block.first for block in self.blocks if block.source in ("score", "reached")]
        self.quarters = setting.month.size // MONTHS_PER_QUARTER - min(firsts, default=0)
        self.recording: Recording = recording_of(setting, groupings)
        self._year_ends = year_ends(start, setting.month.size)
        self._columns = {indicator.name: number for number, indicator in enumerate(indicators(tuple(areas)))}

    def copies(self, reading: Reading) -> tuple[np.ndarray, ...]:
        """The numbers of every block; empty if a sum of the reading is not finite."""
        sums = (reading.nation, reading.programme, reading.places, reading.cost, reading.coaches)
        if not all(np.isfinite(part).all() for part in sums):
            return ()
        return tuple(np.array(self.take(reading, block), dtype=block.dtype, order="C") for block in self.blocks)

    def take(self, reading: Reading, block: Block) -> np.ndarray:
        """The numbers of a block in a reading, a view where that is possible; times first."""
        source = block.source
        if source in ("nation", "programme"):
            rows = slice(None) if block.times == QUARTER else self._year_ends
            return (reading.nation[rows, :, self._columns[block.column]] if source == "nation"
                    else reading.programme[rows, _PROGRAMME.index(block.column)])
        if source in self._groups:
            groups, size = self._groups[source]
            sums = reading.places[:, groups, self._columns[block.column]]
            crossed = sums.reshape(len(sums), -1, size)
            return crossed if source in CROSSED else crossed.sum(axis=2) if size > 1 else sums
        if source in _MONEY:
            return _money(reading, source)
        if source == "coaches":
            return reading.coaches[:, :, COACHES[COACH_COLUMNS.index(block.column)]]
        if source == "launched":
            return reading.launched
        scores = reading.scores if source == "score" else reading.reached
        return scores[len(scores) - (self.quarters_of(block)):, MEASURES.index(block.column)]

    def quarters_of(self, block: Block) -> int:
        """How many quarters of scores a block has."""
        firsts = [other.first for other in self.blocks if other.source in ("score", "reached")]
        return self.quarters - (block.first - min(firsts))


_PROGRAMME = tuple(indicator.name for indicator in PROGRAMME)
_MONEY = ("cost", "cost_of_province", "cost_of_nation")


def _money(reading: Reading, source: str) -> np.ndarray:
    """US$ since the start: (years, provinces, kinds, lines, payers), or with kinds, then provinces, added up."""
    if source == "cost":
        return reading.cost
    by_province = reading.cost.sum(axis=2)
    return by_province if source == "cost_of_province" else by_province.sum(axis=1)
