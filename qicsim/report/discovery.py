"""The page that says when a plan fails: in which draws, and which early sign tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qicsim.decide import discovery_words as words
from qicsim.decide.boxes import Judged, Limit
from qicsim.decide.discovery import FIFTHS, Discovery
from qicsim.ground.files import together
from qicsim.ground.numbers import NONE, percent
from qicsim.inputs.world.scaling import too_few_places
from qicsim.report.colours import SOFT, TRUE
from qicsim.report.decision_words import meaning_of
from qicsim.report.elements import Markup, details, figure_alone, items, joined, numbered, section, table, tag
from qicsim.report.language import ENGLISH, Language, again, name_of, say, speaking, text
from qicsim.report.method import made
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.report.page import Section, document, draft, language_links
from qicsim.report.panel import Panel
from qicsim.runs.provenance import scenario_facts, versions

WIDE, HIGH = 620.0, 240.0
LIMITS = (
    text("Limits come from the ranges that parameters were given: one with a narrow prior cannot be found."),
    text("A box says where runs fail together, not that its parameters cause it."),
    text("That the form of the model is wrong is in no share here; qicsim compare tries other assumptions."))


def render_discovery(found: Discovery, provenance: Mapping[str, object], *, language: Language = ENGLISH,
                     others: Mapping[Language, str] | None = None) -> str:
    """The page as text; arguments as for the page of a comparison (`page.render_page`)."""
    with speaking(language):
        title = say("When does “{plan}” fail?", plan=name_of(found.plan.title))
        parts = [part for part in _sections(found, provenance) if part[2]]
        links = tag("nav", *(tag("a", name, href=f"#{key}") for key, name, _ in parts), aria_label=say("On this page"))
        told = [words.headline(found), *([words.sign_words(found.signs[-1])] if found.signs else []),
                *too_few_places([found.plan])]
        top = tag("header", language_links(others or {}), tag("h1", title), draft(),
                  tag("div", *(tag("p", again(one)) for one in told), class_="answer"))
        limits = tag("aside", tag("h2", say("What this page cannot say")), items(map(say, LIMITS)), class_="limits",
                     id="limits")
        body = joined((tag("a", say("Skip to the answer"), class_="skip", href="#discovery-where"), top, links,
                       tag("main", *(section(key, name, part) for key, name, part in parts)), limits,
                       tag("footer", tag("p", again(words.basis(found))))), "\n")
        return document(title, body)


def _sections(found: Discovery, provenance: Mapping[str, object]) -> list[Section]:
    return [("discovery-where", say("Where it fails"), _where(found)),
            ("discovery-signs", say("Early signs"), _signs(found)),
            ("discovery-boxes", say("How the box was found"), _boxes(found)),
            ("discovery-reproduce", say("Reproduce"), made(provenance))]


def _where(found: Discovery) -> Markup:
    """Each limit of the box: the share of draws that fail by fifths of its parameter, and a table."""
    if found.box is None:
        return Markup("")
    drawn = joined(_fifths(found, one) for one in _parameters(found.box.limits))
    title = numbered(1, say("How often does it fail, by fifths of what decides?"), say("Figure"))
    note = say("Each dot is the share that fails in a fifth of all {draws} draws, from the lowest values of the "
               "parameter to the highest; the line is the share of all draws; the shade is the box.",
               draws=len(found.fails))
    rows = [[*_limit(found, limit), percent(p, 1)] for limit, p in
            zip(found.box.limits, found.box.other.quasi_p, strict=True)]
    heads = (say("Parameter"), say("Limit"), say("Draws that keep it"), say("As many failures by chance"))
    listed = table(say("The box"), heads, rows)
    aside = items(map(again, words.dropped_words(found))) if found.dropped else Markup("")
    drawing = joined((tag("div", drawn, class_="drawn"), tag("p", note, class_="note")))
    return joined((figure_alone("figure-fifths", title, drawing), listed, aside))


def _parameters(limits: tuple[Limit, ...]) -> list[str]:
    return list(dict.fromkeys(one.parameter for one in limits))


def _limit(found: Discovery, limit: Limit) -> list[object]:
    sign = say("{value} or more", value=f"{limit.value:.3g}") if limit.above else say(
        "{value} or less", value=f"{limit.value:.3g}")
    name = joined((meaning_of(limit.parameter), tag("span", limit.parameter, class_="name")), " ")
    return [name, sign, percent(found.within(limit))]


def _fifths(found: Discovery, parameter: str) -> Markup:
    """The share of draws that fail in each fifth of a parameter, the box shaded."""
    shares = found.by_fifth(parameter)
    panel = Panel((WIDE, HIGH), (52.0, 14.0, 44.0, 12.0))
    panel.y.see(0.0, 100.0)
    panel.x.see(0.0, 1.0)
    assert found.box is not None  # noqa: S101 its caller looked
    low, high = 0.0, 1.0
    for limit in found.box.limits:
        if limit.parameter == parameter:
            share = found.within(limit)
            low, high = (1.0 - share, high) if limit.above else (low, share)
    panel.box((low, high), (0.0, 100.0), "#e3ebf1")
    panel.level(100.0 * found.share, SOFT, 0.8)
    middles = (np.arange(FIFTHS) + 0.5) / FIFTHS
    panel.line(middles, 100.0 * np.array(shares), TRUE, width=1.4)
    panel.dots(middles, 100.0 * np.array(shares), 6.0, TRUE)
    panel.x.labels = {0.1: say("lowest fifth"), 0.9: say("highest fifth")}
    panel.y.name = say("% of draws that fail")
    named = tag("figcaption", meaning_of(parameter), " ", tag("span", parameter, class_="name"))
    label = say("Share of draws that fail by fifths of {parameter}: {shares}.", parameter=parameter,
                shares=", ".join(percent(one) for one in shares))
    return tag("figure", panel.svg(f"fifths-{parameter.replace('.', '-')}", label), named)


def _signs(found: Discovery) -> Markup:
    """What tells early, year by year."""
    if not found.signs:
        return Markup("")
    note = say("What a ministry sees while the plan goes on: recorded scores and teams, and what they have grown by "
               "since the year before it. A sign is no cause: a plan that does badly is seen to do badly.")
    return joined((items(again(words.sign_words(one)) for one in found.signs), tag("p", note, class_="note")))


def _boxes(found: Discovery) -> Markup:
    """Every box of the peeling."""
    if not found.peeled:
        return Markup("")
    rows = [[at, ", ".join(_parameters(one.limits)) or NONE, percent(one.found.coverage), percent(one.found.density),
             percent(one.other.coverage), percent(one.other.density), percent(one.other.mass)]
            for at, one in enumerate(found.peeled)]
    heads = (say("Peel"), say("Parameters"), say("Coverage, found"), say("Density, found"),
             say("Coverage, other half"), say("Density, other half"), say("Draws in it, other half"))
    told = say("A box is peeled a slice at a time (PRIM). Coverage is the share of failures that lie in it, density "
               "the share of what lies in it that fails. The box that is told parts failures from the rest best, with "
               "at most four parameters; limits that are not significant on the other half are dropped.")
    return joined((tag("p", told), details(say("Every box"), table(say("The peeling"), heads, rows, class_="dense"))))


PAGES = pages_of("discovery.html")
TABLES = ("box", "peeling", "signs", "draws")
DISCOVERY_FILES = (*PAGES.values(), FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def tables(found: Discovery) -> dict[str, pd.DataFrame]:
    """Every table by name: limits of the box (dropped ones marked), the peeling, signs, and each draw."""
    kept = [] if found.box is None else [
        {**_outputs_limit(found, limit), "quasi_p": p, "kept": True}
        for limit, p in zip(found.box.limits, found.box.other.quasi_p, strict=True)]
    dropped = [{**_outputs_limit(found, limit), "quasi_p": p, "kept": False} for limit, p in found.dropped]
    peeling = [{"peel": at, "limits": "; ".join(map(_written, one.limits)), **_judged("found", one.found),
                **_judged("other", one.other)} for at, one in enumerate(found.peeled)]
    draws = pd.DataFrame(found.values, columns=list(found.names))
    draws.insert(0, "fails", found.fails)
    draws.insert(1, "half", ["found" if one else "other" for one in found.first])
    draws.insert(0, "draw", range(len(draws)))
    return {"box": pd.DataFrame([*kept, *dropped]), "peeling": pd.DataFrame(peeling),
            "signs": pd.DataFrame([asdict(one) | {"tells": one.tells} for one in found.signs]), "draws": draws}


def _outputs_limit(found: Discovery, limit: Limit) -> dict[str, Any]:
    return {"parameter": limit.parameter, "side": "at least" if limit.above else "at most", "value": limit.value,
            "draws": found.within(limit)}


def _written(limit: Limit) -> str:
    return f"{limit.parameter} {'>=' if limit.above else '<='} {limit.value:.6g}"


def _judged(name: str, one: Judged) -> dict[str, float]:
    return {f"{name}_coverage": one.coverage, f"{name}_density": one.density, f"{name}_mass": one.mass}


def write_discovery(found: Discovery, folder: Path, provenance: Mapping[str, Any], *, language: str = "en"
                    ) -> list[Path]:
    """Write the page, tables and provenance, all together or not at all; returns the files, the pages first.

    `language` is en, km or both. A table without rows is not written.
    """
    facts = dict(provenance) | versions() | {
        "fails": asdict(found.failure) | {"year": found.year}, "draws": len(found.fails),
        "draws_from": found.draws.source, "replicates": found.replicates, "seed": found.seed,
        "scenarios": {"reference": scenario_facts(found.reference), "plan": scenario_facts(found.plan)}}
    with together(folder) as place:
        files = [write_csv(one, place / f"{name}.csv") for name, one in tables(found).items() if len(one)]
        names = [file.name for file in (*files, *write_facts(facts, place))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_discovery(
            found, facts | {"files": names}, language=one, others=others))
    take_away(folder, (*PAGES.values(), *(f"{name}.csv" for name in TABLES)), (*pages, *names))
    return [folder / name for name in (*pages, *names)]
