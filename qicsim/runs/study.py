"""A study: which scenarios, points and replicates an experiment has, and what is kept of its runs.

Read from a TOML file, or from the same tables in Python. What can be wrong is reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError, Faults, InputError, nearest
from qicsim.ground.files import read_plain, toml_of
from qicsim.ground.numbers import plural
from qicsim.ground.shown import Face, Shown, in_a_word
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.values import month, one_of, show, text
from qicsim.model.simulate import REPLICATES_PER_DRAW
from qicsim.runs.consistency import check_levers
from qicsim.runs.draws import LARGEST_SEED, Draws, default_draw
from qicsim.runs.layout import Layout, layout_of
from qicsim.runs.modules import PRIOR
from qicsim.runs.points import MOST_DRAWS, Points, PointTable, crossed, from_draws
from qicsim.runs.posterior import POSTERIOR, draws_from
from qicsim.runs.study_sections import (
    Reader,
    layout_of_scenarios,
    read_data,
    read_keep,
    read_scenarios,
    read_table_of_points,
)

DEFAULTS = "defaults"
KEYS = ("title", "scenarios", "data", "from", "draws", "replicates", "seed", "until", "keep", "points", "analysis")
COUNTS = {"draws": (1, MOST_DRAWS, 64), "replicates": (1, REPLICATES_PER_DRAW, 2), "seed": (0, LARGEST_SEED, 1)}
"""Least, most and default of each whole number."""


@dataclass(frozen=True)
class Kind:
    """A kind of analysis that a study can ask for in its table `[analysis]`.

    check   called with (faults, the table without its `kind`, the study); notes what is wrong, gives the settings
    points  called with (study, settings); the points that the analysis needs, where these are not the study's own: as
            many as the study's `draws` say, a larger number beginning with the smaller one
    analyse  called with the results of the study; gives findings (`qicsim.analysis.findings`)
    scenarios  called with (study, settings); what the analysis runs in place of the study's scenarios
    needs   indicators that are kept in any case, since the analysis reads them
    """

    check: Callable[[Faults, Mapping[str, Any], Study], Any]
    points: Callable[[Study, Any], Points] | None = None
    analyse: Callable[[Any], Any] | None = None
    scenarios: Callable[[Study, Any], tuple[Scenario, ...]] | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Study(Shown):
    """A study, checked; see `docs/experiments.md` for the file.

    Attributes:
        name, title: what files and pages call it.
        scenarios: resolved, all over the same months.
        source: where draws come from: "prior", "posterior", "defaults", a posterior file, or None (the shipped
            posterior, or the prior where none is shipped).
        draws, replicates, seed: how many draws, runs of each point in each scenario; what fixes draws and luck.
        layout: what is kept of a run.
        table: rows that are crossed with the draws, or None.
        given: points made in Python; then draws and table do not matter.
        kind, settings: what is to be analysed, checked by its `Kind`; "" and None without.
        make: makes the points that the analysis needs, or None; then the table does not matter.
        folder: files that the analysis names are relative to it.
    """

    name: str
    title: str
    scenarios: tuple[Scenario, ...]
    source: str | None
    draws: int
    replicates: int
    seed: int
    layout: Layout
    table: PointTable | None = None
    given: Points | None = None
    kind: str = ""
    settings: Any = None
    make: Callable[[Study, Any], Points] | None = None
    folder: Path = Path()

    def face(self) -> Face:
        """Its size, scenarios, what is kept, and what is to be analysed."""
        return Face(f"Study {self.name}: {self.title}; "
                    f"{plural(len(self.scenarios), 'scenario', 'scenarios')}, {plural(self.draws, 'draw', 'draws')}, "
                    f"{plural(self.replicates, 'replicate', 'replicates')}",
                    (f"scenarios: {in_a_word(tuple(one.name for one in self.scenarios))}",
                     f"kept: {in_a_word(self.layout.keep.indicators)}",
                     *((f"analysis: {self.kind}",) if self.kind else ())))

    def points(self) -> Points:
        """The points of the study; a larger number of draws begins with the smaller one."""
        if self.given is not None:
            return self.given
        if self.make is not None:
            return self.make(self, self.settings)
        draws = draws_of(self.source, self.draws, self.seed)
        return from_draws(draws) if self.table is None else crossed(draws, self.table)

    def of_size(self, draws: int | None = None, replicates: int | None = None) -> Study:
        """The study with other numbers of draws and replicates; InputError kinds for what is not possible."""
        wanted = {"draws": draws or self.draws, "replicates": replicates or self.replicates}
        faults = Faults()
        sizes = {name: _count(faults, name, value) for name, value in wanted.items()}
        if faults:
            raise DataError("", faults)
        larger = replace(self, draws=sizes["draws"], replicates=sizes["replicates"])
        if larger.make is not None:
            larger.points()  # not every number of points makes a design
        return larger


def draws_of(source: str | None, n: int, seed: int) -> Draws:
    """The first `n` draws of a source; "defaults" gives the defaults again and again, with luck of their own."""
    if source == DEFAULTS:
        return Draws(np.repeat(default_draw().values, n, axis=0), DEFAULTS)
    return draws_from(source, n, seed)


def read_study(path: Path | str, kinds: Mapping[str, Kind] | None = None) -> Study:
    """The study of a TOML file; DataError with every fault. `kinds` are the analyses that it may ask for."""
    path, faults = Path(path), Faults()
    document: dict[str, Any] = {}
    try:
        document = toml_of(read_plain(path))
    except ValueError as error:
        faults.add("", str(error), "a TOML file")
    if faults:
        raise DataError(str(path), faults)
    return study_of(document, name=path.stem, source=str(path), folder=path.parent, kinds=kinds)


def study_of(document: Mapping[str, Any], *, name: str, source: str = "", folder: Path = Path(),
             points: Points | None = None, kinds: Mapping[str, Kind] | None = None) -> Study:
    """The study of tables as a file has them; DataError with every fault.

    Args:
        document: the tables; `scenarios` may hold resolved scenarios among names and files.
        name: names the study.
        source: names the document in messages.
        folder: files are relative to it.
        points: ready-made, instead of draws and a table.
        kinds: analyses that the document may ask for, by name.
    """
    reader = Reader(Faults(), document, folder)
    study = _read(reader, name, points)
    if study is not None and "analysis" in document:
        study = _with_analysis(reader.faults, study, document["analysis"], kinds or {})
    if reader.faults or study is None:
        raise DataError(source, reader.faults)
    return study


def _read(reader: Reader, name: str, points: Points | None) -> Study | None:
    """The study, or None when faults leave nothing to build it from."""
    faults, document = reader.faults, reader.document
    reader.refuse_unknown("", document, KEYS)
    if "title" not in document:
        faults.add("title", "is missing", 'a line like title = "What coaches bring"')
    title = text(faults, "title", document["title"]) if "title" in document else ""
    counts = {key: _count(faults, key, document.get(key, default)) for key, (_, _, default) in COUNTS.items()}
    where = _source(reader, counts["seed"])
    until = month(faults, "until", document["until"]) if "until" in document else None
    data = read_data(reader, document["data"]) if "data" in document else None
    scenarios = read_scenarios(reader, document.get("scenarios"), until, data)
    keep = read_keep(reader, document.get("keep", {}))
    table = read_table_of_points(reader, document["points"]) if "points" in document else None
    if points is not None and table is not None:
        faults.add("points", "are given twice: as a table and from Python", "one of the two")
    layout = layout_of_scenarios(faults, scenarios, keep)
    _check_levers(faults, scenarios, table or points)
    if layout is None or faults:
        return None
    return Study(name, title or "", scenarios, where, counts["draws"], counts["replicates"], counts["seed"],
                 layout=layout, table=table, given=points, folder=reader.folder)


def _check_levers(faults: Faults, scenarios: Sequence[Scenario], points: Points | PointTable | None) -> None:
    """Note levers that cannot be set so, and parameters of a table that a scenario fixes."""
    if points is None:
        return
    since = None if points.since is None else parse_month(points.since)
    varied = points.parameters if isinstance(points, PointTable) else ()
    for scenario in scenarios:
        check_levers(faults, scenario, points.levers, points.settings, since)
        for name in varied:
            if name in scenario.parameters:
                faults.add("[points]", f'"{name}" cannot be moved by points',
                           f'a scenario other than "{scenario.name}", which fixes it')


def _count(faults: Faults, name: str, value: Any) -> int:
    low, high, default = COUNTS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        faults.add(name, f"{show(value)} is not possible", f"whole numbers {low} to {high}")
        return default
    return value


def _source(reader: Reader, seed: int) -> str | None:
    """Where draws come from; a file by its path relative to the study."""
    found = reader.document.get("from")
    if found is None:
        return None
    if not isinstance(found, str):
        reader.faults.add("from", f"{show(found)} is not a text", f"{PRIOR}, {POSTERIOR}, {DEFAULTS}, or a file")
        return None
    named = found if found in (PRIOR, POSTERIOR, DEFAULTS) else str(reader.folder / found)
    if named not in (PRIOR, POSTERIOR, DEFAULTS) and not Path(named).is_file():
        reader.faults.add("from", f'there is no file "{found}"', f"{PRIOR}, {POSTERIOR}, {DEFAULTS}, or a file",
                          nearest(found, (PRIOR, POSTERIOR, DEFAULTS)))
        return named
    reader.gather("from", lambda: draws_of(named, 1, seed))
    return named


def _with_analysis(faults: Faults, study: Study, table: Any, kinds: Mapping[str, Kind]) -> Study:
    """The study with what is to be analysed, and with the points that the analysis needs."""
    if not isinstance(table, Mapping):
        faults.add("analysis", f"{show(table)} is no table", 'a table [analysis] with kind = "..."')
        return study
    kind = one_of(faults, "[analysis] kind", table.get("kind"), kinds)
    if kind is None:
        return study
    keep, needs = study.layout.keep, kinds[kind].needs
    keep = replace(keep, indicators=tuple(dict.fromkeys((*keep.indicators, *needs))))
    study = replace(study, layout=layout_of(keep, study.layout.extent))
    settings = kinds[kind].check(faults, {key: value for key, value in table.items() if key != "kind"}, study)
    study = _with_scenarios(faults, replace(study, kind=kind, settings=settings, make=kinds[kind].points), kinds[kind])
    if study.make is None or faults:
        return study
    if study.given is not None or study.table is not None:
        faults.add("[analysis] kind", f"{show(kind)} makes points of its own", "a study without points")
        return study
    try:
        _check_levers(faults, study.scenarios, study.points())
    except InputError as error:
        faults.extend(error.faults)
    return study


def _with_scenarios(faults: Faults, study: Study, kind: Kind) -> Study:
    """The study with the scenarios that its analysis runs."""
    if kind.scenarios is None or faults:
        return study
    try:
        return replace(study, scenarios=kind.scenarios(study, study.settings))
    except InputError as error:
        faults.extend(error.faults)
        return study
