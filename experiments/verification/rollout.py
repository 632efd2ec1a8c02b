"""Pattern: the reported counts of the roll-out lie within what the priors predict; exchange visits; change ideas.

52 facilities in 6 districts and 3 provinces at the end of 2019; 26 hospitals and at least 264 health centres in 22
districts at mid 2021; 398 facilities in 29 districts and 6 provinces at the end of 2021 (Perry et al. 2022).
"Facilities" counts those that ever joined; the two totals are read as two dates.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import qicsim
from experiments.verification.common import Draws, ensemble, prior, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

END_2019, MID_2021, END_2021 = 7, 13, 15
MONTHS_PER_QUARTER = 3


class Count(NamedTuple):
    """A reported count: the indicator, the group and the quarter that it is read from."""

    label: str
    reported: float
    indicator: str
    group: str
    quarter: int


COUNTS = (
    Count("facilities, end 2019", 52, "ever", "all", END_2019),
    Count("districts, end 2019", 6, "districts", "all", END_2019),
    Count("provinces, end 2019", 3, "provinces", "all", END_2019),
    Count("hospitals, mid 2021", 26, "ever", "referral_hospital", MID_2021),
    Count("health centres, mid 2021", 264, "ever", "health_centre", MID_2021),
    Count("districts, mid 2021", 22, "districts", "all", MID_2021),
    Count("facilities, end 2021", 398, "ever", "all", END_2021),
    Count("districts, end 2021", 29, "districts", "all", END_2021),
    Count("provinces, end 2021", 6, "provinces", "all", END_2021),
)
EXCHANGES = 13


class Rollout(NamedTuple):
    """By draw: `counts` (draws, 9) in the order of COUNTS, visits, ideas and teams.

    `exchanges` held by mid 2021; `ideas` for each team and month; `active` teams at the end of 2021.
    """

    counts: np.ndarray
    exchanges: np.ndarray
    ideas: np.ndarray
    active: np.ndarray


def measure(draws: Draws | None = None) -> Rollout:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Rollout:
    runs = ensemble(qicsim.load_scenario("reported", horizon_end="2021-12"), draws=draws)

    def read(indicator: str, group: str = "all") -> np.ndarray:
        return qicsim.values(runs, "reported", indicator, group)

    counts = np.column_stack([read(count.indicator, count.group)[:, count.quarter] for count in COUNTS])
    team_months = MONTHS_PER_QUARTER * read("active").sum(axis=1)
    return Rollout(
        counts, read("exchanges")[:, MID_2021], read("ideas")[:, END_2021] / team_months, read("active")[:, END_2021]
    )


def within(found: Rollout, level: float = 0.9) -> np.ndarray:
    """Whether each reported count lies within the central interval of its prior prediction, bool (9,)."""
    low, high = np.quantile(found.counts, [(1 - level) / 2, (1 + level) / 2], axis=0)
    reported = np.array([count.reported for count in COUNTS])
    return (low <= reported) & (reported <= high)


def draw(axes: Axes) -> str:
    """Prior prediction of each count relative to the reported one; returns the caption."""
    found = measure()
    reported = np.array([count.reported for count in COUNTS])
    low, middle, high = np.quantile(found.counts / reported, [0.05, 0.5, 0.95], axis=0)
    rows = np.arange(len(COUNTS))[::-1]
    axes.hlines(rows, low, high, lw=4, alpha=0.4)
    axes.plot(middle, rows, "o", ms=4)
    axes.axvline(1.0, color="black", lw=1)
    axes.set_yticks(rows, [f"{count.label} ({count.reported:g})" for count in COUNTS], fontsize=8)
    axes.set(xlabel="predicted by the priors / reported", title="The roll-out as reported")
    return (
        f"Prior predictive; n = {len(found.counts)} draws, one replicate each; dot: median, bar: central 90 % of "
        f"draws. Exchange "
        f"visits by mid 2021: {words(found.exchanges, digits=0)} (reported 13). Change ideas per team and month: "
        f"{words(found.ideas, digits=2)} (reported elsewhere 0.25). Active teams, end 2021: "
        f"{words(found.active, digits=0)}."
    )
