"""Make the kept figures: `python -m experiments.verification [NAME ...]`; all of them where none is named.

`python -m experiments.verification checks` prints the table of checks of what ships, and keeps it in
`calibration/checks.csv`, from which pages name what is missed.
"""

from __future__ import annotations

import sys
import textwrap
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent
PATTERNS = (
    "topics",
    "composite",
    "baseline",
    "sustain",
    "incentive",
    "record",
    "clients",
    "attrition",
    "order",
    "rollout",
    "luck",
    "limits",
)
CHECKS = "checks"
LONG_LABELS = ("rollout",)
STYLE = {
    "svg.hashsalt": "qicsim",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
}


def make(name: str) -> Path:
    """The figure of a pattern with its caption below; returns the file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(6.2, 4.6))
        axes = figure.add_axes((0.12, 0.36, 0.84, 0.57))
        caption = import_module(f"experiments.verification.{name}").draw(axes)
        if name in LONG_LABELS:
            axes.set_position((0.33, 0.36, 0.63, 0.57))
        figure.text(0.02, 0.225, textwrap.fill(caption, 100), fontsize=7.5, va="top")
        path = FOLDER / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
    return path


def main(names: list[str]) -> int:
    """Make the named figures, or all; print the table of checks; 2 for a name that is neither."""
    if names == [CHECKS]:
        checks = import_module(f"experiments.verification.{CHECKS}")
        print(checks.table())  # noqa: T201
        print(checks.write())  # noqa: T201
        return 0
    unknown = [name for name in names if name not in PATTERNS]
    if unknown:
        print(f"no such pattern: {', '.join(unknown)}. Patterns: {', '.join(PATTERNS)}; or {CHECKS}", file=sys.stderr)  # noqa: T201
        return 2
    for name in names or PATTERNS:
        print(make(name))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
