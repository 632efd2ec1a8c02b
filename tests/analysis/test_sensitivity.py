"""Sensitivity indices against functions whose indices are known, with and without noise of known variance."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from qicsim.analysis.estimators import folded, without_noise
from qicsim.analysis.sampling import (
    HYPERCUBE,
    OWN,
    SHARED,
    design_from,
    morris_design,
    sequence_design,
    shapley_design,
    sobol_design,
)
from qicsim.analysis.sensitivity import sensitivity
from qicsim.analysis.sensitivity_table import NOT_CONVERGED, sensitivity_rows, verdict
from qicsim.ground.errors import SettingError
from tests.analysis.known import (
    G_FIRST,
    G_TOTAL,
    G_VARIANCE,
    ISHIGAMI_FIRST,
    ISHIGAMI_SECOND,
    ISHIGAMI_SHAPLEY,
    ISHIGAMI_TOTAL,
    ISHIGAMI_VARIANCE,
    ishigami,
    lucky,
    noisy,
    sobol_g,
)

THREE = ("x1", "x2", "x3")
WITH_DUMMY = (*THREE, "dummy")
FOUR = ("a", "b", "c", "d")
LEVERS = ("parameter", "two", "three", "four", "choice", "nothing")
COUNTS = (0, 2, 3, 4, 4, 0)


def one(design, values, **settings):
    return sensitivity(design, {"y": values}, **settings)[0]


def assert_within(index, truth, widths=1.6):
    """Estimates within 1.6 half-widths of 95 % intervals of the truth: about three standard errors."""
    assert np.all(np.abs(index.estimate - truth) <= widths * index.half_width), (index.estimate, index.half_width)


def place_of(points, column, count):
    """Which of `count` values a column takes."""
    return np.floor(points[:, column] * count).astype(int)


def moving_two_each(points):
    """Every factor of LEVERS but the last moves this by 2 across its range, whatever the others are."""
    steps = [2.0 * points[:, 0], *(2.0 * place_of(points, at, count) / (count - 1.0)
                                   for at, count in ((1, 2), (2, 3), (3, 4)))]
    return sum(steps) + np.array([1.0, 2.0, 0.0, 1.5])[place_of(points, 4, 4)]


@pytest.fixture(scope="module")
def design():
    return sobol_design(WITH_DUMMY, 4096)


# ------------------------------------------------------------------------------------------------------- known answers


def test_ishigami_first_and_total_and_a_dummy_of_no_effect(design):
    found = one(design, ishigami(design.points)[:, None])

    assert_within(found.index("first"), [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.index("total"), [*ISHIGAMI_TOTAL, 0.0])
    assert found.index("first").estimate[3] == found.index("total").estimate[3] == 0.0


@pytest.mark.parametrize("luck", [SHARED, OWN])
@pytest.mark.parametrize("replicates", [2, 4])
def test_noise_of_known_variance_is_reported_and_taken_off(luck, replicates):
    """As much chance as signal in a run; the share of chance is known from replicates, whoever shares their luck."""
    design = sobol_design(WITH_DUMMY, 4096, luck=luck)
    found = one(design, lucky(design, ishigami(design.points), ISHIGAMI_VARIANCE, replicates))

    assert found.noise.within == pytest.approx(ISHIGAMI_VARIANCE, rel=0.06)
    assert found.noise.of_run == pytest.approx(0.5, abs=0.02)
    assert found.noise.of_mean == pytest.approx(1.0 / (1.0 + replicates), abs=0.02)
    assert found.noise.left == pytest.approx(1.0 if luck == OWN else 0.1, abs=0.1)
    assert_within(found.index("first"), [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.index("total"), [*ISHIGAMI_TOTAL, 0.0])


@pytest.mark.parametrize("make", [sobol_design, shapley_design, morris_design])
def test_an_inert_factor_shows_exactly_nothing_when_luck_is_shared(make):
    """More chance than signal, and only a few blocks: what has no effect has index 0, and so has its interval."""
    design = make(WITH_DUMMY, 16)
    found = one(design, lucky(design, ishigami(design.points), 3.0 * ISHIGAMI_VARIANCE, 2))

    for index in found.indices:
        assert index.estimate[3] == index.low[3] == index.high[3] == 0.0
        assert index.converged[3] or found.hidden


def test_a_factor_that_is_alone_has_the_index_one():
    design = sobol_design(("x", "nothing"), 64)
    found = one(design, lucky(design, np.exp(design.points[:, 0]), 1.0, 2, together=0.0))

    for name in ("first", "total"):
        assert found.index(name).estimate == pytest.approx([1.0, 0.0])


def test_shared_luck_makes_indices_sharper():
    """Of 80 % chance that does the same whatever the factors are nothing is left in the indices."""
    widths = {}
    for luck in (SHARED, OWN):
        design = sobol_design(THREE, 256, luck=luck)
        found = one(design, lucky(design, ishigami(design.points), 4.0 * ISHIGAMI_VARIANCE, 2, together=0.0))
        widths[luck] = found.index("total").half_width

    assert np.all(4.0 * widths[SHARED] < widths[OWN])


def test_with_luck_of_its_own_and_one_replicate_a_dummy_shows_the_share_of_chance():
    """Why replicates are worth their cost: without them chance turns up in every total index."""
    design = sobol_design(WITH_DUMMY, 4096, luck=OWN)
    found = one(design, noisy(ishigami(design.points), ISHIGAMI_VARIANCE, 1))

    assert np.isnan(found.noise.of_run)
    assert found.index("total").estimate[3] == pytest.approx(0.5, abs=0.05)
    assert "unknown" in verdict(found)


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_sobol_g_with_and_without_noise(share):
    design = sobol_design(FOUR, 4096, seed=3)
    found = one(design, lucky(design, sobol_g(design.points), share * G_VARIANCE, 2))

    assert_within(found.index("first"), G_FIRST)
    assert_within(found.index("total"), G_TOTAL)


def test_discrete_factors_have_the_indices_of_their_enumeration():
    """y = a b + a + c, a of 2 values, b of 3, c uniform: variances by hand over the six cells."""
    design = sobol_design(("a", "b", "c"), 2048, values=(2, 3, 0))
    a, b, c = place_of(design.points, 0, 2), place_of(design.points, 1, 3), design.points[:, 2]
    found = one(design, lucky(design, a * b + a + c, 0.2, 2))

    cells = np.array([[x * y + x for y in range(3)] for x in range(2)], dtype=float)
    parts = np.array([cells.mean(axis=1).var(), cells.mean(axis=0).var(), 1.0 / 12.0])
    both = cells.var() - parts[0] - parts[1]
    assert_within(found.index("first"), parts / (cells.var() + 1.0 / 12.0))
    assert_within(found.index("total"), (parts + np.array([both, both, 0.0])) / (cells.var() + 1.0 / 12.0))


def test_second_order_of_ishigami_is_that_of_the_first_and_third():
    design = sobol_design(WITH_DUMMY, 4096, second_order=True)
    second = one(design, lucky(design, ishigami(design.points), 0.5 * ISHIGAMI_VARIANCE, 2)).index("second")

    assert abs(second.estimate[0, 2] - ISHIGAMI_SECOND) < 1.6 * second.half_width[0, 2]
    assert abs(second.estimate[0, 1]) < 1.6 * second.half_width[0, 1]
    assert np.abs(second.estimate[:3, 3]) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(second.estimate[2, 0])


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_shapley_effects_of_ishigami_with_and_without_noise(share):
    design = shapley_design(WITH_DUMMY, 4096)
    found = one(design, lucky(design, ishigami(design.points), share * ISHIGAMI_VARIANCE, 2))

    assert_within(found.index("shapley"), [*ISHIGAMI_SHAPLEY, 0.0])
    assert found.index("shapley").estimate.sum() == pytest.approx(1.0)


# -------------------------------------------------------------------------------------------------- elementary effects


def test_factors_that_each_move_the_output_by_two_across_their_range_have_an_effect_of_two():
    """A parameter, levers of two, three and four values, a choice of four in any order; chance cancels."""
    design = morris_design(LEVERS, 8, values=COUNTS)
    found = one(design, lucky(design, moving_two_each(design.points), 9.0, 2, together=0.0))

    assert found.index("mu_star").estimate == pytest.approx([2.0, 2.0, 2.0, 2.0, 2.0, 0.0])
    assert found.index("mu").estimate == pytest.approx([2.0, 2.0, 2.0, 2.0, 0.5, 0.0])
    assert found.index("sigma").estimate == pytest.approx(0.0, abs=1e-6)
    assert found.converged


def test_effects_of_two_are_found_under_luck_of_their_own_too():
    design = morris_design(LEVERS, 400, values=COUNTS, luck=OWN)
    found = one(design, noisy(moving_two_each(design.points), 1.0, 4)).index("mu_star")

    assert np.all((found.low <= [2.0, 2.0, 2.0, 2.0, 2.0, 0.0]) & (found.high >= [2.0, 2.0, 2.0, 2.0, 2.0, 0.0]))
    assert found.estimate == pytest.approx([2.0, 2.0, 2.0, 2.0, 2.0, 0.0], abs=0.25)


def test_effects_of_a_bent_curve_are_what_half_of_its_range_moves_twice():
    """y = x^2: 2 ((u + 1/2)^2 - u^2) = 2 u + 1/2 for u in 0..1/2, mean 1, as the curve moves from end to end."""
    design = morris_design(("x", "y"), 512)
    found = one(design, (design.points[:, 0] ** 2)[:, None])

    assert found.index("mu_star").estimate[0] == pytest.approx(1.0, abs=0.01)
    assert found.index("sigma").estimate[0] == pytest.approx(1.0 / np.sqrt(12.0), abs=0.01)
    low = design.points[:, 0].reshape(512, 3)
    assert low.min() < 0.01 and low.max() > 0.99, "the ends of the range are not left out"


def test_factors_in_a_group_move_together():
    design = morris_design(("a", "b", "c"), 64, groups={"both": ["a", "c"]})
    found = one(design, (design.points @ [3.0, 5.0, 4.0])[:, None])

    assert design.factors == ("both", "b")
    assert len(design.points) == 64 * 3
    assert found.index("mu_star").estimate == pytest.approx([4.0, 5.0], abs=0.3), "mean of |3 + 4| and |3 - 4|"
    assert set(np.abs(np.diff(design.points.reshape(64, 3, 3), axis=1)).round(6).ravel()) == {0.0, 0.5}


def test_what_an_effect_may_be_worth_is_what_it_shows_with_the_noise_taken_off():
    effects, s = np.array([0.0, 0.5, 2.0, 8.0]), 1.5
    luck = s * np.random.default_rng(1).standard_normal(400_000)
    shown = np.abs(effects[:, None] + luck).mean(axis=1)

    assert shown == pytest.approx(folded(effects, s), abs=0.01)
    assert without_noise(shown, s * np.sqrt(2.0 / np.pi)) == pytest.approx(effects, abs=0.1)
    assert np.array_equal(without_noise(shown, 0.0), shown)


# --------------------------------------------------------------------------------------------- groups, dependence, PAWN


def test_a_group_has_the_index_of_what_its_members_do_together():
    """Of Ishigami's function the first and third together are all but the second."""
    second = ISHIGAMI_FIRST[1]
    sobol = sobol_design(THREE, 2048, groups={"pair": ["x1", "x3"]})
    shares = shapley_design(THREE, 2048, groups={"pair": ["x1", "x3"]})
    found = one(sobol, ishigami(sobol.points)[:, None])

    assert sobol.factors == ("pair", "x2")
    assert sobol.block == shares.block + 1 == 4
    for name in ("first", "total"):
        assert_within(found.index(name), [1.0 - second, second])
    assert_within(one(shares, ishigami(shares.points)[:, None]).index("shapley"), [1.0 - second, second])


RHO = 0.6
CORRELATED = np.array([[1.0, RHO, 0.0], [RHO, 1.0, 0.0], [0.0, 0.0, 1.0]])


def linear(points):
    """Z1 + Z2 + Z3 of standard normal Z."""
    from scipy.special import ndtri

    return ndtri(points).sum(axis=1)


def test_dependent_factors_have_the_indices_of_a_linear_function_of_normals():
    """Z1 and Z2 with correlation 0.6, Z3 alone: variances by hand (Kucherenko, Tarantola and Annoni 2012)."""
    variance = 3.0 + 2.0 * RHO
    design = sobol_design(THREE, 4096, correlation=CORRELATED)
    found = one(design, lucky(design, linear(design.points), 1.0, 2))

    assert np.corrcoef(design.points.reshape(4096, 8, 3)[:, 0], rowvar=False)[0, 1] == pytest.approx(0.58, abs=0.02)
    assert_within(found.index("first"), np.array([(1.0 + RHO) ** 2, (1.0 + RHO) ** 2, 1.0]) / variance)
    assert_within(found.index("total"), np.array([1.0 - RHO**2, 1.0 - RHO**2, 1.0]) / variance)


def test_shapley_effects_of_dependent_factors_share_what_they_do_together():
    """Song, Nelson and Staum 2016: the two that depend on each other share 2 + 2 rho alike."""
    design = shapley_design(THREE, 1024, correlation=CORRELATED)
    found = one(design, linear(design.points)[:, None]).index("shapley")

    assert_within(found, np.array([1.0 + RHO, 1.0 + RHO, 1.0]) / (3.0 + 2.0 * RHO))
    assert found.estimate.sum() == pytest.approx(1.0)


def test_pawn_tells_a_factor_from_nothing_and_its_interval_holds_the_truth():
    """The truth by 262,144 points of the same design: 0.237, 0.391, 0.081, 0."""
    design = sequence_design(WITH_DUMMY, 2048)
    pawn = one(design, ishigami(design.points)[:, None]).index("pawn")

    assert np.all((pawn.low <= [0.237, 0.391, 0.081, 0.0]) & (pawn.high >= [0.237, 0.391, 0.081, 0.0]))
    assert np.all(pawn.low[:2] > pawn.high[3])
    assert pawn.estimate == pytest.approx([0.237, 0.391, 0.081, 0.0], abs=0.04)


def test_within_a_condition_only_the_points_that_fulfil_it_count():
    """y = a where a < 1/2, else b: above 1/2 + it is b alone that moves it."""
    design = sequence_design(("a", "b", "c"), 2048)
    a, b = design.points[:, 0], design.points[:, 1]
    values = np.where(a < 0.5, 0.4 * a, 0.5 + 0.4 * b)[:, None]
    everywhere = one(design, values)
    inside = one(design, values, within={"y": values[:, 0] > 0.5})

    assert np.argmax(everywhere.index("pawn").estimate) == 0
    assert np.argmax(inside.index("pawn").estimate) == 1
    assert inside.index("pawn").low[0] == 0.0 < inside.index("pawn").low[1]
    assert int(inside.used) == int(np.sum(a >= 0.5)) < int(everywhere.used) == 2048
    rows = sensitivity_rows([one(design, values, within={"y": values[:, 0] > 0.88})])
    assert {row["verdict"] for row in rows} == {"too few points"}
    with pytest.raises(SettingError, match="needs all its rows"):
        one(sobol_design(THREE, 8), np.zeros((40, 1)), within={"y": np.ones(40, dtype=bool)})


# ------------------------------------------------------------------------------------------------------------- guards


def test_a_design_cannot_be_analysed_with_another_flag_than_it_was_sampled_with():
    """Second order is read from the design: rows for it give the same first order as rows without."""
    lean, full = sobol_design(THREE, 1024), sobol_design(THREE, 1024, second_order=True)
    first = [one(d, ishigami(d.points)[:, None]).index("first") for d in (lean, full)]

    assert np.allclose(first[0].estimate, first[1].estimate, atol=0.05)
    assert len(full.points) == 1024 * 8
    with pytest.raises(SettingError, match="a row for each point"):
        one(lean, np.zeros((len(full.points), 1)))


def test_outputs_that_are_not_finite_are_refused_by_row():
    design = sobol_design(THREE, 64)
    values = ishigami(design.points)[:, None].copy()
    values[3], values[17] = np.nan, np.inf

    with pytest.raises(SettingError, match="2 of 320 rows: 3, 17"):
        one(design, values)


def test_a_constant_output_is_said_to_be_constant():
    design = sobol_design(THREE, 64)
    found = one(design, np.full((320, 2), 0.1 + 0.2))

    assert not found.varies
    assert np.isnan(found.index("total").estimate).all()
    assert {row["verdict"] for row in sensitivity_rows([found])} == {"output does not vary"}
    assert "does not vary" in verdict(found)


@pytest.mark.parametrize("seed", range(1, 5))
def test_an_output_of_nothing_but_noise_says_so_and_its_intervals_hold_every_share(seed):
    design = sobol_design(THREE, 2048, luck=OWN, seed=seed)
    found = one(design, noisy(np.zeros(len(design.points)), 1.0, 4, seed))

    rows = sensitivity_rows([found])
    assert found.noise.of_mean > 0.9
    assert {row["verdict"] for row in rows} == {"noise hides the output"}
    assert all(row["low"] <= 0.0 and row["high"] >= 1.0 for row in rows)


def test_indices_of_a_short_design_are_given_with_their_wide_intervals_and_a_flag():
    design = sobol_design(THREE, 16)
    found = one(design, ishigami(design.points)[:, None])
    rows = sensitivity_rows([found])

    assert not found.converged
    assert all(row["low"] <= row["estimate"] <= row["high"] for row in rows)
    assert any(row["verdict"] == NOT_CONVERGED and row["high"] - row["low"] > 0.1 for row in rows)
    assert "intervals of the others are wide" in verdict(found)


def test_a_long_design_converges(design):
    found = one(design, ishigami(design.points)[:, None], tolerance=0.06)
    row = next(row for row in sensitivity_rows([found]) if (row["index"], row["factor"]) == ("total", "x2"))

    assert found.converged
    assert row["low"] < ISHIGAMI_TOTAL[1] < row["high"]


def test_indices_that_the_second_half_of_a_design_changes_are_not_converged():
    """Intervals are narrow here, but the first half says that x1 matters most, and the whole does not."""
    design = sobol_design(("x1", "x2"), 4096)
    early = np.arange(len(design.points)) < len(design.points) // 2
    slopes = np.where(early[:, None], (3.0, 1.0), (1.0, 3.0))
    total = one(design, (slopes * (design.points - 0.5)).sum(axis=1)[:, None]).index("total")

    assert np.all(total.half_width < 0.05)
    assert total.earlier[0] == pytest.approx(0.9, abs=0.02)
    assert not total.converged.any()


@pytest.mark.parametrize(("make", "words"), [
    (lambda: sobol_design(THREE, 100), "power of two"), (lambda: sobol_design(THREE, 64, seed=0), "seed"),
    (lambda: sobol_design((), 64), "factors"), (lambda: morris_design(THREE, 8, luck="mine"), "shared, own"),
    (lambda: morris_design(THREE, 8, sample="latin"), "latin-hypercube"),
    (lambda: morris_design(THREE, 8, correlation=CORRELATED), "one at a time"),
    (lambda: morris_design(THREE, 8, values=(2, 0, 0), groups={"g": ["x1", "x2"]}), '"g" holds a lever'),
    (lambda: sobol_design(THREE, 8, second_order=True, correlation=CORRELATED), "not defined for dependent"),
    (lambda: sobol_design(THREE, 8, groups={"g": ["x1", "x9"]}), '"x9" is not varied'),
    (lambda: sobol_design(THREE, 8, groups={"g": ["x1", "x2"], "h": ["x2", "x3"]}), '"x2" is in "g" already'),
    (lambda: sequence_design(THREE, 256, groups={"g": ["x1", "x2"]}), "no groups"),
    (lambda: one(sobol_design(THREE, 2), np.zeros((10, 1))), "4 or more"),
    (lambda: one(sequence_design(THREE, 128), np.zeros((128, 1))), "200 or more"),
    (lambda: one(sobol_design(THREE, 8), np.zeros((40, 1)), level=1.0), "between 0 and 1"),
    (lambda: one(sobol_design(THREE, 8), np.zeros((40, 1)), method="pawn"), "cannot be worked out"),
    (lambda: one(sequence_design(THREE, 256), np.zeros((256, 1)), method="delta"), '"pawn" compares whole'),
])
def test_what_would_go_wrong_without_a_word_is_refused(make, words):
    with pytest.raises(SettingError, match=words):
        make()


# ----------------------------------------------------------------------------------------------------- designs, shapes


@pytest.mark.parametrize("make", [
    lambda n: sobol_design(THREE, n), lambda n: sobol_design(THREE, n, second_order=True),
    lambda n: sobol_design(THREE, n, correlation=CORRELATED), lambda n: morris_design(THREE, n, values=(0, 2, 3)),
    lambda n: shapley_design(THREE, n), lambda n: sequence_design(THREE, n)])
def test_a_longer_design_begins_with_the_shorter_one(make):
    shorter, longer = make(64), make(128)

    assert np.array_equal(longer.points[:len(shorter.points)], shorter.points)
    assert np.array_equal(longer.first(64).points, shorter.points)
    assert np.array_equal(longer.draws[:len(shorter.points)], shorter.draws)
    assert shorter.points.min() > 0.0
    assert shorter.points.max() < 1.0


def test_a_design_can_be_made_again_from_its_record():
    design = sobol_design(THREE, 32, seed=9, second_order=True)

    for made in (design, morris_design(THREE, 5, groups={"g": ["x1", "x3"]}, luck=OWN, sample=HYPERCUBE),
                 shapley_design(THREE, 4, correlation=CORRELATED)):
        again = design_from(made.record())
        assert np.array_equal(again.points, made.points)
        assert np.array_equal(again.draws, made.draws)
    with pytest.raises(SettingError, match="other points"):
        design_from(design.record() | {"points": "0"})


def test_a_sequence_is_that_of_an_ordinary_ensemble():
    """So the runs of prior draws can be analysed as they are."""
    from qicsim.analysis.factors import parameter_draws, parameter_factors
    from qicsim.runs.draws import names, prior_draws

    factors = parameter_factors()

    assert np.array_equal(parameter_draws(factors, sequence_design(names(), 8, seed=4).points).values,
                          prior_draws(8, 4).values)


def test_several_indicators_and_times_are_each_analysed_as_if_alone():
    design = sobol_design(THREE, 256)
    alone = noisy(ishigami(design.points), 1.0, 2)
    over_time = np.stack([np.ones_like(alone), alone, 2.0 * alone + 1.0], axis=2)

    found = sensitivity(design, {"one": alone, "three": over_time})

    assert [result.indicator for result in found] == ["one", "three"]
    assert list(found[1].varies) == [False, True, True]
    for at in (1, 2):
        assert np.allclose(found[1].index("total").estimate[:, at], found[0].index("total").estimate)
    assert {row["time"] for row in sensitivity_rows([found[1]], ["2026", "2030", "2035"])} == {"2026", "2030", "2035"}


def test_an_unknown_index_is_refused():
    with pytest.raises(SettingError, match="was not estimated"):
        one(sobol_design(THREE, 16), np.zeros((80, 1))).index("totl")


@pytest.mark.parametrize("make", [sobol_design, morris_design, shapley_design, sequence_design])
def test_base_points_of_a_latin_hypercube_lie_one_in_each_layer(make):
    """Any size is possible; every factor has one base point in each of the n layers of its range."""
    design = make(THREE, 200, sample=HYPERCUBE)
    base = design.points.reshape(200, design.block, 3)[:, 0]

    assert np.array_equal(np.sort(np.floor(base * 200).astype(int), axis=0), np.tile(np.arange(200)[:, None], 3))
    assert one(design, lucky(design, design.points @ [3.0, 2.0, 1.0], 0.1, 2)).varies


def test_luck_is_shared_within_a_block_or_belongs_to_a_row():
    shared, own = (sobol_design(THREE, 4, luck=luck) for luck in (SHARED, OWN))

    assert np.array_equal(shared.draws, np.repeat(np.arange(4), 5))
    assert np.array_equal(own.draws, np.arange(20))
    assert np.array_equal(shared.points, own.points)


def test_salib_is_loaded_only_when_it_is_used():
    import subprocess

    code = "import sys, qicsim.analysis.sensitivity, qicsim.analysis.factors; print('SALib' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
