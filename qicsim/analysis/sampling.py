"""Designs on the unit cube, by SALib's samplers, that remember how they were made.

    sobol     N blocks of k + 2 rows (2k + 2 with second order): A, B and A with columns of B (Saltelli 2002, 2010)
    morris    N trajectories of k + 1 rows on a grid (Morris 1991), in the middle of its cells: 1/8, 3/8, 5/8, 7/8 for
              four levels, since its ends are the bounds of the parameters, which no draw ever takes
    shapley   N trajectories of k + 1 rows (Goda 2021), sampled 16 at a time, each 16 with a generator of its own
    sequence  N points of a scrambled Sobol sequence, for methods that take any sample (PAWN, delta); those of
              `prior_draws` too, so that an ordinary ensemble can be analysed

Rows are given block by block, and the first N blocks of a longer design are the shorter design: runs made for one serve
the other. A row must be run with luck of its own (row number = draw number), the same in every replicate's number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.runs.draws import LARGEST_SEED, unit_points

SHAPLEY_BLOCK = 16
EDGE = 2.0**-32
LEVELS = 4


@dataclass(frozen=True, eq=False)
class CubeDesign:
    """Points (rows, factors) of the unit cube and how they were sampled; analyses read it from here.

    n             blocks: base points, trajectories, or points
    second_order  whether a Sobol design has the rows for second order
    levels        of a Morris design's grid, else 0
    """

    method: str
    factors: tuple[str, ...]
    n: int
    seed: int
    second_order: bool
    levels: int
    points: np.ndarray

    @property
    def block(self) -> int:
        """Rows of a block."""
        return block_rows(self.method, len(self.factors), second_order=self.second_order)

    def first(self, n: int) -> CubeDesign:
        """The design of its first `n` blocks."""
        return CubeDesign(self.method, self.factors, n, self.seed, self.second_order, self.levels,
                          self.points[:n * self.block])

    def record(self) -> dict[str, Any]:
        """What it takes to sample it again, and the digest of its points; JSON-able."""
        return {"method": self.method, "factors": list(self.factors), "n": self.n, "seed": self.seed,
                "second_order": self.second_order, "levels": self.levels, "points": self.digest}

    @property
    def digest(self) -> str:
        """The sha256 of the points."""
        return hashlib.sha256(np.ascontiguousarray(self.points).tobytes()).hexdigest()


def block_rows(method: str, factors: int, *, second_order: bool) -> int:
    """Rows of a block of a design."""
    if method == "sequence":
        return 1
    if method == "sobol":
        return 2 * factors + 2 if second_order else factors + 2
    return factors + 1


def sobol_design(factors: tuple[str, ...], n: int, *, seed: int = 1, second_order: bool = False) -> CubeDesign:
    """Saltelli's design of `n` base points, a power of two."""
    _check(factors, n, seed, power_of_two=True)
    from SALib.sample import sobol

    points = sobol.sample(problem(len(factors)), n, calc_second_order=second_order, seed=np.random.default_rng(seed))
    return CubeDesign("sobol", tuple(factors), n, seed, second_order, 0, np.clip(points, EDGE, 1.0 - EDGE))


def morris_design(factors: tuple[str, ...], n: int, *, seed: int = 1, levels: int = LEVELS) -> CubeDesign:
    """`n` trajectories over an even number of `levels`."""
    _check(factors, n, seed)
    if levels < 2 or levels % 2:  # noqa: PLR2004 a step is half the grid
        raise SettingError("", [Fault("levels", f"{levels} levels", "an even number, 2 or more")])
    from SALib.sample.morris import morris

    grid = morris.sample(problem(len(factors)), n, num_levels=levels, seed=np.random.default_rng(seed))
    points = (np.rint(grid * (levels - 1)) + 0.5) / levels
    return CubeDesign("morris", tuple(factors), n, seed, False, levels, points)


def shapley_design(factors: tuple[str, ...], n: int, *, seed: int = 1) -> CubeDesign:
    """Goda's design of `n` trajectories, a multiple of 16."""
    _check(factors, n, seed)
    if n % SHAPLEY_BLOCK:
        raise SettingError("", [Fault("n", f"{n} trajectories", f"a multiple of {SHAPLEY_BLOCK}")])
    from SALib.sample import shapley

    parts = [shapley.sample(problem(len(factors)), SHAPLEY_BLOCK, seed=np.random.default_rng([seed, part]))
             for part in range(n // SHAPLEY_BLOCK)]
    return CubeDesign("shapley", tuple(factors), n, seed, False, 0, np.clip(np.vstack(parts), EDGE, 1.0 - EDGE))


def sequence_design(factors: tuple[str, ...], n: int, *, seed: int = 1) -> CubeDesign:
    """The first `n` points of a scrambled Sobol sequence."""
    _check(factors, n, seed)
    return CubeDesign("sequence", tuple(factors), n, seed, False, 0, unit_points(n, len(factors), seed))


METHODS: dict[str, Callable[..., CubeDesign]] = {
    "morris": morris_design, "sobol": sobol_design, "shapley": shapley_design, "sequence": sequence_design}


def design_from(record: dict[str, Any]) -> CubeDesign:
    """The design of a record; SettingError for an unknown method or when it can no longer be sampled the same."""
    method = record["method"]
    if method not in METHODS:
        raise SettingError("", [Fault("method", f'"{method}"', ", ".join(METHODS), nearest(str(method), METHODS))])
    own = {"sobol": {"second_order": record["second_order"]}, "morris": {"levels": record["levels"]}}.get(method, {})
    design = METHODS[method](tuple(record["factors"]), record["n"], seed=record["seed"], **own)
    if design.digest != record["points"]:
        raise SettingError("", [Fault("points", "this version of SALib or scipy samples other points",
                                      "the versions that the design was made with")])
    return design


def problem(count: int) -> dict[str, Any]:
    """SALib's problem: the unit cube. Columns have plain names, since SALib reads a meaning into some endings."""
    return {"num_vars": count, "names": [f"x{place}" for place in range(count)], "bounds": [[0.0, 1.0]] * count}


def _check(factors: tuple[str, ...], n: int, seed: int, *, power_of_two: bool = False) -> None:
    faults = [] if factors else [Fault("factors", "there is none", "one or more")]
    if n < 1 or (power_of_two and n & (n - 1)):
        faults.append(Fault("n", f"{n}", "a power of two" if power_of_two else "1 or more"))
    if not 1 <= seed <= LARGEST_SEED:
        # To SALib's analyses a seed of 0 is no seed at all.
        faults.append(Fault("seed", f"{seed}", f"1 to {LARGEST_SEED}"))
    if faults:
        raise SettingError("", faults)
