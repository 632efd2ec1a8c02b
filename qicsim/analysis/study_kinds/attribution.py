"""Where points come from: the kind `attribution`, its settings and points.

    [analysis]
    kind = "attribution"
    mechanisms = ["improvement", "incentive", "leniency"]    at most 10; all their sets are run (those of true quality)

Every draw runs with every set of the mechanisms switched exactly off, under the same luck: 2^m points for each draw,
the last of which has them all on. That one is the model as it is, and its ledger is read. Scenarios after the first are
compared with the first, run by run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.switches import BY_NAME, MOST_GROUPS, TRUE_SCORE, coalition_draws
from qicsim.ground.errors import nearest, repeated
from qicsim.inputs.scenario.values import Faults, one_of, show
from qicsim.model.ledger import LEDGER
from qicsim.runs.fields import NATION
from qicsim.runs.points import Points
from qicsim.runs.study import Study, draws_of

NAME = "attribution"
SCORES = ("true", "recorded")
NEEDS = (*SCORES, *(f"ledger_{line}" for line in LEDGER))
FEWEST_DRAWS = 2


@dataclass(frozen=True)
class AttributionSettings:
    """The mechanisms that are switched."""

    mechanisms: tuple[str, ...]

    @property
    def sets(self) -> int:
        """Sets of mechanisms."""
        return int(2 ** len(self.mechanisms))


def check(faults: Faults, table: Mapping[str, Any], study: Study) -> AttributionSettings:
    """The settings of a table; notes every fault."""
    for key in table:
        if key != "mechanisms":
            faults.add("[analysis]", f"{show(key)} is not known", "mechanisms", nearest(str(key), ["mechanisms"]))
    if study.layout.keep.detail != NATION:
        faults.add("[keep] detail", f"{show(study.layout.keep.detail)} is not analysed", f'"{NATION}"')
    if study.draws < FEWEST_DRAWS:
        faults.add("draws", f"{study.draws} draw", f"{FEWEST_DRAWS} or more: intervals are between draws")
    if "all" not in study.layout.keep.groups:
        faults.add("[keep] groups", '"all" is missing', 'groups with "all" among them')
    chosen = _mechanisms(faults, table.get("mechanisms", list(TRUE_SCORE)))
    for scenario in study.scenarios:
        for name in chosen:
            for path in BY_NAME[name].off:
                if path in scenario.parameters:
                    faults.add("[analysis] mechanisms", f'"{name}" cannot be switched in "{scenario.name}", which '
                               f"fixes {path}", "a mechanism whose parameters are free")
    return AttributionSettings(chosen)


def points(study: Study, settings: AttributionSettings) -> Points:
    """Draw by draw, every set of mechanisms; the sets of a draw share its luck, and `row` says which set it is."""
    draws = draws_of(study.source, study.draws, study.seed)
    values, _ = coalition_draws(draws, settings.mechanisms)
    by_draw = values.reshape(settings.sets, len(draws), -1).swapaxes(0, 1).reshape(len(values), -1)
    return Points(by_draw, np.repeat(np.arange(len(draws)), settings.sets),
                  row=np.tile(np.arange(settings.sets), len(draws)))


def _mechanisms(faults: Faults, value: Any) -> tuple[str, ...]:
    place = "[analysis] mechanisms"
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_GROUPS:
        faults.add(place, f"{show(value)} is no list of 1 to {MOST_GROUPS} mechanisms", ", ".join(BY_NAME))
        return ()
    found = [one_of(faults, place, one, BY_NAME) for one in value]
    for name in sorted(repeated(one for one in found if one)):
        faults.add(place, f'"{name}" is there more than once', "each name once")
    return tuple(dict.fromkeys(one for one in found if one))
