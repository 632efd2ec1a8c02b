"""Words that files use: headings, provinces, kinds of facilities, months, in English and Khmer.

All of them stand in `data/words.toml`; here they are compared without regard to capitals, spaces and signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from qicsim.ground.files import toml_of

WORDS = Path(__file__).parent / "data" / "words.toml"
LONGEST = 2000
_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SIGNS = re.compile(r"[^\S ]|[!-/:-@\[-`{-~\x00-\x1f\x7f។៕៖ៗ\u2013\u2014\u2018\u2019\u201c\u201d\u00b7]")
_SPACES = re.compile(r" +")
_SUBSCRIPTS = re.compile("\u17d2[\u178a\u178f]")
_LOOK_ALIKE = str.maketrans("\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u043a\u043c\u043d\u0442\u0432"
                            "\u03b1\u03bf\u03c1\u03bd\u03ba\u03b9\u03c5\u03c7\u03c4",
                            "aeopcxyijskmhtbaopvkiuxt")
"""Letters of Cyrillic and Greek, without capitals, that look like Latin ones."""
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")


def western(text: str) -> str:
    """Text with Khmer digits as 0-9 and without characters that take no room."""
    return _INVISIBLE.sub("", text.translate(_KHMER_DIGITS))


def normal(text: str) -> str:
    """Text for comparing: no capitals, no signs, single spaces, digits 0-9; cut after LONGEST characters."""
    composed = unicodedata.normalize("NFKC", western(text[:LONGEST]))
    return _SPACES.sub(" ", _SIGNS.sub(" ", composed.casefold())).strip()


@cache
def words(table: str) -> dict[str, tuple[str, ...]]:
    """A table of words.toml: name -> its spellings, normalised."""
    found = toml_of(WORDS.read_bytes())[table]
    return {name: tuple(normal(text) for text in texts) for name, texts in found.items()}


@cache
def spellings(*tables: str) -> dict[str, str]:
    """Normalised spelling -> name over tables of words.toml; the first table that knows a spelling wins."""
    found: dict[str, str] = {}
    for table in tables:
        for name, texts in words(table).items():
            for text in (normal(name), *texts):
                found.setdefault(text, name)
    return found


def field_of(heading: str, *tables: str) -> str:
    """The field that a heading names, with or without what stands in brackets; "" if none."""
    known = spellings(*tables)
    return known.get(normal(heading)) or known.get(normal(without_brackets(heading[:LONGEST])), "")


def without_brackets(text: str) -> str:
    """The text with a space for what stands in brackets of one line; each is looked at once, closed or not."""
    lines = text.split("\n")
    ends = [max(line.rfind(")"), line.rfind("]")) + 1 for line in lines]
    return "\n".join(_BRACKETS.sub(" ", line[:end]) + line[end:] for line, end in zip(lines, ends, strict=True))


def counted(number: int, one: str, many: str) -> str:
    """A number with the words for one or for many."""
    return f"{number:,} {one if number == 1 else many}"


def holds(text: str, phrases: Iterable[str]) -> bool:
    """Whether normalised text holds a normalised phrase: whole words; Khmer, which sets no spaces, anywhere."""
    around = f" {text} "
    return any(f" {phrase} " in around if phrase.isascii() else phrase in text for phrase in phrases if phrase)


def first_fit(texts: Iterable[str], table: Mapping[str, Iterable[str]]) -> str:
    """The first name of the table one of whose phrases stands in a text, text by text; "" if none does."""
    return next((name for text in texts if text for name, phrases in table.items() if holds(text, phrases)), "")


def look_alike(one: str, other: str) -> str:
    """Which sign differs between two texts that a reader cannot tell apart, in words; "" if they look different."""
    first, second = (_composed(text) for text in (one, other))
    if first == second or (_skeleton(first) != _skeleton(second)):
        return ""
    at = next((place for place, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
              min(len(first), len(second)))
    return (f"they look alike, and sign {at + 1} differs: {_named_sign(first, at)} in the file, "
            f"{_named_sign(second, at)} in the register")


def _composed(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", western(text[:LONGEST])).casefold()).strip()


def _skeleton(text: str) -> list[str]:
    """The signs as a reader sees them, whatever their order within a syllable."""
    same = _SUBSCRIPTS.sub("\u17d2\u178f", text).translate(_LOOK_ALIKE)
    return sorted(same)


def _named_sign(text: str, at: int) -> str:
    if at >= len(text):
        return "nothing"
    return f"U+{ord(text[at]):04X} ({unicodedata.name(text[at], 'no name').lower()})"
