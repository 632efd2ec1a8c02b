"""What can be declared about a number: parameters with priors, levers, columns, forms of structure.

A parameter is declared once, as an annotated field of the `NamedTuple` that the compiled code takes:

    class Coaching(NamedTuple):
        v0: Annotated[float, Parameter("...", unit="visits/month", low=0.1, high=2.0,
                                       prior=LogNormal(0.5, 0.5), source="...", grade="W")] = 0.5

`declared(Parameters)` lists every leaf with its dotted path; `from_cube` maps the unit cube through the priors;
`parameter_sets` lays the same record out for compiled code.
Priors are cut to the declared bounds: u is mapped through F(low) + u (F(high) - F(low)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import numpy as np

from qicsim.ground.priors import Beta, Gamma, HalfNormal, LogNormal, Normal, Prior, Spike, Uniform

__all__ = ["GRADES", "Beta", "Column", "Declaration", "Declared", "Form", "Gamma", "HalfNormal", "Lever", "LogNormal",
           "Normal", "Parameter", "Prior", "Spike", "Uniform", "build", "declared", "default_row", "from_cube",
           "from_row", "parameter_dtype", "parameter_sets", "table", "table_dtype"]

GRADES = {
    "S": "strong or seen in a source",
    "Mod": "moderate: several studies, indirect",
    "W": "weak: one study, another setting or a derived figure",
    "D": "derived by arithmetic from a source",
    "M": "from memory, unverified",
    "A": "assumption: no usable figure was found",
}


# ---------------------------------------------------------------------------------------------------- declarations


@dataclass(frozen=True)
class Parameter:
    """An uncertain quantity: meaning, unit, bounds, prior, source (a key of `sources.toml`) and grade of evidence."""

    meaning: str
    unit: str
    low: float
    high: float
    prior: Prior
    source: str
    grade: str

    def quantile(self, u):
        """Value of the prior, cut to the bounds, at probability `u` (scalar or array)."""
        start, end = self.ends
        return np.clip(self.prior.ppf(start + np.asarray(u, dtype=float) * (end - start)), self.low, self.high)

    def below(self, values):
        """Probability of a value below each of these, under the prior cut to the bounds (half of an atom's at it)."""
        start, end = self.ends
        return np.clip((self.prior.cdf(values) - start) / (end - start), 0.0, 1.0)

    @property
    def ends(self) -> tuple[float, float]:
        """Probability below the bounds; an atom at the lower one lies within them."""
        low = 0.0 if isinstance(self.prior, Spike) and self.low == 0.0 else float(self.prior.cdf(self.low))
        return low, float(self.prior.cdf(self.high))


@dataclass(frozen=True)
class Lever:
    """What a programme decides, month by month; `choices` lists the words of a lever that is a choice.

    A lever with `whole=True` takes whole numbers; one with `choices` is stored as the position of the word; one with
    `areas=True` lists care areas by key and is stored as a whole number whose bits are the areas, the first the lowest.
    """

    meaning: str
    unit: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    choices: tuple[str, ...] = ()
    areas: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.areas:
            return "keys of care areas"
        if self.whole and (self.low, self.high) == (0.0, 1.0):
            return "0 or 1"
        kind = "whole numbers " if self.whole else ""
        unit = "" if self.unit in ("", "1", "share") else f" {self.unit}"
        return f"{kind}{self.low:g} to {self.high:g}{unit}"


@dataclass(frozen=True)
class Column:
    """One column of a table of the state or the setting: meaning, unit, range, shape of a cell, type of its numbers.

    `shape` names the sizes of a cell ("areas", or a number), empty for a scalar; `kind` is float, whole or word.
    """

    meaning: str
    unit: str = "1"
    low: float = -math.inf
    high: float = math.inf
    shape: tuple[str | int, ...] = ()
    kind: str = "float"


@dataclass(frozen=True)
class Form:
    """A structural assumption: what it is about, and the forms that the model can take, stored by position."""

    meaning: str
    choices: tuple[str, ...]


Declaration = Parameter | Lever | Column | Form


# -------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Declared:
    """A leaf of a record class: its dotted path, its declaration and its default."""

    path: str
    declaration: Any
    default: Any


def _declaration_of(hint: Any) -> Declaration | None:
    """The declaration inside `Annotated[..., declaration]`, if there is one."""
    return next((part for part in get_args(hint) if isinstance(part, Declaration)), None)


@cache
def declared(record: type) -> dict[str, Declared]:
    """Every leaf of a record class (a NamedTuple, or one of NamedTuples) by its dotted path, in order."""
    leaves: dict[str, Declared] = {}
    defaults = getattr(record, "_field_defaults", {})
    for name, hint in get_type_hints(record, include_extras=True).items():
        declaration = _declaration_of(hint)
        if declaration is not None:
            leaves[name] = Declared(name, declaration, defaults.get(name))
        elif hasattr(hint, "_fields"):
            leaves |= {f"{name}.{path}": Declared(f"{name}.{path}", leaf.declaration, leaf.default)
                       for path, leaf in declared(hint).items()}
    return leaves


@cache
def _shape(record: type) -> tuple[tuple[type, int] | None, ...]:
    """For each field of a record of records: its class and how many leaves it has; None for a leaf."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(None if _declaration_of(hint) is not None else (hint, len(declared(hint))) for hint in hints.values())


def from_row(record: type, row) -> Any:
    """A record from one value for each leaf, in the order of `declared(record)`."""
    values, at = [], 0
    for part in _shape(record):
        if part is None:
            values.append(float(row[at]))
            at += 1
        else:
            group, size = part
            values.append(from_row(group, row[at:at + size]))
            at += size
    return record(*values)


def default_row(record: type) -> np.ndarray:
    """Defaults of every leaf, shape (n_leaves,), in the order of `declared(record)`."""
    return np.array([leaf.default for leaf in declared(record).values()], dtype=float)


def build(record: type, overrides: Mapping[str, float] | None = None) -> Any:
    """A record with its defaults, changed by `overrides` {dotted path: value}; KeyError for an unknown path."""
    row, places = default_row(record), {path: i for i, path in enumerate(declared(record))}
    for path, value in (overrides or {}).items():
        row[places[path]] = float(value)
    return from_row(record, row)


def from_cube(record: type, cube: np.ndarray) -> np.ndarray:
    """Prior draws: maps points of the unit cube, shape (n, n_leaves), to parameter values of the same shape."""
    cube = np.asarray(cube, dtype=float)
    columns = [leaf.declaration.quantile(cube[:, i]) for i, leaf in enumerate(declared(record).values())]
    return np.column_stack(columns)


# ------------------------------------------------------------------------------------------------------- tables

NUMBERS = {"float": np.float64, "whole": np.int64, "word": np.uint64}


@cache
def table_dtype(record: type, **sizes: int) -> np.dtype:
    """The type of one row of a table whose columns a record class declares; cells of named sizes are arrays.

    Rows are numpy records: `table[row].name` reads and writes a cell, compiled or not; `table["name"]` is the column.
    """
    fields = []
    for name, leaf in declared(record).items():
        column = leaf.declaration
        shape = tuple(sizes[part] if isinstance(part, str) else part for part in column.shape)
        fields.append((name, NUMBERS[column.kind], shape))
    return np.dtype((np.record, np.dtype(fields, align=True)))


def table(record: type, rows: int, **sizes: int) -> np.ndarray:
    """An empty table of a record class, shape (rows,)."""
    return np.zeros(rows, dtype=table_dtype(record, **sizes))


@cache
def parameter_dtype(record: type) -> np.dtype:
    """The type of one parameter set: nested like the record class, float64 throughout."""
    hints = get_type_hints(record, include_extras=True)
    fields = [(name, np.float64 if part is None else parameter_dtype(part[0]))
              for name, part in zip(hints, _shape(record), strict=True)]
    return np.dtype((np.record, np.dtype(fields, align=True)))


def parameter_sets(record: type, rows: np.ndarray) -> np.ndarray:
    """Parameter sets for compiled code, shape (n,), from values of shape (n, n_leaves)."""
    rows = np.ascontiguousarray(rows, dtype=float)
    return rows.view(parameter_dtype(record)).reshape(len(rows))
