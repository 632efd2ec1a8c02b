"""Random numbers of the rebuilt model: section 7.29 of ODD.md in plain Python."""

from __future__ import annotations

from math import log, sqrt

LOW = 0xFFFFFFFF
PURPOSES = ("INITIAL_FACILITY", "INITIAL_AREA", "TRAITS", "LUCK", "JOINING", "LAPSE", "TURNOVER", "REJOINING", "TOPIC",
            "EXCHANGE", "ASSESSMENT", "LEADERSHIP", "DISTRICT_BIAS", "INITIAL_SCORE", "NETWORK")


class Numbers:
    """The numbers of one run; its key is (seed, 4096 * draw + replicate)."""

    def __init__(self, seed: int, draw: int, replicate: int) -> None:
        self.key = seed, 4096 * draw + replicate

    def uniform(self, identity, month: int, purpose: str, word: int = 0, block: int = 0) -> float:
        """The uniform number of an identity, a month and a purpose."""
        last = 16 * (PURPOSES.index(purpose) + 1) + block
        words = philox((int(identity[0]), int(identity[1]), month, last), self.key)
        return (words[word] + 0.5) * 2.0**-32

    def normal(self, *who, **which) -> float:
        """The standard normal number."""
        return quantile(self.uniform(*who, **which))


def philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    """Philox 4x32-10: four words from a counter of four words and a key of two."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & LOW, (p0 >> 32) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return c0, c1, c2, c3


def quantile(p: float) -> float:
    """The standard normal quantile by algorithm AS 241, PPND7."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * ratio(r, (3.3871327179, 50.434271938, 159.29113202, 59.109374720),
                         (17.895169469, 78.757757664, 67.187563600))
    r = sqrt(-log(min(p, 1.0 - p)))
    if r <= 5.0:
        size = ratio(r - 1.6, (1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103), (0.73700164250, 0.12021132975))
    else:
        size = ratio(r - 5.0, (6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997),
                     (0.24197894225, 0.012258202635))
    return size if q > 0.0 else -size


def ratio(r: float, above: tuple[float, ...], below: tuple[float, ...]) -> float:
    """A ratio of polynomials, coefficients from the constant on; that of the lower one is 1."""
    return sum(c * r**i for i, c in enumerate(above)) / (1.0 + sum(c * r**i for i, c in enumerate(below, start=1)))
