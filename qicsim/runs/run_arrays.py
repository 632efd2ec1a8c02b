"""Where finished runs wait: one set of arrays for each scenario, in memory or as files that survive an interruption.

A folder holds `<scenario>-<part>.npy` arrays with the runs as first axis and `done.npy`, in which a run is marked after
its arrays were written. A design that begins again finds what was finished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qicsim.ground.files import beside, write_text
from qicsim.runs.runner import Kept, Shapes

DESIGN = "design.json"


@dataclass(frozen=True, eq=False)
class RunStore:
    """Finished runs of several scenarios: `kept[scenario]` with arrays (runs, ...), `done` uint8 (scenarios, runs)."""

    scenarios: tuple[str, ...]
    kept: dict[str, Kept]
    done: np.ndarray
    folder: Path | None = None

    @staticmethod
    def in_memory(shapes: dict[str, Shapes], runs: int) -> RunStore:
        """A store that lives as long as the process."""
        kept = {name: Kept(*(np.zeros((runs, *shape), np.float32) for shape in parts))
                for name, parts in shapes.items()}
        return RunStore(tuple(shapes), kept, np.zeros((len(shapes), runs), np.uint8))

    @staticmethod
    def in_folder(folder: Path, shapes: dict[str, Shapes], runs: int, design: dict[str, object]) -> RunStore:
        """A store in a folder: taken up where it was left if it was made for the same design, else begun anew."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(design, sort_keys=True, indent=1)
        marker = folder / DESIGN
        again = marker.exists() and marker.read_text(encoding="utf-8") == text
        if not again:
            for old in [marker, *folder.glob("*.npy")]:
                old.unlink(missing_ok=True)
        kept = {name: Kept(*(_array(folder / f"{name}-{part}.npy", (runs, *shape), np.float32)
                             for part, shape in zip(Kept._fields, parts, strict=True)))
                for name, parts in shapes.items()}
        done = _array(folder / "done.npy", (len(shapes), runs), np.uint8)
        if not again:
            write_text(marker, text)
        return RunStore(tuple(shapes), kept, done, folder)

    def missing(self) -> Iterator[tuple[int, int]]:
        """Pairs of scenario and run that are not done, run by run, so that an interrupted design is balanced."""
        for run in range(self.done.shape[1]):
            for scenario in range(self.done.shape[0]):
                if not self.done[scenario, run]:
                    yield scenario, run

    def put(self, scenario: int, run: int, result: Kept) -> None:
        """Keep a finished run; it counts as done only after its arrays are in."""
        for part, values in zip(self.kept[self.scenarios[scenario]], result, strict=True):
            part[run] = values
        self.done[scenario, run] = 1

    def remove(self) -> None:
        """Delete the files; the arrays stay readable while they are held."""
        if self.folder is not None:
            for file in [*self.folder.glob("*.npy"), self.folder / DESIGN]:
                file.unlink(missing_ok=True)
            self.folder.rmdir()


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """The array of a file, made with zeros if it is not there."""
    if not path.exists():
        with beside(path) as partial:
            np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape).flush()
    return np.load(path, mmap_mode="r+")
