"""An ensemble with the settings of a decision, checked against each other; everything that was left open is filled in.

Uncertain inputs of a decision are the parameters of the draws, and the level of PBF's payments: no parameter holds it,
as in the model payments work by how they compare with today's; here a factor of each draw, shared by all scenarios,
stretches the money alone. With unit costs "by line" the two scales of costs, which
stretch all lines together, are taken out and each line gets a factor of its own (`ingredients`), so that nothing is
counted twice. Quantities stay as they were simulated: a scenario that is held by a budget would buy less when things
are dearer, so that "as simulated" is right there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from glob import escape

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.discounting import Discounting
from qicsim.decide.reading import CARRIES, line_factors, payment_factors
from qicsim.decide.settings import EVENTS, LEVELS, PAYMENTS, UNIT_COSTS, Settings
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.inputs.country import plan_start, target_year
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.past import other_past
from qicsim.inputs.world.build import data_files
from qicsim.inputs.world.money import Payment, payment_rows
from qicsim.model.columns import COST_LINES, KINDS, PBF_PAYMENTS
from qicsim.runs.draws import names as parameter_names
from qicsim.runs.draws import with_fixed
from qicsim.runs.ensemble import Ensemble

SCALES = {"assessment": "costs.assessment", "verification": "costs.assessment", "pbf": ""}
OTHER_SCALE = "costs.collaborative"
LINE_PREFIX = "unit_costs."
PAYMENT = "payments.level"


@dataclass(frozen=True, eq=False)
class Frame:
    """Everything that the parts of a decision read.

    settings    with no field left None but `ceiling`, `worth` and `worth_up_to`
    years       that count
    partial     years that are left out as they were not simulated to their end by all scenarios
    factors     on lines of spending by scenario, float64 (draws, lines) each
    parameters  names of uncertain inputs, and their values, float64 (draws, inputs)
    """

    ensemble: Ensemble
    reference: str
    settings: Settings
    years: tuple[int, ...]
    partial: tuple[int, ...]
    factors: dict[str, np.ndarray]
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

    @property
    def level(self) -> np.ndarray:
        """Payments over what they are in the simulation, float64 (draws,)."""
        return self.factors[self.reference][:, PBF_PAYMENTS]


def frame(ensemble: Ensemble, reference: str, settings: Settings) -> Frame:
    """The frame of a decision; SettingError, with every fault: scenarios, reference, years, target, ceiling, draws."""
    faults = Checks()
    if not ensemble.runners:
        faults.add("scenarios", "there is no scenario to decide on", "one or more")
        faults.refuse()
    faults.known("reference", [reference], tuple(ensemble.runners))
    faults.numbers("draws", ensemble.draws.values, ("draw", "parameter"), {"parameter": parameter_names()})
    scenarios = [runner.scenario for runner in ensemble.runners.values()]
    settings, years = _fitted(faults, settings, [whole_years(one) for one in scenarios])
    faults.refuse()
    if settings.events is None:
        told = ensemble.runners[reference].scenario
        pasts = (name for name, runner in ensemble.runners.items() if other_past(runner.scenario, told) is not None)
        settings = replace(settings, events=(*EVENTS, *map(escape, pasts)))
    paid = _payment_factors(ensemble, reference, settings)
    factors = _factors(ensemble, settings, paid)
    touched = set.intersection(*(set(runner.years) for runner in ensemble.runners.values()))
    partial = tuple(sorted(year for year in touched if year > years[-1] and settings.last == years[-1]
                           and not all(year in whole_years(one) for one in scenarios)))
    return Frame(ensemble, reference, settings, years, partial, factors, *_inputs(ensemble, settings, paid))


def whole_years(scenario: Scenario) -> Sequence[int]:
    """Calendar years of which every month is simulated; if there is none, those that the horizon touches."""
    end = scenario.start + scenario.months
    whole = range(-(-scenario.start // MONTHS_PER_YEAR), end // MONTHS_PER_YEAR)
    return whole or range(scenario.start // MONTHS_PER_YEAR, (end - 1) // MONTHS_PER_YEAR + 1)


def check_horizons(scenarios: Sequence[Scenario], settings: Settings) -> None:
    """SettingError, before anything runs, with every year of the settings that the scenarios do not have."""
    faults = Checks()
    _fitted(faults, settings, [whole_years(one) for one in scenarios])
    faults.refuse()


def _fitted(faults: Checks, settings: Settings, spans: Sequence[Sequence[int]]) -> tuple[Settings, tuple[int, ...]]:
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


def _with_years(faults: Checks, settings: Settings, common: Sequence[int]) -> Settings:
    start = max(common[0], plan_start()) if common[-1] >= plan_start() else common[0]
    first = settings.first if settings.first is not None else start
    last = settings.last if settings.last is not None else common[-1]
    by = settings.target.by if settings.target.by is not None else max(common[0], min(target_year(), common[-1]))
    span = f"{common[0]} to {common[-1]}, the whole years that all scenarios have"
    for name, year in (("first", first), ("last", last), ("by", by)):
        if year not in common:
            faults.add(name, str(year), span)
    if first > last and {first, last} <= set(common):
        faults.add("first, last", f"{first} is after {last}", "first is not after last")
    if first > last:
        return settings
    base = settings.base_year if settings.base_year is not None else first
    return replace(settings, first=first, last=last, base_year=base, target=replace(settings.target, by=by))


def payment_levels(ensemble: Ensemble, name: str) -> tuple[tuple[Payment, ...], np.ndarray]:
    """What facilities are paid, from a scenario's data file (checked when its world was built), and how many there are.

    Numbers of facilities stand in the order of the rows.
    """
    runner = ensemble.runners[name]
    rows = payment_rows(data_files(runner.scenario)["payments"])
    counts = np.bincount(runner.world.register.hospital, minlength=len(KINDS))
    return rows, counts[[KINDS.index(row.kind) for row in rows]]


def _payment_factors(ensemble: Ensemble, reference: str, settings: Settings) -> np.ndarray:
    if settings.level != LEVELS[0]:
        return np.ones(len(ensemble.draws))
    rows, counts = payment_levels(ensemble, reference)
    return payment_factors(rows, counts.tolist(), len(ensemble.draws), seed=settings.seed)


def _factors(ensemble: Ensemble, settings: Settings, paid: np.ndarray) -> dict[str, np.ndarray]:
    """Factors by scenario: of payments; of single lines, over the scale that the simulation put on all of them."""
    if settings.unit_costs == UNIT_COSTS[0]:
        same = _with_payments(np.ones((len(paid), len(COST_LINES))), paid)
        return dict.fromkeys(ensemble.runners, same)
    alone = _with_payments(_alone(ensemble, settings), paid)
    return {name: alone / scales_of(with_fixed(ensemble.draws.values, runner.scenario.parameters))
            for name, runner in ensemble.runners.items()}


def _alone(ensemble: Ensemble, settings: Settings) -> np.ndarray:
    first = next(iter(ensemble.runners.values()))
    return line_factors(first.world.unit_costs, len(ensemble.draws), seed=settings.seed)


def _with_payments(factors: np.ndarray, paid: np.ndarray) -> np.ndarray:
    factors[:, PBF_PAYMENTS] = paid
    return factors


def scales_of(values: np.ndarray) -> np.ndarray:
    """The simulation's scale of each line, float64 (draws, lines)."""
    known = parameter_names()
    paths = [SCALES.get(line, OTHER_SCALE) for line in COST_LINES]
    return np.stack([values[:, known.index(path)] if path else np.ones(len(values)) for path in paths], axis=1)


def _inputs(ensemble: Ensemble, settings: Settings, paid: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and values of the uncertain inputs."""
    known, values = parameter_names(), ensemble.draws.values
    names, columns = list(known), [values]
    if settings.unit_costs != UNIT_COSTS[0]:
        kept = [place for place, name in enumerate(known) if not name.startswith("costs.")]
        lines = [place for place, line in enumerate(COST_LINES) if line in CARRIES]
        names = [*(known[place] for place in kept), *(f"{LINE_PREFIX}{COST_LINES[place]}" for place in lines)]
        columns = [values[:, kept], _alone(ensemble, settings)[:, lines]]
    if settings.payments == PAYMENTS[0] and settings.level == LEVELS[0]:
        names, columns = [*names, PAYMENT], [*columns, paid[:, None]]
    return tuple(names), np.hstack(columns)
