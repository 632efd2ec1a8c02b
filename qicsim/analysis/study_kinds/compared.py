"""One indicator of one group, as a contrast over time, with its words and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.amounts import amount, between, group_words
from qicsim.analysis.contrasts import Contrast
from qicsim.analysis.rows import contrast_rows
from qicsim.ground.translatable import Told, as_written, in_a_row, tell
from qicsim.runs.fields import ALL, Field

SCORES = ("true", "recorded")


@dataclass(frozen=True, eq=False)
class Compared:
    """A contrast of an indicator; its arrays are (times,), and `title` says what is compared."""

    title: str
    field: Field
    contrast: Contrast

    @property
    def known(self) -> bool:
        """Whether there is a value at any time."""
        return bool(np.isfinite(self.contrast.mean).any())

    @property
    def last(self) -> int:
        """The place of the last time that has a value; -1 when none has."""
        return int(np.flatnonzero(np.isfinite(self.contrast.mean))[-1]) if self.known else -1

    @property
    def time(self) -> str:
        """The last time that has a value."""
        return self.field.times[self.last]

    @property
    def words(self) -> Told:
        """The contrast at its last time, with its interval and the two parts of its error."""
        c, unit, at = self.contrast, self.field.indicator.unit, self.last
        fields = {"mean": amount(c.mean[at], unit), "level": f"{100 * c.level:.0f}\u00a0%",
                  "ends": between(c.low[at], c.high[at], unit),
                  "error": amount(c.error[at], unit, named=False, sign=False)}
        if np.isfinite(c.error_chance[at]):
            return tell("{mean} ({level} of draws {ends}; standard error {error}, of which chance {chance})", **fields,
                        chance=amount(c.error_chance[at], unit, named=False, sign=False))
        return tell("{mean} ({level} of draws {ends}; standard error {error}; the part of chance is unknown with one "
                    "replicate)", **fields)

    def rows(self, **first: Any) -> list[dict[str, Any]]:
        """A row for each time; `first` are its first columns."""
        return [{**first, "indicator": self.field.indicator.name, "group": self.field.group,
                 "unit": self.field.indicator.unit, "time": row.pop("axis_1"),
                 **{key: value for key, value in row.items() if key != "name"}}
                for row in contrast_rows("", self.contrast, self.field.times)]


def leading(compared: Sequence[Compared]) -> tuple[Compared, ...]:
    """True quality and the record of all facilities, as far as they were kept; otherwise what comes first."""
    found = [one for name in SCORES for one in compared if (one.field.indicator.name, one.field.group) == (name, ALL)]
    return tuple(found) or tuple(compared[:1])


def told(compared: Sequence[Compared]) -> Told:
    """The leading contrasts in words; empty where none has a value."""
    return in_a_row(tell("{indicator} {contrast}", indicator=as_written(one.field.indicator.meaning),
                         contrast=one.words) for one in leading(compared) if one.known)


def indicator_words(field: Field) -> Told:
    """An indicator and its group of facilities."""
    return tell("{indicator}, {group}", indicator=as_written(field.indicator.meaning), group=group_words(field.group))
