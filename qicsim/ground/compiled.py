"""Decorators for every compiled function, a cache that cannot go stale, and whether compiled code is there already.

numba's disk cache does not notice that a function imported from another file has changed, so the cache folder is
named after the text of every file whose code can end up in a compiled function. If a folder cannot be written, numba
would fall back without a word to the folder beside the source, where a stale copy may live: so another folder is tried
and that is said, and if none can be written nothing is cached at all.
"""

from __future__ import annotations

import ast
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import llvmlite.binding
import numba
import numpy as np

from qicsim.ground import extended

PACKAGE = Path(__file__).parents[1]
KEPT_CACHES = 4
COMPILED, EXTENDED = "compiled", "extended"
"""How cache folders begin: of the model as it is, and of the model with extensions, which come and go more often."""
COMPILES_FOR = 35
"""Seconds that the first compilation takes on an idle core of today's processors, roughly."""


# ------------------------------------------------------------------------------------------------------- digests


def compiled_sources(package: Path = PACKAGE) -> list[Path]:
    """Every file whose code can end up in a compiled function, in a fixed order."""
    return [*(package / "ground" / f"{name}.py" for name in ("compiled", "declare", "randomness")),
            *sorted((package / "model").rglob("*.py"))]


def source_digest() -> str:
    """Digest of everything that shapes compiled code: sources, extensions, numba's and Python's version."""
    digest = sha256(f"{numba.__version__} {sys.version}".encode())
    for path in compiled_sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    for folder, files in map(extended.files_of, extended.named()):
        for path in files:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def compiled_digest(package: Path = PACKAGE) -> str:
    """Digest of what compiled code computes: the sources without comments and docstrings, numba's and numpy's version.

    Runs made before and after a change of words only have the same digest. `package` is the folder of the package.
    """
    versions = f"numba {numba.__version__} numpy {np.__version__} "
    facts = versions + syntax_digest(compiled_sources(package), package) + "".join(extension_digests().values())
    return sha256(facts.encode()).hexdigest()[:16]


def extension_digests() -> dict[str, str]:
    """For each extension of this process, as it was named, the `syntax_digest` of its files."""
    return {word: syntax_digest(files, folder) for word in extended.named()
            for folder, files in [extended.files_of(word)]}


def syntax_digest(sources: Iterable[Path], package: Path = PACKAGE) -> str:
    """Digest of the syntax trees of files of a package, without comments and docstrings."""
    digest = sha256()
    for path in sources:
        tree = _without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
        digest.update(f"{path.relative_to(package).as_posix()}\0{ast.dump(tree)}\0".encode())
    return digest.hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """The tree without every string that stands alone as a statement."""
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                setattr(node, block, [statement for statement in statements if not _is_words(statement)])
    return tree


def _is_words(statement: ast.AST) -> bool:
    return (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str))


# --------------------------------------------------------------------------------------------------------- cache


def cache_root() -> Path:
    """Where compiled code is kept: `QICSIM_CACHE_DIR`, or the user's cache folder."""
    chosen = os.environ.get("QICSIM_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "qicsim"


def temporary_root() -> Path | None:
    """The user's own temporary folder, closed to others; None where somebody else owns it or may write to it."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"qicsim-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode):
        return None
    if hasattr(os, "getuid") and (status.st_uid != user or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return None
    return folder


def _folder_for(name: str) -> Path | None:
    """The first folder of this name that can be written, None if there is none; says so where it is not the usual."""
    usual = cache_root() / name
    if _prepare(usual):
        return usual
    root = temporary_root()
    if root is not None and _prepare(root / name):
        sys.stderr.write(f"The cache folder {usual} cannot be written; compiled code is kept in {root}.\n")
        return root / name
    sys.stderr.write(f"The cache folder {usual} cannot be written, nor can a temporary folder; every process compiles "
                     "anew. QICSIM_CACHE_DIR names another folder.\n")
    return None


def _prepare(folder: Path) -> bool:
    """Make the folder, try it, drop all but the newest few of its siblings; False if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)
        siblings = folder.parent.glob(folder.name.partition("-")[0] + "-" + 16 * "[0-9a-f]")
        newest_first = sorted(siblings, key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[KEPT_CACHES:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return False
    return True


SOURCE_DIGEST = source_digest()
FOLDER = _folder_for(f"{EXTENDED if extended.named() else COMPILED}-{SOURCE_DIGEST}")
CACHED = FOLDER is not None
if FOLDER is not None:
    numba.config.CACHE_DIR = str(FOLDER)


# ---------------------------------------------------------------------------------------------------- decorators

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function that makes no arrays; it runs without the interpreter's lock, and counts no references.

    Counting the references of the arrays that it is given would take a tenth of a run: whoever calls it holds them.
    """
    return _compile(function)


def compiled_with_arrays(function: F) -> F:
    """Compile a function that makes arrays; it runs without the interpreter's lock."""
    return _compile(function, _nrt=True)


def compiled_into_callers(function: F) -> F:
    """Compile a function whose code is copied into whoever calls it.

    Loops around it may then use wide registers, and a loop over facilities does not hand over the scalars of the month
    and the tables anew at every call, which can take longer than the work.
    """
    return _compile(function, forceinline=True)


def compiled_only_into_callers(function: F) -> F:
    """As `compiled_into_callers`, for a function without a file or that is never called alone: it has no cache."""
    return _compile(function, forceinline=True, cache=False)


def compiled_in_wide_loops(function: F) -> F:
    """Compile a function whose loops over many numbers fill wide registers.

    Elsewhere `compile_for` leaves that out: loops over ten areas are the slower for it, and take longer to compile.
    """
    return _compile(function, wide=True)


def compiled_for_steps(function: F) -> F:
    """Compile a step that Python takes too, as the Mesa face does: both use one code, so it is there when a run was."""
    return _compile(function, both=True)


def compiled_for_steps_into_callers(function: F) -> F:
    """As `compiled_for_steps`, for a function whose code is copied into whoever calls it."""
    return _compile(function, both=True, forceinline=True)


def _compile(function: F, *, wide: bool = False, both: bool = False, **options: bool) -> F:
    chosen: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "cache": CACHED, **options}
    dispatcher = numba.njit(**chosen)(function)
    if not numba.config.DISABLE_JIT:
        bare = {"cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        _serve_compiled_callers(dispatcher, dispatcher if both else numba.njit(**chosen | bare)(function), wide=wide)
    return dispatcher


def _serve_compiled_callers(dispatcher: Any, bare: Any, *, wide: bool) -> None:
    """Have compiled callers use code without a way in from Python, and one code for all whole numbers.

    Most functions are called by compiled ones alone; what takes Python's objects apart for each of them would be a
    third of all compiling. numba would also compile a function for 3 alone where a caller passes 3.
    """
    template = bare.get_call_template

    def for_all_numbers(args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        unliteral = numba.types.unliteral
        with _loops(wide=wide or bool(numba.config.LOOP_VECTORIZE)):
            return template(tuple(map(unliteral, args)), {name: unliteral(kind) for name, kind in keywords.items()})

    dispatcher.get_call_template, dispatcher.get_overload = for_all_numbers, bare.get_overload


@contextmanager
def _loops(*, wide: bool) -> Iterator[None]:
    """Compile loops for wide registers, or their bodies; numbers are the same."""
    before = numba.config.LOOP_VECTORIZE, numba.config.SLP_VECTORIZE
    numba.config.LOOP_VECTORIZE, numba.config.SLP_VECTORIZE = int(wide), int(before[1] if wide else True)
    try:
        yield
    finally:
        numba.config.LOOP_VECTORIZE, numba.config.SLP_VECTORIZE = before


# --------------------------------------------------------------------------------------------------- is it there


def is_compiled(function: Any, arguments: Sequence[Any]) -> bool:
    """Whether a call of a compiled function with such arguments starts at once: in this process, or from the cache.

    Of the cache it knows what `compile_for` put there.
    """
    if not hasattr(function, "signatures"):  # the plain interpreter
        return True
    types = _types(arguments)
    return types in function.signatures or (FOLDER is not None and _marker(function, types).exists())


def compile_for(function: Any, arguments: Sequence[Any]) -> None:
    """Compile a function for such arguments, or load it from the cache, without calling it.

    Of processes that want the same at the same time one compiles; the others wait for it, and load what it has made.
    """
    if not hasattr(function, "signatures"):
        return
    types = _types(arguments)
    if FOLDER is None:
        with _loops(wide=False):
            function.compile(types)
        return
    from filelock import FileLock  # only whoever compiles needs it

    marker = _marker(function, types)
    with FileLock(marker.with_suffix(".lock")), _loops(wide=False):
        function.compile(types)
        marker.touch()


def processor() -> str:
    """The kind of processor that compiled code is made for, as numba calls it."""
    return str(llvmlite.binding.get_host_cpu_name())


def _types(arguments: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(numba.typeof(argument) for argument in arguments)


def _marker(function: Any, types: tuple[Any, ...]) -> Path:
    """A file that says: numba's cache has this function for these types, this processor and this state of its file."""
    if FOLDER is None:
        raise RuntimeError("nothing is cached")
    source = Path(function.py_func.__code__.co_filename).stat()
    features = llvmlite.binding.get_host_cpu_features().flatten()
    facts = [str(types), processor(), features, source.st_mtime, source.st_size]
    return FOLDER / f"{function.py_func.__name__}-{sha256(repr(facts).encode()).hexdigest()[:16]}.compiled"
