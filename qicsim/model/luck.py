"""Luck that every scenario of a draw and replicate shares, drawn for all facilities when a month is first lived.

Counted random numbers depend on who needs them, when and for what (`ground.randomness`), not on the scenario. So what
many facilities need is drawn in batches, which is several times as fast as facility by facility, and what was drawn
for a month serves every further run with the same key: the next scenario, or a branch of this one.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Column, table
from qicsim.ground.randomness import ASSESSMENT, LAPSE, LUCK, TURNOVER, fill_normals, fill_words, unit
from qicsim.model.columns import AREAS, NOT_LAUNCHED, Array, Setting

NOT_DRAWN = -1
BATCH = 64
QUARTER = 3


class QuarterLuck(NamedTuple):
    """What chance has for a facility in a quarter."""

    facility: Annotated[float, Column("luck of the facility, standard normal")]
    area: Annotated[Array, Column("luck of the facility in each area, standard normal", shape=AREAS)]
    assessment: Annotated[float, Column("noise of the quarter's assessment, standard normal")]


class MonthLuck(NamedTuple):
    """What chance has for a facility's team in a month, as uniform numbers."""

    lapse: Annotated[float, Column("whether the team lapses", low=0, high=1)]
    turnover: Annotated[float, Column("whether a trained key member leaves", low=0, high=1)]


class Luck(NamedTuple):
    """The luck of the facilities of a setting; each thread needs one of its own.

    quarter    QuarterLuck (slots, facilities);  month  MonthLuck (slots, facilities)
    quarters   the quarter that each slot of `quarter` holds;  months  the month that each slot of `month` holds
    now        (2,) the slots of this quarter and of this month
    key        the key of which all this is
    who        identities in batches (batches, 2, batch);  words, tail, normals  work space for a batch
    """

    quarter: Array
    month: Array
    quarters: Array
    months: Array
    now: Array
    key: Array
    who: Array
    words: Array
    tail: Array
    normals: Array


def allocate_luck(setting: Setting, *, kept: bool) -> Luck:
    """Room for the luck of a setting: of all its months when it is `kept` for further runs, else of the latest one."""
    facilities, areas = setting.facility.size, setting.area["dimension"].shape[1]
    months = setting.month.size if kept else 1
    quarters = -(-months // QUARTER)
    batch = min(BATCH, facilities)
    who = np.zeros((-(-facilities // batch) * batch, 2), dtype=np.uint64)
    who[:facilities] = setting.facility["identity"]
    return Luck(table(QuarterLuck, quarters * facilities, areas=areas).reshape(quarters, facilities),
                table(MonthLuck, months * facilities).reshape(months, facilities),
                np.full(quarters, NOT_DRAWN), np.full(months, NOT_DRAWN), np.zeros(2, dtype=np.int64),
                np.zeros(2, dtype=np.uint64),
                np.ascontiguousarray(who.reshape(-1, batch, 2).transpose(0, 2, 1)),
                np.zeros((4, batch), dtype=np.uint64), np.zeros(batch, dtype=np.int64), np.zeros(batch))


@compiled
def forget(luck):
    """Nothing is drawn; it happens by itself when the key changes."""
    luck.quarters[:] = NOT_DRAWN
    luck.months[:] = NOT_DRAWN


@compiled
def draw_luck(month, state, luck, key):
    """Draw the month's luck for every facility, unless it is there: the quarter's, and that of teams where some are."""
    if luck.key[0] != key[0] or luck.key[1] != key[1]:
        forget(luck)
        luck.key[0], luck.key[1] = key
    quarter = month // QUARTER
    luck.now[0], luck.now[1] = quarter % luck.quarters.size, month % luck.months.size
    if luck.quarters[luck.now[0]] != quarter:
        draw_quarter(quarter, luck.quarter[luck.now[0]], luck, key)
        luck.quarters[luck.now[0]] = quarter
    if luck.months[luck.now[1]] != month and any_launched(state):
        draw_month(month, luck.month[luck.now[1]], luck, key)
        luck.months[luck.now[1]] = month


@compiled
def any_launched(state):
    """Whether any district was launched, so that there may be teams."""
    launched = 0
    for d in range(state.district.size):
        launched += state.district[d].launched != NOT_LAUNCHED
    return launched > 0


@compiled
def draw_quarter(quarter, drawn, luck, key):
    """Draw the quality's luck in the first month of a quarter, and the noise of the assessment in its last."""
    first, last = QUARTER * quarter, QUARTER * quarter + QUARTER - 1
    for batch in range(luck.who.shape[0]):
        begin = batch * luck.tail.size
        end = min(begin + luck.tail.size, drawn.size)
        for a in range(drawn[0].area.size):
            if a % 3 == 0:
                fill_words(key, luck.who[batch], first, LUCK, a // 3, luck.words)
            if a == 0:
                fill_normals(luck.words[3], luck.tail, luck.normals)
                for f in range(begin, end):
                    drawn[f].facility = luck.normals[f - begin]
            fill_normals(luck.words[a % 3], luck.tail, luck.normals)
            for f in range(begin, end):
                drawn[f].area[a] = luck.normals[f - begin]
        fill_words(key, luck.who[batch], last, ASSESSMENT, 0, luck.words)
        fill_normals(luck.words[0], luck.tail, luck.normals)
        for f in range(begin, end):
            drawn[f].assessment = luck.normals[f - begin]


@compiled
def draw_month(month, drawn, luck, key):
    """Draw what decides in a month about teams and their staff."""
    for batch in range(luck.who.shape[0]):
        begin = batch * luck.tail.size
        end = min(begin + luck.tail.size, drawn.size)
        fill_words(key, luck.who[batch], month, LAPSE, 0, luck.words)
        for f in range(begin, end):
            drawn[f].lapse = unit(luck.words[0, f - begin])
        fill_words(key, luck.who[batch], month, TURNOVER, 0, luck.words)
        for f in range(begin, end):
            drawn[f].turnover = unit(luck.words[0, f - begin])
