"""Which extensions this process runs with: those that QICSIM_EXTEND names, by file or by module; and their files.

Processes that this one starts inherit the variable, so that workers are extended alike.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from qicsim.ground.errors import DataError, Fault, QicsimError

VARIABLE = "QICSIM_EXTEND"
EXTENSION_PURPOSES = range(1000, 2000)
"""Purposes of random numbers (`qicsim.ground.randomness`) that are never the model's own."""
ALLOWED = "a Python file, or the name of a module that can be imported"


def named() -> tuple[str, ...]:
    """The files and modules of extensions, in order."""
    return tuple(word for word in os.environ.get(VARIABLE, "").split(os.pathsep) if word)


def add(word: str) -> None:
    """Name one more extension for this process and those that it starts; once is enough.

    DataError if there is no such file or module; QicsimError where code was compiled without it already.
    """
    word = str(Path(word).resolve()) if word.endswith(".py") else word
    if word in named():
        return
    files_of(word)
    if "qicsim.ground.compiled" in sys.modules:
        raise QicsimError(f"{word}: the model is in use already without this extension. Name it before anything else: "
                          f"in a new process, first of all, or in the variable {VARIABLE}.")
    os.environ[VARIABLE] = os.pathsep.join((*named(), word))


def files_of(word: str) -> tuple[Path, tuple[Path, ...]]:
    """The folder of an extension and every file of it in a fixed order: a module is one file, a package has several."""
    if word.endswith(".py"):
        if not Path(word).is_file():
            raise DataError(word, [Fault("", "there is no such file", ALLOWED)])
        return Path(word).parent, (Path(word),)
    try:
        found = find_spec(word)
    except (ImportError, ValueError):
        found = None
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        raise DataError(word, [Fault("", "is no module that can be imported", ALLOWED)])
    origin = Path(found.origin)
    if found.submodule_search_locations is None:
        return origin.parent, (origin,)
    return origin.parent, tuple(sorted(origin.parent.rglob("*.py")))
