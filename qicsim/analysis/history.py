"""One facility's history with its ledger: why did this facility's score move?

One run is lived again, month by month, by the compiled rules; the same scenario, draw and replicate give the numbers of
the ensemble's run. Months before a facility opens have no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month, parse_month
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.shown import Face, Shown
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.folder import SCORES, read_folder
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
SHOWN = 5
BY_MONTH = ("months", "true", "recorded", "visits", "status", "topic", "ledger")


@dataclass(frozen=True, eq=False, repr=False)
class FacilityHistory(Shown):
    """What became of a facility, month by month.

    true, recorded  points (months,)
    visits          coaching visits of the month (months,)
    status, topic   of its team, in words (months,); the topic is "" without one
    ledger          points since it entered, by line (months, lines); a month's lines add up to `true`
    synthetic       whether facilities of its register are invented
    topics          names of the topics, English and Khmer, by the key that `topic` has
    observed        total scores that were observed, with the last month of their quarter
    begins          month in which its observed level took over, "" without data: what was before is the model's own
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
    topics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    observed: tuple[tuple[str, float], ...] = ()
    begins: str = ""

    def face(self) -> Face:
        """Which facility, its score at both ends, and what moved it."""
        return Face(f"History of {self.facility} ({self.name}, {self.province}) in a run of {self.scenario}, "
                    f"{self.months[0]} to {self.months[-1]}", tuple(history_moves(self).sentences()))

    def since(self, month: str) -> FacilityHistory:
        """The history from a month on; points of the ledger go on to count from its beginning."""
        first = self._place("since", month)
        kept = {name: getattr(self, name)[first:] for name in BY_MONTH}
        return replace(self, **kept)

    def moves(self, since: str, until: str) -> Moves:
        """What moved its score between the ends of two months ("2026-12", "2030-12"); SettingError outside."""
        first, last = self._place("since", since), self._place("until", until)
        if first >= last:
            raise SettingError("", [Fault("until", f'"{until}" is not after {since}', f"a month after {since}")])
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
        first = tell("From {since} to {until} the recorded score of {facility} moved by {recorded} points: true "
                     "quality by {true}, the error of the record by {error}.", since=self.since, until=self.until,
                     facility=self.facility, recorded=f"{self.recorded:+.1f}", true=f"{self.true:+.1f}",
                     error=f"{self.error:+.1f}")
        return [first, *(f"{points:+.1f} {MEANING[line]}" for line, points in self.largest)]

    @property
    def largest(self) -> tuple[tuple[str, float], ...]:
        """The lines of more than a twentieth of a point."""
        return tuple((line, points) for line, points in self.lines if abs(points) > TOLD)


def facility_history(scenario: Scenario, facility: str, *, draws: Draws, draw: int = 0, replicate: int = 0,
                     seed: int = 1) -> FacilityHistory:
    """The history of a facility (its id, code, uid or name) in one run of a scenario; SettingError if there is none."""
    runner = Runner.of(scenario)
    place = _place(runner, facility)
    if not 0 <= draw < len(draws):
        raise SettingError("", [Fault("draw", f"{draw}", f"0 to {len(draws) - 1}")])
    parameters = runner.parameter_sets(draws)[draw]
    rows, ledger = _lived(runner, parameters, noise_key(seed, draw, replicate), place)
    register, areas = runner.world.register, runner.world.areas
    statuses = tuple(NOT_OPEN if status < 0 else STATUSES[int(status)] for status in rows[:, 3])
    topics = tuple("" if topic == NO_TOPIC else areas.keys[int(topic)] for topic in rows[:, 4])
    months = tuple(format_month(scenario.start + month) for month in range(scenario.months))
    site = runner.world.setting.facility[place]
    kind, level_month = KINDS[site.hospital], int(site.level_month)
    return FacilityHistory(register.id[place], register.name[place], kind,
                           register.province[place], scenario.name, months, rows[:, 0], rows[:, 1], rows[:, 2],
                           statuses, topics, ledger, synthetic=runner.world.synthetic,
                           topics=dict(zip(areas.keys, zip(areas.names, areas.names_km, strict=True), strict=True)),
                           begins=months[level_month] if level_month >= 0 else "")


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
    lived = facility_history(resolved, facility, draws=draws_from(source, draw + 1, seed, data), draw=draw,
                             replicate=replicate, seed=seed)
    register = resolved.data.get("register")
    if register is None or not (register.parent / SCORES).is_file():
        return lived
    return replace(lived, observed=_observed(register.parent, lived.facility))


def _observed(folder: Path, facility: str) -> tuple[tuple[str, float], ...]:
    """The total scores of a facility in a data folder, with the last month of their quarter."""
    data = read_folder(folder)
    row = data.scores[list(data.register.id).index(facility)]
    return tuple((f"{quarter[:4]}-{MONTHS_PER_QUARTER * int(quarter[5]):02d}", float(score))
                 for quarter, score in zip(data.quarters, row, strict=True) if np.isfinite(score))


def history_moves(lived: FacilityHistory, since: str | None = None, until: str | None = None) -> Moves:
    """What moved a score between two months; by default from where data begin, or it was open, to the last."""
    there = [month for month, status in zip(lived.months, lived.status, strict=True) if status != NOT_OPEN]
    if not there:
        raise SettingError("", [Fault(lived.facility, f"is not open within {lived.months[0]} to {lived.months[-1]}")])
    last = until or there[-1]
    return lived.moves(since or (lived.begins if lived.begins and lived.begins < last else there[0]), last)


def _place(runner: Runner, facility: str) -> int:
    """The facility of an id, or else of a code, uid or name that only one has."""
    register = runner.world.register
    for texts in (register.id, register.code, register.dhis2_uid, register.name):
        places = [at for at, text in enumerate(texts) if text == facility]
        if len(places) == 1:
            return places[0]
        if places:
            ids = ", ".join(register.id[at] for at in places[:SHOWN])
            raise SettingError("", [Fault("facility", f'"{facility}" is what {len(places):,} facilities are called',
                                          f"an id, such as {ids}")])
    known = [text for text in (*register.id, *register.code, *register.name) if text]
    raise SettingError("", [Fault("facility", f'"{facility}" is not in the register', f'such as "{register.id[0]}"',
                                  nearest(facility, known))])


def _lived(runner: Runner, parameters: np.void, key: tuple[np.uint64, np.uint64], place: int
           ) -> tuple[np.ndarray, np.ndarray]:
    """True, recorded, visits, status, topic by month (months, 5), and the ledger (months, lines)."""
    setting = runner.world.setting
    buffers = Buffers.of(setting, recording_of(setting, facility=place), ("facility",))
    reading = buffers.run(runner.levers, (runner.scenario.structure, parameters, key), *runner.adaptive)
    return reading.month, reading.ledger
