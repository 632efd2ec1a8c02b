"""The model a second time in the same process, uncompiled."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numba


@contextmanager
def interpreted() -> Iterator[ModuleType]:
    """A private copy of `qicsim.model.simulate`, and of all that it imports, as plain Python."""
    compiled = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "qicsim"}
    for name in compiled:
        del sys.modules[name]
    numba.config.DISABLE_JIT = True
    try:
        yield importlib.import_module("qicsim.model.simulate")
    finally:
        numba.config.DISABLE_JIT = False
        for name in [name for name in sys.modules if name.partition(".")[0] == "qicsim"]:
            del sys.modules[name]
        sys.modules.update(compiled)
