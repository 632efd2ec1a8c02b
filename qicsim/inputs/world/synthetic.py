"""The embedded register: invented facilities in real provinces, with real populations and national totals.

No public list of Cambodia's health centres by operational district was found, so districts and facilities are built
from `provinces.csv` and are labelled synthetic wherever they stand. Nothing is drawn at random: whatever varies follows
from a digest of the name of the thing, so that the same file comes out on every machine.

- Districts: as many as `provinces.csv` says; health centres are shared out by an uneven size, 8 to 23 in each district
  of a province that has several.
- People: the province's census population, shared out over districts and then over facilities; catchments do not
  overlap.
- Referral hospitals: one in each district, a second one in the 25 districts with most people, 125 in all. The hospital
  of each province's first district is the provincial one (CPA3); one more is CPA3, the next 38 are CPA2, the rest CPA1.
- Openings: 83 health centres and 9 second hospitals, spread over the months from 2018-02 to 2022-12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from qicsim.ground.calendar import parse_month
from qicsim.inputs.world.provinces import Province, provinces
from qicsim.inputs.world.register import (
    BEFORE_HORIZON,
    HEALTH_CENTRE_TYPE,
    SYNTHETIC_PREFIX,
    Facility,
    Register,
    identity_of,
    register_of,
)

FEWEST_CENTRES, MOST_CENTRES = 8, 23
HOSPITALS_2018, HOSPITALS_2022 = 116, 125
CPA3_HOSPITALS, CPA2_HOSPITALS = 26, 38
FIRST_OPENING, LAST_OPENING = parse_month("2018-02"), parse_month("2022-12")
# Spread of sizes around the mean, as (least, range), and how much larger a hospital's own town is: assumptions that
# keep people per health centre near the 8,900-15,500 of published districts.
DISTRICT_SIZE, DISTRICT_CROWDING, CATCHMENT = (0.75, 0.5), (0.85, 0.3), (0.6, 0.8)
HOSPITAL_TOWN = 1.5
# The first whole number whose uneven sizes give the project's six provinces what its reports imply: 395-420 facilities
# and 33-36 referral hospitals at the end of 2021.
SALT = 55


@dataclass(frozen=True)
class District:
    """One synthetic operational district; `centres` and `hospitals` are numbers in 2018-01 and in 2022-12."""

    province: Province
    number: int
    people: int
    centres: tuple[int, int]
    hospitals: tuple[int, int] = (1, 1)

    @property
    def digits(self) -> str:
        """Province code and district number, four digits."""
        return f"{self.province.code}{self.number:02d}"

    @property
    def code(self) -> str:
        """What the register's column `operational_district` holds."""
        return f"OD-{self.digits}"

    @property
    def name(self) -> str:
        """The district in words."""
        return f"{self.province.name} OD {self.number}"


def build_register() -> Register:
    """The embedded register, the same on every machine."""
    districts = _with_hospitals([district for province in provinces() for district in _districts(province)])
    levels = _hospital_levels(districts)
    facilities = [row for district in districts for row in _facilities(district, levels)]
    return register_of(_with_openings(facilities, districts))


def chance(text: str) -> float:
    """A number between 0 and 1 that depends on the text and the SALT alone."""
    return (identity_of(f"{text}, variant {SALT}")[0] + 0.5) / 2**32


def _uneven(text: str, spread: tuple[float, float]) -> float:
    """A size for the thing that `text` names."""
    least, width = spread
    return least + width * chance(text)


def apportion(seats: int, weights: Sequence[float], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Seats by weight and within bounds, one by one to the largest weight / (2 held + 1) (Webster, Sainte-Lague)."""
    held = list(least)
    for _ in range(seats - sum(held)):
        open_places = [i for i in range(len(held)) if held[i] < most[i]]
        held[max(open_places, key=lambda i: weights[i] / (2 * held[i] + 1))] += 1
    return held


def share_out(total: int, weights: Iterable[float]) -> list[int]:
    """Whole numbers in proportion to the weights that sum to the total exactly."""
    weights = list(weights)
    whole, reached, shares = sum(weights), 0.0, [0]
    for weight in weights:
        reached += weight
        shares.append(round(total * reached / whole))
    shares[-1] = total
    return [after - before for before, after in pairwise(shares)]


# ------------------------------------------------------------------------------------------------------- districts


def _districts(province: Province) -> list[District]:
    """The province's districts with their health centres and people."""
    numbers = range(1, province.operational_districts + 1)
    sizes = [_uneven(f"size of district {province.code}{number:02d}", DISTRICT_SIZE) for number in numbers]
    fewest = min(FEWEST_CENTRES, province.health_centres_2018)
    first = _centres(province.health_centres_2018, sizes, [fewest] * len(sizes))
    last = _centres(province.health_centres_2022, sizes, first)
    crowding = (_uneven(f"crowding of district {province.code}{number:02d}", DISTRICT_CROWDING) for number in numbers)
    people = share_out(province.population, (centres * factor for centres, factor in zip(last, crowding, strict=True)))
    return [District(province, *row) for row in zip(numbers, people, zip(first, last, strict=True), strict=True)]


def _centres(total: int, sizes: list[float], least: list[int]) -> list[int]:
    return apportion(total, sizes, least, [max(MOST_CENTRES, total // len(sizes))] * len(sizes))


def _with_hospitals(districts: list[District]) -> list[District]:
    """One hospital in each district, a second one in the districts with most people; the last of these open later."""
    ranked = sorted(districts, key=lambda district: (-district.people, district.code))
    early, late = HOSPITALS_2018 - len(districts), HOSPITALS_2022 - len(districts)
    second = {district.code: (2 if rank < early else 1, 2) for rank, district in enumerate(ranked[:late])}
    return [replace(district, hospitals=second.get(district.code, (1, 1))) for district in districts]


def _hospital_levels(districts: list[District]) -> dict[str, str]:
    """Level of each district's first hospital, by the district's code; second hospitals are CPA1."""
    ranked = sorted(districts, key=lambda district: (district.number != 1, -district.people, district.code))
    levels = ["CPA3"] * CPA3_HOSPITALS + ["CPA2"] * CPA2_HOSPITALS
    return {district.code: level for district, level in zip(ranked, levels, strict=False)}


# ------------------------------------------------------------------------------------------------------ facilities


def _facilities(district: District, levels: dict[str, str]) -> list[Facility]:
    """Every facility that the district has at the end of 2022, openings not yet dated."""
    start = f"{SYNTHETIC_PREFIX}{district.digits}"
    centres = [(f"{start}-H{n:02d}", f"health centre {n:02d}", HEALTH_CENTRE_TYPE, 1.0)
               for n in range(1, district.centres[1] + 1)]
    hospitals = [(f"{start}-R{n}", f"referral hospital {n}", levels.get(district.code, "CPA1") if n == 1 else "CPA1",
                  HOSPITAL_TOWN) for n in range(1, district.hospitals[1] + 1)]
    rows = centres + hospitals
    sizes = (town * _uneven(f"catchment of {row_id}", CATCHMENT) for row_id, *_, town in rows)
    people = share_out(district.people, sizes)
    return [Facility(row_id, f"{district.name} {name} (synthetic)", level, district.province.name, district.code,
                     float(served), BEFORE_HORIZON)
            for (row_id, name, level, _), served in zip(rows, people, strict=True)]


def _with_openings(facilities: list[Facility], districts: list[District]) -> list[Facility]:
    """The facilities, those that are not there at the start dated evenly from the first to the last opening."""
    later = [f"{SYNTHETIC_PREFIX}{district.digits}-H{n:02d}"
             for district in districts for n in range(district.centres[0] + 1, district.centres[1] + 1)]
    later += [f"{SYNTHETIC_PREFIX}{district.digits}-R{n}"
              for district in districts for n in range(district.hospitals[0] + 1, district.hospitals[1] + 1)]
    later.sort(key=lambda row_id: chance(f"opening of {row_id}"))
    months = LAST_OPENING - FIRST_OPENING
    opened = {row_id: FIRST_OPENING + round(months * rank / (len(later) - 1)) for rank, row_id in enumerate(later)}
    return [row._replace(opened=opened.get(row.id, BEFORE_HORIZON)) for row in facilities]
