"""Scenarios, studies and registers changed at random are read, or refused in words (imports: tests/exchange)."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from qicsim.ground.errors import QicsimError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.register import read_register
from qicsim.runs.study import read_study
from tests.exchange.test_fuzzed import changed
from tests.worlds import SCENARIO, register_text

LONGEST, FEW, MANY = 5.0, 40, 6000
STUDY = ('title = "t"\nscenarios = ["reported", "national-2030"]\nuntil = "2019-12"\ndraws = 2\nreplicates = 1\n'
         'seed = 3\n')
TARGETS = {"scenario.toml": (SCENARIO, load_scenario), "study.toml": (STUDY, read_study),
           "register.csv": ("\n".join(register_text().splitlines()[:6]) + "\n", read_register)}


def tried(folder: Path, name: str, count: int, seed: int) -> tuple[int, float]:
    """How many files were read, and the processor seconds of the slowest; what is not refused in words is raised."""
    luck, (whole, read) = random.Random(seed), TARGETS[name]
    (folder / "register.csv").write_text(register_text(), encoding="utf-8")
    good, slowest = 0, 0.0
    for _ in range(count):
        text = changed(whole, luck) if luck.random() < 0.9 else "".join(map(chr, luck.choices(range(1, 700), k=200)))
        (folder / name).write_text(text, encoding="utf-8")
        begun = time.process_time()
        try:
            read(folder / name)
            good += 1
        except QicsimError:
            pass
        slowest = max(slowest, time.process_time() - begun)
    return good, slowest


@pytest.mark.parametrize("name", TARGETS)
def test_some_files_changed_at_random_are_read_or_refused_in_words(tmp_path, name):
    good, _ = tried(tmp_path, name, FEW, 5)

    assert good < FEW


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_files_changed_at_random_are_read_or_refused_in_words(tmp_path, name):
    good, slowest = tried(tmp_path, name, MANY, 18)

    assert 0 < good < MANY and slowest < LONGEST
