"""Factors: what a sensitivity design varies, each a coordinate of the unit cube.

    parameter   through its declared prior:      value = quantile(u)
    posterior   through its posterior marginal:  value = empirical quantile(u); `correlation_of` has the rank
                correlations of the posterior, for designs with dependent factors; without it they are left out
    lever       a list of values, each alike:    value = values[floor(u * how many)], from a month on
    dummy       nothing: exactly 0 when luck is shared; with luck of their own it shows what chance makes of an index

A parameter that is no factor stays at its default, or at the value that it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.dependence import copula_of
from qicsim.ground.declare import declared, default_row
from qicsim.ground.errors import Fault, SettingError, nearest, repeated
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.model.parameters import Parameters
from qicsim.runs.draws import Draws, names


@dataclass(frozen=True)
class ParameterFactor:
    """A parameter over its prior; `name` is its dotted path."""

    name: str

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at probabilities u (n,)."""
        return np.asarray(declared(Parameters)[self.name].declaration.quantile(u))


@dataclass(frozen=True)
class PosteriorFactor:
    """A parameter over the marginal of its posterior draws, `sample`, in the order of the draws."""

    name: str
    sample: tuple[float, ...]

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at probabilities u (n,): quantiles of the sample, between its values in a straight line."""
        return np.quantile(np.asarray(self.sample), u)


@dataclass(frozen=True)
class ValueFactor:
    """A parameter whose coordinate is its value: for tools that choose values themselves."""

    name: str

    def at(self, u: np.ndarray) -> np.ndarray:
        """The values u (n,)."""
        return np.asarray(u, dtype=float)


@dataclass(frozen=True)
class LeverFactor:
    """A lever that takes one of `values` from the month `from_` ("2027-01") on; flags, choices and amounts alike."""

    lever: str
    values: tuple[Any, ...]
    from_: str

    @property
    def name(self) -> str:
        """The lever's name."""
        return self.lever

    def at(self, u: np.ndarray) -> np.ndarray:
        """Places in `values` at u (n,), int64."""
        return np.minimum((np.asarray(u) * len(self.values)).astype(np.int64), len(self.values) - 1)


@dataclass(frozen=True)
class DummyFactor:
    """A coordinate that moves nothing."""

    name: str = "dummy"


Factor = ParameterFactor | PosteriorFactor | ValueFactor | LeverFactor | DummyFactor


def parameter_factors(paths: Iterable[str] | None = None) -> tuple[ParameterFactor, ...]:
    """Parameters over their priors (default: all of them); SettingError for a path that is none."""
    chosen = tuple(names() if paths is None else paths)
    _refuse_unknown(chosen)
    return tuple(ParameterFactor(path) for path in chosen)


def posterior_factors(draws: Draws, paths: Iterable[str] | None = None) -> tuple[PosteriorFactor, ...]:
    """Parameters over the marginals of posterior draws (default: all of them)."""
    chosen = tuple(names() if paths is None else paths)
    _refuse_unknown(chosen)
    return tuple(PosteriorFactor(path, tuple(draws.values[:, names().index(path)].tolist())) for path in chosen)


def correlation_of(factors: Sequence[Factor]) -> np.ndarray:
    """Correlations (factors, factors) of the normal copula with the rank correlations of the posterior factors' draws.

    Other factors depend on nothing.
    """
    samples = {at: one.sample for at, one in enumerate(factors) if isinstance(one, PosteriorFactor)}
    out, columns = np.eye(len(factors)), list(samples)
    if columns:
        out[np.ix_(columns, columns)] = copula_of(np.array(list(samples.values())).T)
    return out


def values_of(factors: Sequence[Factor]) -> tuple[int, ...]:
    """How many values each factor takes; 0 for any between the ends of its range."""
    return tuple(len(one.values) if isinstance(one, LeverFactor) else 0 for one in factors)


def steps(lever: str, low: float, high: float, count: int, *, from_: str) -> LeverFactor:
    """A lever that is an amount, in equal steps from `low` to `high`."""
    return LeverFactor(lever, tuple(np.linspace(low, high, count).tolist()), from_)


def check_factors(factors: Sequence[Factor]) -> None:
    """SettingError for no factor, names that come twice, unknown parameters or levers, and levers of one value."""
    faults = [] if factors else [Fault("factors", "there is none", "one or more")]
    named = [factor.name for factor in factors]
    faults += [Fault("factors", f'"{name}" is there more than once', "each name once")
               for name in sorted(repeated(named))]
    for factor in factors:
        if isinstance(factor, LeverFactor):
            faults += _lever_faults(factor)
        elif not isinstance(factor, DummyFactor) and factor.name not in names():
            faults.append(Fault(factor.name, "is not a parameter", hint=nearest(factor.name, names())))
    if faults:
        raise SettingError("", faults)


def parameter_draws(factors: Sequence[Factor], points: np.ndarray, base: Mapping[str, float] | None = None) -> Draws:
    """Draws for points (n, factors) of the cube; parameters that are no factor stay at `base`, or at their default."""
    rows = np.tile(default_row(Parameters), (len(points), 1))
    for path, value in (base or {}).items():
        _refuse_unknown((path,))
        rows[:, names().index(path)] = value
    for column, factor in enumerate(factors):
        if isinstance(factor, ParameterFactor | PosteriorFactor | ValueFactor):
            rows[:, names().index(factor.name)] = factor.at(points[:, column])
    return Draws(rows, "a sensitivity design")


def _lever_faults(factor: LeverFactor) -> list[Fault]:
    faults = []
    if factor.lever not in LEVERS:
        faults.append(Fault(factor.lever, "is not a lever", hint=nearest(factor.lever, LEVERS)))
    if len(factor.values) < 2:  # noqa: PLR2004 with one value there is nothing to vary
        faults.append(Fault(factor.lever, f"has {len(factor.values)} value to take", "two or more"))
    return faults


def _refuse_unknown(paths: Sequence[str]) -> None:
    faults = [Fault(path, "is not a parameter", hint=nearest(path, names())) for path in paths if path not in names()]
    if faults:
        raise SettingError("", faults)
