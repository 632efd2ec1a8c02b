"""What is asked of a search: what is to be gained, with how much of which money, at which risk, and a target."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qicsim.decide.budget import MONEY, PROGRAMME
from qicsim.decide.checks import Checks, is_number, shown
from qicsim.decide.settings import EVERYONE, PERSPECTIVES
from qicsim.ground.errors import SettingError
from qicsim.inputs.country import plan_start

GOALS = {"true": "mean true quality", "true_80": "share of facilities truly at 80 points or more",
         "people_true_80": "people served by facilities truly at 80 points or more", "recorded": "mean recorded score",
         "recorded_80": "share of facilities recorded at 80 points or more",
         "people_recorded_80": "people served by facilities recorded at 80 points or more",
         "unscored": "true quality of areas that today's NQEM does not score", "satisfaction": "satisfied clients",
         "trust": "trust of clients"}
"""What may be gained, by the name of its indicator; more is better."""
SHARES = ("true_80", "recorded_80")
LEAST_MONEY, MOST_MONEY = 1e3, 1e9
STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""The steps of the ladder, as shares of the money that was asked about."""
_REACH = re.compile(r"\s*(\w+)\s*(?:=|>=)\s*([\d.,]+)\s*(%)?\s+by\s+(\d{4})\s*")
HOW_TO_REACH = 'written like "true_80=0.3 by 2032"'


@dataclass(frozen=True)
class Reach:
    """A target: an indicator at a value or more at the end of a year."""

    indicator: str
    value: float
    year: int


def reach_of(text: str) -> Reach:
    """The target of a text like "true_80=0.3 by 2032"; SettingError for another."""
    found, faults = _REACH.fullmatch(text), Checks()
    if found is None:
        faults.add("reach", f'"{text}" is no target', HOW_TO_REACH)
        raise SettingError("", faults)
    name, figures, percent, year = found.groups()
    value = goal_value(faults, "reach", (name, figures, percent), HOW_TO_REACH)
    faults.refuse()
    return Reach(name, value, int(year))


def goal_value(faults: Checks, place: str, said: tuple[str, str, str | None], how: str) -> float:
    """The value of an indicator of GOALS, from its name, figures and a percent sign; notes what cannot be meant."""
    name, figures, percent = said
    faults.known(place, [name], tuple(GOALS))
    try:
        value = float(figures.replace(",", "")) / (100.0 if percent else 1.0)
    except ValueError:
        faults.add(place, f'"{figures}" is no number', how)
        return 0.0
    if name in SHARES and abs(value) > 1.0:
        faults.add(place, f"{value:g} is no share", "0 to 1", f"{value:g} % is written {value / 100.0:g}")
    return value


@dataclass(frozen=True)
class Question:
    """What is asked.

    goal   the indicator that is to grow, a key of GOALS
    money  US$ of the price year, a year, None where nothing limits it
    which  whose money that is, one of MONEY
    risk   share of draws in which a plan may spend more than that in some year
    reach  a target; None without
    year   the first year of plans
    perspective   which payers' money counts, a key of PERSPECTIVES
    """

    goal: str = "true"
    money: float | None = None
    which: str = PROGRAMME
    risk: float = 0.2
    reach: Reach | None = None
    year: int = field(default_factory=plan_start)
    perspective: str = EVERYONE

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, all at once."""
        faults = Checks()
        faults.known("goal", [self.goal], tuple(GOALS))
        faults.known("money-is", [self.which], MONEY)
        faults.known("perspective", [self.perspective], tuple(PERSPECTIVES))
        faults.between("risk", self.risk, 0.0, 0.5)
        if self.money is not None and not (is_number(self.money) and LEAST_MONEY <= self.money <= MOST_MONEY):
            faults.add("money", shown(self.money), f"US$ a year, {LEAST_MONEY:,.0f} to {MOST_MONEY:,.0f}")
        if self.money is None and self.reach is None:
            faults.add("money", "is missing, and so is a target",
                       "--money US$ a year, --reach like true_80=0.3 by 2032, or both")
        faults.refuse()

    @property
    def counts_pbf(self) -> bool:
        """Whether the money holds what PBF pays."""
        return self.which != PROGRAMME

    def check_years(self, years: Sequence[int], known: int | None) -> None:
        """SettingError unless plans begin after what is known, within the years of the horizon, and before targets."""
        first = years[0] + 1 if known is None else known + 1
        faults = Checks()
        faults.between("from", self.year, first, years[-1] - 1)
        if self.reach is not None:
            faults.between("reach", self.reach.year, self.year, years[-1],
                           "The target's year is the last one, at whose end it is looked at.")
        faults.refuse()
