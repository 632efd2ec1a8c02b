"""The emulator by itself: what it says of its error holds, with noise and without; what it cannot use is refused."""

import re
import sys

import numpy as np
import pytest

from qicsim.analysis.emulator import Emulator
from qicsim.ground.errors import SettingError
from qicsim.runs.draws import unit_points
from tests.analysis.known import noisy, sobol_g

POINTS = unit_points(120, 4, 1)


def many(points):
    """A function of 30 columns: three matter much, two of them together, the others hardly."""
    weights = np.r_[3.0, 2.0, 1.5, np.full(points.shape[1] - 3, 0.05)]
    return (points - 0.5) @ weights + 4.0 * (points[:, 0] - 0.5) * (points[:, 1] - 0.5)


@pytest.mark.parametrize(("replicates", "variance"), [
    (2, 0.0), *(pytest.param(some, 0.04, marks=pytest.mark.slow) for some in (1, 2))])
def test_errors_and_luck_are_as_large_as_it_says(replicates, variance):
    fresh = unit_points(1000, 4, 99)

    inside, seen = [], []
    for seed in range(2):
        values = noisy(sobol_g(POINTS), variance, replicates, seed=seed)
        emulator = Emulator.fitted(POINTS, values[:, :, None], seed=seed)
        said = emulator.predict(fresh)
        inside.append(np.mean(np.abs(said.mean[:, 0] - sobol_g(fresh)) < 1.645 * said.of_run[:, 0]))
        seen.append(emulator.checks[0].covered[1])
        assert np.sqrt(np.mean((said.mean[:, 0] - sobol_g(fresh)) ** 2)) < 0.4 * sobol_g(fresh).std()

    assert np.mean(inside) > 0.85
    assert np.mean(seen) == pytest.approx(0.9, abs=0.1)


def test_luck_is_what_replicates_tell_and_what_a_run_has_beyond_the_mean():
    emulator = Emulator.fitted(POINTS, noisy(sobol_g(POINTS), 0.25, 2)[:, :, None])

    said = emulator.predict(POINTS)

    assert emulator.checks[0].luck == pytest.approx(0.5 / np.sqrt(2.0), rel=0.2)
    np.testing.assert_allclose(said.of_run**2 - said.error**2, 0.25, rtol=0.35)


def test_of_many_coordinates_those_that_matter_are_found():
    points = unit_points(200, 30, 1)
    emulator = Emulator.fitted(points, noisy(many(points), 0.04, 2)[:, :, None])
    fresh = unit_points(1000, 30, 9)

    total = emulator.indices(128)[0].index("total").estimate[:, 0]

    assert np.corrcoef(emulator.predict(fresh).mean[:, 0], many(fresh))[0, 1] > 0.98
    assert list(np.argsort(-total)[:3]) == [0, 1, 2] and total[3:].max() < 0.05
    assert emulator.checks[0].explained > 0.9


def test_two_outputs_have_names_checks_and_columns_of_their_own():
    values = np.stack([noisy(sobol_g(POINTS), 0.0, 2), noisy(POINTS[:, 0], 0.0, 2)], axis=2)
    emulator = Emulator.fitted(POINTS, values, factors="abcd", outputs=("g", "first"))

    assert emulator.predict(POINTS).mean[:, 1] == pytest.approx(POINTS[:, 0], abs=0.01)
    found = emulator.match({"first": (0.5, 0.05)}, points=1024)
    assert found.share == pytest.approx(0.3, abs=0.03)
    assert found.ranges[0] == pytest.approx([0.365, 0.635], abs=0.02)
    assert emulator.match({"first": (9.0, 0.05)}, points=1024).share == 0.0


@pytest.mark.parametrize(("use", "message"), [
    (lambda: Emulator.fitted(POINTS[:30], np.zeros((30, 1, 1))), "points: 30. Allowed: 40 to 2,000."),
    (lambda: Emulator.fitted(POINTS, np.zeros((120, 1))), "shapes (120, 4) and (120, 1)"),
    (lambda: Emulator.fitted(POINTS * 2, np.zeros((120, 1, 1))), "one lies outside the unit cube. Allowed: 0 to 1."),
    (lambda: Emulator.fitted(POINTS, np.full((120, 1, 1), np.nan)), "values: 120 are not finite"),
    (lambda: Emulator.fitted(POINTS, np.ones((120, 1, 1)), factors="ab"), "2 and 1 names. Allowed: 4 and 1."),
])
def test_what_cannot_be_emulated_is_refused(use, message):
    with pytest.raises(SettingError, match=re.escape(message)):
        use()


def test_questions_that_do_not_fit_are_refused():
    emulator = Emulator.fitted(POINTS, POINTS[:, None, :1], outputs=("true",))

    for ask, message in ((lambda: emulator.predict(POINTS[:, :2]), "2 columns. Allowed: 4, one for each factor."),
                         (lambda: emulator.match({"tru": (1.0, 1.0)}), 'Did you mean "true"?'),
                         (lambda: emulator.match({"true": (1.0, 0.0)}), "a standard deviation of 0. Allowed: above 0."),
                         (lambda: emulator.match({}), "observed: there is nothing")):
        with pytest.raises(SettingError, match=re.escape(message)):
            ask()


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.gaussian_process", None)

    with pytest.raises(SettingError, match=re.escape('pip install "qicsim[emulator]"')):
        Emulator.fitted(POINTS, POINTS[:, None, :1])
