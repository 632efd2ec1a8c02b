"""Rows of scores under way: each gets one fate, by the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_audit import ERROR, NOT_USED, USED, Findings
from qicsim.inputs.exchange.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

NAMED = 200


@dataclass
class Scoring:
    """Rows under way: `fate` and `reason` of each, decided once, by the first thing that is wrong."""

    rows: pd.DataFrame
    settings: Settings
    findings: Findings

    def __post_init__(self) -> None:
        """Nothing is decided yet."""
        self.fate = np.full(len(self.rows), USED, dtype=object)
        self.reason = np.full(len(self.rows), "", dtype=object)

    @property
    def open(self) -> np.ndarray:
        """Rows that may still be used."""
        return np.asarray(self.fate == USED)

    def leave(self, rows: np.ndarray, reason: str) -> np.ndarray:
        """Leave out rows; those that were still open."""
        chosen = rows & self.open
        self.fate[chosen], self.reason[chosen] = NOT_USED, reason
        return chosen

    def refuse(self, rows: np.ndarray, check: str, texts: pd.Series, found: Callable[[str], str], *, allowed: str,
               hint: Callable[[str], str] = lambda _: "") -> None:
        """Refuse rows; one error (or warning, where they are left out) for each different text of `texts`."""
        chosen = rows & self.open
        if not chosen.any():
            return
        self.fate[chosen], self.reason[chosen] = NOT_USED if self.settings.skip_faulty else ERROR, check
        groups = self.rows[chosen].assign(text=texts[chosen].to_numpy()).groupby("text", sort=False)
        for number, (text, group) in enumerate(groups):
            if number == NAMED:
                self._say(check, "", f"and {groups.ngroups - NAMED:,} more of this kind", allowed=allowed)
                break
            first = group.iloc[0]
            near = hint(str(text)) if number < NAMED / 4 else ""
            self._say(check, place(first["file"], first["sheet"], first["row"]), found(str(text)), allowed=allowed,
                      hint=near, count=len(group))

    def _say(self, check: str, where: str, what: str, *, allowed: str, hint: str = "", count: int = 1) -> None:
        rows = f" ({count:,} rows)" if count > 1 else ""
        if self.settings.skip_faulty:
            self.findings.warning(check, where, f"{what}{rows}; left out", hint=hint, count=count)
        else:
            self.findings.error(check, where, f"{what}{rows}", allowed=allowed, hint=hint, count=count)
