"""The brief of a plan, two pages in Word, and the annexes of its chapter: assumptions, places, money, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from qicsim.decide.frontier import ON
from qicsim.ground.numbers import number, percent, signed
from qicsim.plan.record import Plan
from qicsim.report import plan_figures as figures
from qicsim.report import plan_tables as tables
from qicsim.report.checklists import FilledChecklist, add_checklists
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.exhibits import Column, Table, to_word
from qicsim.report.formatting import quoted
from qicsim.report.language import name_of, say, text_of, untranslated
from qicsim.report.plan_risks import risks
from qicsim.report.plan_words import (
    INVENTED,
    alone,
    chance_words,
    cost_words,
    gain_words,
    increment_words,
    notes,
    pace_words,
    title_of,
    verdict,
)
from qicsim.report.word import Word

MOST_HINGES = 6
NO_SOURCE = "assumption"
KINDS = ("payer", "line", "province")


def annexes(plan: Plan, provenance: Mapping[str, Any], lists: Sequence[FilledChecklist] = ()) -> Word:
    """The annexes, not written yet; with checklists where there are any."""
    word = Word(say("Annexes: {title}", title=title_of(plan)), about=plan.scenario.name)
    word.footer(say("Annexes: {title}", title=title_of(plan)))
    word.contents(1)
    _assumptions(word, plan)
    _places(word, plan)
    _money(word, plan)
    _drivers(word, plan)
    if lists:
        word.heading(say("Checklists"))
        word.paragraph(say("Filled by the program from its code and from the runs behind this plan. Filled means that "
                           "an answer was found, not that it is good enough: a person reads it, and writes what is "
                           "open."))
        add_checklists(word, lists)
    _sources(word, plan, provenance)
    return word


def _assumptions(word: Word, plan: Plan) -> None:
    """What plan and reference assume, and the levers in which they differ."""
    word.heading(say("Assumptions"))
    pair = [plan.reference] if alone(plan) else [plan.reference, plan.scenario]
    for words in pair:
        word.heading(name_of(words.title), 2)
        word.paragraph(text_of(words.description))
        shared = plan.reference.assumptions if words is plan.scenario and not alone(plan) else ()
        own = [text_of(one) for one in words.assumptions if one not in shared]
        held = [say("Held at one value: {parameter} = {value}.", parameter=untranslated(name), value=f"{value:g}")
                for name, value in words.fixed.items()]
        if shared:
            word.paragraph(say("As the reference, and:"))
        word.bullets([*own, *held] or [say("Nothing else is listed.")])
    if plan.levers:
        to_word(word, tables.levers(plan))
    for one in plan.options[1:]:
        word.paragraph(say("{title}. {description}", title=name_of(one.words.title),
                           description=text_of(one.words.description)))


def _places(word: Word, plan: Plan) -> None:
    word.wide(landscape=True)
    word.heading(say("Provinces and operational districts"))
    to_word(word, tables.provinces(plan))
    to_word(word, tables.launches(plan))
    word.wide(landscape=False)
    if plan.launches.recruiting:
        to_word(word, tables.quarters_of_change(plan))
    to_word(word, tables.coaches(plan))


def _money(word: Word, plan: Plan) -> None:
    word.wide(landscape=True)
    word.heading(say("Money by payer, line and province"))
    for kind in KINDS:
        if not alone(plan):
            to_word(word, tables.by_kind(plan, kind, added=True))
        to_word(word, tables.by_kind(plan, kind, added=False))
    value, without = tables.value(plan), tables.value_without_payments(plan)
    if value is not None and without is not None:
        to_word(word, value)
        word.paragraph(say("For the budget of those who pay, PBF's payments are money like any other; for society they "
                           "pass from one hand to another and use up nothing. So both views are given."))
        to_word(word, without)
    word.wide(landscape=False)


def _drivers(word: Word, plan: Plan) -> None:
    """Parameters whose rank correlation with some outcome is told from chance; a sentence where none is."""
    word.heading(say("What the plan hinges on"))
    clear = np.flatnonzero(plan.influence.drivers.any(axis=1)).tolist()
    if clear:
        to_word(word, tables.drivers(plan, clear[:MOST_HINGES]))
        return
    word.paragraph(say("With so few draws nothing can be said here of what the plan hinges on."))


def _sources(word: Word, plan: Plan, provenance: Mapping[str, Any]) -> None:
    """Unit costs, parameters, sources, data files with digests, and what it takes to make the same papers again."""
    word.heading(say("Sources, and how to make this again"))
    to_word(word, tables.unit_costs(plan))
    to_word(word, tables.parameters(plan))
    word.bullets(sorted({untranslated(f"{one.source}: {one.citation}") for one in plan.sources.parameters
                         if one.citation and one.source != NO_SOURCE}))
    to_word(word, tables.data_files(plan))
    to_word(word, Table("provenance", say("How these numbers were made"), (Column(say("What")), Column(say("Value"),
                                                                                                       width=7.0)),
                        [(untranslated(key), untranslated(value)) for key, value in _facts(plan, provenance)]))


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
            facts.append((name, str(value) or "–"))
    return facts


MESSAGES = ("true", "true_80")
MOST_RISKS, MOST_OPTIONS, MOST_ACTIVITIES = 3, 3, 6
STRONG, ASSUMED = ("S", "Mod"), "A"
FIGURE_WIDTH = 9.0


def brief(plan: Plan) -> Word:
    """The brief, not written yet."""
    word = Word(say("Should “{title}” be funded from {year} on?", title=title_of(plan), year=plan.years[0]),
                about=plan.scenario.name)
    word.footer(say("{title}, {first} to {last}", title=title_of(plan), first=plan.years[0], last=plan.years[-1]))
    for warning in notes(plan.warnings):
        word.paragraph(warning, "Intense Quote")
    word.heading(say("Key messages"))
    word.bullets([*([] if alone(plan) else [verdict(plan)]),
                  *(gain_words(plan, plan.target(name)) for name in MESSAGES), cost_words(plan)])
    if not alone(plan):
        word.heading(say("Options"))
        to_word(word, _options(plan))
    word.heading(say("How sure"))
    word.bullets(_sure(plan))
    picture = figures.paths(plan)[0]
    word.figure(picture.png, picture.caption, picture.alt, width_cm=FIGURE_WIDTH)
    word.heading(say("What to do"))
    word.bullets([pace_words(plan), *([] if alone(plan) else [increment_words(plan)]), chance_words(plan)])
    to_word(word, _first_year(plan))
    word.heading(say("Risks"))
    word.bullets(islice(risks(plan), MOST_RISKS))
    return word


def _options(plan: Plan) -> Table:
    """The reference, the plan, and the options that nothing else brings as much for less."""
    table = tables.options(plan)
    good = {one.name for one in plan.value.options if one.status == ON} if plan.value else set()
    shown = [0, 1, *(1 + at for at, one in enumerate(plan.options)
                     if at and one.words.name in good)][:2 + MOST_OPTIONS]
    rows = [table.rows[at] for at in shown]
    return Table(table.key, table.title, table.columns, rows).only(0, 1, 2, 4, 5, 7)


def _sure(plan: Plan) -> list[str]:
    """Chance in numbers, and the grade of evidence in words: two things, kept apart."""
    said = []
    if plan.options:
        chances = plan.options[0].chances
        said.append(say("Chance, if the model is right: true quality rises by less than one point in {little} of "
                        "draws. In {nothing} collaboratives can do nothing, which is largely a judgement; in the "
                        "others it rises by {works} on average.", little=percent(chances.little),
                        nothing=percent(chances.nothing), works=signed(chances.works)))
    standing = plan.standing
    if standing is not None:
        said.append(say("{plan} is the best of the choices in {share} of the draws, at the worth where the choice is "
                        "hardest.",
                        plan=quoted(title_of(plan)), share=percent(standing.best)))
    grades = Counter(one.grade for one in plan.sources.parameters)
    strong = sum(grades[one] for one in STRONG)
    said.append(say("Grade of the evidence: of {count} uncertain parameters {strong} rest on strong or moderate "
                    "studies, {weak} on weak ones or on other countries, and {assumed} are assumptions.",
                    count=number(len(plan.sources.parameters)), strong=number(strong), assumed=number(grades[ASSUMED]),
                    weak=number(len(plan.sources.parameters) - strong - grades[ASSUMED])))
    return [*said, *filter(None, [zero_effect_sentence()]), *([say(INVENTED)] if plan.synthetic else [])]


def _first_year(plan: Plan) -> Table:
    """What is done in the first year and by whom."""
    table = tables.activities(plan)
    return Table(table.key, say("To be done in {year}, by whom (a proposal); means of runs", year=plan.years[0]),
                 table.columns[:3], [row[:3] for row in table.rows[:MOST_ACTIVITIES]])
