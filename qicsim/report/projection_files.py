"""What `qicsim export` leaves in its folder: tables (CSV, XLSX), files for DHIS2, and a page. All of them, or none.

plan = plan_export(register, formats=("csv", "dhis2"))     # refused here, before anything is run
write_projection(projection, "my-projections", plan, provenance)
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim import __version__
from qicsim.analysis.projected_tables import EVERY, LEVELS
from qicsim.analysis.projection import Projection
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.files import refuse_folders, together, write_text
from qicsim.ground.sheets import write_sheets
from qicsim.ground.shown import Shown
from qicsim.inputs.exchange.dhis2 import (
    IDENTIFIERS,
    PREFIX,
    UID,
    DataValues,
    Element,
    Units,
    elements_of,
    left_out,
    metadata,
    notes,
    open_future,
    refuse_observed,
    units_of,
    write_csv_values,
    write_json_values,
)
from qicsim.inputs.exchange.folder import Place
from qicsim.inputs.world.register import Register
from qicsim.report.formatting import LEVEL
from qicsim.report.language import counted, languages, name_of, say, speaking
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.report.projection import SYNTHETIC, render_projection

if TYPE_CHECKING:
    import pandas as pd

PAGES, BOOK, RANKED = pages_of("projection.html"), "projection.xlsx", "least-likely.csv"
DHIS2 = {"metadata": "dhis2-metadata.json", "csv": "dhis2-values.csv", "json": "dhis2-values.json",
         "left": "dhis2-left-out.csv"}
NOTES = "dhis2-notes.txt"
FORMATS = ("csv", "xlsx", "dhis2")


@dataclass(frozen=True, eq=False, repr=False)
class ExportPlan(Shown):
    """What is to be written; `units` are the organisation units of DHIS2, None where nothing is written for it.

    `today` is the day from which DHIS2 counts future periods. `above` holds the identifiers of the units of districts
    and provinces; `combination` and `attribute` are uids of a category combination and of an attribute option combo, ""
    for the server's own. `refused` says why there is nothing for DHIS2 although
    all formats were wanted, else "". `ranked` says whether facilities are ranked, as invented ones are not; `language`
    is that of the page and the workbook (en, km; of both the workbook is in English).
    """

    formats: tuple[str, ...]
    levels: tuple[str, ...]
    every: str
    prefix: str
    year: int | None
    units: Units | None
    today: date
    refused: str = ""
    above: Mapping[Place, str] = field(default_factory=dict)
    combination: str = ""
    attribute: str = ""
    ranked: bool = True
    language: str = "en"

    @property
    def pages(self) -> list[str]:
        """Names of the pages."""
        return [name for code, name in PAGES.items() if self.language in (code, "both")]

    def names(self) -> list[str]:
        """Names of the files."""
        found = [*self.pages, FACTS, VERSIONS]
        if "csv" in self.formats:
            found += [*([RANKED] if self.ranked else []), *(f"{level}.csv" for level in self.levels)]
        if "xlsx" in self.formats:
            found.append(BOOK)
        return found + ([*DHIS2.values(), NOTES] if self.units is not None else [])


def plan_export(register: Register, *, formats: Sequence[str] = (), levels: Sequence[str] = (), every: str = "quarter",
                identify: str = "uid", prefix: str = PREFIX, year: int | None = None, observed: Collection[str] = (),
                today: date | None = None, above: Mapping[Place, tuple[str, str]] | None = None,
                category_combo: str = "", attribute_combo: str = "", language: str = "en") -> ExportPlan:
    """The plan of an export; no format means all that the register allows, no level means all.

    `observed` holds codes, uids and names of data elements that hold observed scores; `today` is the day from which
    DHIS2 counts future periods (None: the clock's, in universal time). `above` has uid and code of the organisation
    units of districts and provinces (`exchange.folder.read_units`), which then have values of their own. SettingError
    with every fault; DHIS2 is refused where no facility has what `identify` names, if it was asked for.
    """
    faults = [Fault(name, f'"{value}" is not known', ", ".join(allowed), nearest(value, allowed))
              for name, values, allowed in (("format", formats, FORMATS), ("level", levels, LEVELS),
                                            ("period", (every,), EVERY)) for value in values if value not in allowed]
    faults += [Fault(name, f'"{uid[:60]}" is not a DHIS2 uid', "11 letters and digits, a letter first")
               for name, uid in (("category_combo", category_combo), ("attribute_combo", attribute_combo))
               if uid and not UID.fullmatch(uid)]
    if faults:
        raise SettingError("", faults)
    wanted = tuple(dict.fromkeys(formats)) or FORMATS
    chosen = tuple(dict.fromkeys(levels)) or LEVELS
    day = datetime.now(UTC).date() if today is None else today
    plan = ExportPlan(wanted, chosen, every, prefix, year, None, day, ranked=not register.synthetic, language=language)
    if "dhis2" not in wanted:
        return plan
    refuse_observed((*elements_of(every, prefix), *elements_of(every, prefix, groups=True)), observed, prefix)
    known = {place: pair[IDENTIFIERS.index(identify)] for place, pair in (above or {}).items()} if (
        identify in IDENTIFIERS) else {}
    try:
        return replace(plan, units=units_of(register, identify), combination=category_combo, attribute=attribute_combo,
                       above={place: text for place, text in known.items() if text})
    except SettingError as error:
        if formats:
            raise
        return replace(plan, refused=str(error))


def write_projection(projection: Projection, folder: Path | str, plan: ExportPlan, provenance: Mapping[str, Any]
                     ) -> list[Path]:
    """Write everything that the plan names; gives the files, the page first."""
    place = Path(folder)
    names = plan.names()
    refuse_folders(place, names)
    ranking = projection.least_likely(plan.year) if plan.ranked else None
    with together(place) as partial:
        if "csv" in plan.formats:
            if ranking is not None:
                write_csv(ranking, partial / RANKED)
            for level in plan.levels:
                write_csv(projection.table(level, every=plan.every), partial / f"{level}.csv")
        if "xlsx" in plan.formats:
            with speaking(languages(plan.language)[0]):
                write_sheets(_sheets(projection, plan, ranking), partial / BOOK)
        if plan.units is not None:
            _write_dhis2(projection, plan, plan.units, partial)
        facts = dict(provenance) | ({"dhis2_today": plan.today.isoformat()} if plan.units is not None else {})
        write_facts(facts, partial)
        beside = facts | {"files": names[len(plan.pages):]}
        write_pages(partial, PAGES, plan.language, lambda _, others: render_projection(
            projection, plan.year, beside, others=others))
    take_away(place, (*PAGES.values(), RANKED), names)
    return [place / name for name in names]


def _sheets(projection: Projection, plan: ExportPlan, ranking: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """The sheets of the workbook: the ranked list, and the levels at the ends of years."""
    import pandas as pd

    year = plan.year or projection.usual_year
    ranked = (say("Least likely: probability that the recorded score stands at the threshold at the end of {year}.",
                  year=year),
              say("Facilities that were never scored, while others were, have no rank and stand at the end of the "
                  "list."))
    about = pd.DataFrame({say("About"): [
        say("Scenario: {scenario}", scenario=name_of(projection.scenario.title)),
        say("{runs}; intervals are {level} intervals between runs.", level=LEVEL,
            runs=counted(projection.followed.runs, "{count} run", "{count} runs")),
        say("Values are those at the ends of years; the CSV files hold every quarter."),
        say("Recorded: the NQEM score as assessors would record it. True: the quality behind it."),
        *(ranked if plan.ranked else [say(SYNTHETIC)])]})
    levels = {level: projection.table(level, every="year") for level in plan.levels}
    first = {} if ranking is None else {f"least likely {year}": ranking}
    return {say("about"): about, **first, **levels}


def _write_dhis2(projection: Projection, plan: ExportPlan, units: Units, folder: Path) -> None:
    import pandas as pd

    parts = [data_values(projection, plan, units), *group_values(projection, plan)]
    register = projection.followed.runner.world.register
    opened = open_future(parts[0].periods, plan.every, plan.today)
    key = "id" if units.identify == "uid" else "code"
    places = [*units.references(), *({key: unit} for part in parts[1:] for unit in part.units)]
    elements = list(dict.fromkeys(element for part in parts for element in part.elements))
    there = metadata(elements, plan.every, opened, places, plan.prefix, combination=plan.combination)
    write_text(folder / DHIS2["metadata"], json.dumps(there, indent=1, ensure_ascii=False) + "\n")
    write_csv_values(parts, folder / DHIS2["csv"])
    write_json_values(parts, folder / DHIS2["json"])
    write_csv(pd.DataFrame(left_out(register, units), columns=["id", "name", "reason"]), folder / DHIS2["left"])
    write_text(folder / NOTES, notes(parts, units, DHIS2, scenario=projection.scenario.name, every=plan.every,
                                     prefix=plan.prefix, today=plan.today, synthetic=projection.synthetic,
                                     combination=plan.combination))


def data_values(projection: Projection, plan: ExportPlan, units: Units) -> DataValues:
    """The facilities' table as data values."""
    table = projection.table("facility", every=plan.every)
    elements = elements_of(plan.every, plan.prefix)
    periods, values = _values(table, elements, len(units.identifiers))
    return DataValues(elements, periods, tuple(units.identifiers[at] for at in units.there), values[:, :, units.there],
                      _comment(projection), plan.attribute)


def group_values(projection: Projection, plan: ExportPlan) -> list[DataValues]:
    """The tables of districts and of provinces as data values of their own units; none where no unit is known."""
    elements, found = elements_of(plan.every, plan.prefix, groups=True), []
    for level in ("district", "province"):
        table = projection.table(level, every=plan.every)
        places = list(dict.fromkeys((level, *pair) for pair in zip(
            table["province"], table["district"] if level == "district" else [""] * len(table), strict=True)))
        known = [at for at, place in enumerate(places) if place in plan.above]
        if known:
            periods, values = _values(table, elements, len(places))
            units = tuple(plan.above[places[at]] for at in known)
            found.append(DataValues(elements, periods, units, values[:, :, known], _comment(projection),
                                    plan.attribute))
    return found


def _values(table: pd.DataFrame, elements: tuple[Element, ...], places: int) -> tuple[tuple[str, ...], np.ndarray]:
    """The periods of a table that holds place by place, and its columns (elements, periods, places)."""
    periods = tuple(table["period"].iloc[:table["period"].nunique()])
    return periods, np.array([table[one.column].to_numpy(float).reshape((places, len(periods))).T for one in elements])


def _comment(projection: Projection) -> str:
    """What tells the values of one projection from those of another."""
    followed = projection.followed
    return (f"{projection.scenario.name}, {followed.runs:,} runs, draws {Path(followed.draws.source).name[:60]}, "
            f"qicsim {__version__}")
