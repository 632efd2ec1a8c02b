"""The posterior file, and the tables that lie beside the shipped one.

The file holds draws of equal weight and how they were made, readable with numpy alone.
"""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np

from qicsim import __version__
from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.targets import CALIBRATION
from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import shipped_path, write_bytes, write_text
from qicsim.runs.posterior import read_posterior

NAME = "posterior.npz"
FIRST_RUNS = 8
KINDS: dict[type, Callable[[str], Any]] = {str: str, float: float, int: int, bool: lambda text: text == "True"}
T = TypeVar("T")


def posterior_provenance(fitted: Fit, *, targets: dict[str, str], command: str) -> dict[str, Any]:
    """How the posterior was made; JSON-able. `targets` names the file and its digest.

    `first_runs` are the summaries of the first runs of the bank: a model that gives others is not the one fitted.
    """
    known, study, rounds = fitted.posterior.diagnostics, fitted.study, fitted.rounds
    return {
        "command": command, "qicsim": __version__, "python": platform.python_version(), "numpy": np.__version__,
        "source_digest": SOURCE_DIGEST, "simulator_digest": fitted.problem.identity, "study_digest": study.digest,
        "targets": targets, "fitted": [target.summary for target in fitted.problem.targets], "seed": study.seed,
        "table2": study.table2, "kept": list(study.kept), "free": list(study.parameters),
        "fixed": dict(study.fixed or {}),
        "method": known.method, "chosen": known.chosen, "runs_of_prior": len(fitted.bank),
        "runs_of_rounds": len(fitted.pool) - len(fitted.bank), "considered": known.considered,
        "accepted": known.accepted, "acceptance": known.acceptance, "effective_sample": known.effective_sample,
        "tolerance": known.tolerance, "pareto_k": known.pareto_k, "stopped": rounds.stopped,
        "rounds": [asdict(one) for one in rounds.rounds],
        "runs_without_a_summary": len(fitted.pool.failed),
        "first_runs": [[None if np.isnan(value) else float(value) for value in row]
                       for row in fitted.bank.values[:FIRST_RUNS]]}


def shipped_rows(record: type[T], name: str) -> tuple[T, ...]:
    """The rows of a table beside the shipped posterior as records of a dataclass; none where it is not shipped."""
    path = shipped_path(CALIBRATION, name)
    if not path.exists():
        return ()
    kinds = {field: KINDS[kind] for field, kind in get_type_hints(record).items()}
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(record(**{field: kind(row[field]) for field, kind in kinds.items()})
                     for row in csv.DictReader(file))


def write_posterior(path: Path, parameters: Sequence[str], values: np.ndarray, provenance: dict[str, Any]) -> None:
    """Write draws (n, parameters) to the file, and their provenance as JSON next to it."""
    content = io.BytesIO()
    np.savez_compressed(content, parameters=np.array(parameters), values=values,
                        provenance=np.array(json.dumps(provenance)))
    write_bytes(path, content.getbuffer())
    write_text(path.with_suffix(".json"), json.dumps(provenance, indent=1) + "\n")


def inference_data(path: Path | str) -> Any:
    """The draws of a posterior file as arviz InferenceData (a DataTree from arviz 1 on), one chain.

    SettingError where arviz is not installed.
    """
    try:
        arviz = import_module("arviz")
    except ImportError:
        raise SettingError("", [Fault("arviz", "is not installed", hint="pip install arviz")]) from None
    held = read_posterior(path)
    draws = {name: held.values[None, :, i] for i, name in enumerate(held.parameters)}
    try:
        return arviz.from_dict(posterior=draws)
    except TypeError:  # arviz 1 takes groups by name in one dictionary
        return arviz.from_dict({"posterior": draws})
