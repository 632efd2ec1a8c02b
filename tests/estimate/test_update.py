"""Updating the shipped posterior by a data folder: prior, simulated records, targets, lessons, files."""

import csv
import dataclasses
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from experiments.demonstration.country import make_country, small_register, write_country
from experiments.demonstration.recovery import coverage_rows, study
from qicsim.cli import main
from qicsim.estimate.calibrate.data_world import DataWorld
from qicsim.estimate.calibrate.fill import CubePoints
from qicsim.estimate.calibrate.joining import compare_joining
from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior, prior_scores
from qicsim.estimate.calibrate.posterior_changes import judged, taught
from qicsim.estimate.calibrate.reported_history import parameter_names, parameters_from_cube
from qicsim.estimate.calibrate.update import Effort, aims_of, update
from qicsim.ground.declare import default_row, parameter_sets
from qicsim.ground.errors import DataError
from qicsim.inputs.observed.panel import NEVER
from qicsim.inputs.observed.targets import KEYS, Found, observed_summaries
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import noise_key, recording_of
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import names
from qicsim.runs.posterior import draws_from, posterior_draws, read_posterior
from qicsim.runs.shared_store import contents, open_store

LIGHT = Effort(runs=512, round_runs=256, batch=256, effective=1000, draws=200)


@pytest.fixture(scope="module")
def prior():
    return InformedPrior.shipped()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    country = make_country(default_row(Parameters), 3, small_register(8, 6), last="2021-12")
    return write_country(country, tmp_path_factory.mktemp("made") / "data")


@pytest.fixture(scope="module")
def world(folder):
    return DataWorld.of(folder, workers=1)


@pytest.fixture(scope="module")
def updated(world, prior):
    return update(world, prior, effort=LIGHT, discrepancy=0.0)


# ----------------------------------------------------------------------------------------------------------- prior


def test_the_prior_has_the_marginals_of_the_posterior_and_no_draw_twice(prior):
    shipped = posterior_draws(1000).values
    drawn = prior.quantile(CubePoints(len(prior.parameters), 3).next(4096))

    model = [prior.parameters.index(name) for name in names()]
    whole = drawn[:1000].copy()
    whole[:, model] = shipped
    before, after = prior_scores(whole)[:, model], prior_scores(drawn)[:, model]
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=0.06)
    np.testing.assert_allclose(after.std(axis=0), before.std(axis=0), rtol=0.08, atol=1e-9)
    assert len(np.unique(drawn, axis=0)) == 4096


def test_the_prior_keeps_correlations_that_chance_cannot_give_and_drops_the_others():
    luck = np.random.default_rng(2)
    cube = luck.random((1000, len(parameter_names())))
    cube[:, 1] = np.clip(0.8 * cube[:, 0] + 0.2 * cube[:, 1], 1e-6, 1 - 1e-6)

    made = InformedPrior.of(parameter_names(), parameters_from_cube(cube), "made")
    scores = prior_scores(made.quantile(CubePoints(len(parameter_names()), 1).next(4096)))
    found = np.corrcoef(scores.T)

    assert found[0, 1] == pytest.approx(np.corrcoef(prior_scores(parameters_from_cube(cube)).T)[0, 1], abs=0.05)
    others = np.abs(found[2:, 2:] - np.eye(len(found) - 2))
    assert others.mean() < 0.01 < np.abs(np.corrcoef(cube[:, 2:].T) - np.eye(len(found) - 2)).mean()


def test_a_parameter_that_the_posterior_lacks_has_its_declared_prior(prior):
    points = parameters_from_cube(CubePoints(len(prior.parameters), 5).next(512))
    lacking = InformedPrior.of(prior.parameters[1:], points[:, 1:], "made")
    whole = InformedPrior.of(prior.parameters, points, "made")

    np.testing.assert_array_equal(lacking.marginals[:, 1:], whole.marginals[:, 1:])
    np.testing.assert_allclose(lacking.marginals[5:-5, 0], lacking.grid[5:-5], atol=0.1)
    with pytest.raises(DataError, match="none of them is a parameter"):
        InformedPrior.of(("no.such",), np.zeros((3, 1)), "made")


# ----------------------------------------------------------------------------------------------------------- world


def test_runs_of_a_data_world_have_its_facilities_quarters_gaps_and_joiners(world, folder):
    values = default_row(Parameters)[None]
    seen = world.each(values, np.array([5]), 1, lambda scores: scores)[0]

    assert seen.shape == world.panel.scores.shape == (48, 12)
    np.testing.assert_array_equal(np.isnan(seen), np.isnan(world.panel.scores))
    assert np.nanmin(seen) >= 0 and np.nanmax(seen) <= 100
    assert world.world.setting.month["known_joins"].all()
    with (folder / "joined.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == int((world.panel.joined != NEVER).sum()) > 0
    assert "levels" not in world.scenario.data


def test_facilities_join_in_the_months_on_file_when_the_history_is_imposed(world):
    setting, parameters = world.world.setting, parameter_sets(Parameters, default_row(Parameters)[None])[0]
    buffers = Buffers.of(setting, recording_of(setting), ("rounds",))
    months = buffers.run(world.levers, (world.scenario.structure, parameters, noise_key(1, 4, 0))).joined

    np.testing.assert_array_equal(months, setting.facility["joined"])
    np.testing.assert_array_equal(months >= 0, world.panel.joined != NEVER)


def test_a_made_country_moves_after_joining_as_the_model_does_when_its_history_is_imposed():
    values, register = default_row(Parameters), small_register(12, 6)
    places = []
    for seed in range(6):
        with TemporaryDirectory() as place:
            made = DataWorld.of(write_country(make_country(values, seed, register), Path(place) / "data"), workers=1)
            places.append(compare_joining(made, np.tile(values, (30, 1))).overall.place)

    assert 0.1 < np.mean(places) < 0.9


def test_equal_streams_give_equal_runs_and_others_do_not(world, prior):
    model = [not name.startswith("observation.") for name in prior.parameters]
    values = prior.quantile(CubePoints(len(prior.parameters), 4).next(3))[:, model]

    first = world.summaries(values, np.arange(3), seed=1)
    np.testing.assert_array_equal(first, world.summaries(values, np.arange(3), seed=1))
    assert not np.array_equal(first, world.summaries(values, np.arange(3) + 7, seed=1))


def test_scores_before_the_scenario_are_refused(world):
    early = dataclasses.replace(world.folder, quarters=tuple(f"{int(name[:4]) - 10}{name[4:]}" for name
                                                             in world.folder.quarters))

    with pytest.raises(DataError, match="where the scenario begins"):
        DataWorld.of(early)


# ---------------------------------------------------------------------------------------------------------- update


def test_the_error_of_a_target_leaves_out_the_chance_that_runs_show_but_never_all_of_it():
    found = Found(np.full(len(KEYS), 1.0), np.full(len(KEYS), 3.0), 9)
    chance = dict.fromkeys(KEYS, 0.0) | {KEYS[1]: 2.0, KEYS[2]: 10.0}
    del chance[KEYS[3]]

    aims = {aim.key: aim for aim in aims_of(found, chance, 0.0)}

    assert aims[KEYS[0]].sd == 3.0
    assert aims[KEYS[1]].sd == pytest.approx(np.sqrt(5.0))
    assert aims[KEYS[2]].sd == pytest.approx(1.0)
    assert KEYS[3] not in aims


def test_an_update_finds_the_noise_of_the_assessment_that_the_scores_were_made_with(updated):
    place = updated.prior.parameters.index("assessment.noise")
    truth = default_row(Parameters)[place]
    before = updated.prior.quantile(CubePoints(len(updated.prior.parameters), 1).next(1000))[:, place]
    after = updated.values(1000)[:, place]

    assert after.std() < 0.4 * before.std()
    assert abs(after.mean() - truth) < 3 * after.std()
    rows = {row.parameter: row for row in taught(updated)}
    assert rows["assessment.noise"].new
    assert rows["assessment.noise"].contraction > 0.7
    assert len(rows) == len(parameter_names())


@pytest.mark.slow
def test_data_that_contradict_the_posterior_are_named_with_what_they_are_tied_to(world, prior):
    found = observed_summaries(world.panel)
    values = found.values.copy()
    values[KEYS.index("scatter")] = 40.0
    odd = update(world, prior, effort=LIGHT, discrepancy=0.0, found=dataclasses.replace(found, values=values))

    row = {one.summary: one for one in judged(odd)}["scatter"]
    assert row.conflict == "strong"
    assert row.tied[0].startswith("assessment.noise (+")
    assert row.missed


def test_an_interrupted_update_goes_on_where_it_was_and_ends_the_same(world, prior, updated, tmp_path):
    class StopError(Exception):
        pass

    def stop(part, done, _total):
        if part == "Bank" and done >= 256:
            raise StopError

    store, told = open_store(tmp_path), []
    with pytest.raises(StopError), store.used():
        update(world, prior, effort=LIGHT, discrepancy=0.0, store=store, progress=stop)
    assert contents(tmp_path).runs == {store.made: 256 + 128}, "half of the bank, and the runs that show chance"
    store = open_store(tmp_path)
    again = update(world, prior, effort=LIGHT, discrepancy=0.0, store=store, progress=lambda *how: told.append(how))

    assert told[:2] == [("Bank", 256, 512), ("Bank", 512, 512)]
    np.testing.assert_array_equal(again.values(50), updated.values(50))


def test_the_effect_of_joining_in_runs_of_the_model_is_computed_as_in_the_data(world):
    country = dataclasses.replace(world, panel=dataclasses.replace(
        world.panel, scores=world.each(default_row(Parameters)[None], np.array([9]), 1, lambda scores: scores)[0]))
    found = compare_joining(country, np.tile(default_row(Parameters), (40, 1)))

    assert found.overall is not None and found.runs == 40
    assert found.overall.low < found.overall.middle < found.overall.high
    assert 0.0 < found.overall.place < 1.0
    assert [row.quarter for row in found.rows] == found.observed.places


# ------------------------------------------------------------------------------------------------------- command


def test_the_command_writes_a_posterior_that_draws_are_taken_from(folder, tmp_path, capsys):
    out = tmp_path / "taught"

    assert main(["calibrate", "--data", str(folder), "--runs", "200", "--quiet", "--workers", "1", "--out",
                 str(out)]) == 0

    said = capsys.readouterr().out
    assert "48 facilities in 8 districts" in said
    held = read_posterior(out / "posterior.npz")
    assert held.parameters == parameter_names() and held.values.shape == (1000, len(parameter_names()))
    facts = json.loads((out / "posterior.json").read_text(encoding="utf-8"))
    assert facts["prior"] == "the shipped posterior" and facts["last_quarter"] == "2021Q4"
    page = (out / "calibration.html").read_text(encoding="utf-8")
    assert "What these scores teach" in page and "Parallel paths" in page
    with (out / "taught.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(parameter_names())
    assert len(draws_from(out / "posterior.npz", 5)) == 5
    taken = draws_from(None, 5, data=folder)
    np.testing.assert_array_equal(taken.values, draws_from(out / "posterior.npz", 5).values)
    assert taken.notes and f"Commands with --data {folder} take this posterior from now on" in said
    (folder / "posterior.npz").unlink()


@pytest.mark.parametrize(("more", "said"), [
    (["--study", "x.toml"], "--study"), (["--runs", "3"], "200 to"), (["--discrepancy", "-1"], "--discrepancy"),
    (["--prior", "nowhere.npz"], "no posterior file")])
def test_options_that_do_not_fit_are_refused(folder, tmp_path, capsys, more, said):
    assert main(["calibrate", "--data", str(folder), "--quiet", "--out", str(tmp_path / "out"), *more]) == 2
    assert said in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*.npz"))


# ------------------------------------------------------------------------------------------------------ recovery


@pytest.mark.slow
def test_a_study_of_recovery_keeps_its_countries_and_says_how_often_intervals_hold_the_truth(tmp_path):
    register = small_register(6, 4)
    records = study(2, tmp_path, effort=Effort(runs=256, round_runs=0, batch=64), register=register, workers=1)
    again = study(2, tmp_path, effort=Effort(runs=256, round_runs=0, batch=64), register=register, workers=1)

    assert records == again
    rows = {row["what"]: row for row in coverage_rows(records, parameter_names())}
    assert 0.3 < rows["all parameters"]["inside_50"] < 0.75
    assert rows["all parameters"]["inside_50"] < rows["all parameters"]["inside_90"] <= 1.0
