"""Leadership of districts."""

import math

import numpy as np
import pytest
from hypothesis import given

from qicsim.model.mechanisms.leadership import Leadership, leadership_drawn, leadership_held
from tests.helpers import PROPERTY, anywhere, assert_mean, normals, plain, shares


def test_a_middling_chief_leads_a_little_below_the_mean():
    """With sd 0.27 the variance of the logarithm is ln(1.0729) and the median exp(-half of it) = 1 / sqrt(1.0729)."""
    assert leadership_drawn(0.0, Leadership()) == pytest.approx(1.0 / math.sqrt(1.0729))


def test_chiefs_have_mean_one_and_the_declared_spread():
    drawn = [plain(leadership_drawn)(z, Leadership(sd=0.4)) for z in np.random.default_rng(1).normal(size=20_000)]

    assert_mean(drawn, 1.0)
    assert_mean((np.array(drawn) - 1.0) ** 2, 0.16)


def test_a_national_policy_lifts_weak_leadership_only():
    """40 % of the way from 0.5 to 1 is 0.7; a strong chief is left alone."""
    assert leadership_held(0.5, 1.0, Leadership()) == pytest.approx(0.7)
    assert leadership_held(1.4, 1.0, Leadership()) == 1.4
    assert leadership_held(0.5, 0.0, Leadership()) == 0.5
    assert leadership_held(0.5, 1.0, Leadership(hold=0.0)) == 0.5


@given(z=normals, policy=shares, leadership=anywhere(Leadership))
@PROPERTY
def test_leadership_is_positive_and_policy_never_weakens_it(z, policy, leadership):
    drawn = plain(leadership_drawn)(z, leadership)
    held = plain(leadership_held)(drawn, policy, leadership)

    assert 0.0 < drawn <= held <= max(drawn, 1.0) + 1e-12
