"""Words that files use: headings, provinces, kinds of facilities, months, in English and Khmer.

They stand in `data/words.toml`, and those of a country in its folder; they are compared without regard to capitals,
spaces and signs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.files import toml_of
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import Country, home

if TYPE_CHECKING:
    import pandas as pd

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
    return _normal(text[:LONGEST])


@lru_cache(maxsize=4096)  # a heading is looked up in a dozen tables, and cells of a column repeat
def _normal(text: str) -> str:
    composed = unicodedata.normalize("NFKC", western(text))
    return _SPACES.sub(" ", _SIGNS.sub(" ", composed.casefold())).strip()


@cache
def _shared() -> dict[str, dict[str, list[str]]]:
    return toml_of(WORDS.read_bytes())


def words(table: str) -> dict[str, tuple[str, ...]]:
    """A table of words.toml and of the country that is spoken of: name -> its spellings, normalised."""
    return _words(table, home())


@cache
def _words(table: str, country: Country) -> dict[str, tuple[str, ...]]:
    found = {name: list(texts) for name, texts in _shared().get(table, {}).items()}
    own = country.spellings.get(table, {})
    if table == "types" and not own:  # a country that says nothing calls its kinds by their keys and names
        own = {kind.key: [kind.key, kind.name] for kind in country.kinds}
    for name, texts in own.items():
        found.setdefault(name, []).extend(texts)
    return {name: tuple(normal(text) for text in texts) for name, texts in found.items()}


def spellings(*tables: str) -> dict[str, str]:
    """Normalised spelling -> name over tables of words; the first table that knows a spelling wins."""
    return _spellings(tables, home())


@cache
def _spellings(tables: tuple[str, ...], country: Country) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in tables:
        for name, texts in _words(table, country).items():
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


def counted(number: int, one: str, many: str, **fields: object) -> Told:
    """The sentence for one or for many, with `count` among its fields; a page can say it in another language."""
    return tell(one if number == 1 else many, count=f"{number:,}", **fields)


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


# -------------------------------------------------------------------------------------------------- provinces and types

ASSUMED = "?"
LEVEL = "does not say the level of the hospital; read as {level}"
CODE = "is read by the level that it says"
NAME = "is not a known type; the groups or the name decide"


@cache
def _provinces(country: Country) -> dict[str, str]:
    """Normalised spelling -> English name: names in all languages, codes, ISO codes, spelling variants."""
    found: dict[str, str] = {}
    for province in country.provinces:
        iso = province.iso.lower().replace("-", " ")
        texts = (*province.names.values(), province.code, province.code.lstrip("0"), iso, iso.replace(" ", ""))
        found |= {normal(text): province.name for text in texts if text}
    return found | {text: name for name, texts in words("provinces").items() for text in texts}


def province_of(text: str) -> str:
    """The English name of the province that a text names, whatever its spelling; "" if none."""
    short = normal(text)
    known = _provinces(home())
    return known.get(short) or known.get(_bare(short), "")


def district_of(text: str) -> str:
    """The name of an operational district for comparing: normalised, without the words around it."""
    short = normal(text)
    for word in words("around")["district"]:
        short = f" {short} ".replace(f" {word} ", " ").strip() if word.isascii() else short.replace(word, " ").strip()
    return short or normal(text)


def province_spellings() -> list[str]:
    """Names of the provinces, for suggestions."""
    return list(home().province_names)


def nearest_province(text: str) -> tuple[str, float]:
    """The province whose name is nearest to a text, "" if none is near; and how alike the two are, 0-1."""
    known = _provinces(home())
    near = get_close_matches(normal(text), list(known), n=1, cutoff=0.6)
    return (known[near[0]], SequenceMatcher(None, normal(text), near[0]).ratio()) if near else ("", 0.0)


def _bare(short: str) -> str:
    """A name without the words and numbers that stand around it."""
    for word in words("around")["province"]:
        short = f" {short} ".replace(f" {word} ", " ").strip() if word.isascii() else short.replace(word, " ").strip()
    return short.lstrip("0123456789 ") or short


def kind_of(texts: tuple[str, ...], exact: tuple[str, ...], table: Mapping[str, str]) -> tuple[str, str]:
    """A facility's type ("" if it cannot be told) and what is assumed of it: "", LEVEL, CODE or NAME.

    The user's table counts first: whole texts (also uid, code and id, in `exact`), then words inside texts. `texts`
    are type, groups and name, normalised, in the order in which they count. The level that a hospital says
    counts more than its words, like provincial hospital; where it says two, it cannot be told.
    """
    for text in (*exact, *texts):
        if text and text in table:
            return table[text], ""
    for text in texts:
        for phrase, kind in table.items():
            if holds(text, (phrase,)):
                return kind, ""
    levels = [said for text in texts if (said := _levels(text))]
    fits = [fit for text in texts if (fit := first_fit((text,), words("types")))]
    hospitals = home().types_in(1)
    surer = [fit for fit in fits if fit in hospitals] if fits and fits[0].endswith(ASSUMED) else []
    found = (*surer, *fits, "")[0]
    if levels and (found.rstrip(ASSUMED) in hospitals or not found):
        if len(levels[0]) > 1:
            return "", ""
        level = levels[0][0]
        return level, "" if level == found.rstrip(ASSUMED) else CODE
    if found.endswith(ASSUMED):
        return found.rstrip(ASSUMED), LEVEL.format(level=found.rstrip(ASSUMED))
    return found, NAME if found and texts[0] and not first_fit(texts[:1], words("types")) else ""


def _levels(text: str) -> list[str]:
    """The levels of hospitals that a text says by their codes, without a following sign of another."""
    return [kind for kind, phrases in words("levels").items() if holds(text, phrases)] if text else []


def left_out_by(texts: tuple[str, ...], chosen: tuple[str, ...]) -> str:
    """The first of the words to leave out that stands in one of the normalised texts; "" if none."""
    known = words("leave_out")
    for word in chosen:
        phrases = (normal(word), *known.get(normal(word), ()))
        if any(holds(text, phrases) for text in texts):
            return word
    return ""


# ------------------------------------------------------------------------------------------------------------- numbers

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([, \u00a0\u202f]\d{3})+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_POINTS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
LONGEST_NUMBER = 40
FEWEST_ROUNDED = 1000
THOUSANDS, ROUNDED = "points are read as thousands", "fractions of people are rounded"


def number_of(text: str) -> float | None:
    """The finite number that a text names, None if none; "80 %" is 80."""
    short = western(text[:LONGEST_NUMBER + 1]).strip().removesuffix("%").strip()
    if len(text) > LONGEST_NUMBER:
        return None
    if _THOUSANDS.fullmatch(short):
        short = re.sub(r"[, \u00a0\u202f]", "", short)
    elif _COMMA.fullmatch(short):
        short = short.replace(",", ".")
    if not _PLAIN.fullmatch(short):
        return None
    value = float(short)
    return value if math.isfinite(value) else None


def people_of(text: str) -> tuple[float | None, str]:
    """A whole number of people, None if there is none; and THOUSANDS or ROUNDED where the text was read in that way.

    9.300 is 9,300 people: nobody counts parts of people. A fraction of a large number comes from a projection and is
    rounded; one of a small number is no number of people.
    """
    if _POINTS.fullmatch(western(text).strip()):
        return float(western(text).strip().replace(".", "")), THOUSANDS
    value = number_of(text)
    if value is None or value == round(value):
        return value, ""
    return (float(round(value)), ROUNDED) if value >= FEWEST_ROUNDED else (None, "")


def degrees_of(text: str) -> float | None:
    """Degrees, with a decimal point or a decimal comma: 11,556 is no thousand."""
    return number_of(re.sub(r"^([+-]?\d{1,3}),(\d+)$", r"\1.\2", western(text).strip()))


def numbers_of(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of many texts, nan where there is none; and whether a percent sign stands there."""
    codes, unique = texts.factorize()
    values = [number_of(text) for text in unique]
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    percent = np.array(["%" in text for text in unique], dtype=bool)
    return numbers[codes], percent[codes]
