"""Forms of structure as files and options write them: words by the name of the structure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from qicsim.ground.declare import declared
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario.values import one_of
from qicsim.model.columns import Structure

FORMS: dict[str, tuple[str, ...]] = {name: leaf.declaration.choices for name, leaf in declared(Structure).items()}
"""The forms of each structure, the shipped one first."""


def read_forms(faults: Faults, place: str, table: Mapping[str, Any], names: Collection[str] = FORMS.keys()
               ) -> dict[str, str]:
    """The forms that a table states, by structure; what is no form of it is a fault at `{place} {name}`."""
    found = {name: one_of(faults, f"{place} {name}", table[name], FORMS[name]) for name in names if name in table}
    return {name: form for name, form in found.items() if form is not None}


def structure_of(forms: Mapping[str, str], base: Structure | None = None) -> Structure:
    """A structure with some forms; the others are those of `base`, by default the shipped ones."""
    return (base or Structure())._replace(**{name: FORMS[name].index(form) for name, form in forms.items()})


def forms_of(structure: Structure) -> dict[str, str]:
    """The word for every form of a structure."""
    return {name: FORMS[name][number] for name, number in structure._asdict().items()}
