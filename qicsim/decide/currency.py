"""US$ of 2021, of another year's prices, and riel at a stated rate.

Amounts are kept in constant US$ of 2021, the price year of the unit costs. Papers of `decide` and `plan` may show them
in the prices of another year: the same amounts times the change of consumer prices since (`data/prices.csv`, from
memory to 2024, then 3 % a year, assumed). They stay constant prices, of that one year. Riel are for display: the same
amount times one rate, with its date and source. No rate of 2021 was at hand; the two that were seen differ by 1.3 % in
nine years, so that the choice between them matters less than any unit cost.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from qicsim.decide.checks import Checks, is_number, shown
from qicsim.ground.numbers import money, number
from qicsim.ground.translatable import Told, tell

PRICE_YEAR = 2021


@cache
def price_levels() -> dict[int, float]:
    """Consumer prices by year, 1 in the price year of the unit costs."""
    levels = {PRICE_YEAR: 1.0}
    with (Path(__file__).parent / "data" / "prices.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year = int(row["year"])
            levels[year] = levels[year - 1] * (1.0 + float(row["change"]))
    return levels


def price_factor(money_year: int) -> float:
    """By what amounts of 2021 are multiplied to be in prices of a year; 1.0 for 2021 itself."""
    return price_levels()[money_year]


def check_money_year(faults: Checks, money_year: int) -> None:
    """A fault for a year whose prices are not known."""
    if isinstance(money_year, bool) or money_year not in price_levels():
        faults.add("money year", shown(money_year), f"{min(price_levels())} to {max(price_levels())}")


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
