"""How fast experiments are: the reported region, run after run, with everything around the runs."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from qicsim.analysis.study_kinds import make_study
from qicsim.inputs.world.register import read_register, within, write_register
from qicsim.runs import worker
from qicsim.runs.design import design_of
from qicsim.runs.experiment import run_experiment
from tests.helpers import EMBEDDED

pytestmark = pytest.mark.bench

PROVINCES = ("Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap")
REGION = """\
title = "The six provinces of the project"
description = "As reported, without the rest of the country."
extends = "reported"
rollout = {provinces = ["Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap"]}
data = {register = "region.csv"}
"""
RUNS, SOME, AIM = 4000, 500, 100_000 / 360.0
KILOBYTE = 1024


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """Makes studies of the region: 427 facilities in 29 districts, of which 398 were reported; 48 months."""
    folder = tmp_path_factory.mktemp("region")
    write_register(within(read_register(EMBEDDED["register"]), PROVINCES), folder / "region.csv")
    (folder / "region.toml").write_text(REGION)

    def study(runs):
        keep = {"indicators": ["true", "recorded", "true_80", "recorded_80", "coverage"]}
        size = {"draws": runs // 4, "replicates": 4, "from": "prior"}
        return make_study(["region.toml"], folder=folder, until="2021-12", keep=keep, **size)
    return study


def run(study, folder, **choices):
    """Seconds of an experiment in a new folder."""
    began = time.perf_counter()
    run_experiment(study, folder, **choices)
    return time.perf_counter() - began


def test_runs_per_second_of_the_reported_region(region, table, tmp_path):
    """All around the runs counts: addresses, tasks, records, files; what runs alone cost is measured beside it."""
    run(region(200), tmp_path / "warm")
    study = region(RUNS)
    one = run(study, tmp_path / "one", workers=1)
    two = run(study, tmp_path / "two", workers=2)
    bare = computing(study)

    table.add("runs of the reported region a second, two threads", f"{RUNS / two:.0f}", f"aim {AIM:.0f}")
    table.add("100,000 of them", f"{100_000 / RUNS * two / 60.0:.1f} min", "aim 6")
    table.add("two threads against one", f"{one / two:.2f} times", "aim 1.8")
    table.add("store and scheduling on top of computing", f"{100 * (one / bare - 1):.1f} %", "aim 10")
    assert RUNS / two >= AIM
    assert one / two >= 1.8
    assert one / bare <= 1.1


def computing(study):
    """Seconds that the runs alone take: the compiled code, called one run after the other."""
    design = design_of(study)
    task = design.task(np.arange(SOME))
    return min(worker.perform(task).seconds for _ in range(3)) * design.runs / SOME


def test_memory_is_flat(region, table, tmp_path):
    run(region(400), tmp_path / "few")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(region(RUNS), tmp_path / "many")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KILOBYTE

    table.add(f"memory that {RUNS:,} runs need on top of 400", f"{grown / 1e6:.0f} MB", "aim 0")
    assert grown < 30e6
