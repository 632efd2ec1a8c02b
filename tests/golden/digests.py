"""Digests of what the commands write: `python -m tests.golden.digests` compares, `--update` writes them anew.

The tables are the product: a change of the code that is meant to change no number leaves every digest as it is. The
numbers hold within a machine and its libraries' versions (`exp` and `pow` differ in the last place between platforms),
so the ordinary suite does not compare them. A workbook has no stable bytes: of its sheets the count and sums of all
numbers are compared, to 1e-6 of their size.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("digests.json")
SMALL = ("--draws", "2", "--replicates", "2", "--seed", "1")
COMMANDS: dict[str, tuple[str, ...]] = {
    "compare": ("compare", *SMALL, "--out", "compare"),
    "plan": ("plan", "national-2030", *SMALL, "--out", "plan.xlsx"),
    "decide": ("decide", "--draws", "8", "--replicates", "2", "--seed", "1", "--out", "decide"),
    "export": ("export", "national-2030", "--draws", "2", "--replicates", "1", "--seed", "1", "--today", "2026-11-29",
               "--out", "export"),
    "study": ("experiment", "run", str(ROOT / "experiments" / "pay-and-improve.toml"), "--out", "study"),
    "history": ("history", "SYN-0101-H01", "--scenario", "national-2030", "--out", "history"),
}
RELATIVE = 1e-6


def written(folder: Path, names: tuple[str, ...] = tuple(COMMANDS)) -> dict[str, Any]:
    """Run commands in a folder; the sha256 of every CSV by path, and the moments of every sheet."""
    for name in names:
        done = subprocess.run([sys.executable, "-m", "qicsim", *COMMANDS[name]], cwd=folder, check=False,
                              capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name}: exit {done.returncode}\n{done.stderr}")
    found: dict[str, Any] = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                             for path in sorted(folder.rglob("*.csv"))}
    for path in sorted(folder.glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, int | float)]
            found[f"{path.name}: {sheet.title}"] = [len(cells), sum(cells), sum(place * cell for place, cell
                                                                                in enumerate(cells))]
    return found


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What is missing, new or different, by name."""
    return [name for name in sorted({*expected, *found})
            if not _same(expected.get(name), found.get(name))]


def _same(one: Any, other: Any) -> bool:
    if not (isinstance(one, list) and isinstance(other, list)):
        return bool(one == other)
    return all(abs(a - b) <= RELATIVE * max(abs(a), abs(b), 1e-9) for a, b in zip(one, other, strict=True))


def main(arguments: list[str]) -> int:
    """Compare all or the named commands with what is committed; exit 1 where something differs."""
    update, names = "--update" in arguments, tuple(name for name in arguments if name in COMMANDS) or tuple(COMMANDS)
    expected = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        found = written(Path(folder), names)
    asked = {name: value for name, value in expected.items() if name.partition("/")[0].partition(".")[0] in names}
    if update:
        others = {name: value for name, value in expected.items() if name not in asked}
        FILE.write_text(json.dumps(others | found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    different = differences(asked, found)
    sys.stdout.write("\n".join(different or [f"{len(asked)} digests are equal"]) + "\n")
    return bool(different)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
