"""The reported history as a run would have been reported: roll-out counts, Table 2, scores of the two groups.

Table 2 (Perry et al. 2022) reports, for five topics, the share of work done right at a first and at a latest date, for
a number of teams. The first dates lie before most of those teams had joined (on one topic 124 centres, when 52
facilities were supported in all), so the first reading must be each team's own, at its start on the topic. The
operator:

    teams   those that began to work on the topic within the window of the two dates
    change  quality of the area at the latest date minus quality when the team began
    value   mean change of the best n of them (n teams were reported, as chosen examples)

What teams that measure themselves add to it is no part of a run (`estimate.calibrate.reported_history`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qicsim.ground.compiled import compiled, compiled_with_arrays
from qicsim.model.columns import ACTIVE, NOT_LAUNCHED

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


class ReportedReading(NamedTuple):
    """What was read of a run; the caller owns the arrays.

    counts   (3, 5)  COUNTS at each of the months
    changes  (topics,)  mean change of the best teams, without bias of their reports; NO_TEAM where there was none
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


NOTHING_REPORTED = Reported(*(np.zeros(0, dtype=np.int64) for _ in Reported._fields))


def allocate_reported(facilities: int, reported: Reported) -> ReportedReading:
    """Empty arrays for one run; no facilities where nothing is asked."""
    topics = reported.area.size
    return ReportedReading(np.zeros((3, len(COUNTS))), np.zeros(topics), np.zeros(2), np.zeros(1),
                           np.zeros((facilities, topics)), np.zeros(facilities))


@compiled
def start_reported(reading):
    """Forget an earlier run."""
    reading.start[:] = NO_READING


@compiled
def note_starts(month, state, reported, reading):
    """Remember the quality of an area when a team begins to work on it, inside the topic's window."""
    for f in range(state.facility.size):
        facility = state.facility[f]
        if facility.status == ACTIVE and facility.months_on == 1:
            for i in range(reported.area.size):
                if facility.topic == reported.area[i] and reported.first[i] <= month < reported.latest[i]:
                    reading.start[f, i] = facility.quality[reported.area[i]]


@compiled
def read_reported(month, setting, threshold, state, reported, reading):
    """Read a month that was closed: counts and the two groups where they were reported, changes on topics."""
    for i in range(reported.months.size):
        if reported.months[i] == month:
            count(setting, state, reading.counts[i])
            if i == 1:
                compare_groups(setting, threshold, state, reading)
    for i in range(reported.area.size):
        if reported.latest[i] == month:
            reading.changes[i] = best_change(i, setting, state, reported, reading)


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
def compare_groups(setting, threshold, state, reading):
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
    reading.joined[0] = never_above / max(never, 1.0)
    reading.joined[1] = ever_above / max(ever, 1.0)
    reading.trust[0] = satisfied / max(hospitals, 1.0)


@compiled_with_arrays
def best_change(i, setting, state, reported, reading):
    """Mean change of the best reported number of teams on a topic; NO_TEAM if there was none."""
    area, teams = reported.area[i], 0
    for f in range(state.facility.size):
        if reading.start[f, i] != NO_READING and (reported.hospitals[i] or not setting.facility[f].hospital):
            reading.best[teams] = state.facility[f].quality[area] - reading.start[f, i]
            teams += 1
    chosen = min(reported.teams[i], teams)
    if chosen == 0:
        return NO_TEAM
    ordered = np.sort(reading.best[:teams])
    return ordered[teams - chosen:].mean()
