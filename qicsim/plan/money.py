"""The budget of a plan: spending by year, line, payer and province, and what it adds to the reference."""

from __future__ import annotations

import numpy as np

from qicsim.decide.currency import PRICE_YEAR, Rate
from qicsim.decide.discounting import Discounting, present_value
from qicsim.decide.reading import line_factors, spending
from qicsim.ensemble.readout import qic_lines, yearly_cost
from qicsim.ensemble.run import Ensemble
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.plan.record import Budget, Spread
from qicsim.plan.spreads import spread_of


def budget_of(ensemble: Ensemble, name: str, reference: str, years: tuple[int, ...], *, discounting: Discounting,
              rate: Rate) -> Budget:
    """The budget of a scenario in `years`, which both horizons hold."""
    usd, other = _spent(ensemble, name, years), _spent(ensemble, reference, years)
    yearly, extra = usd.sum(axis=(2, 3, 4)), usd.sum(axis=(2, 3, 4)) - other.sum(axis=(2, 3, 4))
    parts = _parts(usd)
    return Budget(
        years=years, lines=COST_LINES, pbf_lines=PBF_LINES, payers=PAYERS,
        provinces=tuple(ensemble.runners[name].world.provinces), mean=usd.mean(axis=0),
        reference_mean=other.mean(axis=0), by_year=spread_of(yearly), by_payer=_spread_by(usd, 4),
        by_line=_spread_by(usd, 3), by_province=_spread_by(usd, 2), collaboratives=spread_of(parts[1]),
        pbf=spread_of(parts[2]), extra=spread_of(extra),
        total=_totals(parts, years, None), discounted=_totals(parts, years, discounting),
        uncertain=_totals(_parts(usd * _factors(ensemble, name)), years, None),
        extra_total=spread_of(present_value(extra, years)),
        extra_discounted=spread_of(present_value(extra, years, discounting)), factors=discounting.factors(years),
        discounting=discounting.words, riel_per_usd=rate.riel_per_usd, rate_in_words=rate.words, price_year=PRICE_YEAR)


def collaboratives_by_draw(ensemble: Ensemble, name: str, years: tuple[int, ...]) -> np.ndarray:
    """Spending of a scenario on collaboratives over all `years`, US$, replicates averaged; float64 (draws,)."""
    own = [line for line in COST_LINES if line not in PBF_LINES]
    spent = spending(ensemble, name, ("line",)).within(years[0], years[-1]).only(line=own)
    return spent.by().total()


def _spent(ensemble: Ensemble, name: str, years: tuple[int, ...]) -> np.ndarray:
    """US$ of runs: (runs, years, provinces, lines, payers), kinds of facility added up."""
    there = ensemble.runners[name].years
    chosen = [there.index(year) for year in years]
    return yearly_cost(ensemble, name)[:, chosen].sum(axis=3)


def _parts(usd: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Yearly spending in all, on collaboratives, on PBF; (runs, years) each."""
    by_line = usd.sum(axis=(2, 4))
    own = list(qic_lines())
    pbf = [place for place in range(len(COST_LINES)) if place not in own]
    return by_line.sum(axis=2), by_line[..., own].sum(axis=2), by_line[..., pbf].sum(axis=2)


def _spread_by(usd: np.ndarray, kept: int) -> Spread:
    """Spread of yearly spending by one axis of (runs, years, provinces, lines, payers): (that axis, years)."""
    others = tuple(axis for axis in (2, 3, 4) if axis != kept)
    return spread_of(usd.sum(axis=others).transpose(0, 2, 1))


def _totals(parts: tuple[np.ndarray, ...], years: tuple[int, ...], discounting: Discounting | None) -> Spread:
    """Spread (3,) of the parts, added over the years."""
    return spread_of(np.stack([present_value(part, years, discounting) for part in parts], axis=1))


def _factors(ensemble: Ensemble, name: str) -> np.ndarray:
    """What unit costs may be, relative to the values used, for each run and line: (runs, 1, 1, lines, 1)."""
    factors = line_factors(ensemble.runners[name].world.unit_costs, len(ensemble.draws), seed=ensemble.seed)
    return np.repeat(factors, ensemble.replicates, axis=0)[:, None, None, :, None]
