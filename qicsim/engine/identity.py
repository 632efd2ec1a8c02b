"""What the numbers of a run depend on besides its inputs: the code that makes them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from qicsim.compiled import SOURCE_DIGEST

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "networkx")


@cache
def code_digest() -> str:
    """Digest of the compiled code, of what builds worlds and of what reads records, and of the libraries below them."""
    digest = hashlib.sha256(SOURCE_DIGEST.encode())
    for path in (*sorted((PACKAGE / "world").glob("*.py")), PACKAGE / "ensemble" / "sums.py",
                 PACKAGE / "engine" / "fields.py", PACKAGE / "engine" / "worker.py"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()


@cache
def file_digest(path: Path) -> str:
    """The sha256 of a file, read once in a process."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
