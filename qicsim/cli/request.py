"""The request that options make, and the folder or file that it may write: refused here, before anything is run."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qicsim.cli import values
from qicsim.cli.options import Option
from qicsim.cli.written import output_folder
from qicsim.ground.outputs import Output, Request, digest_of
from qicsim.inputs.country import home
from qicsim.inputs.country.files import country_files

DATA = ("register.csv", "scores.csv", "joined.csv", "provenance.json")
"""Files of a data folder, or of the folder of a run, that shape results; levels are made from them."""


def output_of(options: argparse.Namespace, names: Iterable[str], *, own: bool = False, same: str = "") -> Output:
    """The output of a command in the folder of its `--out`; SettingError for what must not be replaced."""
    place = output_folder(options.out)
    return Output(place, names, request_of(options), replace=options.replace, own=own, same=same)


def output_of_files(options: argparse.Namespace, files: Sequence[Path]) -> list[Output]:
    """The outputs, one for each folder, of a command that writes files by name; the errors of `output_of`."""
    request = request_of(options)
    return [Output(output_folder(str(folder)), [file.name for file in files if file.parent == folder], request,
                   replace=options.replace, single=True) for folder in dict.fromkeys(file.parent for file in files)]


def request_of(options: argparse.Namespace) -> Request:
    """The command, the options that shape its results, and digests of scenarios and files that they name."""
    asked: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    for option in options.taken.values():
        value = getattr(options, option.attribute)
        if option.shapes and value is not None and value is not False and value not in ([], {}, ()):
            asked[option.typed] = _recorded(option, value, inputs)
    if "scenarios" in vars(options) and not options.scenarios:
        add_scenarios(inputs, _policy())
    if not vars(options).get("alone", True):
        add_scenarios(inputs, _policy())
    if not home().is_default:
        inputs |= {f"world {home().key}/{path.name}": digest_of(path) for path in country_files(home())}
    return Request(options.asked, asked, dict(sorted(inputs.items())))


def _recorded(option: Option, value: Any, inputs: dict[str, str]) -> Any:
    """What is recorded of an option: names of files without their folders; their digests go to `inputs`."""
    if option.scenario:
        names = value if isinstance(value, list) else [value]
        add_scenarios(inputs, names)
        found = [Path(name).name for name in names]
        return found if isinstance(value, list) else found[0]
    if option.read is values.drawn:
        return _drawn(value if isinstance(value, dict) else {"draws": value}, inputs)
    if isinstance(value, dict):  # a screening
        return {key: named(one, inputs) if isinstance(one, str) else one for key, one in value.items()}
    if option.read is values.path or option.attribute == "source":
        return [named(one, inputs) for one in value] if isinstance(value, list) else named(value, inputs)
    return value if isinstance(value, str | int | float | bool | list | tuple) else str(value)


def _drawn(value: dict[str, Any], inputs: dict[str, str]) -> int | str:
    """Draws as they are typed, whether their number was or is that of the command: 64, prior, or prior:64."""
    number, source = value.get("draws"), named(value["source"], inputs) if "source" in value else ""
    return number if number and not source else f"{source}:{number}" if number else source


def named(text: str, inputs: dict[str, str]) -> str:
    """The name of a file or folder, with its digest noted; a word that is neither as it is."""
    path = Path(text)
    if path.is_dir():
        inputs |= {f"{path.name}/{name}": digest_of(path / name) for name in DATA if (path / name).is_file()}
    elif path.is_file():
        inputs[path.name] = digest_of(path)
    else:
        return text
    return path.name


def add_scenarios(inputs: dict[str, str], names: Iterable[str]) -> None:
    """Note the digests of what scenarios' own files say, whatever holds for all scenarios of the call."""
    from qicsim.inputs.scenario import load_scenario

    inputs |= {Path(name).name: load_scenario(name).digest for name in names}


def _policy() -> tuple[str, ...]:
    from qicsim.inputs.scenario import policy

    return policy()
