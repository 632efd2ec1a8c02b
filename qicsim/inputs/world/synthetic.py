"""A register of invented facilities in real provinces, with real populations and national totals.

For a country of which no list of facilities is at hand, districts and facilities are built from `provinces.csv` and the
section [invented] of `world.toml`, and are labelled synthetic wherever they stand. Nothing is drawn at random: whatever
varies follows from a digest of the name of the thing, so that the same file comes out on every machine.

- Districts: as many as `provinces.csv` says; facilities of the first level are shared out by an uneven size, within
  bounds in each district of a province that has several.
- People: the province's population, shared out over districts and then over facilities; catchments do not overlap.
- Facilities of referral: one in each district, a second one in the districts with most people. Those of the first
  district of each province rank first, then those with most people: kinds are given out in this order.
- Openings: facilities that are not there at the beginning, spread evenly over the months in between.

Where a province does not say how many districts and facilities it has, `PEOPLE_OF_DISTRICT` and `PEOPLE_OF_FACILITY`
are assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace
from itertools import pairwise
from pathlib import Path

from qicsim.ground.errors import DataError, Fault
from qicsim.ground.files import write_text
from qicsim.inputs.country import Country, Province, home
from qicsim.inputs.country.record import Invented
from qicsim.inputs.world.register import (
    BEFORE_HORIZON,
    MOST_FACILITIES,
    SYNTHETIC_PREFIX,
    Facility,
    Register,
    identity_of,
    register_of,
    register_text,
)

# Spread of sizes around the mean, as (least, range), and how much larger a hospital's own town is: assumptions that
# keep people per facility of the first level near the 8,900-15,500 of published districts.
DISTRICT_SIZE, DISTRICT_CROWDING, CATCHMENT = (0.75, 0.5), (0.85, 0.3), (0.6, 0.8)
HOSPITAL_TOWN = 1.5
PEOPLE_OF_DISTRICT, PEOPLE_OF_FACILITY = 150_000, 12_000
FILE = "facilities-invented.csv"


@dataclass(frozen=True)
class District:
    """One synthetic district; `centres` and `hospitals` are numbers at the beginning and at the end."""

    province: Province
    number: int
    people: int
    centres: tuple[int, int]
    hospitals: tuple[int, int] = (1, 1)

    @property
    def digits(self) -> str:
        """Province code and district number."""
        return f"{self.province.code}{self.number:02d}"


def build_register(country: Country | None = None) -> Register:
    """The invented register of a country (default: the one spoken of), the same on every machine.

    DataError where its counts of provinces cannot be shared out, or where it says nothing of invented facilities.
    """
    country = country or home()
    if country.invented is None:
        raise DataError(str(country.folder), [Fault("", "there is neither facilities.csv nor [invented] in world.toml",
                                                    "one of the two: docs/worlds.md")])
    inventor = _Inventor(country.invented)
    _refuse_counts(country)
    districts = inventor.with_hospitals([one for province in country.provinces for one in inventor.districts(province)])
    levels = inventor.hospital_levels(districts)
    facilities = [row for district in districts for row in inventor.facilities(district, levels)]
    return register_of(inventor.with_openings(facilities, districts), country)


def invented_register(country: Country) -> Path:
    """The file of a country's invented register in its folder, written anew where it is not what its counts give."""
    path, text = country.folder / FILE, register_text(build_register(country))
    try:
        if not path.is_file() or path.read_bytes() != text.encode():
            write_text(path, text)
    except OSError as reason:
        raise DataError(str(path), [Fault("", f"cannot be written: {reason.strerror}", hint=(
            "A folder that cannot be written needs facilities.csv: `qicsim register build` writes it"))]) from None
    return path


def _refuse_counts(country: Country) -> None:
    """DataError with every count that cannot be shared out."""
    counts = [_counts(province) for province in country.provinces]
    faults = [Fault(f"provinces.csv, {province.name}",
                    f"{first} facilities of the first level at the beginning and {last} at the end, in {districts} "
                    f"districts", "at least one in each district, and no fewer at the end")
              for province, (districts, first, last) in zip(country.provinces, counts, strict=True)
              if not districts <= first <= last]
    total, invented = sum(districts for districts, *_ in counts), country.invented
    first, last = invented.hospitals if invented else (0, 0)
    if last and not total <= first <= last <= 2 * total:
        faults.append(Fault("world.toml [invented] hospitals", f"{[first, last]} in {total} districts",
                            f"{total} to {2 * total}: one or two in each district"))
    many = sum(last + 2 * districts for districts, _, last in counts)
    if many > MOST_FACILITIES:
        faults.append(Fault("provinces.csv", f"asks for {many:,} facilities", f"at most {MOST_FACILITIES:,}"))
    if faults:
        raise DataError(str(country.folder), faults)


def _counts(province: Province) -> tuple[int, int, int]:
    """Districts, and facilities of the first level at the beginning and at the end, assumed where nothing is said."""
    first, last = province.first_level
    last = last or first or max(1, round(province.population / PEOPLE_OF_FACILITY))
    districts = province.districts or min(last, max(1, round(province.population / PEOPLE_OF_DISTRICT)))
    return districts, first or last, last


def apportion(seats: int, weights: Sequence[float], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Seats by weight and within bounds, one by one to the largest weight / (2 held + 1) (Webster, Sainte-Lague)."""
    held = list(least)
    next_seats = [(-weights[i] / (2 * held[i] + 1), i) for i in range(len(held)) if held[i] < most[i]]
    heapify(next_seats)
    for _ in range(seats - sum(held)):
        _, i = next_seats[0]
        held[i] += 1
        if held[i] < most[i]:
            heapreplace(next_seats, (-weights[i] / (2 * held[i] + 1), i))
        else:
            heappop(next_seats)
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


# ------------------------------------------------------------------------------------------------------- inventing


@dataclass(frozen=True)
class _Inventor:
    """What builds districts and facilities, as a country says."""

    form: Invented

    def chance(self, text: str) -> float:
        """A number between 0 and 1 that depends on the text and the variant alone."""
        return (identity_of(f"{text}, variant {self.form.variant}")[0] + 0.5) / 2**32

    def uneven(self, text: str, spread: tuple[float, float]) -> float:
        """A size for the thing that `text` names."""
        least, width = spread
        return least + width * self.chance(text)

    def districts(self, province: Province) -> list[District]:
        """The province's districts with their facilities of the first level and people."""
        count, before, after = _counts(province)
        numbers = range(1, count + 1)
        sizes = [self.uneven(f"size of district {province.code}{number:02d}", DISTRICT_SIZE) for number in numbers]
        fewest = min(self.form.centres[0], before // count)
        first = self.centres(before, sizes, [fewest] * len(sizes))
        last = self.centres(after, sizes, first)
        crowding = (self.uneven(f"crowding of district {province.code}{number:02d}", DISTRICT_CROWDING)
                    for number in numbers)
        people = share_out(province.population,
                           (centres * factor for centres, factor in zip(last, crowding, strict=True)))
        return [District(province, *row) for row in zip(numbers, people, zip(first, last, strict=True), strict=True)]

    def centres(self, total: int, sizes: list[float], least: list[int]) -> list[int]:
        """Facilities of the first level of each district."""
        most = max(self.form.centres[1], -(-total // len(sizes)))
        return apportion(total, sizes, least, [most] * len(sizes))

    def with_hospitals(self, districts: list[District]) -> list[District]:
        """One hospital in each district, a second one in those with most people; the last of these open later."""
        ranked = sorted(districts, key=lambda district: (-district.people, district.digits))
        first, last = self.form.hospitals if any(self.form.hospitals) else (len(districts), len(districts))
        early, late = first - len(districts), last - len(districts)
        second = {district.digits: (2 if rank < early else 1, 2) for rank, district in enumerate(ranked[:late])}
        return [replace(district, hospitals=second.get(district.digits, (1, 1))) for district in districts]

    def hospital_levels(self, districts: list[District]) -> dict[str, str]:
        """Kind of each district's first hospital, by the district's digits; second ones are of the usual kind."""
        ranked = sorted(districts, key=lambda district: (district.number != 1, -district.people, district.digits))
        levels = [kind for kind, many in self.form.levels for _ in range(many)]
        return {district.digits: level for district, level in zip(ranked, levels, strict=False)}

    def facilities(self, district: District, levels: dict[str, str]) -> list[Facility]:
        """Every facility that the district has at the end, openings not yet dated."""
        (first_kind, first), (usual_kind, referral) = self.form.first, self.form.referral
        name = self.form.district.format(province=district.province.name, number=district.number)
        centres = [(_first_id(district, n), f"{first} {n:02d}", first_kind, 1.0)
                   for n in range(1, district.centres[1] + 1)]
        hospitals = [(_referral_id(district, n), f"{referral} {n}",
                      levels.get(district.digits, usual_kind) if n == 1 else usual_kind, HOSPITAL_TOWN)
                     for n in range(1, district.hospitals[1] + 1)]
        rows = centres + hospitals
        sizes = (town * self.uneven(f"catchment of {row_id}", CATCHMENT) for row_id, *_, town in rows)
        people = share_out(district.people, sizes)
        code = f"{self.form.prefix}{district.digits}"
        return [Facility(row_id, f"{name} {words} (synthetic)", kind, district.province.name, code, float(served),
                         BEFORE_HORIZON)
                for (row_id, words, kind, _), served in zip(rows, people, strict=True)]

    def with_openings(self, facilities: list[Facility], districts: list[District]) -> list[Facility]:
        """The facilities, those not there at the beginning dated evenly from the first to the last opening."""
        later = [_first_id(one, n) for one in districts for n in range(one.centres[0] + 1, one.centres[1] + 1)]
        later += [_referral_id(one, n) for one in districts for n in range(one.hospitals[0] + 1, one.hospitals[1] + 1)]
        later.sort(key=lambda row_id: self.chance(f"opening of {row_id}"))
        start, months = self.form.opening[0], self.form.opening[1] - self.form.opening[0]
        opened = {row_id: start + round(months * rank / max(len(later) - 1, 1)) for rank, row_id in enumerate(later)}
        return [row._replace(opened=opened.get(row.id, BEFORE_HORIZON)) for row in facilities]


def _first_id(district: District, number: int) -> str:
    return f"{SYNTHETIC_PREFIX}{district.digits}-H{number:02d}"


def _referral_id(district: District, number: int) -> str:
    return f"{SYNTHETIC_PREFIX}{district.digits}-R{number}"
