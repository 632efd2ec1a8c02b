"""US$ in words, and riel at a stated rate.

Riel are for display: the same amount times one rate, with its date and source. No rate of 2021 was at hand; the two
that were seen differ by 1.3 % in nine years, so that the choice between them matters less than any unit cost. The
prices that US$ are in: `qicsim.inputs.world.prices`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.checks import Checks, is_number, shown
from qicsim.ground.numbers import money, number
from qicsim.ground.translatable import Told, tell


@dataclass(frozen=True)
class Rate:
    """Riel for US$ 1, the day of the rate, and where it was seen. SettingError unless it is above 0."""

    riel_per_usd: float
    day: str
    source: str

    def __post_init__(self) -> None:
        """Refuse a rate that is no rate."""
        faults = Checks()
        if not is_number(self.riel_per_usd) or not 0.0 < self.riel_per_usd < float("inf"):
            faults.add("riel_per_usd", shown(self.riel_per_usd), "riel for US$ 1, above 0")
        faults.refuse()

    @property
    def words(self) -> Told:
        """The rate in a phrase."""
        return tell("{riel} riel for US$ 1 ({day}, {source})", riel=number(self.riel_per_usd, 2), day=self.day,
                    source=self.source)

    def riel(self, usd: np.ndarray | float) -> np.ndarray:
        """Riel for amounts in US$."""
        return np.asarray(usd, dtype=float) * self.riel_per_usd

    def usd(self, riel: np.ndarray | float) -> np.ndarray:
        """US$ for amounts in riel."""
        return np.asarray(riel, dtype=float) / self.riel_per_usd


RATE_2015 = Rate(4055.0, "2015-12-31", "World Bank PAD1647")
RATE_2024 = Rate(4107.96, "2024-07-31", "World Bank PP00014")


def usd_words(amount: float) -> Told:
    """US$ in running text: millions with one digit after the point, three digits that count below one million."""
    written, in_millions = money(amount)
    return tell("US$ {amount} million", amount=written) if in_millions else tell("US$ {amount}", amount=written)
