"""What a decision takes as given: rate, horizon, perspective, ceiling, worth, target and the study to be bought.

Everything is checked when it is made, with all faults at once; what depends on an ensemble (years, names) is checked by
`frame`. A field that is None is worked out there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from qicsim.decide.budget import ALL, Ceiling
from qicsim.decide.budget import MONEY as COUNTED
from qicsim.decide.checks import Checks, is_number, shown
from qicsim.decide.currency import Rate, usual_rate
from qicsim.decide.discounting import CONVENTION, HIGHEST, TIMINGS, meant_rate
from qicsim.decide.effects import BY_NAME
from qicsim.ground.money import Money
from qicsim.inputs.country.money import as_simulated

EVERYONE = "all"
PERSPECTIVES: dict[str, tuple[str, ...]] = {
    EVERYONE: ("government", "donor"), "government": ("government",), "donor": ("donor",)}
PERSPECTIVE_WORDS = {EVERYONE: "government and donors together", "government": "the government alone",
                     "donor": "donors alone"}
TARGET_INDICATORS = ("true_80", "recorded_80")
TARGET_GROUPS = ("all", "health_centre", "referral_hospital")
UNIT_COSTS = ("as simulated", "by line")
PAYMENTS = ("counted", "left out")
LEVELS = ("drawn", "as simulated")
EVENTS = ("donor-exit*", "shock*")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_USD = 1e12


@dataclass(frozen=True)
class Target:
    """A share of facilities that is to be truly (or recorded) at 80 points or more by the end of a year.

    `by` None: the year of the world's targets, or the last year of a horizon that does not reach it.
    SettingError, with every fault.
    """

    share: float = 0.8
    by: int | None = None
    indicator: str = "true_80"
    group: str = "health_centre"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        faults = Checks()
        whole = is_number(self.share) and 1.0 < self.share <= 100.0  # noqa: PLR2004
        meant = f"A share of {self.share:g} % is written {self.share / 100.0:g}" if whole else ""
        faults.between("target", self.share, 0.0, 1.0, meant)
        faults.known("target indicator", [self.indicator], TARGET_INDICATORS)
        faults.known("target group", [self.group], TARGET_GROUPS)
        if self.by is not None:
            faults.between("by", self.by, FIRST_YEAR, LAST_YEAR)
        faults.refuse()


@dataclass(frozen=True)
class StudyPlan:
    """An independent re-scoring of facilities before the choice, and what it costs.

    No figure of the country is published of any of these; they are planning assumptions, to be changed.

    sizes          numbers of facilities to look at, larger ones than the country has are left out; None: from 10, each
                   about twice the one before, to all facilities
    between_gap    SD between facilities of the gap between record and truth, points
    design_effect  variance with districts as clusters over variance without
    setup, each    US$: fixed, and a facility (None: the unit cost of a verification, times `unannounced`)
    unannounced    how much dearer a visit is that nobody expects: it may find nobody in, and is made twice
    lost           share of the value that waiting for the study costs
    """

    sizes: tuple[int, ...] | None = None
    between_gap: float = 6.0
    design_effect: float = 1.5
    setup: float = 20_000.0
    each: float | None = None
    unannounced: float = 1.5
    lost: float = 0.1

    def __post_init__(self) -> None:
        """Refuse numbers outside their range."""
        faults = Checks()
        if self.sizes is not None and (not self.sizes or not all(map(is_number, self.sizes)) or min(self.sizes) < 1):
            faults.add("study sizes", f"{self.sizes}", "one or more numbers of facilities, 1 or more")
        faults.between("study between_gap", self.between_gap, 0.0, 100.0)
        faults.between("study design_effect", self.design_effect, 0.1, 1000.0)
        for name, amount in (("setup", self.setup), ("each", self.each or 0.0)):
            faults.between(f"study {name}", amount, 0.0, MOST_USD)
        faults.between("study unannounced", self.unannounced, 1.0, 100.0)
        faults.between("study lost", self.lost, 0.0, 1.0)
        faults.refuse()


@dataclass(frozen=True)
class Settings:
    """The settings of a decision.

    rate         discount rate a year, of costs and effects: 0.03 is 3 %
    timing       when in a year money falls and effects count: start, middle or end
    base_year    year whose beginning is the present; None: the first year
    first, last  years that count, both included; None: from the one in which plans begin to the last of all scenarios
    perspective  whose money counts: all payers, government or donor
    payments     whether PBF's payments to facilities and staff count among costs: from the payers' budget they are
                 money like any other; for society they are transfers, which use up nothing. Budgets always hold them
    level        of these payments: "drawn" within its range, alike for all scenarios of a draw; or "as simulated": then
                 money is that of other tables of the same runs, and no interval holds how roughly the level is known
    ceiling      US$ of that money in every year, or by year; what breaks it is not among the choices
    ceiling_is   what the ceiling counts, a key of `budget.MONEY_WORDS`
    risk         share of draws in which a scenario may exceed the ceiling and still be chosen
    events       names (with * for any letters) of scenarios that nobody can choose: states of the world, such as donors
                 who leave. They stand in the tables, and nowhere else. None: `EVENTS`, and every scenario that differs
                 from the reference before anything could still be decided (`known_until`)
    money        the prices that all US$ are in, those of the settings too (`qicsim.inputs.world.prices.money_of`)
    currency     rate for amounts in the country's own money
    outcome      name of the effect in `effects.OUTCOMES` that money is held against
    worth        US$ that a unit of it is worth; None: where the last large step of the frontier pays
    worth_up_to  end of the range of worth that curves show; None: twice the worth of the last large step
    target       see `Target`
    study        see `StudyPlan`
    unit_costs   "as simulated": the two scales that are parameters; "by line": the range of each unit cost instead
    seed         of simulated studies and of errors

    SettingError, with every fault at once.
    """

    rate: float = CONVENTION
    timing: str = "middle"
    base_year: int | None = None
    first: int | None = None
    last: int | None = None
    perspective: str = EVERYONE
    ceiling: Ceiling | None = None
    ceiling_is: str = ALL
    payments: str = PAYMENTS[0]
    level: str = LEVELS[0]
    risk: float = 0.1
    events: tuple[str, ...] | None = None
    money: Money = field(default_factory=as_simulated)
    currency: Rate = field(default_factory=usual_rate)
    outcome: str = "facility_years_true_80"
    worth: float | None = None
    worth_up_to: float | None = None
    target: Target = field(default_factory=Target)
    study: StudyPlan = field(default_factory=StudyPlan)
    unit_costs: str = UNIT_COSTS[0]
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, all at once."""
        faults = Checks()
        faults.between("discount rate", self.rate, 0.0, HIGHEST, meant_rate(self.rate))
        faults.known("timing", [self.timing], tuple(TIMINGS))
        faults.known("perspective", [self.perspective], tuple(PERSPECTIVES))
        faults.known("outcome", [self.outcome], tuple(BY_NAME))
        faults.known("unit costs", [self.unit_costs], UNIT_COSTS)
        faults.known("payments", [self.payments], PAYMENTS)
        faults.known("level", [self.level], LEVELS)
        faults.known("ceiling-is", [self.ceiling_is], COUNTED)
        faults.between("risk", self.risk, 0.0, 1.0)
        faults.between("seed", self.seed, 0, 2**32 - 1)
        _check_years(faults, self)
        _check_money(faults, self)
        faults.refuse()

    @property
    def payers(self) -> tuple[str, ...]:
        """The payers whose money counts."""
        return PERSPECTIVES[self.perspective]

    def is_event(self, name: str) -> bool:
        """Whether a scenario is a state of the world rather than a choice."""
        return any(fnmatchcase(name, pattern) for pattern in (EVENTS if self.events is None else self.events))

    @property
    def perspective_words(self) -> str:
        """Whose money counts, in a phrase."""
        return PERSPECTIVE_WORDS[self.perspective]


def _check_years(faults: Checks, settings: Settings) -> None:
    for name in ("base_year", "first", "last"):
        year = getattr(settings, name)
        if year is not None:
            faults.between(name, year, FIRST_YEAR, LAST_YEAR)
    if settings.first is not None and settings.last is not None and settings.first > settings.last:
        faults.add("first, last", f"{settings.first} is after {settings.last}", "first is not after last")


def _check_money(faults: Checks, settings: Settings) -> None:
    for name, amount in (("worth", settings.worth), ("worth_up_to", settings.worth_up_to)):
        if amount is not None and not (is_number(amount) and 0.0 < amount <= MOST_USD):
            faults.add(name, shown(amount), f"US$ for a unit of effect, above 0 and at most {MOST_USD:g}")
    for place, amount in _amounts(settings.ceiling):
        if not (is_number(amount) and 0.0 <= amount <= MOST_USD):
            faults.add(place, shown(amount), f"US$, 0 to {MOST_USD:g}")


def _amounts(ceiling: Ceiling | None) -> Iterator[tuple[str, float]]:
    if isinstance(ceiling, Mapping):
        yield from ((f"ceiling of {year}", amount) for year, amount in ceiling.items())
    elif ceiling is not None:
        yield "ceiling", ceiling
