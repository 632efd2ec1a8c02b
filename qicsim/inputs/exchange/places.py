"""Provinces and facility types as files write them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import cache

from qicsim.inputs.exchange.synonyms import first_fit, holds, normal, words
from qicsim.inputs.world.provinces import provinces
from qicsim.inputs.world.register import HOSPITAL_TYPES

ASSUMED = "?"
LEVEL = "does not say the level of the hospital; read as CPA1"
CODE = "is read by the level that it says"
NAME = "is not a known type; the groups or the name decide"


@cache
def _provinces() -> dict[str, str]:
    """Normalised spelling -> English name: names in both languages, codes, ISO codes, spelling variants."""
    found: dict[str, str] = {}
    for province in provinces():
        iso = province.iso.lower().replace("-", " ")
        texts = (province.name, province.name_km, province.code, str(int(province.code)), iso, iso.replace(" ", ""))
        found |= {normal(text): province.name for text in texts}
    return found | {text: name for name, texts in words("provinces").items() for text in texts}


def province_of(text: str) -> str:
    """The English name of the province that a text names, whatever its spelling; "" if none."""
    short = normal(text)
    known = _provinces()
    return known.get(short) or known.get(_bare(short), "")


def district_of(text: str) -> str:
    """The name of an operational district for comparing: normalised, without the words around it."""
    short = normal(text)
    for word in words("around")["district"]:
        short = f" {short} ".replace(f" {word} ", " ").strip() if word.isascii() else short.replace(word, " ").strip()
    return short or normal(text)


def province_spellings() -> list[str]:
    """Names of the provinces, for suggestions."""
    return [province.name for province in provinces()]


def nearest_province(text: str) -> tuple[str, float]:
    """The province whose name is nearest to a text, "" if none is near; and how alike the two are, 0-1."""
    known = _provinces()
    near = get_close_matches(normal(text), list(known), n=1, cutoff=0.6)
    return (known[near[0]], SequenceMatcher(None, normal(text), near[0]).ratio()) if near else ("", 0.0)


def _bare(short: str) -> str:
    """A name without the words and numbers that stand around it."""
    for word in words("around")["province"]:
        short = f" {short} ".replace(f" {word} ", " ").strip() if word.isascii() else short.replace(word, " ").strip()
    return short.lstrip("0123456789 ") or short


def kind_of(texts: tuple[str, ...], exact: tuple[str, ...], table: Mapping[str, str]) -> tuple[str, str]:
    """A facility's type (one of KINDS, "" if it cannot be told) and what is assumed of it: "", LEVEL, CODE or NAME.

    The user's table counts first: whole texts (also uid, code and id, in `exact`), then words inside texts. `texts`
    are type, groups and name, normalised, in the order in which they count. The level that a hospital says, like CPA2,
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
    surer = [fit for fit in fits if fit in HOSPITAL_TYPES] if fits and fits[0].endswith(ASSUMED) else []
    found = (*surer, *fits, "")[0]
    if levels and (found.rstrip(ASSUMED) in HOSPITAL_TYPES or not found):
        if len(levels[0]) > 1:
            return "", ""
        level = levels[0][0]
        return level, "" if level == found.rstrip(ASSUMED) else CODE
    if found.endswith(ASSUMED):
        return found.rstrip(ASSUMED), LEVEL
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

