"""The analysis `factorial`, from the study to the page."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.contrasts import contrast
from qicsim.analysis.study_kinds import make_study
from qicsim.analysis.study_kinds.compared import Compared
from qicsim.analysis.study_kinds.factorial_words import clear_sign, synergy
from qicsim.ground.errors import DataError
from tests.helpers import assert_khmer
from tests.study_kinds.conftest import drawings, khmer_page, names_of

COACHING = {"name": "coaching", "off": {"visits": 0.0}}
SESSIONS = {"name": "sessions", "off": {"sessions": 0.0}}


@pytest.fixture(scope="module")
def found(reported):
    return reported(["with.toml"], keep={"indicators": ["true", "recorded"]},
                    analysis={"kind": "factorial", "from": "2018-01", "factor": [COACHING, SESSIONS]})


def test_effects_are_those_of_the_cells(found):
    table = pd.read_csv(found.folder / "factorial.csv").query("indicator == 'true' and time == '2019Q4'")
    neither, sessions, coaching, both = found.results.values("true", time="2019Q4")[..., 0, 0].mean(axis=(1, 2))
    means = table.set_index("effect")["mean"]

    assert means["coaching"] == pytest.approx((coaching + both - neither - sessions) / 2)
    assert means["sessions"] == pytest.approx((sessions + both - neither - coaching) / 2)
    assert means["coaching x sessions"] == pytest.approx(both - coaching - sessions + neither)
    assert means["coaching"] > 0.0


def test_the_cells_say_what_is_on(found):
    cells = pd.read_csv(found.folder / "cells.csv")

    assert cells["on"].tolist() == ["none of them", "sessions", "coaching", "coaching and sessions"]
    assert cells["true, all"].iloc[3] == pytest.approx(found.results.values("true", time="2019Q4")[3].mean())
    assert len(drawings(found.page)) == 1 + 3
    assert found.page.index("coaching x sessions, mean score, all facilities, 2019Q4: ") < found.page.index("<main>")


@pytest.mark.parametrize(("true", "recorded", "verdict"), [
    (1.0, 1.0, "A synergy exists, in truth and in the record"),
    (0.0, 1.0, "The synergy exists in the record only"),
    (1.0, 0.0, "A synergy exists in truth, and the record does not show it"),
    (-1.0, -1.0, "No synergy is to be seen, neither in truth nor in the record (in truth it is negative"),
    (0.0, 0.0, "No synergy is to be seen, neither in truth nor in the record (neither is clear of zero)")])
def test_the_verdict_follows_the_intervals(true, recorded, verdict):
    """Interactions that vary between draws by 0.2 around what is known."""
    spread = np.linspace(-0.3, 0.3, 21)[:, None, None]
    field = SimpleNamespace(indicator=SimpleNamespace(name="true", unit="points"), group="all", times=("2030",))
    scores = tuple(Compared("A x B", field, contrast(mean + np.repeat(spread, 2, axis=1), np.zeros((21, 2, 1))))
                   for mean in (true, recorded))

    assert verdict in synergy(scores)


def test_draws_in_which_nothing_happens_are_no_synergy():
    """In three draws of ten nothing happens, in the others much does, with some noise."""
    luck = 0.6 * np.random.default_rng(1).standard_normal((100, 2, 1))
    effect = np.where(np.arange(100)[:, None, None] % 10 < 3, 0.0, 1.0 + luck)
    one = Compared("A x B", SimpleNamespace(times=("2030",)), contrast(effect, np.zeros_like(effect)))

    assert one.contrast.above[0] <= 0.7
    assert one.contrast.sign[0] == 0
    assert clear_sign(one) == 0


def test_the_four_cells_are_put_in_order():
    study = make_study(["national-2030", "reported", "neither", "qic-without-pbf"], **{"from": "prior"}, draws=2,
                       replicates=1, analysis={"kind": "factorial"})

    assert [one.name for one in study.scenarios] == ["neither", "qic-without-pbf", "reported", "national-2030"]


def test_every_fault_of_factors_is_said_at_once(study_of):
    factors = [COACHING, {"name": "nothing"}, {"name": "odd", "on": {"visits": 1.0}, "of": {}}]
    with pytest.raises(DataError) as caught:
        study_of(keep={"indicators": ["true"]}, analysis={"kind": "factorial", "factor": factors, "lvl": 1})
    told = str(caught.value)
    for part in ("scenarios", "[analysis] from", "changes no lever", '"of" is not known', '"recorded"', '"lvl"'):
        assert part in told


def test_other_scenarios_are_no_cells(study_of):
    with pytest.raises(DataError, match="are not the cells of PBF x QIC"):
        study_of(analysis={"kind": "factorial"})


def test_levers_that_follow_two_factors_are_no_factorial(study_of):
    again = {"name": "more", "on": {"visits": 3.0}}
    with pytest.raises(DataError, match="depends on more than one of coaching, more"):
        study_of(["with.toml"], analysis={"kind": "factorial", "from": "2018-01", "factor": [COACHING, again]})


def test_the_page_is_in_khmer(found):
    assert_khmer(khmer_page(found), (*names_of(found), "coaching", "sessions"))
