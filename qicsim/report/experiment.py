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
from qicsim.report.elements import Markup, items, joined, table, tag
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.formatting import DRAW_WORDS
from qicsim.report.language import Language, again, counted, name_of, say, text
from qicsim.report.method import made
from qicsim.report.origin import no_forecast
from qicsim.report.outputs import pages_of, take_away, write_pages
from qicsim.report.page import sectioned
from qicsim.report.svg import drawing_style
from qicsim.runs.results import Results

PAGES = pages_of("report.html")
CONTENTS = {"findings": text("What the runs say"), "notes": text("What to bear in mind"),
            "made": text("How it was made")}


def write_report(results: Results, findings: Findings, folder: Path | str, provenance: Mapping[str, Any], *,
                 language: str = "en") -> list[Path]:
    """Write the page and the tables of the findings, all together or not at all; gives the paths, the page first.

    `provenance` holds what a reader needs to make it again (`qicsim.runs.experiment.experiment_facts`); `language` is
    en, km or both.
    """
    with together(Path(folder)) as place:
        tables = [_write_table(place / f"{name}.csv", rows).name for name, rows in findings.tables.items()]
        pages = write_pages(place, PAGES, language, lambda _, others: render_report(
            results, findings, provenance, tables, others=others))
    take_away(Path(folder), PAGES.values(), pages)
    return [Path(folder) / name for name in (*pages, *tables)]


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A table as CSV; a number has as many digits as it takes to read the same number back."""
    import pandas as pd

    write_text(path, without_formulas(pd.DataFrame(list(rows))).to_csv(index=False, lineterminator="\n"))
    return path


def render_report(results: Results, findings: Findings, provenance: Mapping[str, Any], files: Sequence[str], *,
                  others: Mapping[Language, str] | None = None) -> str:
    """The page as text, in the language spoken; `files` are the tables beside it."""
    with drawing_style():
        drawn = EXHIBITS[findings.kind](findings)
    parts = {"findings": joined(drawn), "notes": _notes(findings, provenance, results.design.study.scenarios),
             "made": _made(results, provenance, files)}
    first, *rest = map(again, findings.sentences or (say("The runs say nothing."),))
    return sectioned(name_of(results.design.study.title),
                     [(key, say(title), parts[key]) for key, title in CONTENTS.items() if parts[key]],
                     kicker=say("Quality improvement collaboratives in {country}: an experiment"), answer=[first],
                     more=items(rest) if rest else "", limits=_incomplete(results), others=others)


def _incomplete(results: Results) -> Markup:
    """What is lacking, above everything else; nothing when the experiment is complete."""
    state = results.state()
    if state.done == state.runs:
        return Markup("")
    lacking = [say("{done} of {runs} runs are done: numbers on this page will change.", done=f"{state.done:,}",
                   runs=f"{state.runs:,}")]
    lacking += [counted(state.failed, "{count} run failed; {file} has its inputs and cause.",
                        "{count} runs failed; {file} has their inputs and causes.", file="failures.csv")
                ] if state.failed else []
    lacking += [counted(state.missing, "{count} run is missing.", "{count} runs are missing.")] if state.missing else []
    return tag("aside", tag("h2", say("This experiment is not complete")), items(lacking), class_="limits", id="limits")


def _notes(findings: Findings, provenance: Mapping[str, Any], scenarios: Sequence[Scenario]) -> Markup:
    source = str(provenance.get("draws_from", ""))
    drawn = [say("Draws stand for {words}.", words=say(DRAW_WORDS[source]))] if source in DRAW_WORDS else []
    return items([*map(again, (*overrides_said(scenarios), *findings.notes)), *drawn,
                  *filter(None, [zero_effect_sentence()]), no_forecast(scenarios[0])])


def _made(results: Results, provenance: Mapping[str, Any], files: Sequence[str]) -> Markup:
    study, state, (scenarios, points, replicates) = results.design.study, results.state(), results.design.shape
    told = {"scenarios": scenarios, "points": f"{points:,}", "replicates": replicates,
            "runs": f"{results.design.runs:,}", "done": f"{state.done:,}"}
    size = (say("{scenarios} scenarios x {points} points x {replicates} replicates = {runs} runs; scenarios share "
                "draws and luck.", **told) if state.done == state.runs else
            say("{scenarios} scenarios x {points} points x {replicates} replicates = {runs} runs are planned, {done} "
                "are done; scenarios share draws and luck.", **told))
    rows = [[name_of(scenario.title), tag("code", scenario.name),
             tag("code", scenario.digest[:16], title=scenario.digest)] for scenario in study.scenarios]
    heads = (say("Scenario"), say("Name"), say("Digest (sha256, first 16)"))
    return joined((tag("p", size), table(say("Scenarios"), heads, rows, class_="dense list"),
                   made(dict(provenance) | {"files": list(files)})))
