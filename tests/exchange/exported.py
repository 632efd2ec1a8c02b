"""A small country with uids and codes, and what was recorded of its facilities, for tests of exports."""

from __future__ import annotations

import csv
import io

from qicsim.inputs.world.register import SYNTHETIC_PREFIX
from tests.worlds import SCENARIO, register_text

NASTY = {
    "OD-BA1-H1": ('=HYPERLINK("http://a.example";"x")', "C1"), "OD-BA1-H3": ("<script>alert(1)</script>", ""),
    "OD-BA1-H4": ("@SUM(1+1)", "=1+1"), "OD-BA1-H5": ("x" * 3000, "C" * 51), "OD-BA2-H1": ("មណ្ឌលសុខភាព, 1", 'a,"b'),
    "OD-BA2-H2": ("one", "twice"), "OD-BA2-H3": ("two", "twice")}


def country(folder, *, nasty=False, invented=False):
    """Write the register with uids and codes, and the scenario; gives the scenario's file.

    The ids of `invented` facilities are those of the shipped register, which say so.
    """
    rows = list(csv.DictReader(io.StringIO(register_text())))
    for number, row in enumerate(rows):
        row |= {"dhis2_uid": f"KHfacil{number:04d}", "code": f"C{number:03d}"}
        if invented:
            row["id"] = f"{SYNTHETIC_PREFIX}{row['id']}"
        if nasty and row["id"] in NASTY:
            row["name"], row["code"] = NASTY[row["id"]]
        if nasty and row["id"] == "OD-BA1-H6":
            row["dhis2_uid"] = ""
    with (folder / "register.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (folder / "s.toml").write_text(SCENARIO, encoding="utf-8")
    return folder / "s.toml"
