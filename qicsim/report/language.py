"""The language of a page: fixed texts are written in English and looked up as they are said, like gettext.

    with speaking(KHMER):
        say("{count} scenarios to {year}", count=3, year=2035)

A text is a whole sentence with named fields, never glued from parts, so that a translator can put the fields in the
order of the language. Translations stand in `locale/`, a `.po` file for a language, which translators edit and the
standard `gettext` looks up (`catalogue.py`); what is missing there is said in English and marked as such on the page
(`Foreign`). Texts kept in tables are marked by `text()` where they stand and said where they are used: a test reads the
calls and compares them with the file. What rooms below tell (`qicsim.ground.translatable`) is said `again`.
"""

from __future__ import annotations

import ast
import gettext
import html
import io
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import Told, with_capitals
from qicsim.inputs.country import Country, home, worded
from qicsim.report.elements import Foreign, Markup, escape, plain

LOCALE = Path(__file__).parent / "locale"
MAGIC, HEAD = 0x950412DE, 28


class _Missing(gettext.NullTranslations):
    """What is asked where a text has no translation, so that it can be told from one that reads like the English."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)


def translations(path: Path) -> gettext.NullTranslations:
    """What `gettext` looks up in a `.po` file; a text without translation is a KeyError."""
    found = gettext.GNUTranslations(io.BytesIO(compiled(dict(entries(path.read_text(encoding="utf-8"))))))
    found.add_fallback(_Missing())
    return found


def entries(written: str) -> Iterator[tuple[str, str]]:
    """Text and translation of each entry of a `.po` file that is neither fuzzy, obsolete nor empty; the head first."""
    for block in written.replace("\r\n", "\n").split("\n\n"):
        parts: dict[str, list[str]] = {"msgid": [], "msgstr": []}
        part, fuzzy = "", False
        for line in block.split("\n"):
            if line.startswith("#"):
                fuzzy |= line.startswith("#,") and "fuzzy" in line
                continue
            word, _, rest = line.partition(" ")
            part, quoted = (word, rest) if word in parts else (part, line)
            if part and quoted:
                parts[part].append(ast.literal_eval(quoted))
        english, said = ("".join(parts[name]) for name in ("msgid", "msgstr"))
        if said and not fuzzy:
            yield english, said


def compiled(texts: Mapping[str, str]) -> bytes:
    """The `.mo` form of texts: sorted, with the two tables of lengths and places that gettext's manual describes."""
    pairs = sorted((english.encode(), said.encode()) for english, said in texts.items())
    place, tables, body = HEAD + 16 * len(pairs), [], b""
    for column in zip(*pairs, strict=True):
        for one in column:
            tables += [len(one), place + len(body)]
            body += one + b"\0"
    head = (MAGIC, 0, len(pairs), HEAD, HEAD + 8 * len(pairs), 0, 0)
    return struct.pack(f"<{len(head) + len(tables)}I", *head, *tables) + body


ASSETS = Path(__file__).parent / "assets"
FIRST_KHMER, LAST_KHMER = "\u1780", "\u17ff"
CHOICES = ("en", "km", "both")
WORDLESS = re.compile(r"(?:\{\w+\}|[\s,;()/%=–−×])*")
"""A text of fields and of signs that are the same in every language."""


@dataclass(frozen=True, eq=False)
class Language:
    """A language of pages: its code (as in HTML), its own name, and the translations of texts."""

    code: str
    name: str
    catalogue: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def translated(self, english: str) -> tuple[str, bool]:
        """A text in this language and True; the English and False where it has no translation."""
        try:
            wordless = WORDLESS.fullmatch(english)
            return english if wordless else worded(self.catalogue.gettext(english), self.code), True
        except KeyError:
            return worded(english), False


ENGLISH = Language("en", "English")
_spoken: ContextVar[Language] = ContextVar("language", default=ENGLISH)


@cache
def khmer() -> Language:
    """Khmer, from its file."""
    return Language("km", "ភាសាខ្មែរ", translations(LOCALE / "km.po"))


def languages(choice: str) -> tuple[Language, ...]:
    """The languages of a choice: en, km or both; SettingError for another."""
    if choice not in CHOICES:
        raise SettingError("", [Fault("language", f'"{choice}"', ", ".join(CHOICES))])
    return (*((ENGLISH,) if choice != "km" else ()), *((khmer(),) if choice != "en" else ()))


def spoken() -> Language:
    """The language that is spoken here."""
    return _spoken.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything in a language, for the time of a `with`."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def text(english: str) -> str:
    """A text for a table, said later: marks it for translators and gives it back."""
    return english


def say(english: str, **fields: object) -> str:
    """The text in the language spoken, with its fields; `Foreign` where it is not translated."""
    found, known = spoken().translated(english)
    said = found.format(**_with_facts(fields))
    return said if known else Foreign(said)


def _with_facts(fields: dict[str, object]) -> dict[str, object]:
    """The fields of a text, and what every text may say of the country."""
    return _facts(home(), spoken().code) | fields


@cache
def _facts(country: Country, language: str) -> dict[str, object]:
    currency = country.currency.names.get(language, country.currency.name)
    return {"country": country.named(language), "people": country.people, "currency": currency,
            "Currency": currency[:1].upper() + currency[1:]}


def phrase(english: str, **fields: object) -> Markup:
    """As `say`, as HTML: fields that are markup stay markup, everything else is escaped."""
    found, known = spoken().translated(english)
    said = html.escape(plain(found)).format(**{name: escape(value) for name, value in _with_facts(fields).items()})
    return Markup(said if known else f'<span lang="en">{said}</span>')


def again(told: str) -> str:
    """What an analysis told in English, in the language spoken; its fields likewise where they were told."""
    if not isinstance(told, Told):
        return say(told)
    if not told.fields:
        return text_of(told.template)
    fields = {name: again(value) if isinstance(value, Told) else value for name, value in told.fields.items()}
    return say(told.template, **with_capitals(fields))


def counted(count: int, one: str, many: str, **fields: object) -> str:
    """A text for one thing or one for many, with `count` among its fields."""
    return say(one if count == 1 else many, count=f"{count:,}", **fields)


def text_of(written: str) -> str:
    """A text that a scenario, a parameter or a grade carries: translated if it is shipped, else as it is written."""
    if isinstance(written, Told) and written.fields:
        return again(written)
    found, known = spoken().translated(written)
    return found if known else untranslated(written)


def untranslated(written: str) -> str:
    """What keeps its words in every language (a citation, a code, a user's text): marked unless it is in Khmer."""
    if spoken() is ENGLISH or not written or any(FIRST_KHMER <= sign <= LAST_KHMER for sign in written):
        return written
    return Foreign(written)


def name_of(title: str) -> str:
    """A scenario's title: translated if it is a shipped one, as it is if it is written in Khmer, else in English."""
    return text_of(title)


def place_name(province: str) -> str:
    """A province's name in the language spoken; places that are no provinces keep theirs."""
    if spoken() is ENGLISH:
        return province
    return _names(home(), spoken().code).get(province) or Foreign(province)


@cache
def _names(country: Country, language: str) -> dict[str, str]:
    return {province.name: province.names.get(language, "") for province in country.provinces}
