"""What the numbers of a run depend on besides parameters, levers and luck: the code, and the files of its world."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "networkx")


@cache
def code_digest() -> str:
    """Digest of the compiled code, of what builds worlds and of what reads records, and of the libraries below them."""
    digest = hashlib.sha256(SOURCE_DIGEST.encode())
    for path in (*sorted((PACKAGE / "inputs" / "world").glob("*.py")),
                 *(PACKAGE / "runs" / f"{name}.py" for name in ("sums", "fields", "layout", "worker"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()


def data_digests(scenario: Scenario) -> dict[str, str]:
    """The sha256 of every data file that a scenario's world is built from, as the files are now."""
    return {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in data_files(scenario).items()}
