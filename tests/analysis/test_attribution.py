"""The ledger over time, and one facility's history."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.attribution import ledger_contrast, ledger_over_time
from qicsim.analysis.contrasts import contrast
from qicsim.analysis.history import NOT_OPEN, facility_history
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import change, load_scenario
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import values
from tests.worlds import SCENARIO, country_of, register_text

DRAWS = prior_draws(4, 1)


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory):
    place = tmp_path_factory.mktemp("attribution")
    (place / "register.csv").write_text(register_text())
    (place / "with.toml").write_text(SCENARIO)
    (place / "without.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    return [load_scenario(place / f"{name}.toml") for name in ("with", "without")]


@pytest.fixture(scope="module")
def ensemble(scenarios):
    return run_ensemble(scenarios, DRAWS, replicates=2, workers=1)


@pytest.fixture(scope="module")
def history(scenarios):
    return facility_history(scenarios[0], "OD-KC1-H2", draws=DRAWS, draw=2, replicate=1)


@pytest.mark.parametrize("group", ["all", "referral_hospital", "ever"])
def test_the_ledger_of_a_group_adds_up_to_its_true_quality(ensemble, group):
    ledger = ledger_over_time(ensemble, "with", group)
    true = values(ensemble, "with", "true", group).reshape(4, 2, -1)

    assert ledger.points.shape == (4, 2, 12, 13)
    assert np.allclose(ledger.true, true, atol=1e-3, equal_nan=True)


def test_the_contrast_of_the_ledger_says_where_a_difference_was_made(ensemble):
    found = ledger_contrast(ensemble, "with", "without")
    total = values(ensemble, "with", "true") - values(ensemble, "without", "true")
    lines = ledger_over_time(ensemble, "with").lines

    assert np.allclose(found.mean.sum(axis=-1), total.mean(axis=0), atol=1e-3)
    assert found.mean[-1, lines.index("pdsa")] > 0.0
    assert abs(found.mean[-1, lines.index("initial")]) < 1e-6  # sums are kept in single precision, group by group


@pytest.mark.parametrize("indicator", ["true", "recorded"])
def test_pairing_runs_saves_at_least_five_times_as_many(scenarios, indicator):
    """Collaboratives against none, and PBF against none, at the end of three years in a small country."""
    without_pbf = change(scenarios[0], from_="2018-01", pbf=False, name="without-pbf")
    runs = run_ensemble([*scenarios, without_pbf], prior_draws(64, 1), replicates=4, workers=1)
    last = {name: values(runs, name, indicator)[:, -1].reshape(64, 4) for name in runs.runners}

    assert contrast(last["with"], last["without"]).saved_total > 5.0
    assert contrast(last["with"], last["without-pbf"]).saved_total > 5.0


def test_an_empty_group_has_no_ledger(ensemble):
    assert np.isnan(ledger_over_time(ensemble, "without", "ever").points).all()


def test_what_was_not_run_has_no_ledger(ensemble):
    with pytest.raises(SettingError, match="was not run"):
        ledger_over_time(ensemble, "withh")
    with pytest.raises(SettingError, match='Did you mean "ever"'):
        ledger_over_time(ensemble, "with", "evr")


# ---------------------------------------------------------------------------------------------------- one facility


def test_a_facility_s_ledger_adds_up_to_its_true_score_in_every_month(history):
    assert np.allclose(history.ledger.sum(axis=1), history.true, rtol=0.0, atol=1e-9)
    assert history.months[0] == "2018-01"
    assert len(history.months) == 36


def test_the_history_is_that_of_the_ensemble_s_run(ensemble, scenarios):
    """All facilities together give the ensemble's national mean."""
    register = country_of(scenarios[0]).world.register
    last = [facility_history(scenarios[0], one, draws=DRAWS, draw=1, replicate=1) for one in register.id]

    for name, part in (("true", [one.true[-1] for one in last]), ("recorded", [one.recorded[-1] for one in last])):
        assert values(ensemble, "with", name)[3, -1] == pytest.approx(np.mean(part), rel=1e-6)


def test_a_facility_that_opens_later_has_no_value_before(scenarios):
    late = facility_history(scenarios[0], "OD-KC1-H5", draws=DRAWS)

    assert late.status[:12] == (NOT_OPEN,) * 12
    assert np.isnan(late.true[:12]).all()
    assert np.isfinite(late.true[12:]).all()
    assert np.allclose(late.ledger[12:].sum(axis=1), late.true[12:], rtol=0.0, atol=1e-9)
    with pytest.raises(SettingError, match="2019-01 to 2020-12"):
        late.moves("2018-06", "2020-12")


def test_what_moved_a_score_adds_up(history):
    moved = history.moves("2018-03", "2020-12")

    assert sum(points for _, points in moved.lines) == pytest.approx(moved.true, abs=1e-9)
    assert moved.true + moved.error == pytest.approx(moved.recorded)
    assert moved.true == pytest.approx(history.true[-1] - history.true[2])
    sizes = [abs(points) for _, points in moved.lines]
    assert sizes == sorted(sizes, reverse=True)
    assert moved.sentences()[0].startswith("From 2018-03 to 2020-12 the recorded score of OD-KC1-H2 moved by")


def test_a_team_s_status_and_topic_are_told_in_words(history):
    active = [place for place, status in enumerate(history.status) if status == "active"]

    assert active
    assert all(history.topic[place] for place in active)


@pytest.mark.parametrize(("settings", "words"), [
    ({"facility": "OD-KC1-H22"}, 'Did you mean "OD-KC1-H2"'), ({"facility": "OD-KC1-H2", "draw": 9}, "0 to 3")])
def test_a_facility_or_draw_that_is_not_there_is_refused(scenarios, settings, words):
    with pytest.raises(SettingError, match=words):
        facility_history(scenarios[0], **settings, draws=DRAWS)
