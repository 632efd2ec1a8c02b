"""Spending by year and by anything else that it was kept by: sums, shares of payers, present values.

Costs are ingredients times quantities, in constant US$ of one year, from the perspective of payers: the government
and donors. What clients pay, and the time of staff that no line names, are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.discounting import Discounting, present_value
from qicsim.inputs.country import home

FIRST_AXES = ("draw", "year")


@dataclass(frozen=True, eq=False)
class Spending:
    """US$ of one scenario: float64 (draws, years, ...), with one further axis for each entry of `axes`, in order.

    Raises SettingError, with every fault, for a shape that does not fit the labels, values that are not finite (named
    by draw) and negative costs.
    """

    usd: np.ndarray
    years: tuple[int, ...]
    axes: Mapping[str, tuple[str, ...]]
    price_year: int = field(default_factory=lambda: home().price_year)

    def __post_init__(self) -> None:
        """Check shape, labels and values."""
        faults = Checks()
        labels = {"year": [str(year) for year in self.years], **self.axes}
        usd = faults.numbers("costs", self.usd, (*FIRST_AXES, *self.axes), labels)
        wanted = (usd.shape[0] if usd.ndim else 0, *(len(names) for names in labels.values()))
        if usd.ndim == len(wanted) and usd.shape != wanted:
            faults.add("costs", f"have the shape {usd.shape}", f"{wanted}, after years and labels")
        faults.not_negative("costs", usd)
        faults.refuse()
        object.__setattr__(self, "usd", usd)

    def by(self, *names: str) -> Spending:
        """The same by fewer axes, in the order given; SettingError for an axis that is not there."""
        self._known_axes("by", names)
        places = list(self.axes)
        others = tuple(len(FIRST_AXES) + places.index(name) for name in places if name not in names)
        summed = self.usd.sum(axis=others)
        left = [name for name in places if name in names]
        turned = summed.transpose(0, 1, *(len(FIRST_AXES) + left.index(name) for name in names))
        return replace(self, usd=turned, axes={name: self.axes[name] for name in names})

    def only(self, **wanted: str | Sequence[str]) -> Spending:
        """The part with some labels, such as payer="donor"; SettingError for unknown axes and labels, all at once."""
        self._known_axes("only", wanted)
        faults = Checks()
        chosen = {axis: (given,) if isinstance(given, str) else tuple(given) for axis, given in wanted.items()}
        for axis, labels in chosen.items():
            faults.known(axis, labels, self.axes[axis])
        faults.refuse()
        usd = self.usd
        for axis, labels in chosen.items():
            place = len(FIRST_AXES) + list(self.axes).index(axis)
            usd = np.take(usd, [self.axes[axis].index(label) for label in labels], axis=place)
        return replace(self, usd=usd, axes={**self.axes, **chosen})

    def within(self, first: int, last: int) -> Spending:
        """The years from first to last, both included; SettingError if there is none."""
        kept = [place for place, year in enumerate(self.years) if first <= year <= last]
        faults = Checks()
        if not kept:
            faults.add("years", f"{first} to {last}", f"some of {self.years[0]} to {self.years[-1]}")
        faults.refuse()
        return replace(self, usd=self.usd[:, kept], years=tuple(self.years[place] for place in kept))

    def yearly(self) -> np.ndarray:
        """US$ by draw and year, not discounted; float64 (draws, years)."""
        return self.usd.sum(axis=tuple(range(len(FIRST_AXES), self.usd.ndim)))

    def total(self, discounting: Discounting | None = None) -> np.ndarray:
        """US$ over all years, discounted if asked; float64 (draws, ...) by the axes."""
        return present_value(self.usd, self.years, discounting, axis=1)

    def mean_total(self, *names: str) -> np.ndarray:
        """Mean US$ between draws over all years, not discounted, by some axes in their order; float64."""
        return np.asarray(self.by(*names).total().mean(axis=0))

    def mean_by_year(self, name: str) -> np.ndarray:
        """Mean US$ between draws by year and one axis; float64 (years, labels)."""
        return np.asarray(self.by(name).usd.mean(axis=0))

    def _known_axes(self, place: str, names: Any) -> None:
        faults = Checks()
        faults.known(place, names, tuple(self.axes))
        faults.refuse()


def totals(spent: Mapping[str, Spending], discounting: Discounting | None = None) -> np.ndarray:
    """Total costs of several scenarios, float64 (scenarios, draws); all must have the same draws and years.

    SettingError for an empty set, or when draws or years differ (choose common years with `within`).
    """
    faults = Checks()
    if not spent:
        faults.add("scenarios", "there is no scenario", "one or more")
    first = next(iter(spent.values()), None)
    for name, one in spent.items():
        if first is not None and one.years != first.years:
            faults.add(f"scenario {name}", f"has the years {one.years[0]} to {one.years[-1]}",
                       f"{first.years[0]} to {first.years[-1]}, as the first", "Choose common years with within().")
        if first is not None and len(one.usd) != len(first.usd):
            faults.add(f"scenario {name}", f"has {len(one.usd)} draws", f"{len(first.usd)}, as the first")
    faults.refuse()
    return np.stack([one.by().total(discounting) for one in spent.values()])
