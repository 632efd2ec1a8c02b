"""Sensitivity indices against functions whose indices are known, with and without noise of known variance."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from qicsim.analysis.estimators import Options
from qicsim.analysis.sampling import (
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
    noisy,
    sobol_g,
)

THREE = ("x1", "x2", "x3")
WITH_DUMMY = (*THREE, "dummy")
FOUR = ("a", "b", "c", "d")


def one(design, values, **settings):
    return sensitivity(design, {"y": values}, **settings)[0]


def assert_within(index, truth, widths=1.6):
    """Estimates within 1.6 half-widths of 95 % intervals of the truth: about three standard errors."""
    assert np.all(np.abs(index.estimate - truth) <= widths * index.half_width), (index.estimate, index.half_width)


@pytest.fixture(scope="module")
def design():
    return sobol_design(WITH_DUMMY, 4096)


# ------------------------------------------------------------------------------------------------------- known answers


def test_ishigami_first_and_total_and_a_dummy_of_no_effect(design):
    found = one(design, ishigami(design.points)[:, None])

    assert_within(found.index("first"), [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.index("first_jansen"), [*ISHIGAMI_FIRST, 0.0])
    assert found.index("total").estimate[3] == 0.0
    assert_within(found.index("total"), [*ISHIGAMI_TOTAL, 0.0])


@pytest.mark.parametrize("replicates", [2, 4])
def test_noise_of_known_variance_is_reported_and_taken_off(design, replicates):
    """As much noise as signal in a run; the dummy's total index must be zero within its interval."""
    found = one(design, noisy(ishigami(design.points), ISHIGAMI_VARIANCE, replicates))

    assert found.noise.within == pytest.approx(ISHIGAMI_VARIANCE, rel=0.03)
    assert found.noise.of_run == pytest.approx(0.5, abs=0.02)
    assert found.noise.of_mean == pytest.approx(1.0 / (1.0 + replicates), abs=0.02)
    assert_within(found.index("first"), [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.index("first_jansen"), [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.index("total"), [*ISHIGAMI_TOTAL, 0.0])


def test_with_one_replicate_noise_is_unknown_and_a_dummy_seems_to_matter(design):
    """Why replicates are worth their cost: without them the noise turns up in every total index."""
    found = one(design, noisy(ishigami(design.points), ISHIGAMI_VARIANCE, 1))

    assert np.isnan(found.noise.of_run)
    assert found.index("total").estimate[3] == pytest.approx(0.5, abs=0.05)
    assert "unknown" in verdict(found)


@pytest.mark.parametrize("replicates", [1, 3])
def test_sobol_g_with_and_without_noise(replicates):
    design = sobol_design(FOUR, 4096, seed=3)
    found = one(design, noisy(sobol_g(design.points), 0.0 if replicates == 1 else 0.6 * G_VARIANCE, replicates))

    assert_within(found.index("first"), G_FIRST, 2.0)
    assert_within(found.index("total"), G_TOTAL, 2.0)


def test_second_order_of_ishigami_is_that_of_the_first_and_third():
    design = sobol_design(THREE, 4096, second_order=True)
    second = one(design, ishigami(design.points)[:, None]).index("second")

    assert abs(second.estimate[0, 2] - ISHIGAMI_SECOND) < 1.6 * second.half_width[0, 2]
    assert abs(second.estimate[0, 1]) < 1.6 * second.half_width[0, 1]
    assert np.isnan(second.estimate[2, 0])


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_shapley_effects_of_ishigami_with_and_without_noise(share):
    design = shapley_design(WITH_DUMMY, 4096)
    values = ishigami(design.points)
    found = one(design, noisy(values, share * ISHIGAMI_VARIANCE, 2) if share else values[:, None])

    assert_within(found.index("shapley"), [*ISHIGAMI_SHAPLEY, 0.0])
    assert found.index("shapley").estimate.sum() == pytest.approx(1.0, abs=0.02)


def test_elementary_effects_of_a_linear_function_are_its_slopes():
    design = morris_design(("a", "b", "c"), 20)
    found = one(design, (3.0 * design.points[:, 0] - 5.0 * design.points[:, 1])[:, None])
    per_grid = 3.0 / 4.0

    assert np.allclose(found.index("mu").estimate, np.array([3.0, -5.0, 0.0]) * per_grid)
    assert np.allclose(found.index("mu_star").estimate, np.array([3.0, 5.0, 0.0]) * per_grid)
    assert np.allclose(found.index("sigma").estimate, 0.0, atol=1e-6)
    assert found.converged


def test_the_noise_floor_of_elementary_effects_is_what_a_factor_without_effect_shows():
    design = morris_design(("a", "nothing"), 4000)
    found = one(design, noisy(3.0 * design.points[:, 0], 0.25, 2))
    floor = found.index("mu_star").floor

    assert found.index("mu_star").estimate[1] == pytest.approx(float(floor), rel=0.05)
    assert found.index("sigma").estimate[1] < 0.2 * float(floor)


def test_pawn_tells_a_factor_from_nothing():
    design = sequence_design(WITH_DUMMY, 512)
    found = one(design, ishigami(design.points)[:, None], options=Options(resamples=10))
    pawn = found.index("pawn")

    assert np.all(pawn.estimate[:3] > pawn.estimate[3])
    assert pawn.estimate[3] == pytest.approx(float(pawn.floor), abs=0.05)


def test_delta_of_a_sum_of_two_normals():
    """Y = Z1 + Z2 with correlation 0.707: half the distance of densities, on a grid; a factor without effect near 0."""
    from scipy.special import ndtri

    design = sequence_design(("z1", "z2", "nothing"), 400)
    found = one(design, ndtri(design.points[:, :2]).sum(axis=1)[:, None], method="delta",
                options=Options(resamples=4)).index("delta")

    assert found.estimate[:2] == pytest.approx(_delta_of_normals(), abs=0.06)
    assert found.estimate[2] < 0.12


def _delta_of_normals():
    z, y = np.linspace(-5, 5, 401)[:, None], np.linspace(-8, 8, 801)[None]
    density = np.exp(-0.25 * y**2) / np.sqrt(4.0 * np.pi)
    given = np.exp(-0.5 * (y - z) ** 2) / np.sqrt(2.0 * np.pi)
    weight = np.exp(-0.5 * z[:, 0] ** 2) / np.sqrt(2.0 * np.pi)
    return 0.5 * np.sum(weight * np.abs(given - density).sum(axis=1)) * 0.025 * 0.02


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


def test_an_output_of_nothing_but_noise_gives_no_number():
    design = sobol_design(THREE, 2048)
    found = one(design, noisy(np.zeros(len(design.points)), 1.0, 4))

    rows = sensitivity_rows([found])
    assert found.noise.of_mean == pytest.approx(1.0, abs=0.1)
    assert {row["estimate"] for row in rows} == {None}
    assert {row["verdict"] for row in rows} == {"noise hides the output"}


def test_indices_of_a_short_design_are_kept_but_not_shown():
    design = sobol_design(THREE, 16)
    found = one(design, ishigami(design.points)[:, None])
    rows = sensitivity_rows([found])

    assert not found.converged
    assert np.isfinite(found.index("total").estimate).all()
    assert any(row["verdict"] == NOT_CONVERGED and row["estimate"] is None for row in rows)
    assert "not shown" in verdict(found)
    assert np.isnan(found.index("total").shown).any()


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


def test_trajectories_stay_in_the_middle_of_the_grid_s_cells():
    """The grid's own ends, 0 and 1, are the bounds of the parameters: no draw is ever there."""
    assert set(np.unique(morris_design(THREE, 30).points)) == {0.125, 0.375, 0.625, 0.875}


@pytest.mark.parametrize(("make", "words"), [
    (lambda: sobol_design(THREE, 100), "power of two"), (lambda: sobol_design(THREE, 64, seed=0), "seed"),
    (lambda: sobol_design((), 64), "factors"), (lambda: morris_design(THREE, 8, levels=3), "even"),
    (lambda: shapley_design(THREE, 20), "multiple of 16"),
    (lambda: one(sobol_design(THREE, 2), np.zeros((10, 1))), "4 or more"),
    (lambda: one(sobol_design(THREE, 8), np.zeros((40, 1)), options=Options(seed=0)), "seed from 1"),
    (lambda: one(sobol_design(THREE, 8), np.zeros((40, 1)), method="pawn"), "cannot be worked out"),
])
def test_what_would_go_wrong_without_a_word_is_refused(make, words):
    with pytest.raises(SettingError, match=words):
        make()


# ----------------------------------------------------------------------------------------------------- designs, shapes


@pytest.mark.parametrize("make", [
    lambda n: sobol_design(THREE, n), lambda n: sobol_design(THREE, n, second_order=True),
    lambda n: morris_design(THREE, n), lambda n: shapley_design(THREE, n), lambda n: sequence_design(THREE, n)])
def test_a_longer_design_begins_with_the_shorter_one(make):
    shorter, longer = make(64), make(128)

    assert np.array_equal(longer.points[:len(shorter.points)], shorter.points)
    assert np.array_equal(longer.first(64).points, shorter.points)
    assert shorter.points.min() > 0.0
    assert shorter.points.max() < 1.0


def test_a_design_can_be_made_again_from_its_record():
    design = sobol_design(THREE, 32, seed=9, second_order=True)

    assert np.array_equal(design_from(design.record()).points, design.points)
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


def test_an_analysis_leaves_the_global_generator_and_warnings_as_they_were():
    design = sequence_design(THREE, 64)
    state, shown = np.random.get_state()[1].copy(), warnings.formatwarning  # noqa: NPY002

    one(design, ishigami(design.points)[:, None], options=Options(resamples=2))

    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert warnings.formatwarning is shown


def test_the_same_seed_gives_the_same_intervals():
    design = sobol_design(THREE, 64)
    twice = [one(design, ishigami(design.points)[:, None]).index("total").half_width for _ in range(2)]

    assert np.array_equal(*twice)


def test_salib_is_loaded_only_when_it_is_used():
    import subprocess

    code = "import sys, qicsim.analysis.sensitivity, qicsim.analysis.factors; print('SALib' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
