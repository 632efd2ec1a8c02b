"""What is known of a country besides its tables of care areas, payments, costs and shocks, which worlds are built from.

Two roles of facilities are what the model tells apart: `first` level, which people come to first, and `referral`, which
they are sent to. A country has any kinds of facility, each in one of the two roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from qicsim.ground.calendar import parse_month
from qicsim.ground.shown import Shown

ROLES = ("first", "referral")
"""The roles, in the order in which the model counts them."""
TABLES = ("register", "areas", "shock", "unit_costs", "payments", "schedules")
"""Tables of a country that a scenario may replace by files of its own, by kind."""
TABLE_FILES = {kind: f"{kind}.csv" for kind in TABLES} | {"register": "facilities.csv"}
EARLIEST, LATEST = parse_month("2010-01"), parse_month("2050-12")
"""Months between which every horizon lies."""
MOST_PLACES = 100_000
REFERENCE = "reported"
"""What the scenario that others are compared with is called in every country."""


@dataclass(frozen=True)
class Role:
    """How facilities of a role are called."""

    name: str
    plural: str


@dataclass(frozen=True)
class Kind:
    """A kind of facility: `key` in the register's column `type`, its name in words, its role (0 first, 1 referral)."""

    key: str
    name: str
    role: int


@dataclass(frozen=True, eq=False)
class Province:
    """One province, whatever it is called in the country.

    `names` by code of language; `first_level` counts facilities of the first level at the beginning and at the end of
    the years that an invented register covers, `districts` its districts: 0 where they are not known. `tile` is the row
    and the column on the grid of tiles, None without.
    """

    code: str
    iso: str
    name: str
    names: Mapping[str, str]
    population: int
    first_level: tuple[int, int]
    districts: int
    tile: tuple[int, int] | None


@dataclass(frozen=True)
class Currency:
    """The country's own money: names by code of language, units for US$ 1, the day of the rate, where it was seen."""

    code: str
    names: Mapping[str, str]
    per_usd: float
    day: str
    source: str

    @property
    def name(self) -> str:
        """The name in English."""
        return self.names["en"]


@dataclass(frozen=True)
class Horizon:
    """Months (absolute) in which runs begin and end by default, and in which PBF began; years that summaries show.

    Plans begin in January of the year `plans`, and targets are for the end of the year `target`, where nothing else is
    asked.
    """

    start: int
    end: int
    pbf_since: int
    shown: tuple[int, ...]
    plans: int
    target: int


@dataclass(frozen=True)
class Invented:
    """How facilities are invented from counts of provinces (`qicsim.inputs.world.synthetic`).

    district       words for a district, with {province} and {number}
    first, referral   key and words of a kind, for facilities of each role; `levels` are the kinds of districts' first
                   hospitals with their numbers, in order of rank, the rest being of the kind `referral`
    centres        fewest and most facilities of the first level in a district
    hospitals      facilities of referral at the beginning and at the end
    opening        months of the first and of the last opening (absolute)
    variant        a whole number: another gives other sizes
    """

    district: str
    prefix: str
    first: tuple[str, str]
    referral: tuple[str, str]
    levels: tuple[tuple[str, int], ...]
    centres: tuple[int, int]
    hospitals: tuple[int, int]
    opening: tuple[int, int]
    variant: int


@dataclass(frozen=True)
class Counts:
    """When the roll-out was counted, which a fit to the country's own counts reads runs at (`qicsim calibrate`).

    `early`, `middle` and `late` are months, written; `trust` what the satisfaction of clients was asked in; `topics` by
    care area: months of the first and the latest reading, teams reported, hospitals among them, percent at the first.
    """

    early: str
    middle: str
    late: str
    trust: str
    topics: Mapping[str, tuple[str, str, int, int, float]]


@dataclass(frozen=True)
class MapForm:
    """How the schematic map of provinces is drawn: its file, and names that have no room or lie lower (degrees)."""

    file: Path
    unnamed: frozenset[str]
    lower: Mapping[str, float]
    stretch: float


@dataclass(frozen=True, eq=False, repr=False)
class Country(Shown):
    """A country as its folder describes it.

    key         the name of its folder
    names       by code of language
    people      the adjective, like "Examplian"
    price_year  whose US$ the unit costs and payments are in
    policy, past, study   names of its scenarios: what `compare` shows when none is named, what happened, and others
    plan, beside          the plan that examples take, and another
    cells, trial          the four cells of PBF x collaboratives: neither, the plan without PBF, the reference and the
                plan; the yardstick that effects of trials are held against, "" without
    in_sources  provinces of the roll-out that a source names
    terms       words of the country in place of those that texts use, by code of language
    spellings   tables of words that files of the country use, beside those of `qicsim import`
    said        sentences on the country, by name
    counts      when the roll-out was counted, None where it was not
    digest      of every file in the folder that results depend on
    """

    key: str
    folder: Path
    names: Mapping[str, str]
    people: str
    price_year: int
    currency: Currency
    horizon: Horizon
    roles: tuple[Role, Role]
    kinds: tuple[Kind, ...]
    provinces: tuple[Province, ...]
    policy: tuple[str, ...]
    past: tuple[str, ...]
    study: tuple[str, ...]
    plan: str
    beside: str
    cells: tuple[str, ...]
    trial: str
    scenarios: Mapping[str, Path]
    in_sources: frozenset[str] = frozenset()
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    invented: Invented | None = None
    map: MapForm | None = None
    calibration: Path | None = None
    counts: Counts | None = None
    is_default: bool = False
    digest: str = ""

    @property
    def name(self) -> str:
        """The name in English."""
        return self.names["en"]

    def named(self, language: str) -> str:
        """The name in a language, else in English."""
        return self.names.get(language, self.name)

    @property
    def listing(self) -> tuple[str, ...]:
        """Every scenario, in the order in which lists show them."""
        return tuple(dict.fromkeys((*self.past, *self.policy, *self.study)))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Keys of the kinds of facility."""
        return tuple(kind.key for kind in self.kinds)

    @cached_property
    def role_of(self) -> Mapping[str, int]:
        """The role of each kind by its key."""
        return {kind.key: kind.role for kind in self.kinds}

    def types_in(self, role: int) -> tuple[str, ...]:
        """Keys of the kinds in a role."""
        return tuple(kind.key for kind in self.kinds if kind.role == role)

    @cached_property
    def province_names(self) -> tuple[str, ...]:
        """Names of the provinces in the order of their codes."""
        return tuple(province.name for province in self.provinces)

    @cached_property
    def by_people(self) -> tuple[str, ...]:
        """Names of the provinces, the most populous first."""
        return tuple(one.name for one in sorted(self.provinces, key=lambda one: (-one.population, one.code)))

    def completed(self, order: tuple[str, ...]) -> tuple[str, ...]:
        """The provinces of `order`, then those that it leaves out, the most populous first."""
        return (*order, *(name for name in self.by_people if name not in order))

    def table(self, kind: str) -> Path:
        """The file of one of TABLES."""
        return self.folder / TABLE_FILES[kind]

    def __eq__(self, other: object) -> bool:
        """Whether the other is the same folder with the same content."""
        return isinstance(other, Country) and (self.folder, self.digest) == (other.folder, other.digest)

    def __hash__(self) -> int:
        """Equal countries have the same number."""
        return hash((self.folder, self.digest))
