"""Draws: values of every parameter, from the priors.

Draw number i is point i of a scrambled Sobol sequence on the unit cube, mapped through the priors' quantile functions.
The sequence is fixed by the seed, so that a larger design begins with the smaller one. Parameters of extensions have
a sequence of their own: with and without an extension a draw has the same values of the model's own parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.declare import declared, default_row, from_cube
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.extension import loaded
from qicsim.ground.shown import Shown
from qicsim.ground.translatable import Told
from qicsim.model.parameters import Parameters
from qicsim.runs.modules import PRIOR, Origin

DEFAULTS = "defaults"
MOST_DRAWS = 2**20
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Shown):
    """Parameter values, shape (n, parameters) in the order of `names()`, and where they come from.

    `filled` names parameters that the source lacks: they come from the prior. `unused` names what it holds beyond them.
    `modules` says where each module's parameters come from, where draws are joined from several files; `notes` is what
    else a reader must know of the source.
    """

    values: np.ndarray
    source: str
    filled: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    modules: tuple[Origin, ...] = ()
    notes: tuple[Told, ...] = ()

    def __len__(self) -> int:
        """How many draws there are."""
        return len(self.values)


def names() -> tuple[str, ...]:
    """Dotted paths of all parameters, in the order of the columns of `Draws.values`."""
    return tuple(declared(Parameters))


def prior_draws(n: int, seed: int = 1) -> Draws:
    """The first `n` draws from the priors under a seed; SettingError unless 1 <= n <= 2^20 and 0 <= seed < 2^32."""
    faults = [] if 1 <= n <= MOST_DRAWS else [Fault("draws", f"{n} draws", f"1 to {MOST_DRAWS}")]
    if not 0 <= seed <= LARGEST_SEED:
        faults.append(Fault("seed", f"seed {seed}", f"0 to {LARGEST_SEED}"))
    if faults:
        raise SettingError("", faults)
    added = sum(len(declared(one.parameters)) for _, one in loaded() if one.parameters is not None)
    points = unit_points(n, len(names()) - added, seed)
    if added:
        points = np.hstack([points, unit_points(n, len(names()), (seed, added))[:, -added:]])
    return Draws(from_cube(Parameters, points), PRIOR)


def unit_points(n: int, dimensions: int, seed: int | tuple[int, ...]) -> np.ndarray:
    """The first `n` points of the scrambled Sobol sequence of a seed, inside the unit cube; shape (n, dimensions)."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    points = sequence.random_base2(max(int(np.ceil(np.log2(n))), 0))[:n]
    return np.clip(points, 2.0**-32, 1.0 - 2.0**-32)


def default_draw() -> Draws:
    """One draw with every parameter at its default."""
    return Draws(default_row(Parameters)[None, :], DEFAULTS)


def with_fixed(values: np.ndarray, fixed: dict[str, float]) -> np.ndarray:
    """Draws in which a scenario's fixed parameters replace the drawn values."""
    changed = values.copy()
    for path, value in fixed.items():
        changed[:, names().index(path)] = value
    return changed
