"""One run: the months of the horizon in order, read every few of them into arrays that the caller owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.compiled import COMPILES_FOR, compile_for, compiled, is_compiled
from qicsim.model.columns import COST_LINES, PAYERS, Array
from qicsim.model.indicators import FIRST_AREA, PROGRAMME
from qicsim.model.month import close_month, live, open_month
from qicsim.model.observe import BINS, read_costs, read_nation, read_places, read_programme
from qicsim.model.state import State, allocate_state
from qicsim.model.steps.begin import begin

__all__ = ["Reading", "Recording", "State", "allocate_reading", "allocate_state", "noise_key", "ready", "simulate"]

REPLICATES_PER_DRAW = 4096
DECEMBER = 11


class Recording(NamedTuple):
    """What is read: the nation every `every` months (after the last of them), places at the ends of calendar years.

    `place` gives each facility's place (0, 1, ...); with `crossed` each place has four groups: kind x ever joined.
    """

    every: int
    place: Array
    crossed: bool


class Reading(NamedTuple):
    """What was read; the columns are those of `model.indicators`.

    nation     sums by kind and status (records, 4, columns)
    programme  the programme's indicators (records, 8)
    places     sums at the ends of years (years, groups, columns)
    cost       US$ since the start at the ends of years (years, provinces, kinds, lines, payers)
    counts     work space (2, 100)
    """

    nation: Array
    programme: Array
    places: Array
    cost: Array
    counts: Array


def allocate_reading(setting, recording: Recording) -> Reading:
    """Empty arrays for one run."""
    months, calendar = setting.month.size, setting.month["month_of_year"]
    years = int((calendar == DECEMBER).sum() + (calendar[-1] != DECEMBER))
    records, columns = months // recording.every, FIRST_AREA + setting.area["dimension"].shape[1]
    groups = (int(recording.place.max()) + 1) * (4 if recording.crossed else 1)
    provinces = setting.province.size
    return Reading(np.zeros((records, 4, columns)), np.zeros((records, len(PROGRAMME))),
                   np.zeros((years, groups, columns)), np.zeros((years, provinces, 2, len(COST_LINES), len(PAYERS))),
                   np.zeros((2, BINS)))


def noise_key(seed: int, draw: int, replicate: int) -> tuple[np.uint64, np.uint64]:
    """The key of all noise of a run: the seed, and the pair of draw and replicate.

    Every draw has luck of its own, and all scenarios share it. ValueError outside 32-bit seeds, 4,096 replicates and
    2^20 draws.
    """
    if not (0 <= seed < 2**32 and 0 <= replicate < REPLICATES_PER_DRAW and 0 <= draw < 2**20):
        raise ValueError("seed must be within 0-4294967295, draw within 0-1048575, replicate within 0-4095")
    return np.uint64(seed), np.uint64(draw * REPLICATES_PER_DRAW + replicate)


@compiled
def simulate(setting, levers, structure, params, key, state, luck, recording, reading):
    """Run all months; fills `reading`. Allocates nothing."""
    begin(setting, levers, params, state, key)
    year = 0
    for month in range(setting.month.size):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
        close_month(today, setting, levers, params, state, luck, key)
        if (month + 1) % recording.every == 0:
            record = (month + 1) // recording.every - 1
            read_nation(month, setting, levers, state, reading.nation[record])
            read_programme(today, setting, params, state, reading.counts, reading.programme[record])
        if setting.month[month].month_of_year == DECEMBER or month == setting.month.size - 1:
            read_places(month, setting, levers, state, recording.place, recording.crossed, reading.places[year])
            read_costs(state, reading.cost[year])
            year += 1


def ready(arguments: Sequence[Any], say: Callable[[str], object] | None = None) -> bool:
    """Have `simulate` compiled for the arguments that it is about to be called with; whether it had to compile.

    Only then `say` is called, once, before it compiles, with a sentence for the user.
    """
    if is_compiled(simulate, arguments):
        return False
    if say is not None:
        say(f"Compiling for this processor, about {COMPILES_FOR} s; later runs start at once ...")
    compile_for(simulate, arguments)
    return True
