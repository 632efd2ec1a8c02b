"""What a scenario may be called. Its name stands in tables, on pages and in files, so it is one line and no path."""

from __future__ import annotations

import unicodedata

from qicsim.ground.errors import Fault
from qicsim.inputs.scenario.values import JOINERS, show

LONGEST_NAME = 200
"""Bytes of UTF-8 in a name that a user writes: a file of that name can be made on every system."""
SEPARATORS = "/\\:"
ALLOWED = f"one line of text of at most {LONGEST_NAME} bytes (a Khmer letter takes 3), without / \\ : and control codes"
_UNPRINTED = ("Cc", "Cf", "Cs", "Zl", "Zp")


def name_fault(name: object, *, place: str = "name", hint: str = "", longest: int | None = LONGEST_NAME
               ) -> Fault | None:
    """The fault of a name, None where it can be used; `longest` None leaves its length out."""
    wrong = _wrong(name) if isinstance(name, str) else "is not a text"
    if not wrong and longest is not None and len(str(name).encode()) > longest:
        wrong = f"has {len(str(name).encode()):,} bytes"
    return Fault(place, f"{show(name)} {wrong}", ALLOWED, hint) if wrong else None


def _wrong(name: str) -> str:
    """Why a text is no name, in words; "" where it is."""
    if not name.strip():
        return "is empty"
    if name.strip(". ") == "":
        return "is a folder, not a name"
    if separator := next((letter for letter in name if letter in SEPARATORS), ""):
        return f"holds {separator}, which parts folders"
    if any(unicodedata.category(letter) in _UNPRINTED and letter not in JOINERS for letter in name):
        return "holds a control code or a sign of direction"
    return ""
