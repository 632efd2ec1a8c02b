"""Counted randomness."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

import qicsim
from qicsim.ground import randomness
from qicsim.ground.compiled import compiled_with_arrays
from qicsim.ground.randomness import BLOCKS_PER_PURPOSE, normal, normal_of, philox, uniform, unit, words
from tests.helpers import assert_mean

ALL_ONES = 0xFFFFFFFF
PURPOSES = {"INITIAL_FACILITY": 1, "INITIAL_AREA": 2, "TRAITS": 3, "LUCK": 4, "JOINING": 5, "LAPSE": 6, "TURNOVER": 7,
            "REJOINING": 8, "TOPIC": 9, "EXCHANGE": 10, "ASSESSMENT": 11, "LEADERSHIP": 12, "DISTRICT_BIAS": 13,
            "INITIAL_SCORE": 14, "NETWORK": 15}
NOT_PURPOSES = {"BLOCKS_PER_PURPOSE", "TO_UNIT", "M0", "M1", "W0", "W1", "LOW", "WORD"}


def who(low, high=0):
    """A key or an identity of two 32-bit words."""
    return np.array([low, high], dtype=np.uint64)


@compiled_with_arrays
def uniforms(keys, identities, months, purposes):
    """The uniform number of each row."""
    out = np.empty(len(months))
    for i in range(len(months)):
        out[i] = uniform(keys[i], identities[i], months[i], purposes[i])
    return out


def sample(count, *, stream=0, first=0, month=0, purpose=1):
    """Uniform numbers of `count` neighbouring identities."""
    keys = np.tile(who(7, stream), (count, 1))
    identities = np.column_stack([np.arange(first, first + count), np.zeros(count)]).astype(np.uint64)
    return uniforms(keys, identities, np.full(count, month), np.full(count, purpose))


@pytest.mark.parametrize(("counter", "key", "answer"), [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ALL_ONES,) * 4, (ALL_ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
])
def test_philox_gives_the_known_answers_of_its_authors(counter, key, answer):
    """Philox 4x32-10 of the file kat_vectors of Random123 (Salmon et al. 2011)."""
    assert philox(*(np.uint64(word) for word in (*counter, *key))) == answer


def test_the_ends_of_the_word_stay_inside_the_open_unit_interval():
    assert unit(np.uint64(0)) == 2.0**-33
    assert unit(np.uint64(ALL_ONES)) == 1.0 - 2.0**-33


def test_normal_quantiles_are_right_to_a_millionth_however_far_out():
    u = np.concatenate([2.0 ** -np.arange(1.0, 33.5, 0.25), np.linspace(0.001, 0.999, 997),
                        1.0 - 2.0 ** -np.arange(1.0, 33.5, 0.25)])

    assert np.array([normal_of(x) for x in u]) == pytest.approx(special.ndtri(u), abs=1e-6, rel=1e-6)


def test_numbers_are_uniform_and_normal():
    drawn = sample(20_000)

    assert stats.kstest(drawn, "uniform").pvalue > 0.001
    assert_mean(drawn, 0.5)
    assert_mean((drawn - 0.5) ** 2, 1.0 / 12.0)


@pytest.mark.parametrize("other", [{"first": 1}, {"month": 1}, {"purpose": 2}, {"stream": 1}], ids=str)
def test_neighbours_in_identity_month_purpose_and_stream_have_nothing_to_do_with_each_other(other):
    here, there = sample(20_000), sample(20_000, **other)
    cells = np.histogram2d(here, there, bins=8, range=[[0, 1], [0, 1]])[0].ravel()

    assert abs(np.corrcoef(here, there)[0, 1]) < 5.0 / np.sqrt(len(here))
    assert stats.chisquare(cells).pvalue > 1e-4


def test_a_number_depends_on_its_identity_month_and_purpose_alone():
    assert np.array_equal(sample(100)[60:], sample(40, first=60))
    assert normal(who(7), who(3), 5, 4) == normal_of(unit(words(who(7), who(3), 5, 4, 0)[0]))


def test_purposes_are_numbered_for_ever_and_leave_room_for_their_blocks():
    """A purpose and its block share one 32-bit word of the counter."""
    now = {name: value for name, value in vars(randomness).items() if name.isupper() and name not in NOT_PURPOSES}

    assert PURPOSES.items() <= now.items()
    assert len(set(now.values())) == len(now)
    assert all(0 < purpose < 2**32 // BLOCKS_PER_PURPOSE for purpose in now.values())


SCRIPT = """
import numpy as np
from qicsim.ground.randomness import normal
key = np.array([7, 3], dtype=np.uint64)
for i in range(500):
    print(float(normal(key, np.array([i, i * i], dtype=np.uint64), i % 216, 1 + i % 15)).hex())
"""


def test_the_interpreter_and_compiled_code_agree_bit_for_bit():
    environment = os.environ | {"PYTHONPATH": str(Path(qicsim.ground.compiled.__file__).parents[2])}
    outputs = [subprocess.run([sys.executable, "-c", SCRIPT], env=environment | {"NUMBA_DISABLE_JIT": switch},
                              capture_output=True, text=True, check=True).stdout for switch in "01"]

    assert outputs[0] == outputs[1]
    assert len(set(outputs[0].split())) == 500
