"""EVSI, against a textbook and the conjugate normal, and the study of re-scoring."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.information import evppi
from qicsim.decide.studies import Rescoring, evsi, rescoring
from tests.decide.closed_forms import normals, value_of_knowing

SIZES = np.array([1, 2, 5, 10, 50, 200, 1000])


def test_goferbrokes_seismic_survey():
    """Hillier and Lieberman: the survey is worth 53 thousand dollars before its cost of 30.

    It is favourable with chance 0.6 where there is oil and 0.2 where there is none; these 40 draws hold the shares.
    """
    oil = np.repeat([1.0, 0.0], [10, 30])
    favourable = np.repeat([1.0, 0.0, 1.0, 0.0], [6, 4, 6, 24])
    net_benefit = np.stack([800.0 * oil - 100.0, np.full(40, 90.0)])

    assert evsi(net_benefit, favourable).value[0] == pytest.approx(53.0)


def conjugate(draws=4096, seed=1):
    """A plan whose net benefit falls by 1000 a point of inflation: gap 6 +- 3 points, so 500 +- 3000 beforehand."""
    gap = 6.0 + 3.0 * normals(draws, 2, seed)[:, 0]
    return np.stack([np.zeros(draws), 6500.0 - 1000.0 * gap]), gap


def closed_form(error):
    """Value of learning the mean gap with a standard error: preposterior SD 3 sqrt(9 / (9 + error^2)) points."""
    return np.array([value_of_knowing(500.0, 1000.0 * 3.0 * np.sqrt(9.0 / (9.0 + one**2))) for one in error])


def test_a_conjugate_normal_study_has_the_value_of_its_closed_form():
    net_benefit, gap = conjugate()
    design = Rescoring(between=8.0, noise=6.0, facilities=10**9)
    found = rescoring(net_benefit, gap, design, SIZES)
    expected = closed_form(10.0 / np.sqrt(SIZES))

    assert design.error(SIZES) == pytest.approx(10.0 / np.sqrt(SIZES))
    assert found.matched == pytest.approx(expected, rel=0.02)
    assert (np.abs(found.value - expected) < 4.0 * found.error).all()
    assert found.value[1:] == pytest.approx(expected[1:], rel=0.08)


def test_more_facilities_teach_more_and_all_of_them_teach_the_parameter():
    net_benefit, gap = conjugate(1024)
    found = rescoring(net_benefit, gap, Rescoring(between=8.0, noise=0.0, facilities=1000), SIZES)
    everything = evppi(net_benefit, gap[:, None], ["gap"]).value[0]

    assert (np.diff(found.matched) > 0.0).all()
    assert found.matched[-1] == pytest.approx(everything)
    assert found.value[-1] == pytest.approx(everything)


def test_the_net_benefit_of_sampling_is_highest_at_a_middling_size_and_a_dear_study_is_not_worth_doing():
    net_benefit, gap = conjugate(1024)
    worth = rescoring(net_benefit, gap, Rescoring(8.0, 6.0, 1500, setup=50.0, each=2.0), SIZES)
    dear = rescoring(net_benefit, gap, Rescoring(8.0, 6.0, 1500, setup=5000.0), SIZES)

    assert 1 < worth.best < 1000
    assert worth.net == pytest.approx(worth.value - 50.0 - 2.0 * SIZES)
    assert f"Re-scoring {worth.best} facilities would be worth" in worth.sentence
    assert dear.best == 0
    assert dear.sentence == "No size of this study is worth its cost."


def test_waiting_and_clusters_cost_value():
    net_benefit, gap = conjugate(512)
    plain = Rescoring(8.0, 6.0, 1500, each=0.0)
    clustered = Rescoring(8.0, 6.0, 1500, each=0.0, design_effect=3.0)
    waiting = Rescoring(8.0, 6.0, 1500, each=0.0, lost=0.25)

    alone, together, later = (rescoring(net_benefit, gap, design, [10]) for design in (plain, clustered, waiting))

    assert together.matched[0] < alone.matched[0]
    assert together.value[0] < alone.value[0]
    assert later.net == pytest.approx(0.75 * alone.value)
    assert later.net_error == pytest.approx(0.75 * alone.error)


def test_a_study_of_what_does_not_matter_is_worth_nothing():
    net_benefit, gap = conjugate(512)
    flat = net_benefit.copy()
    flat[1] = 500.0

    assert rescoring(flat, gap, Rescoring(8.0, 6.0, 1500), [10]).value[0] == 0.0
    assert rescoring(net_benefit[:1], gap, Rescoring(8.0, 6.0, 1500), [10]).matched[0] == 0.0


def two_sided(draws=2048, seed=3):
    """A plan that pays where the truth is far from 0 on either side: 300 if |theta| > 3, else -150; theta has SD 3."""
    theta = 3.0 * normals(draws, 1, seed)[:, 0]
    return np.stack([np.zeros(draws), np.where(np.abs(theta) > 3.0, 300.0, -150.0)]), theta


def test_a_study_of_what_matters_on_both_sides_is_worth_what_regression_says_and_not_what_moments_say():
    """By integration over the data, errors 10 / sqrt(n): 13.1, 27.3 and 58.1 for 4, 10 and 50 facilities."""
    net_benefit, theta = two_sided()
    found = rescoring(net_benefit, theta, Rescoring(8.0, 6.0, 10**9, each=0.0), [4, 10, 50])

    assert found.value == pytest.approx([13.1, 27.3, 58.1], abs=2.5)
    assert (np.abs(found.value - [13.1, 27.3, 58.1]) < 3.0 * found.error).all()
    assert found.net == pytest.approx(found.value)
    assert found.matched[0] > 30.0
    assert not found.agree[:2].any()


def test_a_larger_study_is_never_worth_less_and_none_more_than_knowing_exactly():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        theta = rng.standard_normal(60)
        net_benefit = np.stack([np.zeros(60), 0.3 * theta + rng.standard_normal(60)])
        found = rescoring(net_benefit, theta, Rescoring(1.0, 1.0, 400), [1, 5, 20, 100, 400], seed=seed, shuffles=0)

        assert (np.diff(found.value) >= 0.0).all()
        assert (found.value <= found.most + 1e-12).all()
        assert found.most <= net_benefit.max(axis=0).mean() - net_benefit.mean(axis=1).max() + 1e-12


def test_a_study_is_clear_only_if_it_is_worth_its_cost_by_two_errors():
    net_benefit, gap = conjugate(512)
    cheap, dear = (rescoring(net_benefit, gap, Rescoring(8.0, 6.0, 1500, setup=setup, each=0.0), [50])
                   for setup in (0.0, 800.0))

    assert cheap.clear[0] and cheap.chance[0] <= 0.05
    assert dear.chance[0] <= 0.05 and dear.net[0] > 0.0
    assert not dear.clear[0]
