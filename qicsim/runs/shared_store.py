"""Where runs are kept: the folder that all commands share, its limit, and what is evicted.

The folder is `QICSIM_STORE`, or `runs` in the user's cache folder; nobody else may read it, since runs of a user's own
data lie there. When it has grown beyond its limit (`QICSIM_STORE_LIMIT`, in GB), the files that were used longest ago
go, but none that a running command may need: each command holds a lock whose age says since when.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from qicsim.ground.compiled import cache_root
from qicsim.ground.errors import Fault, SettingError
from qicsim.runs.identity import code_digest, made_by
from qicsim.runs.store import ENDINGS, FAILED, RUNS, Store, is_whole

VARIABLE, LIMIT_VARIABLE = "QICSIM_STORE", "QICSIM_STORE_LIMIT"
FOLDER = "runs"
GIGABYTE = 1_000_000_000
USUAL_LIMIT = 5.0
COMMAND = "command-*.lock"

Place = Path | str | Literal[False] | None
"""Where runs are kept: a folder; None: the one that all commands share; False: nowhere but in memory."""

_LOG = logging.getLogger(__name__)


class SharedStore(Store):
    """A store that several commands share: it is tidied, and kept within its limit."""

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Tidy the folder before it is used; write what waits and keep the folder within its limit after."""
        if self.folder is None or self.read_only:
            yield
            return
        most = limit()
        self.tidy()
        try:
            yield
        finally:
            self.write()
            self.merge()
            self.tidy()
            keep_within(self.folder, most)


_HELD: dict[Path, FileLock] = {}


def hold(folder: Path) -> None:
    """Hold what is in a folder until this process ends: nothing that was used since then is evicted."""
    if folder not in _HELD:
        lock = FileLock(folder / f"command-{uuid.uuid4().hex}.lock")
        lock.acquire()
        _HELD[folder] = lock


@atexit.register
def _let_go() -> None:
    for lock in _HELD.values():
        with contextlib.suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()


def default_folder() -> Path:
    """The folder that all commands share unless they are told another; SettingError where there cannot be one."""
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return cache_root() / FOLDER
    lowest = next((path for path in (Path(chosen), *Path(chosen).parents) if os.path.lexists(path)), Path())
    if not lowest.is_dir():
        raise SettingError("", [Fault(VARIABLE, f'"{lowest}" is no folder', "a folder, or a name for a new one")])
    return Path(chosen)


def limit() -> int:
    """Bytes that the folder may hold; SettingError where the variable says no number."""
    text = os.environ.get(LIMIT_VARIABLE, "")
    try:
        gigabytes = float(text) if text else USUAL_LIMIT
    except ValueError:
        gigabytes = -1.0
    if not 0.0 <= gigabytes < float("inf"):
        raise SettingError("", [Fault(LIMIT_VARIABLE, f'"{text}" is no number of gigabytes', "a number like 5 or 0.5")])
    return int(gigabytes * GIGABYTE)


def open_store(where: Place = None) -> SharedStore:
    """The store in a folder; None: the one that all commands share; False: in memory.

    A folder that can only be read is read, and new runs are held in memory; that is said. Without a folder all are.
    """
    if where is False:
        return SharedStore(None, code_digest(), made_by())
    folder = default_folder() if where is None else Path(where)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _probe(folder)
        hold(folder)
    except OSError as error:
        if _is_readable(folder):
            _LOG.warning("%s cannot be written (%s): its runs are used, and new runs are kept in memory only.", folder,
                         error.strerror)
            return _opened(folder, read_only=True)
        if where is not None:
            raise SettingError("", [Fault("store", f'"{folder}" cannot be written ({error.strerror})',
                                          "a folder, or a name for a new one")]) from error
        _LOG.warning("%s cannot be written (%s): runs are held in memory and gone when this ends.", folder,
                     error.strerror)
        return SharedStore(None, code_digest(), made_by())
    return _opened(folder)


def _opened(folder: Path, *, read_only: bool = False) -> SharedStore:
    store = SharedStore(folder, code_digest(), made_by(), read_only=read_only)
    store.reread()
    return store


def _is_readable(folder: Path) -> bool:
    """Whether a folder is there and its files can be listed and read."""
    effective = os.access in os.supports_effective_ids
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK, effective_ids=effective)


def _probe(folder: Path) -> None:
    """OSError where no file can be written."""
    probe = folder / f"{uuid.uuid4().hex}.part"
    probe.touch()
    probe.unlink()


def keep_within(folder: Path, most: int) -> list[Path]:
    """Remove the files that were used longest ago until the others take at most `most` bytes; gives what went.

    Files that were used since the oldest running command began are spared.
    """
    since = _oldest_command(folder)
    files = sorted((stat.st_mtime, path, stat.st_size) for path, stat in _files(folder))
    size, gone = sum(size for _, _, size in files), []
    for used, path, own in files:
        if size <= most or used >= since:
            break
        path.unlink(missing_ok=True)
        gone.append(path)
        size -= own
    return gone


def _oldest_command(folder: Path, *, but_own: bool = False) -> float:
    """When the oldest command that is still running began; locks of dead ones are removed."""
    since = float("inf")
    own = {Path(lock.lock_file) for lock in _HELD.values()} if but_own else set()
    for path in set(folder.glob(COMMAND)) - own:
        lock = FileLock(path)
        try:
            began = path.stat().st_mtime
            with lock.acquire(timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            since = min(since, began)
        except FileNotFoundError:
            continue
    return since


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The files of runs, with what the file system says of each."""
    for kind, ending in ENDINGS.items():
        for path in filter(Path.is_file, folder.glob(f"{kind}-*{ending}")):
            with contextlib.suppress(FileNotFoundError):
                yield path, path.stat()


@dataclass(frozen=True)
class Contents:
    """What a folder of runs holds: runs by the code that made them, files, bytes."""

    folder: Path
    runs: dict[str, int]
    files: int
    bytes: int
    damaged: int


def contents(folder: Path) -> Contents:
    """What a folder of runs holds."""
    store, files = Store.opened(folder, code_digest(), made_by()), list(_files(folder))
    damaged = {path for path, _ in files if not is_whole(path)}
    runs: dict[str, int] = {}
    for batch in store.batches:
        if batch.file not in damaged:
            runs[batch.made] = runs.get(batch.made, 0) + len(batch.who)
    return Contents(folder, runs, len(files), sum(stat.st_size for _, stat in files), len(damaged))


def clear(folder: Path, *, others: bool = False) -> int:
    """Remove all runs of a folder, or those of other code alone; gives how many files went.

    SettingError while a command is at work there.
    """
    if _oldest_command(folder, but_own=True) != float("inf"):
        raise SettingError("", [Fault("store", f'a command is at work with the runs in "{folder}"',
                                      hint="Wait for it")])
    store = Store.opened(folder, code_digest(), made_by())
    own = {batch.file for batch in store.batches if store.serves(batch)}
    gone = [path for path, _ in _files(folder) if not (others and (path in own or path.name.startswith(FAILED)))]
    for path in gone:
        path.unlink(missing_ok=True)
    return len([path for path in gone if path.name.startswith(RUNS)])
