"""Effects held against trials: designs of studies, weights of rows, simulated trials, the command, and what ships."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from qicsim.estimate.anchor import anchored, proof
from qicsim.estimate.anchor.anchored import ALTERNATIVES, Anchored, anchor, effect_parameters, joined, settings
from qicsim.estimate.anchor.designs import Design, at_reference, design_of, ratio_of
from qicsim.estimate.anchor.proof import QUANTITIES, errors_by_month, prove
from qicsim.estimate.anchor.reference_trial import (
    EFFICACY,
    MONTHS,
    REFERENCE,
    REFERENCE_MONTH,
    SPREAD,
    Arm,
    ReferenceTrial,
    Trials,
    in_setting,
)
from qicsim.estimate.anchor.weights import equal_rows, score_of, weigh, weighted_quantiles
from qicsim.estimate.evidence.rules import readings, rule_named
from qicsim.estimate.evidence.summary import fitted
from qicsim.estimate.evidence.synthesis import QUANTILES
from qicsim.estimate.evidence.trials import read_trials
from qicsim.ground.files import shipped_path
from qicsim.report.anchor import FILES, PROOF, answer, calibrated, write_anchor
from qicsim.runs.draws import default_draw, names
from qicsim.runs.modules import EFFECTS
from qicsim.runs.posterior import read_posterior
from qicsim.runs.shared_store import open_store
from tests.helpers import typed

RUNS, CHECKS, NATIONAL = 96, 8, 2
TRIALS = {trial.key: trial for trial in read_trials()}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def made(store) -> Anchored:
    """Effects from a small bank: good for what must hold of any bank, and for no number."""
    return small(store)


def small(store, **options) -> Anchored:
    return anchor(store, runs=RUNS, checks=CHECKS, national_rows=NATIONAL, **options)


# ---------------------------------------------------------------------------------------------------------- designs


def test_a_study_is_simulated_with_its_own_month_dose_and_end_of_support():
    assert design_of(TRIALS["suthi_za"]) == Design("suthi_za", 18.0, Arm(1.4, REFERENCE.support_months), ())
    assert design_of(TRIALS["betterbirth"]) == Design("betterbirth", 12.0, Arm(3.0, 8), ("dose",))


def test_what_a_study_does_not_say_is_assumed_and_named():
    unsaid = ("month", "dose", "end of support")

    assert design_of(TRIALS["scsl_in"]) == Design("scsl_in", REFERENCE_MONTH, REFERENCE, unsaid)


def flat(topic) -> Trials:
    """Trials whose effect is the same in every month."""
    effect = np.repeat(np.asarray(topic, float)[:, None], len(MONTHS), axis=1)
    return Trials(effect, effect, effect, effect, np.full(len(effect), 49.0))


def test_the_ratio_of_a_design_compares_the_rates_at_which_gaps_close_in_rows_that_work():
    """Half of the gap against a quarter: log(1/2) / log(3/4). The row without effect has no ratio."""
    assert ratio_of(design_of(TRIALS["suthi_za"]), flat([25.5, 25.5, 0.0]), flat([12.75, 12.75, 0.0])) == pytest.approx(
        np.log(0.5) / np.log(0.75))
    assert np.isnan(ratio_of(design_of(TRIALS["suthi_za"]), flat([0.0]), flat([0.0])))


def test_a_reading_between_months_lies_on_the_line():
    trials = flat([10.0])._replace(topic=np.arange(1.0, 1.0 + len(MONTHS))[None, :])

    assert trials.at(MONTHS[0]) == 1.0
    assert trials.at(MONTHS[0] / 3.0) == pytest.approx(1.0 / 3.0)
    assert trials.at((MONTHS[3] + MONTHS[4]) / 2.0) == 4.5
    assert trials.at(240.0) == trials.at(MONTHS[-1]) == len(MONTHS)


def test_a_design_like_the_reference_leaves_effects_alone_and_no_gap_is_closed_twice():
    found = readings(rule_named("G"), tuple(TRIALS.values()))
    same = at_reference(found, np.ones(len(found.trials)))
    faster = at_reference(found, np.full(len(found.trials), 0.5))

    assert np.allclose(same.effect, found.effect)
    assert np.allclose(same.error, found.error)
    assert np.all(faster.effect < 51.0)
    assert np.all(np.sign(faster.effect) * (faster.effect - found.effect) > 0.0)
    assert np.allclose(faster.error / faster.effect, found.error / found.effect)


# ---------------------------------------------------------------------------------------------------------- weights


def prediction():
    return fitted(readings(rule_named("G"), tuple(TRIALS.values()))).spike


def worlds(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with two parameters of effects and noise of their own: log y = 2 + x0 + 0.3 noise; a fifth does nothing."""
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(n, 2))
    works = dice.random(n) > 0.2
    return rows, effect_of(rows, dice) * works, works


def effect_of(rows, dice):
    return np.minimum(np.exp(2.0 + rows[:, 0] + 0.3 * dice.normal(size=len(rows))), 45.0)


def test_weighted_rows_simulated_again_find_what_was_predicted_noise_counted_once():
    rows, effect, works = worlds(20_000, 1)
    found, wanted = weigh(rows, effect, works, prediction()), prediction()

    assert found.got == pytest.approx(np.maximum(wanted.quantile(np.array(QUANTILES)), 0.0), abs=0.5)
    dice = np.random.default_rng(2)
    chosen = equal_rows(found.weights, 40_000)
    again = effect_of(rows[chosen], dice) * works[chosen]
    assert np.quantile(again, QUANTILES) == pytest.approx(found.wanted, abs=0.6)
    assert (again < 1.0).mean() == pytest.approx(wanted.little, abs=0.02)


def test_weights_depend_on_parameters_of_effects_alone():
    """Rows that share them share a weight, however their trials came out."""
    rows, effect, works = worlds(4000, 3)
    found = weigh(rows, effect, works, prediction())
    order = np.argsort(score_of(rows[works], effect[works]))

    assert len(np.unique(np.round(found.weights[works], 12))) <= 48
    steps = np.flatnonzero(np.diff(found.weights[works][order]))
    assert len(steps) <= 47
    assert np.ptp(found.weights[~works]) == 0.0
    assert found.weights[~works].sum() == pytest.approx(prediction().nothing)
    assert found.effective == pytest.approx(1.0 / (found.weights**2).sum())


def test_equal_rows_come_as_often_as_their_weights_say():
    weights = np.array([0.1, 0.0, 0.45, 0.45])

    assert np.bincount(equal_rows(weights, 20), minlength=4).tolist() == [2, 0, 9, 9]
    assert weighted_quantiles(np.array([3.0, 1.0, 2.0, 0.0]), weights, np.array([0.1, 0.5, 0.95])).tolist() == [0, 2, 3]


# ----------------------------------------------------------------------------------------------------- simulated trials


def test_rows_without_efficacy_find_nothing_and_the_topics_start_where_the_synthesis_takes_them_to(made):
    null = made.prior[:, made.parameters.index(EFFICACY)] == 0.0

    assert np.abs(made.bank.topic[null]).max() < 0.7  # motivation and leniency move money, and money moves care
    assert np.abs(made.bank.topic[null]).mean() < 0.2
    assert made.bank.topic[~null, 3].mean() > 4.0
    assert made.bank.start.mean() == pytest.approx(49.0, abs=1.5)


def test_efficacy_and_support_carry_the_effect_and_a_setting_is_its_nation_times_its_own(store):
    """One row under three efficacies, and with coaching that ends after eight months."""
    trial = ReferenceTrial.of(store)
    rows = np.repeat(default_draw().values, 3, axis=0)
    rows[:, names().index(EFFICACY)] = [0.3, 0.6, 0.6]
    sd = rows[0, names().index(SPREAD)]
    z = np.array([0.5 * sd, 0.5 * sd, 0.5 * sd + np.log(0.5) / sd])  # the last one: half of the nation's

    found = trial.run(rows, z, seed=1).at(REFERENCE_MONTH)
    ended = trial.run(rows[:2], z[:2], seed=1, arm=Arm(support_months=8)).at(24)

    assert in_setting(rows, z)[:, names().index(EFFICACY)] == pytest.approx([0.3, 0.6, 0.3])
    assert found[0] < found[1]
    assert found[2] == pytest.approx(found[0], rel=0.1)  # the same but for the luck of another row
    assert np.all(ended < trial.run(rows[:2], z[:2], seed=1).at(24))


def test_trials_are_found_again_and_a_larger_bank_begins_with_the_smaller_one(store, made, monkeypatch):
    monkeypatch.setattr(ReferenceTrial, "_pair", lambda *_: pytest.fail("a trial was made again"))

    again = small(store)

    assert np.array_equal(again.bank.topic, made.bank.topic)
    bank = anchored.Bank.of(store, RUNS // 2)
    assert np.array_equal(bank.reference.topic, made.bank.topic[:RUNS // 2])


def test_a_study_that_is_struck_moves_the_effects_and_the_same_table_gives_the_same_bytes(store, made, tmp_path):
    def files(name, found):
        return {path.name: path.read_bytes() for path in write_anchor(found, tmp_path / name)}

    first = files("first", made)
    for key in ("betterbirth", "kenya_hosp"):
        struck = files(key, small(store, without=[key]))
        assert struck["effects.npz"] != first["effects.npz"]
        assert struck["effects-fit.csv"] != first["effects-fit.csv"]
    assert files("again", small(store)) == first
    assert set(first) == set(FILES)


def test_what_teams_measured_themselves_times_three_leaves_effects_of_trials_as_they_are(store, made):
    """Table 2 and other charts of teams, whose gains stand in the table for contrast."""
    louder = [replace(trial, effect_all_pp=min(3.0 * trial.effect_all_pp, 100.0)) if trial.measured == "self" else trial
              for trial in TRIALS.values()]
    again = {one.rule: one for one in small(store, trials=louder).anchors}

    assert sum(trial.measured == "self" for trial in louder) >= 5
    for one in made.anchors:
        same = one.drawn.tobytes() == again[one.rule].drawn.tobytes()
        assert same == (one.rule != "charts"), one.rule


def test_rows_are_a_posterior_file_of_the_parameters_of_effects(made, tmp_path):
    write_anchor(made, tmp_path)

    held = read_posterior(tmp_path / "effects.npz")
    assert held.parameters == effect_parameters()
    assert all(map(EFFECTS.owns, held.parameters))
    assert held.values.shape == (RUNS, len(held.parameters))
    facts = json.loads((tmp_path / "effects.json").read_text(encoding="utf-8"))
    assert facts == held.provenance
    assert facts["ratios"].keys() == {design.key for design in made.chosen.designs}
    assert np.array_equal(held.values, made.chosen.drawn)
    assert {json.loads((tmp_path / f"effects-{rule}.json").read_text(encoding="utf-8"))["rule"]
            for rule in ALTERNATIVES} == set(ALTERNATIVES)


def test_draws_join_rows_of_effects_with_the_prior_of_the_rest(made):
    rows = joined(made.chosen.drawn, 50, 1)
    own = rows[:, [names().index(name) for name in made.parameters]]

    assert all((made.chosen.drawn == row).all(axis=1).any() for row in own)
    assert len(np.unique(rows[:, names().index("start.q0")])) == 50


def test_the_words_say_the_effect_its_chance_the_designs_and_the_nation(made):
    text = "\n".join(answer(made))

    assert "points on the topic" in text
    assert "The chance of no effect is" in text
    assert "Under national-2030 teams gain" in text
    assert "betterbirth" in text
    assert "dose" in text
    assert f"of {RUNS} simulated trials count" in text


def test_a_nation_whose_trial_is_nothing_like_its_plan_is_told(made):
    weak = replace(made, national=replace(made.national, trial=made.national.plan / 0.5))
    strong = replace(made, national=replace(made.national, trial=made.national.plan))

    assert "no factor is applied" in "\n".join(answer(weak))
    assert "nothing here corrects it" in "\n".join(answer(strong))


# ------------------------------------------------------------------------------------------------------------ proof


def test_studies_of_one_month_are_one_reading_with_their_joint_error(made):
    errors = errors_by_month(made.chosen)
    by_month = {design.key: error for design, error in zip(made.chosen.designs, made.chosen.before.error, strict=True)}

    assert list(errors) == [6, 9, 12, 18, 24, 30]
    assert errors[24] == pytest.approx(by_month["mnh_tz"])
    assert errors[30]**-2 == pytest.approx(sum(by_month[key]**-2 for key in ("bhoma_zm", "equip_tz", "equip_ug")))


def test_the_proof_is_told_and_written(made, tmp_path, monkeypatch):
    monkeypatch.setattr(proof, "plan_gains", lambda values, **_: values[:, names().index("pdsa.efficacy")])

    found = prove(made, rows=64, truths=20)

    said = "\n".join(calibrated(found))
    assert f"{len(found.ranks.rows) + found.ranks.failed} truths" in said
    assert all(name in said for name in QUANTITIES) or not found.gate.verdicts
    files = write_anchor(made, tmp_path, found)
    assert files[-1].name == PROOF
    assert (tmp_path / PROOF).exists()
    assert not any(path.name == PROOF for path in write_anchor(made, tmp_path / "without"))


# ---------------------------------------------------------------------------------------------------------- command


def test_the_command_writes_rows_and_says_what_they_bring(made, tmp_path, monkeypatch):
    asked = {}

    def given(_, **options):
        asked.update(options)
        return made

    monkeypatch.setattr(anchored, "anchor", given)
    done = typed("anchor", "--runs", 300, "--without", "kenya_hosp", "--out", "out", "--no-store", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert (asked["runs"], list(asked["without"])) == (300, ["kenya_hosp"])
    assert "points on the topic" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")} >= set(FILES)


@pytest.mark.parametrize(("options", "said"), [
    (["--without", "betterbrith"], "betterbirth"), (["--runs", "10"], "200"), (["--rule", "G1"], "G")])
def test_what_cannot_be_used_is_told_in_a_line_before_anything_is_simulated(options, said, tmp_path):
    done = typed("anchor", *options, "--out", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


# --------------------------------------------------------------------------------------------------------- what ships

SHIPPED = shipped_path("calibration", "effects.npz")
needs_effects = pytest.mark.skipif(not SHIPPED.exists(), reason="no effects.npz is shipped: qicsim anchor makes it")
POINTS = {0.05: 2.0, 0.25: 1.0, 0.5: 1.0, 0.75: 1.0, 0.95: 2.0}
CHANCE, LITTLE = 0.05, 1.0


def fresh_effects(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects in fresh trials of the shipped rows, points (count,), and the quantiles that the studies predict."""
    held = read_posterior(SHIPPED)
    rows = joined(held.values, count, seed)
    found = ReferenceTrial.of(open_store()).run(rows, settings(count, seed), seed=seed).at(REFERENCE_MONTH)
    return found * (rows[:, names().index(EFFICACY)] > 0.0), np.array(held.provenance["wanted"])


@needs_effects
def test_the_studies_as_they_are_still_predict_what_the_shipped_effects_were_fitted_to():
    facts = read_posterior(SHIPPED).provenance
    found = readings(rule_named(facts["rule"]), tuple(TRIALS.values()))
    fit = fitted(at_reference(found, np.array([facts["ratios"][trial.key] for trial in found.trials])))

    assert np.maximum(fit.spike_quantiles, 0.0) == pytest.approx(facts["wanted"], abs=1e-3)
    assert fit.spike.little == pytest.approx(facts["below_1"], abs=1e-3)


@needs_effects
def test_simulated_trials_of_the_shipped_effects_do_not_contradict_the_prediction():
    """256 trials: no quantile is off by more than allowed beyond what chance explains (one test in 200 each)."""
    effects, wanted = fresh_effects(256, 7)

    for share, level in zip(QUANTILES, wanted, strict=True):
        below, above = (int((effects < level - POINTS[share]).sum()), int((effects > level + POINTS[share]).sum()))
        assert stats.binom.sf(below - 1, len(effects), share) > 0.005, share
        assert stats.binom.sf(above - 1, len(effects), 1.0 - share) > 0.005, share
    expected = read_posterior(SHIPPED).provenance["below_1"]
    seen = int((effects < LITTLE).sum())
    assert stats.binom.sf(seen - 1, len(effects), min(expected + CHANCE, 1.0)) > 0.005
    assert stats.binom.cdf(seen, len(effects), expected - CHANCE) > 0.005


@needs_effects
def test_shipped_effects_can_be_nothing_as_often_as_the_studies_and_their_prior_say():
    held = read_posterior(SHIPPED)
    nothing = float(np.mean(held.values[:, held.parameters.index(EFFICACY)] == 0.0))

    assert nothing > 0.0
    assert nothing == pytest.approx(held.provenance["none"], abs=0.01)


def test_the_shipped_effects_come_with_their_simulation_based_calibration():
    rows = list(csv.DictReader(shipped_path("calibration", PROOF).read_text(encoding="utf-8").splitlines()))
    said = {row["quantity"] for row in rows}

    assert {*QUANTITIES, "log-likelihood", f"topic, {REFERENCE_MONTH} months"} <= said
    for row in rows:
        assert int(row["truths"]) + int(row["failed"]) == 500
        assert int(row["failed"]) <= 50
        assert float(row["ecdf_p"]) > 1e-3


@needs_effects
@pytest.mark.slow
def test_simulated_trials_of_the_shipped_effects_reproduce_the_prediction():
    effects, wanted = fresh_effects(4096, 11)

    found = np.quantile(effects, QUANTILES)
    for share, level, seen in zip(QUANTILES, wanted, found, strict=True):
        assert seen == pytest.approx(level, abs=POINTS[share]), share
    assert (effects < LITTLE).mean() == pytest.approx(read_posterior(SHIPPED).provenance["below_1"], abs=CHANCE)


def test_the_check_of_what_ships_would_notice_effects_that_are_a_third_too_large():
    """The allowance for chance in 256 trials, on effects drawn from the prediction itself and from too large ones."""
    wanted = prediction()
    effects = np.maximum(wanted.quantile((np.arange(256) + 0.5) / 256), 0.0)
    level = float(wanted.quantile(0.75))

    def contradicts(found):
        above = int((found > level + POINTS[0.75]).sum())
        return stats.binom.sf(above - 1, len(found), 0.25) <= 0.005

    assert not contradicts(effects)
    assert contradicts(effects * 4.0 / 3.0)
