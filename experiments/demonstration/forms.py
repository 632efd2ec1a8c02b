"""A made country in every form that `qicsim import` reads: CSV long and wide, XLSX, DHIS2 in CSV and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.demonstration.country import Country, joined_rows, make_country, score_rows, write_country
from experiments.demonstration.faults import Faulty, broken, misplaced, weakened
from qicsim.inputs.world.register import Facility

ELEMENT = "NQEM_TOTAL"
CATEGORY = "HllvX50cXC0"
COUNTRY = "qicsimLand1"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = LETTERS + "0123456789"
REGISTER_HEADS = ("Facility ID", "Facility name", "Type", "Province", "OD", "Population")
UNIT_HEADS = ("name", "uid", "code", "parent", "short name", "description", "opening date", "closed date")
OPENED = "1990-01-01"
Rows = list[Sequence[object]]


class Written(NamedTuple):
    """The files of a form, as arguments of an import."""

    register: Path
    scores: Path
    joined: Path
    population: Path
    elements: tuple[str, ...]


Writer = Callable[[Faulty, Path], Written]


def write_long(faulty: Faulty, folder: Path) -> Written:
    """Tables in CSV, a row for each facility and quarter."""
    _csv(folder / "register.csv", [REGISTER_HEADS, *_register(faulty)])
    _csv(folder / "scores.csv", [("Facility", "Quarter", "Score"), *_long(faulty)])
    return _with_lists(faulty, folder, "register.csv", "scores.csv")


def write_wide(faulty: Faulty, folder: Path) -> Written:
    """Tables in CSV, a column for each quarter, written `Q2 2021`; semicolons and a byte-order mark."""
    _csv(folder / "register.csv", [REGISTER_HEADS, *_register(faulty)], dialect=";")
    _csv(folder / "scores.csv", _wide(faulty), dialect=";")
    return _with_lists(faulty, folder, "register.csv", "scores.csv")


def write_xlsx(faulty: Faulty, folder: Path) -> Written:
    """Workbooks: the register below a title, scores long with months instead of quarters."""
    _xlsx(folder / "register.xlsx", [("Facilities of the made country",), (), REGISTER_HEADS, *_register(faulty)])
    months = [(name, f"{quarter[:4]}-{3 * int(quarter[5]):02d}", score) for name, quarter, score in _long(faulty)]
    _xlsx(folder / "scores.xlsx", [("Health facility", "Month", "NQEM score"), *months])
    return _with_lists(faulty, folder, "register.xlsx", "scores.xlsx")


def write_dhis2_csv(faulty: Faulty, folder: Path) -> Written:
    """Organisation units as metadata CSV, scores as a data value set in CSV."""
    rows = [(unit["name"], unit["id"], unit["code"], unit.get("parent", {}).get("id", ""), unit["name"][:50], "",
             OPENED, "") for unit in _units(faulty)]
    _csv(folder / "units.csv", [UNIT_HEADS, *rows])
    heads = ("dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value")
    values = [(ELEMENT, quarter, uid, CATEGORY, CATEGORY, score) for uid, quarter, score in _by_uid(faulty)]
    _csv(folder / "values.csv", [heads, *values])
    return _with_lists(faulty, folder, "units.csv", "values.csv", (f"{ELEMENT}=total",))


def write_dhis2_json(faulty: Faulty, folder: Path) -> Written:
    """Organisation units and data values as the web API gives them."""
    _text(folder / "units.json", json.dumps({"organisationUnits": _units(faulty)}, indent=1))
    values = [{"dataElement": ELEMENT, "period": quarter, "orgUnit": uid, "categoryOptionCombo": CATEGORY,
               "attributeOptionCombo": CATEGORY, "value": str(score)} for uid, quarter, score in _by_uid(faulty)]
    _text(folder / "values.json", json.dumps({"dataValues": values}, indent=1))
    return _with_lists(faulty, folder, "units.json", "values.json", (f"{ELEMENT}=total",))


FORMS: dict[str, Writer] = {"csv-long": write_long, "csv-wide": write_wide, "xlsx": write_xlsx,
                            "dhis2-csv": write_dhis2_csv, "dhis2-json": write_dhis2_json}
WITHOUT_ROWS = ("csv-wide",)


def export_country(folder: Path, *, seed: int = 1, country: Country | None = None) -> list[Path]:
    """Write a country: `data` (a data folder), each form sound and with faults, and `planted.csv`; the folders."""
    from experiments.demonstration.recovery import TRUTHS_SEED
    from qicsim.estimate.calibrate.fill import CubePoints
    from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior

    if country is None:
        prior = InformedPrior.shipped()
        truth = prior.quantile(CubePoints(len(prior.parameters), TRUTHS_SEED + seed).next(1))[0]
        model = np.array([not name.startswith("observation.") for name in prior.parameters])
        country = make_country(truth[model], seed)
    paths, planted = [write_country(country, folder / "data")], []
    for form, write in FORMS.items():
        for state, faulty in versions(country, form).items():
            place = folder / form / state
            place.mkdir(parents=True, exist_ok=True)
            write(faulty, place)
            paths.append(place)
            planted += [(form, state, *one) for one in faulty.planted]
    _csv(folder / "planted.csv", [("form", "state", "level", "check", "text"), *planted])
    return paths


def versions(country: Country, form: str) -> dict[str, Faulty]:
    """The country as it is, with weaknesses, and with errors of scores and places, as far as a form can hold them."""
    repeats = form not in WITHOUT_ROWS
    return {"sound": Faulty(country, ()), "weak": weakened(country, repeats=repeats),
            "broken": broken(country, repeats=repeats), "misplaced": misplaced(country)}


def uid_of(name: str) -> str:
    """A DHIS2 uid of a name: a letter and ten letters or digits, from its digest."""
    digits = sha256(name.encode()).digest()
    return LETTERS[digits[0] % len(LETTERS)] + "".join(SIGNS[digit % len(SIGNS)] for digit in digits[1:11])


# ---------------------------------------------------------------------------------------------------------- pieces


def _province(faulty: Faulty, row: Facility) -> str:
    """The province as written: wrong for the first province of a country with that fault."""
    first = faulty.country.register.province[0]
    return faulty.wrong_province if faulty.wrong_province and row.province == first else row.province


def _register(faulty: Faulty) -> Rows:
    return [(row.id, row.name, row.type.replace("health_centre", "Health centre"), _province(faulty, row),
             row.operational_district, int(row.population)) for row in faulty.country.register.facilities]


def _long(faulty: Faulty) -> list[tuple[str, str, float]]:
    return [*((name, quarter, float(score)) for name, quarter, _, score in score_rows(faulty.country)), *faulty.more]


def _by_uid(faulty: Faulty) -> list[tuple[str, str, float]]:
    known = set(faulty.country.register.id)
    return [(uid_of(name) if name in known else name, quarter, score) for name, quarter, score in _long(faulty)]


def _wide(faulty: Faulty) -> Rows:
    country = faulty.country
    rows: Rows = [("Facility", *(f"Q{quarter[5]} {quarter[:4]}" for quarter in country.quarters))]
    for name, scores in zip(country.register.id, country.scores, strict=True):
        rows.append((name, *("" if np.isnan(score) else f"{score:g}" for score in scores)))
    for name, quarter, score in faulty.more:
        rows.append((name, *(f"{score:g}" if quarter == one else "" for one in country.quarters)))
    return rows


def _units(faulty: Faulty) -> list[dict[str, Any]]:
    """Country, provinces, districts and facilities as organisation units, those above first."""
    people = faulty.country.register.facilities
    units = {COUNTRY: _unit("Made country", COUNTRY, "", 1, f"/{COUNTRY}")}
    for row in people:
        province, district, own = (uid_of(name) for name in (row.province, row.operational_district, row.id))
        units.setdefault(province, _unit(_province(faulty, row), province, COUNTRY, 2, f"/{COUNTRY}/{province}"))
        above = f"/{COUNTRY}/{province}/{district}"
        units.setdefault(district, _unit(row.operational_district, district, province, 3, above))
        kind = "Health Center" if row.type == "health_centre" else row.type
        units[own] = _unit(f"{row.name} {kind}", own, district, 4, f"{above}/{own}", code=row.id)
        units[own]["organisationUnitGroups"] = [{"name": kind}]
    return list(units.values())


def _unit(name: str, uid: str, parent: str, level: int, path: str, *, code: str = "") -> dict[str, Any]:
    above = {"parent": {"id": parent}} if parent else {}
    return {"id": uid, "name": name, "code": code, "level": level, "path": path, "openingDate": OPENED, **above}


def _with_lists(faulty: Faulty, folder: Path, register: str, scores: str, elements: tuple[str, ...] = ()) -> Written:
    """The files of a form, with the lists of joiners and people beside them."""
    dhis2 = bool(elements)
    name = uid_of if dhis2 else str
    _csv(folder / "joined.csv", [("Facility", "Joined"), *((name(one), month) for one, month in
                                                           joined_rows(faulty.country))])
    _csv(folder / "population.csv", [("Facility", "Population"), *(
        (name(row.id), int(row.population)) for row in faulty.country.register.facilities)])
    return Written(folder / register, folder / scores, folder / "joined.csv", folder / "population.csv", elements)


def _csv(path: Path, rows: Rows, dialect: str = ",") -> None:
    with path.open("w", encoding="utf-8-sig" if dialect == ";" else "utf-8", newline="") as file:
        csv.writer(file, delimiter=dialect, lineterminator="\n").writerows(rows)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _xlsx(path: Path, rows: Rows) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
