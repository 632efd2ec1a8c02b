"""A bank of reference trials: what a controlled trial of collaboratives would find under each row of parameters.

A trial takes place in one setting. Every facility of every fourth district joins in its first month and works on one
topic for as long as the trial lasts; teams lapse as they do, and all that were enrolled are counted. The control arm
is the same facilities with the same luck and no teams. The setting has an efficacy of its own: the nation's times one
district's part, `exp(sd z - sd^2/2)` with `z` standard normal, and its districts do not differ beyond that.

    topic      points on the topics that began below 75 and are scored, enrolled minus control
    beside     points on the other process and client areas of the same facilities
    composite  points of the true composite of all enrolled facilities
    stayed     share of enrolled teams that are active

Levers are those of the scenario that the world names for it (`trial`), so that coaching is never short; there is no
shock.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.declare import parameter_sets
from qicsim.ground.errors import Fault, SettingError
from qicsim.inputs.country import Country, home
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.world.build import World, build_world
from qicsim.model.columns import ACTIVE, NATIONAL_EFFICACY, NOT_KNOWN, STRUCTURE, WEIGHTS_NQEM, Setting
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import allocate_state, noise_key, recording_of
from qicsim.model.state import State
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import names
from qicsim.runs.executors import in_threads
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.recall import Rows
from qicsim.runs.store import Store

MONTHS = (3, 6, 9, 12, 15, 18, 24, 30)
"""Months of work after which a trial is read."""
REFERENCE_MONTH = 12
READINGS = ("topic", "beside", "composite", "stayed")
DOSE = 0.75
EVERY = 4
ELIGIBLE_BELOW = 75.0
NEVER_OPEN = 1_000_000
CYCLE = 60
PIECE, CHUNK = 4, 256
EFFICACY, SPREAD = "pdsa.efficacy", "pdsa.efficacy_sd"

Progress = Callable[[str, int, int], None]


class Arm(NamedTuple):
    """What the enrolled facilities get: coaching visits a month, and for how many months there is support."""

    visits: float = DOSE
    support_months: int = MONTHS[-1]


REFERENCE = Arm()


class Trials(NamedTuple):
    """Readings of trials by MONTHS, (rows, months) each; `start` is the mean level of topics at first, (rows,)."""

    topic: np.ndarray
    beside: np.ndarray
    composite: np.ndarray
    stayed: np.ndarray
    start: np.ndarray

    def at(self, month: float, reading: str = "topic") -> np.ndarray:
        """A reading after so many months (rows,), on a line between the months that were read; 0 in month 0."""
        read = np.column_stack([np.zeros(len(self.start)), getattr(self, reading)])
        month, late = min(month, MONTHS[-1]), int(np.searchsorted(MONTHS, min(month, MONTHS[-1])))
        first, last = (0, *MONTHS)[late], MONTHS[late]
        part = (month - first) / (last - first)
        return (1.0 - part) * read[:, late] + part * read[:, late + 1]

    def rows(self, chosen: np.ndarray | slice) -> Trials:
        """Some of the trials."""
        return Trials(*(values[chosen] for values in self))


def in_setting(values: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Parameter rows (n, parameters) with the efficacy of a setting: the nation's times one district's part."""
    efficacy, spread = (names().index(name) for name in (EFFICACY, SPREAD))
    sd, changed = values[:, spread], values.copy()
    changed[:, efficacy] *= np.exp(sd * z - 0.5 * sd**2)
    return changed


@dataclass(frozen=True, eq=False)
class ReferenceTrial:
    """The trial in its world, ready to run in batches by any number of threads; runs are kept in a store."""

    scenario: Scenario
    world: World
    setting: Setting
    control: Setting
    workers: int | None
    local: threading.local
    store: Store

    @staticmethod
    def of(store: Store, *, workers: int | None = None) -> ReferenceTrial:
        """The trial of the world's scenario for it; SettingError where the world has none."""
        scenario = _shortened(home())
        world = build_world(scenario)
        enrolled = _enrolled(world.setting)
        return ReferenceTrial(scenario, world, _joining(world.setting, enrolled), _joining(world.setting, None),
                              workers, threading.local(), store)

    def run(self, values: np.ndarray, z: np.ndarray, *, seed: int, arm: Arm = REFERENCE,
            progress: Progress | None = None, what: str = "reference trials") -> Trials:
        """The trials of parameter rows (n, parameters) in settings z (n,); row i has the luck of draw i of the seed."""
        rows = Rows.of(lambda given, streams: self._made(given, streams, seed, arm), self._names,
                       self._identity(seed, arm), self.store, foreign=False)
        given, streams = np.column_stack([values, z]), np.arange(len(values))
        made, tell = [], progress or (lambda *_: None)
        for first in range(0, len(values), CHUNK):
            tell(what, first, len(values))
            made.append(rows(given[first:first + CHUNK], streams[first:first + CHUNK]))
        tell(what, len(values), len(values))
        found = np.concatenate(made)
        parts = np.split(found[:, :-1], len(READINGS), axis=1)
        return Trials(parts[0], parts[1], parts[2], parts[3], found[:, -1])

    @property
    def _names(self) -> list[str]:
        return [*(f"{reading}_{month}" for reading in READINGS for month in MONTHS), "start"]

    def _identity(self, seed: int, arm: Arm) -> str:
        """Digest of all that a row depends on besides its values and its number."""
        facts = [code_digest(), self.scenario.digest, data_digests(self.scenario), seed, list(arm), list(MONTHS), EVERY,
                 ELIGIBLE_BELOW]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def _levers(self, arm: Arm) -> np.ndarray:
        """Nobody else joins, topics never change, and coaching ends with support."""
        table = lever_table(self.scenario.levers)
        for lever, value in (("recruiting", 0), ("reenrol", 0), ("cycle_months", CYCLE), ("visits", arm.visits)):
            table[lever] = value
        table["support"][arm.support_months:] = 0
        return table

    def _made(self, given: np.ndarray, streams: np.ndarray, seed: int, arm: Arm) -> np.ndarray:
        """Readings of some rows, float64 (n, readings)."""
        sets = parameter_sets(Parameters, in_setting(given[:, :-1], given[:, -1]))
        levers, made = self._levers(arm), np.zeros((len(sets), len(self._names)))

        def piece(first: int) -> None:
            for i in range(first, min(first + PIECE, len(sets))):
                structure = self.scenario.structure._replace(efficacy=NATIONAL_EFFICACY)
                made[i] = self._pair(levers, (structure, sets[i], noise_key(seed, int(streams[i]), 0)))

        in_threads(piece, range(0, len(sets), PIECE), self.workers)
        return made

    def _pair(self, levers: np.ndarray, fixed: tuple[Any, Any, Any]) -> np.ndarray:
        """One trial: both arms live the same months, and are compared where the trial is read."""
        treated, control = self._arms()
        enrolled = self.setting.facility["joined"] == 0
        found, before = np.zeros((len(READINGS), len(MONTHS))), 0
        for column, month in enumerate((1, *MONTHS)):
            for arm in (treated, control):
                arm.live(levers, fixed, before, month)
            before = month
            if column == 0:
                measured = Measured.of(self.setting, treated.state, control.state, enrolled)
            else:
                found[:, column - 1] = measured.read(treated.state, control.state)
        return np.append(found.ravel(), measured.start)

    def _arms(self) -> tuple[Buffers, Buffers]:
        """The two arms of this thread; they share their luck."""
        if not hasattr(self.local, "arms"):
            treated = Buffers.of(self.setting, recording_of(self.setting), ())
            self.local.arms = treated, replace(treated, setting=self.control, state=allocate_state(self.control),
                                               copies=[])
        return self.local.arms


@dataclass(frozen=True, eq=False)
class Measured:
    """Facilities that are enrolled, those of them with an eligible topic, and what is measured of each."""

    enrolled: np.ndarray
    rows: np.ndarray
    topic: np.ndarray
    beside: np.ndarray
    start: float

    @staticmethod
    def of(setting: Setting, treated: State, control: State, enrolled: np.ndarray) -> Measured:
        """After the month of joining, in which topics were chosen."""
        areas, everyone = setting.area[0], np.flatnonzero(enrolled)
        topic = treated.facility["topic"][everyone]
        before = control.facility["quality"][everyone, topic]
        scored = areas.weight[WEIGHTS_NQEM, setting.facility["hospital"][everyone], topic] > 0.0
        eligible = (topic >= 0) & scored & (before < ELIGIBLE_BELOW)
        rows, topics = everyone[eligible], topic[eligible]
        beside = np.repeat((areas.dimension != STRUCTURE)[None, :], len(rows), axis=0).astype(float)
        beside[np.arange(len(rows)), topics] = 0.0
        beside /= beside.sum(axis=1, keepdims=True)
        return Measured(everyone, rows, topics, beside, float(before[eligible].mean()))

    def read(self, treated: State, control: State) -> tuple[float, float, float, float]:
        """Topic, beside, composite and stayed, as means over facilities."""
        gained = treated.facility["quality"][self.rows] - control.facility["quality"][self.rows]
        composite = treated.facility["true_score"][self.enrolled] - control.facility["true_score"][self.enrolled]
        active = treated.facility["status"][self.enrolled] == ACTIVE
        return (float(gained[np.arange(len(self.rows)), self.topic].mean()),
                float((gained * self.beside).sum(axis=1).mean()), float(composite.mean()), float(active.mean()))


def _shortened(country: Country) -> Scenario:
    """The scenario of reference trials, to the last month that is read."""
    if not country.trial:
        raise SettingError("", [Fault("trial", f"{country.name} names no scenario for reference trials",
                                      'trial = "..." in [scenarios] of world.toml')])
    start = load_scenario(country.trial, world=country).start
    return load_scenario(country.trial, horizon_end=format_month(start + MONTHS[-1] - 1), world=country)


def _enrolled(setting: Setting) -> np.ndarray:
    """Facilities of every fourth district that are open from the start; bool (facilities,)."""
    facility = setting.facility
    return (facility["district"] % EVERY == 0) & (facility["opened"] <= 0)


def _joining(setting: Setting, enrolled: np.ndarray | None) -> Setting:
    """The setting in which those that are enrolled join in the first month and no others live; None: nobody joins."""
    facility, month = setting.facility.copy(), setting.month.copy()
    facility["opened"] = np.where(_enrolled(setting), 0, NEVER_OPEN)
    facility["joined"] = NOT_KNOWN if enrolled is None else np.where(enrolled, 0, NOT_KNOWN)
    facility["left"] = NOT_KNOWN
    month["known_joins"] = np.arange(len(month)) == 0
    month["shock"] = 0.0
    return setting._replace(facility=facility, month=month)
