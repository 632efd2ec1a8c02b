"""Pattern: paired luck cuts the variance of contrasts at least five-fold; and how far replicates differ nationally.

Contrasts of national means at the end of 2030. Paired, both scenarios share every facility's luck; unpaired, the
variance of the difference is the sum of the two. Variances are between replicates of one draw, and are added up over
draws.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import qicsim
from experiments.verification.common import Ensemble, ensemble, prior

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_DRAWS, REPLICATES = 8, 12
CONTRASTS = (
    ("national-2030", "reported"),
    ("hold-398", "reported"),
    ("pbf-reform", "reported"),
    ("coaching-intensive", "national-2030"),
)
SHOWN = ("true", "recorded")
LEVELS = ("true", "recorded", "recorded_80", "order_80")


class Luck(NamedTuple):
    """Variance unpaired over paired, by contrast and indicator of SHOWN, for each draw and pooled over draws.

    `level_sd`: SD between replicates of each of LEVELS in `reported`, pooled over draws.
    """

    ratio: np.ndarray
    pooled: np.ndarray
    level_sd: np.ndarray


@cache
def measure() -> Luck:
    """The pattern on a few draws from the priors with replicates."""
    wanted = dict.fromkeys(name for pair in CONTRASTS for name in pair)
    runs = ensemble(
        *(qicsim.load_scenario(name, horizon_end="2030-12") for name in wanted),
        draws=prior(FEW_DRAWS),
        replicates=REPLICATES,
    )
    variances = np.array([[_variances(runs, *pair, name) for name in SHOWN] for pair in CONTRASTS])
    unpaired, paired = np.moveaxis(variances, 2, 0)
    level_sd = [np.sqrt(_last(runs, "reported", name).var(axis=1, ddof=1).mean()) for name in LEVELS]
    return Luck(unpaired / paired, unpaired.sum(axis=-1) / paired.sum(axis=-1), np.array(level_sd))


def _last(runs: Ensemble, scenario: str, name: str) -> np.ndarray:
    """An indicator at the end, shape (draws, replicates)."""
    return qicsim.values(runs, scenario, name)[:, -1].reshape(FEW_DRAWS, REPLICATES)


def _variances(runs: Ensemble, one: str, other: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the difference between replicates by draw, unpaired and paired."""
    a, b = _last(runs, one, name), _last(runs, other, name)
    return a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1), (a - b).var(axis=1, ddof=1)


def draw(axes: Axes) -> str:
    """Variance ratios by contrast and draw; returns the caption."""
    found = measure()
    for row in range(len(CONTRASTS)):
        for i, name in enumerate(SHOWN):
            place = np.full(FEW_DRAWS, row + 0.3 * i - 0.15) + np.linspace(-0.08, 0.08, FEW_DRAWS)
            axes.plot(
                place, found.ratio[row, i], "o", ms=4, alpha=0.6, color=f"C{i}", label=name if row == 0 else None
            )
            axes.plot(row + 0.3 * i - 0.15, found.pooled[row, i], "_", ms=20, color="black")
    axes.axhline(5, color="0.5", lw=1)
    axes.set_yscale("log")
    axes.set_xticks(range(len(CONTRASTS)), [f"{one}\nminus {other}" for one, other in CONTRASTS], fontsize=7)
    axes.legend(frameon=False)
    axes.set(ylabel="variance unpaired / paired", title="What shared luck saves")
    true, recorded, share, order = found.level_sd
    return (
        f"National means, end of 2030; dots: n = {FEW_DRAWS} draws from the priors with {REPLICATES} replicates "
        f"each; bars: "
        f"variances added up over draws; line: 5. SD between replicates of the level: true mean {true:.2f} and "
        f"recorded mean "
        f"{recorded:.2f} points, recorded share at 80 {100 * share:.1f}, its difference between the groups "
        f"{100 * order:.1f} % points."
    )
