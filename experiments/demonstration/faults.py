"""Planted faults: what is wrong in a made country's files, so that it is known what an import must find.

Weaknesses leave files that can be imported, with a warning each. Errors stop an import.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from experiments.demonstration.country import Country

WARNING, ERROR = "warning", "error"
STRANGER = "Phum Thmei Nowhere"
IMPOSSIBLE = 170.0
COPIED = 66.6
JUMP_TO = 2.0
WRONG_PROVINCE = "Batambang"
GAP, FEWEST_LEFT = 6, 4


class Planted(NamedTuple):
    """A planted fault: its level, the check of the import that must find it, and a text that must stand there."""

    level: str
    check: str
    text: str


@dataclass(frozen=True, eq=False)
class Faulty:
    """A country with faults: rows of scores besides those of the table (facility, quarter, score), a wrong province."""

    country: Country
    planted: tuple[Planted, ...]
    more: list[tuple[str, str, float]] = field(default_factory=list)
    wrong_province: str = ""


def weakened(country: Country, *, repeats: bool) -> Faulty:
    """Gap, suspended round, facility without scores, jump, copied scores; a repeated row where a form holds rows."""
    scores, people = country.scores.copy(), country.register
    gap, silent, jumper = _some_facilities(people.hospital, 3)
    scores[gap] = np.where(np.isnan(scores[gap]), 60.0, scores[gap])
    scores[gap, 4:4 + GAP] = np.nan
    scores[FEWEST_LEFT:, 2] = np.nan
    scores[silent] = np.nan
    scores[jumper, 8:11] = (90.0, JUMP_TO, 90.0)
    district = people.operational_district[jumper + 20]
    here = np.array([name == district for name in people.operational_district])
    scores[here & ~np.isnan(scores[:, 12]), 12] = COPIED
    planted = [Planted(WARNING, "missing quarters", _name(country, gap)),
               Planted(WARNING, "suspended round", country.quarters[2]),
               Planted(WARNING, "no score", _name(country, silent)), Planted(WARNING, "jump", _name(country, jumper)),
               Planted(WARNING, "no variation", country.quarters[12])]
    more: list[tuple[str, str, float]] = []
    if repeats:
        more = [(people.id[jumper], country.quarters[8], 90.0)]
        planted.append(Planted(WARNING, "duplicates", "same"))
    return Faulty(replace(country, scores=scores), tuple(planted), more)


def broken(country: Country, *, repeats: bool) -> Faulty:
    """Impossible score, facility that is not in the register; two scores of one quarter where a form holds rows."""
    scores = country.scores.copy()
    one, other, _ = _some_facilities(country.register.hospital, 3)
    scores[one, 3] = IMPOSSIBLE
    scores[other, 5] = 61.0
    planted = [Planted(ERROR, "impossible score", f"{IMPOSSIBLE:g}"),
               Planted(ERROR, "facility not in the register", STRANGER)]
    more: list[tuple[str, str, float]] = [(STRANGER, country.quarters[0], 55.0)]
    if repeats:
        more.append((country.register.id[other], country.quarters[5], 11.0))
        planted.append(Planted(ERROR, "contradictory duplicates", country.quarters[5]))
    return Faulty(replace(country, scores=scores), tuple(planted), more)


def misplaced(country: Country) -> Faulty:
    """A province that is misspelt: without a register nothing else can be judged, so it stands alone."""
    return Faulty(country, (Planted(ERROR, "unknown province", WRONG_PROVINCE),), wrong_province=WRONG_PROVINCE)


def _some_facilities(hospital: np.ndarray, n: int) -> np.ndarray:
    """Health centres beyond those that keep their scores in the suspended round, far apart."""
    centres = np.flatnonzero(hospital == 0)
    return centres[centres > FEWEST_LEFT][::17][:n]


def _name(country: Country, row: int) -> str:
    return country.register.name[row][:60]
