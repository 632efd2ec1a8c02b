"""What can be kept of a run: indicators of groups of facilities, over times and places.

At the detail of the nation the times are quarters or years; places are read at the ends of years. Money
is known by year, for the nation and for provinces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.model.indicators import PROGRAMME, Indicator, indicators
from qicsim.runs.sums import DERIVED

NATION, PROVINCE, DISTRICT, FACILITY = DETAILS = ("nation", "province", "district", "facility")
QUARTER, YEAR = EVERY = ("quarter", "year")
ALL = "all"
DOLLARS = "US$ of {year} a year"
PROGRAMME_NAMES = tuple(indicator.name for indicator in PROGRAMME)
_QIC = tuple(line for line in COST_LINES if line not in PBF_LINES)
COSTS: dict[str, tuple[Indicator, tuple[str, ...], tuple[str, ...]]] = {
    "qic_cost": (Indicator("qic_cost", "cost of collaboratives", DOLLARS, ""), _QIC, PAYERS),
    "pbf_cost": (Indicator("pbf_cost", "cost of PBF and of assessment", DOLLARS, ""), PBF_LINES, PAYERS),
    **{f"cost_{line}_{payer}": (Indicator(f"cost_{line}_{payer}", f"{line.replace('_', ' ')}, paid by {payer}",
                                          DOLLARS, ""), (line,), (payer,))
       for line in COST_LINES for payer in PAYERS}}
"""Each cost with the lines and payers that it adds up."""


@dataclass(frozen=True)
class Keep:
    """What is to be kept: names of indicators and of groups, the detail of places, and how often the nation is read."""

    indicators: tuple[str, ...]
    groups: tuple[str, ...] = (ALL,)
    detail: str = NATION
    every: str = QUARTER


class Extent(NamedTuple):
    """Where and when a scenario takes place: first month (absolute), months, whose US$, care areas, names of places."""

    start: int
    months: int
    price_year: int
    areas: tuple[str, ...]
    provinces: tuple[str, ...]
    districts: tuple[str, ...]
    facilities: tuple[str, ...]

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters."""
        return tuple(format_quarter(self.start + month)
                     for month in range(MONTHS_PER_QUARTER - 1, self.months, MONTHS_PER_QUARTER))

    @property
    def years(self) -> tuple[str, ...]:
        """Names of the calendar years that are touched."""
        last = self.start + self.months - 1
        return tuple(str(year) for year in range(self.start // MONTHS_PER_YEAR, last // MONTHS_PER_YEAR + 1))

    def places(self, detail: str) -> tuple[str, ...]:
        """Names of the places at a detail."""
        return {NATION: (NATION,), PROVINCE: self.provinces, DISTRICT: self.districts,
                FACILITY: self.facilities}[detail]


def known(extent: Extent, detail: str) -> dict[str, Indicator]:
    """Every indicator that can be kept at a detail, costs among them, by name."""
    named = [*indicators(extent.areas), *(PROGRAMME if detail == NATION else ()),
             *(one for one in DERIVED if detail != FACILITY or one.name != "order_80")]
    return {one.name: one for one in named} | {
        name: replace(cost, unit=cost.unit.format(year=extent.price_year)) for name, (cost, _, _) in COSTS.items()}


@dataclass(frozen=True)
class Field:
    """An indicator of a group over times and places."""

    indicator: Indicator
    group: str
    times: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Times and places."""
        return len(self.times), len(self.places)


def is_sum(name: str) -> bool:
    """Whether an indicator is worked out from sums over facilities."""
    return name not in COSTS and name not in PROGRAMME_NAMES
