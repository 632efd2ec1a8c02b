"""Pattern: about half of teams respond; and what the composite of the reference trial moves in a year, for information.

Excess of a facility: its true composite minus the same facility's, with the same luck, in a world where nobody joins,
twelve months after it joined. Teams that do not respond count: trials compare all that were enrolled. No range is asked
of it: "4 to 12 points a year" is what the best practice of a programme gained, read as if it were the composite. What
trials say of the topic is checked in `checks`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.verification.common import Draws, histories, prior, trial, without_teams, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS = 27
AFTER = 12
RESPONSE = 2.0


class Composite(NamedTuple):
    """By draw: mean excess after 12 months of all and of responding teams, who responds, slopes of the excess.

    `responders` is the share with a rate above 0, `improved` the share whose excess is above 2 points; `slope` and
    `slope_responders` are regressions on the facility's own composite before it joined, points per point. `nation` has
    shape (draws, 27): mean excess of all facilities by month since January 2018.
    """

    excess: np.ndarray
    excess_responders: np.ndarray
    responders: np.ndarray
    improved: np.ndarray
    slope: np.ndarray
    slope_responders: np.ndarray
    nation: np.ndarray


def _read(facility: np.ndarray) -> np.ndarray:
    return np.column_stack([facility["true_score"], facility["ever"], facility["rate"]])


def measure(draws: Draws | None = None) -> Composite:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Composite:
    trials = histories(trial(), draws, _read, months=MONTHS)
    others = histories(without_teams(trial()), draws, lambda facility: facility["true_score"], months=MONTHS)
    found = (_of_draw(one, other) for one, other in zip(trials, others, strict=True))
    return Composite(*map(np.array, zip(*found, strict=True)))


def _of_draw(history: np.ndarray, other: np.ndarray) -> tuple[float | np.ndarray, ...]:
    """What `Composite` holds of one draw."""
    true, ever, rate = np.moveaxis(history, 2, 0)
    joined = np.where(ever.any(axis=0), ever.argmax(axis=0), MONTHS)
    rows = np.flatnonzero((joined >= 1) & (joined <= MONTHS - AFTER))
    at, before = joined[rows] + AFTER - 1, joined[rows] - 1
    excess, baseline, responds = true[at, rows] - other[at, rows], other[before, rows], rate[0, rows] > 0
    return (
        excess.mean(),
        excess[responds].mean(),
        responds.mean(),
        np.mean(excess > RESPONSE),
        np.polyfit(baseline, excess, 1)[0],
        np.polyfit(baseline[responds], excess[responds], 1)[0],
        (true - other).mean(axis=1),
    )


def draw(axes: Axes) -> str:
    """Distribution of the excess between draws; returns the caption."""
    found = measure()
    axes.hist(found.excess, bins=np.arange(-1, 16, 0.5))
    axes.axvline(np.median(found.excess), color="black")
    axes.set(
        xlabel="true composite over comparison 12 months after joining (points)",
        ylabel="draws",
        title="What the reference trial moves in a year",
    )
    return (
        f"All enrolled facilities, responding or not, paired with themselves without teams; n = {len(found.excess)} "
        f"draws from "
        f"the priors, one replicate each; line: median. {words(found.excess, ' points')}. "
        f"Share that responds: {words(100 * found.responders, ' %', 0)}."
    )
