"""Packages that are asked for only when they are used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from qicsim.ground.errors import Fault, SettingError


def optional(module: str, extra: str) -> ModuleType:
    """A module of a package that is not always installed; SettingError with the way to get it when it is not.

    A RuntimeError is that of mpi4py where no MPI is installed.
    """
    try:
        return import_module(module)
    except (ImportError, RuntimeError) as error:
        package = module.partition(".")[0]
        raise SettingError("", [Fault(package, f"cannot be imported ({error})", "",
                                      f'Install it: pip install "qicsim[{extra}]"')]) from None
