"""What is called what on a decision's page: scenarios, parameters, units, money, and how numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from qicsim.decide.currency import usd_words
from qicsim.decide.decision import Decision
from qicsim.decide.decision_inputs import LINE_PREFIX, PAYMENT
from qicsim.decide.settings import LEVELS, PAYMENTS
from qicsim.ground import numbers
from qicsim.ground.declare import declared
from qicsim.ground.numbers import brief
from qicsim.model.parameters import Parameters
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, plain, tag
from qicsim.report.language import again, counted, name_of, say, text
from qicsim.runs.assumptions import AS_SIMULATED, GROUPS, named

UNIT_WORDS = {
    "facility_years_true_80": (text("facility-year truly at 80 points or more"),
                               text("facility-years truly at 80 points or more")),
    "facility_years_recorded_80": (text("facility-year recorded at 80 points or more"),
                                   text("facility-years recorded at 80 points or more")),
    "points_true": (text("year of one point more of mean true quality"),
                    text("years of one point more of mean true quality")),
    "points_recorded": (text("year of one point more of mean recorded score"),
                        text("years of one point more of mean recorded score")),
    "person_years_true_80": (text("person-year in the catchment of a facility truly at 80 points or more"),
                             text("person-years in the catchment of a facility truly at 80 points or more")),
    "person_years_recorded_80": (text("person-year in the catchment of a facility recorded at 80 points or more"),
                                 text("person-years in the catchment of a facility recorded at 80 points or more")),
    "unscored": (text("year of one point more of quality that is not scored"),
                 text("years of one point more of quality that is not scored")),
    "range_true": (text("year of one point less between the best and the worst province"),
                   text("years of one point less between the best and the worst province")),
    "slope_true": (text("year of one point less of the slope index between provinces"),
                   text("years of one point less of the slope index between provinces"))}
SOURCE_WORDS = {"posterior": text("what is left open after the model was held against the reported roll-out (the "
                                  "posterior)")}
GROUP_WORDS = {"all": text("facilities"), "health_centre": text("health centres"),
               "referral_hospital": text("referral hospitals")}


@dataclass(frozen=True, eq=False)
class Labels:
    """What scenarios are called: short signs (given, or numbered in the decision's order) and titles."""

    decision: Decision
    keys: Mapping[str, str] | None = None

    def key(self, name: str) -> str:
        """A scenario's short sign."""
        if name == self.decision.reference:
            return say("Ref")
        return self.keys[name] if self.keys else str(self.decision.others.index(name) + 1)

    def title(self, name: str) -> str:
        """A scenario's title as plain text."""
        return name_of(plain(self.decision.titles[name]) or plain(name))

    def ordered(self, names: Iterable[str]) -> list[str]:
        """Some scenarios in the one order of the page."""
        some = set(names)
        return [name for name in self.decision.names if name in some]

    def heading(self, name: str) -> str:
        """Short sign and title."""
        if name == self.decision.reference:
            return say("Reference: {title}", title=self.title(name))
        return f"{self.key(name)}. {self.title(name)}"

    def row(self, name: str) -> Markup:
        """A scenario as the head of a row of a table."""
        return joined((tag("span", self.heading(name), class_="title"), tag("span", name, class_="name")), " ")


def assumed(key: str) -> str:
    """An assumption as a reader is told of it: its group and what is assumed."""
    if key == AS_SIMULATED:
        return say("As simulated")
    one = named(key)
    return say("{group}: {assumed}", group=say(GROUPS[one.group]), assumed=say(one.title))


def unit(decision: Decision, *, many: bool = False) -> str:
    """The unit of the effect that money is held against."""
    return say(UNIT_WORDS[decision.value.outcome.name][many])


def runs_words(decision: Decision) -> str:
    """How many draws the numbers stand on, and where these come from."""
    source = decision.source
    named = {**formatting.DRAW_WORDS, **SOURCE_WORDS}
    held = (say(named[source]) if source in named
            else say("draws from {source}", source=plain(source)))
    return say("{draws} of {runs} each; draws hold {held}", held=held,
               draws=counted(decision.draws, "{count} draw", "{count} draws"),
               runs=counted(decision.replicates, "{count} run", "{count} runs"))


def money(amount: float) -> str:
    """US$ in running text, held together."""
    return again(usd_words(amount)).replace(" ", "\u00a0")


def between(low: float, high: float, write: Callable[..., str] = brief, *, sign: bool = False) -> str:
    """From low to high, written alike."""
    return say("{low} to {high}", low=write(low, sign=sign), high=write(high, sign=sign))


def meaning_of(parameter: str) -> str:
    """What a parameter, or the unit cost of a line, means."""
    if parameter == PAYMENT:
        return say("Level of PBF payments")
    if parameter.startswith(LINE_PREFIX):
        return say("Unit cost: {line}", line=say(formatting.COST_WORDS[parameter.removeprefix(LINE_PREFIX)]))
    known = declared(Parameters)
    return name_of(known[parameter].declaration.meaning) if parameter in known else numbers.NONE


def parameter(name: str) -> Markup:
    """A parameter's meaning, and its name in small type."""
    return joined((meaning_of(name), tag("span", name, class_="name")), " ")


def drawn(decision: Decision) -> str:
    """What the amounts along the frontier are drawn over, and what is held fixed, in a sentence or two."""
    if decision.settings.payments != PAYMENTS[0]:
        return say("What a unit must be worth rests on draws of parameters and unit costs; payments to facilities are "
                   "left out.")
    if decision.settings.level != LEVELS[0]:
        return say("What a unit must be worth rests on draws of parameters and unit costs; the level of PBF payments "
                   "is held as simulated. The page of a decision draws that level too, so that its amounts differ.")
    return say("What a unit must be worth rests on draws of parameters, unit costs and the level of PBF payments. "
               "The page of a comparison holds that level as simulated, so that its amounts differ.")


def basis(decision: Decision) -> str:
    """Years, discounting and perspective in a sentence."""
    told = {"first": decision.years[0], "last": decision.years[-1], "discounting": again(decision.discounting.words),
            "payers": again(decision.settings.perspective_words), "year": decision.settings.money.year}
    if decision.settings.payments == PAYMENTS[0]:
        return say("Years {first} to {last}, {discounting}; the money of {payers}, payments to facilities with it, US$ "
                   "of {year}.", **told)
    return say("Years {first} to {last}, {discounting}; the money of {payers}, without payments to facilities, US$ of "
               "{year}.", **told)
