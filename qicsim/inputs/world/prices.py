"""US$ in the prices of a year: amounts of the price year, that of the unit costs, times the change of prices since.

Costs are simulated in constant US$ of the price year. Papers that show money may show it in those of another: the same
amounts times one factor, so that they stay constant prices, of that one year. A country has a table of changes
of consumer prices (`prices.csv` in its folder); a file like it may take its place:

    year,change,source,grade
    2031,0.053,"where the number is from",M
"""

from __future__ import annotations

import math
from pathlib import Path

from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.ground.money import Money
from qicsim.ground.table import Layout, Row, Table, read_table
from qicsim.inputs.country import home
from qicsim.inputs.country.money import money_in
from qicsim.inputs.world.evidence import check_evidence

LAST_YEAR = 2100
FILE = "prices.csv"
LEAST_CHANGE, MOST_CHANGE = -0.5, 1.0

_LAYOUT = Layout(("year", "change", "source", "grade"))


def money_of(year: int | None = None, prices: Path | str | None = None) -> Money:
    """US$ in the prices of a year, by the country's table of changes of prices or by a file.

    SettingError for a year that the table does not hold, and for a file beside it, where it would change nothing;
    DataError with every fault of the file.
    """
    table, price_year = None if prices is None else Path(prices), home().price_year
    year = price_year if year is None else year
    levels = price_levels(table)
    if isinstance(year, bool) or year not in levels:
        raise SettingError("", [Fault("money year", f"{year}", f"{min(levels)} to {max(levels)}",
                                      "" if table is None else f"{table.name} has no other years")])
    if table is not None and year == price_year:
        raise SettingError("", [Fault("prices", f"do nothing in money of {price_year}",
                                      f"a money year of {min(set(levels) - {price_year})} to {max(levels)}")])
    return money_in(year, levels[year]) if table is None else Money(year, price_year, levels[year], table)


def price_levels(path: Path | str | None = None) -> dict[int, float]:
    """Prices by year over those of the price year, of a file or the country; DataError with every fault of the file."""
    table, first = read_table(home().folder / FILE if path is None else path, _LAYOUT, DataError), home().price_year
    changes = dict(_change(row, first) for row in table.rows)
    table.refuse_repeats("year")
    _refuse_gaps(table, changes, first)
    table.refuse_faults()
    levels = {first: 1.0}
    for year in sorted(changes):
        levels[year] = levels[year - 1] * (1.0 + changes[year])
    return levels


def _change(row: Row, first: int) -> tuple[int, float]:
    """Year and change; year 0 where it cannot be read, beside a fault."""
    check_evidence(row)
    year = row.number("year", low=first + 1, high=LAST_YEAR)
    if year % 1.0 > 0.0:
        row.fault("year", f"{year:g} is no year", allowed=f"{first + 1} to {LAST_YEAR}")
    change = row.number("change")
    if not LEAST_CHANGE <= change <= MOST_CHANGE and not math.isnan(change):
        row.fault("change", f"{change:g} is out of range", allowed=f"{LEAST_CHANGE:g} to {MOST_CHANGE:g}",
                  hint=f"A rise by {change:g} % is written {change / 100.0:g}" if change > MOST_CHANGE else "")
    return 0 if math.isnan(year) else int(year), change


def _refuse_gaps(table: Table, changes: dict[int, float], first: int) -> None:
    """Note years that are missing between the price year and the last, where all years can be read."""
    if table.faults:
        return
    if not changes:
        table.fault("year", "there is none", allowed=f"each year from {first + 1} on")
    for year in sorted(set(range(first + 1, max(changes, default=first))) - set(changes)):
        table.fault("year", f"{year} is missing", allowed=f"each year from {first + 1} to the last")
