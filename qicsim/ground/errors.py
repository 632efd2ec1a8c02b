"""The errors that a user can meet.

QicsimError
└── InputError        what a user wrote is not usable; carries every fault that was found
    ├── ScenarioError     a scenario file
    ├── RegisterError     a facility register
    ├── DataError         a replaceable data file (areas, shock, costs, schedules)
    └── SettingError      an argument of the command line or of a public function
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_CODES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MOST_SHOWN = 50
"""Faults of one input that a message holds; a terminal shows no more at once."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands, what was found, what is allowed, and a way out."""

    place: str
    found: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """One line that a planner can act on."""
        parts = [f"{self.place}: {self.found}" if self.place else self.found]
        if self.allowed:
            parts.append(f"Allowed: {self.allowed}.")
        if self.hint:
            parts.append(self.hint)
        line = " ".join(part if part.endswith((".", "?", "!")) else part + "." for part in parts)
        return shown(line)


def shown(text: str) -> str:
    """Text of a stranger for a terminal: codes that move its cursor, colour it or turn it around are written out."""
    return _CODES.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


class QicsimError(Exception):
    """Anything that qicsim refuses to do, with the reason."""


class InputError(QicsimError):
    """All faults of one input at once; `faults` holds them, `source` names the input, the message the first 50."""

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        """Keep the faults; the message is one line for each, and how many more there are."""
        self.source = source
        self.faults = tuple(faults)
        told, more = list(self.faults[:MOST_SHOWN]), len(self.faults) - MOST_SHOWN
        if more > 0:
            told.append(Fault("", f"and {more:,} more fault{'s' if more > 1 else ''}"))
        named = f"{shown(source).replace(chr(10), ' ')}: " if source else ""
        super().__init__("\n".join(f"{named}{fault}" for fault in told))


class ScenarioError(InputError):
    """A scenario file that cannot be used."""


class RegisterError(InputError):
    """A facility register that cannot be used."""


class DataError(InputError):
    """A data file that cannot be used."""


class SettingError(InputError):
    """An argument that cannot be used."""


class Faults(list[Fault]):
    """The faults of one input, gathered so that all of them are reported at once."""

    def add(self, place: str, found: str, allowed: str = "", hint: str = "") -> None:
        """Note one more fault; the arguments are the fields of `Fault`."""
        self.append(Fault(place, found, allowed, hint))

    def nearest(self, word: str, allowed: Iterable[str]) -> str:
        """A sentence that proposes the nearest allowed word; nothing once there are more faults than are shown."""
        return nearest(word, allowed) if len(self) < MOST_SHOWN else ""

    def refuse(self, error: type[InputError] = SettingError, source: str = "") -> None:
        """Raise an error with every fault noted so far; do nothing when there is none."""
        if self:
            raise error(source, self)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """A sentence that proposes the nearest allowed word, or nothing when none is near."""
    matches = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f'Did you mean "{matches[0]}"?' if matches else ""


def repeated(words: Iterable[str]) -> list[str]:
    """The words that come more than once, in the order in which they first come."""
    return [word for word, times in Counter(words).items() if times > 1]
