"""Executors that behave badly, for tests of what the engine makes of them."""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import get_context

from qicsim.runs.executors import Processes

DEADLY_DRAW = 2


def perform_or_die(fn, task):
    """The task, unless it holds the draw that kills its worker."""
    if DEADLY_DRAW in task.draw:
        os._exit(1)
    return fn(task)


class Dying(Processes):
    """Processes in which one draw kills the worker."""

    def submit(self, fn, /, *args, **kwargs):
        return super().submit(perform_or_die, fn, *args, **kwargs)


def threads_of_its_own(workers=None):
    return ThreadPoolExecutor(workers)


def dying(workers=None):
    return Dying(workers or 2, mp_context=get_context("forkserver"))


class Lossy(Executor):
    """Gives no task back."""

    _max_workers = 2

    def submit(self, fn, /, *args, **kwargs):
        lost = Future()
        lost.set_exception(ConnectionError("the network is down"))
        return lost


def lossy(workers=None):
    return Lossy()


