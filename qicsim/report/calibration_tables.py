"""The tables of a calibration as CSV: one file for each check, one row for each thing checked."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.proof_report import Calibration, Proof
from qicsim.ground.files import naming

Rows = Sequence[Mapping[str, Any]]


def calibration_tables(fitted: Fit, proof: Proof) -> dict[str, Rows]:
    """Rows of every table by its file's name."""
    early = proof.early
    return {
        "contraction.csv": [asdict(row) for row in proof.learned],
        "predictive.csv": [asdict(row) for row in proof.checked],
        "early_prediction.csv": [asdict(row) for row in early.rows] if early else [],
        "sbc.csv": [row for part in proof.calibrations for row in _sbc(part)],
        "sbc_ranks.csv": [row for part in proof.calibrations for row in _ranks(part)],
        "zero_effect.csv": [asdict(row) for row in proof.zero],
        "structures.csv": [asdict(row) for row in proof.structures],
        "fresh_seeds.csv": [{**asdict(proof.fresh), "penalty": proof.fresh.penalty, "passed": proof.fresh.passed}],
        "methods.csv": [asdict(row) for row in proof.methods.rows],
        "rounds.csv": [asdict(one) for one in fitted.rounds.rounds],
        "failures.csv": failures(fitted)}


def failures(fitted: Fit) -> Rows:
    """How many runs lack each summary, and are so refused where it is fitted."""
    lacking = (~np.isfinite(fitted.pool.values)).sum(axis=0)
    return [{"summary": name, "runs_without_it": int(count), "runs": len(fitted.pool)}
            for name, count in zip(fitted.pool.summaries, lacking, strict=True)]


def write_tables(tables: Mapping[str, Rows], folder: Path) -> list[Path]:
    """Write every table that has rows; the files."""
    found = []
    for name, rows in tables.items():
        if rows:
            with naming(folder / name), (folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows({key: _short(value) for key, value in row.items()} for row in rows)
            found.append(folder / name)
    return found


def _sbc(part: Calibration) -> list[dict[str, Any]]:
    known = {one.parameter: one for one in part.recovery}
    rows = []
    for one in part.gate.verdicts:
        row: dict[str, Any] = {"truths_from": part.where, "quantity": one.quantity,
                               "truths": len(part.ranks.rows), "failed": part.ranks.failed,
                               "ecdf_p": one.ecdf, "chi_square_p": one.chi_square}
        for level in one.coverage:
            row[f"coverage_{100 * level.level:.0f}"] = level.share
        found = known.get(one.quantity)
        row |= {"explained": found.explained if found else "", "error": found.error if found else "",
                "sd": found.sd if found else ""}
        rows.append(row)
    return rows


def _ranks(part: Calibration) -> list[dict[str, Any]]:
    return [{"truths_from": part.where, "row": int(row), **dict(zip(part.ranks.quantities, ranks, strict=True))}
            for row, ranks in zip(part.ranks.rows, part.ranks.ranks, strict=True)]


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
