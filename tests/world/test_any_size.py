"""A register may be as long as a country is large: time and memory follow it, the peer network stays as thin."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from qicsim.inputs.world.network import ACROSS, LARGEST_ZONE, PROVINCE, _circles, _facilities, _zones, peer_ties
from qicsim.inputs.world.register import MOST_FACILITIES, read_register
from tests.helpers import EMBEDDED
from tests.world.any_size import country_times, lived, measure, register_times

ROOT = Path(__file__).parents[2]
# Of the peer network as it was in 0.1, before it had zones.
NETWORK = "a20ed25c8f073c94ac4d38156d898795c7e61e1d6f797f60fb2e9d45c17723d5"


@pytest.fixture(scope="module")
def twenty_thousand():
    """14 times the embedded register: 19,782 facilities."""
    return register_times(14)


def test_the_embedded_register_keeps_its_ties_to_the_last_byte():
    ties = peer_ties(read_register(EMBEDDED["register"]))

    assert ties.first.size == 5157
    assert sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in ties)).hexdigest() == NETWORK


def test_facilities_have_no_more_ties_where_there_are_more_of_them(twenty_thousand):
    def degrees(register):
        ties = peer_ties(register)
        return [2.0 * np.isin(ties.reach, reach).sum() / len(register) for reach in ((0, 1), (PROVINCE,), (ACROSS,))]

    (near, province, across), (near_large, province_large, across_large) = map(
        degrees, (read_register(EMBEDDED["register"]), twenty_thousand))

    assert near_large == pytest.approx(near, rel=0.03)
    assert 0.6 * province < province_large < province
    assert across_large == pytest.approx(across, abs=0.02)


def test_a_zone_is_a_run_of_whole_districts_of_one_province(twenty_thousand):
    facilities = _facilities(twenty_thousand)
    zone = _zones(facilities)

    for code in np.unique(facilities.province):
        here = facilities.province == code
        assert not np.isin(zone[~here], zone[here]).any()
        by_district = [np.unique(zone[here & (facilities.district == code)])
                       for code in np.unique(facilities.district[here])]
        assert {part.size for part in by_district} == {1}
        assert np.all(np.diff(np.concatenate(by_district)) >= 0)
    assert np.bincount(zone).max() <= LARGEST_ZONE


def test_a_province_up_to_the_largest_is_one_zone_and_the_next_facility_cuts_it():
    facilities = _facilities(register_times(1))
    province = np.zeros(LARGEST_ZONE + 1, dtype=np.int64)
    cut = facilities._replace(province=province, district=np.arange(LARGEST_ZONE + 1) // 11)
    whole = facilities._replace(province=province[1:], district=np.arange(LARGEST_ZONE) // 11)

    assert np.bincount(_zones(whole)).tolist() == [LARGEST_ZONE]
    # Three zones, by the facilities in earlier districts: a district belongs to the zone in which it begins.
    assert np.bincount(_zones(cut)).tolist() == [44, 44, 33]


def test_many_hospitals_fall_into_circles_of_about_the_usual_size(twenty_thousand):
    facilities = _facilities(twenty_thousand)
    circle = _circles(facilities.identity[facilities.hospital])

    assert np.bincount(circle).size == 14
    assert np.all(np.abs(np.bincount(circle) - 125) < 5 * np.sqrt(125))
    assert _circles(facilities.identity[:150]).max() == 0


def test_twenty_thousand_facilities_live_two_years():
    country = country_times(14)

    seconds, scores = lived(country)

    assert scores.size == 19_782
    assert np.all((scores >= 0.0) & (scores <= 100.0))
    # Every facility that has opened has a life of its own.
    assert np.unique(scores[country.setting.facility["opened"] < 24]).size == 18_998
    assert seconds < 10.0


@pytest.mark.slow
def test_time_and_memory_follow_the_number_of_facilities_up_to_200_000():
    """Each size in a process of its own; with room for caches of the processor that overflow."""
    measure(1)  # compiles
    some, more, many = (json.loads(subprocess.run(
        [sys.executable, "-m", "tests.world.any_size", str(copies)], cwd=ROOT, capture_output=True, text=True,
        check=True).stdout) for copies in (35, 70, 140))

    assert some["facilities"] * 4 == many["facilities"] == 197_820 <= MOST_FACILITIES
    assert many["degree"] == pytest.approx(some["degree"], rel=0.02)
    assert many["build"] < 1.5 * 4 * some["build"]
    assert many["run"] < 1.5 * 4 * some["run"]
    assert many["memory"] - more["memory"] < 1.25 * 2 * (more["memory"] - some["memory"])
