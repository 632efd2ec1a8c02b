"""What must not matter does not: the order of facilities, strangers, the horizon, threads, hashing, earlier runs."""

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from qicsim.model.columns import FacilitySite
from qicsim.model.simulate import noise_key
from qicsim.model.state import allocate_state
from tests.worlds import (
    EVERYTHING,
    HEADER,
    build_country,
    busy_country,
    by_id,
    copied,
    differing,
    digest,
    parameters,
    register_text,
    small_country,
)

ROOT = Path(__file__).parents[2]
KEYS = [noise_key(1, 0, 0), noise_key(1, 0, 1), noise_key(1, 1, 0), noise_key(2, 0, 0)]
FREE = EVERYTHING.replace("budget = 250_000\n", "").replace('order = "lowest-score"\n', "")


def printed(code, **environment):
    """What Python prints that runs the code in a process of its own."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False,
                          env=os.environ | environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


# ------------------------------------------------------------------------------------------------------------ luck


@pytest.mark.parametrize("key", KEYS)
def test_the_same_key_gives_the_same_numbers(key):
    assert differing(busy_country().run(key=key), busy_country().run(key=key)) == []


def test_another_seed_draw_or_replicate_gives_other_numbers():
    scores = [busy_country().run(key=key).facility["true_score"] for key in KEYS]

    for one, other in pairwise([*scores, scores[0]]):
        assert np.all(one != other)


def test_the_digest_of_strings_does_not_matter():
    code = "from tests.worlds import *; print(digest(busy_country().run()), digest(small_country().run()))"

    here = [digest(busy_country().run()), digest(small_country().run())]
    assert printed(code, PYTHONHASHSEED="2" if os.environ.get("PYTHONHASHSEED") == "1" else "1") == here


# -------------------------------------------------------------------------------------- order of rows, and strangers


def test_the_order_of_the_register_does_not_matter():
    lines = register_text().splitlines()[1:]
    random.Random(3).shuffle(lines)

    shuffled = build_country(HEADER + "\n".join(lines) + "\n", EVERYTHING)

    assert shuffled.world.register.id == busy_country().world.register.id
    assert differing(shuffled.run(), busy_country().run()) == []


def reordered(country, order):
    """The country with its facilities in another order within their districts; ties keep the order of their lists."""
    new_row, old = np.argsort(order), country.setting.facility
    facility = old[order]
    lists = [new_row[country.setting.peer[site.first_peer:site.end_peer]] for site in facility]
    ends = np.cumsum([len(rows) for rows in lists])
    facility["first_peer"], facility["end_peer"] = [0, *ends[:-1]], ends
    return country.where(facility=facility, peer=np.concatenate(lists))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_facilities_in_their_district_does_not_matter(seed):
    """Exactly, as long as no sum over facilities matters to any of them: a budget or a rule of order would be one."""
    country = build_country(register_text(), FREE)
    generator = np.random.default_rng(seed)
    spans = zip(country.setting.district["first"], country.setting.district["end"], strict=True)
    order = np.concatenate([generator.permutation(np.arange(first, end)) for first, end in spans])

    plain, other = country.run(), reordered(country, order).run()

    for column in plain.facility.dtype.names:
        if column not in ("sort_key", "taken"):
            assert np.array_equal(plain.facility[column][order], other.facility[column]), column
    np.testing.assert_allclose(plain.province["cost"], other.province["cost"], rtol=1e-12)
    assert np.array_equal(plain.district["benchmark"], other.district["benchmark"])


@pytest.mark.parametrize("province", ["Banteay Meanchey", "Tboung Khmum"])
def test_one_facility_more_changes_nothing_for_the_others(province):
    """It comes before or after all others, in a province that the programme never reaches; exactly."""
    more = register_text(f"X-H1,X-H1,health_centre,{province},OD-X,5000,")
    without, with_it = build_country(register_text(), FREE), build_country(more, FREE)

    before, after = by_id(without, without.run()), by_id(with_it, with_it.run())

    assert after.pop("X-H1")["ever"] == 0
    assert before.keys() == after.keys()
    for name, row in before.items():
        for column in row.dtype.names:
            assert np.array_equal(row[column], after[name][column]), (name, column)


def test_rows_of_the_country_that_were_reordered_are_still_a_setting():
    country = small_country()
    same = reordered(country, np.arange(country.setting.facility.size))

    for column in FacilitySite._fields:
        assert np.array_equal(same.setting.facility[column], country.setting.facility[column])
    assert np.array_equal(same.setting.peer, country.setting.peer)


# -------------------------------------------------------------------------------------- horizon, threads, other runs


@pytest.mark.parametrize("country", [small_country, busy_country])
def test_a_longer_horizon_keeps_its_first_months(country):
    for month, state in country().months():
        if month in (0, 11, 23, 35):
            assert differing(country().first(month + 1).run(), state) == []


def test_what_is_read_in_the_first_months_is_kept_too():
    long, short = busy_country().read(), busy_country().first(12).read()

    assert np.array_equal(long.nation[:12], short.nation)
    assert np.array_equal(long.programme[:12], short.programme)
    assert np.array_equal(long.cost[:1], short.cost)
    assert np.array_equal(long.places[:1], short.places)


def test_threads_that_share_a_setting_give_the_same_numbers():
    keys = [noise_key(1, 0, replicate) for replicate in range(24)]
    alone = [digest(busy_country().run(key=key)) for key in keys]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda key: digest(busy_country().run(key=key)), keys))

    assert together == alone


def test_a_run_leaves_what_it_was_given_as_it_was():
    country, given = busy_country(), parameters()
    kept = [np.copy(part) for part in (*country.setting, country.levers, given)]

    country.run(given)

    for before, after in zip(kept, (*country.setting, country.levers, given), strict=True):
        assert before.tobytes() == after.tobytes()


def test_a_state_that_was_used_gives_the_same_as_a_fresh_one():
    used = busy_country().run(key=noise_key(9, 9, 9))
    small_country().run(state=used)

    assert differing(small_country().run(state=used), small_country().run()) == []


def test_a_state_full_of_rubbish_gives_the_same_as_a_fresh_one():
    state = allocate_state(small_country().setting)
    for table in state:
        table.view(np.uint8)[:] = 1

    assert differing(small_country().run(state=state), small_country().run()) == []


def test_stepping_through_the_months_is_the_run():
    for country in (small_country(), busy_country()):
        *_, (_, state) = country.months()

        assert differing(copied(state), country.run()) == []
