"""Answers about the model itself: its description, its declarations, its schedule, its mechanisms."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import partial

from qicsim.ground.declare import GRADES, declared
from qicsim.report.checklist_facts import (
    Facts,
    Found,
    Missing,
    in_words,
    odd_answer,
    odd_paragraph,
    odd_section,
    odd_text,
    shortened,
    without_tables,
)
from qicsim.report.describe import MODEL, PHASES, schedule

ENTITIES, PROCESS, SUBMODELS = ("Entities, state variables and scales", "Process overview and scheduling", "Submodels")
CONCEPTS = ("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
            "Interaction", "Stochasticity", "Collectives", "Observation")
_STEP = re.compile(r"^(\d+)\. `([a-z_]+)`(.*?)(?=^\d+\. `|^\*\*|\n\n|\Z)", re.MULTILINE | re.DOTALL)


def patterns(facts: Facts) -> Found:
    """How many patterns the description lists, and the list."""
    text = odd_section(facts, "Patterns")
    count = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    return odd_answer(facts, "Patterns", f"{count} patterns.")


def entities(facts: Facts) -> Found:
    """The entities."""
    return Found(odd_paragraph(facts, ENTITIES, "Entities."), f"{facts.odd.name}, “{ENTITIES}”")


def scales(facts: Facts) -> Found:
    """The scales."""
    return Found(odd_paragraph(facts, ENTITIES, "Scales."), f"{facts.odd.name}, “{ENTITIES}”")


def state_variables(facts: Facts) -> Found:
    """The columns of every state table, from their declarations; Missing if the description lacks one of them."""
    from qicsim.model.state import TABLES

    text = odd_text(facts)
    names = {entity: list(declared(record)) for entity, record in TABLES.items()}
    lost = [name for columns in names.values() for name in columns if f"`{name}`" not in text]
    if lost:
        raise Missing(f"{facts.odd.name} does not describe: {', '.join(lost)}.")
    listed = "; ".join(f"{entity} ({len(columns)}): {', '.join(columns)}" for entity, columns in names.items())
    return Found(f"{sum(map(len, names.values()))} state variables, each with meaning, unit and range. {listed}.",
                 f"qicsim describe columns; {facts.odd.name}, “{ENTITIES}”")


def steps(facts: Facts) -> Found:
    """The schedule as the source of the month has it; Missing if the description lists another."""
    found = schedule()
    told = [name for _, name, _ in _STEP.findall(odd_section(facts, PROCESS))]
    if told != [step for phase in found.values() for step in phase]:
        raise Missing(f"{facts.odd.name} lists other steps than month.py calls.")
    listed = "; ".join(f"{PHASES[phase]}: {', '.join(names)}" for phase, names in found.items())
    return Found(f"{sum(map(len, found.values()))} steps a month. {listed}.",
                 f"qicsim describe schedule; {facts.odd.name}, “{PROCESS}”")


def step_reasons(facts: Facts) -> Found:
    """How many steps of the schedule come with the reason for their place; Missing if one lacks it."""
    told = _STEP.findall(odd_section(facts, PROCESS))
    bare = [name for _, name, rest in told if ":" not in rest and "," not in rest]
    if bare or not told:
        raise Missing(f"{facts.odd.name} gives no reason for the place of: {', '.join(bare) or 'any step'}.")
    first = in_words(told[0][2]).lstrip(": ")
    return Found(f"Each of the {len(told)} steps is listed with when it acts and why it stands where it stands, such "
                 f"as {told[0][1]}: {first}", f"{facts.odd.name}, “{PROCESS}”")


def submodels(facts: Facts) -> Found:
    """The mechanisms; Missing if a mechanism's file is not described under the submodels."""
    files = sorted(path.name for path in (MODEL / "mechanisms").glob("[!_]*.py"))
    text = without_tables(odd_text(facts))
    lost = [name for name in files if f"`{name}`" not in text]
    if lost:
        raise Missing(f"{facts.odd.name} does not describe: {', '.join(lost)}.")
    return Found(f"{len(files)} mechanisms, one file of pure functions each, with equations: {', '.join(files)}.",
                 f"{facts.odd.name}, “{SUBMODELS}”; qicsim describe mechanisms")


def parameters(facts: Facts) -> Found:
    """Parameters counted by grade of evidence; Missing if one cites a source that is not listed."""
    from qicsim.model.parameters import Parameters

    leaves = [leaf.declaration for leaf in declared(Parameters).values()]
    try:
        known = tomllib.loads(facts.sources.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Missing(f"The list of sources, {facts.sources.name}, cannot be read.") from None
    lost = sorted({leaf.source for leaf in leaves} - known.keys())
    if lost:
        raise Missing(f"{facts.sources.name} lacks: {', '.join(lost)}.")
    count = Counter(leaf.grade for leaf in leaves)
    graded = "; ".join(f"{count[grade]} {grade} ({meaning})" for grade, meaning in GRADES.items() if count[grade])
    return Found(f"{len(leaves)} uncertain parameters, each with meaning, unit, bounds, prior, source and grade. "
                 f"By grade: {graded}.", "qicsim describe parameters")


def outputs(_facts: Facts) -> Found:
    """What is read off a run."""
    from qicsim.model.indicators import PROGRAMME, SUMS

    listed = ", ".join(one.meaning for one in (*SUMS, *PROGRAMME))
    return Found(f"{len(SUMS) + len(PROGRAMME)} indicators besides those of each care area, read at the ends of "
                 f"quarters and years: {shortened(listed, 1500)}. Intervals are 5–95 % intervals between runs.",
                 "qicsim describe indicators")


def randomness(facts: Facts) -> Found:
    """How many purposes have random numbers of their own, and the generator."""
    from qicsim.report.describe import describe

    purposes = describe("purposes").count("\n| ")
    return odd_answer(facts, "Random numbers (`randomness.py`)", f"{purposes} purposes with numbers of their own.")


ANSWERS: dict[str, Callable[[Facts], Found]] = {
    "purpose": partial(odd_answer, title="Purpose"), "patterns": patterns, "entities": entities, "scales": scales,
    "state_variables": state_variables, "steps": steps, "step_reasons": step_reasons, "submodels": submodels,
    "parameters": parameters, "outputs": outputs, "randomness": randomness,
    "model_logic": partial(odd_answer, title=PROCESS), "network": partial(odd_answer, title="The peer network"),
    "initial_state": partial(odd_answer, title="Initialization"),
    "choices": partial(odd_answer, title="Choices that a reader may not expect"),
    **{f"concept_{title.lower().replace(' ', '_')}": partial(odd_answer, title=title) for title in CONCEPTS}}
