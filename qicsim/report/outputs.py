"""What a comparison or a run leaves in its folder: a page, tables (CSV), compact arrays (npz), provenance (JSON).

All files of a command come into its folder together, or none does.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.files import beside, together, without_formulas, write_bytes, write_text
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME
from qicsim.runs.draws import names, with_fixed
from qicsim.runs.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.analysis.compare import Comparison
    from qicsim.decide.choice import Choice
    from qicsim.report.language import Language
    from qicsim.report.page import Extra

ARRAYS, FACTS, VERSIONS = "runs.npz", "provenance.json", "constraints.txt"


def pages_of(page: str) -> dict[str, str]:
    """The names of a page by the code of its language: "compare.html" and "compare.km.html"."""
    stem, _, kind = page.rpartition(".")
    return {"en": page, "km": f"{stem}.km.{kind}"}


PAGES, SOURCES = pages_of("compare.html"), pages_of("compare-sources.html")
"""The page of a comparison by the code of its language, and the page of its sources likewise."""
TABLES = ("headline", "trajectories", "ledger", "provinces", "costs")
RUN_FILES = ("trajectories.csv", "runs.csv", "draws.csv", ARRAYS, FACTS, VERSIONS)
ASSUMPTIONS = "assumptions.csv"
COMPARISON_FILES = (*PAGES.values(), *SOURCES.values(), ARRAYS, FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES),
                    ASSUMPTIONS)


def write_comparison(comparison: Comparison, folder: Path, provenance: dict[str, object], *, choice: Choice,
                     language: str = "en", extra: Extra = tuple) -> list[Path]:
    """Write pages, tables, arrays and provenance of a comparison; returns the files, the pages first.

    `language` is en, km or both; pages of a former comparison in a language that is not asked for are taken away, since
    they would tell other numbers than the tables beside them. `choice` and `extra` are those of `render_page`.
    """
    from qicsim.report.page import render_page, render_sources

    with together(folder) as place:
        tables = [write_csv(getattr(comparison, name), place / f"{name}.csv") for name in TABLES]
        if comparison.tried is not None:
            tables.append(write_csv(comparison.tried.table, place / ASSUMPTIONS))
        names = [file.name for file in (*tables, write_arrays(comparison.ensemble, place / ARRAYS),
                                        *write_facts(provenance, place))]
        facts = provenance | {"files": names}
        pages = [*write_pages(place, PAGES, language, lambda one, others: render_page(
            comparison, provenance=facts, choice=choice, extra=extra, language=one, sources=SOURCES[one.code],
            others=others)), *write_pages(place, SOURCES, language, lambda one, others: render_sources(
                comparison, provenance=facts, page=PAGES[one.code], language=one, others=others))]
    take_away(folder, (*PAGES.values(), *SOURCES.values()), pages)
    return [folder / name for name in (*pages, *names)]


def write_pages(place: Path, names: Mapping[str, str], language: str,
                render: Callable[[Language, Mapping[Language, str]], str]) -> list[str]:
    """Write a page in each language of a choice (en, km, both); gives the names of the files, English first.

    `names` are those of the page by the code of its language; `render` is given the language, which is spoken then, and
    the names of the same page in the other ones. SettingError for another choice.
    """
    from qicsim.report.language import languages, speaking

    spoken = languages(language)
    for one in spoken:
        with speaking(one):
            write_text(place / names[one.code],
                       render(one, {other: names[other.code] for other in spoken if other is not one}))
    return [names[one.code] for one in spoken]


def take_away(folder: Path, names: Iterable[str], kept: Iterable[str]) -> None:
    """Take away files of a former call that would tell other numbers than what is written now."""
    for former in {*names} - {*kept}:
        (folder / former).unlink(missing_ok=True)


def write_run(ensemble: Ensemble, summary: pd.DataFrame, each: pd.DataFrame, folder: Path,
              provenance: dict[str, object]) -> list[Path]:
    """Write trajectories, the table of each run, its draws, arrays and provenance; returns the files."""
    with together(folder) as place:
        files = [write_csv(summary, place / "trajectories.csv"), write_csv(each, place / "runs.csv"),
                 write_csv(_parameters(ensemble), place / "draws.csv"), write_arrays(ensemble, place / ARRAYS),
                 *write_facts(provenance, place)]
    return [folder / file.name for file in files]


def _parameters(ensemble: Ensemble) -> pd.DataFrame:
    """A row for each draw of the runs of one scenario, a column for each parameter, with those that it fixes."""
    import pandas as pd

    (runner,) = ensemble.runners.values()
    rows = with_fixed(ensemble.draws.values, runner.scenario.parameters)
    return pd.DataFrame(rows, columns=list(names())).rename_axis("draw").reset_index()


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write a table, without formulas."""
    with beside(path) as partial:
        without_formulas(table).to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")
    return path


def write_facts(facts: dict[str, object], place: Path) -> list[Path]:
    """Write what it takes to make the same numbers again: facts as JSON, and exact versions for pip."""
    from qicsim.runs.provenance import constraints

    write_text(place / VERSIONS, constraints())
    return [write_json(facts, place / FACTS), place / VERSIONS]


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
