"""Pattern: after support ends the excess falls by 40-45 % within 4-10 months, and a third to a half lasts for years.

The reference trial, its support ended after 18 months (July 2019); excess as in `composite`, over all that had joined.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.verification.common import Draws, histories, prior, trial, without_teams, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUPPORTED = 18
MONTHS = 66
LEAST = 0.5
"""Points of the composite from which a draw has an excess to lose: the ratio of chance to chance says nothing."""
BETTER_BIRTH = 1.0 - 17.8 / 31.1


class Sustained(NamedTuple):
    """Draws with an effect: excess relative to that when support ended, (draws, months since the end, from 0 on)."""

    share: np.ndarray

    def fallen(self, months: int) -> np.ndarray:
        """Share of the excess that is lost some months after the end, by draw."""
        return 1.0 - self.share[:, months]

    def months_to_lose(self, part: float) -> np.ndarray:
        """Months until a part of the excess is lost, by draw; infinite where it never is."""
        lost = self.share <= 1.0 - part
        return np.where(lost.any(axis=1), lost.argmax(axis=1).astype(float), np.inf)


def _read(facility: np.ndarray) -> np.ndarray:
    return np.column_stack([facility["true_score"], facility["ever"]])


def measure(draws: Draws | None = None) -> Sustained:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Sustained:
    scenario = trial(support_ends="2019-07")
    trials = histories(scenario, draws, _read, months=MONTHS)
    others = histories(without_teams(scenario), draws, lambda facility: facility["true_score"], months=MONTHS)
    enrolled = trials[:, SUPPORTED - 1, :, 1] > 0
    excess = np.stack(
        [
            (one[:, who, 0] - other[:, who]).mean(axis=1)
            for one, other, who in zip(trials, others, enrolled, strict=True)
        ]
    )
    after = excess[excess[:, SUPPORTED - 1] >= LEAST, SUPPORTED - 1 :]
    return Sustained(after / after[:, :1])


def draw(axes: Axes) -> str:
    """What is left of the excess by months since the end of support; returns the caption."""
    found = measure()
    months = np.arange(found.share.shape[1])
    low, middle, high = np.quantile(found.share, [0.05, 0.5, 0.95], axis=0)
    axes.fill_between(months, low, high, alpha=0.25, lw=0)
    axes.plot(months, middle)
    axes.plot([4, 10], [1 - BETTER_BIRTH] * 2, color="black", lw=3, solid_capstyle="butt")
    axes.fill_between([24, 47], 1 / 3, 1 / 2, facecolor="none", edgecolor="black", hatch="///", lw=0.5)
    axes.set(
        xlabel="months since support ended",
        ylabel="excess, relative to the end of support",
        ylim=(0, 1.05),
        title="What stays when support ends",
    )
    return (
        f"Excess of the true composite over comparison; support ended after 18 months; n = {len(found.share)} draws "
        f"from the "
        "priors in which teams had an effect, one replicate each; line: median, band: 5-95 % interval between draws. "
        "Black bar: 43 % lost within "
        "4 to "
        f"10 months (Semrau et al. 2017); hatched: a third to a half lasts. Lost after 10 months: "
        f"{words(100 * found.fallen(10), ' %', 0)}; left after 4 years: {words(100 * found.share[:, -1], ' %', 0)}."
    )
