"""A country's folder as a whole: everything in it read and built together, and what it holds in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import DataError, Fault, InputError
from qicsim.inputs.country import Country, worded
from qicsim.inputs.country.record import REFERENCE, ROLES
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.areas import read_areas
from qicsim.inputs.world.build import build_world, country_table
from qicsim.inputs.world.money import read_payments, read_schedules, read_unit_costs
from qicsim.inputs.world.prices import price_levels
from qicsim.inputs.world.register import read_register
from qicsim.inputs.world.register_check import summary_lines
from qicsim.inputs.world.shock import read_shock

READERS: dict[str, Callable[[Path], Any]] = {
    "areas": read_areas, "payments": read_payments, "schedules": read_schedules, "shock": read_shock,
    "unit_costs": read_unit_costs}


def checked_lines(country: Country) -> list[str]:
    """Every table, scenario and the world of the reference read: in lines; DataError with every fault."""
    faults: list[Fault] = []

    def attempt(name: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except InputError as error:
            faults.extend(Fault(": ".join(part for part in (name, one.place) if part), one.found, one.allowed, one.hint)
                          for one in error.faults)
            return None

    for kind, reader in READERS.items():
        attempt(country.table(kind).name, partial(reader, country.table(kind)))
    attempt("prices.csv", price_levels)
    listed = country.table("register")
    register = attempt(listed.name if listed.is_file() else "facilities",
                       lambda: read_register(country_table(country, "register"), country))
    scenarios = {name: attempt(f"scenarios/{name}.toml", partial(load_scenario, name, world=country))
                 for name in country.scenarios}
    if not faults:
        for name, scenario in scenarios.items():
            attempt(f"scenarios/{name}.toml", partial(build_world, scenario))
    if faults:
        raise DataError(str(country.folder), list(dict.fromkeys(faults)))
    return [f"{country.name}: everything can be read; {len(scenarios)} scenarios can be run.",
            *summary_lines(register), *map(worded, _open_points(country))]


def _open_points(country: Country) -> Iterator[str]:
    """What is right and not yet said of the country."""
    assumed = [one.name for one in country.provinces if not (one.districts and one.first_level[1])]
    if not country.table("register").is_file():
        yield ("Facilities are invented from the counts of provinces.csv" + (
            f"; {len(assumed)} provinces say no number of districts and facilities, which are assumed from their people"
            if assumed else "") + ".")
    if country.calibration is None:
        yield "The roll-out is not fitted to counts of this country: its parameters come from their priors."
    if country.map is None:
        yield "There is no map; provinces with a place on the grid are drawn as tiles."


def described_lines(country: Country) -> list[str]:
    """What a country is, in lines."""
    kinds = Counter(kind.role for kind in country.kinds)
    horizon, money = country.horizon, country.currency
    people = sum(one.population for one in country.provinces)
    lines = [f"{country.name} ({country.folder})",
             f"{worded('Provinces')} {len(country.provinces)}, people {people:,}"]
    for role, name in enumerate(ROLES):
        words = ", ".join(f"{kind.key} ({kind.name})" for kind in country.kinds if kind.role == role)
        lines.append(f"{country.roles[role].plural.capitalize()}, the role {name}, {kinds[role]} "
                     f"kind{'s' if kinds[role] > 1 else ''}: {words}")
    start, end, since = map(format_month, (horizon.start, horizon.end, horizon.pbf_since))
    rate = f"{money.per_usd:g} {money.name} ({money.code}) for US$ 1 on {money.day} ({money.source})"
    lines += [f"Horizon {start} to {end}; performance-based financing since {since}",
              f"Costs in US$ of {country.price_year}; {rate}",
              f"Scenarios, compared with {REFERENCE}: {', '.join(country.listing)}",
              *map(worded, _open_points(country)), *(f"{name}: {said}" for name, said in country.said.items())]
    return lines
