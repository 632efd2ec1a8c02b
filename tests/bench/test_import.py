"""A million rows of scores: processor time and memory of a whole import, in a process of its own."""

from __future__ import annotations

import random
import resource
import sys
from pathlib import Path
from subprocess import run

import pytest

from qicsim.inputs.exchange.checks import DIMENSIONS
from qicsim.inputs.scenario import load_scenario

FACILITIES, YEARS, ITEMS = 1500, range(2012, 2024), 14
MOST_MEGABYTES = 600.0
IMPORT = "import sys; from qicsim.cli import main; sys.exit(main(sys.argv[1:]))"


def write_country(folder: Path) -> int:
    """A register and a table of scores that move as real ones do; the rows of scores."""
    areas = load_scenario("reported").country.table("areas").read_text().splitlines()[1:]
    items = ["total", *DIMENSIONS, *(line.split(",")[0] for line in areas)][:ITEMS]
    luck, provinces, rows = random.Random(1), ("Kampot", "Takeo", "Kandal", "Pursat", "Kratie"), 0
    with (folder / "register.csv").open("w") as register, (folder / "scores.csv").open("w") as scores:
        register.write("id,name,type,province,operational district,population\n")
        scores.write("facility,quarter,item,score\n")
        for at in range(FACILITIES):
            province, level = provinces[at % len(provinces)], luck.gauss(60.0, 8.0)
            register.write(f"F{at:04d},Name {at} HC,HC,{province},{province} OD {at // 5 % 20},{800 + at % 97}\n")
            for quarter in (f"{year}Q{number}" for year in YEARS for number in (1, 2, 3, 4)):
                level += luck.gauss(0.0, 1.5)
                for item in items:
                    rows += 1
                    scores.write(f"F{at:04d},{quarter},{item},{min(max(level + luck.gauss(0, 4), 2), 100):.1f}\n")
    return rows


@pytest.mark.bench
def test_a_million_rows_of_scores_are_imported_in_seconds_with_little_memory(tmp_path, table):
    rows = write_country(tmp_path)
    assert rows > 1_000_000

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run([sys.executable, "-c", IMPORT, "import", "--register", "register.csv", "--scores", "scores.csv", "--out",
                "out"], cwd=tmp_path, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert done.returncode == 0, done.stderr[-2000:]
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = after.ru_maxrss / 1024
    table.add("a million rows of scores imported, processor", f"{seconds:.1f} s", "aim 10")
    table.add("a million rows of scores imported, memory", f"{megabytes:.0f} MB", "aim 600")
    assert megabytes < MOST_MEGABYTES
