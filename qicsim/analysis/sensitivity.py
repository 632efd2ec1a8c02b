"""Sensitivity analysis of simulated outputs: indices that are right, each with an interval and a flag, always given.

Refused are outputs of another shape than the design's, outputs that are not finite (rows named), and designs below the
least size of their method, at which an index says nothing. A constant output is stated and has no indices.

An index is converged when half of its interval is within the tolerance, and it differs by no more than that from the
index of the first half of the design (Sarrazin, Pianosi and Wagener 2016, "Global sensitivity analysis of environmental
models: convergence and validation": interval narrower than 0.05 to 0.1). For elementary effects the tolerance is
relative to the largest mu_star. What is not converged is given all the same: its interval says how little is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from qicsim.analysis.estimators import ESTIMATORS, SLICES, Estimate
from qicsim.analysis.noise import MOST_NOISE, Noise, noise_of
from qicsim.analysis.sampling import CubeDesign
from qicsim.ground.errors import Fault, SettingError, nearest

TOLERANCE = 0.05
LEVEL = 0.95
FEWEST = {"sobol": 4, "morris": 4, "shapley": 8, "sequence": 20 * SLICES}
"""Base points, trajectories or points below which an index says nothing (PAWN: 20 points in a slice)."""
GIVEN_UP = {"delta": ('was given up in 0.2: the estimate of SALib 1.6 was wrong by up to a half and called converged; '
                      '"pawn" compares whole distributions, "shapley-effects" and "sobol" share the variance out')}
INDICES = {"sobol": ("first", "total"), "morris": ("mu_star", "mu", "sigma"), "shapley": ("shapley",),
           "pawn": ("pawn",)}
ROUNDING = 1e-12
"""Differences below this share of the output's size are rounding."""
_NAMED_ROWS = 10


@dataclass(frozen=True, eq=False)
class Index:
    """An index of every factor, (factors, ...) or (factors, factors, ...), where ... are the outputs' times.

    estimate    with chance taken off; NaN where the output does not vary
    low, high   its interval
    earlier     the estimate from the first half of the design
    converged   whether interval and change from the first half are within the tolerance
    """

    name: str
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    earlier: np.ndarray
    converged: np.ndarray

    @property
    def half_width(self) -> np.ndarray:
        """Half the width of the interval."""
        return 0.5 * (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The indices of one indicator, each field (...) by time.

    varies  whether there is anything to explain
    hidden  whether chance makes so much of the variation that shares of the rest mean little
    used    how many points the indices rest on
    """

    indicator: str
    design: CubeDesign
    indices: tuple[Index, ...]
    noise: Noise
    varies: np.ndarray
    hidden: np.ndarray
    used: np.ndarray
    replicates: int
    level: float
    tolerance: float

    @property
    def converged(self) -> bool:
        """Whether every index is, at every time at which the output varies."""
        return all(bool(np.all(index.converged[np.isfinite(index.high)])) for index in self.indices)

    def index(self, name: str) -> Index:
        """The index of a name; SettingError if the design does not give it."""
        known = {index.name: index for index in self.indices}
        if name not in known:
            raise SettingError("", [Fault("index", f'"{name}" was not estimated', ", ".join(known),
                                          nearest(name, known))])
        return known[name]


def sensitivity(design: CubeDesign, outputs: Mapping[str, np.ndarray], *, method: str | None = None,
                level: float = LEVEL, tolerance: float = TOLERANCE, within: Mapping[str, np.ndarray] | None = None
                ) -> tuple[Sensitivity, ...]:
    """The indices of several indicators, each (points, replicates) or (points, replicates, times).

    Args:
        design: where the outputs were worked out.
        outputs: by indicator.
        method: the design's own; a name that was given up is refused with what takes its place.
        level: of the intervals.
        tolerance: half-width at which an index is converged.
        within: for each indicator which points count, bool (points,) or (points, times); of a sequence alone, since the
            blocks of other designs need all their rows.

    Raises:
        SettingError: for outputs of another shape than the design, or not finite, and for designs that are too small.
    """
    chosen, chosen_points = _method(design, method), within or {}
    values = {name: np.asarray(output, dtype=float) for name, output in outputs.items()}
    faults = [fault for name, output in values.items() for fault in _faults(name, output, design)]
    if design.n < FEWEST[design.method]:
        faults.append(Fault("n", f"{design.n}", f"{FEWEST[design.method]} or more for a {design.method} design"))
    if not 0.0 < level < 1.0:
        faults.append(Fault("level", f"{level}", "between 0 and 1"))
    if chosen_points and design.method != "sequence":
        faults.append(Fault("within", f"a {design.method} design needs all its rows", "pawn"))
    if faults:
        raise SettingError("", faults)
    return tuple(_analysed(name, output, design, chosen, level=level, tolerance=tolerance,
                           within=chosen_points.get(name)) for name, output in values.items())


def _method(design: CubeDesign, method: str | None) -> str:
    possible = ESTIMATORS[design.method]
    chosen = method or next(iter(possible))
    if chosen in GIVEN_UP:
        raise SettingError("", [Fault("method", f'"{chosen}" {GIVEN_UP[chosen]}')])
    if chosen not in possible:
        raise SettingError("", [Fault("method", f'"{chosen}" cannot be worked out from a {design.method} design',
                                      ", ".join(possible))])
    return chosen


def _faults(name: str, output: np.ndarray, design: CubeDesign) -> list[Fault]:
    rows = len(design.points)
    if output.ndim < 2 or output.shape[0] != rows or output.shape[1] < 1:  # noqa: PLR2004 points and replicates
        return [Fault(name, f"has the shape {output.shape}", f"({rows}, replicates, ...), a row for each point")]
    bad = np.flatnonzero(~np.isfinite(output.reshape(rows, -1)).all(axis=1))
    if not bad.size:
        return []
    listed = ", ".join(str(row) for row in bad[:_NAMED_ROWS]) + (", ..." if bad.size > _NAMED_ROWS else "")
    return [Fault(name, f"is not finite in {bad.size} of {rows} rows: {listed}", "numbers",
                  "Run them again, or choose times at which every run has a value.")]


def _analysed(name: str, output: np.ndarray, design: CubeDesign, method: str, *, level: float, tolerance: float,
              within: np.ndarray | None) -> Sensitivity:
    rest = output.shape[2:]
    flat = output.reshape(*output.shape[:2], -1)
    counted = np.ones((len(flat), flat.shape[2]), dtype=bool) if within is None else np.broadcast_to(
        np.reshape(within, (len(flat), -1)), (len(flat), flat.shape[2]))
    parts = [_at_a_time(design, flat[:, :, at], counted[:, at], method, level) for at in range(flat.shape[2])]
    indices = tuple(_index(place, parts, tolerance, rest) for place in range(len(index_names(design, method))))
    varies, hidden, used = (np.array([getattr(part, field) for part in parts]).reshape(rest)
                            for field in ("varies", "hidden", "used"))
    return Sensitivity(name, design, indices, noise_of(design, output), varies, hidden, used, output.shape[1], level,
                       tolerance)


@dataclass(frozen=True, eq=False)
class _Part:
    """One output at one time: estimates from the whole design and from its first half."""

    found: tuple[Estimate, ...]
    earlier: tuple[Estimate, ...]
    varies: bool
    hidden: bool
    used: int


def _at_a_time(design: CubeDesign, values: np.ndarray, counted: np.ndarray, method: str, level: float) -> _Part:
    """The indices of finite values (points, replicates) at the points that count."""
    if not counted.all():
        design, values = design.take(np.flatnonzero(counted)), values[counted]
    used = len(values)
    if design.n < FEWEST[design.method] or np.ptp(values) <= ROUNDING * np.max(np.abs(values)):
        nothing = _nothing(design, method)
        return _Part(nothing, nothing, varies=False, hidden=False, used=used)
    noise = noise_of(design, values)
    found = ESTIMATORS[design.method][method](design, values, level)
    hidden = bool(noise.of_mean > MOST_NOISE) or not np.isfinite(found[0].value).all()
    if hidden and design.method in ("sobol", "shapley"):
        found = tuple(replace(one, low=np.minimum(one.low, 0.0), high=np.maximum(one.high, 1.0)) for one in found)
    half = design.first(design.n // 2)
    earlier = ESTIMATORS[design.method][method](half, values[:len(half.points)], level)
    return _Part(found, earlier, varies=True, hidden=hidden, used=used)


def index_names(design: CubeDesign, method: str) -> tuple[str, ...]:
    """Names of the indices that a method gives of a design."""
    return (*INDICES[method], "second") if design.second_order else INDICES[method]


def _nothing(design: CubeDesign, method: str) -> tuple[Estimate, ...]:
    """No indices: the output does not vary, or too few points count."""
    k = len(design.factors)
    return tuple(Estimate(name, *(np.full((k, k) if name == "second" else k, np.nan) for _ in range(3)))
                 for name in index_names(design, method))


def _index(place: int, parts: list[_Part], tolerance: float, rest: tuple[int, ...]) -> Index:
    """An index over all times."""
    name = parts[0].found[place].index
    estimate, low, high, earlier = (np.stack(stack, axis=-1) for stack in (
        [part.found[place].value for part in parts], [part.found[place].low for part in parts],
        [part.found[place].high for part in parts], [part.earlier[place].value for part in parts]))
    allowed = tolerance * np.array([_scale(part) for part in parts])
    converged = (0.5 * (high - low) <= allowed) & (np.abs(estimate - earlier) <= allowed)
    shape = (*estimate.shape[:-1], *rest)
    return Index(name, *(array.reshape(shape) for array in (estimate, low, high, earlier, converged)))


def _scale(part: _Part) -> float:
    """What the tolerance is relative to: the largest mu_star for elementary effects, else 1."""
    first = part.found[0]
    return float(np.max(first.value)) if first.index == "mu_star" and part.varies else 1.0
