"""An emulator: a Gaussian process that stands in for the simulator, with the simulator's noise and with its own error.

The input is a point of the unit cube (`qicsim.analysis.factors`), the output the mean between runs there:

    mean(u) = trend(u) + process(u),   trend: ridge regression on u and u^2 of every coordinate
                                       process: Matern 5/2, a length for each of the coordinates that matter most
    run(u)  = mean(u) + luck

Lengths are fitted by maximum likelihood on a part of the points (scikit-learn). Replicates say how much of what lies
between points is luck; what else trend and process miss is learnt from points left out one fold at a time, and added to
the error. A fifth of the points is held out from all of this, to show error and coverage; then all points are used.

History matching (Craig, Goldstein, Seheult and Smith 1997; Vernon, Goldstein and Bower 2010): a point is implausible
where it lies more than three standard deviations from what was observed, errors of emulator, luck, observation and
model taken together.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from qicsim.analysis.sampling import METHODS
from qicsim.analysis.sensitivity import TOLERANCE, Sensitivity, sensitivity
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.optional import optional
from qicsim.ground.shown import Shown
from qicsim.runs.draws import unit_points

EXTRA = "emulator"
FEWEST, MOST = 40, 2000
"""Points that an emulator is fitted to."""
ACTIVE = 12
"""Coordinates that the process sees; the trend sees all."""
FITTED_TO = 400
"""Points at most to which lengths are fitted: the time goes with the third power."""
LENGTHS = (0.3, 1.5)
"""Lengths from which the fit starts: a likelihood has several tops."""
FOLDS = 5
LEVELS = (0.5, 0.9, 0.95)
"""Levels of intervals whose coverage is shown."""
BASE = 1024
"""Base points of the indices that are worked out on an emulator."""
IMPLAUSIBLE = 3.0
AT_ONCE = 4096


class Prediction(NamedTuple):
    """What an emulator says of points, each (n, outputs): the mean between runs, its error, and the spread of a run."""

    mean: np.ndarray
    error: np.ndarray
    of_run: np.ndarray


class Check(NamedTuple):
    """How an output's emulator does at points that it had not seen.

    points     how many there were
    error      root mean square of the differences from the means of their replicates
    luck       what of that is luck, as replicates tell (0 with one replicate)
    spread     standard deviation of the output between points
    explained  share of the variance between points, luck taken off, that the emulator explains
    covered    share of the points within the interval, by LEVELS
    """

    points: int
    error: float
    luck: float
    spread: float
    explained: float
    covered: tuple[float, ...]


class Match(NamedTuple):
    """What is not ruled out by observations.

    share    of the cube's points that is not implausible
    points   those points (n, factors), with the implausibility (n,) of the worst output
    ranges   5 and 95 % quantiles of each coordinate among them (factors, 2); NaN where there is none
    """

    share: float
    points: np.ndarray
    implausibility: np.ndarray
    ranges: np.ndarray


class Luck(NamedTuple):
    """Variances: of a run about the mean between runs, and of the mean of the replicates of a point about it."""

    of_run: float
    of_mean: float


@dataclass(frozen=True, eq=False, repr=False)
class Surface(Shown):
    """One output: trend, process (over `active` coordinates, in units of `scale`), luck, and what is in none of them.

    missed  variance about the mean between runs that neither trend nor process foretells
    """

    trend: Any
    process: Any
    active: np.ndarray
    scale: float
    luck: Luck
    missed: float

    def at(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean between runs and its standard error at points (n, factors)."""
        parts = [self.process.predict(points[first:first + AT_ONCE][:, self.active], return_std=True)
                 for first in range(0, len(points), AT_ONCE)]
        mean, error = (self.scale * np.concatenate(part) for part in zip(*parts, strict=True))
        return self.trend.predict(_terms(points)) + mean, np.sqrt(error**2 + self.missed)


@dataclass(frozen=True, eq=False, repr=False)
class Emulator(Shown):
    """Emulators of some outputs over the same factors, with what checks found."""

    factors: tuple[str, ...]
    outputs: tuple[str, ...]
    surfaces: tuple[Surface, ...]
    checks: tuple[Check, ...]

    @staticmethod
    def fitted(points: np.ndarray, values: np.ndarray, *, factors: Sequence[str] | None = None,
               outputs: Sequence[str] | None = None, seed: int = 1) -> Emulator:
        """The emulator of runs: points (n, factors) of the unit cube, values (n, replicates, outputs).

        Each point has luck of its own. SettingError for shapes that do not fit, fewer than 40 points or more than
        2,000, points outside the cube, values that are not finite, and where scikit-learn (`qicsim[emulator]`) is not
        installed.
        """
        points, values = np.asarray(points, dtype=float), np.asarray(values, dtype=float)
        _refuse(points, values)
        named = tuple(factors) if factors is not None else tuple(f"x{at + 1}" for at in range(points.shape[1]))
        said = tuple(outputs) if outputs is not None else tuple(f"y{at + 1}" for at in range(values.shape[2]))
        if (len(named), len(said)) != (points.shape[1], values.shape[2]):
            raise SettingError("", [Fault("factors, outputs", f"{len(named)} and {len(said)} names",
                                          f"{points.shape[1]} and {values.shape[2]}")])
        found = [_fit(points, values[:, :, at], seed) for at in range(values.shape[2])]
        return Emulator(named, said, tuple(surface for surface, _ in found), tuple(check for _, check in found))

    def predict(self, points: np.ndarray) -> Prediction:
        """What it says of points (n, factors) of the unit cube; SettingError for another number of factors."""
        points = np.atleast_2d(np.asarray(points, dtype=float))
        if points.shape[1] != len(self.factors):
            raise SettingError("", [Fault("points", f"{points.shape[1]} columns", f"{len(self.factors)}, one for each "
                                          "factor")])
        means, errors = (np.column_stack(part) for part in
                         zip(*(one.at(points) for one in self.surfaces), strict=True))
        luck = np.array([one.luck.of_run for one in self.surfaces])
        return Prediction(means, errors, np.sqrt(errors**2 + luck))

    def indices(self, base: int = BASE, *, seed: int = 1, tolerance: float = TOLERANCE) -> tuple[Sensitivity, ...]:
        """First and total Sobol indices of each output, of its emulated mean; no run is made.

        `base` is a power of two. What the emulator leaves unexplained (`Check.explained`) is in none of them.
        """
        design = METHODS["sobol"](self.factors, base, seed=seed)
        means = self.predict(design.points).mean
        return tuple(sensitivity(design, {name: means[:, None, at:at + 1]}, method="sobol", tolerance=tolerance)[0]
                     for at, name in enumerate(self.outputs))

    def match(self, observed: Mapping[str, tuple[float, float]], *, points: int = 16384, seed: int = 1,
              cutoff: float = IMPLAUSIBLE) -> Match:
        """What of the cube is not implausible: `observed` are value and standard deviation by output.

        The standard deviation is of observation and model together; errors of the emulator and luck of the one history
        that happened are added. SettingError for an output that there is not, and deviations that are not above 0.
        """
        faults = [Fault("observed", f'"{name}" is not an output', ", ".join(self.outputs), nearest(name, self.outputs))
                  for name in observed if name not in self.outputs]
        faults += [Fault(f"observed, {name}", f"a standard deviation of {sd:g}", "above 0")
                   for name, (_, sd) in observed.items() if not sd > 0.0]
        if faults or not observed:
            raise SettingError("", faults or [Fault("observed", "there is nothing", "one output or more")])
        tried = unit_points(points, len(self.factors), seed)
        said = self.predict(tried)
        away = np.column_stack([
            np.abs(said.mean[:, at] - value) / np.sqrt(said.of_run[:, at]**2 + sd**2)
            for name, (value, sd) in observed.items() for at in [self.outputs.index(name)]]).max(axis=1)
        kept = away <= cutoff
        ranges = (np.quantile(tried[kept], (0.05, 0.95), axis=0).T if kept.any()
                  else np.full((len(self.factors), 2), np.nan))
        return Match(float(kept.mean()), tried[kept], away[kept], ranges)


# --------------------------------------------------------------------------------------------------------- fitting


def _refuse(points: np.ndarray, values: np.ndarray) -> None:
    """SettingError with every fault of what is to be emulated."""
    faults = []
    if points.ndim != 2 or values.ndim != 3 or len(points) != len(values):  # noqa: PLR2004 tables and their replicates
        faults.append(Fault("points, values", f"shapes {points.shape} and {values.shape}",
                            "(n, factors) and (n, replicates, outputs)"))
    elif not FEWEST <= len(points) <= MOST:
        faults.append(Fault("points", f"{len(points):,}", f"{FEWEST} to {MOST:,}"))
    elif points.min() < 0.0 or points.max() > 1.0:
        faults.append(Fault("points", "one lies outside the unit cube", "0 to 1"))
    elif not np.isfinite(values).all():
        faults.append(Fault("values", f"{int((~np.isfinite(values)).sum())} are not finite"))
    if faults:
        raise SettingError("", faults)


def _fit(points: np.ndarray, values: np.ndarray, seed: int) -> tuple[Surface, Check]:
    """The surface of one output from values (n, replicates), and its check."""
    means, replicates = values.mean(axis=1), values.shape[1]
    of_run = float(values.var(axis=1, ddof=1).mean()) if replicates > 1 else None
    luck = None if of_run is None else Luck(of_run, of_run / replicates)
    shuffled = np.random.default_rng(seed).permutation(len(points))
    held, seen = shuffled[:len(points) // FOLDS], shuffled[len(points) // FOLDS:]
    form = _form(points[seen], means[seen])
    missed = _missed(points[seen], means[seen], form, luck)
    check = _checked(_surface(points[seen], means[seen], form, luck, missed), points[held], means[held],
                     0.0 if luck is None else luck.of_mean)
    return _surface(points, means, form, luck, missed), check


class _Form(NamedTuple):
    """What is fitted once: the kernel with its lengths, the nugget, and the coordinates that the process sees."""

    kernel: Any
    nugget: float
    active: np.ndarray


def _terms(points: np.ndarray) -> np.ndarray:
    """Coordinates and their squares, about the middle."""
    middle = points - 0.5
    return np.hstack([middle, middle**2])


def _trend(points: np.ndarray, means: np.ndarray) -> tuple[Any, np.ndarray, float]:
    """The trend, what it leaves, and the scale of that."""
    trend = optional("sklearn.linear_model", EXTRA).RidgeCV(alphas=np.logspace(-4, 3, 15)).fit(_terms(points), means)
    left = means - trend.predict(_terms(points))
    return trend, left, float(left.std()) or 1.0


def _active(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The coordinates that a forest of trees uses most, in ascending order."""
    if points.shape[1] <= ACTIVE:
        return np.arange(points.shape[1])
    forest = optional("sklearn.ensemble", EXTRA).ExtraTreesRegressor(200, min_samples_leaf=3, random_state=1)
    forest.fit(points, means)
    return np.sort(np.argsort(-forest.feature_importances_)[:ACTIVE])


def _form(points: np.ndarray, means: np.ndarray) -> _Form:
    """Kernel, nugget and active coordinates of what the trend leaves."""
    kernels, process = optional("sklearn.gaussian_process.kernels", EXTRA), optional("sklearn.gaussian_process", EXTRA)
    active = _active(points, means)
    _, left, scale = _trend(points, means)
    some, wanted = points[:FITTED_TO, active], left[:FITTED_TO] / scale
    tried = []
    with warnings.catch_warnings():
        # A length at the end of its range is what a coordinate without effect has.
        warnings.simplefilter("ignore", optional("sklearn.exceptions", EXTRA).ConvergenceWarning)
        for length in LENGTHS:
            matern = kernels.Matern(np.full(len(active), length), (0.05, 50.0), nu=2.5)
            kernel = kernels.ConstantKernel(0.5, (1e-4, 1e2)) * matern + kernels.WhiteKernel(0.3, (1e-6, 2.0))
            tried.append(process.GaussianProcessRegressor(kernel, alpha=1e-9).fit(some, wanted))
    fitted = max(tried, key=lambda one: one.log_marginal_likelihood_value_)
    return _Form(fitted.kernel_.k1, float(fitted.kernel_.k2.noise_level), active)


def _surface(points: np.ndarray, means: np.ndarray, form: _Form, luck: Luck | None, missed: float) -> Surface:
    """The surface through points; where luck is not known all that lies between points counts as luck."""
    trend, left, scale = _trend(points, means)
    process = optional("sklearn.gaussian_process", EXTRA).GaussianProcessRegressor(form.kernel, alpha=form.nugget,
                                                                                   optimizer=None)
    process.fit(points[:, form.active], left / scale)
    between = form.nugget * scale**2
    return Surface(trend, process, form.active, scale, Luck(between, between) if luck is None else luck, missed)


def _missed(points: np.ndarray, means: np.ndarray, form: _Form, luck: Luck | None) -> float:
    """The variance at points left out one fold at a time beyond what the process foretells and what luck makes."""
    folds = np.arange(len(points)) % FOLDS
    beyond = []
    for fold in range(FOLDS):
        out = folds == fold
        surface = _surface(points[~out], means[~out], form, luck, 0.0)
        mean, error = surface.at(points[out])
        beyond.append((means[out] - mean)**2 - error**2 - surface.luck.of_mean)
    return max(float(np.concatenate(beyond).mean()), 0.0)


def _checked(surface: Surface, points: np.ndarray, means: np.ndarray, luck: float) -> Check:
    """How a surface does at points that it had not seen; `luck` is the variance of luck in a mean, as it is known."""
    mean, error = surface.at(points)
    missed, spread = means - mean, np.sqrt(error**2 + surface.luck.of_mean)
    covered = tuple(float(np.mean(np.abs(missed) <= stats.norm.ppf(0.5 + level / 2) * spread)) for level in LEVELS)
    square, variance = float(np.mean(missed**2)), float(means.var())
    unexplained = max(square - luck, 0.0) / (variance - luck) if variance > luck else 1.0
    return Check(len(points), float(np.sqrt(square)), float(np.sqrt(luck)), float(np.sqrt(variance)),
                 max(1.0 - unexplained, 0.0), covered)
