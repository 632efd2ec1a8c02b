"""Scenarios, studies, registers and worlds changed at random are read, or refused in words (imports: tests/exchange).

All are read in a process of their own that may have 1 GiB of memory.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qicsim.cli import main
from qicsim.ground.errors import QicsimError
from qicsim.inputs.country.files import WORLDS
from qicsim.inputs.country.skeleton import write_skeleton
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.register import read_register
from qicsim.runs.study import read_study
from tests.exchange.test_fuzzed import changed
from tests.helpers import within_memory
from tests.worlds import SCENARIO, register_text

LONGEST, FEW, MANY, WORLDS_TRIED = 5.0, 20, 6000, 2500
STUDY = ('title = "t"\nscenarios = ["reported", "national-2030"]\nuntil = "2019-12"\ndraws = 2\nreplicates = 1\n'
         'seed = 3\n')
TARGETS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "scenario.toml": (SCENARIO, load_scenario), "study.toml": (STUDY, read_study),
    "register.csv": ("\n".join(register_text().splitlines()[:6]) + "\n", read_register)}
COUNTS = '\n[counts]\nearly = "2022-12"\nmiddle = "2023-12"\nlate = "2024-12"\n\n[map]\nfile = "provinces.geojson"\n'
MAP = ('{"features": [{"properties": {"name": "First province", "label": [1.5, 2]}, "geometry": {"type": "Polygon", '
       '"coordinates": [[[1, 2], [2, 3], [1, 2]]]}}]}')
WORDS = '[types]\nhospital = ["clinic"]\n"leave out" = ["post"]\n\n[register]\nprovince = ["region"]\n'


def garbage(luck: random.Random) -> bytes:
    """What nobody wrote: signs of many scripts, or any bytes."""
    if luck.random() < 0.5:
        return luck.randbytes(200)
    return "".join(map(chr, luck.choices(range(1, 700), k=200))).encode()


def tried(folder: Path, name: str, count: int, seed: int) -> tuple[int, float]:
    """How many files were read, and the processor seconds of the slowest; what is not refused in words is raised."""
    luck, (whole, read) = random.Random(seed), TARGETS[name]
    (folder / "register.csv").write_text(register_text(), encoding="utf-8")
    good, slowest = 0, 0.0
    for _ in range(count):
        (folder / name).write_bytes(changed(whole, luck).encode() if luck.random() < 0.9 else garbage(luck))
        begun = time.process_time()
        try:
            read(folder / name)
            good += 1
        except QicsimError:
            pass
        slowest = max(slowest, time.process_time() - begun)
    return good, slowest


def tried_worlds(folder: Path, count: int, seed: int) -> tuple[int, float]:
    """The same of worlds in which one file was changed; each is checked as `qicsim world check` does."""
    luck, world = random.Random(seed), folder / "land"
    write_skeleton(world)
    (world / "world.toml").write_text((world / "world.toml").read_text("utf-8") + COUNTS, "utf-8")
    (world / "words.toml").write_text(WORDS, "utf-8")
    (world / "provinces.geojson").write_text(MAP, "utf-8")
    (world / "calibration").mkdir()
    targets = WORLDS / "example" / "calibration" / "targets.csv"
    (world / "calibration" / "targets.csv").write_bytes(targets.read_bytes())
    assert main(["world", "check", str(world)]) == 0
    files = [path for path in sorted(world.rglob("*")) if path.is_file() and path.suffix != ".md"]
    good, slowest = 0, 0.0
    for _ in range(count):
        file = luck.choice([*files, world / "world.toml"])
        whole = file.read_text("utf-8")
        file.write_bytes(changed(whole, luck).encode() if luck.random() < 0.9 else garbage(luck))
        begun = time.process_time()
        good += {0: 1, 2: 0}[main(["world", "check", str(world)])]
        slowest = max(slowest, time.process_time() - begun)
        file.write_text(whole, "utf-8")
    return good, slowest


@pytest.mark.parametrize("name", TARGETS)
def test_some_files_changed_at_random_are_read_or_refused_in_words(tmp_path, name):
    good, _ = tried(tmp_path, name, FEW, 5)

    assert good < FEW


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_files_changed_at_random_are_read_or_refused_in_words(tmp_path, name):
    good, slowest = within_memory(tried, tmp_path, name, MANY, 18)

    assert 0 < good < MANY and slowest < LONGEST


def test_some_worlds_changed_at_random_are_read_or_refused_in_words(tmp_path):
    good, _ = tried_worlds(tmp_path, FEW, 5)

    assert 0 < good < FEW


@pytest.mark.slow
def test_worlds_changed_at_random_are_read_or_refused_in_words(tmp_path):
    good, slowest = within_memory(tried_worlds, tmp_path, WORLDS_TRIED, 18)

    assert 0 < good < WORLDS_TRIED and slowest < LONGEST


@pytest.mark.slow
def test_a_reader_that_takes_more_memory_than_it_may_is_found():
    with pytest.raises(MemoryError):
        within_memory(bytearray, 2**30)
