"""Factorial experiments: what two or three policies do alone, and what they do only together.

For factors that are each off (0) or on (1), and a set S of them, the effect of S in one run is

    sum over levels of S of (-1)^(how many of S are off) * Y, mean over all levels of the other factors

so that a main effect is the mean difference that switching on makes, and an interaction the difference of differences:
for two factors Y11 - Y10 - Y01 + Y00, the points that both together bring beyond the sum of what each brings alone. In
Box, Hunter and Hunter (2005, "Statistics for experimenters", chapter 5) an interaction of n factors is this divided by
2^(n - 1). Cells are paired by draw and luck, so the effect is taken run by run and is a contrast like any other:
interval between draws with the noise of replicates removed, Monte Carlo error, and what pairing saves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from qicsim.analysis.contrasts import Contrast, contrast_of
from qicsim.analysis.nested import nested
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import LEVEL

TIMES = " x "


@dataclass(frozen=True, eq=False)
class Effect:
    """The effect of one or more factors together, in units of the indicator."""

    factors: tuple[str, ...]
    contrast: Contrast

    @property
    def name(self) -> str:
        """The factors with a sign between them."""
        return TIMES.join(self.factors)

    @property
    def verdict(self) -> np.ndarray:
        """-1, 0 or 1: its interval between draws is below zero, holds zero or is above it (`Contrast.sign`)."""
        return self.contrast.sign


def cell_levels(count: int) -> tuple[tuple[int, ...], ...]:
    """Levels of `count` factors in the cells, in the order of `factorial`: the last factor changes fastest."""
    return tuple(tuple((cell >> (count - 1 - place)) & 1 for place in range(count)) for cell in range(2**count))


def effect_weights(count: int, chosen: Sequence[int]) -> np.ndarray:
    """Weights of the cells, (2^count,), in the effect of the factors at the places `chosen`."""
    levels = np.array(cell_levels(count))[:, list(chosen)]
    return np.where(np.sum(levels == 0, axis=1) % 2, -1.0, 1.0) / 2.0 ** (count - len(chosen))


def factorial(cells: np.ndarray, factors: Sequence[str], *, level: float = LEVEL) -> tuple[Effect, ...]:
    """All main effects and interactions of values (2^factors, draws, replicates, ...), cells as in `cell_levels`.

    Raises SettingError when the number of cells does not fit, and as `nested`.
    """
    cells, count = np.asarray(cells, dtype=float), len(factors)
    if count < 1 or cells.ndim < 3 or len(cells) != 2**count:  # noqa: PLR2004 cells, draws, replicates
        raise SettingError("", [Fault("cells", f"have the shape {cells.shape} for {count} factors",
                                      f"({2**count}, draws, replicates, ...)")])
    subsets = chain.from_iterable(combinations(range(count), size) for size in range(1, count + 1))
    return tuple(Effect(tuple(factors[place] for place in chosen),
                        _contrast(cells, effect_weights(count, chosen), level)) for chosen in subsets)


def _contrast(cells: np.ndarray, weights: np.ndarray, level: float) -> Contrast:
    difference = np.tensordot(weights, cells, axes=1)
    lost = np.isnan(difference)
    return contrast_of(difference, *(nested(np.where(lost, np.nan, weight * cell))
                                     for weight, cell in zip(weights, cells, strict=True)), level=level)


# ----------------------------------------------------------------------------------------------------------- in words

SEEN = {(True, True): "both in true quality and in the record", (True, False): "in true quality, not in the record",
        (False, True): "in the record only, not in true quality",
        (False, False): "neither in true quality nor in the record"}
KINDS = {1: "positive (synergy)", -1: "negative (each does less where the other is)"}


def effect_words(effect: Effect, unit: str, at: int | tuple[()] = ()) -> str:
    """One sentence: how large the effect is (at a time), and whether its interval between draws excludes zero."""
    c = effect.contrast
    mean, low, high, error = (float(part[at]) for part in (c.mean, c.low, c.high, c.error_chance))
    sign = int(effect.verdict[at])
    together = {1: ": together more than the sum", -1: ": together less than the sum"}
    told = "holds zero" if not sign else "excludes zero" + (together[sign] if len(effect.factors) > 1 else "")
    return (f"{effect.name}: {mean:+.2f} {unit} ({c.level:.0%} interval between draws {low:+.2f} to {high:+.2f}, "
            f"which {told}; Monte Carlo error {error:.2g}).")


def synergy_words(effects: Mapping[str, Effect], at: int | tuple[()] = ()) -> str:
    """Whether an interaction is in the truth, in the record, in both or in neither; keys "true" and "recorded"."""
    true, recorded = (int(effects[score].verdict[at]) for score in ("true", "recorded"))
    words = f"An interaction of {effects['true'].name} is seen {SEEN[true != 0, recorded != 0]}."
    told = [f"in {score} it is {KINDS[sign]}" for score, sign in (("truth", true), ("the record", recorded)) if sign]
    return f"{words} {'; '.join(told).capitalize()}." if told else words
