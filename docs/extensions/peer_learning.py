"""Peer learning: once a quarter an active team takes up what the best facility that it is tied to does better."""

from typing import Annotated, NamedTuple

from qicsim.extend import ACTIVE, Column, Extension, HalfNormal, Indicator, Lever, Parameter, improve, uniform

MEETING = 1000  # a purpose of random numbers, from 1000 on


class Parameters(NamedTuple):
    share: Annotated[float, Parameter("share of the gap to the best peer that a team closes", "1/quarter", 0.0, 0.5,
                                      HalfNormal(0.05), "assumption", "A")] = 0.05


class Levers(NamedTuple):
    peer_meetings: Annotated[float, Lever("share of quarters in which a team meets its peers", "share")] = 0.0


class Columns(NamedTuple):
    best_peer: Annotated[float, Column("true score of the best facility that it is tied to", "points", 0, 100)]
    meetings: Annotated[float, Column("meetings since the start", "meetings", 0)]


def post_best(today, setting, state):
    for f in range(state.facility.size):
        state.facility[f].best_peer = 0.0
        for tie in range(setting.facility[f].first_peer, setting.facility[f].end_peer):
            peer = setting.peer[tie]
            if setting.facility[peer].opened <= today.month:
                state.facility[f].best_peer = max(state.facility[f].best_peer, state.facility[peer].true_score)


def learn(facility, site, areas, programme, now, today, own, key, line):
    met = uniform(key, site.identity, today.month, MEETING) < now.peer_meetings
    if today.quarter_opens and met and facility.status == ACTIVE:
        facility.meetings += 1.0
        change = own.share * max(facility.best_peer - facility.true_score, 0.0)
        for area in range(areas.dimension.size):
            improve(facility, site, areas, programme, area, change, line)


EXTENSION = Extension(
    "peer_learning", "what teams learn from their best peer", parameters=Parameters, levers=Levers, columns=Columns,
    ledger={"best_peer": "learnt from the best peer"}, off={"share": 0.0}, purposes={"meeting": MEETING},
    indicators={"meetings": Indicator("meetings with peers since the start", "meetings",
                                      lambda facility: facility.meetings, per="")},
    steps={"after_posting": post_best, "after_learning": learn})
