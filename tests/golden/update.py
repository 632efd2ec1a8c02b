"""Rewrite the kept numbers: `python -m tests.golden.update`. A change needs a line marked Regression in CHANGELOG."""

from __future__ import annotations

import json

from tests.golden.runs import SCENARIOS, differences, file_of, kept, numbers


def main() -> None:
    """Write every run's numbers, and say which have changed."""
    for name in SCENARIOS:
        now = numbers(name)
        changed = not file_of(name).exists() or bool(differences(now, kept(name)))
        if changed:
            file_of(name).write_text(json.dumps(now, indent=1) + "\n")
        print(f"{name}: {'written' if changed else 'as it was'}")


if __name__ == "__main__":
    main()
