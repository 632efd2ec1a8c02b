"""What the scenarios of an ensemble cost, to whom and when; what they add to the budget; what a ceiling forbids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.budget import ByYear, Excess, Fits, against, budget_impact, what_fits
from qicsim.decide.costing import Spending, totals
from qicsim.decide.frame import Frame
from qicsim.decide.reading import spending
from qicsim.model.columns import PBF_LINES
from qicsim.told import tell
from qicsim.world.build import data_files
from qicsim.world.money import UnitCost, unit_cost_rows

NO_CEILING = tell("No ceiling was given, so none is tested.")


@dataclass(frozen=True, eq=False)
class Bill:
    """Money, US$ of 2021.

    lines       spending of each scenario by line and payer, all payers, the years that count
    places      the same by province, kind of facility and payer
    costs       (scenarios, draws): present value of the money that counts
    plain       (scenarios, draws): the same, not discounted
    pbf_share   (scenarios,): share of the mean extra cost over the reference that is PBF's; NaN where there is none
    unit_costs  of the reference's data file
    """

    lines: dict[str, Spending]
    places: dict[str, Spending]
    costs: np.ndarray
    plain: np.ndarray
    pbf_share: np.ndarray
    unit_costs: tuple[UnitCost, ...]


@dataclass(frozen=True, eq=False)
class Budget:
    """The money that counts, by year and not discounted.

    spent   by scenario, float64 (draws, years)
    impact  paired difference from the reference, of every other scenario
    excess  against the ceiling, of every scenario; empty if there is none
    fits    which scenarios fit the ceiling; None if there is none
    """

    spent: dict[str, np.ndarray]
    impact: dict[str, ByYear]
    excess: dict[str, Excess]
    fits: Fits | None

    @property
    def sentence(self) -> str:
        """What the ceiling allows, in words."""
        return NO_CEILING if self.fits is None else self.fits.sentence


def bill(frame: Frame) -> Bill:
    """The bill of every scenario."""
    lines = {name: _spending(frame, name, "line", "payer") for name in frame.names}
    places = {name: _spending(frame, name, "province", "kind", "payer") for name in frame.names}
    counted = {name: one.only(payer=frame.settings.payers) for name, one in lines.items()}
    return Bill(lines, places, totals(counted, frame.discounting), totals(counted), _pbf_share(frame, counted),
                unit_costs(frame))


def _spending(frame: Frame, name: str, *by: str) -> Spending:
    return spending(frame.ensemble, name, by, frame.line_factors(name)).within(frame.years[0], frame.years[-1])


def _pbf_share(frame: Frame, counted: dict[str, Spending]) -> np.ndarray:
    """How much of what a scenario adds to costs is payment, assessment and verification."""
    mean = {name: one.by("line").total(frame.discounting).mean(axis=0) for name, one in counted.items()}
    pbf = [place for place, line in enumerate(next(iter(counted.values())).axes["line"]) if line in PBF_LINES]
    extra = np.array([mean[name] - mean[frame.reference] for name in frame.names])
    whole = extra.sum(axis=1)
    return np.divide(extra[:, pbf].sum(axis=1), whole, out=np.full(len(whole), np.nan), where=np.abs(whole) > 1.0)


def unit_costs(frame: Frame) -> tuple[UnitCost, ...]:
    """The unit costs of the reference's data file, with sources; the file was checked when the world was built."""
    path = data_files(frame.ensemble.runners[frame.reference].scenario)["unit_costs"]
    return unit_cost_rows(path)


def budget(frame: Frame, paid: Bill) -> Budget:
    """Yearly spending, what it adds to the reference's, and what a ceiling forbids."""
    payers, ceiling, years = frame.settings.payers, frame.settings.ceiling, frame.years
    spent = {name: one.only(payer=payers).yearly() for name, one in paid.lines.items()}
    impact = {name: budget_impact(spent[name], spent[frame.reference], years) for name in frame.others}
    if ceiling is None:
        return Budget(spent, impact, {}, None)
    return Budget(spent, impact, {name: against(usd, years, ceiling) for name, usd in spent.items()},
                  what_fits(spent, years, ceiling, risk=frame.settings.risk))
