"""The reported history as a calibration problem: summaries, targets, studies, the posterior file, and their faults."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from qicsim.estimate.calibrate import zero_effect
from qicsim.estimate.calibrate.fitting import fit, fit_some, history_problem, joined_values, kept_values, whole_values
from qicsim.estimate.calibrate.importance import importance
from qicsim.estimate.calibrate.proof_report import calibrations
from qicsim.estimate.calibrate.reported_history import History, most_change, parameter_names, parameters_from_cube
from qicsim.estimate.calibrate.sbc import LOG_LIKELIHOOD
from qicsim.estimate.calibrate.shipped import posterior_provenance, write_posterior
from qicsim.estimate.calibrate.study import BIAS, Study, read_study
from qicsim.estimate.calibrate.targets import CALIBRATION, TABLE_2, TOPICS, read_targets, summaries
from qicsim.ground.errors import DataError, SettingError
from qicsim.ground.files import shipped_path
from qicsim.inputs.country import default_country, in_country
from qicsim.report.calibration_words import gate_in_words, truths
from qicsim.runs.design import Design
from qicsim.runs.draws import names, prior_draws, unit_points
from qicsim.runs.modules import EFFECTS, MODULES, ROLL_OUT
from qicsim.runs.points import Points
from qicsim.runs.posterior import draws_from, draws_said, posterior_draws, read_posterior
from qicsim.runs.shared_store import open_store
from tests.helpers import remembered


@pytest.fixture(scope="module")
def history():
    return History.of(workers=2)


@pytest.fixture(scope="module")
def reports():
    return read_targets()


@pytest.fixture(scope="module")
def runs_made_once():
    """Fits share their runs, which are those of the same points."""
    with mock.patch.object(History, "_made", remembered(History._made)):
        yield


@pytest.fixture(scope="module")
def fitted(history, reports, runs_made_once):
    return fit(quick(reports), reports, history=history)


def quick(reports):
    """The shipped study with few runs."""
    return replace(read_study(None, reports).with_runs(200), round_runs=64, batch=64, draws=50)


def values(n):
    return parameters_from_cube(unit_points(n, len(parameter_names()), 1))


def test_threads_batches_and_order_do_not_change_the_summaries(history):
    parameters, streams = values(40), np.arange(40)

    whole = history.summaries(parameters, streams, seed=1)

    alone = replace(history, workers=1).summaries(parameters[::-1][:9], streams[::-1][:9], seed=1)
    np.testing.assert_array_equal(whole[::-1][:9], alone)


def test_counts_of_facilities_never_fall_between_their_dates(history):
    found = dict(zip(summaries(), history.summaries(values(20), np.arange(20), seed=1).T, strict=True))

    assert (found["facilities_2019"] <= found["facilities_2021"]).all()
    assert (found["hospitals_mid_2021"] + found["health_centres_mid_2021"] <= found["facilities_2021"]).all()
    assert (found["districts_2019"] <= found["districts_mid_2021"]).all()


def test_each_row_of_table_2_has_a_bias_of_its_own_that_no_reading_carries_past_its_ceiling(history):
    bias = np.array([7.0, -5.0, 30.0, 0.0, 60.0])
    honest, biased = values(10), values(10)
    honest[:, -5:], biased[:, -5:] = 0.0, bias
    columns = [summaries().index(key) for key in TABLE_2]

    plain, told = (history.summaries(part, np.arange(10), seed=1) for part in (honest, biased))

    np.testing.assert_allclose(told[:, columns], np.minimum(plain[:, columns] + bias, most_change(default_country())))
    np.testing.assert_array_equal(np.delete(told, columns, axis=1), np.delete(plain, columns, axis=1))
    assert dict(zip(TOPICS, most_change(default_country()), strict=True))["general_waste"] == 2.0
    assert np.nanmax(told[:, summaries().index("general_waste_change")]) == 2.0


def test_biases_are_of_either_sign_and_independent():
    bias = values(4096)[:, -5:]

    np.testing.assert_allclose(bias.mean(axis=0), 10.0, atol=0.1)
    np.testing.assert_allclose(bias.std(axis=0), 10.0, atol=0.1)
    assert np.abs(np.corrcoef(bias.T) - np.eye(5)).max() < 0.05


def test_all_five_rows_of_table_2_are_checks_and_evidence_on_request_only(reports, tmp_path):
    (tmp_path / "study.toml").write_text('table2 = "bias"')
    study, asked = read_study(None, reports), read_study(tmp_path / "study.toml", reports)

    assert {report.key for report in study.fitted(reports)}.isdisjoint(TABLE_2)
    assert {report.key for report in asked.fitted(reports)} == {one.key for one in study.fitted(reports)} | {*TABLE_2}
    assert study.kept == ROLL_OUT.of(names())
    assert asked.kept == parameter_names() == asked.parameters == study.parameters
    (tmp_path / "wrong.toml").write_text('table2 = "biased"\nfit = ["hand_hygiene_change"]\nfree = ["pdsa.spill"]')
    with pytest.raises(DataError) as error:
        read_study(tmp_path / "wrong.toml", reports)
    for part in ('table2: "biased" is not a choice', 'Did you mean "bias"?', "no parameter of the roll-out is free",
                 "hand_hygiene_change"):
        assert part in str(error.value), str(error.value)


@pytest.mark.slow
def test_table_2_times_three_leaves_the_default_posterior_as_it_is_and_moves_one_that_takes_it_for_evidence(
        history, reports, fitted):
    """Effects do not come from what teams say of themselves: to the byte."""
    tripled = tuple(replace(one, value=3.0 * one.value) if one.key in TABLE_2 else one for one in reports)

    again = fit(quick(reports), tripled, history=history)

    columns = [parameter_names().index(name) for name in EFFECTS.of(names())]
    before, after = joined_values(fitted, 50), joined_values(again, 50)
    assert len(columns) > 15
    assert before[:, columns].tobytes() == after[:, columns].tobytes()
    assert before.tobytes() == after.tobytes()
    biased = replace(quick(reports), table2=BIAS)
    once, thrice = (joined_values(fit(biased, some, history=history), 50) for some in (reports, tripled))
    assert (once[:, columns] != thrice[:, columns]).any(axis=0).all()


def test_the_weights_that_ship_are_calibrated_or_nothing_is_called_passed(fitted):
    """Of 264 runs the weights fail: every truth is counted, none is ranked, and the gate fails."""
    exact = importance(fitted.problem, fitted.pool)
    weighed = replace(fitted, rounds=replace(fitted.rounds, posterior=exact))
    (found,) = calibrations(weighed)

    assert calibrations(replace(fitted, rounds=replace(fitted.rounds, posterior=replace(exact, adjusted=True)))) == ()
    assert found.ranks.failed + len(found.ranks.rows) == fitted.study.truths
    assert found.ranks.quantities == (*fitted.study.kept, *(one.summary for one in fitted.problem.targets),
                                      LOG_LIKELIHOOD)
    assert not found.gate.passed and found.gate.reasons
    assert f"the weights of {found.ranks.failed} failed" in truths(found)
    assert gate_in_words(found).startswith("FAILED: ")


def test_joined_values_are_the_prior_but_for_what_is_kept(fitted):
    joined = joined_values(fitted, 50)
    prior = whole_values(fitted.study, fitted.problem.quantile(fitted.bank.cube[:50]))

    kept = [parameter_names().index(name) for name in fitted.study.kept]
    rest = [i for i, name in enumerate(parameter_names()) if i not in kept and not EFFECTS.owns(name)]
    np.testing.assert_array_equal(joined[:, kept], kept_values(fitted, 50))
    np.testing.assert_array_equal(joined[:, rest], prior[:, rest])


def test_no_parameter_belongs_to_two_modules_and_every_module_owns_some():
    owned = [module.of(names()) for module in MODULES]

    assert all(owned)
    assert sum(map(len, owned)) == len({name for some in owned for name in some}) < len(names())


def test_checks_are_never_fitted(reports):
    study = read_study(None, reports)

    assert {report.key for report in study.fitted(reports)}.isdisjoint({"share_80_order", "trust_88", "exchange_lag"})
    assert len(study.parameters) == len(names()) + 5


def test_fixed_parameters_are_held_and_not_fitted(history, reports):
    study = Study(fixed={"pdsa.spill": 0.3})

    problem = history_problem(study, reports, history)

    whole = whole_values(study, problem.quantile(np.full((2, len(problem.parameters)), 0.5)))
    assert "pdsa.spill" not in problem.parameters
    assert (whole[:, parameter_names().index("pdsa.spill")] == 0.3).all()


def test_a_run_without_a_team_on_a_topic_is_recorded_and_used_where_the_topic_is_not_fitted(fitted):
    lacking = ~np.isfinite(fitted.bank.values).all(axis=1)

    _, bank, _ = fit_some(fitted, ["facilities_2019", *TABLE_2])

    assert lacking.any() and fitted.bank.usable.all()
    np.testing.assert_array_equal(bank.usable, ~lacking)


def test_an_interrupted_fit_goes_on_with_the_same_numbers(history, reports, fitted, tmp_path, monkeypatch):
    made = []
    plain = History._made
    monkeypatch.setattr(History, "_made", lambda self, sets, *rest: made.append(len(sets)) or plain(self, sets, *rest))

    def interrupt(what, _done, _total):
        if what == "Rounds":
            raise KeyboardInterrupt

    store = open_store(tmp_path)
    with pytest.raises(KeyboardInterrupt), store.used():
        fit(quick(reports), reports, history=replace(history, store=store), progress=interrupt)
    assert sum(made) == 200
    store, told = open_store(tmp_path), []
    with store.used():
        again = fit(quick(reports), reports, history=replace(history, store=store),
                    progress=lambda *how: told.append(how))

    assert told[0] == ("Bank", 200, 200)
    assert sum(made) == 264, "200 of the bank once, 64 of a round"
    np.testing.assert_array_equal(again.posterior.cube, fitted.posterior.cube)


def test_runs_of_a_fit_are_runs_like_any_others_and_bias_makes_no_new_ones(history, tmp_path):
    store = open_store(tmp_path)
    kept = replace(history, store=store)
    parameters, streams = values(3), np.arange(3)
    first = kept.summaries(parameters, streams, seed=1)
    np.testing.assert_array_equal(first, history.summaries(parameters, streams, seed=1))

    design = Design((history.scenario,), Points(parameters[:, :-5], streams), 1, 1, ((),))
    assert store.find(design.keys(np.arange(3)), kept._recorded.blocks).complete.all()
    parameters[:, -1] += 1.0
    assert kept.there(parameters, streams, seed=1).all()
    np.testing.assert_array_equal(kept.summaries(parameters, streams, seed=1),
                                  history.summaries(parameters, streams, seed=1))
    assert not kept.there(parameters, streams, seed=2).any()
    assert not kept.there(parameters, streams + 2**20, seed=1).any()
    earlier = replace(kept, reported=kept.reported._replace(months=kept.reported.months - 1))
    assert not earlier.there(parameters, streams, seed=1).any(), "other months were reported"


def test_without_effect_changes_the_effects_only():
    before = values(3)

    after = zero_effect.without_effect(before)

    changed = [name for i, name in enumerate(parameter_names()) if (after[:, i] != before[:, i]).any()]
    assert sorted(changed) == sorted(zero_effect.EFFECTS)


def test_the_posterior_file_is_read_with_numpy_alone_and_gives_draws(fitted, tmp_path):
    path = tmp_path / "posterior.npz"
    write_posterior(path, fitted.study.kept, kept_values(fitted, 50),
                    posterior_provenance(fitted, targets={}, command="test"))

    with np.load(path, allow_pickle=False) as found:
        assert found["values"].shape == (50, len(found["parameters"]))
    draws = posterior_draws(120, path)
    np.testing.assert_array_equal(draws.values[:30], posterior_draws(30, path).values)
    kept = [names().index(name) for name in fitted.study.kept]
    np.testing.assert_array_equal(draws.values[:20, kept], draws.values[50:70][:, kept])
    np.testing.assert_array_equal(np.delete(draws.values, kept, axis=1),
                                  np.delete(prior_draws(120, 1).values, kept, axis=1))
    assert draws.values.shape == (120, len(names()))
    assert draws_from(path, 5).source.startswith("posterior")
    assert draws_from("prior", 5).source == "prior"
    assert read_posterior(path).provenance["effective_sample"] > 0


def test_a_file_that_is_no_posterior_of_this_model_is_refused(tmp_path):
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "other.npz", parameters=np.array(["pdsa.k_itm"]), values=np.ones((2, 1)), provenance="{}")

    with pytest.raises(DataError, match="is no posterior file"):
        posterior_draws(3, tmp_path / "text.npz")
    with pytest.raises(DataError, match=r'"pdsa.k_itm" is not a parameter. Did you mean "pdsa.k_item"\?'):
        posterior_draws(3, tmp_path / "other.npz")
    with pytest.raises(SettingError, match='Did you mean "posterior"'):
        draws_from("postrior", 3)


def test_columns_of_a_posterior_are_found_by_name_and_what_is_missing_comes_from_the_prior(fitted, tmp_path):
    whole, fewer = tmp_path / "whole.npz", tmp_path / "fewer.npz"
    values = joined_values(fitted, 50)
    write_posterior(whole, parameter_names(), values, posterior_provenance(fitted, targets={}, command="test"))
    with np.load(whole) as held:
        kept = [i for i, name in enumerate(held["parameters"]) if name != "pdsa.spill"]
        backwards = kept[::-1]
        np.savez(fewer, parameters=np.array([*held["parameters"][backwards], "team.retired"]),
                 values=np.column_stack([held["values"][:, backwards], np.ones(len(values))]), provenance="{}")

    told, lacking = posterior_draws(20, whole, seed=4), posterior_draws(20, fewer, seed=4)
    at = names().index("pdsa.spill")
    others = [i for i in range(len(names())) if i != at]
    np.testing.assert_array_equal(lacking.values[:, others], told.values[:, others])
    np.testing.assert_array_equal(lacking.values[:, at], prior_draws(20, 4).values[:, at])
    assert draws_said(told) == () == (*told.filled, *told.unused)
    assert (lacking.filled, lacking.unused) == (("pdsa.spill",), ("team.retired",))
    filled, unused = draws_said(lacking)
    assert "pdsa.spill" in filled
    assert "team.retired" in unused


@pytest.fixture
def two_modules(fitted, tmp_path, monkeypatch):
    """A shipped roll-out, and effects that can be told apart row by row."""
    (tmp_path / CALIBRATION).mkdir()
    effects = np.arange(40.0)[:, None] / 100.0
    write_posterior(tmp_path / CALIBRATION / "posterior.npz", fitted.study.kept, kept_values(fitted, 50), {})
    write_posterior(tmp_path / CALIBRATION / "effects.npz", ("pdsa.spill", "transfer.gap_max", "rollout.filled"),
                    np.hstack([effects, 10.0 * effects + 15.0, np.ones_like(effects)]), {})
    monkeypatch.setattr("qicsim.runs.posterior.shipped_path", lambda *_: tmp_path / "nothing travels")
    with in_country(replace(default_country(), calibration=tmp_path / CALIBRATION)):
        yield fitted


def test_draws_join_a_row_of_each_module_and_the_prior(two_modules):
    draws, more, other = posterior_draws(40), posterior_draws(100), posterior_draws(40, seed=2)
    at = {name: names().index(name) for name in names()}
    kept, rollout = kept_values(two_modules, 50), [at[name] for name in two_modules.study.kept]
    spill = draws.values[:, at["pdsa.spill"]]

    np.testing.assert_array_equal(more.values[:40], draws.values)
    assert sorted(spill) == (np.arange(40) / 100.0).tolist()
    np.testing.assert_allclose(draws.values[:, at["transfer.gap_max"]], 10.0 * spill + 15.0)
    assert {row.tobytes() for row in draws.values[:, rollout]} <= {row.tobytes() for row in kept}
    assert all((draws.values[:, some] != other.values[:, some]).any() for some in (rollout, at["pdsa.spill"]))
    rows = [np.flatnonzero((kept == row).all(axis=1))[0] for row in draws.values[:, rollout]]
    assert rows != np.rint(100 * spill).tolist(), "rows of modules are drawn by themselves"
    prior = prior_draws(40, 1).values
    rest = [at[name] for name in names() if not any(module.owns(name) for module in MODULES)]
    np.testing.assert_array_equal(draws.values[:, rest], prior[:, rest])
    np.testing.assert_array_equal(draws.values[:, at["pdsa.k_item"]], prior[:, at["pdsa.k_item"]])


def test_draws_say_which_modules_come_from_where(two_modules, tmp_path):
    draws = posterior_draws(3)
    effects = EFFECTS.of(names())

    assert [(one.module, one.source, one.parameters) for one in draws.modules] == [
        ("roll-out", "calibration/posterior.npz", len(ROLL_OUT.of(names()))), ("effects", "calibration/effects.npz", 2)]
    assert set(draws.filled) == set(effects) - {"pdsa.spill", "transfer.gap_max"}
    assert "those of effects (2) from controlled trials" in draws_said(draws)[0]
    (tmp_path / CALIBRATION / "effects.npz").unlink()
    (said,) = draws_said(posterior_draws(3))
    assert f"those of effects ({len(effects)}) and the other" in said and "from their priors" in said


def test_a_study_with_faults_names_them_all(reports, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('runs = 5\nsede = 1\nfit = ["facilities_2020"]\nfree = ["pdsa.k_itm"]\n'
                    'fixed = { "pdsa.spill" = 9.0 }\n[[alternative]]\nname = "a"\nschedule = "tierd"\nfoo = 1\n')

    with pytest.raises(DataError) as error:
        read_study(path, reports)

    said = str(error.value)
    for part in ("runs: 5 is out of range", '"sede" is not known', 'Did you mean "seed"?', "facilities_20",
                 'Did you mean "pdsa.k_item"?', "fixed pdsa.spill: 9.0", 'Did you mean "tiered"?', '"foo" is not known',
                 "alternative 1, title"):
        assert part in said, said


def test_targets_with_faults_name_them_all(tmp_path):
    text = shipped_path(CALIBRATION, "targets.csv").read_text()
    path = tmp_path / "targets.csv"
    path.write_text(text.replace("facilities_2021,", "facilities_2012,").replace("trust_88", "tust_88")
                    .replace("6,equal,0.7", "6,equl,-1"))

    with pytest.raises(DataError) as error:
        read_targets(path)

    assert len(error.value.faults) == 4


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("34,equal,12,9,check", "34,equal,12,9,fit; late", 'a study fits it with its bias by table2 = "bias"'),
    ("2019-12,52", "2019-11,52", "allowed: 2019-12"), ("fit; early,S,", "fit; early,Q,", "grade"),
    ("52,equal,3,3", "52,equal,3,4", "discrepancy")])
def test_a_target_at_another_date_with_another_grade_or_too_much_discrepancy_is_refused(tmp_path, old, new, expected):
    path = tmp_path / "targets.csv"
    path.write_text(shipped_path(CALIBRATION, "targets.csv").read_text().replace(old, new, 1))

    with pytest.raises(DataError, match=f"(?i){expected}"):
        read_targets(path)


def test_a_study_may_state_another_model_discrepancy(tmp_path, reports):
    (tmp_path / "study.toml").write_text("discrepancy = { facilities_2021 = 16.0 }")
    study = read_study(tmp_path / "study.toml", reports)
    before, after = (next(one for one in some if one.key == "facilities_2021") for some in
                     (reports, study.restated(reports)))

    assert after.observation_error == pytest.approx(before.observation_error)
    assert after.target.spread == pytest.approx(np.hypot(before.observation_error, 16.0))
    (tmp_path / "bad.toml").write_text("discrepancy = { facilities_2021 = -1, facilities_2012 = 1 }")
    with pytest.raises(DataError) as error:
        read_study(tmp_path / "bad.toml", reports)
    assert len(error.value.faults) == 2


def test_a_posterior_with_a_value_that_cannot_be_is_refused(tmp_path, fitted):
    values = kept_values(fitted, 20)
    values[3, 0], values[5, 1] = np.nan, 1e9
    write_posterior(tmp_path / "p.npz", fitted.study.kept, values,
                    posterior_provenance(fitted, targets={}, command="test"))

    with pytest.raises(DataError) as error:
        read_posterior(tmp_path / "p.npz")

    assert len(error.value.faults) == 2
    assert "in draw 3" in str(error.value)
