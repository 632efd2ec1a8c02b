"""How an import is to read its files: levels, types, data elements, what to leave out, and the crosswalk.

The crosswalk says what the texts of a planner's files mean, in a table with the columns kind, from, to:

    kind,from,to
    facility,Chrey,Chrey Health Centre     old name or code -> a facility of the register, or `leave out`
    heading,Distr.,operational_district    heading of a column -> a field, or `leave out`
    type,Centre de sante,health_centre     type -> a type of facility, or `leave out`
    province,Northmark Town,Northmark      name -> a province
    parent,Fy1RCnf6vWb,OD Thma Koul        organisation unit at another level -> its district

Two old facilities that lead to one are merged: the mean of their scores counts. One that leads to two was split: its
scores count for both. Rows whose `to` is empty are questions that wait for an answer.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import read_plain, toml_of, without_formulas, write_text
from qicsim.ground.table import listed, suggest
from qicsim.inputs.country import home
from qicsim.inputs.exchange.files import Grid, open_files
from qicsim.inputs.exchange.findings import Findings, Proposal
from qicsim.inputs.exchange.words import field_of, normal, number_of, words
from qicsim.inputs.world.areas import read_areas

LEAVE_OUT = "leave out"
COLUMNS = ("kind", "from", "to")
MORE = ("score", "rows", "where")
KINDS = ("facility", "heading", "type", "province", "parent")
TABLES = ("register", "scores", "joined")


class Crosswalk(NamedTuple):
    """Normalised text -> what it means, for each kind; a facility may mean several."""

    facility: Mapping[str, tuple[str, ...]] = {}
    heading: Mapping[str, str] = {}
    type: Mapping[str, str] = {}
    province: Mapping[str, str] = {}
    parent: Mapping[str, str] = {}


class Answer(NamedTuple):
    """One row of a crosswalk file, and where it stands."""

    kind: str
    text: str
    meant: str
    place: str


def read_crosswalk(paths: Iterable[Path | str], faults: list[Fault]) -> Crosswalk:
    """The answers of crosswalk files; what is wrong in them goes to `faults`."""
    findings = Findings()
    opened = open_files(paths, "crosswalk", findings)
    faults += [Fault(one.place, one.found) for one in findings.of("error")]
    faults += [Fault(file.name, "is JSON", "a table with the columns kind, from, to") for file in opened
               if file.value is not None]
    grids = [grid for file in opened for grid in file.grids]
    named = [grid for grid in grids if normal(grid.sheet) == "crosswalk"]
    answers = [answer for grid in named or grids for answer in _answers(grid, faults)]
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    facilities: dict[str, tuple[str, ...]] = {}
    for one in answers:
        if (meant := _meant(one, faults)) is None:
            continue
        key = normal(one.text)
        if one.kind == "facility":
            facilities[key] = tuple(dict.fromkeys((*facilities.get(key, ()), meant)))
        elif found[one.kind].setdefault(key, meant) != meant:
            faults.append(Fault(one.place, f'"{one.text[:60]}" has two meanings: {found[one.kind][key]} and {meant}'))
    faults += [Fault("", f'"{text[:60]}" is left out, and leads to {listed(meant)} as well')
               for text, meant in facilities.items() if LEAVE_OUT in meant and len(meant) > 1]
    return Crosswalk(facilities, *(found[kind] for kind in KINDS[1:]))


def _answers(grid: Grid, faults: list[Fault]) -> list[Answer]:
    heads = [normal(cell) for cell in grid.rows.iloc[0]]
    missing = [name for name in COLUMNS if name not in heads]
    if missing:
        faults.append(Fault(grid.file, f"has no column {listed(missing)}", "the columns kind, from, to"))
        return []
    at = [heads.index(name) for name in COLUMNS]
    found = []
    for row, *cells in grid.rows.iloc[1:].itertuples():
        kind, text, meant = (cells[column].strip() for column in at)
        if (kind or text or meant) and not kind.startswith("#"):
            found.append(Answer(normal(kind), text, meant, f"{grid.file}, row {row}"))
    return found


def _meant(one: Answer, faults: list[Fault]) -> str | None:
    """What an answer says, checked; None where it says nothing or something wrong."""
    if one.kind not in KINDS or not one.text:
        faults.append(Fault(one.place, f'"{one.kind[:60]}" is not a kind' if one.text else "has no text in `from`",
                            listed(KINDS), suggest(one.kind, KINDS) if one.text else ""))
        return None
    if not one.meant:
        return None
    if normal(one.meant) == LEAVE_OUT and one.kind in ("facility", "heading", "type"):
        return LEAVE_OUT
    allowed = _allowed(one.kind)
    meant = next((each for each in allowed if normal(each) == normal(one.meant)), "") if allowed else one.meant
    if not meant:
        faults.append(Fault(one.place, f'"{one.meant[:60]}" is not a {one.kind}', listed(allowed),
                            suggest(one.meant, allowed)))
        return None
    return meant


def _allowed(kind: str) -> list[str]:
    """What a kind of text can mean; nothing where only the register says it."""
    if kind == "heading":
        return list(dict.fromkeys(field for table in TABLES for field in words(table)))
    if kind == "type":
        return list(home().types)
    return list(home().province_names) if kind == "province" else []


# ------------------------------------------------------------------------------------------------------ proposals


def write_proposals(proposals: Iterable[Proposal], path: Path) -> None:
    """Write the texts that were not understood as a crosswalk file: the nearest meaning, and how alike the two are.

    The column `to` is empty where nothing is near. Whoever corrects it gives the file back with `--crosswalk`.
    """
    import pandas as pd

    once: dict[tuple[str, str], Proposal] = {}
    for one in proposals:
        known = once.get((one.kind, one.text))
        once[one.kind, one.text] = one if known is None else known._replace(rows=known.rows + one.rows)
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = sorted(once.values(), key=lambda each: (order[each.kind], -each.rows, each.text))
    rows = [(one.kind, one.text, one.meant, f"{one.score:.2f}" if one.meant else "", one.rows, one.place)
            for one in ordered]
    table = pd.DataFrame(rows, columns=[*COLUMNS, *MORE])
    write_text(path, without_formulas(table).to_csv(index=False, lineterminator="\n"))


# ------------------------------------------------------------------------------------------------------------- settings

LEVELS = ("country", "province", "district", "facility")
USUAL_LEVELS = {"country": 1, "province": 2, "district": 3, "facility": 4}
MOST_SCALE = 1000.0
QUESTIONS = {"dates": "dates far from the others, or of a facility that was not open",
             "levels": "DHIS2 units above the facility level that look like facilities are left out",
             "names": "names with question marks instead of letters",
             "people": "people who are more than the census counts, or the same in all facilities of a district",
             "places": "coordinates outside the country",
             "rounds": "a round of scores that repeats the one before"}
"""What an import asks about before it takes it, by the word with which `--accept` answers."""
PERIODS = ("auto", "quarter", "month")
DEEPEST = 20
MOST_FIGURES = 6


@dataclass(frozen=True)
class Settings:
    """What the user said about the files.

    `types` maps normalised text (a type, group, uid, code or name) to a kind or LEAVE_OUT, `elements` normalised data
    elements to items; `scale` is 0 to recognise, else the highest score. `skip_faulty`: rows with errors are left out.
    `accept` holds the QUESTIONS that the user answered with yes; `crosswalk` what texts of the files mean.
    `periods` (one of PERIODS) says what 1/2026 is; `today` is the day after which no score can be, None to take any.
    """

    levels: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_LEVELS))
    types: Mapping[str, str] = field(default_factory=dict)
    elements: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    scale: float = 0.0
    skip_faulty: bool = False
    periods: str = "auto"
    today: datetime.date | None = None
    accept: tuple[str, ...] = ()
    crosswalk: Crosswalk = field(default_factory=Crosswalk)

    @property
    def headings(self) -> Mapping[str, str]:
        """What the user said of headings."""
        return self.crosswalk.heading


def settings_of(*, levels: str | Mapping[str, int] | None = None, types: Path | str | None = None,
                elements: Iterable[str] | Mapping[str, str] = (), leave_out: Iterable[str] = (), scale: str = "auto",
                skip_faulty: bool = False, periods: str = "auto", today: datetime.date | None = None,
                accept: Iterable[str] = (), crosswalk: Iterable[Path | str] = ()) -> Settings:
    """Settings from what a user writes; SettingError with every fault. `today` is the day of the clock if not given."""
    faults: list[Fault] = []
    if periods not in PERIODS:
        faults.append(Fault("--periods", f'"{periods}" is not known', listed(PERIODS)))
    chosen = tuple(word.strip() for word in accept if word.strip())
    faults += [Fault("--accept", f'"{word[:60]}" is nothing that an import asks about', listed(QUESTIONS),
                     suggest(word, QUESTIONS)) for word in chosen if word not in QUESTIONS]
    answers = read_crosswalk(crosswalk, faults)
    found = Settings(_levels(levels, faults), {**answers.type, **_types(types, faults)}, _elements(elements, faults),
                     tuple(word for word in map(str.strip, leave_out) if word), _scale(scale, faults), skip_faulty,
                     periods, today or datetime.date.today(),  # noqa: DTZ011 (the day where the user is)
                     chosen, answers)
    if faults:
        raise SettingError("", faults)
    return found


def _scale(text: str, faults: list[Fault]) -> float:
    """The highest score as it is written, 0 to recognise it."""
    if text == "auto":
        return 0.0
    number = number_of(text)
    if number is None or not 1 <= number <= MOST_SCALE:
        faults.append(Fault("--scale", f'"{text[:60]}" is no highest score',
                            f"auto, or a number from 1 to {MOST_SCALE:g}"))
        return 0.0
    return number


def _levels(levels: str | Mapping[str, int] | None, faults: list[Fault]) -> dict[str, int]:
    """Level numbers by name; the usual ones where nothing is said."""
    if not levels:
        return dict(USUAL_LEVELS)
    pairs = [part.partition("=") for part in levels.split(",")] if isinstance(levels, str) else \
        [(name, "=", str(number)) for name, number in levels.items()]
    found = {}
    for name, _, number in pairs:
        short = number.strip() if len(number) <= MOST_FIGURES else f"{number.strip()[:MOST_FIGURES]}…"
        if name.strip() not in LEVELS or not short.isdecimal() or not 1 <= int(short) <= DEEPEST:
            faults.append(Fault("--levels", f'"{name.strip()}={short}" is not a level',
                                "country=1,province=2,district=3,facility=4 with the numbers of your hierarchy",
                                suggest(name.strip(), LEVELS) if name.strip() not in LEVELS else ""))
        else:
            found[name.strip()] = int(number)
    missing = [name for name in LEVELS[1:] if name not in found]
    order = [found[name] for name in LEVELS if name in found]
    if missing and not faults:
        faults.append(Fault("--levels", f"says nothing of {listed(missing)}", "a number for each of them"))
    elif order != sorted(set(order)):
        faults.append(Fault("--levels", "levels do not go down", "country < province < district < facility"))
    return found


def _types(path: Path | str | None, faults: list[Fault]) -> dict[str, str]:
    """The table of facility types."""
    if path is None:
        return {}
    found = {}
    kinds = kinds_known()
    for text, kind in _pairs(path, faults):
        known = next((each for each in kinds if normal(each) == normal(kind)), "")
        if not known:
            faults.append(Fault(str(path), f'"{kind}" (for "{text}") is not a facility type', listed(kinds),
                                suggest(kind, kinds)))
        found[normal(text)] = known
    return found


def kinds_known() -> tuple[str, ...]:
    """What a type of facility can mean: a kind of the country, or that facilities of it are left out."""
    return (*home().types, LEAVE_OUT)


def _pairs(path: Path | str, faults: list[Fault]) -> list[tuple[str, str]]:
    """Pairs of texts from the first two columns of a CSV or XLSX table with headings, or from a TOML file."""
    if str(path).lower().endswith(".toml"):
        try:
            tables = toml_of(read_plain(path))
        except ValueError as reason:
            faults.append(Fault(str(path), str(reason)))
            return []
        flat = {key: value for key, value in tables.items() if isinstance(value, str)}
        inner = [table for table in tables.values() if isinstance(table, dict)]
        return [*flat.items(), *((key, str(value)) for table in inner for key, value in table.items())]
    findings = Findings()
    opened = open_files([path], "settings", findings)
    faults += [Fault(one.place, one.found) for one in findings.of("error")]
    grids = [grid for file in opened for grid in file.grids]
    if opened and (not grids or any(grid.rows.shape[1] < 2 for grid in grids)):  # noqa: PLR2004 (pairs)
        faults.append(Fault(str(path), "is not a table of two columns", "CSV, XLSX or TOML"))
        return []
    return [(cells[0], cells[1]) for grid in grids for cells in grid.rows.iloc[1:].itertuples(index=False)
            if cells[0].strip()]


def items() -> dict[str, str]:
    """Normalised names of care areas (key and both names of the shipped list) -> key."""
    areas = read_areas(home().table("areas"))
    return {normal(text): key for key, *texts in zip(areas.keys, areas.keys, areas.names, areas.names_km, strict=True)
            for text in texts if text}


def item_of(text: str, areas: Mapping[str, str]) -> str:
    """The item that a text names (total, a dimension or a care area); "" if none."""
    return field_of(text, "items") or areas.get(normal(text), "")


def _elements(elements: Iterable[str] | Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Items by data element, from a mapping, texts like CODE=total, or files of two columns."""
    pairs: list[tuple[str, str]] = []
    if isinstance(elements, Mapping):
        pairs += list(elements.items())
    else:
        for text in elements:
            code, equals, item = text.rpartition("=")
            pairs += [(code, item)] if equals else _pairs(text, faults)
    areas, found = items() if pairs else {}, {}
    for code, item in pairs:
        name = item_of(item, areas)
        if not name:
            allowed = ["total", "structure", "process", "outcome", *sorted(set(areas.values()))]
            faults.append(Fault("--elements", f'"{item}" (for "{code}") is nothing that a score can be of',
                                listed(allowed), suggest(item, allowed)))
        found[normal(code)] = name
    return found
