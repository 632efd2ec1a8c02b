"""The prices that US$ are in: those of 2021, as costs are simulated, or those of another year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qicsim.ground.translatable import Told, tell

PRICE_YEAR = 2021
"""The price year of the unit costs."""
SHIPPED_PRICES = ("All US$ are in prices of {year}: those of {price_year} times {factor}, the change of consumer "
                  "prices, 3 % a year after 2024 by assumption.")
OTHER_PRICES = ("All US$ are in prices of {year}: those of {price_year} times {factor}, by the changes in the file "
                "{file}.")


@dataclass(frozen=True)
class Money:
    """The prices that US$ are in.

    year    whose prices they are
    factor  by which amounts of 2021 are multiplied; 1 for 2021 itself
    table   the file of changes of prices that was given in place of the shipped one
    """

    year: int = PRICE_YEAR
    factor: float = 1.0
    table: Path | None = None

    @property
    def said(self) -> tuple[Told, ...]:
        """What prices they are and by what table, in a sentence; nothing for those of 2021."""
        if self.year == PRICE_YEAR:
            return ()
        told = {"year": self.year, "price_year": PRICE_YEAR, "factor": f"{self.factor:.3f}"}
        return (tell(SHIPPED_PRICES, **told) if self.table is None else
                tell(OTHER_PRICES, **told, file=self.table.name),)


MONEY = Money()
"""US$ of 2021, as costs are simulated."""
