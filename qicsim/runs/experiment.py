"""Experiments: run, resume, extend, look at, merge.

A folder holds an experiment: `runs/` is its store, `size.json` what it was extended to, and the tables stand beside.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.ground.files import from_json, together, write_text
from qicsim.ground.progress import progress_of
from qicsim.runs.design import WHOLE, Shard, design_of
from qicsim.runs.executors import DEFAULT, factory_of
from qicsim.runs.identity import code_digest, made_by
from qicsim.runs.provenance import scenario_facts, versions
from qicsim.runs.results import Results
from qicsim.runs.schedule import Progress, Schedule
from qicsim.runs.store import Store
from qicsim.runs.study import Study, draws_of
from qicsim.runs.tables import write_tables

RUNS = "runs"
SIZE = "size.json"
PROVENANCE = "provenance.json"
MOST_SHARDS = 100_000


def run_experiment(study: Study, folder: Path | str, *, executor: str = DEFAULT, workers: int | None = None,
                   shard: str | None = None, chunk: int | None = None, progress: Progress | bool | None = None
                   ) -> Results:
    """Do the runs of an experiment that its folder lacks; the same call goes on where another was interrupted.

    Args:
        study: a study, as large as it says or as it was extended to.
        folder: where the experiment is or will be.
        executor: a name or a factory (`qicsim.runs.executors`).
        workers: how many; by default as many as the machine, or the cluster, has.
        shard: "2/8" does the second of eight parts.
        chunk: runs in a task; by default what is worth half a second.
        progress: called with (runs done, runs in all); by default a terminal or notebook shows it, with False nobody.

    Raises:
        InputError kinds: for what cannot be used, every fault at once.
        EngineError: if no run comes back from the executor.
    """
    part, make = shard_of(shard), factory_of(executor, workers)
    if chunk is not None and chunk < 1:
        raise SettingError("", [Fault("chunk", f"{chunk} runs", "1 or more")])
    design = design_of(sized(study, Path(folder)))
    store = _store(Path(folder))
    store.tidy()
    Schedule(design, store, shard=part, chunk=chunk, progress=progress_of(progress)).run(make)
    store.reread()
    return Results(design, store)


def extend_experiment(study: Study, folder: Path | str, *, draws: int | None = None, replicates: int | None = None
                      ) -> Study:
    """Record more draws or replicates for the experiment in a folder; SettingError for fewer than it has.

    `run_experiment` then does what is missing. Gives the larger study.
    """
    now = sized(study, Path(folder))
    faults = [Fault(name, f"{wanted} is fewer than the experiment has", f"{there} or more")
              for name, wanted, there in (("draws", draws, now.draws), ("replicates", replicates, now.replicates))
              if wanted is not None and wanted < there]
    if now.given is not None and draws is not None:
        faults.append(Fault("draws", "the points of this experiment are given", "a design with more points"))
    if draws is None and replicates is None:
        faults.append(Fault("extend", "nothing to extend by", "draws, replicates, or both"))
    if faults:
        raise SettingError("", faults)
    larger = now.of_size(draws, replicates)
    Path(folder).mkdir(parents=True, exist_ok=True)
    write_text(Path(folder) / SIZE, json.dumps({"draws": larger.draws, "replicates": larger.replicates}) + "\n")
    return larger


def open_experiment(study: Study, folder: Path | str) -> Results:
    """The results of an experiment as far as it is; SettingError if the folder holds none."""
    design = design_of(sized(study, Path(folder)))
    if not (Path(folder) / RUNS).is_dir():
        raise SettingError("", [Fault("", f'there is no experiment in "{folder}"', "the folder of an experiment",
                                      "`qicsim experiment run` begins one")])
    return Results(design, _store(Path(folder)))


def merge_experiment(study: Study, folder: Path | str, others: Sequence[Path | str] = ()) -> Results:
    """Bring the runs of other folders into one; SettingError for a folder without runs."""
    design = design_of(sized(study, Path(folder)))
    faults = [Fault("merge", f'there is no experiment in "{other}"') for other in others
              if not (Path(other) / RUNS).is_dir()]
    if faults:
        raise SettingError("", faults)
    store = _store(Path(folder))
    for other in others:
        store.take_from(Path(other) / RUNS)
    store.reread()
    return Results(design, store)


def write_experiment(results: Results, folder: Path | str, command: str = "") -> list[Path]:
    """Write the tables and what it takes to make them again, all together or not at all; gives the paths."""
    facts = experiment_facts(results, command)
    with together(Path(folder)) as beside:
        written = write_tables(results, beside)
        write_text(beside / PROVENANCE, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    return [Path(folder) / path.name for path in (*written, beside / PROVENANCE)]


def experiment_facts(results: Results, command: str = "") -> dict[str, Any]:
    """What it takes to make the same numbers again; JSON-able."""
    study, points = results.design.study, results.design.points
    source = "points" if study.given is not None else study.source or draws_of(None, 1, study.seed).source
    return {"command": command, "study": study.name, "title": study.title, **versions(), "seed": study.seed,
            "draws": study.draws, "draws_from": source,
            "points": len(points), "replicates": study.replicates, "runs": results.state()._asdict(),
            "scenarios": {scenario.name: scenario_facts(scenario) for scenario in study.scenarios}}


def sized(study: Study, folder: Path) -> Study:
    """The study, as large as it says or as it was extended to, whichever is more."""
    try:
        size = from_json((folder / SIZE).read_text(encoding="utf-8"))
        return study.of_size(max(study.draws, size["draws"]), max(study.replicates, size["replicates"]))
    except FileNotFoundError:
        return study
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(str(folder / SIZE), [Fault("", f"cannot be read ({error})", "what `extend` wrote")]) from None


def shard_of(text: str | None) -> Shard:
    """The shard written `i/n`; SettingError when it is written otherwise."""
    if text is None:
        return WHOLE
    number, _, of = text.partition("/")
    if number.isascii() and of.isascii() and number.isdigit() and of.isdigit():
        shard = Shard(int(number), int(of))
        if 1 <= shard.number <= shard.of <= MOST_SHARDS:
            return shard
    raise SettingError("", [Fault("shard", f'"{text}" is not a shard', "i/n, like 1/8 for the first of eight")])


def _store(folder: Path) -> Store:
    return Store.opened(folder / RUNS, code_digest(), made_by())
