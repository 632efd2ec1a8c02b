"""From the files of a planner to a data folder: all read and judged before anything is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim import __version__
from qicsim.ground.calendar import format_month, format_quarter
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import from_json, without_formulas, write_text
from qicsim.ground.translatable import tell
from qicsim.inputs.country import home
from qicsim.inputs.exchange.checks import DIMENSIONS, check_items, check_scores
from qicsim.inputs.exchange.files import Opened, open_files
from qicsim.inputs.exchange.findings import ERROR, FINDING_COLUMNS, NOT_USED, USED, Accounts, Finding, Findings
from qicsim.inputs.exchange.folder import (
    ACCOUNTS,
    JOINED,
    LEVELS,
    PROVENANCE,
    QUALITY,
    QUALITY_PAGES,
    REGISTER,
    SCORE_COLUMNS,
    SCORES,
    TOTAL,
    UNITS,
    Place,
    every_quarter,
    units_table,
)
from qicsim.inputs.exchange.keys import Keys
from qicsim.inputs.exchange.lists import NO_MONTH, Listing, Membership, memberships, people
from qicsim.inputs.exchange.register import gather
from qicsim.inputs.exchange.score_tables import score_rows
from qicsim.inputs.exchange.scoring import scores as scores_of
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.sources import candidates
from qicsim.inputs.exchange.words import normal
from qicsim.inputs.scenario.estimated import RECORD
from qicsim.inputs.world.register import Register, register_text

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("register", "scores", "joined", "population", "crosswalk")


@dataclass(frozen=True, eq=False)
class Imported:
    """What was read. `scores` has the columns place (row of the register), quarter, item, score; it may be empty."""

    register: Register | None
    scores: pd.DataFrame | None
    joined: dict[int, Membership]
    findings: Findings
    accounts: Accounts
    files: tuple[Opened, ...]
    settings: Settings
    above: dict[Place, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def quarters(self) -> tuple[str, ...]:
        """Every quarter from the first to the last with a score."""
        if self.scores is None:
            return ()
        return every_quarter(np.array([format_quarter(each) for each in self.scores["quarter"].unique()]))


def read_inputs(register: Sequence[Path | str], scores: Sequence[Path | str] = (), joined: Sequence[Path | str] = (),
                population: Sequence[Path | str] = (), *, settings: Settings) -> Imported:
    """Read all files; what is wrong stands in `findings` of the result, nothing is raised for it."""
    findings, accounts = Findings(settings.accept), Accounts()
    opened: dict[str, list[Opened]] = {}
    for role, paths in (("register", register), ("scores", scores), ("joined", joined), ("population", population)):
        taken = [file.name for files in opened.values() for file in files]
        opened[role] = [_of_role(file, accounts) for file in open_files(paths, role, findings, taken)]
    listing = Listing(settings, findings, accounts)
    served = people(opened["population"], listing)
    found = candidates(opened["register"], settings, findings, accounts)
    gathered = gather(found.candidates, settings, findings, accounts, served,
                      files=", ".join(file.name for file in opened["register"]))
    files = tuple(file for group in opened.values() for file in group)
    _hidden(files, accounts)
    if gathered is None:
        _unread([*opened["scores"], *opened["joined"]], accounts)
        return Imported(None, None, {}, findings, accounts, files, settings)
    keys = Keys(gathered.register, gathered.left_out, found.others, settings.crosswalk.facility, findings)
    table = None
    if opened["scores"]:
        rows = score_rows(opened["scores"], keys, settings, findings, accounts)
        files = tuple(file._replace(grids=(), value=None) for file in files)  # a million rows need the room
        opened["scores"].clear()
        table = scores_of(rows, keys, settings, findings, accounts)
        if table.empty and not findings.of(ERROR):
            named = [file.name for file in files if file.role == "scores"]
            findings.error("no scores", ", ".join(named), tell("holds no score: {why}", why=_why(accounts, named)),
                           hint=tell("Leave --scores away to import the register alone"))
    members = memberships(opened["joined"], keys, listing)
    result = Imported(gathered.register, table, members, findings, accounts, files, settings, gathered.above)
    _say_sheets(files, accounts, findings)
    if table is not None:
        total = total_grid(result)
        check_scores(gathered.register, result.quarters, total, findings)
        check_items(gathered.register, result.quarters, total, {name: total_grid(result, name) for name in DIMENSIONS
                                                                if (table["item"] == name).any()}, findings)
    return result


def _of_role(file: Opened, accounts: Accounts) -> Opened:
    """A workbook with a sheet that is named after what it is read as, without the sheets of other roles."""
    names = {normal(grid.sheet) for grid in file.grids}
    if file.role not in names:
        return file
    others = [grid for grid in file.grids if normal(grid.sheet) in ROLES and normal(grid.sheet) != file.role]
    for grid in others:
        accounts.add_rows(grid.file, grid.sheet, grid.rows.index.tolist(), NOT_USED, f"not the sheet {file.role}")
    left = {grid.sheet for grid in others}
    return file._replace(grids=tuple(grid for grid in file.grids if grid.sheet not in left))


def _why(accounts: Accounts, files: Sequence[str]) -> str:
    """What became of the rows of some files."""
    lines = accounts.frame()
    count = lines[lines["file"].isin(files)].groupby("reason", sort=False)["count"].sum()
    return ", ".join(f"{number:,} cells or rows {reason}" for reason, number in count.items()) or "it is empty"


def _hidden(files: Sequence[Opened], accounts: Accounts) -> None:
    for file in files:
        for grid in file.aside:
            accounts.add_rows(grid.file, grid.sheet, grid.rows.index.tolist(), NOT_USED, "hidden sheet")


def _say_sheets(files: Sequence[Opened], accounts: Accounts, findings: Findings) -> None:
    """The sheets of which rows are used."""
    books = [file.name for file in files if file.form == "XLSX"]
    if not books:
        return
    lines = accounts.frame()
    used = lines[lines["fate"] == USED]
    for book in books:
        count = used[used["file"] == book].groupby("sheet", sort=False)["count"].sum()
        findings.note("sheets", book, tell("used sheets, with rows or cells: {sheets}", sheets=", ".join(
            f"{str(sheet)[:60]} ({number:,})" for sheet, number in count.items()) or "–"), count=len(count))


def _unread(files: Sequence[Opened], accounts: Accounts) -> None:
    for file in files:
        for grid in file.grids:
            rows = grid.rows.index.tolist()
            accounts.add_rows(grid.file, grid.sheet, rows, NOT_USED, "not read: there is no register")


def total_grid(imported: Imported, item: str = TOTAL) -> np.ndarray:
    """Scores of an item (F, Q), nan where missing."""
    quarters = {name: place for place, name in enumerate(imported.quarters)}
    grid = np.full((len(imported.register or ()), len(quarters)), np.nan)
    if imported.scores is not None:
        total = imported.scores[imported.scores["item"] == item]
        columns = total["quarter"].map({each: quarters[format_quarter(each)] for each in total["quarter"].unique()})
        grid[total["place"].to_numpy(dtype=np.int64), columns.to_numpy(dtype=np.int64)] = total["score"]
    return grid


# --------------------------------------------------------------------------------------------------------- writing


def write_inputs(imported: Imported, folder: Path, *, command: str) -> None:
    """Write the tables and the provenance of a data folder; `imported` has a register."""
    if imported.register is None:
        raise ValueError("nothing to write")
    write_text(folder / REGISTER, register_text(imported.register))
    if imported.scores is not None:
        _write_table(_score_table(imported), folder / SCORES)
    if any(file.role == "joined" for file in imported.files):
        _write_table(_joined_table(imported), folder / JOINED)
    if imported.above:
        _write_table(without_formulas(units_table(imported.above)), folder / UNITS)
    _write_table(without_formulas(quality_table(imported.findings)), folder / QUALITY)
    _write_table(without_formulas(imported.accounts.frame()), folder / ACCOUNTS)
    facts = json.dumps(provenance(imported, command=command), indent=2, ensure_ascii=False)
    write_text(folder / PROVENANCE, facts + "\n")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def _score_table(imported: Imported) -> pd.DataFrame:
    """Scores in the order of register, quarters and items."""
    import pandas as pd

    table = imported.scores
    if table is None or imported.register is None:
        raise ValueError("no scores")
    ordered = table.sort_values(["place", "quarter", "item"], kind="stable")
    facility = pd.Categorical.from_codes(ordered["place"], pd.Index(imported.register.id, dtype=object))
    quarter = ordered["quarter"].astype("category")
    names = [format_quarter(each) for each in quarter.cat.categories]
    return ordered.assign(facility=facility, quarter=quarter.cat.rename_categories(names))[list(SCORE_COLUMNS)]


def _joined_table(imported: Imported) -> pd.DataFrame:
    import pandas as pd

    ids = imported.register.id if imported.register else ()
    rows = [(ids[at], *("" if month == NO_MONTH else format_month(month) for month in each))
            for at, each in sorted(imported.joined.items())]
    return pd.DataFrame(rows, columns=["facility", "joined", "left"])


def quality_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """The findings as a table, errors first."""
    import pandas as pd

    order = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(findings, key=lambda finding: order[finding.level])
    return pd.DataFrame([[getattr(finding, column) for column in FINDING_COLUMNS] for finding in ordered],
                        columns=list(FINDING_COLUMNS))


def provenance(imported: Imported, *, command: str) -> dict[str, Any]:
    """What it takes to make the folder again: files with digests, settings, counts, version; JSON-able."""
    totals = imported.accounts.totals()
    settings = imported.settings
    country = home()
    return {
        "command": command, "qicsim": __version__, "world": {"name": country.key, "digest": country.digest},
        "files": [{"name": file.name, "role": file.role, "form": file.form, "bytes": file.size, "sha256": file.sha256}
                  for file in imported.files],
        "settings": {"levels": dict(settings.levels), "types": dict(settings.types),
                     "elements": dict(settings.elements), "leave_out": list(settings.leave_out),
                     "scale": settings.scale or "auto", "accept": list(settings.accept),
                     "crosswalk": {kind: {text: list(meant) if isinstance(meant, tuple) else meant for text, meant in
                                          answers.items()} for kind, answers in settings.crosswalk._asdict().items()
                                   if answers}, "skip_faulty": settings.skip_faulty,
                     "periods": settings.periods, "today": settings.today.isoformat() if settings.today else None},
        "counts": counts(imported),
        "rows": {str(file): {str(key): int(value) for key, value in row.items()} for file, row in totals.iterrows()}}


def counts(imported: Imported) -> dict[str, int]:
    """Facilities, districts, provinces, quarters, scores, joined."""
    register = imported.register
    return {"facilities": len(register) if register else 0,
            "districts": len(set(register.operational_district)) if register else 0,
            "provinces": len(set(register.province)) if register else 0, "quarters": len(imported.quarters),
            "scores": 0 if imported.scores is None else len(imported.scores), "joined": len(imported.joined),
            **{f"{level}s": len(imported.findings.of(level)) for level in ("error", "warning", "note")}}


# --------------------------------------------------------------------------------------------- what must not be harmed

FILES = (REGISTER, SCORES, JOINED, UNITS, PROVENANCE, QUALITY, *QUALITY_PAGES.values(), ACCOUNTS)
TOUCHED = (*FILES, LEVELS, RECORD)
"""Every name that an import writes or removes in its folder."""
_FACTS = {"qicsim", "files", "counts"}
_PAGES = (b"<title>Quality of the data", "<title>គុណភាពនៃទិន្នន័យ".encode())
"""How a page of an import begins, in English and in Khmer."""
_LOOKED_AT = 20_000


def refuse_harm(inputs: Iterable[Path | str], folder: Path, report: Path | None = None,
                propose: Path | None = None) -> None:
    """SettingError, before anything is read, where the import would write over or remove what is not its own.

    That is an input file (under any path that leads to it), a file of the folder when no earlier import wrote that
    folder, a `report` that is another file than such a page, and a `propose` that is there: it may have been corrected.
    """
    targets = [folder / name for name in TOUCHED]
    faults = [Fault(str(each), f"is an input file, and the import would write over it or remove it at {target}", "",
                    "Choose another folder for --out, or another file for --report")
              for each in inputs for target in (*targets, *([report] if report else [])) if _same(Path(each), target)]
    if not faults:
        faults = _foreign(folder, targets) + ([] if report is None else _report(folder, report))
    if propose is not None and (propose.exists() or not propose.absolute().parent.is_dir()):
        faults.append(Fault(str(propose), "is there already" if propose.exists() else
                            "there is no such folder to write the crosswalk into", "a new file for --propose"))
    if faults:
        raise SettingError("", faults)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file, by links or by another spelling of the name too."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _foreign(folder: Path, targets: Iterable[Path]) -> list[Fault]:
    """A fault where the folder holds such names and no import wrote it; folders of these names are refused later."""
    there = [each.name for each in targets if each.is_file()]
    if not there or _imported(folder / PROVENANCE):
        return []
    return [Fault(str(folder), f"holds {', '.join(there)}, and no import wrote this folder: it has no {PROVENANCE} of "
                               "`qicsim import`", "a new folder, or one of an earlier import",
                  "Choose another folder, or move these files away")]


def _imported(path: Path) -> bool:
    try:
        facts = from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and set(facts) >= _FACTS


def _report(folder: Path, report: Path) -> list[Fault]:
    """Faults of the place of the page."""
    if report.is_dir():
        return [Fault(str(report), "is a folder; a file is to be written there")]
    if not report.absolute().parent.is_dir():
        return [Fault(str(report), "there is no such folder to write the page into")]
    if any(report.resolve() == (folder / name).resolve() for name in TOUCHED if name not in QUALITY_PAGES.values()):
        return [Fault(str(report), "is the name of another file of the data folder", "", "Choose another --report")]
    if report.exists() and not _is_page(report):
        return [Fault(str(report), "is there and is not a page of `qicsim import`", "a new file, or an earlier page",
                      "Choose another --report, or move this file away")]
    return []


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
        return any(page in begins for page in _PAGES)
    except OSError:
        return False
