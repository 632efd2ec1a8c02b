"""Translations in gettext's form: a `.po` file, which translators edit, read as what the standard `gettext` looks up.

The `.po` file is what is shipped, and it is read when a page is written in its language: a checkout, an editable
install, a wheel and a source archive need no step of building. What is fuzzy, obsolete or empty is no translation.
`python -m tests.report.texts` brings the file up to date with the sources.
"""

from __future__ import annotations

import ast
import gettext
import io
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

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
