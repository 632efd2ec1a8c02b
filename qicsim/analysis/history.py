"""One facility's history with its ledger: why did this facility's score move?

One run is lived again, month by month, by the compiled rules; the same scenario, draw and replicate give the numbers of
the ensemble's run. Months before a facility opens have no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month, parse_month
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import Scenario, load_scenario, with_data, with_overrides
from qicsim.model.columns import KINDS, NO_TOPIC, STATUSES
from qicsim.model.ledger import LEDGER, MEANING
from qicsim.model.simulate import REPLICATES_PER_DRAW, noise_key, recording_of
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import MOST_DRAWS, Draws
from qicsim.runs.posterior import draws_from
from qicsim.runs.runner import Runner

NOT_OPEN = "not open"
TOLD = 0.05


@dataclass(frozen=True, eq=False)
class FacilityHistory:
    """What became of a facility, month by month.

    true, recorded  points (months,)
    visits          coaching visits of the month (months,)
    status, topic   of its team, in words (months,); the topic is "" without one
    ledger          points since it entered, by line (months, lines); a month's lines add up to `true`
    synthetic       whether facilities of its register are invented
    """

    facility: str
    name: str
    kind: str
    province: str
    scenario: str
    months: tuple[str, ...]
    true: np.ndarray
    recorded: np.ndarray
    visits: np.ndarray
    status: tuple[str, ...]
    topic: tuple[str, ...]
    ledger: np.ndarray
    lines: tuple[str, ...] = LEDGER
    synthetic: bool = True

    def moves(self, since: str, until: str) -> Moves:
        """What moved its score between the ends of two months ("2024-12", "2030-12"); SettingError outside."""
        first, last = self._place("since", since), self._place("until", until)
        points = self.ledger[last] - self.ledger[first]
        order = np.argsort(-np.abs(points), kind="stable")
        true, recorded = (float(part[last] - part[first]) for part in (self.true, self.recorded))
        return Moves(self.facility, since, until, true, recorded,
                     tuple((self.lines[place], float(points[place])) for place in order if points[place] != 0.0))

    def _place(self, what: str, month: str) -> int:
        there = [name for name, status in zip(self.months, self.status, strict=True) if status != NOT_OPEN]
        if month not in there:
            raise SettingError("", [Fault(what, f'"{month}"', f"{there[0]} to {there[-1]}" if there else "none")])
        return parse_month(month) - parse_month(self.months[0])


@dataclass(frozen=True)
class Moves:
    """Changes between two months, points: of true quality, of the record, and of true quality by ledger line.

    The lines come largest first and add up to `true`; the record moved by that, and by what its error changed.
    """

    facility: str
    since: str
    until: str
    true: float
    recorded: float
    lines: tuple[tuple[str, float], ...]

    @property
    def error(self) -> float:
        """Change of what the record is off the truth by, points."""
        return self.recorded - self.true

    def sentences(self) -> list[str]:
        """The same in words: the record, the truth, and each line of more than a twentieth of a point."""
        first = (f"From {self.since} to {self.until} the recorded score of {self.facility} moved by "
                 f"{self.recorded:+.1f} points: true quality by {self.true:+.1f}, the error of the record by "
                 f"{self.error:+.1f}.")
        return [first, *(f"{points:+.1f} {MEANING[line]}" for line, points in self.lines if abs(points) > TOLD)]


def facility_history(scenario: Scenario, facility: str, *, draws: Draws, draw: int = 0, replicate: int = 0,
                     seed: int = 1) -> FacilityHistory:
    """The history of the facility of an id in one run of a scenario; SettingError if there is none."""
    runner = Runner.of(scenario)
    place = _place(runner, facility)
    if not 0 <= draw < len(draws):
        raise SettingError("", [Fault("draw", f"{draw}", f"0 to {len(draws) - 1}")])
    parameters = runner.parameter_sets(draws)[draw]
    rows, ledger = _lived(runner, parameters, noise_key(seed, draw, replicate), place)
    register, areas = runner.world.register, runner.world.areas.keys
    statuses = tuple(NOT_OPEN if status < 0 else STATUSES[int(status)] for status in rows[:, 3])
    topics = tuple("" if topic == NO_TOPIC else areas[int(topic)] for topic in rows[:, 4])
    months = tuple(format_month(scenario.start + month) for month in range(scenario.months))
    return FacilityHistory(facility, register.name[place], KINDS[runner.world.setting.facility[place].hospital],
                           register.province[place], scenario.name, months, rows[:, 0], rows[:, 1], rows[:, 2],
                           statuses, topics, ledger, synthetic=runner.world.synthetic)


def history(facility: str, scenario: str | Path | Scenario = "reported", *, draw: int = 0, replicate: int = 0,
            seed: int = 1, source: str | Path | None = None, until: str | None = None, data: Path | str | None = None,
            set: Mapping[str, Any] | None = None, costs: Path | str | None = None) -> FacilityHistory:  # noqa: A002
    """The history of a facility in the run of draw number `draw` of a source, as `qicsim.run` makes it.

    `source` is "prior", "posterior" or a posterior file (default: the shipped posterior); `data` a data folder of real
    facilities; `set` and `costs` are those of `qicsim.run`. InputError kinds for what cannot be used.
    """
    if not 0 <= draw < MOST_DRAWS:
        raise SettingError("", [Fault("draw", f"{draw}", f"0 to {MOST_DRAWS - 1}")])
    if not 0 <= replicate < REPLICATES_PER_DRAW:
        raise SettingError("", [Fault("replicate", f"{replicate}", f"0 to {REPLICATES_PER_DRAW - 1}")])
    folder = None if data is None else ready(data)
    resolved = (load_scenario(scenario, horizon_end=until, data=folder) if not isinstance(scenario, Scenario)
                else scenario if folder is None else with_data(scenario, folder))
    resolved = with_overrides(resolved, set, costs) if set or costs is not None else resolved
    return facility_history(resolved, facility, draws=draws_from(source, draw + 1, seed), draw=draw,
                            replicate=replicate, seed=seed)


def history_moves(lived: FacilityHistory, since: str | None = None, until: str | None = None) -> Moves:
    """What moved a score between two months; by default from the first month in which it was open to the last."""
    there = [month for month, status in zip(lived.months, lived.status, strict=True) if status != NOT_OPEN]
    if not there:
        raise SettingError("", [Fault(lived.facility, f"is not open within {lived.months[0]} to {lived.months[-1]}")])
    return lived.moves(since or there[0], until or there[-1])


def _place(runner: Runner, facility: str) -> int:
    ids = list(runner.world.register.id)
    if facility not in ids:
        raise SettingError("", [Fault("facility", f'"{facility}" is not in the register', f'such as "{ids[0]}"',
                                      nearest(facility, ids))])
    return ids.index(facility)


def _lived(runner: Runner, parameters: np.void, key: tuple[np.uint64, np.uint64], place: int
           ) -> tuple[np.ndarray, np.ndarray]:
    """True, recorded, visits, status, topic by month (months, 5), and the ledger (months, lines)."""
    setting = runner.world.setting
    buffers = Buffers.of(setting, recording_of(setting, facility=place), ("facility",))
    reading = buffers.run(runner.levers, (runner.scenario.structure, parameters, key))
    return reading.month, reading.ledger
