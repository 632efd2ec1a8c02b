"""Every form of structure runs from a comparison, a decision and an experiment, with the same numbers in all."""

from __future__ import annotations

import numpy as np
import pytest

import qicsim
from qicsim.analysis.study_kinds import read_study
from qicsim.inputs.scenario.forms import FORMS
from qicsim.runs.experiment import run_experiment
from qicsim.runs.readout import values
from tests.worlds import SCENARIO, register_text

STUDY = """
title = "Two scenarios"
scenarios = ["small.toml", "none.toml"]
draws = 2
replicates = 1
from = "prior"

[keep]
indicators = ["recorded"]
groups = ["all"]
"""
SINGLE = 4 * np.finfo(np.float32).eps
"""An experiment keeps means in single precision, an ensemble the sums that they are worked out from."""
NONE = 'title = "None"\ndescription = "x"\nextends = "small.toml"\n[levers]\nrecruiting = false\nsupport = false\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    (place / "register.csv").write_text(register_text(), encoding="utf-8")
    (place / "small.toml").write_text(SCENARIO, encoding="utf-8")
    (place / "none.toml").write_text(NONE, encoding="utf-8")
    (place / "study.toml").write_text(STUDY, encoding="utf-8")
    return place


@pytest.mark.parametrize(("name", "form"), [(name, form) for name, forms in FORMS.items() for form in forms[1:]])
def test_a_form_runs_from_comparison_decision_and_experiment_alike(folder, name, form):
    how = {"draws": 2, "replicates": 1, "source": "prior", "set": {f"structure.{name}": form}}
    pair = {"scenarios": [folder / "small.toml"], "reference": folder / "none.toml"}

    compared = qicsim.compare(**pair, **how)
    decided = qicsim.decision(**pair, **how, settings=qicsim.Settings(first=2018))
    study = run_experiment(read_study(folder / "study.toml", set=how["set"]), folder / f"{name}-{form}")

    own = values(compared.ensemble, "small", "recorded")
    assert compared.ensemble.runners["small"].scenario.resolved()["structure"][name] == form
    assert np.array_equal(own, values(decided.ensemble, "small", "recorded"))
    np.testing.assert_allclose(study.values("recorded")[0, :, 0, :, 0], own, rtol=SINGLE)
