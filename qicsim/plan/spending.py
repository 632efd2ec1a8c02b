"""Money in a plan: the budget, what the plan adds to the reference, and value for money of the options."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.intervals import Intervals

PARTS = ("everything", "collaboratives", "assessment", "payments")
ALL, COLLABORATIVES, ASSESSMENT, PAYMENTS = range(4)


@dataclass(frozen=True, eq=False)
class Spending:
    """Money of a scenario, or the difference of two, in constant US$; axes are those of the `Budget`.

    `PARTS` are everything, collaboratives, assessment (rounds and verification) and payments (the PBF money that
    facilities get): the last three add up to the first.

    mean           (years, provinces, lines, payers) mean
    by_year        intervals (years,);  by_payer (payers, years);  by_line (lines, years);
                   by_province (provinces, years)
    by_part        intervals (PARTS, years)
    by_payer_part  intervals (payers, PARTS) over all years, undiscounted
    total, discounted   intervals (PARTS,) over all years
    """

    mean: np.ndarray
    by_year: Intervals
    by_payer: Intervals
    by_line: Intervals
    by_province: Intervals
    by_part: Intervals
    by_payer_part: Intervals
    total: Intervals
    discounted: Intervals


@dataclass(frozen=True, eq=False)
class Quantities:
    """What the money buys, means of runs.

    units, keys      what is counted, by line, and the key of its unit cost; "" where nothing is bought at one
    own, reference   (lines, years) of the scenario and of the reference; 0 where nothing is bought
    """

    units: tuple[str, ...]
    keys: tuple[str, ...]
    own: np.ndarray
    reference: np.ndarray


@dataclass(frozen=True, eq=False)
class Budget:
    """Spending in constant US$ of the price year, in the years of the plan (without the baseline year).

    years        calendar years of the axes below
    lines, payers, provinces   names of the axes; `pbf_lines` are the lines that belong to PBF, not to collaboratives
    own, reference, increment   Spending: of the scenario, of the reference, and scenario minus reference, run by run;
                 a request for money is for the increment
    uncertain    intervals (PARTS,): `own.total`, the range of each line's unit cost (and of payments) in place of the
                 two scales that runs draw for all lines (`costs.collaborative`, `costs.assessment`), so that nothing is
                 counted twice
    baseline     intervals (PARTS,): spending of the scenario in the baseline year
    quantities   what is bought, by line and year: the mean amount over it is the mean price paid
    factors      (years,) what US$ 1 of each year is worth at the base year
    discount_rate, waits   a year; (years,) how many years the money of each is away from the base year
    discounting, per_usd, rate_in_words, price_year   how it was done
    prices       what the two price years of US$ and of the country's own money mean, in a sentence
    """

    years: tuple[int, ...]
    lines: tuple[str, ...]
    pbf_lines: tuple[str, ...]
    payers: tuple[str, ...]
    provinces: tuple[str, ...]
    factors: np.ndarray
    discount_rate: float
    waits: np.ndarray
    own: Spending
    reference: Spending
    increment: Spending
    uncertain: Intervals
    baseline: Intervals
    quantities: Quantities
    discounting: str
    per_usd: float
    rate_in_words: str
    price_year: int
    prices: str


@dataclass(frozen=True)
class Option:
    """A scenario among the options: what it costs and brings, how it stands, and how sure that is.

    cost, effect   means over draws, discounted, over the years of the plan; all payers, US$; effect in the unit of the
                   table
    status, over   as `decide.frontier.Row`, with titles: "on the frontier", "dominated" by, "extendedly "
                                                                                             "dominated" by ...
    icer           US$ for a further unit of effect over the next cheaper option on the frontier; NaN without
    best           share of draws in which it has the highest net benefit at the table's worth
    regret         mean over draws of the net benefit that is given up against the best option of the draw, US$
    """

    name: str
    title: str
    cost: float
    effect: float
    status: str
    over: tuple[str, ...]
    icer: float
    best: float
    regret: float


@dataclass(frozen=True)
class Step:
    """How an option stands with PBF's payments to facilities left out; fields as of `Option`."""

    title: str
    cost: float
    status: str
    over: tuple[str, ...]
    icer: float


@dataclass(frozen=True)
class Value:
    """Value for money of the reference, the plan and further options (`decide`), by rising cost.

    effect       what is counted, in words; unit: of what
    worth        US$ for a unit of effect at which `best` and `regret` are worked out: where the last large step along
                 the frontier becomes worth its price, as nobody has said what a unit is worth
    horizon      the years and the discounting, in words
    without      the same options without PBF's payments, which for society only change hands, by rising cost
    """

    effect: str
    unit: str
    worth: float
    horizon: str
    options: tuple[Option, ...]
    without: tuple[Step, ...]
