"""One rule for what is written into a folder (`docs/output-folders.md`).

The same request replaces its own files. What another request wrote, what somebody changed since, and what is not known
to be qicsim's is replaced only when the user says so, and is refused before anything is run. A record in the folder
holds requests and the digests of what they wrote; files that bear other names are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import MEGABYTE, alone_in, from_json, read_plain, refuse_folders, write_text

RECORD = ".qicsim-written.json"
BEGUN = ".qicsim-begun"
MOST = 100 * MEGABYTE
SHOWN, LONGEST, WHOLE = 3, 60, 1e15
OTHERWISE = "another folder or name, or `--replace` to write over it"


@dataclass(frozen=True)
class Request:
    """What was asked for: a command, the options that shape its results, and digests of its inputs by name."""

    command: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The request as JSON has it."""
        found: dict[str, Any] = json.loads(json.dumps(
            {"command": self.command, "options": dict(self.options), "inputs": dict(self.inputs)}, sort_keys=True))
        return found

    @property
    def digest(self) -> str:
        """What tells the request from others."""
        return sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()[:16]


class Output:
    """The files that a request may write into a folder; made, it has refused what must not be replaced."""

    def __init__(self, folder: Path, names: Iterable[str], request: Request, *, replace: bool = False,
                 own: bool = False, single: bool = False, same: str = "") -> None:
        """Look into the folder, and refuse; nothing is written yet.

        Args:
            folder: there or not.
            names: files that may be written; those that the same command wrote before are added.
            request: what is asked for.
            replace: write over everything.
            single: the names are all; other files that the same command wrote into the folder are no part of it.
            same: what may change without making another request, said where one is refused.
            own: files of these names without a record are the request's own, as in a folder of an earlier version.

        Raises:
            SettingError: with a fault for each cause.
        """
        self.folder, self.request, self.replace, self.same = folder, request, replace, same
        record = _read(folder)
        self.files: dict[str, dict[str, str]] = record["files"]
        self.requests: dict[str, Any] = record["requests"]
        earlier = () if single else [name for name, one in self.files.items()
                                     if self._command(one["request"]) == request.command]
        self.names = tuple(dict.fromkeys((*names, *earlier)))
        refuse_folders(folder, self.names)
        if not replace:
            begun = _text(folder / BEGUN) == request.digest
            self._refuse(own=own or begun, begun=begun)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder while the request is run and written; a killed process leaves a mark that it had begun."""
        with alone_in(self.folder):
            write_text(self.folder / BEGUN, self.request.digest)
            try:
                yield
            except BaseException:
                if not self._unrecorded():
                    (self.folder / BEGUN).unlink(missing_ok=True)
                raise
            (self.folder / BEGUN).unlink(missing_ok=True)

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Record the request before its results, so that others know it; the record goes if nothing came of it."""
        new = [place for place in (self.folder, *self.folder.parents) if not place.exists()]
        if self.request.digest not in self.requests:
            with suppress(FileNotFoundError):  # another shard, on another machine, records the same at the same moment
                self.keep()
        try:
            yield
        except BaseException:
            if new and [path.name for path in self.folder.iterdir()] == [RECORD]:
                (self.folder / RECORD).unlink()
                for place in new:
                    place.rmdir()
            raise

    def keep(self, files: Sequence[Path | str] = (), *, others: bool = False) -> None:
        """Record what was written, and remove what the same command wrote before and not now, unless it was changed.

        With `others`, and without files, nothing is removed.
        """
        written = [Path(file).name for file in files]
        record = _read(self.folder)  # another command may have written into the folder meanwhile
        self.files, self.requests = record["files"], record["requests"]
        for name in set(self.names) & set(self.files) - set(written) if files and not others else ():
            one, path = self.files[name], self.folder / name
            if self._command(one["request"]) == self.request.command and digest_of(path) in ("", one["sha256"]):
                path.unlink(missing_ok=True)
                del self.files[name]
        self.requests[self.request.digest] = self.request.facts
        self.files |= {name: {"request": self.request.digest, "sha256": digest_of(self.folder / name)}
                       for name in written}
        needed = {one["request"] for one in self.files.values()} | {self.request.digest}
        facts = {"about": "What qicsim wrote here, and for which request: see docs/output-folders.md.",
                 "requests": {key: one for key, one in sorted(self.requests.items()) if key in needed},
                 "files": dict(sorted(self.files.items()))}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / RECORD, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")

    def _command(self, request: str) -> str:
        return str(self.requests.get(request, {}).get("command", ""))

    def _unrecorded(self) -> list[str]:
        """Files that are there in another form than the record has it."""
        return [name for name in self.names if (self.folder / name).exists()
                and self.files.get(name, {}).get("sha256") != digest_of(self.folder / name)]

    def _refuse(self, *, own: bool, begun: bool) -> None:
        """SettingError for files of another request, changed ones, and unknown ones unless they are the request's own.

        Where the request had begun and was killed, a file may be newer than the record.
        """
        there = [name for name in self.names if (self.folder / name).exists()]
        unknown = [name for name in there if name not in self.files]
        others = [name for name in there if name in self.files and self.files[name]["request"] != self.request.digest]
        changed = [name for name in self._unrecorded() if name in self.files]
        faults = [Fault("", f"{_listed(changed)} changed since qicsim wrote it", OTHERWISE)] \
            if changed and not begun else []
        if unknown and not own:
            faults.append(Fault("", f"{_listed(unknown)} there, and not known to be qicsim's own", OTHERWISE))
        if others:
            former = self.requests.get(self.files[others[0]]["request"], {})
            faults.append(Fault("", f"{_listed(others)} there, of another request: "
                                    f"{difference(former, self.request.facts)}", OTHERWISE, self.same))
        if faults:
            raise SettingError(str(self.folder), faults)


def recorded_requests(folder: Path) -> list[dict[str, Any]]:
    """The requests that a folder's record holds."""
    return [one for one in _read(folder)["requests"].values() if isinstance(one, dict)]


def difference(former: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What tells two requests apart, in words: at most three things.

    A file that only one of them names is not told beside the options that name it.
    """
    if former.get("command") != now["command"]:
        return f"that of qicsim {former.get('command') or 'of another version'}"
    options = _unequal(former.get("options", {}), now["options"])
    inputs = _unequal(former.get("inputs", {}), now["inputs"])
    found = [_changed(key, before, after) for key, before, after in options]
    found += [f"{key} is another one now" for key, before, after in inputs if before and after]
    found += [f"{key} {'is new' if after else 'is no longer part of it'}" for key, before, after in inputs
              if not options and not (before and after)]
    return "; ".join(found[:SHOWN]) + ("; and more" if len(found) > SHOWN else "")


def _unequal(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Names under which two mappings hold different things, with both; None where one has none."""
    both = [(key, one.get(key), other.get(key)) for key in dict.fromkeys((*one, *other))]
    return [(key, before, after) for key, before, after in both if before != after]


def _changed(key: str, before: Any, after: Any) -> str:
    return f"{key}: now {_words(after) or 'not given'}, there {_words(before) or 'not given'}"


def _words(value: Any, *, nested: bool = False) -> str:
    """What was asked for, as a person would write it; "" for nothing."""
    if isinstance(value, bool):
        return "given" if value and not nested else "true" if value else "false" if nested else ""
    if isinstance(value, Mapping):
        said = ", ".join(f"{key}={_words(one, nested=True)}" for key, one in value.items())
    elif isinstance(value, list | tuple):
        pairs = all(isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[0], str)  # noqa: PLR2004
                    for one in value)
        parts = [f"{one[0]}={_words(one[1], nested=True)}" if pairs else _words(one, nested=True) for one in value]
        said = parts[0] if len(parts) == 1 else f"({', '.join(parts)})" if parts else ""
    else:
        whole = isinstance(value, float) and value.is_integer() and abs(value) < WHOLE
        said = "" if value is None else f"{value:.0f}" if whole else str(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def digest_of(path: Path) -> str:
    """The sha256 of a file's bytes, "" for what is none or cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


def _listed(names: Sequence[str]) -> str:
    """Names with a verb, at most three."""
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return f"{shown} {'is' if len(names) == 1 else 'are'}"


def _read(folder: Path) -> dict[str, Any]:
    """The record of a folder; empty where there is none that can be read."""
    try:
        record = from_json(read_plain(folder / RECORD, MOST))
        files = {str(name): {"request": str(one["request"]), "sha256": str(one["sha256"])}
                 for name, one in record["files"].items()}
        return {"files": files, "requests": dict(record["requests"])}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"files": {}, "requests": {}}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
