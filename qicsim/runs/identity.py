"""What the numbers of a run depend on besides parameters, levers and luck: the code, and the files of its world.

Code is told apart by its syntax trees: a comment or a docstring changes no number, and no digest.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import qicsim
from qicsim.ground.compiled import PACKAGE, compiled_digest, extension_digests, syntax_digest
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files

LIBRARIES = ("numba", "numpy", "networkx")
RECORDING = ("batches", "blocks", "branches", "keys", "worker")


@cache
def code_digest() -> str:
    """Digest of the compiled code, of what builds worlds and of what records runs, and of the libraries below them."""
    sources = (*sorted((PACKAGE / "inputs" / "world").glob("*.py")),
               *sorted((PACKAGE / "inputs" / "country").glob("*.py")), PACKAGE / "ground" / "table.py",
               *(PACKAGE / "runs" / f"{name}.py" for name in RECORDING))
    facts = f"{compiled_digest()} {syntax_digest(sources)} {sys.version_info[:2]} {_libraries()}"
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def made_by() -> str:
    """The name of this code for people: its version, and those of the libraries that numbers depend on."""
    added = "".join(f" with {Path(word).name}" for word in extension_digests())
    return f"qicsim {qicsim.__version__}{added} ({code_digest()[:8]}), {_libraries()}"


def data_digests(scenario: Scenario) -> dict[str, str]:
    """The sha256 of every data file that a scenario's world is built from, as the files are now."""
    return {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in data_files(scenario).items()}


def _libraries() -> str:
    return ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
