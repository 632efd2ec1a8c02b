"""An ensemble with the settings of a decision, checked against each other; everything that was left open is filled in.

Uncertain inputs of a decision are the parameters of the draws. With unit costs "by line" the two scales of costs, which
stretch all lines together, are taken out and each line gets a factor of its own (`ingredients`), so that nothing is
counted twice. Quantities stay as they were simulated: a scenario that is held by a budget would buy less when things
are dearer, so that "as simulated" is right there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qicsim.calendar import MONTHS_PER_YEAR
from qicsim.decide.checks import Faults
from qicsim.decide.discounting import Discounting
from qicsim.decide.reading import CARRIES, line_factors
from qicsim.decide.settings import TARGET_YEAR, Settings
from qicsim.ensemble.draws import names as parameter_names
from qicsim.ensemble.draws import with_fixed
from qicsim.ensemble.run import Ensemble
from qicsim.experiment.compare import PLAN_START
from qicsim.model.columns import COST_LINES
from qicsim.scenario import Scenario

SCALES = {"assessment": "costs.assessment", "verification": "costs.assessment", "pbf": ""}
OTHER_SCALE = "costs.collaborative"
LINE_PREFIX = "unit_costs."


@dataclass(frozen=True, eq=False)
class Frame:
    """Everything that the parts of a decision read.

    settings    with no field left None but `ceiling`, `worth` and `worth_up_to`
    years       that count
    factors     on lines of spending by scenario, float64 (draws, lines) each; None as simulated
    parameters  names of uncertain inputs, and their values, float64 (draws, inputs)
    """

    ensemble: Ensemble
    reference: str
    settings: Settings
    years: tuple[int, ...]
    factors: dict[str, np.ndarray] | None
    parameters: tuple[str, ...]
    table: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, in the ensemble's order."""
        return tuple(self.ensemble.runners)

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the scenarios but the reference."""
        return tuple(name for name in self.names if name != self.reference)

    @property
    def discounting(self) -> Discounting:
        """How money and effects are discounted."""
        return Discounting(int(self.settings.base_year or self.years[0]), self.settings.rate, self.settings.timing)

    def line_factors(self, name: str) -> np.ndarray | None:
        """Factors on a scenario's lines, if there are any."""
        return None if self.factors is None else self.factors[name]


def frame(ensemble: Ensemble, reference: str, settings: Settings) -> Frame:
    """The frame of a decision; SettingError, with every fault: scenarios, reference, years, target, ceiling, draws."""
    faults = Faults()
    if not ensemble.runners:
        faults.add("scenarios", "there is no scenario to decide on", "one or more")
        faults.refuse()
    faults.known("reference", [reference], tuple(ensemble.runners))
    faults.numbers("draws", ensemble.draws.values, ("draw", "parameter"), {"parameter": parameter_names()})
    settings, years = _fitted(faults, settings, [runner.years for runner in ensemble.runners.values()])
    faults.refuse()
    factors = _factors(ensemble, settings) if settings.unit_costs == "by line" else None
    return Frame(ensemble, reference, settings, years, factors, *_inputs(ensemble, settings, factors))


def check_horizons(scenarios: Sequence[Scenario], settings: Settings) -> None:
    """SettingError, before anything runs, with every year of the settings that the scenarios do not have."""
    faults = Faults()
    spans = [range(one.start // MONTHS_PER_YEAR, (one.start + one.months - 1) // MONTHS_PER_YEAR + 1)
             for one in scenarios]
    _fitted(faults, settings, spans)
    faults.refuse()


def _fitted(faults: Faults, settings: Settings, spans: Sequence[Sequence[int]]) -> tuple[Settings, tuple[int, ...]]:
    """The settings with all years filled in, and the years that count; notes years outside the common horizon."""
    common = tuple(sorted(set.intersection(*(set(span) for span in spans))))
    if not common:
        faults.add("scenarios", "have no year in common", "horizons that overlap")
        return settings, ()
    used = _with_years(faults, settings, common)
    years = tuple(year for year in common if (used.first or 0) <= year <= (used.last or 0))
    for year in used.ceiling if isinstance(used.ceiling, Mapping) and years else ():
        if year not in years:
            faults.add("ceiling", f"names {year}", f"{years[0]} to {years[-1]}")
    return used, years


def _with_years(faults: Faults, settings: Settings, common: Sequence[int]) -> Settings:
    start = max(common[0], PLAN_START) if common[-1] >= PLAN_START else common[0]
    first = settings.first if settings.first is not None else start
    last = settings.last if settings.last is not None else common[-1]
    by = settings.target.by if settings.target.by is not None else max(common[0], min(TARGET_YEAR, common[-1]))
    span = f"{common[0]} to {common[-1]}, the years that all scenarios have"
    for name, year in (("first", first), ("last", last), ("by", by)):
        if year not in common:
            faults.add(name, str(year), span)
    if first > last:
        faults.add("first, last", f"{first} is after {last}", "first is not after last")
    base = settings.base_year if settings.base_year is not None else first
    return replace(settings, first=first, last=last, base_year=base, target=replace(settings.target, by=by))


def _factors(ensemble: Ensemble, settings: Settings) -> dict[str, np.ndarray]:
    """Factors by scenario: those of single lines, over the scale that the simulation put on all of them."""
    first = next(iter(ensemble.runners.values()))
    alone = line_factors(first.world.unit_costs, len(ensemble.draws), seed=settings.seed)
    return {name: alone / _scales(with_fixed(ensemble.draws.values, runner.scenario.parameters))
            for name, runner in ensemble.runners.items()}


def _scales(values: np.ndarray) -> np.ndarray:
    """The simulation's scale of each line, float64 (draws, lines)."""
    known = parameter_names()
    paths = [SCALES.get(line, OTHER_SCALE) for line in COST_LINES]
    return np.stack([values[:, known.index(path)] if path else np.ones(len(values)) for path in paths], axis=1)


def _inputs(ensemble: Ensemble, settings: Settings, factors: dict[str, np.ndarray] | None
            ) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and values of the uncertain inputs."""
    known, values = parameter_names(), ensemble.draws.values
    if factors is None:
        return known, values
    kept = [place for place, name in enumerate(known) if not name.startswith("costs.")]
    runner = next(iter(ensemble.runners.values()))
    alone = line_factors(runner.world.unit_costs, len(values), seed=settings.seed)
    lines = [place for place, line in enumerate(COST_LINES) if line in CARRIES]
    names = (*(known[place] for place in kept), *(f"{LINE_PREFIX}{COST_LINES[place]}" for place in lines))
    return names, np.hstack([values[:, kept], alone[:, lines]])
