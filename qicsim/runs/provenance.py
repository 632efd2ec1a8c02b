"""Provenance: what it takes to make the same numbers again."""

from __future__ import annotations

import platform
import re
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import qicsim
from qicsim.ground.compiled import SOURCE_DIGEST, extension_digests
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files
from qicsim.runs.draws import names
from qicsim.runs.ensemble import Ensemble

PACKAGES = ("numpy", "scipy", "numba", "pandas", "networkx", "mesa", "matplotlib", "SALib")


def provenance(ensemble: Ensemble, *, command: str) -> dict[str, object]:
    """Command, versions, source digest, seed, draws, resolved scenarios with digests of their data; JSON-able."""
    return {
        "command": command, **versions(), "seed": ensemble.seed, "draws": len(ensemble.draws),
        "draws_from": ensemble.draws.source,
        "modules": {one.module: one.source for one in ensemble.draws.modules},
        "from_prior": list(ensemble.draws.filled), "parameters": list(names()), "replicates": ensemble.replicates,
        "scenarios": {name: scenario_facts(runner.scenario) for name, runner in ensemble.runners.items()}}


def versions() -> dict[str, object]:
    """Versions of this program, of Python and of the libraries; digests of compiled sources and of extensions."""
    added = {Path(word).name: digest[:16] for word, digest in extension_digests().items()}
    facts: dict[str, object] = {"qicsim": qicsim.__version__, "python": platform.python_version(),
                                "packages": {package: _version(package) for package in PACKAGES},
                                "source_digest": SOURCE_DIGEST}
    return facts | ({"extensions": added} if added else {})


def scenario_facts(scenario: Scenario) -> dict[str, object]:
    """A scenario's digest, those of its data files, and its resolved form."""
    data = {key: sha256(path.read_bytes()).hexdigest() for key, path in data_files(scenario).items()}
    return {"world": {"name": scenario.country.key, "digest": scenario.country.digest}, "digest": scenario.digest,
            "data": data, "resolved": scenario.resolved()}


@cache
def constraints() -> str:
    """Exact versions of this program and of all that it needs, a file for `pip install --constraint`."""
    found: dict[str, str] = {}
    waiting = ["qicsim"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue
        found[name] = there.version
        needs = [one for one in there.requires or () if "extra ==" not in one]
        waiting += [_NAME.match(one).group().lower().replace("_", "-") for one in needs]  # type: ignore[union-attr]
    held = [f"{name}=={number}\n" for name, number in sorted(found.items()) if name != "qicsim"]
    return (f"# pip install qicsim=={qicsim.__version__} --constraint constraints.txt\n"
            f"# Python {platform.python_version()}\n{''.join(held)}")


_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
