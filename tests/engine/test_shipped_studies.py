"""The studies in `experiments/` can be read, and do what they say on a small scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qicsim.engine.experiment import run_experiment
from qicsim.experiment.kinds import read_study

FOLDER = Path(__file__).parents[2] / "experiments"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_study_can_be_read(path):
    assert read_study(path).title


def test_payment_and_collaboratives_are_there_where_the_study_says_so(tmp_path):
    study = read_study(FOLDER / "pay-and-improve.toml").of_size(draws=1, replicates=1)
    results = run_experiment(study, tmp_path)
    by_name = dict(zip(results.scenarios, range(4), strict=True))

    joined = results.values("coverage", time="2032Q4")[:, 0, 0, 0, 0]
    assert joined[by_name["neither"]] < 0.5 < joined[by_name["qic-without-pbf"]]
    paid = results.values("pbf_cost", time="2030")[:, 0, 0, 0, 0]
    assert paid[by_name["reported"]] > 2 * paid[by_name["neither"]]
    assert np.isfinite(results.values("true")).all()
