"""Pattern: with no true effect, health centres of collaboratives still show the larger recorded share at 80 or more.

The reported scenario at mid 2021 with every effect of collaboratives on quality and on motivation at zero. What is
left is leniency of coaches who assess, and chance. So the reported order of the two groups teaches almost nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import qicsim
from experiments.verification.common import Draws, but, ensemble, prior, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NO_EFFECT = {
    "pdsa.k_item": 0.0,
    "session.lambda_ls": 0.0,
    "exchange.lambda_ex": 0.0,
    "exchange.recognition": 0.0,
    "motivation.coached": 0.0,
}
NOT_EVEN_LENIENT = NO_EFFECT | {"assessment.lenient": 0.0}
REPORTED, ZERO, STRICT = "reported", "no effect", "no effect, no leniency"


class Order(NamedTuple):
    """By draw: recorded share at 80 or more, health centres that ever joined minus the others, June 2021."""

    effect: np.ndarray
    no_effect: np.ndarray
    no_leniency: np.ndarray


def measure(draws: Draws | None = None) -> Order:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Order:
    reported = qicsim.load_scenario("reported", horizon_end="2021-06")
    runs = ensemble(reported, but(reported, ZERO, NO_EFFECT), but(reported, STRICT, NOT_EVEN_LENIENT), draws=draws)
    return Order(*(qicsim.values(runs, name, "order_80")[:, -1] for name in (REPORTED, ZERO, STRICT)))


def positive(difference: np.ndarray) -> float:
    """Share of draws in which the difference is above zero."""
    return float(np.mean(difference > 0.0))


def draw(axes: Axes) -> str:
    """The difference between the groups with and without effect; returns the caption."""
    found = measure()
    bins = np.arange(-15, 31, 1.5)
    for values, label in (
        (found.effect, "effect from the priors"),
        (found.no_effect, "no effect"),
        (found.no_leniency, "no effect, no leniency"),
    ):
        axes.hist(100 * values, bins=bins, histtype="step", lw=1.5, label=f"{label}: {positive(values):.0%} above 0")
    axes.axvline(0, color="0.6", lw=1)
    axes.legend(frameon=False, fontsize=8)
    axes.set(
        xlabel="recorded at 80 or more, joined minus never joined (% points)",
        ylabel="draws",
        title="The reported order of the groups, June 2021",
    )
    return (
        f"Health centres; n = {len(found.effect)} draws from the priors, one replicate each. With no effect at all: "
        f"{words(100 * found.no_effect, ' points')}."
    )
