"""How much a value of information is by luck alone: the same regression on shuffled draws.

Near a tie between scenarios the maximum over estimated means exaggerates, even for a parameter that does not matter,
and by more than the `bias` of `information` sees. Here rows of a parameter's (or group's) values are shuffled, so that
nothing is left to be learnt, and the regression is done again. The mean of these values is taken off; a value counts as
clear if it is above all of them. Tables of as many columns share their shuffles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qicsim.decide.information import Information, information

SHUFFLES = 40
OF_GROUPS = 20


@dataclass(frozen=True, eq=False)
class Cleared:
    """Values of information less what luck gives.

    found  `bias` is the mean under shuffled draws, so that `corrected` is the value less that
    above  whether a value is above every one under shuffled draws, bool (names,)
    """

    found: Information
    above: np.ndarray


@dataclass(frozen=True)
class Luck:
    """Mean and largest value of knowing shuffled numbers, in the unit of net benefit."""

    mean: float
    most: float


def luck(net: np.ndarray, table: np.ndarray, width: int, *, seed: int, shuffles: int = SHUFFLES) -> Luck:
    """Values of `width` shuffled columns, taken at random from a table (draws, k), for net benefit (scenarios, draws).

    A table of fewer columns is taken whole.
    """
    rng = np.random.default_rng(seed)
    width = min(width, table.shape[1])
    mixed = [rng.permutation(table[:, rng.choice(table.shape[1], width, replace=False)], axis=0)
             for _ in range(shuffles)]
    value = information(net, mixed, tuple(map(str, range(shuffles))), seed).value
    return Luck(float(value.mean()), float(value.max()))


def cleared(net: np.ndarray, found: Information, tables: Sequence[np.ndarray], *, seed: int) -> Cleared:
    """Values of information that were found for tables (draws, k), less what luck gives to tables of that size.

    Sizes are rounded up to 1, 2, 4, 8 and so on, so that luck is not taken for too little.
    """
    varying = [table[:, np.ptp(table, axis=0) > 0.0] for table in tables]
    widths = np.array([2 ** max(table.shape[1] - 1, 0).bit_length() * (table.shape[1] > 0) for table in varying])
    everything = np.hstack(varying)
    mean, most = np.zeros((2, len(widths)))
    for width in np.unique(widths[widths > 0]).tolist():
        chance = luck(net, everything, width, seed=seed, shuffles=SHUFFLES if width == 1 else OF_GROUPS)
        mean[widths == width], most[widths == width] = chance.mean, chance.most
    return Cleared(replace(found, bias=mean), found.value > most)
