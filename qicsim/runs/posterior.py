"""Draws from a posterior file, and the choice between prior and posterior.

A posterior file is a numpy archive (`numpy.load` reads it): `parameters` (names), `values` (draws of equal weight in
an order without meaning, by parameters) and `provenance` (JSON). Parameters that belong to the observation alone
(`observation.*`) are passed over. Columns are found by name: a parameter of the model that the file lacks comes from
the prior, and `draws_said` says so.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Fault, SettingError, nearest
from qicsim.ground.files import MEGABYTE, read_plain, shipped_path
from qicsim.ground.translatable import Told, tell
from qicsim.model.parameters import Parameters
from qicsim.runs.draws import LARGEST_SEED, MOST_DRAWS, PRIOR, Draws, names, prior_draws

POSTERIOR = "posterior"
OBSERVATION = "observation."
SOURCES = (PRIOR, POSTERIOR)
LARGEST = 1000 * MEGABYTE
FILLED = "The posterior lacks {count} parameters, which come from the prior: {parameters}."
UNUSED = "The posterior holds parameters that the model does not have; they are not used: {parameters}."


class PosteriorFile(NamedTuple):
    """What a posterior file holds: names of parameters, draws (n, parameters), and how they were made."""

    parameters: tuple[str, ...]
    values: np.ndarray
    provenance: dict[str, Any]


def shipped_posterior() -> Path | None:
    """The shipped posterior if there is one; None otherwise."""
    path = shipped_path("calibration", "posterior.npz")
    return path if path.exists() else None


def read_posterior(path: Path | str) -> PosteriorFile:
    """What a posterior file holds; DataError if it is none."""
    try:
        with np.load(io.BytesIO(read_plain(path, LARGEST)), allow_pickle=False) as found:
            held = PosteriorFile(tuple(str(name) for name in found["parameters"]), found["values"].astype(float),
                                 json.loads(str(found["provenance"])))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        reason = f" ({error})" if "pickle" not in str(error) else ""
        raise DataError(str(path), [Fault("", f"is no posterior file{reason}",
                                          "what `qicsim calibrate` writes, posterior.npz")]) from None
    if held.values.ndim != 2 or held.values.shape != (len(held.values), len(held.parameters)):  # noqa: PLR2004 a table
        raise DataError(str(path), [Fault("values", f"shape {held.values.shape}", "draws by parameters")])
    _check_values(path, held)
    return held


def _check_values(path: Path | str, held: PosteriorFile) -> None:
    """DataError with every parameter of the model that has a value outside its bounds, or none."""
    faults = []
    for name, leaf in declared(Parameters).items():
        if name in held.parameters:
            column, bounds = held.values[:, held.parameters.index(name)], leaf.declaration
            wrong = ~((column >= bounds.low) & (column <= bounds.high))
            if wrong.any():
                faults.append(Fault(name, f"{column[wrong][0]:g} in draw {int(np.flatnonzero(wrong)[0])}",
                                    f"{bounds.low:g} to {bounds.high:g} {bounds.unit}"))
    if faults:
        raise DataError(str(path), faults)


def posterior_draws(n: int, path: Path | str | None = None, seed: int = 1) -> Draws:
    """The first `n` draws of a posterior file (default: the shipped one) in the order that the seed fixes.

    A larger number begins with the smaller one. Beyond what the file holds draws come again, with luck of their own.
    Parameters that the file lacks come from the prior's draws of the seed. DataError if it holds none of the model.
    """
    _check(n, seed)
    place = path or shipped_posterior()
    if place is None:
        raise SettingError("", [Fault("draws", "no posterior of this model is shipped", "prior, or a file")])
    held = read_posterior(place)
    found, wanted = _model_names(held), names()
    if not len(held.values):
        raise DataError(str(place), [Fault("values", "there is no draw", "one or more")])
    if not set(found) & set(wanted):
        raise DataError(str(place), [Fault("parameters", f'"{name}" is not a parameter', hint=nearest(name, wanted))
                                     for name in found])
    filled = tuple(name for name in wanted if name not in found)
    values = prior_draws(n, seed).values if filled else np.empty((n, len(wanted)))
    order = np.random.default_rng(seed).permutation(len(held.values))[np.arange(n) % len(held.values)]
    for column, name in enumerate(wanted):
        if name in found:
            values[:, column] = held.values[order, held.parameters.index(name)]
    return Draws(values, POSTERIOR if path is None else f"posterior in {place}", filled,
                 tuple(name for name in found if name not in wanted))


def draws_said(draws: Draws) -> tuple[Told, ...]:
    """What a reader must know of where parameters come from: which the posterior lacks, and which it holds in vain."""
    said = [tell(FILLED, parameters=", ".join(draws.filled), count=len(draws.filled))] if draws.filled else []
    unused = [tell(UNUSED, parameters=", ".join(draws.unused))] if draws.unused else []
    return (*said, *unused)


def draws_from(source: str | Path | None, n: int, seed: int = 1) -> Draws:
    """`n` draws from "prior", "posterior" or a posterior file; None: the shipped posterior if there is one."""
    chosen = source if source is not None else POSTERIOR if shipped_posterior() else PRIOR
    if chosen == PRIOR:
        return prior_draws(n, seed)
    if chosen == POSTERIOR:
        return posterior_draws(n, seed=seed)
    if not Path(chosen).exists():
        hint = nearest(str(chosen), SOURCES)
        fault = Fault("draws", f'there is no file "{chosen}"', "prior, posterior, or a file", hint)
        raise SettingError("", [fault])
    return posterior_draws(n, chosen, seed)


def _model_names(held: PosteriorFile) -> tuple[str, ...]:
    return tuple(name for name in held.parameters if not name.startswith(OBSERVATION))


def _check(n: int, seed: int) -> None:
    faults = [] if 1 <= n <= MOST_DRAWS else [Fault("draws", f"{n} draws", f"1 to {MOST_DRAWS}")]
    if not 0 <= seed <= LARGEST_SEED:
        faults.append(Fault("seed", f"seed {seed}", f"0 to {LARGEST_SEED}"))
    if faults:
        raise SettingError("", faults)
