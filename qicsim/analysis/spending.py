"""What scenarios spend on average: by year, line and payer, more than the reference, and until donors leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.compare import Comparison
from qicsim.inputs.country import plan_start
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.runs.readout import qic_lines

DONOR = PAYERS.index("donor")
PAYMENTS = COST_LINES.index("pbf")
PBF = slice(min(map(COST_LINES.index, PBF_LINES)), max(map(COST_LINES.index, PBF_LINES)) + 1)
"""Lines of cost of performance-based financing; they stand side by side."""


@dataclass(frozen=True)
class Part:
    """A part of a sum: US$, and its share of the sum."""

    usd: float
    share: float


class MeanSpending:
    """Mean spending by scenario: US$ of the comparison's year, arrays (years, lines, payers), from the plans' start on.

    years        of the arrays; all years where the runs end before the plans begin (`since_start`)
    until_end    how many of the years are headline years of the reference
    """

    def __init__(self, comparison: Comparison) -> None:
        """Read the table of costs once."""
        frame = comparison.costs
        late = frame["year"] >= plan_start()
        self.reference = comparison.reference
        self.since_start = not late.any()
        chosen = frame if self.since_start else frame[late]
        self.years = tuple(sorted({int(year) for year in chosen["year"]}))
        self.until_end = sum(year <= comparison.end for year in self.years)
        scenarios = tuple(dict.fromkeys(chosen["scenario"]))
        spent = np.zeros((len(scenarios), len(self.years), len(COST_LINES), len(PAYERS)))
        axes = (scenarios, self.years, COST_LINES, PAYERS)
        columns = (chosen[name].tolist() for name in ("scenario", "year", "line", "payer"))
        at = tuple(list(map(dict(zip(axis, range(len(axis)), strict=True)).__getitem__, column))
                   for axis, column in zip(axes, columns, strict=True))
        spent[at] = chosen["mean"]
        self.spent = dict(zip(scenarios, spent, strict=True))

    def of(self, name: str) -> np.ndarray:
        """A scenario's spending; zeros where it ends before the plans begin."""
        return self.spent.get(name, np.zeros((len(self.years), len(COST_LINES), len(PAYERS))))

    def line(self, name: str, line: str) -> float:
        """A scenario's spending on a line of cost in all years."""
        return float(self.of(name)[:, COST_LINES.index(line)].sum())

    def collaboratives(self, name: str) -> np.ndarray:
        """Spending on collaboratives by year and payer, (years, payers)."""
        return self.of(name)[:, qic_lines()].sum(axis=1)

    def spenders(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Scenarios that spend anything on collaboratives."""
        return tuple(name for name in names if self.collaboratives(name).sum() > 0.0)

    def highest_year(self, names: Iterable[str]) -> float:
        """The most that any of the scenarios spends on collaboratives in a year."""
        return float(max(self.collaboratives(name).sum(axis=1).max() for name in names))

    # ------------------------------------------------------------------------------------------- over the reference

    def extra_by_payer(self, name: str, lines: slice = slice(None)) -> np.ndarray:
        """US$ more than the reference until the end, by payer, (payers,), means over runs; of all lines or some."""
        if self.since_start:
            return np.zeros(len(PAYERS))
        return np.asarray((self.of(name) - self.of(self.reference))[:self.until_end, lines].sum(axis=(0, 1)))

    def extra_payments(self, name: str) -> Part | None:
        """PBF payments until the end beyond the reference's, and their share of the scenario's; None without any."""
        extra = float(self.extra_by_payer(name, slice(PAYMENTS, PAYMENTS + 1)).sum())
        if extra <= 0.0:
            return None
        return Part(extra, extra / float(self.of(name)[:self.until_end, PAYMENTS].sum()))

    # ------------------------------------------------------------------------------------------------------- donors

    def donors_in_collaboratives(self, name: str) -> Part | None:
        """What donors pay of the collaboratives until the end; None where nothing is spent."""
        spent = self.collaboratives(name)[:self.until_end]
        if spent.sum() <= 0.0:
            return None
        return Part(float(spent[:, DONOR].sum()), float(spent[:, DONOR].sum() / spent.sum()))

    def donors_in_extra_pbf(self, name: str) -> Part | None:
        """What donors pay of the PBF money that a scenario adds; None where it adds none, or a payer pays less."""
        extra = self.extra_by_payer(name, PBF)
        if extra.sum() <= 0.0 or extra.min() < 0.0:
            return None
        return Part(float(extra[DONOR]), float(extra[DONOR] / extra.sum()))

    def donors_pay(self, name: str) -> bool:
        """Whether donors pay for collaboratives of a scenario."""
        return bool(self.collaboratives(name)[:, DONOR].sum() > 0.0)

    def donors_leave_after(self, name: str) -> int | None:
        """The last year in which donors pay for collaboratives, if later years come without; None otherwise."""
        paid = np.flatnonzero(self.collaboratives(name)[:, DONOR] > 0.0)
        return int(self.years[paid[-1]]) if paid.size and paid[-1] < len(self.years) - 1 else None

    def same_until(self, other: str, name: str, year: int) -> bool:
        """Whether two scenarios spend the same on collaboratives to the end of a year, and the second goes on."""
        until = self.years.index(year) + 1
        return other != name and self.donors_leave_after(name) is None and np.allclose(
            self.collaboratives(other)[:until], self.collaboratives(name)[:until])

    def exit_of(self, name: str, among: Iterable[str]) -> tuple[str, int] | None:
        """The first scenario that is like another until its donors leave, and the last year in which they pay."""
        years = ((other, self.donors_leave_after(other)) for other in among)
        return next(((other, year) for other, year in years
                     if year is not None and self.same_until(other, name, year)), None)
