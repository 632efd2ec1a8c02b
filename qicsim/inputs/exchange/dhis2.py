"""Projections for DHIS2: data elements of their own, their values in CSV and JSON, and the text that goes with them.

Codes and uids follow from the names alone, so that every export meets the elements that an earlier one created.
Observed scores stay what they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.files import FORMULA_STARTS, beside, from_json
from qicsim.inputs.exchange.folder import PROVENANCE, QUALITY
from qicsim.inputs.exchange.words import normal
from qicsim.inputs.world.register import Register

LONGEST_CODE = 50
LONGEST_SHORT = 50
UID_LENGTH = 11
UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
PERIOD_TYPES = {"quarter": "Quarterly", "year": "Yearly"}
PER_YEAR = {"quarter": 4, "year": 1}
PREFIX = "QIC"
_PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
_QUOTED = re.compile(r'"([^"]+)"')

# Code, column of a facility's table, words, kind of value, and how DHIS2 may add it up over facilities and periods:
# a mean of means is a mean, but a mean of medians or of ends of intervals is neither.
STATISTICS = (
    ("MEDIAN", "median", "median between runs", "NUMBER", "NONE"),
    ("MEAN", "mean", "mean over runs", "NUMBER", "AVERAGE"),
    ("P05", "p05", "lower end of the 5-95 % interval between runs", "NUMBER", "NONE"),
    ("P95", "p95", "upper end of the 5-95 % interval between runs", "NUMBER", "NONE"),
    ("REACH", "probability", "probability of standing at the threshold", "UNIT_INTERVAL", "AVERAGE"))
GROUP_STATISTICS = (*((*each[:-1], "NONE") for each in STATISTICS[:-1]),
                    ("SHARE", "share", "expected share of facilities at the threshold", "UNIT_INTERVAL", "NONE"))
"""Of districts and provinces, as values of their own units: nothing may be added up from them, nor into them."""
SCORES = (("NQEM", "recorded", "projected NQEM score"), ("TRUE", "true", "projected true quality"))


class Element(NamedTuple):
    """A data element, and the column of a facility's table that fills it."""

    uid: str
    code: str
    name: str
    short: str
    description: str
    value_type: str
    aggregation: str
    column: str


def uid_of(code: str) -> str:
    """The uid that belongs to a code: 11 letters and digits, a letter first."""
    number = int.from_bytes(sha256(f"qicsim:{code}".encode()).digest(), "big")
    signs = string.ascii_letters + string.digits
    number, first = divmod(number, len(string.ascii_letters))
    text = string.ascii_letters[first]
    while len(text) < UID_LENGTH:
        number, place = divmod(number, len(signs))
        text += signs[place]
    return text


def elements_of(every: str, prefix: str = PREFIX, *, groups: bool = False) -> tuple[Element, ...]:
    """The data elements of a quarterly or a yearly export; SettingError for a prefix that is no part of a code.

    Those of facilities, or of `groups` of them: districts and provinces.
    """
    if not _PREFIX.fullmatch(prefix):
        raise SettingError("", [Fault("prefix", f'"{prefix}"', "1 to 20 capitals, digits and _, a letter first")])
    mark, words = ("_YEAR", " at the end of the year") if every == "year" else ("", "")
    found = []
    group, of_group = ("_GROUP", "mean of the facilities of a unit, ") if groups else ("", "")
    for score, measure, what in SCORES:
        for key, column, meaning, value_type, aggregation in GROUP_STATISTICS if groups else STATISTICS:
            code = f"{prefix}{group}_{score}_{key}{mark}"
            name = f"{prefix}: {of_group}{what}{words}, {meaning}"
            found.append(Element(uid_of(code), code, name, f"{prefix}{group} {score} {key}{mark}"[:LONGEST_SHORT],
                                 f"A projection by simulation, not an observation: {of_group}{what}{words}, {meaning}.",
                                 value_type, aggregation, f"{measure}_{column}"))
    return tuple(found)


def set_code(every: str, prefix: str = PREFIX) -> str:
    """The code of the data set."""
    return f"{prefix}_PROJECTIONS_{PERIOD_TYPES[every].upper()}"


def open_future(periods: Sequence[str], every: str, today: date) -> int:
    """How many periods the data set must open, those from the current one to the last projected, and a year more.

    DHIS2 counts from the period in which it is, that one included, on the day of an import; so this holds on any later
    day as well. `periods` are written YYYYQn or YYYY.
    """
    ahead = _number_of(periods[-1], every) - _current(today, every) + 1
    return max(ahead, 0) + PER_YEAR[every]


def last_open(periods: Sequence[str], every: str, today: date) -> str:
    """The last period that the data set takes on that day, written YYYYQn or YYYY."""
    number, per_year = _current(today, every) + open_future(periods, every, today) - 1, PER_YEAR[every]
    return f"{number // per_year:04d}" + (f"Q{number % per_year + 1}" if every == "quarter" else "")


def _current(today: date, every: str) -> int:
    """Number of the period of a day since the year 0."""
    return today.year * PER_YEAR[every] + (today.month - 1) * PER_YEAR[every] // MONTHS_PER_YEAR


def _number_of(period: str, every: str) -> int:
    """Number of a period since the year 0."""
    return int(period[:4]) * PER_YEAR[every] + (int(period[5]) - 1 if every == "quarter" else 0)


def metadata(elements: Sequence[Element], every: str, opened: int, units: Sequence[dict[str, str]],
             prefix: str = PREFIX, *, combination: str = "") -> dict[str, Any]:
    """The metadata file: data elements, and the data set with its organisation units (references by uid or code).

    `opened` is how many periods the data set opens (`open_future`). `combination` is the uid of a category combination;
    without it none is named and DHIS2 takes its own default, whose uid differs between servers: those that were made
    before version 2.30 keep theirs. Fields are those of DHIS2 2.40 to 2.42, Developer manual, "Metadata".
    """
    combo = {"categoryCombo": {"id": combination}} if combination else {}
    code = set_code(every, prefix)
    uid = uid_of(code)
    of_set = {"id": uid, "code": code, "name": f"{prefix}: projections of NQEM ({PERIOD_TYPES[every].lower()})",
              "shortName": f"{prefix} projections {PERIOD_TYPES[every].lower()}", "periodType": PERIOD_TYPES[every],
              "openFuturePeriods": opened, **combo,
              "dataSetElements": [{"dataSet": {"id": uid}, "dataElement": {"id": one.uid}} for one in elements],
              "organisationUnits": list(units)}
    return {"dataElements": [
        {"id": one.uid, "code": one.code, "name": one.name, "shortName": one.short, "description": one.description,
         "domainType": "AGGREGATE", "valueType": one.value_type, "aggregationType": one.aggregation,
         "zeroIsSignificant": True, **combo} for one in elements], "dataSets": [of_set]}


# ---------------------------------------------------------------------------------------------- what was observed


def observed_elements(folder: Path) -> frozenset[str]:
    """Codes, uids or names of the data elements that a data folder was read from, as `normal` writes them."""
    return _of_provenance(folder / PROVENANCE) | _of_quality(folder / QUALITY)


def _of_provenance(path: Path) -> frozenset[str]:
    """The elements that the import was told of."""
    try:
        told = from_json(path.read_text(encoding="utf-8"))["settings"]["elements"]
        return frozenset(normal(str(name)) for name in told)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _of_quality(path: Path) -> frozenset[str]:
    """The elements that the import met without being told of them."""
    import pandas as pd

    try:
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
        named = found.loc[found["check"].isin(("data element", "other items")), "found"]
    except (OSError, ValueError, KeyError):
        return frozenset()
    return frozenset(normal(name) for text in named for name in _QUOTED.findall(text))


def refuse_observed(elements: Iterable[Element], observed: Iterable[str], prefix: str = PREFIX) -> None:
    """SettingError with every element whose code, uid or name is one of an observed element."""
    taken = {normal(name) for name in observed}
    faults = [Fault(one.code, "is the data element of observed scores, which projections never overwrite", "",
                    f"Another prefix than {prefix} gives other codes and uids")
              for one in elements if taken & {normal(one.code), normal(one.uid), normal(one.name)}]
    if faults:
        raise SettingError("", faults)


# --------------------------------------------------------------------------------------------------------------- values

HEADER = ("dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value", "storedby",
          "lastupdated", "comment", "followup")
IDENTIFIERS = ("uid", "code")
DIGITS = {"NUMBER": 2, "UNIT_INTERVAL": 4}
_QUOTING = set('",\n\r')


class DataValues(NamedTuple):
    """Values of elements in periods at organisation units: float64 (elements, periods, units), nan for none.

    `units` are the identifiers that the file shows. `comment` stands beside every value: the scenario and the draws;
    `attribute` is the attribute option combo of all, "" for the default.
    """

    elements: tuple[Element, ...]
    periods: tuple[str, ...]
    units: tuple[str, ...]
    values: np.ndarray
    comment: str = ""
    attribute: str = ""

    @property
    def rows(self) -> int:
        """How many values there are."""
        return int(np.count_nonzero(~np.isnan(self.values)))


class Units(NamedTuple):
    """The organisation units of a register: identifier of each facility, "" where it cannot be exported, and why."""

    identify: str
    identifiers: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def there(self) -> np.ndarray:
        """Rows of the register that can be exported; int64."""
        return np.flatnonzero([bool(text) for text in self.identifiers])

    def references(self) -> list[dict[str, str]]:
        """The units as metadata refers to them."""
        key = "id" if self.identify == "uid" else "code"
        return [{key: text} for text in self.identifiers if text]


def units_of(register: Register, identify: str = "uid") -> Units:
    """The organisation units of the facilities by uid or by code; SettingError if none has one."""
    if identify not in IDENTIFIERS:
        raise SettingError("", [Fault("identify", f'"{identify}" is not known', ", ".join(IDENTIFIERS),
                                      nearest(identify, IDENTIFIERS))])
    told = register.dhis2_uid if identify == "uid" else register.code
    count = Counter(told)
    reasons = tuple(_reason(text, identify, count[text]) for text in told)
    if all(reasons):
        other = IDENTIFIERS[1 - IDENTIFIERS.index(identify)]
        raise SettingError("", [Fault("identify", f"no facility of the register has a usable {identify}", "",
                                      "DHIS2 knows organisation units by it; if the register holds "
                                      f"another identifier, say --identify {other}")])
    return Units(identify, tuple("" if why else text for text, why in zip(told, reasons, strict=True)), reasons)


def _reason(text: str, identify: str, count: int) -> str:
    """Why a facility cannot be exported; "" if it can."""
    if not text:
        return f"has no {identify}"
    if count > 1:
        return f"shares its {identify} with another facility"
    if len(text) > LONGEST_CODE:
        return f"its {identify} is longer than {LONGEST_CODE} characters"
    if text.startswith(FORMULA_STARTS):
        return f"its {identify} begins like a formula of a spreadsheet"
    return ""


def write_csv_values(values: Sequence[DataValues], path: Path) -> None:
    """Write the CSV form; columns of DHIS2 2.40 to 2.42, Developer manual, "Data values", "CSV data value format"."""
    with beside(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        for first, part in enumerate(values):
            tail = f"{{}},,{_braced(_csv_cell(part.attribute))},{{}},,,{_braced(_csv_cell(part.comment))},\n"
            _write(file, part, _csv_cell, head="{},{},", tail=tail, between="", begun=first > 0)


def write_json_values(values: Sequence[DataValues], path: Path) -> None:
    """Write the JSON form: one object with the list `dataValues`."""
    with beside(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write('{"dataValues": [\n')
        begun = False
        for part in values:
            more = "".join(f', "{key}": {_json_cell(text)}' for key, text in (
                ("attributeOptionCombo", part.attribute), ("comment", part.comment)) if text)
            begun = _write(file, part, _json_cell, head='{{"dataElement": {}, "period": {}, ', between=",\n",
                           tail=f'"orgUnit": {{}}, "value": {{}}{_braced(more)}}}}}', begun=begun)
        file.write("\n]}\n")


def _braced(text: str) -> str:
    """Text that stays as it is when it is formatted."""
    return text.replace("{", "{{").replace("}", "}}")


def _write(file: IO[str], values: DataValues, cell: Callable[[str], str], *, head: str, tail: str, between: str,
           begun: bool) -> bool:
    """All rows, a block for each element and period; `begun`: rows stand there already. Whether any do now."""
    units = np.array([cell(unit) for unit in values.units], dtype=object)
    for element, period, block in _blocks(values):
        there = np.flatnonzero(~np.isnan(block))
        if not there.size:
            continue
        begin, digits = head.format(cell(element.code), cell(period)), DIGITS[element.value_type]
        rows = [begin + tail.format(unit, cell(f"{value:.{digits}f}"))
                for unit, value in zip(units[there].tolist(), block[there].tolist(), strict=True)]
        file.write((between if begun else "") + between.join(rows))
        begun = True
    return begun


def _blocks(values: DataValues) -> Iterator[tuple[Element, str, np.ndarray]]:
    for element, of_element in zip(values.elements, values.values, strict=True):
        for period, block in zip(values.periods, of_element, strict=True):
            yield element, period, block


def _csv_cell(text: str) -> str:
    """Text as a cell, in quotation marks where it needs them."""
    if not _QUOTING & set(text):
        return text
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


def _json_cell(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def left_out(register: Register, units: Units) -> list[Sequence[str]]:
    """Facilities that are not in the files: id, name, and the reason."""
    return [(one.id, one.name, why) for one, why in zip(register.facilities, units.reasons, strict=True) if why]


# ------------------------------------------------------------------------------------------------------------- the text

TEXT = """\
Projections for DHIS2
=====================

Scenario {scenario}: {rows:,} values of {elements} data elements in {periods} periods ({first} to {last}) at {units:,}
organisation units, known by their {identify}. They are results of a simulation, not observations.{synthetic}
Each value has the comment "{comment}".

What is here
------------
{metadata:<26}creates the data elements and the data set {set}
{csv:<26}the values (dataValueSets, CSV)
{json:<26}the same values (dataValueSets, JSON): import one of the two, not both
{left:<26}facilities that are not in these files, with the reason ({missing:,})

How to import
-------------
SERVER is the address of your DHIS2, USER a user of it; curl asks for the password. Each step is tried first with
dryRun=true (importMode=VALIDATE for metadata), which writes nothing; read the answer, then run it without.

1. Once: the data elements and the data set.

   curl -u USER -H "Content-Type: application/json" -d @{metadata} \\
     "SERVER/api/metadata?importStrategy=CREATE_AND_UPDATE&identifier=AUTO&skipSharing=true&importMode=VALIDATE"

   Then the same with importMode=COMMIT. Give the users who are to see the projections access to them (Sharing).
   skipSharing=true keeps the access that was given when the metadata are imported again; without it a second import
   takes it away.
   A second import also replaces the list of organisation units of the data set by that of this file ({units:,}).
   After an export of another register, or of a part of it (a province), the units of the earlier one are no longer
   assigned and their values cannot be entered any more. So either export all facilities together, or give each
   register a --prefix of its own.

2. The values.

   curl -u USER -H "Content-Type: application/csv" --data-binary @{csv} \\
     "SERVER/api/dataValueSets?dataElementIdScheme=code&orgUnitIdScheme={scheme}&dryRun=true"

   Then the same with dryRun=false. For the JSON file say -H "Content-Type: application/json" and its name.
   In the Import/Export app: "Data import", format CSV or JSON, data element identifier "Code", organisation unit
   identifier "{identify}", "Dry run" first.

   A large file ({rows:,} values here) takes minutes: add &async=true to the address. DHIS2 then answers at once, and
   says how far it is at SERVER/api/system/tasks/DATAVALUE_IMPORT. If the server has memory to spare, &preheatCache=true
   loads what the values refer to first.

Category combinations
---------------------
{combination}

Several scenarios in one DHIS2
------------------------------
An import replaces earlier values of the same elements, units and periods, whatever the scenario; the comment says which
one a value is of. To keep two side by side, export one with another --prefix, or make a category for scenarios in
DHIS2, give the data set its combination (--category-combo), and name the scenario's attribute option combo
(--attribute-combo).

Future periods
--------------
DHIS2 refuses values of periods that lie too far ahead: a data set says with openFuturePeriods how many periods it
takes, counted from the one in which the import takes place, that one included. The data set here opens {open} {type}
periods: those from {today} to the last projected one, and a year more. An import on that day is taken up to
{last_open}, a later one further. If DHIS2 still answers that a period is in the future, raise this number in the
Maintenance app.

Observed scores
---------------
The data set is separate and every data element has a code and a uid of its own, so that an import never touches an
observed score. If the code of one of them is already in use for something else in your DHIS2, export again with another
--prefix. Importing a later projection replaces the earlier one of the same prefix and periods.

Aggregation
-----------
The mean and the probability may be averaged over facilities, and DHIS2 is told so (AVERAGE). Medians and the ends of
intervals may not: a mean of medians is no median, and the interval of a district is much narrower than the mean of the
intervals of its facilities. They are set to NONE. {groups}

Data elements
-------------
{table}
"""


DEFAULT = """\
The metadata name none, so that DHIS2 takes its own default. (Its uid differs between servers: those that were made
before version 2.30 keep theirs.) If the answer to the metadata says that a categoryCombo is missing, look its uid up at
SERVER/api/categoryCombos.json?filter=name:eq:default and export again with --category-combo UID."""
NAMED = "The metadata name the category combination {}, as was asked."
OF_GROUPS = """{} districts and provinces have values of their own, in the elements {}_GROUP_...:
DHIS2 shows them at their own units and adds nothing up."""
NO_GROUPS = """Districts and provinces have tables of their own in CSV
and XLSX; the data folder holds no uid of theirs."""


def notes(parts: Sequence[DataValues], units: Units, names: dict[str, str], *, scenario: str, every: str, prefix: str,
          today: date, synthetic: bool, combination: str = "") -> str:
    """The text; `parts` are the values of facilities and, if there are any, of groups of them.

    `names` holds the names of the files `metadata`, `csv`, `json` and `left`, `today` is the day, `combination` the uid
    of a category combination.
    """
    values = parts[0]
    elements = [element for part in parts for element in part.elements]
    groups = sum(len(part.units) for part in parts[1:])
    warning = "\nTHE FACILITIES ARE SYNTHETIC: they are invented, and the values say nothing about a real place."
    return TEXT.format(
        scenario=scenario, rows=sum(part.rows for part in parts), elements=len(elements), periods=len(values.periods),
        first=values.periods[0], last=values.periods[-1], units=len(values.units) + groups, comment=values.comment,
        combination=NAMED.format(combination) if combination else DEFAULT,
        groups=OF_GROUPS.format(groups, prefix) if groups else NO_GROUPS, identify=units.identify,
        synthetic=warning if synthetic else "", set=set_code(every, prefix), **names,
        missing=sum(map(bool, units.reasons)), scheme=units.identify, type=PERIOD_TYPES[every].lower(),
        open=open_future(values.periods, every, today), today=today.isoformat(),
        last_open=last_open(values.periods, every, today), table=_table(elements))


def _table(elements: Sequence[Element]) -> str:
    width = max(len(one.code) for one in elements)
    return "\n".join(f"{one.code:<{width}}  {one.uid}  {one.aggregation:<7}  {one.name}" for one in elements)
