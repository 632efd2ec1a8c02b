"""The scenarios that come with a country."""

from __future__ import annotations

from pathlib import Path

from qicsim.inputs.country import home
from qicsim.inputs.country.record import REFERENCE, Country

__all__ = ["REFERENCE", "policy", "shipped"]


def shipped(country: Country | None = None) -> dict[str, Path]:
    """The scenarios of a country (default: the one that is spoken of) by name, in the order of listing."""
    chosen = country or home()
    return {name: chosen.scenarios[name] for name in chosen.listing}


def policy(country: Country | None = None) -> tuple[str, ...]:
    """What `compare` shows when no scenario is named: the plans of a country, the reference first."""
    return (country or home()).policy
