"""The country that is simulated: a folder of plain files, `world.toml` first (`docs/worlds.md`).

    with in_country(country_of("my-world")):
        ...                                    # whatever reads or writes here speaks of that country

Scenarios, registers and worlds carry their country with them; `home()` is the one that is spoken of where nothing is at
hand that carries one. By default it is the packaged world that `qicsim/worlds/default.toml` names.
"""

from qicsim.inputs.country.files import country_of, default_country, home, in_country, packaged, plan_start, target_year
from qicsim.inputs.country.record import Country, Currency, Kind, Province, Role
from qicsim.inputs.country.wording import worded

__all__ = ["Country", "Currency", "Kind", "Province", "Role", "country_of", "default_country", "home", "in_country",
           "packaged", "plan_start", "target_year", "worded"]
