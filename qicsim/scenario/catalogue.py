"""The scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

REFERENCE = "reported"
"""The scenario that the others are compared with."""

PAST = (REFERENCE, "pbf-only", "hold-398")
"""What happened, and two ways in which it might have gone."""

POLICY = (
    REFERENCE, "national-2030", "national-continuous", "national-2028", "institutionalised", "coaching-intensive",
    "peer-exchange", "pbf-reform", "national-with-reform", "accreditation", "equity-first", "capped-budget",
    "donor-exit-2029", "best-package",
)
"""The plans that `compare` shows when none are named."""

STUDY = ("qic-without-pbf", "neither", "reference-trial")
"""Cells of the factorial study, and the trial that the checks of the model use."""

LISTING = (*PAST, *POLICY[1:], *STUDY)
"""Every shipped scenario, in the order in which lists show them."""

_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios")


def folder() -> Path:
    """The folder of shipped scenarios: inside the installed package, or beside it in a checkout."""
    return next((place for place in _FOLDERS if (place / f"{REFERENCE}.toml").is_file()), _FOLDERS[-1])


def shipped() -> dict[str, Path]:
    """The shipped scenarios by name, in the order of listing."""
    place = folder()
    return {name: place / f"{name}.toml" for name in LISTING if (place / f"{name}.toml").is_file()}
