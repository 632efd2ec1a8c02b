"""Luck drawn for all facilities at once is the luck drawn one by one, and serves every run of a key."""

import numpy as np
import pytest

from qicsim.ground.randomness import (
    ASSESSMENT,
    LAPSE,
    LUCK,
    TURNOVER,
    normal,
    normal_of,
    uniform,
    unit,
    words,
)
from qicsim.model.luck import NOT_DRAWN, allocate_luck, draw_luck, forget
from qicsim.model.simulate import noise_key
from tests.worlds import (
    EVERYTHING,
    build_country,
    busy_country,
    differing,
    observed_country,
    register_text,
    small_country,
)

KEY = noise_key(1, 3, 2)
MORE = [f"OD-BA1-X{n},x,health_centre,Battambang,OD-BA1,{3000 + n}," for n in range(101)]


@pytest.fixture(scope="module")
def lived():
    """A country of 144 facilities, more than two batches, with a run's luck of all months."""
    country = build_country(register_text(*MORE), EVERYTHING)
    luck = allocate_luck(country.setting, kept=True)
    country.run(key=KEY, luck=luck)
    return country, luck


def test_the_luck_of_every_facility_is_its_own_counted_numbers(lived):
    country, luck = lived
    for f in range(country.setting.facility.size):
        who = country.setting.facility[f].identity
        for month in (0, 3, 33):
            drawn = luck.quarter[month // 3, f]
            block = [word for b in range(4) for word in words(KEY, who, month, LUCK, b)]
            assert drawn.facility == normal_of(unit(block[3]))
            assert drawn.area.tolist() == [normal_of(unit(block[4 * (a // 3) + a % 3])) for a in range(10)]
            assert drawn.assessment == normal(KEY, who, month + 2, ASSESSMENT)
        for month in (17, 35):
            assert luck.months[month] == month
            assert luck.month[month, f].lapse == uniform(KEY, who, month, LAPSE)
            assert luck.month[month, f].turnover == uniform(KEY, who, month, TURNOVER)


@pytest.mark.parametrize("country", [small_country, busy_country, observed_country])
def test_kept_luck_gives_the_very_state_of_luck_drawn_anew(country):
    country = country()
    kept = allocate_luck(country.setting, kept=True)

    first, again = country.run(key=KEY, luck=kept), country.run(key=KEY, luck=kept)

    assert differing(first, country.run(key=KEY)) == []
    assert differing(again, first) == []


def test_kept_luck_serves_another_scenario_of_the_same_key():
    """Also one that had no teams where the other has some, and so did not draw what happens to teams."""
    quiet, kept = small_country().but(recruiting=0), allocate_luck(small_country().setting, kept=True)
    quiet.run(key=KEY, luck=kept)

    assert np.all(kept.months == NOT_DRAWN)
    assert differing(small_country().run(key=KEY, luck=kept), small_country().run(key=KEY)) == []


@pytest.mark.parametrize("kept", [True, False])
def test_luck_of_one_key_is_not_taken_for_that_of_another(kept):
    country, luck = small_country(), allocate_luck(small_country().setting, kept=kept)
    country.run(key=KEY, luck=luck)

    assert differing(country.run(key=noise_key(1, 3, 3), luck=luck), country.run(key=noise_key(1, 3, 3))) == []


def test_what_is_there_is_not_drawn_again_until_it_is_forgotten():
    country, luck = small_country(), allocate_luck(small_country().setting, kept=True)
    state = country.run(key=KEY, luck=luck)
    luck.quarter["facility"] = 7.0

    draw_luck(4, state, luck, KEY)
    assert luck.quarter[1, 0].facility == 7.0

    forget(luck)
    draw_luck(4, state, luck, KEY)
    assert luck.quarter[1, 0].facility != 7.0


def test_luck_that_is_not_kept_has_room_for_a_month_only():
    country = small_country()
    kept, passing = (allocate_luck(country.setting, kept=choice) for choice in (True, False))

    assert (kept.quarter.shape, kept.month.shape) == ((12, 43), (36, 43))
    assert (passing.quarter.shape, passing.month.shape) == ((1, 43), (1, 43))
