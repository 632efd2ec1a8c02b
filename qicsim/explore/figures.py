"""Runs as the page shows them: numbers of the pictures, tiles of each plan, and what to know of it, in words."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from qicsim.analysis.places import COST
from qicsim.explore.runs import NATION, Job, Runs
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.intervals import Interval, interval_of
from qicsim.ground.numbers import MILLION, fine, number, percent, signed
from qicsim.inputs.country import home, plan_start
from qicsim.inputs.scenario.consistency import senseless
from qicsim.inputs.world.scaling import too_few_places
from qicsim.model.levers import NO_CEILING
from qicsim.report.explorer import Shown, values_of
from qicsim.report.formatting import interval
from qicsim.report.language import again, say, text_of
from qicsim.runs.readout import known_of, province_values_of, qic_lines
from qicsim.runs.runner import Runner
from qicsim.runs.sums import GROUP_ROWS, Sums

SHORT = 1.05
"""Coaches that are needed for each one at work: from there on the page warns."""


class Staff(NamedTuple):
    """The year in which coaches are shortest: needed for every visit that is wanted, at work, and their ratio."""

    year: int
    needed: float
    at_work: float
    load: float


class Figures:
    """The first runs of a job."""

    def __init__(self, job: Job, runs: int) -> None:
        """Read the first runs; all of them must be there."""
        self.job, self.runs = job, runs
        self.records = {key: arm.first(runs) for key, arm in job.arms.items()}
        runner = Runner.of(job.scenarios[""])
        self.years, self.known = runner.years, known_of(runner)
        self.provinces = runner.world.provinces
        self.end = (job.scenarios[""].end + 1) // MONTHS_PER_YEAR - 1

    # --------------------------------------------------------------------------------------------------- numbers

    def nation(self, key: str, indicator: str) -> np.ndarray:
        """An indicator of the nation, float64 (runs, years)."""
        return Sums(self.records[key].nation, NATION, GROUP_ROWS).value(self.known[indicator])

    def money(self, key: str) -> np.ndarray:
        """US$ by year and line at the page's unit costs, float64 (runs, years, lines)."""
        spent, factors = self.records[key].money.sum(axis=3), self.job.factors()
        if self.job.arms[key].setting is self.job.lived.world.setting:
            return spent * factors
        past = len(self._before)  # what came after was run at these costs
        return np.concatenate([spent[:, :past] * factors, spent[:, past:]], axis=1)

    def sample(self, key: str, indicator: str) -> np.ndarray:
        """An indicator of the nation, then of its provinces by name, float64 (runs, years, 1 + provinces)."""
        found = np.full((self.runs, len(self.years), 1 + len(self.provinces)), np.nan)
        if indicator == COST:
            found[..., 0] = self.money(key).sum(axis=2)
            return found
        found[..., 0] = self.nation(key, indicator)
        order = [1 + sorted(self.provinces).index(name) for name in self.provinces]
        found[..., order] = province_values_of(self.records[key].province, indicator)
        return found

    def a_year(self, key: str, *, programme: bool) -> np.ndarray:
        """US$ a year more than under the reference, mean of the years of plans: collaboratives, or all; (runs,)."""
        lines = list(qic_lines()) if programme else slice(None)
        years = [at for at, year in enumerate(self.years) if year >= plan_start()]
        own, other = (self.money(one)[:, years][..., lines].sum(axis=2).mean(axis=1) for one in (key, ""))
        return own - other

    def staff(self, key: str) -> Staff | None:
        """When coaches are shortest, by means over runs; None where there are none."""
        after = len(self._before)
        at_work, needed = self.records[key].coaches.mean(axis=0)[after:].T
        load = np.divide(needed, at_work, out=np.zeros_like(needed), where=at_work > 0.0)
        if not load.any():
            return None
        at = int(np.argmax(load))
        return Staff(self.years[after + at], float(needed[at]), float(at_work[at]), float(load[at]))

    def reached(self, key: str) -> int:
        """In how many runs the target is reached."""
        target = self.job.ask.target
        at = self.years.index(target.year)
        return int((self.nation(key, "true_80")[:, at] >= target.share).sum())

    @property
    def _before(self) -> list[int]:
        return [year for year in self.years if year < plan_start()]

    # ----------------------------------------------------------------------------------------------------- words

    def tiles(self, key: str) -> list[dict[str, Any]]:
        """What a plan brings and costs: heading, the number, and lines under it, in the language spoken."""
        at = self.years.index(self.end)
        people, other = (self.nation(one, "people_true_80")[:, at] / MILLION for one in (key, ""))
        gain = self.nation(key, "true")[:, at] - self.nation("", "true")[:, at]
        level = self.nation(key, "true")[:, at]
        programme, public = (self.a_year(key, programme=one) / MILLION for one in (True, False))
        share, reached = self.job.ask.target, self.reached(key)
        return [
            _tile("people", say("People served at 80 points or more, {year}", year=self.end),
                  say("{millions} million", millions=_mean(people)), _between(people),
                  say("{millions} million more than the reference {interval}", millions=_more(people - other),
                      interval=_between(people - other, sign=True))),
            _tile("points", say("Points of true quality, {year}", year=self.end),
                  say("{points} points", points=_more(gain)), _between(gain, sign=True),
                  say("to {level} of 100", level=_mean(level))),
            _tile("cost", say("Collaboratives, US$ a year"),
                  say("{millions} million", millions=_money(programme)), _between(programme, 2, sign=True),
                  say("all public money {millions} million {interval}", millions=_money(public),
                      interval=_between(public, 2, sign=True))),
            self._staff_tile(key),
            _tile("chance", say("Chance of {share} truly at 80 by {year}", share=percent(share.share), year=share.year),
                  percent(reached / self.runs), say("{count} of {runs} runs", count=reached, runs=self.runs))]

    def _staff_tile(self, key: str) -> dict[str, Any]:
        head, staff = say("Coaches needed of those at work"), self.staff(key)
        if staff is None:
            return _tile("coaches", head, say("none"), say("no coach is at work"))
        return _tile("coaches", head, percent(staff.load),
                     say("{needed} needed in {year}, {there} at work", needed=number(staff.needed), year=staff.year,
                         there=number(staff.at_work)))

    def warnings(self, key: str) -> list[str]:
        """What makes no sense in a plan, and what it has no coaches for, in the language spoken."""
        scenario = self.job.scenarios[key]
        found = [again(one) for one in (*too_few_places([scenario]), *senseless(scenario))]
        staff = self.staff(key)
        if staff is not None and staff.load > SHORT:
            found.append(say("Coaches cannot make the visits that are wanted: in {year} {needed} would be needed and "
                             "{there} are at work, so that teams get fewer.", year=staff.year,
                             needed=number(staff.needed), there=number(staff.at_work)))
        if self.job.ask.plans[key].changed and not self.job.arms[key].levers[self.job.lived.since:]["support"].any():
            found.append(say("Nobody funds support in this plan: levers of collaboratives do nothing. Choose a plan "
                             "with collaboratives to begin with."))
        return found


def message(runs: Runs, job: Job, count: int) -> dict[str, Any]:
    """What a page is told after so many runs, in the language spoken; JSON-able."""
    figures, total = Figures(job, count), len(runs.draws)
    keys = list(job.arms)
    titles = [text_of(job.scenarios[key].title) for key in keys]
    shown = Shown([job.scenarios[key].name for key in keys], titles, 1, figures.years, figures.end,
                  sorted(figures.provinces), count, home().price_year, 1.0,
                  [partial(figures.sample, key) for key in keys])
    status = (say("{runs} runs, 5-95 % intervals between them", runs=count) if count == total else
              say("{runs} of {total} runs, intervals are still rough", runs=count, total=total))
    return {"n": count, "last": count == total, "names": shown.names, "values": values_of(shown),
            "scenarios": [f"{key}: {title}" if key else title for key, title in zip(keys, titles, strict=True)],
            "tiles": {key: figures.tiles(key) for key in job.ask.plans},
            "warnings": {key: figures.warnings(key) for key in job.ask.plans},
            "status": status, "said": _said(figures, count, total), "payments": _payments(figures)}


def _said(figures: Figures, count: int, total: int) -> str:
    """What is read aloud: of the first picture and of the last."""
    gains = ", ".join(f"{key} {figures.tiles(key)[1]['big']}" for key in figures.job.ask.plans)
    if count == total:
        return say("All {runs} runs: {gains}.", runs=count, gains=gains)
    return say("First picture, {runs} runs: {gains}.", runs=count, gains=gains)


def _payments(figures: Figures) -> str:
    """What performance payments take under the reference."""
    from qicsim.model.columns import PBF_PAYMENTS

    at = figures.years.index(plan_start())
    paid = figures.money("")[:, at, PBF_PAYMENTS] / MILLION
    return say("PBF pays facilities US$ {millions} million in {year} under the reference.", millions=_mean(paid),
               year=plan_start())


def _tile(key: str, head: str, big: str, *small: str) -> dict[str, Any]:
    return {"key": key, "head": head, "big": big, "small": list(small)}


def _mean(sample: np.ndarray) -> str:
    return number(float(sample.mean()), 1)


def _money(sample: np.ndarray) -> str:
    return fine(float(sample.mean()), sign=True)


def _more(sample: np.ndarray) -> str:
    return signed(float(sample.mean()))


def _between(sample: np.ndarray, digits: int = 1, *, sign: bool = False) -> str:
    found: Interval[float] = interval_of(sample).at()
    return f"({interval(found.low, found.high, digits, sign=sign)})"


def value_shown(name: str, value: Any) -> str:
    """A value of a slider, in the language spoken."""
    from qicsim.decide.search.levers import WORDS

    if isinstance(value, str):
        return say(WORDS[value])
    if name in ("budget", "pbf_envelope"):
        return say("no ceiling") if value >= NO_CEILING else say("US$ {usd}", usd=number(value))
    if name == "pace":
        return say("all at once") if value == 0 else say("{years} years", years=value)
    if name == "programme_months" and value >= 600:  # noqa: PLR2004 the files' way to say that nobody graduates
        return say("no team graduates")
    return percent(value) if name in ("virtual", "pbf_size") else f"{value:g}"


