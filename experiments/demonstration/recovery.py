"""Are known parameters found? Many made countries, each calibrated to its own scores as a planner would.

Truths are draws of the shipped posterior, which is the prior of each update too; so central intervals of the updated
posteriors must hold the truth as often as they say. The model is right here by construction: the model discrepancy is
set to 0. (With the usual discrepancy intervals are wider than they need be when the model is right.)
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from experiments.demonstration.country import make_country, small_register, write_country
from qicsim.estimate.calibrate.data_world import DataWorld
from qicsim.estimate.calibrate.fill import CubePoints
from qicsim.estimate.calibrate.joining import compare_joining
from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior, prior_scores
from qicsim.estimate.calibrate.update import Effort, Update, update
from qicsim.inputs.world.register import Register

LEVELS = (0.5, 0.8, 0.9)
TRUTHS_SEED = 20_001
EFFORT = Effort(runs=2048, round_runs=4096, batch=2048)
CONTRACTED = 0.2
SHOWN = 12
DRAWS = 2000
COMPARED = 100
COUNTRIES = "countries.jsonl"


def study(countries: int, folder: Path, *, effort: Effort = EFFORT, register: Register | None = None,
          workers: int | None = None, progress: Callable[[int, int], None] | None = None) -> list[dict]:
    """One record for each country, kept in a file of the folder; what it holds already is not done again."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / COUNTRIES
    done = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    prior, people = InformedPrior.shipped(), register or small_register()
    truths = prior.quantile(CubePoints(len(prior.parameters), TRUTHS_SEED).next(countries))
    for number in range(len(done), countries):
        record = one_country(prior, truths[number], number, people, effort, workers=workers)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        done.append(record)
        if progress is not None:
            progress(number + 1, countries)
    return done[:countries]


def one_country(prior: InformedPrior, truth: np.ndarray, number: int, register: Register, effort: Effort, *,
                workers: int | None = None) -> dict:
    """Make, export, calibrate one country: where the truth ranks, and how far the data contracted each parameter."""
    model = np.array([not name.startswith("observation.") for name in prior.parameters])
    with TemporaryDirectory() as place:
        folder = write_country(make_country(truth[model], TRUTHS_SEED + number, register), Path(place) / "data")
        updated = update(DataWorld.of(folder, workers=workers), prior, effort=effort, discrepancy=0.0)
        draws = updated.values(DRAWS)
        joining = compare_joining(updated.world, np.tile(truth[model], (COMPARED, 1)))
        return {"country": number, "rank": _ranks(draws, truth).tolist(), "contraction": _contraction(updated, draws),
                "effective_sample": updated.posterior.diagnostics.effective_sample,
                "method": updated.posterior.diagnostics.method, "targets": len(updated.aims),
                "joining": None if joining.overall is None else joining.overall.place}


def _ranks(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Share of draws below the truth, half of ties, by parameter."""
    return np.mean((draws < truth) + 0.5 * (draws == truth), axis=0)


def _contraction(updated: Update, draws: np.ndarray) -> list[float]:
    first = updated.prior.quantile(CubePoints(len(updated.prior.parameters), 1).next(DRAWS))
    return (1.0 - (prior_scores(draws).std(axis=0) / prior_scores(first).std(axis=0)) ** 2).tolist()


def coverage_rows(records: list[dict], names: tuple[str, ...]) -> list[dict]:
    """Coverage of central intervals: of all parameters, of those that the data teach, and of the most taught singly."""
    ranks, gain = (np.array([record[key] for record in records]) for key in ("rank", "contraction"))
    mean = gain.mean(axis=0)
    taught = mean > CONTRACTED
    groups = {"all parameters": np.arange(len(names)), "parameters that the data teach": np.flatnonzero(taught)}
    groups |= {names[i]: np.array([i]) for i in np.argsort(-mean)[:SHOWN]}
    rows = []
    for name, places in groups.items():
        if len(places):
            row = {"what": name, "parameters": len(places), "countries": len(records),
                   "variance_removed": round(float(mean[places].mean()), 3)}
            for level in LEVELS:
                inside = np.abs(ranks[:, places] - 0.5) <= 0.5 * level
                by_country = inside.mean(axis=1)
                row[f"inside_{100 * level:.0f}"] = round(float(by_country.mean()), 3)
                row[f"error_{100 * level:.0f}"] = round(float(by_country.std(ddof=1) / np.sqrt(len(records))), 3)
            rows.append(row)
    return [*rows, *_joining_row(records)]


def _joining_row(records: list[dict]) -> list[dict]:
    """The natural experiment of each country among runs of its own true parameters: its place must be uniform."""
    places = np.array([record["joining"] for record in records if record["joining"] is not None])
    if len(places) < 2:  # noqa: PLR2004 an error needs two
        return []
    row = {"what": "effect of joining among runs of the true parameters", "parameters": 1, "countries": len(places),
           "variance_removed": ""}
    for level in LEVELS:
        inside = np.abs(places - 0.5) <= 0.5 * level
        row[f"inside_{100 * level:.0f}"] = round(float(inside.mean()), 3)
        row[f"error_{100 * level:.0f}"] = round(float(inside.std(ddof=1) / np.sqrt(len(places))), 3)
    return [row]


def write_rows(rows: list[dict], path: Path) -> Path:
    """Rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
