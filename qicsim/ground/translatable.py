"""A sentence that remembers how it was made, so that a page can say it again in another language.

    tell("{count} draws are few.", count=20)        # reads "20 draws are few.", keeps the template and its fields

Analyses tell in English; who prints plain text uses it as it is, and a page looks the template up in its language. A
field whose name has a capital letter gets one where a text begins with it: `{Indicator}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def _as_it_is(template: str, _: str) -> str:
    return template


rewording: Callable[[str, str], str] = _as_it_is
"""Puts the words of a country in place of those of a template in a language; `qicsim.inputs.country` sets it."""


class Told(str):  # noqa: SLOT000 it carries what it was made of
    """English text, with the template and the fields (which may be told themselves) that it was made of."""

    template: str
    fields: Mapping[str, object]


def tell(template: str, **fields: Any) -> Told:
    """The template with its fields, as text that remembers both; a field that the template lacks is a KeyError."""
    return _remembering(rewording(template, "en").format(**with_capitals(fields)), template, fields)


def as_written(text: str) -> Told:
    """A text that a file or a declaration carries: looked up as it is, braces and all."""
    return _remembering(rewording(text, "en"), text, {})


def in_a_row(parts: Iterable[str], between: str = "; ") -> Told:
    """Several texts, one after the other."""
    fields = {f"part{place}": part for place, part in enumerate(parts)}
    return tell(between.join(f"{{{name}}}" for name in fields), **fields)


def with_capitals(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields; a text whose name begins with a capital letter begins with one."""
    return {name: value[:1].upper() + value[1:] if name[:1].isupper() and isinstance(value, str) else value
            for name, value in fields.items()}


def _remembering(text: str, template: str, fields: Mapping[str, object]) -> Told:
    told = Told(text)
    told.template, told.fields = template, fields
    return told
