"""The reported history as a run would have been reported: roll-out counts, Table 2, scores of the two groups.

Compiled: one pass over the months to the end of 2021 collects everything that a target needs.

Table 2 (Perry et al. 2022) reports, for five topics, the share of work done right at a first and at a latest date, for
a number of teams. The first dates lie before most of those teams had joined (124 health centres on TB screening in
October 2019, when 52 facilities were supported in all), so the first reading must be each team's own, at its start on
the topic. The operator:

    teams   those that began to work on the topic within the window of the two dates
    change  quality of the area at the latest date minus quality when the team began
    value   mean change of the best n of them (n teams were reported, as chosen examples), minus self_report

self_report  inflation of the first self-collected reading that is gone by the latest one, half-normal(8) points
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qicsim.ground.compiled import compiled, compiled_with_arrays
from qicsim.model.columns import ACTIVE, NOT_LAUNCHED
from qicsim.model.month import close_month, live, open_month
from qicsim.model.steps.begin import begin

NO_READING = -1.0
NO_TEAM = -1000.0
COUNTS = ("facilities", "districts", "provinces", "hospitals", "health_centres")


class Reported(NamedTuple):
    """What is read of a run: months of the counts; topics with their windows, and how many teams were reported.

    months     int64 (3,)  months of the run after which the counts are read
    area       int64 (topics,)  care area of each topic
    first      int64 (topics,)  month of the first reading;  latest  int64 (topics,)  of the latest
    teams      int64 (topics,)  teams reported
    hospitals  int64 (topics,)  1 where hospitals were among them
    """

    months: np.ndarray
    area: np.ndarray
    first: np.ndarray
    latest: np.ndarray
    teams: np.ndarray
    hospitals: np.ndarray


class Told(NamedTuple):
    """What is told of a run; the caller owns the arrays.

    counts   (3, 5)  COUNTS at each of the months
    changes  (topics,)  mean change of the best teams, before self-report; NO_TEAM where there was none
    joined   (2,)  share recorded at 80 or more at the second of the months: health centres never and ever in a QIC
    trust    (1,)  satisfied clients of hospitals at that month, percent
    start    (F, topics)  work space;  best  (F,)  work space
    """

    counts: np.ndarray
    changes: np.ndarray
    joined: np.ndarray
    trust: np.ndarray
    start: np.ndarray
    best: np.ndarray


def allocate_told(facilities: int, topics: int) -> Told:
    """Empty arrays for one run."""
    return Told(np.zeros((3, len(COUNTS))), np.zeros(topics), np.zeros(2), np.zeros(1),
                np.zeros((facilities, topics)), np.zeros(facilities))


@compiled
def tell(setting, levers, structure, params, key, state, luck, reported, told):
    """Run to the end of the reported history and fill `told`."""
    begin(setting, levers, params, state, key)
    told.start[:] = NO_READING
    for month in range(setting.month.size):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
            note_start(f, month, state.facility[f], reported, told)
        close_month(today, setting, levers, params, state, luck, key)
        for i in range(reported.months.size):
            if reported.months[i] == month:
                count(setting, state, told.counts[i])
                if i == 1:
                    compare_groups(setting, levers[month].threshold, state, told)
        for i in range(reported.area.size):
            if reported.latest[i] == month:
                told.changes[i] = best_change(i, setting, state, reported, told)


@compiled
def note_start(f, month, facility, reported, told):
    """Remember the quality of an area when a team begins to work on it, inside the topic's window."""
    if facility.status == ACTIVE and facility.months_on == 1:
        for i in range(reported.area.size):
            if facility.topic == reported.area[i] and reported.first[i] <= month < reported.latest[i]:
                told.start[f, i] = facility.quality[reported.area[i]]


@compiled
def count(setting, state, counts):
    """Facilities that ever joined, districts, provinces; hospitals and health centres among the facilities."""
    counts[:] = 0.0
    for f in range(state.facility.size):
        if state.facility[f].ever:
            counts[0] += 1.0
            counts[3 if setting.facility[f].hospital else 4] += 1.0
    for d in range(state.district.size):
        counts[1] += state.district[d].launched != NOT_LAUNCHED
    for p in range(state.province.size):
        counts[2] += state.province[p].active


@compiled
def compare_groups(setting, threshold, state, told):
    """Shares of health centres recorded at the threshold or more by QIC status; clients of hospitals."""
    never, ever, never_above, ever_above = 0.0, 0.0, 0.0, 0.0
    satisfied, hospitals = 0.0, 0.0
    for f in range(state.facility.size):
        facility = state.facility[f]
        if setting.facility[f].hospital:
            satisfied += facility.satisfaction
            hospitals += 1.0
        elif facility.ever:
            ever += 1.0
            ever_above += facility.score >= threshold
        else:
            never += 1.0
            never_above += facility.score >= threshold
    told.joined[0] = never_above / max(never, 1.0)
    told.joined[1] = ever_above / max(ever, 1.0)
    told.trust[0] = satisfied / max(hospitals, 1.0)


@compiled_with_arrays
def best_change(i, setting, state, reported, told):
    """Mean change of the best reported number of teams on a topic; NO_TEAM if there was none."""
    area, teams = reported.area[i], 0
    for f in range(state.facility.size):
        if told.start[f, i] != NO_READING and (reported.hospitals[i] or not setting.facility[f].hospital):
            told.best[teams] = state.facility[f].quality[area] - told.start[f, i]
            teams += 1
    chosen = min(reported.teams[i], teams)
    if chosen == 0:
        return NO_TEAM
    ordered = np.sort(told.best[:teams])
    return ordered[teams - chosen:].mean()
