"""Costs of the collaboratives: by year and payer as bars, and sums by line."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.spending import MeanSpending
from qicsim.ground.numbers import MILLION, number
from qicsim.report.colours import BLUE, ORANGE
from qicsim.report.elements import Markup
from qicsim.report.figures import PANEL, sign
from qicsim.report.language import say
from qicsim.report.panel import Panel
from qicsim.report.results import Results

PAYER_COLOURS = (BLUE, ORANGE)

def cost_panel(results: Results, money: MeanSpending, name: str) -> Markup:
    """Spending on collaboratives by year, government below and donors above, US$ million."""
    panel = Panel((PANEL[0], 150.0), (28.0, 15.0, 22.0, 8.0))
    spent = money.collaboratives(name) / MILLION
    base = np.zeros(len(money.years))
    for payer, colour in enumerate(PAYER_COLOURS):
        for year, low, more in zip(money.years, base.tolist(), spent[:, payer].tolist(), strict=True):
            panel.box((year - 0.37, year + 0.37), (low, low + more), colour, hatched=payer > 0)
        base += spent[:, payer]
    highest = money.highest_year(results.names) / MILLION
    panel.y.fixed = (0.0, highest * 1.06 or 1.0)
    shown = sorted({money.years[0], money.years[len(money.years) // 2], money.years[-1]})
    panel.x.labels = {float(year): str(year) for year in shown}
    said = say("{scenario}: US$ {cost} million on collaboratives, {first} to {last}", scenario=results.title(name),
               cost=number(spent.sum(), 1), first=money.years[0], last=money.years[-1])
    return panel.svg(f"cost-{sign(results, name)}", said)
