"""Annexes of the plan chapter: assumptions, districts, checklists, sources and how to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qicsim.ground.numbers import NONE, percent
from qicsim.plan.record import DISTRICT, Plan
from qicsim.report.checklists import FilledChecklist
from qicsim.report.document_checklists import add_checklists
from qicsim.report.document_path import words_of
from qicsim.report.document_words import form_of, in_lines, place_name, quarter_words, uncertainty, unit
from qicsim.report.word import Word

DISTRICT_TARGETS, ASSUMED = 2, "assumption"


def assumptions(word: Word, plan: Plan, further: Sequence[Plan]) -> None:
    """What each scenario assumes, parameters held at one value, unit costs, and every parameter."""
    word.heading("Annex A. Assumptions")
    for words in words_of(plan, further):
        shared = plan.reference.assumptions if words.name != plan.reference.name else ()
        own = [text for text in words.assumptions if text not in shared]
        word.heading(words.title, 2)
        if len(own) < len(words.assumptions):
            word.paragraph(f"As {plan.reference.title}, and:")
        word.bullets([*own, *(f"Held at one value: {name} = {value:g}."
                                            for name, value in words.fixed.items())] or ["Nothing else is listed."])
    held = plan.sources
    word.heading("Unit costs", 2)
    heads = ("Unit cost", "Unit", "Value", "Range", "Grade", "Source")
    word.table(f"Unit costs, US$ of {plan.budget.price_year}", heads, [
        (one.key.replace("_", " "), one.unit, f"{one.usd:,g}", f"{one.low:,g} to {one.high:,g}", one.grade, one.source)
        for one in held.unit_costs], widths=(2.4, 1.8, 1.2, 2, 1.1, 4.8))
    word.heading("Parameters", 2)
    word.paragraph("Grades: " + "; ".join(f"{grade} {meaning}" for grade, meaning in held.grades.items()) + ".")
    word.table(f"Uncertain parameters: 5–95 % intervals of the prior and of the {plan.draws} draws of this plan",
               ("Parameter", "Meaning", "Unit", "Prior", "Draws", "Source", "Grade"), [
                   (one.name, one.meaning, one.unit, f"{one.prior_low:.3g} to {one.prior_high:.3g}",
                    f"{one.fixed:.3g}, fixed" if one.fixed is not None else f"{one.low:.3g} to {one.high:.3g}",
                    one.source, one.grade) for one in held.parameters], widths=(3.9, 3.1, 1.4, 1.7, 1.7, 2, 1.2))


def districts(word: Word, plan: Plan) -> None:
    """Launch of every district, and its first indicators at the baseline and at the end."""
    held, last = plan.launches, len(plan.years)
    chosen = plan.targets[:DISTRICT_TARGETS]
    heads = ["Province", "Operational district", "Launch, middle run", "5 % and 95 % points",
             f"Launched by {plan.years[-1]}, share of runs"]
    for target in chosen:
        heads += [f"{target.title} ({unit(target)}), {plan.baseline_year}", f"{target.title}, {plan.years[-1]}"]
    rows = []
    for at, row in enumerate(plan.rows(DISTRICT)):
        early, middle, late = (quarter_words(plan, float(value)) for value in held.quarter[at])
        rows.append([plan.places[row].province, place_name(plan.places[row]), middle,
                     early if early == late else f"{early}; {late}", percent(float(held.by_year[at, -1])),
                     *(in_lines(target.scenario, (int(row), year), form_of(target))
                       for target in chosen for year in (0, last))])
    word.wide(landscape=True)
    word.heading("Annex B. Operational districts")
    word.table(f"Launch and targets by operational district. {uncertainty(plan)}", heads, rows,
               widths=(2, 2.6, 1.6, 2.4, 1.6, *[2] * (2 * len(chosen))))
    word.wide(landscape=False)


def checklists(word: Word, filled: Sequence[FilledChecklist]) -> None:
    """The checklists with their completeness."""
    word.heading("Annex C. Checklists")
    word.paragraph("Filled by the program from its code and from the runs behind this chapter. Filled means that "
                   "an answer was found, not that it is good enough: a person reads it, and writes what is open.")
    add_checklists(word, filled)


def sources(word: Word, plan: Plan, provenance: Mapping[str, Any]) -> None:
    """Sources of the numbers, data files with digests, and what it takes to make the same document again."""
    word.heading("Annex D. Sources, and how to make this again")
    word.bullets(sorted({f"{one.source}: {one.citation}" for one in plan.sources.parameters
                         if one.citation and one.source != ASSUMED}))
    word.table("Data files of the world that was simulated", ("Kind", "File", "Shipped", "sha256"), [
        (one.kind, one.name, "yes" if one.shipped else "no", one.sha256) for one in plan.sources.data],
        widths=(1.6, 2.4, 1, 5))
    word.table("Provenance", ("What", "Value"), _facts(plan, provenance), widths=(2, 7))


def _facts(plan: Plan, provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Command, versions, seed, draws, digests; nested values of provenance are left to the file beside the plan."""
    told = dict(plan.provenance) | dict(provenance)
    facts = [("scenario digest", plan.scenario.digest), ("reference digest", plan.reference.digest),
             ("draws", str(plan.draws)), ("draws from", plan.draws_from), ("replicates", str(plan.replicates)),
             ("seed", str(plan.seed))]
    known = {name for name, _ in facts}
    for key, value in told.items():
        name = key.replace("_", " ")
        if key == "packages" and isinstance(value, Mapping):
            facts.append((name, ", ".join(f"{package} {version}" for package, version in value.items())))
        elif name not in known and isinstance(value, str | int | float):
            facts.append((name, str(value) or NONE))
    return facts
