"""All that can be read of a run. What is not asked has length 0 and costs nothing.

nation      sums by kind and status every few months, and the programme's indicators
places      sums by any groupings of facilities at the ends of calendar years
cost        US$ since the start at the ends of years; coaches by district beside it, and months of launch
scores      true and recorded score of every facility at the ends of quarters
rounds      scores as they were recorded in rounds, and who joined when: what a health department has on file
facility    one facility month by month, with its ledger
reported    the roll-out as it was reported (`qicsim.model.reported`)
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.compiled import compiled
from qicsim.model.columns import COST_LINES, NO_TOPIC, NOT_LAUNCHED, PAYERS, Array
from qicsim.model.indicators import FIRST_AREA, PROGRAMME
from qicsim.model.ledger import LEDGER
from qicsim.model.observe import BINS, read_costs, read_nation, read_places, read_programme
from qicsim.model.reported import (
    NOTHING_REPORTED,
    Reported,
    ReportedReading,
    allocate_reported,
    note_starts,
    read_reported,
    start_reported,
)

DECEMBER = 11
AT_WORK, NEEDED, TRAINED = COACHES = range(3)
"""Columns of `Reading.coaches`."""
MEASURES = ("true", "recorded")
NEVER_JOINED = -1
NOT_OPEN = -1
ASKED = ("nation", "places", "cost", "coaches", "scores", "rounds", "facility", "reported")
RUNNING = ("coaches", "joined", "launched")
"""Arrays of a reading that add up from month to month: a branch begins with those of its past."""


class Recording(NamedTuple):
    """How a run is read.

    every     nation and programme are read after every so many months
    place     int64 (groupings, F): each facility's place in each grouping
    first     int64 (groupings,): where the groups of a grouping begin in `Reading.places`
    crossed   int64 (groupings,): 1 where each place has four groups, kind x ever joined
    facility  the facility that is read month by month
    reported  what was reported of the roll-out
    """

    every: int
    place: Array
    first: Array
    crossed: Array
    facility: int
    reported: Reported


class Reading(NamedTuple):
    """What was read; the columns are those of `model.indicators`. The caller owns the arrays.

    nation     float64 (records, 4, columns)  sums by kind and status
    programme  float64 (records, 8)  the programme's indicators
    places     float64 (years, groups, columns)  sums at the ends of years
    cost       float64 (years, provinces, kinds, lines, payers)  US$ since the start
    coaches    float64 (years, districts, 3)  at work, needed for every visit wanted (both at the year's end), trained
    launched   int64 (districts,)  month of launch, NOT_LAUNCHED before it
    scores     float32 (quarters, 2, F)  true, recorded in the last quarters of the run; NaN before a facility opens
    reached    uint8 (quarters, 2, F)  1 where that is the threshold of the month or more
    rounds     float64 (F, quarters)  recorded scores; NaN before a facility opens or without a round
    joined     int64 (F,)  month in which a facility first was in a collaborative, or NEVER_JOINED
    month      float64 (months, 5)  true, recorded, visits, status, topic of one facility; NaN, NOT_OPEN before it opens
    ledger     float64 (months, lines)  points since it entered
    counts     work space (2, 100)
    reported   `qicsim.model.reported.ReportedReading`
    """

    nation: Array
    programme: Array
    places: Array
    cost: Array
    coaches: Array
    launched: Array
    scores: Array
    reached: Array
    rounds: Array
    joined: Array
    month: Array
    ledger: Array
    counts: Array
    reported: ReportedReading


def recording_of(setting, groupings=(), *, every: int = MONTHS_PER_QUARTER, facility: int = 0,
                 reported: Reported = NOTHING_REPORTED) -> Recording:
    """A recording of a setting; `groupings` are pairs of each facility's place (F,) and whether it is crossed."""
    sizes = [(int(place.max()) + 1) * (4 if crossed else 1) for place, crossed in groupings]
    place = np.array([place for place, _ in groupings], dtype=np.int64).reshape(len(groupings), setting.facility.size)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Recording(every, place, first, np.array([crossed for _, crossed in groupings], dtype=np.int64), facility,
                     reported)


def allocate_reading(setting, recording: Recording, asked: Collection[str], *, quarters: int | None = None) -> Reading:
    """Empty arrays for one run: of full length for what is `asked` (of ASKED), of length 0 for the rest.

    `quarters` are those at the end of the run whose scores are read (default: all).
    """
    months, calendar = setting.month.size, setting.month["month_of_year"]
    of = {name: int(name in asked) for name in ASKED}
    years = int((calendar == DECEMBER).sum() + (calendar[-1] != DECEMBER))
    columns, facilities = FIRST_AREA + setting.area["dimension"].shape[1], setting.facility.size
    districts, kept = setting.district.size, months // MONTHS_PER_QUARTER if quarters is None else quarters
    records = of["nation"] * (months // recording.every)
    cost = (years * of["cost"], setting.province.size, 2, len(COST_LINES), len(PAYERS))
    scores = (kept * of["scores"], len(MEASURES), facilities)
    return Reading(
        np.zeros((records, 4, columns)), np.zeros((records, len(PROGRAMME))),
        np.zeros((years * of["places"], int(recording.first[-1]), columns)), np.zeros(cost),
        np.zeros((years * of["coaches"], districts, len(COACHES))),
        np.full(districts * of["coaches"], NOT_LAUNCHED, dtype=np.int64),
        np.zeros(scores, dtype=np.float32), np.zeros(scores, dtype=np.uint8),
        np.zeros((facilities * of["rounds"], months // MONTHS_PER_QUARTER)),
        np.full(facilities * of["rounds"], NEVER_JOINED, dtype=np.int64),
        np.zeros((months * of["facility"], 5)), np.zeros((months * of["facility"], len(LEDGER))),
        np.zeros((2, BINS)), allocate_reported(facilities * of["reported"], recording.reported))


@compiled
def start_reading(reading):
    """Forget an earlier run, where a reading adds up from month to month."""
    reading.coaches[:] = 0.0
    reading.joined[:] = NEVER_JOINED
    reading.month[:, :3] = math.nan
    reading.month[:, 3] = NOT_OPEN
    reading.month[:, 4] = NO_TOPIC
    reading.ledger[:] = math.nan
    start_reported(reading.reported)


@compiled
def read_lived(month, setting, state, recording, reading):
    """Read a month that was lived and is not closed: coaches trained, teams that begin on a reported topic."""
    if reading.coaches.shape[0]:
        year = year_of(month, setting)
        for d in range(state.district.size):
            reading.coaches[year, d, TRAINED] += state.district[d].trained
    if recording.reported.area.size:
        note_starts(month, state, recording.reported, reading.reported)


@compiled
def read_closed(month, today, setting, levers, params, state, recording, reading):
    """Read a month that was closed."""
    now = levers[month]
    if reading.nation.shape[0] and (month + 1) % recording.every == 0:
        record = (month + 1) // recording.every - 1
        read_nation(month, setting, now.threshold, state, reading.nation[record])
        read_programme(today, setting, params, state, reading.counts, reading.programme[record])
    if setting.month[month].month_of_year == DECEMBER or month == setting.month.size - 1:
        read_year(month, today, setting, now, params, state, recording, reading)
    if reading.scores.shape[0] and today.quarter_closes:
        quarter = month // MONTHS_PER_QUARTER - setting.month.size // MONTHS_PER_QUARTER + reading.scores.shape[0]
        if quarter >= 0:
            read_scores_of_facilities(month, setting, now.threshold, state, reading.scores[quarter],
                                      reading.reached[quarter])
    if reading.joined.size:
        read_rounds(month, today, setting, state, reading.rounds, reading.joined)
    if reading.month.shape[0] and setting.facility[recording.facility].opened <= month:
        read_one_facility(state.facility[recording.facility], reading.month[month], reading.ledger[month])
    if recording.reported.area.size:
        read_reported(month, setting, now.threshold, state, recording.reported, reading.reported)


@compiled
def year_of(month, setting):
    """Number of the calendar year of a month, from the first that the run touches."""
    return (setting.month[0].month_of_year + month) // MONTHS_PER_YEAR


@compiled
def read_year(month, today, setting, now, params, state, recording, reading):
    """Read the end of a calendar year, or of the run: places, money, coaches, launches."""
    year = year_of(month, setting)
    if reading.places.shape[0]:
        for g in range(recording.place.shape[0]):
            read_places(month, setting, now.threshold, state, recording.place[g], recording.crossed[g] == 1,
                        reading.places[year, recording.first[g]:recording.first[g + 1]])
    if reading.cost.shape[0]:
        read_costs(state, reading.cost[year])
    if reading.coaches.shape[0]:
        each = params.coaching.visits_per_coach * today.available
        for d in range(state.district.size):
            read_coaches(today, now, each, state.district[d], reading.coaches[year, d])
            reading.launched[d] = state.district[d].launched


@compiled
def read_coaches(today, now, each, district, coaches):
    """Coaches at work in a district, and those that could make every visit wanted of them, `each` so many a month."""
    coaches[AT_WORK] = district.coaches
    if today.supported and district.launched != NOT_LAUNCHED and each > 0.0:
        visits = now.visits * district.active_teams + now.maintenance * district.graduated_teams
        coaches[NEEDED] = visits / each


@compiled
def read_scores_of_facilities(month, setting, threshold, state, scores, reached):
    """Read both scores of every open facility; `scores` and `reached` have shape (2, F)."""
    for f in range(state.facility.size):
        if setting.facility[f].opened <= month:
            scores[0, f], scores[1, f] = state.facility[f].true_score, state.facility[f].score
            reached[0, f] = state.facility[f].true_score >= threshold
            reached[1, f] = state.facility[f].score >= threshold
        else:
            scores[0, f], scores[1, f] = math.nan, math.nan
            reached[0, f], reached[1, f] = 0, 0


@compiled
def read_rounds(month, today, setting, state, rounds, joined):
    """Read who joined, and the scores of a round that is held."""
    for f in range(state.facility.size):
        if state.facility[f].ever and joined[f] == NEVER_JOINED:
            joined[f] = month
    if today.quarter_closes:
        for f in range(state.facility.size):
            assessed = today.round_held and setting.facility[f].opened <= month
            rounds[f, month // MONTHS_PER_QUARTER] = state.facility[f].score if assessed else math.nan


@compiled
def read_one_facility(facility, month, ledger):
    """Read one facility's month: true, recorded, visits, status, topic, and its ledger."""
    month[0], month[1], month[2] = facility.true_score, facility.score, facility.visits
    month[3], month[4] = facility.status, facility.topic
    for line in range(ledger.size):
        ledger[line] = facility.ledger[line]
