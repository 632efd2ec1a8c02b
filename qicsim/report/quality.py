"""The page of an import: what was read and understood, what is wrong, and what became of every input row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from qicsim.analysis.amounts import sentence_case
from qicsim.ground.files import write_text
from qicsim.ground.numbers import number, percent
from qicsim.inputs.exchange.checks import FEWEST_ROUND, HARDLY, JUMP, MANY, SURE, THRESHOLD, WINDOW
from qicsim.inputs.exchange.findings import ERROR, NOTE, WARNING, Finding, causes
from qicsim.inputs.exchange.importing import Imported, counts, total_grid
from qicsim.report.elements import Markup, details, items, joined, table, tag
from qicsim.report.language import (
    Language,
    again,
    counted,
    languages,
    place_name,
    say,
    speaking,
    text,
    untranslated,
)
from qicsim.report.outputs import pages_of, write_pages
from qicsim.report.page import Section, sectioned

MOST = 200
LATEST = 8
TITLES = {ERROR: text("Errors"), WARNING: text("Warnings"), NOTE: text("How the files were understood")}
ROLES = {"register": text("register"), "scores": text("scores"), "joined": text("joining"),
         "population": text("population"), "crosswalk": text("crosswalk")}
FATES = {"used": text("used"), "not used": text("not used"), "error": text("error")}
REASONS = (
    text("above the headings"), text("headings"), text("empty"), text("no score"), text("never joined"),
    text("facility left out"), text("a row of totals"), text("the same again"), text("the same score again"),
    text("not a score of the model"), text("not understood"), text("not understood as scores"),
    text("left out by its type"), text("left out by the crosswalk"), text("not read: there is no register"),
    text("a row of hashtags"))
"""Why rows were not used, as far as these are fixed texts."""


def write_quality_page(imported: Imported, path: Path, *, command: str, language: str = "en") -> list[Path]:
    """Write the page (en, km or both: `quality.html` and `quality.km.html`); it is there whole or not at all."""
    if len(languages(language)) == 1:
        with speaking(languages(language)[0]):
            write_text(path, quality_page(imported, command=command))
        return [path]
    return [path.parent / name for name in write_pages(
        path.parent, pages_of(path.name), language,
        lambda _, others: quality_page(imported, command=command, others=others))]


def quality_page(imported: Imported, *, command: str, others: Mapping[Language, str] | None = None) -> str:
    """The page as text, in the language spoken; whatever stands in the files is escaped."""
    parts: list[Section] = [
        ("read", say("What was read"), _read(imported)),
        *((level, say(title), joined(_findings(imported.findings.of(level)))) for level, title in TITLES.items()),
        ("quarters", say("Scores by quarter"), _quarters(imported)),
        ("districts", say("Districts"), joined(_districts(imported))),
        ("rows", say("Every input row"), joined(_rows(imported))),
        ("explained", say("How the checks work"), joined((items(_explained()), tag(
            "p", say("Made by"), " ", tag("code", command), class_="note"))))]
    return sectioned(say("Quality of the data"), parts, kicker=say("Quality improvement collaboratives in {country}"),
                     answer=[_verdict(imported)], others=others)


def _explained() -> list[str]:
    return [
        say("Jump: {jump} points or more from one quarter to the next, exact zeros aside; one line where {share} of "
            "the facilities or more jump together, and for a score that differs from both its neighbours.",
            jump=f"{JUMP:g}", share=percent(MANY)),
        say("Exact zeros: total scores of 0, which often stand for facilities that were not assessed."),
        say("Heaping: more scores from {low} to {high} than the mean of the {width} points below and above would give, "
            "with p under {p} (Poisson counts, normal tail).", low=f"{THRESHOLD:g}", high=f"{THRESHOLD + WINDOW:g}",
            width=f"{2 * WINDOW:g}", p=f"{SURE:g}"),
        say("Suspended round: fewer than {share} of the usual number of facilities have a score.",
            share=percent(FEWEST_ROUND)),
        say("No variation: all facilities of a district lie within {points} points.", points=f"{HARDLY:g}"),
        say("Missing quarters: gaps between a facility's first and last score, suspended rounds aside.")]


def _verdict(imported: Imported) -> str:
    errors, warnings = (len(imported.findings.of(level)) for level in (ERROR, WARNING))
    warned = counted(warnings, "{count} warning", "{count} warnings")
    if errors:
        return say("{errors} must be corrected before the data can be used, and {warnings} should be looked at. "
                   "Nothing was written but this page.", errors=counted(errors, "{count} error", "{count} errors"),
                   warnings=warned)
    told = {name: f"{count:,}" for name, count in counts(imported).items()}
    return say("{facilities} facilities in {districts} operational districts and {provinces} provinces, {scores} "
               "scores of {quarters} quarters. No errors; {warnings} to look at.", warnings=warned,
               **{name: told[name] for name in ("facilities", "districts", "provinces", "scores", "quarters")})


def _read(imported: Imported) -> Markup:
    rows = [(untranslated(file.name), say(ROLES[file.role]), untranslated(file.form), f"{file.size:,}",
             tag("code", file.sha256[:16])) for file in imported.files]
    heads = (say("File"), say("Read as"), say("Form"), say("Bytes"), say("SHA-256 begins with"))
    return table(say("Input files"), heads, rows)


def _findings(findings: Sequence[Finding]) -> list[Markup]:
    """A table for each cause, most important first, behind a list of all causes with their counts."""
    if not findings:
        return [tag("p", say("None."))]
    several = causes(findings)
    rows = [(_named(cause.check), f"{len(cause.findings):,}", f"{cause.rows:,}", again(cause.findings[0].found))
            for cause in several]
    heads = (say("Cause"), say("Findings"), say("Rows or places"), say("The first"))
    overview = table(say("By cause, what to look at first on top"), heads, rows, class_="list")
    return [overview, *(_kind(cause.check, cause.findings) for cause in several)]


def _named(check: str) -> str:
    return sentence_case(say(check))


def _kind(check: str, found: Sequence[Finding]) -> Markup:
    rows = [(untranslated(one.place) or "–", again(one.found), joined((part for part in (
        say("Allowed: {allowed}.", allowed=again(one.allowed)) if one.allowed else "", again(one.hint)) if part), " "),
        f"{one.rows:,}") for one in found[:MOST]]
    heads = (say("Where"), say("What"), say("What to do"), say("Rows or places"))
    shown = table(say("{check} ({count})", check=_named(check), count=f"{len(found):,}"), heads, rows, class_="list")
    more = tag("p", say("{count} more of this kind are not shown.", count=f"{len(found) - MOST:,}")) if (
        len(found) > MOST) else ""
    return joined((shown, more))


def _quarters(imported: Imported) -> Markup:
    """Facilities scored, mean, spread and share at the threshold for each quarter."""
    grid = total_grid(imported)
    rows = []
    for column, quarter in enumerate(imported.quarters):
        found = grid[:, column][np.isfinite(grid[:, column])]
        rows.append((quarter, f"{found.size:,}", *((number(found.mean(), 1), number(found.std(), 1),
                     percent(np.mean(found >= THRESHOLD))) if found.size else ("–", "–", "–"))))
    if not rows:
        return tag("p", say("No scores."))
    heads = (say("Quarter"), say("Facilities with a score"), say("Mean"), say("Standard deviation"),
             say("Share at {threshold} or more", threshold=f"{THRESHOLD:g}"))
    return table(say("Total scores"), heads, rows)


def _districts(imported: Imported) -> list[Markup]:
    """How complete each district's scores are by quarter, and for each what to follow up there."""
    register, quarters = imported.register, imported.quarters
    if register is None or not quarters:
        return [tag("p", say("No scores."))]
    scored = np.isfinite(total_grid(imported))
    homes: dict[tuple[str, str], list[int]] = {}
    for at, pair in enumerate(zip(register.province, register.operational_district, strict=True)):
        homes.setdefault(pair, []).append(at)
    rows = [(untranslated(district), place_name(province), f"{len(places):,}", percent(scored[places].mean()),
             *(percent(share) for share in scored[places].mean(axis=0)[-LATEST:]))
            for (province, district), places in homes.items()]
    heads = (say("District"), say("Province"), say("Facilities"), say("All quarters"), *quarters[-LATEST:])
    shown = table(say("Facilities with a total score, share by district and quarter"), heads, rows, class_="dense")
    lists = [details(say("{district}, {province}: to follow up", district=district, province=place_name(province)),
                     items(asked)) for (province, district), places in homes.items()
             if (asked := _to_follow_up(imported, scored, places))]
    return [shown, tag("p", say("A list for each district, to hand out:") if lists else say("Nothing to follow up.")),
            *lists]


def _to_follow_up(imported: Imported, scored: np.ndarray, places: Sequence[int]) -> list[str]:
    """What a district should look at: facilities without scores, gaps, and findings that name one of its facilities."""
    register, quarters = imported.register, imported.quarters
    if register is None:
        return []
    said = []
    for at in places:
        told = {"facility": register.name[at], "id": register.id[at]}
        ever = np.flatnonzero(scored[at])
        missing = [quarters[place] for place in range(ever[0], ever[-1]) if not scored[at, place]] if ever.size else []
        if not ever.size:
            said.append(say("{facility} ({id}): no score at all", **told))
        elif missing:
            said.append(say("{facility} ({id}): no score in {quarters}", quarters=", ".join(missing), **told))
    mine = {register.id[at] for at in places}
    return said + [again(one.found) for one in imported.findings.of(WARNING) if one.place in mine
                   and one.check != "missing quarters"]


def _rows(imported: Imported) -> list[Markup]:
    """Totals of each file, and the accounts behind them."""
    totals = [(untranslated(str(file)), *(f"{int(count):,}" for count in row))
              for file, row in imported.accounts.totals().iterrows()]
    lines = imported.accounts.frame()
    reasons = lines.groupby(["file", "fate", "reason"], sort=False)["count"].sum().reset_index()
    rows = [(untranslated(row.file), say(FATES[row.fate]), again(row.reason) if row.reason else "–",
             f"{int(row.number):,}") for row in reasons.rename(columns={"count": "number"}).head(MOST).itertuples()]
    return [table(say("Rows, or cells of wide tables, by fate"),
                  (say("File"), say("Rows"), say("Used"), say("Not used"), say("Error")), totals),
            details(say("By reason"), table(say("Fates and reasons"),
                                            (say("File"), say("Fate"), say("Reason"), say("Rows")), rows)),
            tag("p", say("{file} has every row.", file="accounts.csv"), class_="note")]
