"""The scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

from qicsim.ground.files import shipped_path

REFERENCE = "reported"
"""The scenario that the others are compared with."""

PAST = (REFERENCE, "pbf-only", "hold-398")
"""What happened, and two ways in which it might have gone."""

POLICY = (
    REFERENCE, "pbf-only", "national-2030", "national-continuous", "national-2028", "institutionalised",
    "coaching-intensive", "peer-exchange", "pbf-reform", "national-with-reform", "accreditation", "equity-first",
    "capped-budget", "donor-exit-2029", "best-package",
)
"""What `compare` shows when no scenario is named: the plans, and a past with PBF alone."""

STUDY = ("qic-without-pbf", "neither", "reference-trial")
"""Cells of the factorial study, and the trial that the checks of the model use."""

LISTING = (*PAST, *POLICY[2:], *STUDY)
"""Every shipped scenario, in the order in which lists show them."""


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name, in the order of listing."""
    return {name: shipped_path("scenarios", f"{name}.toml") for name in LISTING}
