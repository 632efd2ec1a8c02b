"""The prices that US$ are in: those of the price year, as costs are simulated, or those of another year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qicsim.ground.translatable import Told, tell

SHIPPED_PRICES = "All US$ are in prices of {year}: those of {price_year} times {factor}, by {source}."
OTHER_PRICES = ("All US$ are in prices of {year}: those of {price_year} times {factor}, by the changes in the file "
                "{file}.")
CONSUMER_PRICES = "the change of consumer prices"


@dataclass(frozen=True)
class Money:
    """The prices that US$ are in.

    year        whose prices they are
    price_year  whose prices the unit costs of the country are in
    factor      by which amounts of the price year are multiplied; 1 for itself
    table       the file of changes of prices that was given in place of the country's own
    source      what the country's own changes are, in words
    """

    year: int
    price_year: int
    factor: float = 1.0
    table: Path | None = None
    source: str = CONSUMER_PRICES

    @property
    def as_simulated(self) -> bool:
        """Whether amounts are those of the price year."""
        return self.year == self.price_year

    @property
    def said(self) -> tuple[Told, ...]:
        """What prices they are and by what table, in a sentence; nothing for those of the price year."""
        if self.as_simulated:
            return ()
        told = {"year": self.year, "price_year": self.price_year, "factor": f"{self.factor:.3f}"}
        return (tell(SHIPPED_PRICES, **told, source=tell(self.source)) if self.table is None else
                tell(OTHER_PRICES, **told, file=self.table.name),)
