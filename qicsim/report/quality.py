"""The page of an import: what was read and understood, what is wrong, and what became of every input row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qicsim.ground.files import write_text
from qicsim.ground.numbers import plural
from qicsim.inputs.exchange.checks import FEWEST_ROUND, HARDLY, JUMP, MANY, SURE, THRESHOLD, WINDOW
from qicsim.inputs.exchange.findings import ERROR, NOTE, WARNING, Finding, causes
from qicsim.inputs.exchange.importing import Imported, counts, total_grid
from qicsim.report.elements import Markup, details, items, joined, section, table, tag
from qicsim.report.page import document

MOST = 200
LATEST = 8
TITLES = {ERROR: "Errors", WARNING: "Warnings", NOTE: "How the files were understood"}
EXPLAINED = (
    (f"Jump: {JUMP:g} points or more from one quarter to the next, exact zeros aside; one line where {MANY:.0%} of the "
     "facilities or more jump together, and for a score that differs from both its neighbours."),
    "Exact zeros: total scores of 0, which often stand for facilities that were not assessed.",
    (f"Heaping: more scores from {THRESHOLD:g} to {THRESHOLD + WINDOW:g} than the mean of the {2 * WINDOW:g} points "
     f"below and above would give, with p under {SURE:g} (Poisson counts, normal tail)."),
    f"Suspended round: fewer than {FEWEST_ROUND:.0%} of the usual number of facilities have a score.",
    f"No variation: all facilities of a district lie within {HARDLY:g} points.",
    "Missing quarters: gaps between a facility's first and last score, suspended rounds aside.")


def write_quality_page(imported: Imported, path: Path, *, command: str) -> None:
    """Write the page; it is there whole or not at all."""
    write_text(path, quality_page(imported, command=command))


def quality_page(imported: Imported, *, command: str) -> str:
    """The page as text; whatever stands in the files is escaped."""
    parts = [("read", section("read", "What was read", _read(imported))),
             *((level, section(level, TITLES[level], *_findings(imported.findings.of(level))))
               for level in (ERROR, WARNING, NOTE)),
             ("quarters", section("quarters", "Scores by quarter", _quarters(imported))),
             ("districts", section("districts", "Districts", *_districts(imported))),
             ("rows", section("rows", "Every input row", *_rows(imported))),
             ("explained", section("explained", "How the checks work", items(EXPLAINED),
                                   tag("p", "Made by ", tag("code", command), class_="note")))]
    titles = {"read": "What was read", **TITLES, "quarters": "Quarters", "districts": "Districts",
              "rows": "Rows", "explained": "Checks"}
    links = tag("nav", *(tag("a", titles[key], href=f"#{key}") for key, _ in parts), aria_label="On this page")
    top = tag("header", tag("p", "Quality improvement collaboratives in Cambodia", class_="kicker"),
              tag("h1", "Quality of the data"), tag("div", tag("p", _verdict(imported)), class_="answer"))
    main = tag("main", *(part for _, part in parts))
    return document("Quality of the data", joined((tag("a", "Skip to what was read", class_="skip", href="#read"), top,
                                                   links, main), "\n"))


def _verdict(imported: Imported) -> str:
    errors, warnings = (len(imported.findings.of(level)) for level in (ERROR, WARNING))
    if errors:
        return (f"{plural(errors, 'error', 'errors')} must be corrected before the data can be used, and "
                f"{plural(warnings, 'warning', 'warnings')} should be looked at. Nothing was written but this page.")
    number = counts(imported)
    return (f"{number['facilities']:,} facilities in {number['districts']:,} operational districts and "
            f"{plural(number['provinces'], 'province', 'provinces')}, {number['scores']:,} scores of "
            f"{number['quarters']:,} quarters. No errors; {plural(warnings, 'warning', 'warnings')} to look at.")


def _read(imported: Imported) -> Markup:
    rows = [(file.name, file.role, file.form, f"{file.size:,}", tag("code", file.sha256[:16]))
            for file in imported.files]
    return table("Input files", ("File", "Read as", "Form", "Bytes", "SHA-256 begins with"), rows)


def _findings(findings: Sequence[Finding]) -> list[Markup]:
    """A table for each cause, most important first, behind a list of all causes with their counts."""
    if not findings:
        return [tag("p", "None.")]
    several = causes(findings)
    rows = [(cause.check.capitalize(), f"{len(cause.findings):,}", f"{cause.rows:,}", cause.findings[0].found)
            for cause in several]
    overview = table("By cause, what to look at first on top", ("Cause", "Findings", "Rows or places", "The first"),
                     rows, class_="list")
    return [overview, *(_kind(cause.check, cause.findings) for cause in several)]


def _kind(check: str, found: Sequence[Finding]) -> Markup:
    rows = [(one.place or "–", one.found, " ".join(part for part in (
        f"Allowed: {one.allowed}." if one.allowed else "", one.hint) if part), f"{one.rows:,}") for one in found[:MOST]]
    shown = table(f"{check.capitalize()} ({len(found):,})", ("Where", "What", "What to do", "Rows or places"), rows,
                  class_="list")
    more = tag("p", f"{len(found) - MOST:,} more of this kind are not shown.") if len(found) > MOST else ""
    return joined((shown, more))


def _quarters(imported: Imported) -> Markup:
    """Facilities scored, mean, spread and share at the threshold for each quarter."""
    grid = total_grid(imported)
    rows = []
    for column, quarter in enumerate(imported.quarters):
        found = grid[:, column][np.isfinite(grid[:, column])]
        rows.append((quarter, f"{found.size:,}", *((f"{found.mean():.1f}", f"{found.std():.1f}",
                     f"{100 * np.mean(found >= THRESHOLD):.0f}%") if found.size else ("–", "–", "–"))))
    if not rows:
        return tag("p", "No scores.")
    return table("Total scores", ("Quarter", "Facilities with a score", "Mean", "Standard deviation",
                                  f"Share at {THRESHOLD:g} or more"), rows)


def _districts(imported: Imported) -> list[Markup]:
    """How complete each district's scores are by quarter, and for each what to follow up there."""
    register, quarters = imported.register, imported.quarters
    if register is None or not quarters:
        return [tag("p", "No scores.")]
    scored = np.isfinite(total_grid(imported))
    homes: dict[tuple[str, str], list[int]] = {}
    for at, pair in enumerate(zip(register.province, register.operational_district, strict=True)):
        homes.setdefault(pair, []).append(at)
    rows = [(district, province, f"{len(places):,}", f"{scored[places].mean():.0%}",
             *(f"{share:.0%}" for share in scored[places].mean(axis=0)[-LATEST:]))
            for (province, district), places in homes.items()]
    heads = ("District", "Province", "Facilities", "All quarters", *quarters[-LATEST:])
    shown = table("Facilities with a total score, share by district and quarter", heads, rows, class_="dense")
    lists = [details(f"{district}, {province}: to follow up", items(asked)) for (province, district), places
             in homes.items() if (asked := _to_follow_up(imported, scored, places))]
    return [shown, tag("p", "A list for each district, to hand out:" if lists else "Nothing to follow up."), *lists]


def _to_follow_up(imported: Imported, scored: np.ndarray, places: Sequence[int]) -> list[str]:
    """What a district should look at: facilities without scores, gaps, and findings that name one of its facilities."""
    register, quarters = imported.register, imported.quarters
    if register is None:
        return []
    said = []
    for at in places:
        ever = np.flatnonzero(scored[at])
        missing = [quarters[place] for place in range(ever[0], ever[-1]) if not scored[at, place]] if ever.size else []
        if not ever.size:
            said.append(f"{register.name[at]} ({register.id[at]}): no score at all")
        elif missing:
            said.append(f"{register.name[at]} ({register.id[at]}): no score in {', '.join(missing)}")
    mine = {register.id[at] for at in places}
    return said + [f"{one.found}" for one in imported.findings.of(WARNING) if one.place in mine
                   and one.check != "missing quarters"]


def _rows(imported: Imported) -> list[Markup]:
    """Totals of each file, and the accounts behind them."""
    totals = [(str(file), *(f"{int(number):,}" for number in row))
              for file, row in imported.accounts.totals().iterrows()]
    lines = imported.accounts.frame()
    reasons = lines.groupby(["file", "fate", "reason"], sort=False)["count"].sum().reset_index()
    return [table("Rows, or cells of wide tables, by fate", ("File", "Rows", "Used", "Not used", "Error"), totals),
            details("By reason", table("Fates and reasons", ("File", "Fate", "Reason", "Rows"),
                    [(row.file, row.fate, row.reason or "–", f"{int(row.number):,}")
                     for row in reasons.rename(columns={"count": "number"}).head(MOST).itertuples()])),
            tag("p", "accounts.csv has every row.", class_="note")]
