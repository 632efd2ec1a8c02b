"""The posterior file: draws of equal weight and how they were made, readable with numpy alone."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from qicsim import __version__
from qicsim.calibrate.cambodia import parameter_names
from qicsim.calibrate.fitting import Fit, whole_values
from qicsim.compiled import SOURCE_DIGEST
from qicsim.ensemble.posterior import read_posterior
from qicsim.errors import Fault, SettingError

NAME = "posterior.npz"


def posterior_values(fitted: Fit, n: int) -> np.ndarray:
    """`n` posterior draws of equal weight: values of all parameters, (n, all)."""
    cube = fitted.posterior.resampled(n, fitted.study.seed)
    return whole_values(fitted.study, fitted.problem.quantile(cube))


def posterior_provenance(fitted: Fit, *, targets: dict[str, str], command: str) -> dict[str, Any]:
    """How the posterior was made; JSON-able. `targets` names the file and its digest."""
    known, study, rounds = fitted.posterior.diagnostics, fitted.study, fitted.rounds
    return {
        "command": command, "qicsim": __version__, "python": platform.python_version(), "numpy": np.__version__,
        "source_digest": SOURCE_DIGEST, "simulator_digest": fitted.problem.identity, "study_digest": study.digest,
        "targets": targets, "fitted": [target.summary for target in fitted.problem.targets], "seed": study.seed,
        "free": list(study.parameters), "fixed": dict(study.fixed or {}),
        "method": known.method, "chosen": known.chosen, "runs_of_prior": len(fitted.bank),
        "runs_of_rounds": len(fitted.pool) - len(fitted.bank), "considered": known.considered,
        "accepted": known.accepted, "acceptance": known.acceptance, "effective_sample": known.effective_sample,
        "tolerance": known.tolerance, "pareto_k": known.pareto_k, "stopped": rounds.stopped,
        "rounds": [asdict(one) for one in rounds.rounds],
        "runs_without_a_summary": len(fitted.pool.failed)}


def write_posterior(path: Path, values: np.ndarray, provenance: dict[str, Any]) -> None:
    """Write the file beside its place and rename it, and its provenance as JSON next to it."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        np.savez_compressed(file, parameters=np.array(parameter_names()), values=values,
                            provenance=np.array(json.dumps(provenance)))
    beside.replace(path)
    path.with_suffix(".json").write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


def inference_data(path: Path | str) -> Any:
    """The draws of a posterior file as arviz InferenceData, one chain; SettingError where arviz is not installed."""
    try:
        arviz = import_module("arviz")
    except ImportError:
        raise SettingError("", [Fault("arviz", "is not installed", hint="pip install arviz")]) from None
    held = read_posterior(path)
    return arviz.from_dict(posterior={name: held.values[None, :, i] for i, name in enumerate(held.parameters)})
