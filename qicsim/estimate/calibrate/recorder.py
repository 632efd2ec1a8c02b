"""Recorded scores of every facility by quarter and who joined when, as a run would have them on file; compiled."""

from __future__ import annotations

import math

from qicsim.ground.compiled import compiled
from qicsim.model.month import close_month, live, open_month
from qicsim.model.steps.begin import begin

NEVER_JOINED = -1


@compiled
def record_scores(setting, levers, structure, params, key, state, luck, out, joined):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, PLR0917 -- compiled
    """Run to the end; fill `out` (F, quarters of the run; nan before a facility opens or without a round), `joined`.

    `joined` (F,) is the month of the run in which a facility first was in a collaborative, or NEVER_JOINED.
    """
    joined[:] = NEVER_JOINED
    begin(setting, levers, params, state, key)
    for month in range(setting.month.size):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
        close_month(today, setting, levers, params, state, luck, key)
        for f in range(state.facility.size):
            if state.facility[f].ever and joined[f] == NEVER_JOINED:
                joined[f] = month
        if today.quarter_closes:
            quarter = month // 3
            for f in range(state.facility.size):
                assessed = today.round_held and setting.facility[f].opened <= month
                out[f, quarter] = state.facility[f].score if assessed else math.nan
