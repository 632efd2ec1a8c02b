"""Pattern: the gain falls with the baseline.

By topic, as in the source (Franco and Marquez 2011: charts of single topics), and, harder, by the facility's
composite. The measurements are those of `topics` and `composite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.verification import composite, topics
from experiments.verification.common import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(axes: Axes) -> str:
    """Slopes of the gain on the baseline between draws; returns the caption."""
    topic, whole = topics.measure().slope, composite.measure().slope
    bins = np.arange(-1.0, 0.3, 0.025)
    axes.hist(topic, bins=bins, alpha=0.7, label=f"topic: {np.mean(topic < 0):.0%} below 0")
    axes.hist(whole, bins=bins, alpha=0.7, label=f"composite: {np.mean(whole < 0):.0%} below 0")
    axes.axvline(0, color="0.4", lw=1)
    axes.legend(frameon=False)
    axes.set(
        xlabel="slope of the gain on the baseline (points per point)",
        ylabel="draws",
        title="Does the gain fall with the baseline?",
    )
    return (
        f"Topic: gain of responding teams on their topic in 12 months; composite: excess of all enrolled over "
        f"comparison in 12 "
        f"months; n = {len(topic)} draws from the priors, one replicate each. Topic {words(topic, digits=2)}; "
        f"composite "
        f"{words(whole, digits=2)}: facilities with poor structure get little traction, which offsets their larger "
        f"headroom."
    )
