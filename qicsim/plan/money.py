"""The budget of a plan: spending by year, line, payer and province, and what it adds to the reference."""

from __future__ import annotations

import numpy as np

from qicsim.decide.currency import Rate
from qicsim.decide.decision_inputs import frame
from qicsim.decide.discounting import Discounting, present_value
from qicsim.decide.reading import spending
from qicsim.decide.settings import Settings
from qicsim.ground.intervals import Intervals, interval_of
from qicsim.ground.money import Money
from qicsim.ground.translatable import tell
from qicsim.inputs.country.money import as_simulated
from qicsim.model.columns import ASSESSMENTS, COST_LINES, PAYERS, PBF_LINES, PBF_PAYMENTS, VERIFICATION
from qicsim.plan.quantities import quantities_of
from qicsim.plan.spending import Budget, Spending
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import qic_lines, yearly_cost


def budget_of(ensemble: Ensemble, name: str, reference: str, years: tuple[int, ...], *, discounting: Discounting,
              rate: Rate, money: Money | None = None) -> Budget:
    """The budget of a scenario in `years`, which both horizons hold, in prices of a year."""
    money = money or as_simulated()
    spent = {one: _spent(ensemble, one, years) for one in (name, reference)}
    usd, other, year_before = (one * money.factor for one in (
        spent[name], spent[reference], _spent(ensemble, name, (years[0] - 1,))))
    before = _by_part(year_before)[:, 0]
    drawn = _by_part(usd * _factors(ensemble, name)).sum(axis=2)
    return Budget(
        years=years, lines=COST_LINES, pbf_lines=PBF_LINES, payers=PAYERS,
        provinces=tuple(ensemble.runners[name].world.provinces), factors=discounting.factors(years),
        discount_rate=discounting.rate, waits=discounting.waits(years),
        own=spending_of(usd, years, discounting), reference=spending_of(other, years, discounting),
        increment=spending_of(usd - other, years, discounting), uncertain=_totals(drawn, years, None),
        baseline=interval_of(before.sum(axis=1)),
        quantities=quantities_of(ensemble, spent, (name, reference), years), discounting=discounting.words,
        per_usd=rate.per_usd,
        rate_in_words=rate.words, price_year=money.year, prices=price_words(rate, money))


def collaboratives_by_draw(ensemble: Ensemble, name: str, years: tuple[int, ...], money: Money) -> np.ndarray:
    """Spending of a scenario on collaboratives over all `years`, US$, replicates averaged; float64 (draws,)."""
    own = [line for line in COST_LINES if line not in PBF_LINES]
    spent = spending(ensemble, name, ("line",)).within(years[0], years[-1]).only(line=own)
    return spent.by().total() * money.factor


def spending_of(usd: np.ndarray, years: tuple[int, ...], discounting: Discounting) -> Spending:
    """Spending, or a difference of two, from US$ of runs (runs, years, provinces, lines, payers)."""
    by_part = _by_part(usd)
    each = by_part.sum(axis=2)
    return Spending(
        mean=usd.mean(axis=0), by_year=interval_of(usd.sum(axis=(2, 3, 4))), by_payer=_yearly_by(usd, 4),
        by_line=_yearly_by(usd, 3), by_province=_yearly_by(usd, 2), by_part=interval_of(each.transpose(0, 2, 1)),
        by_payer_part=interval_of(by_part.sum(axis=1)), total=_totals(each, years, None),
        discounted=_totals(each, years, discounting))


def _by_part(usd: np.ndarray) -> np.ndarray:
    """US$ (runs, years, provinces, lines, payers) by payer and part: (runs, years, payers, PARTS)."""
    by_line = usd.sum(axis=2)
    collaboratives = by_line[:, :, list(qic_lines())].sum(axis=2)
    payments = by_line[:, :, PBF_PAYMENTS]
    assessment = by_line[:, :, [ASSESSMENTS, VERIFICATION]].sum(axis=2)
    return np.stack([by_line.sum(axis=2), collaboratives, assessment, payments], axis=-1)


def price_words(rate: Rate, money: Money | None = None) -> str:
    """What the price years of US$ and of the country's own money are, in a sentence."""
    money = money or as_simulated()
    fields = {"year": money.year, "currency": tell(rate.name), "day": rate.day}
    if money.as_simulated:
        return tell("US$ are in constant prices of {year}; {currency} are those US$ at the rate of {day}: they are "
                    "amounts of neither price year, and inflation since is in neither.", **fields)
    fields |= {"first": money.price_year, "factor": f"{money.factor:.3f}"}
    if money.table is None:
        return tell("US$ are in constant prices of {year} (those of {first} times {factor}, by {source}); {currency} "
                    "are those US$ at the rate of {day}: they are amounts of neither price year, and inflation since "
                    "is in neither.", **fields, source=tell(money.source))
    return tell("US$ are in constant prices of {year} (those of {first} times {factor}, by the changes in the file "
                "{file}); {currency} are those US$ at the rate of {day}: they are amounts of neither price year, and "
                "inflation since is in neither.", **fields, file=money.table.name)


def _spent(ensemble: Ensemble, name: str, years: tuple[int, ...]) -> np.ndarray:
    """US$ of runs: (runs, years, provinces, lines, payers), kinds of facility added up."""
    there = ensemble.runners[name].years
    chosen = [there.index(year) for year in years]
    return yearly_cost(ensemble, name)[:, chosen].sum(axis=3)


def _yearly_by(usd: np.ndarray, kept: int) -> Intervals:
    """Intervals of yearly spending by one axis of (runs, years, provinces, lines, payers): (that axis, years)."""
    others = tuple(axis for axis in (2, 3, 4) if axis != kept)
    return interval_of(usd.sum(axis=others).transpose(0, 2, 1))


def _totals(parts: np.ndarray, years: tuple[int, ...], discounting: Discounting | None) -> Intervals:
    """Intervals (PARTS,) of parts (runs, years, PARTS), added over the years."""
    return interval_of(present_value(parts, years, discounting, axis=1))


def _factors(ensemble: Ensemble, name: str) -> np.ndarray:
    """What each line's unit cost may be, over the scale that the run drew for all lines: (runs, 1, 1, lines, 1).

    As `decide` has it: the scales are divided out, so that uncertain costs are not counted twice.
    """
    factors = frame(ensemble, name, Settings(unit_costs="by line", seed=ensemble.seed)).factors[name]
    return np.repeat(np.asarray(factors), ensemble.replicates, axis=0)[:, None, None, :, None]
