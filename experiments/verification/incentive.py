"""Pattern: at equal money the incentive moves true quality by at most 0.2 SD in two years, and the record by more.

PBF without collaboratives, begun when the run begins (its first two years are measured, before habit), on the linear
schedule; against the same money with no stake: no response of true quality, of motivation or of the record to the
stake.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import qicsim
from experiments.verification.common import Draws, but, ensemble, prior, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BOUND = 0.2
NO_STAKE = {"pbf.inc": 0.0, "motivation.crowd": 0.0, "assessment.game": 0.0}


class Incentive(NamedTuple):
    """By draw: effect of the stake on true quality, SD between facilities and points, and on the record, points."""

    true_sd: np.ndarray
    true: np.ndarray
    recorded: np.ndarray


def measure(draws: Draws | None = None) -> Incentive:
    """The pattern on draws from the priors."""
    return _measured(draws or prior())


@cache
def _measured(draws: Draws) -> Incentive:
    past = qicsim.load_scenario("pbf-only", horizon_end="2019-12")
    paid = but(qicsim.change(past, from_="2018-01", schedule="linear"), "stake", pbf_since=past.start)
    runs = ensemble(paid, but(paid, "no stake", NO_STAKE), draws=draws)

    def last(scenario: str, name: str) -> np.ndarray:
        return qicsim.values(runs, scenario, name)[:, -1]

    true = last("stake", "true") - last("no stake", "true")
    return Incentive(
        true / last("no stake", "spread_true"), true, last("stake", "recorded") - last("no stake", "recorded")
    )


def draw(axes: Axes) -> str:
    """Effect on the record against effect on true quality; returns the caption."""
    found = measure()
    most = max(found.true.max(), found.recorded.max())
    axes.plot([0, most], [0, most], color="0.6", lw=1)
    axes.plot(found.true, found.recorded, "o", ms=3, alpha=0.6)
    axes.set(
        xlabel="true quality (points)",
        ylabel="recorded score (points)",
        title="What the stake moves in two years, at equal money",
    )
    return (
        f"Linear schedule minus the same money without a stake, national means after two years; n = "
        f"{len(found.true)} draws from "
        "the priors, one replicate each; grey: equal effect. On true quality "
        f"{words(found.true_sd, ' SD', 2)}, at most 0.2 SD in {np.mean(found.true_sd <= BOUND):.0%} of draws; "
        f"the record rises more in {np.mean(found.recorded > found.true):.0%}."
    )
