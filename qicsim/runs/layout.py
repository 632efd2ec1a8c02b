"""What a study keeps of its runs: fields (an indicator of a group over times and places), and the blocks they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.runs.blocks import QUARTER, YEAR, Block
from qicsim.runs.fields import (
    ALL,
    COSTS,
    FACILITY,
    NATION,
    PROGRAMME_NAMES,
    PROVINCE,
    Extent,
    Field,
    Keep,
    is_sum,
    known,
)
from qicsim.runs.sums import GROUP_ROWS, Sums, columns_needed

ONE_GROUP = {ALL: (0,)}


@dataclass(frozen=True)
class Layout:
    """The fields that are kept, and how they are worked out from blocks."""

    keep: Keep
    extent: Extent
    fields: tuple[Field, ...]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """What every run records: all four groups of a column, so that a group may be added later."""
        return tuple(dict.fromkeys(block for field in self.fields for block in self.needed(field)))

    def needed(self, field: Field) -> tuple[Block, ...]:
        """The blocks that a field is worked out from."""
        detail, name = self.keep.detail, field.indicator.name
        times = QUARTER if detail == NATION and self.keep.every == QUARTER else YEAR
        if name in COSTS:
            return (Block("cost_of_province" if detail == PROVINCE else "cost_of_nation", "all", YEAR),)
        if name in PROGRAMME_NAMES:
            return (Block("programme", name, times),)
        return tuple(Block(detail, column, times) for column in columns_needed(field.indicator))

    def values(self, field: Field, blocks: Sequence[np.ndarray]) -> np.ndarray:
        """A field from the numbers of the blocks that it needs; float64 (n, times, places)."""
        name, shape = field.indicator.name, (len(blocks[0]), len(field.times), len(field.places))
        if name in COSTS:
            return _spent(name, blocks[0]).reshape(shape)
        if name in PROGRAMME_NAMES:
            return blocks[0].reshape(shape)
        table = np.stack([block.reshape(*shape, -1) for block in blocks], axis=-1)
        return Sums(table, columns_needed(field.indicator), dict(self.groups)).value(field.indicator, field.group)

    @property
    def groups(self) -> Mapping[str, tuple[int, ...]]:
        """The rows of sums that make up each group."""
        return ONE_GROUP if self.keep.detail == FACILITY else GROUP_ROWS


def _spent(name: str, since_start: np.ndarray) -> np.ndarray:
    """US$ in each year of the lines and payers of a cost; (n, years) or (n, years, provinces)."""
    _, lines, payers = COSTS[name]
    yearly = np.diff(since_start, axis=1, prepend=0.0)
    chosen = yearly[..., [COST_LINES.index(line) for line in lines], :]
    return chosen[..., [PAYERS.index(payer) for payer in payers]].sum(axis=(-2, -1))


def layout_of(keep: Keep, extent: Extent) -> Layout:
    """The layout of what is kept; every name is known at this detail."""
    declared_names, fields = known(extent, keep.detail), []
    yearly = keep.detail != NATION or keep.every == YEAR
    for name in keep.indicators:
        money, grouped = name in COSTS, is_sum(name) and name != "order_80"
        times = extent.years if yearly or money else extent.quarters
        places = extent.places(keep.detail)
        if money and keep.detail != PROVINCE:
            places = (NATION,)
        fields += [Field(declared_names[name], group, times, places) for group in (keep.groups if grouped else (ALL,))]
    return Layout(keep, extent, tuple(fields))
