"""Executors: anything with the interface of `concurrent.futures.Executor`, by name or by its factory.

    serial, threads, processes            built in; threads are the default
    loky, mpi, dask, dask:tcp://host:port built in, each needs its package (extras of the same names)
    another name                          a factory that a package declares in the entry-point group "qicsim.executors"
    package.module:factory                a factory by its place

A factory takes the number of workers (None: its own choice) and gives an executor; for a name with an address behind a
colon it takes that as well. An executor may have a method `trouble` without arguments that says in words why no task
comes back, or "": it is asked while nothing comes back.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib.metadata import entry_points
from typing import Any

from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.optional import optional

GROUP = "qicsim.executors"
DEFAULT = "threads"
MOST_WORKERS = 4096
SECONDS_IDLE = 60
SECONDS_WITHOUT_WORKERS = 30.0
SECONDS_TO_ANSWER = 10.0
Factory = Callable[..., Executor]


class SerialExecutor(Executor):
    """Runs each task where it is submitted."""

    _max_workers = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 a future holds what its task raised
            done.set_exception(error)
        return done


class Processes(ProcessPoolExecutor):
    """Processes of this machine; once one of them was lost, closing the others waits for none that is idle.

    The pool of the standard library ends the processes that it knows when one is lost; one that was starting at that
    moment it then waits for, without end.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 as its base
        """Close the pool; a broken one has nothing to lose, so that its processes are ended first."""
        if self._broken:
            for process in list((self._processes or {}).values()):
                process.kill()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)


class DaskExecutor(Executor):
    """The executor of a Dask client, closed with the cluster that was started for it."""

    def __init__(self, client: Any, cluster: Any = None) -> None:
        """Take over a client, and the cluster behind it if it is ours."""
        self._client, self._cluster = client, cluster
        self._executor = client.get_executor(pure=False)
        threads = sum(client.nthreads().values())
        self._max_workers = max(threads, 1)
        self._had_workers, self._none_since, self._lost = threads > 0, None if threads else time.monotonic(), False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand the task to the cluster."""
        return self._executor.submit(fn, *args, **kwargs)

    def trouble(self) -> str:
        """Whether the scheduler answers, and has workers; workers that were never there are waited for."""
        client = self._client
        address = client.scheduler.address
        try:
            workers = client.sync(client.scheduler.ncores, callback_timeout=SECONDS_TO_ANSWER)
        except Exception as error:  # noqa: BLE001 whatever a client raises, its scheduler does not answer
            self._lost = True
            return f"the Dask scheduler at {address} answers no more ({type(error).__name__})"
        if workers:
            self._had_workers, self._none_since = True, None
            return ""
        now = time.monotonic()
        self._none_since = self._none_since or now
        if now - self._none_since < SECONDS_WITHOUT_WORKERS:
            return ""
        if not self._had_workers:
            sys.stderr.write(f"No worker of the Dask cluster at {address} is there yet; waiting for the first.\n")
            self._none_since = now
            return ""
        self._lost = True
        return f"every worker of the Dask cluster at {address} was lost, and none came back"

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 as its base
        """Close what was opened; what does not answer is not waited for."""
        del cancel_futures  # Dask's own executor knows no other way than to cancel what nobody waits for
        self._executor.shutdown(wait=wait and not self._lost)
        self._client.close(SECONDS_TO_ANSWER)
        if self._cluster is not None:
            self._cluster.close(SECONDS_TO_ANSWER)


def serial(workers: int | None = None) -> Executor:
    """One run after the other in this thread."""
    del workers
    return SerialExecutor()


def threads(workers: int | None = None) -> Executor:
    """Threads of this process; runs hold no lock."""
    return ThreadPoolExecutor(workers or cores())


def in_threads(work: Callable[[Any], object], items: Iterable[Any], workers: int | None = None) -> None:
    """Do some work for every item on threads of this process; what one raises is raised, after all have ended."""
    with ThreadPoolExecutor(workers or cores()) as pool:
        list(pool.map(work, items))


def processes(workers: int | None = None) -> Executor:
    """Processes of this machine, none of them forked from this one: its threads may hold locks."""
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")  # Windows has no other
    return Processes(workers or cores(), mp_context=context, initializer=serve)


def loky(workers: int | None = None) -> Executor:
    """Processes of this machine that come back after a crash."""
    module = optional("loky", "loky")
    return module.ProcessPoolExecutor(workers or cores(), timeout=SECONDS_IDLE, initializer=ignore_interrupts)


def dask(workers: int | None = None, address: str = "") -> Executor:
    """A Dask cluster: the one at an address, or one of processes on this machine."""
    distributed = optional("distributed", "dask")
    if address:
        return DaskExecutor(_connected(distributed, address))
    cluster = distributed.LocalCluster(n_workers=workers or cores(), threads_per_worker=1, dashboard_address=None)
    return DaskExecutor(distributed.Client(cluster, set_as_default=False), cluster)


def _connected(distributed: Any, address: str) -> Any:
    """The client of the scheduler at an address; SettingError where none answers."""
    try:
        return distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingError("", [Fault("executor", f'no Dask scheduler answers at "{address}" ({error})',
                                      "the address that the scheduler prints, like tcp://10.0.0.1:8786")]) from error


def mpi(workers: int | None = None) -> Executor:
    """The ranks of an MPI job (`mpiexec -n 64 python -m mpi4py.futures -m qicsim ...`)."""
    return optional("mpi4py.futures", "mpi").MPIPoolExecutor(workers)


BUILT_IN: dict[str, Factory] = {"serial": serial, "threads": threads, "processes": processes, "loky": loky,
                                "dask": dask, "mpi": mpi}
WITH_ADDRESS = ("dask",)


def factory_of(name: str, workers: int | None = None) -> Callable[[], Executor]:
    """What makes the executor of this name; SettingError when there is none."""
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise SettingError("", [Fault("workers", f"{workers} workers", f"1 to {MOST_WORKERS}")])
    head, _, rest = name.partition(":")
    declared = {entry.name: entry for entry in entry_points(group=GROUP)}
    if head in BUILT_IN and (not rest or head in WITH_ADDRESS):
        return partial(BUILT_IN[head], workers, **({"address": rest} if rest else {}))
    if head in declared and head not in BUILT_IN:
        return partial(declared[head].load(), workers, **({"address": rest} if rest else {}))
    if rest and head not in BUILT_IN:
        return partial(_imported(name, head, rest), workers)
    known = (*BUILT_IN, *(one for one in declared if one not in BUILT_IN))
    raise SettingError("", [Fault("executor", f'"{name}" is not an executor',
                                  f"{', '.join(known)}, or package.module:factory", nearest(name, known))])


def workers_of(executor: Executor) -> int:
    """How many tasks an executor works on at a time, as far as it says."""
    told = (getattr(executor, name, None) for name in ("num_workers", "_max_workers"))
    return int(next((number for number in told if number), cores()))


def trouble_of(executor: Executor) -> str:
    """Why no task comes back, as far as an executor says; "" while all is well."""
    return str(getattr(executor, "trouble", str)())


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ignore_interrupts() -> None:
    """Ctrl-C is for the process that gives out the work: it lets the workers finish what they have."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def serve() -> None:
    """Prepare a process that works: it leaves interrupts to its parent, and ends when its parent does."""
    ignore_interrupts()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _imported(name: str, module: str, attribute: str) -> Factory:
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise SettingError("", [Fault("executor", f'"{name}" cannot be loaded ({error})',
                                      "package.module:factory")]) from error

