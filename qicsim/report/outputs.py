"""What a comparison or a run leaves in its folder: a page, tables (CSV), compact arrays (npz), provenance (JSON).

All files of a command come into its folder together, or none does.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.files import beside, together, without_formulas, write_bytes, write_text
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME
from qicsim.runs.draws import names
from qicsim.runs.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.analysis.compare import Comparison
    from qicsim.decide.choice import Choice
    from qicsim.report.page import Extra

PAGE, ARRAYS, FACTS = "compare.html", "runs.npz", "provenance.json"
PAGES = {"en": PAGE, "km": "compare.km.html"}
"""The page of a comparison by the code of its language."""
SOURCES = {"en": "compare-sources.html", "km": "compare-sources.km.html"}
"""The page of its sources likewise."""
TABLES = ("headline", "trajectories", "ledger", "provinces", "costs")
RUN_FILES = ("trajectories.csv", ARRAYS, FACTS)
ASSUMPTIONS = "assumptions.csv"
COMPARISON_FILES = (*PAGES.values(), *SOURCES.values(), ARRAYS, FACTS, *(f"{name}.csv" for name in TABLES), ASSUMPTIONS)


def write_comparison(comparison: Comparison, folder: Path, provenance: dict[str, object], *, choice: Choice,
                     language: str = "en", extra: Extra = tuple) -> list[Path]:
    """Write pages, tables, arrays and provenance of a comparison; returns the files, the pages first.

    `language` is en, km or both; pages of a former comparison in a language that is not asked for are taken away, since
    they would tell other numbers than the tables beside them. `choice` and `extra` are those of `render_page`.
    """
    from qicsim.report.language import languages
    from qicsim.report.page import render_page, render_sources

    spoken = languages(language)
    with together(folder) as place:
        tables = [write_csv(getattr(comparison, name), place / f"{name}.csv") for name in TABLES]
        if comparison.tried is not None:
            tables.append(write_csv(comparison.tried.table, place / ASSUMPTIONS))
        names = [file.name for file in (*tables, write_arrays(comparison.ensemble, place / ARRAYS),
                                        write_json(provenance, place / FACTS))]
        facts = provenance | {"files": names}
        for one in spoken:
            beside = [other for other in spoken if other is not one]
            write_text(place / PAGES[one.code], render_page(
                comparison, provenance=facts, choice=choice, extra=extra, language=one, sources=SOURCES[one.code],
                others={other: PAGES[other.code] for other in beside}))
            write_text(place / SOURCES[one.code], render_sources(
                comparison, provenance=facts, page=PAGES[one.code], language=one,
                others={other: SOURCES[other.code] for other in beside}))
    pages = [name[one.code] for name in (PAGES, SOURCES) for one in spoken]
    for former in {*PAGES.values(), *SOURCES.values()} - set(pages):
        (folder / former).unlink(missing_ok=True)
    return [folder / name for name in (*pages, *names)]


def write_run(ensemble: Ensemble, summary: pd.DataFrame, folder: Path, provenance: dict[str, object]) -> list[Path]:
    """Write the table of trajectories, arrays and provenance of a run; returns the files."""
    with together(folder) as place:
        files = [write_csv(summary, place / "trajectories.csv"), write_arrays(ensemble, place / ARRAYS),
                 write_json(provenance, place / FACTS)]
    return [folder / file.name for file in files]


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write a table, without formulas."""
    with beside(path) as partial:
        without_formulas(table).to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")
    return path


def write_json(facts: dict[str, object], path: Path) -> Path:
    """Write facts as JSON."""
    write_text(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
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
    write_bytes(path, _npz(arrays))
    return path


def _npz(arrays: Mapping[str, np.ndarray]) -> memoryview:
    """The bytes of an archive as `numpy.savez_compressed` makes it, packed less tightly in a quarter of the time."""
    content = io.BytesIO()  # numpy does not always say why a file could not be written
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, values, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getbuffer(), zipfile.ZIP_DEFLATED)
    return content.getbuffer()
