"""Hospital accreditation."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.accreditation import Accreditation, accreditation_gain
from tests.helpers import PROPERTY, anywhere, plain, points, shares


def test_preparing_gives_attention_to_what_the_standards_cover():
    """All hospitals prepare, standards cover 80 % of the area, half the headroom of mid scale: 0.15 x 0.8 x 0.5."""
    assert accreditation_gain(1.0, 0.8, 0.5, Accreditation()) == pytest.approx(0.06)


@pytest.mark.parametrize(("preparing", "standards", "gap"), [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)])
def test_nothing_is_gained_without_preparation_standards_or_headroom(preparing, standards, gap):
    assert accreditation_gain(preparing, standards, gap, Accreditation()) == 0.0


def test_without_an_effect_accreditation_changes_nothing():
    assert accreditation_gain(1.0, 1.0, 1.0, Accreditation(attention=0.0)) == 0.0


@given(preparing=shares, standards=shares, room=points, parameters=anywhere(Accreditation))
@PROPERTY
def test_accreditation_never_lowers_quality_nor_leads_past_the_ceiling(preparing, standards, room, parameters):
    lowest_ceiling = 85.0
    gain = plain(accreditation_gain)(preparing, standards, room / (lowest_ceiling - 50.0), parameters)

    assert 0.0 <= gain <= room
