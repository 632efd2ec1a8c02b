"""Importing data: the files of a planner in, a data folder with its report out."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qicsim.ground.files import alone_in, refuse_folders, together
from qicsim.inputs.exchange.folder import (
    JOINED,
    LEVELS,
    QUALITY_PAGES,
    SCORES,
    TOTAL,
    UNITS,
    DataFolder,
    folder_digest,
    read_folder,
)
from qicsim.inputs.exchange.importing import TOUCHED, Imported, read_inputs, refuse_harm, write_inputs
from qicsim.inputs.exchange.settings import settings_of, write_proposals
from qicsim.inputs.observed.levels import write_levels
from qicsim.inputs.scenario.estimated import RECORD
from qicsim.report.quality import write_quality_page

Paths = Path | str | Sequence[Path | str] | None


def import_data(register: Paths, scores: Paths = (), *, out: Path | str, joined: Paths = (), population: Paths = (),
                levels: str | Mapping[str, int] | None = None, types: Path | str | None = None,
                elements: Iterable[str] | Mapping[str, str] = (), leave_out: Iterable[str] = (), scale: str = "auto",
                skip_faulty: bool = False, periods: str = "auto", today: datetime.date | None = None,
                accept: Iterable[str] = (), crosswalk: Paths = (), report: Path | str | None = None,
                propose: Path | str | None = None, command: str = "qicsim.import_data", language: str = "en"
                ) -> DataFolder:
    """Read registers, scores and histories into the data folder `out`, with a report on their quality.

    `levels`, `types`, `elements`, `leave_out`, `scale`, `skip_faulty`, `periods`, `accept` and `crosswalk` are those of
    `qicsim import`, `language` (en, km, both) that of the page; scores of quarters after `today` (the day of the clock
    if not given) are errors. Raises SettingError for settings and DataError with every error of the files; then nothing
    is written but the page `report` and the crosswalk `propose`, if they are asked for. An earlier import in the folder
    is replaced. Where there are total scores, levels are estimated from them (`qicsim.inputs.observed.levels`).
    """
    named = [*elements] if not isinstance(elements, Mapping) else []
    refuse_harm([*_several(register), *_several(scores), *_several(joined), *_several(population),
                 *_several(crosswalk), *([types] if types else []), *(text for text in named if "=" not in text)],
                Path(out),
                Path(report) if report else None, Path(propose) if propose else None)
    settings = settings_of(levels=levels, types=types, elements=elements if isinstance(elements, Mapping) else named,
                           leave_out=leave_out, scale=scale,
                           skip_faulty=skip_faulty, periods=periods, today=today, accept=accept,
                           crosswalk=_several(crosswalk))
    imported = read_inputs(_several(register), _several(scores), _several(joined), _several(population),
                           settings=settings)
    if report is not None:
        write_quality_page(imported, Path(report), command=command, language=language)
    if propose is not None:
        write_proposals(imported.findings.proposals, Path(propose))
    imported.findings.refuse()
    return replace(_write(imported, Path(out), command, language), path=Path(out), findings=tuple(imported.findings))


def _several(paths: Paths) -> Sequence[Path | str]:
    return (paths,) if isinstance(paths, Path | str) else paths or ()


def _write(imported: Imported, folder: Path, command: str, language: str) -> DataFolder:
    """Write all files, or none, and read them back; files of an earlier import that this one has not are removed."""
    refuse_folders(folder, TOUCHED)
    with alone_in(folder):
        with together(folder) as place:
            write_inputs(imported, place, command=command)
            write_quality_page(imported, place / QUALITY_PAGES["km" if language == "km" else "en"], command=command,
                               language=language)
            data = read_folder(place)
            if imported.scores is not None and (imported.scores["item"] == TOTAL).any():
                write_levels(place, data)
            data = replace(data, digest=folder_digest(place))
            written = {file.name for file in place.iterdir()}
        for name in (SCORES, JOINED, UNITS, LEVELS, RECORD, *QUALITY_PAGES.values()):  # levels were of other scores
            if name not in written:
                (folder / name).unlink(missing_ok=True)
    return data
