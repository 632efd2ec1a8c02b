"""The prior of an update: what an earlier posterior says of all parameters, as a distribution on the unit cube.

A posterior file holds a thousand draws or fewer different ones, and an update needs more. They are joined by a Gaussian
copula with the marginals of the draws:

    x_i = q_i(Phi(z_i)),   z = L u,   u standard normal,   L L' = R

q_i  quantile function of parameter i's draws, smoothed over 256 steps, in normal scores of the declared prior
R    rank correlation of the draws; a correlation that chance could give (below 4 / sqrt(draws)) is taken for zero

Kernels around the draws would do no better: with 82 parameters and 1,000 draws Silverman's width is 0.89 of their
spread, so that shrunken kernels would keep less than half of each draw's place, and blur the marginals besides.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.estimate.calibrate.fill import CubePoints
from qicsim.estimate.calibrate.reported_history import Calibrated, parameter_names, parameters_from_cube
from qicsim.estimate.calibrate.scores import scores_of
from qicsim.ground.declare import Parameter, declared
from qicsim.ground.errors import DataError, Fault
from qicsim.ground.threads import one_thread
from qicsim.runs.draws import names
from qicsim.runs.posterior import posterior_draws

STEPS = 256
SHIPPED = 1000
BY_CHANCE = 4.0
SMALLEST_EIGENVALUE = 1e-3


@dataclass(frozen=True, eq=False)
class InformedPrior:
    """A prior from draws: `grid` (STEPS,) normal scores, `marginals` (STEPS, d) values there, `root` (d, d) of R."""

    parameters: tuple[str, ...]
    grid: np.ndarray
    marginals: np.ndarray
    root: np.ndarray
    source: str

    @staticmethod
    def of(columns: tuple[str, ...], values: np.ndarray, source: str) -> InformedPrior:
        """The prior of draws (n, d) with the names of their columns; one that is missing has its declared prior.

        DataError if none is there.
        """
        wanted = parameter_names()
        if not set(columns) & set(wanted):
            raise DataError(source, [Fault("parameters", "none of them is a parameter of the model")])
        draws = parameters_from_cube(CubePoints(len(wanted), 1).next(len(values)))
        for column, name in enumerate(wanted):
            if name in columns:
                draws[:, column] = values[:, columns.index(name)]
        scores = prior_scores(draws)
        middle = (np.arange(STEPS) + 0.5) / STEPS
        return InformedPrior(wanted, special.ndtri(middle), np.quantile(scores, middle, axis=0), _root(scores), source)

    @staticmethod
    def shipped() -> InformedPrior:
        """The prior of the shipped posterior: joined draws, as projections take them."""
        return InformedPrior.of(names(), posterior_draws(SHIPPED).values, "the shipped posterior")

    def quantile(self, cube: np.ndarray) -> np.ndarray:
        """Values (n, d) at points (n, d) of the unit cube."""
        tied = np.einsum("nd,ed->ne", scores_of(cube), self.root)
        scores = np.column_stack([self._marginal(tied[:, i], self.marginals[:, i]) for i in range(tied.shape[1])])
        return np.column_stack([leaf.quantile(special.ndtr(scores[:, i])) for i, leaf in enumerate(_leaves())])

    @property
    def digest(self) -> str:
        """What the prior depends on."""
        parts = (self.marginals.tobytes(), self.root.tobytes(), repr(self.parameters).encode())
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def _marginal(self, z: np.ndarray, marginal: np.ndarray) -> np.ndarray:
        """A parameter's normal score under the declared prior, from its own; tails go on with the draws' spread."""
        inside = np.interp(z, self.grid, marginal)
        slope = (marginal[-1] - marginal[0]) / (self.grid[-1] - self.grid[0])
        beyond = z - np.clip(z, self.grid[0], self.grid[-1])
        return inside + slope * beyond


def prior_scores(values: np.ndarray) -> np.ndarray:
    """Normal scores (n, d) of values of all parameters under their declared priors."""
    return scores_of(np.column_stack([leaf.below(values[:, i]) for i, leaf in enumerate(_leaves())]))


def _leaves() -> list[Parameter]:
    return [leaf.declaration for leaf in declared(Calibrated).values()]


@one_thread
def _root(scores: np.ndarray) -> np.ndarray:
    """The triangular root of the correlation of ranks in normal scores, without what chance could give."""
    n, d = scores.shape
    ranks = np.argsort(np.argsort(scores, axis=0, kind="stable"), axis=0)
    normal = special.ndtri((ranks + 0.5) / n)
    correlation = np.corrcoef(normal.T)
    moving = np.ptp(scores, axis=0) > 0.0
    kept = (np.abs(correlation) > BY_CHANCE / np.sqrt(n)) & np.outer(moving, moving)
    spread, turn = np.linalg.eigh(np.where(kept | np.eye(d, dtype=bool), correlation, 0.0))
    mended = (turn * np.maximum(spread, SMALLEST_EIGENVALUE)) @ turn.T
    scale = np.sqrt(np.diag(mended))
    return np.linalg.cholesky(mended / np.outer(scale, scale))

