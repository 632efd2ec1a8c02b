"""HTML from parts: whatever is not `Markup` is escaped, so that no text of a scenario or register becomes markup."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

WHOLE = 15  # rows of a table that print keeps on one page
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACE = re.compile(r"[^\S\u00a0\u202f]+")  # no-break spaces stay
_UNSAFE = re.compile(r"[^a-z0-9]+")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


class Foreign(str):
    """English text on a page in another language: marked as such, so that it is read aloud rightly."""

    __slots__ = ()


def plain(text: object) -> str:
    """Text in one line, without control characters, halves of characters and signs that turn the direction."""
    spaced = _SPACE.sub(" ", str(text)).strip()
    if spaced.isprintable():  # none of these signs can be printed; no-break spaces cannot either, and stay
        return spaced
    return "".join(sign for sign in spaced if sign not in _TURNERS and unicodedata.category(sign) not in ("Cc", "Cs"))


def escape(value: object) -> Markup:
    """The value as HTML: markup as it is, anything else made plain and escaped; what is foreign is marked."""
    if isinstance(value, Foreign):
        return Markup(f'<span lang="en">{bare(value)}</span>')
    return value if isinstance(value, Markup) else bare(value)


def bare(value: object) -> Markup:
    """The value as HTML without elements, for attributes and the texts of drawings."""
    return value if isinstance(value, Markup) else Markup(html.escape(plain(value)))


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other, each escaped unless it is markup."""
    return Markup(between.join(escape(part) for part in parts))


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """An element. `class_` and `for_` lose their underscore, others turn it into a hyphen; None leaves one out."""
    written = "".join(f' {_attribute(key)}="{bare(value)}"' for key, value in attributes.items() if value is not None)
    return Markup(f"<{name}{written}>{joined(_spaced(children))}</{name}>")


def _spaced(children: Sequence[object]) -> list[object]:
    """Children; a text keeps the space at its ends, which parts it from its neighbours."""
    return [child if isinstance(child, Markup) else Markup(_edge(str(child), 0) + escape(child) + _edge(str(child), -1))
            for child in children]


def _edge(text: str, at: int) -> str:
    return " " if text[at:at + 1 or None].isspace() and (text.strip() or not at) else ""


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def identifier(name: str) -> str:
    """A name as part of an HTML id: small letters, digits and hyphens; never empty."""
    return _UNSAFE.sub("-", name.lower()).strip("-") or "x"


def items(texts: Iterable[object]) -> Markup:
    """A bulleted list."""
    return tag("ul", *(tag("li", text) for text in texts))


def section(key: str, title: object, *children: object, class_: str | None = None) -> Markup:
    """A section of the page with its heading."""
    return tag("section", tag("h2", title), *children, id=key, class_=class_)


def folded(key: str, title: object, *children: object) -> Markup:
    """A section that is folded under its heading on the screen, and open in print."""
    return tag("section", tag("details", tag("summary", tag("h2", title)), *children, class_="chapter"), id=key)


def details(summary: object, *children: object) -> Markup:
    """What is folded on the screen and open in print."""
    return tag("details", tag("summary", summary), *children)


def table(caption: object, heads: Sequence[object], rows: Iterable[Sequence[object]], *, class_: str = "",
          marked: frozenset[int] = frozenset()) -> Markup:
    """A table in its own scrolling box; the first cell of a row is its heading, rows in `marked` are set off.

    A row that is shorter than the heads has a last cell that goes over what is left.
    """
    head = tag("tr", *(tag("th", cell, scope="col") for cell in heads))
    body = [_row(cells, len(heads), "marked" if place in marked else None) for place, cells in enumerate(rows)]
    held = tag("caption", tag("span", caption, class_="held"))  # stays in view while the columns move under it
    inner = tag("table", held, tag("thead", head), tag("tbody", *body), class_=class_ or None)
    return tag("div", inner, class_="scroll whole" if len(body) <= WHOLE else "scroll", tabindex="0", role="region",
               aria_label=_words(caption))


def _row(cells: Sequence[object], width: int, class_: str | None) -> Markup:
    rest = width - len(cells) + 1
    last = len(cells) - 1
    found = [tag("td", cell, colspan=rest if place == last and rest > 1 else None)
             for place, cell in enumerate(cells) if place]
    return tag("tr", tag("th", cells[0], scope="row"), *found, class_=class_)


def _words(value: object) -> str:
    """The text of markup, for a label."""
    return html.unescape(re.sub(r"<[^>]*>", "", value)) if isinstance(value, Markup) else str(value)


def figure(key: str, title: object, note: object, drawn: object, tables: object) -> Markup:
    """A figure: its title, the drawing and the note under it; and the tables that say the same in numbers."""
    return tag("div", tag("figure", tag("h3", title), drawn, tag("figcaption", note), id=key), tables, class_="exhibit")


def figure_alone(key: str, title: object, drawn: object) -> Markup:
    """A figure whose note and table stand elsewhere in its section."""
    return tag("figure", tag("h3", title), drawn, id=key)


def numbered(number: int, title: object, word: str = "Figure") -> Markup:
    """The title of a figure with its number."""
    return joined((tag("span", f"{word} {number}. ", class_="number"), title))


def english(*children: object) -> Markup:
    """A part of the page that is written in English, whatever the page's language."""
    return tag("div", *children, lang="en")


def panels(pairs: Iterable[tuple[object, object]], class_: str) -> Markup:
    """Small multiples: pairs of (heading, drawing) in a grid that fits the width of the page."""
    return tag("div", *(tag("div", tag("h4", head) if head else "", drawing, class_="panel")
                        for head, drawing in pairs), class_=f"panels {class_}")
