"""Pattern: client satisfaction is high and flat: it hardly moves while quality moves by ten points.

The reference trial and its comparison at the end of 2019, paired.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import qicsim
from experiments.verification.common import Draws, ensemble, prior, trial, without_teams, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

END_OF_2019 = 7
LEVELS = (80.0, 95.0)
FLAT = 3.0


class Satisfied(NamedTuple):
    """By draw: satisfied clients nationwide, percent, and percentage points for ten points of true composite."""

    level: np.ndarray
    per_ten: np.ndarray


def measure(draws: Draws | None = None) -> Satisfied:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Satisfied:
    runs = ensemble(trial(), without_teams(trial()), draws=draws)

    def difference(name: str) -> np.ndarray:
        return (qicsim.values(runs, "trial", name) - qicsim.values(runs, "comparison", name))[:, END_OF_2019]

    level = qicsim.values(runs, "comparison", "satisfaction")[:, END_OF_2019]
    return Satisfied(level, 10.0 * difference("satisfaction") / difference("true"))


def draw(axes: Axes) -> str:
    """Level and movement of satisfaction between draws; returns the caption."""
    found = measure()
    axes.axvspan(*LEVELS, color="0.9", zorder=0)
    axes.plot(found.level, found.per_ten, "o", ms=3, alpha=0.6)
    axes.axhline(FLAT, color="0.6", lw=1)
    axes.set(
        xlabel="satisfied clients (%)",
        ylabel="points more per 10 points of quality",
        ylim=(0, None),
        title="Satisfaction is high and flat",
    )
    return (
        f"Nation, end of 2019; movement from the reference trial minus comparison; n = {len(found.level)} draws from "
        f"the "
        f"priors, one replicate each; grey: 80-95 %, and 3 points. Level: {words(found.level, ' %')}; "
        f"movement: {words(found.per_ten)}."
    )
