"""Counted randomness: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, `salmon-2011` in `model/sources.toml`).

Four 32-bit words come out of a counter of four words and a key of two. The key is (seed, stream), where the stream
numbers the pair of draw and replicate; the counter is (identity low, identity high, month, purpose and block). So a
number depends on who needs it, when and for what, and on nothing else: not on the order of facilities, the batch or
the number of threads. Two scenarios with the same draw and replicate share every facility's luck.

Purposes are numbered for ever: append, never renumber. 1000 to 1999 are those of extensions.
"""

from __future__ import annotations

import math

import numpy as np

from qicsim.ground.compiled import compiled, compiled_in_wide_loops, compiled_into_callers

M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
WORD = np.uint64(32)
TO_UNIT = 2.0**-32
MIDDLE = 0.425
BLOCKS_PER_PURPOSE = 16

INITIAL_FACILITY = 1
INITIAL_AREA = 2
TRAITS = 3
LUCK = 4
JOINING = 5
LAPSE = 6
TURNOVER = 7
REJOINING = 8
TOPIC = 9
EXCHANGE = 10
ASSESSMENT = 11
LEADERSHIP = 12
DISTRICT_BIAS = 13
INITIAL_SCORE = 14
NETWORK = 15
OBSERVED_LEVEL = 16
DISTRICT_EFFICACY = 17


@compiled_into_callers
def philox(c0, c1, c2, c3, k0, k1):
    """Four random 32-bit words (as uint64) for a counter of four words and a key of two."""
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        c0, c1, c2, c3 = (p1 >> WORD) ^ c1 ^ k0, p1 & LOW, (p0 >> WORD) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@compiled
def words(key, who, month, purpose, block):
    """Four words for a (seed, stream) `key`, a (low, high) identity `who`, a month, a purpose and a block of it."""
    last = np.uint64(purpose * BLOCKS_PER_PURPOSE + block)
    return philox(who[0], who[1], np.uint64(month), last, key[0], key[1])


@compiled
def unit(word):
    """A number strictly between 0 and 1 from a 32-bit word."""
    return (float(word) + 0.5) * TO_UNIT


@compiled
def uniform(key, who, month, purpose):
    """The uniform number of this identity, month and purpose."""
    return unit(words(key, who, month, purpose, 0)[0])


@compiled
def normal_of(u):
    """Standard normal quantile at `u`, 0 < u < 1, to about seven digits (Wichura 1988, algorithm AS 241, PPND7)."""
    q = u - 0.5
    return normal_in_middle(q) if abs(q) <= MIDDLE else normal_in_tail(u)


@compiled_into_callers
def normal_in_middle(q):
    """Standard normal quantile at 0.5 + `q`, where |q| is at most `MIDDLE`."""
    r = 0.180625 - q * q
    top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    bottom = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0
    return q * top / bottom


@compiled
def normal_in_tail(u):
    """Standard normal quantile at `u`, where |u - 0.5| is more than `MIDDLE`."""
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        bottom = (0.12021132975 * r + 0.73700164250) * r + 1.0
    else:
        r -= 5.0
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        bottom = (0.012258202635 * r + 0.24197894225) * r + 1.0
    return math.copysign(top / bottom, u - 0.5)


@compiled_in_wide_loops
def fill_words(key, who, month, purpose, block, out):
    """The `words` of every identity of `who`, shape (2, n), in `out`, shape (4, n); the loop fills wide registers."""
    last = np.uint64(purpose * BLOCKS_PER_PURPOSE + block)
    for i in range(out.shape[1]):
        drawn = philox(who[0, i], who[1, i], np.uint64(month), last, key[0], key[1])
        out[0, i], out[1, i], out[2, i], out[3, i] = drawn


@compiled_in_wide_loops
def fill_normals(words, tail, out):
    """The `normal_of` the `unit` of each word, shape (n,), in `out`; `tail` (n,) is work space for whole numbers.

    The middle is worked out for every word in a loop without branches, and put right where a word lies in a tail.
    """
    in_tail = 0
    for i in range(out.size):
        q = unit(words[i]) - 0.5
        out[i] = normal_in_middle(q)
    for i in range(out.size):
        tail[in_tail] = i
        in_tail += abs(unit(words[i]) - 0.5) > MIDDLE
    for n in range(in_tail):
        out[tail[n]] = normal_in_tail(unit(words[tail[n]]))


@compiled
def normal(key, who, month, purpose):
    """The standard normal number of this identity, month and purpose."""
    return normal_of(uniform(key, who, month, purpose))
