"""Reading one scenario file into plain tables, with a fault instead of a surprise for anything that is not one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qicsim.ground.errors import repeated
from qicsim.ground.files import MOST_KEY_PARTS, line_of_long_key, read_plain
from qicsim.inputs.scenario.values import Faults, show

LARGEST = 1_000_000
ENDINGS = (".toml", ".json")
_BARE_MONTH = re.compile(r"=\s*\d{4}-\d{2}\s*(#.*)?$")


def read_document(faults: Faults, path: Path) -> dict[str, Any] | None:
    """The tables of a TOML or JSON file; None, with faults noted, when it cannot be read."""
    content = _content(faults, path)
    source = None if content is None else _decoded(faults, content)
    if source is None:
        return None
    parse: Callable[[Faults, str], dict[str, Any] | None] = _toml if path.suffix.lower() == ".toml" else _json
    try:
        return parse(faults, source)
    except RecursionError:
        faults.add("", "tables or lists are nested too deeply")
        return None


def _content(faults: Faults, path: Path) -> bytes | None:
    """The bytes of a file of acceptable kind and size."""
    if path.suffix.lower() not in ENDINGS and not path.is_dir():
        faults.add("", f'the name does not end in {" or ".join(ENDINGS)}')
        return None
    try:
        return read_plain(path, LARGEST)
    except ValueError as error:
        large = "A scenario is a page of text; put data into files of their own and name them under [data]"
        faults.add("", str(error), hint=large if "larger" in str(error) else "")
        return None


def _decoded(faults: Faults, content: bytes) -> str | None:
    """The text of a file; a byte-order mark at its beginning does no harm."""
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(f"line {line}", "this is not UTF-8 text", hint="Save the file with the encoding UTF-8")
        return None
    if not source.strip():
        faults.add("", "the file is empty")
        return None
    return source


def _toml(faults: Faults, source: str) -> dict[str, Any] | None:
    if line := line_of_long_key(source):
        faults.add(f"line {line}", f"a key has more than {MOST_KEY_PARTS} parts")
        return None
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        _not_toml(faults, source, str(error))
        return None
    except ValueError:
        faults.add("", "this is not TOML: a number has too many digits")
        return None


def _not_toml(faults: Faults, source: str, message: str) -> None:
    """A fault with the line, and with the most frequent cause when it can be seen there."""
    what, _, where = message.partition(" (at ")
    found = re.match(r"line (\d+)", where)
    lines = source.splitlines()
    line = lines[int(found[1]) - 1] if found and int(found[1]) <= len(lines) else ""
    hint = 'A month is written in quotes: "2027-01"' if _BARE_MONTH.search(line) else ""
    faults.add(where.rstrip(")"), f"this is not TOML: {what[:1].lower()}{what[1:]}", hint=hint)


def _json(faults: Faults, source: str) -> dict[str, Any] | None:
    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name in sorted(repeated(key for key, _ in pairs)):
            faults.add("", f"{show(name)} is written twice in one table")
        return dict(pairs)

    try:
        document = json.loads(source, object_pairs_hook=table)
    except json.JSONDecodeError as error:
        faults.add(f"line {error.lineno}, column {error.colno}", f"this is not JSON: {error.msg}")
        return None
    except ValueError:
        faults.add("", "this is not JSON: a number has too many digits")
        return None
    if not isinstance(document, dict):
        faults.add("", f"{show(document)} stands where a table should")
        return None
    return document
