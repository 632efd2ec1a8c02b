"""The sources behind the numbers: what `sources.toml` beside this file says, by the key that declarations cite."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from qicsim.ground.extension import loaded

FILE = Path(__file__).with_name("sources.toml")

SEEN = {
    "text": "read as far as a stored copy held it",
    "abstract": "abstract or opening seen",
    "memory": "cited from memory, not seen",
    "none": "no source",
}


class Source(NamedTuple):
    """One source: who, when, what and where; what it says for the model; how far it was read and what was not seen."""

    authors: str
    year: int
    title: str
    where: str
    says: str
    seen: str
    unseen: str = ""

    @property
    def citation(self) -> str:
        """The source as a line of a list of references."""
        return f"{self.authors} ({self.year}). {self.title}. {self.where}."


@lru_cache(maxsize=1)
def sources() -> dict[str, Source]:
    """Every source by its key, in the order of the file, and then those of extensions."""
    with FILE.open("rb") as file:
        shipped = {key: Source(**table) for key, table in tomllib.load(file).items()}
    return shipped | {key: source for one in loaded() for key, source in one.extension.sources.items()}
