"""What a comparison or a run leaves in its folder: a page, tables (CSV), compact arrays (npz), provenance (JSON).

Every file is written beside its place and renamed, so that a folder never holds half a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ensemble.draws import names
from qicsim.ensemble.run import Ensemble
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.experiment.compare import Comparison

PAGE = "compare.html"
TABLES = ("headline", "trajectories", "ledger", "provinces", "costs")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_comparison(comparison: Comparison, folder: Path, provenance: dict[str, object]) -> list[Path]:
    """Write page, tables, arrays and provenance of a comparison; returns the files, the page first."""
    from qicsim.report.page import write_page

    folder.mkdir(parents=True, exist_ok=True)
    tables = [write_csv(getattr(comparison, name), folder / f"{name}.csv") for name in TABLES]
    arrays = write_arrays(comparison.ensemble, folder / "runs.npz")
    facts = write_json(provenance, folder / "provenance.json")
    page = folder / PAGE
    write_page(comparison, page, provenance=provenance | {"files": [file.name for file in (*tables, arrays, facts)]})
    return [page, *tables, arrays, facts]


def write_run(ensemble: Ensemble, summary: pd.DataFrame, folder: Path, provenance: dict[str, object]) -> list[Path]:
    """Write the table of trajectories, arrays and provenance of a run; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_csv(summary, folder / "trajectories.csv"), write_arrays(ensemble, folder / "runs.npz"),
            write_json(provenance, folder / "provenance.json")]


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write a table; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    safe = table.copy()
    for column in safe.columns:
        if not np.issubdtype(np.asarray(safe[column]).dtype, np.number):
            safe[column] = [_plain(value) for value in safe[column]]
    beside = path.with_name(path.name + ".part")
    safe.to_csv(beside, index=False, float_format="%.6g", lineterminator="\n")
    beside.replace(path)
    return path


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_json(facts: dict[str, object], path: Path) -> Path:
    """Write facts as JSON."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
    return path


def write_arrays(ensemble: Ensemble, path: Path) -> Path:
    """Every run at the ends of years, float32, with the names of all axes; readable with numpy alone."""
    first = next(iter(ensemble.runners.values()))
    arrays: dict[str, np.ndarray] = {
        "columns": np.array(first.columns), "programme_columns": np.array([i.name for i in PROGRAMME]),
        "cost_lines": np.array(COST_LINES), "payers": np.array(PAYERS), "parameters": np.array(names()),
        "draws": ensemble.draws.values}  # noqa: PD011 - not a data frame
    for place, (name, runner) in enumerate(ensemble.runners.items()):
        kept = ensemble.kept[name]
        arrays[f"scenario{place}_name"] = np.array(name)
        arrays[f"scenario{place}_years"] = np.array(runner.years)
        arrays[f"scenario{place}_nation"] = kept.nation[:, runner.year_ends]
        arrays[f"scenario{place}_programme"] = kept.programme[:, runner.year_ends]
        arrays[f"scenario{place}_cost"] = kept.cost.sum(axis=(2, 3))
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    beside.replace(path)
    return path
