"""Draws from posterior files, and the choice between prior and posterior.

A posterior file is a numpy archive (`numpy.load` reads it): `parameters` (names), `values` (draws of equal weight in
an order without meaning, by parameters) and `provenance` (JSON). Parameters that belong to the observation alone
(`observation.*`) are passed over. Columns are found by name: a parameter of the model that the file lacks comes from
the prior, and `draws_said` says so.

The shipped posterior is joined from modules (`runs.modules`): each has a file of its own, from which rows are drawn
independently of the others, and what no module owns comes from the prior. A file that is named is used alone.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Fault, InputError, SettingError, nearest, shown
from qicsim.ground.files import MEGABYTE, read_plain, shipped_path
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import home
from qicsim.inputs.exchange.folder import folder_digest
from qicsim.model.parameters import Parameters
from qicsim.runs.draws import LARGEST_SEED, MOST_DRAWS, Draws, names, prior_draws
from qicsim.runs.modules import EFFECTS, MODULES, PRIOR, ROLL_OUT, Module, Origin

POSTERIOR, NAME = "posterior", "posterior.npz"
OBSERVATION = "observation."
FOLDER = "calibration"
SOURCES = (PRIOR, POSTERIOR)
LARGEST = 1000 * MEGABYTE
FILLED = "The posterior lacks {count} parameters, which come from the prior: {parameters}."
NAMED, NAME_SHOWN = 8, 100
WAY_OUT = "Make it again with `qicsim calibrate`, or take another one with --draws FILE"
FITTED = ("Draws come from the data folder's own posterior, {file}, which `qicsim calibrate` fitted to its scores; "
          "`--draws posterior` takes the shipped one.")
OUTDATED = ("{file} was fitted to other data than those beside it, so that it is not used; `qicsim calibrate --data "
            "{folder}` fits it again.")
OF_FOLDER = (FITTED, OUTDATED)
JOINED = ("Parameters of the roll-out ({rollout}) come from the fit to the reported counts, those of effects "
          "({effects}) from controlled trials, the other {rest} from their priors.")
NO_ROLL_OUT = ("Parameters of the roll-out ({rollout}) come from their priors, because the country has no counts that "
               "they were fitted to; those of effects ({effects}) come from controlled trials, the other {rest} from "
               "their priors.")
NO_EFFECTS = ("Parameters of the roll-out ({rollout}) come from the fit to the reported counts; those of effects "
              "({effects}) and the other {rest} come from their priors.")
OF_MODULES = (JOINED, NO_ROLL_OUT, NO_EFFECTS)
UNUSED = "The posterior holds parameters that the model does not have; they are not used: {parameters}."


class PosteriorFile(NamedTuple):
    """What a posterior file holds: names of parameters, draws (n, parameters), and how they were made."""

    parameters: tuple[str, ...]
    values: np.ndarray
    provenance: dict[str, Any]


def shipped_posterior() -> Path | None:
    """The shipped posterior of the roll-out if there is one; None otherwise."""
    return module_file(ROLL_OUT)


def module_file(module: Module) -> Path | None:
    """The country's own posterior file of a module, else the shipped one if the module travels; None without."""
    for place in (home().calibration, shipped_path(FOLDER) if module.travels else None):
        if place is not None and (place / module.file).exists():
            return place / module.file
    return None


def read_posterior(path: Path | str) -> PosteriorFile:
    """What a posterior file holds; DataError if it is none."""
    try:
        with np.load(io.BytesIO(read_plain(path, LARGEST)), allow_pickle=False) as found:
            held = PosteriorFile(tuple(str(name) for name in found["parameters"]), _real(found["values"]),
                                 json.loads(str(found["provenance"])))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 numpy, zipfile and zlib raise errors of many kinds for damaged bytes
        reason = f" ({str(error)[:NAME_SHOWN]})" if str(error) and "pickle" not in str(error) else ""
        raise DataError(str(path), [Fault("", f"is no posterior file, or is damaged{reason}",
                                          "what `qicsim calibrate` writes, posterior.npz", WAY_OUT)]) from None
    if held.values.ndim != 2 or held.values.shape != (len(held.values), len(held.parameters)):  # noqa: PLR2004 a table
        raise DataError(str(path), [Fault("values", f"shape {held.values.shape}", "draws by parameters")])
    if not isinstance(held.provenance, dict):
        raise DataError(str(path), [Fault("provenance", "is no table", "what `qicsim calibrate` writes", WAY_OUT)])
    twice = [name for name, count in Counter(held.parameters).items() if count > 1]
    if twice:
        raise DataError(str(path), [Fault(name[:NAME_SHOWN], "stands there twice", "each parameter once", WAY_OUT)
                                    for name in twice[:NAMED]])
    _check_values(path, held)
    return held


def _real(values: np.ndarray) -> np.ndarray:
    """Real numbers as float64; ValueError for texts, complex numbers and flags, which numpy would turn into numbers."""
    if values.dtype.kind not in "fiu":
        raise ValueError(f"values of the kind {values.dtype} are no real numbers")
    return values.astype(float)


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
    """The first `n` draws of a posterior file (default: the shipped modules, joined) in the order that the seed fixes.

    A larger number begins with the smaller one. Beyond what a file holds draws come again, with luck of their own.
    Parameters that the file lacks come from the prior's draws of the seed. DataError if it holds none of the model.
    """
    _check(n, seed)
    if path is None:
        if not any(map(module_file, MODULES)):
            raise SettingError("", [Fault("draws", "no posterior of this model is shipped", "prior, or a file")])
        return _joined(n, seed)
    held = _with_draws(path)
    found, wanted = _model_names(held), names()
    if not set(found) & set(wanted):
        raise DataError(str(path), [Fault("parameters", f'"{name}" is not a parameter', hint=nearest(name, wanted))
                                    for name in found])
    filled = tuple(name for name in wanted if name not in found)
    values = prior_draws(n, seed).values if filled else np.empty((n, len(wanted)))
    _take(values, held, [name for name in wanted if name in found], np.random.default_rng(seed))
    return Draws(values, f"posterior in {path}", filled, tuple(name for name in found if name not in wanted))


def _joined(n: int, seed: int) -> Draws:
    """Draws of the prior in which the columns of each module that has a file come from a row of it."""
    values, filled, unused, origins = prior_draws(n, seed).values, [], [], []
    for module in MODULES:
        origin, lacks, beyond = fill_module(values, module, seed)
        origins.append(origin)
        filled += lacks
        unused += beyond
    return Draws(values, POSTERIOR, tuple(filled), tuple(unused), tuple(origins))


def fill_module(values: np.ndarray, module: Module, seed: int) -> tuple[Origin, list[str], list[str]]:
    """Replace a module's columns of `values` (n, parameters of the model) by rows of its shipped file, if there is one.

    A module may name another file than its usual one. Which rows is fixed by seed and module. Gives where the columns
    come from now, which of them the file lacks, and what it holds of the module that the model does not have.
    """
    owned, place = module.of(names()), module_file(module)
    if place is None:
        return Origin(module.name, PRIOR, len(owned)), [], []
    held = _with_draws(place)
    found = [name for name in owned if name in held.parameters]
    number = [one.name for one in MODULES].index(module.name)
    luck = np.random.default_rng((seed, number) if number else seed)
    _take(values, held, found, luck)
    return (Origin(module.name, f"{FOLDER}/{module.file}", len(found)),
            [name for name in owned if name not in found],
            [name for name in module.of(_model_names(held)) if name not in owned])


def _with_draws(place: Path | str) -> PosteriorFile:
    """What a posterior file holds; DataError if it holds no draw."""
    held = read_posterior(place)
    if not len(held.values):
        raise DataError(str(place), [Fault("values", "there is no draw", "one or more")])
    return held


def _take(values: np.ndarray, held: PosteriorFile, columns: Sequence[str], luck: np.random.Generator) -> None:
    """Put rows of a file, in an order of chance, into the columns of `values` (n, parameters) with these names."""
    wanted = names()
    rows = luck.permutation(len(held.values))[np.arange(len(values)) % len(held.values)]
    for name in columns:
        values[:, wanted.index(name)] = held.values[rows, held.parameters.index(name)]


def draws_said(draws: Draws) -> tuple[Told, ...]:
    """What a reader must know of where parameters come from: modules, what the posterior lacks or holds in vain."""
    strange = [shown(name[:NAME_SHOWN]) for name in draws.unused]
    unused = [tell(UNUSED, parameters=_some(strange))] if strange else []
    filled = [tell(FILLED, parameters=_some(draws.filled), count=len(draws.filled))] if draws.filled else []
    return (*draws.notes, *_modules_said(draws), *filled, *unused)


def _modules_said(draws: Draws) -> list[Told]:
    if not draws.modules:
        return []
    counts = {one.module: one.parameters for one in draws.modules}
    fitted = {one.module for one in draws.modules if one.source != PRIOR}
    template = NO_EFFECTS if EFFECTS.name not in fitted else JOINED if ROLL_OUT.name in fitted else NO_ROLL_OUT
    rest = len(names()) - sum(counts.values()) - len(draws.filled)
    return [tell(template, rollout=counts[ROLL_OUT.name], effects=counts[EFFECTS.name],
                 rest=rest)]


def _some(parameters: Sequence[str]) -> str:
    """The first names of a list, and a sign that there are more."""
    return ", ".join([*parameters[:NAMED], *(["…"] if len(parameters) > NAMED else [])])


def draws_from(source: str | Path | None, n: int, seed: int = 1, data: Path | str | None = None) -> Draws:
    """`n` draws from "prior", "posterior" or a posterior file; None: the shipped posterior if there is one.

    Where the data folder `data` has a posterior that was fitted to its own scores, None is that one. DataError for a
    file that cannot be used.
    """
    own = None if source is not None or data is None else Path(data) / NAME
    if own is not None and own.is_file():
        if read_posterior(own).provenance.get("data_digest") == folder_digest(own.parent):
            return replace(posterior_draws(n, own, seed), notes=(tell(FITTED, file=own),))
        return replace(draws_from(None, n, seed), notes=(tell(OUTDATED, file=own, folder=own.parent),))
    chosen = source if source is not None else POSTERIOR if any(map(module_file, MODULES)) else PRIOR
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
