"""The page of an update by a data folder: what it taught, what it contradicts, what fits, the natural experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.joining import Compared, Joining
from qicsim.estimate.calibrate.posterior_changes import Judged, Taught
from qicsim.estimate.calibrate.update import Update
from qicsim.ground.files import write_text
from qicsim.ground.numbers import percent
from qicsim.inputs.observed.joining import ASSUMPTIONS
from qicsim.report.colours import BLUE, INK, REFERENCE, RULE, VERMILLION
from qicsim.report.data_words import LIMITS, contradictions, experiment_words, fit_now, how_updated, lessons
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, table, tag
from qicsim.report.language import say
from qicsim.report.method import made
from qicsim.report.page import sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

CONTENTS = (("taught", "What the data taught"), ("contradicted", "What they contradict"),
            ("joining", "The natural experiment"), ("made", "How it was made"))
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


def write_data_page(lesson: Lesson, path: Path, *, provenance: Mapping[str, Any]) -> None:
    """Write the page."""
    with drawing_style():
        drawn = (_taught(lesson.taught), _contradicted(lesson.judged), _joining(lesson),
                 _made(lesson.updated, provenance))
    parts = [(key, title, part) for (key, title), part in zip(CONTENTS, drawn, strict=True)]
    write_text(path, sectioned(
        "Calibration: your own scores", parts, kicker=say("Quality improvement collaboratives in {country}"),
        heading="What these scores teach", answer=[lessons(lesson.taught)],
        limits=tag("aside", tag("h2", "What this update cannot say"), items(LIMITS), class_="limits", id="limits")))


def _taught(rows: Sequence[Taught]) -> Markup:
    shown = [row for row in rows if row.new][:SHOWN] or list(rows[:4])
    heads = ("Parameter", "Unit", "Before, 5–95 %", "Now, 5–95 %", "Variance removed", "Shift, SD")
    cells = [_parameter(row) for row in rows]
    whole = table("Before and after the data", heads, cells, class_="dense list",
                  marked=frozenset(place for place, row in enumerate(rows) if row.new))
    note = "Grey: 5–95 % before the data. Blue: with them; the dot is the median. Each row on its own scale."
    return joined((tag("p", lessons(rows)), figure("figure-taught", numbered(1, "Parameters before and with the data"),
                                                   note, _intervals(shown), ""),
                   details("Every parameter", whole)))


def _parameter(row: Taught) -> list[object]:
    name = joined((row.meaning, tag("span", row.parameter, class_="name")), " ")
    return [name, row.unit, _range(row.before_low, row.before_high), _range(row.low, row.high),
            percent(row.contraction), f"{row.shift:+.2f}"]


def _range(low: float, high: float) -> str:
    return f"{low:.3g} to {high:.3g}" if np.isfinite(low) else "–"


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
    axes.set_xlabel("half-widths of the earlier 90 % interval")
    quiet(axes, grid="x")
    names = ", ".join(row.parameter for row in rows)
    return finish(drawing, "taught", f"Intervals of {names} before and with the data")


def _contradicted(rows: Sequence[Judged]) -> Markup:
    heads = ("Summary", "Unit", "Observed", "Error (districts)", "Expected before, 5–95 %", "P before", "Conflict",
             "Expected now, 5–95 %", "Tied most to")
    cells = [[row.meaning, row.unit, f"{row.observed:.3g}", f"{row.error:.2g}",
              _range(row.before_low, row.before_high), f"{row.p:.2g}", row.conflict or "none",
              _range(row.after_low, row.after_high) + (" (missed)" if row.missed else ""), ", ".join(row.tied) or "–"]
             for row in rows]
    marked = frozenset(place for place, row in enumerate(rows) if row.conflict)
    return joined((items(contradictions(rows)), tag("p", fit_now(rows)),
                   table("Observed summaries against the model", heads, cells, class_="dense list", marked=marked)))


def _joining(lesson: Lesson) -> Markup:
    words = items(experiment_words(lesson.before, lesson.after))
    assumed = joined((tag("p", "It is an effect of joining only if:"), items(ASSUMPTIONS)))
    if lesson.after.overall is None:
        return joined((words, assumed))
    heads = ("Quarters since joining", "In the data, points", "Error", "Joiners", "Model before, 5–95 %",
             "Model now, 5–95 %")
    cells = [[str(new.quarter), f"{new.observed:+.2f}", f"{new.error:.2f}", f"{new.joiners:,}",
              _range(old.low, old.high), _range(new.low, new.high)]
             for old, new in zip(lesson.before.rows, lesson.after.rows, strict=True)]
    note = ("Points of the recorded score, against facilities of the same kind not yet in a collaborative, relative to "
            "the quarter before joining. Dots: the data, with 95 % intervals. Blue: 5–95 % of runs of the updated "
            "model, by the same contrast. It was not fitted.")
    return joined((words, figure("figure-joining", numbered(2, "Joiners against those not yet joined"), note,
                                 _events(lesson.after.rows),
                                 table("Effects by quarter since joining", heads, cells, class_="narrow")), assumed))


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
    axes.set_xlabel("quarters since joining")
    axes.set_ylabel("points")
    quiet(axes)
    return finish(drawing, "joining", f"Effects of joining from {at[0]} to {at[-1]} quarters")


def _made(updated: Update, provenance: Mapping[str, Any]) -> Markup:
    rounds = [[f"{one.runs:,}", f"{one.tolerance:.3g}", f"{one.effective_sample:.0f}"] for one in updated.rounds.rounds]
    prior = ("The draws before the data are continued by a Gaussian copula with their marginals, so that runs need not "
             "repeat the same draws. Errors of the summaries are clustered by district; the part that runs of one "
             "parameter set show already is not added again.")
    return joined((tag("p", how_updated(updated)), tag("p", prior),
                   table("Rounds", ("Runs before", "Tolerance", "Effective sample"), rounds, class_="narrow"),
                   made(provenance, left_out=("chosen",))))
