"""The care areas: what the score is made of, where each stood at the start, and how often teams choose it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qicsim.ground.errors import DataError
from qicsim.ground.table import Layout, Row, Table, read_table
from qicsim.inputs.scenario.wave import OTHER_NAMES, TYPICAL_CEILINGS
from qicsim.inputs.world.evidence import check_evidence
from qicsim.model.columns import DIMENSIONS, KINDS, STRUCTURE, WEIGHT_SETS
from qicsim.model.levers import MOST_AREAS

FEWEST, MOST = 2, MOST_AREAS
BREADTHS = ("single", "broad")
# An area that starts near its ceiling was chosen all the same: headroom is taken as at least this many points.
LEAST_HEADROOM = 0.4
WEIGHT_TOLERANCE = 1e-6
WEIGHT_OF_STRUCTURE = 0.8

_WEIGHTS = (("weight_hc", "weight_rh"), ("weight_hc_extended", "weight_rh_extended"))
_TOPICS = ("topic_hc", "topic_rh")
_LAYOUT = Layout(
    ("key", "name", "dimension", "breadth", "watched", "start", *_WEIGHTS[0], *_WEIGHTS[1], *_TOPICS, "standards",
     "source", "grade"),
    optional=("name_km",),
    alias={other: usual for usual, other in OTHER_NAMES.items()})


@dataclass(frozen=True, eq=False)
class Areas:
    """A care areas in the order of the file.

    `dimension`, `broad` int64 (A,); `watched`, `start`, `standards` float64 (A,); `weight` float64 (set, kind, A);
    `topics` float64 (kind, A): how many facilities chose the area; `names_km` may hold empty texts.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    names_km: tuple[str, ...]
    dimension: np.ndarray
    broad: np.ndarray
    watched: np.ndarray
    start: np.ndarray
    standards: np.ndarray
    weight: np.ndarray
    topics: np.ndarray

    @property
    def preference(self) -> np.ndarray:
        """Choices per point of headroom, mean 1 over the areas that are chosen at all; float64 (kind, A)."""
        ceiling = np.array([TYPICAL_CEILINGS[breadth] for breadth in BREADTHS])  # a run draws its own
        headroom = np.maximum(ceiling[self.broad] - self.start, LEAST_HEADROOM)
        ratio: np.ndarray = self.topics / headroom
        ratio /= ratio.sum(axis=1, keepdims=True) / (ratio > 0).sum(axis=1, keepdims=True)
        return ratio


def read_areas(path: Path | str) -> Areas:
    """The care areas of a file; DataError with every fault."""
    table = read_table(path, _LAYOUT, DataError)
    areas = _areas(table.rows)
    table.refuse_repeats("key")
    for row in table.rows:
        _check_key(row)
        check_evidence(row)
    if not table.faults:
        _check_whole(table, areas)
    table.refuse_faults()
    return areas


def mostly_structure(areas: Areas) -> Areas:
    """The same areas where structure holds four fifths of the weight in every set and kind, in its own proportions.

    Of the weight of quality checklists under PBF 80 % is structural (Gergen et al. 2018). A set without structure, or
    with nothing else, stays as it is.
    """
    structural = areas.dimension == STRUCTURE
    held, others = areas.weight @ structural, areas.weight @ ~structural
    wanted = areas.weight * np.where(structural, WEIGHT_OF_STRUCTURE, 1.0 - WEIGHT_OF_STRUCTURE)
    both = ((held > 0.0) & (others > 0.0))[..., None]
    total = np.where(both, np.where(structural, held[..., None], others[..., None]), 1.0)
    return replace(areas, weight=np.where(both, wanted / total, areas.weight))


def _areas(rows: list[Row]) -> Areas:
    def texts(column: str) -> tuple[str, ...]:
        return tuple(row.text(column) for row in rows)

    def shares(column: str) -> list[float]:
        return [row.number(column, low=0, high=1) for row in rows]

    return Areas(
        keys=texts("key"), names=texts("name"), names_km=tuple(row.optional_text("name_km") for row in rows),
        dimension=_places(rows, "dimension", DIMENSIONS), broad=_places(rows, "breadth", BREADTHS),
        watched=np.array(shares("watched")), standards=np.array(shares("standards")),
        start=np.array([row.number("start", low=0, high=100) for row in rows]),
        weight=np.array([[shares(column) for column in columns] for columns in _WEIGHTS]),
        topics=np.array([[row.number(column, low=0) for row in rows] for column in _TOPICS]))


def _places(rows: list[Row], column: str, words: tuple[str, ...]) -> np.ndarray:
    """Position of each row's word among the allowed ones; -1 where it is none of them."""
    chosen = (row.choice(column, words) for row in rows)
    return np.array([words.index(word) if word else -1 for word in chosen], dtype=np.int64)


def _check_key(row: Row) -> None:
    """Keys are plain words."""
    key = row.cells.get("key", "")
    if key and not (key.isascii() and key.isidentifier() and key.islower()):
        row.fault("key", f'"{key}" is not a key', allowed="small letters, digits and underscores, a letter first")


def _check_whole(table: Table, areas: Areas) -> None:
    """As many areas as allowed; weights that sum to 1 for each kind and set; a topic to choose for each kind."""
    if not FEWEST <= len(areas.keys) <= MOST:
        table.fault("", f"holds {len(areas.keys)} care areas", allowed=f"{FEWEST} to {MOST}")
        return
    for names, columns, weights in zip(WEIGHT_SETS, _WEIGHTS, areas.weight, strict=True):
        for kind, column, weight in zip(KINDS, columns, weights, strict=True):
            if abs(weight.sum() - 1.0) > WEIGHT_TOLERANCE:
                table.fault(column, f"the weights of a {kind} in the set {names} sum to {weight.sum():.6g}",
                            allowed="a sum of 1")
    for kind, column, counts in zip(KINDS, _TOPICS, areas.topics, strict=True):
        if not counts.any():
            table.fault(column, f"no care area can be the topic of a {kind}", allowed="at least one number above 0")

