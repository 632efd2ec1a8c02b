"""Reading the folder of a country, and which country is spoken of.

A folder is found by its path, or by the name of a world of the package. `world.toml` says what the tables beside it do
not: names, money, kinds of facility, scenarios, words. Every fault of the folder is told at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_month, parse_month
from qicsim.ground.errors import DataError, Fault, Faults, InputError, SettingError, nearest
from qicsim.ground.files import PACKAGE, read_plain, shipped_path, toml_of
from qicsim.inputs.country.provinces import FILE as PROVINCES_FILE
from qicsim.inputs.country.provinces import check_map, read_provinces
from qicsim.inputs.country.record import (
    EARLIEST,
    LATEST,
    MOST_PLACES,
    REFERENCE,
    ROLES,
    TABLE_FILES,
    Country,
    Counts,
    Currency,
    Horizon,
    Invented,
    Kind,
    MapForm,
    Province,
    Role,
)

WORLDS = PACKAGE / "worlds"
SKELETON = "skeleton"
FILE, FORMAT = "world.toml", "qicsim-world-1"
LEAVE_OUT = "leave out"
WORDS, SPELT = "words.toml", ("types", "levels", "provinces", "around", "alike", "register", "scores", "joined")
SCENARIOS, CALIBRATION = "scenarios", "calibration"
MOST_KINDS, MOST_VARIANT, MOST_TEAMS = 20, 10_000, 100_000
FIRST_YEAR, LAST_YEAR = 2000, 2050
_TOP = ("format", "name", "names", "people", "price_year", "currency", "horizon", "scenarios", "roles", "kind", "map",
        "invented", "in_sources", "terms", "said", "counts")


# ------------------------------------------------------------------------------------------------------ which country


def packaged() -> tuple[str, ...]:
    """Names of the worlds of the package, the default one first."""
    names = sorted({path.parent.name for path in WORLDS.glob(f"*/{FILE}")} - {SKELETON})
    return tuple(sorted(names, key=lambda name: name != _default_name()))


@cache
def _default_name() -> str:
    return str(toml_of((WORLDS / "default.toml").read_bytes())["default"])


@cache
def default_country() -> Country:
    """The world that is simulated where none is named."""
    return read_country(WORLDS / _default_name())


_HOME: ContextVar[Country | None] = ContextVar("country", default=None)


def home() -> Country:
    """The country that is spoken of here."""
    return _HOME.get() or default_country()


@contextmanager
def in_country(country: Country) -> Iterator[Country]:
    """Speak of a country, for the time of a `with`."""
    token = _HOME.set(country)
    try:
        yield country
    finally:
        _HOME.reset(token)


def plan_start() -> int:
    """The year in whose January plans begin in the country that is spoken of."""
    return home().horizon.plans


def target_year() -> int:
    """The year by whose end targets of the country that is spoken of are to be reached."""
    return home().horizon.target


def country_of(world: Country | Path | str | None) -> Country:
    """The country of a folder, or of a name of the package; None: the one that is spoken of here.

    SettingError where there is neither; DataError with every fault of the folder.
    """
    if world is None:
        return home()
    if isinstance(world, Country):
        return world
    text = str(world)
    if not isinstance(world, Path) and text in packaged():
        return default_country() if text == _default_name() else _packaged(text)
    if not Path(world).is_dir():
        raise SettingError("", [Fault("world", f'there is no folder "{text}", and no world of this name',
                                      f"a folder, or {', '.join(packaged())}", nearest(text, packaged()))])
    return read_country(Path(world))


@cache
def _packaged(name: str) -> Country:
    return read_country(WORLDS / name)


# ------------------------------------------------------------------------------------------------------ reading


def read_country(folder: Path) -> Country:
    """The country of a folder; DataError with every fault of `world.toml`, the provinces and the map."""
    folder = folder.resolve()
    try:
        document = toml_of(read_plain(folder / FILE))
    except ValueError as reason:
        raise DataError(str(folder / FILE), [Fault("", str(reason), hint="`qicsim world new` writes one")]) from None
    faults = Faults()
    try:
        provinces = read_provinces(folder / PROVINCES_FILE)
    except InputError as error:
        faults.extend(Fault(f"{PROVINCES_FILE} {one.place}".strip(), one.found, one.allowed, one.hint)
                      for one in error.faults)
        provinces = ()
    country = _Reader(faults, document).country(folder, provinces)
    if faults:
        raise DataError(str(folder), [
            one if one.place.startswith((PROVINCES_FILE, WORDS)) else replace(one, place=f"{FILE} {one.place}".strip())
            for one in faults])
    return country


class _Reader:
    """Reads the tables of `world.toml`; what cannot be used gives a neutral value and a fault."""

    def __init__(self, faults: Faults, document: Mapping[str, Any]) -> None:
        self.faults, self.document = faults, document

    def country(self, folder: Path, provinces: tuple[Province, ...]) -> Country:
        self._known("", self.document, _TOP)
        if self.document.get("format") != FORMAT:
            self.faults.add("format", "is missing or another one", FORMAT)
        is_default = folder == (WORLDS / _default_name()).resolve()
        kinds = self._kinds()
        files, listed = self._scenarios(folder, is_default=is_default)
        horizon = self._horizon()
        country = Country(
            key=folder.name, folder=folder, names=self._names(self.document, ""),
            people=self._text(self.document, "people", ""),
            price_year=self._whole(self.document, "price_year", "", FIRST_YEAR, LAST_YEAR), currency=self._currency(),
            horizon=horizon, roles=self._roles(), kinds=kinds, provinces=provinces,
            policy=listed["policy"], past=listed["past"], study=listed["study"],
            plan="".join(listed["plan"]), beside="".join(listed["beside"] or listed["policy"][-1:]),
            cells=listed["cells"], trial="".join(listed["trial"]), scenarios=files,
            in_sources=frozenset(self._list(self.document, "in_sources", "")),
            terms=self._tables("terms"), spellings=self._spellings(folder, kinds, provinces),
            said=self._words(self._table("said"), "[said]"),
            invented=self._invented(kinds), map=self._map(folder, provinces),
            calibration=_beside(folder, CALIBRATION, is_default=is_default), counts=self._counted(horizon),
            is_default=is_default)
        for name in sorted(country.in_sources - set(country.province_names)):
            self.faults.add("in_sources", f'"{name}" is not a province',
                            hint=self.faults.nearest(name, country.province_names))
        return _with_digest(country)

    # ------------------------------------------------------------------------------------------------------- sections

    def _kinds(self) -> tuple[Kind, ...]:
        given = self.document.get("kind", [])
        found = []
        for number, one in enumerate(given if isinstance(given, list) else [], start=1):
            place = f"[[kind]] {number}"
            if not isinstance(one, dict):
                self.faults.add(place, "is no table")
                continue
            self._known(place, one, ("key", "name", "role"))
            role = self._one_of(f"{place} role", one.get("role"), ROLES)
            found.append(Kind(self._key(one, "key", place), self._text(one, "name", place),
                              ROLES.index(role) if role else 0))
        if not 1 <= len(found) <= MOST_KINDS or {kind.role for kind in found} != {0, 1}:
            self.faults.add("[[kind]]", f"there are {len(found)} kinds of facility",
                            f"2 to {MOST_KINDS}, one or more of each role: {', '.join(ROLES)}")
        for kind in found:
            if sum(other.key == kind.key for other in found) > 1:
                self.faults.add("[[kind]]", f'"{kind.key}" stands there twice')
                break
        return tuple(found)

    def _roles(self) -> tuple[Role, Role]:
        table = self._table("roles")
        self._known("[roles]", table, ROLES)
        one, other = (self._role(table.get(name), f"[roles.{name}]") for name in ROLES)
        return one, other

    def _role(self, table: Any, place: str) -> Role:
        if not isinstance(table, dict):
            self.faults.add(place, "is missing", hint='Write name and plural, like name = "clinic"')
            return Role("", "")
        self._known(place, table, ("name", "plural"))
        return Role(self._text(table, "name", place), self._text(table, "plural", place))

    def _currency(self) -> Currency:
        table, place = self._table("currency"), "[currency]"
        self._known(place, table, ("code", "name", "names", "per_usd", "day", "source"))
        per_usd = table.get("per_usd")
        if not isinstance(per_usd, int | float) or isinstance(per_usd, bool) or not 0.0 < per_usd < 1e9:  # noqa: PLR2004
            self.faults.add(f"{place} per_usd", "is missing or no rate", "units of the currency for US$ 1, above 0")
            per_usd = 1.0
        return Currency(self._text(table, "code", place), self._names(table, place), float(per_usd),
                        self._text(table, "day", place), self._text(table, "source", place))

    def _horizon(self) -> Horizon:
        table, place = self._table("horizon"), "[horizon]"
        self._known(place, table, ("start", "end", "pbf_since", "shown", "plans", "target"))
        start, end, since = (self._month(table, key, place) for key in ("start", "end", "pbf_since"))
        if start % MONTHS_PER_QUARTER or (end + 1) % MONTHS_PER_QUARTER or end <= start:
            self.faults.add(place, "is no span of whole quarters", 'months like start = "2026-01", end = "2035-12"')
        if start and end and not EARLIEST <= start <= end <= LATEST:
            self.faults.add(place, f"{format_month(start)} to {format_month(end)} is no horizon",
                            f"months between {format_month(EARLIEST)} and {format_month(LATEST)}")
        shown = table.get("shown", [])
        if not isinstance(shown, list) or not shown or not all(
                isinstance(year, int) and start <= year * MONTHS_PER_YEAR <= end for year in shown):
            self.faults.add(f"{place} shown", "is no list of years of the horizon", "like [2026, 2030, 2035]")
            shown = []
        years = [start // MONTHS_PER_YEAR + 1, end // MONTHS_PER_YEAR]
        plans, target = (self._whole(table, key, place, *years) for key in ("plans", "target"))
        if target < plans:
            self.faults.add(place, f"target {target} is before plans begin, {plans}")
        return Horizon(start, end, since, tuple(shown), plans, target)

    def _scenarios(self, folder: Path, *, is_default: bool) -> tuple[dict[str, Path], dict[str, tuple[str, ...]]]:
        table = self._table("scenarios")
        self._known("[scenarios]", table, ("policy", "past", "study", "plan", "beside", "cells", "trial"))
        lists = {name: self._list(table, name, "[scenarios]") for name in ("policy", "past", "study", "cells")}
        lists |= {name: tuple([self._text(table, name, "[scenarios]")] if name in table else ())
                  for name in ("plan", "beside", "trial")}
        if not lists["plan"]:
            self.faults.add("[scenarios] plan", "is missing", "the name of a plan")
        if len(lists["cells"]) not in (0, 4):
            self.faults.add("[scenarios] cells", f"holds {len(lists['cells'])} names",
                            "four: neither, the plan without PBF, the reference, the plan; or none")
        place = _beside(folder, SCENARIOS, is_default=is_default)
        there = {path.stem: path for path in sorted(place.glob("*.toml"))} if place else {}
        named = list(dict.fromkeys(name for names in (lists["past"], lists["policy"], lists["study"],
                                                   lists["plan"], lists["beside"], lists["cells"], lists["trial"])
                                   for name in names))
        for name in named:
            if name not in there:
                self.faults.add("[scenarios]", f"there is no file {SCENARIOS}/{name}.toml", ", ".join(there),
                                self.faults.nearest(name, there))
        if REFERENCE not in lists["policy"][:1]:
            self.faults.add("[scenarios] policy", "does not begin with the reference", f'"{REFERENCE}" first')
        return {name: there[name] for name in named if name in there}, lists

    def _invented(self, kinds: tuple[Kind, ...]) -> Invented | None:
        table, place = self._table("invented"), "[invented]"
        if not table:
            return None
        keys = ("district", "prefix", "first", "referral", "levels", "centres", "hospitals", "opening", "variant")
        self._known(place, table, keys)
        known = [kind.key for kind in kinds]
        first, referral = (self._pair(table, name, place, known) for name in ("first", "referral"))
        levels = tuple((str(one), int(many)) for one, many in self._counts(table.get("levels", {}), known))
        opening = tuple(self._month({"": text}, "", f"{place} opening") for text in self._list(table, "opening", place))
        spans = [tuple(value) if isinstance(value := table.get(name), list) and len(value) == 2  # noqa: PLR2004
                 and all(isinstance(one, int) and 0 <= one <= MOST_PLACES for one in value) else ()
                 for name in ("centres", "hospitals")]
        for name, span in zip(("centres", "hospitals", "opening"), (*spans, opening), strict=True):
            if len(span) != 2 or span[0] > span[1]:  # noqa: PLR2004
                self.faults.add(f"{place} {name}", "is no pair of numbers that rises", "[from, to]")
                return None
        district = self._text(table, "district", place)
        if district and not _names_districts(district):
            self.faults.add(f"{place} district", f'"{district[:60]}" does not tell districts apart',
                            "words with {number}, and {province}")
        return Invented(district, self._text(table, "prefix", place), first, referral,
                        levels, (spans[0][0], spans[0][1]), (spans[1][0], spans[1][1]), (opening[0], opening[1]),
                        self._whole(table, "variant", place, 0, MOST_VARIANT))

    def _counted(self, horizon: Horizon) -> Counts | None:
        table, place = self._table("counts"), "[counts]"
        if not table:
            return None
        self._known(place, table, ("early", "middle", "late", "trust", "topic"))
        months = [self._month(table, name, place) for name in ("early", "middle", "late")]
        if months != sorted(set(months)) or months[0] // MONTHS_PER_YEAR == months[2] // MONTHS_PER_YEAR:
            self.faults.add(place, "early, middle and late do not follow each other", "months of two years or more")
        if horizon.start and not horizon.start <= months[0] <= months[2] <= horizon.end:
            self.faults.add(place, "early and late do not lie in the horizon",
                            f"{format_month(horizon.start)} to {format_month(horizon.end)}")
        topics, listed = {}, table.get("topic", [])
        for number, one in enumerate(listed if isinstance(listed, list) else [listed], start=1):
            told = f"[[counts.topic]] {number}"
            if not isinstance(one, dict):
                self.faults.add(told, "is no table")
                continue
            self._known(told, one, ("area", "first", "latest", "teams", "hospitals", "reading"))
            first, latest = (format_month(self._month(one, name, told)) for name in ("first", "latest"))
            teams, hospitals = (self._whole(one, name, told, 0, MOST_TEAMS) for name in ("teams", "hospitals"))
            reading = self._whole(one, "reading", told, 0, 100)
            topics[self._text(one, "area", told)] = (first, latest, teams, hospitals, float(reading))
        early, middle, late = map(format_month, months)
        return Counts(early, middle, late, str(table.get("trust", "")), topics)

    def _pair(self, table: Mapping[str, Any], name: str, place: str, known: list[str]) -> tuple[str, str]:
        value = table.get(name)
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)):  # noqa: PLR2004
            self.faults.add(f"{place} {name}", "is no pair of texts", '[kind, words], like ["clinic", "clinic"]')
            return "", ""
        self._one_of(f"{place} {name}", value[0], known)
        return value[0], value[1]

    def _counts(self, table: Any, known: list[str]) -> list[tuple[str, int]]:
        if not isinstance(table, dict) or not all(
                isinstance(one, int) and 0 <= one <= MOST_PLACES for one in table.values()):
            self.faults.add("[invented] levels", "is no table of numbers by kind", f"each 0 to {MOST_PLACES:,}")
            return []
        for name in table:
            self._one_of("[invented] levels", name, known)
        return list(table.items())

    def _map(self, folder: Path, provinces: tuple[Province, ...]) -> MapForm | None:
        table, place = self._table("map"), "[map]"
        if not table:
            return None
        self._known(place, table, ("file", "unnamed", "lower", "stretch"))
        name = self._text(table, "file", place)
        if Path(name).name != name:
            self.faults.add(f"{place} file", f'"{name[:60]}" is not a name of a file in the folder')
            return None
        if name and provinces:
            check_map(self.faults, folder / name, provinces)
        lower, stretch = table.get("lower", {}), table.get("stretch", 1.0)
        if not isinstance(lower, dict) or not all(isinstance(one, int | float) for one in (*lower.values(), stretch)):
            self.faults.add(place, "lower and stretch are numbers of degrees")
            lower, stretch = {}, 1.0
        return MapForm(folder / name, frozenset(self._list(table, "unnamed", place)), lower, float(stretch))

    def _spellings(self, folder: Path, kinds: tuple[Kind, ...], provinces: tuple[Province, ...]
                   ) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        try:
            tables = toml_of(read_plain(folder / WORDS)) if (folder / WORDS).exists() else {}
        except ValueError as reason:
            self.faults.add(WORDS, str(reason))
            return {}
        for name, table in tables.items():
            if not isinstance(table, dict) or name not in SPELT:
                self.faults.add(WORDS, f'"{name[:60]}" is no table of lists of words', ", ".join(SPELT),
                                self.faults.nearest(name, SPELT))
                continue
            known = {"types": [LEAVE_OUT, *(kind.key for kind in kinds)], "levels": [kind.key for kind in kinds],
                     "provinces": [one.name for one in provinces]}.get(name, list(table))
            for key in table:
                if (key.removesuffix("?") if name == "types" else key) not in known:
                    self.faults.add(f"{WORDS} [{name}]", f'"{key[:60]}" is not known', ", ".join(known[:10]),
                                    self.faults.nearest(key, known))
            found[name] = {key: list(self._list(table, key, f"{WORDS} [{name}]")) for key in table}
        return found

    def _tables(self, name: str) -> dict[str, dict[str, str]]:
        table = self._table(name)
        for key in table:
            if not re.fullmatch(r"[a-z]{2,3}", key):
                self.faults.add(f"[{name}]", f'"{key[:60]}" is no code of a language', "like en or fr")
        return {key: self._words(one, f"[{name}.{key}]") for key, one in table.items()}

    # --------------------------------------------------------------------------------------------------------- values

    def _known(self, place: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                self.faults.add(place, f'"{key[:60]}" is not known here', ", ".join(keys),
                                self.faults.nearest(key, keys))

    def _table(self, name: str) -> dict[str, Any]:
        table = self.document.get(name, {})
        if not isinstance(table, dict):
            self.faults.add(f"[{name}]", "is no table")
            return {}
        return table

    def _text(self, table: Mapping[str, Any], key: str, place: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.faults.add(f"{place} {key}".strip(), "is missing, or no line of text", f'{key} = "..."')
            return ""
        return value

    def _key(self, table: Mapping[str, Any], key: str, place: str) -> str:
        value = self._text(table, key, place)
        if value and not (value.isascii() and value.isidentifier()):
            self.faults.add(f"{place} {key}", f'"{value[:60]}" is not a key', "letters, digits and underscores")
        return value

    def _names(self, table: Mapping[str, Any], place: str) -> dict[str, str]:
        more = self._words(table.get("names", {}), f"{place} names".strip())
        return {"en": self._text(table, "name", place)} | more

    def _words(self, table: Any, place: str) -> dict[str, str]:
        if not isinstance(table, dict) or not all(isinstance(one, str) and one.strip() for one in table.values()):
            self.faults.add(place, "is no table of texts")
            return {}
        if not all(key.strip() for key in table):
            self.faults.add(place, "has an empty key")
        return dict(table)

    def _list(self, table: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.faults.add(f"{place} {key}".strip(), "is no list of texts", f'{key} = ["...", "..."]')
            return ()
        return tuple(value)

    def _whole(self, table: Mapping[str, Any], key: str, place: str, low: int, high: int) -> int:
        value = table.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.faults.add(f"{place} {key}".strip(), "is missing, or no whole number in its range", f"{low} to {high}")
            return low
        return value

    def _month(self, table: Mapping[str, Any], key: str, place: str) -> int:
        try:
            return parse_month(str(table.get(key)))
        except ValueError:
            self.faults.add(f"{place} {key}".strip(), "is missing, or no month", "a month like 2027-01")
            return 0

    def _one_of(self, place: str, value: Any, allowed: tuple[str, ...] | list[str]) -> str:
        if value in allowed:
            return str(value)
        self.faults.add(place, f'"{str(value)[:60]}" is not a choice', ", ".join(allowed),
                        self.faults.nearest(str(value), allowed))
        return ""


def _names_districts(words: str) -> bool:
    """Whether words for districts have no fields but {number}, which they need, and {province}."""
    try:
        fields = [part[1:] for part in Formatter().parse(words) if part[1] is not None]
    except ValueError:
        return False
    return ("number", "", None) in fields and set(fields) <= {("number", "", None), ("province", "", None)}


def _beside(folder: Path, name: str, *, is_default: bool) -> Path | None:
    """A folder of the country; those of the default one stand beside the package. None where there is none."""
    place = shipped_path(name) if is_default else folder / name
    return place if place.is_dir() else None


def _with_digest(country: Country) -> Country:
    """The country with the digest of what results depend on besides its tables: kinds and roles, provinces, months."""
    facts = [[(kind.key, kind.role) for kind in country.kinds], country.price_year,
             [(one.code, one.name) for one in country.provinces],
             [country.horizon.start, country.horizon.end, country.horizon.pbf_since]]
    return replace(country, digest=hashlib.sha256(json.dumps(facts).encode()).hexdigest())


def country_files(country: Country) -> tuple[Path, ...]:
    """The files of the folder that a country is read from, those that are there."""
    names = (FILE, PROVINCES_FILE, *TABLE_FILES.values(), *((country.map.file.name,) if country.map else ()))
    return tuple(country.folder / name for name in names if (country.folder / name).is_file())
