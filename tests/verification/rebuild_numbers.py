"""Random numbers of the rebuilt model: section 7.29 of ODD.md in numpy, for many facilities at once."""

from __future__ import annotations

import numpy as np

PURPOSES = {name: number for number, name in enumerate((
    "INITIAL_FACILITY", "INITIAL_AREA", "TRAITS", "LUCK", "JOINING", "LAPSE", "TURNOVER", "REJOINING", "TOPIC",
    "EXCHANGE", "ASSESSMENT", "LEADERSHIP", "DISTRICT_BIAS", "INITIAL_SCORE", "NETWORK", "OBSERVED_LEVEL",
    "DISTRICT_EFFICACY"), start=1)}
LOW, WORD = np.uint64(0xFFFFFFFF), np.uint64(32)
FACTORS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85


class Numbers:
    """The numbers of one run; its key is (seed, 4096 * draw + replicate). Identities have shape (2, facilities)."""

    def __init__(self, seed: int, draw: int, replicate: int) -> None:
        keys = seed, 4096 * draw + replicate
        self.keys = [tuple(np.uint64((key + turn * step) & 0xFFFFFFFF) for key, step in zip(keys, WEYL, strict=True))
                     for turn in range(10)]

    def words(self, identity, month, *purposes, blocks=1):
        """The four words of the first blocks of purposes: four arrays (purposes * blocks, facilities)."""
        last = [[16 * PURPOSES[purpose] + block] for purpose in purposes for block in range(blocks)]
        return philox((identity[0], identity[1], np.uint64(month), np.array(last, dtype=np.uint64)), self.keys)

    def uniforms(self, identity, month, *purposes):
        """Word 0 of several purposes as uniform numbers (purposes, facilities)."""
        return unit(self.words(identity, month, *purposes)[0])

    def uniform(self, identity, month, purpose, word=0):
        """A uniform number for each identity."""
        return unit(self.words(identity, month, purpose)[word][0])

    def normal(self, identity, month, purpose, word=0):
        """A standard normal number for each identity."""
        return quantile(self.uniform(identity, month, purpose, word))

    def by_area(self, identity, month, purpose, areas):
        """A uniform number for each care area (areas, facilities): area a in block a // 4, word a mod 4."""
        return unit(side_by_side(self.words(identity, month, purpose, blocks=-(-areas // 4)), areas))

    def luck(self, identity, month, areas):
        """Standard normal numbers of each facility, and of each area and facility: three areas to a block."""
        words = self.words(identity, month, "LUCK", blocks=-(-areas // 3))
        numbers = quantile(unit(np.vstack((words[3][:1], side_by_side(words[:3], areas)))))
        return numbers[0], numbers[1:]


def side_by_side(words, areas):
    """Words of blocks (words, blocks, facilities) as one row for each area."""
    return np.stack(words, axis=1).reshape(-1, words[0].shape[-1])[:areas]


def philox(counter, keys):
    """Philox 4x32-10: four arrays of words from a counter of four words and the two key words of each round."""
    c0, c1, c2, c3 = counter
    for k0, k1 in keys:
        p0, p1 = FACTORS[0] * c0, FACTORS[1] * c2
        c0, c1, c2, c3 = (p1 >> WORD) ^ (c1 ^ k0), p1 & LOW, (p0 >> WORD) ^ (c3 ^ k1), p0 & LOW
    return c0, c1, c2, c3


def unit(words):
    """Uniform numbers, 0 < u < 1."""
    return (words + 0.5) * 2.0**-32


def quantile(u):
    """The standard normal quantile by algorithm AS 241, PPND7; without its part for u < 1.4e-11, as words give none."""
    q = u.ravel() - 0.5
    r = 0.180625 - q * q
    z = q * polynomial(r, 59.109374720, 159.29113202, 50.434271938, 3.3871327179)
    z /= polynomial(r, 67.187563600, 78.757757664, 17.895169469, 1.0)
    tail = np.flatnonzero(np.abs(q) > 0.425)
    q = q[tail]
    r = np.sqrt(-np.log(0.5 - np.abs(q))) - 1.6
    size = polynomial(r, 0.17023821103, 1.3067284816, 2.7568153900, 1.4234372777)
    z[tail] = np.copysign(size / polynomial(r, 0.12021132975, 0.73700164250, 1.0), q)
    return z.reshape(u.shape)


def polynomial(r, first, *others):
    """A polynomial in r, coefficients from the highest power on, by Horner's rule."""
    value = first * r
    for coefficient in others[:-1]:
        value += coefficient
        value *= r
    value += others[-1]
    return value
