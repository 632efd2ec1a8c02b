"""The embedded register is rebuilt byte for byte, and has the counts that sources give for the country."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.ground.calendar import parse_month
from qicsim.inputs.country import default_country
from qicsim.inputs.world.register import register_text
from qicsim.inputs.world.synthetic import apportion, build_register, share_out
from tests.helpers import EMBEDDED

PROJECT = {"Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap"}


@pytest.fixture(scope="module")
def register():
    return build_register()


def open_by(register, month):
    return register.opened <= parse_month(month)


def centres_by_district(register):
    return Counter(district for district, kind in zip(register.operational_district, register.type, strict=True)
                   if kind == "health_centre")


def test_the_embedded_register_is_rebuilt_byte_for_byte(register):
    assert register_text(register).encode() == EMBEDDED["register"].read_bytes()


@pytest.mark.parametrize(("month", "centres", "hospitals"), [("2018-01", 1205, 116), ("2022-12", 1288, 125)])
def test_national_counts_are_those_of_the_minister_s_meeting(register, month, centres, hospitals):
    there, hospital = open_by(register, month), register.hospital == 1

    assert np.sum(there & ~hospital) == centres
    assert np.sum(there & hospital) == hospitals


def test_health_centres_of_each_province_are_those_of_the_province_table(register):
    for month, column in (("2018-01", 0), ("2022-12", 1)):
        there = open_by(register, month) & (register.hospital == 0)
        found = Counter(name for name, is_open in zip(register.province, there, strict=True) if is_open)

        assert found == {province.name: province.first_level[column] for province in default_country().provinces}


def test_openings_are_spread_over_the_months_from_2018_02_to_2022_12(register):
    dated = register.opened[register.opened > 0]
    by_year = Counter((dated // 12).tolist())

    assert dated.size == 83 + 9
    assert (dated.min(), dated.max()) == (parse_month("2018-02"), parse_month("2022-12"))
    assert set(by_year) == {2018, 2019, 2020, 2021, 2022}
    assert all(15 <= count <= 22 for count in by_year.values())


def test_every_one_of_100_districts_has_a_hospital_from_the_start_and_at_most_two(register):
    there = open_by(register, "2018-01") & (register.hospital == 1)
    from_start = {district for district, is_there in zip(register.operational_district, there, strict=True) if is_there}
    ever = Counter(district for district, kind in zip(register.operational_district, register.hospital, strict=True)
                   if kind)

    assert len(from_start) == len(set(register.operational_district)) == 100
    assert Counter(ever.values()) == {1: 75, 2: 25}


def test_levels_of_hospitals_and_one_provincial_hospital_in_each_province(register):
    provincial = {province for province, kind, row in zip(register.province, register.type, register.id, strict=True)
                  if kind == "CPA3" and row.endswith("01-R1")}

    assert Counter(register.type) == {"health_centre": 1288, "CPA1": 61, "CPA2": 38, "CPA3": 26}
    assert len(provincial) == 25


def test_second_hospitals_stand_in_the_districts_with_most_people_and_the_late_ones_in_the_next(register):
    people = Counter()
    for district, served in zip(register.operational_district, register.population, strict=True):
        people[district] += served
    ranked = sorted(people, key=lambda district: -people[district])
    second = {district: opened for row, district, opened in
              zip(register.id, register.operational_district, register.opened, strict=True) if row.endswith("R2")}

    assert set(second) == set(ranked[:25])
    assert all(second[district] == 0 for district in ranked[:16])
    assert all(second[district] > 0 for district in ranked[16:25])


def test_the_six_project_provinces_hold_what_the_project_reported(register):
    there = open_by(register, "2021-12") & np.array([name in PROJECT for name in register.province])

    districts = {name for name, is_in in zip(register.operational_district, there, strict=True) if is_in}
    assert len(districts) == 29
    assert 395 <= np.sum(there) <= 420
    assert 33 <= np.sum(there & (register.hospital == 1)) <= 36


def test_districts_have_8_to_23_health_centres_but_for_the_two_smallest_provinces(register):
    small = {"OD-2301", "OD-2401"}

    centres = centres_by_district(register)

    assert all(8 <= count <= 23 for district, count in centres.items() if district not in small)
    assert [centres[district] for district in sorted(small)] == [5, 7]


def test_people_sum_to_the_census_and_most_districts_lie_in_the_published_range(register):
    centres = centres_by_district(register)
    people = Counter()
    for district, served in zip(register.operational_district, register.population, strict=True):
        people[district] += served

    ratio = np.array([people[district] / centres[district] for district in centres])
    assert register.population.sum() == 15_552_211
    assert np.mean((ratio > 8_900) & (ratio < 15_500)) > 0.75
    assert register.population.min() > 1_000


def test_everything_invented_is_labelled_synthetic(register):
    assert register.synthetic
    assert all(row.startswith("SYN-") for row in register.id)
    assert all(name.endswith("(synthetic)") for name in register.name)
    assert len(set(register.name)) == len(register)
    assert np.isnan(register.latitude).all() and not any(register.dhis2_uid)


@given(weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=8), total=st.integers(0, 10**6))
def test_shares_are_whole_and_sum_to_the_total(weights, total):
    shares = share_out(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) <= 1.0 + 1e-6


@given(weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=8), data=st.data())
def test_seats_keep_their_bounds_and_sum_to_the_total(weights, data):
    least = [data.draw(st.integers(0, 5)) for _ in weights]
    most = [low + data.draw(st.integers(0, 9)) for low in least]
    seats = data.draw(st.integers(sum(least), sum(most)))

    held = apportion(seats, weights, least, most)

    assert sum(held) == seats
    assert all(low <= count <= high for low, count, high in zip(least, held, most, strict=True))


def test_seats_by_hand_follow_webster():
    assert apportion(10, [5.3, 2.4, 2.3], [0, 0, 0], [10, 10, 10]) == [6, 2, 2]
