"""The brief of a plan, two pages in Word: question, key messages, options, how sure, what to do first, risks."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from qicsim.decide.frontier import ON
from qicsim.ground.numbers import number, percent, signed
from qicsim.plan.record import Plan
from qicsim.report import plan_figures as figures
from qicsim.report import plan_tables as tables
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.exhibits import Table, to_word
from qicsim.report.formatting import quoted
from qicsim.report.language import say
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
                    "studies, "
                    "{weak} on weak ones or on other countries, and {assumed} are assumptions.",
                    count=number(len(plan.sources.parameters)), strong=number(strong), assumed=number(grades[ASSUMED]),
                    weak=number(len(plan.sources.parameters) - strong - grades[ASSUMED])))
    return [*said, *filter(None, [zero_effect_sentence()]), *([say(INVENTED)] if plan.synthetic else [])]


def _first_year(plan: Plan) -> Table:
    """What is done in the first year and by whom."""
    table = tables.activities(plan)
    return Table(table.key, say("To be done in {year}, by whom (a proposal); means of runs", year=plan.years[0]),
                 table.columns[:3], [row[:3] for row in table.rows[:MOST_ACTIVITIES]])
