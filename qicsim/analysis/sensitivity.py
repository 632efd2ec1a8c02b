"""Sensitivity analysis of simulated outputs: indices that are right, with noise, interval and a verdict, or none.

Three things make SALib answer wrongly without a word, and are not possible here: an analysis with other flags than the
design was sampled with (they are read from the design), outputs that are not finite (refused, rows named), and a
constant output (stated, no indices).

An index is converged when the half-width of its interval is within the tolerance, and it differs by no more than that
from the index of the first half of the design (Sarrazin, Pianosi and Wagener 2016, "Global sensitivity analysis of
environmental models: convergence and validation": interval narrower than 0.05 to 0.1). For elementary effects the
tolerance is relative to the largest mu_star. What is not converged is kept in the record, and is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.estimators import ESTIMATORS, Options
from qicsim.analysis.noise import Noise, noise_of
from qicsim.analysis.sampling import CubeDesign
from qicsim.analysis.series import Series, analysed, index_names
from qicsim.ground.errors import Fault, SettingError, nearest

TOLERANCE = 0.05
_NAMED_ROWS = 10
_FEWEST = {"sobol": 4, "morris": 4, "shapley": 32, "sequence": 32}


@dataclass(frozen=True, eq=False)
class Index:
    """An index of every factor, (factors, ...) or (factors, factors, ...), where ... are the outputs' times.

    estimate    with the noise of the simulation taken off where that is possible; NaN where the output does not vary
    half_width  of the interval
    earlier     the estimate from the first half of the design
    floor       what a factor without effect would show (...), NaN where that is 0
    converged   whether the estimate may be shown
    """

    name: str
    estimate: np.ndarray
    half_width: np.ndarray
    earlier: np.ndarray
    floor: np.ndarray
    converged: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """The estimate where it is converged, NaN elsewhere."""
        return np.where(self.converged, self.estimate, np.nan)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The indices of one indicator; `varies` (...) says at which times there is anything to explain."""

    indicator: str
    design: CubeDesign
    indices: tuple[Index, ...]
    noise: Noise
    varies: np.ndarray
    replicates: int
    level: float
    tolerance: float

    @property
    def converged(self) -> bool:
        """Whether every index may be shown, at every time at which the output varies."""
        return all(bool(np.all(one.converged[np.isfinite(one.estimate)])) for one in self.indices)

    def index(self, name: str) -> Index:
        """The index of a name; SettingError if the design does not give it."""
        for one in self.indices:
            if one.name == name:
                return one
        known = [one.name for one in self.indices]
        raise SettingError("", [Fault("index", f'"{name}" was not estimated', ", ".join(known), nearest(name, known))])


def sensitivity(design: CubeDesign, outputs: Mapping[str, np.ndarray], *, method: str | None = None,
                options: Options | None = None, tolerance: float = TOLERANCE) -> tuple[Sensitivity, ...]:
    """The indices of several indicators, each (points, replicates) or (points, replicates, times).

    `method` chooses between "pawn" (default) and "delta" for a sequence of points; the other designs have one method.
    Raises SettingError for outputs of another shape than the design, or not finite, and for designs too small to halve.
    """
    options, chosen = options or Options(), _method(design, method)
    values = {name: np.asarray(output, dtype=float) for name, output in outputs.items()}
    faults = [fault for name, output in values.items() for fault in _faults(name, output, design)]
    if design.n < _FEWEST[design.method]:
        faults.append(Fault("n", f"{design.n}", f"{_FEWEST[design.method]} or more for a {design.method} design"))
    if options.seed < 1 or options.resamples < 2 or not 0.0 < options.level < 1.0:  # noqa: PLR2004 a spread needs two
        faults.append(Fault("options", f"{options}", "a seed from 1 on, 2 resamples or more, a level between 0 and 1"))
    if faults:
        raise SettingError("", faults)
    return tuple(_analysed(name, output, design, chosen, options=options, tolerance=tolerance)
                 for name, output in values.items())


def _method(design: CubeDesign, method: str | None) -> str:
    possible = ESTIMATORS[design.method]
    chosen = method or next(iter(possible))
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
    told = ", ".join(str(row) for row in bad[:_NAMED_ROWS]) + (", ..." if bad.size > _NAMED_ROWS else "")
    return [Fault(name, f"is not finite in {bad.size} of {rows} rows: {told}", "numbers",
                  "Run them again, or choose times at which every run has a value.")]


def _analysed(name: str, output: np.ndarray, design: CubeDesign, method: str, *, options: Options, tolerance: float
              ) -> Sensitivity:
    rest = output.shape[2:]
    flat = output.reshape(*output.shape[:2], -1)
    series = [analysed(design, flat[:, :, at], method, options) for at in range(flat.shape[2])]
    scales = [_scale(one) for one in series]
    indices = tuple(_index(index, place, series, np.array(scales) * tolerance, rest)
                    for place, index in enumerate(index_names(design, method)))
    varies = np.array([one.varies for one in series]).reshape(rest)
    return Sensitivity(name, design, indices, noise_of(design, output), varies, output.shape[1], options.level,
                       tolerance)


def _scale(series: Series) -> float:
    """What the tolerance is relative to: the largest mu_star for elementary effects, else 1."""
    first = series.found[0]
    return float(np.max(first.value)) if first.index == "mu_star" and series.varies else 1.0


def _index(name: str, place: int, series: list[Series], tolerances: np.ndarray, rest: tuple[int, ...]) -> Index:
    """An index over all times."""
    estimate, half, earlier = (np.stack(parts, axis=-1) for parts in (
        [one.found[place].value for one in series], [one.found[place].half_width for one in series],
        [one.earlier[place].value for one in series]))
    converged = (half <= tolerances) & (np.abs(estimate - earlier) <= tolerances)
    shape = (*estimate.shape[:-1], *rest)
    floors = np.array([one.floors[place] for one in series]).reshape(rest)
    return Index(name, estimate.reshape(shape), half.reshape(shape), earlier.reshape(shape), floors,
                 converged.reshape(shape))
