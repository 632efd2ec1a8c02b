"""Numbers as readers see them."""

from __future__ import annotations

MILLION = 1e6
