"""Ensembles: scenarios x draws x replicates, each run paired across the scenarios, taken from the store or made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from qicsim.ground.errors import Fault, QicsimError, SettingError, repeated
from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import Scenario
from qicsim.model.columns import NOT_LAUNCHED
from qicsim.model.recording import MEASURES
from qicsim.model.simulate import REPLICATES_PER_DRAW
from qicsim.runs.blocks import Block, scores_from, standard
from qicsim.runs.design import Design
from qicsim.runs.draws import Draws
from qicsim.runs.executors import threads
from qicsim.runs.points import from_draws
from qicsim.runs.runner import Runner
from qicsim.runs.schedule import Schedule, present
from qicsim.runs.shared_store import Place, open_store
from qicsim.runs.store import Store

MOST_WORKERS = 1024
MOST_BYTES = 8_000_000_000
Progress = Callable[[int, int], None]


class Kept(NamedTuple):
    """What most tables are read from; every array has the runs as its first axis, float32.

    nation     (runs, quarters, 4, columns)  sums by kind and QIC status
    programme  (runs, quarters, 8)
    province   (runs, years, provinces, PROVINCE_COLUMNS)
    cost       (runs, years, provinces, kinds, lines, payers)  US$ since the start
    """

    nation: np.ndarray
    programme: np.ndarray
    province: np.ndarray
    cost: np.ndarray


class Districts(NamedTuple):
    """Operational districts in all runs of a scenario.

    sums      float32 (runs, years, districts, DISTRICT_COLUMNS) at the ends of years
    coaches   float32 (runs, years, districts, 3): at work, needed, trained
    launched  int64 (runs, districts) absolute month of launch, -1 where it never came
    """

    sums: np.ndarray
    coaches: np.ndarray
    launched: np.ndarray


KEPT_SOURCES = ("nation", "programme", "whole_province", "cost")


def kept_of(parts: Mapping[str, Sequence[np.ndarray]]) -> Kept:
    """What is kept, from the numbers of the standard blocks by source."""
    nation, programme, province = (np.stack(parts[source], axis=-1) for source in KEPT_SOURCES[:-1])
    return Kept(nation, programme, province, parts["cost"][0])


@dataclass(frozen=True, eq=False, repr=False)
class Followed(Shown):
    """Every facility in all runs of a scenario, draw by draw, replicates inside.

    scores   points, float32 (runs, quarters, 2, facilities): true, recorded; NaN before a facility opens
    reached  1 where that is the threshold of the month or more, uint8, same shape
    """

    runner: Runner
    quarters: tuple[str, ...]
    scores: np.ndarray
    reached: np.ndarray
    draws: Draws
    replicates: int
    seed: int

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.scores)


@dataclass(frozen=True, eq=False, repr=False)
class StoredRuns(Shown):
    """Where the runs of an ensemble stand."""

    runners: dict[str, Runner]
    design: Design
    store: Store

    def kept_alike(self, name: str) -> dict[str, Kept]:
        """What is kept of a scenario, and of the others in its world: they stand in the same batches."""
        own, names = self.runners[name], list(self.runners)
        alike = [number for number, other in enumerate(self.runners.values()) if other.world is own.world]
        return {names[number]: kept_of(part)
                for number, part in zip(alike, self.read(alike, KEPT_SOURCES), strict=True)}

    def read(self, numbers: Sequence[int], sources: Sequence[str]) -> list[dict[str, list[np.ndarray]]]:
        """The blocks of some sources in all runs of scenarios in one world, for each by source."""
        blocks = tuple(block for block in self.design.blocks[numbers[0]] if block.source in sources)
        runs = np.concatenate([self.design.of_scenario(number) for number in numbers])
        arrays = self.store.read(self.store.find(self.design.keys(runs), blocks))
        parts: list[dict[str, list[np.ndarray]]] = [{source: [] for source in sources} for _ in numbers]
        for block, values in zip(blocks, arrays, strict=True):
            for part, own in zip(parts, np.split(values, len(numbers)), strict=True):
                part[block.source].append(own)
        return parts


class _ReadOnce(Mapping[str, Kept]):
    """What is kept of each scenario, read from the store when one in its world is first asked for."""

    def __init__(self, stored: StoredRuns) -> None:
        """Begin with nothing read."""
        self._stored = stored
        self._kept: dict[str, Kept] = {}

    def __getitem__(self, name: str) -> Kept:
        if name not in self._kept:
            self._kept |= self._stored.kept_alike(name)
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored.runners)

    def __len__(self) -> int:
        return len(self._stored.runners)


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble(Shown):
    """Finished runs of scenarios, draw by draw, replicates inside: what is `kept` of each, and where it stands."""

    runners: dict[str, Runner]
    kept: Mapping[str, Kept]
    draws: Draws
    replicates: int
    seed: int
    stored: StoredRuns | None = None

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return len(self.draws) * self.replicates

    def districts(self, name: str) -> Districts:
        """Operational districts in all runs of a scenario."""
        part = self._part(name, ("whole_district", "coaches", "launched"))
        months = part["launched"][0].astype(np.int64)
        start = self.runners[name].scenario.start
        return Districts(np.stack(part["whole_district"], axis=-1), np.stack(part["coaches"], axis=-1),
                         np.where(months == NOT_LAUNCHED, -1, months + start))

    def followed(self, name: str, first: int) -> Followed:
        """Every facility in all runs of a scenario whose scores were recorded from quarter number `first` on."""
        part = self._part(name, ("score", "reached"))
        scores, reached = (np.stack(part[source], axis=2) for source in ("score", "reached"))
        runner = self.runners[name]
        return Followed(runner, runner.quarters[first:], scores, reached, self.draws, self.replicates, self.seed)

    def _part(self, name: str, sources: Sequence[str]) -> dict[str, list[np.ndarray]]:
        if self.stored is None:
            raise RunError("These runs were not taken from a store: nothing more is known of them than what is kept.")
        return self.stored.read([list(self.runners).index(name)], sources)[0]


class RunError(QicsimError):
    """A run that gave no numbers."""


def run_ensemble(scenarios: Sequence[Scenario], draws: Draws, *, replicates: int = 1, seed: int = 1,
                 workers: int | None = None, store: Place = None, progress: Progress | None = None) -> Ensemble:
    """Run every scenario under every draw and replicate, as far as the store lacks the runs.

    Args:
        scenarios: resolved scenarios with different names.
        draws: parameter values; a scenario's own fixed parameters replace them.
        replicates: runs of each draw, 1-4,096; each has its own luck, which the scenarios share.
        seed: fixes all luck, 0-4,294,967,295.
        workers: threads; by default one for each core.
        store: where runs are kept: a folder, None for the user's own, False for this process alone.
        progress: called with (runs done, runs in all) as runs finish.

    Raises:
        SettingError: for settings outside their range; InputError kinds for the scenarios' data files.
        RunError: if a run fails.
    """
    check_ensemble(scenarios, replicates, seed, workers)
    runners = {scenario.name: Runner.of(scenario) for scenario in scenarios}
    blocks = {name: standard(runner.world.areas.keys) for name, runner in runners.items()}
    return _filled(runners, blocks, draws, replicates=replicates, seed=seed, workers=workers, store=store,
                   progress=progress)


def follow_facilities(runner: Runner, draws: Draws, *, first: int = 0, replicates: int = 1, seed: int = 1,
                      workers: int | None = None, store: Place = None, progress: Progress | None = None) -> Followed:
    """Run a scenario with the scores of every facility recorded from quarter number `first` of its horizon on.

    The rest is that of `run_ensemble`. Raises SettingError when what is read would take more than MOST_BYTES.
    """
    check_ensemble([runner.scenario], replicates, seed, workers)
    runs, quarters, facilities = len(draws) * replicates, len(runner.quarters) - first, len(runner.world.register)
    wanted = float(runs) * quarters * len(MEASURES) * facilities * (np.dtype(np.float32).itemsize + 1)
    if wanted > MOST_BYTES:
        size = f"{runs:,} runs of {facilities:,} facilities take {wanted / 1e9:.0f} GB"
        raise SettingError("", [Fault("draws", size, f"at most {MOST_BYTES / 1e9:.0f} GB",
                                      "Fewer draws or replicates, or a shorter horizon, take less")])
    name = runner.scenario.name
    return _filled({name: runner}, {name: scores_from(first)}, draws, replicates=replicates, seed=seed, workers=workers,
                   store=store, progress=progress).followed(name, first)


def _filled(runners: dict[str, Runner], blocks: dict[str, tuple[Block, ...]], draws: Draws, *, replicates: int,
            seed: int, workers: int | None, store: Place, progress: Progress | None) -> Ensemble:
    design = Design(tuple(runner.scenario for runner in runners.values()), from_draws(draws), replicates, seed,
                    tuple(blocks.values()))
    kept = open_store(store)
    with kept.used():
        Schedule(design, kept, progress=progress).run(partial(threads, workers or os.cpu_count() or 1))
    refuse_failures(design, kept)
    stored = StoredRuns(runners, design, kept)
    return Ensemble(runners, _ReadOnce(stored), draws, replicates, seed, stored)


def refuse_failures(design: Design, store: Store) -> None:
    """RunError, with the first cause, if a run of a design is not in the store."""
    for runs in design.numbers():
        absent = runs[~present(design, store, runs)]
        if len(absent):
            note = store.failures.get(design.keys(absent[:1]).addresses[0], design.inputs(int(absent[0])))
            raise RunError(f'A run of "{note["scenario"]}" (draw {note["draw"]}, replicate {note["replicate"]}) gave '
                           f"no numbers: {note.get('cause', 'the cause is not known')}.")


def check_ensemble(scenarios: Sequence[Scenario], replicates: int, seed: int, workers: int | None) -> None:
    """SettingError, with every fault, for what cannot be run."""
    faults = []
    names = [scenario.name for scenario in scenarios]
    if not names:
        faults.append(Fault("scenarios", "there is no scenario to run", "one or more"))
    faults += [Fault("scenarios", f'"{name}" is there more than once', "each name once")
               for name in sorted(repeated(names))]
    if not 1 <= replicates <= REPLICATES_PER_DRAW:
        faults.append(Fault("replicates", f"{replicates} replicates", f"1 to {REPLICATES_PER_DRAW}"))
    if not 0 <= seed < 2**32:
        faults.append(Fault("seed", f"seed {seed}", "0 to 4294967295"))
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        faults.append(Fault("workers", f"{workers} threads", f"1 to {MOST_WORKERS}"))
    if faults:
        raise SettingError("", faults)
