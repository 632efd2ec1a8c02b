"""What an update by a data folder leaves: the posterior, its tables, a README of this run, the page."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from qicsim import __version__
from qicsim.estimate.calibrate.joining import Compared, Joining
from qicsim.estimate.calibrate.shipped import NAME, write_posterior
from qicsim.estimate.calibrate.update import Update
from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import InputError
from qicsim.ground.files import together, write_bytes, write_text
from qicsim.report.calibration_tables import write_tables
from qicsim.report.data_calibration import Lesson, write_data_page
from qicsim.report.data_words import LIMITS, contradictions, experiment_words, fit_now, how_updated, lessons
from qicsim.runs.posterior import read_posterior

PAGE, README = "calibration.html", "README.md"
FILES = (NAME, NAME.replace(".npz", ".json"), PAGE, README, "taught.csv", "summaries.csv", "joining.csv", "rounds.csv")


def write_update(lesson: Lesson, folder: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write everything; the files, the posterior first."""
    updated = lesson.updated
    with together(folder) as place:
        write_posterior(place / NAME, updated.prior.parameters, updated.values(updated.effort.draws), provenance)
        tables = write_tables(update_tables(lesson), place)
        write_data_page(lesson, place / PAGE, provenance=provenance)
        write_text(place / README, update_readme(lesson, provenance))
    return [folder / name for name in (*FILES[:4], *(table.name for table in tables))]


def keep_beside_data(posterior: Path, folder: Path) -> str:
    """Leave a copy of the posterior in the data folder, where commands look for it; what became of it, in words.

    A file there that `qicsim calibrate --data` did not write stays, and a folder that cannot be written is left alone.
    """
    place = folder / NAME
    try:
        if place.exists() and "data_digest" not in read_posterior(place).provenance:
            return f"{place} was not fitted to these data and stays: give --draws {posterior} to other commands."
        write_bytes(place, posterior.read_bytes())
    except (OSError, InputError) as error:
        return f"{place} could not be written ({error}): give --draws {posterior} to other commands."
    return f"Commands with --data {folder} take this posterior from now on (kept as {place})."


def update_tables(lesson: Lesson) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table by its file's name."""
    return {"taught.csv": [asdict(row) for row in lesson.taught],
            "summaries.csv": [{**asdict(row), "tied": "; ".join(row.tied)} for row in lesson.judged],
            "joining.csv": [*_rows("before", lesson.before), *_rows("after", lesson.after)],
            "rounds.csv": [asdict(one) for one in lesson.updated.rounds.rounds]}


def _rows(when: str, joining: Joining) -> list[dict[str, Any]]:
    def row(one: Compared, at: str) -> dict[str, Any]:
        return {"model": when, **asdict(one), "quarter": at}

    whole = [] if joining.overall is None else [row(joining.overall, "all after joining")]
    return [*(row(one, str(one.quarter)) for one in joining.rows), *whole]


def update_provenance(updated: Update, *, command: str) -> dict[str, Any]:
    """How the posterior was made; JSON-able."""
    known = updated.posterior.diagnostics
    panel = updated.world.panel
    return {
        "command": command, "qicsim": __version__, "python": platform.python_version(), "numpy": np.__version__,
        "source_digest": SOURCE_DIGEST, "simulator_digest": updated.problem.identity,
        "data_digest": updated.world.folder.digest, "prior": updated.prior.source,
        "prior_digest": updated.prior.digest, "scenario": updated.world.scenario.name,
        "first_quarter": panel.quarters[0], "last_quarter": panel.quarters[-1], "facilities": len(panel.facility),
        "fitted": [asdict(aim) for aim in updated.aims], "seed": updated.effort.seed, "method": known.method,
        "chosen": known.chosen, "runs_of_prior": len(updated.bank),
        "runs_of_rounds": len(updated.pool) - len(updated.bank), "accepted": known.accepted,
        "effective_sample": known.effective_sample, "stopped": updated.rounds.stopped,
        "rounds": [asdict(one) for one in updated.rounds.rounds], "runs_that_failed": len(updated.pool.failed)}


def update_readme(lesson: Lesson, provenance: Mapping[str, Any]) -> str:
    """How this posterior was made and what it says; every number is of this run."""
    lines = ["# Calibration to your own scores", "", f"Made by `{provenance['command']}`.", "",
             how_updated(lesson.updated), "", "## What the data taught", "", lessons(lesson.taught), "",
             "## What they contradict", "", *(f"- {line}" for line in contradictions(lesson.judged)), "",
             fit_now(lesson.judged), "", "## The natural experiment", "",
             *(f"- {line}" for line in experiment_words(lesson.before, lesson.after)), "", "## What it cannot say", "",
             *(f"- {line}" for line in LIMITS), "", "## Files", "",
             (f"- `{NAME}`: {lesson.updated.effort.draws:,} draws of equal weight; "
              "`qicsim compare --draws FILE` uses it."),
             f"- `{PAGE}`: the figures. The `.csv` files are its tables.", ""]
    return "\n".join(lines)
