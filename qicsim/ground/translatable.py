"""A sentence that remembers how it was made, so that a page can say it again in another language.

    tell("{count} draws are few.", count=20)        # reads "20 draws are few.", keeps the template and its fields

Analyses tell in English; who prints plain text uses it as it is, and a page looks the template up in its language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    told = Told(rewording(template, "en").format(**fields))
    told.template, told.fields = template, fields
    return told
