"""The data elements of projections in DHIS2: one for each statistic, in a data set of their own.

Codes and uids follow from the names alone, so that every export meets the elements that an earlier one created.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.errors import Fault, SettingError
from qicsim.inputs.exchange.folder import PROVENANCE, QUALITY
from qicsim.inputs.exchange.synonyms import normal

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
        told = json.loads(path.read_text(encoding="utf-8"))["settings"]["elements"]
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
