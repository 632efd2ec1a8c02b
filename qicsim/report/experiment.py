"""The report of an experiment: the answer in words, the figures with their tables, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qicsim.analysis.findings import Findings
from qicsim.ground.files import together, without_formulas, write_text
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.overrides import overrides_said
from qicsim.report.analyses import EXHIBITS
from qicsim.report.elements import Markup, items, joined, section, table, tag
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.formatting import DRAW_WORDS
from qicsim.report.language import again
from qicsim.report.method import fact_label, files_beside, flat_facts
from qicsim.report.origin import on_what
from qicsim.report.page import document
from qicsim.report.svg import drawing_style
from qicsim.runs.results import Results

PAGE = "report.html"
FOOT = "Synthetic facilities in real provinces. The numbers of the figures stand in the tables beside this page."
CONTENTS = (("findings", "What the runs say"), ("notes", "What to bear in mind"), ("made", "How it was made"))


def write_report(results: Results, findings: Findings, folder: Path | str, provenance: Mapping[str, Any]) -> list[Path]:
    """Write the page and the tables of the findings, all together or not at all; gives the paths, the page first.

    `provenance` holds what a reader needs to make it again (`qicsim.runs.experiment.experiment_facts`).
    """
    with together(Path(folder)) as place:
        tables = [_write_table(place / f"{name}.csv", rows) for name, rows in findings.tables.items()]
        write_text(place / PAGE, render_report(results, findings, provenance, [path.name for path in tables]))
    return [Path(folder) / name for name in (PAGE, *(path.name for path in tables))]


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A table as CSV; a number has as many digits as it takes to read the same number back."""
    import pandas as pd

    write_text(path, without_formulas(pd.DataFrame(list(rows))).to_csv(index=False, lineterminator="\n"))
    return path


def render_report(results: Results, findings: Findings, provenance: Mapping[str, Any], files: Sequence[str]) -> str:
    """The page as text; `files` are the tables beside it."""
    with drawing_style():
        drawn = EXHIBITS[findings.kind](findings)
    parts = {"findings": joined(drawn), "notes": _notes(findings, provenance, results.design.study.scenarios),
             "made": _made(results, provenance, files)}
    there = [(key, title, parts[key]) for key, title in CONTENTS if parts[key]]
    links = tag("nav", *(tag("a", title, href=f"#{key}") for key, title, _ in there), aria_label="On this page")
    body = joined((tag("a", "Skip to the findings", class_="skip", href="#findings"), _top(results, findings),
                   _incomplete(results), links, tag("main", *(section(key, title, part) for key, title, part in there)),
                   tag("footer", tag("p", FOOT))), "\n")
    return document(results.design.study.title, body)


def _top(results: Results, findings: Findings) -> Markup:
    """The title, and the answer: its first sentence large."""
    first, *rest = findings.sentences or ("The runs say nothing.",)
    return tag("header", tag("p", "Quality improvement collaboratives in Cambodia: an experiment", class_="kicker"),
               tag("h1", results.design.study.title), tag("div", tag("p", first), class_="answer"),
               items(rest) if rest else "")


def _incomplete(results: Results) -> Markup:
    """What is lacking, above everything else; nothing when the experiment is complete."""
    state = results.state()
    if state.done == state.runs:
        return Markup("")
    lacking = [f"{state.done:,} of {state.runs:,} runs are done: numbers on this page will change."]
    lacking += [f"{state.failed:,} runs failed; failures.csv has their inputs and causes."] if state.failed else []
    lacking += [f"{state.missing:,} runs are missing."] if state.missing else []
    return tag("aside", tag("h2", "This experiment is not complete"), items(lacking), class_="limits", id="limits")


def _notes(findings: Findings, provenance: Mapping[str, Any], scenarios: Sequence[Scenario]) -> Markup:
    source = str(provenance.get("draws_from", ""))
    drawn = [f"Draws stand for {DRAW_WORDS[source]}."] if source in DRAW_WORDS else []
    of_all = map(again, overrides_said(scenarios))
    return items([*of_all, *findings.notes, *drawn, *filter(None, [zero_effect_sentence()]),
                  f"The model is no forecast: it shows what follows from what is assumed, {on_what(scenarios[0])}."])


def _done(results: Results) -> str:
    """How many runs are there, where some are not."""
    state = results.state()
    return "" if state.done == state.runs else f" are planned, {state.done:,} are done"


def _made(results: Results, provenance: Mapping[str, Any], files: Sequence[str]) -> Markup:
    study, (scenarios, points, replicates) = results.design.study, results.design.shape
    size = (f"{scenarios} scenarios x {points:,} points x {replicates} replicates = {results.design.runs:,} runs"
            f"{_done(results)}; scenarios share draws and luck.")
    facts = [fact for key, value in provenance.items() if key != "scenarios" for fact in flat_facts(key, value)]
    listing = tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", value)))) for key, value in facts),
                  class_="facts")
    rows = [[scenario.title, tag("code", scenario.name), tag("code", scenario.digest[:16], title=scenario.digest)]
            for scenario in study.scenarios]
    return joined((tag("p", size), listing,
                   table("Scenarios", ("Scenario", "Name", "Digest (sha256, first 16)"), rows, class_="dense list"),
                   files_beside(list(files))))
