"""The words of a country in place of those that texts use: `terms` of world.toml, a table for each language.

    [terms.en]
    "operational district" = "county"
    "operational districts" = "counties"

Whole words are replaced, the longest first, in texts of the program before their fields are filled in, so that names
and files of users keep theirs; `code` stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from qicsim.ground import translatable
from qicsim.inputs.country.files import home
from qicsim.inputs.country.record import Country


def worded(template: str, language: str = "en") -> str:
    """A text of the program in the words of the country that is spoken of."""
    country = home()
    return _rewriter(country, language)(template) if country.terms.get(language) else template


@cache
def _rewriter(country: Country, language: str) -> Callable[[str], str]:
    terms = country.terms[language]
    lower = {term.lower(): said for term, said in terms.items()}
    ordered = sorted(terms, key=len, reverse=True)
    pattern = re.compile(r"\{[^{}]*\}|`[^`]*`|\b(?:" + "|".join(map(re.escape, ordered)) + r")\b", re.IGNORECASE)

    def replaced(match: re.Match[str]) -> str:
        found = match[0]
        if found.startswith(("{", "`")) or found in terms:
            return terms.get(found, found)
        said = lower[found.lower()]
        return said[:1].upper() + said[1:] if found[:1].isupper() else said

    return cache(lambda template: pattern.sub(replaced, template))


translatable.rewording = worded
