"""US$ in words, and the country's own money at a stated rate.

It is for display: the same amount times one rate, with its date and source. The prices that US$ are in:
`qicsim.inputs.world.prices`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.checks import Checks, is_number, shown
from qicsim.ground.numbers import money, number
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import home


@dataclass(frozen=True)
class Rate:
    """Units of a currency for US$ 1, the day of the rate, and where it was seen. SettingError unless it is above 0.

    `name` is the currency's name in English; by default that of the country that is spoken of.
    """

    per_usd: float
    day: str
    source: str
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a rate that is no rate."""
        faults = Checks()
        if not self.name:
            object.__setattr__(self, "name", home().currency.name)
        if not is_number(self.per_usd) or not 0.0 < self.per_usd < float("inf"):
            faults.add("per_usd", shown(self.per_usd), f"{self.name} for US$ 1, above 0")
        faults.refuse()

    @property
    def words(self) -> Told:
        """The rate in a phrase."""
        return tell("{amount} {currency} for US$ 1 ({day}, {source})", amount=number(self.per_usd, 2),
                    currency=tell(self.name), day=self.day, source=self.source)

    def local(self, usd: np.ndarray | float) -> np.ndarray:
        """The country's money for amounts in US$."""
        return np.asarray(usd, dtype=float) * self.per_usd

    def usd(self, local: np.ndarray | float) -> np.ndarray:
        """US$ for amounts in the country's money."""
        return np.asarray(local, dtype=float) / self.per_usd


def usual_rate() -> Rate:
    """The rate of the country that is spoken of."""
    money = home().currency
    return Rate(money.per_usd, money.day, money.source, money.name)


def usd_words(amount: float) -> Told:
    """US$ in running text: millions with one digit after the point, three digits that count below one million."""
    written, in_millions = money(amount)
    return tell("US$ {amount} million", amount=written) if in_millions else tell("US$ {amount}", amount=written)
