"""The analysis `replicates`, from the study to the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.advice import advise_mean
from qicsim.analysis.nested import nested
from qicsim.ground.errors import DataError
from tests.helpers import assert_khmer
from tests.study_kinds.conftest import drawings, khmer_page, names_of


@pytest.fixture(scope="module")
def found(reported):
    return reported(analysis={"kind": "replicates", "error": {"true": 0.1, "true_80": 0.01}})


def test_the_advice_is_that_of_the_variances(found):
    values = found.results.values("true", time="2019Q4")[..., 0, 0]
    parts = nested(values[1])
    advice = advise_mean(float(parts.between), float(parts.within), error=0.1)
    row = pd.read_csv(found.folder / "needed.csv").query("scenario == 'A small country' and indicator == 'true'")

    assert row.query("what == 'level'").iloc[-1]["mean_draws"] == advice.draws
    assert row.query("what == 'contrast'").iloc[0]["mean_draws"] < advice.draws


def test_an_advice_that_was_followed_gives_the_wanted_error(found):
    for need in found.findings.record.needs:
        if need.mean is not None:
            reached = need.error_of(np.array([need.mean.draws]), need.mean.replicates)[0]
            assert reached <= need.wanted * (1 + 1e-9)


def test_sentences_name_the_indicators_and_the_page_draws_them(found):
    first, second, last = found.findings.sentences
    assert first.startswith("Mean true quality, 2019Q4, with a standard error of 0.10 points: ")
    assert "1.00 percentage points" in second
    assert last.endswith("Learned from 4 draws x 2 replicates of each scenario.")
    assert len(drawings(found.page)) == 1 + 2


def test_every_fault_of_errors_is_said_at_once(study_of):
    wrong = {"error": {"true": 0, "quality": 1}, "reference": "none", "group": "few", "draw_cost": -1}
    with pytest.raises(DataError) as caught:
        study_of(replicates=1, analysis={"kind": "replicates", **wrong})
    told = str(caught.value)
    for part in ("replicates", "error, true", '"quality"', "reference", "group", "draw_cost"):
        assert part in told


def test_the_page_is_in_khmer(found):
    assert_khmer(khmer_page(found), names_of(found))
