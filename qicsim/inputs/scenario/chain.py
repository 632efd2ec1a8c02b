"""From a file to the layers that it stands on: the file that it extends, the one which that extends, and so on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from qicsim.ground.errors import Fault, Faults, nearest
from qicsim.inputs.country import Country
from qicsim.inputs.scenario.catalogue import shipped
from qicsim.inputs.scenario.files import ENDINGS, read_document
from qicsim.inputs.scenario.layer import Layer, inside, read_layer
from qicsim.inputs.scenario.values import show

DEEPEST = 8


def read_chain(faults: Faults, path: Path, country: Country) -> list[Layer]:
    """The layers of a scenario, the outermost ancestor first; faults of ancestors name their file."""
    layers: list[Layer] = []
    seen: list[Path] = []
    following: Path | None = path
    while following is not None:
        found = Faults()
        document = read_document(found, following)
        seen.append(Path(os.path.realpath(following)))
        following = None
        if document is not None:
            layers.append(read_layer(found, document, path if len(seen) == 1 else seen[-1], country))
            following = _parent(found, layers[-1], seen, shipped(country))
        faults.extend(found if len(seen) == 1 else (_within(seen[-1], fault) for fault in found))
    return layers[::-1]


def _within(file: Path, fault: Fault) -> Fault:
    """The fault with the name of the file that it stands in."""
    return replace(fault, place=f"{file.name}: {fault.place}".removesuffix(": "))


def _parent(faults: Faults, layer: Layer, seen: list[Path], known: Mapping[str, Path]) -> Path | None:
    """The file that a layer extends, or None when it extends nothing or cannot extend that."""
    name = layer.extends
    if name is None:
        return None
    path = known.get(name)
    if path is None and not name.lower().endswith(ENDINGS):
        faults.add("extends", f"{show(name)} is not a shipped scenario", hint=nearest(name, known)
                   or 'A file of your own is named with its ending: extends = "base.toml"')
        return None
    path = path or inside(faults, "extends", name, layer.file.parent)
    if path is None:
        return None
    if Path(os.path.realpath(path)) in seen:
        circle = " -> ".join([*(file.name for file in seen), path.name])
        faults.add("extends", f"the scenarios extend each other in a circle: {circle}")
        return None
    if len(seen) >= DEEPEST:
        faults.add("extends", f"{len(seen)} scenarios stand on each other", allowed=f"at most {DEEPEST}")
        return None
    return path
