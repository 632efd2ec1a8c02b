"""A small plan, made up: numbers whose places in the document can be told apart."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

import numpy as np

from qicsim.analysis.tried_assumptions import Tried
from qicsim.ground.intervals import Interval, Intervals
from qicsim.inputs.world.money import UnitCost
from qicsim.plan.record import (
    DISTRICT,
    NATION,
    PROVINCE,
    Alternative,
    Budget,
    Coaches,
    DataFile,
    Influence,
    Known,
    Launches,
    LeverRow,
    Option,
    ParameterRow,
    Place,
    Plan,
    Sources,
    Spending,
    Target,
    Value,
    Words,
)
from qicsim.plan.spending import Quantities, Step

YEARS = (2027, 2028, 2029)
QUARTERS = tuple(f"{year}Q{quarter}" for year in YEARS for quarter in (1, 2, 3, 4))
PLACES = (
    Place(NATION, "Cambodia", "កម្ពុជា", ""), Place(PROVINCE, "Battambang", "បាត់ដំបង", "Battambang"),
    Place(PROVINCE, "Kep", "កែប", "Kep"), Place(DISTRICT, "Moung", "", "Battambang"), Place(DISTRICT, "Kep", "", "Kep"))
LINES, PBF = ("coach_visits", "sessions", "pbf"), ("pbf",)
PAYERS, PROVINCES = ("government", "donor"), ("Battambang", "Kep")
DIGEST = "ab" * 32
EMPTY = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")


VALUE = Value("facilities truly at 80 points or more", "facility-years", 12_000.0, "2027 to 2029, discounted", (
    Option("reported", "As it was", 20e6, 400.0, "on the frontier", (), np.nan, 0.25, 3e6),
    Option("scaled", "Plan for all", 40e6, 2400.0, "on the frontier", ("As it was",), 10_000.0, 0.75, 1e6)), (
    Step("As it was", 1e6, "on the frontier", (), np.nan),
    Step("Plan for all", 5e6, "on the frontier", ("As it was",), 2_000.0)))


def spread(mean, width=0.1, n=12, below=0.0) -> Intervals:
    """An interval around a mean, a tenth of it to each side; the median lies `below` the mean."""
    mean = np.asarray(mean, dtype=float)
    return Interval(mean, mean - below, mean * (1.0 - width), mean * (1.0 + width), np.full(mean.shape, n))


def target(name, title, form, start, step, responsible="Ministry of Health", unit="points") -> Target:
    years = np.arange(1 + len(YEARS))
    places = np.arange(len(PLACES))[:, None]
    level = start + step * years + places * step / 10.0
    before = np.full_like(level, start) + places * step / 10.0
    return Target(name, title, f"meaning of {name}", unit, form, responsible, spread(level, below=1.0),
                  spread(before), spread(level - before), 1, f"records of {name}", name != "true",
                  np.full(level.shape, 0.34), level - 2.0)


def words(name, title) -> Words:
    return Words(name, title, f"What {title} is.", (f"{title} assumes this.",), DIGEST, {"luck.sigma": 0.7})


def option(name, title, little=0.25) -> Alternative:
    """An option with numbers of its own."""
    def one(mean):
        return spread(np.array(mean)).at()

    return Alternative(words(name, title), {"true": one(50.5), "true_80": one(0.41), "people_true_80": one(4e5)},
                       {"true": one(9.0), "true_80": one(0.3), "people_true_80": one(1e5)}, one(7e5), one(2e6),
                       Tried("as simulated", name, one(9.0), one(4.0), little, 0.2, 11.3, 0.06, 0.3, 1),
                       ("inflation",), choice=True)


def budget() -> Budget:
    mean = 1e6 * (1.0 + np.arange(len(YEARS) * 2 * 3 * 2).reshape(len(YEARS), 2, 3, 2))
    return Budget(
        YEARS, LINES, PBF, PAYERS, PROVINCES, np.array([1.0, 0.97, 0.94]),
        0.03, np.array([0.5, 1.5, 2.5]), spending(mean), spending(mean / 2.0),
        spending(mean / 2.0), spread(np.array([mean.sum(), mean[:, :, :2].sum(), 0.0, mean[:, :, 2].sum()]), 0.3),
        spread(2e6 * np.array([10.0, 1.0, 2.0, 7.0])),
        Quantities(("visit", "team at a session", "facility-quarter"), ("coach_visit", "session_in_person", ""),
                   np.full((3, 3), 100.0), np.full((3, 3), 50.0)), "discounted at 3 % a year to the start of 2027",
                   4100.0,
        "4,100 riel for US$ 1", 2021, "US$ of 2021, riel at a rate of another year.")


def spending(mean) -> Spending:
    """Spending from means (years, provinces, lines, payers): the last line is PBF payments, none is assessment."""
    qic, pbf = mean[:, :, :2].sum(axis=(1, 2)), mean[:, :, 2].sum(axis=1)  # (years, payers)
    part = np.stack([qic + pbf, qic, 0.0 * qic, pbf], axis=2)  # (years, payers, parts)
    return Spending(mean, spread(mean.sum(axis=(1, 2, 3))), spread(mean.sum(axis=(1, 2)).T),
                    spread(mean.sum(axis=(1, 3)).T), spread(mean.sum(axis=(2, 3)).T), spread(part.sum(axis=1).T),
                    spread(part.sum(axis=0)), spread(part.sum(axis=(0, 1))), spread(0.9 * part.sum(axis=(0, 1))))


def launches() -> Launches:
    quarters = len(QUARTERS)
    return Launches(np.arange(quarters) // 4, spread(np.linspace(0.0, 2.0, quarters)),
                    np.array([[-1.0, 2.0, np.inf], [5.0, np.inf, np.inf]]),
                    np.array([[0.5, 0.75, 1.0], [0.0, 0.125, 0.25]]), np.zeros((2, quarters)), 8, recruiting=True)


def coaches() -> Coaches:
    shape = np.ones((len(PLACES), 1 + len(YEARS)))
    return Coaches(spread(8.0 * shape), spread(6.0 * shape), spread(9.0 * shape), spread(2.0 * shape))


def small_plan(**changes) -> Plan:
    """A plan of three years, two provinces and two districts."""
    plan = Plan(
        scenario=words("scaled", "Plan for all"), reference=words("reported", "As it was"), baseline_year=2026,
        years=YEARS, quarters=QUARTERS, places=PLACES,
        targets=(target("true", "Mean true quality", "points", 41.5, 3.0),
                 target("recorded", "Mean recorded NQEM score", "points", 51.5, 4.0),
                 target("true_80", "Facilities truly at 80 or more", "share", 0.11, 0.1, unit="share"),
                 target("visits", "Coaching visits", "rate", 0.5, 0.125, unit="visits/month"),
                 target("people", "People served", "count", 1_234_567.0, 1000.0, unit="people")),
        launches=launches(), coaches=coaches(), budget=budget(),
        influence=Influence(("true quality", "cost"), ("pdsa.k_item",), ("gain of a cycle",), ("share/month",),
                            np.array([[0.81, -0.12]]), np.array([0.5, 0.5]), 6),
        sources=Sources((UnitCost("coach_visit", "visit", 35.0, 15.0, 90.0, "an assumption", "A", ""),),
                        (ParameterRow("luck.sigma", "luck", "points", 0.7, 0.43, 0.97, 0.45, 0.9, "assumption",
                                      "Nobody (2026). Nothing.", "A", 0.7),),
                        (DataFile("register", "facilities.csv", DIGEST, shipped=True),), {"A": "assumption"}),
        levers=(LeverRow("visits", "coaching visits", "visits/month", (("2027-01", "0.75"),), (("2027-01", "0"),)),),
        draws=6, replicates=2, seed=7, draws_from="posterior", synthetic=True,
        whole="the nation", known=Known(register=False, joins=False, scores=False), warnings=(),
        notes=("No NQEM score is published.",), options=(option("scaled", "Plan for all"), option("slow",
                                                                                                  "Plan for some")),
        missing=(), value=VALUE,
        provenance={"qicsim": "0.1.0", "source_digest": "feed", "seed": 7})
    return replace(plan, **changes)
