"""Which facility of the register a text means: by id, uid, code or name, whatever its capitals and signs."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from qicsim.exchange.words import normal
from qicsim.world.register import Register

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN, AMBIGUOUS, LEFT_OUT = -1, -2, -3
NEAREST = 2


class Keys:
    """Keys of a register: `place(text)` is a row of the register, or UNKNOWN, AMBIGUOUS or LEFT_OUT."""

    def __init__(self, register: Register, left_out: Mapping[str, str] | None = None) -> None:
        """`left_out` maps normalised keys of facilities that were left out to the reason."""
        self.places: dict[str, int] = {}
        self.left_out = left_out or {}
        self.shown = {normal(name): name for name in (*register.name, *register.id)}
        for texts in (register.id, register.dhis2_uid, register.code, register.name):
            self._add(texts)

    def _add(self, texts: tuple[str, ...]) -> None:
        """Add keys of one kind; a stronger kind wins, the same text twice in a kind is ambiguous."""
        found: dict[str, int] = {}
        for place, text in enumerate(texts):
            if key := normal(text):
                found[key] = AMBIGUOUS if key in found else place
        self.places = found | self.places

    def place(self, text: str) -> int:
        """The row of the register that a text means."""
        key = normal(text)
        found = self.places.get(key, UNKNOWN)
        return LEFT_OUT if found == UNKNOWN and key in self.left_out else found

    def places_of(self, texts: pd.Series) -> np.ndarray:
        """Rows of many texts; int64."""
        codes, unique = texts.factorize()
        return np.array([self.place(text) for text in unique], dtype=np.int64)[codes]

    def nearest(self, text: str) -> str:
        """A sentence with the nearest names, "" if none is near."""
        near = get_close_matches(normal(text[:100]), list(self.shown), n=NEAREST, cutoff=0.6)
        return f'Did you mean {" or ".join(f"{self.shown[one]!r}" for one in near)}?'.replace("'", '"') if near else ""

