"""The loop: the months of a run in order, read as a recording asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from qicsim.ground.compiled import COMPILES_FOR, compile_for, compiled, is_compiled
from qicsim.model.month import close_month, live, open_month
from qicsim.model.places import blaming, check_month
from qicsim.model.recording import (
    Reading,
    Recording,
    allocate_reading,
    read_closed,
    read_lived,
    recording_of,
    start_reading,
)
from qicsim.model.state import State, allocate_state
from qicsim.model.steps.begin import begin

__all__ = ["Reading", "Recording", "State", "allocate_reading", "allocate_state", "check_month", "noise_key", "ready",
           "recording_of", "simulate"]

REPLICATES_PER_DRAW = 4096
SECONDS_BETWEEN = 5.0


def noise_key(seed: int, draw: int, replicate: int) -> tuple[np.uint64, np.uint64]:
    """The key of all noise of a run: the seed, and the pair of draw and replicate.

    Every draw has luck of its own, and all scenarios share it. ValueError outside 32-bit seeds, 4,096 replicates and
    2^20 draws.
    """
    if not (0 <= seed < 2**32 and 0 <= replicate < REPLICATES_PER_DRAW and 0 <= draw < 2**20):
        raise ValueError("seed must be within 0-4294967295, draw within 0-1048575, replicate within 0-4095")
    return np.uint64(seed), np.uint64(draw * REPLICATES_PER_DRAW + replicate)


@compiled
def simulate(setting, levers, structure, params, key, state, luck, recording, reading, first, last):
    """Run the months from `first` to before `last`; fills `reading`. Allocates nothing.

    A run begins with month 0. To go on from month `first`, `state` and the RUNNING arrays of `reading` must be as they
    were when that month began. `luck` holds what was drawn for months that another scenario has lived.
    """
    if first == 0:
        begin(setting, levers, params, state, key)
        start_reading(reading)
    for month in range(first, last):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
        read_lived(month, setting, state, recording, reading)
        close_month(today, setting, levers, params, state, luck, key)
        read_closed(month, today, setting, levers, params, state, recording, reading)


def ready(arguments: Sequence[Any], say: Callable[[str], object] | None = None) -> bool:
    """Have `simulate` compiled for the arguments that it is about to be called with; whether it had to compile.

    Only then `say` is called: before it compiles, with a sentence for the user, and every few seconds until it is done.
    """
    if is_compiled(simulate, arguments):
        return False
    with _progress(say or (lambda _: None)), blaming():
        compile_for(simulate, arguments)
    return True


@contextmanager
def _progress(say: Callable[[str], object]) -> Iterator[None]:
    """Say that compiling begins, and how long it has gone on."""
    done, began = threading.Event(), time.monotonic()

    def tick() -> None:
        while not done.wait(SECONDS_BETWEEN):
            say(f"Compiling: {time.monotonic() - began:.0f} s ...")

    say(f"Compiling for this processor, about {COMPILES_FOR} s; later runs start at once ...")
    threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        done.set()
