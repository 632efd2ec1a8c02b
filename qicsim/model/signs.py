"""Signs: what a ministry sees of its programme when a quarter begins, by which an adaptive plan is decided.

A sign is read off the state of the month before, as the quarter's record has it: its sums, by kind and status, in
numbers of four bytes. So whoever has the record of a run can tell how it was decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.model.columns import ACTIVE, Setting

if TYPE_CHECKING:
    from qicsim.model.state import State

SIGNS = {"recorded": "mean recorded NQEM score, points", "recorded_80": "share recorded at the threshold or more",
         "coverage": "share of facilities that ever joined a collaborative", "active": "active teams"}
"""What can be looked at, by the name of its indicator."""
HIGHEST = {"recorded": 100.0, "recorded_80": 1.0, "coverage": 1.0, "active": 1e6}
OF = {"all": (0, 1, 2, 3), "ever": (1, 3), "never": (0, 2)}
"""Whose sign it is, as rows of sums by kind and status: all facilities, those that ever joined, the others."""
OF_WHOM = ("recorded", "recorded_80")
"""Signs that may be those of some facilities."""
COLUMNS = {"recorded": ("recorded", "facilities"), "recorded_80": ("recorded_80", "facilities"),
           "coverage": ("ever", "facilities"), "active": ("active",)}
"""The sums of a record that a sign is worked out from."""


def sign(name: str, of: str, month: int, threshold: float, setting: Setting, state: State) -> float:
    """A sign as `month`, the last of a quarter, left it; NaN where there are no such facilities."""
    there = setting.facility["opened"] <= month
    facility = state.facility[there]
    group = 2 * setting.facility["hospital"][there] + facility["ever"]
    values = {"recorded": facility["score"], "recorded_80": facility["score"] >= threshold,
              "ever": facility["ever"], "active": facility["status"] == ACTIVE, "facilities": np.ones(group.size)}
    sums = [np.bincount(group, weights=values[column], minlength=4) for column in COLUMNS[name]]
    return float(sign_of_sums(of, np.stack(sums, axis=-1)[None])[0])


def sign_of_sums(of: str, sums: np.ndarray) -> np.ndarray:
    """The sign from the sums of its columns by kind and status, (runs, 4, columns); (runs,), NaN for no facilities."""
    some = sums.astype(np.float32).astype(float)[:, OF[of]].sum(axis=1)
    if some.shape[1] == 1:
        return np.asarray(some[:, 0])
    return np.divide(some[:, 0], some[:, 1], out=np.full(len(some), np.nan), where=some[:, 1] > 0.0)
