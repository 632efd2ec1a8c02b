"""Costs of the collaboratives: by year and payer as bars, and sums by line."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.compare import PLAN_START
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.report.colours import BLUE, ORANGE
from qicsim.report.elements import Markup
from qicsim.report.figures import PANEL, sign
from qicsim.report.formatting import number
from qicsim.report.language import say
from qicsim.report.panel import Panel
from qicsim.report.results import Results

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

    def collaboratives(self, name: str) -> np.ndarray:
        """Spending on collaboratives by year and payer, (years, payers)."""
        own = [place for place, line in enumerate(COST_LINES) if line not in PBF_LINES]
        return self.of(name)[:, own].sum(axis=1)

    def spenders(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Scenarios that spend anything on collaboratives."""
        return tuple(name for name in names if self.collaboratives(name).sum() > 0.0)


def cost_panel(results: Results, money: Money, name: str) -> Markup:
    """Spending on collaboratives by year, government below and donors above, US$ million."""
    panel = Panel((PANEL[0], 150.0), (28.0, 15.0, 22.0, 8.0))
    spent = money.collaboratives(name) / 1e6
    base = np.zeros(len(money.years))
    for payer, colour in enumerate(PAYER_COLOURS):
        for year, low, more in zip(money.years, base.tolist(), spent[:, payer].tolist(), strict=True):
            panel.box((year - 0.37, year + 0.37), (low, low + more), colour, hatched=payer > 0)
        base += spent[:, payer]
    highest = max(money.collaboratives(other).sum(axis=1).max() for other in results.names) / 1e6
    panel.y.fixed = (0.0, highest * 1.06 or 1.0)
    shown = sorted({money.years[0], money.years[len(money.years) // 2], money.years[-1]})
    panel.x.labels = {float(year): str(year) for year in shown}
    said = say("{scenario}: US$ {cost} million on collaboratives, {first} to {last}", scenario=results.title(name),
               cost=number(spent.sum(), 1), first=money.years[0], last=money.years[-1])
    return panel.svg(f"cost-{sign(results, name)}", said)
