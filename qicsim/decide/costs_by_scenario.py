"""What the scenarios of an ensemble cost, to whom and when; what they add to the budget; what a ceiling forbids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from qicsim.decide.budget import ADDED, ALL, ByYear, Excess, Fits, against, budget_impact, by_year, what_fits
from qicsim.decide.costing import Spending, totals
from qicsim.decide.decision_inputs import Frame, payment_levels
from qicsim.decide.effects import QUARTERS
from qicsim.decide.reading import spending
from qicsim.decide.settings import PAYMENTS
from qicsim.ground.intervals import DRAWS, Interval, Intervals, interval_of
from qicsim.ground.money import Money
from qicsim.ground.translatable import tell
from qicsim.inputs.world.build import data_files
from qicsim.inputs.world.money import UnitCost, unit_cost_rows
from qicsim.model.columns import COST_LINES, KINDS, PBF_LINES, PBF_PAYMENTS

PAID = dict(zip(KINDS, ("payment_to_a_health_centre", "payment_to_a_referral_hospital"), strict=True))
NO_CEILING = tell("No ceiling was given, so none is tested.")


@dataclass(frozen=True, eq=False)
class Bill:
    """Money, US$ of the settings' year.

    lines       spending of each scenario by line and payer, all payers, the years that count
    places      the same by province, kind of facility and payer
    yearly      (scenarios, draws, years): costs, not discounted; with or without payments, as the settings say
    costs       (scenarios, draws): their present value
    plain       (scenarios, draws): the same, not discounted
    views       (scenarios, draws): present value with payments "counted", and with payments "left out"
    payments    (scenarios,): share of mean costs, payments counted, that is PBF's payments to facilities and staff
    pbf_share   (scenarios,): share of the mean extra cost over the reference that is PBF's; NaN where there is none
    unit_costs  of the reference's data files, payments among them
    level       (draws,): payments over what they are in the simulation
    grants      US$ a year of fixed grants, the same in every scenario, which no line holds
    """

    lines: dict[str, Spending]
    places: dict[str, Spending]
    yearly: np.ndarray
    costs: np.ndarray
    plain: np.ndarray
    views: dict[str, np.ndarray]
    payments: np.ndarray
    pbf_share: np.ndarray
    unit_costs: tuple[UnitCost, ...]
    level: np.ndarray
    grants: float

    @cached_property
    def cost(self) -> Intervals:
        """Intervals between draws of the present value of costs, (scenarios,)."""
        return interval_of(self.costs, axis=1, kind=DRAWS)

    @cached_property
    def mean_plain(self) -> np.ndarray:
        """Mean costs, not discounted, (scenarios,)."""
        return np.asarray(self.plain.mean(axis=1))

    @property
    def payment_level(self) -> Interval[float]:
        """The interval between draws of payments over what they are in the simulation."""
        return interval_of(self.level, kind=DRAWS).at()


@dataclass(frozen=True, eq=False)
class Budget:
    """The money of the payers that count, payments with it, by year and not discounted.

    From a budget payments are money like any other, so they stand here even where costs leave them out; fixed grants do
    not.

    spent    by scenario, float64 (draws, years)
    by_year  its intervals between draws
    impact   paired difference from the reference, of every other scenario
    excess   against the ceiling, of every scenario; empty if there is none
    fits     which scenarios fit the ceiling; None if there is none
    """

    spent: dict[str, np.ndarray]
    by_year: dict[str, ByYear]
    impact: dict[str, ByYear]
    excess: dict[str, Excess]
    fits: Fits | None

    @property
    def highest(self) -> float:
        """The highest mean spending or ceiling of any scenario in any year, US$; 0 if nothing is spent."""
        means = [float(spent.by_year.mean.max()) for spent in self.by_year.values()]
        limits = [limit for excess in self.excess.values() for limit in excess.ceiling.tolist() if np.isfinite(limit)]
        return max([*means, *limits])

    @property
    def sentence(self) -> str:
        """What the ceiling allows, in words."""
        return NO_CEILING if self.fits is None else self.fits.sentence


def bill(frame: Frame) -> Bill:
    """The bill of every scenario."""
    lines = {name: _spending(frame, name, "line", "payer") for name in frame.names}
    places = {name: _spending(frame, name, "province", "kind", "payer") for name in frame.names}
    payers = {name: one.only(payer=frame.settings.payers) for name, one in lines.items()}
    bought = [line for line in COST_LINES if line != COST_LINES[PBF_PAYMENTS]]
    parts = dict(zip(PAYMENTS, (payers, {name: one.only(line=bought) for name, one in payers.items()}), strict=True))
    views = {key: totals(one, frame.discounting) for key, one in parts.items()}
    counted = parts[frame.settings.payments]
    means = {key: one.mean(axis=1) for key, one in views.items()}
    whole = means[PAYMENTS[0]]
    share = np.divide(whole - means[PAYMENTS[1]], whole, out=np.zeros_like(whole), where=whole > 0.0)
    return Bill(lines, places, np.stack([one.yearly() for one in counted.values()]), views[frame.settings.payments],
                totals(counted), views, share, _pbf_share(frame, counted), unit_costs(frame), frame.level,
                grants(frame))


def _spending(frame: Frame, name: str, *by: str) -> Spending:
    spent = spending(frame.ensemble, name, by, frame.factors[name]).within(frame.years[0], frame.years[-1])
    money = frame.settings.money
    return replace(spent, usd=spent.usd * money.factor, price_year=money.year)


def _pbf_share(frame: Frame, counted: dict[str, Spending]) -> np.ndarray:
    """How much of what a scenario adds to costs is payment, assessment and verification."""
    mean = {name: one.by("line").total(frame.discounting).mean(axis=0) for name, one in counted.items()}
    pbf = [place for place, line in enumerate(next(iter(counted.values())).axes["line"]) if line in PBF_LINES]
    extra = np.array([mean[name] - mean[frame.reference] for name in frame.names])
    whole = extra.sum(axis=1)
    return np.divide(extra[:, pbf].sum(axis=1), whole, out=np.full(len(whole), np.nan), where=np.abs(whole) > 1.0)


def unit_costs(frame: Frame) -> tuple[UnitCost, ...]:
    """Unit costs and payments of the reference's data files in the money of the decision, with sources."""
    rows, _ = payment_levels(frame.ensemble, frame.reference)
    paid = (UnitCost(PAID[row.kind], "facility-quarter", row.grant + row.performance_pay, row.low, row.high, row.source,
                     row.grade, f"US$ {row.grant:,.0f} of it is a fixed grant, which no line of spending holds")
            for row in rows)
    rows_of_file = unit_cost_rows(data_files(frame.ensemble.runners[frame.reference].scenario)["unit_costs"])
    return tuple(in_money_of(one, frame.settings.money) for one in (*rows_of_file, *paid))


def in_money_of(cost: UnitCost, money: Money) -> UnitCost:
    """A unit cost in the prices of another year."""
    return replace(cost, usd=cost.usd * money.factor, low=cost.low * money.factor, high=cost.high * money.factor)


def grants(frame: Frame) -> float:
    """US$ a year of fixed grants."""
    rows, counts = payment_levels(frame.ensemble, frame.reference)
    simulated = float(sum(row.grant * count for row, count in zip(rows, counts, strict=True)) * QUARTERS)
    return simulated * frame.settings.money.factor


def budget(frame: Frame, paid: Bill) -> Budget:
    """Yearly spending, what it adds to the reference's, and what a ceiling forbids."""
    payers, ceiling, years = frame.settings.payers, frame.settings.ceiling, frame.years
    spent = {name: one.only(payer=payers).yearly() for name, one in paid.lines.items()}
    own = {name: by_year(usd, years) for name, usd in spent.items()}
    impact = {name: budget_impact(spent[name], spent[frame.reference], years) for name in frame.others}
    if ceiling is None:
        return Budget(spent, own, impact, {}, None)
    counted = _counted(frame, paid, spent)
    return Budget(spent, own, impact, {name: against(usd, years, ceiling) for name, usd in counted.items()},
                  what_fits(counted, years, ceiling, risk=frame.settings.risk))


def _counted(frame: Frame, paid: Bill, spent: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """What a ceiling counts of yearly spending, (draws, years) by scenario; what a scenario saves counts as nothing."""
    if frame.settings.ceiling_is == ALL:
        return spent
    if frame.settings.ceiling_is == ADDED:
        return {name: np.maximum(usd - spent[frame.reference], 0.0) for name, usd in spent.items()}
    bought = [line for line in COST_LINES if line not in PBF_LINES]
    return {name: one.only(payer=frame.settings.payers, line=bought).yearly() for name, one in paid.lines.items()}
