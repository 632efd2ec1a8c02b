"""Sensitivity asked for in a study: from the file through the store to the page."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from qicsim.analysis.study_kinds import analyse_experiment, make_study
from qicsim.analysis.study_kinds import sensitivity as asked
from qicsim.analysis.study_kinds.emulated import emulator_of
from qicsim.analysis.study_kinds.ranking import ranking_rows
from qicsim.ground.errors import DataError, InputError, SettingError
from qicsim.ground.numbers import percent
from qicsim.runs.design import design_of
from qicsim.runs.draws import names, prior_draws, unit_points
from qicsim.runs.experiment import extend_experiment, open_experiment, run_experiment
from qicsim.runs.results import Results
from tests.analysis.known import (
    ISHIGAMI_FIRST,
    ISHIGAMI_SECOND,
    ISHIGAMI_SHAPLEY,
    ISHIGAMI_TOTAL,
    ISHIGAMI_VARIANCE,
    ishigami,
    noisy,
)
from tests.helpers import assert_khmer
from tests.runs.records import put
from tests.study_kinds.conftest import drawings, ids, khmer_page, names_of, report_of, values_of

THREE = ["pdsa.k_item", "fading.theta", "start.q0"]
YEARLY = {"indicators": ["true"], "every": "year"}


@pytest.fixture(scope="session")
def small(study_of):
    """Makes studies of a kind over three parameters in one scenario."""
    def make(kind="sobol", scenarios=("with.toml",), *, keep=None, draws=8, replicates=2, seed=1, source="prior",
             **settings):
        return study_of(scenarios, draws=draws, replicates=replicates, seed=seed, keep=keep or YEARLY,
                        analysis={"kind": kind, "parameters": THREE} | settings, **{"from": source})
    return make


def stored(study, folder, function, rows=slice(None)):
    """Results in whose store the runs have values of a function of the cube, (points,) to (points, replicates)."""
    design = design_of(study)
    values = function(asked.design_of(study, study.settings).points)
    runs = np.arange(design.runs)
    _, point, replicate = design.places(runs)
    there = np.isin(point, np.arange(len(values))[rows])
    put(folder, design, runs[there], values[point, replicate][there])
    return open_experiment(study, folder)


def index_of(table, name, at="2019"):
    """The estimates of an index at a time, in the order of factors."""
    return table.query("index == @name and time == @at")["estimate"].to_numpy()


def test_ishigami_s_indices_come_through_the_store_with_the_noise_taken_off(small, tmp_path):
    study = small(draws=1024, tolerance=0.2, second_order=True)
    share = 0.3
    found = analyse_experiment(stored(study, tmp_path, lambda u: noisy(
        ishigami(u), 2.0 * share / (1.0 - share) * ISHIGAMI_VARIANCE, 2)))
    table = pd.DataFrame(found.tables["indices"])

    assert index_of(table, "first") == pytest.approx(ISHIGAMI_FIRST, abs=0.12)
    assert index_of(table, "total") == pytest.approx(ISHIGAMI_TOTAL, abs=0.12)
    pairs = table.query("index == 'second' and time == '2019'").set_index("factor")["estimate"]
    assert pairs["pdsa.k_item x start.q0"] == pytest.approx(ISHIGAMI_SECOND, abs=0.2)
    assert table["noise"].to_numpy() == pytest.approx(share, abs=0.03)
    assert found.sentences[0].startswith("Mean true quality, 2019, is moved most by ")
    told = re.search(r"and ([\d.]+)% of that of the mean of 2 replicates, of which", found.sentences[0])
    assert float(told[1]) == pytest.approx(100.0 * share, abs=3.0)


def test_shapley_effects_and_pawn_know_what_matters(small, tmp_path):
    one = analyse_experiment(stored(small("shapley-effects", draws=256, tolerance=0.2), tmp_path / "a",
                                    lambda u: noisy(ishigami(u), 0.0, 2)))
    assert index_of(pd.DataFrame(one.tables["indices"]), "shapley") == pytest.approx(ISHIGAMI_SHAPLEY, abs=0.16)
    found = analyse_experiment(stored(small("pawn", draws=512, tolerance=0.4), tmp_path / "pawn",
                                      lambda u: noisy(10.0 * u[:, 0] + u[:, 1], 0.1, 2)))
    values = index_of(pd.DataFrame(found.tables["indices"]), "pawn")
    assert values[0] > 2.0 * values[1:].max()
    assert found.sentences[0].count("(pdsa.k_item:") == 1
    assert "start.q0" not in found.sentences[0]


def test_the_model_itself_is_moved_by_where_it_starts(reported):
    found = reported(("with.toml",), draws=64, **{"from": "prior"}, keep={"indicators": ["ledger_initial"]},
                     analysis={"kind": "sobol", "parameters": ["start.q0", "accreditation.attention"],
                               "tolerance": 0.4})
    table = pd.read_csv(found.folder / "indices.csv")

    assert index_of(table, "total", "2019Q4") == pytest.approx([1.0, 0.0], abs=0.15)
    assert "(start.q0: " in found.findings.sentences[0]


# ------------------------------------------------------------------------------------------------- points and extending


@pytest.mark.parametrize(("kind", "fewer", "more"), [("sobol", 8, 16), ("screening", 4, 7), ("shapley-effects", 32, 41),
                                                     ("pawn", 200, 201)])
def test_a_longer_design_begins_with_the_shorter_one_and_a_block_shares_its_luck(small, kind, fewer, more):
    short, long = small(kind, draws=fewer).points(), small(kind, draws=more).points()

    assert np.array_equal(values_of(long)[:len(short)], values_of(short))
    assert np.array_equal(long.draw, np.repeat(np.arange(more), len(long) // more))
    if kind != "pawn":
        assert np.array_equal(small(kind, draws=more, luck="own").points().draw, np.arange(len(long)))


def test_extending_reuses_every_run_and_equals_a_fresh_larger_design(small, tmp_path):
    study = small(draws=8)
    before = run_experiment(study, tmp_path / "one", executor="serial")
    made = {path.name: path.read_bytes() for path in (tmp_path / "one" / "runs").glob("runs-*")}
    larger = extend_experiment(study, tmp_path / "one", draws=16)
    counted = []
    after = run_experiment(study, tmp_path / "one", executor="serial", progress=lambda done, _: counted.append(done))
    fresh = run_experiment(small(draws=16), tmp_path / "two", executor="serial")

    assert (larger.draws, before.design.runs, after.design.runs) == (16, 80, 160)
    assert counted[0] >= 80, "runs of the smaller design are not made again"
    assert len(after.store) == 160
    assert made
    assert made.items() <= {path.name: path.read_bytes() for path in (tmp_path / "one" / "runs").glob("runs-*")}.items()
    assert np.array_equal(after.values("true"), fresh.values("true"))
    assert analyse_experiment(after).tables == analyse_experiment(fresh).tables


def test_a_size_that_makes_no_design_cannot_be_extended_to(small, tmp_path):
    with pytest.raises(InputError, match="12 base points of a Sobol design. Allowed: a power of two"):
        extend_experiment(small(draws=8), tmp_path, draws=12)

    assert not (tmp_path / "size.json").exists()


def test_levers_are_set_to_their_values_from_a_month_on(small):
    study = small(draws=16, parameters=[], levers={"sessions": [0, 2], "schedule": ["none", "linear", "tiered"]},
                  **{"from": "2018-07"}, source="posterior")
    points = study.points()

    assert (points.levers, points.since) == (("sessions", "schedule"), "2018-07")
    assert set(points.settings[:, 0]) == {0.0, 2.0}
    assert len(set(points.settings[:, 1])) == 3
    assert np.ptp(values_of(points), axis=0).max() == 0.0, "parameters stay in their middle"


def test_parameters_go_over_the_posterior_or_the_prior(small):
    prior, posterior = (values_of(small(draws=64, source=source).points()) for source in ("prior", "posterior"))
    moved = np.ptp(posterior, axis=0) > 0

    assert moved.sum() == np.sum(np.ptp(prior, axis=0) > 0) == 3
    assert (posterior[:, moved].std(axis=0) != prior[:, moved].std(axis=0)).all()


def test_the_first_of_a_screening_are_taken(small, place):
    (place / "ranking.csv").write_text("rank,factor,verdict,where\n1,start.q0,matters,x\n2,sessions,matters,x\n"
                                       "3,luck.sigma,not decided,x\n4,pdsa.k_item,does not matter,x\n")
    study = small(parameters={"screening": "ranking.csv", "number": 2})

    assert [factor.name for factor in study.settings.factors] == ["start.q0", "luck.sigma"]


# ---------------------------------------------------------------------------------------------------- choices of design


def test_steps_that_share_their_luck_have_a_fraction_of_the_spread(small, tmp_path):
    """Levels of the small country under a screening; nationally 0.80 -> 0.09 to 0.18 (slow suite)."""
    spread = {}
    for luck in ("shared", "own"):
        study = small("screening", draws=24, parameters=["start.q0", "accreditation.attention"], luck=luck,
                      keep={"indicators": ["recorded"], "every": "year"})
        found = analyse_experiment(run_experiment(study, tmp_path / luck, executor="serial"))
        rows = found.record.outputs[0].values.reshape(24, 3, 2)  # noqa: PD011 an array's
        spread[luck] = np.sqrt((rows[:, 1:] - rows[:, :-1]).var(axis=2, ddof=1).mean())
        if luck == "shared":
            inert = [row for row in found.tables["indices"] if row["factor"] == "accreditation.attention"]
            assert {(row["estimate"], row["low"], row["high"]) for row in inert} == {(0.0, 0.0, 0.0)}

    assert spread["shared"] < 0.4 * spread["own"]


@pytest.mark.slow
def test_steps_on_national_levels_have_a_fraction_of_the_spread(tmp_path):
    """Recorded score of the nation in 2028: a step's effect has an SD of about 0.8 points under luck of its own."""
    spread = {}
    for luck in ("shared", "own"):
        study = make_study(["national-2030"], draws=12, replicates=2, until="2028-12",
                           keep={"indicators": ["recorded"], "every": "year"},
                           analysis={"kind": "screening", "luck": luck,
                                     "parameters": ["pdsa.k_item", "pdsa.spill", "peers.lambda_net"]})
        results = run_experiment(study, tmp_path / luck)
        rows = results.values("recorded", time="2028")[0, ..., 0, 0].reshape(12, 4, 2)
        spread[luck] = np.sqrt((rows[:, 1:] - rows[:, :-1]).var(axis=2, ddof=1).mean())
    print(spread)

    assert 0.6 < spread["own"] < 1.0
    assert spread["shared"] < 0.25


def test_a_dummy_an_inert_parameter_and_groups_stand_in_the_tables(small, tmp_path):
    """Nobody prepares for accreditation in the small country; a group has one index; the dummy has no rank."""
    study = small("screening", draws=8, dummy=True,
                  parameters=["start.q0", "pdsa.k_item", "accreditation.attention", "fading.theta"],
                  groups={"learning": ["pdsa.k_item", "fading.theta"]})
    found = analyse_experiment(run_experiment(study, tmp_path, executor="serial"))
    table = pd.DataFrame(found.tables["indices"]).query("index == 'mu_star'").set_index("factor")

    assert set(table.index) == {"start.q0", "learning", "accreditation.attention", "dummy"}
    inert = table.loc[["accreditation.attention", "dummy"], ["estimate", "low", "high"]]
    assert inert.to_numpy().tolist() == [[0.0] * 3] * 2
    assert table.loc["start.q0", "low"] > 0.0
    assert [row["factor"] for row in found.tables["ranking"]].count("dummy") == 0
    assert found.record.meanings["learning"] == "pdsa.k_item, fading.theta together"
    assert "over 4 factors (their priors, each by itself)" in found.sentences[-1]


def test_the_rank_correlations_of_a_posterior_are_kept_on_request(small, place):
    rng = np.random.default_rng(1)
    own = values_of(prior_draws(1000, 1)).copy()
    first, second = (list(names()).index(name) for name in THREE[:2])
    order = np.argsort(np.argsort(own[:, first] + 0.3 * own[:, first].std() * rng.standard_normal(1000)))
    own[:, second] = np.sort(own[:, second])[order]
    np.savez(place / "bent.npz", parameters=np.array(names()), values=own, provenance=np.array("{}"))
    rho = spearmanr(own[:, first], own[:, second]).statistic
    alone, together = (values_of(small("pawn", draws=1024, source="bent.npz", correlated=correlated).points())
                       for correlated in (False, True))

    assert rho > 0.9
    assert spearmanr(together[:, first], together[:, second]).statistic == pytest.approx(rho, abs=0.02)
    assert abs(spearmanr(alone[:, first], alone[:, second]).statistic) < 0.05
    ends = [np.quantile(rows[:, second], [0.1, 0.5, 0.9]) for rows in (alone, together)]
    assert ends[0] == pytest.approx(ends[1], rel=0.03), "marginals stay"
    for kind, draws in (("sobol", 8), ("shapley-effects", 8)):
        rows = values_of(small(kind, draws=draws, source="bent.npz", correlated=True).points())
        assert len(rows) == draws * (8 if kind == "sobol" else 4)


def test_factors_are_looked_at_within_a_condition(small, tmp_path):
    """Above 60 it is the second factor alone that moves the output."""
    study = small("pawn", draws=1024, within={"indicator": "true", "above": 60.0})
    found = analyse_experiment(stored(study, tmp_path, lambda u: noisy(
        np.where(u[:, 0] < 0.5, 50.0 + u[:, 0], 62.0 + 10.0 * u[:, 1]), 0.0, 2)))
    table = pd.DataFrame(found.tables["indices"])

    assert found.sentences[0].startswith("Mean true quality, 2019, where true above 60, is moved most by ")
    assert "fading.theta" in found.sentences[0] and "pdsa.k_item" not in found.sentences[0]
    assert set(table["points"]) == {512}
    none = small("pawn", draws=1024, within={"indicator": "true", "above": 99.0})
    said = analyse_experiment(stored(none, tmp_path, lambda u: noisy(50.0 + u[:, 0], 0.0, 2)))
    assert "only 0 points, too few to say anything (200 or more)" in said.sentences[0]


def test_a_latin_hypercube_has_any_size(small):
    study = small("sobol", draws=12, sample="latin-hypercube")

    assert len(study.points()) == 12 * 5


def test_a_lever_that_is_set_in_both_scenarios_is_said_to_be(small, tmp_path):
    study = small("screening", ("without.toml", "with.toml"), draws=4, levers={"sessions": [0, 2]},
                  **{"from": "2018-07"}, source="prior")
    found = report_of(run_experiment(study, tmp_path, executor="serial"), tmp_path)

    said = "Sessions: a lever is set to the same value in both scenarios of a difference"
    assert any(sentence.startswith(said) for sentence in found.findings.sentences)
    assert said in found.page


# ----------------------------------------------------------------------------------------------- what is not converged


def test_what_is_not_converged_is_given_with_its_flag_and_advice_is_given(small, tmp_path):
    found = report_of(stored(small(draws=32), tmp_path, lambda u: noisy(ishigami(u), 1.0, 2)), tmp_path)
    table = pd.read_csv(tmp_path / "indices.csv")
    record = found.findings.record

    lacking = table["verdict"] == "not converged"
    assert lacking.sum() > 0
    assert table[["estimate", "low", "high"]].notna().to_numpy().all()
    assert record.advised > 32
    assert record.advised & (record.advised - 1) == 0
    assert f"--draws {record.advised}" in found.findings.notes[0]
    assert f"--draws {record.advised}" in found.page
    assert "not converged: wide interval" in found.page
    assert "may be as strong as the first" in found.findings.sentences[0]
    total = record.results[0].index("total")
    for value, sure in zip(total.estimate[:, -1], total.converged[:, -1], strict=True):
        assert f"{value:.3f} (" in found.page
        assert sure or re.search(rf"{value:.3f} \([^)]*\)\u00a0~", found.page)


@pytest.mark.parametrize("seed", range(1, 6))
def test_sentences_do_not_contradict_each_other(small, tmp_path, seed):
    """What matters at the last time is named there, however wide the intervals are."""
    study = small("screening", draws=6, seed=seed, tolerance=0.01)
    found = analyse_experiment(stored(study, tmp_path, lambda u: noisy(ishigami(u), 4.0, 2, seed)))
    matter = [row["factor"] for row in found.tables["ranking"] if row["verdict"] == "matters"]

    assert f"Of 3 factors {len(matter)} matter" in found.sentences[0]
    assert ("no factor is known to move it" in found.sentences[1]) <= (not matter)
    assert all(f"({name}: " in found.sentences[1] for name in matter)


def test_the_advised_size_is_enough(small, tmp_path):
    short = analyse_experiment(stored(small(draws=64, tolerance=0.1), tmp_path / "a",
                                      lambda u: noisy(ishigami(u), 0.0, 2)))
    long = analyse_experiment(stored(small(draws=short.record.advised, tolerance=0.1), tmp_path / "b",
                                     lambda u: noisy(ishigami(u), 0.0, 2)))

    assert short.record.advised > 64
    assert long.record.results[0].converged
    assert long.notes == ()


def test_blocks_with_a_missing_run_are_left_out(small, tmp_path):
    study = small("screening", draws=8, tolerance=0.5)
    gap = np.delete(np.arange(8 * 4), 4 * 5 + 1)
    found = analyse_experiment(stored(study, tmp_path / "gap", lambda u: noisy(u[:, 0], 0.0, 2), gap))
    design = asked.design_of(study, study.settings)

    assert found.record.results[0].design.n == 7
    assert np.array_equal(found.record.results[0].design.points[20:], design.points[24:])
    assert found.notes[0].startswith("7 of 8 trajectories are complete with 2 of 2 replicates")
    with pytest.raises(SettingError, match="3 trajectories are complete"):
        analyse_experiment(stored(study, tmp_path / "few", lambda u: noisy(u[:, 0], 0.0, 2), np.arange(12)))


def test_times_at_which_a_run_has_no_value_are_left_out(small, place, tmp_path):
    (place / "later.toml").write_text((place / "without.toml").read_text()
                                      + '\n[[change]]\nfrom = "2018-10"\nrecruiting = true\n')
    study = small("screening", ("later.toml",), draws=4, times="all", tolerance=0.9,
                  keep={"indicators": ["true"], "groups": ["ever"]})
    results = run_experiment(study, tmp_path, executor="serial")
    values = results.values("true", "ever")[..., 0]
    there = np.isfinite(values).all(axis=(0, 1, 2))
    found = analyse_experiment(results)

    assert 0 < there.sum() < 8
    assert found.record.outputs[0].times == tuple(np.array(results.times("true"))[there])
    assert found.notes[0].startswith(
        "Mean true quality (facilities that ever joined): not every run has a value at 2018Q1")


def test_an_output_that_does_not_vary_is_said_to_have_nothing_to_explain(small, tmp_path):
    found = analyse_experiment(stored(small(), tmp_path, lambda u: noisy(np.ones(len(u)), 0.0, 2)))

    assert found.sentences[0] == "Mean true quality, 2019: no factor moves it."
    assert {row["verdict"] for row in found.tables["indices"]} == {"output does not vary"}


def test_with_one_replicate_the_noise_is_said_to_be_unknown(small, tmp_path):
    found = analyse_experiment(stored(small(replicates=1), tmp_path, lambda u: noisy(ishigami(u), 0.0, 1)))

    assert "With one replicate the share of simulation noise is unknown" in found.sentences[0]


def test_a_factor_below_the_noise_is_not_said_to_matter(small, tmp_path):
    found = analyse_experiment(stored(small("screening", draws=64, tolerance=0.9), tmp_path,
                                      lambda u: noisy(10.0 * u[:, 0] + 0.2 * u[:, 1], 8.0, 2)))
    rows = found.tables["ranking"]

    assert (rows[0]["factor"], rows[0]["verdict"]) == ("pdsa.k_item", "matters")
    assert {row["verdict"] for row in rows[1:]} <= {"not decided", "does not matter"}
    assert "Of 3 factors 1 matter for some output" in found.sentences[0]
    assert ranking_rows(found.record.results, {"true": ("2019",)}) == rows


def test_without_noise_a_screening_decides(small, tmp_path):
    found = analyse_experiment(stored(small("screening", draws=16), tmp_path,
                                      lambda u: noisy(10.0 * u[:, 0] + 0.2 * u[:, 1], 0.0, 2)))

    assert [row["verdict"] for row in found.tables["ranking"]] == ["matters", "does not matter", "does not matter"]


# ------------------------------------------------------------------------------------------------------------ the page


@pytest.fixture(scope="module")
def page(reported):
    return reported(("without.toml", "with.toml"), draws=8, **{"from": "prior"},
                    keep={"indicators": ["true", "recorded"], "every": "year"},
                    analysis={"kind": "screening", "parameters": THREE, "times": "all", "tolerance": 0.6})


def test_of_several_scenarios_the_paired_difference_is_analysed(page):
    found = page.findings.record.outputs[0]
    values = page.results.values("true")[..., 0]

    assert found.label == "true, with minus without"
    assert np.array_equal(found.values, values[1] - values[0])


def test_the_page_has_every_figure_with_its_data(page):
    assert [path.name for path in page.files] == ["report.html", "indices.csv", "ranking.csv"]
    assert len(drawings(page.page)) == 2 + 2 + 2
    for key in ("figure-indices", "figure-over-time", "figure-plane"):
        assert key in ids(page.page)
    assert len(ids(page.page)) == len(set(ids(page.page)))
    assert "n = 8 trajectories, 32 points x 2 replicates" in page.page
    assert "noise of the simulation" in page.page
    assert "confidence interval" in page.page


@pytest.mark.parametrize(("kind", "draws", "words"), [
    ("sobol", 64, "first index with its interval"), ("shapley-effects", 64, "add up to 1"),
    ("pawn", 200, "median distance between the output")])
def test_every_form_of_design_has_a_page(small, tmp_path, kind, draws, words):
    study = small(kind, draws=draws, tolerance=0.6, **({"second_order": True} if kind == "sobol" else {}))
    found = report_of(stored(study, tmp_path, lambda u: noisy(u @ [5.0, 3.0, 2.0], 0.01, 2)), tmp_path)

    assert len(drawings(found.page)) == 1
    assert words in found.page
    assert ("Second-order indices" in found.page) == (kind == "sobol")
    assert "(pdsa.k_item: " in found.findings.sentences[0]


def test_numbers_of_the_sentences_are_those_of_the_table(small, tmp_path):
    study = small("screening", draws=32, tolerance=0.9)
    found = report_of(stored(study, tmp_path, lambda u: noisy(u @ [5.0, 3.0, 2.0], 0.01, 2)), tmp_path)
    table = pd.read_csv(tmp_path / "indices.csv")
    shown = table[(table["index"] == "mu_star") & (table["time"].astype(str) == "2019")]

    assert len(shown) == 3
    for row in shown.itertuples():
        assert f"({row.factor}: {row.estimate:.2f}, {row.low:.2f} to {row.high:.2f})" in found.page


# ------------------------------------------------------------------------------------------------------------- settings


def test_every_fault_of_the_settings_is_said_at_once(study_of):
    wrong = {"parameters": ["pdsa.kitem", "luck.sigma", "luck.sigma"], "levers": {"coach": [1, 2], "coaches": [1],
             "schedule": ["none", "linaer"]}, "indicators": ["recordd"], "times": ["2031Q9"], "tolerance": 2, "tol": 1,
             "luck": "min", "sample": "lhs", "dummy": 1, "groups": {"one": ["luck.sigma"]}, "correlated": True,
             "within": {"indicator": "true", "above": 1}}
    with pytest.raises(DataError) as caught:
        study_of(("with.toml",), draws=12, analysis={"kind": "sobol", **wrong})
    told = str(caught.value)

    for part in ('"pdsa.kitem" is not a parameter. Did you mean "pdsa.k_item"?', '"luck.sigma" is there more than once',
                 '"coach" is not a lever. Did you mean "coaches"?', "coaches: a list is nothing to choose from",
                 'Did you mean "linear"?', "[analysis] from: is missing", 'Did you mean "recorded"?', "2031Q9",
                 "tolerance: 2 is out of range", '"tol" is not known', "a power of two", "[analysis] luck",
                 "shared, own", "latin-hypercube", "[analysis] dummy", "lists of two factors or more",
                 "their priors are independent",
                 'within: is not for "sobol". Allowed: "pawn"'):
        assert part in told, part
    assert len(caught.value.faults) == 18


@pytest.mark.parametrize(("tables", "words"), [
    ({"from": "defaults"}, '"defaults" leaves parameters nowhere to go'),
    ({"analysis": {"kind": "screening", "parameters": []}}, "there is nothing to vary"),
    ({"analysis": {"kind": "screening", "second_order": True}}, 'second_order: is not for "screening"'),
    ({"analysis": {"kind": "screening", "correlated": True}}, 'correlated: is not for "screening"'),
    ({"analysis": {"kind": "delta"}}, '"pawn" compares whole distributions'),
    ({"analysis": {"kind": "screening", "groups": {"all": ["luck.sigma", "luck.sigm"]}}}, '"luck.sigm" is not varied'),
    ({"analysis": {"kind": "screening", "groups": {"luck.sigma": ["luck.sigma", "start.q0"]}}}, "name of a factor"),
    ({"draws": 256, "analysis": {"kind": "pawn", "within": {"indicator": "true"}}}, "is no condition"),
    ({"draws": 256, "analysis": {"kind": "pawn", "within": {"indicator": "true", "above": 5, "below": 1}}},
     "nothing is above 5 and below 1"),
    ({"analysis": {"kind": "screening", "from": "2018-01"}}, "is there without levers"),
    ({"analysis": {"kind": "screening", "parameters": {"screening": "none.csv", "number": 2}}}, "cannot be read"),
    ({"analysis": {"kind": "shapley-effects"}, "draws": 4}, "4 trajectories. Allowed: 8 or more"),
    ({"analysis": {"kind": "pawn"}}, "16 points. Allowed: 200 or more"),
    ({"keep": {"detail": "province"}, "analysis": {"kind": "screening"}}, '"province" is not analysed'),
    ({"seed": 0}, "seed"),
])
def test_what_cannot_be_analysed_is_refused(study_of, tables, words):
    settings = {"from": "prior", "draws": 16, "analysis": {"kind": "screening"}} | tables
    with pytest.raises(DataError) as caught:
        study_of(("with.toml",), **settings)

    assert words in str(caught.value)


def test_a_parameter_that_a_scenario_fixes_is_not_varied(study_of, place):
    text = (place / "with.toml").read_text() + '\n[parameters]\n"luck.sigma" = 0.5\n'
    (place / "fixed.toml").write_text(text)
    every = study_of(("fixed.toml",), draws=4, analysis={"kind": "screening"})

    assert "luck.sigma" not in {factor.name for factor in every.settings.factors}
    with pytest.raises(DataError, match='"luck.sigma" cannot be varied'):
        study_of(("fixed.toml",), draws=4, analysis={"kind": "screening", "parameters": ["luck.sigma"]})


def test_results_are_as_the_engine_has_them(small, tmp_path):
    results = run_experiment(small(draws=4), tmp_path, executor="serial")

    assert isinstance(results, Results)
    assert json.dumps(analyse_experiment(results).tables["indices"])


# -------------------------------------------------------------------------------------------------------- emulator


@pytest.fixture(scope="module")
def emulated(small, tmp_path_factory):
    """The report of an emulator of a function whose indices are known, with noise, and something observed of it."""
    folder = tmp_path_factory.mktemp("emulated")
    study = small("emulator", draws=300, tolerance=0.2, match={"true": [9.0, 0.5]})
    return report_of(stored(study, folder, lambda u: noisy(ishigami(u), 0.2 * ISHIGAMI_VARIANCE, 2)), folder)


def test_an_emulator_of_300_points_knows_the_indices_and_says_how_well_it_does(emulated):
    tables = {name: pd.DataFrame(rows) for name, rows in emulated.findings.tables.items()}
    check = tables["emulator"].query("time == '2019'").iloc[0]

    assert index_of(tables["indices"], "first") == pytest.approx(ISHIGAMI_FIRST, abs=0.06)
    assert index_of(tables["indices"], "total") == pytest.approx(ISHIGAMI_TOTAL, abs=0.06)
    assert check["held_out"] == 60 and check["explained"] > 0.85
    assert check["luck"] == pytest.approx(np.sqrt(0.1 * ISHIGAMI_VARIANCE), rel=0.15)
    assert emulated.findings.sentences[2].endswith("of them lie within its interval of 90\u00a0%.")


def test_history_matching_leaves_the_points_at_which_the_function_is_what_was_seen(emulated):
    emulator, matched = emulated.findings.record.emulator, pd.DataFrame(emulated.findings.tables["matching"])

    found = emulator.match({"true, 2019": (9.0, 0.5)})
    reach = 3.0 * np.sqrt(0.5**2 + 0.2 * ISHIGAMI_VARIANCE)  # of what was seen, and of the luck of one history
    tried = unit_points(16384, 3, 1)
    truly, kept = np.abs(ishigami(tried) - 9.0) < reach, np.isin(tried[:, 0], found.points[:, 0])

    assert kept[truly].mean() > 0.98  # the emulator rules out hardly anything that is possible
    assert 0.4 < truly.mean() < found.share < 0.65
    assert emulated.findings.sentences[0].startswith(
        f"{percent(found.share, 1)} of the points are not implausible given mean true quality")
    assert matched["left_of_range"].min() < 0.95 and list(matched["factor"]) == THREE


def test_the_page_of_an_emulator_shows_its_error_and_what_is_left(emulated):
    assert "The emulator at 60 points that it had not seen (emulator.csv)" in emulated.page
    assert "What observations leave of each factor (matching.csv)" in emulated.page
    assert len(drawings(emulated.page)) == 1


def test_the_emulator_of_a_study_of_another_kind_is_refused(small, tmp_path):
    with pytest.raises(SettingError, match="has no points for an emulator"):
        emulator_of(stored(small("screening", draws=8), tmp_path, lambda u: noisy(ishigami(u), 0.0, 2)))


@pytest.mark.parametrize(("settings", "message"), [
    ({"draws": 100}, "draws: 100 points. Allowed: 200 to 2,000."),
    ({"draws": 2001}, "draws: 2001 points. Allowed: 200 to 2,000."),
    ({"draws": 200, "match": 3}, "match: 3 is no table"),
    ({"draws": 200, "match": {"true": [62.0]}}, "match, true: a list is no observation"),
    ({"draws": 200, "match": {"true": [62.0, 0.0]}}, "Allowed: a value and a standard deviation above 0."),
    ({"draws": 200, "match": {"tru": [62.0, 3.0]}}, 'Did you mean "true"?'),
    ({"draws": 200, "luck": "own"}, 'luck: is not for "emulator"'),
])
def test_what_an_emulator_cannot_use_is_refused(small, settings, message):
    with pytest.raises(DataError, match=re.escape(message)):
        small("emulator", **settings)


def test_the_page_is_in_khmer(page):
    assert_khmer(khmer_page(page), names_of(page))


def test_the_page_of_an_emulator_is_in_khmer(emulated):
    assert_khmer(khmer_page(emulated), names_of(emulated))
