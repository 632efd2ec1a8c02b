"""The world of a data folder, simulated to the last observed quarter: parameters in, recorded scores out.

Register and roll-out history are those of the folder; levels of the scores are not imposed, since they are what the
parameters shall explain. Where the history of joining is known, it holds to the end of the run.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qicsim.estimate.calibrate.noise import STREAMS_PER_BLOCK
from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month
from qicsim.ground.declare import parameter_sets
from qicsim.ground.errors import DataError, Fault
from qicsim.inputs.exchange.folder import DataFolder, read_folder
from qicsim.inputs.observed.panel import NEVER, ScorePanel, panel_of
from qicsim.inputs.observed.targets import KEYS, summaries
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.world.build import World, build_world, data_files
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import noise_key, recording_of
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import with_fixed
from qicsim.runs.executors import in_threads
from qicsim.runs.identity import code_digest

SCENARIO = "reported"
REGISTER, JOINED = "register.csv", "joined.csv"
PIECE = 16
SHORTEST = 12


@dataclass(frozen=True, eq=False)
class DataWorld:
    """A data folder's world to the end of its scores, ready to run in batches by any number of threads.

    `panel` holds the observed scores of the facilities in the world, in its order, from the scenario's start on.
    """

    folder: DataFolder
    panel: ScorePanel
    world: World
    levers: np.ndarray
    scenario: Scenario
    workers: int
    local: threading.local

    @staticmethod
    def of(folder: DataFolder | Path | str, *, scenario: str | Path = SCENARIO,
           workers: int | None = None) -> DataWorld:
        """The world of a folder under a scenario's levers; DataError if its scores lie before the scenario."""
        data = folder if isinstance(folder, DataFolder) else read_folder(folder)
        panel = panel_of(data)
        told = _scenario(data, panel, scenario)
        world = _known_throughout(build_world(told), panel)
        rows = {name: row for row, name in enumerate(panel.facility)}
        there = panel.since(told.start // MONTHS_PER_QUARTER).rows(np.array([rows[name] for name in world.register.id]))
        return DataWorld(data, there, world, lever_table(told.levers), told, workers or os.cpu_count() or 1,
                         threading.local())

    def scores(self, parameters: np.void, stream: int, seed: int) -> np.ndarray:
        """Recorded scores (F, Q) of a run in the quarters of the panel, all facilities; a new array."""
        replicate, draw = divmod(stream, STREAMS_PER_BLOCK)
        fixed = self.scenario.structure, parameters, noise_key(seed, draw, replicate)
        reading = self._buffers().run(self.levers, fixed)
        begin = self.panel.first - self.scenario.start // MONTHS_PER_QUARTER
        return reading.rounds[:, begin:begin + self.panel.scores.shape[1]].copy()

    def each(self, values: np.ndarray, streams: np.ndarray, seed: int,
             read: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """What `read` makes of the scores of every run, nan where nothing was observed; (n, ...).

        `values` (n, parameters of the model), `streams` (n,) as in `calibrate.problem`.
        """
        sets = parameter_sets(Parameters, with_fixed(values, self.scenario.parameters))
        found: list[np.ndarray] = [np.empty(0)] * len(sets)

        def piece(first: int) -> None:
            for i in range(first, min(first + PIECE, len(sets))):
                found[i] = read(self.panel.masked(self.scores(sets[i], int(streams[i]), seed)))

        in_threads(piece, range(0, len(sets), PIECE), self.workers)
        return np.array(found)

    def summaries(self, values: np.ndarray, streams: np.ndarray, *, seed: int) -> np.ndarray:
        """Summaries (n, K) in the order of `observed.targets.KEYS` of every run."""
        return self.each(values, streams, seed, lambda scores: summaries(scores, self.panel))

    @property
    def digest(self) -> str:
        """What the summaries depend on besides parameters, streams and seed: code, data, scenario, what is observed."""
        files = data_files(self.scenario)
        data = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for _, path in sorted(files.items())]
        seen = hashlib.sha256(np.packbits(~np.isnan(self.panel.scores)).tobytes()).hexdigest()
        # The path of the folder is no fact about its data.
        bare = replace(self.scenario, data={})
        facts = json.dumps([code_digest(), data, seen, bare.digest, self.panel.quarters, KEYS])
        return hashlib.sha256(facts.encode()).hexdigest()

    def _buffers(self) -> Buffers:
        if not hasattr(self.local, "buffers"):
            setting = self.world.setting
            self.local.buffers = Buffers.of(setting, recording_of(setting), ("rounds",))
        return self.local.buffers


def _scenario(data: DataFolder, panel: ScorePanel, scenario: str | Path) -> Scenario:
    """The scenario to the last observed quarter with the folder's register and history, without levels."""
    start = load_scenario(scenario).start
    if panel.last_month < start:
        last = f"the last quarter ends in {format_month(panel.last_month)}"
        raise DataError(str(data.path), [Fault("scores.csv", last,
                                               f"scores from {format_month(start)} on, where the scenario begins")])
    told = load_scenario(scenario, horizon_end=format_month(max(panel.last_month, start + SHORTEST - 1)))
    files = {"register": data.path / REGISTER}
    if (panel.joined != NEVER).any():
        files["joined"] = data.path / JOINED
    kept = {kind: path for kind, path in told.data.items() if kind not in ("register", "joined", "levels")}
    return replace(told, data=kept | files)


def _known_throughout(world: World, panel: ScorePanel) -> World:
    """The world with its history of joining known in every month, where it is known at all."""
    if (panel.joined != NEVER).any():
        world.setting.month["known_joins"] = 1
    return world
