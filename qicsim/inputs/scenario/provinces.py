"""The 25 provinces of Cambodia by their English names, the most populous (census of 2019) first.

A scenario names provinces before any register is read, so the names stand here as well as in the world's data; a test
holds the two together.
"""

from __future__ import annotations

PROVINCES = (
    "Phnom Penh", "Kandal", "Prey Veng", "Siem Reap", "Battambang", "Takeo", "Kampong Cham", "Kampong Speu",
    "Banteay Meanchey", "Tboung Khmum", "Kampong Thom", "Kampot", "Kampong Chhnang", "Svay Rieng", "Pursat", "Kratie",
    "Preah Sihanouk", "Oddar Meanchey", "Preah Vihear", "Ratanakiri", "Stung Treng", "Koh Kong", "Mondulkiri",
    "Pailin", "Kep",
)


def completed(order: tuple[str, ...]) -> tuple[str, ...]:
    """The provinces of `order`, then those that it leaves out, the most populous first."""
    return (*order, *(name for name in PROVINCES if name not in order))
