"""US$ in the prices of a year: amounts of 2021, the price year of the unit costs, times the change of prices since.

Costs are simulated in constant US$ of 2021. Papers that show money may show it in the prices of another year: the same
amounts times one factor, so that they stay constant prices, of that one year. The shipped table of changes of consumer
prices (`data/prices.csv`) is from memory to 2024, then 3 % a year by assumption; a file like it may take its place:

    year,change,source,grade
    2022,0.053,"where the number is from",M
"""

from __future__ import annotations

import math
from pathlib import Path

from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.ground.money import PRICE_YEAR, Money
from qicsim.inputs.world.evidence import check_evidence
from qicsim.inputs.world.provinces import DATA
from qicsim.inputs.world.table import Layout, Row, Table, read_table

LAST_YEAR = 2100
SHIPPED = DATA / "prices.csv"
LEAST_CHANGE, MOST_CHANGE = -0.5, 1.0

_LAYOUT = Layout(("year", "change", "source", "grade"))


def money_of(year: int = PRICE_YEAR, prices: Path | str | None = None) -> Money:
    """US$ in the prices of a year, by the shipped table of changes of prices or by a file.

    SettingError for a year that the table does not hold, and for a file beside 2021, where it would change nothing;
    DataError with every fault of the file.
    """
    table = None if prices is None else Path(prices)
    levels = price_levels(SHIPPED if table is None else table)
    if isinstance(year, bool) or year not in levels:
        raise SettingError("", [Fault("money year", f"{year}", f"{min(levels)} to {max(levels)}",
                                      "" if table is None else f"{table.name} has no other years")])
    if table is not None and year == PRICE_YEAR:
        raise SettingError("", [Fault("prices", f"do nothing in money of {PRICE_YEAR}",
                                      f"a money year of {min(set(levels) - {PRICE_YEAR})} to {max(levels)}")])
    return Money(year, levels[year], table)


def price_levels(path: Path | str = SHIPPED) -> dict[int, float]:
    """Prices by year over those of 2021; DataError with every fault of the file."""
    table = read_table(path, _LAYOUT, DataError)
    changes = dict(_change(row) for row in table.rows)
    table.refuse_repeats("year")
    _refuse_gaps(table, changes)
    table.refuse_faults()
    levels = {PRICE_YEAR: 1.0}
    for year in sorted(changes):
        levels[year] = levels[year - 1] * (1.0 + changes[year])
    return levels


def _change(row: Row) -> tuple[int, float]:
    """Year and change; year 0 where it cannot be read, beside a fault."""
    check_evidence(row)
    year = row.number("year", low=PRICE_YEAR + 1, high=LAST_YEAR)
    if year % 1.0 > 0.0:
        row.fault("year", f"{year:g} is no year", allowed=f"{PRICE_YEAR + 1} to {LAST_YEAR}")
    change = row.number("change")
    if not LEAST_CHANGE <= change <= MOST_CHANGE and not math.isnan(change):
        row.fault("change", f"{change:g} is out of range", allowed=f"{LEAST_CHANGE:g} to {MOST_CHANGE:g}",
                  hint=f"A rise by {change:g} % is written {change / 100.0:g}" if change > MOST_CHANGE else "")
    return 0 if math.isnan(year) else int(year), change


def _refuse_gaps(table: Table, changes: dict[int, float]) -> None:
    """Note years that are missing between 2021 and the last, where all years can be read."""
    if table.faults:
        return
    if not changes:
        table.fault("year", "there is none", allowed=f"each year from {PRICE_YEAR + 1} on")
    for year in sorted(set(range(PRICE_YEAR + 1, max(changes, default=PRICE_YEAR))) - set(changes)):
        table.fault("year", f"{year} is missing", allowed=f"each year from {PRICE_YEAR + 1} to the last")
