"""Costs of the collaboratives: by year and payer as bars, and sums by line."""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.analysis.compare import PLAN_START
from qicsim.ground.numbers import MILLION, number
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.report.colours import BLUE, ORANGE
from qicsim.report.elements import Markup
from qicsim.report.figures import PANEL, sign
from qicsim.report.language import say
from qicsim.report.results import Results
from qicsim.report.svg import canvas, finish, frame, quiet

PAYER_COLOURS = (BLUE, ORANGE)
DONOR = PAYERS.index("donor")


class Money:
    """Mean spending by scenario: US$ of 2021, arrays (years, lines, payers), from the plans' start on."""

    def __init__(self, results: Results) -> None:
        """Read the table of costs once."""
        frame_ = results.comparison.costs
        late = frame_["year"] >= PLAN_START
        self.since_start = not late.any()
        chosen = frame_ if self.since_start else frame_[late]
        self.years = tuple(sorted({int(year) for year in chosen["year"]}))
        self.spent = {name: self._array(rows) for name, rows in chosen.groupby("scenario", sort=False)}

    def _array(self, rows: Any) -> np.ndarray:
        found = np.zeros((len(self.years), len(COST_LINES), len(PAYERS)))
        for year, line, payer, mean in rows[["year", "line", "payer", "mean"]].itertuples(index=False, name=None):
            found[self.years.index(int(year)), COST_LINES.index(line), PAYERS.index(payer)] = mean
        return found

    def of(self, name: str) -> np.ndarray:
        """A scenario's spending; zeros where it ends before the plans begin."""
        return self.spent.get(name, np.zeros((len(self.years), len(COST_LINES), len(PAYERS))))

    def collaboratives(self, name: str) -> np.ndarray:
        """Spending on collaboratives by year and payer, (years, payers)."""
        own = [place for place, line in enumerate(COST_LINES) if line not in PBF_LINES]
        return self.of(name)[:, own].sum(axis=1)

    def spenders(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Scenarios that spend anything on collaboratives."""
        return tuple(name for name in names if self.collaboratives(name).sum() > 0.0)


def cost_panel(results: Results, money: Money, name: str) -> Markup:
    """Spending on collaboratives by year, government below and donors above, US$ million."""
    figure = canvas(PANEL[0], 150.0)
    axes = frame(figure, (28.0, 15.0, 22.0, 8.0))
    spent = money.collaboratives(name) / MILLION
    base = np.zeros(len(money.years))
    for payer, colour in enumerate(PAYER_COLOURS):
        axes.bar(money.years, spent[:, payer], 0.74, bottom=base, color=colour, linewidth=0,
                 hatch="////" if payer else None, edgecolor="white")
        base += spent[:, payer]
    highest = max(money.collaboratives(other).sum(axis=1).max() for other in results.names) / MILLION
    axes.set_ylim(0.0, highest * 1.06 or 1.0)
    axes.set_xticks(sorted({money.years[0], money.years[len(money.years) // 2], money.years[-1]}))
    quiet(axes)
    said = say("{scenario}: US$ {cost} million on collaboratives, {first} to {last}", scenario=results.title(name),
               cost=number(spent.sum(), 1), first=money.years[0], last=money.years[-1])
    return finish(figure, f"cost-{sign(results, name)}", said)
