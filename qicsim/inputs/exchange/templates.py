"""Empty files to fill in for an import, with an explanation below each heading, and the sample set of the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import write_bytes, write_text
from qicsim.ground.sheets import write_sheets
from qicsim.inputs.country import home

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = "sample"
SAMPLE_FILES = {"register": "facilities.csv", "scores": "scores.csv", "joined": "joined.csv"}
WORKBOOK, README = "template.xlsx", "README.txt"
TABLES = {
    "register": {
        "id": "# your key of the facility, once each; scores and joining name it",
        "name": "# its name", "type": "# {kinds}", "province": "# its province",
        "operational district": "# its district", "population": "# people of its own catchment; may be empty",
        "opened": "# 2026-07, or empty if it was always there", "closed": "# empty while it is open",
        "latitude": "# degrees, south below 0; may be empty", "longitude": "# degrees, west below 0; may be empty",
        "dhis2 uid": "# its uid in DHIS2, for the export; may be empty"},
    "scores": {
        "facility": "# id of the register", "quarter": "# like 2026Q1", "score": "# 0 to 100",
        "item": "# total, or structure, process, outcome, or a care area; empty is total"},
    "joined": {
        "facility": "# id of the register", "joined": "# month, like 2026-07; empty if never",
        "left": "# month, or empty if it is still a member"},
    "crosswalk": {
        "kind": "# facility, heading, type, province or parent", "from": "# what your files say",
        "to": "# what it means; empty rows wait"}}
TEXT = """\
Files to fill in for `qicsim import`
====================================

Fill in the CSV files, or the sheets of {workbook}; the row that begins with # explains the columns and may stay.

    qicsim import --register register.csv --scores scores.csv --joined joined.csv --out my-data
    qicsim import --register {workbook} --scores {workbook} --joined {workbook} --out my-data

joined.csv and scores.csv may be left away. crosswalk.csv says what other words in your files mean (--crosswalk); with
--propose FILE an import writes it for you. Columns that you do not need may be taken out; other headings are known
too, and files of DHIS2 need no template: see docs/import.md.

"""
TEXT_OF_SAMPLE = """
sample/ holds invented facilities in such files, made by the model itself; `qicsim import --sample --out FOLDER` reads
them.
"""


def sample_files() -> dict[str, Path]:
    """The sample set of the country that is spoken of, by role; SettingError where it has none."""
    place = home().folder / SAMPLE
    if not place.is_dir():
        raise SettingError("", [Fault("--sample", f"{home().name} has no sample set", "a world with a folder sample/")])
    return {role: place / name for role, name in SAMPLE_FILES.items()}


def write_templates(folder: Path) -> list[Path]:
    """Write a CSV file for each table, a workbook with all, a text and the country's sample set; the paths written.

    SettingError, before anything is written, if one of them is there already.
    """
    tables = {name: _table(name) for name in TABLES}
    place = home().folder / SAMPLE
    sample = {folder / SAMPLE / file.name: file for file in sorted(place.iterdir())} if place.is_dir() else {}
    targets = [*(folder / f"{name}.csv" for name in tables), folder / WORKBOOK, folder / README, *sample]
    there = [Fault(str(path), "is there already", "a new folder for --template") for path in targets if path.exists()]
    if there:
        raise SettingError("", there)
    (folder / SAMPLE if sample else folder).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    write_sheets(tables, folder / WORKBOOK)
    write_text(folder / README, TEXT.format(workbook=WORKBOOK) + (TEXT_OF_SAMPLE if sample else ""))
    for path, file in sample.items():
        write_bytes(path, file.read_bytes())
    return targets


def _table(name: str) -> pd.DataFrame:
    import pandas as pd

    kinds = ", ".join(kind.name for kind in home().kinds)
    return pd.DataFrame([{column: said.format(kinds=kinds) for column, said in TABLES[name].items()}])
