"""What the file of an extension needs (`docs/extensions.md`): declarations, the model's codes, and functions for steps.

    from qicsim.extend import Extension, Parameter, HalfNormal, improve

`improve` moves quality and books it; `uniform` and `normal` give counted random numbers; `compiled` is for functions
that steps call.
"""

from __future__ import annotations

from typing import Any

from qicsim.ground.compiled import compiled, compiled_into_callers
from qicsim.ground.declare import (
    Beta,
    Column,
    Gamma,
    HalfNormal,
    Lever,
    LogNormal,
    Normal,
    Parameter,
    Spike,
    Uniform,
)
from qicsim.ground.extended import EXTENSION_PURPOSES
from qicsim.ground.extension import PLACES, Extension, Indicator
from qicsim.ground.randomness import normal, uniform
from qicsim.model.columns import ACTIVE, CLIENT, GRADUATED, LAPSED, NEVER, PROCESS, STRUCTURE, WEIGHTS_NQEM
from qicsim.model.mechanisms.ceilings import headroom
from qicsim.model.sources import Source

__all__ = ["ACTIVE", "CLIENT", "EXTENSION_PURPOSES", "GRADUATED", "LAPSED", "NEVER", "PLACES", "PROCESS", "STRUCTURE",
           "Beta", "Column", "Extension", "Gamma", "HalfNormal", "Indicator", "Lever", "LogNormal", "Normal",
           "Parameter", "Source", "Spike", "Uniform", "compiled", "headroom", "improve", "normal", "uniform"]


@compiled_into_callers
def improve(facility: Any, site: Any, areas: Any, programme: Any, area: int,  # noqa: PLR0917 compiled: no keywords
            change: float, line: int) -> float:
    """Move the true quality of a care area by `change` points, at most to 0 or its ceiling, and book that on `line`.

    Gives the points that it moved by. A step that changes quality in no other way keeps the ledger closed.
    """
    room = headroom(facility.quality[area], programme.ceiling[area])
    moved = min(max(change, -facility.quality[area]), room)
    facility.quality[area] += moved
    facility.ledger[line] += areas.weight[WEIGHTS_NQEM, site.hospital, area] * moved
    return moved
