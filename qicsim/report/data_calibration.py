"""What an update by a data folder leaves: posterior, tables, README, and the page of what it taught and contradicts."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qicsim import __version__
from qicsim.estimate.calibrate.joining import Compared, Joining
from qicsim.estimate.calibrate.posterior_changes import Judged, Taught
from qicsim.estimate.calibrate.shipped import NAME, write_posterior
from qicsim.estimate.calibrate.update import Update
from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import InputError
from qicsim.ground.files import together, write_bytes, write_text
from qicsim.ground.numbers import NONE, number, percent
from qicsim.inputs.observed.joining import ASSUMPTIONS
from qicsim.report.calibration import FILES as CALIBRATION_FILES
from qicsim.report.calibration import PAGE, PAGES, POSTERIOR, README, interval_words
from qicsim.report.calibration_words import METHODS, write_tables
from qicsim.report.colours import BLUE, INK, REFERENCE, RULE, VERMILLION
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, table, tag
from qicsim.report.language import Language, counted, say, text, text_of
from qicsim.report.method import made
from qicsim.report.outputs import take_away, write_pages
from qicsim.report.page import sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet
from qicsim.runs.posterior import read_posterior

LIMITS = (
    text("The data are recorded scores. What a parameter says about care that no score records is not tested by them."),
    text("Facilities of one district are not independent: errors are those of leaving out one district at a time. With "
         "few districts they are rough themselves."),
    text("The levers of the scenario (support, rounds, coaches) are taken as they are. If something else happened, "
         "parameters take the blame."),
    text("A parameter that is not marked in the table is as it was before."),
    text("The update takes the model to be right up to the stated discrepancies. Where a summary is missed after the "
         "update, it is not, and the posterior should not be trusted there."),
)
CONFLICTS = {
    "strong": {"lower": text("Strong conflict: {summary} is {value} {unit}, lower than the earlier draws expect "
                             "({expected}, 90 %); so far out in {chance} of runs. {tied}."),
               "higher": text("Strong conflict: {summary} is {value} {unit}, higher than the earlier draws expect "
                              "({expected}, 90 %); so far out in {chance} of runs. {tied}.")},
    "some": {"lower": text("Some conflict: {summary} is {value} {unit}, lower than the earlier draws expect "
                           "({expected}, 90 %); so far out in {chance} of runs. {tied}."),
             "higher": text("Some conflict: {summary} is {value} {unit}, higher than the earlier draws expect "
                            "({expected}, 90 %); so far out in {chance} of runs. {tied}.")}}
CONFLICT_WORDS = {"strong": text("strong"), "some": text("some"), "": text("none")}
RARE, FAR_APART = 0.001, 0.05


def how_updated(updated: Update) -> str:
    """How the update was made."""
    known, panel = updated.posterior.diagnostics, updated.world.panel
    return say("Scores of {facilities} facilities in {districts}, {first} to {last}, gave {summaries} summaries. "
               "{runs} draws of {prior} were simulated to the last quarter, and {added} more where the data asked for "
               "them, until {stopped}. Method: {method}; effective sample {sample} ({chosen}).",
               facilities=f"{len(panel.facility):,}",
               districts=counted(len(set(panel.district)), "{count} district", "{count} districts"),
               first=panel.quarters[0], last=panel.quarters[-1], summaries=len(updated.aims),
               runs=f"{updated.effort.runs:,}", prior=text_of(updated.prior.source),
               added=f"{len(updated.pool) - len(updated.bank):,}", stopped=text_of(updated.rounds.stopped),
               method=say(METHODS.get(known.method, known.method)), sample=number(known.effective_sample),
               chosen=text_of(known.chosen))


def lessons(rows: Sequence[Taught]) -> str:
    """What the data taught."""
    new = [row for row in rows if row.new]
    if not new:
        return say("The data taught nothing beyond what was known: no parameter moved more than chance could move it.")
    told = "; ".join(say("{meaning} ({parameter}): {before} before, now {now}", meaning=text_of(row.meaning),
                         parameter=row.parameter, before=interval_words(row.before_low, row.before_high),
                         now=interval_words(row.low, row.high)) for row in new[:5])
    return counted(len(new), "The data taught something about {count} parameter of {all}. Most about: {parameters}.",
                   "The data taught something about {count} parameters of {all}. Most about: {parameters}.",
                   all=len(rows), parameters=told)


def contradictions(rows: Sequence[Judged]) -> list[str]:
    """Which assumptions the data contradict, plainly."""
    against = sorted((row for row in rows if row.conflict), key=lambda row: row.p)
    if not against:
        return [say("No summary of the data contradicts what was assumed: none lies far out under the earlier draws.")]
    return [_contradiction(row) for row in against]


def _contradiction(row: Judged) -> str:
    tied = (say("The parameters most tied to it: {parameters}", parameters=", ".join(row.tied)) if row.tied else
            say("No parameter is tied to it"))
    return say(CONFLICTS[row.conflict]["lower" if row.observed < row.before_middle else "higher"],
               summary=text_of(row.meaning), value=f"{row.observed:.3g}", unit=text_of(row.unit),
               expected=interval_words(row.before_low, row.before_high), tied=tied,
               chance=say("less than {share}", share=percent(RARE, 1)) if row.p < RARE else percent(row.p, 1))


def fit_now(rows: Sequence[Judged]) -> str:
    """How the summaries fit after the update."""
    missed = [text_of(row.meaning) for row in rows if row.missed]
    if not missed:
        return say("After the update all {count} summaries lie within the 90 % interval of what runs would show.",
                   count=len(rows))
    return say("After the update {count} of {all} summaries are still missed: {summaries}. The model cannot show them "
               "together with the others.", count=len(missed), all=len(rows), summaries="; ".join(missed))


def experiment_words(before: Joining, after: Joining) -> list[str]:
    """The natural experiment, against the model before and after."""
    found = [say("Before the update: {verdict}", verdict=text_of(before.verdict))]
    if after.overall is not None:
        found.append(say("After the update: {verdict}", verdict=text_of(after.verdict)))
        p = after.observed.before_p
        if not math.isnan(p):
            found.append(say("Paths of joiners and others before joining: they differ, so that the effect must not be "
                             "believed (p = {p}).", p=f"{p:.2g}") if p < FAR_APART else
                         say("Paths of joiners and others before joining: no difference is seen (p = {p}).",
                             p=f"{p:.2g}"))
    return found


CONTENTS = (("taught", text("What the data taught")), ("contradicted", text("What they contradict")),
            ("joining", text("The natural experiment")), ("made", text("How it was made")))
SHOWN = 12
ROW = 30.0


@dataclass(frozen=True, eq=False)
class Lesson:
    """All that is said of an update."""

    updated: Update
    taught: tuple[Taught, ...]
    judged: tuple[Judged, ...]
    before: Joining
    after: Joining


def data_page(lesson: Lesson, *, provenance: Mapping[str, Any], others: Mapping[Language, str] | None = None) -> str:
    """The page, in the language spoken."""
    with drawing_style():
        drawn = (_taught(lesson.taught), _contradicted(lesson.judged), _joining(lesson),
                 _made(lesson.updated, provenance))
    parts = [(key, say(title), part) for (key, title), part in zip(CONTENTS, drawn, strict=True)]
    limits = tag("aside", tag("h2", say("What this update cannot say")), items(map(say, LIMITS)), class_="limits",
                 id="limits")
    return sectioned(say("Calibration: your own scores"), parts,
                     kicker=say("Quality improvement collaboratives in {country}"),
                     heading=say("What these scores teach"), answer=[lessons(lesson.taught)], limits=limits,
                     others=others)


def _taught(rows: Sequence[Taught]) -> Markup:
    shown = [row for row in rows if row.new][:SHOWN] or list(rows[:4])
    heads = (say("Parameter"), say("Unit"), say("Before, 5–95 %"), say("Now, 5–95 %"), say("Variance removed"),
             say("Shift, SD"))
    cells = [_parameter(row) for row in rows]
    whole = table(say("Before and after the data"), heads, cells, class_="dense list",
                  marked=frozenset(place for place, row in enumerate(rows) if row.new))
    note = say("Grey: 5–95 % before the data. Blue: with them; the dot is the median. Each row on its own scale.")
    title = numbered(1, say("Parameters before and with the data"), say("Figure"))
    return joined((tag("p", lessons(rows)), figure("figure-taught", title, note, _intervals(shown), ""),
                   details(say("Every parameter"), whole)))


def _parameter(row: Taught) -> list[object]:
    name = joined((text_of(row.meaning), tag("span", row.parameter, class_="name")), " ")
    return [name, text_of(row.unit), interval_words(row.before_low, row.before_high), interval_words(row.low, row.high),
            percent(row.contraction), f"{row.shift:+.2f}"]


def _intervals(rows: Sequence[Taught]) -> Markup:
    """Intervals of parameters, each in half-widths of the earlier one."""
    drawing = canvas(700.0, 48.0 + ROW * len(rows))
    axes = frame(drawing, (250.0, 30.0, 38.0, 4.0))
    for place, row in enumerate(rows):
        middle = 0.5 * (row.before_low + row.before_high)
        half = max(0.5 * (row.before_high - row.before_low), 1e-12)
        axes.plot([-1.0, 1.0], [place, place], color=RULE, linewidth=7.0, solid_capstyle="butt")
        axes.plot([(row.low - middle) / half, (row.high - middle) / half], [place, place], color=BLUE, linewidth=3.0,
                  solid_capstyle="butt")
        axes.plot([(row.middle - middle) / half], [place], marker="o", markersize=5.0, color=BLUE)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [row.parameter for row in rows])
    axes.set_xlabel(say("half-widths of the earlier 90 % interval"))
    quiet(axes, grid="x")
    names = ", ".join(row.parameter for row in rows)
    return finish(drawing, "taught", say("Intervals of {parameters} before and with the data", parameters=names))


def _contradicted(rows: Sequence[Judged]) -> Markup:
    heads = (say("Summary"), say("Unit"), say("Observed"), say("Error (districts)"), say("Expected before, 5–95 %"),
             say("P before"), say("Conflict"), say("Expected now, 5–95 %"), say("Tied most to"))
    cells = [[text_of(row.meaning), text_of(row.unit), f"{row.observed:.3g}", f"{row.error:.2g}",
              interval_words(row.before_low, row.before_high), f"{row.p:.2g}", say(CONFLICT_WORDS[row.conflict]),
              _now(row), ", ".join(row.tied) or NONE] for row in rows]
    marked = frozenset(place for place, row in enumerate(rows) if row.conflict)
    return joined((items(contradictions(rows)), tag("p", fit_now(rows)),
                   table(say("Observed summaries against the model"), heads, cells, class_="dense list",
                         marked=marked)))


def _now(row: Judged) -> str:
    """What is expected now; that it is missed, where it is."""
    expected = interval_words(row.after_low, row.after_high)
    return say("{expected} (missed)", expected=expected) if row.missed else expected


def _joining(lesson: Lesson) -> Markup:
    words = items(experiment_words(lesson.before, lesson.after))
    assumed = joined((tag("p", say("It is an effect of joining only if:")), items(map(say, ASSUMPTIONS))))
    if lesson.after.overall is None:
        return joined((words, assumed))
    heads = (say("Quarters since joining"), say("In the data, points"), say("Error"), say("Joiners"),
             say("Model before, 5–95 %"), say("Model now, 5–95 %"))
    cells = [[str(new.quarter), f"{new.observed:+.2f}", f"{new.error:.2f}", f"{new.joiners:,}",
              interval_words(old.low, old.high), interval_words(new.low, new.high)]
             for old, new in zip(lesson.before.rows, lesson.after.rows, strict=True)]
    note = say("Points of the recorded score, against facilities of the same kind not yet in a collaborative, relative "
               "to the quarter before joining. Dots: the data, with 95 % intervals. Blue: 5–95 % of runs of the "
               "updated model, by the same contrast. It was not fitted.")
    title = numbered(2, say("Joiners against those not yet joined"), say("Figure"))
    return joined((words, figure("figure-joining", title, note, _events(lesson.after.rows),
                                 table(say("Effects by quarter since joining"), heads, cells, class_="narrow")),
                   assumed))


def _events(rows: Sequence[Compared]) -> Markup:
    drawing = canvas(700.0, 300.0)
    axes = frame(drawing, (56.0, 20.0, 44.0, 10.0))
    at = [row.quarter for row in rows]
    axes.fill_between(at, [row.low for row in rows], [row.high for row in rows], color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(at, [row.middle for row in rows], color=BLUE, linewidth=1.5)
    axes.errorbar(at, [row.observed for row in rows], yerr=[row.observed_high - row.observed for row in rows], fmt="o",
                  color=INK, markersize=4.5, linewidth=1.2)
    axes.axhline(0.0, color=REFERENCE, linewidth=0.8)
    axes.axvline(-0.5, color=VERMILLION, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.set_xlabel(say("quarters since joining"))
    axes.set_ylabel(say("points"))
    quiet(axes)
    return finish(drawing, "joining", say("Effects of joining from {first} to {last} quarters", first=at[0],
                                          last=at[-1]))


def _made(updated: Update, provenance: Mapping[str, Any]) -> Markup:
    rounds = [[f"{one.runs:,}", f"{one.tolerance:.3g}", f"{one.effective_sample:.0f}"] for one in updated.rounds.rounds]
    prior = say("The draws before the data are continued by a Gaussian copula with their marginals, so that runs need "
                "not repeat the same draws. Errors of the summaries are clustered by district; the part that runs of "
                "one parameter set show already is not added again.")
    return joined((tag("p", how_updated(updated)), tag("p", prior),
                   table(say("Rounds"), (say("Runs before"), say("Tolerance"), say("Effective sample")), rounds,
                         class_="narrow"),
                   made(provenance, left_out=("chosen",))))


FILES = (*CALIBRATION_FILES, "taught.csv", "summaries.csv", "joining.csv", "rounds.csv")


def write_update(lesson: Lesson, folder: Path, provenance: dict[str, Any], *, language: str = "en") -> list[Path]:
    """Write everything; the files, the posterior first. `language` of the page is en, km or both."""
    updated = lesson.updated
    with together(folder) as place:
        write_posterior(place / NAME, updated.prior.parameters, updated.values(updated.effort.draws), provenance)
        tables = write_tables(update_tables(lesson), place)
        pages = write_pages(place, PAGES, language, lambda _, others: data_page(lesson, provenance=provenance,
                                                                                others=others))
        write_text(place / README, update_readme(lesson, provenance))
    take_away(folder, PAGES.values(), pages)
    return [folder / name for name in (*POSTERIOR, *pages, README, *(table.name for table in tables))]


def keep_beside_data(posterior: Path, folder: Path) -> str:
    """Leave a copy of the posterior in the data folder, where commands look for it; what became of it, in words.

    A file there that `qicsim calibrate --data` did not write stays, and a folder that cannot be written is left alone.
    """
    place = folder / NAME
    try:
        if place.exists() and "data_digest" not in read_posterior(place).provenance:
            return f"{place} was not fitted to these data and stays: give --draws {posterior} to other commands."
        write_bytes(place, posterior.read_bytes())
    except (OSError, InputError) as error:
        return f"{place} could not be written ({error}): give --draws {posterior} to other commands."
    return f"Commands with --data {folder} take this posterior from now on (kept as {place})."


def update_tables(lesson: Lesson) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table by its file's name."""
    return {"taught.csv": [asdict(row) for row in lesson.taught],
            "summaries.csv": [{**asdict(row), "tied": "; ".join(row.tied)} for row in lesson.judged],
            "joining.csv": [*_rows("before", lesson.before), *_rows("after", lesson.after)],
            "rounds.csv": [asdict(one) for one in lesson.updated.rounds.rounds]}


def _rows(when: str, joining: Joining) -> list[dict[str, Any]]:
    def row(one: Compared, at: str) -> dict[str, Any]:
        return {"model": when, **asdict(one), "quarter": at}

    whole = [] if joining.overall is None else [row(joining.overall, "all after joining")]
    return [*(row(one, str(one.quarter)) for one in joining.rows), *whole]


def update_provenance(updated: Update, *, command: str) -> dict[str, Any]:
    """How the posterior was made; JSON-able."""
    known = updated.posterior.diagnostics
    panel = updated.world.panel
    return {
        "command": command, "qicsim": __version__, "python": platform.python_version(), "numpy": np.__version__,
        "source_digest": SOURCE_DIGEST, "simulator_digest": updated.problem.identity,
        "data_digest": updated.world.folder.digest, "prior": updated.prior.source,
        "prior_digest": updated.prior.digest, "scenario": updated.world.scenario.name,
        "first_quarter": panel.quarters[0], "last_quarter": panel.quarters[-1], "facilities": len(panel.facility),
        "fitted": [asdict(aim) for aim in updated.aims], "seed": updated.effort.seed, "method": known.method,
        "chosen": known.chosen, "runs_of_prior": len(updated.bank),
        "runs_of_rounds": len(updated.pool) - len(updated.bank), "accepted": known.accepted,
        "effective_sample": known.effective_sample, "stopped": updated.rounds.stopped,
        "rounds": [asdict(one) for one in updated.rounds.rounds], "runs_that_failed": len(updated.pool.failed)}


def update_readme(lesson: Lesson, provenance: Mapping[str, Any]) -> str:
    """How this posterior was made and what it says; every number is of this run."""
    lines = ["# Calibration to your own scores", "", f"Made by `{provenance['command']}`.", "",
             how_updated(lesson.updated), "", "## What the data taught", "", lessons(lesson.taught), "",
             "## What they contradict", "", *(f"- {line}" for line in contradictions(lesson.judged)), "",
             fit_now(lesson.judged), "", "## The natural experiment", "",
             *(f"- {line}" for line in experiment_words(lesson.before, lesson.after)), "", "## What it cannot say", "",
             *(f"- {say(line)}" for line in LIMITS), "", "## Files", "",
             (f"- `{NAME}`: {lesson.updated.effort.draws:,} draws of equal weight; "
              "`qicsim compare --draws FILE` uses it."),
             f"- `{PAGE}`: the figures. The `.csv` files are its tables.", ""]
    return "\n".join(lines)
