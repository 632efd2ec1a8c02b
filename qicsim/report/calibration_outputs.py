"""What a calibration leaves in a folder: the posterior, its tables, a README of this run, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qicsim.estimate.calibrate.fitting import Fit, kept_values
from qicsim.estimate.calibrate.proof_report import Proof
from qicsim.estimate.calibrate.shipped import NAME, write_posterior
from qicsim.ground.files import together, write_text
from qicsim.report.calibration import write_calibration_page
from qicsim.report.calibration_tables import calibration_tables, write_tables
from qicsim.report.calibration_words import cannot, how, refused, verdicts

PAGE, README = "calibration.html", "README.md"
FILES = (NAME, NAME.replace(".npz", ".json"), PAGE, README)


def write_calibration(fitted: Fit, proof: Proof, folder: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write everything; the files, the posterior first."""
    values = kept_values(fitted, fitted.study.draws)
    with together(folder) as place:
        write_posterior(place / NAME, fitted.study.kept, values, provenance)
        tables = write_tables(calibration_tables(fitted, proof), place)
        write_calibration_page(fitted, proof, values, place / PAGE, provenance=provenance)
        write_text(place / README, readme(fitted, proof, provenance))
    return [folder / name for name in (*FILES, *(table.name for table in tables))]


def readme(fitted: Fit, proof: Proof, provenance: dict[str, Any]) -> str:
    """How this posterior was made, what the checks say, and what it cannot say; every number is of this run."""
    lines = ["# Calibration", "",
             (f"Made by `{provenance['command']}` in {provenance['minutes']:.1f} minutes "
              f"of work on {provenance['workers']} cores (code {provenance['source_digest']})."), "",
             how(fitted), "", refused(fitted), "", "## What the checks say", "",
             *(f"- {line}" for line in verdicts(fitted, proof)), "", "## What it cannot say", "",
             *(f"- {line}" for line in cannot(fitted)), "", "## Files", "",
             (f"- `{NAME}`: {fitted.study.draws:,} draws of equal weight of {len(fitted.study.kept)} parameters. "
              "`numpy.load` gives `parameters`, `values` and `provenance`; `posterior.json` is the provenance."),
             f"- `{PAGE}`: the figures. The `.csv` files are its tables.",
             (f"- What went in: the study with digest {provenance['study_digest'][:16]}, the targets with "
              f"digest {provenance['targets']['digest'][:16]}."), ""]
    return "\n".join(lines)
