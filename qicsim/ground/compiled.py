"""One decorator for every compiled function, and a cache that cannot go stale.

numba's disk cache does not notice that a function imported from another file has changed, so the cache folder is
named after the text of every file whose code can end up in a compiled function. If the folder cannot be written,
numba would fall back without a word to the folder beside the source, where a stale copy may live: then nothing is
cached at all.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numba

PACKAGE = Path(__file__).parents[1]
KEPT_CACHES = 4
OWN_FOLDERS = "compiled-" + 16 * "[0-9a-f]"


def compiled_sources() -> list[Path]:
    """Every file whose code can end up in a compiled function, in a fixed order."""
    return [*(PACKAGE / "ground" / f"{name}.py" for name in ("compiled", "declare", "randomness")),
            *sorted((PACKAGE / "model").rglob("*.py"))]


def source_digest() -> str:
    """Digest of everything that shapes compiled code: the sources, numba's and Python's version."""
    digest = sha256(f"{numba.__version__} {sys.version}".encode())
    for path in compiled_sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Where compiled code is kept: `QICSIM_CACHE_DIR`, or the user's cache folder."""
    chosen = os.environ.get("QICSIM_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "qicsim"


def _prepare(folder: Path) -> bool:
    """Make the folder, try it, drop all but the newest few of its siblings; False if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)
        siblings = folder.parent.glob(OWN_FOLDERS)
        newest_first = sorted(siblings, key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[KEPT_CACHES:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return False
    return True


F = TypeVar("F", bound=Callable[..., object])

SOURCE_DIGEST = source_digest()
_FOLDER = cache_root() / f"compiled-{SOURCE_DIGEST}"
CACHED = _prepare(_FOLDER)
if CACHED:
    numba.config.CACHE_DIR = str(_FOLDER)


def compiled(function: F) -> F:
    """Compile a function that makes no arrays; it runs without the interpreter's lock, and counts no references.

    Counting the references of the arrays that it is given would take a tenth of a run: whoever calls it holds them.
    """
    return _compile(function)


def compiled_with_arrays(function: F) -> F:
    """Compile a function that makes arrays; it runs without the interpreter's lock."""
    return _compile(function, _nrt=True)


def compiled_into_callers(function: F) -> F:
    """Compile a function whose code is copied into whoever calls it: loops around it may then use wide registers."""
    return _compile(function, forceinline=True)


def _compile(function: F, **options: bool) -> F:
    return numba.njit(cache=CACHED, nogil=True, error_model="numpy", **{"_nrt": False} | options)(function)
