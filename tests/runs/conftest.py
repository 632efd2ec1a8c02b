"""A small country over two years, and studies of it."""

from __future__ import annotations

from hashlib import sha256
from multiprocessing import get_context
from types import SimpleNamespace

import pytest

from qicsim.analysis.study_kinds import make_study
from qicsim.inputs.scenario import load_scenario
from qicsim.runs.experiment import run_experiment, write_experiment
from tests.worlds import SCENARIO, register_text

# Processes that do the work of these tests are forked from one that has loaded what they need.
get_context("forkserver").set_forkserver_preload(["tests.runs.killed"])

TABLES = ("summary.csv", "runs.csv", "points.csv", "failures.csv")
STUDY = """\
title = "A small study"
scenarios = ["without.toml", "with.toml"]
from = "prior"
draws = 4
replicates = 2
until = "2019-12"
"""


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with the small country with and without teams, and a study of both."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "register.csv").write_text(register_text())
    (folder / "with.toml").write_text(SCENARIO)
    (folder / "without.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    (folder / "study.toml").write_text(STUDY)
    return folder


@pytest.fixture(scope="session")
def study_of(place):
    """Makes studies of the small country."""
    def make(scenarios=("without.toml", "with.toml"), *, points=None, **tables):
        settings = {"from": "prior", "draws": 4, "replicates": 2, "until": "2019-12"} | tables
        return make_study(list(scenarios), points=points, folder=place, **settings)
    return make


@pytest.fixture(scope="session")
def done(study_of, tmp_path_factory):
    """A study, its results, its folder, and the bytes of its tables."""
    study, folder = study_of(), tmp_path_factory.mktemp("done")
    results = run_experiment(study, folder, executor="serial")
    write_experiment(results, folder)
    return SimpleNamespace(study=study, results=results, folder=folder, bytes=table_bytes(folder))


def table_bytes(folder):
    """The digests of the tables of a folder."""
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


def run_and_write(study, folder, **choices):
    """Run, write, and give the digests of the tables."""
    write_experiment(run_experiment(study, folder, **choices), folder)
    return table_bytes(folder)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    (place / "register.csv").write_text(register_text())
    (place / "with-teams.toml").write_text(SCENARIO)
    (place / "without-teams.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    return place


@pytest.fixture(scope="session")
def scenarios(folder):
    return [load_scenario(folder / "without-teams.toml"), load_scenario(folder / "with-teams.toml")]
