"""Files that were changed at random: an import reads them or refuses them in words, without a traceback or a hang.

`python -m tests.exchange.test_fuzzed SEED SECONDS` goes on with other files for as long as one likes.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pytest

from qicsim.ground.errors import QicsimError
from qicsim.inputs.exchange.importing import read_inputs
from qicsim.inputs.exchange.settings import settings_of
from qicsim.report.quality import quality_page
from tests.helpers import within_memory

CASES, LONGEST = 3000, 5.0
ZED = "Facilityd04"
HOME = "/Countryaa01/Provinceb02/Districtc03"
NESTED = {"id": "Countryaa01", "displayName": "L", "children": [
    {"id": "Provinceb02", "displayName": "Kampot", "children": [
        {"id": "Districtc03", "displayName": "Kampot 1", "children": [{"id": ZED, "displayName": "Zed HC"}]}]}]}
FLAT = {"organisationUnits": [
    {"id": "Countryaa01", "name": "L", "level": 1, "path": "/Countryaa01"},
    {"id": "Provinceb02", "name": "Kampot", "level": 2, "path": "/Countryaa01/Provinceb02"},
    {"id": "Districtc03", "name": "Kampot 1", "path": HOME},
    {"id": ZED, "name": "Zed HC", "path": f"{HOME}/{ZED}", "geometry": {"type": "Point", "coordinates": [104.1, 10.6]},
     "openingDate": "2010-01-01T00:00", "organisationUnitGroups": [{"id": "g1"}]}],
    "organisationUnitGroups": [{"id": "g1", "name": "HC", "organisationUnits": [{"id": ZED}]}]}
ANALYTICS = {"headers": [{"name": name} for name in ("ou", "dx", "pe", "value")],
             "rows": [[ZED, "nQemTotal01", "2021Q2", "70"], [ZED, "nQemTotal01", "2021Q3", "71"]]}
VALUES = [{"dataElement": "nQemTotal01", "period": "2021Q2", "orgUnit": ZED, "value": 70, "categoryOptionCombo": "x"}]
REGISTER = ("code,name,type,province,OD,population,opened,closed,lat,lon\n0001,Zed HC,HC,Kampot,Kampot 1,9000,2010-01,,"
            "10.6,104.1\n0002,Yod,CPA2,Kampot,Kampot 1,9000,,2024-01,,\n")
SCORES = ("code,quarter,score,max score,item\n0001,2021Q1,70,100,total\n0002,Q2 2021,65,120,process\n",
          "organisationunitid,organisationunitname,Apr - Jun 2021 Q,May 2025 Q\n0001,Zed,70,71\n",
          "#a,#b\nintro/facility_code,score,quarter\n#x,#y,#z\n0001,70,2021Q1\n")
JOINED = "code,joined,left\n0001,2020-01,\n0002,2/2021,2022-01\n"
CROSSWALK = ("kind,from,to\nfacility,Old,0001\nheading,note,score\ntype,Clinic,CPA1\nprovince,Kpt,Kampot\n"
             "parent,X,Kampot 1\n")
ODD = ["", "x" * 300, "\x1b[31m", "2021Q2", "=1+1", "1/2023", "\u0663", "\u00b2", "\u2163", "9" * 30, "0x10", "1e9",
       "NaN", "-0"]
KEYS = ["id", "name", "children", "level", "path", "parent", "rows", "value"]
SIGNS = "\"',;\n\r\t|#=+-@/%.0123456789Qq \u200b\ufeff\u17d2\u0663\u00b2\u2163\x00\x1b"


def changed(value, luck):
    """An object of JSON, or a text, with a few random changes."""
    return _text(value, luck) if isinstance(value, str) else _object(value, luck)


def _object(value, luck):
    found = copy.deepcopy(value)
    for _ in range(luck.randint(1, 4)):
        holders = _holders(found)
        if not holders:
            break
        holder, key = luck.choice(holders)
        kind = luck.random()
        if kind < 0.5:
            holder[key] = luck.choice([*ODD, None, True, -1, 1e308, [], {}, [[]], {"id": {}}])
        elif kind < 0.7:
            del holder[key]
        elif kind < 0.85 and isinstance(holder, dict):
            holder[luck.choice(KEYS)] = holder.pop(key)
        else:
            holder[key] = [copy.deepcopy(holder[key])]
    return found


def _holders(value):
    """Every place in an object: what holds it, and its key."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [pair for key in keys for pair in ((value, key), *_holders(value[key]))]


def _text(text, luck):
    signs = list(text)
    for _ in range(luck.randint(1, 8)):
        at, kind = luck.randrange(len(signs)), luck.random()
        if kind < 0.4:
            signs[at] = luck.choice(SIGNS)
        elif kind < 0.6:
            del signs[at]
        elif kind < 0.8:
            signs.insert(at, luck.choice(ODD))
        else:
            start = luck.randrange(len(signs))
            signs[at:at] = signs[start:start + luck.randint(1, 20)]
        signs = signs or ["a"]
    return "".join(signs)


def try_one(folder: Path, luck: random.Random) -> bool:
    """Import files that were changed at random: whether they were read; what is not refused in words is raised."""
    register, scores = luck.choice([NESTED, FLAT, REGISTER]), luck.choice([ANALYTICS, VALUES, *SCORES])
    parts = {"register": changed(register, luck) if luck.random() < 0.6 else register,
             "scores": changed(scores, luck) if luck.random() < 0.7 else scores, "joined": changed(JOINED, luck),
             "crosswalk": changed(CROSSWALK, luck)}
    for name, part in parts.items():
        (folder / name).write_text(part if isinstance(part, str) else json.dumps(part), encoding="utf-8")
    try:
        settings = settings_of(crosswalk=[folder / "crosswalk"] if luck.random() < 0.5 else (),
                               elements=luck.choice([(), ["nQemTotal01=total"]]), skip_faulty=luck.random() < 0.5,
                               periods=luck.choice(["auto", "quarter", "month"]),
                               accept=luck.choice([(), ["dates", "levels"]]))
        imported = read_inputs([folder / "register"], [folder / "scores"], [folder / "joined"], settings=settings)
    except QicsimError:
        return False
    assert "<h1>" in quality_page(imported, command="test")
    return True


def slowest_of(folder: Path, count: int) -> float:
    """The processor seconds of the slowest of so many imports."""
    luck, slowest = random.Random(18), 0.0
    for _ in range(count):
        begun = time.process_time()
        try_one(folder, luck)
        slowest = max(slowest, time.process_time() - begun)
    return slowest


@pytest.mark.slow
def test_files_changed_at_random_are_read_or_refused_in_words(tmp_path):
    assert within_memory(slowest_of, tmp_path, CASES) < LONGEST


def test_some_files_changed_at_random_are_read_or_refused_in_words(tmp_path):
    luck = random.Random(5)
    read = sum(try_one(tmp_path, luck) for _ in range(60))

    assert 20 < read <= 60


if __name__ == "__main__":
    warnings.simplefilter("error")
    chosen, until = random.Random(int(sys.argv[1])), time.monotonic() + float(sys.argv[2])
    count = 0
    with tempfile.TemporaryDirectory() as place:
        while time.monotonic() < until:
            try_one(Path(place), chosen)
            count += 1
    sys.stdout.write(f"{count:,} imports\n")
