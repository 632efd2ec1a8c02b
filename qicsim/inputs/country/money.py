"""Money as costs of a country are simulated: US$ of its price year."""

from __future__ import annotations

from qicsim.ground.money import CONSUMER_PRICES, Money
from qicsim.inputs.country.files import home


def as_simulated() -> Money:
    """US$ of the price year of the country that is spoken of."""
    return money_in(home().price_year, 1.0)


def money_in(year: int, factor: float) -> Money:
    """US$ of a year: those of the price year times a factor, by the country's own changes of prices."""
    return Money(year, home().price_year, factor, source=home().said.get("prices", CONSUMER_PRICES))
