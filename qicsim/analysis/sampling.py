"""Designs on the unit cube that remember how they were made; written here, since SALib's do not serve.

    morris    N trajectories. A factor crosses its range in each: a parameter goes half the cube up or down, a lever
              takes all its values, one after the other; the order of factors is random (Morris 1991)
    sobol     N base points with k + 2 rows: A, A with each factor of B, B (Saltelli 2002); 2k + 2 with second order (B
              with each factor of A besides) or with dependent factors (A with each factor redrawn given the others, A
              with all others redrawn given it; Kucherenko, Tarantola and Annoni 2012)
    shapley   N trajectories of k + 1 rows: one factor after the other is redrawn, in random order (Goda 2021; Song,
              Nelson and Staum 2016 for dependent factors)
    sequence  N points for methods that take any sample (PAWN)

Base points are those of a scrambled Sobol sequence, or of a Latin hypercube (`sample`). With a sequence the first N
blocks of a longer design are the shorter design, so that runs made for one serve the other; a Latin hypercube of
another size is another one. SALib's Morris steps leave the ends of a range out (a parameter crosses three quarters of
it) and flip a lever of two values over more than its step, so that its effects are no effects of a range; its Shapley
sampler cannot be continued.

**Luck.** With `luck` "shared" all rows of a block are run with the luck of the block, so that they differ by what the
factors do: an inert factor moves nothing at all. With "own" each row has luck of its own. `draws` are the numbers.
A factor may be a group: columns that move together, and have one index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from qicsim.analysis.dependence import dependent, redrawn
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.runs.draws import LARGEST_SEED, unit_points

EDGE = 2.0**-32
SHARED, OWN = "shared", "own"
LUCKS = (SHARED, OWN)
SEQUENCE, HYPERCUBE = "sequence", "latin-hypercube"
SAMPLES = (SEQUENCE, HYPERCUBE)


@dataclass(frozen=True, eq=False)
class Layout:
    """What a design varies: its columns, which of them move together, and how each may go.

    factors      names of what has an index: columns, or groups of columns
    columns      for each column the position of its factor
    values       for each column how many values it takes, 0 for any number between the ends of its range
    correlation  of the columns (normal copula), or None
    """

    factors: tuple[str, ...]
    columns: tuple[int, ...]
    values: tuple[int, ...]
    correlation: np.ndarray | None = None

    @staticmethod
    def of(factors: Sequence[str], *, groups: Mapping[str, Sequence[str]] | None = None,
           values: Sequence[int] | None = None, correlation: np.ndarray | None = None) -> Layout:
        """The layout of columns with names; `groups` by name, whose members come together at the first of them.

        SettingError for unknown members and for a column in two groups.
        """
        names = tuple(factors)
        home: dict[str, str] = {}
        faults = []
        for group, members in (groups or {}).items():
            for name in members:
                if name not in names:
                    faults.append(Fault(f"groups, {group}", f'"{name}" is not varied', hint=nearest(name, names)))
                if name in home:
                    faults.append(Fault(f"groups, {group}", f'"{name}" is in "{home[name]}" already', "one group"))
                home[name] = group
        if faults:
            raise SettingError("", faults)
        moved = tuple(dict.fromkeys(home.get(name, name) for name in names))
        return Layout(moved, tuple(moved.index(home.get(name, name)) for name in names),
                      tuple(values) if values is not None else (0,) * len(names), correlation)

    def of_factor(self, factor: int) -> np.ndarray:
        """Which columns belong to a factor; bool (columns,)."""
        return np.array(self.columns) == factor

    @property
    def moves(self) -> np.ndarray:
        """Rows that each factor adds to a trajectory of Morris; int64 (factors,)."""
        several = np.array([max(value - 1, 1) for value in self.values])
        return np.array([several[self.of_factor(place)].max() for place in range(len(self.factors))])

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"factors": list(self.factors), "columns": list(self.columns), "values": list(self.values),
                "correlation": None if self.correlation is None else self.correlation.tolist()}


@dataclass(frozen=True, eq=False)
class CubeDesign:
    """Points (rows, columns) of the unit cube and how they were sampled; analyses read it from here.

    n             blocks: base points, trajectories, or points
    second_order  whether a Sobol design has the rows for second order
    luck, sample  whose luck rows have, and where base points come from
    order         in which factors move, int64 (n, factors); empty for methods without an order
    """

    method: str
    layout: Layout
    n: int
    seed: int
    points: np.ndarray
    second_order: bool = False
    luck: str = SHARED
    sample: str = SEQUENCE
    order: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of what has an index."""
        return self.layout.factors

    @property
    def block(self) -> int:
        """Rows of a block."""
        return len(self.points) // self.n

    @property
    def draws(self) -> np.ndarray:
        """Numbers of the rows' luck: rows with the same number share it; int64 (rows,)."""
        rows = np.arange(len(self.points))
        return rows // self.block if self.luck == SHARED else rows

    def take(self, blocks: np.ndarray) -> CubeDesign:
        """The design of some of its blocks."""
        rows = (np.asarray(blocks)[:, None] * self.block + np.arange(self.block)).ravel()
        return replace(self, n=len(blocks), points=self.points[rows], order=self.order[blocks] if len(self.order)
                       else self.order)

    def first(self, n: int) -> CubeDesign:
        """The design of its first `n` blocks."""
        return self.take(np.arange(n))

    def record(self) -> dict[str, Any]:
        """What it takes to sample it again, and the digest of its points; JSON-able."""
        return {"method": self.method, **self.layout.record(), "n": self.n, "seed": self.seed, "luck": self.luck,
                "sample": self.sample, "second_order": self.second_order, "points": self.digest}

    @property
    def digest(self) -> str:
        """The sha256 of the points."""
        return hashlib.sha256(np.ascontiguousarray(self.points).tobytes()).hexdigest()


def sobol_design(factors: Sequence[str], n: int, *, second_order: bool = False, **choices: Any) -> CubeDesign:
    """Saltelli's design of `n` base points, a power of two unless they come from a Latin hypercube.

    `choices` of every design: seed (1), luck ("shared"), sample ("sequence"), groups, values, correlation (`Layout`).
    """
    design = _begun("sobol", factors, n, second_order=second_order, **choices)
    layout, k = design.layout, len(design.factors)
    if layout.correlation is not None and second_order:
        raise SettingError("", [Fault("second_order", "is not defined for dependent factors", "independent factors")])
    base = _base(design, 2)
    a, b = dependent(base[0], layout.correlation), dependent(base[1], layout.correlation)
    chosen = [layout.of_factor(place) for place in range(k)]
    if layout.correlation is not None:
        middle = [redrawn(a, base[1], one, layout.correlation) for one in (*chosen, *(~one for one in chosen))]
    else:
        middle = [np.where(one, b, a) for one in chosen]
        middle += [np.where(one, a, b) for one in chosen] if second_order else []
    return _finished(design, [a, *middle, b])


def morris_design(factors: Sequence[str], n: int, **choices: Any) -> CubeDesign:
    """`n` trajectories in which every factor crosses its range once; `choices` as in `sobol_design`.

    A parameter goes from u to u + 1/2 or u - 1/2, where u lies anywhere in the cube; a lever of K values takes all of
    them in a circle, K - 1 rows. SettingError for dependent factors, and for groups that hold levers.
    """
    design = _begun("morris", factors, n, **choices)
    layout, moves = design.layout, design.layout.moves
    faults = [] if layout.correlation is None else [Fault("correlation", "factors of a screening move one at a time",
                                                          "independent factors")]
    faults += [Fault("groups", f'"{name}" holds a lever', "parameters alone in groups of a screening")
               for place, name in enumerate(layout.factors) if layout.of_factor(place).sum() > 1
               and np.array(layout.values)[layout.of_factor(place)].any()]
    if faults:
        raise SettingError("", faults)
    (base,), order = _base(design, 1), _orders(design)
    rows = np.arange(1 + int(moves.sum()))[None, :, None]
    taken = np.clip(rows - starts(order, moves)[:, None], 0, moves)[:, :, np.array(layout.columns)]
    counts = np.array(layout.values)
    several = np.maximum(counts, 1)
    value = (np.floor(base * several)[:, None] + taken) % several
    points = np.where(counts > 0, (value + 0.5) / several, (base[:, None] + 0.5 * taken) % 1.0)
    return replace(_finished(design, list(points.swapaxes(0, 1))), order=order)


def starts(order: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """The row of a trajectory from which each factor moves, int64 (n, factors), in orders (n, factors)."""
    before = np.cumsum(moves[order], axis=1) - moves[order]
    out = np.empty_like(before)
    np.put_along_axis(out, order, before, axis=1)
    return out


def shapley_design(factors: Sequence[str], n: int, **choices: Any) -> CubeDesign:
    """`n` trajectories from a point to a fresh one, factor by factor; `choices` as in `sobol_design`."""
    design = _begun("shapley", factors, n, **choices)
    layout, order = design.layout, _orders(design)
    base = _base(design, 2)
    start = dependent(base[0], layout.correlation)
    rows = [start]
    columns = np.array(layout.columns)
    rank = np.argsort(order, axis=1)[:, columns]
    for step in range(1, len(layout.factors) + 1):
        chosen = rank < step
        if layout.correlation is None:
            rows.append(np.where(chosen, base[1], start))
        else:
            rows.append(np.vstack([redrawn(start[[at]], base[1][[at]], chosen[at], layout.correlation)
                                   for at in range(n)]))
    return replace(_finished(design, rows), order=order)


def sequence_design(factors: Sequence[str], n: int, **choices: Any) -> CubeDesign:
    """`n` points; `choices` as in `sobol_design`. SettingError for groups."""
    design = _begun("sequence", factors, n, **choices)
    if len(design.factors) < len(design.layout.columns):
        raise SettingError("", [Fault("groups", "a sample of points has indices of single factors only", "no groups")])
    return _finished(design, [dependent(_base(design, 1)[0], design.layout.correlation)])


METHODS: dict[str, Callable[..., CubeDesign]] = {
    "morris": morris_design, "sobol": sobol_design, "shapley": shapley_design, "sequence": sequence_design}


def design_from(record: Mapping[str, Any]) -> CubeDesign:
    """The design of a record; SettingError for an unknown method or when it can no longer be sampled the same."""
    method = record["method"]
    if method not in METHODS:
        raise SettingError("", [Fault("method", f'"{method}"', ", ".join(METHODS), nearest(str(method), METHODS))])
    correlation = record["correlation"]
    names = [f"{record['factors'][place]}.{at}" for at, place in enumerate(record["columns"])]
    groups = {factor: [name for name, place in zip(names, record["columns"], strict=True) if place == at]
              for at, factor in enumerate(record["factors"])}
    own = {"second_order": record["second_order"]} if method == "sobol" else {}
    design = METHODS[method](names, record["n"], seed=record["seed"], luck=record["luck"], sample=record["sample"],
                             groups=groups, values=record["values"],
                             correlation=None if correlation is None else np.array(correlation), **own)
    if design.digest != record["points"]:
        raise SettingError("", [Fault("points", "this version of scipy or qicsim samples other points",
                                      "the versions that the design was made with")])
    return design


def _begun(method: str, factors: Sequence[str], n: int, *, seed: int = 1, luck: str = SHARED, sample: str = SEQUENCE,
           second_order: bool = False, **layout: Any) -> CubeDesign:
    """A design without points; SettingError for what cannot be sampled."""
    faults = [] if len(factors) else [Fault("factors", "there is none", "one or more")]
    if n < 1 or (method == "sobol" and sample == SEQUENCE and n & (n - 1)):
        faults.append(Fault("n", f"{n}", "a power of two" if method == "sobol" else "1 or more"))
    if not 1 <= seed <= LARGEST_SEED:
        faults.append(Fault("seed", f"{seed}", f"1 to {LARGEST_SEED}"))
    faults += [Fault(name, f'"{value}"', ", ".join(allowed), nearest(str(value), allowed)) for name, value, allowed in (
        ("luck", luck, LUCKS), ("sample", sample, SAMPLES)) if value not in allowed]
    if faults:
        raise SettingError("", faults)
    return CubeDesign(method, Layout.of(factors, **layout), n, seed, np.empty((0, 0)), second_order, luck, sample)


def _base(design: CubeDesign, times: int) -> np.ndarray:
    """Independent points of the cube, (times, n, columns), from one sample of times x columns coordinates."""
    columns = len(design.layout.columns)
    if design.sample == HYPERCUBE:
        from scipy.stats import qmc

        hypercube = qmc.LatinHypercube(times * columns, rng=np.random.default_rng(design.seed))
        points = np.clip(hypercube.random(design.n), EDGE, 1.0 - EDGE)
    else:
        points = unit_points(design.n, times * columns, design.seed)
    return points.reshape(design.n, times, columns).swapaxes(0, 1)


def _orders(design: CubeDesign) -> np.ndarray:
    """A random order of the factors for every block; those of more blocks begin with those of fewer."""
    return np.random.default_rng([design.seed, 1]).random((design.n, len(design.factors))).argsort(axis=1)


def _finished(design: CubeDesign, rows: Sequence[np.ndarray]) -> CubeDesign:
    """The design with its points, from the rows of every block, each (n, columns)."""
    points = np.stack(rows, axis=1).reshape(-1, len(design.layout.columns))
    return replace(design, points=np.clip(points, EDGE, 1.0 - EDGE))
