"""The study that comes first to mind, valued for the choice: an independent re-scoring of facilities.

What it measures and how much noise it has are read from the ensemble at the end of the year before the choice, under
the reference; what no run holds is assumed in `settings.StudyPlan` and said. What it measures is a result of many
parameters at once, so that it can be worth more than knowing any one mechanism.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.decide.costs_by_scenario import Bill
from qicsim.decide.currency import usd_words
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.information import SHUFFLES, chance_of
from qicsim.decide.reading import at_year_end
from qicsim.decide.studies import Rescoring, Study, rescoring
from qicsim.decide.value import Value
from qicsim.ground.translatable import Told, tell

NOISE = "assessment.noise"
VISIT_DAY = "assessment.hawth"
MEASURED = {"true": "how good facilities truly are",
            "gap": "by how many points the record exceeds true quality"}
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of the decision's worth: where values of information are worked out again."""
FEWER = 39  # shuffles there, enough for the limit of one in twenty


@dataclass(frozen=True, eq=False)
class Valued:
    """A re-scoring by size, and what it measures; its chances are judged together with those of the other measure."""

    measured: str
    study: Study


@dataclass(frozen=True)
class AtWorth:
    """At a worth of a unit: EVPI, and the best size of a re-scoring (0 if none pays), its net benefit and its error.

    `clear` says whether it stands above its cost by two errors and above what luck gives.
    """

    worth: float
    evpi: float
    size: int
    net: float
    error: float
    clear: bool


@dataclass(frozen=True, eq=False)
class Rescored:
    """The re-scoring by what it measures, its assumptions in words, and its net benefit over the worth of a unit."""

    studies: dict[str, Valued]
    assumptions: tuple[Told, ...]
    over: tuple[AtWorth, ...]

    @property
    def pays(self) -> tuple[float, ...]:
        """At which of the worths tried a re-scoring stands above its cost and above luck; empty if at none."""
        return tuple(one.worth for one in self.over if one.clear)


def rescored(frame: Frame, held: Value, paid: Bill) -> Rescored:
    """The re-scoring at the end of the year before the choice."""
    year = frame.years[0] - 1
    if any(year not in runner.years for runner in frame.ensemble.runners.values()):
        said = tell("No year before {year} was simulated, so no study before the choice can be valued.",
                    year=frame.years[0])
        return Rescored({}, (said,), ())
    place = frame.names.index(frame.reference)
    measured = {key: at_year_end(frame.ensemble, indicator, year)[place].mean(axis=1)
                for key, indicator in (("true", "true"), ("gap", "inflation"))}
    designs = _designs(frame, year, paid)
    sizes = sizes_of(frame.settings.study.sizes, designs["true"].facilities)

    def valued(net: np.ndarray, shuffles: int = SHUFFLES) -> dict[str, Valued]:
        """The re-scoring by what it measures, for net benefit (choices, draws)."""
        found = {key: rescoring(net, measured[key], design, sizes, seed=frame.settings.seed, shuffles=shuffles)
                 for key, design in designs.items()}
        luck = np.max([one.luck for one in found.values()], axis=0)
        return {key: Valued(MEASURED[key], replace(one, chance=chance_of(one.value, luck)))
                for key, one in found.items()}

    own = valued(held.net)
    over = tuple(_at(held, share * held.worth, own if share == 1.0 else  # the same numbers as the study's own table
                     valued(held.held.net_benefit(share * held.worth), FEWER)) for share in SHARES)
    return Rescored(own, _assumed(frame, designs, year, own), over)


def leading(studies: Mapping[str, Valued]) -> Valued:
    """The measure whose best size stands above luck and cost, then the one that is worth most beyond its cost."""
    return max(studies.values(),
               key=lambda one: (bool(one.study.clear[one.study.place]), float(one.study.net[one.study.place])))


def sizes_of(wanted: tuple[int, ...] | None, facilities: int) -> list[int]:
    """Numbers of facilities, rising: those wanted that there are, or from 10 about twice the one before to all."""
    some = (10, 20, 50, 100, 200, 400, 800, facilities) if wanted is None else wanted
    return sorted({size for size in some if size <= facilities}) or [facilities]


def _at(held: Value, worth: float, studies: Mapping[str, Valued]) -> AtWorth:
    """Values of information at a worth of a unit."""
    net, study = held.held.net_benefit(worth), leading(studies).study
    place = study.place
    return AtWorth(worth, float(net.max(axis=0).mean() - net.mean(axis=1).max()), study.best,
                   float(study.net[place]) if study.best else 0.0, float(study.net_error[place]),
                   bool(study.clear[place]))


def _designs(frame: Frame, year: int, paid: Bill) -> dict[str, Rescoring]:
    plan = frame.settings.study
    place = frame.names.index(frame.reference)
    count, between = (float(at_year_end(frame.ensemble, name, year)[place].mean())
                      for name in ("facilities", "spread_true"))
    noise = _mean_of(frame, NOISE)
    visit = next(one.usd for one in paid.unit_costs if one.key == "verification") * plan.unannounced
    common: dict[str, Any] = {"facilities": round(count), "design_effect": plan.design_effect, "setup": plan.setup,
                              "each": visit if plan.each is None else plan.each, "lost": plan.lost}
    return {"true": Rescoring(between=between, noise=noise, **common),
            "gap": Rescoring(between=plan.between_gap, noise=noise * np.sqrt(2.0), **common)}


def _mean_of(frame: Frame, parameter: str) -> float:
    return float(np.mean(frame.table[:, frame.parameters.index(parameter)]))


def _assumed(frame: Frame, designs: dict[str, Rescoring], year: int, valued: dict[str, Valued]) -> tuple[Told, ...]:
    true, gap = designs["true"], designs["gap"]
    return (
        tell("Facilities are drawn at random at the end of {year} among {count}, and re-scored by assessors who "
             "neither coach them nor are paid by their scores.", year=year, count=f"{true.facilities:,}"),
        tell("The assessors come unannounced, or score from records, and see what is done every day (assumed). Staff "
             "who are watched do better, by {rise} points on average in what is watched, so that announced visits "
             "could not tell true quality from behaviour on the day and would be worth less.",
             rise=f"{_mean_of(frame, VISIT_DAY):.1f}"),
        tell("True quality differs between facilities by {true} points (SD, simulated), its gap to the record by {gap} "
             "points (assumed); one assessment has noise of {noise} points (mean).", true=f"{true.between:.1f}",
             gap=f"{gap.between:.1f}", noise=f"{true.noise:.1f}"),
        tell("Districts are clusters with a design effect of {effect} (assumed).", effect=f"{true.design_effect:g}"),
        tell("The study costs {setup} and {each} a facility (assumed: a visit that nobody expects is dearer than an "
             "ordinary one); waiting for it costs {lost} % of its value (assumed).", setup=usd_words(true.setup),
             each=usd_words(true.each), lost=f"{100.0 * true.lost:g}"),
        tell("It measures one mean for the nation at a time; the study as a whole is worth at least the larger of the "
             "two. Known exactly, true quality would be worth {true}, and its gap to the record {gap}. Both are "
             "results of many mechanisms at once, so that a re-scoring can be worth more than knowing any one "
             "mechanism.",
             true=usd_words(valued["true"].study.most), gap=usd_words(valued["gap"].study.most)))
