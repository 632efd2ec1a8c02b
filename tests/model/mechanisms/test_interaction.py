"""Explicit interaction of PBF and improvement work."""

import math

import pytest
from hypothesis import given

from qicsim.model.mechanisms.interaction import Interaction, interaction_factor
from tests.helpers import PROPERTY, anywhere, plain, stakes


def test_twice_the_stakes_effect_speeds_up_work_by_the_synergy():
    """Synergy 0.3 and the largest stake effect, 2: exp(0.3 x (2 - 1)) = 1.35."""
    assert interaction_factor(2.0, Interaction(synergy=0.3)) == pytest.approx(math.exp(0.3))


def test_at_the_reference_stake_or_without_synergy_the_factor_is_one():
    assert interaction_factor(1.0, Interaction(synergy=0.3)) == 1.0
    assert interaction_factor(0.0, Interaction(synergy=0.0)) == 1.0


@given(stake=stakes, interaction=anywhere(Interaction))
@PROPERTY
def test_the_factor_is_positive_and_leans_the_way_of_the_synergy(stake, interaction):
    factor = plain(interaction_factor)(stake, interaction)

    assert math.exp(-0.6) <= factor <= math.exp(0.6)
    assert (factor - 1.0) * interaction.synergy * (stake - 1.0) >= 0.0
